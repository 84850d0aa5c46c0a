"""A fact of each kind is declared here and nowhere else, and arrives wherever facts are.

Nothing of the product knows these names: typed in the editor of Paris, published, followed by
Madrid over HTTP, shown, compared, listed, found, and read in by Lyon from Paris's files.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree, html
from werkzeug.datastructures import MultiDict

from network.case_studies import exporting, queries, service, transfer
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.models import Study, Version
from network.catalogue.values import Link
from network.facts import declared, kinds
from network.facts.declared import Fact
from network.facts.goals import Goals
from network.facts.kinds import Choice, Kind, PartialDate
from network.facts.links import Links
from network.facts.numbers import Amount, Currency, Number, Whole
from network.facts.words import Licence, Listed, Mailbox, Marks, Names
from network.lib.db import db
from network.log.names import atom, pc
from network.moderation import held_text
from network.moderation.review import Text
from network.search import service as search
from network.search.opening import open_search
from network.web.administration import held
from tests.web.apart import City, serving
from tests.web.officials import Official, form, user

OUTCOMES = {"settled": "Settled for good", "contended": "Still contended"}
REPORTS = "urn:pioneer-cities:1#reports"


@dataclass(frozen=True)
class Case:
    """A fact, what an official types for it and what comes of that.

    shown: a piece of it on a page. wrong: what cannot be published, or nothing where all can.
    """

    fact: Fact
    typed: str
    value: object
    xml: tuple[str, ...]
    shown: str
    wrong: str = ""


CASES = (
    Case(
        Fact("outcome", Choice(OUTCOMES), "Outcome", "What came of it.", searched=True),
        "settled", "settled", ("settled",), "Settled for good",
    ),
    Case(
        Fact("decided_on", PartialDate(), "Decided", "When."),
        "September 2014", "2014-09", ("2014-09",), "September 2014", "springtime",
    ),
    Case(
        Fact("grant_amount", Amount(currency="grant_currency"), "Grant", key="grant",
             may_be_example=True),
        "1.5 million", Decimal(1500000), ("1500000",), "US$1,500,000", "12.500",
    ),
    Case(
        Fact("grant_currency", Currency(), "Currency of the grant", rows=(), in_lists=False),
        "usd", "USD", ("USD",), "US", "XYZ",
    ),
    Case(
        Fact("helpers", Whole(most=10**6), "Helpers", "Unpaid.", may_be_example=True,
             counts=True),
        "1,234", 1234, ("1234",), "1,234", "2,000,000",
    ),
    Case(
        Fact("hours", Number(), "Hours"), "12.5", Decimal("12.5"), ("12.5",), "12.5", "a few",
    ),
    Case(
        Fact("sponsors", Names(), "Sponsors", part="people", element="sponsor", searched=True),
        "Zanzibank\nOther", ("Zanzibank", "Other"), ("Zanzibank", "Other"), "Zanzibank", "x" * 301,
    ),
    Case(
        Fact("press_mailbox", Mailbox(), "Press", part="people"),
        "press@paris.example", "press@paris.example", ("press@paris.example",),
        "press@paris.example", "nobody",
    ),
    Case(
        Fact("reports", Links(), "Reports", part="people", element=REPORTS, on_page=False),
        "https://r.example/1", (Link("https://r.example/1"),), (), "https://r.example/1", "ftp:x",
    ),
    Case(
        Fact("data_licence", Licence(), "Licence of the data", part="people"),
        "CC0-1.0", "CC0-1.0", ("CC0-1.0",), "CC0-1.0", "all mine",
    ),
    Case(
        Fact("local_goals", Goals(), "Local goals", part="people", element="local-goal"),
        "7", (7,), ("7",), "7. Affordable and clean energy", "99",
    ),
)  # fmt: skip
NAMES = [case.fact.name for case in CASES]
EXPECTED = {case.fact.name: case.value for case in CASES}


def subclasses(kind: type[Kind]) -> set[type[Kind]]:
    below = set(kind.__subclasses__())
    return below.union(*map(subclasses, below)) if below else set()


def test_every_kind_is_tried() -> None:
    tried = {type(case.fact.kind) for case in CASES}
    assert subclasses(kinds.Kind) - tried == {Listed, Marks}  # no kind itself; boxes beside others


def sent(page: MultiDict[str, str], values: dict[str, str]) -> MultiDict[str, str]:
    """The form with what was typed, as a browser sends it."""
    filled = MultiDict(page)
    for name, value in values.items():
        match declared.FACTS[name].kind.control:
            case "boxes":
                filled.setlist(name, [value])
            case "links":
                filled.setlist(f"{name}.title", [""])
                filled.setlist(f"{name}.href", [value])
            case _:
                filled[name] = value
    return filled


@pytest.fixture(scope="module")
def cities(
    tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path
) -> Iterator[dict[str, City]]:
    """Three nodes, all of which know the declared facts."""
    more = {case.fact.name: case.fact for case in CASES}
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(declared, "FACTS", {**declared.FACTS, **more})
        made = {}
        for name in ("paris", "madrid", "lyon"):
            home = tmp_path_factory.mktemp(name)
            shutil.copy(prepared_sqlite, home / "pioneer.sqlite")
            url = f"sqlite:///{home / 'pioneer.sqlite'}"
            made[name] = stack.enter_context(serving(name, home, url))
        yield made


@dataclass
class Desk:
    """An editor of Paris before the study."""

    city: City
    person: Official
    id: str

    @property
    def address(self) -> str:
        return f"/en/desk/case-studies/{self.id}"

    def draft(self) -> Draft:
        with self.city.app.app_context():
            return queries.get(db.session(), self.id)[1]


@pytest.fixture(scope="module")
def desk(cities: dict[str, City]) -> Desk:
    """A study without facts."""
    paris = cities["paris"]
    person = Official(paris.app, "editor", "louise")
    draft = Draft("en", city="paris", texts={"en": TextDraft("Title", "title", "Sum.", "Text.")})
    with paris.app.app_context():
        id_ = service.create(db.session(), user(paris.app, person), draft)
    return Desk(paris, person, id_)


@pytest.fixture(scope="module")
def published(desk: Desk) -> Desk:
    """The same with every fact, published."""
    filled = sent(form(desk.person.get(desk.address)), {c.fact.name: c.typed for c in CASES})
    filled.setlist("illustrative", ["helpers", "grant_amount"])
    answer = desk.person.post(f"{desk.address}/publish", filled)
    assert answer.status_code == 303, html.fromstring(answer.text).text_content()[:3000]
    return desk


@pytest.fixture(scope="module")
def copy(cities: dict[str, City], published: Desk) -> Version:
    """What Madrid holds of it."""
    madrid = cities["madrid"]
    madrid.follow(published.city.site.url)
    with madrid.app.app_context():
        search.reindex(db.session(), open_search(madrid.settings))
    (version,) = madrid.versions().values()
    return version


def shown(city: City, address: str) -> str:
    """A page as its readers see it, spaces as spaces."""
    answer = city.app.test_client().get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.text.replace("\u202f", " ").split())


def test_the_editor_asks_for_each_and_says_what_is_wrong(desk: Desk) -> None:
    page = desk.person.get(desk.address)
    for case in CASES:
        assert case.fact.label in page.text and case.fact.help in page.text, case.fact.name
    wrong = {case.fact.name: case.wrong for case in CASES if case.wrong}
    refused = desk.person.post(f"{desk.address}/publish", sent(form(page), wrong))
    assert refused.status_code == 422
    links = set(
        html.fromstring(refused.text).xpath("//*[contains(@class,'error-summary')]//a/@href")
    )
    assert {f"#{name}" for name in wrong} <= links
    again = form(desk.person.get(desk.address))
    for case in CASES:
        typed = "".join(again.getlist(case.fact.name) or again.getlist(f"{case.fact.name}.href"))
        assert case.wrong in typed, case.fact.name


def test_what_was_typed_is_kept_and_shown_in_the_form(published: Desk) -> None:
    facts = published.draft().facts
    assert {name: facts.get(name) for name in NAMES} == EXPECTED
    fields = form(published.person.get(published.address))
    assert fields.getlist("helpers") == ["1,234"]
    assert fields.getlist("outcome") == ["settled"]
    assert set(fields.getlist("illustrative")) == {"helpers", "grant_amount"}
    preview = published.person.get(f"{published.address}/preview?text=en").text
    assert "Settled for good" in preview and "Zanzibank" in preview


def test_the_entry_has_an_element_or_a_link_of_each(published: Desk) -> None:
    log = published.city.app.test_client().get("/feed.atom").data
    (entry,) = etree.fromstring(log).iter(atom("entry"))
    for case in CASES:
        texts = tuple(e.text for e in entry.iter(pc(case.fact.in_entry.rpartition(":")[2])))
        assert texts == case.xml, case.fact.name
    assert [e.get("href") for e in entry.iter(atom("link")) if e.get("rel") == REPORTS] == [
        "https://r.example/1"
    ]


def test_a_follower_holds_each(copy: Version) -> None:
    facts = held_text.of_row(copy).facts
    assert {name: facts.get(name) for name in NAMES} == EXPECTED


def test_each_is_on_the_page_and_in_the_comparison(cities: dict[str, City], copy: Version) -> None:
    page = shown(cities["madrid"], "/en/case-studies/paris/title")
    beside = shown(cities["madrid"], "/en/compare?study=paris/title")
    for case in CASES:
        assert case.shown in page, case.fact.name
        assert case.shown in beside, case.fact.name
    for document in (page, beside):
        tree = html.fromstring(document)
        for label in ("Helpers", "Grant"):
            (row,) = tree.xpath(f"//*[self::dt or self::th][contains(., '{label}')]/..")
            assert "illustrative" in row.text_content()


def rows_of(city: City, address: str) -> list[list[str]]:
    """A spreadsheet's rows."""
    with city.app.test_client().get(address) as answer:
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_each_is_in_the_spreadsheets(cities: dict[str, City], copy: Version) -> None:
    heads, values = rows_of(cities["madrid"], "/en/case-studies.csv")
    listed = dict(zip(heads, values, strict=True))
    compared = dict(rows_of(cities["madrid"], "/en/compare.csv?study=paris/title"))
    for told in (listed, compared):
        for case in CASES:
            if case.fact.in_lists:
                assert told[case.fact.label] not in ("", "Not stated"), case.fact.name
        assert (told["Helpers"], told["Grant"], told["Hours"]) == ("1234", "1500000", "12.5")
        assert told["Outcome"] == "Settled for good"


