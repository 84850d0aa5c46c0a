"""Hundreds of awkward texts from one node to another to a third, and through a file: byte for byte.

Paris publishes them. Madrid follows Paris's log as a member. Lyon follows what Madrid offers to
partners (the network's feed, in each of its formats) as an ordinary feed. And a folder of Markdown
that Paris exports is read in by another Paris.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network import config
from network.app import create_app
from network.case_studies import transfer
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.models import Study, Version
from network.catalogue.values import Facts, Link
from network.config import Settings
from network.facts import travel
from network.feeds import select as feeds
from network.following import service as subscriptions
from network.lib import clock
from network.lib.db import db, writing
from network.log.tidy import one_line
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from tests.awkward import CORPUS, NORMALISED
from tests.sites import Reply, Site
from tests.writing import publish_all

TEXTS = (*CORPUS, *NORMALISED)
FEW = feeds.LIMIT
"""What a reader feed holds: the third node reads one for each year."""
FIRST_YEAR = 1990
YEARS = range(FIRST_YEAR, FIRST_YEAR + len(TEXTS) // FEW + 1)


@dataclass
class City:
    """A node: its application, and the site that serves it on loopback."""

    app: Flask
    settings: Settings
    site: Site

    def versions(self) -> dict[str, Version]:
        """Its versions by the address of their page at their origin, which travels everywhere."""
        with self.app.app_context():
            query = select(Version).join(Study)
            found = db.session.scalars(query.execution_options(populate_existing=True)).all()
            for each in found:
                assert each.body_html is not None
            db.session.expunge_all()
            return {each.url: each for each in found}

    def follow(self, address: str) -> int:
        """Follow a site and take in what it has."""
        with self.app.app_context(), open_door(self.settings) as door:
            session: Session = db.session()
            found = subscriptions.follow(session, door, address, self.settings)
            assert found.error == "", (found.error, found.error_arguments)
            assert found.notice == "", found.notice
            return found.id

    def read(self, feed: str) -> None:
        """Read a feed of a node as any software would that knows nothing of its log."""
        with self.app.app_context(), open_door(self.settings) as door:
            session: Session = db.session()
            now, origin = clock.now(), feed.partition("/en/")[0]
            row = Subscription(kind="foreign", url=feed, origin=origin, created=now, next_poll=now)
            with writing(session):
                session.add(row)
            id_ = row.id
            session.rollback()
            outcome = subscriptions.poll(sessionmaker(db.engine), door, id_, self.settings)
            assert outcome.error is None, outcome.error
            session.expire_all()
            assert session.get_one(Subscription, id_).notice == ""
            session.rollback()


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def database(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Makes an empty, prepared database of each kind for a node's folder."""

    def make(home: Path) -> str:
        if request.param == "sqlite":
            shutil.copy(request.getfixturevalue("prepared_sqlite"), home / "pioneer.sqlite")
            return f"sqlite:///{home / 'pioneer.sqlite'}"
        template = request.getfixturevalue("prepared_postgresql")
        return str(request.getfixturevalue("cluster").create(f"hop{uuid.uuid4().hex}", template))

    return make


@pytest.fixture(scope="module")
def city(
    tmp_path_factory: pytest.TempPathFactory, database: Callable[[Path], str]
) -> Iterator[Callable[[str], City]]:
    """Makes nodes."""
    with ExitStack() as stack:

        def make(name: str) -> City:
            home = tmp_path_factory.mktemp(name)
            site = stack.enter_context(Site())
            values = {"home": str(home), "base_url": site.url, "city": name, "language": "en",
                      "name": f"{name} <&> «\u202fville\u202f»",
                      "database_url": database(home),
                      "allow_private_addresses": "127.0.0.0/8"}  # fmt: skip
            settings = config.load({f"PIONEER_{k.upper()}": v for k, v in values.items()})
            app = create_app(settings)
            site.otherwise = lambda path: _served(app, path)
            stack.callback(_dispose, app)
            return City(app, settings, site)

        yield make


