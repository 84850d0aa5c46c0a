"""Adoptions in the browser: who may answer them, what readers see, and the author's receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.case_studies import service
from network.catalogue.values import Link
from network.lib import clock
from network.lib.db import db
from network.log.models import FeedEntry, Follower
from network.web.machines.log_readers import notebook
from tests.adopting import NOON, follow, mention, receive, version
from tests.web.officials import Official, form, user
from tests.writing import TextDraft, draft, publish_in

BASE = "http://paris.example"
LIST = "/en/desk/adoptions"
ENGLISH = TextDraft(title="Budget", summary="What we tried.", translation="human")
PAGE = "/en/case-studies/paris/budget"
ADOPTER = version(1).study_key


class Desk:
    """A published study that Madrid adopted, and everybody who may come to it."""

    def __init__(self, app: Flask, settings: Any) -> None:
        self.app = app
        self.author = Official(app, "author", "ines")
        self.other = Official(app, "author", "marc")
        self.editor = Official(app, "editor", "louis")
        self.administrator = Official(app, "administrator", "camille")
        with app.app_context():
            session: Session = db.session()
            written = draft(texts={"en": ENGLISH})
            self.id = service.create(session, user(app, self.author), written)
            from network.case_studies import publish

            publish.publish(session, None, self.id, settings)
            link = (f"{BASE}/id/{self.id}",)
            receive(session, follow(session), version(1, link, title="Decide <b>Madrid</b>"))

    def run(self, do: Callable[[Session], Any]) -> Any:
        with self.app.app_context():
            return do(db.session())

    def answer(self, by: Official, verdict: str, **more: str) -> Any:
        sent = {
            "study": self.id,
            "adopter": ADOPTER,
            "verdict": verdict,
            "lang": "en",
            "reason": "",
        }
        return by.post(LIST, sent | more)

    def log(self) -> str:
        rows = self.run(lambda s: list(s.scalars(select(FeedEntry.xml))))
        return b"".join(rows).decode()


@pytest.fixture
def desk(app: Flask, settings: Any) -> Desk:
    return Desk(app, settings)


def test_an_editor_confirms_and_readers_see_it(desk: Desk, client: FlaskClient) -> None:
    page = desk.editor.get(LIST).text
    assert "Decide &lt;b&gt;Madrid&lt;/b&gt;" in page
    assert "1 waits for an answer." in page
    assert "1 waits for an answer." in desk.editor.get("/en/desk/").text
    assert "Declared" in client.get(PAGE).text
    done = desk.answer(desk.editor, "confirmed")
    assert (done.status_code, done.location) == (303, LIST)
    assert "You confirmed it on" in desk.editor.get(LIST).text
    shown = client.get(PAGE).text
    assert "Confirmed" in shown
    assert "Paris confirmed it on" in shown
    lineage = client.get(f"{PAGE}/lineage").text
    assert 'class="edge--confirmed"' in lineage
    assert "Paris → Madrid (confirmed)" in lineage.replace("&gt;", ">")
    assert desk.log().count('verdict="confirmed"') == 2


def test_contesting_needs_a_reason_and_keeps_what_was_typed(
    desk: Desk, client: FlaskClient
) -> None:
    refused = desk.answer(desk.editor, "contested", reason="x" * 501)
    assert refused.status_code == 422
    assert "x" * 501 in refused.text
    assert 'href="#reason-1"' in refused.text
    assert 'id="reason-1"' in refused.text
    assert "<title>Error:" in refused.text
    assert '<details class="more" open>' in refused.text
    done = desk.answer(desk.editor, "contested", reason="Ce n’est <i>pas</i> ça.", lang="fr")
    assert done.status_code == 303
    for address in (PAGE, f"{PAGE}/lineage"):
        shown = client.get(address).text
        assert '<span lang="fr">“Ce n’est &lt;i&gt;pas&lt;/i&gt; ça.”</span>' in shown
        assert "Paris contested it on" in shown
    assert 'class="edge--contested"' in client.get(f"{PAGE}/lineage").text
    desk.answer(desk.editor, "nothing")
    assert "Paris contested" not in client.get(PAGE).text


@pytest.mark.parametrize(
    ("who", "status"), [("author", 403), ("editor", 200), ("administrator", 200)]
)
def test_who_may_answer(desk: Desk, who: str, status: int) -> None:
    person = getattr(desk, who)
    assert person.get(LIST).status_code == status
    assert person.get("/fr/bureau/reprises").status_code == status
    answered = desk.answer(person, "confirmed").status_code
    assert answered == (303 if status == 200 else status)
    assert ("verdict=" in desk.log()) == (status == 200)
    assert (LIST in person.get("/en/desk/").text) == (status == 200)


def test_a_stranger_is_sent_to_sign_in_and_changes_nothing(desk: Desk, client: FlaskClient) -> None:
    assert "/sign-in" in client.get(LIST).location
    assert client.post(LIST, data={"study": desk.id}).status_code in (303, 400)
    assert "/sign-in" in client.get(f"/en/desk/case-studies/{desk.id}/receipt").location


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"adopter": "http://spam.example/"}, 404),
        ({"adopter": ""}, 404),
        ({"study": "7"}, 404),
        ({"study": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"verdict": "praised"}, 422),
        ({"verdict": "contested", "reason": "Why", "lang": "xx"}, 422),
    ],
)
def test_a_form_that_was_made_up_publishes_nothing(
    desk: Desk, sent: dict[str, str], status: int
) -> None:
    given = {"verdict": "confirmed"} | sent
    assert desk.answer(desk.editor, given.pop("verdict"), **given).status_code == status
    assert "verdict=" not in desk.log()


def test_the_list_of_one_study_stays_on_it(desk: Desk) -> None:
    address = f"{LIST}?study={desk.id}"
    assert "Decide" in desk.editor.get(address).text
    done = desk.answer(desk.editor, "confirmed", only=desk.id)
    assert done.location == address
    assert desk.editor.get(f"{LIST}?study=nothing").status_code == 404
    assert desk.editor.get(f"{LIST}?page=2").status_code == 404


def test_a_page_elsewhere_that_is_shown_is_a_node_of_the_lineage(
    desk: Desk, client: FlaskClient
) -> None:
    key = f"{BASE}/id/{desk.id}"
    desk.run(lambda s: mention(s, key, "https://lyon.example/blog", title="Lyon l’a repris"))
    desk.run(lambda s: mention(s, key, "https://bad.example/", state="waiting", title="Spam"))
    shown = client.get(f"{PAGE}/lineage").text
    assert "Lyon l’a repris" in shown
    assert "lyon.example" in shown
    assert "Spam" not in shown


def receipt(desk: Desk, by: Official, lang: str = "en") -> Any:
    path = {"en": "en/desk/case-studies", "fr": "fr/bureau/etudes-de-cas"}[lang]
    end = {"en": "receipt", "fr": "accuse-de-reception"}[lang]
    return by.get(f"/{path}/{desk.id}/{end}")


@pytest.mark.parametrize(
    ("who", "status"),
    [("author", 200), ("other", 403), ("editor", 200), ("administrator", 200)],
)
def test_the_receipt_is_for_the_author_and_for_editors(desk: Desk, who: str, status: int) -> None:
    for lang in ("en", "fr"):
        assert receipt(desk, getattr(desk, who), lang).status_code == status
    if status == 200:
        assert ("Confirm or contest" in receipt(desk, getattr(desk, who)).text) == (who != "author")


def test_a_receipt_says_honestly_that_nothing_is_known(desk: Desk, settings: Any) -> None:
    made = desk.run(lambda s: publish_in(s, settings, draft("Seule")))
    text = desk.editor.get(f"/en/desk/case-studies/{made}/receipt").text
    for words in (
        "Nobody that we know of says that they adopted it.",
        "Nobody that we know of has translated it elsewhere.",
        "No site that we know of follows this one.",
        "No page that told us so mentions it.",
        "What this site cannot see",
    ):
        assert words in text


def test_a_receipt_names_followers_translators_adopters_and_mentions(desk: Desk) -> None:
    key = f"{BASE}/id/{desk.id}"

    def happen(session: Session) -> None:
        for kind in ("translation", "syndication", "mention"):
            mention(session, key, f"https://{kind}.example/", kind=kind, title=f"A {kind}")
        german = version(7, title="Haushalt", lang="de", alternates=(("fr", f"{key}/fr"),))
        receive(session, 1, german)
        now = clock.now()
        for name, confirmed in (("madrid", now), ("claims", None)):
            session.add(Follower(origin=f"http://{name}.example", name=name.title(),
                                 first_seen=NOON, last_seen=now, next_check=now,
                                 confirmed_at=confirmed, checked_at=now))  # fmt: skip
        session.commit()

    desk.run(happen)
    text = receipt(desk, desk.author).text
    for words in ("A translation", "A syndication", "A mention", "Haushalt", "Decide", "Madrid",
                  "Its own list of sites names this one", "its list of sites does not name",
                  "This city has not answered yet."):  # fmt: skip
        assert words in text, words


def test_a_node_that_reads_the_log_is_noted_and_nobody_else(
    desk: Desk, client: FlaskClient, app: Flask
) -> None:
    def ask(agent: str, **headers: str) -> Any:
        return client.get("/feed.atom", headers={"User-Agent": agent, **headers})

    first = ask("PioneerCities/0.1 (+http://madrid.example/)")
    for agent in ("Mozilla/5.0", f"PioneerCities/0.1 (+{BASE}/)"):
        assert ask(agent).status_code == 200
    again = ask(
        "PioneerCities/0.1 (+http://seoul.example/)", **{"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    with app.app_context():
        notebook().wait()
    found = desk.run(lambda s: sorted(s.scalars(select(Follower.origin))))
    assert found == ["http://madrid.example", "http://seoul.example"]


# What inspired a study, in the editor.


def editing(desk: Desk, settings: Any) -> tuple[str, str]:
    """A draft of the author's, and its address."""
    made = desk.run(
        lambda s: service.create(s, user(desk.app, desk.author), draft("Une suite", lang="fr"))
    )
    return made, f"/en/desk/case-studies/{made}"


