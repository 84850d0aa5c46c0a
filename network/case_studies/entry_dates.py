"""Which dates the entries of a publication get: when each version appeared, and when it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from network.case_studies import versions
from network.case_studies.models import CaseStudy
from network.log.entry import rfc3339
from network.log.service import Logged
from network.log.tidy import whole_second


@dataclass(frozen=True, slots=True)
class EntryDates:
    """The dates of one publication.

    logged: the log's rows, by entry id. began: when versions that readers see first appeared.
    taken: dates that entries nearby in the log have. given: by entry id, the dates that this
    publication gives.
    """

    now: datetime
    logged: Mapping[str, Logged]
    began: Mapping[str, datetime]
    taken: set[str]
    given: dict[str, datetime] = field(default_factory=dict)

    def of(self, study: CaseStudy, entry_id: str) -> versions.Dates:
        """A version's dates, while nothing else is known to have changed in it.

        It appears with the study, but for a language that joins a published one now; what appeared
        while our clock was ahead appeared now at the latest. It changed when the entry says so that
        is live in the log; else this is a change.
        """
        joined = self.now if study.state == "published" else study.first_published or self.now
        began = whole_second(min(self.began.get(entry_id, joined), self.now))
        row = self.logged.get(entry_id)
        is_there = row and row.kind == "live"
        updated = moment(row) if row and is_there else self.next(entry_id, began)
        return versions.Dates(began, updated)

    def next(self, entry_id: str, began: datetime) -> datetime:
        """A date for a change to the entry; one that the log never had is as old as it says, so
        that what is imported does not look as if it had changed today."""
        if entry_id not in self.given:
            row = self.logged.get(entry_id)
            moment_, last = (self.now, moment(row)) if row else (began, None)
            self.given[entry_id] = versions.after(moment_, last, self.taken)
            self.taken.add(rfc3339(self.given[entry_id]))
        return self.given[entry_id]


def moment(row: Logged) -> datetime:
    """The date of a row of the log."""
    return datetime.fromisoformat(row.updated)
