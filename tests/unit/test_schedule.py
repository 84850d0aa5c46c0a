from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.subscriptions.schedule import LONGEST, adaptive, freshness, outside, retry_after, wait

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def in_(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (in_(90), 90),
        (in_(-90), 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("١٢", None),
        ("9" * 40, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds


def test_who_asks_for_no_patience_is_given_none() -> None:
    assert retry_after({}, NOW) is None


def test_a_date_without_a_zone_is_in_utc() -> None:
    said = format_datetime((NOW + timedelta(seconds=90)).replace(tzinfo=None))
    assert said.endswith("-0000")
    assert retry_after({"Retry-After": said}, NOW) == 90


def test_a_date_keeps_its_own_zone() -> None:
    said = "Sun, 01 Mar 2026 13:01:30 +0100"
    assert retry_after({"Retry-After": said}, NOW) == 90


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "1000"}, 0),
        ({"Cache-Control": "max-age=600, no-cache"}, 0),
        ({"Cache-Control": "max-age=600", "Expires": in_(60)}, 600),
        ({"Expires": in_(60)}, 60),
        ({"Expires": in_(60), "Date": in_(30)}, 30),
        ({"Expires": in_(-60)}, 0),
        ({"Expires": "0"}, 0),
        ({}, 0),
    ],
)
def test_freshness_follows_the_cache_headers(headers: dict[str, str], seconds: float) -> None:
    assert freshness(headers, NOW) == seconds


def test_the_longest_of_all_wishes_is_granted_but_never_more_than_a_day() -> None:
    assert wait(FIVE_MINUTES, 0, 0, 0) == FIVE_MINUTES
    assert wait(FIVE_MINUTES, 3600, 0, 0) == timedelta(hours=1)
    assert wait(FIVE_MINUTES, 315_360_000, 0, 1) == LONGEST


def test_each_failure_doubles_the_wait_for_ever_up_to_a_day() -> None:
    assert wait(FIVE_MINUTES, 0, 1, 0) == 2 * FIVE_MINUTES
    assert wait(FIVE_MINUTES, 0, 3, 0) == 8 * FIVE_MINUTES
    assert wait(FIVE_MINUTES, 0, 10_000, 0) == LONGEST


@given(st.integers(1, 86_400), st.floats(0, 1e12), st.integers(0, 10**6), st.floats(0, 1))
def test_the_wait_is_at_least_ours_and_at_most_a_day(
    own: int, asked: float, failures: int, jitter: float
) -> None:
    assert (
        timedelta(seconds=own) <= wait(timedelta(seconds=own), asked, failures, jitter) <= LONGEST
    )


def test_chance_lengthens_the_wait_by_up_to_a_tenth() -> None:
    assert wait(FIVE_MINUTES, 0, 0, 0.5) == timedelta(seconds=315)
    assert wait(FIVE_MINUTES, 0, 0, 1) == timedelta(seconds=330)
    assert wait(FIVE_MINUTES, 600, 0, 1) == timedelta(seconds=660)
    assert wait(FIVE_MINUTES, 0, 1, 1) == timedelta(seconds=660)


def test_a_silent_feed_is_looked_at_more_rarely() -> None:
    assert adaptive(FIVE_MINUTES, NOW - timedelta(hours=1), NOW) == FIVE_MINUTES
    assert adaptive(FIVE_MINUTES, NOW - timedelta(days=5), NOW) == timedelta(hours=6)
    assert adaptive(FIVE_MINUTES, NOW - timedelta(days=5000), NOW) == LONGEST
    assert adaptive(FIVE_MINUTES, None, NOW) == FIVE_MINUTES


MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_feed_is_left_alone_in_the_hours_that_it_names() -> None:
    night = [day * 24 + hour for day in range(7) for hour in (0, 1, 2, 3)]
    evening = MONDAY + timedelta(hours=23, minutes=50)
    half_past = MONDAY + timedelta(days=1, minutes=30)
    assert outside(evening, night, MONDAY) == evening
    assert outside(half_past, night, evening) == MONDAY + timedelta(days=1, hours=4)
    assert outside(half_past, (), evening) == half_past


def test_the_next_free_hour_begins_with_its_first_second() -> None:
    within = MONDAY + timedelta(hours=3, minutes=7, seconds=8, microseconds=9)
    assert outside(within, [3], MONDAY) == MONDAY + timedelta(hours=4)
    assert outside(within, [3, 4, 6], MONDAY) == MONDAY + timedelta(hours=5)


def test_but_never_for_longer_than_a_day() -> None:
    weekend = list(range(5 * 24, 7 * 24))
    friday = MONDAY + timedelta(days=4, hours=23)
    assert outside(friday + timedelta(hours=2), weekend, friday) == friday + LONGEST
    assert outside(friday + LONGEST, weekend, friday) == friday + LONGEST
    assert outside(friday, list(range(168)), friday) == friday + LONGEST


@given(st.sets(st.integers(0, 167)), st.integers(0, 86_400), st.integers(0, 7 * 86_400))
def test_whatever_hours_are_named_the_next_look_comes_within_a_day(
    quiet: set[int], wait_: int, start: int
) -> None:
    now = MONDAY + timedelta(seconds=start)
    moment = now + timedelta(seconds=wait_)
    found = outside(moment, quiet, now)
    assert moment <= found <= now + LONGEST
    assert found == now + LONGEST or found.weekday() * 24 + found.hour not in quiet
