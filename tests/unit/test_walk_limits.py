"""Where a walk through a log ends, on both sides of each limit, and what is said of it then."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from network.intake import walk
from network.intake.decide import Entry, Held
from network.intake.walk import Caps, Doubted, Known, Moved, Reading, Unproved, read, state_of
from network.lib.aside import Aside
from network.lib.errors import RemoteError
from network.log.entry import State
from network.log.items import LiveItem, UnreadItem
from network.log.reading import Document
from tests.unit.test_walk import HEAD, PARIS, N, Publisher, archive

STRANGE = f"{PARIS}/id/3/fr"


def a_log(rows: int) -> Publisher:
    made = Publisher(random.Random(1))
    for number in range(1, rows + 1):
        made.change(f"{PARIS}/id/{number}/fr")
    return made


class Asked:
    """A log's documents as they are asked for. meanwhile: what happens when one is read."""

    def __init__(
        self,
        publisher: Publisher,
        change: Callable[[Document], Document] = lambda document: document,
        meanwhile: Callable[[str], None] = lambda url: None,
    ) -> None:
        self.publisher, self.change, self.meanwhile = publisher, change, meanwhile
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, url: str, *, fresh: bool = False) -> Document:
        self.asked.append((url, fresh))
        document = self.change(self.publisher.get(url))
        self.meanwhile(url)
        return document


def reading(
    fetch: Asked, known: Known | None = None, held: dict[str, Held] | None = None, **limits: Any
) -> Reading:
    head = fetch.change(fetch.publisher.get(HEAD))
    with Aside() as aside:
        return read(known or Known(HEAD, (PARIS,)), head, held or {}, fetch, aside, page=N,
                    **limits)  # fmt: skip


def in_step(publisher: Publisher, **values: Any) -> tuple[Known, dict[str, Held]]:
    """Our copy, as far as the log is now."""
    return Known(HEAD, (PARIS,), publisher.epoch, publisher.seq, **values), publisher.held()


def state(epoch: str, seq: int) -> State:
    return State(epoch, seq, 0, "")


@pytest.mark.parametrize(
    ("epoch", "seq", "is_known", "is_continued"),
    [
        ("ours", 19, True, False),
        ("ours", 20, True, True),
        ("ours", 21, True, True),
        ("left", 99, True, False),
        ("before", 1, True, False),
        ("other", 19, False, False),
        ("other", 20, False, False),
        ("other", 21, False, False),
    ],
)
def test_a_log_is_known_by_its_epoch_and_goes_on_from_where_we_are(
    epoch: str, seq: int, is_known: bool, is_continued: bool
) -> None:
    known = Known(HEAD, (PARIS,), "ours", 20, left=("before", "left"))
    assert known.knows(state(epoch, seq)) is is_known
    assert known.continued_by(state(epoch, seq)) is is_continued


@pytest.mark.parametrize(
    ("doubt", "is_confirmed"),
    [(None, False), (("x", 7), True), (("x", 6), True), (("x", 8), False), (("y", 7), False)],
)
def test_a_doubt_is_confirmed_by_the_same_history_that_has_not_gone_back_again(
    doubt: tuple[str, int] | None, is_confirmed: bool
) -> None:
    assert Known(HEAD, (PARIS,), doubt=doubt).confirmed_by(state("x", 7)) is is_confirmed


def test_a_first_reading_asks_for_everything_past_all_caches() -> None:
    fetch = Asked(a_log(45))
    found = reading(fetch)
    assert fetch.asked == [(archive(n), True) for n in (2, 1, 0)] + [(HEAD, True)]
    assert (found.full, found.pages, found.proved) == (True, 4, True)
    assert found.state == state_of(fetch.publisher.get(HEAD))


def test_what_is_new_may_come_from_caches_but_the_last_look_may_not() -> None:
    publisher = a_log(45)
    known, held = in_step(publisher)
    for number in range(46, 72):
        publisher.change(f"{PARIS}/id/{number}/fr")
    fetch = Asked(publisher)
    found = reading(fetch, known, held)
    assert fetch.asked == [(archive(5), False), (archive(4), False), (HEAD, True)]
    assert (found.full, found.pages, len(found.plan.new)) == (False, 3, 26)
    assert found.state == state_of(publisher.get(HEAD))


