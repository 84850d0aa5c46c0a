"""What feedparser passes over in an XML feed: when it asks to be left alone, and media's captions.

Found on the way, while the document is looked at before feedparser may see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from network.reading.words.text import cut, one_line

MEDIA = (
    *("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"),
    *("https://search.yahoo.com/mrss/", "https://search.yahoo.com/mrss"),
)
LONGEST_CAPTION = 200
MOST_CAPTIONS = 20_000
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEPT = 1_000
"""Characters of an element's text that are gathered."""


@dataclass(slots=True)
class _Frame:
    """An open element in which media files may stand. said: its own title and description."""

    urls: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


class Extras:
    """captions: address of a media file or thumbnail, as written → the words that stand for it.

    hours, days: of skipHours and skipDays; a day by its number, Monday 0.
    """

    def __init__(self) -> None:
        self.captions: dict[str, str] = {}
        self.hours: set[int] = set()
        self.days: set[int] = set()
        self._open: list[tuple[str, _Frame | None]] = []
        self._words: list[str] | None = None
        self._length = 0

    def start(self, name: str, attributes: Sequence[str]) -> None:
        """An element begins; its attributes are names and values in turn."""
        uri, _, local = name.rpartition(" ")
        kind = f"media:{local}" if uri in MEDIA else local.lower()
        framing = kind in ("item", "entry", "media:group", "media:content", "media:thumbnail")
        self._open.append((kind, _Frame() if framing else None))
        self._words, self._length = ([] if kind in _TEXTS else None), 0
        if kind in ("media:content", "media:thumbnail"):
            url = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("url", "").strip()
            for _, frame in self._open:
                if frame and url:
                    frame.urls.append(url)

    def text(self, data: str) -> None:
        """Characters of the element that began last."""
        if self._words is not None and self._length < _KEPT:
            self._words.append(data)
            self._length += len(data)

    def end(self) -> None:
        """The element that began last, of those still open, ends."""
        kind, frame = self._open.pop()
        said, self._words = one_line("".join(self._words or ())[:_KEPT]), None
        if frame:
            self._caption(frame)
        elif said and self._open:
            around, outer = self._open[-1]
            if outer and kind in _CAPTIONS:
                outer.said.setdefault(kind, said)
            self._quiet(f"{around} {kind}", said.lower())

    def _caption(self, frame: _Frame) -> None:
        """The words of the innermost element count; those around hold for what says nothing."""
        said = next((frame.said[kind] for kind in _CAPTIONS if kind in frame.said), None)
        for url in frame.urls if said else ():
            if said and len(self.captions) < MOST_CAPTIONS:
                self.captions.setdefault(url, cut(said, LONGEST_CAPTION))

    def _quiet(self, place: str, said: str) -> None:
        if place == "skiphours hour" and re.fullmatch("[0-9]{1,2}", said):
            self.hours.add(int(said) % 24)
        elif place == "skipdays day" and said in _DAYS:
            self.days.add(_DAYS.index(said))

    @property
    def quiet(self) -> tuple[int, ...]:
        """Hours of the week, from Monday 0 h UTC, in which the feed is not to be asked.

        None of them if they are all: who publishes a feed means it to be read.
        """
        hours = [h for h in range(168) if h // 24 in self.days or h % 24 in self.hours]
        return tuple(hours) if len(hours) < 168 else ()


_CAPTIONS = ("media:title", "media:description")
_TEXTS = (*_CAPTIONS, "hour", "day")
