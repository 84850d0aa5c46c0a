"""Administration: the followed sites and how they are, the people, the work that failed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.accounts import service as accounts
from network.catalogue import queries as catalogue
from network.cities.service import CityValue
from network.following import health, queries
from network.following.queries import PeerView
from network.intake import walk
from network.jobs import dead
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import db
from network.log.entry import rfc3339
from network.log.places import Place
from network.moderation.rules import Rule
from network.subscriptions.models import Subscription
from tests.sites import Node as Madrid
from tests.sites import Reply, Site
from tests.web.conftest import START, Node
from tests.web.officials import PASSWORD, Official, token

pytestmark = pytest.mark.usefixtures("cheap_hashes")
FEED = (Path(__file__).parent.parent / "data" / "feeds" / "jekyll-feed.atom").read_bytes()
ERROR = "The site answered with the error %(status)s."
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def boss(app: Flask) -> Official:
    return Official(app, "administrator", "camille")


def peers(app: Flask) -> list[PeerView]:
    with app.app_context():
        return queries.peers(db.session())


def state_of(app: Flask, peer_id: int) -> str:
    return next(peer.state for peer in peers(app) if peer.id == peer_id)


def test_administration_begins_with_the_members(boss: Official) -> None:
    for begin, page in (("/en/admin/", "/en/admin/members"), ("/fr/admin/", "/fr/admin/membres")):
        assert boss.get(begin).headers["Location"] == page


def test_following_nobody_is_told_and_the_form_is_there(boss: Official) -> None:
    page = boss.get("/en/admin/members").text
    assert "No site is followed yet" in page
    assert 'name="address"' in page


@pytest.mark.parametrize(
    "address",
    ["", "   ", "http://10.0.0.1/", "http://192.168.1.1:8000/feed", "file:///etc/passwd",
     "http://paris.example/", "gopher://x.example/", "http://[::1]:1/", "javascript:alert(1)",
     "https://a.example/\r\nHost: evil", "x" * 3000, "http://127.0.0.1:9/<script>"],
)  # fmt: skip
def test_an_address_that_cannot_be_followed_stays_in_the_form(boss: Official, address: str) -> None:
    sent = {"address": address, "city": "madrid", "language": "fr"}
    page = boss.post("/en/admin/members/follow", sent)
    assert page.status_code == 422
    assert 'href="#address"' in page.text
    assert "<title>Error: " in page.text
    assert 'value="madrid" selected' in page.text
    assert "<script>" not in page.text.replace('<script src="', "")
    kept = " ".join(address.split()).replace("<", "&lt;").replace(">", "&gt;")
    assert kept in " ".join(page.text.split())
    assert peers(boss.app) == []


def test_a_feed_is_followed_and_the_result_is_told_at_once(app: Flask, boss: Official) -> None:
    with Site() as site:
        site.answers["/feed.xml"] = Reply(FEED, headers={"Content-Type": "application/atom+xml"})
        sent = {"address": f" {site.url}/feed.xml\r\n", "city": "lisbon", "language": "en"}
        done = boss.post("/en/admin/members/follow", sent)
        (found,) = peers(app)
        assert done.headers["Location"] == f"/en/admin/members/{found.id}"
        assert (found.kind, found.city) == ("foreign", "lisbon")
        again = boss.post("/en/admin/members/follow", sent)
        assert again.headers["Location"] == done.headers["Location"]
    page = boss.get(f"/en/admin/members/{found.id}").text
    assert "is followed." in page
    assert "Ordinary feed" in page
    assert "Up to date" in page
    assert found.studies > 0


def test_who_gives_the_feed_of_a_part_of_a_node_is_told_what_is_shown_and_can_change_it(
    node: Node, boss: Official, tmp_path: Path
) -> None:
    with Madrid(tmp_path) as madrid:
        madrid.publish(1)
        madrid.publish(2, city="ozd")
        madrid.describe(Place(CityValue("ozd", {"en": "Ozd", "fr": "Ózd-lès-Miskolc"}, "ES")))
        for path, query in (("/fr/villes/ozd-x", "city=ozd"), ("/fr", "status=running")):
            text = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
                <id>{madrid.url}/id/feed/fr?{query}</id><updated>{rfc3339(START)}</updated></feed>"""
            madrid.answers[f"{path}/feed.atom"] = Reply(text.encode())
        peer = boss.post(
            "/fr/admin/membres/suivre", {"address": f"{madrid.url}/fr/villes/ozd-x/feed.atom"}
        ).headers["Location"]
        told = boss.get(peer).text
        assert "De ce nœud, seul ceci s’affiche immédiatement" in told
        assert "(Ózd-lès-Miskolc)" in told
        english = boss.get(peer.replace("/fr/admin/membres/", "/en/admin/members/")).text
        assert "else read first (Ozd)" in english
        rule = boss.get(f"{peer}/moderation").text
        assert re.search(r'name="cities" value="ozd" checked', " ".join(rule.split()))
        assert "Ózd-lès-Miskolc</label>" in rule
        assert "no-such-city" not in rule
        sent = {"mode": "publish-some", "cities": ["no-such-city"]}
        assert boss.post(f"{peer}/moderation", sent).status_code == 422
        boss.post(f"{peer}/moderation", {"mode": "hold-some", "cities": ["ozd", "no-such-city"]})
        (found,) = peers(node.app)
        assert (found.rule, found.studies) == (Rule("hold-some", cities=("ozd",)), 1)
        boss.post("/fr/admin/membres/suivre", {"address": f"{madrid.url}/fr/feed.atom"})
        assert "La règle appliquée à ce nœud vaut pour l’ensemble" in boss.get(peer).text
        boss.post(f"{peer}/moderation", {"mode": "publish"})
        boss.post("/fr/admin/membres/suivre", {"address": f"{madrid.url}/fr/feed.atom"})
        assert "Toutes ses études de cas sont néanmoins affichées" in boss.get(peer).text
        boss.post("/fr/admin/membres/suivre", {"address": madrid.url})
        assert "néanmoins" not in boss.get(peer).text


