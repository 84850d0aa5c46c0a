"""Figures and dates as people type them: understood in the language of the form, or asked about."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.facts import typed_dates, typed_figures
from network.facts.declared import FACTS
from network.facts.typed_figures import Unclear
from tests import strategies

LANGS = ("fr", "en")
UNITS = {name: FACTS[name].kind.units for name in ("people_reached", "staff")}
langs = st.sampled_from([*LANGS, None])
numbers = st.decimals(-(10**6), 10**15, places=4, allow_nan=False) | st.integers(0, 10**6)


def readings(unclear: Unclear) -> str:
    return str(unclear.arguments["readings"])


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("typed", "value", "currency"),
    [
        ("10 000 000 €", "10000000", "EUR"), ("40 000", "40000", None), ("2,5", "2.5", None),
        ("0,125", "0.125", None), ("0.125", "0.125", None), ("250 000 euros", "250000", "EUR"),
        ("1,5 M€", "1500000", "EUR"), ("250 k€", "250000", "EUR"), ("250 K€", "250000", "EUR"),
        ("2 milliards", "2000000000", None), ("2,5 Md€", "2500000000", "EUR"),
        ("3 millions d’euros", "3000000", "EUR"), ("3 MEUR", "3000000", "EUR"),
        ("€10m", "10000000", "EUR"), ("£2.5 million", "2500000", "GBP"),
        ("€1.5bn", "1500000000", "EUR"), ("US$ 3 million", "3000000", "USD"),
        ("CHF 1'000.–", "1000", "CHF"), ("1’000 CHF", "1000", "CHF"),
        ("1'000'000.5", "1000000.5", None),
        ("10\u202f000\u00a0€", "10000", "EUR"), ("10\u2009000", "10000", None),
        ("1,00,000", "100000", None), ("₹12,34,567", "1234567", "INR"), ("5 lakh", "500000", None),
        ("500\u202f000,50", "500000.50", None), ("1,234,567.8", "1234567.8", None),
        ("1.234.567,8", "1234567.8", None), ("1,234.5", "1234.5", None),
        ("1.234,5", "1234.5", None),
        ("12.5", "12.5", None), ("1234,567", "1234.567", None), ("-3", "-3", None),
        ("\u22123", "-3", None), ("+3", "3", None), ("-€5", "-5", "EUR"), ("€ -5", "-5", "EUR"),
        ("1_000", "1000", None), (" 7 ", "7", None), ("0", "0", None), ("007", "7", None),
        ("env. 40 000 €", "40000", "EUR"), ("about 3 million", "3000000", None),
        ("40 000 environ", "40000", None), ("20 000 dollars canadiens", "20000", "CAD"),
        ("20,5 million Swiss francs", "20500000", "CHF"), ("1 000 livres sterling", "1000", "GBP"),
        ("2 000 000 SEK", "2000000", "SEK"), ("10 000 mad", "10000", "MAD"),
        ("250 000 ₽", "250000", "RUB"), ("₺5 000", "5000", "TRY"), ("₦5m", "5000000", "NGN"),
        ("CA$ 3.5 million", "3500000", "CAD"), ("500 円", "500", "JPY"),
        ("5 Mio. EUR", "5000000", "EUR"), ("2,5 Mrd. €", "2500000000", "EUR"),
    ],
)  # fmt: skip
def test_an_amount_is_understood(lang: str, typed: str, value: str, currency: str | None) -> None:
    assert typed_figures.amount(typed, lang, None) == (Decimal(value), currency)


@pytest.mark.parametrize(
    ("typed", "french", "english"),
    [
        ("1.000", "1 or 1,000 (1 thousand)", None),
        ("12.500", "12.5 or 12,500 (12.5 thousand)", None),
        ("1.234", "1.2340 or 1,234 (1.234 thousand)", None),
        ("12,500", "12.5 or 12,500 (12.5 thousand)", "12500"),
        ("1,500 M€", "1,500,000 (1.5 million) or 1,500,000,000 (1.5 billion)", "1500000000"),
        ("10 m€", "10,000 (10 thousand) or 10,000,000 (10 million)", "10000000"),
        ("2 billions €", "2,000,000,000 (2 billion) or 2,000,000,000,000 (2 trillion)",
         "2000000000"),
        ("-1.000", "-1,000 (-1 thousand) or -1", None),
    ],
)  # fmt: skip
def test_what_has_two_meanings_is_asked_about(typed: str, french: str, english: str | None) -> None:
    for lang in ("fr", None):
        with pytest.raises(Unclear) as asked:
            typed_figures.amount(typed, lang, None)
        assert readings(asked.value) == french
    if english:
        assert typed_figures.amount(typed, "en", None)[0] == Decimal(english)
    else:
        with pytest.raises(Unclear) as asked:
            typed_figures.amount(typed, "en", None)
        assert readings(asked.value) == french


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("40 000 habitants", "people_reached", "40000"), ("~300", "people_reached", "300"),
        ("env. 40 000 personnes", "people_reached", "40000"),
        ("5k people", "people_reached", "5000"), ("52 000 hab.", "people_reached", "52000"),
        ("2 millions d’habitants", "people_reached", "2000000"), ("2,5 ETP", "staff", "2.5"),
        ("12 full-time posts", "staff", "12"), ("3 équivalents temps plein", "staff", "3"),
    ],
)  # fmt: skip
def test_a_figure_may_say_what_its_field_counts(
    lang: str, typed: str, field: str, value: str
) -> None:
    assert typed_figures.figure(typed, lang, UNITS[field]) == Decimal(value)


@pytest.mark.parametrize("lang", [*LANGS, None])
@pytest.mark.parametrize(
    "typed",
    ["douze", "1e9", "NaN", "1 00", "1,2,3", "--1", "1.", ".5", "٣", "9" * 31, "5 %", "10-20",
     "10 à 20", "plus de 40 000", "0 125", "01,5", "1.00.000", "10 000 € HT", "100 m²", "€", "",
     "40 000 €uros et plus", "1.5.2020", "5 000 000 000 ménages", "1 000,000,000",
     "XXX 5", "5 XTS"],
)  # fmt: skip
def test_what_is_no_figure_is_refused(typed: str, lang: str | None) -> None:
    for field in ("people_reached", "staff"):
        with pytest.raises(ValueError, match="expected"):
            typed_figures.figure(typed, lang, UNITS[field])
    with pytest.raises(ValueError, match="expected"):
        typed_figures.amount(typed, lang, None)


@pytest.mark.parametrize(
    "typed", ["10 000 €/an", "10 000 € par an", "€5m per year", "5 € par habitant", "5k€ annuels"]
)
def test_a_rate_is_never_taken_for_the_whole(typed: str) -> None:
    with pytest.raises(Unclear) as asked:
        typed_figures.amount(typed, "fr", None)
    assert asked.value.message == typed_figures.RATE


def test_three_decimals_are_shown_so_that_they_are_no_thousands() -> None:
    assert typed_figures.written(Decimal("0.125"), "fr") == "0,125"
    assert typed_figures.written(Decimal("1.234"), "en") == "1.2340"
    assert typed_figures.written(Decimal("1234.567"), "en") == "1,234.567"


@given(numbers, langs)
def test_a_number_written_in_a_language_is_read_the_same_in_it(
    number: Decimal | int, lang: str | None
) -> None:
    text = typed_figures.written(number, lang)
    for reader in (lang,) if lang else (None, *LANGS):
        assert typed_figures.figure(text, reader, UNITS["staff"]) == Decimal(number)


@given(st.text(alphabet="0123456789 .,'-+€$kKMmd\u202f\u00a0envhabit/", max_size=25), langs)
def test_a_language_only_ever_chooses_among_what_is_asked_without_one(
    text: str, lang: str | None
) -> None:
    with suppress(ValueError):
        value = typed_figures.amount(text, lang, None)
        try:
            assert typed_figures.amount(text, None, None) == value
        except Unclear as unclear:
            assert str(typed_figures.reading(value[0])) in readings(unclear)  # noqa: PT017


@pytest.mark.parametrize("lang", [*LANGS, None])
@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("2014", "2014"), ("2020-09", "2020-09"), ("2020/9", "2020-09"), ("09/2020", "2020-09"),
        ("9.2020", "2020-09"), ("septembre 2020", "2020-09"), ("sept. 2020", "2020-09"),
        ("Sep 2020", "2020-09"), ("AOÛT 2019", "2019-08"), ("aout 2019", "2019-08"),
        ("févr. 2014", "2014-02"), ("May 2020", "2020-05"), ("2020 mai", "2020-05"),
        ("1er mars 2021", "2021-03-01"), ("1ᵉʳ\u00a0mars 2021", "2021-03-01"),
        ("le 1er mars 2021", "2021-03-01"), ("1 March 2021", "2021-03-01"),
        ("March 1, 2021", "2021-03-01"), ("Dec. 24th, 2020", "2020-12-24"),
        ("1st of March 2021", "2021-03-01"), ("1-mars-2021", "2021-03-01"),
        ("25/03/2021", "2021-03-25"), ("03/25/2021", "2021-03-25"), ("5.5.2021", "2021-05-05"),
        ("2014-09-23", "2014-09-23"), ("2014/9/3", "2014-09-03"),
    ],
)  # fmt: skip
def test_a_date_is_understood(lang: str | None, typed: str, date: str) -> None:
    assert typed_dates.read(typed, lang) == date


@pytest.mark.parametrize("typed", ["01/03/2021", "1.3.2021", "01-03-2021", "1 / 3 / 2021"])
def test_the_day_stands_first_in_french_and_is_asked_about_in_english(typed: str) -> None:
    assert typed_dates.read(typed, "fr") == "2021-03-01"
    for lang in ("en", None):
        with pytest.raises(Unclear) as asked:
            typed_dates.read(typed, lang)
        assert readings(asked.value) == "1 March 2021 or 3 January 2021"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("printemps 2020", "April 2020"), ("été 2020", "July 2020"),
        ("Autumn 2020", "October 2020"),
        ("l’hiver 2020", "December 2020"), ("T1 2020", "January 2020"), ("Q3 2020", "July 2020"),
        ("2020-Q2", "April 2020"), ("1er trimestre 2020", "January 2020"),
        ("2e semestre 2020", "July 2020"), ("début 2020", "January 2020"), ("mi-2020", "June 2020"),
        ("fin de l’année 2020", "December 2020"), ("late 2020", "December 2020"),
    ],
)  # fmt: skip
def test_a_part_of_a_year_is_asked_about(lang: str, typed: str, month: str) -> None:
    with pytest.raises(Unclear) as asked:
        typed_dates.read(typed, lang)
    assert asked.value.message == typed_dates.PART
    assert str(asked.value.arguments["month"]) == month


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "typed",
    ["hier", "30/02/2021", "2021-13", "2021-00", "2021-02-30", "0000", "23/09/14", "2020-2021",
     "2020-21", "13/13/2021", "février 30 2020", "depuis 2014", "٣/2020", "12", "", "mars",
     "x" * 99],
)  # fmt: skip
def test_what_is_no_date_is_refused(lang: str, typed: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day|year|format") as refused:
        typed_dates.read(typed, lang)
    assert not isinstance(refused.value, Unclear)


@given(strategies.partial_dates, st.sampled_from(LANGS))
def test_a_date_written_in_a_language_is_read_the_same_in_it(date: str, lang: str) -> None:
    assert typed_dates.read(typed_dates.written(date, lang), lang) == date
    assert typed_dates.read(date, lang) == date


@given(st.text(alphabet="0123456789 ./-,'marsepté\u202f", max_size=20), st.sampled_from(LANGS))
def test_any_text_is_a_date_or_is_refused_and_stays_as_typed(text: str, lang: str) -> None:
    with suppress(ValueError):
        assert typed_dates.read(typed_dates.read(text, lang), lang) == typed_dates.read(text, lang)
    assert typed_dates.written("last year", lang) == "last year"
