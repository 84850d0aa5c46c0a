"""How a fact's value is read, shown and bounded, kind by kind."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import date
from decimal import Decimal

import pytest

from network.facts import declared, sheet
from network.facts.links import Link
from network.facts.numbers import Number, Whole, money
from network.facts.rows import About
from network.facts.values import Facts
from tests.strategies import FACTS_DRAWN

NBSP, NNBSP = "\u00a0", "\u202f"
TODAY = date(2026, 3, 1)


def said(row: str, facts: Facts, lang: str = "en", population: int | None = None) -> str:
    """What a row of the sheet says, on every surface."""
    (found,) = [
        each for part in ("means", "people") for each in sheet.rows(part) if each.name == row
    ]
    return " ".join(found.show(About(facts, population, "", TODAY), lang).lines)


@pytest.mark.parametrize(
    ("amount", "currency", "english"),
    [
        ("2000000", "SEK", f"SEK{NBSP}2,000,000"),
        ("-2.5", "CHF", f"-CHF{NBSP}2.50"),
        ("7", "XOF", f"F{NNBSP}CFA{NBSP}7 (XOF)"),
        ("2000000", "GBP", "£2,000,000"),
        ("36.52", "EUR", "€36.52"),
        ("500000", "USD", "US$500,000"),
        ("5", "CAD", "CA$5"),
        ("5", "BRL", "R$5"),
    ],
)
def test_an_amount_says_its_currency_once(amount: str, currency: str, english: str) -> None:
    assert money(Decimal(amount), currency, "en") == english
    french = money(Decimal(amount), currency, "fr")
    assert re.fullmatch(rf"[-0-9,{NNBSP}]+{NBSP}\D+", french)


def test_french_amounts_have_their_currency_behind_them() -> None:
    assert money(Decimal(500000000), "EUR", "fr") == f"500{NNBSP}000{NNBSP}000{NBSP}€"
    assert money(Decimal(500000), "USD", "fr") == f"500{NNBSP}000{NBSP}$US"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_sign_of_several_currencies_does_not_stand_alone(lang: str) -> None:
    assert "(JPY)" in money(Decimal(5), "JPY", lang) or "JP" in money(Decimal(5), "JPY", lang)


def test_an_amount_without_its_currency_says_so() -> None:
    facts = Facts(budget_amount=Decimal(500000))
    assert said("budget", facts) == "500,000 (currency not stated)"
    assert said("budget", facts, "fr") == f"500{NNBSP}000 (devise non précisée)"
    assert said("per_head", facts, population=1000) == "500 (currency not stated)"


@pytest.mark.parametrize(
    ("start", "end", "english", "french"),
    [
        ("2014", None, "Since 2014", f"Début{NBSP}: 2014"),
        (None, "2019", "Until 2019", f"Fin{NBSP}: 2019"),
        ("2014", "2019", "2014 to 2019", "2014 – 2019"),
        (None, None, "", ""),
    ],
)
def test_a_time_of_which_half_is_known_is_shown(
    start: str | None, end: str | None, english: str, french: str
) -> None:
    facts = Facts(start=start, end=end)
    assert said("time", facts) == english
    assert said("time", facts, "fr") == french


FIGURES = {
    name: fact.kind for name, fact in declared.FACTS.items() if isinstance(fact.kind, Number)
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_that_may_be_published_travels_and_no_other(name: str) -> None:
    kind = FIGURES[name]
    for value in (0, kind.most):
        figure = value if isinstance(kind, Whole) else Decimal(value)
        assert list(kind.problems(name, figure)) == []
        assert kind.tidy(figure) == figure
    for figure in (Decimal(-1), Decimal(kind.most + 1)):
        assert list(kind.problems(name, figure))
        assert kind.tidy(figure) is None


def test_rows_stand_in_one_order() -> None:
    assert [row.name for row in sheet.rows("means")] == [
        "status", "time", "duration", "budget", "per_head", "staff", "people_reached",
    ], "a new fact: put its row here"  # fmt: skip
    people = [row.name for row in sheet.rows("people")]
    assert people == ["partners", "sdgs", "contact", "evidence"], "a new fact: put its row here"


def test_every_fact_has_a_name_of_its_own_and_is_in_the_property_tests() -> None:
    names = [fact.name for fact in declared._DECLARED]
    assert sorted(set(names)) == sorted(names)
    assert set(names) == set(FACTS_DRAWN), "give each fact a strategy in tests/strategies.py"


def test_a_link_travels_only_to_a_web_page() -> None:
    given = (Link("javascript:alert(1)", "x"), Link("https://a.example/", " A\n b "))
    assert declared.FACTS["evidence"].kind.tidy(given) == (Link("https://a.example/", "A b"),)


def test_facts_are_those_that_are_declared_and_do_not_change() -> None:
    facts = Facts(status="idea", staff=None, partners=())
    assert facts == Facts(status="idea") and hash(facts) == hash(Facts(status="idea"))
    assert (facts.staff, facts.partners, copy.deepcopy(facts)) == (None, (), facts)
    assert pickle.loads(pickle.dumps(facts)) == facts
    with pytest.raises(TypeError, match="weather"):
        Facts(weather="fair")
    with pytest.raises(AttributeError, match=r"^weather$"):
        facts.weather  # noqa: B018
    with pytest.raises(AttributeError):
        facts.status = "ended"