def test_a_site_that_fails_at_the_first_look_is_followed_and_said_to_fail(
    app: Flask, boss: Official
) -> None:
    looks = iter([Reply(FEED), Reply(b"", 500)])
    with Site() as site:
        site.answers["/feed.xml"] = lambda _headers: next(looks)
        done = boss.post("/en/admin/members/follow", {"address": f"{site.url}/feed.xml"})
    assert done.status_code == 303
    page = boss.get(done.headers["Location"]).text
    assert "but the first look failed" in page
    assert "Failing" in page


def member(**values: Any) -> PeerView:
    given: dict[str, Any] = dict.fromkeys(PeerView.__dataclass_fields__)
    given |= {"id": 1, "title": "Madrid", "url": "http://m.example/feed.atom", "kind": "member",
              "state": "active", "studies": 3, "failures": 0, "lag": 0, "last_look": NOW,
              "next_poll": NOW, "complete_at": NOW, "last_success": NOW}  # fmt: skip
    return PeerView(**given | values)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "ok"),
        ({"lag": 2}, "late"),
        ({"complete_at": None, "lag": None}, "late"),
        ({"complete_at": None, "lag": None, "doubtful": True}, "alert"),
        ({"pending_url": "https://new.example/", "last_error": (ERROR, {"status": 500})}, "moved"),
        ({"state": "blocked", "doubtful": True}, "blocked"),
        ({"next_poll": NOW - timedelta(hours=2)}, "late"),
        ({"next_poll": NOW - timedelta(minutes=50)}, "ok"),
        ({"last_error": (ERROR, {"status": 500})}, "failing"),
        ({"last_look": None, "complete_at": None}, "new"),
        ({"state": "blocked", "last_error": (ERROR, {"status": 500})}, "blocked"),
        ({"state": "gone"}, "gone"),
        ({"kind": "foreign", "complete_at": None, "lag": None}, "ok"),
    ],
)
def test_how_a_site_is_in_one_word(values: dict[str, Any], state: str) -> None:
    assert health.state(member(**values), NOW) == state


