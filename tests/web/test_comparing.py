"""Comparing studies: what an address asks for is shown, said to be missing, or left out aloud."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from network.case_studies import cities as keeping
from network.catalogue import store, tombstones
from network.catalogue.values import Facts, Link
from network.cities.models import City
from network.cities.service import CityValue
from network.lib.db import db, writing
from tests.web.conftest import START, Node, Readers
from tests.web.officials import Official

BODY = (
    '<p>Avant.</p><section id="results"><h2>Les résultats</h2><p>Moitié moins de poussière.</p>'
    '</section><section id="lessons"><h2>Les enseignements</h2><p>Trop tard.</p></section>'
)
FACTS = Facts(
    status="running", start="2014-09", budget_amount=Decimal(2_000_000), budget_currency="EUR",
    staff=Decimal("12.5"), people_reached=40_000, illustrative=("staff",),
    contact_email="eau@paris.example", partners=("Eau de Paris",),
)  # fmt: skip


def cells(page: str, row: str) -> list[str]:
    """What the row with this heading says of each study."""
    (found,) = html.fromstring(page).xpath(f'//tr[normalize-space(th)="{row}"]')
    return [" ".join(" ".join(cell.itertext()).split()) for cell in found.xpath("td")]


def compare(client: FlaskClient, *numbers: int, lang: str = "en", more: str = "") -> str:
    names = "&".join(f"study=paris/study-{number}" for number in numbers)
    page = {"en": "/en/compare", "fr": "/fr/comparer"}[lang]
    return client.get(f"{page}?{names}{more}").text


def test_what_is_known_stands_side_by_side_and_what_is_not_is_said(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "en", body_html=BODY, facts=FACTS, legal_basis="Water Act")
    node.publish(2, "en", facts=Facts(), body_html="<p>Nothing.</p>")
    page = compare(client, 1, 2)
    assert cells(page, "Status") == ["Running", "Not stated"]
    assert cells(page, "Budget") == ["€2,000,000", "Not stated"]
    assert cells(page, "Cost per inhabitant")[1] == "Not stated"
    assert cells(page, "Cost per inhabitant")[0].startswith("€0.9")
    assert cells(page, "Staff (full-time posts)") == ["12.5 illustrative", "Not stated"]
    assert cells(page, "Legal basis") == ["Water Act", "Not stated"]
    assert cells(page, "Results") == ["Moitié moins de poussière.", "Not stated"]
    assert cells(page, "What failed, and lessons") == ["Trop tard.", "Not stated"]
    assert cells(page, "Contact") == ["eau@paris.example", "Not stated"]
    assert cells(page, "Language of the text") == ["English Original text"] * 2


def test_an_example_of_a_budget_makes_an_example_of_the_cost_per_inhabitant(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "en", facts=FACTS.but(illustrative=("budget_amount",)))
    node.publish(2, "en", facts=FACTS.but(illustrative=()))
    page = compare(client, 1, 2)
    for row in ("Budget", "Cost per inhabitant"):
        example, public = cells(page, row)
        assert example.endswith(" illustrative") and "illustrative" not in public
    sheet = client.get("/en/case-studies/paris/study-1").text
    assert len(html.fromstring(sheet).xpath("//dt[span[.='illustrative']]")) == 2
    sheet = client.get("/en/case-studies/paris/study-2").text
    assert not html.fromstring(sheet).xpath("//dt[span[.='illustrative']]")


def test_only_what_goes_on_is_still_counting(client: FlaskClient, node: Node) -> None:
    node.publish(1, "en", facts=Facts(status="ended", start="2014"))
    node.publish(2, "en", facts=Facts(status="ended", start="2014", end="2017"))
    node.publish(3, "en", facts=Facts(status="running", start="2014"))
    over, known, running = cells(compare(client, 1, 2, 3), "Duration")
    assert (over, known) == ("Not stated", "3 years")
    assert running.endswith(" years so far")


def test_a_study_is_shown_in_the_pages_language_and_else_says_its_own(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "fr", title="Eau")
    node.publish(1, "en", title="Water", translation="human", original_lang="fr")
    node.publish(2, "fr", title="Vélo")
    page = compare(client, 1, 2)
    assert "Water" in page and ">Eau<" not in page
    assert '<a href="/en/case-studies/paris/study-2" lang="fr" hreflang="fr"><b>Vélo' in page
    assert cells(page, "Language of the text") == [
        "English Translated by a person Original language: French",
        "French Original text",
    ]


def test_the_language_link_keeps_the_choice_in_the_other_languages_words(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "fr", slug="eau", city="lisbon")
    node.publish(1, "en", slug="water", city="lisbon", translation="human")
    page = html.fromstring(client.get("/en/compare?study=lisbon/water&city=paris").text)
    (link,) = page.xpath('//header//a[@hreflang="fr"]/@href')
    assert link == "/fr/comparer?study=lisbonne%2Feau&city=paris"
    assert "Lisbonne" in client.get(link).text


def test_a_fifth_study_is_left_out_aloud(client: FlaskClient, node: Node) -> None:
    for number in range(1, 6):
        node.publish(number, "en")
    page = compare(client, 1, 2, 3, 4, 5)
    assert "Four case studies at most" in page
    assert len(cells(page, "Status")) == 4
    assert "Add a case study" not in page
    assert "Four case studies at most" not in compare(client, 1, 2, 3, 4)


def test_a_withdrawn_study_is_said_to_be_withdrawn(client: FlaskClient, node: Node) -> None:
    version = node.publish(1, "en")
    node.publish(2, "en")
    node.change(lambda s: tombstones.bury(s, version.entry_id, START, "Wrong figures", "en"))
    page = compare(client, 1, 2)
    assert "A case study of Paris that was chosen here was withdrawn on 2 March 2026." in page
    assert len(cells(page, "Status")) == 1
    assert 'href="/en/case-studies/paris/study-1"' in page


@pytest.mark.parametrize(
    "given", ["paris/nothing", "x", "/", "a/b/c", "<script>/x", "é" * 400, "paris/"]
)
def test_what_is_no_study_is_said_and_breaks_nothing(readers: Readers, given: str) -> None:
    client = readers(Node.publish, 1, "en")
    answer = client.get(f"/en/compare?study={given}&study=paris/study-1")
    assert answer.status_code == 200
    assert "One of the chosen case studies is not on this site" in answer.text
    assert "<script>/x" not in answer.text
    assert len(cells(answer.text, "Status")) == 1


def test_a_blocked_sites_study_is_not_compared(client: FlaskClient, node: Node) -> None:
    madrid = node.follow()
    node.receive(madrid, 3, "en")
    node.change(lambda s: store.show_source(s, madrid, False))
    page = client.get("/en/compare?study=madrid/study-3").text
    assert "is not on this site" in page and "Study 3" not in page


def test_the_same_study_twice_is_one_column(client: FlaskClient, node: Node) -> None:
    node.publish(1, "en")
    assert len(cells(compare(client, 1, 1), "Status")) == 1


def test_studies_of_one_city_are_told_apart(client: FlaskClient, node: Node) -> None:
    node.publish(1, "en")
    node.publish(2, "en")
    heads = html.fromstring(compare(client, 1, 2)).xpath("//thead//th/text()")
    assert heads == ["Paris (1)", "Paris (2)"]


def test_different_currencies_are_said_and_not_converted(client: FlaskClient, node: Node) -> None:
    node.publish(1, "en", facts=FACTS)
    dollars = Facts(budget_amount=Decimal(5), budget_currency="USD")
    node.publish(2, "en", facts=dollars)
    page = compare(client, 1, 2)
    assert "different currencies (EUR, USD)" in page
    assert cells(page, "Budget") == ["€2,000,000", "US$5"]
    assert "different currencies" not in compare(client, 1)


def test_a_study_leads_to_the_comparison_and_so_does_a_list(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "en")
    study = client.get("/en/case-studies/paris/study-1").text
    assert 'href="/en/compare?study=paris/study-1"' in study
    browse = html.fromstring(client.get("/en/case-studies/").text)
    (box,) = browse.xpath('//input[@name="study"]')
    (form,) = browse.xpath(f'//form[@id="{box.get("form")}"]')
    assert (form.get("action"), form.get("method")) == ("/en/compare", "get")
    assert "Study 1" in client.get(f"/en/compare?study={box.get('value')}").text


def near(client: FlaskClient, more: str) -> list[str]:
    page = html.fromstring(compare(client, 1, more=more))
    return page.xpath('//section[@aria-labelledby="add"]//article//h3/a/text()')


@pytest.fixture
def sizes(node: Node) -> None:
    """Paris has 1,000,000 inhabitants; three cities with half, double and more than double."""

    def grow(session: Any) -> None:
        for city, people in (
            ("paris", 1_000_000), ("lisbon", 500_000), ("milan", 2_000_000), ("madrid", 2_000_001),
        ):  # fmt: skip
            session.get_one(City, city).population = people

    node.change(grow)
    node.publish(1, "en")
    for number, city in ((2, "lisbon"), (3, "milan"), (4, "madrid")):
        node.publish(number, "en", city=city)
    node.publish(5, "en", city="lisbon", topics=("youth",))


@pytest.mark.usefixtures("sizes")
def test_cities_of_a_size_near_the_chosen_one_are_proposed(client: FlaskClient) -> None:
    assert near(client, "&city=paris") == ["Study 3", "Study 2"]
    assert near(client, "") == []
    assert near(client, "&city=nowhere") == []


@pytest.mark.usefixtures("sizes")
def test_for_an_official_it_is_the_nodes_own_city(app: Flask) -> None:
    person = Official(app, "author", "ines")
    assert near(person.browser, "") == ["Study 3", "Study 2"]


def rows(answer: Any) -> list[list[str]]:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    text = answer.data.decode("utf-8-sig")
    answer.close()
    delimiter = ";" if answer.headers["Content-Language"] == "fr" else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_the_comparison_as_csv_has_the_same_rows(client: FlaskClient, node: Node) -> None:
    node.publish(1, "en", title="=1+1", body_html=BODY, facts=FACTS, legal_basis="\t@SUM(A1)")
    node.publish(2, "en", title='Say "hello", twice')
    shown = compare(client, 1, 2)
    found = rows(client.get("/en/compare.csv?study=paris/study-1&study=paris/study-2"))
    assert found[0] == ["", "Paris (1)", "Paris (2)"]
    assert found[1] == ["Case study", "'=1+1", 'Say "hello", twice']
    assert found[2][1] == "http://paris.example/en/case-studies/paris/study-1"
    labels = html.fromstring(shown).xpath("//tbody/tr/th/text()")
    apart = {"City": "City and inhabitants", "Inhabitants": None, "Currency": None}
    given = [apart.get(row[0], row[0]) for row in found[3:] if not row[0].endswith("(note)")]
    assert [label for label in given if label] == labels[1:]
    by_label = {row[0]: row[1:] for row in found}
    assert by_label["Legal basis"] == ["'\t@SUM(A1)", "Not stated"]
    assert by_label["Contact"][0] == "eau@paris.example <mailto:eau@paris.example>"
    assert by_label["Results"] == ["Moitié moins de poussière.", "Not stated"]
    french = rows(client.get("/fr/comparer.csv?study=paris/study-1"))
    assert {len(row) for row in french} == {2}
    assert ["Statut", "Avancement"].count(french[5][0]) == 1


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (
            "/en/compare.csv",
            {
                "Inhabitants": "2114000", "Budget": "1234567.50", "Currency": "USD",
                "Budget (note)": "illustrative", "Cost per inhabitant": "0.58",
                "Staff (full-time posts)": "2.5", "People reached": "30000",
            },
        ),
        (
            "/fr/comparer.csv",
            {
                "Habitants": "2114000", "Budget": "1234567,50", "Devise": "USD",
                "Budget (remarque)": "indicatif", "Coût par habitant": "0,58",
                "Effectifs (équivalents temps plein)": "2,5", "Personnes touchées": "30000",
            },
        ),
    ],
)  # fmt: skip
def test_figures_in_the_csv_are_numbers_and_their_currency_stands_apart(
    client: FlaskClient, node: Node, where: str, expected: dict[str, str]
) -> None:
    facts = Facts(
        budget_amount=Decimal("1234567.50"), budget_currency="USD", staff=Decimal("2.5"),
        people_reached=30_000, illustrative=("budget_amount",),
    )  # fmt: skip
    node.publish(1, "en", facts=facts)
    node.publish(2, "en", facts=Facts(budget_currency="USD"))
    found = {
        row[0]: row[1:]
        for row in rows(client.get(f"{where}?study=paris/study-1&study=paris/study-2"))
    }
    assert {label: found[label][0] for label in expected} == expected
    note, nothing = (
        next(name for name in expected if name.startswith("Budget (")),
        found["Budget"][1],
    )
    assert nothing in ("Not stated", "Non précisé")
    assert [found[label][1] for label in expected if label not in (note, *list(expected)[:1])] == [
        nothing
    ] * 5
    assert found[note][1] == ""


def test_text_of_a_study_is_in_the_csv_as_it_is_on_the_page(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "en", legal_basis="Article 1 </b> of 2", inspired_by=())
    source = Link(f"{node.base_url}/id/00000000-0000-4000-8000-{1:012}")
    node.publish(2, "en", inspired_by=(source,))
    by_label = {row[0]: row[1] for row in rows(client.get("/en/compare.csv?study=paris/study-1"))}
    assert by_label["Legal basis"] == "Article 1 </b> of 2"
    assert "<http://paris.example/en/case-studies/paris/study-2>" in by_label["Adopted by"]


def test_a_list_as_csv_has_what_its_filters_select(client: FlaskClient, node: Node) -> None:
    node.publish(1, "en", facts=FACTS, title="+33 1")
    node.publish(2, "fr", city="lisbon", title="Lisbonne, l’eau")
    found = rows(client.get("/en/case-studies.csv"))
    assert [row[0] for row in found] == ["Title", "Lisbonne, l’eau", "'+33 1"]
    first = dict(zip(found[0], found[2], strict=True))
    assert (first["Budget"], first["Currency"], first["Start"]) == ("2000000", "EUR", "2014-09")
    assert (first["City"], first["Country"], first["Language"]) == ("Paris", "France", "en")
    french = rows(client.get("/fr/etudes-de-cas.csv"))
    cells = dict(zip(french[0], french[2], strict=True))
    assert (cells["Budget"], cells["Effectifs (équivalents temps plein)"]) == ("2000000", "12,5")
    only = client.get("/fr/etudes-de-cas.csv?city=lisbonne")
    assert [row[0] for row in rows(only)] == ["Titre", "Lisbonne, l’eau"]
    again = client.get(
        "/fr/etudes-de-cas.csv?city=lisbonne", headers={"If-None-Match": only.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/en/case-studies.csv?city=atlantis").status_code == 404
    assert (
        'href="/en/case-studies.csv?city=paris"' in client.get("/en/case-studies/?city=paris").text
    )


def test_a_long_list_is_whole_in_csv(client: FlaskClient, node: Node) -> None:
    def fill(session: Any) -> None:
        from tests.web.conftest import make_version

        arrivals = [
            store.Arrival(make_version(node.base_url, number, "en", inspired_by=()), "FR")
            for number in range(450)
        ]
        with writing(session):
            store.put_many(session, arrivals, source_id=None, received=START)

    node.change(fill)
    found = rows(client.get("/en/case-studies.csv"))
    assert len({row[0] for row in found[1:]}) == 450


@pytest.fixture
def typed_by_hand(app: Flask, node: Node) -> None:
    """Two villages and a hamlet of unknown size, each with a study; nobody ships them."""
    with app.app_context():
        for number, (name, people) in enumerate(
            (("Petit", 900), ("Voisin", 1_800), ("Hameau", None)), 1
        ):
            value = CityValue(name.lower(), {"en": name}, "FR", "village", population=people)
            keeping.keep(db.session(), value)
            node.publish(number, "en", city=name.lower(), facts=FACTS)
    node.publish(4, "en")


@pytest.mark.usefixtures("typed_by_hand")
def test_a_place_typed_by_hand_is_found_by_its_size_and_one_of_unknown_size_by_none(
    client: FlaskClient,
) -> None:
    page = html.fromstring(client.get("/en/case-studies/?size=under-20k").data)
    assert page.xpath("//article//h3/a/text()") == ["Study 2", "Study 1"]
    facet = html.fromstring(client.get("/en/case-studies/").data).xpath(
        '//a[contains(@href, "size=")]'
    )
    counts = [" ".join(each.text_content().split()) for each in facet]
    assert [text for text in counts if "20,000" in text and "100,000" not in text] == [
        "Under 20,000 2 case studies"
    ]
    assert len(counts) == 2  # Paris and the villages


@pytest.mark.usefixtures("typed_by_hand")
def test_a_place_typed_by_hand_is_compared_by_its_size(client: FlaskClient) -> None:
    names = "study=petit/study-1&study=hameau/study-3"
    page = client.get(f"/en/compare?{names}").text
    assert cells(page, "Cost per inhabitant") == ["€2,222.22", "Not stated"]
    tree = html.fromstring(client.get("/en/compare?study=paris/study-4&city=petit").data)
    found = tree.xpath('//section[@aria-labelledby="add"]//article//h3/a/text()')
    assert found == ["Study 2"]  # twice as many live there, and nobody knows how many in Hameau