@pytest.mark.parametrize(("cursor", "archives"), [(39, [3]), (40, []), (41, []), (29, [3, 2])])
def test_a_page_is_read_when_it_may_hold_something_after_the_cursor(
    cursor: int, archives: list[int]
) -> None:
    publisher = a_log(55)
    known = replace(in_step(publisher)[0], cursor=cursor)
    held = {key: publisher.held()[key] for key, row in publisher.rows.items() if row.seq <= cursor}
    fetch = Asked(publisher)
    assert len(reading(fetch, known, held).plan.new) == 55 - cursor
    assert [url for url, _fresh in fetch.asked if url != HEAD] == [archive(n) for n in archives]


def test_all_is_read_again_when_a_row_can_be_read_that_could_not() -> None:
    publisher = a_log(45)
    known, held = in_step(publisher, again=True)
    fetch = Asked(publisher)
    found = reading(fetch, known, held)
    assert [url for url, _fresh in fetch.asked] == [archive(2), archive(1), archive(0), HEAD]
    assert (found.full, found.plan.same) == (False, 45)


def test_a_head_that_does_not_continue_our_copy_is_asked_for_again_before_it_is_believed() -> None:
    publisher = a_log(15)
    known, held = in_step(publisher)
    fetch = Asked(publisher)
    with Aside() as aside:
        old = replace(publisher.get(HEAD), state=state("first", 3))
        found = read(known, old, held, fetch, aside, page=N)
    assert fetch.asked == [(HEAD, True)]
    assert (found.full, found.plan.empty) == (False, True)


def test_what_is_not_proved_is_read_whole_from_a_fresh_head() -> None:
    publisher = a_log(25)
    known, held = in_step(publisher)
    del held[f"{PARIS}/id/2/fr"]
    fetch = Asked(publisher)
    publisher.change(f"{PARIS}/id/26/fr")
    found = reading(fetch, known, held)
    assert fetch.asked == [(HEAD, True), (archive(0), True), (HEAD, True)]
    assert found.full and found.proved


@pytest.mark.parametrize(
    ("caps", "is_enough"),
    [
        (Caps(pages=5, entries=45), True),
        (Caps(pages=4, entries=45), True),
        (Caps(pages=3, entries=45), False),
        (Caps(pages=5, entries=44), False),
    ],
)
def test_as_many_documents_and_entries_are_read_as_are_allowed(caps: Caps, is_enough: bool) -> None:
    fetch = Asked(a_log(45))
    if is_enough:
        assert len(reading(fetch, caps=caps).plan.new) == 45
        return
    with pytest.raises(RemoteError) as caught:
        reading(fetch, caps=caps)
    assert caught.value.message == walk.TOO_LONG
    assert caught.value.arguments == {"entries": caps.entries, "pages": caps.pages}


def unread(document: Document, kind: str = "live", hash_: str = "") -> Document:
    """Its third entry as nobody here can read it."""
    items = tuple(
        UnreadItem(STRANGE, kind == "deleted", item.updated, hash_, b"", "No.", {})
        if item.entry_id == STRANGE
        else item
        for item in document.items
    )
    return replace(document, items=items)


def test_rows_that_cannot_be_read_are_held_back_up_to_a_number() -> None:
    fetch = Asked(a_log(15), change=unread)
    found = reading(fetch, caps=Caps(unread=1))
    assert list(found.plan.unread) == [STRANGE]
    assert (found.plan.held_back, found.full, found.proved) == (1, True, False)
    with pytest.raises(RemoteError) as caught:
        reading(fetch, caps=Caps(unread=0))
    assert caught.value.message == walk.TOO_MANY_UNREAD
    assert caught.value.arguments == {"most": 0}


def taken(change: Callable[[Document], Document], held: dict[str, Held] | None = None) -> Entry:
    """What the walk makes of the third row of a log."""
    publisher = a_log(3)
    with Aside() as aside:
        walker = walk._Walker(Known(HEAD, (PARIS,)), held or {}, Asked(publisher), aside, Caps(), N)
        entries = walker._take(change(publisher.get(HEAD)))
    assert [entry.entry_id[-4:-3] for entry in entries[:2]] == ["1", "2"]  # oldest first
    return entries[2]