def test_sites_that_need_a_person_come_first() -> None:
    well, failing = member(id=1), member(id=2, last_error=(ERROR, {"status": 500}))
    late, blocked = member(id=3, lag=1), member(id=4, state="blocked")
    found = health.worst_first([blocked, well, late, failing], NOW)
    assert [peer.id for peer, _state in found] == [2, 3, 1, 4]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"complete_seq": 4, "complete_at": NOW, "publisher_seq": 4, "polled_at": NOW},
         "Complete as of 1 March 2026 at 13:00 (Paris time)."),
        ({"complete_seq": 4, "complete_at": NOW, "publisher_seq": 6, "polled_at": NOW},
         "2 changes of this site have not arrived yet."),
        ({"polled_at": NOW}, "Nothing proves yet that all its case studies have arrived."),
        ({"error": ERROR, "error_arguments": {"status": 503}, "failures": 3},
         "The site answered with the error 503."),
        ({}, "The first look is due."),
        ({"state": "blocked"}, "Blocked by this site"),
        ({"state": "gone"}, "left the network"),
        ({"error": ERROR, "error_arguments": {"status": 503}, "failures": 40,
          "complete_seq": 4, "polled_at": NOW, "succeeded_at": NOW},
         "No look has succeeded since 1 March 2026 at 13:00 (Paris time)."),
        ({"pending_url": "https://new.example/", "error": ERROR, "polled_at": NOW,
          "error_arguments": {"status": 301}}, "at another address for good"),
        ({"error": walk.UNEQUAL, "error_arguments": {"seq": 7}, "polled_at": NOW,
          "succeeded_at": NOW, "complete_at": NOW}, "do not add up"),
    ],
)  # fmt: skip
def test_health_is_told_in_plain_words(
    node: Node, boss: Official, values: dict[str, Any], said: str
) -> None:
    peer_id = node.follow(**values)
    for page in ("/en/admin/members", f"/en/admin/members/{peer_id}"):
        assert said in boss.get(page).text
    assert boss.get("/fr/admin/membres").status_code == 200
    assert boss.get(f"/fr/admin/membres/{peer_id}").status_code == 200


def test_a_failure_is_told_in_the_reader_s_language(node: Node, boss: Official) -> None:
    node.follow(error="This site is not followed.", polled_at=NOW)
    english = boss.get("/en/admin/members").text
    french = boss.get("/fr/admin/membres").text
    assert "This site is not followed." in english
    assert "This site is not followed." not in french


def test_what_a_site_says_of_itself_is_text_and_no_more(node: Node, boss: Official) -> None:
    nasty = "<script>alert(1)</script>\"'{{ 7*7 }}"
    peer_id = node.follow(error=nasty, notice=nasty, polled_at=NOW)
    node.change(lambda s: setattr(s.get(Subscription, peer_id), "title", nasty))
    for page in ("", f"/{peer_id}", f"/{peer_id}/unfollow"):
        text = boss.get("/en/admin/members" + page).text
        assert "<script>alert" not in text
        assert "{{ 7*7 }}" in text


def test_looking_now_makes_a_site_due(node: Node, boss: Official) -> None:
    later = clock.now() + timedelta(hours=5)
    peer_id = node.follow(polled_at=NOW)
    node.change(lambda s: setattr(s.get(Subscription, peer_id), "next_poll", later))
    done = boss.post(f"/en/admin/members/{peer_id}/poll")
    assert done.headers["Location"] == f"/en/admin/members/{peer_id}"
    assert peers(boss.app)[0].next_poll <= clock.now()


