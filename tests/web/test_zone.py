"""What people read is in the node's time zone, what machines read in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from network.cities import site as sites
from network.lib.db import writing
from network.web.pieces import zone as zones
from tests.web.conftest import Node

LATE = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
NIGHT = datetime(2026, 7, 2, 3, 0, tzinfo=UTC)


def test_a_study_was_published_on_the_day_that_it_was_in_its_city(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, "en", published=LATE, updated=NIGHT)
    page = client.get("/en/case-studies/paris/study-1").text
    assert "Published on 2 July 2026" in page
    assert "Updated on" not in page
    with client.get("/en/case-studies.csv") as table:
        assert table.text.count("2026-07-02") == 2
    assert "2026-07-01T22:30:00Z" in client.get("/feed.atom").text


@pytest.mark.parametrize(
    ("zone", "day"), [("America/New_York", "1 July 2026"), ("Pacific/Auckland", "2 July 2026")]
)
def test_a_zone_that_the_site_says_goes_before_its_citys(
    client: FlaskClient, node: Node, zone: str, day: str
) -> None:
    def say(session: Session) -> None:
        with writing(session):
            sites.edit(session).timezone = zone

    node.change(say)
    node.publish(1, "en", published=LATE, updated=LATE)
    assert f"Published on {day}" in client.get("/en/case-studies/paris/study-1").text
    with node.app.test_request_context("/en/"):
        assert day in zones.long_moment(LATE)
