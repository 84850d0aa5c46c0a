"""What a page says of its link to us: only real links count, and only text is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.adoptions.webmention import source
from network.adoptions.webmention.source import Finding, same_address, without_site

US = "http://paris.example/fr/etudes-de-cas/paris/budget"
PAGE = "https://blog.example/posts/1"


def read(body: str, kind: str = "text/html; charset=utf-8", target: str = US) -> Finding | None:
    return source.read(body.encode(), kind, PAGE, target)


LINKS = [
    f'<a href="{US}">x</a>',
    f"<A HREF={US}>x</A>",
    f'<link rel="related" href="{US}">',
    f'<img src="{US}">',
    f'<video src="{US}"></video>',
    f'<video><source src="{US}"></video>',
    f'<audio src="{US}"></audio>',
    f'<iframe src="{US}"></iframe>',
    f'<object data="{US}"></object>',
    f'<blockquote cite="{US}">x</blockquote>',
    f'<area href="{US}">',
    f'<a href="{US}#results">x</a>',
    '<base href="http://paris.example/fr/"><a href="etudes-de-cas/paris/budget">x</a>',
    '<a href="HTTP://Paris.Example:80/fr/etudes-de-cas/paris/budget">x</a>',
    f'<noscript><a href="{US}">x</a></noscript>',
]


@pytest.mark.parametrize("body", LINKS)
def test_a_real_link_counts(body: str) -> None:
    assert read(body) is not None


@pytest.mark.parametrize(
    "body",
    [
        "",
        US,
        f"<p>{US}</p>",
        f"<!-- <a href='{US}'>x</a> -->",
        f"&lt;a href='{US}'&gt;",
        f"<script>var x = '<a href=\"{US}\">';</script>",
        f"<style>/* <a href='{US}'> */</style>",
        f"<template><a href='{US}'>x</a></template>",
        f"<textarea><a href='{US}'>x</a></textarea>",
        f"<title><a href='{US}'>x</a></title>",
        f"<a href='{US}x'>x</a>",
        f"<a href='{US}/lineage'>x</a>",
        f"<a href='{US}?page=2'>x</a>",
        f"<a title='{US}'>x</a>",
        f"<a data-href='{US}'>x</a>",
        f"<a href='https://elsewhere.example/?u={US}'>x</a>",
        "<a href='http://paris.example/'>x</a>",
        "<a href='/fr/etudes-de-cas/paris/budget'>x</a>",
        f"<p cite='{US}'>x</p>",
    ],
)
def test_what_only_looks_like_a_link_does_not(body: str) -> None:
    assert read(body) is None


@pytest.mark.parametrize(
    ("linked", "holds"),
    [("#results", True), ("", False), ("#other", False), ("?page=2#results", False)],
)
def test_a_part_of_a_page_is_linked_by_its_very_address(linked: str, holds: bool) -> None:
    """Webmention, section 3.2.2: an exact match of the target."""
    body = f"<a href='{US}{linked}'>x</a>"
    found = source.read(body.encode(), "text/html", "https://ghent.example/", f"{US}#results")
    assert (found is not None) is holds


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ({"a": [1, {"b": US}]}, True),
        ([US], True),
        (US, True),
        ({US: 1}, False),
        ({"a": f"see {US}"}, False),
        ({"a": US + "#results"}, False),
    ],
)
def test_json_must_hold_the_very_address(value: object, links: bool) -> None:
    for kind in ("application/json", "application/feed+json; charset=utf-8"):
        assert (read(json.dumps(value), kind) is not None) is links


def test_broken_or_deep_json_links_to_nothing() -> None:
    for body in (f'["{US}"', "[" * 100_000, f"{{'a': '{US}'}}"):
        assert read(body, "application/json") is None


@pytest.mark.parametrize(
    ("body", "links"),
    [
        (US, True), (f"See {US}.", True), (f"<{US}>", True), (f"({US}), and", True),
        (f"{US}x", False), (f"{US}/lineage", False), (f"x{US}", False), (f"?u={US}", False),
    ],
)  # fmt: skip
def test_plain_text_must_hold_the_address_by_itself(body: str, links: bool) -> None:
    assert (read(body, "text/plain") is not None) is links


def test_a_document_of_another_kind_links_to_nothing() -> None:
    for kind in ("application/pdf", "image/svg+xml", "", "text/htmlx", "application/xml"):
        assert read(f'<a href="{US}">x</a>', kind) is None


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("<a href='{}'>x</a>", "mention"),
        ("<a href='{}' class='u-in-reply-to'>x</a>", "mention"),
        ("<a href='{}' class='u-like-of'>x</a>", "mention"),
        ("<a href='{}' rel='nofollow urn:pioneer-cities:1#inspired-by'>x</a>", "adoption"),
        ("<link href='{}' rel='URN:pioneer-cities:1#inspired-by'>", "adoption"),
        ("<a href='{}' class='u-inspired-by'>x</a>", "adoption"),
        ("<link rel='alternate' hreflang='es' href='{}'>", "translation"),
        ("<a class='u-translation-of' href='{}'>x</a>", "translation"),
        ("<link rel='alternate' href='{}'>", "mention"),
        ("<link rel='canonical' href='{}'>", "syndication"),
        ("<a class='u-syndication' href='{}'>x</a>", "syndication"),
        ("<a href='{0}'>x</a><a href='{0}' rel='inspired-by'>y</a>", "adoption"),
    ],
)
def test_the_markup_says_what_kind_of_mention_it_is(link: str, kind: str) -> None:
    found = read(link.format(US))
    assert found is not None
    assert found.kind == kind


def test_title_site_language_and_the_paragraph_of_the_link_are_kept_as_text() -> None:
    found = read(
        "<html lang=fr-BE><title> Nos   jardins\n– Ville de Gand </title>"
        "<meta property='og:site_name' content='Ville de Gand'>"
        f"<nav><a href='/'>Accueil</a></nav><p>Nous avons repris <em>l’idée</em> "
        f"de <a href='{US}'>Paris &amp; co</a> l’an dernier.<script>alert(1)</script></p><p>Fin</p>"
    )
    assert found == Finding(
        "mention",
        "Nos jardins",
        "Ville de Gand",
        "fr",
        "Nous avons repris l’idée de Paris & co l’an dernier.",
    )


def test_a_link_that_stands_alone_is_told_by_the_pages_description() -> None:
    body = f"<meta name=description content='What we tried in Ghent.'><li><a href='{US}'>x</a>"
    found = read(body)
    assert found is not None
    assert found.excerpt == "What we tried in Ghent."


def test_what_a_page_says_of_itself_has_a_bound() -> None:
    found = read(f"<title>{'t' * 9000}</title><p>{'w ' * 9000}<a href='{US}'>x</a>")
    assert found is not None
    assert len(found.title) <= 301
    assert len(found.excerpt) <= 301


def test_the_name_of_the_site_is_left_out_of_titles() -> None:
    for title in ("Gardens – Madrid", "Gardens | Madrid", "Gardens - Madrid", "Gardens"):
        assert without_site(title, "Madrid") == "Gardens"
    assert without_site("Old Madrid", "Madrid") == "Old Madrid"
    assert without_site("Madrid", "Madrid") == "Madrid"
    assert without_site("Gardens – ", "") == "Gardens – "


@given(st.text(max_size=200), st.sampled_from(["text/html", "application/json", "text/plain"]))
def test_any_document_is_read_without_harm(body: str, kind: str) -> None:
    found = read(body, kind)
    assert found is None or US in body


@given(st.text(max_size=60), st.text(max_size=60))
def test_comparing_addresses_never_fails_and_is_symmetric(one: str, other: str) -> None:
    assert same_address(one, one)
    assert same_address(one, other) == same_address(other, one)


STUDY = "https://ville.example/fr/etudes-de-cas/velo"


@pytest.mark.parametrize(
    "mark",
    [
        *("utm_source=a&utm_medium=b", "amp;utm_medium=b", "UTM_Source=a", "fbclid=1", "gclid=1"),
        *("srsltid=1", "gad_source=1", "gad_campaignid=1", "hsCtaTracking=1", "_hsenc=1", "xtor=R"),
    ],
)
def test_marks_of_counters_make_no_other_address(mark: str) -> None:
    assert same_address(f"{STUDY}?{mark}", STUDY)
    assert same_address(f"{STUDY}?page=2&{mark}", f"{STUDY}?page=2")
    assert not same_address(f"{STUDY}?{mark}", f"{STUDY}?page=2")


def test_an_address_in_markdown_is_a_link() -> None:
    page = f"Voir [le vélo]({STUDY}).".encode()
    assert source.read(page, "text/markdown; charset=utf-8", "https://a.example/", STUDY)
    assert source.read(page, "text/x-other", "https://a.example/", STUDY) is None
