"""The pictures of followed sites: found, checked, kept, and fetched no more than seldom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from network.following import icons, service
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.http import Door
from network.subscriptions.models import SourceIcon, Subscription
from tests.integration.following import RULES
from tests.sites import Reply, Site
from tests.unit.test_icon import bitmap, ico, png

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
ICO = ico((16, bitmap(16)))


def rss(icon: str = "") -> bytes:
    image = f"<image><url>{icon}</url></image>" if icon else ""
    item = "<item><guid>a</guid><title>Un</title></item>"
    head = f"<title>Lyon</title><link>/accueil/</link>{image}"
    return f"<rss version='2.0'><channel>{head}{item}</channel></rss>".encode()


@pytest.fixture
def lyon() -> Iterator[Site]:
    with Site() as site:
        site.answers["/rss"] = Reply(rss())
        yield site


def look(session: Session, door: Door, site: Site) -> tuple[str, bytes] | None:
    """Follow the site and look for its picture; gives what is kept of it."""
    id_ = service.follow(session, door, f"{site.url}/rss", RULES).id
    session.rollback()
    site.asked.clear()
    icons.refresh(session, door, id_)
    found = icons.icon(session, id_)
    session.rollback()
    return (found[1].media_type, found[1].content) if found else None


def test_the_picture_that_the_feed_names_comes_first(
    session: Session, door: Door, lyon: Site
) -> None:
    lyon.answers |= {"/rss": Reply(rss("/i.png")), "/i.png": Reply(png())}
    assert look(session, door, lyon) == ("image/png", png())
    assert lyon.paths == ["/i.png"]


def test_then_those_that_the_site_s_page_names_the_fitting_size_first(
    session: Session, door: Door, lyon: Site
) -> None:
    page = (
        b"<link rel=icon type=image/svg+xml href=/i.svg><link rel='apple-touch-icon' href=/t.png>"
        b"<link rel=icon sizes=192x192 href=/b.png><link rel='shortcut icon' sizes=32x32 href=i>"
    )
    lyon.answers |= {"/accueil/": Reply(page), "/accueil/i": Reply(SVG), "/b.png": Reply(png(9, 9))}
    assert look(session, door, lyon) == ("image/png", png(9, 9))
    assert lyon.paths == ["/accueil/", "/accueil/i", "/b.png"]


def test_then_the_place_where_it_always_was(session: Session, door: Door, lyon: Site) -> None:
    lyon.answers["/favicon.ico"] = Reply(ICO, headers={"Content-Type": "text/html"})
    assert look(session, door, lyon) == ("image/x-icon", ICO)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(SVG, headers={"Content-Type": "image/png"}),
        Reply(b"<!doctype html><script>alert(1)</script>"),
        Reply(png(16, 16) + b"\0" * 500_000),
        Reply(png(20_000, 20_000)),
        Reply(png(), 404),
        Reply(b"", 302, {"Location": "http://10.0.0.1/favicon.ico"}),
        Reply(b"", 302, {"Location": "/favicon.ico"}),
        Reply(b""),
    ],
    ids=["svg", "page", "long", "large", "missing", "inside", "circle", "empty"],
)
def test_what_is_no_small_picture_is_not_kept(
    session: Session, door: Door, lyon: Site, reply: Reply
) -> None:
    lyon.answers["/favicon.ico"] = reply
    assert look(session, door, lyon) is None


def test_a_picture_that_is_gone_goes(session: Session, door: Door, lyon: Site) -> None:
    lyon.answers["/favicon.ico"] = Reply(ICO)
    assert look(session, door, lyon) is not None
    del lyon.answers["/favicon.ico"]
    assert look(session, door, lyon) is None
    assert session.scalars(select(SourceIcon)).all() == []


def test_a_site_is_asked_once_in_a_month_and_again_when_its_feed_names_another(
    session: Session, door: Door, lyon: Site
) -> None:
    id_ = service.follow(session, door, f"{lyon.url}/rss", RULES).id

    def planned() -> list[str]:
        icons.plan(session)
        keys = list(session.scalars(select(Job.key).where(Job.kind == Kind.ICON)))
        with writing(session):
            for job in session.scalars(select(Job).where(Job.kind == Kind.ICON)):
                session.delete(job)
        return keys

    assert planned() == [str(id_)]
    assert planned() == []
    due = session.get_one(Subscription, id_).icon_due
    assert due is not None
    assert due > clock.now() + timedelta(days=29)
    with writing(session):
        session.execute(update(Subscription).values(etag="", content_hash=""))
    lyon.answers["/rss"] = Reply(rss("/new.png"))
    with writing(session):
        session.execute(update(Subscription).values(state="gone"))
    service.follow(session, door, f"{lyon.url}/rss", RULES)
    assert planned() == [str(id_)]
    with writing(session):
        session.execute(update(Subscription).values(icon_due=None, state="blocked"))
    assert planned() == []


def test_the_picture_of_a_blocked_site_is_not_shown_and_one_not_followed_is_forgotten(
    session: Session, door: Door, lyon: Site
) -> None:
    lyon.answers["/favicon.ico"] = Reply(ICO)
    assert look(session, door, lyon)
    (id_,) = session.scalars(select(Subscription.id))
    service.block(session, id_)
    assert icons.icon(session, id_) is None
    service.unblock(session, id_)
    assert icons.icon(session, id_)
    service.unfollow(session, id_)
    assert icons.icon(session, id_) is None
    icons.refresh(session, door, id_)
    assert session.scalars(select(SourceIcon)).all() == []
