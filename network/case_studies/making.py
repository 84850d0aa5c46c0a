"""Makes what a publication shows: each version once, at its address, and of each the entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from network.case_studies import readable, service, versions
from network.case_studies.entry_dates import EntryDates
from network.case_studies.models import CaseStudy
from network.catalogue.values import SITE_LANGUAGES, Adoption, Version
from network.cities import site as sites
from network.cities.models import City
from network.cities.service import value_of
from network.log.entry import TopicLabels, dated, entry_of, hash_of_entry, serialised
from network.log.items import Proved
from network.topics import service as topics


class Site(Protocol):
    """What publication needs of the node's settings."""

    @property
    def base_url(self) -> str:
        """Part of every permanent id."""

    @property
    def name(self) -> str:
        """The author of entries whose study names no people, until the node says another name."""

    @property
    def city(self) -> str:
        """Slug of the node’s city, until it says another."""

    @property
    def licence(self) -> str:
        """The licence of studies that name none."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Cities and topics, read once for any number of publications."""

    cities: Mapping[str, City]
    topics: TopicLabels


_CITIES = select(City).where(City.slug.in_(bindparam("slugs", expanding=True)))


def vocabulary(session: Session, slugs: Collection[str | None] | None = None) -> Vocabulary:
    """What the vocabularies say now. slugs: the cities that are asked for, all by default."""
    query = select(City) if slugs is None else _CITIES
    found = session.scalars(query, {"slugs": list(slugs or ())})
    cities = {city.slug: city for city in found}
    return Vocabulary(cities, topics.labels(session))


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes versions and entries. said: what the node says of itself. html: of `versions.build`."""

    site: Site
    said: sites.Site
    known: Vocabulary
    html: versions.Html

    def make(
        self, study: CaseStudy, dates: versions.Dates, spoken: tuple[Adoption, ...]
    ) -> list[Version]:
        """The study's versions, with the slugs that they ask for. dates: until they have others."""
        draft = service.draft_of(study)
        each = dict.fromkeys(draft.texts, dates)
        base_url, licence = self.site.base_url, self.site.licence
        place = self.place(draft.city)
        return versions.build(draft, base_url, study.id, place, each, licence, spoken, self.html)

    def place(self, city: str | None) -> versions.Place:
        """The city, and its slugs in addresses."""
        if city is None:
            return versions.Place()
        found = self.known.cities[city]
        return versions.Place(city, {lang: found.slug_in(lang) for lang in SITE_LANGUAGES})

    def placed(self, version: Version, slug: str, dates: versions.Dates) -> Version:
        """The version at the address, and with the dates, that it has in the end."""
        place = self.place(version.city)
        url = versions.page_url(self.site.base_url, version.lang, place, slug)
        published, updated = dates.published, dates.updated
        return replace(version, slug=slug, url=url, published=published, updated=updated)

    def entry(self, version: Version, dates: EntryDates) -> tuple[Version, Proved]:
        """The version with its last date, and its row of the log, which its readers take.

        It has the date of the entry that is there, unless it says something else than that.
        Raises Unreadable.
        """
        meant, city = versions.as_it_travels(version), self.known.cities.get(version.city or "")
        place, name = value_of(city) if city else None, self.said.name(version.lang)
        entry = entry_of(meant, name, place, self.known.topics)
        row = dates.logged.get(version.entry_id)
        if row and row.kind == "live" and row.hash != hash_of_entry(entry):
            updated = dates.next(version.entry_id, version.published)
            version, meant = (replace(each, updated=updated) for each in (version, meant))
            entry = dated(entry, updated)
        return version, readable.prove(meant, serialised(entry))
