from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from network.config import SETTINGS, ConfigurationError, given, load

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
        ("NAME", "\u200b \u3164", "a text that can be seen"),
        ("NAME", "\u2800", "a text that can be seen"),
        ("NAME", " ", "a value, or no such line"),
        ("CONTACT", "\u200b", "a mailbox"),
        ("CONTACT", "Mairie <m@city.example>", "a mailbox"),
        ("CONTACT", "a@city.example, b@city.example", "a mailbox"),
        *[
            ("BASE_URL", f"https://{host}", "an address such as")
            for host in (
                "city..example",
                ".city.example",
                "-city.example",
                "300.1.1.1",
                "[::1",
                "[city.example]",
                "city.example:x",
                "user@city.example",
                "city example",
            )
        ],
        *[
            ("HOST", value, "alone")
            for value in ("http://127.0.0.1", "127.0.0.1:8000", "*", "300.1.1.1", "[::1]:80")
        ],
        *[
            ("SMTP_HOST", value, "alone")
            for value in ("smtp://mail.example", "mail.example:587", "mail.example/")
        ],
        ("DATABASE_URL", "sqlite:///:memory:", "a database that is kept"),
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


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("HOST", "[::]", "::"), ("HOST", "0.0.0.0", "0.0.0.0"), ("HOST", "localhost", "localhost"),
        ("CONTACT", "https://city.example/contact", "https://city.example/contact"),
        ("CONTACT", "m@city.example", "m@city.example"), ("CONTACT", "", ""),
        ("BASE_URL", "https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("BASE_URL", "https://Évreux.example", "https://évreux.example"),
        ("DATABASE_URL", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_it_is_meant(name, value, meant, tmp_path):
    node = load({"PIONEER_HOME": str(tmp_path), f"PIONEER_{name}": value})
    assert getattr(node, name.lower()) == meant


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


@pytest.mark.parametrize("name", ["HOME", "HOST", "NAME", "LICENCE", "BASE_URL", "PORT", "ACCENT"])
def test_a_value_that_is_given_empty_is_refused_where_there_must_be_one(name, tmp_path):
    with pytest.raises(ConfigurationError, match=f"PIONEER_{name}=' ?' cannot be used"):
        load({"PIONEER_HOME": str(tmp_path), f"PIONEER_{name}": " " if name == "HOST" else ""})


# The file that every command finds by itself


@pytest.fixture
def system_file(tmp_path, monkeypatch):
    """The machine’s file of settings, and a process that has none of its own."""
    for name in [n for n in os.environ if n.startswith("PIONEER_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "etc" / "config.env"
    file.parent.mkdir()
    file.write_text(f"PIONEER_HOME={tmp_path / 'node'}\nPIONEER_NAME=Ville\n")
    monkeypatch.setattr(given, "SYSTEM_FILE", file)
    monkeypatch.chdir(tmp_path)
    return file


def test_the_machines_file_is_found_and_the_environment_wins(system_file, tmp_path, monkeypatch):
    monkeypatch.setenv("PIONEER_NAME", "Village")
    settings = load()
    assert (settings.home, settings.name) == (tmp_path / "node", "Village")
    assert settings.file == system_file
    assert str(settings.sources["home"]) == f"{system_file}, line 1"
    assert str(settings.sources["name"]) == "the environment"
    assert "port" not in settings.sources


def test_a_file_that_is_named_is_used_instead(system_file, tmp_path, monkeypatch):
    other = tmp_path / "other.env"
    other.write_text(f"PIONEER_HOME={tmp_path / 'other'}\n")
    monkeypatch.setenv("PIONEER_CONFIG", str(other))
    assert (load().home, load().name) == (tmp_path / "other", "Pioneer Cities")
    monkeypatch.setenv("PIONEER_CONFIG", "")
    assert load().home == tmp_path / "node"


def test_values_that_are_handed_over_are_all_there_are(system_file, tmp_path):
    assert load({"PIONEER_HOME": str(tmp_path)}).name == "Pioneer Cities"


def test_the_machines_file_is_never_passed_over(system_file, tmp_path):
    system_file.unlink()
    system_file.mkdir()
    with pytest.raises(ConfigurationError, match=f"^{system_file} cannot be read: Is a directory"):
        load()
    assert not (tmp_path / "instance").exists()


def test_without_the_machines_file_the_folder_of_the_process_counts(system_file, tmp_path):
    system_file.unlink()
    settings = load(begins=False)
    assert (settings.home, settings.file) == (tmp_path / "instance", None)
    assert not settings.home.exists(), "a command that only looks leaves nothing behind"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("PIONEER_NAME=Ville\n", "PIONEER_HOME is missing"),
        ("PIONEER_HOME=node\n", "line 1: PIONEER_HOME cannot be used: expected a path from / on"),
        (
            "PIONEER_HOME=/tmp\nPIONEER_DATABASE_URL=sqlite:///node.sqlite\n",
            "line 2: PIONEER_DATABASE_URL cannot be used: expected a path from / on",
        ),
        (
            "PIONEER_HOME=/tmp\nPIONEER_SMTP_PASSWORD_FILE=test_settings.py\n",
            "line 2: PIONEER_SMTP_PASSWORD_FILE cannot be used: expected a path from / on",
        ),
    ],
)
def test_a_node_is_the_same_wherever_a_command_is_started(system_file, content, said):
    system_file.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert said in str(caught.value)
    assert str(system_file) in str(caught.value)


@pytest.mark.parametrize(("owner", "runs"), [(65534, False), (0, True)])
def test_root_leaves_nothing_that_the_node_could_not_use(
    system_file, tmp_path, monkeypatch, owner, runs
):
    (tmp_path / "node").mkdir()
    real = Path.stat

    def stat(path, **options):
        result = real(path, **options)
        if path != tmp_path / "node":
            return result
        return os.stat_result((*result[:4], owner, *result[5:]))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "stat", stat)
    if runs:
        assert load().home == tmp_path / "node"
        return
    with pytest.raises(ConfigurationError, match="sudo -u nobody pioneer-cities"):
        load()
    assert list((tmp_path / "node").iterdir()) == []
    monkeypatch.setattr(os, "geteuid", lambda: owner)
    assert load().home == tmp_path / "node"


def test_one_node_never_gets_the_settings_of_another(system_file, tmp_path, monkeypatch):
    monkeypatch.setenv("PIONEER_HOME", str(tmp_path / "node") + "/")
    assert load().name == "Ville"
    monkeypatch.setenv("PIONEER_HOME", str(tmp_path / "another"))
    with pytest.raises(ConfigurationError, match="If these are two nodes") as caught:
        load()
    assert str(system_file) in str(caught.value)
    monkeypatch.setenv("PIONEER_CONFIG", os.devnull)
    assert (load().home, load().name) == (tmp_path / "another", "Pioneer Cities")


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://villes.example", True),
        ("https://villes.example.", True),
        ("https://93.184.215.14", True),
        ("https://home.villes.example", True),
        ("http://127.0.0.1:8000", False),
        ("http://127.1", False),
        ("http://localhost", False),
        ("http://paris.localhost:8000", False),
        ("http://[::1]:8000", False),
        ("http://[::ffff:127.0.0.1]", False),
        ("http://0.0.0.0:8000", False),
        ("http://10.1.2.3", False),
        ("http://pioneers", False),
        ("http://pioneers.lan", False),
        ("http://pioneers.city.internal", False),
        ("http://localhost.localdomain", False),
    ],
)
def test_an_address_that_others_cannot_open_is_told_apart(url, public, tmp_path):
    settings = load({"PIONEER_HOME": str(tmp_path), "PIONEER_BASE_URL": url})
    assert settings.public is public
