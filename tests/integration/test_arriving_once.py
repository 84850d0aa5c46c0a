"""An arriving entry asks the database little, and most further ones of the same look nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from network.cities.service import CityValue
from network.log.places import Place
from tests.integration.following import Poll
from tests.integration.test_publishing_once import statements
from tests.sites import Node

MORE = 8

Bring = Callable[[Node, int], object]


def new(node: Node, number: int) -> None:
    node.publish(100 + number)


def new_elsewhere(node: Node, number: int) -> None:
    """Each in a city of which nobody here has heard."""
    node.publish(100 + number, city=f"city-{number}")


def changed(node: Node, number: int) -> None:
    node.publish(number, title=f"Another title {number}")


def moved(node: Node, number: int) -> None:
    node.publish(number, slug=f"elsewhere-{number}")


def withdrawn(node: Node, number: int) -> None:
    node.withdraw(node.version(number).entry_id)


@pytest.mark.parametrize(
    ("bring", "first", "further"),
    [
        (new, 26, 0),
        (new_elsewhere, 28, 4),
        (changed, 30, 0),
        (moved, 34, 3),
        (withdrawn, 29, 13),
    ],
)
def test_a_look_asks_the_database_little(
    session: Session, followed: int, madrid: Node, poll: Poll, bring: Bring, first: int,
    further: int,
) -> None:  # fmt: skip
    """first: statements of a look that brings one entry, with its claim. further: of each more."""
    madrid.publish_many(range(1, 2 + MORE))
    poll()
    asked = []
    for numbers in (range(1, 2), range(2, 2 + MORE)):
        for number in numbers:
            bring(madrid, number)
        with statements(session) as found:
            assert poll().kind == "read"
        asked.append(found)
    one, many = asked
    assert len(one) <= first, "\n".join(one)
    assert len(many) - len(one) <= further * (MORE - 1), "\n".join(many)


def test_each_city_of_which_a_site_tells_is_not_asked_for_by_itself(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    cities = (CityValue(f"city-{n}", {"en": f"City {n}", "fr": f"Ville {n}"}) for n in range(30))
    madrid.describe(Place(madrid.place(), own=True), *map(Place, cities))
    poll()
    madrid.publish(1)
    with statements(session) as asked:
        assert poll().kind == "read"
    assert len(asked) <= 30, "\n".join(asked)
