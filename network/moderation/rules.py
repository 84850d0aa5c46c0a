"""What of a followed site is shown before a person has read it: pure, so that each case is a test.

Decision 10 says why the rules are as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from network.catalogue.values import Version
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.lib.markup import Tag, Words, tokens
from network.lib.text import clean

Mode = Literal["publish", "hold", "publish-some", "hold-some"]
MODES: tuple[Mode, ...] = get_args(Mode)
MOST_NEW = 0.1
"""Up to this share of an approved text may be new before a person reads it again."""
SHORTEST = 30
"""Sequences that the shortest text is reckoned to have, so that one word of it may change."""


@dataclass(frozen=True, slots=True)
class Rule:
    """publish: everything is shown at once. hold: everything waits for a person. publish-some:
    only what is about one of these topics or cities or in one of these languages is shown at once.
    hold-some: only that waits.

    topics: slugs. languages: BCP 47; `pt` is Brazilian Portuguese too. cities: slugs of ours.
    """

    mode: Mode = "publish"
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()

    def lets_through(self, version: Version, city: str | None) -> bool:
        """Whether the version is shown without a person.

        city: slug of the city of ours that it is about, which its feed may call otherwise.
        """
        if self.mode in ("publish", "hold"):
            return self.mode == "publish"
        return self._is_named(version, city) == (self.mode == "publish-some")

    def _is_named(self, version: Version, city: str | None) -> bool:
        spoken = {version.lang.lower(), version.lang.lower().partition("-")[0]}
        return (
            city in self.cities
            or not spoken.isdisjoint(self.languages)
            or not set(version.topics).isdisjoint(self.topics)
        )


def make_rule(
    mode: str,
    topics: Iterable[str] = (),
    languages: Iterable[str] = (),
    cities: Iterable[str] = (),
) -> Rule:
    """A rule as somebody chose it; without topics, languages and cities where it needs none.

    Raises InvalidInput.
    """
    chosen = next((each for each in MODES if each == mode), None)
    if chosen is None:
        raise InvalidInput(N_("Choose what is shown at once."), "mode")
    if chosen in ("publish", "hold"):
        return Rule(chosen)
    about, places = tuple(sorted(set(topics))), tuple(sorted(set(cities)))
    spoken = tuple(sorted({clean(tag).strip().lower() for tag in languages} - {""}))
    if not (about or spoken or places):
        raise InvalidInput(N_("Choose at least one topic, one city or one language."), "topics")
    return Rule(chosen, about, spoken, places)


def novelty(before: Version, after: Version) -> float:
    """How much of a changed text a person has not read, from 0 (nothing) to 1.

    The share of its sequences of three words that the text before did not have: what is only taken
    out is hardly new, and words in another order are. 1 when the title or the summary is another,
    or when a link leads where none did.
    """
    if (before.title, before.summary) != (after.title, after.summary):
        return 1.0
    if set(targets(after)) - set(targets(before)):
        return 1.0
    found, known = Counter(_sequences(after)), Counter(_sequences(before))
    return sum((found - known).values()) / max(SHORTEST, found.total())


def targets(version: Version) -> Iterator[str]:
    """Where the version's links and pictures lead, mailboxes included."""
    for token in tokens(version.body_html):
        if isinstance(token, Tag):
            yield from (token.attributes[n] for n in ("href", "src") if n in token.attributes)
    yield from (link.href for link in version.inspired_by)
    for fact, value in version.facts.known():
        yield from fact.kind.targets(value)


def _sequences(version: Version) -> Iterator[tuple[str, str, str]]:
    words = _words(version)
    yield from zip(words, words[1:], words[2:], strict=False)


def _words(version: Version) -> list[str]:
    """Everything that is read as words, with marks where a part ends."""
    body = " ".join(t.text for t in tokens(version.body_html) if isinstance(t, Words))
    parts = [body, version.legal_basis, version.contact_role]
    for fact, value in version.facts.known():
        parts += fact.kind.own_words(value)
    parts += [link.title for link in version.inspired_by]
    return [word for part in parts if part.strip() for word in (*part.split(), "\n")]
