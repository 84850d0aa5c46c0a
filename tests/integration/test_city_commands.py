"""`city` and `init`: whose site it is, and which places studies may name, from the command line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from network.cities.models import City
from network.cli.main import pioneer_cities
from network.lib.db import open_engine

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, prepared_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a node that is ready; keyword arguments are settings."""
    (tmp_path / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())

    def command(*arguments: str, typed: str | None = None, **values: str) -> Result:
        given = {"home": str(tmp_path), "base_url": "https://pioneers.example"} | values
        environment = {f"PIONEER_{name.upper()}": value for name, value in given.items()}
        return CliRunner().invoke(pioneer_cities, arguments, input=typed, env=environment)

    return command


def cities(run: Run) -> dict[str, dict[str, object]]:
    return {row["slug"]: row for row in json.loads(run("city", "list", "--json").stdout)}


def test_a_setting_that_names_any_city_of_the_world_is_enough(run: Run) -> None:
    answer = run("init", city="lyon")
    assert answer.exit_code == 0, answer.output
    assert "is the site of Lyon (France)" in answer.stdout
    lyon = cities(run)["lyon"]
    assert (lyon["geonames_id"], lyon["timezone"]) == (2996944, "Europe/Paris")
    assert run("init", city="lyon").exit_code == 0
    assert "ok       configuration" in run("check", city="lyon").stdout


def test_a_setting_in_the_citys_own_language_leads_to_it(run: Run) -> None:
    assert run("init", city="munchen").exit_code == 0
    assert "munich" in cities(run)
    assert "is the site of Munich" in run("init", city="munchen").stdout


@pytest.mark.parametrize("name", ["springfield", "xyzzy"])
def test_a_setting_that_is_not_clear_says_in_one_line_what_to_give(run: Run, name: str) -> None:
    answer = run("init", city=name)
    assert answer.exit_code == 1
    (line,) = answer.stderr.strip().splitlines()
    assert f"PIONEER_CITY={name}" in line and "--name-en" in line


def test_a_place_that_no_list_has_is_as_good(run: Run) -> None:
    answer = run(
        "init", "--name-fr", "Trifouillis-les-Oies", "--name-en", "Trifouillis", "--country",
        "France", "--kind", "village", "--site-description-fr", "Un village essaie",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert (
        "Pioneer Cities – Trifouillis / Villes pionnières – Trifouillis-les-Oies" in answer.stdout
    )
    village = cities(run)["trifouillis"]
    assert (village["population"], village["slug_fr"]) == (None, "trifouillis-les-oies")
    run("init", "--population", "312", "--population-year", "2021")
    assert cities(run)["trifouillis"]["population"] == 312


def test_cities_of_one_name_have_slugs_of_their_own(run: Run) -> None:
    for name in (
        "San José, Costa Rica",
        "San Jose, US",
        "Springfield, Ohio",
        "Springfield, Oregon",
    ):
        assert run("city", "add", name).exit_code == 0
    found = cities(run)
    assert found["san-jose"]["country"] == "CR" and found["san-jose-us"]["country"] == "US"
    assert {"springfield", "springfield-us"} <= found.keys()
    assert "known already" in run("city", "add", "San José, CR").stdout


def test_what_is_said_of_a_city_can_be_changed_and_the_rest_stays(run: Run) -> None:
    run("city", "add", "Lyon")
    assert (
        run("city", "edit", "lyon", "--website", "www.lyon.fr", "--population", "").exit_code == 0
    )
    lyon = cities(run)["lyon"]
    assert (lyon["website"], lyon["population"]) == ("https://www.lyon.fr", None)
    assert lyon["country"] == "FR"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("edit", "nowhere"), "is no city here"),
        (("edit", "paris", "--population", "many"), "population: Give the number"),
        (("edit", "paris", "--lat", "100%"), "lat: Give degrees"),
        (("add", "Springfield"), "places are called"),
        (("add", "東京"), "Say all that you know"),
        (("add", "東京", "--name-en", "東京"), "slug: Give a short name"),
        (("add",), "name_en: Give the city’s name."),
        (("join", "paris", "nowhere"), "is no city here"),
        (("join", "paris", "paris", "--yes"), "Choose two different cities."),
        (("join", "lisbon", "paris"), "Give --yes"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    answer = run("city", *arguments)
    assert answer.exit_code == 1 and said in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_nobody_else_has_a_word_on_the_own_city_also_if_somebody_had_before(
    run: Run, tmp_path: Path
) -> None:
    assert run("init", "--city", "Paris").exit_code == 0
    engine = open_engine(f"sqlite:///{tmp_path / 'pioneer.sqlite'}")
    with engine.begin() as connection:
        connection.execute(update(City).values(said_by="impostor.example"))
    engine.dispose()
    answer = run("init", "--population", "2100000")
    assert answer.exit_code == 0, answer.output
    assert cities(run)["paris"]["population"] == 2_100_000
    assert "impostor.example" in run("city", "edit", "madrid", "--population", "5").stderr


def test_two_cities_that_are_one_are_joined(run: Run) -> None:
    answer = run("city", "join", "lisbonne", "paris", "--yes", "--json")
    assert json.loads(answer.stdout)["slug"] == "paris"
    assert "lisbon" not in cities(run)
    assert "paris: Paris / Paris (changed)" in run("city", "edit", "lisbon").stdout


@pytest.mark.parametrize(("said", "done"), [("y\n", True), ("n\n", False)])
def test_joining_cities_is_asked_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, said: str, done: bool
) -> None:
    monkeypatch.setattr("network.cli.cities._on_terminal", lambda: True)
    answer = run("city", "join", "lisbon", "paris", typed=said)
    assert "Case studies go from lisbon to paris: 0 of this site, 0 followed." in answer.stdout
    assert ("lisbon" not in cities(run)) is done


def test_our_own_city_can_be_edited_whoever_else_says_to_be_it(run: Run, tmp_path: Path) -> None:
    run("init", city="lisbon")
    with closing(sqlite3.connect(tmp_path / "pioneer.sqlite")) as database, database:
        database.execute("UPDATE city SET said_by = 'x.example' WHERE slug IN ('lisbon', 'paris')")
    answer = run("city", "edit", "paris", "--population", "7", city="lisbon")
    assert answer.exit_code == 1 and "x.example is the site of this city" in answer.stderr
    assert run("city", "edit", "lisbon", "--population", "7", city="lisbon").exit_code == 0
    assert run("init", "--city", "Paris", "--population", "8", city="lisbon").exit_code == 0
    assert [cities(run)[slug]["population"] for slug in ("lisbon", "paris")] == [7, 8]
