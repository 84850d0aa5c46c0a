"""Where in a text some words could stand, so that the rest of it need not be taken apart.

Taking every word of ten long texts to its stem is most of the time of a search. But all forms of a
word begin with the letters of its stem: the text is looked through for these beginnings, as bytes
with a letter's accents gone, and only what lies there is read properly.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from network.search import folding

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


class Spotter:
    """Finds the parts of texts that can hold one of some words. forms: these words, their stems,
    and the forms of them that begin otherwise."""

    def __init__(self, forms: Collection[str]) -> None:
        # A number may hold spaces, and so may R & D: then everything is read.
        readable = all(form.isalpha() and form.isascii() for form in forms)
        self._pattern = _pattern({form[:BEGINNING] for form in forms}) if readable else None

    def parts(self, text: str) -> Iterator[tuple[int, int]]:
        """Beginning and end of each part of a text, between spaces, that may hold a word."""
        if self._pattern is None:
            yield 0, len(text)
            return
        folded = text.encode(_CODING, "replace").translate(_TABLE)
        end = -1
        for found in self._pattern.finditer(folded):
            if found.start() >= end:
                start = folded.rfind(b" ", 0, found.start()) + 1
                end = folded.find(b" ", found.start())
                end = len(text) if end < 0 else end
                yield start, end


def _pattern(beginnings: Collection[str]) -> re.Pattern[bytes]:
    """Any of these where a word begins, or _ODD. All first letters come first, which is fast."""
    rests = defaultdict(list)
    for beginning in sorted(beginnings):
        rests[beginning[:1]].append(beginning[1:])
    firsts = _alike("".join(rests))
    ways = [
        f"(?<=[{_alike(first)}])(?:{'|'.join(map(_spelt, after))})"
        for first, after in rests.items()
    ]
    begins = f"(?<![a-z0-9][{firsts}])(?:{'|'.join(ways)})" if ways else "(?!)"
    return re.compile(f"[{firsts}\x02](?:(?<=\x02)|{begins})".encode())


def _spelt(letters: str) -> str:
    return "".join(f"\x01*[{_alike(letter)}]" for letter in letters)


def _alike(letters: str) -> str:
    """The letters; y and i change places in many stems (fly, flies)."""
    return letters + "iy" if "i" in letters or "y" in letters else letters
