"""What may travel in an entry: one rule for what we publish and for what we believe when we read.

A member's feed is read strictly as a document but leniently as facts: a value that this version of
the software does not understand counts as missing, so that a newer node cannot break an older one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from network.catalogue.values import VERDICTS, Adoption, TranslationKind, Version
from network.facts import travel
from network.facts.kinds import MOST_ITEMS
from network.facts.lines import one_line
from network.facts.links import LINKS, LONGEST_TITLE
from network.facts.words import each_once
from network.lib.sanitise import sanitise_html, strip_control, web_url
from network.lib.text import said

LONGEST_SUMMARY = 5_000
MOST_ADOPTIONS = 200
"""Verdicts that an entry carries; of more, the latest."""
LONGEST_VERDICT_REASON = 500

_SLUG = re.compile(r"[a-z0-9-]{1,100}")
_PAGE_SLUG = re.compile(r"[a-z0-9~-]{1,120}")
"""With the tilde that marks the second study of a name in a city."""
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_KINDS: Mapping[str, TranslationKind] = MappingProxyType(
    {"original": "original", "machine": "machine"}
)
"""Unknown ways of translating count as a person's: only a machine's need a warning."""


def tidy(version: Version, base_url: str | None = None) -> Version:
    """The version as it travels: sanitised, without controls, within limits. Tidying is idempotent.

    base_url: what relative links in the body are relative to, by default the version's page.
    Ids and languages are left as they are: whoever makes or reads an entry checks those.
    """
    tidied = tidy_words(version)
    body = sanitise_html(version.body_html, base_url or tidied.url)
    return replace(tidied, body_html=str(body))


def tidy_words(version: Version) -> Version:
    """The same but for the body, for one that is sanitised already."""
    return replace(
        version,
        title=one_line(version.title, LONGEST_TITLE),
        summary=_text(version.summary, LONGEST_SUMMARY),
        url=web_url(version.url) or version.entry_id,
        published=whole_second(version.published),
        updated=whole_second(version.updated),
        city=version.city if _SLUG.fullmatch(version.city or "") else None,
        topics=each_once(topic for topic in version.topics if _SLUG.fullmatch(topic)),
        slug=version.slug if _PAGE_SLUG.fullmatch(version.slug) else "",
        translation=_KINDS.get(version.translation, "human"),
        original_lang=language(version.original_lang),
        outdated_since=version.outdated_since and whole_second(version.outdated_since),
        legal_basis=_text(version.legal_basis, LONGEST_SUMMARY),
        contact_role=one_line(version.contact_role),
        facts=travel.tidy(version.facts),
        inspired_by=LINKS.tidy(version.inspired_by),
        alternates=_alternates(version),
        lang_is_guess=False,
        adoptions=adoptions(version.adoptions),
    )


def language(tag: str | None) -> str | None:
    """The tag if it looks like one of BCP 47 and is of a length that we store, else None."""
    return tag if tag and len(tag) <= 35 and _LANG.fullmatch(tag) else None


def adoptions(given: Iterable[Adoption]) -> tuple[Adoption, ...]:
    """Verdicts as they travel: one for each address, in the order of the addresses.

    An order that does not depend on when each was given keeps the bytes the same everywhere.
    """
    found: dict[str, Adoption] = {}
    for each in given:
        href = web_url(each.href)
        if href and each.verdict in VERDICTS:
            found.setdefault(href, _adoption(each, href))
    latest = sorted(found.values(), key=_decided, reverse=True)[:MOST_ADOPTIONS]
    return tuple(sorted(latest, key=lambda each: each.href))


def _adoption(given: Adoption, href: str) -> Adoption:
    contested = given.verdict == "contested"
    reason = one_line(given.reason, LONGEST_VERDICT_REASON) if contested else ""
    return Adoption(
        href=href,
        verdict=given.verdict,
        title=one_line(given.title, LONGEST_TITLE),
        reason=reason,
        lang=language(given.lang) if reason else None,
        decided=given.decided and whole_second(given.decided),
    )


def _decided(given: Adoption) -> tuple[datetime, str]:
    return given.decided or datetime.min.replace(tzinfo=UTC), given.href


def whole_second(moment: datetime) -> datetime:
    """The moment in UTC without fractions, as our dates are written."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return moment.replace(microsecond=0) if moment.microsecond else moment


def _text(text: str, longest: int) -> str:
    return said(strip_control(text).strip()[:longest].strip())


def _alternates(version: Version) -> tuple[tuple[str, str], ...]:
    """One address per other language."""
    found: dict[str, str] = {}
    for lang, href in version.alternates:
        if language(lang) and lang != version.lang and (address := web_url(href)):
            found.setdefault(lang, address)
    return tuple(found.items())[:MOST_ITEMS]
