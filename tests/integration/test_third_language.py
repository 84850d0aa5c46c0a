"""A language is a row, a catalogue and words for search: a made-up third one is spoken at once."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.unit.test_architecture import ROOT


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of a node that speaks it, each with its status and address in the first line."""
    home = tmp_path_factory.mktemp("third")
    command = [sys.executable, "-m", "tests.third_language", str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_every_page_of_it_answers_in_its_own_words(seen: dict[str, str]) -> None:
    assert seen["home"].startswith("200 /eo/\n"), "the node's own language, without a choice"
    for name in ("about", "list", "study", "study without it", "topic", "city", "search", "feed"):
        assert seen[name].startswith("200 /eo/"), name
        assert re.search(r'(?:xml:)?lang="eo"', seen[name]), name
    assert ">Pri ni</a>" in seen["about"], "the catalogue's"
    assert ">Sign in</a>" in seen["about"], "what the catalogue lacks is English"


def test_pages_link_their_other_languages_and_machines_are_told(seen: dict[str, str]) -> None:
    links = re.findall(r'class="tools__lang" href="([^"]+)" lang="(..)"', seen["topic"])
    assert links == [
        ("/fr/thematiques/budget-participatif", "fr"),
        ("/en/topics/participatory-budgeting", "en"),
    ]
    assert "Disallow: /eo/sercxo\n" in seen["robots"]
    assert '"languages":["fr","en","eo"]' in seen["nodeinfo"]
    assert "http://paris.example/eo/studoj/paris/budgxeto" in seen["sitemap"]


def test_a_study_is_written_published_and_sent_in_it(seen: dict[str, str]) -> None:
    assert 'name="lang" value="eo" checked' in seen["new"]
    assert seen["begun"].startswith("303")
    assert 'name="eo.title"' in seen["editor"] and 'value="Nova studo"' in seen["editor"]
    assert "<h2>Rezultoj</h2>" in seen["study"]
    assert 'href="http://paris.example/eo/studoj/paris/budgxeto"' in seen["log"]


def test_names_in_it_are_given_shown_found_and_sent(seen: dict[str, str]) -> None:
    assert seen["given"].startswith("303")
    assert (
        '<label for="name_eo">Name in Esperanto</label>' in seen["form"]
        or "esperanto" in seen["form"]
    )
    for value in ("Lutecio", "Lutecio provas"):
        assert f'value="{value}"' in seen["form"]
    assert "Lutecio provas" in seen["home"] and "Kion urbo provas" in seen["home"]
    assert seen["named city"].startswith("200 /eo/urboj/lutecio\n")
    assert "<h1>Lutecio</h1>" in seen["named city"]
    assert seen["named in French"].startswith("200 /fr/villes/lutece\n")
    assert seen["named topic"].startswith("200 /eo/temoj/datumoj\n")
    assert "<h1>Malfermaj datumoj</h1>" in seen["named topic"] and "datenoj" in seen["named topic"]
    assert "Lutecio provas" in seen["feed"] and 'label="Malfermaj datumoj"' in seen["log"]
    assert '<pc:name xml:lang="eo">Lutecio</pc:name>' in seen["log"]
    assert '"name_eo":"Lutecio"' in seen["json"]
    assert '"Lutecio"' in seen["suggested"]


def test_names_in_it_are_found(seen: dict[str, str]) -> None:
    for search in ("search for a city", "search for a topic"):
        assert "/eo/studoj/lutecio/datumoj" in seen[search], search


def test_a_follower_hears_names_in_it(seen: dict[str, str]) -> None:
    assert json.loads(seen["followed"]) == {"en": "Ozd", "eo": "Ozdo"}
    assert "<h1>Ozdo</h1>" in seen["followed city"]


def test_what_has_no_name_in_it_is_called_as_in_english(seen: dict[str, str]) -> None:
    assert seen["city"].startswith("200 /eo/urboj/paris\n") and "<h1>Paris</h1>" in seen["city"]
    assert "<h1>Participatory budgeting</h1>" in seen["topic"]


def test_search_knows_its_words_and_no_others(seen: dict[str, str]) -> None:
    assert "/eo/studoj/paris/budgxeto" in seen["search"]
    assert "/eo/studoj/paris/budgxeto" in seen["search for a form"], "which only its table knows"
    assert "/fr/etudes-de-cas/paris/budget" in seen["search in French"]
    assert "budgxeto" not in seen["search in French"]
