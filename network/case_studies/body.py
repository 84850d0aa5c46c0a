"""A study's text: the author's Markdown becomes safe HTML with the study's named sections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import escape

from network.catalogue.values import SECTIONS
from network.lib.languages import LANGUAGES
from network.lib.sanitise import sanitise_html, strip_control

Headings = Mapping[str, Mapping[str, str]]

SECTION_HEADINGS: Headings = MappingProxyType(
    {
        language.code: MappingProxyType(dict(zip(SECTIONS, language.sections, strict=True)))
        for language in LANGUAGES
        if language.sections
    }
)
"""language → section → heading. They belong to the text and travel with it, whatever the page."""


OTHER_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Spaces that look like one, for a class of a pattern; a Mac types U+00A0 with Alt and the bar."""
_OTHER_SPACE = re.compile(f"[{OTHER_SPACES}]")
_MARK = re.compile(rf"(?:#{{1,6}}|[-*+>]|[0-9]{{1,9}}[.)])(?=[{OTHER_SPACES}])")
MOST_MARKS = 5_000
"""Marks of which the space after them is put right: each costs a copy of the text."""


def _reader() -> MarkdownIt:
    options = {"html": False, "linkify": False}
    reader = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    reader.block.ruler.before("blockquote", "spaced_mark", _spaced_mark, ends)
    reader.block.ruler.before("table", "plain", _plain)
    reader.inline.ruler.at("text", _text)
    reader.core.ruler.at("inline", _inline)
    return reader


def _plain(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Take a line for a paragraph that begins with a letter and has nothing below it.

    Of most texts these are the most lines, and a dozen other rules would look at each in vain.
    """
    start = state.bMarks[line] + state.tShift[line]
    is_alone = line + 1 >= state.lineMax or state.isEmpty(line + 1)
    if not is_alone or not state.src[start].isalpha() or state.is_code_block(line):
        return False
    return paragraph(state, line, last, silent)


_MAY_MEAN = re.compile(r"[\n\\`~*_\[\]!<&]")
"""Where a rule of ours for what stands within lines can begin, or the name of a link end."""


def _inline(state: StateCore) -> None:
    """Look for what stands within lines where there is a sign of any."""
    for token in state.tokens:
        if token.type == "inline" and token.content and not _MAY_MEAN.search(token.content):
            token.children = [Token("text", "", 0, content=token.content)]
        elif token.type == "inline":
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _text(state: StateInline, silent: bool) -> bool:
    """Take words up to the next sign that means something here; the parser's own rule stops at
    each that means something in any dialect, such as hyphens and colons."""
    found = _MAY_MEAN.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _spaced_mark(state: StateBlock, line: int, _last: int, _silent: bool) -> bool:
    """Put a space after a mark of a heading, list or quotation that another space follows.

    A rule of the parser, because only the parser knows what is code. It matches nothing itself:
    the rules after it see the mark as CommonMark wants it.
    """
    start = state.bMarks[line] + state.tShift[line]
    quoted = start > 0 and state.src[start - 1] == ">" and _OTHER_SPACE.match(state.src, start)
    if quoted:  # within a quotation, whose own rule read the mark of this line
        state.bMarks[line] = start = start + 1
        state.tShift[line] = state.sCount[line] = 0
    found = _MARK.match(state.src, start, state.eMarks[line])
    done = state.env.setdefault("marks", 0)
    if found and done < MOST_MARKS and not state.is_code_block(line):
        state.env["marks"] = done + 1
        state.src = f"{state.src[: found.end()]} {state.src[found.end() + 1 :]}"
    return False


_MARKDOWN, _WITHOUT_LINKS = _reader(), _reader().disable(["link", "image"])
LONGEST = 200_000
"""Characters of Markdown that are read; no text of that length can be published anyway."""
MOST_BRACKETS = 4_000
"""Beyond these no brackets are links: looking for the end of each costs a second per 30,000."""


def render(markdown: str, top: int = 3) -> str:
    """CommonMark with tables and ~~deletions~~ as sanitised HTML; HTML in it is shown as text.

    top: the level of its outermost headings. Levels that the author skipped are closed up, so that
    the outline of the page has no gap whichever level they began with.
    """
    return str(sanitise_html(_rendered(markdown, top)))


def _rendered(markdown: str, top: int) -> str:
    """The same as the parser writes it, which nobody has sanitised."""
    text = strip_control(markdown[:LONGEST])
    tokens = (_MARKDOWN if text.count("[") <= MOST_BRACKETS else _WITHOUT_LINKS).parse(text)
    _shift_headings(tokens, top)
    for token in tokens:
        if token.type == "th_open":
            token.attrSet("scope", "col")
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _shift_headings(tokens: Sequence[Token], top: int) -> None:
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1:])
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, top + len(above) - 1)}"


def compose(
    intro: str,
    sections: Mapping[str, str],
    lang: str,
    headings: Headings = SECTION_HEADINGS,
) -> str:
    """The whole text as HTML: the introduction, then each section that has words, under its h2.

    intro, sections: Markdown; section names are those of `SECTIONS`. lang: BCP 47; a language
    without headings of its own gets the English ones, marked as English.
    Raises ValueError for a section of another name, whose text would otherwise be lost.
    """
    if unknown := set(sections) - set(SECTIONS):
        raise ValueError(f"no such section: {', '.join(sorted(unknown))}")
    primary = lang.split("-")[0].lower()
    known = primary in headings
    names, mark = headings[primary if known else "en"], "" if known else ' lang="en"'
    parts = [_rendered(intro, top=2)] + [
        f'<section id="{name}"><h2{mark}>{escape(names[name])}</h2>\n{html}</section>\n'
        for name in SECTIONS
        if (html := _rendered(sections.get(name, ""), top=3))
    ]
    return str(sanitise_html("".join(parts)))
