"""Releases studies to readers and followers: read model, feed log and index jobs change together.

For any number of studies at once, in the caller's transaction; `publish` says who may and when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from network.case_studies import drafts, verdicts, versions, workflow
from network.case_studies.entry_dates import EntryDates, moment
from network.case_studies.making import Maker, Site, Vocabulary
from network.case_studies.models import CaseStudy
from network.catalogue import store, tombstones
from network.catalogue.values import SITE_LANGUAGES, Version
from network.cities import site as sites
from network.facts import travel
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.log import service as log
from network.log.entry import rfc3339, tombstone_xml
from network.log.items import Proved, Unreadable, prove
from network.log.service import Logged


def release(
    session: Session,
    studies: Sequence[CaseStudy],
    site: Site,
    known: Vocabulary,
    now: datetime,
    html: versions.Html = versions.html,
) -> list[str]:
    """Publish studies without problems in the caller's transaction; gives the changed entries' ids.

    An entry whose content is what the log has keeps its date and its place in the log. html: see
    `versions.build`. Raises Unreadable when others could not read an entry; nothing is written.
    """
    prepared = prepare(session, studies, site, known, now, html)
    for _version, error in prepared.unread:
        raise error
    return write(session, prepared)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a publication is going to write.

    made: the versions of each study, by its id. entries: their rows of the log, by entry id.
    unread: versions that others could not read, and why.
    """

    studies: Sequence[CaseStudy]
    site: Site
    known: Vocabulary
    now: datetime
    reserved: store.Reserved
    log: log.Writer
    made: dict[str, list[Version]] = field(default_factory=dict)
    entries: dict[str, Proved] = field(default_factory=dict)
    unread: list[tuple[Version, Unreadable]] = field(default_factory=list)

    def gone(self, study: CaseStudy) -> list[Logged]:
        """The live rows of versions that the study no longer has."""
        key = versions.study_key(self.site.base_url, study.id)
        kept = {version.entry_id for version in self.made[study.id]}
        return [
            row
            for row in self.log.rows.values()
            if row.kind == "live"
            and row.entry_id not in kept
            and row.entry_id.startswith(f"{key}/")
        ]


def prepare(
    session: Session,
    studies: Sequence[CaseStudy],
    site: Site,
    known: Vocabulary,
    now: datetime,
    html: versions.Html = versions.html,
) -> Prepared:
    """Make each version and each entry once, at addresses that are reserved before.

    From then on nobody else publishes until the caller's transaction ends.
    """
    maker = Maker(site, sites.read(session, site), known, html)
    spoken = verdicts.spoken(session, [study.id for study in studies])
    today = versions.Dates(now, now)
    built = {s.id: maker.make(s, today, spoken.get(s.id, ())) for s in studies}
    store.touch(session)
    reserved = store.reserve(session, [version for each in built.values() for version in each])
    writer = log.Writer(
        session,
        [versions.entry_id(site.base_url, s.id, lang) for s in studies for lang in SITE_LANGUAGES],
    )
    began = {entry_id: row["published"] for entry_id, row in reserved.rows.items()}
    dates = EntryDates(now, writer.rows, began, log.recent_dates(session, writer.seq))
    placed = {
        version.entry_id: maker.placed(
            version, reserved.slugs[version.entry_id], dates.of(study, version.entry_id)
        )
        for study in studies
        for version in sorted(built[study.id], key=lambda v: v.lang != study.original_lang)
    }
    prepared = Prepared(studies, site, known, now, reserved, writer)
    for study_id, each in built.items():
        prepared.made[study_id] = [placed[version.entry_id] for version in each]
        _make_entries(prepared, study_id, maker, dates)
    return prepared


def _make_entries(prepared: Prepared, study_id: str, maker: Maker, dates: EntryDates) -> None:
    """Make the entries of a study, and give each version the date that its entry has."""
    for number, version in enumerate(prepared.made[study_id]):
        try:
            last, proved = maker.entry(version, dates)
        except Unreadable as error:
            prepared.unread.append((version, error))
            continue
        prepared.made[study_id][number], prepared.entries[version.entry_id] = last, proved


def write(session: Session, prepared: Prepared) -> list[str]:
    """Show readers and followers what was prepared; gives the ids of the entries that changed."""
    made = [version for each in prepared.made.values() for version in each]
    linking = {entry_id.rpartition("/")[0] for entry_id in prepared.log.rows}  # may have had links
    linking |= {version.study_key for version in made if _has_links(version)}
    countries = {slug: city.country for slug, city in prepared.known.cities.items()}
    arrivals = [store.Arrival(version, countries.get(version.city or "")) for version in made]
    store.write(session, arrivals, prepared.reserved, source_id=None, received=prepared.now)
    rows: list[Proved] = []
    for study in prepared.studies:
        rows += [prepared.entries[version.entry_id] for version in prepared.made[study.id]]
        rows += [_tombstone(row.entry_id, row, prepared.now) for row in prepared.gone(study)]
    seqs = prepared.log.write(rows)
    changed = [row.entry_id for row, seq in zip(rows, seqs, strict=True) if seq]
    for row in rows:
        if row.kind == "deleted":
            tombstones.bury(session, row.entry_id, datetime.fromisoformat(row.updated))
    keys = sorted({entry_id.rpartition("/")[0] for entry_id in changed})
    caused = [(Kind.INDEX, key) for key in keys]  # the index brought up to date, other sites told
    jobs.add_all(session, caused + [(Kind.WEBMENTION_PLAN, key) for key in keys if key in linking])
    for study in prepared.studies:
        _mark_published(study, {v.lang: v for v in prepared.made[study.id]}, prepared.now)
    return changed


def _mark_published(study: CaseStudy, made: Mapping[str, Version], now: datetime) -> None:
    """Say in the study's own rows what has become of it."""
    study.first_published = min(study.first_published or now, now)
    study.state = workflow.next_state(study.state, workflow.publication(study.state))
    study.published, study.changed = now, False
    study.withdrawn, study.withdrawal_reason = None, ""
    for text in study.texts:
        text.slug = drafts.slug_of(drafts.TextDraft(title=text.title, slug=text.slug))
        text.updated = made[text.lang].updated


def _has_links(version: Version) -> bool:
    of_facts = any(travel.links(version.facts))
    return bool(version.inspired_by) or of_facts or "href=" in version.body_html


def bury(
    session: Session,
    entry_id: str,
    now: datetime,
    reason: str = "",
    lang: str | None = None,
) -> str:
    """A tombstone in the log and one for readers, in the version's place; gives its id.

    reason: in the language `lang`, if that is known.
    """
    writer = log.Writer(session, [entry_id])
    tombstone = _tombstone(entry_id, writer.rows.get(entry_id), now, reason, lang)
    writer.write([tombstone])
    when = datetime.fromisoformat(tombstone.updated)
    tombstones.bury(session, entry_id, when, reason, lang)
    return entry_id


def _tombstone(
    entry_id: str,
    row: Logged | None,
    now: datetime,
    reason: str = "",
    lang: str | None = None,
) -> Proved:
    when = versions.after(now, moment(row) if row else None)
    xml = tombstone_xml(entry_id, when, reason or None, lang)
    return prove(entry_id, "deleted", rfc3339(when), xml)