def test_a_pasted_page_is_stored_as_the_study_that_it_is(desk: Desk, settings: Any) -> None:
    _made, address = editing(desk, settings)
    sent = form(desk.author.get(address))
    sent.setlist("inspired_by.href", [f"{BASE}{PAGE}#results", "https://lisbon.example/op"])
    sent.setlist("inspired_by.title", ["", "Lisboa"])
    assert desk.author.post(address, sent).status_code == 303
    opened = form(desk.author.get(address))
    assert opened.getlist("inspired_by.href")[:2] == [
        f"{BASE}/id/{desk.id}",
        "https://lisbon.example/op",
    ]
    assert opened.getlist("inspired_by.title")[:2] == ["Budget participatif", "Lisboa"]
    assert "Known here" in desk.author.get(address).text
    assert desk.author.post(address, opened).status_code == 303, "saving again is no conflict"


def test_an_autosave_of_a_pasted_page_is_no_conflict_with_oneself(
    desk: Desk, settings: Any
) -> None:
    _made, address = editing(desk, settings)
    sent = form(desk.author.get(address))
    sent.setlist("inspired_by.href", [f"{BASE}{PAGE}"])
    sent.setlist("inspired_by.title", [""])
    assert desk.author.post(f"{address}/autosave", sent).status_code == 200
    assert desk.author.post(address, sent).status_code == 303


