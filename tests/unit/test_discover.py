"""The feed to follow, found from any page of a site."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.reading.discover import (
    LOG_REL,
    choices,
    feeds_from_header,
    find_feeds,
    find_icons,
    find_websub,
    is_member_feed,
    likely_addresses,
    looks_like_feed,
    websub_from_header,
)
from network.reading.nodeinfo import log_in_nodeinfo, nodeinfo_address

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://ville.example/fr/actualites/une-page"


def page(head: str, body: str = "") -> bytes:
    return f"<!doctype html><html lang=fr><head>{head}</head><body>{body}</body></html>".encode()


def urls(html: bytes) -> list[str]:
    return [link.url for link in find_feeds(html, URL)]


def test_the_feeds_of_a_page_come_with_title_type_and_language() -> None:
    head = (
        '<link rel="alternate" type="application/rss+xml" title="Actualités" href="/fr/rss.xml">'
        '<LINK REL="Alternate" HREFLANG="en-GB" TYPE="application/atom+xml; charset=utf-8"'
        " HREF=en.atom>"
        '<link rel="alternate home" type="application/feed+json" href="//cdn.example/feed.json">'
    )
    atom, rss, json = find_feeds(page(head), URL, "text/html; charset=utf-8")
    assert (atom.url, atom.lang) == ("https://ville.example/fr/actualites/en.atom", "en")
    assert (rss.title, rss.type) == ("Actualités", "application/rss+xml")
    assert json.url == "https://cdn.example/feed.json"


def test_a_nodes_log_comes_before_all_other_feeds() -> None:
    head = (
        '<link rel="alternate" type="application/atom+xml" href="/fr/feed.atom">'
        '<link rel="alternate" type="application/feed+json" href="/fr/feed.json">'
        '<link rel="alternate" type="application/atom+xml" href="/feed.atom">'
        f'<link rel="alternate {LOG_REL}" type="application/atom+xml" href="/feed.atom">'
    )
    links = find_feeds(page(head), URL)
    assert links[0].url == "https://ville.example/feed.atom"
    assert [link.is_log for link in links] == [True, False, False]


def test_a_log_named_by_its_relation_alone_is_found() -> None:
    html = page(f'<link rel="{LOG_REL}" href="/feed.atom">')
    assert urls(html) == ["https://ville.example/feed.atom"]


def test_comments_come_last_in_any_language() -> None:
    head = (
        '<link rel="alternate" type="application/atom+xml" title="Flux des commentaires" href="/c">'
        '<link rel="alternate" type="application/rss+xml" title="X" href="/comments/feed/">'
        '<link rel="alternate" type="application/rss+xml" title="Ville » Flux" href="/feed/">'
    )
    assert urls(page(head))[0] == "https://ville.example/feed/"


def test_other_alternates_are_no_feeds() -> None:
    head = (
        '<link rel="alternate" hreflang="en" href="/en/">'
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">'
        '<link rel="alternate" type="text/xml+oembed" href="/oembed">'
        '<link rel="stylesheet" type="application/rss+xml" href="/x">'
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">'
        '<link rel="alternate" type="application/rss+xml">'
    )
    assert urls(page(head)) == []


def test_the_pages_base_and_links_in_its_body_count() -> None:
    body = '<a rel="alternate" type="application/rss+xml" href="rss">Nos <b>actus</b></a>'
    (link,) = find_feeds(page('<base href="https://other.example/dir/">', body), URL)
    assert (link.url, link.title) == ("https://other.example/dir/rss", "Nos actus")


def test_a_page_in_another_encoding_is_read_in_it() -> None:
    html = '<meta charset="iso-8859-1"><link rel=feed href=/rss title="Été">'.encode("latin-1")
    assert find_feeds(html, URL)[0].title == "Été"


def test_a_page_that_declares_xml_is_read() -> None:
    html = b'<?xml version="1.0" encoding="utf-8"?>\n' + page("<link rel=feed href=/rss>")
    assert urls(html) == ["https://ville.example/rss"]


@pytest.mark.parametrize("html", [b"", b"\0", b"<", b"\xff\xfe", b"<!---->", b"<html>" * 5000])
def test_a_page_that_cannot_be_read_names_no_feed(html: bytes) -> None:
    assert find_feeds(html, URL) == []


@given(st.binary(max_size=200), st.text(max_size=30))
def test_no_page_and_no_header_breaks_the_search(html: bytes, header: str) -> None:
    find_feeds(html, URL, header)
    find_feeds(b"<link rel=alternate type=application/rss+xml href='" + html, URL)
    websub_from_header(header, URL)
    looks_like_feed(html, header)
    is_member_feed(b"urn:pioneer-cities:1" + html)


def test_hub_and_self_are_found_in_a_page() -> None:
    links = find_websub(page('<link rel="hub" href="/hub"><link rel="self" href="/fr/">'), URL)
    assert links.hubs == ("https://ville.example/hub",)
    assert links.self_url == "https://ville.example/fr/"


def test_hub_and_self_are_found_in_a_header() -> None:
    header = (
        '<https://hub.example/?a=1,2>; rel="hub", </feed>; title="a, b"; rel=self,'
        ' <https://second.example/>; rel="hub preconnect", <x>; rel="next"'
    )
    links = websub_from_header(header, URL)
    assert links.hubs == ("https://hub.example/?a=1,2", "https://second.example/")
    assert links.self_url == "https://ville.example/feed"


def test_likely_addresses_start_near_the_page_and_stay_on_the_site() -> None:
    places = likely_addresses("https://ville.example/blog/")
    assert places[0] == "https://ville.example/blog/feed/"
    assert "https://ville.example/spip.php?page=backend" in places
    assert all(place.startswith("https://ville.example/") for place in places)


FEEDS_OF_ALL_KINDS = (
    *("wordpress.rss", "plone.rss", "atom03.atom", "microblog.json"),
    *("utf16-without-bom.rss", "two-boms.rss", "warning-before.rss", "truncated.rss"),
)
NOT_FEEDS = ("web-page.html", "xhtml-page.html", "sitemap.xml", "api-answer.json", "plain-text.txt")


@pytest.mark.parametrize("name", FEEDS_OF_ALL_KINDS)
def test_feeds_look_like_feeds(name: str) -> None:
    assert looks_like_feed((FEEDS / name).read_bytes(), "text/html")


@pytest.mark.parametrize("name", NOT_FEEDS)
def test_pages_do_not_look_like_feeds(name: str) -> None:
    assert not looks_like_feed((FEEDS / name).read_bytes(), "application/rss+xml")


LOG = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:p="urn:pioneer-cities:1">
<id>x</id><p:state epoch="e" seq="1" count="0" digest=""/></feed>"""


