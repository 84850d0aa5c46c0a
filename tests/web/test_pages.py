"""What the site says of itself, to people and to machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from network.app import create_app
from network.config import Settings
from network.lib import clock
from network.lib.db import db
from tests.web.conftest import Node

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def with_contact(make_settings: Callable[..., Settings]) -> Iterator[Flask]:
    """A node that names a mailbox."""
    made = create_app(make_settings(contact="ouvert@paris.example"))
    yield made
    with made.app_context():
        db.engine.dispose()


def test_about_says_whose_site_it_is_and_who_is_in_the_network(
    client: FlaskClient, node: Node
) -> None:
    node.follow("Madrid", city="madrid", site_url="http://madrid.example/")
    node.follow("Blog", kind="foreign")
    node.follow("Quarrel", state="blocked")
    page = client.get("/en/about")
    assert page.status_code == 200
    assert "is the site of Paris in the Pioneer Cities network" in page.text
    assert 'href="http://madrid.example/"' in page.text
    for absent in ("blog.example", "quarrel.example", "mailto:"):
        assert absent not in page.text


def test_the_mailbox_is_on_the_pages_where_people_look_for_it(with_contact: Flask) -> None:
    client = with_contact.test_client()
    for address in ("/en/about", "/fr/a-propos", "/en/accessibility", "/fr/accessibilite"):
        assert 'href="mailto:ouvert@paris.example"' in client.get(address).text, address


def test_the_accessibility_statement_claims_no_more_than_was_checked(client: FlaskClient) -> None:
    page = client.get("/en/accessibility").text
    assert "No independent audit has been made yet" in page
    assert "RGAA" in page
    assert "EN 301 549" in page


def test_security_txt_names_the_mailbox_and_has_not_expired(
    client: FlaskClient, with_contact: Flask
) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    response = with_contact.test_client().get("/.well-known/security.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields["Contact"] == "mailto:ouvert@paris.example"
    assert fields["Canonical"] == "http://paris.example/.well-known/security.txt"
    now = clock.now()
    assert f"{now:%Y-%m-%d}" < fields["Expires"] < f"{now + timedelta(days=365):%Y-%m-%d}"


def test_nodeinfo_is_found_and_counts_own_studies(client: FlaskClient, node: Node) -> None:
    node.publish(1, "fr")
    node.publish(1, "en")
    node.receive(node.follow("Madrid"), 2)
    (link,) = client.get("/.well-known/nodeinfo").get_json()["links"]
    assert link["rel"] == "http://nodeinfo.diaspora.software/ns/schema/2.1"
    response = client.get(link["href"].removeprefix("http://paris.example"))
    assert f'profile="{link["rel"]}#"' in response.headers["Content-Type"]
    found = response.get_json()
    assert set(found) == {
        "version", "software", "protocols", "services", "openRegistrations", "usage", "metadata",
    }  # fmt: skip
    assert found["version"] == "2.1"
    assert found["software"]["name"] == "pioneer-cities"
    assert found["usage"]["localPosts"] == 1
    assert found["metadata"]["log"] == "http://paris.example/feed.atom"


def test_the_sitemap_pairs_languages_and_leaves_followed_studies_to_their_origin(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "fr", slug="etude", inspired_by=())
    node.publish(1, "en", slug="study", inspired_by=())
    node.publish(2, "fr", slug="seule", city="lisbon", topics=("youth",), inspired_by=())
    node.receive(node.follow("Madrid"), 3)
    response = client.get("/sitemap.xml")
    assert response.mimetype == "application/xml"
    pages = {
        url.findtext(f"{SITEMAP}loc") or "": {
            link.get("hreflang"): link.get("href") for link in url.iterchildren(f"{XHTML}link")
        }
        for url in etree.fromstring(response.data)
    }
    base = "http://paris.example"
    pair = {
        "en": f"{base}/en/case-studies/paris/study",
        "fr": f"{base}/fr/etudes-de-cas/paris/etude",
    }
    assert pages[pair["en"]] == pages[pair["fr"]] == pair
    alone = f"{base}/fr/etudes-de-cas/lisbonne/seule"
    assert pages[alone] == {"fr": alone}
    assert pages[f"{base}/en/"] == {"en": f"{base}/en/", "fr": f"{base}/fr/"}
    assert f"{base}/en/topics/youth" in pages
    assert f"{base}/fr/villes/lisbonne" in pages
    assert not [url for url in pages if "study-3" in url]
    for url, alternates in pages.items():
        assert url in alternates.values()
        for other in alternates.values():
            assert pages[other or ""] == alternates, "hreflang is reciprocal"
        assert client.get(url.removeprefix(base)).status_code == 200, url
