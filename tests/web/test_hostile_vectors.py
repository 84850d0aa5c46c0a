"""All that strangers tried, in every place of every kind of feed: no page shows more than words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue.models import Version
from network.config import Settings
from network.following import service as subscriptions
from network.lib.db import db
from network.subscriptions.policy import open_door
from tests.sites import Node as Member
from tests.sites import Reply, Site
from tests.web.test_hostile_peers import check_fragment, check_page
from tests.xss import VECTORS, atom, json_feed, publish, rss


@pytest.fixture
def infected(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """A node that follows three feeds and a member which say them all."""
    with Site() as feeds, Member(tmp_path, "Evil", "evilville") as member:
        documents = {"/rss": rss(VECTORS), "/atom": atom(VECTORS), "/json": json_feed(VECTORS)}
        feeds.answers |= {path: Reply(document) for path, document in documents.items()}
        publish(member, VECTORS)
        with app.app_context(), open_door(settings) as door:
            session: Session = db.session()
            for address in (*(feeds.url + path for path in documents), f"{member.url}/feed.atom"):
                found = subscriptions.follow(session, door, address, settings)
                assert found.error == "", (address, found.error, found.error_arguments)
        yield app


def test_no_vector_in_any_place_of_any_feed_is_more_than_words(infected: Flask) -> None:
    client = infected.test_client()
    with infected.app_context():
        columns = (Version.place, Version.slug, Version.title, Version.body_html, Version.url)
        rows = db.session.execute(select(*columns)).all()
    assert len(rows) > 3.8 * len(VECTORS)
    for number, row in enumerate(rows):
        place = "elsewhere" if row.place == "-" else row.place
        check_fragment(row.body_html, row.title)
        assert row.url.startswith(("http://", "https://", "urn:")), row.url
        # In each language its page is made by the same template; one in ten is looked at whole.
        if number % 10 == 0:
            answer = client.get(f"/en/case-studies/{place}/{row.slug}", follow_redirects=True)
            assert answer.status_code == 200
            check_page(answer.text, row.title)
    for number in range(1, len(rows) // 20):
        answer = client.get(f"/en/case-studies/?page={number}")
        assert answer.status_code == 200
        check_page(answer.text, f"page {number}")
