"""The piece of a text that shows why it was found, with the words marked."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from network.search import analysis, folding
from network.search.spotting import Spotter

LENGTH = 240
"""Characters of a snippet, more or less."""

_BREAKS = re.compile(r"[ \t\r\n]+")  # and not the no-break spaces of good typography
_SCANNED = 40_000
"""Characters of a text in which the best piece is looked for."""


class Highlighter:
    """Knows the words to mark: whole words in any language, and stems by language."""

    def __init__(self, words: Collection[str], stems: Mapping[str, Collection[str]]) -> None:
        self._words, self._stems = words, stems
        self._spotters: dict[str, Spotter] = {}
        self._seen: dict[str, dict[str, str | None]] = {code: {} for code in analysis.LANGUAGES}

    def title(self, text: str, lang: str) -> str:
        """A whole text as HTML with its words marked."""
        return _mark(text, 0, len(text), list(self._spans(text, lang)))

    def snippet(self, text: str, lang: str) -> str:
        """The best piece of a text as HTML; its beginning when nothing is in it."""
        spans = list(self._spans(text[:_SCANNED], lang))
        start, end = _best_window(text, spans)
        before = "… " if start > 0 else ""
        after = " …" if end < len(text) else ""
        return before + _mark(text, start, end, spans) + after

    def _spans(self, text: str, lang: str) -> Iterator[_Span]:
        if not self._words:
            return
        language = analysis.language(lang)
        seen = self._seen[language.code]
        for start, end in self._spotter(language).parts(text):
            for found in folding.SCANNER.finditer(text, start, end):
                raw = found[0]
                if raw not in seen:
                    seen[raw] = self._reason(raw, language)
                if stem := seen[raw]:
                    yield _Span(found.start(), found.end(), stem)

    def _spotter(self, language: analysis.Language) -> Spotter:
        """What finds the words of a language; made once for all texts of an answer."""
        spotter = self._spotters.get(language.code)
        if spotter is None:
            stems = self._stems.get(language.code, ())
            forms = {*self._words, *stems, *language.irregular(stems)}
            spotter = self._spotters[language.code] = Spotter(forms)
        return spotter

    def _reason(self, raw: str, language: analysis.Language) -> str | None:
        """The stem for which a piece of text is marked, if it is."""
        words, joined = analysis.piece(raw)
        wanted = self._stems.get(language.code, ())
        for word in (*words, joined) if joined else words:
            stem = language.stem(word)
            if word in self._words or (stem in wanted and word not in language.stop):
                return stem
        return None


class _Span(NamedTuple):
    start: int
    end: int
    stem: str


def _best_window(text: str, spans: Sequence[_Span]) -> tuple[int, int]:
    """Where most different words stand close together; the first such place."""
    if len(text) <= LENGTH:
        return _bounds(text, 0, len(text))
    best, place = (0, 0), 0
    for i, span in enumerate(spans):
        j = bisect_left(spans, span.start + LENGTH, key=lambda s: s.end)
        inside = spans[i:j]
        value = (len({s.stem for s in inside}), min(3, len(inside)))
        if value > best:
            best, place = value, i
    if not spans:
        return _bounds(text, 0, LENGTH)
    start = spans[place].start
    lead = max(0, start - LENGTH // 4)
    sentence = max(text.rfind(mark, lead, start) for mark in (". ", "! ", "? ", "\n"))
    begin = sentence + 1 if sentence >= 0 else lead
    return _bounds(text, begin, begin + LENGTH, spans[place].end)


def _bounds(text: str, start: int, end: int, least: int = 0) -> tuple[int, int]:
    """The range without cut words or outer spaces; at least up to `least`."""
    end = min(len(text), max(end, least))
    if 0 < start < len(text) and not text[start - 1].isspace():
        space = text.find(" ", start, end)
        start = space + 1 if 0 <= space < least else start
    if end < len(text):
        space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        end = space if space > max(start, least - 1) else end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _mark(text: str, start: int, end: int, spans: Sequence[_Span]) -> str:
    made, place = [], start
    for span in spans:
        if span.start < place or span.end > end:
            continue
        made += [escape(text[place : span.start]), "<mark>", escape(text[span.start : span.end])]
        made.append("</mark>")
        place = span.end
    return _BREAKS.sub(" ", "".join([*made, escape(text[place:end])]))
