"""A value of every kind on all of its way: shown, in a spreadsheet, found, checked, kept, filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from network.facts import checks, declared, duration, links, rows, sheet, travel, typed
from network.facts.duration import Duration
from network.facts.kinds import Kind, Problem, Shown
from network.facts.links import Link
from network.facts.rows import About
from network.facts.values import Facts, completeness, filtered
from network.lib import i18n
from network.lib.i18n import Figure

NBSP, NNBSP = "\u00a0", "\u202f"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/deed.fr"
ZERO = "http://creativecommons.org/publicdomain/zero/1.0/"
REPORT, BARE = Link("https://a.example/", "Bilan"), Link("https://b.example/")
EVERY = Facts(
    status="ended",
    start="2014-09-23",
    end="2020-06",
    budget_amount=Decimal("500000000.50"),
    budget_currency="EUR",
    people_reached=100_000,
    staff=Decimal("12.5"),
    partners=("Ville de Lisbonne", "Écoles « d’ici »"),
    contact_email="eau@paris.example",
    sdgs=(16, 11),
    evidence=(REPORT, BARE),
    authors=("Anne", "Bao"),
    licence="CC-BY-4.0",
    illustrative=("staff", "budget_amount"),
)


def kind(name: str) -> Kind:
    return declared.FACTS[name].kind


SEEN = [
    ("status", "running", Shown(("Running",), tag="running"), Shown(("En cours",), tag="running")),
    ("status", "dreamt", Shown(("dreamt",), tag="dreamt"), Shown(("dreamt",), tag="dreamt")),
    ("start", "2014-09", Shown(("September 2014",)), Shown(("septembre 2014",))),
    ("budget_amount", Decimal("1.5"), Shown(("€1.50",)), Shown((f"1,50{NBSP}€",))),
    ("budget_currency", "EUR", Shown(("EUR",)), Shown(("EUR",))),
    ("people_reached", 100_000, Shown(("100,000",)), Shown((f"100{NNBSP}000",))),
    ("staff", Decimal("12.50"), Shown(("12.5",)), Shown(("12,5",))),
    ("partners", ("A", "B"), Shown(("A", "B"), lang="original"),
     Shown(("A", "B"), lang="original")),
    ("contact_email", "a@b.example", Shown(links=(("a@b.example", "mailto:a@b.example"),)),
     Shown(links=(("a@b.example", "mailto:a@b.example"),))),
    ("sdgs", (11, 1, 17, 0, 18),
     Shown(("11. Sustainable cities and communities", "1. No poverty",
            "17. Partnerships for the goals", "0", "18")),
     Shown(("11. Villes et communautés durables", "1. Pas de pauvreté",
            "17. Partenariats pour la réalisation des objectifs", "0", "18"))),
    ("evidence", (REPORT, BARE),
     Shown(links=(("Bilan", REPORT.href), (BARE.href, BARE.href)), lang="original"),
     Shown(links=(("Bilan", REPORT.href), (BARE.href, BARE.href)), lang="original")),
    ("licence", "MIT", Shown(("MIT",)), Shown(("MIT",))),
    ("licence", BY_SA, Shown(links=(("CC BY-SA 4.0", BY_SA),)),
     Shown(links=(("CC BY-SA 4.0", BY_SA),))),
    ("licence", ZERO, Shown(links=(("CC0 1.0", ZERO),)), Shown(links=(("CC0 1.0", ZERO),))),
    ("licence", "CC-BY-4.0",
     Shown(links=(("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),)),
     Shown(links=(("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),))),
    ("illustrative", ("staff", "weather"), Shown(("Staff (full-time posts)", "weather")),
     Shown(("Effectifs (équivalents temps plein)", "weather"))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "english", "french"), SEEN)
def test_a_value_is_shown_in_the_readers_language(
    name: str, value: Any, english: Shown, french: Shown
) -> None:
    assert kind(name).shown(value, "en", EVERY) == english
    assert kind(name).shown(value, "fr", EVERY) == french


@pytest.mark.parametrize(
    ("name", "value", "english", "french"),
    [
        ("status", "running", "Running", "En cours"),
        ("end", "2014-09", "2014-09", "2014-09"),
        ("budget_amount", Decimal("1.5"), Decimal("1.5"), Decimal("1.5")),
        ("people_reached", 7, 7, 7),
        ("partners", ("A", "B"), "A; B", "A; B"),
        ("contact_email", "a@b.example", "a@b.example", "a@b.example"),
        ("sdgs", (11, 16), "11; 16", "11; 16"),
        ("evidence", (REPORT, BARE), "Bilan | https://a.example/\nhttps://b.example/",
         "Bilan | https://a.example/\nhttps://b.example/"),
        ("illustrative", ("staff", "end"), "staff, end", "staff, end"),
    ],
)  # fmt: skip
def test_a_cell_of_a_spreadsheet_holds_what_can_be_calculated_with_or_a_text(
    name: str, value: Any, english: Any, french: Any
) -> None:
    assert kind(name).cell(value, "en") == english
    assert kind(name).cell(value, "fr") == french
    about = About(Facts(**{name: value}), None, "", date(2026, 3, 1))
    assert declared.FACTS[name].cell(about, "fr") == french
    assert declared.FACTS[name].cell(About(Facts(), None, "", about.today), "fr") is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("status", "running", ["En cours", "Running"]),
        ("start", "2014", ["2014"]),
        ("budget_amount", Decimal(2), [f"2{NBSP}€", "€2"]),
        ("partners", ("A", "B"), ["A", "B"]),
        ("contact_email", "a@b.example", ["a@b.example"]),
        ("sdgs", (1,), ["1. Pas de pauvreté", "1. No poverty"]),
        ("evidence", (REPORT,), ["Bilan"]),
        ("licence", BY_SA, ["CC BY-SA 4.0"]),
        ("licence", "MIT", ["MIT"]),
    ],
)
def test_search_finds_a_value_by_its_words_in_every_language(
    name: str, value: Any, words: list[str]
) -> None:
    assert list(kind(name).words(value, EVERY)) == words


@pytest.mark.parametrize(
    ("name", "value", "leads_to"),
    [
        ("status", "running", ()),
        ("contact_email", "a@b.example", ("a@b.example",)),
        ("evidence", (REPORT, BARE), (REPORT.href, BARE.href)),
        ("licence", ZERO, (ZERO,)),
    ],
)
def test_it_is_known_where_a_value_leads(name: str, value: Any, leads_to: tuple[str, ...]) -> None:
    assert kind(name).targets(value) == leads_to


def test_what_people_wrote_is_told_from_what_the_software_says() -> None:
    own = {fact.name: fact.kind.own_words(value) for fact, value in EVERY.known()}
    assert {name: words for name, words in own.items() if words} == {
        "partners": EVERY.partners,
        "evidence": ("Bilan", ""),
        "authors": ("Anne", "Bao"),
    }


LONG = "x" * 301


def bounds(most: int) -> dict[str, Figure]:
    return {"least": Figure(0), "most": Figure(most)}


WRONG: list[tuple[str, Any, Problem]] = [
    ("status", "dreamt", Problem(
        "status", "“%(value)s” is none of the choices: %(choices)s.",
        {"value": "dreamt", "choices": "idea, pilot, running, ended"})),
    ("start", "soon", Problem(
        "start", "“%(text)s” is not a date such as 2014, September 2014 or 23 September 2014.",
        {"text": "soon"})),
    ("people_reached", 10**10 + 1, Problem(
        "people_reached", "Enter a number from %(least)s to %(most)s.", bounds(10**10))),
    ("staff", Decimal("-0.01"), Problem(
        "staff", "Enter a number from %(least)s to %(most)s.", bounds(10**15 - 1))),
    ("staff", Decimal("0.001"), Problem("staff", "Enter at most two decimals.", {})),
    ("budget_currency", "EURO", Problem(
        "budget_currency", "“%(code)s” is not a currency. Enter its code, such as EUR.",
        {"code": "EURO"})),
    ("budget_currency", "eur", Problem(
        "budget_currency", "“%(code)s” is not a currency. Enter its code, such as EUR.",
        {"code": "eur"})),
    ("partners", ("a", LONG), Problem(
        "partners", "“%(start)s…” is longer than %(most)s characters.",
        {"start": "x" * 40, "most": 300})),
    ("authors", tuple(map(str, range(101))), Problem(
        "authors", "Enter at most %(most)s.", {"most": 100})),
    ("contact_email", "a b@c.example", Problem(
        "contact_email", "Enter a mailbox such as name@city.example.", {})),
    ("licence", "MIT", Problem(
        "licence", "Enter the address of the licence, or one of %(names)s.",
        {"names": "CC-BY-4.0, CC-BY-SA-4.0, CC0-1.0, ODbL-1.0, etalab-2.0"})),
    ("sdgs", (1, 18), Problem(
        "sdgs", "There is no goal %(goal)s: they go from 1 to 17.", {"goal": 18})),
    ("evidence", (BARE, Link("b.example", "x")), Problem(
        "evidence", "“%(link)s” needs an address that begins with https:// or http://.",
        {"link": "b.example"})),
    ("evidence", tuple(Link(f"https://a.example/{n}") for n in range(101)), Problem(
        "evidence", "Enter at most %(most)s.", {"most": 100})),
    ("evidence", (Link("", "Bilan"),), Problem(
        "evidence", "“%(link)s” needs an address that begins with https:// or http://.",
        {"link": "Bilan"})),
    ("evidence", (Link(BARE.href, "y" * 501),), Problem(
        "evidence", "“%(start)s…” is longer than %(most)s characters.",
        {"start": "y" * 40, "most": 500})),
    ("illustrative", ("staff", "weather"), Problem(
        "illustrative", "“%(name)s” is not a fact of the sheet.", {"name": "weather"})),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), WRONG)
def test_what_may_not_be_published_is_said_with_what_would_be_right(
    name: str, value: Any, expected: Problem
) -> None:
    assert list(kind(name).problems(name, value)) == [expected]
    assert expected in checks.problems(Facts(**{name: value}), {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partners", ("x" * 300,)),
        ("authors", tuple(map(str, range(100)))),
        ("evidence", (Link(BARE.href, "y" * 500),)),
        ("staff", Decimal("0.01")),
        ("staff", Decimal("999999999999999")),
        ("sdgs", (1, 17)),
        ("licence", "etalab-2.0"),
        ("licence", ZERO),
        ("end", "2014-02-28"),
    ],
)
def test_what_just_fits_may_be_published_and_travels_whole(name: str, value: Any) -> None:
    assert list(kind(name).problems(name, value)) == []
    assert kind(name).tidy(value) == value


@pytest.mark.parametrize(
    ("name", "value", "travels"),
    [
        ("status", "dreamt", None),
        ("status", "idea", "idea"),
        ("start", "soon", None),
        ("staff", Decimal("Infinity"), None),
        ("staff", Decimal("NaN"), None),
        ("staff", Decimal("12.505"), Decimal("12.5")),
        ("staff", Decimal("-0.0"), Decimal(0)),
        ("staff", Decimal("999999999999999.999"), None),
        ("budget_currency", "euro", None),
        ("budget_currency", "XYZ", "XYZ"),
        ("partners", (" a\n b ", "", "a b", "c"), ("a b", "c")),
        ("partners", (LONG,), ("x" * 300,)),
        ("authors", tuple(map(str, range(101))), tuple(map(str, range(100)))),
        ("contact_email", "a@b", None),
        ("contact_email", "a@b.example", "a@b.example"),
        ("licence", "Any Licence 1.0+", "Any Licence 1.0+"),
        ("licence", "<b>", None),
        ("licence", "https://a.example/l l", "https://a.example/l%20l"),
        ("sdgs", (0, 17, 18, 17, 1), (17, 1)),
        ("evidence", (Link("x"), Link(BARE.href, "y" * 501)), (Link(BARE.href, "y" * 500),)),
        ("illustrative", ("weather", "staff", "staff"), ("staff",)),
    ],
)
def test_of_what_others_write_a_value_travels_that_can_be_understood(
    name: str, value: Any, travels: Any
) -> None:
    assert kind(name).tidy(value) == travels
    assert travel.tidy(Facts(**{name: value})) == Facts(**{name: travels})


def test_a_large_figure_travels_in_digits() -> None:
    assert kind("staff").texts(Decimal("1E+3")) == ("1000",)


def test_minus_nought_travels_as_nought() -> None:
    assert str(kind("staff").tidy(Decimal("-0.0"))) == "0"


def of_entry(elements: Mapping[str, list[str]], related: tuple[Link, ...] = ()) -> Facts:
    return travel.of_entry(elements, lambda relation: related if relation == "related" else ())


def test_every_fact_comes_back_from_an_entry_from_json_and_from_a_file() -> None:
    found: dict[str, list[str]] = {}
    for name, text in travel.elements(EVERY):
        found.setdefault(name, []).append(text)
    assert of_entry(found, tuple(link for _relation, link in travel.links(EVERY))) == EVERY
    assert {relation for relation, _link in travel.links(EVERY)} == {"related"}
    assert travel.of_json(travel.to_json(EVERY)) == EVERY
    filed = yaml.safe_load("\n".join(f"{key}:{text}" for key, text in typed.to_file(EVERY, {})))
    assert typed.read(typed.of_file(filed), None) == (EVERY, {})


def test_an_entry_has_what_is_of_one_value_first_and_nothing_of_what_is_unknown() -> None:
    several = {fact.in_entry for fact in declared.FACTS.values() if fact.kind.several}
    names = [name in several for name, _text in travel.elements(EVERY)]
    assert names == sorted(names)
    assert list(travel.elements(Facts())) == list(travel.links(Facts())) == []
    assert of_entry({}) == Facts()


@pytest.mark.parametrize(
    ("element", "texts", "name", "value"),
    [
        ("status", ["running", "ended"], "status", "running"),
        ("status", [], "status", None),
        ("staff", ["12.50", "x"], "staff", Decimal("12.5")),
        ("staff", [], "staff", None),
        ("staff", ["1e3"], "staff", None),
        ("staff", ["1" * 19], "staff", None),
        ("people-reached", ["7", "8"], "people_reached", 7),
        ("people-reached", ["7.0"], "people_reached", None),
        ("people-reached", [], "people_reached", None),
        ("sdg", ["11", "x", "16"], "sdgs", (11, 16)),
        ("partner", ["A", "B"], "partners", ("A", "B")),
        ("weather", ["fair"], "status", None),
    ],
)
def test_elements_are_read_as_anybody_may_have_written_them(
    element: str, texts: list[str], name: str, value: Any
) -> None:
    assert of_entry({element: texts}) == Facts(**{name: value})


def test_json_of_a_newer_version_is_read_without_what_it_has_more() -> None:
    assert travel.of_json({"status": "idea", "weather": "fair"}) == Facts(status="idea")
    assert travel.of_json({"evidence": [{"href": BARE.href}]}) == Facts(evidence=(BARE,))


@pytest.mark.parametrize(
    ("filed", "facts"),
    [
        ({"budget": {"amount": 500, "currency": "EUR"}},
         Facts(budget_amount=Decimal(500), budget_currency="EUR")),
        ({"budget": {"amount": 500}}, Facts(budget_amount=Decimal(500))),
        ({"budget": {"currency": "EUR"}}, Facts(budget_currency="EUR")),
        ({"budget": "500 EUR"}, Facts(budget_amount=Decimal(500), budget_currency="EUR")),
        ({"budget": 500}, Facts(budget_amount=Decimal(500))),
        ({"budget": " EUR "}, Facts(budget_currency="EUR")),
        ({"budget_amount": "500"}, Facts(budget_amount=Decimal(500))),
        ({"partners": "A\nB"}, Facts(partners=("A", "B"))),
        ({"sdgs": [11, 16]}, Facts(sdgs=(11, 16))),
        ({"evidence": {"title": "Bilan", "url": REPORT.href}}, Facts(evidence=(REPORT,))),
        ({"illustrative": ["budget"]}, Facts(illustrative=("budget_amount",))),
        ({"status": "running", "weather": "fair"}, Facts(status="running")),
    ],
)  # fmt: skip
def test_a_file_may_say_a_fact_in_several_ways(filed: dict[str, Any], facts: Facts) -> None:
    assert typed.read(typed.of_file(filed), None) == (facts, {})


@pytest.mark.parametrize(
    ("facts", "unreadable", "lines"),
    [
        (Facts(), {}, []),
        (Facts(status="idea"), {}, [("status", " idea")]),
        (Facts(budget_amount=Decimal(5)), {}, [("budget", " {amount: 5}")]),
        (Facts(budget_currency="EUR"), {}, [("budget", " {currency: EUR}")]),
        (Facts(evidence=(REPORT,)), {},
         [("evidence", '\n  - {title: "Bilan", url: "https://a.example/"}')]),
        (Facts(), {"sdgs": "onze"}, [("sdgs", ' "onze"')]),
        (Facts(), {"evidence": "?", "start": "vers 2014", "city": "Xy"},
         [("start", ' "vers 2014"'), ("evidence", ' "?"')]),
        (Facts(illustrative=("budget_amount", "staff")), {},
         [("illustrative", " [budget, staff]")]),
    ],
)  # fmt: skip
def test_a_file_has_a_line_for_what_is_known_or_was_typed(
    facts: Facts, unreadable: dict[str, str], lines: list[tuple[str, str]]
) -> None:
    assert typed.to_file(facts, unreadable) == lines


def test_a_file_may_call_facts_by_the_names_that_forms_and_others_have_for_them() -> None:
    keys = typed.file_keys()
    assert len(keys) == len(set(keys))
    assert set(keys) == {*declared.FACTS, "budget"}
    assert typed.other_keys() == {"author": "authors", "license": "licence"}
    assert typed.keys_of_words() == ["partners", "evidence", "authors", "author"]


def test_a_form_offers_what_may_be_chosen() -> None:
    assert kind("status").options("fr")[:2] == [("", "–"), ("idea", "Idée")]
    assert kind("start").options("fr") == []
    assert kind("sdgs").options("en")[0] == ("1", "1. No poverty")
    assert [value for value, _label in kind("sdgs").options("en")] == [str(n) for n in range(1, 18)]
    assert dict(kind("illustrative").options("fr"))["end"] == "Fin"


def test_what_a_form_holds_is_read_as_it_was_sent() -> None:
    assert kind("sdgs").read(kind("sdgs").sent(["11", "16"]), "fr") == (11, 16)
    assert kind("evidence").read(kind("evidence").sent([REPORT]), "fr") == (REPORT,)
    assert kind("staff").sent("1,5") == "1,5"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("Bilan – https://a.example/", (REPORT,)),
        ("Le XX – https://a.example/", (Link(REPORT.href, "Le XX"),)),
        ("Bilan | a.example", (Link("a.example", "Bilan"),)),
        ("Bilan |", (Link("", "Bilan"),)),
        ("a.example", (Link("a.example"),)),
        ("Voir a.example", (Link("Voir a.example"),)),
        ("a | b | https://c.example/", (Link("https://c.example/", "a | b"),)),
        ({"href": " https://a.example/ ", "title": " Bilan "}, (REPORT,)),
        ([{"url": REPORT.href, "title": "Bilan"}, {"title": "Bilan", "href": REPORT.href}],
         (REPORT,)),
        ([{"title": "Bilan"}, {}, " "], (Link("", "Bilan"),)),
    ],
)  # fmt: skip
def test_a_link_is_read_from_whatever_says_one(raw: Any, found: tuple[Link, ...]) -> None:
    assert links.read(raw) == found


@pytest.mark.parametrize("name", ["status", "staff", "partners", "sdgs", "evidence"])
def test_a_text_or_a_list_where_another_shape_stands_is_kept_as_it_was_typed(name: str) -> None:
    several = declared.FACTS[name].kind.several
    given = [["a"]] if several else ["a", "b"]
    facts, unreadable = typed.read({name: given}, "fr")
    assert (facts, list(unreadable)) == (Facts(), [name])


@pytest.mark.parametrize("blank", ["", " ", "\u200b", None, [], ["", " "]])
def test_what_shows_nothing_says_nothing(blank: Any) -> None:
    for name in declared.FACTS:
        assert typed.read({name: blank}, "fr") == (Facts(), {})


def test_what_cannot_be_read_is_kept_clean() -> None:
    assert typed.read({"staff": " dou\x00ze ", "sdgs": ["onze", 12]}, "fr") == (
        Facts(),
        {"staff": "douze", "sdgs": "onze\n12"},
    )


def test_unknown_facts_are_not_written_into_a_form() -> None:
    assert typed.write(Facts(status="idea"), {"staff": "x", "weather": "fair"}, "fr") == {
        "status": "idea",
        "staff": "x",
    }


def test_a_form_shows_dates_and_figures_in_its_language_and_a_file_in_its_own() -> None:
    facts = Facts(start="2014-09", staff=Decimal("1.5"))
    assert typed.write(facts, lang="fr") == {"start": "septembre 2014", "staff": "1,5"}
    assert typed.write(facts) == {"start": "2014-09", "staff": "1.5"}


def test_figures_and_dates_are_read_in_the_language_of_the_form() -> None:
    assert typed.read({"start": "01/03/2021"}, "fr") == (Facts(start="2021-03-01"), {})
    assert typed.read({"staff": "1,500"}, "en") == (Facts(staff=Decimal(1500)), {})
    assert typed.read({"people_reached": "1,500"}, "en") == (Facts(people_reached=1500), {})
    assert typed.read({"staff": "1,500"}, None)[1] == {"staff": "1,500"}
    amount = {"budget_amount": "€1,500"}
    assert typed.read(amount, "en") == (
        Facts(budget_amount=Decimal(1500), budget_currency="EUR"), {},
    )  # fmt: skip
    assert typed.read(amount, None)[1] == amount


def test_what_was_understood_is_told_of_figures_and_dates_alone() -> None:
    given = {"budget_currency": "€", "staff": "1,500 posts", "licence": " MIT ", "start": "2014"}
    assert typed.understood(given, "en") == [("staff", "1,500 posts", "1,500")]


def test_a_goal_is_a_number() -> None:
    with pytest.raises(ValueError, match=r"^a goal's number was expected$"):
        kind("sdgs").read("onze", "fr")


def doubted(facts: Facts, unreadable: dict[str, str]) -> list[tuple[str, str]]:
    found = checks.doubts(facts, unreadable)
    return [(each.field, i18n.translate("en", each.message, each.arguments)) for each in found]


def test_figures_and_dates_are_asked_about_and_other_facts_are_not() -> None:
    unreadable = {"staff": "douze", "start": "jadis", "sdgs": "onze", "evidence": "?"}
    (date_field, _date), (field, said) = doubted(Facts(), unreadable)
    assert (date_field, field) == ("start", "staff")
    assert said == ("“douze” is not a number of full-time posts. Enter one such as 12 or 1.5.")
    assert [each for each, _said in doubted(Facts(), {"start": "01/03/2021"})] == ["start"]
    assert doubted(Facts(budget_currency="USD"), {"budget_amount": "10 €"})[0][1].startswith(
        "“10 €” says EUR, but the currency is USD"
    )


def test_what_stops_publication_is_what_was_asked_about() -> None:
    facts, unreadable = Facts(budget_currency="USD"), {"staff": "douze", "budget_amount": "10 €"}
    found = [each._asdict() for each in checks.problems(facts, unreadable)]
    assert found == [each._asdict() for each in checks.doubts(facts, unreadable)]
    assert [each["field"] for each in found] == ["budget_amount", "staff"]


def test_what_was_typed_for_a_fact_of_a_newer_version_stops_publication() -> None:
    assert checks.problems(Facts(), {"weather": "fair", "city": "Xy"}) == [
        Problem("weather", "“%(text)s” cannot be read.", {"text": "fair"})
    ]


def test_problems_are_told_in_the_order_of_the_form() -> None:
    wrong = Facts(status="dreamt", budget_amount=Decimal(1), sdgs=(0,))
    found = checks.problems(wrong, {"start": "jadis", "weather": "fair"})
    assert [each.field for each in found] == [
        "status", "start", "budget_currency", "sdgs", "weather",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "is_wrong"),
    [
        ("2014", "2014-05-01", False),
        ("2014-05-02", "2014-05", False),
        ("2014-05-02", "2014-05-01", True),
        ("2014-05", "2014-04-30", True),
        ("2015", "2014", True),
        ("2014-05-01", "2014-05-01", False),
        ("jadis", "2014", False),
        ("2014", "jadis", False),
        (None, "2014", False),
    ],
)
def test_an_end_is_before_its_beginning_only_as_far_as_both_are_known(
    start: str | None, end: str, is_wrong: bool
) -> None:
    found = list(kind("end").beside("end", Facts(start=start, end=end)))
    assert found == ([Problem("end", "The end is before the start.", {})] if is_wrong else [])
    assert list(kind("start").beside("start", Facts(start=start, end=end))) == []


def test_an_amount_needs_a_currency_and_is_said_in_it() -> None:
    amount = kind("budget_amount")
    assert list(amount.beside("budget_amount", Facts())) == [
        Problem("budget_currency", "Say in which currency the amount is.", {})
    ]
    assert list(amount.beside("budget_amount", EVERY)) == []
    assert (amount.unit(EVERY), kind("staff").unit(EVERY)) == ("EUR", None)


def test_what_is_sound_of_the_facts_stays_and_an_amount_goes_with_its_currency() -> None:
    assert checks.sound(EVERY, {}) == EVERY
    assert checks.sound(EVERY.but(budget_currency="ZZZ"), {}) == EVERY.but(
        budget_amount=None, budget_currency=None
    )
    assert checks.sound(EVERY.but(budget_currency=None), {}) == EVERY.but(
        budget_amount=None, budget_currency=None
    )
    assert checks.sound(EVERY.but(budget_amount=Decimal(-1)), {}) == EVERY.but(budget_amount=None)
    assert checks.sound(EVERY.but(sdgs=(0, 11), status="dreamt"), {}) == EVERY.but(
        sdgs=(11,), status=None
    )
    assert checks.sound(EVERY, {"staff": "douze"}) == EVERY.but(staff=None)


@pytest.mark.parametrize(
    ("typed_text", "currency"),
    [("eur", "EUR"), ("€", "EUR"), ("euros", "EUR"), ("dollars", "DOLLARS"), ("zzz", "ZZZ")],
)
def test_a_currency_is_known_by_its_code_its_sign_or_its_name(
    typed_text: str, currency: str
) -> None:
    assert kind("budget_currency").read(typed_text, "fr") == currency


def test_a_whole_number_has_no_fraction() -> None:
    assert kind("people_reached").read("7,0", "fr") == 7
    assert isinstance(kind("people_reached").read("7", "fr"), int)
    with pytest.raises(ValueError, match=r"^a whole number was expected$"):
        kind("people_reached").read("7,5", "fr")


def row_of(name: str) -> rows.Row:
    (found,) = (r for part in ("means", "people") for r in sheet.rows(part) if r.name == name)
    return found


def shown(name: str, lang: str = "en", population: int | None = None, **facts: Any) -> list[str]:
    about = About(Facts(**facts), population, "", date(2026, 3, 15))
    return list(row_of(name).show(about, lang).lines)


@pytest.mark.parametrize(
    ("facts", "english", "french"),
    [
        ({"start": "2014", "end": "2017"}, "3 years", "3 ans"),
        ({"start": "2014", "end": "2015"}, "1 year", "1 an"),
        ({"start": "2014", "end": "2014"}, "Less than a year", "Moins d’un an"),
        ({"start": "2014-03", "end": "2014-03"}, "Less than a month", "Moins d’un mois"),
        ({"start": "2014-03", "end": "2014-04"}, "1 month", "1 mois"),
        ({"start": "2014-03", "end": "2016-05"}, "26 months", "26 mois"),
        ({"start": "2014-03", "end": "2017-03"}, "3 years", "3 ans"),
        ({"start": "2014-03", "end": "2017-04"}, "3 years", "3 ans"),
        ({"start": "2014-03", "end": "2015-03"}, "1 year", "1 an"),
        ({"start": "2014-03", "end": "2017-02"}, "35 months", "35 mois"),
        ({"start": "2014-03", "end": "2014-02"}, "", ""),
        ({"start": "2014", "end": "2013"}, "", ""),
        ({"start": "2014-11", "end": "2016"}, "2 years", "2 ans"),
        ({"start": "2014", "end": "2016-11"}, "2 years", "2 ans"),
        ({"start": "2026-03"}, "Less than a month so far", "Moins d’un mois à ce jour"),
        ({"start": "2025-12"}, "3 months so far", "3 mois à ce jour"),
        ({"start": "2025-12", "status": "running"}, "3 months so far", "3 mois à ce jour"),
        ({"start": "2025-12", "status": "ended"}, "", ""),
        ({"start": "2025-12", "end": "2026-01", "status": "ended"}, "1 month", "1 mois"),
        ({"end": "2026-01"}, "", ""),
        ({"start": "2030-01"}, "", ""),
    ],
)
def test_a_duration_is_as_exact_as_its_dates(
    facts: dict[str, str], english: str, french: str
) -> None:
    assert " ".join(shown("duration", "en", **facts)) == english
    assert " ".join(shown("duration", "fr", **facts)) == french


def test_a_time_is_said_in_the_pages_language() -> None:
    assert shown("time", "en", start="2014-09", end="2015-10-02") == [
        "September 2014 to 2 October 2015"
    ]
    assert shown("time", "fr", start="2014-09", end="2015-10-02") == [
        "septembre 2014 – 2 octobre 2015"
    ]


def test_a_duration_says_in_what_it_is_counted_and_whether_it_goes_on() -> None:
    today = date(2026, 3, 15)
    assert duration.between("2014-03", "2016-03", today) == Duration(2, "year", False)
    assert duration.between("2014-03", "2016-04", today) == Duration(25, "month", False)
    assert duration.between("2014-03", None, today) == Duration(12, "year", True)
    assert duration.between("2014", None, today) == Duration(12, "year", True)
    assert duration.between("2014", "2014", today) == Duration(0, "year", False)


def test_the_cost_of_one_inhabitant_is_in_the_budgets_currency() -> None:
    money = {"budget_amount": Decimal(10), "budget_currency": "EUR"}
    assert shown("per_head", "en", 3, **money) == ["€3.33"]
    assert shown("per_head", "fr", 3, **money) == [f"3,33{NBSP}€"]
    assert shown("per_head", "en", None, **money) == shown("per_head", "en", 0, **money) == []
    assert shown("per_head", "en", 3) == []
    about = About(Facts(**money), 3, "", date(2026, 3, 1))
    assert rows.cost_per_head(about, "en") == Decimal("3.33")


def test_a_currency_stands_beside_an_amount_alone() -> None:
    def said(**facts: Any) -> str | None:
        return rows.currency(About(Facts(**facts), None, "", date(2026, 3, 1)), "en")

    assert said(budget_amount=Decimal(0), budget_currency="EUR") == "EUR"
    assert said(budget_currency="EUR") is None


@pytest.mark.parametrize(
    ("role", "mailbox", "expected"),
    [
        ("Eau", "a@b.example",
         Shown(("Eau",), (("a@b.example", "mailto:a@b.example"),), lang="text")),
        ("Eau", None, Shown(("Eau",), lang="text")),
        ("", "a@b.example", Shown(links=(("a@b.example", "mailto:a@b.example"),), lang="text")),
        ("", None, Shown(lang="text")),
    ],
)  # fmt: skip
def test_whom_to_ask_is_said_with_the_mailbox(
    role: str, mailbox: str | None, expected: Shown
) -> None:
    about = About(Facts(contact_email=mailbox), None, role, date(2026, 3, 1))
    assert row_of("contact").show(about, "en") == expected


def test_a_row_is_an_example_when_a_figure_in_it_is() -> None:
    example = Facts(illustrative=("budget_amount",))
    assert {name for name in ("budget", "per_head", "staff", "time")
            if row_of(name).illustrative(example)} == {"budget", "per_head"}  # fmt: skip


def test_lists_are_filtered_by_status_and_the_year_of_the_beginning() -> None:
    assert filtered(Facts(status="idea", start="2014-09")) == {"status": "idea", "year": 2014}
    assert filtered(Facts()) == {"status": None, "year": None}


def test_completeness_counts_what_is_asked_and_the_legal_basis() -> None:
    counting = [name for name, fact in declared.FACTS.items() if fact.counts]
    assert completeness(Facts()) == 0
    assert completeness(EVERY, "Loi") == 1
    assert completeness(EVERY) == completeness(EVERY.but(status=None), "Loi")
    assert completeness(Facts(status="idea")) == pytest.approx(1 / (len(counting) + 1))
    assert completeness(Facts(licence="MIT", illustrative=("staff",))) == 0


def test_facts_are_known_by_name_and_say_what_they_are() -> None:
    facts = Facts(sdgs=(), staff=Decimal(0), status="", licence="MIT")
    assert [fact.name for fact, _value in facts.known()] == ["staff", "licence"]
    assert (facts.get("sdgs"), facts.get("status"), facts.get("staff")) == ((), None, Decimal(0))
    assert repr(facts) == "Facts(staff=Decimal('0'), licence='MIT')"
    assert facts.but(staff=None, status="idea") == Facts(licence="MIT", status="idea")
    assert facts != Facts() and facts != "facts"
    assert not hasattr(facts, "_other")
