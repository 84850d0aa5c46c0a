"""The queue of what followed sites published, as editors and administrators use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from network.catalogue.values import Facts, Version
from network.lib import clock
from network.lib.db import db
from network.moderation import review
from network.moderation import service as moderation
from network.moderation.gate import Gate
from network.moderation.rules import Rule
from network.moderation.shelf import Item, Shelf
from network.subscriptions.models import ModeratedStudy, Subscription
from tests.web.conftest import Node, make_version
from tests.web.officials import Official

QUEUE = "/en/admin/review"
BODY = "<p>" + " ".join(f"word{n}" for n in range(60)) + "</p>"


@pytest.fixture
def madrid(node: Node) -> int:
    """A followed site of which everything is held."""
    id_ = node.follow("Madrid")
    node.change(lambda s: moderation.set_rule(s, id_, Rule("hold")))
    return id_


@pytest.fixture
def arrive(node: Node, madrid: int) -> Callable[..., None]:
    def do(*versions: Version) -> None:
        def write(session: Any) -> None:
            source = moderation.source(session, madrid)
            shelf = Shelf(session, source, clock.now())
            shelf.put(Gate(shelf, source).sift([Item(version) for version in versions]))
            shelf.finish()

        node.change(write)

    return do


@pytest.fixture
def editor(app: Flask) -> Official:
    return Official(app, "editor", "louis")


def study(number: int = 1, lang: str = "fr", **values: Any) -> Version:
    given = {"city": "madrid", "body_html": BODY}
    return make_version("http://madrid.example", number, lang, **given | values)


def number_of(app: Flask, title: str = "") -> int:
    with app.app_context():
        rows, _total = review.page(db.session(), "waiting")
        return next(row.id for row in rows if any(title in each for _lang, each in row.titles))


def text_of(page: Any) -> str:
    (main,) = html.fromstring(page.text).xpath("//main")
    return " ".join(main.text_content().split())


def decide(editor: Official, number: int, decision: str, **more: str) -> Any:
    return editor.post(f"{QUEUE}/{number}/decide", {"decision": decision, **more})


def test_an_empty_queue_says_so(editor: Official) -> None:
    assert "Nothing waits for you" in editor.get(QUEUE).text
    assert "Rien ne vous attend" in editor.get("/fr/admin/moderation").text


def test_an_editor_reads_a_held_study_in_both_languages_and_approves_it(
    app: Flask, editor: Official, arrive: Any
) -> None:
    arrive(study(1, "fr"), study(1, "en", title="Study <one>"))
    queue = editor.get(QUEUE)
    assert "Study &lt;one&gt;" in queue.text
    assert "Étude 1" in queue.text
    number = number_of(app)
    page = editor.get(f"{QUEUE}/{number}?text=en")
    assert "Readers do not see this text yet" in page.text
    assert "Study &lt;one&gt;" in page.text
    assert 'href="http://madrid.example/en/case-studies/paris/study-1"' in page.text
    assert f"{QUEUE}/{number}?text=fr" in page.text
    assert "Étude 1" in editor.get(f"{QUEUE}/{number}?text=fr").text
    reader = app.test_client()
    assert reader.get("/fr/etudes-de-cas/madrid/study-1").status_code == 404
    assert decide(editor, number, "approve", note="Lu.").headers["Location"] == QUEUE
    assert "is shown to readers now" in editor.get(QUEUE).text
    assert reader.get("/fr/etudes-de-cas/madrid/study-1").status_code == 200
    approved = editor.get(f"{QUEUE}?list=approved")
    assert "Lu." in approved.text
    assert "Louis" in approved.text
    decide(editor, number, "undo")
    assert reader.get("/fr/etudes-de-cas/madrid/study-1").status_code == 404


def test_a_refused_study_answers_like_one_that_never_was(
    app: Flask, editor: Official, arrive: Any
) -> None:
    arrive(study(1, title="Publicité"))
    number = number_of(app)
    decide(editor, number, "refuse", note="Une publicité")
    reader = app.test_client()
    assert reader.get("/fr/etudes-de-cas/madrid/study-1").status_code == 404
    assert "Publicité" not in reader.get("/fr/etudes-de-cas/").text
    assert "Une publicité" in editor.get(f"{QUEUE}?list=refused").text
    arrive(study(1, title="Publicité encore"))
    assert "Its city has changed it since" in editor.get(f"{QUEUE}?list=refused").text
    assert "Nothing waits for you" in editor.get(QUEUE).text


def test_a_refusal_outlives_the_text_and_can_still_be_undone(
    node: Node, editor: Official, arrive: Any, madrid: int
) -> None:
    arrive(study(1, title="Publicité"))
    number = number_of(node.app)
    decide(editor, number, "refuse")
    assert "Publicité" in editor.get(QUEUE).text, "what was done is said once"

    def withdraw(session: Any) -> None:
        source = moderation.source(session, madrid)
        shelf = Shelf(session, source, clock.now())
        Gate(shelf, source).forget([study(1).entry_id])

    node.change(withdraw)
    refused = editor.get(f"{QUEUE}?list=refused").text
    assert "Withdrawn by its city" in refused
    assert "Publicité" not in refused
    assert decide(editor, number, "undo").status_code == 303
    assert "Withdrawn by its city" not in editor.get(f"{QUEUE}?list=refused").text


def test_a_change_is_shown_word_by_word_and_readers_are_told_that_there_is_one(
    app: Flask, editor: Official, arrive: Any
) -> None:
    arrive(study(1, facts=Facts(status="pilot")))
    number = number_of(app)
    decide(editor, number, "approve")
    changed = BODY.replace("word7", '<a href="http://spam.example/">seven</a>')
    arrive(study(1, title="Étude une", body_html=changed, facts=Facts(status="running")))
    page = editor.get(f"{QUEUE}/{number}")
    assert "Readers do not see this change yet" in page.text
    (main,) = html.fromstring(page.text).xpath("//section[@aria-labelledby='changes']")
    assert [e.text_content().split()[-1] for e in main.xpath(".//del")] == ["1", "word7"]
    assert [e.text_content().split()[-1] for e in main.xpath(".//ins")] == ["une", "seven"]
    assert "http://spam.example/" in main.text_content()
    assert "Pilot" in main.text_content()
    reader = app.test_client()
    shown = reader.get("/fr/etudes-de-cas/madrid/study-1").text
    assert "La ville a modifié ce texte depuis" in shown
    assert "seven" not in shown
    decide(editor, number, "refuse")
    shown = reader.get("/fr/etudes-de-cas/madrid/study-1").text
    assert "La ville a modifié ce texte" not in shown
    assert "Étude 1" in shown
    decide(editor, number, "undo")
    decide(editor, number, "take-off")
    assert reader.get("/fr/etudes-de-cas/madrid/study-1").status_code == 404


def test_what_harm_a_held_text_means_it_cannot_do_in_the_preview(
    app: Flask, editor: Official, arrive: Any
) -> None:
    nasty = "<script>alert(1)</script>{{ 777*7 }}\"'"
    arrive(study(1, title=nasty, summary=nasty, body_html="<p>Text</p>"))
    number = number_of(app)
    decide(editor, number, "approve")
    arrive(study(1, title=nasty + "2", summary=nasty, legal_basis=nasty))
    for page in (QUEUE, f"{QUEUE}/{number}", f"{QUEUE}?list=approved"):
        answer = editor.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "5439" not in html.fromstring(answer.text).xpath("//main")[0].text_content()


def test_everything_of_one_site_is_approved_at_once(
    app: Flask, editor: Official, arrive: Any, madrid: int
) -> None:
    arrive(*(study(n, slug=f"s-{n}") for n in range(1, 26)))
    first, second = editor.get(QUEUE), editor.get(f"{QUEUE}?page=2")
    assert "?page=2" in first.text
    assert "?page=1" not in second.text
    assert editor.get(f"{QUEUE}?page=3").status_code == 404
    assert "Approve all" not in first.text, "only on the list of one site"
    assert "Approve all 25" in editor.get(f"{QUEUE}?site={madrid}").text
    assert editor.post(f"{QUEUE}/all", {"site": str(madrid)}).status_code == 303
    assert "25 case studies are shown to readers now." in editor.get(QUEUE).text


@pytest.mark.parametrize(
    ("address", "status"),
    [("?list=all", 404), ("?site=x", 404), ("?site=99", 404), ("?page=0", 400), ("/99", 404),
     ("/99999999999999999999", 404), ("?site=" + "9" * 30, 404)],
)  # fmt: skip
def test_an_address_that_means_nothing_is_not_found(
    editor: Official, address: str, status: int
) -> None:
    assert editor.get(QUEUE + address).status_code == status


def test_a_decision_that_means_nothing_changes_nothing(
    app: Flask, editor: Official, arrive: Any
) -> None:
    arrive(study())
    number = number_of(app)
    assert decide(editor, number, "delete").status_code == 400
    assert decide(editor, 99, "approve").status_code == 404
    assert editor.post(f"{QUEUE}/all", {"site": "x"}).status_code == 400
    assert editor.post(f"{QUEUE}/all", {"site": "99"}).status_code == 404
    long = decide(editor, number, "approve", note="x" * 1001)
    assert long.status_code == 422
    assert "at most 1000 characters" in long.text
    assert number_of(app) == number


def test_an_administrator_chooses_the_rule_of_a_site(
    app: Flask, node: Node, arrive: Any, madrid: int
) -> None:
    boss = Official(app, "administrator", "camille")
    arrive(study(1, topics=("open-data",)), study(2, slug="s-2", topics=("mobility",)))
    page = f"/en/admin/members/{madrid}/review"
    assert 'value="hold" checked' in " ".join(boss.get(page).text.split())
    sent = boss.post(page, {"mode": "publish-some", "topics": ["open-data", "no-such-topic"]})
    assert sent.headers["Location"] == f"/en/admin/members/{madrid}"
    told = boss.get(f"/en/admin/members/{madrid}").text
    assert "1 case study that waited is shown now." in told
    assert "Shown at once if they match" in told
    with app.app_context():
        row = db.session.get_one(Subscription, madrid)
        assert (row.moderation, row.moderated_topics) == ("publish-some", ["open-data"])
    boss.post(page, {"mode": "hold", "keep": "1"})
    assert "waits for review now" not in boss.get(f"/en/admin/members/{madrid}").text
    boss.post(page, {"mode": "hold-some", "languages": "fr"})
    with app.app_context():
        assert db.session.scalars(select(ModeratedStudy.state)).all().count("approved") == 1
    for wrong in ({"mode": "publish-some"}, {"mode": ""}, {"mode": "x", "topics": "mobility"}):
        answer = boss.post(page, wrong)
        assert answer.status_code == 422
        assert "Error:" in answer.text
    assert boss.get("/en/admin/members/99/review").status_code == 404


def test_a_site_can_be_followed_so_that_it_is_read_first(app: Flask) -> None:
    from pathlib import Path

    from tests.sites import Reply, Site

    boss = Official(app, "administrator", "camille")
    feed = Path(__file__).parent.parent / "data" / "feeds" / "jekyll-feed.atom"
    with Site() as site:
        site.answers["/feed.xml"] = Reply(feed.read_bytes(), headers={"Content-Type": "text/xml"})
        sent = {"address": f"{site.url}/feed.xml", "mode": "hold"}
        boss.post("/en/admin/members/follow", sent)
    page = boss.get("/en/admin/members")
    assert "wait for one of you to read them" in page.text
    assert "to be read." in page.text
    assert app.test_client().get("/en/case-studies/").text.count('class="card"') == 0


def test_an_editor_finds_the_queue_and_nothing_else_of_administration(editor: Official) -> None:
    page = editor.get("/en/desk/").text
    assert f'href="{QUEUE}"' in page
    assert "/en/admin/members" not in editor.get(QUEUE).text
    assert editor.get("/en/admin/members").status_code == 403


def test_an_author_decides_nothing_and_an_editor_makes_no_rules(
    app: Flask, editor: Official, arrive: Any, madrid: int
) -> None:
    arrive(study())
    number, author = number_of(app), Official(app, "author", "ines")
    assert author.get(QUEUE).status_code == author.get(f"{QUEUE}/{number}").status_code == 403
    assert decide(author, number, "approve").status_code == 403
    assert author.post(f"{QUEUE}/all", {"site": str(madrid)}).status_code == 403
    rule = f"/en/admin/members/{madrid}/review"
    assert editor.get(rule).status_code == 403
    assert editor.post(rule, {"mode": "publish"}).status_code == 403
    assert number_of(app) == number


def test_the_queue_is_not_told_to_robots(app: Flask) -> None:
    assert "Disallow: /en/admin/" in app.test_client().get("/robots.txt").text


def test_whoever_reads_a_held_text_first_is_told_that_its_date_is_unknown(
    app: Flask, editor: Official, arrive: Any
) -> None:
    arrive(study(1, date_is_unknown=True))
    number = number_of(app)
    assert "Date unknown · received on 3 March 2026" in text_of(editor.get(f"{QUEUE}/{number}"))
    assert "Date inconnue · reçue le 3 mars 2026" in text_of(
        editor.get(f"/fr/admin/moderation/{number}")
    )
