"""Releases studies to readers and followers: read model, feed log and index jobs change together.

For any number of studies at once, in the caller's transaction; `publish` says who may and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.case_studies import drafts, service, verdicts, versions
from network.case_studies.models import CaseStudy
from network.catalogue import models as catalogue
from network.catalogue import store, tombstones
from network.catalogue.values import SITE_LANGUAGES, Adoption, Version
from network.cities import site as sites
from network.cities.models import City
from network.cities.service import value_of
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.log import service as log
from network.log.entry import TopicLabels, content_hash, entry_xml, rfc3339, tombstone_xml
from network.log.models import FeedEntry
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


def vocabulary(session: Session) -> Vocabulary:
    """What the vocabularies say now."""
    cities = {city.slug: city for city in session.scalars(select(City))}
    return Vocabulary(cities, topics.labels(session))


def release(
    session: Session,
    studies: Sequence[CaseStudy],
    site: Site,
    known: Vocabulary,
    now: datetime,
) -> list[str]:
    """Publish studies without problems in the caller's transaction; gives the changed entries' ids.

    An entry whose content is what the log has keeps its date and its place in the log.
    """
    spoken = verdicts.spoken(session, [study.id for study in studies])
    taken = log.recent_dates(session)
    said = sites.read(session, site)
    task = _Release(
        session, site, said, known, now, *_before(session, site, studies), spoken, taken
    )
    built = {study.id: task.build(study) for study in studies}
    arrivals = [task.arrival(version) for each in built.values() for version in each]
    store.put_many(session, arrivals, source_id=None, received=now)
    rows = _shown(session, [arrival.version.entry_id for arrival in arrivals])
    changed: list[str] = []
    linking = {entry_id.rpartition("/")[0] for entry_id in task.logged}  # may have had links
    for study in studies:
        current = [task.settle(version, rows[version.entry_id]) for version in built[study.id]]
        linking |= {v.study_key for v in current if _has_links(v)}
        changed += [v.entry_id for v in current if task.record(v)]
        changed += task.bury_others(study, current)
        task.mark_published(study, {version.lang: version for version in current})
    keys = {entry_id.rpartition("/")[0] for entry_id in changed}
    _add_jobs(session, Kind.INDEX, keys)
    _add_jobs(session, Kind.WEBMENTION_PLAN, keys & linking)
    session.flush()
    return changed


def _has_links(version: Version) -> bool:
    links = version.inspired_by or version.facts.evidence or "href=" in version.body_html
    return bool(links)


def _add_jobs(session: Session, kind: Kind, keys: Collection[str]) -> None:
    """What a change of studies causes: a search index brought up to date, other sites told."""
    if len(keys) > 1:  # for many, asking whether each one waits already costs more than it saves
        jobs.add_many(session, kind, sorted(keys))
    for key in keys if len(keys) == 1 else ():
        jobs.add(session, kind, key)


def _before(
    session: Session, site: Site, studies: Iterable[CaseStudy]
) -> tuple[dict[str, FeedEntry], dict[str, datetime]]:
    """The log's rows of some studies, and when the versions that readers see first appeared."""
    ids = [versions.entry_id(site.base_url, s.id, lang) for s in studies for lang in SITE_LANGUAGES]
    shown = _shown(session, ids)
    return entries(session, ids), {entry_id: row.published for entry_id, row in shown.items()}


def _shown(session: Session, ids: Iterable[str]) -> dict[str, catalogue.Version]:
    found = select(catalogue.Version).where(catalogue.Version.entry_id.in_(list(ids)))
    return {row.entry_id: row for row in session.scalars(found)}


