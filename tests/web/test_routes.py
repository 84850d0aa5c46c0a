"""Every way to change something names who may, asks for its token, and is refused to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from network.accounts.service import ROLES
from network.case_studies import service
from network.case_studies.drafts import Draft, TextDraft
from network.lib.db import db
from tests.web.conftest import Node
from tests.web.officials import Official, user

SAFE = {"GET", "HEAD", "OPTIONS"}
OFFICIALS = (
    "accounts.",
    "desk.",
    "admin.",
    "membership.",
    "mentions.",
    "moderation.",
    "receivers.",
    "work.",
    "own_searches.",
)


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def writing_rules(app: Flask) -> list[Rule]:
    return [rule for rule in rules(app) if set(rule.methods or ()) - SAFE]


def required_role(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], "required_role", None)


def address(app: Flask, rule: Rule, study_id: str, peer_id: int = 1) -> str:
    """The rule's address for a study, a site, a person and a revision that exist."""
    given: dict[str, Any] = {
        "study_id": study_id, "peer_id": peer_id, "user_id": 1, "number": 1,
        "batch_id": 1, "list_id": 1,
    }  # fmt: skip
    values = {name: given[name] for name in rule.arguments if name in given}
    with app.test_request_context():
        built = rule.build({**values, **(rule.defaults or {})}, append_unknown=False)
    assert built is not None, rule
    return built[1]


@pytest.fixture
def study(app: Flask) -> Callable[[Official | None], str]:
    """Begins a study for somebody; gives its id."""

    def begin(owner: Official | None) -> str:
        made = Draft("fr", city="paris", texts={"fr": TextDraft("Titre", summary="Résumé.")})
        with app.app_context():
            return service.create(db.session(), owner and user(app, owner), made)

    return begin


def test_every_writing_route_names_a_role(app: Flask) -> None:
    writing = writing_rules(app)
    assert len(writing) > 30
    for rule in writing:
        assert required_role(app, rule) in (*ROLES, "anyone"), rule


def test_every_page_for_officials_names_a_role(app: Flask) -> None:
    for rule in rules(app):
        if rule.endpoint.startswith(OFFICIALS):
            assert required_role(app, rule), rule


def test_only_signing_in_and_out_is_for_anyone(app: Flask) -> None:
    anyone = {r.endpoint for r in rules(app) if required_role(app, r) == "anyone"}
    assert {e for e in anyone if e.startswith(OFFICIALS)} == {
        "accounts.sign_in",
        "accounts.sign_out",
    }


def test_no_form_is_taken_without_its_token(app: Flask, node: Node, study: Any) -> None:
    boss = Official(app, "administrator", "camille")
    study_id, peer_id = study(boss), node.follow()
    for rule in writing_rules(app):
        if rule.endpoint.startswith(OFFICIALS):
            target = address(app, rule, study_id, peer_id)
            for data in ({}, {"csrf_token": ""}, {"csrf_token": "IjAi.aaaa.bbbb"}):
                assert boss.browser.post(target, data=data).status_code == 400, target


def test_a_token_is_worth_nothing_in_another_browser(app: Flask) -> None:
    one, other = Official(app, "author", "ines"), Official(app, "author", "luc")
    stolen = one.post("/en/desk/render", {"csrf_token": other.token(), "body": "x"})
    assert stolen.status_code == 400
    assert one.post("/en/desk/render", {"body": "x"}).status_code == 200


def test_who_is_not_signed_in_gets_nowhere(app: Flask, node: Node, study: Any) -> None:
    study_id, peer_id = study(None), node.follow()
    for rule in rules(app):
        if required_role(app, rule) in ROLES:
            target = address(app, rule, study_id, peer_id)
            if "GET" in (rule.methods or ()):
                answer = app.test_client().get(target)
                assert answer.status_code == 303, target
                assert answer.headers["Location"].startswith(
                    ("/en/account/sign-in?next=", "/fr/compte/connexion?next=")
                )


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_its_own_pages_and_no_others(
    app: Flask, node: Node, study: Any, role: str
) -> None:
    person = Official(app, role, "sacha")
    owners = {"own": study(person), "somebody else's": study(None)}
    csrf_token, peer_id = person.token(), node.follow()
    for whose, study_id in owners.items():
        for rule in rules(app):
            needed = required_role(app, rule)
            if needed not in ROLES:
                continue
            allowed = ROLES.index(role) >= ROLES.index(needed)
            if role == "author" and "study_id" in rule.arguments and whose != "own":
                allowed = False
            target = address(app, rule, study_id, peer_id)
            statuses = [person.get(target).status_code] if "GET" in (rule.methods or ()) else []
            if "POST" in (rule.methods or ()) and not allowed:
                sent = person.browser.post(target, data={"csrf_token": csrf_token})
                statuses.append(sent.status_code)
            for status in statuses:
                assert (status != 403) is allowed, (whose, target, status)


def test_an_author_can_neither_publish_nor_withdraw_an_own_study(app: Flask, study: Any) -> None:
    author = Official(app, "author", "ines")
    study_id = study(author)
    for action in ("publish", "withdraw"):
        sent = author.post(f"/en/desk/case-studies/{study_id}/{action}", {"reason": "x"})
        assert sent.status_code == 403
    page = author.get(f"/en/desk/case-studies/{study_id}").text
    assert "/publish" not in page
    assert "/withdraw" not in page
    assert author.get("/en/account/password").status_code == 200


def test_an_author_sees_own_studies_on_the_desk_and_an_editor_all(app: Flask, study: Any) -> None:
    author, editor = Official(app, "author", "ines"), Official(app, "editor", "louis")
    own, other = study(author), study(None)
    assert own in author.get("/en/desk/").text
    assert other not in author.get("/en/desk/").text
    assert own in editor.get("/en/desk/").text
    assert other in editor.get("/en/desk/").text


def test_pages_for_officials_are_kept_by_nobody(app: Flask, node: Node, study: Any) -> None:
    boss = Official(app, "administrator", "camille")
    study_id, peer_id = study(boss), node.follow()
    for rule in rules(app):
        if rule.endpoint.startswith(OFFICIALS) and "GET" in (rule.methods or ()):
            answer = boss.get(address(app, rule, study_id, peer_id))
            assert answer.headers["Cache-Control"] == "private, no-store", rule
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow", rule


def test_every_page_is_private_for_who_is_signed_in_and_no_other(app: Flask, node: Node) -> None:
    node.publish()
    person = Official(app, "author", "ines")
    for public in ("/fr/", "/fr/etudes-de-cas/", "/en/no-such-page"):
        assert person.get(public).headers["Cache-Control"] == "private, no-store"
        stranger = app.test_client().get(public)
        assert "no-store" not in stranger.headers.get("Cache-Control", "")
        assert "Set-Cookie" not in stranger.headers