def test_a_blocked_site_leaves_the_pages_and_comes_back(node: Node, boss: Official) -> None:
    peer_id = node.follow()
    node.receive(peer_id, title="Étude suivie")
    reader = node.app.test_client()
    assert boss.post(f"/en/admin/members/{peer_id}/block").status_code == 303
    assert state_of(node.app, peer_id) == "blocked"
    assert "Étude suivie" not in reader.get("/fr/etudes-de-cas/").text
    assert "Unblock" in boss.get("/en/admin/members").text
    assert boss.post(f"/en/admin/members/{peer_id}/unblock").status_code == 303
    assert state_of(node.app, peer_id) == "active"
    assert "Étude suivie" in reader.get("/fr/etudes-de-cas/").text


def test_unfollowing_asks_first_and_then_forgets(node: Node, boss: Official) -> None:
    peer_id = node.follow()
    version = node.receive(peer_id)
    asked = boss.get(f"/en/admin/members/{peer_id}/unfollow")
    assert "Its 1 case study is deleted" in asked.text
    assert len(peers(node.app)) == 1
    done = boss.post(f"/en/admin/members/{peer_id}/unfollow")
    assert done.headers["Location"] == "/en/admin/members"
    assert peers(node.app) == []
    with node.app.app_context():
        assert catalogue.study(db.session(), version.study_key) is None
    assert "is not followed any more" in boss.get("/en/admin/members").text


@pytest.mark.parametrize(("agree", "url"), [("yes", "https://new.example/feed.atom"),
                                            ("no", "http://madrid.example/feed.atom")])  # fmt: skip
def test_a_move_waits_for_consent(node: Node, boss: Official, agree: str, url: str) -> None:
    peer_id = node.follow(pending_url="https://new.example/feed.atom", polled_at=NOW)
    assert "your consent is needed" in boss.get("/en/admin/members").text
    assert "https://new.example/feed.atom" in boss.get(f"/en/admin/members/{peer_id}").text
    assert boss.post(f"/en/admin/members/{peer_id}/move", {"agree": agree}).status_code == 303
    (found,) = peers(node.app)
    assert (found.url, found.pending_url) == (url, None)
    assert boss.post(f"/en/admin/members/{peer_id}/move", {"agree": "yes"}).status_code == 404


def test_a_site_that_is_not_there_is_not_found(boss: Official) -> None:
    for path in ("", "/unfollow"):
        assert boss.get(f"/en/admin/members/77{path}").status_code == 404
    for path in ("poll", "block", "unblock", "unfollow", "move"):
        assert boss.post(f"/en/admin/members/77/{path}", {"agree": "yes"}).status_code == 404
    assert boss.get("/en/admin/users/77").status_code == 404


def test_a_person_is_added_and_signs_in(app: Flask, boss: Official) -> None:
    sent = {"email": " New@Paris.example ", "name": "Nadia\r\nX: y", "role": "editor",
            "password": PASSWORD, "active": "", "id": "1"}  # fmt: skip
    assert boss.post("/en/admin/users", sent).status_code == 303
    assert "Nadia X: y can sign in now." in boss.get("/en/admin/users").text
    browser = app.test_client()
    form = {"csrf_token": token(browser.get("/en/account/sign-in")),
            "email": "new@paris.example", "password": PASSWORD}  # fmt: skip
    assert browser.post("/en/account/sign-in", data=form).status_code == 303


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"email": "x"}, "email"), ({"email": "camille@paris.example"}, "email"),
     ({"role": "root"}, "role"), ({"role": ""}, "role"), ({"password": "short"}, "password"),
     ({"password": "nadia.nadia.nadia"}, "password")],
)  # fmt: skip
def test_a_person_who_cannot_be_added_stays_in_the_form(
    app: Flask, boss: Official, changes: dict[str, str], field: str
) -> None:
    sent = {"email": "nadia@paris.example", "name": "Nadia", "role": "editor", "password": PASSWORD}
    page = boss.post("/en/admin/users", sent | changes)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert 'value="Nadia"' in page.text
    assert (sent | changes)["password"] not in page.text
    with app.app_context():
        assert len(accounts.everyone(db.session())) == 1