def entries(session: Session, ids: Iterable[str]) -> dict[str, FeedEntry]:
    """The log's rows, live or deleted, by entry id."""
    rows = session.scalars(select(FeedEntry).where(FeedEntry.entry_id.in_(list(ids))))
    return {row.entry_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Release:
    """One publication of some studies.

    said: what the node says of itself. logged: the log's rows of them, by entry id. began: when
    their versions first appeared. spoken: this city's verdicts, by the study's id. taken: dates
    that entries nearby in the log have. given: by entry id, the dates that this publication gives.
    """

    session: Session
    site: Site
    said: sites.Site
    known: Vocabulary
    now: datetime
    logged: Mapping[str, FeedEntry]
    began: Mapping[str, datetime]
    spoken: Mapping[str, tuple[Adoption, ...]]
    taken: set[str]
    given: dict[str, datetime] = field(default_factory=dict)

    def build(self, study: CaseStudy) -> list[Version]:
        """The study's versions, with the slugs that they ask for."""
        draft = service.draft_of(study)
        study.first_published = min(study.first_published or self.now, self.now)
        original_first = sorted(draft.texts, key=lambda lang: lang != draft.original_lang)
        dates = {lang: self.dates(study, lang) for lang in original_first}
        base_url, licence = self.site.base_url, self.site.licence
        place, spoken = self.place(draft.city), self.spoken.get(study.id, ())
        return versions.build(draft, base_url, study.id, place, dates, licence, spoken)

    def dates(self, study: CaseStudy, lang: str) -> versions.Dates:
        """A language that joins a published study appears now, any other with the study."""
        entry_id = versions.entry_id(self.site.base_url, study.id, lang)
        joined = None if study.state == "published" else study.first_published
        # What appeared while our clock was ahead appeared now at the latest.
        began = min(self.began.get(entry_id, joined or self.now), self.now)
        return versions.Dates(began, self.updated(entry_id, began))

    def updated(self, entry_id: str, began: datetime) -> datetime:
        """The date that the entry has in the log while it is live, else one for a change."""
        row = self.logged.get(entry_id)
        return _moment(row) if row and row.kind == "live" else self.next_date(entry_id, began)

    def next_date(self, entry_id: str, began: datetime) -> datetime:
        """A date for a change to the entry; one that the log never had is as old as it says, so
        that what is imported does not look as if it had changed today."""
        if entry_id not in self.given:
            row = self.logged.get(entry_id)
            moment, last = (self.now, _moment(row)) if row else (began, None)
            self.given[entry_id] = versions.after(moment, last, self.taken)
            self.taken.add(rfc3339(self.given[entry_id]))
        return self.given[entry_id]

    def place(self, city: str | None) -> versions.Place:
        """The city, and its slugs in addresses."""
        if city is None:
            return versions.Place()
        found = self.known.cities[city]
        return versions.Place(city, {lang: found.slug_in(lang) for lang in SITE_LANGUAGES})

    def arrival(self, version: Version) -> store.Arrival:
        """What the read model takes."""
        city = self.known.cities.get(version.city or "")
        return store.Arrival(version, city.country if city else None)

    def settle(self, version: Version, row: catalogue.Version) -> Version:
        """The version at the address and with the date that it has in the end, also in its row."""
        place = self.place(version.city)
        url = versions.page_url(self.site.base_url, version.lang, place, row.slug)
        settled = replace(version, slug=row.slug, url=url)
        if not self.same(settled):
            settled = replace(settled, updated=self.next_date(version.entry_id, version.published))
        row.url, row.updated = settled.url, settled.updated
        return settled

    def same(self, version: Version) -> bool:
        """Whether the log has exactly this."""
        row = self.logged.get(version.entry_id)
        return bool(row and row.kind == "live" and row.hash == content_hash(self.xml(version)))

    def xml(self, version: Version) -> bytes:
        """The version as an entry."""
        city = self.known.cities.get(version.city or "")
        return entry_xml(
            version,
            self.said.name(version.lang),
            value_of(city) if city else None,
            self.known.topics,
        )

    def record(self, version: Version) -> bool:
        """Write the version to the log; False when the log has it already."""
        updated, xml = rfc3339(version.updated), self.xml(version)
        return log.record(self.session, version.entry_id, updated, xml, version) is not None

    def bury_others(self, study: CaseStudy, current: Iterable[Version]) -> list[str]:
        """Withdraw the versions that the study no longer has; gives their ids."""
        key, kept = versions.study_key(self.site.base_url, study.id), {v.entry_id for v in current}
        gone = [
            row
            for row in self.logged.values()
            if row.kind == "live"
            and row.entry_id not in kept
            and row.entry_id.startswith(f"{key}/")
        ]
        return [bury(self.session, row.entry_id, row, self.now) for row in gone]

    def mark_published(self, study: CaseStudy, current: Mapping[str, Version]) -> None:
        """Say in the study's own rows what has become of it."""
        study.state, study.published, study.changed = "published", self.now, False
        study.withdrawn, study.withdrawal_reason = None, ""
        for text in study.texts:
            text.slug = drafts.slug_of(drafts.TextDraft(title=text.title, slug=text.slug))
            text.updated = current[text.lang].updated


def _moment(row: FeedEntry) -> datetime:
    return datetime.fromisoformat(row.updated)


def bury(
    session: Session,
    entry_id: str,
    row: FeedEntry | None,
    now: datetime,
    reason: str = "",
    lang: str | None = None,
) -> str:
    """A tombstone in the log and one for readers, in the version's place; gives its id.

    reason: in the language `lang`, if that is known.
    """
    when = versions.after(now, _moment(row) if row else None)
    tombstone = tombstone_xml(entry_id, when, reason or None, lang)
    log.withdraw(session, entry_id, rfc3339(when), tombstone)
    tombstones.bury(session, entry_id, when, reason, lang)
    return entry_id
