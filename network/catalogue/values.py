"""The case study as it travels: plain values that the editor publishes, feeds carry and pages show.

Nothing here knows of a database, a request or a feed format, so that a study written
on this node and one received from another are the same kind of thing everywhere above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from network.facts.links import Link
from network.facts.values import Facts
from network.lib.i18n import LANGUAGES

SITE_LANGUAGES = LANGUAGES
"""The languages of the pages. Versions may be in any language (a feed may be Spanish)."""

TranslationKind = Literal["original", "human", "machine"]
VerdictKind = Literal["confirmed", "contested"]
VERDICTS: tuple[VerdictKind, ...] = ("confirmed", "contested")
SECTIONS = ("problem", "approach", "results", "lessons")
"""The named parts of a study's text, in reading order, after the unnamed introduction."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a study's own city says of somebody who says to have been inspired by it.

    href: the adopter's permanent id, or its page. title: of the adopter, as that city knows it.
    reason: why it is contested, in one line, in the language `lang`. decided: when.
    """

    href: str
    verdict: VerdictKind
    title: str = ""
    reason: str = ""
    lang: str | None = None
    decided: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that stands elsewhere and belongs to a study.

    type: its media type; length: its bytes; both as its site declares them, and perhaps unknown.
    """

    url: str
    type: str = ""
    length: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One study in one language, as published: what an Atom entry carries.

    entry_id: the permanent id, `{base_url}/id/{uuid}/{lang}` for nodes (protocol.md).
    study_key: what the versions of one study share, `{base_url}/id/{uuid}` for nodes.
    lang: BCP 47. body_html: sanitised HTML (lib.sanitise), sections included.
    legal_basis, contact_role: short text in this language.
    outdated_since: the original changed then and this translation has not followed.
    published, updated: aware UTC datetimes; updated has whole seconds. date_is_unknown: its feed
    gives no date that can be read, and both are when it came.
    url: the readable page at its origin. topics: slugs (English) of the shared vocabulary.
    alternates: (lang, entry_id) of the study's other versions.
    adoptions: what this study's city says of those who adopted it, the same in every language.
    attachments: files that a followed feed announces with it (enclosures).
    """

    entry_id: str
    study_key: str
    lang: str
    title: str
    summary: str
    body_html: str
    url: str
    published: datetime
    updated: datetime
    city: str | None = None
    topics: tuple[str, ...] = ()
    slug: str = ""
    translation: TranslationKind = "original"
    original_lang: str | None = None
    outdated_since: datetime | None = None
    legal_basis: str = ""
    contact_role: str = ""
    facts: Facts = field(default_factory=Facts)
    inspired_by: tuple[Link, ...] = ()
    alternates: tuple[tuple[str, str], ...] = ()
    lang_is_guess: bool = False
    adoptions: tuple[Adoption, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    date_is_unknown: bool = False


def target_key(href: str) -> str:
    """The study's key when the address is a node's permanent id, else the address itself."""
    found = re.fullmatch(r"(https?://[^/]+/id/[0-9a-f-]{36})(/[A-Za-z0-9-]+)?/?", href.strip())
    return found[1] if found else href.strip()


# In JSON


def adoptions_to_json(adoptions: tuple[Adoption, ...]) -> list[dict[str, str]]:
    """Verdicts as JSON objects; only what is known."""
    return [
        {name: value for name, value in _adoption_texts(each) if value is not None and value != ""}
        for each in adoptions
    ]


def _adoption_texts(each: Adoption) -> Iterable[tuple[str, str | None]]:
    for name in ("href", "verdict", "title", "reason", "lang"):
        yield name, getattr(each, name)
    yield "decided", each.decided.isoformat() if each.decided else None


def adoptions_from_json(stored: Iterable[Mapping[str, str]]) -> tuple[Adoption, ...]:
    """The inverse of adoptions_to_json; verdicts that this version does not know are left out."""
    return tuple(_stored_adoption(item) for item in stored if item.get("verdict") in VERDICTS)


def _stored_adoption(item: Mapping[str, Any]) -> Adoption:
    since = item.get("decided")
    return Adoption(
        href=item["href"],
        verdict=item["verdict"],
        title=item.get("title", ""),
        reason=item.get("reason", ""),
        lang=item.get("lang"),
        decided=datetime.fromisoformat(since) if since else None,
    )


def attachments_to_json(attachments: tuple[Attachment, ...]) -> list[dict[str, Any]]:
    """Attachments as JSON objects; only what is known."""
    return [{k: v for k, v in asdict(each).items() if v not in ("", None)} for each in attachments]


def attachments_from_json(stored: list[dict[str, Any]]) -> tuple[Attachment, ...]:
    """The inverse of attachments_to_json."""
    return tuple(Attachment(**each) for each in stored)
