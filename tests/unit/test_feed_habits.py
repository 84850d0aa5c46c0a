"""Habits of the makers of feeds: how they write links, ids, people, languages and labels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from network.intake.twins import spellings
from network.reading.feeds.foreign import parse_feed
from network.reading.values import ForeignFeed, ForeignItem
from network.reading.words.language import declared_language
from network.reading.words.people import name_of
from network.reading.words.text import address

URL = "https://ville.example/flux/feed.xml"
SPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(*items: str) -> ForeignFeed:
    inside = "".join(f"<item>{each}</item>" for each in items)
    content = f"<rss version='2.0' {SPACES}><channel><title>V</title>{inside}</channel></rss>"
    return parse_feed(content.encode(), None, URL)


def atom(inside: str, given: str = "") -> ForeignItem:
    content = f"<feed xmlns='http://www.w3.org/2005/Atom' {given}><entry>{inside}</entry></feed>"
    return parse_feed(content.encode(), None, URL).items[0]


def of_json(**members: Any) -> ForeignItem:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "V", "items": [members]}
    return parse_feed(json.dumps(feed).encode(), None, URL).items[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *[(f"{a}https://ville.example/a{b}", "https://ville.example/a")
          for a, b in ("<>", '""', "''", "“”", ("«\u00a0", "\u00a0»"), ("\ufeff", "\u200b"))],
        ("<URL:https://ville.example/a>", "https://ville.example/a"),
        ("<a class='x' href='https://ville.example/a'>Lire</a>", "https://ville.example/a"),
        ('<a href="/a">Lire</a>', "https://ville.example/a"),
        ("Lire : https://ville.example/a", None),
        ("Lire <b>la suite</b>", None),
        ("#", None),
        ("#haut", None),
        *[(f"https://{host}/x", None) for host in ("<b>", "a b.example", ".example", "a..b")],
        ("ville.example", "https://ville.example"),
        ("ville.example/a", "https://ville.example/a"),
        ("www.ville.example/a", "https://www.ville.example/a"),
        ("autre-ville.fr/a", "https://autre-ville.fr/a"),
        ("autre.example:8080/a", "https://autre.example:8080/a"),
        ("index.php/actu/1", "https://ville.example/flux/index.php/actu/1"),
        ("page.html", "https://ville.example/flux/page.html"),
        ("v1.2/page", "https://ville.example/flux/v1.2/page"),
        ("/web/https://autre.example/", "https://ville.example/web/https://autre.example/"),
        ("?p=1", "https://ville.example/flux/feed.xml?p=1"),
        ('/q?a="b"&c=<d>', 'https://ville.example/q?a="b"&c=<d>'),
        ("https://ville.example/été<x>", "https://ville.example/été<x>"),
    ],
)  # fmt: skip
def test_an_address_is_no_path_of_the_feed_for_what_stands_around_it(
    written: str, meant: str | None
) -> None:
    assert address(URL, written) == meant


@pytest.mark.parametrize("piece", ["a ", "a:", "<a href", "a.", "http:/", "' ", "x" * 100])
def test_a_long_text_is_no_address_and_costs_no_more_than_its_length(piece: str) -> None:
    assert address(URL, piece * (100_000 // len(piece)) + "<") is None


def test_a_link_in_html_and_a_host_alone_are_links_of_an_item() -> None:
    guid = "<guid>https://ville.example/g</guid>"
    for link in ("&lt;a href='https://ville.example/a'>a&lt;/a>", "ville.example/a"):
        assert rss(f"<title>A</title><link>{link}</link>{guid}").items[0].url == (
            "https://ville.example/a"
        )
    for link in ("#", "Voir https://ville.example/a"):
        (found,) = rss(f"<title>A</title><link>{link}</link>{guid}").items
        assert found.url == "https://ville.example/g"


def test_what_a_counting_service_says_it_leads_to_is_the_page() -> None:
    link = "<link>https://compteur.example/~r/1</link>"
    origin = "<fb:origLink>https://ville.example/vrai</fb:origLink>"
    assert rss(f"<title>A</title>{link}{origin}").items[0].url == "https://ville.example/vrai"
    assert rss(f"<title>A</title>{link}").items[0].url == "https://compteur.example/~r/1"


@pytest.mark.parametrize(("lang", "page"), [("fr", "/fr/a"), ("en", "/en/a"), ("de", "/x")])
def test_of_the_pages_in_several_languages_that_of_the_text_is_shown(lang: str, page: str) -> None:
    links = [f"<link rel='alternate' hreflang='{tag}' href='/{tag[:2]}/a'/>" for tag in
             ("en-GB", "fr-FR")]  # fmt: skip
    found = atom(
        f"<id>urn:a</id><title>A</title>{''.join(links)}<link href='/x'/>", f"xml:lang='{lang}'"
    )
    assert found.url == f"https://ville.example{page}"


def test_ids_that_are_addresses_are_links_where_they_are_meant_to_be() -> None:
    rdf = (
        "<rdf:RDF xmlns='http://purl.org/rss/1.0/' "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel><title>V</title></channel>"
        "<item rdf:about='https://ville.example/1'><title>A</title></item></rdf:RDF>"
    )
    assert parse_feed(rdf.encode(), None, URL).items[0].url == "https://ville.example/1"
    assert of_json(id="https://ville.example/1", url="", title="A").url == "https://ville.example/1"
    assert of_json(id="1", title="A").url is None
    assert of_json(id="https://ville.example/1", url="/2", title="A").url == (
        "https://ville.example/2"
    )


GUID = "<guid isPermaLink='false'>0</guid>"
PAGE = "<link>https://ville.example/actualites</link>"


@pytest.mark.parametrize(
    "same", [GUID, PAGE, f"{GUID}{PAGE}", "<guid>https://ville.example/</guid>"]
)
@pytest.mark.parametrize("number", [2, 3, 7])
def test_one_id_for_a_whole_feed_hides_no_item(same: str, number: int) -> None:
    items = [f"<title>Titre {n}</title>{same}" for n in range(number)]
    found = rss(*items).items
    assert [each.title for each in found] == [f"Titre {n}" for n in range(number)]
    again = rss(*reversed(items)).items
    assert {each.identity for each in again} == {each.identity for each in found}


def test_nor_does_one_that_many_of_its_items_share() -> None:
    other = "<title>Autre</title><guid isPermaLink='false'>1</guid>"
    assert len(rss(*(f"<title>T{n}</title>{GUID}" for n in range(3)), other).items) == 4


def test_an_item_and_its_newer_version_are_one() -> None:
    other = "<title>Autre</title><guid isPermaLink='false'>1</guid>"
    dated = "<pubDate>0{} Jan 2024</pubDate>"
    old, new = (f"<title>{title}</title>{GUID}{dated.format(day)}" for title, day in
                (("Avant", 1), ("Après", 2)))  # fmt: skip
    assert [each.title for each in rss(old, new, other).items] == ["Après", "Autre"]
    assert [each.title for each in rss(old, old).items] == ["Avant"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("https://ville.example/auteur/anne", ""),
        ("@anne", ""),
        ("anne@ville", ""),
        ("Anne @ville", ""),
        ("Service com’ (https://ville.example/)", "Service com’ (https://ville.example/)"),
    ],
)
def test_a_page_or_an_account_is_no_name(written: str, name: str) -> None:
    assert name_of(written) == name


@pytest.mark.parametrize(
    ("tag", "language"),
    [("iw", "he"), ("in", "id"), ("ger", "de"), ("rus", "ru"), ("chi", "zh"),
     ("zho-Hant", "zh-Hant"), ("jpn", "ja"), ("ell-GR", "el"), ("cze", "cs"), ("eng", "en"),
     ("sh", "sr")],
)  # fmt: skip
def test_a_longer_or_former_code_is_the_language_of_today(tag: str, language: str) -> None:
    assert declared_language(tag) == language


def test_an_episode_may_have_its_title_for_podcast_programs_only() -> None:
    own = "<itunes:title>Épisode 5</itunes:title>"
    file = "<enclosure url='/e.mp3' type='audio/mpeg' length='1'/>"
    assert rss(f"{own}{file}").items[0].title == "Épisode 5"
    assert rss(f"{own}<title>Le cinquième</title>{file}").items[0].title == "Le cinquième"


def test_no_tag_of_a_word_processor_is_seen() -> None:
    (found,) = rss("<title>&lt;o:p>&lt;/o:p>Titre</title><description>&lt;o:p>&lt;/o:p>Le texte"
                   "</description>").items  # fmt: skip
    assert (found.title, found.summary) == ("Titre", "Le texte")
    assert "o:p" not in found.content_html


def test_a_text_of_which_nothing_would_be_seen_is_none() -> None:
    (found,) = rss("<title>A</title><description>&lt;p>\u200b&lt;/p></description>").items
    assert (found.summary, found.content_html) == ("", "")


def test_a_summary_of_json_shows_no_references() -> None:
    assert of_json(id="1", title="A", summary="L&#8217;eau &amp; l’air").summary == "L’eau & l’air"


def test_a_page_of_drupal_is_the_same_one_after_its_site_moved_to_https() -> None:
    assert "7 at https://ville.example" in set(spellings("7 at http://ville.example"))
    assert "7 at https://www.ville.example" in set(spellings("7 at http://ville.example"))
