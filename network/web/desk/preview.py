"""A draft as readers would see it: the public page's look, whatever is still missing or wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from network.case_studies import fact_checks, versions
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.queries import DeskRow
from network.catalogue import facts as facts_
from network.catalogue.values import Facts, Link
from network.lib import clock
from network.lib.sanitise import trusted, web_url
from network.web.entrance.context import settings
from network.web.pieces import cards


def study(row: DeskRow, draft: Draft, lang: str) -> dict[str, Any]:
    """What study.html shows of the draft in a language."""
    text = draft.texts.get(lang, TextDraft())
    facts = showable(draft)
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
        "facts": facts,
        "legal_basis": text.legal_basis,
        "contact_role": text.contact_role,
        "per_head": facts_.cost_per_head(facts, city.population if city else None),
        "inspired_by": [(link.title, link.href, None, None) for link in _safe(draft.inspired_by)],
        "inspired": [],
        "origin": None,
    }


def showable(draft: Draft) -> Facts:
    """The facts without those that could not be published as they are."""
    facts = replace(
        draft.facts,
        evidence=_safe(draft.facts.evidence),
        licence=draft.facts.licence or settings().licence or None,
    )
    wrong = {problem.field for problem in fact_checks.problems(facts, draft.unreadable)}
    if "budget_currency" in wrong:
        wrong.add("budget_amount")
    nothing = Facts()
    return replace(facts, **{name: getattr(nothing, name) for name in wrong & set(_NAMES)})


_NAMES = tuple(Facts.__dataclass_fields__)


def _safe(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Those that lead to a web page, and nowhere else (attack 29)."""
    return tuple(link for link in links if web_url(link.href) == link.href)
