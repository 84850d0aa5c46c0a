"""A page of the log is put together from stored bytes and is a valid archived Atom feed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from network.catalogue.values import Version
from network.log.document import feed_xml
from network.log.entry import State, canonical, content_hash, entry_xml, hash_of, tombstone_xml
from tests.strategies import nasty, versions

HEAD = "https://paris.example/feed.atom"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "pc": "urn:pioneer-cities:1",
}


def feed(entries: Any = (), **arguments: Any) -> bytes:
    given_ = {"links": [("self", HEAD)], "title": "Paris", "author": "Ville de Paris"} | arguments
    return feed_xml(feed_id=HEAD, updated=NOW, entries=entries, **given_)


def find(xml: bytes, path: str) -> Any:
    found = etree.fromstring(xml).xpath(path, namespaces=NS)
    return [str(item) for item in found] if isinstance(found, list) else found


def test_the_head_has_what_rfc_4287_and_the_validator_ask() -> None:
    xml = feed(title="Ville\nde <Paris>", state=State("abc", 7, 2, "0" * 64))
    assert xml.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<feed ')
    assert find(xml, "a:id/text()") == [HEAD]
    assert find(xml, "a:title/text()") == ["Ville de <Paris>"]
    assert find(xml, "a:updated/text()") == ["2026-01-02T03:04:05Z"]
    assert find(xml, "a:author/a:name/text()") == ["Ville de Paris"]
    assert find(xml, "a:link[@rel='self'][@type='application/atom+xml']/@href") == [HEAD]
    assert find(xml, "pc:state/@*") == ["abc", "7", "2", "0" * 64]
    assert find(xml, "count(fh:archive)") == 0


def test_an_archive_says_so_and_gives_no_state() -> None:
    links = [
        ("self", "https://paris.example/feed/archive/1.atom"),
        ("current", HEAD),
        ("prev-archive", "https://paris.example/feed/archive/0.atom"),
        ("hub", "https://paris.example/websub/hub"),
    ]
    xml = feed(links=links, archive=True)
    assert find(xml, "a:link/@rel") == [relation for relation, _ in links]
    assert find(xml, "a:link/@href") == [address for _, address in links]
    assert find(xml, "count(fh:archive)") == 1
    assert find(xml, "count(pc:state)") == 0


def test_stored_bytes_are_copied_as_they_are_and_in_order() -> None:
    stones = [tombstone_xml(f"https://paris.example/id/{n}/fr", NOW, "</feed>") for n in range(3)]
    xml = feed(stones)
    assert b"\n".join(stones) in xml
    assert find(xml, "at:deleted-entry/@ref") == [
        f"https://paris.example/id/{n}/fr" for n in range(3)
    ]


def test_a_feed_without_entries_is_whole() -> None:
    assert find(feed(), "count(a:entry)") == 0
    assert feed().endswith(b"</feed>\n")


def test_an_address_that_is_not_absolute_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="absolute"):
        feed(links=[("self", "/feed.atom")])


@settings(deadline=None, max_examples=50)
@given(st.lists(versions(), max_size=3), nasty.map("P".__add__))
def test_any_entries_stay_themselves_inside_a_feed(given_: list[Version], title: str) -> None:
    stored = [entry_xml(version, "Ville de Paris") for version in given_]
    document = etree.fromstring(feed(stored, title=title, author=title))
    entries = document.findall("a:entry", NS)
    assert [hash_of(canonical(entry)) for entry in entries] == [content_hash(x) for x in stored]
