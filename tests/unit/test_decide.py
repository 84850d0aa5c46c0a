from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.intake.decide import (
    Entry,
    Held,
    Plan,
    dated,
    decide,
    decide_foreign,
    moment,
    parts,
    speaks_for,
)
from network.log.entry import digest, state_line

PARIS = "http://paris.example"
STUDY = f"{PARIS}/id/7b0c9b1e-0000-4000-8000-000000000001"
ID = f"{STUDY}/fr"
OTHER = f"{PARIS}/id/7b0c9b1e-0000-4000-8000-000000000002/fr"
EARLY, NOON, LATE = "2026-03-01T08:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T18:00:00Z"


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(50, 90)), st.integers(1, 50))
def test_a_plan_in_parts_is_the_whole_plan_and_what_goes_away_goes_first(
    new: set[int], changed: set[int], most: int
) -> None:
    numbered = [{f"{n}": n for n in sorted(numbers)} for numbers in (new, changed)]
    whole = Plan(*numbered, {"gone": 1}, {"odd": 2}, ("lost",), 0, (), (), {})
    first, *others = parts(whole, most)
    assert (first.deleted, first.unread, first.forgotten) == ({"gone": 1}, {"odd": 2}, ("lost",))
    together: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for part in (first, *others):
        assert len(part.new) + len(part.changed) <= most
        together[0].update(part.new)
        together[1].update(part.changed)
    assert list(together) == numbered
    assert all((p.deleted, p.unread, p.forgotten) == ({}, {}, ()) for p in others)
    assert sum(len(p.new) + len(p.changed) for p in (first, *others)) == len(new) + len(changed)
    assert all(p.new or p.changed for p in others)


def live(entry_id: str = ID, updated: str = NOON, hash_: str = "a", slot: int | None = 1) -> Entry:
    return Entry(entry_id, entry_id.rpartition("/")[0], Held("live", updated, hash_), slot)


def tombstone(entry_id: str = ID, when: str = NOON, slot: int | None = 2) -> Entry:
    return Entry(entry_id, entry_id, Held("deleted", when), slot)


def test_an_unknown_entry_is_new_and_a_different_one_changed() -> None:
    plan = decide({OTHER: Held("live", NOON, "a")}, [[live()], [live(OTHER, LATE, "b")]], [PARIS])
    assert (dict(plan.new), dict(plan.changed), plan.same) == ({ID: 1}, {OTHER: 1}, 0)


def test_what_we_hold_already_is_the_same_and_needs_no_content() -> None:
    plan = decide({ID: Held("live", NOON, "a")}, [[live(slot=None)]], [PARIS])
    assert plan.empty
    assert plan.same == 1


def test_a_new_date_alone_is_a_change_because_the_digest_has_it() -> None:
    plan = decide({ID: Held("live", NOON, "a")}, [[live(updated=LATE)]], [PARIS])
    assert dict(plan.changed) == {ID: 1}


def test_the_later_document_wins_whatever_the_dates_say() -> None:
    plan = decide(
        {}, [[live(updated=LATE, hash_="old")], [live(updated=EARLY, hash_="new")]], [PARIS]
    )
    assert plan.result[ID] == Held("live", EARLY, "new")


def test_an_older_date_alone_holds_back_nothing() -> None:
    held = {ID: Held("live", LATE, "a"), OTHER: Held("deleted", LATE)}
    plan = decide(held, [[live(ID, EARLY, "b"), tombstone(OTHER, EARLY)]], [PARIS])
    assert (dict(plan.changed), dict(plan.deleted)) == ({ID: 1}, {OTHER: 2})


def test_a_withdrawn_id_may_come_back_in_the_same_second() -> None:
    plan = decide({ID: Held("deleted", NOON)}, [[live(ID, NOON)]], [PARIS])
    assert (dict(plan.changed), plan.returned) == ({ID: 1}, ())


def test_each_that_is_the_same_is_counted_and_what_follows_is_read() -> None:
    held = {ID: Held("live", NOON, "a"), OTHER: Held("live", NOON, "a")}
    third = f"{PARIS}/id/3/fr"
    plan = decide(held, [[live(ID), live(OTHER), live(third)]], [PARIS])
    assert (plan.same, dict(plan.new)) == (2, {third: 1})


def test_a_tombstone_takes_the_entry_out() -> None:
    plan = decide({ID: Held("live", NOON, "a")}, [[tombstone(when=LATE)]], [PARIS])
    assert dict(plan.deleted) == {ID: 2}
    assert plan.proof() == (0, digest([]))


