"""What reader feeds make of ids, licences and links, and the list of sites as OPML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from network.feeds import opml
from network.feeds.opml import Head, Outline
from network.feeds.select import absolute, iri, licence_address

PAGE = "https://paris.example/fr/etudes-de-cas/paris/budget"


@pytest.mark.parametrize(
    "entry_id",
    ["https://paris.example/id/1/fr", "tag:blog.example,2020:7", "urn:uuid:1225c695-cfb8-4ebb"],
)
def test_an_absolute_iri_stays_an_entrys_id(entry_id: str) -> None:
    assert iri(entry_id) == entry_id


@pytest.mark.parametrize("entry_id", ["1234", "/post/7", "a b:c", "http://x.example/a b", ""])
def test_any_other_guid_becomes_an_iri_that_is_always_the_same(entry_id: str) -> None:
    made = iri(entry_id)
    assert made.startswith("urn:uuid:")
    assert made == iri(entry_id) != iri(entry_id + "x")


@pytest.mark.parametrize(
    ("licence", "address"),
    [
        ("https://example.org/l", "https://example.org/l"),
        ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("All rights reserved", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_licence_is_linked_where_its_text_is(licence: str, address: str | None) -> None:
    assert licence_address(licence) == address


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="#results">x</a>', f'<a href="{PAGE}#results">x</a>'),
        ('<a hreflang="en" href="/en/">x</a>', '<a hreflang="en" href="https://paris.example/en/">x</a>'),
        ('<a href="?a=1&amp;b=2">x</a>', f'<a href="{PAGE}?a=1&amp;b=2">x</a>'),
        ('<a href="//cdn.example/x">x</a>', '<a href="https://cdn.example/x">x</a>'),
        ('<a href="https://other.example/">x</a>', '<a href="https://other.example/">x</a>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        ('<p>Write href="/x" in it</p>', '<p>Write href="/x" in it</p>'),
        ('<a href="//[">x</a>', '<a href="//[">x</a>'),
    ],
)  # fmt: skip
def test_relative_links_are_made_absolute_and_nothing_else(html: str, expected: str) -> None:
    assert absolute(html, PAGE) == expected


@given(value=st.text(max_size=40))
def test_any_name_makes_a_well_formed_list_of_sites(value: str) -> None:
    document = opml.serialise(
        Head(value, value, value, datetime(2026, 1, 1, tzinfo=UTC)),
        [(value, [Outline(value, "https://x.example/", value, value, True, value)])],
    )  # fmt: skip
    root = etree.fromstring(document)
    assert root.findtext("head/dateModified") == "Thu, 01 Jan 2026 00:00:00 GMT"
    (outline,) = root.findall("body/outline/outline")
    assert outline.get("xmlUrl") == "https://x.example/"
    assert outline.get("text") is not None, "OPML requires it"


def test_a_group_without_feeds_is_left_out() -> None:
    root = etree.fromstring(opml.serialise(Head("t", "o", "u"), [("Members", []), ("Others", [])]))
    assert list(root.iter("outline")) == []