def test_a_members_log_is_known_by_its_state() -> None:
    assert is_member_feed(LOG)
    assert is_member_feed(LOG.replace(b"</feed>", b"<entry>"))  # cut short: for the strict parser
    assert is_member_feed(LOG.replace(b"xmlns:p=", b"xmlns:pc=").replace(b"<p:", b"<pc:"))


@pytest.mark.parametrize(
    "content",
    [
        LOG.replace(b"<p:state", b"<entry><p:state").replace(b"</feed>", b"</entry></feed>"),
        LOG.replace(b"urn:pioneer-cities:1", b"urn:pioneer-cities:2"),
        LOG.replace(b"2005/Atom", b"2005/Other"),
        LOG.replace(b"<feed", b"<!DOCTYPE feed [<!ENTITY a 'b'>]><feed"),
        LOG.replace(b"p:state", b"p:estate"),
        b"urn:pioneer-cities:1",
        b"",
        (FEEDS / "django.atom").read_bytes(),
    ],
)
def test_other_documents_are_no_members_logs(content: bytes) -> None:
    assert not is_member_feed(content)


def test_feeds_are_found_in_a_header_as_in_a_page() -> None:
    header = (
        '</feed.xml>; rel="alternate"; type="application/rss+xml"; title="Actus, « ville »"'
        ", <https://cdn.example/f.json>; type=application/feed+json; rel=alternate; hreflang=en-GB"
        ", </style.css>; rel=stylesheet, </page>; rel=alternate; hreflang=fr"
        f', </log>; rel="alternate {LOG_REL}"; type="application/atom+xml"'
    )
    log, rss, json = feeds_from_header(header, URL)
    assert (log.url, log.is_log) == ("https://ville.example/log", True)
    assert (rss.url, rss.title) == ("https://ville.example/feed.xml", "Actus, « ville »")
    assert (json.type, json.lang) == ("application/feed+json", "en")


