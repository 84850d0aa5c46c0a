"""A held study as those who read it first see it: as readers would, and what a change changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import Any

from network.catalogue.values import Version
from network.cities.service import CityValue
from network.lib import i18n
from network.lib.sanitise import plain_text, trusted
from network.moderation.review import QueueRow, Text
from network.moderation.rules import targets
from network.web.administration import differences
from network.web.administration.differences import Paragraph
from network.web.desk.editor_page import labels
from network.web.entrance.locale import _, current
from network.web.pieces import cards, sheet
from network.web.pieces.sheet import Languages

MOST_PARAGRAPHS = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What a newer text changes. texts: [(what part, its changed paragraphs)]. facts: [(which,
    before, after)]. links: new addresses that it leads to."""

    texts: list[tuple[str, list[Paragraph]]]
    facts: list[tuple[str, str, str]]
    links: list[str]


def change(text: Text) -> Change | None:
    """What the held text would change of the one on show; None when one of them is missing."""
    before, after = text.shown, text.held
    if before is None or after is None:
        return None
    bodies = plain_text(before.body_html), plain_text(after.body_html)
    changed = []
    for name in ("title", "summary", "legal_basis", "contact_role"):
        old, new = getattr(before, name), getattr(after, name)
        changed.append((labels()[name], differences.paragraphs(old, new)))
    changed.insert(2, (_("Text"), differences.paragraphs(*bodies)))
    return Change(
        [(name, found[:MOST_PARAGRAPHS]) for name, found in changed if found],
        _facts(before, after),
        sorted(set(targets(after)) - set(targets(before)))[:MOST_PARAGRAPHS],
    )


def _facts(before: Version, after: Version) -> list[tuple[str, str, str]]:
    old, new = _written(before), _written(after)
    names = [(name, label) for name, label in labels().items() if old.get(name) != new.get(name)]
    return [(label, old.get(name, ""), new.get(name, "")) for name, label in names]


def _written(version: Version) -> dict[str, str]:
    found = {"topics": ", ".join(name for name, _url in cards.topic_links(version.topics))}
    for fact, value in version.facts.known():
        shown = fact.kind.shown(value, current(), version.facts)
        found[fact.name] = ", ".join((*shown.lines, *starmap(_link, shown.links)))
    return found


def _link(text: str, address: str) -> str:
    return text if address.endswith(text) else f"{text} {address}"


def study(row: QueueRow, texts: list[Text], chosen: Text) -> dict[str, Any]:
    """What study.html shows of one language; the held text, or the one on show where none is."""
    version = chosen.held or chosen.shown
    if version is None:  # a text is held or shown
        raise ValueError(chosen)
    city_name, city_url = _city(version, chosen.city)
    city = cards.city_names().get(version.city or "")
    return {
        "title": version.title,
        "summary": version.summary,
        "body_html": trusted(version.body_html),
        "lang": version.lang,
        "lang_is_guess": version.lang_is_guess,
        "langs": [each.lang for each in texts],
        "translation": version.translation,
        "outdated_since": version.outdated_since,
        "original_lang": version.original_lang,
        "published": version.published,
        "date_is_unknown": version.date_is_unknown,
        "updated": version.updated,
        "city": city_name,
        "city_url": city_url,
        "population": city.population if city else None,
        "topics": cards.topic_links(version.topics),
        "sheet": sheet.page(
            sheet.about(version.facts, version.city, version.contact_role),
            Languages(version.lang, version.original_lang or version.lang),
            version.legal_basis,
        ),
        "inspired_by": [(link.title, link.href, None, None) for link in version.inspired_by],
        "inspired": [],
        "origin": {"name": row.site, "url": version.url, "state": "active"},
    }


def _city(version: Version, told: CityValue | None) -> tuple[str | None, str | None]:
    """The city's name, also of one that we do not know yet."""
    if version.city in cards.city_names():
        return cards.city_link(version.city)
    return (told.name(current()) if told else version.city), None


def languages(*known: str) -> list[tuple[str, str]]:
    """(tag, name) of the languages that a rule may name, by name: the Union's, and these."""
    tags = {*EUROPEAN, *(tag.lower() for tag in known)} - {"und"}
    named = [(tag, i18n.language_name(tag, current())) for tag in tags]
    return sorted(named, key=lambda item: i18n.sort_key(item[1]))


EUROPEAN = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt"),
    *("lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
)
