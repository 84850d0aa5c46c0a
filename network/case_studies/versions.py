"""From a draft to the versions that readers and other nodes see: addresses, ids, dates, HTML."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from network.case_studies import body
from network.case_studies.drafts import Draft, TextDraft, slug_of
from network.catalogue.values import SECTIONS, Adoption, Version
from network.lib.i18n import LANGUAGES
from network.lib.languages import in_words
from network.lib.sanitise import with_absolute_links
from network.log.entry import rfc3339
from network.log.tidy import tidy_words

PAGES = MappingProxyType({lang: in_words("case-studies", lang) for lang in LANGUAGES})
"""The word of the address under which a language's studies are (docs: the public contract)."""
ELSEWHERE = MappingProxyType({lang: in_words("elsewhere", lang) for lang in LANGUAGES})
"""What stands in an address for a city that is not known."""


@dataclass(frozen=True, slots=True)
class Place:
    """The study's city as versions need it. slugs: language → its slug in addresses."""

    city: str | None = None
    slugs: Mapping[str, str] = field(default_factory=lambda: ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Dates:
    """published: when the version first appeared. updated: when it last changed."""

    published: datetime
    updated: datetime


def study_key(base_url: str, study_id: str) -> str:
    """What the versions of a study share: its permanent id."""
    return f"{base_url}/id/{study_id}"


def entry_id(base_url: str, study_id: str, lang: str) -> str:
    """The permanent id of one version."""
    return f"{study_key(base_url, study_id)}/{lang}"


def page_url(base_url: str, lang: str, place: Place, slug: str) -> str:
    """The readable page of a version."""
    return f"{base_url}/{lang}/{PAGES[lang]}/{place.slugs[lang]}/{slug}"


Html = Callable[[TextDraft, str], str]
"""Makes the HTML of a text in a language, as `html` does."""


def html(text: TextDraft, lang: str) -> str:
    """The whole text as safe HTML, as the page shows it: also for a preview."""
    return body.compose(text.body, {name: getattr(text, name) for name in SECTIONS}, lang)


def build(
    draft: Draft,
    base_url: str,
    study_id: str,
    place: Place,
    dates: Mapping[str, Dates],
    licence: str = "",
    adoptions: tuple[Adoption, ...] = (),
    html: Html = html,
) -> list[Version]:
    """The versions of a draft that has no problems, one per language, each naming the others.

    dates: by language. licence: of studies that name none. adoptions: this city's verdicts. html:
    what makes HTML of a text, for whoever has made it before.
    """
    return [
        tidy_words(  # as other nodes show it, but that relative links may stay so on our own page
            Version(
                entry_id=entry_id(base_url, study_id, lang),
                study_key=study_key(base_url, study_id),
                lang=lang,
                title=text.title,
                summary=text.summary,
                body_html=html(text, lang),
                url=page_url(base_url, lang, place, slug_of(text)),
                published=dates[lang].published,
                updated=dates[lang].updated,
                city=place.city,
                topics=draft.topics,
                slug=slug_of(text),
                translation=text.translation,
                original_lang=draft.original_lang,
                outdated_since=text.outdated_since,
                legal_basis=text.legal_basis,
                contact_role=text.contact_role,
                facts=draft.facts.but(licence=draft.facts.licence or licence),
                inspired_by=draft.inspired_by,
                alternates=tuple(
                    (other, entry_id(base_url, study_id, other))
                    for other in draft.texts
                    if other != lang
                ),
                adoptions=adoptions,
            )
        )
        for lang, text in draft.texts.items()
    ]


def as_it_travels(version: Version) -> Version:
    """A version of ours as its entry says it: away from its page, links lead somewhere."""
    return replace(version, body_html=with_absolute_links(version.body_html, version.url))


def after(now: datetime, last: datetime | None, taken: Container[str] = ()) -> datetime:
    """A date for a change: now, but always later than the last one, in whole seconds.

    taken: dates that entries of the same document have, as they write them; a reader tells by the
    date what is new, and the W3C validator warns of two that are equal (DuplicateUpdated).

    Two changes within one second, or a clock that was set back, would otherwise give a change the
    date of what it replaces, and followers would keep the old one.
    """
    moment = now.replace(microsecond=0)
    moment = moment if last is None else max(moment, last + timedelta(seconds=1))
    while rfc3339(moment) in taken:
        moment += timedelta(seconds=1)
    return moment
