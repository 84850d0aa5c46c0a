"""Feeds of many makers, well made or not, read to the values written down beside each of them."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from network.lib.errors import RemoteError
from network.lib.sanitise import plain_text
from network.reading.feeds import document
from network.reading.feeds.foreign import parse_feed
from network.reading.values import ForeignFeed, ForeignItem, dump_feed, load_feed
from network.reading.words.encoding import decode
from network.reading.words.language import declared_language, guess_language
from network.reading.words.text import cut

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
CASES = sorted(FEEDS.glob("*.expected.json"))
URL = "https://ville.example/flux/feed.xml"


def seen(feed: ForeignFeed) -> dict[str, Any]:
    """What the expected files say of a feed: all of it, but the words and links of its HTML only,
    since how that is written is for the sanitiser's own tests."""
    values: dict[str, Any] = json.loads(dump_feed(feed))
    for name in ("quiet", "left_out"):  # nothing, as nearly always
        if not values[name]:
            del values[name]
    for item in values["items"]:
        markup = item.pop("content_html")
        for file in item["enclosures"]:
            if not file["title"]:
                del file["title"]
        item["content_words"] = " ".join(plain_text(markup).split())
        item["content_links"] = [html.unescape(a) for a in re.findall(r'href="([^"]*)"', markup)]
    return values


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_a_feed_of_this_maker_reads_as_expected(case: Path) -> None:
    expected = json.loads(case.read_text("utf-8"))
    content = case.with_name(case.name.removesuffix(".expected.json")).read_bytes()
    if refused := expected.get("refused"):
        with pytest.raises(RemoteError) as failure:
            parse_feed(content, expected["content_type"], expected["url"])
        assert failure.value.message == refused["message"]
        assert failure.value.retryable == refused["retryable"]
        return
    feed = parse_feed(content, expected["content_type"], expected["url"])
    assert seen(feed) == expected["feed"]
    assert load_feed(dump_feed(feed)) == feed


def test_every_feed_has_its_expected_values() -> None:
    feeds = {path.name for path in FEEDS.iterdir() if not path.name.endswith((".json", ".md"))}
    feeds |= {p.name for p in FEEDS.glob("*.json") if not p.name.endswith(".expected.json")}
    assert feeds == {case.name.removesuffix(".expected.json") for case in CASES}
    assert len(feeds) >= 36


def rss(items: str, head: str = "") -> bytes:
    channel = f"<channel><title>Ville</title><link>https://ville.example/</link>{items}</channel>"
    return f'{head}<rss version="2.0">{channel}</rss>'.encode()


def first(items: str) -> ForeignItem:
    return parse_feed(rss(items), None, URL).items[0]


def refusal(content: bytes) -> RemoteError:
    with pytest.raises(RemoteError) as failure:
        parse_feed(content, "application/rss+xml", URL)
    return failure.value


def test_a_flood_of_attributes_is_refused_before_feedparser_sees_it() -> None:
    attributes = " ".join(f'a{n}="x"' for n in range(10_000))
    assert refusal(rss(f"<item {attributes}></item>")).message == document.TOO_COMPLEX


def test_a_flood_of_attributes_in_an_ill_formed_feed_is_refused_too() -> None:
    attributes = " ".join(f'a{n}="x"' for n in range(20_000))
    assert refusal(rss(f"<item><b></i><p {attributes}></item>")).message == document.TOO_COMPLEX


def test_twenty_thousand_nested_elements_are_refused() -> None:
    nested = "<b>" * 20_000 + "</b>" * 20_000
    assert refusal(rss(f"<item><description>{nested}</description></item>")).message == (
        document.TOO_COMPLEX
    )


def test_more_items_than_anyone_reads_are_refused_whole() -> None:
    error = refusal(rss("<item><title>x</title></item>" * (document.MAX_ITEMS + 1)))
    assert (error.message, error.retryable) == (document.TOO_MANY, False)
    ill_formed = rss("<item><title>x</title></item>" * (document.MAX_ITEMS + 1) + "<b></i>")
    assert refusal(ill_formed).message == document.TOO_MANY


def test_too_many_items_of_a_json_feed_are_refused() -> None:
    items = [{"id": n} for n in range(document.MAX_ITEMS + 1)]
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
    assert refusal(feed.encode()).message == document.TOO_MANY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_entities_are_refused_in_every_encoding(encoding: str) -> None:
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    content = rss("<item><title>&a;</title></item>", head).decode().encode(encoding)
    assert refusal(content).message == document.DECLARES


