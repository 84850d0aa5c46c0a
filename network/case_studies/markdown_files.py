"""Reads one Markdown file with front matter as one text of a study (docs/import-export.md). Pure.

Lenient where people write by hand; whatever cannot be used is named, with what to do about it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from network.case_studies import body, drafts, front_matter
from network.case_studies.drafts import TextDraft
from network.case_studies.markdown_render import ESCAPED, HEADING, OF_TEXT, STATES, StudyMeta
from network.catalogue.values import SITE_LANGUAGES
from network.facts import typed
from network.facts.lines import typed_line
from network.lib.errors import InvalidInput
from network.lib.i18n import N_, language_name
from network.lib.sanitise import plain_text
from network.seen import is_blank

_LANGUAGES = {
    language_name(code, lang).lower(): code for code in SITE_LANGUAGES for lang in SITE_LANGUAGES
}
_ALIASES = MappingProxyType(
    {
        "date": "published",
        "description": "summary",
        "inspired-by": "inspired_by",
        "language": "lang",
    }
)
"""Other makers' names for our keys."""
_OF_STUDY = ("published", "state", "draft", "withdrawal_reason")
_OF_FILE = ("id", "lang", "title", "slug", "summary", "translation", "outdated_since", *OF_TEXT)
_BESIDE_FACTS = ("city", "topics", "tags", "inspired_by")
_TEXTS = frozenset(("title", "summary", "description", "withdrawal_reason", *OF_TEXT))
"""Keys whose line is a text for people: whatever signs stand in it, it is all of it."""


