"""The piece of a text that shows why it was found, with the words marked.

Taking every word of ten long texts to its stem is most of the time of a search. But all forms of a
word begin with the letters of its stem: the text is looked through for these beginnings, as bytes
with a letter's accents gone, and only what lies there is read properly.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from network.search import analysis, folding

LENGTH = 240
"""Characters of a snippet, more or less."""

_BREAKS = re.compile(r"[ \t\r\n]+")  # and not the no-break spaces of good typography
_SCANNED = 40_000
"""Characters of a text in which the best piece is looked for."""

BEGINNING = 3
"""Letters that all forms of a word share."""

_CODING = "cp1252"
"""One byte for each character of French and English typography, and “?” for any other."""
_JOIN, _ODD = b"\x01", b"\x02"
"""What may stand within a word, and what hides which letter it is."""


def _folded(code: int) -> bytes:
    character = bytes([code]).decode(_CODING, "replace")
    if character.isspace():
        return b" "
    if character.isalnum():
        folded = folding.fold(character)
        return folded.encode() if len(folded) == 1 and folded.isascii() else _ODD
    return _ODD if character in "?\ufffd" else _JOIN


_TABLE = b"".join(map(_folded, range(256)))


class Highlighter:
    """Knows the words to mark: whole words in any language, and stems by language."""

    def __init__(self, words: Collection[str], stems: Mapping[str, Collection[str]]) -> None:
        self._words, self._stems = words, stems
        self._patterns: dict[str, re.Pattern[bytes] | None] = {}
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
        for start, end in _parts(text, self._pattern(language)):
            for found in folding.SCANNER.finditer(text, start, end):
                raw = found[0]
                if raw not in seen:
                    seen[raw] = self._reason(raw, language)
                if stem := seen[raw]:
                    yield _Span(found.start(), found.end(), stem)

    def _pattern(self, language: analysis.Language) -> re.Pattern[bytes] | None:
        """What finds where the words of a language may be; made once for all texts of an answer."""
        if language.code not in self._patterns:
            stems = self._stems.get(language.code, ())
            forms = {*self._words, *stems, *language.irregular(stems)}
            # A number may hold spaces, and so may R & D: then everything is read.
            readable = all(form.isalpha() and form.isascii() for form in forms)
            beginnings = {form[:BEGINNING] for form in forms}
            self._patterns[language.code] = _beginning_so(beginnings) if readable else None
        return self._patterns[language.code]

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


def _parts(text: str, pattern: re.Pattern[bytes] | None) -> Iterator[tuple[int, int]]:
    """Beginning and end of each part of a text, between spaces, that may hold a word."""
    if pattern is None:
        yield 0, len(text)
        return
    folded = text.encode(_CODING, "replace").translate(_TABLE)
    end = -1
    for found in pattern.finditer(folded):
        if found.start() >= end:
            start = folded.rfind(b" ", 0, found.start()) + 1
            end = folded.find(b" ", found.start())
            end = len(text) if end < 0 else end
            yield start, end


def _beginning_so(beginnings: Collection[str]) -> re.Pattern[bytes]:
    """Any of these where a word begins, or _ODD. All first letters come first, which is fast."""
    rests = defaultdict(list)
    for beginning in sorted(beginnings):
        rests[beginning[:1]].append(beginning[1:])
    firsts = _alike("".join(rests))
    spelt = {
        first: ("".join(f"\x01*[{_alike(letter)}]" for letter in rest) for rest in after)
        for first, after in rests.items()
    }
    ways = [f"(?<=[{_alike(first)}])(?:{'|'.join(after)})" for first, after in spelt.items()]
    begins = f"(?<![a-z0-9][{firsts}])(?:{'|'.join(ways)})" if ways else "(?!)"
    return re.compile(f"[{firsts}\x02](?:(?<=\x02)|{begins})".encode())


def _alike(letters: str) -> str:
    """The letters; y and i change places in many stems (fly, flies)."""
    return letters + "iy" if "i" in letters or "y" in letters else letters
