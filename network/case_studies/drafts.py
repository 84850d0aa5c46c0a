"""What an author types: one study with its texts, before anybody else sees it.

Plain values. A draft may be as unfinished as its author likes; `problems` says what publication
still needs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from network.catalogue.values import SECTIONS, SITE_LANGUAGES, TranslationKind
from network.facts import checks, links, travel, typed
from network.facts.kinds import Problem, problem
from network.facts.lines import typed_line
from network.facts.links import LINKS, Link
from network.facts.values import Facts
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.lib.text import clean, said, slug
from network.seen import is_blank

MARKDOWN = ("body", *SECTIONS)
"""Fields of a text that hold Markdown. body: the introduction, before the named sections."""
LONGEST = MappingProxyType(
    {"title": 200, "slug": 100, "summary": 300, "legal_basis": 5_000, "contact_role": 300}
    | dict.fromkeys(MARKDOWN, 200_000)
)
"""Characters that a published text may have, by field."""
LONGEST_STORED_SLUG = 120

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class TextDraft:
    """The study in one language. slug: empty until publication makes one of the title.

    outdated_since: the original changed then, and this translation has not followed.
    """

    title: str = ""
    slug: str = ""
    summary: str = ""
    body: str = ""
    problem: str = ""
    approach: str = ""
    results: str = ""
    lessons: str = ""
    legal_basis: str = ""
    contact_role: str = ""
    translation: TranslationKind = "original"
    outdated_since: datetime | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing is written in this language."""
        return all(is_blank(getattr(self, name)) for name in WORDS)

    def says_the_same(self, other: TextDraft) -> bool:
        """Whether a reader would read the same words in both."""
        return all(getattr(self, name) == getattr(other, name) for name in WORDS)


TEXTS = tuple(f.name for f in fields(TextDraft) if f.type == "str")
"""Names of the fields that hold text."""
WORDS = tuple(name for name in TEXTS if name != "slug")
"""Those that a reader reads and a translator translates."""
FIELDS = tuple(f.name for f in fields(TextDraft))
"""All of them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A study as its author types it. texts: language → text, the original's among them.

    city, topics: English slugs of the vocabularies. unreadable: what was typed where a figure or
    a known city was expected, by name; it stops publication and is lost by nothing.
    """

    original_lang: str
    city: str | None = None
    topics: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    inspired_by: tuple[Link, ...] = ()
    texts: Mapping[str, TextDraft] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def original(self) -> TextDraft:
        """The text that the others are translations of."""
        return self.texts.get(self.original_lang, TextDraft())

    @property
    def translations(self) -> Mapping[str, TextDraft]:
        """The other texts."""
        return {lang: text for lang, text in self.texts.items() if lang != self.original_lang}


def tidy(draft: Draft) -> Draft:
    """The draft as it is stored. Words, spaces within lines and Unicode forms stay as typed.

    Line ends become line feeds, blank lines around a text go, characters that no database holds
    go; the original is marked as such, the others as translations, and empty ones are left out.
    Raises InvalidInput for a language that is none.
    """
    facts, unreadable = typed.tidy(draft.facts, draft.unreadable)
    city, unknown = typed_line(draft.city or ""), typed_line(draft.unreadable.get("city", ""))
    return Draft(
        original_lang=_tag(draft.original_lang),
        city=city or None,
        topics=tuple(dict.fromkeys(t for t in map(typed_line, draft.topics) if t)),
        facts=facts,
        inspired_by=links.read(links.plain(draft.inspired_by)),
        texts=dict(_tidy_texts(draft)),
        unreadable=unreadable | ({"city": unknown} if unknown and not city else {}),
    )


def _tidy_texts(draft: Draft) -> Iterable[tuple[str, TextDraft]]:
    for lang in sorted({*draft.texts, draft.original_lang}):
        text = _tidy_text(draft.texts.get(lang, TextDraft()))
        if lang == draft.original_lang:
            yield lang, replace(text, translation="original", outdated_since=None)
        elif not text.blank:
            yield _tag(lang), text if text.translation == "machine" else _by_a_person(text)


def _by_a_person(text: TextDraft) -> TextDraft:
    return replace(text, translation="human")


def _tidy_text(text: TextDraft) -> TextDraft:
    tidied: dict[str, Any] = {name: typed_line(getattr(text, name)) for name in TEXTS}
    tidied |= {name: _lines(getattr(text, name)) for name in (*MARKDOWN, "legal_basis")}
    tidied["slug"] = tidied["slug"][:LONGEST_STORED_SLUG]
    since = text.outdated_since
    tidied["outdated_since"] = since and since.astimezone(UTC).replace(microsecond=0)
    return TextDraft(translation=text.translation, **tidied)


def _lines(text: str) -> str:
    lines = said(clean(text)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip(" \t")]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""


def _tag(lang: str) -> str:
    if len(lang) > 35 or not _TAG.fullmatch(lang):
        raise InvalidInput(N_("“%(lang)s” is not the tag of a language."), "lang", lang=lang)
    return lang


