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
from html import unescape
from pathlib import Path

import pytest
from lxml import html

from network.case_studies import exporting, transfer
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.facts import travel
from network.feeds import select as feeds
from network.lib.db import db
from network.log.tidy import one_line
from tests.awkward import CORPUS, NORMALISED
from tests.web.apart import City, serving
from tests.writing import publish_all

TEXTS = (*CORPUS, *NORMALISED)
FEW = feeds.LIMIT
"""What a reader feed holds: the third node reads one for each year."""
FIRST_YEAR = 1990
YEARS = range(FIRST_YEAR, FIRST_YEAR + len(TEXTS) // FEW + 1)


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
            return stack.enter_context(serving(name, home, database(home)))

        yield make


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
        exporting.export_folder(db.session(), tmp_path / "export")
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
