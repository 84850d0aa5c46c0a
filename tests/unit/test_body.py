"""An author's Markdown becomes a study's text, safe and with a sound outline."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it.rules_core import inline
from markdown_it.rules_inline import text

from network.case_studies import body
from network.case_studies.body import SECTION_HEADINGS, compose, render
from network.catalogue.values import SECTIONS, SITE_LANGUAGES
from network.lib.sanitise import sanitise_html


def levels(html: str) -> list[int]:
    return [int(level) for level in re.findall(r"<h([1-6])\b", html)]


def test_paragraphs_tables_and_deletions_are_rendered() -> None:
    html = render("Un *budget*\n\n| Année | Projets |\n|---|--:|\n| 2014 | 9 |\n\n~~faux~~")
    assert "<p>Un <em>budget</em></p>" in html
    assert '<th scope="col">Année</th>' in html
    assert "<td>9</td>" in html
    assert "style" not in html
    assert "<s>faux</s>" in html


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](<java\nscript:alert(1)>)",
        "[x](&#106;avascript:alert(1))",
        "[x]: data:text/html,<script>alert(1)</script>\n\n[x]",
        "![x](javascript:alert(1))",
        "<javascript:alert(1)>",
        "```x onload=alert(1)\n</code><script>alert(1)</script>\n```",
        '[x](https://a.example "\\" onmouseover=alert(1)")',
    ],
)
def test_markdown_cannot_carry_script(markdown: str) -> None:  # attack 31
    html = render(markdown)
    assert not re.search(r"<(script|img)|<[^>]+ on\w+=|href=\"(javascript|data)", html)
    assert html == sanitise_html(html)


def test_html_in_markdown_is_shown_as_it_was_typed() -> None:
    assert render("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"


def test_addresses_in_running_text_stay_text() -> None:
    assert "<a" not in render("voir www.paris.example et https://paris.example")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# a\n## b\n# c", [3, 4, 3]),
        ("## a\n#### b\n### c", [3, 4, 4]),
        ("#### a\n# b", [3, 3]),
        ("# a\n## b\n### c\n#### d\n##### e", [3, 4, 5, 6, 6]),
    ],
)
def test_headings_begin_below_the_section_and_leave_no_gap(
    markdown: str, expected: list[int]
) -> None:
    assert levels(render(markdown)) == expected


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), max_size=8))
def test_no_outline_skips_a_level(given_levels: list[int]) -> None:
    markdown = "\n\n".join(f"{'#' * level} t" for level in given_levels)
    found = levels(compose(markdown, {"problem": markdown}, "fr"))
    assert all(after - before <= 1 for before, after in zip([1, *found], found, strict=False))


def test_sections_follow_the_introduction_in_reading_order() -> None:
    html = compose("Avant.", {"results": "Fait.", "problem": "Rien.", "lessons": " \n"}, "fr")
    assert html == (
        "<p>Avant.</p>\n"
        '<section id="problem"><h2>Le problème</h2>\n<p>Rien.</p>\n</section>\n'
        '<section id="results"><h2>Les résultats</h2>\n<p>Fait.</p>\n</section>\n'
    )


def test_a_language_without_headings_gets_english_ones_marked_as_such() -> None:
    assert '<h2 lang="en">Results</h2>' in compose("", {"results": "Hecho."}, "es")
    assert "<h2>Les résultats</h2>" in compose("", {"results": "Fait."}, "fr-CA")


def test_each_language_of_the_site_names_each_section() -> None:
    assert {lang: set(names) for lang, names in SECTION_HEADINGS.items()} == {
        lang: set(SECTIONS) for lang in SITE_LANGUAGES
    }


def test_text_under_an_unknown_name_is_never_lost_in_silence() -> None:
    with pytest.raises(ValueError, match="lesson"):
        compose("", {"lesson": "x"}, "en")


@settings(deadline=None)
@given(st.text(), st.dictionaries(st.sampled_from(SECTIONS), st.text()))
def test_what_is_composed_is_already_sanitised(intro: str, sections: dict[str, str]) -> None:
    html = compose(intro, sections, "en")
    assert sanitise_html(html) == html


SPACES = ["\u00a0", "\u2009", "\u202f", "\u3000"]
MARKED = (
    "# Titre", "###### Titre", "- un\n- deux", "* un", "+ un", "1. un\n2. deux", "7) sept",
    "> cité", "> - a\n> # b", "- # x", "- - a", "texte\n# Titre\n- a", "- a\n  - b\n\n    1. c",
    "> un\nsuite\n> - deux", "1. a\n\n   # b", "| a |\n|---|\n| 1 |\n- x",
)  # fmt: skip


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("markdown", MARKED)
def test_another_space_after_a_mark_is_a_space(markdown: str, space: str) -> None:
    typed = re.sub(r"([-*+#>.)]) (?=\S)", rf"\1{space}", markdown)
    assert typed != markdown
    assert render(typed) == render(markdown)


@pytest.mark.parametrize(
    ("markdown", "kept"),
    [
        ("```\n#\u00a0x\n-\u00a0y\n```", "#&nbsp;x\n-&nbsp;y"),
        ("~~~\n>\u00a0x\n~~~", "&gt;&nbsp;x"),
        ("    #\u00a0x", "#&nbsp;x"),
        ("- a\n\n      #\u00a0x", "#&nbsp;x"),
        ("> ```\n> -\u00a0x\n> ```", "-&nbsp;x"),
        ("voir `-\u00a0x`", "<code>-&nbsp;x</code>"),
        ("10\u00a0000 - 5\u00a0%", "10&nbsp;000 - 5&nbsp;%"),
        ("a #\u00a0b", "a #&nbsp;b"),
        ("#######\u00a0b", "#######&nbsp;b"),
    ],
)
def test_other_spaces_stay_in_code_and_in_running_text(markdown: str, kept: str) -> None:
    assert kept in render(markdown)


@given(st.text(alphabet="#->1.` \n\t\u00a0a", max_size=40))
@settings(deadline=None)
def test_other_spaces_lose_no_letter(markdown: str) -> None:
    assume(not re.search("```[^\n]*a", markdown))  # what a fence says of its code is not shown
    assert re.sub("<[^>]*>", "", render(markdown)).count("a") == markdown.count("a")


PIECES = st.sampled_from(
    """a é 1 1. 2) - + * _ ** ~~ ` ``` ~~~ # ### > | |-| || :- = === --- *** [ ] ( ) ! [x] [x]: /u
    ![i](/i) [l](/l) <http://a.example> < & &amp; \\ \\* \" ' : ; @ $ % ^ { } . , http://a.example
    a-b a:b é’è — « »""".split()
)
TEXTS = st.lists(
    st.tuples(
        PIECES,
        st.sampled_from(
            ["", " ", "  ", "    ", "\u00a0", "\t", "\n", "\n    ", "\n\n    ", "  \n", "\n\n"]
        ),
    ),
    max_size=40,
).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))


@given(TEXTS | st.text(max_size=60))
@settings(max_examples=1000)
def test_what_is_read_faster_is_read_as_the_parser_reads_it(markdown: str) -> None:
    unchanged = body._reader()
    unchanged.block.ruler.disable("plain")
    unchanged.inline.ruler.at("text", text)
    unchanged.core.ruler.at("inline", inline)
    assert body._MARKDOWN.render(markdown) == unchanged.render(markdown)
