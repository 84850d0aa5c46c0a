"""The documents list the facts that are declared, each by the name that it has there."""

from __future__ import annotations

import re
from pathlib import Path

from network.facts.declared import FACTS

DOCS = Path(__file__).parents[2] / "docs"
OTHERS = {"adoption", "city", "contact-role", "legal-basis", "name", "slug", "translation"}
"""Elements of the protocol that are no facts: of a version, a text or a verdict."""


def first_cells(name: str) -> str:
    """The first column of every table of a document."""
    lines = (DOCS / name).read_text().splitlines()
    return "\n".join(line.split("|")[1] for line in lines if line.startswith("|"))


def test_the_protocol_lists_every_element_and_relation() -> None:
    listed = set(re.findall(r"`pc:([a-z-]+)`", first_cells("protocol.md")))
    elements = {fact.in_entry for fact in FACTS.values() if not fact.kind.is_link}
    missing, gone = elements - listed, listed - elements - OTHERS
    assert not missing, f"give {missing} a row in docs/protocol.md"
    assert not gone, f"no fact has the elements {gone} of docs/protocol.md"
    relations = re.findall(r'`link rel="([^"]+)"`', first_cells("protocol.md"))
    assert {fact.in_entry for fact in FACTS.values() if fact.kind.is_link} <= set(relations)


def test_the_format_of_files_lists_every_key() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", first_cells("import-export.md")))
    carried = {fact.name for fact in FACTS.values() if not fact.kind.filed(fact.name, ANY)}
    missing = {fact.in_file for fact in FACTS.values() if fact.name not in carried} - listed
    assert not missing, f"give {missing} a row in docs/import-export.md"


ANY = {name: "1" for name, fact in FACTS.items() if not fact.kind.several} | {
    name: ["1"] for name, fact in FACTS.items() if fact.kind.several and not fact.kind.is_link
}
ANY |= {name: [{"title": "", "href": ""}] for name, fact in FACTS.items() if fact.kind.is_link}
"""Something to write for each fact: a currency, which stands beside its amount, has no key."""
