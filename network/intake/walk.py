"""Reads a member's log as the protocol says, until it can prove what it read, and changes nothing.

The head first; then archive after archive down to where our copy stands, or the whole log when its
history is not the one that we know. What was read is worth keeping only when count and digest of
the result are those that the head announces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from network.intake.decide import Entry, Held, Kind, Plan, decide
from network.lib.aside import Aside
from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.log.entry import State
from network.log.items import NODE_ID, DeletedItem, Item, LiveItem
from network.log.reading import Document
from network.log.service import PAGE


class Fetch(Protocol):
    """How the log's documents are had."""

    def __call__(self, url: str, *, fresh: bool = False) -> Document:
        """Get and parse one document. fresh: past every cache. Raises RemoteError."""


@dataclass(frozen=True, slots=True)
class Known:
    """Where our copy of a member's log stands.

    url: its head. origins: what its ids begin with. epoch, cursor: as far as our copy is proved.
    left: epochs that it had before. doubt: (epoch, seq) when the last poll saw the log go back and
    did not believe it. again: some row that could not be read can be now, so all are read.
    """

    url: str
    origins: tuple[str, ...]
    epoch: str | None = None
    cursor: int = 0
    left: tuple[str, ...] = ()
    doubt: tuple[str, int] | None = None
    again: bool = False

    def knows(self, state: State) -> bool:
        """Whether the log is in an epoch that we have read it in, at whatever place: a restore that
        nobody spoke of leaves copies of what it lost, which are further on than the log is."""
        return state.epoch in (self.epoch, *self.left)

    def continued_by(self, state: State) -> bool:
        """Whether our cursor means something in the log."""
        return state.epoch == self.epoch and state.seq >= self.cursor

    def confirmed_by(self, state: State) -> bool:
        """Whether the poll before saw the same strange thing."""
        return (
            self.doubt is not None and self.doubt[0] == state.epoch and self.doubt[1] <= state.seq
        )


