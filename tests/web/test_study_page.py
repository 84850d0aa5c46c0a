"""One study's page: its addresses, its languages, and where it comes from."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from network.case_studies import publish
from network.catalogue import addresses, store, tombstones
from network.catalogue.models import FormerAddress
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


# Addresses that were


def test_a_page_that_moved_is_found_at_every_address_that_it_had(node, client):
    node.publish(1, slug="ruches")
    node.publish(1, slug="ruches-en-ville")
    node.publish(1, slug="abeilles", city="lyon")
    for old in ("/fr/etudes-de-cas/paris/ruches", "/fr/etudes-de-cas/paris/ruches-en-ville"):
        answer = client.get(old)
        assert answer.status_code == 301
        assert answer.location == "/fr/etudes-de-cas/lyon/abeilles"
    assert client.get("/en/case-studies/paris/ruches/lineage").location.endswith(
        "lyon/abeilles/lineage"
    )
    assert client.get("/fr/etudes-de-cas/lyon/ruches").status_code == 404


def test_who_lives_at_an_address_now_comes_before_who_did(node, client):
    node.publish(1, slug="ruches")
    node.publish(1, slug="abeilles")
    other = node.publish(2, slug="ruches")
    page = client.get("/fr/etudes-de-cas/paris/ruches")
    assert page.status_code == 200
    assert other.title in page.text
    node.publish(1, slug="ruches")  # it wants to come back; its own new address keeps it apart
    assert other.title in client.get("/fr/etudes-de-cas/paris/ruches").text
    assert client.get("/fr/etudes-de-cas/paris/abeilles").status_code == 301


def test_what_was_withdrawn_leads_to_nobody_who_lived_there_before(node, client):
    node.publish(1, slug="ruches")
    node.publish(1, slug="abeilles")
    other = node.publish(2, slug="ruches")
    node.change(lambda session: tombstones.bury(session, other.entry_id, other.updated) and None)
    assert client.get("/fr/etudes-de-cas/paris/ruches").status_code == 410
    assert client.get("/fr/etudes-de-cas/paris/abeilles").status_code == 200


def test_a_followed_study_that_moved_is_found_too(node, client):
    source = node.follow()
    node.receive(source, 2, slug="avant", city="madrid")
    node.receive(source, 2, slug="apres", city="madrid")
    answer = client.get("/fr/etudes-de-cas/madrid/avant")
    assert (answer.status_code, answer.location) == (301, "/fr/etudes-de-cas/madrid/apres")


def test_a_followed_site_takes_no_former_address_from_a_study_of_ours(node, client):
    node.publish(1, slug="ruches", city="paris")
    node.publish(1, slug="abeilles", city="paris")
    source = node.follow()
    node.receive(source, 2, slug="ruches", city="paris")  # it lives there, and then it does not
    node.receive(source, 2, slug="ailleurs", city="paris")
    answer = client.get("/fr/etudes-de-cas/paris/ruches")
    assert (answer.status_code, answer.location) == (301, "/fr/etudes-de-cas/paris/abeilles")


def test_a_study_that_moves_all_the_time_fills_no_table(node, client):
    source = node.follow()
    for number in range(addresses.FORMER + 5):
        node.receive(source, 2, slug=f"ruches-{number}", city="madrid")
    with node.app.app_context():
        held = db.session.scalars(select(FormerAddress.slug)).all()
    assert len(held) == addresses.FORMER
    assert client.get("/fr/etudes-de-cas/madrid/ruches-0").status_code == 301


def test_a_study_that_moved_and_was_withdrawn_answers_410_until_its_site_is_left(node, client):
    source = node.follow()
    for number, slug in ((2, "avant"), (2, "apres"), (3, "reste"), (3, "restera")):
        version = node.receive(source, number, slug=slug, city="madrid")
    gone = version.entry_id.replace("3/fr", "2/fr")
    assert gone != version.entry_id
    node.change(lambda session: tombstones.bury(session, gone, version.updated) and None)
    assert client.get("/fr/etudes-de-cas/madrid/avant").status_code == 410
    assert client.get("/fr/etudes-de-cas/madrid/reste").status_code == 301
    node.change(lambda session: store.remove_source(session, source) and None)
    with node.app.app_context():
        assert db.session.scalars(select(FormerAddress.slug)).all() == []
    assert client.get("/fr/etudes-de-cas/madrid/avant").status_code == 404
