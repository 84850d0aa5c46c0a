"""What stands where it should not in other people's feeds: captions, sources, links, escaping."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.lib.errors import RemoteError
from network.lib.sanitise import plain_text
from network.reading.feeds import jsonfeed as parse_jsonfeed
from network.reading.feeds.entries import Reader
from network.reading.feeds.foreign import parse_feed
from network.reading.feeds.own import Own
from network.reading.values import ForeignFeed, ForeignItem
from network.reading.words.markup import as_markup, title_text
from network.reading.words.people import name_of
from network.reading.words.text import address

URL = "https://ville.example/flux/feed.xml"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def rss(items: str, spaces: str = SPACES) -> ForeignFeed:
    content = f'<rss version="2.0" {spaces}><channel><title>Ville</title>{items}</channel></rss>'
    return parse_feed(content.encode(), None, URL)


def item(inside: str, spaces: str = SPACES) -> ForeignItem:
    return rss(f"<item>{inside}</item>", spaces).items[0]


def atom(entry: str, feed: str = "") -> ForeignItem:
    content = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Planète</title>{feed}<entry>{entry}'
    )
    return parse_feed(f"{content}</entry></feed>".encode(), None, URL).items[0]


def cdata(written: str) -> str:
    return f"<![CDATA[{written.replace(']]>', ']]]]><![CDATA[>')}]]>"


def words(found: ForeignItem) -> str:
    return plain_text(found.content_html)


OWN = ["<title>Rue aux écoles</title>", "<description>Le texte.</description>"]
CAPTIONS = [
    '<media:content url="/a.jpg" medium="image"><media:title>Photo</media:title>'
    "<media:description>Légende plus longue que le texte de l’article.</media:description>"
    "</media:content>",
    '<media:group><media:content url="/b.mp4" type="video/mp4"/><media:title>Film</media:title>'
    "<media:description>Légende du film, bien plus longue.</media:description></media:group>",
    "<media:title>Titre du média</media:title>",
    "<media:description type='html'>&lt;p>Légende nue, plus longue.&lt;/p></media:description>",
    "<itunes:summary>Un résumé pour un autre programme, plus long.</itunes:summary>",
    "<dc:description>Une notice, plus longue que le texte.</dc:description>",
    "<image><title>Logo</title><description>Le logo, plus long.</description></image>",
    "<media:text>Paroles</media:text>",
]


@pytest.mark.parametrize("caption", CAPTIONS)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_caption_is_never_the_article(caption: str, order: tuple[int, ...]) -> None:
    parts = [*OWN, caption]
    found = item("".join(parts[n] for n in order))
    assert (found.title, found.summary, words(found)) == (
        "Rue aux écoles",
        "Le texte.",
        "Le texte.",
    )


@pytest.mark.parametrize("caption", CAPTIONS)
def test_nor_is_it_beside_a_whole_text(caption: str) -> None:
    full = "<content:encoded>&lt;p>Tout le texte.&lt;/p></content:encoded>"
    for parts in permutations([*OWN, full, caption]):
        found = item("".join(parts))
        assert (found.title, found.summary) == ("Rue aux écoles", "Le texte.")
        assert words(found) == "Tout le texte."


def test_the_namespace_may_have_another_prefix_or_be_written_with_https() -> None:
    for uri in ("http://search.yahoo.com/mrss", "https://search.yahoo.com/mrss/"):
        found = item(f"{OWN[0]}{OWN[1]}<m:description>Légende</m:description>", f'xmlns:m="{uri}"')
        assert found.summary == "Le texte."


def test_a_prefix_that_is_declared_nowhere_is_understood() -> None:
    found = item("".join([CAPTIONS[0], *OWN, "<unknown:x y:z='1'/>"]), "")
    assert (found.title, found.summary) == ("Rue aux écoles", "Le texte.")
    assert [file.title for file in found.enclosures] == ["Photo"]


def test_captions_are_kept_out_of_a_broken_document_as_well() -> None:
    found = item("".join([*OWN, CAPTIONS[3], "<b>", "<link/><guid>https://ville.example/g</guid>"]))
    assert (found.summary, found.url) == ("Le texte.", "https://ville.example/g")


def test_who_writes_for_another_program_only_is_read_all_the_same() -> None:
    found = item("<dc:title>Titre</dc:title><itunes:summary>Le résumé.</itunes:summary>")
    assert (found.title, found.summary) == ("Titre", "Le résumé.")


def test_a_film_s_own_description_is_the_text_of_an_entry_that_has_no_other() -> None:
    film = CAPTIONS[1].replace("Légende du film", "Ce que montre le film")
    assert item(f"<title>Film</title>{film}").summary == "Ce que montre le film, bien plus longue."
    picture = film.replace("video/mp4", "image/jpeg")
    assert item(f"<title>Photo</title>{picture}").summary == ""


COLLECTOR = (
    "<author><name>Gardien</name></author>"
    "<rights>https://creativecommons.org/licenses/by/4.0/</rights>"
)
PEOPLE = "<author><name>Service A</name></author><author><name>Service B</name></author>"
RIGHTS = "<rights>https://creativecommons.org/licenses/by-nc/4.0/</rights>"
BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"


@pytest.mark.parametrize(
    ("source", "authors", "licence"),
    [
        (PEOPLE + RIGHTS, ("Service A", "Service B"), BY_NC),
        (PEOPLE, ("Service A", "Service B"), None),
        (RIGHTS, (), BY_NC),
        ("<title>Blog</title>", (), None),
        (f'<link rel="license" href="{BY_NC}"/>', (), BY_NC),
        ("<author><name>Anne (a@b.example)</name></author>", ("Anne",), None),
    ],
)
def test_an_entry_has_the_people_and_rights_of_its_source(
    source: str, authors: tuple[str, ...], licence: str | None
) -> None:
    own = "<title>Article</title><id>urn:1</id>"
    for entry in (f"<source>{source}</source>{own}", f"{own}<source>{source}</source>"):
        found = atom(entry, COLLECTOR)
        assert (found.title, found.authors, found.licence) == ("Article", authors, licence)


def test_an_entry_s_own_people_and_rights_come_first_and_without_a_source_the_feed_s() -> None:
    own = "<author><name>Anne</name></author><rights>https://creativecommons.org/publicdomain/</rights>"
    found = atom(f"<title>A</title>{own}<source>{PEOPLE}{RIGHTS}</source>", COLLECTOR)
    assert found.authors == ("Anne",)
    assert found.licence == "https://creativecommons.org/publicdomain/"
    assert atom("<title>A</title>", COLLECTOR).authors == ("Gardien",)


def test_a_source_inside_an_rss_item_is_read_too() -> None:
    inside = PEOPLE.replace("author>", "atom:author>").replace("name>", "atom:name>")
    found = item(f"<title>A</title><atom:source>{inside}</atom:source><link>/a</link>")
    assert (found.authors, found.title) == (("Service A", "Service B"), "A")
    assert item("<title>A</title><source url='/b'>Autre</source>").title == "A"


GUID = "<guid>https://ville.example/g</guid>"


@pytest.mark.parametrize(
    "link",
    [
        *("<link/>", "<link></link>", "<link> \n </link>", "<link>javascript:void(0)</link>"),
        *("<atom:link href=''/>", "<link>mailto:a@b.example</link>", "<link>http://</link>"),
    ],
)
def test_a_link_that_leads_nowhere_leaves_its_place_to_the_guid(link: str) -> None:
    for parts in (link + GUID, GUID + link):
        assert item(f"<title>A</title>{parts}").url == "https://ville.example/g"
    hidden = GUID.replace("<guid>", "<guid isPermaLink='false'>")
    assert item(f"<title>A</title>{link}{hidden}").url is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("//autre.example/x", "https://autre.example/x"),
        ("www.autre.example/x", "https://www.autre.example/x"),
        ("www.autre.example", "https://www.autre.example"),
        ("http://https://autre.example/x", "https://autre.example/x"),
        ("https://http://autre.example/x", "http://autre.example/x"),
        ("http://http//autre.example/x", "http://autre.example/x"),
        ("http:http://autre.example/x", "http://autre.example/x"),
        ("https:/autre.example/x", "https://autre.example/x"),
        ("https:autre.example/x", "https://autre.example/x"),
        ("https:///autre.example/x", "https://autre.example/x"),
        ("https//autre.example/x", "https://autre.example/x"),
        ("https:\\\\autre.example\\x", "https://autre.example/x"),
        ("feed:https://autre.example/x", "https://autre.example/x"),
        ("feed://autre.example/x", "https://autre.example/x"),
        ("/x?u=http://b.example", "https://ville.example/x?u=http://b.example"),
        ("https://archive.example/http://b.example/", "https://archive.example/http://b.example/"),
        ("httpd/notes.html", "https://ville.example/flux/httpd/notes.html"),
        ("page?voir=www.b.example/c", "https://ville.example/flux/page?voir=www.b.example/c"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://user:pw@autre.example/x", None),
    ],
)
def test_an_address_is_read_as_the_bar_of_a_browser_would(written: str, meant: str | None) -> None:
    assert address(URL, written) == meant


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Budget <voté> en conseil", "Budget <voté> en conseil"),
        ("Que faire de la balise <title> ?", "Que faire de la balise <title> ?"),
        ("La balise <b> en HTML", "La balise <b> en HTML"),
        ("Nous <3 la ville", "Nous <3 la ville"),
        ("If a<b and c>d then stop", "If a<b and c>d then stop"),
        ("5 < 6 & 7 > 6", "5 < 6 & 7 > 6"),
        ("Note for &lt;selectedoption&gt; users", "Note for <selectedoption> users"),
        ("Un <em>titre</em> avec <b class='x'>balises</b>", "Un titre avec balises"),
        ("Titre<br>sur deux<br/>lignes", "Titre sur deux lignes"),
        ("<p>Titre", "Titre"),
        ("<script>alert(1)</script>Titre<!-- x -->", "Titre"),
        ("&lt;b&gt;Gras&lt;/b&gt;", "Gras"),
        ("&amp;amp;lt;b&amp;amp;gt;Gras&amp;amp;lt;/b&amp;amp;gt;", "Gras"),
        ("L&amp;#8217;&amp;eacute;cole &amp;amp; l&#x2019;été", "L’école & l’été"),
        ("AT&amp;T &amp; R&D", "AT&T & R&D"),
        ("<![CDATA[Titre]]>", "Titre"),
        ("&lt;![CDATA[Titre]]&gt;", "Titre"),
    ],
)
def test_a_title_shows_no_tag_and_no_reference_and_keeps_what_only_looks_like_one(
    written: str, shown: str
) -> None:
    assert title_text(written) == shown
    assert item(f"<title>{cdata(written)}</title>").title == shown


def test_a_title_in_xhtml_and_one_in_plain_text() -> None:
    xhtml = '<div xmlns="http://www.w3.org/1999/xhtml">Un <em>budget</em> &lt;voté&gt;</div>'
    assert atom(f"<title type='xhtml'>{xhtml}</title>").title == "Un budget <voté>"
    assert atom("<title>Le tag &lt;b&gt;x&lt;/b&gt;</title>").title == "Le tag <b>x</b>"
    assert atom("<title>L&amp;rsquo;&amp;eacute;t&amp;eacute;</title>").title == "L’été"


def test_titles_of_json_are_plain_text() -> None:
    given_ = {"id": "1", "title": "Budget <voté> : <b>non</b> & <br>"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Ville", "items": [given_]}
    found = parse_feed(json.dumps(feed).encode(), None, URL).items[0]
    assert found.title == "Budget <voté> : <b>non</b> & <br>"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("&lt;p&gt;Bonjour &amp;eacute;&lt;/p&gt;", "Bonjour é"),
        ("&amp;lt;p&amp;gt;Bonjour&amp;lt;/p&amp;gt;", "Bonjour"),
        (
            "<p>L&amp;rsquo;&amp;eacute;t&amp;eacute; &amp;amp; l&amp;#39;hiver</p>",
            "L’été & l'hiver",
        ),
        ("<p>&lt;strong&gt;Gras&lt;/strong&gt; et &lt;br /&gt;suite</p>", "Gras et suite"),
        ("<![CDATA[<p>Texte</p>]]>", "Texte"),
        ("Le budget <voté> hier", "Le budget <voté> hier"),
        ("If a<b and c>d then stop", "If a<b and c>d then stop"),
        (
            "<p>Écrivez <code>&amp;eacute; &lt;b&gt;x&lt;/b&gt;</code></p>",
            "Écrivez &eacute; <b>x</b>",
        ),
    ],
)
def test_a_text_shows_no_tag_and_no_reference(written: str, shown: str) -> None:
    assert " ".join(plain_text(as_markup(written)).split()) == shown
    found = item(f"<title>T</title><description>{cdata(written)}</description>")
    assert (" ".join(words(found).split()), found.summary) == (shown, shown)


WRAPPERS = "<div class='wp'><figure><a href='/x'><img src='/p.jpg' alt=''></a></figure></div>"


def test_a_text_of_wrappers_around_a_picture_gives_way_to_the_description() -> None:
    full = f"<content:encoded><![CDATA[{WRAPPERS}]]></content:encoded>"
    for parts in (full + OWN[1], OWN[1] + full):
        found = item(OWN[0] + parts)
        assert (found.summary, words(found)) == ("Le texte.", "Le texte.")


BULK = {
    "picture": f"<img src='data:image/png;base64,{'iVBORw0KGgo' * 36_000}'>",
    "style": f"<style>{'.a { color: red }' * 13_000}</style>",
}


@pytest.mark.parametrize("bulk", BULK.values(), ids=BULK)
def test_bulk_that_nobody_reads_hides_nothing_of_a_text(bulk: str) -> None:
    text = f"<p>Avant.</p>{bulk}<p>Après.</p>"
    for inside in (OWN[0], OWN[0] + "<b></i>"):  # well-formed or not
        found = item(f"{inside}<content:encoded><![CDATA[{text}]]></content:encoded>")
        assert words(found).split() == ["Avant.", "Après."]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Anne Roy (anne@ville.example)", "Anne Roy"),
        ("anne@ville.example (Anne Roy)", "Anne Roy"),
        ("Anne Roy <anne@ville.example>", "Anne Roy"),
        ('"Roy, Anne" <anne@ville.example>', "Roy, Anne"),
        ("Anne Roy [anne@ville.example]", "Anne Roy"),
        ("Anne Roy, anne@ville.example", "Anne Roy"),
        ("mailto:anne@ville.example", ""),
        ("anne@ville.example", ""),
        ("anne@ville.example (anne@ville.example)", ""),
        ("a@b.example (Anne), c@d.example (Bob)", "Anne, Bob"),
        ("Anne Roy (Ville) <anne@ville.example>", "Anne Roy (Ville)"),
        ("Anne Roy", "Anne Roy"),
        ("", ""),
    ],
)
def test_a_person_is_named_and_the_mailbox_is_not_shown(written: str, name: str) -> None:
    assert name_of(written) == name
    escaped = written.replace("<", "&lt;")
    expected = (name,) if name else ()
    for element in ("author", "dc:creator"):
        person = f"<{element}>{escaped}</{element}>"
        assert item(f"<title>A</title>{person}").authors == expected
        both = item(f"<title>A</title>{person}<dc:creator>Bob</dc:creator>")
        assert both.authors == (*expected, "Bob")
    assert atom(f"<title>A</title><author><name>{escaped}</name></author>").authors == expected


@given(st.text(max_size=80))
def test_no_name_shows_a_mailbox(written: str) -> None:
    assert "@" not in name_of(f"{written} anne@ville.example {written}")


@pytest.mark.parametrize(
    ("inside", "title", "file"),
    [
        (
            "<enclosure url='/f/rapport%20final.pdf' type='application/pdf'/>",
            "rapport final.pdf",
            1,
        ),
        (
            "<media:content url='/f/a.jpg'><media:title>La place</media:title></media:content>",
            "La place",
            1,
        ),
        ("<description>&lt;img src='/f/place.jpg'></description>", "place.jpg", 1),
        ("<description>&lt;img src='/f/p.jpg' alt='La place'></description>", "La place", 0),
        ("<link>https://ville.example/a</link><enclosure url='/f/plan.pdf'/>", "plan.pdf", 1),
    ],
)
def test_an_item_that_is_only_a_file_is_called_by_what_it_is(
    inside: str, title: str, file: int
) -> None:
    feed = rss(f"<item>{inside}</item><item><enclosure url='/f/autre.pdf'/></item>")
    assert [each.title for each in feed.items] == [title, "autre.pdf"]
    assert len(feed.items[0].enclosures) == file
    assert len({each.identity for each in feed.items}) == 2


def test_an_item_of_json_that_is_only_a_picture_is_an_item() -> None:
    given_ = [
        {"id": "1", "image": "/i/place.jpg"},
        {"id": "2", "attachments": [{"url": "/plan.pdf"}]},
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Ville", "items": given_}
    found = parse_feed(json.dumps(feed).encode(), None, URL).items
    assert [each.title for each in found] == ["place.jpg", "plan.pdf"]
    assert found[0].enclosures[0].url == "https://ville.example/i/place.jpg"


THREE = "".join(f"<item><guid>{n}</guid><title>Article {n}</title></item>" for n in "abc")


def failing(
    real: Callable[..., Any], *times: int, error: type[Exception] = KeyError
) -> Callable[..., Any]:
    """A part of the parser that raises the first, second … time that it is used."""
    calls = count(1)

    def part(*given: Any) -> Any:
        if next(calls) in times:
            raise error
        return real(*given)

    return part


@pytest.mark.parametrize(
    ("holder", "name", "time"), [(Reader, "_item", 2), (Own, "_settle", 2), (Own, "_close", 4)]
)
def test_an_item_that_the_parser_does_not_survive_is_left_out_alone_and_told_of(
    monkeypatch: pytest.MonkeyPatch, holder: type, name: str, time: int
) -> None:
    monkeypatch.setattr(holder, name, failing(getattr(holder, name), time))
    found = rss(THREE)
    assert [each.title for each in found.items] == ["Article a", "Article c"]
    assert [each.title for each in found.left_out] == ["Article b"]


def test_an_item_of_a_json_feed_that_the_parser_does_not_survive_is_left_out_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parse_jsonfeed, "_item", failing(parse_jsonfeed._item, 2))
    items = [{"id": n, "title": f"Article {n}"} for n in "abc"]
    written = {"version": "https://jsonfeed.org/version/1.1", "title": "Ville", "items": items}
    found = parse_feed(json.dumps(written).encode(), None, URL)
    assert [each.title for each in found.items] == ["Article a", "Article c"]
    assert [each.title for each in found.left_out] == ["Article b"]


def test_a_feed_of_which_no_item_can_be_read_is_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Reader, "_item", failing(Reader._item, 1, 2, 3))
    with pytest.raises(RemoteError):
        rss(THREE)


@pytest.mark.parametrize(("holder", "name"), [(Reader, "_item"), (Own, "_settle")])
def test_memory_that_is_at_its_end_is_no_fault_of_an_item(
    monkeypatch: pytest.MonkeyPatch, holder: type, name: str
) -> None:
    monkeypatch.setattr(holder, name, failing(getattr(holder, name), 2, error=MemoryError))
    with pytest.raises(MemoryError):
        rss(THREE)
