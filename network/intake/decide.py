"""Decides what a reading changes in our copy: pure, so that each case of the protocol is a test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from network.log.entry import digest, state_line

LONGEST_ID = 1000
"""Characters of an id that we keep; ours have about a hundred."""

Kind = Literal["live", "deleted"]


@dataclass(frozen=True, slots=True)
class Held:
    """What we hold, or would hold, of one entry.

    updated: RFC 3339 text as it came; of a tombstone its `when`. hash: SHA-256 of the exclusive
    C14N of a live entry, empty for a tombstone. readable: whether we could make sense of it; of
    what we could not, updated is whatever text came, and hash perhaps empty.
    """

    kind: Kind
    updated: str
    hash: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry or tombstone of a document. study_key: the study it says it belongs to; None for a
    row that nobody can read and whose id is no node's, so that it touches nobody's study.

    slot: where its content was put aside, None when it is what we hold already.
    """

    entry_id: str
    study_key: str | None
    held: Held
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a member's documents change.

    new, changed: live entries to write, entry_id → slot, in the log's order. deleted: tombstones
    that we did not hold, entry_id → slot. unread: what cannot be read, in so far as that is
    new, entry_id → slot. forgotten: ids that a full replay no longer has at all.
    refused: ids that this member may not speak for. returned: withdrawn ids that are live again
    with an older date. result: all that we hold once this is applied.
    """

    new: Mapping[str, int]
    changed: Mapping[str, int]
    deleted: Mapping[str, int]
    unread: Mapping[str, int]
    forgotten: tuple[str, ...]
    same: int
    refused: tuple[str, ...]
    returned: tuple[str, ...]
    result: Mapping[str, Held] = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether our copy is already what the log says."""
        return not (self.new or self.changed or self.deleted or self.unread or self.forgotten)

    @property
    def held_back(self) -> int:
        """How many rows of the log nobody here can read once this is applied."""
        return sum(not held.readable for held in self.result.values())

    def proof(self) -> tuple[int, str]:
        """(count, digest) of the live entries that we hold once this is applied (protocol.md)."""
        live = [(entry_id, held) for entry_id, held in self.result.items() if held.kind == "live"]
        lines = [state_line(entry_id, h.updated, h.hash) for entry_id, h in live if h.hash]
        return len(live), digest(sorted(lines))

    def adds_up_to(self, count: int) -> bool:
        """Whether there are as many live entries as announced, of some of which we cannot know how
        the digest counts them (no sound id, date or canonical form). Nothing withdrawn comes back
        on that alone.
        """
        live = [held for held in self.result.values() if held.kind == "live"]
        return not all(held.hash for held in live) and len(live) == count and not self.returned


def parts(plan: Plan, most: int) -> Iterator[Plan]:
    """The plan in parts of at most so many entries to write, for a transaction each; at least one.

    What takes entries away comes first, as in the whole, so that their addresses are free.
    """
    entries = [*plan.new.items(), *plan.changed.items()]
    rest = replace(plan, deleted={}, unread={}, forgotten=())
    for start in range(0, max(len(entries), 1), most):
        part = dict(entries[start : start + most])
        new = {entry_id: slot for entry_id, slot in part.items() if entry_id in plan.new}
        changed = {entry_id: slot for entry_id, slot in part.items() if entry_id in plan.changed}
        yield replace(rest if start else plan, new=new, changed=changed)


def speaks_for(origins: Iterable[str], entry: Entry) -> bool:
    """Whether a member registered with these origins may publish or withdraw the entry (I7).

    An origin is scheme, host and port without a closing slash, as nodes write it in their ids.
    """
    if len(entry.entry_id) > LONGEST_ID:
        return False
    key = entry.study_key
    return key is None or any(
        entry.entry_id.startswith(f"{origin}/") and key.startswith(f"{origin}/")
        for origin in origins
    )


def decide(
    held: Mapping[str, Held],
    documents: Iterable[Sequence[Entry]],
    origins: Sequence[str],
    full: bool = False,
) -> Plan:
    """What the documents, oldest first and each with its oldest entry first, change in `held`.

    The log's order decides, not dates. One date counts: outside of a full replay a live entry that
    is older than the tombstone we hold is passed over (I6), for it can only come from a stale copy
    of a page; were it the log's own word, the digest would differ and a full replay settle it.
    full: the documents are the whole log, so what they do not have is gone.
    """
    result: dict[str, Held] = {} if full else dict(held)
    slots: dict[str, int | None] = {}
    refused: dict[str, None] = {}
    for document in documents:
        for entry in document:
            if not speaks_for(origins, entry):
                refused[entry.entry_id] = None
            elif full or not _comes_back(held.get(entry.entry_id), entry.held):
                slots.pop(entry.entry_id, None)  # so that the plan follows the log's order
                slots[entry.entry_id] = entry.slot
                result[entry.entry_id] = entry.held
    return _plan(held, result, slots, tuple(refused))


def _comes_back(held: Held | None, found: Held) -> bool:
    """Whether a withdrawn entry would be live again with an older date."""
    if held is None or held.kind != "deleted" or found.kind != "live":
        return False
    if not (held.readable and found.readable):  # no dates to compare
        return False
    return moment(found.updated) < moment(held.updated)


def _plan(
    held: Mapping[str, Held],
    result: Mapping[str, Held],
    slots: Mapping[str, int | None],
    refused: tuple[str, ...],
) -> Plan:
    new: dict[str, int] = {}
    changed: dict[str, int] = {}
    deleted: dict[str, int] = {}
    unread: dict[str, int] = {}
    same = 0
    for entry_id, slot in slots.items():
        before, after = held.get(entry_id), result[entry_id]
        if before == after:
            same += 1
            continue
        if slot is None:
            raise ValueError(f"the content of {entry_id} was not put aside")
        if not after.readable:
            unread[entry_id] = slot
        elif after.kind == "deleted":
            deleted[entry_id] = slot
        elif before is None:
            new[entry_id] = slot
        else:
            changed[entry_id] = slot
    return Plan(
        new=new,
        changed=changed,
        deleted=deleted,
        unread=unread,
        forgotten=tuple(entry_id for entry_id in held if entry_id not in result),
        same=same,
        refused=refused,
        returned=tuple(i for i in slots if _comes_back(held.get(i), result[i])),
        result=result,
    )


def moment(text: str) -> datetime:
    """The moment that an RFC 3339 text names; one without a zone is taken for UTC.

    Raises ValueError for anything else; the parser has refused that before.
    """
    found = datetime.fromisoformat(text.strip().upper())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ForeignPlan:
    """What a foreign feed changes, as identities. What vanished from it is not a deletion."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: int


def decide_foreign(held: Mapping[str, str], found: Mapping[str, str]) -> ForeignPlan:
    """Compare the hashes that we hold with those of the sanitised items, both by identity."""
    return ForeignPlan(
        new=tuple(key for key in found if key not in held),
        changed=tuple(key for key in found if key in held and held[key] != found[key]),
        same=sum(1 for key, value in found.items() if held.get(key) == value),
    )


def dated(
    published: datetime | None, updated: datetime | None, known: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """(published, updated) of a foreign item, never in the future.

    known: when we first said that it was published, kept for an item that has no date of its own
    or one that has not come yet.
    """
    first = published or updated
    if first is None or first > now:
        first = known or now
    return first, max(first, min(updated or first, now))
