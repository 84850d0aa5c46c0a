"""Real nodes and sites over loopback: who adopts a practice is seen where it comes from."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from network.adoptions.models import Mention, SentMention
from network.adoptions.webmention import moderation, queries
from network.case_studies import publish as publication
from network.case_studies import service as desk
from network.catalogue.values import Link
from network.following import queries as peers
from network.following import service as subscriptions
from tests.mentioning import Web, html
from tests.nodes import Node, eventually
from tests.sites import Reply
from tests.writing import draft, publish, withdraw

PARIS_PAGE = "/fr/etudes-de-cas/paris/les-jardins-partages"
MADRID_PAGE = "/en/case-studies/madrid/shared-gardens"


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as site:
        yield site


def mentions(node: Node) -> list[tuple[str, str, str]]:
    """(source, kind, state) of what the node was told."""
    with node.database() as session:
        rows = session.execute(select(Mention.source, Mention.kind, Mention.state)).all()
        return sorted((row[0], row[1], row[2]) for row in rows)


def sent(node: Node) -> list[tuple[str, str, bool]]:
    """(target, state, whether it is still linked to) of what the node told others."""
    with node.database() as session:
        rows = session.execute(
            select(SentMention.target, SentMention.state, SentMention.present)
        ).all()
        return sorted((row[0], row[1], row[2]) for row in rows)


def change(node: Node, study_id: str, **values: object) -> None:
    with node.database() as session:
        version = desk.locked(session, study_id).lock_version
        session.rollback()
        desk.save(session, None, study_id, draft(**values), version)  # type: ignore[arg-type]
        publication.publish(session, None, study_id, node.settings)


def tell(node: Node, source: str, target: str) -> int:
    """Send a Webmention as any site's software does; gives the status."""
    form = urllib.parse.urlencode({"source": source, "target": target}).encode()
    try:
        with urllib.request.urlopen(f"{node.url}/webmention", form, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_an_adoption_in_madrid_is_verified_in_paris_and_goes_with_its_link(start):
    paris, madrid = start("paris", language="fr"), start("madrid")
    paris.follow(madrid)
    madrid.follow(paris)
    publish(paris, title="Les jardins partagés")
    target = f"{paris.url}{PARIS_PAGE}"
    eventually(lambda: madrid.status(PARIS_PAGE) == 200)

    written = {"title": "Shared gardens", "lang": "en", "city": "madrid"}
    study = publish(madrid, inspired_by=(Link(target, "Jardins"),), **written)

    source = f"{madrid.url}{MADRID_PAGE}"
    eventually(lambda: mentions(paris) == [(source, "adoption", "shown")])
    eventually(lambda: sent(madrid) == [(target, "accepted", True)])
    with paris.database() as session:
        (shown,) = queries.mentions(session, "shown")
    assert (shown.title, shown.site) == ("Shared gardens", "Pioneer Cities Madrid")
    assert shown.trusted

    change(madrid, study, **written)
    eventually(lambda: mentions(paris) == [(source, "adoption", "gone")])
    eventually(lambda: sent(madrid) == [(target, "accepted", False)])

    change(madrid, study, inspired_by=(Link(target, "Jardins"),), **written)
    eventually(lambda: mentions(paris) == [(source, "adoption", "shown")], 60)

    withdraw(madrid, study)
    assert madrid.status(MADRID_PAGE) == 410
    eventually(lambda: mentions(paris) == [(source, "adoption", "gone")], 60)


def test_a_strangers_page_waits_for_a_person_and_a_blocked_members_vanishes(start, web):
    paris, madrid = start("paris"), start("madrid")
    paris.follow(madrid)
    origin = publish(paris, title="Les jardins partagés")
    target = f"{paris.url}/id/{origin}"
    source = web.page("/post", f'<p>We like <a href="{target}">Paris</a></p>')

    assert tell(paris, source, target) == 202
    eventually(lambda: mentions(paris) == [(source, "mention", "waiting")])
    with paris.database() as session:
        (waiting,) = queries.mentions(session, "waiting")
        moderation.decide(session, waiting.id, "accepted")
    assert mentions(paris) == [(source, "mention", "shown")]
    web.answers["/post"] = Reply(b"Gone", 410)
    assert tell(paris, source, target) == 202
    eventually(lambda: mentions(paris) == [(source, "mention", "gone")])

    publish(madrid, title="Shared gardens", lang="en", city="madrid",
            inspired_by=(Link(target, ""),))  # fmt: skip
    ours = f"{madrid.url}{MADRID_PAGE}"
    eventually(lambda: (ours, "adoption", "shown") in mentions(paris))
    with paris.database() as session:
        subscriptions.block(session, peers.peers(session)[0].id)
    eventually(lambda: (ours, "adoption", "refused") in mentions(paris))


def test_other_sites_are_told_by_their_own_endpoint_and_nonsense_is_refused(start, web):
    paris = start("paris")
    web.endpoints["/in?box=1"] = Reply(b"", 201)
    named = {"Link": '<../in?box=1>; rel="webmention"', "Content-Type": "text/html"}
    web.answers["/deep/page"] = Reply(b"<p>x</p>", headers=named)
    web.answers["/old"] = Reply(b"", 301, {"Location": "/deep/page"})
    study = publish(paris, title="Étude", inspired_by=(Link(f"{web.url}/old", ""),))
    source = f"{paris.url}/fr/etudes-de-cas/paris/etude"
    eventually(lambda: web.sent("/in?box=1") == [(source, f"{web.url}/old")])
    assert f'href="{web.url}/old" rel="external urn:pioneer-cities:1#inspired-by"' in paris.text(
        "/fr/etudes-de-cas/paris/etude"
    )
    page = f"{paris.url}/id/{study}"
    web.answers["/x"] = html("x")
    for bad in (("", page), (web.url, ""), ("gopher://x/", page), (page, page),
                (web.url, web.url), (web.url, f"{paris.url}/fr/")):  # fmt: skip
        assert tell(paris, *bad) == 400, bad
    assert mentions(paris) == []
