"""Dates as people and programs of many countries write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from network.reading.words.dates import parse_date
from network.reading.words.months import month_named, plain_letters

DAY = datetime(2024, 1, 15, tzinfo=UTC)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return DAY.replace(hour=hour, minute=minute, second=second)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016/6/29 15:07:41", datetime(2016, 6, 29, 15, 7, 41, tzinfo=UTC)),
        ("2024/01/15(月) 10:00", at(10)),
        ("2024.01.15", DAY),
        ("2024. 1. 15. 오후 3:15", at(15, 15)),
        ("15-01-2024", DAY),
        ("15.01.2024, 10.30 Uhr", at(10, 30)),
        ("15/01/24", DAY),
        ("1/15/2024 3:07 PM", at(15, 7)),
        ("20240115T100000Z", at(10)),
        ("20240115T110000+0100", at(10)),
        ("20240115100000", at(10)),
        ("2024-01-15T10:00:00.000+0000", at(10)),
        ("1705312800", at(10)),
        ("1705312800.25", at(10)),
        ("2024년 1월 15일", DAY),
        ("2024년 1월 15일 오후 3시 15분", at(15, 15)),
        ("2024年1月15日 10時30分", at(10, 30)),
        ("2024年1月15日 下午3:15", at(15, 15)),
        ("ngày 15 tháng 1 năm 2024", DAY),
        ("15 января 2024 10:00", at(10)),
        ("пн, 15 янв 2024 10:00:00 +0300", at(7)),
        ("15 січня 2024", DAY),
        ("15 Ocak 2024", DAY),
        ("15 OCAK 2024 Pazartesi 09:30", at(9, 30)),
        ("pon., 15 sty 2024 10:00:00 +0100", at(9)),
        ("15 stycznia 2024", DAY),
        ("15. ledna 2024", DAY),
        ("2024. január 15.", DAY),
        ("2024 m. sausio 15 d.", DAY),
        ("15. tammikuuta 2024 klo 10.00", at(10)),
        ("2024(e)ko urtarrilaren 15a", DAY),
        ("Δευ, 15 Ιαν 2024 10:00", at(10)),
        ("١٥ يناير ٢٠٢٤", DAY),
        ("15 มกราคม 2567", DAY),
        ("15 de gener de 2024", DAY),
        ("lundi 15 janvier 2024 à 10h30", at(10, 30)),
        ("lundi 15 janvier 2024 à 10 h 30", at(10, 30)),
        ("January 15, 2024 3:07 PM", at(15, 7)),
        ("Mon Jan 15 10:00:00 CET 2024", at(9)),
        ("Mon, 15 Jan 24 10:00 EST", at(15)),
        ("mar. 16 janv. 2024", datetime(2024, 1, 16, tzinfo=UTC)),
        ("Sat, 06 Apr 2024 9:05 a.m. EDT", datetime(2024, 4, 6, 13, 5, tzinfo=UTC)),
        ("15 marraskuuta 2024", datetime(2024, 11, 15, tzinfo=UTC)),
        ("septembre 2020", datetime(2020, 9, 1, tzinfo=UTC)),
        ("Di, 05 Mrz 2024 10:00:00 +0100", datetime(2024, 3, 5, 9, tzinfo=UTC)),
        ("令和6年1月15日", DAY),
        ("㋿6年1月15日 10時30分", at(10, 30)),
        ("平成元年4月1日", datetime(1989, 4, 1, tzinfo=UTC)),
        ("民國113年1月15日", DAY),
        ("15 בינואר 2024", DAY),
        ("January 15th, 2024 at 3pm", at(15)),
        ("15 janvier 2024 à 10 h", at(10)),
        ("15. Januar 2024, 10 Uhr", at(10)),
        ("2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-W03-1T10:00Z", at(10)),
        ("2024W031", DAY),
        ("2024-015T10:00:00Z", at(10)),
        ("2024-01-15T24:00:00Z", datetime(2024, 1, 16, tzinfo=UTC)),
        ("Sun, 14 Jan 2024 23:59:60 GMT", DAY),
    ],
)
def test_a_date_is_read_as_it_is_written_where_it_comes_from(text: str, moment: datetime) -> None:
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        *[("AEST", 10), ("AEDT", 11), ("NZST", 12), ("NZDT", 13), ("SGT", 8), ("HKT", 8)],
        *[("ACST", 9.5), ("IST", 5.5), ("NPT", 5.75), ("PKT", 5), ("ICT", 7), ("PHT", 8)],
        *[("TRT", 3), ("WAT", 1), ("NST", -3.5), ("AKST", -9), ("HST", -10), ("UYT", -3)],
        *[("+0530", 5.5), ("UTC+08:00", 8), ("GMT-3", -3), ("XYZ", 0)],
        *[("Europe/Paris", 1), ("[America/Argentina/Ushuaia]", -3), ("(asia/kolkata)", 5.5)],
        *[("+01:00[Asia/Tokyo]", 1), ("Etc/GMT+3", -3), ("Nowhere/Here", 0), ("+9900", 0)],
    ],
)
def test_a_zone_is_taken_off(zone: str, hours: float) -> None:
    moment = parse_date(f"Mon, 15 Jan 2024 12:00:00 {zone}")
    assert moment is not None
    assert (at(12) - moment).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    "text",
    [
        *("", "hier", "soon", "1 mai", "2024-13-45", "31 février 2024", "0000-00-00"),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "15 listopada 2024", "2024-W54-1", "2024-400"),
        *("Wed, 30 Nov -0001 00:00:00 +0000", "30 Nov 0001", "2024-W00", "2024-000"),
        *("15 Foo 2024", "10:30", "2024-1-", "vers 2024 peut-être"),
        *("32 mars 2024", "45 janvier 2024", "Wed, 32 Mar 2024 10:00:00 GMT"),
    ],
)
def test_a_date_that_cannot_be_told_is_unknown(text: str) -> None:
    assert parse_date(text) is None


def test_the_language_decides_where_a_word_names_two_months() -> None:
    assert parse_date("15 listopada 2024", "pl") == datetime(2024, 11, 15, tzinfo=UTC)
    assert parse_date("15 listopada 2024", "hr") == datetime(2024, 10, 15, tzinfo=UTC)


SPOKEN = "ar bg ca cs da de el en es et eu fi fr hu hy id is it ka lt lv mk nl pl pt ro ru sk sl"
SPOKEN += " sq sv sw tr uk he hi th"


@pytest.mark.parametrize("language", SPOKEN.split())
def test_every_month_is_known_by_name_in_the_languages_of_cities(language: str) -> None:
    for width in ("wide", "abbreviated"):
        for number, name in Locale(language).months["format"][width].items():
            word = plain_letters(name).strip(".")
            if not any(c.isdigit() for c in word):
                assert month_named(word, language) == number


@given(st.text(max_size=60), st.sampled_from([None, "fr", "pl"]))
def test_no_text_makes_it_stumble(text: str, language: str | None) -> None:
    found = parse_date(text, language)
    assert found is None or 1971 <= found.year <= 2200


@given(st.dates(date(1971, 1, 2), date(2200, 1, 1)), st.sampled_from(SPOKEN.split()))
def test_a_day_in_words_is_that_day(day: date, language: str) -> None:
    name = Locale(language).months["format"]["wide"][day.month]
    found = parse_date(f"{day.day} {name} {day.year} 10:05", language)
    expected = datetime(day.year, day.month, day.day, 10, 5, tzinfo=UTC)
    assert any(c.isdigit() for c in plain_letters(name)) or " " in name or found == expected
