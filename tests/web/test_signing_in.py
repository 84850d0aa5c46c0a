"""Signing in and out, as an official does it and as somebody who means harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker
from werkzeug.test import TestResponse

from network.accounts import service as accounts
from network.accounts import throttle
from network.app import create_app
from network.config import Settings
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib.db import db
from network.lib.http import Door
from network.web.entrance.accounts import local_path
from network.worker import handlers
from network.worker.tools import OwnPage, Tools, Work
from tests.mailbox import mail_server
from tests.web.officials import PASSWORD, Official, token

pytestmark = pytest.mark.usefixtures("cheap_hashes")
SIGN_IN = "/fr/compte/connexion"
NEW = "un autre mot, et encore un"


def sign_in(
    browser: FlaskClient, email: str, password: str = PASSWORD, query: str = "", **more: Any
) -> TestResponse:
    form = {"csrf_token": token(browser.get(SIGN_IN)), "email": email, "password": password}
    return browser.post(SIGN_IN + query, data=form | more)


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/fr/bureau/").status_code == 200


def cookie(browser: FlaskClient) -> str:
    name = str(browser.application.config["SESSION_COOKIE_NAME"])
    found = browser.get_cookie(name)
    assert found is not None
    return found.value


def with_cookie(app: Flask, value: str) -> FlaskClient:
    """Another browser that has got hold of the cookie."""
    thief = app.test_client()
    thief.set_cookie(str(app.config["SESSION_COOKIE_NAME"]), value)
    return thief


@pytest.fixture
def ines(app: Flask) -> Official:
    return Official(app, "author", "ines")


@pytest.fixture
def node_over_https(make_settings: Callable[..., Settings]) -> Iterator[Flask]:
    made = create_app(make_settings(base_url="https://paris.example"))
    yield made
    with made.app_context():
        db.engine.dispose()


def test_signing_in_leads_to_the_desk_in_the_page_s_language(client: Any, ines: Official) -> None:
    answer = sign_in(client, ines.email)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/fr/bureau/")
    assert signed_in(client)
    english = client.get("/en/account/sign-in")
    assert (english.status_code, english.headers["Location"]) == (303, "/en/desk/")


def test_the_mailbox_is_taken_as_people_type_it(client: FlaskClient, ines: Official) -> None:
    assert sign_in(client, " Ines@Paris.Example ").status_code == 303


def test_signing_in_leads_back_to_the_page_that_was_wanted(client: Any, ines: Official) -> None:
    wanted = client.get("/fr/bureau/?state=draft")
    assert wanted.headers["Location"] == "/fr/compte/connexion?next=/fr/bureau/?state%3Ddraft"
    page = client.get(wanted.headers["Location"])
    assert 'name="next" value="/fr/bureau/?state=draft"' in page.text
    answer = sign_in(client, ines.email, next="/fr/bureau/?state=draft")
    assert answer.headers["Location"] == "/fr/bureau/?state=draft"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "///evil.example", "https://evil.example/", "http:evil.example",
        "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example",
        "/\n/evil.example", "/\r\nLocation: //evil.example", "/.//evil.example", " //evil.example",
        "javascript:alert(1)", "evil.example", "", "?x", "/\x00/evil.example", "/é",
        "/" + "a" * 3000,
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site_after_signing_in(
    client: FlaskClient, ines: Official, target: str
) -> None:
    assert local_path(target) is None
    answer = sign_in(client, ines.email, next=target)
    assert answer.headers["Location"] == "/fr/bureau/"


def test_paths_of_this_site_are_where_one_may_be_led() -> None:
    for path in ("/", "/fr/bureau/", "/en/desk/?state=draft&page=2", "/en/search?q=//x#top"):
        assert local_path(path) == path


def test_a_wrong_password_and_an_unknown_mailbox_are_told_alike(
    client: FlaskClient, ines: Official
) -> None:
    pages = [sign_in(client, who, "wrong") for who in (ines.email, "nobody@paris.example")]
    texts = [re.sub(r'value="[^"]*"', "", page.text) for page in pages]
    assert texts[0] == texts[1]
    for page in pages:
        assert page.status_code == 422
        assert "<title>Erreur : " in page.text.replace("\u202f", " ").replace("\xa0", " ")
        assert "wrong" not in page.text
    assert 'value="ines@paris.example"' in pages[0].text


def test_who_is_disabled_cannot_sign_in(app: Flask, client: FlaskClient, ines: Official) -> None:
    with app.app_context():
        accounts.set_active(db.session(), ines.email, False)
    assert sign_in(client, ines.email).status_code == 422


def test_signing_in_gives_a_new_session_and_a_new_secret(client: Any, ines: Official) -> None:
    first = token(client.get(SIGN_IN))
    with client.session_transaction() as before:
        before["sid"] = "planted"
        before["planted"] = "too"
        old_secret = before["csrf_token"]
    sign_in(client, ines.email)
    with client.session_transaction() as after:
        assert after["sid"] not in ("planted", ines.sid)
        assert after.get("csrf_token") != old_secret
        assert "planted" not in after
    stale = client.post("/en/desk/render", data={"csrf_token": first, "body": "x"})
    assert stale.status_code == 400


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, ines: Official) -> None:
    thief = with_cookie(app, cookie(ines.browser))
    assert signed_in(thief)
    assert ines.post("/en/account/sign-out").headers["Location"] == "/en/"
    assert not signed_in(thief)
    assert not signed_in(ines.browser)


def test_a_copied_cookie_is_worth_nothing_after_a_new_password(app: Flask, ines: Official) -> None:
    thief = with_cookie(app, cookie(ines.browser))
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert ines.post("/en/account/password", form).status_code == 303
    assert not signed_in(thief)
    assert signed_in(ines.browser)
    assert sign_in(app.test_client(), ines.email).status_code == 422
    assert sign_in(app.test_client(), ines.email, NEW).status_code == 303


def test_a_copied_cookie_is_worth_nothing_after_disabling(app: Flask, ines: Official) -> None:
    thief = with_cookie(app, cookie(ines.browser))
    with app.app_context():
        accounts.set_active(db.session(), ines.email, False)
        accounts.set_active(db.session(), ines.email, True)
    assert not signed_in(thief)


def test_a_cookie_that_somebody_changed_is_worth_nothing(app: Flask, ines: Official) -> None:
    value = cookie(ines.browser)
    for forged in (value[:-3] + "abc", value.split(".")[0], "x", ""):
        assert not signed_in(with_cookie(app, forged))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"current": "wrong", "password": NEW, "again": NEW}, "current"),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "password"),
        ({"current": PASSWORD, "password": NEW, "again": NEW + "x"}, "again"),
        ({}, "current"),
    ],
)
def test_a_new_password_is_refused_beside_the_field_that_is_wrong(
    ines: Official, form: dict[str, str], field: str
) -> None:
    page = ines.post("/en/account/password", form)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert "<title>Error: " in page.text
    assert signed_in(ines.browser)
    for typed in form.values():
        assert typed not in page.text


def test_fifty_bad_guesses_over_two_processes_are_slowed_down_and_the_owner_s_browser_is_not(
    app: Flask, settings: Settings, ines: Official
) -> None:
    own = app.test_client()
    assert sign_in(own, ines.email).status_code == 303
    own.post("/en/account/sign-out", data={"csrf_token": token(own.get("/en/account/password"))})
    other = create_app(settings)
    browsers = [app.test_client(), other.test_client()]
    tokens = [token(browser.get(SIGN_IN)) for browser in browsers]
    statuses = []
    for number in range(50):
        form = {"csrf_token": tokens[number % 2], "email": ines.email, "password": f"n{number}"}
        statuses.append(browsers[number % 2].post(SIGN_IN, data=form).status_code)
    with other.app_context():
        db.engine.dispose()
    tried = throttle.PER_BROWSER
    assert statuses == [422] * tried + [429] * (50 - tried)
    assert sign_in(browsers[0], ines.email).status_code == 429
    assert not signed_in(own)
    assert sign_in(own, ines.email).status_code == 303


def test_a_known_browser_is_known_for_one_mailbox_until_its_password_changes(
    app: Flask, client: FlaskClient, ines: Official
) -> None:
    luc = Official(app, "author", "luc")
    sign_in(client, ines.email)
    client.post(
        "/en/account/sign-out", data={"csrf_token": token(client.get("/en/account/password"))}
    )
    for _ in range(throttle.PER_BROWSER):
        for who in (ines, luc):
            sign_in(app.test_client(), who.email, "wrong")
    assert sign_in(client, luc.email).status_code == 429
    with app.app_context():
        accounts.set_password(db.session(), ines.email, NEW)
    assert sign_in(client, ines.email, NEW).status_code == 429


def test_without_a_mail_server_there_are_no_links(client: FlaskClient) -> None:
    assert "/compte/lien" not in client.get(SIGN_IN).text
    assert client.get("/fr/compte/lien").status_code == 404


@pytest.mark.parametrize(("lang", "path"), [("fr", "compte/lien"), ("en", "account/link")])
def test_a_link_by_e_mail_lets_its_owner_try_again_and_signs_nobody_in(
    make_settings: Callable[..., Settings], lang: str, path: str
) -> None:
    with mail_server() as inbox:
        settings = make_settings(
            smtp_host="127.0.0.1", smtp_port=str(inbox.port), smtp_tls="none",
            smtp_from="pioneers@paris.example",
        )  # fmt: skip
        app = create_app(settings)
        ines, browser = Official(app, "author", "ines"), app.test_client()
        for _ in range(throttle.PER_BROWSER):
            sign_in(app.test_client(), ines.email, "wrong")
        assert sign_in(browser, ines.email).status_code == 429
        assert (
            f"/{lang}/{path}"
            in browser.get(SIGN_IN if lang == "fr" else "/en/account/sign-in").text
        )
        form = {"csrf_token": token(browser.get(f"/{lang}/{path}"))}
        pages = [
            browser.post(f"/{lang}/{path}", data=form | {"email": email})
            for email in (ines.email.upper(), "nobody@paris.example")
        ]
        assert pages[0].text == pages[1].text
        assert [page.status_code for page in pages] == [200, 200]
        send_all(app, settings)
        (letter,) = inbox.messages
        assert letter["To"] == ines.email
        body = letter.get_body(("plain",))
        assert body is not None
        (found,) = re.findall(rf"http://paris.example(/{lang}/{path}/\S+)", body.get_content())
        assert browser.get(found).status_code == 200, "opening it changes nothing"
        thief = app.test_client()
        assert (
            browser.post(found, data=form)
            .headers["Location"]
            .endswith("/connexion" if lang == "fr" else "/sign-in")
        )
        assert not signed_in(browser)
        assert thief.post(found, data={"csrf_token": token(thief.get(SIGN_IN))}).status_code == 410
        assert sign_in(thief, ines.email).status_code == 429
        assert sign_in(browser, ines.email).status_code == 303
        with app.app_context():
            db.engine.dispose()


def send_all(app: Flask, settings: Settings) -> None:
    """What the worker does with links that were asked for."""
    with app.app_context():
        sessions = sessionmaker(db.engine, expire_on_commit=False)
        tools = Tools(settings, sessions, Door("test"), lambda _: OwnPage(503, "", b""))
        with sessions() as session:
            wanted = list(session.scalars(select(Job).where(Job.kind == Kind.SIGN_IN_LINK)))
        for job in wanted:
            handlers.HANDLERS[Kind.SIGN_IN_LINK](tools, Work(job.key, job.payload, 1))


def test_what_is_no_mailbox_is_sent_no_link(make_settings: Callable[..., Settings]) -> None:
    app = create_app(make_settings(smtp_host="127.0.0.1", smtp_from="pioneers@paris.example"))
    browser = app.test_client()
    form = {"csrf_token": token(browser.get("/en/account/link")), "email": "ines"}
    page = browser.post("/en/account/link", data=form)
    assert page.status_code == 422
    assert 'value="ines"' in page.text
    with app.app_context():
        db.engine.dispose()


def test_a_sign_in_form_that_was_open_for_too_long_keeps_the_mailbox(
    client: FlaskClient, ines: Official
) -> None:
    form = {"csrf_token": "old", "email": ines.email, "password": PASSWORD, "next": "/en/desk/new"}
    page = client.post("/en/account/sign-in", data=form)
    assert page.status_code == 400
    assert f'value="{ines.email}"' in page.text
    assert 'name="next" value="/en/desk/new"' in page.text
    assert PASSWORD not in page.text


def test_line_ends_in_what_is_typed_reach_no_header(client: FlaskClient, ines: Official) -> None:
    nasty = f"{ines.email}\r\nSet-Cookie: a=b"
    for answer in (
        sign_in(client, nasty),
        sign_in(client, ines.email, next="/x\r\nSet-Cookie: a=b"),
    ):
        assert "a=b" not in str(answer.headers)


def test_over_https_the_cookie_stays_with_this_host(node_over_https: Flask) -> None:
    person = Official(node_over_https, "author", "luc")
    browser = node_over_https.test_client()
    base = "https://paris.example"
    page = browser.get(SIGN_IN, base_url=base)
    form = {"csrf_token": token(page), "email": person.email, "password": PASSWORD}
    answer = browser.post(SIGN_IN, data=form, base_url=base, headers={"Referer": base + SIGN_IN})
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert any("-known-" in each for each in cookies)
    for each in cookies:
        assert each.startswith(("__Host-", "lang="))
        assert "Domain" not in each
        if each.startswith("__Host-"):
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(each.split("; "))
    assert sum(each.startswith("__Host-") for each in cookies) == 2
