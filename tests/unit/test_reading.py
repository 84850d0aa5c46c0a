"""A log's document is taken whole or refused whole, each row is read or told apart, and what is
read is what was published."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.catalogue.values import Adoption, Facts, Version
from network.cities.service import CityValue
from network.lib.errors import RemoteError
from network.log.document import feed_xml
from network.log.entry import (
    State,
    content_hash,
    digest,
    entry_xml,
    rfc3339,
    state_line,
    tombstone_xml,
)
from network.log.items import DeletedItem, LiveItem, Unreadable, UnreadItem, read_item
from network.log.reading import parse_document
from network.log.tidy import tidy
from tests.strategies import cities, versions

URL = "https://paris.example/feed.atom"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STUDY = "https://paris.example/id/1b671a64-40d5-491e-99b0-da01ff1f3341"
VERSION = Version(
    entry_id=f"{STUDY}/fr",
    study_key=STUDY,
    lang="fr",
    title="Budget",
    summary="Résumé",
    body_html="<p>Texte</p>",
    url="https://paris.example/fr/etudes-de-cas/paris/budget",
    published=NOW,
    updated=NOW,
)
ENTRY = entry_xml(VERSION, "Ville de Paris")
STATE = State("abc", 7, 1, "0" * 64)


def feed(*entries: bytes, **arguments: Any) -> bytes:
    given_ = {"links": [("self", URL)], "title": "Paris", "author": "Ville de Paris"} | arguments
    return feed_xml(feed_id=URL, updated=NOW, entries=entries, **given_)


def parse(content: bytes) -> Any:
    return parse_document(content, URL)


def live(content: bytes) -> LiveItem:
    (item,) = parse(content).items
    assert isinstance(item, LiveItem)
    return item


def refusal(content: bytes) -> str:
    with pytest.raises(RemoteError) as caught:
        parse(content)
    assert caught.value.retryable
    return str(caught.value)


def held_back(content: bytes) -> str:
    """Why the one row of a sound document cannot be read."""
    (item,) = parse(content).items
    assert isinstance(item, UnreadItem)
    return item.message % item.arguments if item.arguments else item.message


@settings(deadline=None, max_examples=50)
@given(versions(), st.none() | cities)
def test_what_is_read_is_what_was_published(version: Version, city: CityValue | None) -> None:
    xml = entry_xml(version, "Ville de Paris", city)
    item = live(feed(xml))
    assert item.version == tidy(version)
    assert item.hash == content_hash(xml) == content_hash(item.xml)
    assert item.updated == rfc3339(version.updated)


def test_the_place_of_a_city_that_we_do_not_know_is_read() -> None:
    version = replace(VERSION, city="paris")
    paris = CityValue("paris", {"en": "Paris"}, "FR", lat=48.8566, lon=2.3522)
    assert live(feed(entry_xml(version, "P", paris))).city == paris
    assert live(feed(entry_xml(version, "P"))).city == CityValue("paris", {"en": "paris"})
    assert live(feed(ENTRY)).city is None


def test_links_state_and_kind_of_a_page_are_read() -> None:
    links = [
        ("self", URL),
        ("current", URL + "?current"),
        ("prev-archive", "https://paris.example/feed/archive/0.atom"),
        ("next-archive", "https://paris.example/feed/archive/2.atom"),
        ("hub", "https://paris.example/websub/hub"),
        ("hub", "https://second.example/"),
    ]
    page = parse(feed(ENTRY, links=links, state=STATE))
    assert (page.title, page.feed_id, page.updated, page.url) == ("Paris", URL, NOW, URL)
    assert (page.self_url, page.current, page.hub) == (URL, URL + "?current", links[4][1])
    assert (page.prev_archive, page.next_archive, page.next) == (links[2][1], links[3][1], None)
    assert page.state == STATE
    assert not page.is_archive
    archive = parse(feed(archive=True))
    assert archive.is_archive
    assert archive.state is None


def test_relative_and_dangerous_links_of_a_feed() -> None:
    xml = feed().replace(URL.encode() + b'"', b'/a.atom"')
    assert parse(xml).self_url == "https://paris.example/a.atom"
    assert parse(xml.replace(b'"/a.atom"', b'"javascript:x"')).self_url is None


def test_entries_and_withdrawals_keep_their_order() -> None:
    other = "https://paris.example/id/2b671a64-40d5-491e-99b0-da01ff1f3341/en"
    items = parse(feed(tombstone_xml(other, NOW, "Gone", "en"), ENTRY)).items
    assert items[0] == DeletedItem(other, "2026-01-02T03:04:05Z", NOW, "Gone", "en")
    assert items[1].entry_id == VERSION.entry_id


def test_the_digest_line_uses_the_date_as_it_was_written() -> None:
    odd = b"2026-01-02T04:04:05.250+01:00"
    xml = ENTRY.replace(b"<updated>2026-01-02T03:04:05Z", b"<updated>" + odd)
    item = live(feed(xml))
    assert item.updated == odd.decode()
    assert item.version.updated == NOW
    assert digest([state_line(item.entry_id, item.updated, item.hash)]) == digest(
        [f"{VERSION.entry_id} {odd.decode()} {content_hash(xml)}"]
    )


@pytest.mark.parametrize("size", range(0, len(feed(ENTRY, state=STATE)) - 9, 97))
def test_a_document_cut_anywhere_is_refused(size: int) -> None:  # attack 12
    assert "cut short" in refusal(feed(ENTRY, state=STATE)[:size])


@pytest.mark.parametrize(
    "prolog",
    [
        b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE feed SYSTEM "https://evil.example/x.dtd">',
        b'<!DOCTYPE feed [<!ENTITY % p SYSTEM "https://evil.example/p"> %p;]>',
        b'<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b"<?x?>\n<!-- -->\t<!DOCTYPE feed>",
        b"<!doctype feed>",
    ],
)
def test_any_document_type_is_refused(prolog: bytes) -> None:  # attacks 15 and 16
    declaration, rest = feed(ENTRY).split(b"\n", 1)
    assert "document type" in refusal(declaration + b"\n" + prolog + rest)
    assert "document type" in refusal(prolog + rest)


def test_a_document_type_in_the_words_of_a_study_is_only_words() -> None:
    body = "<p>&lt;!DOCTYPE html&gt; &amp;x;</p>"
    item = live(feed(entry_xml(replace(VERSION, body_html=body), "P")))
    assert item.version.body_html == body


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cut short"),
        (b"\x00", "cut short"),
        (b"<html></html>", "Atom feed"),
        (b"<feed/>", "Atom feed"),
        (feed(ENTRY).decode().encode("utf-16"), "UTF-8"),
        (feed(ENTRY).replace(b'"utf-8"', b'"iso-8859-1"'), "UTF-8"),
        (feed(ENTRY).replace("é".encode(), b"\xe9"), "UTF-8"),
        (feed(ENTRY).replace("é".encode(), b"\x00"), "well-formed"),
        (feed(ENTRY).replace("é".encode(), b"&eacute;"), "well-formed"),
        (feed(ENTRY).replace("é".encode(), b"&#1;"), "well-formed"),
        (feed(b"<x>" * 80 + b"</x>" * 80), "nested"),
        (feed(b"<x>" * 20_000 + b"</x>" * 20_000), "well-formed"),
        (feed(ENTRY, ENTRY), "same id"),
        (feed(ENTRY, tombstone_xml(VERSION.entry_id, NOW)), "same id"),
        (feed(ENTRY, state=STATE).replace(b'"7"', b'"-7"'), "state"),
        (feed(ENTRY, state=STATE).replace(b'"7"', b'"7000000000000"'), "state"),
        (feed(ENTRY, state=replace(STATE, digest="0")), "state"),
        (re.sub(rb"(<pc:state.*?/>)", rb"\1\1", feed(ENTRY, state=STATE)), "state"),
        (feed(*[ENTRY] * 1_001), "1001 entries"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_plain_words(content: bytes, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (tombstone_xml("urn:x", NOW), "id is not one of a node"),
        (b'<d:deleted-entry xmlns:d="http://purl.org/atompub/tombstones/1.0"/>', "id"),
        (tombstone_xml(VERSION.entry_id, NOW).replace(b"2026-01", b"2026-13"), "date"),
    ],
)
def test_a_withdrawal_that_cannot_be_read_is_told_apart(content: bytes, words: str) -> None:
    assert words in held_back(feed(content))
    assert parse(feed(content)).items[0].is_deleted


def test_beside_what_cannot_be_read_the_rest_is_read_and_counted() -> None:
    other = replace(VERSION, entry_id=f"{STUDY}/en", lang="en", title="Budget")
    spoilt = entry_xml(other, "P").replace(b">Budget<", ">\u200b<".encode())
    unread, read = parse(feed(spoilt, ENTRY)).items
    assert isinstance(read, LiveItem)
    assert read.version == VERSION
    assert (unread.entry_id, unread.updated) == (other.entry_id, rfc3339(NOW))
    assert unread.hash == content_hash(spoilt) == content_hash(unread.xml)
    with pytest.raises(Unreadable) as refused:
        read_item(unread.xml, URL)
    assert refused.value.field == "title"


@pytest.mark.parametrize("name", ["id", "title", "updated"])
@pytest.mark.parametrize("where", ["feed", "entry"])
def test_an_element_that_must_be_there_is_missing_empty_or_twice(name: str, where: str) -> None:
    head, body = feed(ENTRY).split(b"<entry", 1)
    pattern = rf"<{name}[ >].*?</{name}>".encode()
    for instead in (b"", f"<{name}> </{name}>".encode(), rb"\g<0>\g<0>"):
        parts = (
            (re.sub(pattern, instead, head, count=1), body)
            if where == "feed"
            else (head, re.sub(pattern, instead, body, count=1))
        )
        told = refusal if where == "feed" else held_back
        assert f"“{name}”" in told(b"<entry".join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-01-02",
        "2026-01-02T03:04:05",
        " 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z\n",
        "2026-02-30T03:04:05Z",
        "0001-01-01T00:00:00+14:00",
        "２026-01-02T03:04:05Z",
    ],
)
def test_a_date_that_is_not_rfc_3339_is_refused(text: str) -> None:
    xml = ENTRY.replace(b"<updated>2026-01-02T03:04:05Z", b"<updated>" + text.encode())
    assert "date" in held_back(feed(xml))


@pytest.mark.parametrize(
    "id_",
    [
        "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341",
        "https://paris.example/id/x",
        "https://paris.example/id/x/fr?y",
        "https://paris.example@evil.example/id/x/fr",
        "https://paris.example/id/x/fr\nhttps://b.example/id/x/fr",
        "ftp://paris.example/id/x/fr",
        "https://paris.example/id/x/" + "a" * 40,
        "https://paris.example/" + "a" * 500 + "/id/x/fr",
    ],
)
def test_an_id_that_no_node_makes_is_refused(id_: str) -> None:
    assert "id" in held_back(feed(ENTRY.replace(VERSION.entry_id.encode(), id_.encode())))


def test_a_node_under_a_path_has_its_ids_there() -> None:
    xml = ENTRY.replace(b"paris.example/id/", b"paris.example:8080/villes/id/")
    assert live(feed(xml)).version.study_key.startswith("https://paris.example:8080/villes/id/")


def test_the_study_and_the_language_come_from_the_id_alone() -> None:  # attack 20
    xml = ENTRY.replace(b'xml:lang="fr"', b'xml:lang="en"').replace(
        b"</entry>", b"<pc:study>https://madrid.example/id/x</pc:study></entry>"
    )
    item = live(feed(xml))
    assert (item.version.study_key, item.version.lang) == (STUDY, "fr")


def test_facts_of_a_newer_node_are_passed_over_and_the_rest_is_read() -> None:
    more = b"<pc:status>paused</pc:status><pc:mood>good</pc:mood><pc:sdg>99</pc:sdg>"
    more += b"<pc:sdg>11</pc:sdg><pc:staff>many</pc:staff><pc:budget-amount>1e9</pc:budget-amount>"
    item = live(feed(ENTRY.replace(b"</entry>", more + b"</entry>")))
    assert item.version == replace(VERSION, facts=Facts(sdgs=(11,)))


def test_another_program_may_write_the_same_feed_in_another_way() -> None:
    entry = f"""<a:entry xmlns:a="http://www.w3.org/2005/Atom" xmlns:q="urn:pioneer-cities:1">
      <!-- made by hand --><a:id>{VERSION.entry_id}</a:id>
      <a:title type="html">&lt;b&gt;Budget&lt;/b&gt;</a:title>
      <a:updated>2026-01-02T03:04:05Z</a:updated>
      <a:link href="/fr/etudes-de-cas/paris/budget"/>
      <a:summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">R<i>és</i>umé</div></a:summary>
      <a:content type="xhtml" xml:base="https://paris.example/x/"
        ><div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x">A <a href="y">b</a></p></div
      ></a:content><q:status>pilot</q:status></a:entry>"""
    version = live(feed(entry.encode())).version
    assert (version.title, version.summary, version.published) == ("Budget", "Résumé", NOW)
    assert version.facts == Facts(status="pilot")
    assert version.url == VERSION.url
    assert version.body_html.replace("\n", "") == (
        '<div><p>A <a href="https://paris.example/x/y" rel="noopener nofollow ugc">b</a></p></div>'
    )


def test_plain_content_is_words() -> None:
    xml = ENTRY.replace(b'<content type="html">&lt;p&gt;', b"<content>&lt;p&gt;")
    assert live(feed(xml)).version.body_html == "&lt;p&gt;Texte&lt;/p&gt;"
    xml = ENTRY.replace(b'<content type="html">', b'<content type="image/png">')
    assert live(feed(xml)).version.body_html == ""


def test_nothing_that_arrives_can_run_script() -> None:  # attacks 28, 29, 30
    script = b"&lt;script&gt;alert(1)&lt;/script&gt;"
    xml = ENTRY.replace(b"Texte", script).replace(b">Budget<", b">" + script + b"Budget<")
    xml = xml.replace(VERSION.url.encode(), b"javascript:alert(1)")
    version = live(feed(xml)).version
    assert version.body_html == "<p></p>"
    assert version.title == "<script>alert(1)</script>Budget"  # text, which pages escape
    assert version.url == VERSION.entry_id


@pytest.mark.parametrize("title", [" \u202e ", "\u200b", "\u3164\u2800", "\ue000\u0301"])
def test_a_title_of_which_nothing_is_seen_is_no_title(title: str) -> None:
    assert "title" in held_back(feed(ENTRY.replace(b">Budget<", f">{title}<".encode())))


def test_a_node_whose_name_shows_nothing_still_writes_what_readers_take() -> None:
    entry = entry_xml(VERSION, "\u200b")
    assert STUDY.encode() in entry.partition(b"<author>")[2].partition(b"</author>")[0]
    assert parse(feed(entry, title="\u3164", author="\u200b")).title == URL


def test_what_the_digest_cannot_tell_has_no_hash() -> None:
    relative = ENTRY.replace(b"<entry ", b'<entry xmlns:x="not/absolute" x:a="1" ', 1)
    undated = re.sub(rb"<updated>.*?</updated>", b"", ENTRY)
    endless = ENTRY.replace(rfc3339(NOW).encode() + b"</updated>", b"9" * 41 + b"</updated>")
    nameless = re.sub(rb"<id>.*?</id>", b"", ENTRY)
    long = ENTRY.replace(b"/fr<", b"/" + b"f" * 500 + b"<")
    for xml in (relative, undated, endless, nameless, long):
        (item,) = parse(feed(xml)).items
        assert item.hash == ""
        assert len(item.entry_id) <= 500
        assert len(item.updated) <= 40
    found = parse(feed(nameless, nameless.replace(b"Texte", b"Autre"))).items
    assert len({item.entry_id for item in found}) == 2


def test_an_entry_without_a_canonical_form_is_held_back() -> None:
    relative = ENTRY.replace(b"<entry ", b'<entry xmlns:x="not/absolute" x:a="1" ', 1)
    assert relative != ENTRY
    assert "cannot be compared" in held_back(feed(relative))


@settings(deadline=None)
@given(st.binary(max_size=40), st.integers(0, len(feed(ENTRY))), st.integers(0, 20))
def test_damage_is_refused_or_harmless_but_never_an_accident(
    noise: bytes, at: int, lost: int
) -> None:
    content = feed(ENTRY)
    with contextlib.suppress(RemoteError):
        parse(content[:at] + noise + content[at + lost :])


def test_verdicts_are_read_and_what_is_not_understood_of_them_is_passed_over() -> None:
    more = """
      <pc:adoption href="/id/9" title=" Decide\n Madrid " verdict="contested"
        decided="2026-03-01T12:00:00+01:00" xml:lang="fr"> Ce n’est
        pas ça. <b xmlns="http://www.w3.org/1999/xhtml">Non.</b></pc:adoption>
      <pc:adoption href="https://b.example/" verdict="confirmed" decided="yesterday">x</pc:adoption>
      <pc:adoption href="https://c.example/" verdict="celebrated"/>
      <pc:adoption verdict="confirmed"/>
      <pc:adoption href="javascript:x" verdict="confirmed"/>"""
    item = live(feed(ENTRY.replace(b"</entry>", more.encode() + b"</entry>")))
    assert item.version.adoptions == (
        Adoption("https://b.example/", "confirmed"),
        Adoption(
            "https://paris.example/id/9",
            "contested",
            "Decide Madrid",
            "Ce n’est pas ça. Non.",
            "fr",
            datetime(2026, 3, 1, 11, tzinfo=UTC),
        ),
    )
