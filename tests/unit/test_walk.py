"""The protocol's convergence model, run with the real walk and the real decisions."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from network.catalogue.values import Version
from network.intake.decide import Held, moment
from network.intake.walk import Caps, Doubted, Known, Moved, Reading, Unproved, read
from network.lib.aside import Aside
from network.lib.errors import RemoteError
from network.log.entry import State, digest, state_line
from network.log.items import DeletedItem, LiveItem
from network.log.reading import Document

N = 10
PARIS = "http://paris.example"
HEAD = f"{PARIS}/feed.atom"
START = datetime(2026, 1, 1, tzinfo=UTC)
SEEDS = range(60)


@dataclass(frozen=True)
class Row:
    seq: int
    live: bool
    time: int


@dataclass
class Publisher:
    """The compacted log: a row per entry, with the seq of its last change."""

    random: random.Random
    time: int = 0
    seq: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    epoch: str = "first"
    names: int = 0

    def change(self, key: str, live: bool = True) -> None:
        self.time += 1
        self.seq += 1
        self.rows[key] = Row(self.seq, live, self.time)

    def mutate(self) -> None:
        chance, keys = self.random.random(), [k for k, row in self.rows.items() if row.live]
        if chance < 0.6 or not keys:
            self.names += 1
            self.change(f"{PARIS}/id/{self.names}/fr")
        else:
            self.change(self.random.choice(keys), live=chance < 0.85)

    def held(self) -> dict[str, Held]:
        return {key: _held(row) for key, row in self.rows.items()}

    def live(self) -> dict[str, Held]:
        return {key: held for key, held in self.held().items() if held.kind == "live"}

    def get(self, url: str) -> Document:
        cut = max(0, self.seq // N - 1) * N
        if url != HEAD:
            number = int(url.rpartition("/")[2])
            return self._document(url, number * N, (number + 1) * N, number - 1)
        lines = [state_line(key, held.updated, held.hash) for key, held in self.live().items()]
        state = State(self.epoch, self.seq, len(lines), digest(lines))
        return self._document(url, cut, self.seq, cut // N - 1, state)

    def _document(
        self, url: str, low: int, high: int, older: int, state: State | None = None
    ) -> Document:
        chosen = [(row.seq, key) for key, row in self.rows.items() if low < row.seq <= high]
        return Document(
            url=url,
            feed_id=HEAD,
            title="Paris",
            updated=START,
            is_archive=state is None,
            state=state,
            items=tuple(_item(key, self.rows[key]) for _, key in sorted(chosen, reverse=True)),
            prev_archive=f"{PARIS}/feed/archive/{older}" if older >= 0 else None,
        )

    def snapshot(self) -> Publisher:
        return replace(self, rows=dict(self.rows))

    def restore(self, then: Publisher, epoch: str | None) -> None:
        self.time, self.seq, self.rows = then.time, then.seq, dict(then.rows)
        self.epoch = epoch or then.epoch


def _moment(time: int) -> datetime:
    return START + timedelta(seconds=time)


@cache
def _held(row: Row) -> Held:
    when = f"{_moment(row.time):%Y-%m-%dT%H:%M:%SZ}"
    return Held("live", when, f"hash of {row.time}") if row.live else Held("deleted", when)


@cache
def _item(key: str, row: Row) -> LiveItem | DeletedItem:
    held, when = _held(row), _moment(row.time)
    if not row.live:
        return DeletedItem(key, held.updated, when)
    version = Version(key, key.rpartition("/")[0], "fr", key, "", "", key, when, when)
    return LiveItem(key, held.updated, held.hash, b"", version)


@dataclass
class Copy:
    """What a subscriber keeps: changed by a proved reading and by nothing else."""

    known: Known = field(default_factory=lambda: Known(HEAD, (PARIS,)))
    held: dict[str, Held] = field(default_factory=dict)
    content: dict[str, Held] = field(default_factory=dict)
    full: int = 0

    def poll(self, fetch: Callable[..., Document]) -> Reading:
        with Aside() as aside:
            try:
                head = fetch(HEAD)
                reading = read(self.known, head, self.held, fetch, aside, page=N)
            except Doubted as error:
                doubt = (error.state.epoch, error.state.seq)
                self.known = replace(self.known, doubt=doubt)
                raise
            self._apply(reading, aside)
        return reading

    def _apply(self, reading: Reading, aside: Aside) -> None:
        for entry_id in (*reading.plan.forgotten, *reading.plan.deleted):
            self.content.pop(entry_id, None)
        for entry_id, slot in {**reading.plan.new, **reading.plan.changed}.items():
            item = aside.get(slot)
            self.content[entry_id] = Held("live", item.updated, item.hash)
        left = [e for e in (*self.known.left, self.known.epoch) if e and e != reading.state.epoch]
        self.held = dict(reading.plan.result)
        self.known = replace(
            self.known,
            epoch=reading.state.epoch,
            cursor=reading.state.seq,
            left=tuple(left),
            doubt=None,
        )
        self.full += reading.full

    def live(self) -> dict[str, Held]:
        return {key: held for key, held in self.held.items() if held.kind == "live"}


class Net:
    """Loses documents, cuts them short (refused whole), and lets the log change meanwhile."""

    def __init__(self, publisher: Publisher, loss: float = 0.25, truncated: float = 0.1) -> None:
        self.publisher, self.loss, self.truncated = publisher, loss, truncated
        self.changing = 0.05
        self.asked: list[str] = []

    def __call__(self, url: str, *, fresh: bool = False) -> Document:
        self.asked.append(url)
        dice = self.publisher.random
        if url != HEAD and dice.random() < self.changing:
            self.publisher.mutate()
        if dice.random() < self.loss or dice.random() < self.truncated:
            raise RemoteError("lost")
        return self.publisher.get(url)


def quietly(poll: Callable[[], Reading]) -> Reading | None:
    try:
        return poll()
    except RemoteError:
        return None


@pytest.mark.parametrize("epoch", ["same", "renewed", "no restore"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_copy_converges_and_never_claims_falsely(seed: int, epoch: str) -> None:
    dice = random.Random(seed)
    publisher, copy = Publisher(dice), Copy()
    net, backup = Net(publisher), None
    for step in range(160):
        for _ in range(dice.choice([0, 0, 1, 3])):
            publisher.mutate()
        if step == 80:
            backup = publisher.snapshot()
        if backup and step == 95 and epoch != "no restore":
            publisher.restore(backup, "second" if epoch == "renewed" else None)
        if not 30 < step < 75 and dice.random() < 0.3 and quietly(lambda: copy.poll(net)):
            assert copy.live() == publisher.live(), "claimed to be complete and was not"
        assert copy.content == copy.live()
    net.loss = net.truncated = net.changing = 0
    for _ in range(2):
        quietly(lambda: copy.poll(net))
    assert copy.live() == copy.content == publisher.live()


class Cache(Net):
    """Gives old copies of documents, unless asked for fresh ones."""

    def __init__(self, publisher: Publisher, stale: float) -> None:
        super().__init__(publisher, 0.1, 0)
        self.stale, self.kept = stale, dict[str, list[Document]]()

    def __call__(self, url: str, *, fresh: bool = False) -> Document:
        document = super().__call__(url)
        kept = self.kept.setdefault(url, [])
        kept.append(document)
        if not fresh and self.publisher.random.random() < self.stale:
            return self.publisher.random.choice(kept)
        return document


@pytest.mark.parametrize("seed", SEEDS)
def test_old_copies_of_documents_bring_nothing_withdrawn_back(seed: int) -> None:
    dice = random.Random(seed)
    publisher, copy = Publisher(dice), Copy()
    net = Cache(publisher, stale=0.4)
    for _ in range(150):
        for _ in range(dice.choice([0, 1, 3])):
            publisher.mutate()
        before = copy.held
        quietly(lambda: copy.poll(net))
        for entry_id, was in before.items():
            now = copy.held.get(entry_id)
            assert now is not None
            if was.kind == "deleted" and now.kind == "live":
                assert moment(now.updated) >= moment(was.updated)
    net.loss = net.stale = net.changing = 0
    copy.poll(net)
    assert copy.live() == publisher.live()


@pytest.fixture
def publisher() -> Publisher:
    made = Publisher(random.Random(1))
    for number in range(1, 46):
        made.change(f"{PARIS}/id/{number}/fr")
    return made


@pytest.fixture
def net(publisher: Publisher) -> Net:
    made = Net(publisher, 0, 0)
    made.changing = 0
    return made


@pytest.fixture
def copy(net: Net) -> Copy:
    made = Copy()
    made.poll(net)
    net.asked.clear()
    return made


def archive(number: int) -> str:
    return f"{PARIS}/feed/archive/{number}"


def test_the_first_reading_takes_the_whole_log_and_looks_at_the_head_again(net: Net) -> None:
    copy = Copy()
    reading = copy.poll(net)
    assert net.asked == [HEAD, archive(2), archive(1), archive(0), HEAD]
    assert reading.full
    assert len(copy.content) == 45


def test_an_unchanged_log_costs_one_document_and_no_content(net: Net, copy: Copy) -> None:
    reading = copy.poll(net)
    assert net.asked == [HEAD]
    assert reading.plan.empty


def test_a_few_changes_are_in_the_head_alone(publisher: Publisher, net: Net, copy: Copy) -> None:
    publisher.change(f"{PARIS}/id/1/fr")
    publisher.change(f"{PARIS}/id/2/fr", live=False)
    reading = copy.poll(net)
    assert net.asked == [HEAD]
    assert list(reading.plan.changed) == [f"{PARIS}/id/1/fr"]
    assert list(reading.plan.deleted) == [f"{PARIS}/id/2/fr"]


def test_the_walk_ends_at_the_page_of_the_cursor(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    for number in range(46, 72):
        publisher.change(f"{PARIS}/id/{number}/fr")
    copy.poll(net)
    assert net.asked == [HEAD, archive(5), archive(4), HEAD]
    assert copy.live() == publisher.live()


def test_a_change_during_the_walk_is_read_from_the_second_head(publisher: Publisher) -> None:
    def fetch(url: str, *, fresh: bool = False) -> Document:
        document = publisher.get(url)
        if url == archive(2):
            publisher.change(f"{PARIS}/id/5/fr")  # leaves archive 0, which is read later
        return document

    copy = Copy()
    copy.poll(fetch)
    assert copy.live() == publisher.live()
    assert copy.known.cursor == 46


def test_a_log_that_moves_past_a_page_during_the_walk_is_left_for_the_next_poll(
    publisher: Publisher,
) -> None:
    def fetch(url: str, *, fresh: bool = False) -> Document:
        document = publisher.get(url)
        if url == archive(2):
            for number in range(100, 125):
                publisher.change(f"{PARIS}/id/{number}/fr")
        return document

    copy = Copy()
    with pytest.raises(Moved):
        copy.poll(fetch)
    assert copy.held == {}


def test_a_new_epoch_replays_everything(publisher: Publisher, net: Net, copy: Copy) -> None:
    publisher.epoch = "second"
    assert copy.poll(net).full
    assert net.asked[-5:] == [HEAD, archive(2), archive(1), archive(0), HEAD]
    assert copy.known.left == ("first",)


def test_a_restored_log_without_a_new_epoch_is_replayed_though_it_has_grown_past_us(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    backup = publisher.snapshot()
    publisher.change(f"{PARIS}/id/1/fr")
    copy.poll(net)
    publisher.restore(backup, None)
    for number in range(200, 205):
        publisher.change(f"{PARIS}/id/{number}/fr")
    assert copy.poll(net).full
    assert copy.live() == publisher.live()


def test_a_log_that_went_back_is_believed_at_once_when_nothing_withdrawn_returns(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    backup = publisher.snapshot()
    publisher.change(f"{PARIS}/id/1/fr")
    copy.poll(net)
    publisher.restore(backup, None)
    assert copy.poll(net).full
    assert copy.live() == publisher.live()


def test_a_log_that_went_back_behind_a_withdrawal_is_believed_the_second_time(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    backup = publisher.snapshot()
    publisher.change(f"{PARIS}/id/1/fr", live=False)
    copy.poll(net)
    before = copy.held
    publisher.restore(backup, None)
    with pytest.raises(Doubted):
        copy.poll(net)
    assert copy.held is before
    copy.poll(net)
    assert copy.live() == publisher.live()


def test_an_old_copy_seen_once_leaves_no_doubt_behind(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    old = publisher.snapshot()
    publisher.change(f"{PARIS}/id/1/fr", live=False)
    copy.poll(net)
    for _ in range(3):
        with pytest.raises(Doubted):
            copy.poll(lambda url, fresh=False: old.get(url))
        copy.poll(net)
        assert copy.known.doubt is None
    assert copy.live() == publisher.live()


def test_an_epoch_that_was_left_counts_as_going_back(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    old = publisher.snapshot()
    publisher.change(f"{PARIS}/id/1/fr", live=False)
    publisher.epoch = "second"
    copy.poll(net)
    with pytest.raises(Doubted):
        copy.poll(lambda url, fresh=False: old.get(url))


def test_an_old_copy_of_what_a_restore_lost_brings_no_withdrawn_text_back(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    backup = publisher.snapshot()
    for number in (2, 3, 4):
        publisher.change(f"{PARIS}/id/new-{number}/fr")
    lost = publisher.snapshot()
    copy.poll(net)
    publisher.restore(backup, None)
    publisher.time = lost.time
    copy.poll(net)
    publisher.change(f"{PARIS}/id/1/fr", live=False)
    copy.poll(net)
    assert copy.known.cursor < lost.seq
    with pytest.raises(Doubted):
        copy.poll(lambda url, fresh=False: lost.get(url))
    assert copy.live() == publisher.live()
    copy.poll(net)
    assert copy.live() == publisher.live()


def test_a_lying_digest_changes_nothing(publisher: Publisher, net: Net, copy: Copy) -> None:
    before = copy.held
    publisher.change(f"{PARIS}/id/1/fr")

    def lie(url: str, *, fresh: bool = False) -> Document:
        document = publisher.get(url)
        if document.state is None:
            return document
        return replace(document, state=replace(document.state, digest="0" * 64))

    with pytest.raises(Unproved) as caught:
        copy.poll(lie)
    assert copy.held is before
    assert caught.value.arguments == {"seq": caught.value.state.seq}
    assert caught.value.state.digest == "0" * 64


def test_entries_of_another_origin_that_are_counted_make_the_log_unproved(
    publisher: Publisher, net: Net, copy: Copy
) -> None:
    publisher.change("http://madrid.example/id/1/es")
    with pytest.raises(Unproved) as caught:
        copy.poll(net)
    assert caught.value.arguments["entry_id"] == "http://madrid.example/id/1/es"
    assert "http://madrid.example/id/1/es" not in copy.held


@pytest.mark.parametrize(
    "older",
    ["http://evil.example/feed/archive/0", "https://paris.example/feed/archive/0", HEAD],
)
def test_history_stays_on_its_origin_and_runs_in_no_circle(
    publisher: Publisher, older: str
) -> None:
    asked = []

    def fetch(url: str, *, fresh: bool = False) -> Document:
        asked.append(url)
        return replace(publisher.get(url), prev_archive=older)

    with pytest.raises(RemoteError):
        Copy().poll(fetch)
    assert asked == [HEAD]


def test_a_history_in_a_circle_of_archives_ends(publisher: Publisher) -> None:
    def fetch(url: str, *, fresh: bool = False) -> Document:
        document = publisher.get(url)
        return replace(document, prev_archive=archive(1 if url == archive(2) else 2))

    with pytest.raises(RemoteError):
        Copy().poll(fetch)


@pytest.mark.parametrize("caps", [Caps(pages=3), Caps(entries=40)])
def test_a_history_without_end_is_given_up(publisher: Publisher, net: Net, caps: Caps) -> None:
    with Aside() as aside, pytest.raises(RemoteError):
        read(Known(HEAD, (PARIS,)), net(HEAD), {}, net, aside, caps, N)


def test_a_head_that_announces_nothing_is_no_log(publisher: Publisher) -> None:
    with pytest.raises(RemoteError):
        Copy().poll(lambda url, fresh=False: replace(publisher.get(url), state=None))
