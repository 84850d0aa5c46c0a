"""A query tells what it says of the size of cities from what it is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.cities.sizes import BANDS, SIZES
from network.lib.i18n import number
from network.search.city_sizes import recognise, words

UP_TO = {"20k": 1, "100k": 2, "500k": 3, "1m": 4, "5m": 5}
"""How many bands are below a bound."""


def below(bound: str) -> tuple[str, ...]:
    return SIZES[: UP_TO[bound]]


def above(bound: str) -> tuple[str, ...]:
    return SIZES[UP_TO[bound] :]


def between(least: str, most: str) -> tuple[str, ...]:
    return SIZES[UP_TO[least] : UP_TO[most]]


SAID = {
    "city under 300,000 inhabitants": below("500k"),
    "ville de moins de 300 000 habitants": below("500k"),
    "ville de moins de 300\u202f000\u00a0habitants": below("500k"),
    "VILLE DE MOINS DE 300.000 HAB.": below("500k"),
    "cities with fewer than 300'000 residents": below("500k"),
    "cities with fewer than 20.000 inhabitants": below("20k"),
    "local government under 10,000 residents": below("20k"),
    "villes de moins d’un demi-million d’habitants": below("500k"),
    "moins d'1 M d'habitants": below("1m"),
    "cities of up to 100k": below("100k"),
    "population < 50k": below("100k"),
    "100 000 habitants au maximum": below("100k"),
    "20,000 inhabitants or fewer": below("20k"),
    "plus d'un million d'habitants": above("1m"),
    "plus d’1,5 million d’habitants": above("1m"),
    "a city with more than 5 million": above("5m"),
    "100k+ inhabitants": above("100k"),
    "villes de 100 000 habitants et plus": above("100k"),
    "au moins cinq cent mille habitants": above("500k"),
    "≥ 500 000 hab": above("500k"),
    "between 100 000 and 500 000 inhabitants": between("100k", "500k"),
    "entre 100\u00a0000 et 500\u00a0000 habitants": between("100k", "500k"),
    "cities between 1 and 5 million": between("1m", "5m"),
    "de 20 à 50 000 habitants": between("20k", "100k"),
    "50-100k inhabitants": between("20k", "100k"),
    "cities 100k–500k": between("100k", "500k"),
    "villes de 1 à 5 millions d’habitants": between("1m", "5m"),
    "cities of 50k people": between("20k", "100k"),
    "300 000 habitants": between("100k", "500k"),
    "300,000-inhabitant city": between("100k", "500k"),
    "two million people city": between("1m", "5m"),
    "city of about 100 000 inhabitants": between("20k", "500k"),
    "un million d’habitants": between("500k", "5m"),
    "village de 500 habitants": below("20k"),
    "ville de 300 000": between("100k", "500k"),
    "cities with a population of 2 million": between("1m", "5m"),
    "small towns": below("100k"),
    "petites communes": below("100k"),
    "villes moyennes": between("20k", "500k"),
    "communes de taille intermédiaire": between("20k", "500k"),
    "medium-sized cities": between("20k", "500k"),
    "mid size city": between("20k", "500k"),
    "petites et moyennes villes": below("500k"),
    "villes petites et moyennes": below("500k"),
    "medium and large cities": above("20k"),
    "very large cities": above("100k"),
    "grandes villes": above("100k"),
    "grandes métropoles": above("500k"),
    "grandes me\u0301tropoles": above("500k"),
    "megacities": above("5m"),
    "cities under 20k or over 5 million inhabitants": ("under-20k", "over-5m"),
}


@pytest.mark.parametrize(("text", "bands"), SAID.items())
def test_a_size_is_understood_and_leaves_nothing_to_search_for(
    text: str, bands: tuple[str, ...]
) -> None:
    found = recognise(text)
    assert found is not None
    assert (found.bands, found.rest) == (bands, "")
    assert words(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "city of Paris", "villes", "1 million", "budget over 1 million", "villes de 2030",
        "plus de 100 000 arbres", "cities over 300,000 trees", "plus de 100 habitants consultés",
        "100 euros par habitant", "lits pour 1000 habitants", "trees per 100,000 inhabitants",
        "50 people", "consult 3000 citizens", "10 inhabitants", "population 2030", "large-scale",
        "petites villes de demain", "small town hall", "ville petite enfance", "city big data",
        "grand Paris", "small business", "smallest", "metropole", '"small towns" budget',
        '-"small towns" budget', 'topic:"small towns"', "« petites villes »", "1/10 000 habitants",
    ],
)  # fmt: skip
def test_other_numbers_and_names_are_left_alone(text: str) -> None:
    assert recognise(text) is None
    assert words(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("jardins dans une ville de moins de 300\u202f000 habitants", "jardins"),
        ("bike lanes in cities between 1 and 5 million", "bike lanes"),
        ("small and medium-sized cities vélo", "vélo"),
        ("budget participatif, villes > 1 M", "budget participatif"),
        ("city:paris small towns", "city:paris"),
        ("-voiture small towns", "-voiture"),
        ('small towns "open data"', '"open data"'),
        ("S.N.C.F. small towns", "S.N.C.F."),
        ('small towns "ou"', '"ou"'),
        ("which small towns have participatory budgets?", "which have participatory budgets"),
        ("projets dans les petites villes", ""),
        ("quelles sont les grandes villes ?", ""),
        ("<b>x</b> small towns", "<b>x</b>"),
    ],
)  # fmt: skip
def test_the_rest_is_searched_for_unless_it_says_nothing(text: str, rest: str) -> None:
    found = recognise(text)
    assert found is not None
    assert found.rest == rest
    assert words(text) == (rest or text)


WAYS = {
    "en": ("bike lanes in cities under {} inhabitants", "cities over {} people bike lanes"),
    "fr": ("bike lanes, ville de moins de {} habitants", "villes de plus de {} hab. bike lanes"),
}  # fmt: skip


def spelt(bound: int) -> list[str]:
    """The ways in which people write a number."""
    written = [str(bound), number(bound, "en"), number(bound, "fr"), f"{bound:,}".replace(",", ".")]
    written += [f"{bound:,}".replace(",", mark) for mark in " \u00a0\u2009'’"]
    if bound % 1_000 == 0:
        written += [f"{bound // 1_000}k", f"{bound // 1_000} K"]
    if bound % 100_000 == 0 and bound >= 1_000_000:
        millions = bound / 1_000_000
        written += [
            f"{millions:g}m",
            f"{millions:g} million",
            f"{millions:g}\u00a0M".replace(".", ","),
        ]
    return written


@given(
    st.integers(1_000, 9_999_999) | st.integers(1, 99).map(lambda n: n * 100_000),
    st.sampled_from(["en", "fr"]),
    st.data(),
)
def test_however_a_number_is_written_the_bands_that_overlap_are_found(
    bound: int, lang: str, data: st.DataObject
) -> None:
    under, over = WAYS[lang]
    written = data.draw(st.sampled_from(spelt(bound)))
    less, more = recognise(under.format(written)), recognise(over.format(written))
    assert less is not None
    assert more is not None
    assert less.bands == tuple(b.slug for b in BANDS if b.least < bound)
    assert more.bands == tuple(b.slug for b in BANDS if b.most is None or b.most > bound)
    assert less.rest == more.rest == "bike lanes"


PARTS = (
    *("city", "ville", "d’", "de", "moins", "plus", "under", "over", "between", "entre", "et", "à"),
    *("small", "petites", "grandes", "1", "300 000", "1,5", "million", "mille", "k", "habitants"),
    *("people", "population", "-", "+", "/", '"', "«", "»", "city:", "İ", "\u0301", "\ud800", "ﬃ"),
)


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=40).map(" ".join))
def test_nothing_that_can_be_typed_is_too_much(text: str) -> None:
    found = recognise(text)
    if found is not None:
        assert found.bands == tuple(slug for slug in SIZES if slug in found.bands)
        assert found.bands
        assert len(found.rest) <= len(text)
    assert bool(words(text).strip()) == bool(text.strip())
