"""Each row of a comparison: what it says of a study, in which language, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from network.catalogue import store
from network.catalogue.values import Adoption, Facts, Link
from network.cities.models import City
from network.web.pieces.sheet import Cell
from network.web.readers import comparison, selection
from network.web.readers.comparison import LONGEST, Row
from tests.conftest import prepared_database, settings_in
from tests.web.conftest import START, Node, application, make_version

LONG = "mot " * 200
BODY = (
    "<p>Avant.</p><section id='results'><h2>Résultats</h2><p>Moitié moins.</p><p>Et encore.</p>"
    f"</section><section id='lessons'><h2>Leçons</h2><p>{LONG}</p></section>"
)


def fill(node: Node) -> None:
    """Lisbon's study was adopted by two of Paris's; the others are read in several languages."""

    def count(session: Any) -> None:
        session.get_one(City, "paris").population = 1_000_000
        session.get_one(City, "lisbon").population = 1

    node.change(count)
    verdict = Adoption(f"{node.base_url}/id/00000000-0000-4000-8000-{2:012}", "confirmed")
    node.publish(1, "en", city="lisbon", inspired_by=(), adoptions=(verdict,))
    source = Link(f"{node.base_url}/id/00000000-0000-4000-8000-{1:012}")
    for number in (2, 3):
        node.publish(number, "en", inspired_by=(source,))
    node.publish(
        4, "fr", body_html=BODY, legal_basis="Loi sur l’eau", contact_role="Service de l’eau",
        facts=Facts(budget_amount=Decimal(2_000_000), budget_currency="EUR", status="running",
                    partners=("Eau de Paris",), illustrative=("budget_amount",)),
    )  # fmt: skip
    node.publish(
        5, "fr", translation="machine", original_lang="es", contact_role="Eau",
        facts=Facts(budget_amount=Decimal(5), budget_currency="USD", partners=("Agua",)),
    )  # fmt: skip
    node.publish(
        6, "en", translation="human", original_lang="fr", city=None,
        outdated_since=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        facts=Facts(budget_currency="GBP"),
    )  # fmt: skip
    madrid = node.follow()
    seventh = make_version(
        "http://madrid.example", 7, "pt", lang_is_guess=True, translation="human", city="madrid"
    )
    node.change(lambda s: store.put(s, seventh, source_id=madrid, received=START, country="ES"))
    nowhere = City(slug="xy", slugs={}, names={"en": "Xy"})
    node.change(lambda session: session.add(nowhere))
    node.receive(madrid, 8, "en", city="xy")  # in a country that nobody says


@pytest.fixture(scope="module")
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    home = tmp_path_factory.mktemp("compared")
    with prepared_database(request, "sqlite", home) as url:
        settings = settings_in(home, url)
        with application(settings) as app:
            node = Node(app, settings.base_url)
            fill(node)
            yield node


@contextmanager
def reading(node: Node, *numbers: int, lang: str = "en") -> Iterator[list[selection.Column]]:
    """A reader asks for these studies."""
    places = {1: "lisbon" if lang == "en" else "lisbonne", 6: "-", 7: "madrid", 8: "xy"}
    query = "&".join(f"study={places.get(n, 'paris')}/study-{n}" for n in numbers)
    with node.app.test_request_context(f"/{lang}/compare?{query}"):
        columns = selection.read().columns
        assert [each.key[-1] for each in columns] == list(map(str, numbers))
        yield columns


def row(node: Node, name: str, *numbers: int, lang: str = "en") -> Row:
    with reading(node, *numbers, lang=lang) as columns:
        (found,) = (each for each in comparison.rows(columns) if each.name == name)
    return found


def cell(node: Node, name: str, number: int, lang: str = "en") -> Cell:
    (found,) = row(node, name, number, lang=lang).cells
    return found


def test_every_row_is_there_in_the_order_of_the_questions_and_in_the_pages_words(
    filled: Node,
) -> None:
    with reading(filled, 2, 4) as columns:
        rows = comparison.rows(columns)
    assert [each.name for each in rows] == [
        "city", "status", "time", "duration", "budget", "per_head", "staff", "people_reached",
        "legal", "results", "lessons", "partners", "sdgs", "contact", "evidence", "language",
        "adopted",
    ]  # fmt: skip
    assert {len(each.cells) for each in rows} == {2}
    assert [each.label for each in rows if each.of is None] == [
        "City and inhabitants", "Legal basis", "Results", "What failed, and lessons",
        "Language of the text", "Adopted by",
    ]  # fmt: skip
    assert [each.of.name for each in rows if each.of] == [
        each.name for each in rows if each.of is not None
    ]
    with reading(filled, 4, lang="fr") as columns:
        assert [each.label for each in comparison.rows(columns)][:2] == [
            "Ville et population",
            "Avancement",
        ]


def test_a_row_of_facts_says_the_fact_and_whether_it_is_an_example(filled: Node) -> None:
    assert row(filled, "budget", 4, 5).cells == [
        Cell(("€2,000,000",), illustrative=True),
        Cell(("US$5",)),
    ]
    assert row(filled, "per_head", 4, 6).cells == [Cell(("€2",), illustrative=True), Cell()]
    assert cell(filled, "status", 4, "fr") == Cell(("En cours",), tag="running")


def test_names_are_in_the_originals_language_and_an_office_in_the_texts(filled: Node) -> None:
    assert cell(filled, "partners", 5) == Cell(("Agua",), lang="es")
    assert cell(filled, "partners", 4) == Cell(("Eau de Paris",), lang="fr")
    assert cell(filled, "contact", 5) == Cell(("Eau",), lang="fr")


def test_a_city_is_said_with_its_country_and_its_inhabitants(filled: Node) -> None:
    assert cell(filled, "city", 4) == Cell(("Paris, France", "1,000,000 inhabitants"))
    assert cell(filled, "city", 4, "fr") == Cell(("Paris, France", "1\u202f000\u202f000 habitants"))
    assert cell(filled, "city", 1).lines[1:] == ("1 inhabitant",)
    assert cell(filled, "city", 6) == Cell()
    assert cell(filled, "city", 7, "fr").lines[0] == "Madrid, Espagne"
    assert cell(filled, "city", 8).lines[0] == "Xy"


def test_columns_are_called_by_their_cities_numbered_where_one_is_there_twice(
    filled: Node,
) -> None:
    with reading(filled, 2, 1, 4, 6) as columns:
        assert comparison.labelled(columns) == ["Paris (1)", "Lisbon", "Paris (2)", "Case study"]
    with reading(filled, 2, 4) as columns:
        assert comparison.labelled(columns) == ["Paris (1)", "Paris (2)"]
    with reading(filled, 6, lang="fr") as columns:
        assert comparison.labelled(columns) == ["Étude de cas"]


def test_a_studys_own_words_stand_in_their_language_and_what_is_not_said_is_empty(
    filled: Node,
) -> None:
    assert cell(filled, "legal", 4) == Cell(("Loi sur l’eau",), lang="fr")
    assert not cell(filled, "legal", 5).stated


def test_a_long_part_of_the_text_is_cut_and_leads_on(filled: Node) -> None:
    lines = ("Moitié moins.", "Et encore.")
    assert cell(filled, "results", 4) == Cell(lines, lang="fr", full=lines)
    lessons = cell(filled, "lessons", 4)
    assert lessons.full == (LONG.strip(),)
    assert len(lessons.lines[0]) <= LONGEST + 1 and lessons.lines[0].endswith("mot…")
    assert lessons.more == "/en/case-studies/paris/study-4#lessons"
    assert cell(filled, "lessons", 5) == Cell(lang="fr")


@pytest.mark.parametrize(
    ("number", "lang", "said"),
    [
        (2, "en", ("English", "Original text")),
        (4, "en", ("French", "Original text")),
        (4, "fr", ("français", "Texte original")),
        (5, "en", ("French", "Machine translation, not reviewed", "Original language: Spanish")),
        (6, "en",
         ("English", "Translation outdated since 2 March 2026", "Original language: French")),
        (7, "en", ("Portuguese (a guess)", "Translated by a person")),
    ],
)  # fmt: skip
def test_a_reader_is_told_what_kind_of_text_it_is(
    filled: Node, number: int, lang: str, said: tuple[str, ...]
) -> None:
    assert cell(filled, "language", number, lang) == Cell(said)


def test_adopters_are_named_with_what_the_studys_city_says_of_them(filled: Node) -> None:
    found = cell(filled, "adopted", 1)
    assert sorted(found.links) == [
        ("Paris", "/en/case-studies/paris/study-2", "(confirmed)"),
        ("Paris", "/en/case-studies/paris/study-3", "(declared)"),
    ]
    assert {note for *_, note in cell(filled, "adopted", 1, "fr").links} == {
        "(confirmée)", "(déclarée)",
    }  # fmt: skip
    assert cell(filled, "adopted", 2) == Cell(("Nobody that we know of",))


def test_currencies_are_said_when_amounts_are_in_more_than_one(filled: Node) -> None:
    with reading(filled, 5, 4, 2) as columns:
        assert comparison.currencies(columns) == ["EUR", "USD"]
        assert comparison.currencies(columns[:1]) == []
        assert comparison.currencies([*columns[:1], *columns[:1]]) == []
    with reading(filled, 6, 4) as columns:
        assert comparison.currencies(columns) == []