def indexed(desk: Desk) -> None:
    from network.search import service as search

    engine = desk.app.extensions["pioneer"].search
    desk.run(lambda s: search.reindex(s, engine))


def test_an_inspiration_is_found_by_words_and_added_without_a_script(
    desk: Desk, settings: Any
) -> None:
    indexed(desk)
    made, address = editing(desk, settings)
    sent = form(desk.author.get(address))
    sent["fr.body"] = "Pas encore enregistré"
    sent.setlist("find", ["madrid, villes de moins de 300\u202f000 habitants"])
    found = desk.author.post(address, dict(sent.lists()) | {"then": "find"})
    assert found.status_code == 200
    key = re.search(r'name="add" value="([^"]+)"', found.text)
    assert key is not None
    assert key[1] == ADOPTER
    assert "Pas encore enregistré" in found.text
    chosen = desk.author.post(address, dict(form(found).lists()) | {"add": key[1]})
    assert ADOPTER in form(chosen).getlist("inspired_by.href")
    assert "Pas encore enregistré" in chosen.text
    stored = desk.run(lambda s: service.draft_of(service.locked(s, made)))
    assert stored.inspired_by == (), "nothing is saved before the person saves"
    assert desk.author.post(address, form(chosen)).status_code == 303
    stored = desk.run(lambda s: service.draft_of(service.locked(s, made)))
    assert [link.href for link in stored.inspired_by] == [ADOPTER]


