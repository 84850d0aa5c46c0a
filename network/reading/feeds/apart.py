"""Reads a feed over some of whose items its reader stumbles without these, whatever of the reading
it is that fails.

Which they are is found by halves: the feed is read with some of its items alone. Most failures
never come here, because they are met where a single item is in hand (one_by_one).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from network.lib.errors import RemoteError
from network.reading.feeds.jsonfeed import load, looks_like_json
from network.reading.one_by_one import is_memory, left_out
from network.reading.values import ForeignFeed
from network.reading.words.text import title_in

MOST = 50
"""Items that may be left out so; of a feed with more, it is not the items that are wrong."""


def read(text: str, reader: Callable[[str], ForeignFeed]) -> ForeignFeed:
    """What the reader makes of the feed, of its items those over which it does not stumble.

    Raises RemoteError when the reader refuses the feed, and what it raises when nothing is left.
    """
    try:
        return reader(text)
    except RemoteError:
        raise
    except Exception as error:
        if is_memory(error):
            raise
        parts = _parts(text)
        search = _Search(parts, reader)
        search.look(range(len(parts.items)))
        good = [number for number in range(len(parts.items)) if number not in search.found]
        if not search.found or not good:
            raise
        feed = reader(parts.only(good))
        left = [left_out(why, parts.items[n], parts.name) for n, why in search.found.items()]
        return replace(feed, left_out=(*left, *feed.left_out))


@dataclass(frozen=True, slots=True)
class _Parts:
    """A feed's items, and how to write it with some of them alone. name: what an item is called."""

    items: Sequence[str]
    only: Callable[[Sequence[int]], str]
    name: Callable[[str], str]


class _Search:
    """Which items the reader fails on, and how it does. Raises that when they are too many."""

    def __init__(self, parts: _Parts, reader: Callable[[str], ForeignFeed]) -> None:
        self.parts, self.reader = parts, reader
        self.found: dict[int, Exception] = {}

    def look(self, numbers: Sequence[int]) -> None:
        """Look for them among these."""
        try:
            self.reader(self.parts.only(numbers))
        except Exception as error:
            if is_memory(error) or len(self.found) == MOST:
                raise
            if len(numbers) < 2:
                self.found |= dict.fromkeys(numbers, error)
                return
        else:
            return
        half = len(numbers) // 2
        self.look(numbers[:half])
        self.look(numbers[half:])


def _parts(text: str) -> _Parts:
    return _of_json(text) if looks_like_json(text) else _of_xml(text)


def _of_json(text: str) -> _Parts:
    source = load(text)
    items = [json.dumps(item) for item in source["items"]]

    def only(numbers: Sequence[int]) -> str:
        return json.dumps(source | {"items": [source["items"][number] for number in numbers]})

    return _Parts(items, only, lambda item: str(json.loads(item)["title"]))


_MARK = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    r"|<(?P<end>/?)(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>",
    re.S | re.I,
)


def _of_xml(text: str) -> _Parts:
    spans = _spans(text)
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    between = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    items = [text[start:end] for start, end in spans]

    def only(numbers: Sequence[int]) -> str:
        kept = set(numbers)
        pieces = [
            gap + (item if number in kept else "")
            for number, (gap, item) in enumerate(zip(between, items, strict=False))
        ]
        return "".join([*pieces, between[-1]])

    return _Parts(items, only, title_in)


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the items begin and end."""
    spans, depth, start = [], 0, 0
    for mark in _MARK.finditer(text):
        if mark["end"] is None or mark[0].endswith("/>"):
            continue
        if not mark["end"]:
            start = start if depth else mark.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                spans.append((start, mark.end()))
    return spans
