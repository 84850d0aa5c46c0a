"""Reader feeds: the same items in three formats, read back by other people's parsers."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from types import ModuleType
from typing import Any

import feedparser
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from network.catalogue.values import Link
from network.cities.service import CityValue
from network.feeds import atom, jsonfeed, rss
from network.feeds.values import Category, Feed, Item, Origin
from network.log.names import INSPIRED_BY, TOPICS

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
UPDATED = datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC)
PUBLISHED = datetime(2014, 9, 23, 8, 0, tzinfo=UTC)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
HTML = '<p>L’eau &amp; la « vie »</p>\n<section id="results"><h2>Les résultats</h2></section>'

OWN = Item(
    id="https://paris.example/id/1/fr",
    study="https://paris.example/id/1",
    url="https://paris.example/fr/etudes-de-cas/paris/budget?a=1&b=2",
    title="Budget participatif : 500 M€ & plus",
    summary="Six ans < un mandat & « demi ».",
    html=HTML,
    lang="fr",
    published=PUBLISHED,
    updated=UPDATED,
    authors=("Équipe de Paris", "Mme Martin"),
    categories=(Category("open-data", "Données ouvertes"), Category("youth", "Jeunesse")),
    place=CityValue("paris", {"en": "Paris"}, "FR", lat=48.853, lon=2.349, population=2_114_000),
    alternates=(("en", "https://paris.example/en/case-studies/paris/budget"),),
    inspired_by=(Link("https://lisbon.example/id/9", "Lisbon “first”"),),
    licence=LICENCE,
    facts={"status": "running", "budget_amount": "500000000"},
)
FOLLOWED = replace(
    OWN,
    id="tag:madrid.example,2020:7",
    study="tag:madrid.example,2020:7",
    url="https://madrid.example/7",
    title="Decide Madrid",
    updated=UPDATED - timedelta(seconds=1),
    categories=(),
    authors=("Madrid & Co",),
    licence=None,
    place=None,
    alternates=(),
    inspired_by=(),
    origin=Origin("Madrid & Co", "https://madrid.example/feed.atom", "https://madrid.example/"),
    translation="machine",
    original_lang="es",
    outdated_since=PUBLISHED,
)
FEED = Feed(
    id="https://paris.example/id/feed/fr",
    title="Villes pionnières & Cie",
    subtitle="Ce que les villes essaient",
    lang="fr",
    page="https://paris.example/fr/",
    addresses={
        form: f"https://paris.example/fr/feed.{form}?topic=a&city=b"
        for form in ("atom", "rss", "json")
    },
    updated=UPDATED,
    site="Paris",
    site_url="https://paris.example/",
    stylesheet="/fr/feed.css",
    items=(OWN, FOLLOWED),
)
XML_FORMATS = [atom, rss]


def strict(document: bytes) -> etree._Element:
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))


def entries(form: ModuleType, feed: Feed = FEED) -> list[etree._Element]:
    return list(strict(form.serialise(feed)).iter(f"{ATOM}entry", "item"))


def links_of(parent: etree._Element) -> list[tuple[str | None, ...]]:
    """(relation, media type, language, address, title) of its own links."""
    names = ("rel", "type", "hreflang", "href", "title")
    return [tuple(map(link.get, names)) for link in parent.iterchildren(f"{ATOM}link")]


def parsed(form: ModuleType, feed: Feed = FEED) -> Any:
    result = feedparser.parse(
        io.BytesIO(form.serialise(feed)), sanitize_html=False, resolve_relative_uris=False
    )
    assert not result.bozo, result.get("bozo_exception")
    return result


@pytest.mark.parametrize(("form", "version"), [(atom, "atom10"), (rss, "rss20")])
def test_a_feed_reader_reads_back_what_the_feed_says(form: ModuleType, version: str) -> None:
    read = parsed(form)
    assert read.version == version
    assert (read.feed.title, read.feed.language) == (FEED.title, "fr")
    assert read.feed.link == FEED.page
    own, followed = read.entries
    assert (own.title, own.id, own.link) == (OWN.title, OWN.id, OWN.url)
    assert own.content[0].value == HTML
    assert own.published_parsed[:6] == (2014, 9, 23, 8, 0, 0)
    assert [author.name for author in own.authors] == list(OWN.authors)
    assert own.where.coordinates == (2.349, 48.853)
    assert followed.source.title == "Madrid & Co"
    assert "source" not in own


def test_atom_says_the_language_and_who_speaks_once_and_for_all() -> None:
    root = strict(atom.serialise(FEED))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Paris"
    links = {(rel, kind): href for rel, kind, _, href, _ in links_of(root)}
    assert links["self", "application/atom+xml"] == FEED.addresses["atom"]
    assert links["alternate", "application/rss+xml"] == FEED.addresses["rss"]
    assert links["alternate", "application/feed+json"] == FEED.addresses["json"]
    assert links["alternate", "text/html"] == FEED.page
    assert root.findtext(f"{ATOM}updated") == "2026-03-02T09:30:05Z"


def test_an_atom_entry_carries_languages_topics_licence_and_lineage() -> None:
    own, followed = entries(atom)
    assert [(rel, lang, href, title) for rel, _, lang, href, title in links_of(own)] == [
        ("alternate", "fr", OWN.url, None),
        ("related", "en", OWN.alternates[0][1], None),
        ("license", None, LICENCE, None),
        (INSPIRED_BY, None, "https://lisbon.example/id/9", "Lisbon “first”"),
    ]
    category = own.find(f"{ATOM}category")
    assert category is not None
    assert dict(category.attrib) == {
        "term": "open-data",
        "scheme": TOPICS,
        "label": "Données ouvertes",
    }
    assert own.find(f"{ATOM}source") is None
    source = followed.find(f"{ATOM}source")
    assert source is not None
    assert source.findtext(f"{ATOM}id") == "https://madrid.example/feed.atom"
    assert source.findtext(f"{ATOM}title") == "Madrid & Co"
    assert source.findtext(f"{ATOM}updated") == "2026-03-02T09:30:04Z"


def test_atom_has_each_element_as_often_as_the_standard_allows() -> None:
    """RFC 4287 sections 4.1.1 and 4.1.2."""
    root = strict(atom.serialise(FEED))
    for parent in [root, *root.iterchildren(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1, name
        assert parent.findall(f"{ATOM}author")
        seen = [link[1:3] for link in links_of(parent) if link[0] == "alternate"]
        assert len(seen) == len(set(seen))


def test_rss_is_what_the_specification_and_the_validator_ask_for() -> None:
    root = strict(rss.serialise(FEED))
    channel = root[0]
    assert root.get("version") == "2.0"
    assert channel.findtext("language") == "fr"
    assert channel.findtext("lastBuildDate") == "Mon, 02 Mar 2026 09:30:05 GMT"
    own_address = channel.find(f"{ATOM}link")
    assert own_address is not None
    assert own_address.get("rel") == "self"
    assert own_address.get("href") == FEED.addresses["rss"]
    own, followed = channel.findall("item")
    guid = own.find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (OWN.id, "false")
    date = own.findtext("pubDate") or ""
    assert date.endswith(" GMT")
    assert parsedate_to_datetime(date) == PUBLISHED
    assert [c.text for c in own.findall("category")] == ["Données ouvertes", "Jeunesse"]
    assert own.findtext("description") == "Six ans &lt; un mandat &amp; « demi »."
    assert own.findtext(CONTENT) == HTML
    source = followed.find("source")
    assert source is not None
    assert (source.text, source.get("url")) == ("Madrid & Co", "https://madrid.example/feed.atom")


def test_json_feed_is_version_1_1_with_what_we_know_beyond_it() -> None:
    read = json.loads(jsonfeed.serialise(FEED))
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    assert (read["title"], read["language"]) == (FEED.title, "fr")
    assert read["feed_url"] == FEED.addresses["json"]
    assert read["authors"] == [{"name": "Paris", "url": "https://paris.example/"}]
    own, followed = read["items"]
    assert own["id"] == OWN.id
    assert own["content_html"] == HTML
    assert own["tags"] == ["Données ouvertes", "Jeunesse"]
    assert own["date_published"] == "2014-09-23T08:00:00Z"
    assert own["_pioneer"]["topics"] == ["open-data", "youth"]
    assert own["_pioneer"]["city"] == {
        "name": "Paris",
        "slug": "paris",
        "name_en": "Paris",
        "name_fr": "Paris",
        "country": "FR",
        "lat": 48.853,
        "lon": 2.349,
        "population": 2_114_000,
    }
    assert own["_pioneer"]["facts"]["budget_amount"] == "500000000"
    assert own["_pioneer"]["translations"] == [{"language": "en", "url": OWN.alternates[0][1]}]
    assert followed["_pioneer"]["source"]["title"] == "Madrid & Co"
    assert followed["_pioneer"]["outdated_since"] == "2014-09-23T08:00:00Z"
    assert "tags" not in followed


@pytest.mark.parametrize("form", [atom, rss, jsonfeed])
def test_a_feed_without_items_is_a_whole_feed(form: ModuleType) -> None:
    document = form.serialise(replace(FEED, items=()))
    if form is jsonfeed:
        assert json.loads(document)["items"] == []
    else:
        assert parsed(form, replace(FEED, items=())).entries == []


def legal(value: str) -> str:
    """What XML 1.0 can hold of a text."""
    return "".join(
        c for c in value
        if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )  # fmt: skip


ANY = st.text(st.characters(), max_size=60) | st.text(
    st.sampled_from("<>&\"']-!/\x00\x0b\x1f\r\n\t\ud800\udfff\ufffe\uffff\x85\u2028éж😀a"),
    max_size=30,
)


@pytest.mark.parametrize("form", XML_FORMATS)
@given(value=ANY)
def test_any_text_makes_a_well_formed_feed_that_says_the_same(form: ModuleType, value: str) -> None:
    item = replace(
        OWN, title=value, summary=value, html=value, authors=(value,), url=value,
        licence=value, origin=Origin(value, value, value),
        categories=(Category(value, value),), alternates=((value, value),),
        inspired_by=(Link(value, value),),
    )  # fmt: skip
    feed = replace(FEED, title=value, subtitle=value, site=value, page=value, items=(item,))
    (entry,) = entries(form, feed)
    expected = legal(value)
    title = entry.find(f"{ATOM}title") if form is atom else entry.find("title")
    content = entry.find(f"{ATOM}content") if form is atom else entry.find(CONTENT)
    category = entry.find(f"{ATOM}category") if form is atom else entry.find("category")
    assert title is not None
    assert content is not None
    assert category is not None
    assert (content.text or "") == expected
    written = unescape(title.text or "") if form is rss and LIKE_HTML.search(value) else said(title)
    assert written == expected
    assert (category.get("label") if form is atom else category.text or "") == expected


LIKE_HTML = re.compile(r"</?[a-zA-Z]|<!--|&#?\w+;")
"""What readers of RSS take for HTML: such a title is written as the HTML for it."""


def said(construct: etree._Element) -> str:
    """What a text construct says (RFC 4287 section 3.1): text, or text that is escaped as HTML."""
    value = construct.text or ""
    return unescape(value) if construct.get("type") == "html" else value


def looks_encoded_twice(text: str) -> bool:
    """Text that feedparser takes for UTF-8 read as Latin-1 ("Â¡"), and mends."""
    try:
        return text.encode("latin-1").decode("utf-8") != text
    except UnicodeError:
        return False


@given(value=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60))
def test_feedparser_reads_every_title_back(value: str) -> None:
    assume(not looks_encoded_twice(value.strip()))
    feed = replace(FEED, items=(replace(OWN, title=value),))
    (entry,) = parsed(atom, feed).entries
    title = entry.get("title", "")
    if entry.get("title_detail", {}).get("type") == "text/html":
        title = unescape(title)
    assert title.split() == legal(value).split()


def test_an_item_without_a_text_has_its_content_all_the_same() -> None:
    feed = replace(FEED, items=(replace(OWN, html=""),))
    assert json.loads(jsonfeed.serialise(feed))["items"][0]["content_html"] == ""


@given(value=ANY)
def test_any_text_makes_a_json_feed(value: str) -> None:
    feed = replace(FEED, title=value, items=(replace(OWN, title=value, html=value),))
    read = json.loads(jsonfeed.serialise(feed))
    assert read["title"] == value.encode("utf-8", "ignore").decode()


def test_a_date_that_nobody_knows_is_left_out_and_atom_says_when_the_entry_came() -> None:
    feed = replace(FEED, items=(replace(OWN, published=None), FOLLOWED))
    own, _followed = entries(atom, feed)
    assert own.find(f"{ATOM}published") is None
    assert own.findtext(f"{ATOM}updated") == "2026-03-02T09:30:05Z"
    assert [item.find("pubDate") is None for item in entries(rss, feed)] == [True, False]
    first, second = json.loads(jsonfeed.serialise(feed))["items"]
    assert not {"date_published", "date_modified"} & set(first)
    assert {"date_published", "date_modified"} <= set(second)