def test_enter_in_the_search_field_searches_and_finding_nothing_says_what_to_do(
    desk: Desk, settings: Any
) -> None:
    indexed(desk)
    _made, address = editing(desk, settings)
    sent = dict(form(desk.author.get(address)).lists()) | {"enter": "1", "find": "xyzzy"}
    answer = desk.author.post(address, sent)
    assert answer.status_code == 200
    assert "Paste its address instead" in answer.text
    empty = desk.author.post(address, sent | {"find": "", "then": "find"})
    assert "Type a word or two" in empty.text


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("{base}/id/{draft}", "readers cannot see it"),
        ("{base}/en/desk/case-studies/{draft}", "readers cannot see it"),
        ("{base}/en/case-studies/paris/nothing", "readers cannot see it"),
        ("{base}/id/{self}", "cannot be inspired by itself"),
        ("lisbon", "needs an address"),
    ],
)
def test_what_readers_cannot_see_is_not_named_in_public(
    desk: Desk, settings: Any, href: str, words: str
) -> None:
    hidden = desk.run(lambda s: service.create(s, None, draft("Secret")))
    made, _address = editing(desk, settings)
    address = f"/en/desk/case-studies/{made}"
    sent = form(desk.editor.get(address))
    sent.setlist("inspired_by.href", [href.format(base=BASE, draft=hidden, self=made)])
    sent.setlist("inspired_by.title", [""])
    refused = desk.editor.post(f"{address}/publish", sent)
    assert refused.status_code == 422
    assert words in refused.text
    assert words in desk.editor.get(f"{address}/preview").text
    assert "Secret" not in desk.log()


def test_a_study_of_ours_that_readers_see_may_be_named(desk: Desk, settings: Any) -> None:
    made, address = editing(desk, settings)
    sent = form(desk.editor.get(address))
    sent.setlist("inspired_by.href", [f"{BASE}/en/desk/case-studies/{desk.id}"])
    sent.setlist("inspired_by.title", [""])
    assert desk.editor.post(f"{address}/publish", sent).status_code == 303
    assert (
        Link(f"{BASE}/id/{desk.id}", "Budget participatif")
        in desk.run(lambda s: service.draft_of(service.locked(s, made))).inspired_by
    )


def test_the_lineage_draws_what_is_only_declared_with_a_line_and_a_word(
    desk: Desk, client: FlaskClient, app: Flask, settings: Any
) -> None:
    with app.app_context():
        link = Link("https://lisbon.example/op", "Lisboa")
        publish_in(db.session(), settings, draft("Une autre", inspired_by=(link,)))
    text = client.get("/fr/etudes-de-cas/paris/une-autre/filiation").text
    assert 'class="edge--declared"' in text
    assert "Lisboa" in text