def test_an_entity_declared_after_garbage_is_refused() -> None:
    head = 'oops <!DOCTYPE rss [<!ENTITY a "b">]>'
    assert refusal(rss("<item><title>&a;</title></item>", head)).message == document.DECLARES


def test_a_feed_may_write_about_doctypes() -> None:
    item = first(
        "<item><title>x</title><description><![CDATA[<!DOCTYPE rss [ ]>]]></description></item>"
    )
    assert item.title == "x"


def test_the_content_is_never_taken_for_a_path_or_an_address() -> None:
    for content in (b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/"):
        assert refusal(content).message == document.NOT_A_FEED


def test_a_guid_stays_the_same_when_the_site_moves_to_https() -> None:
    content = rss("<item><title>x</title><guid>a-7</guid></item>")
    old = parse_feed(content, None, "http://ville.example/flux/feed.xml").items[0]
    new = parse_feed(content, None, "https://ville.example/flux/feed.xml").items[0]
    assert old.identity == new.identity == "a-7"
    assert new.url == "https://ville.example/flux/a-7"


def test_a_guid_that_is_no_permalink_is_never_a_link() -> None:
    item = first('<item><title>x</title><guid isPermaLink="false">https://x.example/</guid></item>')
    assert item.url is None
    assert item.identity == "https://x.example/"


def test_a_guid_too_long_for_an_index_becomes_its_hash() -> None:
    item = first(f"<item><title>x</title><guid isPermaLink='false'>{'g' * 3000}</guid></item>")
    assert re.fullmatch("sha256:[0-9a-f]{64}", item.identity)


def test_an_item_without_guid_and_link_keeps_its_identity_while_its_words_stay() -> None:
    once, again, other = (
        first(f"<item><title>{title}</title><pubDate>1 Jan 2024</pubDate></item>").identity
        for title in ("Avis", "Avis", "Autre avis")
    )
    assert once == again != other


def test_the_summary_is_cut_at_a_word() -> None:
    item = first(f"<item><title>x</title><description>{'élaguer ' * 60}</description></item>")
    assert len(item.summary) <= 300
    assert item.summary.endswith("élaguer…")


def test_text_without_spaces_is_cut_all_the_same() -> None:
    assert len(cut("字" * 400, 300)) == 300


def test_plain_descriptions_become_paragraphs() -> None:
    item = first("<item><title>x</title><description>Un &lt; deux\n\nTrois</description></item>")
    assert item.content_html == "<p>Un &lt; deux</p><p>Trois</p>"


def test_nothing_that_runs_survives() -> None:
    evil = "&lt;img src=x onerror=alert(1)&gt;&lt;script&gt;alert(1)&lt;/script&gt;ok"
    item = first(f"<item><title>x</title><description>{evil}</description></item>")
    assert "alert" not in item.content_html + item.summary


def test_the_language_header_is_believed_when_the_feed_says_nothing() -> None:
    content = rss("<item><title>La mairie ouvre une maison du vélo dans la gare</title></item>")
    item = parse_feed(content, None, URL, content_language="fr-FR").items[0]
    assert (item.lang, item.lang_is_guess) == ("fr", False)
    item = parse_feed(content, None, URL).items[0]
    assert (item.lang, item.lang_is_guess) == ("fr", True)


def test_a_short_item_is_guessed_from_its_neighbours() -> None:
    long = "El Ayuntamiento publica todos los contratos y responde a cada pregunta de los vecinos"
    items = parse_feed(
        rss(f"<item><title>{long}</title></item><item><title>Obras</title></item>"), None, URL
    ).items
    assert [(item.lang, item.lang_is_guess) for item in items] == [("es", True)] * 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La ville ouvre ses archives et répond à chaque question des habitants", "fr"),
        ("The city opens its archives and answers every question that residents ask", "en"),
        ("La ciudad abre sus archivos y responde a cada pregunta de los vecinos", "es"),
        ("A cidade abre os seus arquivos e responde às perguntas dos moradores", "pt"),
        ("L’Ajuntament obre els seus arxius i respon totes les preguntes dels veïns", "ca"),
        ("Il Comune apre i suoi archivi e risponde a ogni domanda degli abitanti", "it"),
        ("Die Stadt öffnet ihre Archive und beantwortet jede Frage der Einwohner", "de"),
        ("Trop court", None),
        ("https://ville.example/une/tres/longue/adresse/qui/ne/dit/rien", None),
        ("1234567890 " * 20, None),
    ],
)
def test_a_language_is_guessed_from_enough_text_only(text: str, language: str | None) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("tag", "language"),
    [("fr", "fr"), ("fr_CA", "fr"), ("FR-be", "fr"), ("fre", "fr"), ("zh-hant-TW", "zh-Hant"),
     ("en-Latn-GB", "en"), ("und", None), ("français", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_declared_language_is_its_primary_subtag(tag: str | None, language: str | None) -> None:
    assert declared_language(tag) == language


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        ("é".encode("latin-1"), "text/xml; charset=utf-8", "é"),
        ("é".encode(), "text/xml; charset=iso-8859-1", "é"),
        ("“é”".encode("cp1252"), None, "“é”"),
        (b"\x81\x93", None, "\x81“"),
        ("Привет".encode("koi8-r"), "text/xml; charset=koi8-r", "Привет"),
        ("東京".encode("shift_jis"), "text/xml; charset=Shift_JIS", "東京"),
        ("é".encode(), "text/xml; charset=unicode_escape", "é"),
        ("é".encode(), "text/xml; charset=no-such-charset", "é"),
        ("<fé>".encode("utf-16-be"), "text/xml; charset=utf-8", "<fé>"),
    ],
)
def test_bytes_are_read_in_the_encoding_that_fits_them(
    content: bytes, content_type: str | None, text: str
) -> None:
    assert decode(content, content_type)[0] == text