def _served(app: Flask, path: str) -> Reply:
    answer = app.test_client().get(path)
    kept = ("Content-Type", "ETag", "Cache-Control", "Location")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return Reply(answer.data, answer.status_code, headers)


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def draft(number: int, text: str) -> Draft:
    """A study that says the text wherever one can be said; fifty of them began in one year."""
    line = " ".join(re.split("[ \t\r\n]+", text)).strip()
    return Draft(
        original_lang="en",
        city="paris",
        topics=("climate-environment", "mobility"),
        facts=Facts(
            start=str(FIRST_YEAR + number // FEW),
            partners=(line,), authors=(line,), evidence=(Link("https://e.example/?a=1&b=2", line),)
        ),
        inspired_by=(Link(f"https://i.example/{number}?a=1&b=2", line),),
        texts={
            "en": TextDraft(
                title=text, summary=text, body=as_markdown(text), results=as_markdown(text),
                legal_basis=text, contact_role=text,
            )
        },
    )  # fmt: skip


def as_markdown(text: str) -> str:
    """A paragraph of Markdown that means the text and nothing else."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


@pytest.fixture(scope="module")
def paris(city: Callable[[str], City]) -> City:
    """A node that has published every text."""
    made = city("paris")
    with made.app.app_context():
        drafts = (draft(number, text) for number, text in enumerate(TEXTS))
        publish_all(db.session(), made.settings, drafts)
    return made


@pytest.fixture(scope="module")
def madrid(city: Callable[[str], City], paris: City) -> City:
    """A node that follows Paris."""
    made = city("madrid")
    made.follow(paris.site.url)
    return made


def test_texts_are_published_as_they_were_typed(paris: City) -> None:
    titles = {version.title for version in paris.versions().values()}
    assert titles == {*CORPUS, *NORMALISED.values()}
    for version in paris.versions().values():
        assert one_line(version.summary) == version.title
        assert words(version.body_html).count(version.title) == 2 or " " in version.title


def words(body: str) -> list[str]:
    """The paragraphs of a study's HTML, as their characters."""
    return [unescape(p) for p in re.findall(r"<p>(.*?)</p>", body, re.S)]


def test_a_member_holds_and_shows_every_byte(paris: City, madrid: City) -> None:
    theirs, ours = paris.versions(), madrid.versions()
    assert ours.keys() == theirs.keys()
    client = madrid.app.test_client()
    for url, version in theirs.items():
        copy = ours[url]
        for name in ("title", "summary", "body_html", "legal_basis", "contact_role", "facts",
                     "inspired_by", "topics", "slug", "published", "updated"):  # fmt: skip
            assert getattr(copy, name) == getattr(version, name), (name, version.title)
        page = html.fromstring(client.get(f"/en/case-studies/paris/{copy.slug}").data.decode())
        (heading,) = page.xpath("//h1")
        assert heading.text == version.title
        assert page.xpath("//p[@class='lede']")[0].text == version.summary
        facts = travel.of_json(version.facts)
        assert [e.text for e in page.xpath("//section[@aria-labelledby='evidence']//a")] == [
            link.title or link.href for link in facts.evidence
        ]


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_who_follows_a_member_s_feed_gets_every_byte_in_every_format(
    city: Callable[[str], City], paris: City, madrid: City, form: str
) -> None:
    lyon, theirs = city(f"lyon-{form}"), paris.versions()
    for year in YEARS:
        lyon.read(f"{madrid.site.url}/en/feed.{form}?scope=network&year={year}")
    ours = lyon.versions()
    assert ours.keys() == theirs.keys()
    for url, version in theirs.items():
        copy = ours[url]
        assert copy.title == version.title
        # A list shows a foreign feed's summary in one line; XML's readers trim around a text.
        assert copy.summary == one_line(version.summary)
        assert copy.body_html.strip() == version.body_html.strip(), version.title
        assert copy.lang == "en" and not copy.lang_is_guess
        assert copy.topics == version.topics
        # A name with a mailbox or an address in it is not passed on, and RSS does not say what is
        # HTML in it.
        if not re.search("@|://", version.title) and (
            form != "rss" or not re.search("[<&]", version.title)
        ):
            assert copy.facts["authors"] == version.facts["authors"]


def test_an_export_read_in_elsewhere_says_the_same_bytes(
    city: Callable[[str], City], paris: City, tmp_path: Path
) -> None:
    with paris.app.app_context():
        transfer.export_folder(db.session(), tmp_path / "export")
    other = city("toulouse")
    with other.app.app_context():
        report = transfer.import_folder(db.session(), tmp_path / "export", other.settings)
    assert report.created == len(TEXTS)
    theirs = {
        version.entry_id.rpartition("/id/")[2]: version for version in paris.versions().values()
    }
    ours = {
        version.entry_id.rpartition("/id/")[2]: version for version in other.versions().values()
    }
    assert ours.keys() == theirs.keys()
    for key, version in theirs.items():
        for name in ("title", "summary", "body_html", "legal_basis", "contact_role", "facts",
                     "inspired_by", "topics"):  # fmt: skip
            assert getattr(ours[key], name) == getattr(version, name), (name, version.title)