def test_roles_passwords_and_access_change_at_once(app: Flask, boss: Official) -> None:
    ines = Official(app, "author", "ines")
    page = f"/en/admin/users/{ines.id}"
    boss.post(page, {"change": "role", "role": "editor"})
    assert "Everyone" not in ines.get("/en/desk/").text
    assert "Every case study of this site" in ines.get("/en/desk/").text
    assert boss.post(page, {"change": "disable"}).status_code == 303
    assert "can no longer sign in" in boss.get(page).text
    assert ines.get("/en/desk/").status_code == 303
    boss.post(page, {"change": "enable"})
    assert "can sign in again" in boss.get(page).text
    assert boss.post(page, {"change": "password", "password": "short"}).status_code == 422
    assert (
        boss.post(page, {"change": "password", "password": "un tout autre mot"}).status_code == 303
    )
    assert boss.post(page, {"change": "promote"}).status_code == 400


def test_the_last_administrator_cannot_be_lost(boss: Official) -> None:
    page = f"/en/admin/users/{boss.id}"
    for sent in ({"change": "role", "role": "author"}, {"change": "disable"}):
        answer = boss.post(page, sent)
        assert answer.status_code == 422
        assert "last administrator" in answer.text
        assert boss.get("/en/admin/users").status_code == 200


def test_an_administrator_who_sets_an_own_password_stays_signed_in(boss: Official) -> None:
    sent = {"change": "password", "password": "un tout autre mot"}
    assert boss.post(f"/en/admin/users/{boss.id}", sent).status_code == 303
    assert boss.get("/en/admin/users").status_code == 200


def test_tasks_that_failed_are_shown_and_tried_again(node: Node, boss: Official) -> None:
    assert "Nothing has failed" in boss.get("/en/admin/jobs").text

    def fail(session: Session) -> None:
        for number in range(2):
            job = Job(kind="index", key=f"<study {number}>", payload={}, state="dead", attempts=12)
            job.run_at = job.created = clock.now()
            job.error = "OSError: <disk full>"
            session.add(job)

    node.change(fail)
    page = boss.get("/en/admin/jobs").text
    assert "&lt;study 1&gt;" in page
    assert "OSError: &lt;disk full&gt;" in page
    boss.post("/en/admin/jobs")
    assert "2 tasks are tried again." in boss.get("/en/admin/jobs").text
    with node.app.app_context():
        assert dead.listed(db.session()) == []
        assert {job.attempts for job in db.session.scalars(select(Job))} == {0}


def test_an_alert_a_move_and_what_waits_are_told_on_the_first_page(
    node: Node, boss: Official
) -> None:
    lost = node.follow("Porto", error=walk.WENT_BACK, polled_at=NOW, succeeded_at=NOW)
    node.follow("Turin", pending_url="https://new.example/feed.atom", complete_seq=1)
    first = boss.get(boss.get("/en/admin/").headers["Location"]).text
    assert "Alert: what “Porto” sent cannot be proved" in first
    assert "“Turin” says that it has moved" in first
    page = boss.get(f"/en/admin/members/{lost}").text
    assert "Readers still see the last copy that was proved" in page
    assert "l’envoi de" in boss.get("/fr/admin/membres").text


def test_readers_are_told_that_a_city_s_site_has_left_the_network(node: Node, app: Flask) -> None:
    peer_id = node.follow("Porto", state="gone")
    node.receive(peer_id, 1, city="porto")
    page = app.test_client().get("/en/case-studies/porto/study-1").text
    assert "This city’s site has left the network" in page
    feed = node.follow("Blog", kind="foreign", state="gone")
    node.receive(feed, 2, city="porto")
    page = app.test_client().get("/en/case-studies/porto/study-2").text
    assert "This feed has ended" in page
