"""The real code, broken on purpose, so that the simulation can show that it would notice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import delete
from sqlalchemy.orm import Session

from network.case_studies import release
from network.catalogue import store as catalogue
from network.intake import decide, look, member, store, walk
from network.jobs import service as jobs
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.http import addresses
from network.log import service as log
from network.log import tidy
from network.log.entry import State
from network.log.items import Proved
from network.moderation import told_cities
from network.web.machines import log as web_log
from network.worker import loop
from tests.simulation.judge import Broken, killed

Mutant = Callable[[], AbstractContextManager[Any]]


@contextmanager
def patched(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """All of these at once."""
    with ExitStack() as stack:
        for where, name, what in changes:
            stack.enter_context(patch.object(where, name, what))
        yield


def head_is_not_read_again() -> AbstractContextManager[Any]:
    """A walk through archives believes the head that it began with."""
    return patched((walk._Walker, "_stood_still", lambda _self, state, _chain: state))


def complete_without_proof() -> AbstractContextManager[Any]:
    """Whatever was read is taken for all that there is."""
    walked = walk._Walker.walk

    def walk_(self: Any, head: Any, full: bool) -> tuple[State, Any]:
        state, plan = walked(self, head, full)
        count, digest = plan.proof()
        return replace(state, count=count, digest=digest), plan

    return patched((walk._Walker, "walk", walk_))


def foreign_ids_are_accepted() -> AbstractContextManager[Any]:
    """Anybody may speak for any id."""
    return patched((decide, "speaks_for", lambda _origins, _entry: True))


def tombstones_are_forgotten() -> AbstractContextManager[Any]:
    """What was withdrawn leaves no trace in the copy, so nothing stops an old page."""

    def comes_back(_held: Any, _found: Any) -> bool:
        return False

    return patched((decide, "_comes_back", comes_back))


def doubt_is_unknown() -> AbstractContextManager[Any]:
    """A log that went back is believed at once, and no head is asked for past the caches."""
    reader = member.Reader.__call__

    def cached(self: Any, url: str, *, fresh: bool = False) -> Any:
        return reader(self, url, fresh=False)

    return patched(
        (walk.Known, "knows", lambda _self, _state: False), (member.Reader, "__call__", cached)
    )


def withdrawals_are_not_applied() -> AbstractContextManager[Any]:
    """A tombstone is kept, and the page with it."""
    return patched((store._Writer, "forget", lambda _self, _ids: None))


def cursor_is_committed_apart() -> AbstractContextManager[Any]:
    """The rows are committed before the cursor, and before the jobs that they cause."""
    apply = store.apply_member

    def apart(session: Session, *arguments: Any) -> tuple[list[str], int]:
        changed = apply(session, *arguments)
        session.commit()
        return changed

    return patched((store, "apply_member", apart))


def jobs_are_added_afterwards() -> AbstractContextManager[Any]:
    """Publication commits the rows, and then adds the index's job."""
    add, add_all, add_many = jobs.add, jobs.add_all, jobs.add_many

    def later(session: Session, *arguments: Any, **payload: Any) -> None:
        session.commit()
        add(session, *arguments, **payload)

    def all_later(session: Session, *arguments: Any) -> None:
        session.commit()
        add_all(session, *arguments)

    def many_later(session: Session, *arguments: Any) -> None:
        session.commit()
        add_many(session, *arguments)

    return patched(
        (jobs, "add", later), (jobs, "add_all", all_later), (jobs, "add_many", many_later)
    )


def entry_is_logged_before_its_page() -> AbstractContextManager[Any]:
    """The log is committed in a transaction of its own, and readers get to see the rest later."""
    log_it, show = log.Writer.write, catalogue.write
    waiting: list[Callable[[], None]] = []

    def later(*arguments: Any, **named: Any) -> None:
        waiting.append(partial(show, *arguments, **named))

    def first(writer: log.Writer, rows: Iterable[Proved]) -> list[int | None]:
        numbers = log_it(writer, rows)
        writer._session.commit()
        while waiting:
            waiting.pop()()
        return numbers

    cautious = SimpleNamespace(**{**vars(catalogue), "write": later})
    return patched((release, "store", cautious), (log.Writer, "write", first))