MOST_UNREAD = 100
"""Rows of a log that are held back because they cannot be read, or stored; with more, it is no log
that we understand."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one reading may take: documents, entries in all of them, and rows held back."""

    pages: int = 10_000
    entries: int = 500_000
    unread: int = MOST_UNREAD


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. pages: documents read. full: it was a full replay. proved: count and digest
    are those announced; else only the count is, because of rows that cannot be read.
    """

    state: State
    plan: Plan
    full: bool
    pages: int
    proved: bool = True


class Moved(RemoteError):
    """The log changed faster than it could be read; the next poll will do."""


class Unproved(RemoteError):
    """The log's documents do not amount to what its head announces; our copy stays.

    state: what the head announced.
    """

    def __init__(self, message: str, state: State, **arguments: Any) -> None:
        super().__init__(message, **arguments)
        self.state = state


class Doubted(Unproved):
    """The log is as it was without a withdrawal: believed only when the next poll sees it too."""


def read(
    known: Known,
    head: Document,
    held: Mapping[str, Held],
    fetch: Fetch,
    aside: Aside,
    caps: Caps = Caps(),
    page: int = PAGE,
) -> Reading:
    """What changes in our copy so that it equals the log whose head we have.

    held: our copy. aside: gets the content of what changes. page: N of the protocol.
    Raises RemoteError when a document cannot be had (nothing is to be applied then), Moved,
    Unproved, Doubted.
    """
    walker = _Walker(known, held, fetch, aside, caps, page)
    if known.epoch is not None and not known.continued_by(state_of(head)):
        head = fetch(known.url, fresh=True)  # perhaps only a cache that is behind
    if known.continued_by(state_of(head)):
        state, plan = walker.walk(head, full=False)
        if plan.proof() == (state.count, state.digest):
            return Reading(state, plan, False, walker.pages)
        head = fetch(known.url, fresh=True)
    state, plan = walker.walk(head, full=True)
    proved = plan.proof() == (state.count, state.digest)
    if not proved and not plan.adds_up_to(state.count):
        raise _unproved(state, plan)
    if plan.returned and known.knows(state) and not known.confirmed_by(state):
        raise Doubted(WENT_BACK, state)
    return Reading(state, plan, True, walker.pages, proved)


WENT_BACK = N_(
    "Its log went back to an earlier state, in which withdrawn texts are public again. "
    "Our copy stays as it is until the next look confirms it."
)
UNEQUAL = N_(
    "Its entries do not add up to what it announces (entry %(seq)s of its log), "
    "even after all of them were read again. Our last complete copy stays."
)
REFUSED = N_(
    "It announces entries whose ids belong to another site, such as %(entry_id)s. "
    "Our last complete copy stays."
)
TOO_MANY_UNREAD = N_(
    "More than %(most)s entries of its log cannot be read. Our last complete copy stays."
)
TOO_FAST = N_("It changed faster than it could be read. The next look will catch up.")
TOO_LONG = N_("Its history is longer than %(entries)s entries on %(pages)s pages.")
OUTSIDE = N_("Its history continues at another site: %(url)s")
CIRCLE = N_("Its history leads in a circle at %(url)s")


NO_STATE = N_("This is not the log of a node: it does not say how far it goes.")


def state_of(head: Document) -> State:
    """What the head announces. Raises RemoteError when it announces nothing."""
    if head.state is None:
        raise RemoteError(NO_STATE)
    return head.state


def _unproved(state: State, plan: Plan) -> Unproved:
    if plan.refused:
        return Unproved(REFUSED, state, entry_id=plan.refused[0][:200])
    return Unproved(UNEQUAL, state, seq=state.seq)


class _Walker:
    """One reading's walks: the documents they fetched, counted against the caps."""

    def __init__(
        self,
        known: Known,
        held: Mapping[str, Held],
        fetch: Fetch,
        aside: Aside,
        caps: Caps,
        page: int,
    ) -> None:
        self.known, self.held, self.fetch, self.aside = known, held, fetch, aside
        self.caps, self.page = caps, page
        self.pages = self.entries = 0

    def walk(self, head: Document, full: bool) -> tuple[State, Plan]:
        """Read down to our cursor, or all; gives the state that was read, and what it changes."""
        self.pages = self.entries = 0
        chain = [self._take(head)]
        self._archives(head, chain, full)
        state = state_of(head)
        if len(chain) > 1:  # a head alone is one snapshot already
            state = self._stood_still(state, chain)
        plan = decide(self.held, reversed(chain), self.known.origins, full)
        if plan.held_back > self.caps.unread:
            raise RemoteError(TOO_MANY_UNREAD, most=self.caps.unread)
        return state, plan

    def _archives(self, head: Document, chain: list[Sequence[Entry]], full: bool) -> None:
        """Follow prev-archive while the pages hold entries above the cursor."""
        cursor = 0 if full or self.known.again else self.known.cursor
        number = _cut(state_of(head).seq, self.page) // self.page - 1
        url, seen = head.prev_archive, {self.known.url}
        while url is not None and (number + 1) * self.page > cursor:
            if _origin(url) != _origin(self.known.url):
                raise RemoteError(OUTSIDE, url=url[:200])
            if url in seen:
                raise RemoteError(CIRCLE, url=url[:200])
            seen.add(url)
            document = self.fetch(url, fresh=full)
            chain.append(self._take(document))
            url, number = document.prev_archive, number - 1

    def _stood_still(self, state: State, chain: list[Sequence[Entry]]) -> State:
        """Read the head again: what changed meanwhile is in it, unless it moved past a page."""
        again = self.fetch(self.known.url, fresh=True)
        newer = state_of(again)
        if newer.epoch != state.epoch or newer.seq < state.seq:
            raise Moved(TOO_FAST)
        if _cut(newer.seq, self.page) > state.seq:
            raise Moved(TOO_FAST)
        if newer.seq != state.seq:
            chain.insert(0, self._take(again))
        return newer

    def _take(self, document: Document) -> Sequence[Entry]:
        """A document's entries, oldest first, their content put aside if we do not hold it."""
        self.pages += 1
        self.entries += len(document.items)
        if self.pages > self.caps.pages or self.entries > self.caps.entries:
            raise RemoteError(TOO_LONG, entries=self.caps.entries, pages=self.caps.pages)
        return [self._entry(item) for item in reversed(document.items)]

    def _entry(self, item: Item) -> Entry:
        study_key: str | None = item.entry_id
        if isinstance(item, LiveItem):
            held, study_key = Held("live", item.updated, item.hash), item.version.study_key
        elif isinstance(item, DeletedItem):
            held = Held("deleted", item.updated)
        else:
            kind: Kind = "deleted" if item.is_deleted else "live"
            held = Held(kind, item.updated, item.hash, readable=False)
            study_key = item.entry_id if NODE_ID.fullmatch(item.entry_id) else None
        slot = None if self.held.get(item.entry_id) == held else self.aside.put(item)
        return Entry(item.entry_id, study_key, held, slot)


def _cut(seq: int, page: int) -> int:
    """Entries above it are in the head: the open page and the last full one."""
    return max(0, seq // page - 1) * page


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
