"""What a stranger may try on any page: hosts, methods, odd addresses, heavy forms; and headers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from network.accounts import passwords
from network.app import create_app
from network.catalogue import queries
from network.config import Settings
from network.lib.db import db
from network.web.entrance import arriving
from tests.web.conftest import Node, Readers
from tests.web.officials import PASSWORD, Official, token, user

SIGN_IN = "/en/account/sign-in"
UUID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def over_https(make_settings: Callable[..., Settings]) -> Iterator[Flask]:
    made = create_app(make_settings(base_url="https://paris.example"))
    yield made
    with made.app_context():
        db.engine.dispose()


def break_about(node: Node) -> None:
    """A fault of ours on the about pages."""

    def fail(**_: Any) -> str:
        raise ZeroDivisionError("the secret of /srv/pioneer/network")

    node.app.view_functions["pages.about"] = fail
    node.app.testing = False


def publish_and_break_about(node: Node) -> None:
    node.publish()
    break_about(node)


@pytest.fixture
def broken(app: Flask, node: Node) -> Flask:
    """A node with a fault of ours on the about pages."""
    break_about(node)
    return app


# Headers (attack 33)

ANSWERS = [
    ("GET", "/", 302),
    ("GET", "/en", 308),
    ("GET", "/en/topics/donnees-ouvertes", 301),
    ("GET", f"/id/{UUID}/fr", 303),
    ("GET", "/en/desk/", 303),
    ("GET", "/en/", 200),
    ("HEAD", "/en/", 200),
    ("OPTIONS", "/en/", 200),
    ("GET", "/fr/etudes-de-cas/paris/study-1", 200),
    ("GET", "/en/search?q=study", 200),
    ("GET", SIGN_IN, 200),
    ("GET", "/feed.atom", 200),
    ("GET", "/feed/ids.txt", 200),
    ("GET", "/fr/feed.rss", 200),
    ("GET", "/fr/feed.json", 200),
    ("GET", "/fr/feed.css", 200),
    ("GET", "/network.opml", 200),
    ("GET", "/sitemap.xml", 200),
    ("GET", "/robots.txt", 200),
    ("GET", "/nodeinfo/2.1", 200),
    ("GET", "/healthz", 200),
    ("GET", "/static/site.css", 200),
    ("GET", "/static/site.js", 200),
    ("GET", "/static/logo.svg", 200),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/en/nothing", 404),
    ("GET", "/api/v1/nothing", 404),
    ("GET", "/en/case-studies/?status=no", 400),
    ("POST", SIGN_IN, 400),
    ("POST", "/en/", 405),
    ("GET", "/en/about", 500),
]


@pytest.mark.parametrize(("method", "address", "status"), ANSWERS)
def test_every_answer_says_what_a_browser_may_do_with_it(
    readers: Readers, method: str, address: str, status: int
) -> None:
    answer = readers(publish_and_break_about).open(address, method=method)
    assert answer.status_code == status
    headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    for name in ("default-src", "base-uri", "frame-ancestors"):
        assert policy[name] == "'none'"
    assert set(" ".join(policy.values()).split()) == {"'none'", "'self'", "data:"}
    assert "data:" not in policy["script-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin")
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers
    assert answer.mimetype or status == 304
    answer.close()


def test_an_unchanged_feed_keeps_its_headers(client: FlaskClient) -> None:
    etag = client.get("/feed.atom").headers["ETag"]
    answer = client.get("/feed.atom", headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in answer.headers


def test_pages_belong_to_this_site_and_feeds_and_files_to_any(client: FlaskClient) -> None:
    ours = ("/en/", SIGN_IN, "/en/nothing")
    for address in (*ours, "/feed.atom", "/fr/feed.json", "/static/site.css"):
        with client.get(address) as answer:
            policy = answer.headers["Cross-Origin-Resource-Policy"]
        assert policy == ("same-origin" if address in ours else "cross-origin"), address


def test_https_is_insisted_on_where_the_site_has_it(over_https: Flask) -> None:
    for address in ("/", "/en/", "/en/nothing", "/static/site.css", "/feed.atom"):
        with over_https.test_client().get(address, base_url="https://paris.example") as answer:
            said = answer.headers["Strict-Transport-Security"]
        assert said.startswith("max-age=31536000"), address


def test_what_any_cache_may_keep_carries_no_cookie_and_no_token(
    app: Flask, client: FlaskClient, node: Node
) -> None:
    node.publish()
    for rule in app.url_map.iter_rules():
        if rule.arguments - {"lang", "form"} or "GET" not in (rule.methods or ()):
            continue
        with client.get(rule.rule.replace("<any(atom,rss,json):form>", "atom")) as answer:
            private = "no-store" in answer.headers.get("Cache-Control", "")
            assert private or "Set-Cookie" not in answer.headers, rule
            if not private and answer.mimetype == "text/html":
                assert "csrf_token" not in answer.text, rule


# The Host header, forwarded headers, redirects (attack 48)

HOSTS = [
    "evil.example", "evil.example:8000", "", "ev il", "[::1", "a:b:c", '"><script>evil()</script>',
    "evil" * 100, "evil.example/path", "é.evil.example", "paris.example@evil.example",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_that_a_request_names_is_never_repeated(readers: Readers, host: str) -> None:
    client = readers(Node.publish)
    for address, status in (
        ("/", 302),
        ("/en", 308),
        ("/en/topics", 308),
        ("/en/about/", 308),
        ("/en/", 200),
        ("/fr/etudes-de-cas/paris/study-1", 200),
        ("/feed.atom", 200),
        ("/fr/feed.json", 200),
        ("/sitemap.xml", 200),
        ("/en/nothing", 404),
        ("/en/desk/", 303),
        (SIGN_IN, 200),
    ):
        answer = client.get(
            address, environ_overrides={"HTTP_HOST": host.encode().decode("latin-1")}
        )
        assert answer.status_code == status, (address, host)
        assert "evil" not in answer.text + str(answer.headers), address
        assert answer.headers.get("Location", "/").startswith("/"), address
        assert not answer.headers.get("Location", "/").startswith("//"), address


FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "192.0.2.66",
    "Forwarded": "host=evil.example;proto=https",
    "X-Original-URL": "/en/admin/",
    "X-Rewrite-URL": "/en/admin/",
}


def test_forwarded_headers_are_only_words_where_no_proxy_is_trusted(client: FlaskClient) -> None:
    for address in ("/en", "/en/", "/feed.atom", "/en/nothing"):
        plain = client.get(address)
        forwarded = client.get(address, headers=FORWARDED)
        assert forwarded.data == plain.data, address
        assert forwarded.headers.get("Location") == plain.headers.get("Location")


def test_a_trusted_proxy_is_heeded_and_whoever_came_before_it_is_not(
    make_settings: Callable[..., Settings],
) -> None:
    from flask import request

    app = create_app(make_settings(trusted_proxies="1"))
    seen = []
    app.before_request(lambda: seen.append((request.remote_addr, request.scheme)))
    headers = {"X-Forwarded-For": "192.0.2.66, 198.51.100.7", "X-Forwarded-Proto": "http, https"}
    app.test_client().get("/en/", headers=headers)
    assert seen == [("198.51.100.7", "https")]
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("//evil.example/en", None),
        ("//evil.example//en//", None),
        ("/\\evil.example/", None),
        ("/en//evil.example/", None),
        ("/%2f/evil.example/en/", None),
        ("/en/about//", "/en/about"),
        ("/?next=//evil.example", "/fr/?next=//evil.example"),
        ("/en?x=//evil.example", "/en/?x=//evil.example"),
        ("/en/desk?next=//evil.example", "/en/desk/?next=//evil.example"),
    ],
)
def test_no_address_leads_to_another_site(
    reader: FlaskClient, address: str, where: str | None
) -> None:
    answer = reader.get(
        "/", environ_overrides={
            "PATH_INFO": address.split("?")[0].replace("%2f", "/"),
            "QUERY_STRING": address.partition("?")[2],
        },
    )  # fmt: skip
    location = answer.headers.get("Location")
    if where:
        assert location == where
    else:
        assert location is None or re.match(r"/(?![/\\])", location), location


# Addresses, languages, slashes, methods


@pytest.mark.parametrize(
    "path",
    ["../config.py", "..%2fconfig.py", "%2e%2e/config.py", "..\\config.py", "%00", "/etc/passwd",
     "", "a" * 5000, "./../../setup.cfg", "%2fetc%2fpasswd", "site.css%00.png"],
)  # fmt: skip
def test_static_files_are_those_of_one_folder(reader: FlaskClient, path: str) -> None:
    answer = reader.get(f"/static/{path}", follow_redirects=True)
    assert answer.status_code == 404
    assert b"root:" not in answer.data
    assert b"ConfigurationError" not in answer.data


@pytest.mark.parametrize(
    ("address", "lang", "said"),
    [
        ("/de/", "fr", "Cette page n’existe pas"),
        ("/en/nothing", "en", "There is no such page"),
        ("/fr/rien", "fr", "Cette page n’existe pas"),
        ("/EN/", "fr", "Cette page n’existe pas"),
        ("/en/villes/", "en", "There is no such page"),
    ],
)
def test_an_address_that_is_not_there_is_told_in_a_language_of_the_reader(
    reader: FlaskClient, address: str, lang: str, said: str
) -> None:
    answer = reader.get(address)
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == lang
    assert f'<html lang="{lang}"' in answer.text
    assert said in answer.text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/en", "/en/"),
        ("/fr/etudes-de-cas", "/fr/etudes-de-cas/"),
        ("/fr/etudes-de-cas?page=2&topic=a%26b", "/fr/etudes-de-cas/?page=2&topic=a%26b"),
        ("/en/about/", "/en/about"),
        ("/fr/recherche/?q=%C3%A9t%C3%A9", "/fr/recherche?q=%C3%A9t%C3%A9"),
        ("/feed.atom/", "/feed.atom"),
        ("/en/topics/%C3%A9/", "/en/topics/%C3%A9"),
        ("/en/account/sign-in/", "/en/account/sign-in"),
    ],
)
def test_a_slash_too_many_or_too_few_leads_to_the_page(
    reader: FlaskClient, typed: str, meant: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = reader.open(typed, method=method)
        assert (answer.status_code, answer.headers["Location"]) == (308, meant)


def test_a_slash_too_many_does_not_make_a_page(client: FlaskClient) -> None:
    for address in ("/en/nothing/", "/de/", "/static/", "/en/nothing//"):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
@pytest.mark.parametrize(
    ("address", "said"),
    [("/en/", "cannot be used that way"), ("/fr/recherche", "ne s’utilise pas ainsi"),
     ("/feed.atom", ""), ("/robots.txt", "")],
)  # fmt: skip
def test_a_wrong_method_is_refused_with_those_that_are_right(
    reader: FlaskClient, method: str, address: str, said: str
) -> None:
    answer = reader.open(address, method=method)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert said in answer.text


def test_a_method_is_the_one_that_was_sent(app: Flask, client: FlaskClient) -> None:
    boss = Official(app, "administrator", "camille")
    override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
    answer = boss.browser.get("/en/admin/users?_method=POST&role=author", headers=override)
    assert answer.status_code == 200
    assert client.get("/en/account/sign-out?_method=POST", headers=override).status_code == 405


def test_head_says_what_get_would_on_every_page(app: Flask, node: Node) -> None:
    node.publish()
    client = app.test_client()
    pages = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments - {"lang"}
    ]
    assert len(pages) > 20
    for page in pages:
        with client.get(page) as got, client.head(page) as head:
            assert (head.status_code, head.data) == (got.status_code, b""), page
            for name in ("Content-Type", "Content-Length", "Location", "Cache-Control", "ETag"):
                if "csrf_token" not in got.text:
                    assert head.headers.get(name) == got.headers.get(name), (page, name)


def test_head_does_nothing_that_asks_for_a_token(app: Flask, node: Node) -> None:
    boss, peer_id = Official(app, "administrator", "camille"), node.follow()
    for page in (
        f"/en/admin/members/{peer_id}/unfollow",
        "/en/admin/users",
        "/en/account/password",
        "/en/desk/new",
    ):
        assert boss.browser.head(page).status_code == 200, page
    assert boss.get(f"/en/admin/members/{peer_id}").status_code == 200
    for _ in range(50):
        assert app.test_client().head(SIGN_IN).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=999999", 404), ("page=9999999", 400), ("page=0", 400), ("page=-1", 400),
        ("page=01", 400), ("page=1.0", 400), ("year=99999", 400), ("year=-200", 400),
        ("year=0000", 200), ("status=nothing", 400), ("country=FRA", 400), ("topic=nothing", 404),
        ("city=nothing", 404), ("language=x", 400), ("country=fr&country=<script>", 200),
        ("page=1&page=999999", 200), ("unknown=1&unknown=2", 200), ("&&&===&", 200), ("page", 400),
        ("topic=&city=&status=&year=", 200),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused_and_the_first_of_several_holds(
    readers: Readers, query: str, status: int
) -> None:
    client = readers(Node.publish)
    assert client.get(f"/en/case-studies/?{query}").status_code == status


def test_a_query_of_any_length_makes_a_page_of_some_length(client: FlaskClient) -> None:
    longest = max(
        len(client.get("/en/search", query_string={"q": text * 100_000}).data)
        for text in ("x", "é ", '"', "<b>", "-a ")
    )
    assert longest < 50_000


def test_ten_thousand_languages_are_not_compared(client: FlaskClient) -> None:
    wishes = ",".join(f"a{number};q=0.1" for number in range(10_000))
    assert client.get("/", headers={"Accept-Language": f"en,{wishes}"}).location == "/fr/"
    for odd in ("en;q=nan", ";;;,,,", "*;q=-1", "en;q=1e999,fr;q=x", "\xff"):
        assert client.get("/", headers={"Accept-Language": odd}).status_code == 302


# Forms


def test_a_form_that_is_too_large_is_refused_unread(app: Flask, client: FlaskClient) -> None:
    sent = {"email": "a@b.example", "password": "x" * arriving.SMALL_FORM}
    answer = client.post(SIGN_IN, data=sent)
    assert answer.status_code == 413
    assert "This is too large" in answer.text
    writer = Official(app, "author", "ines")
    assert writer.post("/en/desk/render", {"body": "x" * arriving.SMALL_FORM}).status_code == 200
    assert writer.post("/en/desk/render", {"body": "x" * 5_000_000}).status_code == 413


def test_a_form_of_too_many_fields_is_refused_unread(app: Flask) -> None:
    writer = Official(app, "author", "ines")
    flood = {"csrf_token": writer.token()} | {f"a{n}": "" for n in range(arriving.MOST_FIELDS + 1)}
    assert writer.post("/en/desk/render", flood).status_code == 413
    for body in (b"&" * 100_000, b"a=1&" * 15_000):
        kind = "application/x-www-form-urlencoded"
        answer = app.test_client().post(SIGN_IN, data=body, content_type=kind)
        assert answer.status_code == 413


@pytest.mark.parametrize("name", ["Origin", "Referer"])
@pytest.mark.parametrize("value", ["http://[::1", "https://paris.example:port/"])
def test_an_origin_that_makes_no_sense_is_refused(
    app: Flask, over_https: Flask, name: str, value: str
) -> None:
    for site in (app, over_https):
        for address in (SIGN_IN, "/en/desk/new"):
            answer = site.test_client().post(
                address, headers={name: value}, base_url="https://paris.example"
            )
            assert answer.status_code == 400


def test_fields_that_a_form_does_not_have_change_nothing(app: Flask) -> None:
    ines = Official(app, "author", "ines")
    extra = {
        "role": "administrator", "id": "1", "active": "1", "password_hash": "x", "change": "role",
        "current": PASSWORD, "password": "un autre mot, et encore un",
        "again": "un autre mot, et encore un",
    }  # fmt: skip
    assert ines.post("/en/account/password", extra).status_code == 303
    now = user(app, ines)
    assert (now.id, now.role, now.email) == (ines.id, "author", ines.email)


# Signing in


class Counting:
    """A hasher that says how often it was asked."""

    def __init__(self, real: Any) -> None:
        self.real, self.asked = real, 0

    def verify(self, stored: str, password: str) -> bool:
        self.asked += 1
        return bool(self.real.verify(stored, password))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.usefixtures("cheap_hashes")
def test_an_unknown_mailbox_costs_as_many_hashes_as_a_known_one(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = Official(app, "author", "ines")
    gone = Official(app, "author", "gone")
    with app.app_context():
        user(app, gone).active = False
        db.session.commit()
    hasher = Counting(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    costs = []
    for email in (ines.email, gone.email, "nobody@paris.example", "", "\0", "x" * 1000):
        hasher.asked = 0
        form = {"csrf_token": token(client.get(SIGN_IN)), "email": email, "password": "wrong one"}
        assert client.post(SIGN_IN, data=form).status_code == 422
        costs.append(hasher.asked)
    assert costs == [1] * 6


def test_a_session_that_somebody_else_began_does_not_become_mine(
    app: Flask, client: FlaskClient
) -> None:
    with client.session_transaction() as planted:
        planted["sid"] = "chosen by the attacker"
    assert client.get("/en/desk/").status_code == 303
    ines = Official(app, "author", "ines")
    form = {"csrf_token": token(client.get(SIGN_IN)), "email": ines.email, "password": PASSWORD}
    assert client.post(SIGN_IN, data=form).status_code == 303
    with client.session_transaction() as mine:
        assert mine["sid"] != "chosen by the attacker"


# What errors say, and what logs hold


def test_a_fault_of_ours_tells_the_reader_nothing_of_the_inside(broken: Flask) -> None:
    for address, lang in (("/en/about", "en"), ("/fr/a-propos", "fr")):
        answer = broken.test_client().get(address)
        assert answer.status_code == 500
        assert f'<html lang="{lang}"' in answer.text
        for inside in ("ZeroDivision", "secret", "/srv", "Traceback", "File ", "flask"):
            assert inside not in answer.text


def test_an_address_writes_no_line_of_its_own_into_the_log(
    broken: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: Any) -> str:
        raise ZeroDivisionError

    broken.view_functions["topics.topic"] = fail
    with caplog.at_level(logging.DEBUG):
        broken.test_client().get("/en/topics/a%0d%0aERROR%20forged%1b[31m")
    (record,) = [r for r in caplog.records if r.name == "network.web.entrance.errors"]
    assert "\n" not in record.getMessage()
    assert "\r" not in record.getMessage()
    assert "\x1b" not in record.getMessage()


def test_the_log_of_a_failed_sign_in_holds_neither_mailbox_nor_password(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    ines = Official(app, "author", "ines")
    form = {"csrf_token": token(client.get(SIGN_IN)), "email": ines.email, "password": PASSWORD}
    with app.app_context():
        db.session.connection().exec_driver_sql("DROP TABLE sign_in_count")
        db.session.commit()
    with caplog.at_level(logging.DEBUG):
        answer = client.post(SIGN_IN, data=form)
    on_sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    status, told = (503, "no such table") if on_sqlite else (500, "does not exist")
    assert answer.status_code == status
    assert told in caplog.text
    for secret in (ines.email, PASSWORD, form["csrf_token"]):
        assert secret not in caplog.text
        assert secret not in answer.text or secret == form["csrf_token"]


def test_a_database_that_is_away_is_told_in_the_readers_language(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> int:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    app.testing = False
    monkeypatch.setattr(queries, "version", away)
    answer = app.test_client().get("/fr/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert '<html lang="fr"' in answer.text
    assert "server closed" not in answer.text
