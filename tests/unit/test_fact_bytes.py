"""What a study with every fact is written as stays as it is, byte for byte, wherever it is kept.

tests/data/facts holds what version 0.1.0 wrote before facts were declared in one place; to write it
anew is to break every follower's proof.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from network.case_studies import drafts, markdown_files, markdown_render, markdown_studies
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.markdown_render import StudyMeta
from network.catalogue.values import Facts, Link, Version
from network.cities.service import CityValue
from network.log.entry import entry_xml
from network.log.reading_entry import version_of
from network.log.tidy import tidy
from network.moderation import held_text

KEPT = Path(__file__).parents[1] / "data" / "facts"
STUDY = "https://paris.example/id/1b671a64-40d5-491e-99b0-da01ff1f3341"
THEN = datetime(2026, 3, 2, 8, tzinfo=UTC)
EVERY = Facts(
    status="ended",
    start="2014-09-23",
    end="2020-06",
    budget_amount=Decimal("500000000.50"),
    budget_currency="EUR",
    people_reached=100_000,
    staff=Decimal("12.50"),
    partners=("Ville de Lisbonne", "Écoles « d’ici »"),
    contact_email="budget@paris.example",
    sdgs=(16, 11),
    evidence=(Link("https://paris.example/bilan", "Bilan"), Link("https://paris.example/2")),
    authors=("Anne", "Bao"),
    licence="CC-BY-4.0",
    illustrative=("staff", "budget_amount", "people_reached"),
)
UNREADABLE = {"start": "vers 2014 ?", "budget_amount": "beaucoup", "sdgs": "onze, 12", "city": "Xy"}
DRAFT = Draft(
    "fr",
    topics=("open-data",),
    facts=EVERY,
    inspired_by=(Link("https://lisbon.example/id/x", "Lisbon"),),
    texts={"fr": TextDraft("Titre", "titre", "Résumé", "Texte.")},
)
DOUBTED = Draft(
    "fr",
    facts=Facts(budget_currency="USD", partners=("A",), licence="etalab-2.0"),
    texts={"fr": TextDraft("Titre", "titre", "Résumé")},
    unreadable=UNREADABLE,
)
VERSION = Version(
    entry_id=f"{STUDY}/fr",
    study_key=STUDY,
    lang="fr",
    title="Titre",
    summary="Résumé",
    body_html="<p>Texte</p>",
    url="https://paris.example/fr/etudes-de-cas/paris/titre",
    published=THEN,
    updated=THEN,
    city="paris",
    legal_basis="Loi",
    contact_role="Mission",
    facts=EVERY,
)
PARIS = CityValue("paris", {"en": "Paris", "fr": "Paris"}, "FR", lat=48.8566, lon=2.3522)


def entry() -> bytes:
    return entry_xml(VERSION, "Ville de Paris", PARIS, {})


def plain(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


WRITTEN: dict[str, Callable[[], bytes]] = {
    "entry.xml": entry,
    "study.md": lambda: markdown_render.render(DRAFT, "fr", StudyMeta(STUDY[-36:])).encode(),
    "doubted.md": lambda: markdown_render.render(DOUBTED, "fr", StudyMeta(STUDY[-36:])).encode(),
    "snapshot.json": lambda: plain(drafts.to_json(drafts.tidy(DRAFT))),
    "doubted.json": lambda: plain(drafts.to_json(drafts.tidy(DOUBTED))),
    "held.json": lambda: plain(held_text.to_json(tidy(VERSION), PARIS)),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_stays_as_it_is(name: str) -> None:
    assert WRITTEN[name]() == (KEPT / name).read_bytes()


def test_what_was_written_is_read_back_whole() -> None:
    tidied = tidy(VERSION).facts
    element = etree.fromstring((KEPT / "entry.xml").read_bytes())
    assert version_of(element, STUDY, "fr", THEN).facts == tidied
    snapshot = json.loads((KEPT / "snapshot.json").read_bytes())
    assert drafts.from_json(snapshot) == drafts.tidy(DRAFT)
    assert held_text.from_json(json.loads((KEPT / "held.json").read_bytes()))[0].facts == tidied
    for name, draft in (("study.md", DRAFT), ("doubted.md", DOUBTED)):
        file = markdown_files.parse((KEPT / name).read_text(), "titre/fr.md")
        (study,), wrong = markdown_studies.assemble([file])
        assert wrong == []
        assert study.draft.facts == drafts.tidy(draft).facts
        typed = {name: text for name, text in draft.unreadable.items() if name != "city"}
        assert {n: text for n, text in study.draft.unreadable.items() if n != "city"} == typed


if __name__ == "__main__":
    for name, write in WRITTEN.items():
        (KEPT / name).write_bytes(write())
