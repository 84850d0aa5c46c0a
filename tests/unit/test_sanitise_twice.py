"""Sanitising a second time changes nothing, and no reference hides a control character."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from network.lib.sanitise import plain_text, sanitise_html, strip_control
from tests.simulation.liar import HOSTILE
from tests.unit.test_sanitise import HERE, SCRIPTS, TAGS, assert_harmless
from tests.xss import VECTORS

REFERENCES = (
    "&#8238;", "&#x202D;", "&#x0;", "&#133;", "&#x81;", "&#xFFFE;", "&#xffff;", "&#13;", "&#10;",
    "&#x1b;", "&#127;", "&#xd800;", "&#x110000;", "&#11;", "&#12;", "&#8238", "&amp;#8238;",
    "&lt;", "&amp", "&nbsp;", "&quot;", "&#39;", "&zwj;", "&NewLine;", "&Tab;",
)  # fmt: skip
PIECES = (
    *SCRIPTS, *VECTORS, *HOSTILE, *REFERENCES,
    *(f"<{mark}{tag}>" for mark, tag in product(("", "/"), sorted(TAGS))),
    *(f"<{tag}>" for tag in ("h1", "/h1", "svg", "math", "select", "form", "body", "plaintext",
                             "xmp", "font", "center", "button", "nobr", "/form", "/font")),
    '<a href="/x">', "<a href='#problem' lang=fr>", '<img src="/x" alt="y">',
    "<section id=results>",
    '<section id="problem">', "<pre>\n\n", "<pre>&#10;", "<!--", "-->", "<![CDATA[", "]]>",
    '"', "'", ">", "<", "\x00", "\n", "\r", "\u202e", "\u2028", "\ud800", "\ufffe", "words",
    '<a href="https://x.example/&#8238;x">', '<abbr title="&#x202e;&#1;x">',
    '<img alt="&#8238;a&#x85;" src=/y>', '<img alt="&lt;b&gt;" src="/&quot;">', '<a href="&#1;/x">',
)  # fmt: skip
MIXES = 400


def assert_settled(html: str, base: str | None = None) -> None:
    safe = sanitise_html(html, base)
    assert sanitise_html(safe, base) == safe
    assert sanitise_html(safe) == safe
    assert strip_control(safe) == safe
    assert_harmless(safe)


@pytest.mark.parametrize("base", [None, HERE])
@pytest.mark.parametrize("seed", range(5))
def test_mixes_of_everything_hostile_settle_at_once(seed: int, base: str | None) -> None:
    chance = random.Random(seed)
    for _ in range(MIXES):
        assert_settled("".join(chance.choices(PIECES, k=chance.randrange(1, 14))), base)


@pytest.mark.parametrize("base", [None, HERE])
def test_every_hostile_piece_settles_at_once(base: str | None) -> None:
    for piece in PIECES:
        assert_settled(piece, base)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=14).map("".join))
@example("<p>&#8238;gpj.exe")
def test_any_mix_settles_at_once(html: str) -> None:
    assert_settled(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + '“it\'s” \u00a0 "said" & <done>',
        "<b>x" * 199 + "<p>" * 40 + "y" * 17_000,
        "<a href=x>" * 250 + "y" * 17_000,
        "<table>" * 190 + "x" * 17_000,
        "&#8238;" * 20_000,
        "<p " + " ".join(f"a{n}=1" for n in range(30_000)) + '>it\'s "x" words',
    ],
    ids=["nested", "bold", "links", "tables", "overrides", "attributes"],
)
def test_absurd_texts_settle_at_once_too(html: str) -> None:
    assert_settled(html)


@pytest.mark.parametrize("reference", REFERENCES[:14])
@pytest.mark.parametrize(
    "html", ["<p>a{}b</p>", '<abbr title="a{}b">c</abbr>', '<a href="https://a.example/{}b">c</a>']
)
def test_no_reference_brings_a_control_or_an_override(html: str, reference: str) -> None:
    text = html.format(reference)
    safe = sanitise_html(text)
    assert strip_control(safe) == safe
    assert not {"\x85", "\x81", "\r", "\u202e", "\u202d", "\ufffe"} & set(safe + plain_text(text))