def test_what_the_child_sends_is_checked() -> None:
    good = dump_feed(ForeignFeed(title="x", format="rss20"))
    assert load_feed(good).title == "x"
    for bad in (b"", b"[]", b"{}", good.replace(b'"x"', b"7"), good.replace(b"[]", b'[{"url":1}]')):
        with pytest.raises(ValueError, match=r".+"):
            load_feed(bad)


def _try(content: bytes, content_type: str | None) -> None:
    try:
        feed = parse_feed(content, content_type, URL)
    except RemoteError:
        return
    assert load_feed(dump_feed(feed)) == feed
    for item in feed.items:
        assert item.identity
        assert item.title
        assert len(item.summary) <= 300


SAMPLES = [c.with_name(c.name.removesuffix(".expected.json")).read_bytes() for c in CASES]
TYPES = st.sampled_from([None, "application/rss+xml", "text/xml; charset=utf-16", "text/html", "x"])
PIECES = """
<rss version='2.0'>|</rss>|<channel>|<item>|</item>|<title>|</title>|<id>|<a:b>|<dc:language>
<feed xmlns='http://www.w3.org/2005/Atom'>|</feed>|<entry>|</entry>|<content type='xhtml'>|<div>
</div>|<![CDATA[|]]>|&nbsp;|&|<|>|é|<link href='//[x'/>|<guid>|</guid>|<pubDate>|</pubDate>|1e9|\0
<!--|-->|<!DOCTYPE x [|&#xD800;|<?xml version='1.0' encoding='utf-7'?>| xml:base='http://[/'|<svg>
<source url='x'>|<image>|<textinput>|<media:thumbnail>|<itunes:image/>|<enclosure url='http://x/'/>
"""
MARKUP = st.lists(st.sampled_from(PIECES.strip("\n").replace("\n", "|").split("|")), max_size=40)


@given(st.binary(max_size=300), TYPES)
def test_any_bytes_are_read_or_refused_and_nothing_else(content: bytes, kind: str | None) -> None:
    _try(content, kind)


@given(MARKUP, st.booleans(), TYPES)
def test_any_soup_of_markup_is_read_or_refused(
    parts: list[str], wrap: bool, kind: str | None
) -> None:
    soup = "".join(parts)
    _try((f"<rss version='2.0'><channel>{soup}</channel></rss>" if wrap else soup).encode(), kind)


PLACES = st.tuples(st.integers(0, 4000), st.integers(0, 40))


@given(st.sampled_from(SAMPLES), PLACES, st.binary(max_size=6), TYPES)
def test_any_damage_to_a_feed_is_survived(
    sample: bytes, place: tuple[int, int], put: bytes, kind: str | None
) -> None:
    at, drop = place
    _try(sample[:at] + put + sample[at + drop :], kind)


