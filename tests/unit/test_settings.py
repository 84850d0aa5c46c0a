from __future__ import annotations

import re
from pathlib import Path

import pytest

from network.config import SETTINGS, ConfigurationError, load

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_documents_every_setting_with_its_default_and_meaning():
    rows = dict(re.findall(r"^\| `(PIONEER_[A-Z_]+)` \| (.*) \|$", README.read_text(), re.M))
    expected = {
        s.variable: f"{f'`{s.default}`' if s.default else '(empty)'} | {s.meaning}"
        for s in SETTINGS
    }
    rows.pop("PIONEER_CONFIG")
    assert rows == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "whole number from 1 to 65535"),
        ("PORT", "0", "whole number from 1 to 65535"),
        ("BASE_URL", "pioneers.example", "https://"),
        ("BASE_URL", "https://city.example/pioneers", "without a path"),
        ("LANGUAGE", "es", "one of en, fr"),
        ("ACCENT", "#123456", "one of petrol"),
        ("CITY", "Île-de-France", "short name"),
        ("ALLOW_PRIVATE_ADDRESSES", "127.0.0.1/8", "CIDR"),
        ("FETCH_PORTS", "", "ports, such as 80,443"),
        ("FETCH_PORTS", "80,0", "ports, such as 80,443"),
        ("FETCH_PORTS", "443, 70000", "ports, such as 80,443"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_was_expected(
    name, value, expected, tmp_path
):
    with pytest.raises(ConfigurationError) as caught:
        load({"PIONEER_HOME": str(tmp_path), f"PIONEER_{name}": value})
    assert f"PIONEER_{name}" in str(caught.value)
    assert expected in str(caught.value)


def test_ports_are_numbers_each_once(tmp_path):
    settings = load({"PIONEER_HOME": str(tmp_path), "PIONEER_FETCH_PORTS": "443, 8443,443"})
    assert settings.fetch_ports == (443, 8443)


def test_an_unknown_setting_is_refused_because_it_is_probably_a_typing_error(tmp_path):
    with pytest.raises(ConfigurationError, match="PIONEER_PROT"):
        load({"PIONEER_HOME": str(tmp_path), "PIONEER_PROT": "8000"})


def test_settings_come_from_a_file_and_the_environment_wins(tmp_path):
    file = tmp_path / "pioneer.conf"
    file.write_text('# a comment\n\nPIONEER_NAME="Ville"\nPIONEER_PORT=9000\n')
    settings = load(
        {"PIONEER_CONFIG": str(file), "PIONEER_HOME": str(tmp_path), "PIONEER_PORT": "9001"}
    )
    assert (settings.name, settings.port) == ("Ville", 9001)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"PIONEER_CONFIG.*nowhere\.conf"):
        load({"PIONEER_CONFIG": str(tmp_path / "nowhere.conf")})


def test_a_line_that_is_no_setting_is_told_with_its_number(tmp_path):
    file = tmp_path / "pioneer.conf"
    file.write_text("PIONEER_NAME=Ville\nwhat is this\n")
    with pytest.raises(ConfigurationError, match="line 2"):
        load({"PIONEER_CONFIG": str(file), "PIONEER_HOME": str(tmp_path)})


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = load({"PIONEER_HOME": str(tmp_path)}).secret_key
    assert len(first) == 64
    assert load({"PIONEER_HOME": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
