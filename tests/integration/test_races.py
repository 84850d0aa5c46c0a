"""Two people, or two processes, do the same thing in the same moment, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from network.accounts import service as accounts
from network.accounts.models import User
from network.catalogue.models import CatalogueState, Version
from network.cities.models import City
from network.config import Settings
from network.following import queries
from network.following import service as subscriptions
from network.lib.errors import InvalidInput
from network.log import service as log
from network.subscriptions.policy import open_door
from tests.sites import Node as Member
from tests.sites import Reply, Site
from tests.writing import draft, publish_in

PASSWORD = "quatre fontaines et un pont"
Work = Callable[[Session], object]


def at_once(engine: Engine, *works: Work) -> list[BaseException]:
    """Do each in a thread of its own, all beginning together; gives what they raised."""
    start, raised = threading.Barrier(len(works)), []

    def run(work: Work) -> None:
        with Session(engine, expire_on_commit=False) as session:
            start.wait()
            try:
                work(session)
            except BaseException as error:  # the thread's, told to the test
                raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.usefixtures("cheap_hashes")
def test_one_mailbox_is_added_once(engine: Engine, session: Session) -> None:
    def add(mine: Session) -> None:
        accounts.add(mine, "ines@paris.example", "Inès", "author", PASSWORD)

    refused = at_once(engine, *[add] * 4)
    assert [type(error) for error in refused] == [InvalidInput] * 3
    assert {str(error) for error in refused} == {
        "There is already an account for ines@paris.example."
    }
    assert session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.parametrize("round_", range(3))
def test_one_administrator_stays_when_two_dismiss_each_other(
    engine: Engine, session: Session, round_: int
) -> None:
    names = [f"{name}{round_}@paris.example" for name in ("a", "b")]
    for name in names:
        accounts.add(session, name, name, "administrator", PASSWORD)
    refused = at_once(
        engine,
        lambda mine: accounts.set_role(mine, names[0], "author"),
        lambda mine: accounts.set_active(mine, names[1], False),
    )
    assert [type(error) for error in refused] == [InvalidInput]
    session.rollback()
    left = select(func.count()).where(User.role == "administrator", User.active)
    assert session.scalar(left) == 1


def test_studies_of_one_title_get_an_address_each(
    engine: Engine, session: Session, settings: Settings
) -> None:
    def publish(mine: Session) -> None:
        for _ in range(3):
            publish_in(mine, settings, draft("Même titre"))

    assert at_once(engine, *[publish] * 4) == []
    slugs = session.scalars(select(Version.slug)).all()
    assert len(slugs) == len(set(slugs)) == 12
    assert log.read_state(session).seq == 12
    assert len(session.scalars(select(CatalogueState.version)).all()) == 1


def test_one_feed_is_followed_once(engine: Engine, session: Session, settings: Settings) -> None:
    item = "<item><guid>1</guid><title>One</title></item>"
    feed = f"<rss version='2.0'><channel><title>a</title>{item}</channel></rss>"
    with Site() as site, open_door(settings) as door:
        site.answers["/rss"] = Reply(feed.encode())

        def follow(mine: Session) -> int:
            return subscriptions.follow(mine, door, f"{site.url}/rss", settings).id

        assert at_once(engine, *[follow] * 3) == []
    (peer,) = queries.peers(session)
    assert (peer.studies, peer.last_error) == (1, None)


def test_members_that_name_one_new_city_make_one(
    engine: Engine, session: Session, settings: Settings, tmp_path: Path
) -> None:
    members = [Member(tmp_path, f"Member {n}", "neuville-la-nouvelle") for n in range(3)]
    entered: Sequence[Member] = [member.__enter__() for member in members]
    try:
        for member in entered:
            member.publish_many(range(1, 4))
        with open_door(settings) as door:

            def follower(member: Member) -> Work:
                return lambda mine: subscriptions.follow(
                    mine, door, f"{member.url}/feed.atom", settings
                )

            assert at_once(engine, *map(follower, entered)) == []
    finally:
        for member in members:
            member.__exit__()
    assert [(p.studies, p.last_error) for p in queries.peers(session)] == [(3, None)] * 3
    assert session.scalar(select(func.count()).where(City.slug == "neuville-la-nouvelle")) == 1