MEMBERS = [
    "id",
    "url",
    "title",
    "items",
    "authors",
    "name",
    "tags",
    "attachments",
    "content_html",
    "date_published",
    "language",
    "hubs",
    "type",
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(_JSON)
@example([])
@example({"id": 10**400})
def test_any_values_in_a_json_feed_are_survived(value: Any) -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [value]}
    _try(json.dumps(feed).encode(), "application/feed+json")
    if isinstance(value, dict):
        _try(json.dumps(feed | value).encode(), None)


def test_a_json_feed_nested_without_end_is_refused() -> None:
    refusal(b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 200_000)


def test_a_long_caption_is_not_taken_for_the_text() -> None:
    caption = "Une fontaine à boire sous les platanes de la place " * 3
    text = "<description>&lt;p&gt;Gourdes bienvenues&lt;/p&gt;</description>"
    media = f"<media:description type='plain'>{caption}</media:description>"
    feed = rss(f"<item>{text}<media:content>{media}</media:content></item>")
    named = feed.replace(b"<rss", b"<rss xmlns:media='http://search.yahoo.com/mrss/'")
    assert parse_feed(named, None, URL).items[0].content_html == "<p>Gourdes bienvenues</p>"


MEDIA = "xmlns:media='http://search.yahoo.com/mrss/'"


def captions(item: str) -> list[tuple[str, str, str]]:
    feed = rss(f"<item><title>x</title>{item}</item>").replace(b"<rss", f"<rss {MEDIA}".encode())
    (found,) = parse_feed(feed, None, URL).items
    return [(e.url.rpartition("/")[2], e.type, e.title) for e in found.enclosures]


def test_the_words_that_stand_for_a_picture_come_with_it() -> None:
    own = "<media:title>Une fontaine</media:title><media:description>Longue</media:description>"
    assert captions(f"<media:content url='/a.jpg' medium='image'>{own}</media:content>") == [
        ("a.jpg", "image", "Une fontaine")
    ]
    assert captions(
        "<media:group><media:title>Conseil</media:title><media:content url='/a.mp4' "
        "type='video/mp4'/><media:content url='/b.webm' type='video/webm'><media:title>En "
        "anglais</media:title></media:content></media:group>"
    ) == [("a.mp4", "video/mp4", "Conseil"), ("b.webm", "video/webm", "En anglais")]


def test_a_thumbnail_is_a_picture_only_where_it_is_all_there_is_and_says_what_it_shows() -> None:
    small = "<media:thumbnail url='/s.jpg'/>"
    assert captions(small) == []
    said = f"<media:group><media:description>Une place</media:description>{small}</media:group>"
    assert captions(said) == [("s.jpg", "image", "Une place")]
    assert captions(said + "<enclosure url='/a.pdf' type='application/pdf' length='1'/>") == [
        ("a.pdf", "application/pdf", "")
    ]


def test_a_caption_is_text_whatever_it_contains() -> None:
    script = "&lt;script&gt;alert(1)&lt;/script&gt;"
    title = f"<media:title>{script}{'é' * 500}</media:title>"
    (found,) = captions(f"<media:content url='/a.jpg'>{title}</media:content>")
    assert "alert" not in found[2]
    assert len(found[2]) <= 200


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("<skipHours><hour>0</hour><hour>24</hour><hour> 5 </hour><hour>x</hour></skipHours>",
         [d * 24 + h for d in range(7) for h in (0, 5)]),
        ("<skipDays><day>Sunday</day><day>dimanche</day></skipDays>", list(range(144, 168))),
        ("<hour>3</hour><day>Monday</day>", []),
        ("<skipDays>" + "".join(f"<day>{d}day</day>" for d in ("Mon", "Tues", "Wednes", "Thurs",
         "Fri", "Satur", "Sun")) + "</skipDays>", []),
    ],
)  # fmt: skip
def test_a_feed_says_when_it_wants_to_be_left_alone(said: str, hours: list[int]) -> None:
    assert list(parse_feed(rss(said), None, URL).quiet) == hours


def test_no_break_spaces_are_part_of_what_was_written() -> None:
    item = first("<item><title>«\u202f500\u00a0m² »  de\n parc</title></item>")
    assert item.title == "«\u202f500\u00a0m² » de parc"


@given(MARKUP)
def test_any_soup_of_media_is_read_or_refused(parts: list[str]) -> None:
    pieces = [p.replace("<enclosure", "<media:title>a</media:title><media:content") for p in parts]
    _try(f"<rss version='2.0' {MEDIA}><channel>{''.join(pieces)}</channel></rss>".encode(), None)
