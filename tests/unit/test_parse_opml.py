"""Lists of sites of whatever program: what can be read is read, and nothing dangerous is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.feeds import opml
from network.feeds.opml import Head, Outline
from network.lib.errors import InvalidInput
from network.membership.lists import confirms
from network.reading import opml as reading
from network.reading.opml import (
    BROKEN,
    CUT,
    ListedSite,
    SiteList,
    looks_like_opml,
    parse_opml,
)

HEAD = "<opml version='2.0'><head><title>Mes  villes</title></head><body>"
FEET = "</body></opml>"
PARIS = '<outline type="rss" text="Paris" xmlUrl="https://paris.example/feed.atom"/>'


def listed(body: str, **options: str) -> SiteList:
    return parse_opml((HEAD + body + FEET).encode(), **options)


def urls(found: SiteList) -> list[str]:
    return [site.url for site in found.sites]


def test_a_list_has_a_title_and_sites_with_what_it_says_of_them() -> None:
    found = listed(
        '<outline text="Villes"><outline text="Europe"><outline type="rss" text="Lisboa" '
        'title="Lisbon" xmlUrl="https://lisboa.example/rss" htmlUrl="https://lisboa.example/" '
        'language="pt-PT" category="/city/lisbon,tag"/></outline></outline>'
    )
    assert found.title == "Mes villes"
    assert found.notice is None
    assert found.sites == (
        ListedSite(
            "Lisboa", "https://lisboa.example/rss", "https://lisboa.example/", "pt", False,
            "lisbon", "Villes › Europe",
        ),
    )  # fmt: skip


def test_members_come_first_in_the_order_of_the_list() -> None:
    member = '<outline text="{0}" xmlUrl="https://{0}.example/feed.atom" category="{1}"/>'
    found = listed(
        PARIS + member.format("madrid", "pioneer-cities") + member.format("blog", "Pioneer-cities")
        + member.format("seoul", "news, pioneer-cities,/city/seoul")
    )  # fmt: skip
    assert [site.title for site in found.sites] == ["madrid", "seoul", "Paris", "blog"]
    assert [site.is_member for site in found.sites] == [True, True, False, False]
    assert found.sites[1].city == "seoul"


@pytest.mark.parametrize(
    ("attribute", "url"),
    [
        ('XMLURL="https://a.example/f"', "https://a.example/f"),
        ('xmlurl=" https://a.example/f "', "https://a.example/f"),
        ('xmlUrl="feed://a.example/f"', "http://a.example/f"),
        ('xmlUrl="feed:https://a.example/f"', "https://a.example/f"),
        ('xmlUrl="/f.xml"', "https://base.example/f.xml"),
        ('xmlUrl="https://a.example/f#latest"', "https://a.example/f"),
    ],
)
def test_addresses_are_read_in_every_way_that_readers_write_them(attribute: str, url: str) -> None:
    found = listed(f'<outline text="A" {attribute}/>', base="https://base.example/list.opml")
    assert urls(found) == [url]


@pytest.mark.parametrize(
    "attribute",
    ['xmlUrl=""', 'xmlUrl="javascript:alert(1)"', 'xmlUrl="file:///etc/passwd"', 'xmlUrl="/f"',
     'xmlUrl="https://me:secret@a.example/f"', 'url="https://a.example/f" type="link"',
     'xmlUrl="gopher://a.example/"', 'xmlUrl="https://[::1"'],
)  # fmt: skip
def test_what_cannot_be_followed_is_no_site(attribute: str) -> None:
    assert urls(listed(f'<outline text="A" {attribute}/>{PARIS}')) == [
        "https://paris.example/feed.atom"
    ]


def test_a_feed_that_is_listed_twice_is_there_once_and_as_a_member_if_either_says_so() -> None:
    twice = (
        PARIS + '<outline text="Again" xmlUrl="http://PARIS.example:80/feed.atom/"/>'
        '<outline text="Member" category="pioneer-cities" xmlUrl="https://paris.example/feed.atom"/>'
    )
    (site,) = listed(twice).sites
    assert (site.title, site.is_member) == ("Member", True)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "utf-8"), ("utf-16", "utf-16"), ("latin-1", "iso-8859-1"),
     ("cp1252", "windows-1252"), ("utf-8-sig", "utf-8"), ("utf-8", "iso-8859-1")],
)  # fmt: skip
def test_lists_in_other_encodings_are_read(encoding: str, declared: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\n{HEAD}'
        '<outline text="Málaga é" xmlUrl="https://malaga.example/rss"/>' + FEET
    )
    assert parse_opml(text.encode(encoding)).sites[0].title == "Málaga é"


def test_lone_ampersands_and_the_names_of_html_are_put_right() -> None:
    found = listed('<outline text="Arts & m&eacute;tiers" xmlUrl="https://a.example/f?a=1&b=2"/>')
    assert (found.sites[0].title, found.sites[0].url) == (
        "Arts & métiers",
        "https://a.example/f?a=1&b=2",
    )
    assert found.notice is None


@pytest.mark.parametrize("damage", ["<outline text=", "<outline text='a'></body>", "\x00<<<"])
def test_of_a_damaged_list_the_beginning_is_read_and_that_is_said(damage: str) -> None:
    found = parse_opml((HEAD + PARIS + "\n" + damage).encode())
    assert urls(found) == ["https://paris.example/feed.atom"]
    assert found.notice is not None
    assert found.notice[0] == BROKEN
    assert found.notice[1]["line"] >= 1


BOMB = "<!DOCTYPE opml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    "document",
    [BOMB + HEAD + "<outline text='&b;' xmlUrl='https://a.example/'/>" + FEET,
     "<!DOCTYPE opml SYSTEM 'file:///etc/passwd'>" + HEAD + PARIS + FEET,
     "<!DOCTYPE opml>" + HEAD + PARIS + FEET,
     "<rss version='2.0'><channel/></rss>", "<html><body>no list</body></html>", "", "plain words",
     "\x89PNG\r\n", "{}", HEAD + "<outline>" * 80 + FEET],
)  # fmt: skip
def test_what_is_no_list_or_declares_anything_is_refused(document: str) -> None:
    with pytest.raises(InvalidInput):
        parse_opml(document.encode())


def test_a_huge_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_SITES", 3)
    many = "".join(f'<outline text="{n}" xmlUrl="https://a{n}.example/"/>' for n in range(9))
    found = listed(many)
    assert len(found.sites) == 3
    assert found.notice == (CUT, {"most": 3})
    monkeypatch.setattr(reading, "MOST_OUTLINES", 4)
    assert listed("<outline text='empty'/>" * 9 + PARIS).notice is not None
    monkeypatch.setattr(reading, "MOST_BYTES", 50)
    with pytest.raises(InvalidInput, match="larger"):
        listed(many)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: (HEAD + text).encode()))
def test_nothing_that_arrives_breaks_the_reader(content: bytes) -> None:
    try:
        found = parse_opml(content)
    except InvalidInput:
        return
    assert all(site.url.startswith(("http://", "https://")) for site in found.sites)


titles = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(st.lists(st.tuples(titles, st.booleans()), max_size=6, unique_by=lambda t: t[0]))
def test_what_a_node_writes_a_node_reads(sites: list[tuple[str, bool]]) -> None:
    outlines = [
        Outline(
            title, f"https://a{n}.example/feed?a=1&b={n}", "https://a.example/", "fr", member,
            "paris" if member else None,
        )
        for n, (title, member) in enumerate(sites)
    ]  # fmt: skip
    document = opml.serialise(Head("Réseau", "Paris", "https://paris.example/"), [("A", outlines)])
    found = parse_opml(document)
    assert found.notice is None
    expected = sorted(outlines, key=lambda outline: not outline.is_member)
    assert [(s.url, s.is_member, s.city, s.language) for s in found.sites] == [
        (o.url, o.is_member, o.city, o.lang) for o in expected
    ]
    assert looks_like_opml(document)


def test_a_list_is_told_from_a_feed_and_from_a_page() -> None:
    assert looks_like_opml(b"<?xml version='1.0'?><!-- <rss> --><OPML version='1.0'>")
    assert not looks_like_opml(b"<rss><channel><title>opml</title></channel></rss>")
    assert not looks_like_opml(b"<!doctype html><html>")


OLD, NEW = "https://old.example/feed.atom", "https://new.example/feed.atom"
ELSEWHERE = "https://network.example/network.opml"


def of(*sites: ListedSite) -> SiteList:
    return SiteList("", sites)


@pytest.mark.parametrize(
    ("found", "list_url", "kind", "confirmed"),
    [
        (of(ListedSite("A", NEW, is_member=True)), ELSEWHERE, "member", True),
        (of(ListedSite("A", "http://new.example/feed.atom", is_member=True)), ELSEWHERE, "member",
         True),
        (of(ListedSite("A", NEW)), ELSEWHERE, "member", False),
        (of(ListedSite("A", NEW, is_member=True), ListedSite("B", OLD)), ELSEWHERE, "member",
         False),
        (of(ListedSite("A", "https://new.example.evil.example/feed.atom", is_member=True)),
         ELSEWHERE, "member", False),
        (of(), ELSEWHERE, "member", False),
        (of(ListedSite("A", NEW, is_member=True)), "https://old.example/list", "member", False),
        (of(ListedSite("A", NEW, is_member=True)), "https://new.example/list", "member", False),
        (of(ListedSite("A", NEW)), ELSEWHERE, "foreign", True),
        (of(ListedSite("A", "https://new.example/other")), ELSEWHERE, "foreign", False),
        (of(ListedSite("A", NEW), ListedSite("B", OLD)), ELSEWHERE, "foreign", False),
    ],
)  # fmt: skip
def test_a_list_confirms_a_move_to_what_it_names_from_what_it_names_no_more(
    found: SiteList, list_url: str, kind: str, confirmed: bool
) -> None:
    assert confirms(found, list_url, kind, OLD, NEW) is confirmed
