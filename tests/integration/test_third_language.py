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


def test_search_knows_its_words_and_no_others(seen: dict[str, str]) -> None:
    assert "/eo/studoj/paris/budgxeto" in seen["search"]
    assert "/eo/studoj/paris/budgxeto" in seen["search for a form"], "which only its table knows"
    assert "/fr/etudes-de-cas/paris/budget" in seen["search in French"]
    assert "budgxeto" not in seen["search in French"]