def test_a_withdrawn_id_does_not_come_back_with_an_older_date() -> None:
    plan = decide({ID: Held("deleted", NOON)}, [[live(updated=EARLY)]], [PARIS])
    assert plan.empty
    assert plan.result[ID].kind == "deleted"


def test_a_withdrawn_id_is_compared_as_a_moment_and_not_as_text() -> None:
    held = {ID: Held("deleted", "2026-03-01T12:00:00Z")}
    older = live(updated="2026-03-01T13:30:00+02:00")
    assert decide(held, [[older]], [PARIS]).empty


def test_a_withdrawn_id_comes_back_when_it_was_published_again() -> None:
    plan = decide({ID: Held("deleted", NOON)}, [[live(updated=LATE)]], [PARIS])
    assert dict(plan.changed) == {ID: 1}
    assert plan.returned == ()


def test_a_full_replay_takes_the_logs_word_and_says_what_came_back() -> None:
    plan = decide({ID: Held("deleted", NOON)}, [[live(updated=EARLY)]], [PARIS], full=True)
    assert dict(plan.changed) == {ID: 1}
    assert plan.returned == (ID,)


def test_a_full_replay_forgets_what_the_log_has_no_more() -> None:
    held = {ID: Held("live", NOON, "a"), OTHER: Held("deleted", NOON)}
    assert set(decide(held, [], [PARIS], full=True).forgotten) == {ID, OTHER}
    assert decide(held, [], [PARIS]).forgotten == ()


@pytest.mark.parametrize(
    "entry_id",
    [
        "http://madrid.example/id/1/fr",
        "https://paris.example/id/1/fr",
        "http://paris.example:8080/id/1/fr",
        "http://paris.example.evil.example/id/1/fr",
        "http://paris.example@evil.example/id/1/fr",
        "http://PARIS.example/id/1/fr",
        "urn:uuid:1",
        f"{PARIS}/id/{'1' * 1000}/fr",
    ],
)
def test_ids_of_another_origin_are_refused(entry_id: str) -> None:
    for entry in (live(entry_id), tombstone(entry_id)):
        plan = decide({entry_id: Held("live", NOON, "a")}, [[entry]], [PARIS])
        assert plan.refused == (entry_id,)
        assert plan.empty


def test_a_study_of_another_origin_is_refused_even_under_an_own_id() -> None:
    entry = Entry(ID, "http://madrid.example/id/1", Held("live", NOON, "a"), 1)
    assert not speaks_for([PARIS], entry)


def test_a_member_that_moved_may_use_both_origins() -> None:
    plan = decide(
        {}, [[live(), live("https://new.example/id/1/fr")]], ["https://new.example", PARIS]
    )
    assert len(plan.new) == 2


def test_the_plan_keeps_the_order_of_the_log() -> None:
    third = f"{PARIS}/id/3/fr"
    plan = decide({}, [[live(ID), live(OTHER)], [live(third), live(ID, LATE, "b")]], [PARIS])
    assert list(plan.new) == [OTHER, third, ID]


def test_the_proof_is_of_the_live_entries_sorted_by_code_point() -> None:
    plan = decide({}, [[live(OTHER), live(ID), tombstone(f"{PARIS}/id/9/fr")]], [PARIS])
    lines = [state_line(ID, NOON, "a"), state_line(OTHER, NOON, "a")]
    assert plan.proof() == (2, digest(sorted(lines)))


def unreadable(entry_id: str, hash_: str = "") -> Entry:
    return Entry(entry_id, None, Held("live", NOON, hash_, readable=False), 3)


def test_a_count_alone_is_enough_only_beside_what_the_digest_cannot_tell() -> None:
    sound = decide({}, [[live(ID), live(OTHER)]], [PARIS])
    assert not sound.adds_up_to(2)
    odd = decide({}, [[live(ID), unreadable("odd"), tombstone(OTHER)]], [PARIS])
    assert (odd.held_back, odd.adds_up_to(2)) == (1, True)
    assert not odd.adds_up_to(3)
    assert not odd.adds_up_to(1)
    hashed = decide({}, [[live(ID), unreadable("odd", "h")]], [PARIS])
    assert not hashed.adds_up_to(2)


def test_a_count_alone_brings_nothing_withdrawn_back() -> None:
    held = {ID: Held("deleted", NOON)}
    plan = decide(held, [[live(ID, EARLY), unreadable("odd")]], [PARIS], full=True)
    assert plan.returned == (ID,)
    assert not plan.adds_up_to(2)