def test_an_entry_names_its_study_and_is_put_aside_unless_we_hold_it() -> None:
    publisher = a_log(3)
    held = publisher.held()[STRANGE]
    assert taken(lambda d: d) == Entry(STRANGE, f"{PARIS}/id/3", held, slot=taken(lambda d: d).slot)
    assert taken(lambda d: d).slot is not None
    assert taken(lambda d: d, {STRANGE: held}).slot is None
    assert taken(lambda d: d, {STRANGE: replace(held, hash="other")}).slot is not None


def test_a_row_that_cannot_be_read_says_no_more_than_its_id_date_and_kind() -> None:
    when = a_log(3).held()[STRANGE].updated
    live = taken(lambda d: unread(d, "live", "h"))
    deleted = taken(lambda d: unread(d, "deleted"))
    assert live.held == Held("live", when, "h", readable=False)
    assert deleted.held == Held("deleted", when, "", readable=False)
    assert live.study_key == STRANGE == deleted.study_key


def test_a_row_without_an_id_of_a_node_touches_nobodys_study() -> None:
    def nameless(document: Document) -> Document:
        first, *rest = unread(document).items
        assert isinstance(first, UnreadItem)
        return replace(document, items=(replace(first, entry_id="unnamed:1"), *rest))

    assert taken(nameless).study_key is None


def test_a_withdrawal_is_of_its_own_id() -> None:
    publisher = a_log(2)
    publisher.change(STRANGE, live=False)
    found = reading(Asked(publisher)).plan
    assert list(found.deleted) == [STRANGE]
    assert found.result[STRANGE] == publisher.held()[STRANGE]


def test_a_withdrawal_of_another_sites_entry_is_not_heard() -> None:
    publisher = a_log(2)
    publisher.change("http://madrid.example/id/1/es", live=False)
    found = reading(Asked(publisher)).plan
    assert found.refused == ("http://madrid.example/id/1/es",)
    assert not found.deleted and len(found.result) == 2


def test_of_an_entry_that_changes_during_the_walk_the_later_head_is_believed() -> None:
    publisher = a_log(25)
    last = f"{PARIS}/id/25/fr"
    found = reading(moving(publisher, lambda: publisher.change(last)))
    assert found.plan.result[last] == publisher.held()[last]


def test_a_head_alone_is_not_looked_at_twice() -> None:
    fetch = Asked(a_log(10))
    assert reading(fetch).pages == 1
    assert fetch.asked == []


def moving(publisher: Publisher, change: Callable[[], None]) -> Asked:
    return Asked(publisher, meanwhile=lambda url: change() if url == archive(0) else None)


def test_a_log_may_move_during_the_walk_as_far_as_the_second_head_tells_all() -> None:
    publisher = a_log(25)

    def grow(to: int) -> None:
        while publisher.seq < to:
            publisher.change(f"{PARIS}/id/{publisher.seq + 1}/fr")

    found = reading(moving(publisher, lambda: grow(39)))
    assert (len(found.plan.new), found.state.seq, found.pages) == (39, 39, 3)
    publisher = a_log(25)
    with pytest.raises(Moved) as caught:
        reading(moving(publisher, lambda: grow(50)))
    assert caught.value.message == walk.TOO_FAST


def test_a_log_that_ends_where_the_second_head_begins_lacks_nothing() -> None:
    publisher = a_log(30)

    def grow() -> None:
        while publisher.seq < 49:
            publisher.change(f"{PARIS}/id/{publisher.seq + 1}/fr")

    found = reading(moving(publisher, grow))
    assert (len(found.plan.new), found.state.seq) == (49, 49)


@pytest.mark.parametrize("change", [{"epoch": "second"}, {"seq": 24}])
def test_a_log_that_becomes_another_during_the_walk_is_left_for_the_next_look(
    change: dict[str, Any],
) -> None:
    publisher = a_log(25)
    with pytest.raises(Moved) as caught:
        reading(moving(publisher, lambda: [setattr(publisher, *each) for each in change.items()]))
    assert caught.value.message == walk.TOO_FAST