def follow(
    before: Draft, after: Draft, now: datetime, *, minor: bool, confirmed: Collection[str] = ()
) -> Draft:
    """`after` with its marks of outdated translations, which an author does not set by hand.

    A changed original outdates the translations that did not change with it, unless the change is
    minor. Editing a translation, or confirming that it still holds, takes its mark away.
    """
    outdates = not minor and not before.original.blank and before.original_lang in after.texts
    outdates = outdates and not after.original.says_the_same(before.original)
    texts = dict(after.texts)
    for lang, text in after.translations.items():
        old = before.texts.get(lang)
        edited = old is None or lang in confirmed or not text.says_the_same(old)
        since = None if edited or old is None else old.outdated_since or (now if outdates else None)
        texts[lang] = replace(text, outdated_since=since)
    return replace(after, texts=texts)


def keep_slugs(stored: Draft, typed: Draft) -> Draft:
    """`typed` with the slugs of `stored` where it has none: a published page keeps its address."""
    texts = {
        lang: text if text.slug else replace(text, slug=stored.texts.get(lang, text).slug)
        for lang, text in typed.texts.items()
    }
    return replace(typed, texts=texts)


def slug_of(text: TextDraft) -> str:
    """The slug that was chosen, or else one made of the title."""
    return text.slug or slug(text.title) or "study"


def problems(
    draft: Draft,
    cities: Collection[str] | None = None,
    topics: Collection[str] | None = None,
) -> list[Problem]:
    """What stops publication, in the order of the form; nothing of it stops saving.

    Fields of a text are named language.field, such as “fr.title”. cities, topics: known slugs;
    None leaves that unchecked.
    """
    original_first = [draft.original_lang, *sorted({*draft.texts} - {draft.original_lang})]
    found = [each for lang in original_first for each in _text_problems(draft, lang)]
    if city := draft.unreadable.get("city"):
        found.append(_unknown_city(city))
    elif draft.city is not None and cities is not None and draft.city not in cities:
        found.append(_unknown_city(draft.city))
    for topic in draft.topics:
        if topics is not None and topic not in topics:
            found.append(problem("topics", N_("“%(topic)s” is not a topic we know."), topic=topic))
    found += checks.problems(draft.facts, draft.unreadable)
    found += LINKS.problems("inspired_by", draft.inspired_by)
    return found


UNKNOWN_CITY = N_("“%(city)s” is no city here yet. Add it, or choose another.")


def _unknown_city(name: str) -> Problem:
    return problem("city", UNKNOWN_CITY, city=name)


def _text_problems(draft: Draft, lang: str) -> Iterable[Problem]:
    text = draft.texts.get(lang, TextDraft())
    if lang not in SITE_LANGUAGES:
        yield problem(
            f"{lang}.title", N_("This site publishes in French and in English, not in “%(lang)s”."),
            lang=lang,
        )  # fmt: skip
    if is_blank(text.title):
        yield problem(f"{lang}.title", N_("Give the study a title."))
    if lang == draft.original_lang and is_blank(text.summary):
        yield problem(f"{lang}.summary", N_("Sum the study up in one or two sentences."))
    for name, most in LONGEST.items():
        if len(getattr(text, name)) > most:
            yield problem(
                f"{lang}.{name}", N_("This has %(length)s characters; at most %(most)s fit."),
                length=len(getattr(text, name)), most=most,
            )  # fmt: skip
    if text.slug and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text.slug):
        yield problem(
            f"{lang}.slug", N_("Use small letters without accents, digits and hyphens only.")
        )


def to_json(draft: Draft) -> dict[str, Any]:
    """For a revision's snapshot; what is empty is left out."""
    return {
        "original_lang": draft.original_lang,
        "city": draft.city,
        "topics": list(draft.topics),
        "facts": travel.to_json(draft.facts),
        "inspired_by": LINKS.to_json(draft.inspired_by),
        "texts": {lang: _text_to_json(text) for lang, text in draft.texts.items()},
        "unreadable": dict(draft.unreadable),
    }


def _text_to_json(text: TextDraft) -> dict[str, str]:
    given = {name: getattr(text, name) for name in (*TEXTS, "translation")}
    if text.outdated_since:
        given["outdated_since"] = text.outdated_since.isoformat()
    return {name: value for name, value in given.items() if value}


def from_json(stored: Mapping[str, Any]) -> Draft:
    """The inverse of to_json; fields that this version does not know are passed over."""
    return Draft(
        original_lang=stored["original_lang"],
        city=stored.get("city"),
        topics=tuple(stored.get("topics", ())),
        facts=travel.of_json(stored.get("facts", {})),
        inspired_by=LINKS.of_json(stored.get("inspired_by", [])),
        texts={lang: _text_from_json(text) for lang, text in stored.get("texts", {}).items()},
        unreadable=dict(stored.get("unreadable", {})),
    )


def _text_from_json(stored: Mapping[str, Any]) -> TextDraft:
    given = {name: stored[name] for name in (*TEXTS, "translation") if name in stored}
    since = stored.get("outdated_since")
    return TextDraft(**given, outdated_since=datetime.fromisoformat(since) if since else None)
