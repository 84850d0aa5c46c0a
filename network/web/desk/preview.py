"""A draft as readers would see it: the public page's look, whatever is still missing or wrong."""

from __future__ import annotations

from typing import Any

from network.case_studies import versions
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.queries import DeskRow
from network.facts import checks
from network.facts.links import Link
from network.facts.values import Facts
from network.lib import clock
from network.lib.sanitise import trusted, web_url
from network.web.entrance.context import settings
from network.web.pieces import cards, kinship, sheet
from network.web.pieces.sheet import Languages


def study(row: DeskRow, draft: Draft, lang: str) -> dict[str, Any]:
    """What study.html shows of the draft in a language."""
    text = draft.texts.get(lang, TextDraft())
    city_name, city_url = cards.city_link(draft.city)
    city = cards.city_names().get(draft.city or "")
    return {
        "title": text.title or "…",
        "summary": text.summary,
        "body_html": trusted(versions.html(text, lang)),
        "lang": lang,
        "langs": sorted(draft.texts),
        "translation": text.translation,
        "outdated_since": text.outdated_since,
        "original_lang": draft.original_lang,
        "published": row.first_published or clock.now(),
        "updated": row.saved,
        "city": city_name,
        "city_url": city_url,
        "country": city.country if city else None,
        "population": city.population if city else None,
        "topics": cards.topic_links(draft.topics),
        "sheet": sheet.page(
            sheet.about(showable(draft), draft.city, text.contact_role),
            Languages(lang, draft.original_lang),
            text.legal_basis,
        ),
        "inspired_by": kinship.declared(_safe(draft.inspired_by)),
        "inspired": [],
        "origin": None,
    }


def showable(draft: Draft) -> Facts:
    """The facts without those that could not be published as they are."""
    facts = draft.facts.but(licence=draft.facts.licence or settings().licence)
    return checks.sound(facts, draft.unreadable)


def _safe(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Those that lead to a web page, and nowhere else (attack 29)."""
    return tuple(link for link in links if web_url(link.href) == link.href)
