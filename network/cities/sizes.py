"""Bands of inhabitants by which an official recognises cities like their own."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Label, and_, case

from network.cities.models import City


class Band(NamedTuple):
    """Cities of least inhabitants and more, and of fewer than most; None is without end.

    slug: as it stands in addresses of every language.
    """

    slug: str
    least: int
    most: int | None


BANDS = (
    Band("under-20k", 0, 20_000),
    Band("20k-100k", 20_000, 100_000),
    Band("100k-500k", 100_000, 500_000),
    Band("500k-1m", 500_000, 1_000_000),
    Band("1m-5m", 1_000_000, 5_000_000),
    Band("over-5m", 5_000_000, None),
)
SIZES = tuple(band.slug for band in BANDS)
"""Every band's slug, the smallest cities first."""


def size_of(population: int | None) -> str | None:
    """The band of a city with that many inhabitants; None when nobody knows how many."""
    if population is None:
        return None
    return next(b.slug for b in BANDS if b.most is None or population < b.most)


SIZE: Label[str | None] = case(
    *((City.population < band.most, band.slug) for band in BANDS if band.most is not None),
    (City.population.is_not(None), BANDS[-1].slug),
).label("size")
"""A city's band, for questions to the database."""


def within(slug: str) -> ColumnElement[bool]:
    """The condition that a city is in a band."""
    band = BANDS[SIZES.index(slug)]
    if band.most is None:
        return City.population >= band.least
    return and_(City.population >= band.least, City.population < band.most)
