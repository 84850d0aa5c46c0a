"""What the filters of a kept search are called, in its reader's language."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from network.catalogue import labels
from network.catalogue.queries import FACETS
from network.cities import service as cities
from network.lib import i18n
from network.saved_searches.models import SavedSearch
from network.topics.models import Topic


def of(session: Session, row: SavedSearch) -> list[str]:
    """A label for each filter, in the order of the facets."""
    given = [(name, row.filters.get(name)) for name in FACETS]
    return [_label(session, name, value, row.lang) for name, value in given if value is not None]


def _label(session: Session, name: str, value: Any, lang: str) -> str:
    match name:
        case "topic":
            topic = session.get(Topic, value)
            return topic.name(lang) if topic else str(value)
        case "city":
            city = cities.by_slug(session, str(value))
            return city.name(lang) if city else str(value)
        case "country":
            return i18n.country_name(value, lang)
        case "language":
            return i18n.language_name(value, lang)
        case "status":
            return labels.status(str(value), lang)
        case "size":
            return labels.size(str(value), lang)
    return str(value)
