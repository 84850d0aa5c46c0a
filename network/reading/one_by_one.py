"""Work on the items of a feed, of which none may keep another from being read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from network.reading.words.text import cut, one_line

V = TypeVar("V")
R = TypeVar("R")

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that could not be read. title: what it is called, as far as that can be told, perhaps
    empty. why: what happened, for the node's log."""

    title: str
    why: str


def each(
    work: Callable[[V], R], values: Iterable[V], name: Callable[[V], object]
) -> tuple[list[R], list[LeftOut]]:
    """What the work makes of every value, and the values that it fails on.

    name: gives what the item of a value is called; what is no text counts as no name.
    Raises MemoryError, which is no item's fault.
    """
    done: list[R] = []
    left: list[LeftOut] = []
    for value in values:
        try:
            done.append(work(value))
        except Exception as error:  # whatever it is, it concerns this item
            if is_memory(error):
                raise
            left.append(left_out(error, value, name))
    return done, left


def left_out(error: Exception, value: V, name: Callable[[V], object]) -> LeftOut:
    """How an item that failed is told of."""
    title = ""
    with suppress(Exception):  # an item that cannot even be named
        called = name(value)
        title = cut(one_line(called), _LONGEST) if isinstance(called, str) else ""
    return LeftOut(title, repr(error)[:_LONGEST])


def is_memory(error: Exception) -> bool:
    """Whether what failed is that there is no memory left, perhaps met while handling another."""
    return isinstance(error, MemoryError) or isinstance(error.__context__, MemoryError)
