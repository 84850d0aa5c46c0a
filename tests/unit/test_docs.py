"""What the documentation says can be checked: links, commands, settings, names and examples."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from lxml import etree

from network.cli.cities import city
from network.cli.main import MODULES
from network.cli.users import user
from network.config import SETTINGS
from network.lib.places import folder
from network.log.entry import content_hash, digest, entry_xml, state_line
from network.log.items import DeletedItem, LiveItem
from network.log.names import FEED_PREFIXES, atom
from network.log.places import place_xml, places_of
from network.log.reading import parse_document

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FILES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
PROTOCOL = (DOCS / "protocol.md").read_text("utf-8")
ARCHITECTURE = (DOCS / "architecture.md").read_text("utf-8")
EXAMPLE = (DOCS / "examples" / "feed.atom").read_bytes()
ROOMS = sorted(path.stem for path in (ROOT / "network").iterdir() if path.suffix in ("", ".py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """The text without its blocks of code."""
    return re.sub(r"^(```).*?^\1", "", path.read_text("utf-8"), flags=re.M | re.S)


def anchors(path: Path) -> set[str]:
    """The headings of a file as addresses, in the way of GitHub and GitLab."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.M)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_relative_link_leads_to_something(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_the_readme_lists_every_command_and_no_other() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "network", "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  ([a-z]+) ", shown.partition("Commands:")[2], re.M)
    assert commands == list(MODULES)
    table = (ROOT / "README.md").read_text("utf-8").partition("| Command |")[2].partition("\n\n")[0]
    listed = re.findall(r"`([^`]+)`", "".join(re.findall(r"^\|([^|]*)\|", table, re.M)))
    words = {word for text in listed for word in text.split() if re.fullmatch("[a-z]+", word)}
    assert words == {*commands, *user.commands, *city.commands}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_setting_is_named_that_does_not_exist(path: Path) -> None:
    known = {setting.variable for setting in SETTINGS} | {"PIONEER_CONFIG"}
    assert set(re.findall(r"\bPIONEER_[A-Z_]+\b", path.read_text("utf-8"))) <= known


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_target_of_make_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for line in re.findall(r"(?:^|`)make ([a-z ]+)", path.read_text("utf-8"), re.M):
        assert set(line.split()) <= targets, line


@pytest.mark.parametrize(("which", "contract"), [(0, "floors"), (1, "web")])
def test_the_floors_are_those_that_are_checked(which: int, contract: str) -> None:
    checked = configparser.ConfigParser()
    checked.read(ROOT / "setup.cfg")
    layers = checked[f"importlinter:contract:{contract}"]["layers"].split("\n")
    part = ARCHITECTURE.partition("## The floors")[2].partition("\n## ")[0]
    drawn = re.findall(r"(?:^    .+\n)+", part, re.M)[which]
    assert drawn.split("\n") == [*(f"    {line.strip()}" for line in layers if line), ""]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_name_of_the_code_exists(path: Path) -> None:
    rooms = "|".join(ROOMS)
    for dotted in re.findall(rf"`((?:{rooms})(?:\.\w+)+)`", prose(path)):
        if not dotted.endswith((".py", ".md")):
            assert resolves(dotted), dotted
    for file in re.findall(r"`((?:network|tests|templates)/[\w/.-]+)`", prose(path)):
        assert (ROOT / file).exists(), file


def resolves(dotted: str) -> bool:
    """Whether `room.module.name` is something under `network`."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(["network", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def test_the_index_of_decisions_has_every_record_with_its_title() -> None:
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(\d+)\]\(([^)]+)\) \| (.+) \|$", index, re.M)
    records = sorted((DOCS / "decisions").glob("0*.md"))
    texts = [file.read_text("utf-8").replace("’", "'") for file in records]
    titles = [re.match(r"# (\d+)\. (.+)", text) for text in texts]
    assert [(n, t.replace("’", "'")) for n, _, t in rows] == [m and m.groups() for m in titles]
    assert [file for _, file, _ in rows] == [file.name for file in records]


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PROTOCOL, re.M | re.S)
    assert found
    return found[1]


def test_the_protocols_example_is_what_the_code_reads_and_writes() -> None:
    document = parse_document(EXAMPLE, "https://paris.example/feed.atom")
    live = [item for item in document.items if isinstance(item, LiveItem)]
    gone = [item for item in document.items if isinstance(item, DeletedItem)]
    labels = {
        "participatory-budgeting": {"en": "Participatory budgeting", "fr": "Budget participatif"},
        "open-data": {"en": "Open data", "fr": "Données ouvertes"},
    }
    assert [item.version.lang for item in live] == ["fr", "en"]
    assert [item.comment for item in gone] == ["Publié par erreur"]
    for item in live:
        assert entry_xml(item.version, document.title, item.city, labels) in EXAMPLE
    lines = [state_line(item.entry_id, item.updated, item.hash) for item in live]
    assert document.state is not None
    assert (document.state.count, document.state.digest) == (2, digest(lines))
    assert "\n".join(sorted(lines)) == (DOCS / "examples" / "ids.txt").read_text("utf-8")
    assert block("text") == "\n".join(sorted(lines)) + "\n"


def test_the_protocol_shows_the_entry_of_its_example() -> None:
    shown = re.sub(r"\n +<|\n</entry>", lambda m: m[0].lstrip(), block("xml")).strip()
    assert shown.encode() in EXAMPLE
    assert content_hash(shown.encode()) in PROTOCOL
    tombstone = re.findall(r"^```xml\n(<at:.*)\n```", PROTOCOL, re.M)
    assert [text.encode() in EXAMPLE for text in tombstone] == [True]


def test_the_protocol_shows_a_city_as_the_code_describes_it() -> None:
    shown = re.findall(r"^<pc:place .*</pc:place>$", PROTOCOL, re.M)
    feed = etree.Element(atom("feed"), nsmap=FEED_PREFIXES)
    feed.extend([etree.fromstring(text) for text in shown])
    (lisbon,) = places_of(feed)
    assert (lisbon.own, lisbon.city.name("fr"), lisbon.city.population) == (
        True,
        "Lisbonne",
        546_000,
    )
    assert [etree.tostring(place_xml(lisbon), encoding="unicode")] == shown
    (paris,) = parse_document(EXAMPLE, "https://paris.example/feed.atom").places
    assert (
        etree.tostring(place_xml(paris)).replace(b' xmlns:pc="urn:pioneer-cities:1"', b"")
        in EXAMPLE
    )


def test_the_protocols_program_finds_the_digest() -> None:
    assert "assert digest ==" in block("python")
    subprocess.run([sys.executable, "-c", block("python")], cwd=DOCS, check=True)


def test_the_readme_counts_the_demonstrations_practices() -> None:
    practices = {path.parent for path in folder("demo_content").rglob("*.md")}
    for name in ("README.md", "CHANGELOG.md"):
        assert f"{len(practices)} practices" in (ROOT / name).read_text("utf-8")