@given(st.text(max_size=80))
def test_no_header_breaks_the_search_for_feeds(header: str) -> None:
    feeds_from_header(f"</a>; rel=alternate; type=application/rss+xml{header}", URL)


def chosen(*links: str) -> list[str]:
    tags = "".join(f"<link rel=alternate {link}>" for link in links)
    return [link.url.rpartition("/")[2] for link in choices(find_feeds(page(tags), URL))]


ATOM, RSS = "type=application/atom+xml", "type=application/rss+xml"


@pytest.mark.parametrize(
    "links",
    [
        (f"{RSS} href=rss.xml",),
        (f"{RSS} title=RSS href=feed.rss", f"{ATOM} title=Atom href=feed.atom"),
        (f"{RSS} title='Ville (RSS 2.0)' href=r", f"{ATOM} title='Ville – Atom 1.0' href=a"),
        (f"{RSS} href=/blog/feed.rss", f"{ATOM} href=/blog/feed.atom"),
        (f"{RSS} title='Ville » Flux' href=f", f"{RSS} title='Ville » Commentaires' href=c"),
        (f"{RSS} href=feed", f"{RSS} href=feed", f"{RSS} href=/comments/feed/"),
    ],
)
def test_the_same_feed_in_several_formats_is_no_choice(links: tuple[str, ...]) -> None:
    assert len(chosen(*links)) == 1


@pytest.mark.parametrize(
    "links",
    [
        (f"{RSS} title=Actualités href=a", f"{RSS} title=Agenda href=b"),
        (f"{RSS} title=Ville href=a hreflang=fr", f"{RSS} title=Ville href=b hreflang=en"),
        (f"{RSS} href=/actus/rss.xml", f"{RSS} href=/agenda/rss.xml"),
    ],
)
def test_feeds_of_different_things_or_languages_are_a_choice(links: tuple[str, ...]) -> None:
    assert len(chosen(*links)) == 2


def test_nodeinfo_leads_to_the_log() -> None:
    known = (
        b'{"links": [{"rel": "self", "href": "/x"}, 7, {"rel": '
        b'"http://nodeinfo.diaspora.software/ns/schema/2.1", "href": "/nodeinfo/2.1"}]}'
    )
    assert nodeinfo_address(known, URL) == "https://ville.example/nodeinfo/2.1"
    document = b'{"metadata": {"protocol": "urn:pioneer-cities:1", "log": "/site/feed.atom"}}'
    assert log_in_nodeinfo(document, URL) == "https://ville.example/site/feed.atom"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"links": 7}', b'{"links": [{"rel": 7}]}', b'{"metadata": []}', b"\xff",
     b'{"metadata": {"log": 7}}', b'{"metadata": {"log": "javascript:x"}}', b"[" * 100_000],
)  # fmt: skip
def test_nodeinfo_of_others_or_nonsense_leads_nowhere(content: bytes) -> None:
    assert nodeinfo_address(content, URL) is None
    assert log_in_nodeinfo(content, URL) is None


def test_pictures_of_a_page_come_in_the_order_of_their_fitness_and_without_svg() -> None:
    head = (
        "<base href='https://cdn.example/d/'><link rel=apple-touch-icon href=t.png>"
        "<link rel='mask-icon' href=m.svg><link rel=icon href=i.svg><link rel=icon href=v.SVG?x>"
        "<link rel='SHORTCUT ICON' href=old.ico><link rel=icon sizes='16x16 48x48' href=two.ico>"
        "<link rel=icon type=image/svg+xml href=s><link rel=icon href='javascript:x'>"
        "<a rel=icon href=a.png>x</a><link rel=icon sizes=512x512 href=big.png>"
    )
    found = find_icons(page(head), URL)
    assert [url.removeprefix("https://cdn.example/d/") for url in found] == [
        "old.ico", "two.ico", "big.png", "t.png",
    ]  # fmt: skip
    assert find_icons(b"\0", URL) == []


def test_a_tag_made_to_be_slow_is_read_in_a_time_that_grows_with_its_length() -> None:
    """A tree of it would take minutes: the next link is found all the same."""
    flood = b"<p " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">"
    page = flood + b'<link rel="alternate" type="application/rss+xml" href="/news.rss">'
    assert [link.url for link in find_feeds(page, "https://city.example/")] == [
        "https://city.example/news.rss"
    ]