def etag_is_the_position() -> AbstractContextManager[Any]:
    """A 304 means the same epoch and seq, whatever a restored log has there."""
    return patched((web_log.log, "mark", log.position))


def blocking_hides_nothing() -> AbstractContextManager[Any]:
    """What is blocked is looked at no more, and stays on the pages."""
    keys = catalogue.keys_of_source
    return patched((catalogue, "show_source", lambda session, id_, _shown: keys(session, id_)))


def any_address_is_public() -> AbstractContextManager[Any]:
    """The guard lets everything pass."""
    return patched((addresses, "is_public", lambda _address: True))


def html_is_believed() -> AbstractContextManager[Any]:
    """What peers send is stored as it is."""
    return patched((tidy, "sanitise_html", lambda html, _base=None: html))


def network_is_asked_within_a_transaction() -> AbstractContextManager[Any]:
    """What is held is read anew before each document, and its transaction stays open."""
    reader = member.Reader.__call__

    def careless(self: Any, url: str, *, fresh: bool = False) -> Any:
        store.held(self._look.session, self._look.found.id)
        return reader(self, url, fresh=fresh)

    return patched((member.Reader, "__call__", careless))


def index_job_is_finished_first() -> AbstractContextManager[Any]:
    """A job is forgotten before it is done."""
    index = loop.search.index_studies

    def first(session: Session, engine: Any, keys: Iterable[str]) -> None:
        keys = list(keys)
        with writing(session):
            session.execute(delete(Job).where(Job.kind == "index", Job.key.in_(keys)))
        index(session, engine, keys)

    return patched((loop.search, "index_studies", first))


def what_nobody_can_read_is_complete() -> AbstractContextManager[Any]:
    """A log is said to be here as a whole although something of it is held back."""
    proved = look.proved

    def whole(*arguments: Any, whole: bool) -> dict[str, Any]:
        return proved(*arguments, whole=True)

    return patched((look, "proved", whole), (member, "proved", whole))


def cities_are_not_heard_of() -> AbstractContextManager[Any]:
    """What a city's own site says of it changes nothing here."""
    return patched((told_cities.hearing, "describe", lambda _city, _value, _now: False))


MUTANTS: Mapping[str, Mutant] = {
    each.__name__: each
    for each in (
        head_is_not_read_again,
        complete_without_proof,
        foreign_ids_are_accepted,
        tombstones_are_forgotten,
        doubt_is_unknown,
        withdrawals_are_not_applied,
        cursor_is_committed_apart,
        jobs_are_added_afterwards,
        entry_is_logged_before_its_page,
        etag_is_the_position,
        blocking_hides_nothing,
        any_address_is_public,
        html_is_believed,
        network_is_asked_within_a_transaction,
        index_job_is_finished_first,
        what_nobody_can_read_is_complete,
        cities_are_not_heard_of,
    )
}

SCENES: Mapping[str, Callable[[], Broken | None]] = {
    "cursor_is_committed_apart": partial(killed, "poll", range(50, 90)),
    "jobs_are_added_afterwards": partial(killed, "poll", range(50, 90)),
    "index_job_is_finished_first": partial(killed, "index", range(8, 40)),
}
"""What shows some mutants, from about where they show; few seeds do that by chance."""
WITHIN = 60
"""Seeds in which every other mutant is to be noticed."""
FIRST = {
    "head_is_not_read_again": 3,
    "foreign_ids_are_accepted": 1,
    "tombstones_are_forgotten": 8,
    "doubt_is_unknown": 8,
    "withdrawals_are_not_applied": 3,
    "entry_is_logged_before_its_page": 30,
    "etag_is_the_position": 3,
    "blocking_hides_nothing": 19,
    "any_address_is_public": 6,
}
"""A seed that is known to notice, to begin with; any other will do."""


def seeds(name: str) -> list[int]:
    """Where to look for a seed that notices a mutant."""
    return [*([FIRST[name]] if name in FIRST else []), *range(WITHIN)]
