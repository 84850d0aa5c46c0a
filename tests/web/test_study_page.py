"""One study's page: its addresses, its languages, and where it comes from."""

from __future__ import annotations

import pytest

from network.case_studies import publish
from network.lib.db import db
from tests.writing import TextDraft, draft, publish_in


@pytest.fixture
def published(app, settings) -> str:
    """A study with a French original and an English translation; gives its id."""
    with app.app_context():
        english = TextDraft(title="City bees", summary="Hives on roofs.", translation="human")
        written = draft("Les ruches de la ville", texts={"en": english})
        return publish_in(db.session(), settings, written)


FRENCH = "/fr/etudes-de-cas/paris/les-ruches-de-la-ville"
ENGLISH = "/en/case-studies/paris/city-bees"


@pytest.mark.parametrize(
    ("path", "accepts", "expected"),
    [
        ("/fr", "en", FRENCH),
        ("/en", "fr", ENGLISH),
        ("", "fr", FRENCH),
        ("", "en", ENGLISH),
    ],
)
def test_a_permanent_id_leads_to_the_page_in_its_own_language(
    client, published, path, accepts, expected
):
    answer = client.get(f"/id/{published}{path}", headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.location) == (303, expected)


def test_a_permanent_id_in_a_language_that_does_not_exist_is_not_found(client, published):
    assert client.get(f"/id/{published}/es").status_code == 404


def test_the_other_languages_slug_leads_to_the_proper_address(client, published):
    answer = client.get("/fr/etudes-de-cas/paris/city-bees")
    assert (answer.status_code, answer.location) == (301, FRENCH)


def test_a_page_names_its_versions_for_search_engines_and_readers(client, published):
    text = client.get(FRENCH).text
    for code, path in (("fr", FRENCH), ("en", ENGLISH), ("x-default", FRENCH)):
        assert f'hreflang="{code}" href="http://paris.example{path}"' in text
    assert f'<a class="tools__lang" href="{ENGLISH}"' in text


def test_a_missing_version_is_said_and_the_existing_one_linked(client, app, settings):
    with app.app_context():
        publish_in(db.session(), settings, draft("Seulement en français"))
    answer = client.get("/en/case-studies/paris/seulement-en-francais")
    assert answer.status_code == 200
    assert "There is no version in English yet" in answer.text
    assert 'href="/fr/etudes-de-cas/paris/seulement-en-francais"' in answer.text
    assert '<h1 lang="fr">' in answer.text


def test_a_withdrawn_study_says_that_it_is_gone(client, app, published):
    with app.app_context():
        publish.withdraw(db.session(), None, published, "Des chiffres sont faux.")
    for path in (FRENCH, ENGLISH, f"/id/{published}", f"/id/{published}/fr"):
        assert client.get(path).status_code == 410, path
    assert "a été retirée" in client.get(FRENCH).text


def test_an_unknown_study_is_not_found_in_the_readers_language(client):
    answer = client.get("/fr/etudes-de-cas/paris/rien")
    assert answer.status_code == 404
    assert "Cette page n" in answer.text