@dataclass(frozen=True, slots=True)
class File:
    """One file as read. given: facts and the study's own keys as they were typed.

    translation: None when the file does not say. unknown: keys that mean nothing to us.
    """

    name: str
    id: str | None
    lang: str
    text: TextDraft
    translation: str | None
    given: Mapping[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    summary_made: bool = False


def parse(content: str, name: str) -> File:
    """One file. name: its path relative to the folder. Raises InvalidInput with what to do."""
    text = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    parts = front_matter.split(text)
    if parts is None:
        raise InvalidInput(
            N_("The file has no front matter: begin it with the lines “---”, “title: …” and “---”.")
        )
    given = _by_our_names(
        front_matter.load(parts[0], _TEXTS, (*_BESIDE_FACTS, *typed.keys_of_words()))
    )
    of_study = (*typed.file_keys(), *_BESIDE_FACTS, *_OF_STUDY)
    words = {key: _text(given, key) for key in ("slug", *OF_TEXT)} | _sections(parts[1])
    words["title"], words["body"] = _title(given, words["body"])
    words["summary"] = _text(given, "summary") if "summary" in given else first_words(words)
    return File(
        name=name,
        id=_id(given),
        lang=_lang(given, name),
        text=_text_draft(words, _moment(given, "outdated_since")),
        translation=_translation(given),
        given={key: given[key] for key in of_study if given.get(key) is not None},
        unknown=tuple(key for key in given if key not in (*_OF_FILE, *of_study)),
        summary_made="summary" not in given and bool(words["summary"]),
    )


def _by_our_names(loaded: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    names = {**_ALIASES, **typed.other_keys()}
    for key, value in loaded.items():
        ours = names.get(key, key)
        if ours in given:
            raise InvalidInput(
                N_("“%(one)s” and “%(other)s” mean the same; the front matter needs one of them."),
                one=key, other=next(k for k in loaded if names.get(k, k) == ours),
            )  # fmt: skip
        given[ours] = value
    return given


def _text_draft(words: dict[str, Any], outdated_since: datetime | None) -> TextDraft:
    return TextDraft(**words, outdated_since=outdated_since)


def _sections(markdown: str) -> dict[str, str]:
    """Field → Markdown, by the marked headings; what comes before them is the introduction."""
    lines: dict[str, list[str]] = {"body": []}
    current = "body"
    for line in markdown.split("\n"):
        if found := HEADING.fullmatch(line):
            current = found[1]
            if current in lines:
                raise InvalidInput(N_("The section {#%(name)s} is there twice."), name=current)
            lines[current] = []
        else:
            lines[current].append(line[1:] if ESCAPED.fullmatch(line) else line)
    return {name: "\n".join(of_section) for name, of_section in lines.items()}


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if isinstance(value, list | dict):
        raise InvalidInput(N_("“%(key)s” must be a text."), key=key)
    return "" if value is None else str(value)


def _title(given: Mapping[str, Any], markdown: str) -> tuple[str, str]:
    """The title and the introduction; a file may give its title as the first heading instead."""
    if "title" in given:
        return _text(given, "title"), markdown
    first, _, rest = markdown.lstrip("\n").partition("\n")
    title = first.strip("# \t\u00a0\u202f\u3000")
    if not re.match(rf"#[ {body.OTHER_SPACES}]", first) or is_blank(title):
        raise InvalidInput(N_("The file has no title: add “title: …” to the front matter."))
    return title, rest


def first_words(words: Mapping[str, str]) -> str:
    """A summary for a file without one: its first paragraph, cut at a sentence or a word."""
    for name in drafts.MARKDOWN:
        for paragraph in words.get(name, "").split("\n\n"):
            if re.match(r"\s*(?:[#>|`~-]|\*\s|\d+[.)]|!\[|$)", paragraph) is None:
                return _shortened(typed_line(plain_text(body.render(paragraph))))
    return ""


def _shortened(text: str) -> str:
    most = drafts.LONGEST["summary"]
    if len(text) <= most:
        return text
    sentences = re.match(rf"(.{{40,{most - 1}}}[.!?…])\s", text)
    return sentences[1] if sentences else text[: most - 1].rpartition(" ")[0][: most - 1] + "…"


def _id(given: Mapping[str, Any]) -> str | None:
    value = _text(given, "id").strip()
    try:
        return str(uuid.UUID(value)) if value else None
    except ValueError:
        raise InvalidInput(
            N_("“%(id)s” is not a UUID: leave the line out and one is made of the file’s name."),
            id=value,
        ) from None


def language_in(name: str) -> str | None:
    """The language that a file's name says: fr of `fr.md`, `budget.fr.md`, `budget_fr.md`."""
    stem = name.rpartition("/")[2].rpartition(".")[0]
    last = re.split(r"[._]", stem)[-1].lower()
    return last if last in SITE_LANGUAGES else None


def _lang(given: Mapping[str, Any], name: str) -> str:
    value = _text(given, "lang").strip().lower().replace("_", "-")
    lang = _LANGUAGES.get(value, value.partition("-")[0]) or language_in(name)
    if lang in SITE_LANGUAGES:
        return str(lang)
    if not lang:
        raise InvalidInput(N_("Say the file’s language: add “lang: fr” or “lang: en”."))
    raise InvalidInput(
        N_("This site publishes in French and in English, not in “%(lang)s”."), lang=value
    )


def _translation(given: Mapping[str, Any]) -> str | None:
    value = _text(given, "translation").strip().lower() or None
    if value not in (None, "original", "human", "machine"):
        raise InvalidInput(
            N_("“translation: %(value)s” must be original, human or machine."), value=value
        )
    return value


def _moment(given: Mapping[str, Any], key: str) -> datetime | None:
    value = _text(given, key).strip()
    try:
        moment = datetime.fromisoformat(value) if value else None
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            N_("“%(key)s: %(value)s” is not a date such as 2026-03-01."), key=key, value=value
        ) from None


def meta_of(given: Mapping[str, Any], study_id: str) -> StudyMeta:
    """What the files of a study say beside its draft. Raises InvalidInput."""
    unfinished = _text(given, "draft").strip().lower() in ("true", "yes")
    state = _text(given, "state").strip().lower() or ("draft" if unfinished else "published")
    if state not in STATES:
        raise InvalidInput(
            N_("“state: %(state)s” must be one of %(states)s."),
            state=state,
            states=", ".join(STATES),
        )
    reason = typed_line(_text(given, "withdrawal_reason"))
    is_said = bool(_text(given, "state").strip())
    return StudyMeta(study_id, state, _moment(given, "published"), reason, is_said)