def test_a_log_that_stands_still_is_taken_once() -> None:
    fetch = Asked(a_log(25))
    assert reading(fetch, caps=Caps(entries=25)).pages == 2
    assert fetch.asked == [(archive(0), True), (HEAD, True)]


@pytest.mark.parametrize(
    "older",
    ["https://paris.example/feed/archive/0", "http://paris.example:81/feed/archive/0",
     f"http://lyon.example/{'x' * 300}"],
)  # fmt: skip
def test_a_history_elsewhere_is_not_followed(older: str) -> None:
    fetch = Asked(a_log(25), change=lambda d: replace(d, prev_archive=older))
    with pytest.raises(RemoteError) as caught:
        reading(fetch)
    assert caught.value.message == walk.OUTSIDE
    assert caught.value.arguments == {"url": older[:200]}
    assert fetch.asked == []


def test_an_origin_is_the_same_in_capitals() -> None:
    def shouting(document: Document) -> Document:
        older = document.prev_archive and document.prev_archive.replace(
            PARIS, "HTTP://Paris.example"
        )
        return replace(document, prev_archive=older)

    class Deaf(Asked):
        def __call__(self, url: str, *, fresh: bool = False) -> Document:
            return super().__call__(url.replace("HTTP://Paris.example", PARIS), fresh=fresh)

    assert len(reading(Deaf(a_log(25), change=shouting)).plan.new) == 25


def test_a_history_in_a_circle_is_told_where_it_closes() -> None:
    long = f"{PARIS}/feed/archive/{'0' * 300}1"

    def circle(document: Document) -> Document:
        return replace(document, prev_archive=long)

    fetch = Asked(a_log(45), change=circle)
    with pytest.raises(RemoteError) as caught:
        reading(fetch)
    assert caught.value.message == walk.CIRCLE
    assert caught.value.arguments == {"url": long[:200]}
    assert fetch.asked == [(long, True)]


def test_a_document_that_announces_nothing_is_said_to_be_no_log() -> None:
    with pytest.raises(RemoteError) as caught:
        reading(Asked(a_log(5), change=lambda d: replace(d, state=None)))
    assert caught.value.message == walk.NO_STATE


def test_what_does_not_add_up_is_said_with_its_place_or_with_whose_entries_it_has() -> None:
    def lie(document: Document) -> Document:
        return replace(document, state=replace(state_of(document), count=99))

    with pytest.raises(Unproved) as caught:
        reading(Asked(a_log(5), change=lie))
    error = caught.value
    assert (error.message, error.arguments) == (walk.UNEQUAL, {"seq": 5})
    assert (error.state.count, str(error)) == (99, walk.UNEQUAL % {"seq": 5})

    publisher = a_log(5)
    publisher.change(stranger := f"http://madrid.example/id/{'1' * 300}/es")
    with pytest.raises(Unproved) as caught:
        reading(Asked(publisher))
    error = caught.value
    assert (error.message, error.arguments) == (walk.REFUSED, {"entry_id": stranger[:200]})
    assert error.state.seq == 6


def test_what_was_withdrawn_comes_back_when_a_new_history_says_so_and_not_an_old_one() -> None:
    publisher = a_log(5)
    withdrawn = {**publisher.held(), STRANGE: Held("deleted", "2026-02-01T00:00:00Z")}
    known = Known(HEAD, (PARIS,), "second", 9)
    assert list(reading(Asked(publisher), known, withdrawn).plan.returned) == [STRANGE]
    with pytest.raises(Doubted) as caught:
        reading(Asked(publisher), replace(known, left=("first",)), withdrawn)
    assert (caught.value.message, caught.value.state.seq) == (walk.WENT_BACK, 5)
    again = replace(known, left=("first",), doubt=("first", 5))
    assert reading(Asked(publisher), again, withdrawn).plan.result[STRANGE].kind == "live"


def test_content_is_of_the_item_that_was_put_aside() -> None:
    publisher = a_log(3)
    with Aside() as aside:
        found = read(
            Known(HEAD, (PARIS,)), publisher.get(HEAD), {}, Asked(publisher), aside, page=N
        )
        item = aside.get(found.plan.new[STRANGE])
    assert isinstance(item, LiveItem) and item.entry_id == STRANGE
