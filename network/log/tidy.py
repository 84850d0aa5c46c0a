"""What may travel in an entry: one rule for what we publish and for what we believe when we read.

A member's feed is read strictly as a document but leniently as facts: a value that this version of
the software does not understand counts as missing, so that a newer node cannot break an older one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from network.catalogue.values import (
    STATUSES,
    VERDICTS,
    Adoption,
    Facts,
    Link,
    TranslationKind,
    Version,
)
from network.lib.sanitise import sanitise_html, strip_control, web_url
from network.lib.text import said

LONGEST_TITLE = 500
LONGEST_SUMMARY = 5_000
MOST_ITEMS = 100
MOST_ADOPTIONS = 200
"""Verdicts that an entry carries; of more, the latest."""
LONGEST_VERDICT_REASON = 500

_SLUG = re.compile(r"[a-z0-9-]{1,100}")
_PAGE_SLUG = re.compile(r"[a-z0-9~-]{1,120}")
"""With the tilde that marks the second study of a name in a city."""
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_PARTIAL_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_EMAIL = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,180}\.[^\s@<>\"'(),;:.]{2,60}")
_CURRENCY = re.compile("[A-Z]{3}")
_LICENCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+ -]{0,99}")
_FACT_NAMES = frozenset(f.name for f in fields(Facts))
_CENT = Decimal("0.01")

_T = TypeVar("_T")


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
        city=_matching(_SLUG, version.city),
        topics=_each(_matching(_SLUG, topic) for topic in version.topics),
        slug=_matching(_PAGE_SLUG, version.slug) or "",
        translation=_kind(version.translation),
        original_lang=language(version.original_lang),
        outdated_since=version.outdated_since and whole_second(version.outdated_since),
        legal_basis=_text(version.legal_basis, LONGEST_SUMMARY),
        contact_role=one_line(version.contact_role),
        facts=_tidy_facts(version.facts),
        inspired_by=_links(version.inspired_by),
        alternates=_alternates(version),
        lang_is_guess=False,
        adoptions=adoptions(version.adoptions),
    )


def one_line(text: str, longest: int = 300) -> str:
    """The text in one line, or nothing when nothing of it would be seen. No-break spaces stay:
    French typography needs them."""
    return said(re.sub(r"[ \t\n]+", " ", strip_control(text)).strip()[:longest].strip())


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
    return moment.astimezone(UTC).replace(microsecond=0)


def _tidy_facts(facts: Facts) -> Facts:
    return Facts(
        status=facts.status if facts.status in STATUSES else None,
        start=_partial_date(facts.start),
        end=_partial_date(facts.end),
        budget_amount=_amount(facts.budget_amount),
        budget_currency=_matching(_CURRENCY, facts.budget_currency),
        people_reached=_in_range(facts.people_reached, 0, 10**10),
        staff=_amount(facts.staff),
        partners=_names(facts.partners),
        contact_email=_matching(_EMAIL, facts.contact_email),
        sdgs=_each(_in_range(number, 1, 17) for number in facts.sdgs),
        evidence=_links(facts.evidence),
        authors=_names(facts.authors),
        licence=_licence(facts.licence),
        illustrative=_each(name for name in facts.illustrative if name in _FACT_NAMES),
    )


def _text(text: str, longest: int) -> str:
    return said(strip_control(text).strip()[:longest].strip())


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _kind(kind: str) -> TranslationKind:
    """Unknown ways of translating count as a person's: only a machine's need a warning."""
    known: dict[str, TranslationKind] = {"original": "original", "machine": "machine"}
    return known.get(kind, "human")


def _each(items: Iterable[_T | None]) -> tuple[_T, ...]:
    """What is there, each once, in order, up to a number that fits a page."""
    return tuple(dict.fromkeys(item for item in items if item is not None))[:MOST_ITEMS]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return _each(one_line(name) or None for name in names)


def _links(links: Iterable[Link]) -> tuple[Link, ...]:
    return _each(
        Link(href, one_line(link.title, LONGEST_TITLE)) if (href := web_url(link.href)) else None
        for link in links
    )


def _alternates(version: Version) -> tuple[tuple[str, str], ...]:
    """One address per other language."""
    found: dict[str, str] = {}
    for lang, href in version.alternates:
        if language(lang) and lang != version.lang and web_url(href):
            found.setdefault(lang, web_url(href) or "")
    return tuple(found.items())[:MOST_ITEMS]


def _partial_date(text: str | None) -> str | None:
    if not text or not _PARTIAL_DATE.fullmatch(text):
        return None
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return None
    return text


def _amount(value: Decimal | None) -> Decimal | None:
    if value is None or not value.is_finite() or not 0 <= value < Decimal(10) ** 15:
        return None
    return value.quantize(_CENT).normalize() + 0


def _in_range(value: int | None, lowest: int, highest: int) -> int | None:
    return value if value is not None and lowest <= value <= highest else None


def _licence(licence: str | None) -> str | None:
    """An address of its text, or a short name such as an SPDX identifier."""
    return web_url(licence) or _matching(_LICENCE_NAME, licence)
