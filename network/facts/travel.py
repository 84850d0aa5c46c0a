"""Facts on their way: tidied, in JSON, and as the texts of an entry's elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from network.facts import declared
from network.facts.links import Link
from network.facts.values import Facts


def tidy(facts: Facts) -> Facts:
    """The facts as they travel: what this version does not understand counts as missing."""
    return Facts(**{fact.name: fact.kind.tidy(value) for fact, value in facts.known()})


def to_json(facts: Facts) -> dict[str, Any]:
    """Only what is known; decimals as text, so that no digit is lost."""
    return {fact.name: fact.kind.to_json(value) for fact, value in facts.known()}


def of_json(stored: Mapping[str, Any]) -> Facts:
    """The inverse of to_json; keys that this version does not know are passed over."""
    known = declared.FACTS
    return Facts(
        **{name: known[name].kind.of_json(value) for name, value in stored.items() if name in known}
    )


def elements(facts: Facts) -> Iterator[tuple[str, str]]:
    """(name, text) of an entry's elements: facts of one value first, then those of several, each in
    the order of the declarations."""
    for fact, value in sorted(facts.known(), key=lambda each: each[0].kind.several):
        if not fact.kind.is_link:
            yield from ((fact.in_entry, text) for text in fact.kind.texts(value))


def links(facts: Facts) -> Iterator[tuple[str, Link]]:
    """(relation, link) of an entry's links."""
    for fact, value in facts.known():
        if fact.kind.is_link:
            yield from ((fact.in_entry, link) for link in value)


def of_entry(texts: Mapping[str, Sequence[str]], links: Callable[[str], tuple[Link, ...]]) -> Facts:
    """The inverse, not tidied yet. texts: of elements by name. links: of a relation."""
    values: dict[str, Any] = {}
    for name, fact in declared.FACTS.items():
        if fact.kind.is_link:
            values[name] = links(fact.in_entry)
        elif fact.in_entry in texts:
            values[name] = fact.kind.of_texts(texts[fact.in_entry])
    return Facts(**values)
