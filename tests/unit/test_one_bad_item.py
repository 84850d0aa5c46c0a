"""One item of another site's feed that our reader does not survive keeps no other from being read,
whichever step on its way it is that fails."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import FrameType
from typing import Any

import feedparser
import pytest

from network.lib.errors import RemoteError
from network.reading.feeds import apart, foreign
from network.reading.feeds import document as parse_document
from network.reading.feeds import items as parse_items
from network.reading.feeds import jsonfeed as parse_jsonfeed
from network.reading.feeds.entries import Reader
from network.reading.feeds.foreign import parse_feed
from network.reading.one_by_one import LeftOut
from network.reading.values import ForeignFeed, dump_feed, load_feed

URL = "https://ville.example/flux"
BAD, GOOD = "mauvais", "valable"
WORDS = (f"{GOOD}-un", BAD, f"{GOOD}-deux", f"{GOOD}-trois")
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
)


def rss(*words: str, strange: str = "") -> bytes:
    items = "".join(
        f"<item><title>Un {w} article</title><link>https://ville.example/{w}</link>"
        f"<guid isPermaLink='false'>{w}</guid><category>vélo {w}</category>"
        f"<description>Le texte {w} en peu de mots &amp;amp; clairs</description>"
        f"<content:encoded>&lt;p&gt;Tout {w}&lt;/p&gt;&lt;img src='/{w}.jpg' alt='{w}'&gt;"
        f"</content:encoded><dc:creator>Eve {w} (eve@{w}.example)</dc:creator>"
        f"<pubDate>Mon, 15 Jan 2024 10:00:00 +0100</pubDate><dc:rights>{w}</dc:rights>"
        f"<enclosure url='https://ville.example/{w}.pdf' type='application/{w}' length='12'/>"
        f"<media:content url='https://ville.example/{w}.png'><media:title>Vue {w}</media:title>"
        f"</media:content>{strange}</item>"
        for w in words
    )
    feed = f"<rss version='2.0' {SPACES}><channel><title>Ville</title>{items}</channel></rss>"
    return feed.encode()


def atom(*words: str) -> bytes:
    entries = "".join(
        f"<entry><id>tag:ville.example,2024:{w}</id><title type='html'>Un &lt;b&gt;{w}&lt;/b&gt;"
        f"</title><link href='/{w}'/><updated>2024-01-15T10:00:00Z</updated>"
        f"<summary>Le texte {w} en peu de mots</summary><content type='html'>&lt;p&gt;{w}"
        f"&lt;/p&gt;</content><author><name>{w} (a@{w}.example)</name></author>"
        f"<category term='{w}'/><source><title>{w}</title><author><name>{w}</name></author>"
        f"<rights>{w}</rights></source></entry>"
        for w in words
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Ville</title>{entries}</feed>"
    return feed.encode()


def json_feed(*words: str) -> bytes:
    items = [
        {"id": w, "url": f"/{w}", "title": f"Un {w} article", "summary": f"Le texte {w}"}
        | {"content_html": f"<p>{w}</p>", "tags": [w], "authors": [{"name": w}]}
        | {"attachments": [{"url": f"/{w}.pdf", "mime_type": w, "title": w}]}
        | {"date_published": f"2024-01-15T10:00:00Z{w}"}
        for w in words
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Ville", "items": items}
    return json.dumps(feed).encode()


FEEDS = {
    "rss": rss(*WORDS),
    "not well-formed": rss(*WORDS, strange="<note>a <br> b</note>"),
    "atom": atom(*WORDS),
    "json": json_feed(*WORDS),
}


def read(content: bytes) -> ForeignFeed:
    """What a feed comes to on the other side of the line to the process that parses."""
    return load_feed(dump_feed(parse_feed(content, None, URL)))


def is_about(arguments: Any) -> bool:
    """Whether what a function is given is about the bad item and no other."""
    said = repr(arguments)
    return BAD in said and GOOD not in said


@cache
def steps() -> list[tuple[str, str, str]]:
    """(feed, module, name) of each of our functions that is given the bad item alone on its way, in
    the first feed that it is met in."""
    found: dict[tuple[str, str], str] = {}
    for kind, content in FEEDS.items():

        def met(frame: FrameType, event: str, _given: Any, kind: str = kind) -> None:
            module, code = frame.f_globals.get("__name__", ""), frame.f_code
            if event != "call" or not module.startswith("network.") or "<" in code.co_qualname:
                return
            arguments = [frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount]]
            if is_about(arguments[1:] if code.co_varnames[:1] == ("self",) else arguments):
                found.setdefault((module, code.co_qualname), kind)

        sys.setprofile(met)
        try:
            read(content)
        finally:
            sys.setprofile(None)
    return [(kind, *step) for step, kind in found.items()]


def broken(real: Callable[..., Any], refuses: Callable[[Any], bool]) -> Callable[..., Any]:
    """A function that fails on what it refuses."""

    def part(*given: Any, **named: Any) -> Any:
        if refuses((given[1:] if inspect.ismethod(real) else given, named)):
            raise KeyError("broken")
        return real(*given, **named)

    return part


def break_step(
    patch: pytest.MonkeyPatch, module: str, name: str, refuses: Callable[[Any], bool]
) -> None:
    """Break a function wherever it is known by name, or a method."""
    owner, _, last = name.rpartition(".")
    if owner:
        holder = getattr(sys.modules[module], owner)
        real = getattr(holder, last)
        patch.setattr(
            holder, last, lambda self, *given: broken(real.__get__(self), refuses)(*given)
        )
        return
    real = getattr(sys.modules[module], last)
    for known in [each for each in sys.modules.values() if each.__name__.startswith("network.")]:
        if getattr(known, last, None) is real:
            patch.setattr(known, last, broken(real, refuses))


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patched:
        yield patched


def check(found: ForeignFeed) -> None:
    """That all but the bad item are there as ever, and that it is told of unless it is there."""
    titles = [item.title for item in found.items]
    assert [title for title in titles if BAD not in title] == [
        title for title in _titles(found.format) if BAD not in title
    ]
    assert len(found.left_out) == len(WORDS) - len(titles)


@cache
def _titles(form: str) -> list[str]:
    feeds = [read(content) for content in FEEDS.values()]
    return next([item.title for item in feed.items] for feed in feeds if feed.format == form)


def test_every_step_is_found() -> None:
    names = {name for _, _, name in steps()}
    assert len(steps()) > 90
    assert {"Reader._item", "Own._words", "Extras.text", "parse_date", "sanitise_html"} <= names


OF_WHAT_IS_TOLD = ("_json", "_checked")
"""Steps on the way of the word about the item as well, which must not fail on it."""


# nh3 passes over an attribute that our filter fails on, and says so to nobody who could catch it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("kind", "module", "name"), [each for each in steps() if each[2] not in OF_WHAT_IS_TOLD]
)
def test_a_step_that_fails_on_one_item_stops_no_other(
    patch: pytest.MonkeyPatch, kind: str, module: str, name: str
) -> None:
    break_step(patch, module, name, is_about)
    check(read(FEEDS[kind]))


def holds(arguments: Any) -> bool:
    """Whether what a function is given holds the bad item, whatever else there is."""
    return BAD in repr(arguments)


WHOLE = [
    (parse_document, "_well_formed"),
    (foreign, "examine"),
    (feedparser, "parse"),
    (Reader, "feed"),
    (parse_items, "distinct"),
    (foreign, "with_guesses"),
    (parse_items, "guess_language"),
    (foreign, "parse_json_feed"),
    (parse_jsonfeed, "each_read"),
    (foreign, "_parse_xml"),
]


@pytest.mark.parametrize(("holder", "name"), WHOLE)
@pytest.mark.parametrize("kind", FEEDS)
def test_neither_does_a_step_that_sees_all_of_the_feed(
    patch: pytest.MonkeyPatch, kind: str, holder: Any, name: str
) -> None:
    patch.setattr(holder, name, broken(getattr(holder, name), holds))
    check(read(FEEDS[kind]))


@pytest.mark.parametrize("kind", FEEDS)
def test_two_items_that_fail_and_stand_apart_are_both_told_of(
    patch: pytest.MonkeyPatch, kind: str
) -> None:
    def two(arguments: Any) -> bool:
        return BAD in repr(arguments) or f"{GOOD}-trois" in repr(arguments)

    patch.setattr(foreign, "with_guesses", broken(foreign.with_guesses, two))
    found = read(FEEDS[kind])
    assert [f"{GOOD}-un" in found.items[0].title, len(found.items)] == [True, 2]
    assert sorted(BAD in each.title for each in found.left_out) == [False, True]


@pytest.mark.parametrize("kind", FEEDS)
def test_a_reader_that_fails_on_everything_refuses_the_feed(
    patch: pytest.MonkeyPatch, kind: str
) -> None:
    patch.setattr(foreign, "with_guesses", broken(foreign.with_guesses, bool))
    with pytest.raises(RemoteError):
        parse_feed(FEEDS[kind], None, URL)


def test_a_feed_with_more_bad_items_than_good_ones_is_given_up_in_time(
    patch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def counted(arguments: Any) -> bool:
        asked.append(1)
        return BAD in repr(arguments)

    patch.setattr(foreign, "with_guesses", broken(foreign.with_guesses, counted))
    words = [f"{BAD}-{n}" if n % 2 else f"{GOOD}-{n}" for n in range(2 * (apart.MOST + 50))]
    with pytest.raises(RemoteError):
        parse_feed(json_feed(*words), None, URL)
    assert len(asked) < 5 * apart.MOST


def test_memory_that_is_at_its_end_is_no_items_fault(patch: pytest.MonkeyPatch) -> None:
    def fail(*_given: Any) -> ForeignFeed:
        raise MemoryError

    patch.setattr(foreign, "with_guesses", fail)
    with pytest.raises(MemoryError):
        parse_feed(FEEDS["rss"], None, URL)


def test_an_item_that_cannot_even_be_named_is_told_of(patch: pytest.MonkeyPatch) -> None:
    break_step(patch, "network.reading.words.text", "one_line", is_about)
    (left,) = read(FEEDS["atom"]).left_out
    assert left == LeftOut("", "KeyError('broken')")


STANDING = """<rss><channel><!-- <item> --><title>Ville</title>
<item><title><![CDATA[Un <item> mauvais]]></title></item><item/><x:item xmlns:x='urn:x'
 x:a='>'><title>Deux</title></x:item><items>rdf</items></channel></rss>"""


def test_items_are_found_where_they_stand() -> None:
    parts = apart._of_xml(STANDING)
    assert [parts.name(each) for each in parts.items] == ["Un mauvais", "Deux"]
    assert parts.only(range(2)) == STANDING
    assert "mauvais" not in parts.only([1]) and "Deux" in parts.only([1])
    assert parts.only([]).count("<item>") == 1
