"""NodeInfo 2.1 as its schema and its protocol want it, and as another node of ours reads it."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from network.web.machines import nodeinfo
from tests.web.conftest import Node
from tests.web.officials import Official

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.1"
BASE = "http://paris.example"
INBOUND = {"atom1.0", "gnusocial", "imap", "pnut", "pop3", "pumpio", "rss2.0", "twitter"}
OUTBOUND = {
    "atom1.0", "blogger", "buddycloud", "diaspora", "dreamwidth", "drupal", "facebook",
    "friendica", "gnusocial", "google", "insanejournal", "libertree", "linkedin", "livejournal",
    "mediagoblin", "myspace", "pinterest", "pnut", "posterous", "pumpio", "redmatrix", "rss2.0",
    "smtp", "tent", "tumblr", "twitter", "wordpress", "xmpp",
}  # fmt: skip
PROTOCOLS = {
    "activitypub", "buddycloud", "dfrn", "diaspora", "libertree", "ostatus", "pumpio", "tent",
    "xmpp", "zot",
}  # fmt: skip


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def faults(value: Any) -> list[str]:
    """What the schema of NodeInfo 2.1 has against a document; our own reading of it."""
    found = []

    def must(condition: bool, fault: str) -> None:
        if not condition:
            found.append(fault)

    properties = {"version", "software", "protocols", "services", "openRegistrations", "usage",
                  "metadata"}  # fmt: skip
    must(set(value) == properties, "all properties and no others")
    must(value["version"] == "2.1", "version")
    software = value["software"]
    must({"name", "version"} <= set(software), "software is named")
    must(set(software) <= {"name", "version", "repository", "homepage"}, "nothing else of it")
    must(re.fullmatch("[a-z0-9-]+", software["name"]) is not None, "its name")
    must(all(isinstance(text, str) for text in software.values()), "texts")
    must(bool(value["protocols"]) and set(value["protocols"]) <= PROTOCOLS, "protocols")
    must(set(value["services"]) == {"inbound", "outbound"}, "services")
    must(set(value["services"]["inbound"]) <= INBOUND, "inbound")
    must(set(value["services"]["outbound"]) <= OUTBOUND, "outbound")
    must(isinstance(value["openRegistrations"], bool), "registrations")
    usage = value["usage"]
    must("users" in usage and set(usage) <= {"users", "localPosts", "localComments"}, "usage")
    must(set(usage["users"]) <= {"total", "activeHalfyear", "activeMonth"}, "users")
    counted = [*usage["users"].values(), *(usage[n] for n in usage if n != "users")]
    must(all(map(is_count, counted)), "counts")
    must(isinstance(value["metadata"], dict), "metadata")
    return found


def test_the_well_known_address_leads_to_the_description(client: FlaskClient) -> None:
    response = client.get("/.well-known/nodeinfo")
    assert response.mimetype == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    (link,) = response.get_json()["links"]
    assert link == {"rel": SCHEMA, "href": f"{BASE}/nodeinfo/2.1"}
    described = client.get("/nodeinfo/2.1")
    assert f'profile="{SCHEMA}#"' in described.headers["Content-Type"]
    assert described.mimetype == "application/json"


def test_the_description_is_valid_and_counts_what_is_here(
    app: Flask, client: FlaskClient, node: Node
) -> None:
    assert faults(client.get("/nodeinfo/2.1").get_json()) == []
    Official(app, "author", "ines")
    node.publish(1, "fr")
    node.publish(1, "en")
    node.receive(node.follow("Madrid"), 2)
    found = client.get("/nodeinfo/2.1").get_json()
    assert faults(found) == []
    assert found["usage"] == {"users": {"total": 1}, "localPosts": 1, "localComments": 0}
    assert found["openRegistrations"] is False
    assert found["services"]["inbound"] == found["services"]["outbound"] == ["atom1.0", "rss2.0"]


def test_the_metadata_says_how_to_follow_and_nothing_that_is_not_there(
    app: Flask, client: FlaskClient
) -> None:
    metadata = client.get("/nodeinfo/2.1").get_json()["metadata"]
    assert metadata["nodeName"] == "Villes pionnières"
    assert (metadata["city"], metadata["language"]) == ("paris", "fr")
    assert metadata["languages"] == ["fr", "en"]
    assert metadata["protocol"] == "urn:pioneer-cities:1"
    addresses = {"log": "/feed.atom", "opml": "/network.opml"} | {
        name: path
        for name, path in nodeinfo.ADDRESSES.items()
        if any(rule.rule == path for rule in app.url_map.iter_rules())
    }
    assert {name for name in ("log", "opml", "hub", "webmention") if name in metadata} == set(
        addresses
    )
    for name, path in addresses.items():
        assert metadata[name] == BASE + path
        assert client.get(path).status_code != 404


def test_our_own_reading_of_the_schema_finds_faults(client: FlaskClient) -> None:
    good = client.get("/nodeinfo/2.1").get_json()
    for change in (
        {"version": "2.0"}, {"protocols": []}, {"protocols": ["pioneer-cities"]},
        {"software": {"name": "Pioneer Cities", "version": "1"}}, {"more": 1},
        {"usage": {"users": {"total": -1}}}, {"services": {"inbound": ["atom"], "outbound": []}},
    ):  # fmt: skip
        assert faults(good | change), change
