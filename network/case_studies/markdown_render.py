"""A study as Markdown files with front matter, one per language (docs/import-export.md). Pure.

Nothing that a draft holds is lost: reading what is written here gives the same draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from network.case_studies.body import OTHER_SPACES
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import SECTIONS
from network.facts import links, typed
from network.lib import languages, yaml_text

STATES = ("published", "draft", "changed", "withdrawn")
"""Values of `state`. changed: published, with saved changes that readers do not see yet."""

_NAMES = "|".join(SECTIONS)
OF_TEXT = ("legal_basis", "contact_role")
"""Short texts that each language has of its own, in the front matter."""

_GAP = rf"[ \t{OTHER_SPACES}]"
HEADING = re.compile(rf"#{{1,6}}{_GAP}(?:.*{_GAP})?\{{#({_NAMES})\}}{_GAP}*")
ESCAPED = re.compile(rf"\\+#{{1,6}}{_GAP}(?:.*{_GAP})?\{{#(?:{_NAMES})\}}{_GAP}*")


@dataclass(frozen=True, slots=True)
class StudyMeta:
    """What an exported study says beside its draft.

    published: when it first appeared. state: one of STATES. is_said: a file says that state.
    city: all that is said of its city, where other nodes cannot know it.
    """

    id: str
    state: str = "published"
    published: datetime | None = None
    withdrawal_reason: str = ""
    is_said: bool = False
    city: Mapping[str, str] = field(default_factory=dict)


def render(draft: Draft, lang: str, meta: StudyMeta) -> str:
    """The file of one language. The original's carries the facts."""
    text = draft.texts[lang]
    lines = ["---", *_front_of_text(text, lang, meta)]
    if lang == draft.original_lang:
        lines += [*_front_of_facts(draft, meta.city), *_front_of_study(meta)]
    parts = [_escape(text.body)] if text.body else []
    names = languages.row(lang).files or languages.ENGLISH.files
    for section, heading in zip(SECTIONS, names, strict=True):
        if words := getattr(text, section):
            parts.append(f"## {heading} {{#{section}}}\n\n{_escape(words)}")
    return "\n".join([*lines, "---", ""]) + "".join(f"{part}\n\n" for part in parts)[:-1]


def _front_of_text(text: TextDraft, lang: str, meta: StudyMeta) -> Iterable[str]:
    yield f"id: {meta.id}"
    yield f"lang: {yaml_text.scalar(lang)}"
    yield f"title: {yaml_text.quoted(text.title)}"
    yield f"slug: {yaml_text.scalar(text.slug)}"
    yield f"summary: {yaml_text.quoted(text.summary)}"
    yield f"translation: {text.translation}"
    if text.outdated_since:
        yield f"outdated_since: {_moment_text(text.outdated_since)}"
    for name in OF_TEXT:
        if words := getattr(text, name):
            yield f"{name}: {yaml_text.quoted(words)}"


def _front_of_facts(draft: Draft, place: Mapping[str, str]) -> Iterable[str]:
    if place:
        said = {name: yaml_text.quoted(text) for name, text in place.items()}
        yield f"city: {yaml_text.paired(said)}"
    elif city := draft.city or draft.unreadable.get("city"):
        yield f"city: {yaml_text.scalar(city)}"
    if draft.topics:
        yield f"topics: {yaml_text.listed([yaml_text.scalar(t) for t in draft.topics])}"
    for key, value in typed.to_file(draft.facts, draft.unreadable):
        yield f"{key}:{value}"
    if draft.inspired_by:
        yield f"inspired_by:{links.in_file(links.plain(draft.inspired_by), 'href')}"


def _front_of_study(meta: StudyMeta) -> Iterable[str]:
    if meta.published:
        yield f"published: {_moment_text(meta.published)}"
    if meta.state != "published":
        yield f"state: {meta.state}"
    if meta.withdrawal_reason:
        yield f"withdrawal_reason: {yaml_text.quoted(meta.withdrawal_reason)}"


def _moment_text(moment: datetime) -> str:
    """A date alone for midnight UTC, else the moment (RFC 3339)."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d}" if f"{utc:%H%M%S}" == "000000" else f"{utc:%Y-%m-%dT%H:%M:%SZ}"


def _escape(markdown: str) -> str:
    """A line of the author's own that looks like the heading of a section gets a backslash."""
    return "\n".join(
        f"\\{line}" if HEADING.fullmatch(line) or ESCAPED.fullmatch(line) else line
        for line in markdown.split("\n")
    )
