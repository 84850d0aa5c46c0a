from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from network.lib import i18n
from tests import messages

NNBSP, NBSP = "\u202f", "\u00a0"


@pytest.fixture(scope="module")
def wanted():
    return {m.id: m for m in messages.extracted() if m.id}


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_a_catalogue_has_every_message_of_the_code_and_no_other(lang, wanted):
    kept = {m.id for m in messages.read(lang) if m.id}
    assert kept == set(wanted), "run `make messages` and translate what is new"


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_a_catalogue_translates_every_message(lang):
    empty = [
        m.id
        for m in messages.read(lang)
        if m.id and not (all(m.string) if isinstance(m.string, (tuple, list)) else m.string)
    ]
    assert empty == [], f"translate in translations/{lang}/LC_MESSAGES/messages.po"
    assert not any(m.fuzzy for m in messages.read(lang) if m.id)


def placeholders(text):
    return sorted(re.findall(r"%\(\w+\)[sd]", text))


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_a_translation_keeps_the_placeholders_and_the_markup(lang):
    for message in messages.read(lang):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        for string in strings:
            allowed = [placeholders(i) for i in ids]
            # A singular may say “one” without its number.
            assert placeholders(string) in allowed, (message.id, string)
            assert sorted(re.findall(r"</?\w+", string)) == sorted(re.findall(r"</?\w+", ids[0]))


def test_french_messages_have_french_typography():
    for message in messages.read("fr"):
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        for string in strings:
            if not message.id:
                continue
            text = re.sub(r"<[^>]*>|https?://\S+|%\(\w+\)[sd]", "X", string)
            assert "'" not in text, string
            assert '"' not in text, string
            assert not re.search(rf"[^{NNBSP}\s(«][;!?](?!\w)", text), string
            assert not re.search(rf"[^{NBSP}\s\d]:(?!//)", text), string
            assert not re.search(rf"«[^{NBSP}{NNBSP}]|[^{NBSP}{NNBSP}]»", text), string


def test_numbers_and_dates_are_written_as_each_language_writes_them():
    assert i18n.number(6000000, "fr") == f"6{NNBSP}000{NNBSP}000"
    assert i18n.number(6000000, "en") == "6,000,000"
    assert i18n.long_date(date(2026, 11, 1), "fr") == "1er novembre 2026"
    assert i18n.long_date(date(2026, 11, 21), "fr") == "21 novembre 2026"
    assert i18n.long_date(date(2026, 11, 1), "en") == "1 November 2026"
    assert i18n.partial_date("2014", "fr") == "2014"
    assert i18n.partial_date("2014-09", "fr") == "septembre 2014"
    assert i18n.partial_date("2014-09-01", "fr") == "1er septembre 2014"
    moment = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    assert i18n.long_moment(moment, "fr") == f"23 novembre 2026 à 9{NBSP}h{NBSP}05 (UTC)"
    assert i18n.ago(moment - timedelta(minutes=5), moment, "fr") == "il y a 5 minutes"
    assert i18n.ago(moment, moment, "fr") == "à l’instant"
    assert i18n.ago(moment + timedelta(seconds=1), moment, "en") == "at any moment"


def test_languages_and_countries_have_names():
    assert i18n.language_name("fr") == "Français"
    assert i18n.language_name("fr", "fr") == "français"
    assert i18n.language_name("es", "fr") == "espagnol"
    assert i18n.language_name("not a language") == "not a language"
    assert i18n.country_name("KR", "fr") == "Corée du Sud"


@pytest.mark.parametrize(
    ("zone", "french", "english"),
    [
        ("Europe/Paris", "2 juillet 2026 à 1 h 30 (heure de Paris)",
         "2 July 2026 at 01:30 (Paris time)"),
        ("Africa/Abidjan", "1er juillet 2026 à 23 h 30 (heure d’Abidjan)",
         "1 July 2026 at 23:30 (Abidjan time)"),
        ("Europe/London", "2 juillet 2026 à 0 h 30 (heure de Londres)",
         "2 July 2026 at 00:30 (London time)"),
        ("America/Argentina/Buenos_Aires", "1er juillet 2026 à 20 h 30 (heure de Buenos Aires)",
         "1 July 2026 at 20:30 (Buenos Aires time)"),
        ("Etc/GMT+3", "1er juillet 2026 à 20 h 30 (UTC\u22123)",
         "1 July 2026 at 20:30 (UTC\u22123)"),
        ("UTC", "1er juillet 2026 à 23 h 30 (UTC)", "1 July 2026 at 23:30 (UTC)"),
        ("../etc/passwd", "1er juillet 2026 à 23 h 30 (UTC)", "1 July 2026 at 23:30 (UTC)"),
        ("Mars/Base", "1er juillet 2026 à 23 h 30 (UTC)", "1 July 2026 at 23:30 (UTC)"),
    ],
)  # fmt: skip
def test_a_moment_is_said_in_its_zone_which_is_named(zone, french, english):
    moment = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert i18n.long_moment(moment, "fr", zone).replace(NBSP, " ") == french
    assert i18n.long_moment(moment, "en", zone) == english


def test_the_hour_that_clocks_show_twice_has_its_offset():
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert i18n.long_moment(first, "en", "Europe/Paris").endswith("02:30 (Paris time, UTC+2)")
    assert i18n.short_moment(first, "en", "Europe/Paris").endswith("02:30 Paris time, UTC+2")
    assert i18n.long_moment(second, "en", "Europe/Paris").endswith("02:30 (Paris time, UTC+1)")
    spring = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert i18n.long_moment(spring, "en", "Europe/Paris").endswith("03:00 (Paris time)")
    assert i18n.long_moment(datetime.min.replace(tzinfo=UTC), "en", "America/New_York")