def test_each_is_in_the_json_feed(cities: dict[str, City], copy: Version) -> None:
    feed = json.loads(cities["madrid"].app.test_client().get("/en/feed.json?scope=network").data)
    carried = feed["items"][0]["_pioneer"]["facts"]
    assert set(NAMES) <= set(carried)
    assert (carried["helpers"], carried["grant_amount"]) == (1234, "1500000")


@pytest.mark.parametrize("words", ["Zanzibank", "settled+for+good"])
def test_search_finds_the_words_of_those_that_it_reads(
    cities: dict[str, City], copy: Version, words: str
) -> None:
    assert "/en/case-studies/paris/title" in shown(cities["madrid"], f"/en/search?q={words}")


def test_files_bring_each_back(cities: dict[str, City], published: Desk, tmp_path: Path) -> None:
    with published.city.app.app_context():
        exporting.export_folder(db.session(), tmp_path)
    (file,) = tmp_path.rglob("en.md")
    assert "grant: {amount: 1500000, currency: USD}" in file.read_text()
    lyon = cities["lyon"]
    with lyon.app.app_context():
        assert transfer.import_folder(db.session(), tmp_path, lyon.settings).created == 1
    (version,) = lyon.versions().values()
    facts = held_text.of_row(version).facts
    assert {name: facts.get(name) for name in NAMES} == EXPECTED
    assert set(facts.illustrative) == {"helpers", "grant_amount"}


def test_a_change_of_each_is_told(cities: dict[str, City], copy: Version) -> None:
    after = held_text.of_row(copy)
    before = replace(after, facts=after.facts.but(**dict.fromkeys(NAMES)))
    with cities["madrid"].app.test_request_context("/en/"):
        change = held.change(Text("en", after, None, before))
    assert change is not None
    told = {label: new for label, _old, new in change.facts}
    for case in CASES:
        assert case.shown in told[case.fact.label].replace("\u202f", " "), case.fact.name


def test_completeness_counts_those_that_say_so(cities: dict[str, City], copy: Version) -> None:
    with cities["madrid"].app.app_context():
        study = db.session.get(Study, copy.study_key)
        assert study is not None
        asked = [fact for fact in declared.FACTS.values() if fact.counts]
        assert study.completeness == pytest.approx(1 / (len(asked) + 1))
