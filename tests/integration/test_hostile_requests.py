"""Whatever is asked of any address, on either database, the answer is one that was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from network.app import create_app
from network.case_studies import service
from network.case_studies.drafts import Draft, TextDraft
from network.config import Settings
from network.lib.db import db
from tests.web.conftest import Node
from tests.web.officials import PASSWORD, Official, form, token, user

PARAMETERS = (
    "q", "page", "topic", "city", "country", "status", "year", "language", "scope", "next",
    "state", "text", "v", "lang", "x",
)  # fmt: skip
AWKWARD = [
    b"", b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", b"\r\nSet-Cookie: a=b", b"../../etc/passwd",
    b"0", b"-1", b"1e309", b"9" * 25, b"9" * 5000, "٣".encode(), b"{{7*7}}", b"%s%n", b"'--",
    b"<script>", b"//evil.example", b"x" * 3000, "\u202e\U0001f600".encode(), b"paris", b"fr",
]  # fmt: skip
anything = st.sampled_from(AWKWARD) | st.binary(max_size=20)
fuzz = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Site:
    """A node with studies, an administrator’s browser and a stranger’s."""

    app: Flask
    boss: Official
    stranger: FlaskClient
    study_id: str

    def browsers(self) -> tuple[FlaskClient, FlaskClient]:
        return self.stranger, self.boss.browser

    def rules(self, method: str) -> list[Rule]:
        every = sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule)
        return [rule for rule in every if method in (rule.methods or ())]


@pytest.fixture
def site(make_settings: Callable[..., Settings]) -> Iterator[Site]:
    config = make_settings()
    app = create_app(config)
    node = Node(app, config.base_url)
    node.publish(1, "fr")
    node.publish(1, "en")
    node.receive(node.follow(), 2)
    boss = Official(app, "administrator", "camille")
    with app.app_context():
        draft = Draft("fr", city="paris", texts={"fr": TextDraft("Titre", summary="Résumé.")})
        study_id = service.create(db.session(), user(app, boss), draft)
    yield Site(app, boss, app.test_client(), study_id)
    with app.app_context():
        db.engine.dispose()


def path_of(rule: Rule, values: dict[str, bytes]) -> str:
    """The rule’s address with any bytes where it has variables."""
    given_ = {name: quote_from_bytes(value) for name, value in values.items()}
    defaults = {name: str(value) for name, value in (rule.defaults or {}).items()}
    return "".join(
        (defaults | given_).get(text, "") if dynamic else text for dynamic, text in rule._trace
    ).removeprefix("|")


def query_of(pairs: list[tuple[str, bytes]], raw: bytes) -> str:
    """Pairs, and bytes as they are but for those that end the line of a request (RFC 9112 §3)."""
    written = [f"{name}={quote_from_bytes(value)}" for name, value in pairs]
    return "&".join([*written, raw.decode("latin-1").translate({0x0D: None, 0x0A: None})])


@fuzz
@given(data=st.data())
def test_no_address_and_no_query_breaks_the_site(site: Site, data: st.DataObject) -> None:
    # Without an index a node is not ready, and says so with 503.
    rules = [rule for rule in site.rules("GET") if rule.endpoint != "health.readyz"]
    rule = data.draw(st.sampled_from(rules))
    values = {name: data.draw(anything) for name in sorted(rule.arguments)}
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(PARAMETERS), anything), max_size=3))
    query = query_of(pairs, data.draw(anything))
    for browser in site.browsers():
        for method in ("GET", "HEAD"):
            answer = browser.open(
                path_of(rule, values), method=method, environ_overrides={"QUERY_STRING": query}
            )
            assert answer.status_code < 500, (path_of(rule, values), query)
            answer.close()


@fuzz
@given(data=st.data())
def test_no_form_breaks_the_site(site: Site, data: st.DataObject) -> None:
    rules = [r for r in site.rules("POST") if not r.endpoint.endswith(("sign_out", "follow"))]
    rule = data.draw(st.sampled_from(rules))
    values = {"study_id": site.study_id.encode(), "peer_id": b"1", "user_id": b"1"}
    names = [
        *form(site.boss.get(f"/en/desk/case-studies/{site.study_id}")).keys(),
        "email", "current", "name", "role", "change", "agree", "reason", "lang", "title",
    ]  # fmt: skip
    names.remove("csrf_token")
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), anything), max_size=6))
    body = query_of([*pairs, ("csrf_token", site.boss.token().encode())], data.draw(anything))
    answer = site.boss.browser.post(
        path_of(rule, values),
        data=body.encode("latin-1"),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code < 500, (path_of(rule, values), body)


@pytest.mark.parametrize("where", ["/en/topics/%00", "/fr/villes/a%00b", "/en/case-studies/%00/x"])
def test_a_path_that_no_database_can_hold_is_not_found(site: Site, where: str) -> None:
    assert site.stranger.get(where).status_code == 404


@pytest.mark.parametrize("name", ["q", "topic", "city", "anything"])
def test_a_query_that_no_database_can_hold_is_not_understood(site: Site, name: str) -> None:
    for page in ("/en/search", "/fr/etudes-de-cas/", "/en/feed.atom"):
        assert site.stranger.get(f"{page}?{name}=a%00b").status_code == 400


def test_a_mailbox_that_no_database_can_hold_is_unknown(site: Site) -> None:
    sent = {
        "csrf_token": token(site.stranger.get("/en/account/sign-in")),
        "email": "a\0@paris.example",
        "password": PASSWORD,
    }
    assert site.stranger.post("/en/account/sign-in", data=sent).status_code == 422


def test_numbers_in_addresses_have_an_end(site: Site) -> None:
    for number in (2**31, 2**63, 10**25, "9" * 5000):
        for where in (f"/en/admin/members/{number}", f"/feed/archive/{number}.atom"):
            assert site.boss.get(where).status_code == 404