def test_what_cannot_be_read_is_new_once_and_has_no_dates_to_compare() -> None:
    plan = decide({}, [[unreadable("odd")]], [PARIS])
    assert (dict(plan.unread), dict(plan.new), plan.empty) == ({"odd": 3}, {}, False)
    again = decide(plan.result, [[unreadable("odd")]], [PARIS])
    assert (again.empty, again.same, again.held_back) == (True, 1, 1)
    held = {ID: Held("deleted", "some day", readable=False)}
    assert dict(decide(held, [[live(ID, EARLY)]], [PARIS]).changed) == {ID: 1}


def test_content_that_was_not_put_aside_is_a_fault() -> None:
    with pytest.raises(ValueError, match=ID):
        decide({}, [[live(slot=None)]], [PARIS])


def test_an_id_that_is_too_long_is_nobodys() -> None:
    at_most = f"{PARIS}/id/{'1' * (1000 - len(PARIS) - 7)}/fr"
    assert len(at_most) == 1000
    assert speaks_for([PARIS], live(at_most))
    assert not speaks_for([PARIS], live(f"{PARIS}/id/1{at_most[len(PARIS) + 4 :]}"))


def test_a_moment_without_a_zone_is_in_utc_and_small_letters_do() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert moment("2026-03-01T12:00:00") == noon
    assert moment(" 2026-03-01t12:00:00z ") == noon
    assert moment("2026-03-01T13:00:00+01:00") == noon


entries = st.builds(
    lambda number, kind, day, hash_: (
        live(f"{PARIS}/id/{number}/fr", f"2026-03-{day:02}T00:00:00Z", hash_)
        if kind
        else tombstone(f"{PARIS}/id/{number}/fr", f"2026-03-{day:02}T00:00:00Z")
    ),
    st.integers(1, 5),
    st.booleans(),
    st.integers(1, 9),
    st.sampled_from("ab"),
)
documents = st.lists(st.lists(entries, max_size=6), max_size=4)


@given(documents, documents, st.booleans())
def test_deciding_twice_changes_nothing_the_second_time(
    before: list[list[Entry]], now: list[list[Entry]], full: bool
) -> None:
    held = decide({}, before, [PARIS], full=True).result
    once = decide(held, now, [PARIS], full)
    twice = decide(once.result, now, [PARIS], full)
    assert twice.result == once.result or not full
    if full:
        assert twice.empty


@given(documents, documents)
def test_no_short_reading_brings_back_what_was_withdrawn_later(
    before: list[list[Entry]], now: list[list[Entry]]
) -> None:
    held = decide({}, before, [PARIS], full=True).result
    plan = decide(held, now, [PARIS])
    for entry_id, was in held.items():
        after = plan.result[entry_id]
        if was.kind == "deleted" and after.kind == "live":
            assert moment(after.updated) >= moment(was.updated)


def test_foreign_items_are_new_changed_or_the_same_and_never_deleted() -> None:
    plan = decide_foreign({"a": "1", "b": "1", "gone": "1"}, {"a": "1", "b": "2", "c": "1"})
    assert (plan.new, plan.changed, plan.same) == (("c",), ("b",), 1)


NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("published", "updated", "known", "expected"),
    [
        (NOW - 2 * DAY, NOW - DAY, None, (NOW - 2 * DAY, NOW - DAY)),
        (NOW + DAY, NOW + DAY, None, (NOW, NOW)),
        (NOW + DAY, None, NOW - DAY, (NOW - DAY, NOW - DAY)),
        (None, None, None, (NOW, NOW)),
        (None, None, NOW - DAY, (NOW - DAY, NOW - DAY)),
        (None, NOW - DAY, None, (NOW - DAY, NOW - DAY)),
        (NOW - DAY, NOW - 2 * DAY, None, (NOW - DAY, NOW - DAY)),
        (NOW - DAY, NOW + DAY, None, (NOW - DAY, NOW)),
        (NOW - DAY, None, NOW - 3 * DAY, (NOW - DAY, NOW - DAY)),
        (NOW, NOW, NOW - DAY, (NOW, NOW)),
    ],
)
def test_foreign_dates_are_never_in_the_future(
    published: datetime | None,
    updated: datetime | None,
    known: datetime | None,
    expected: tuple[datetime, datetime],
) -> None:
    assert dated(published, updated, known, NOW) == expected
