"""A version as it is kept while readers do not see it, and back, with nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from network.catalogue.addresses import NOWHERE
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import (
    Adoption,
    Attachment,
    Version,
    adoptions_from_json,
    adoptions_to_json,
    attachments_from_json,
    attachments_to_json,
)
from network.cities.service import FIELDS as CITY
from network.cities.service import CityValue, by_field
from network.facts import travel
from network.facts.links import LINKS, Link
from network.facts.values import Facts
from network.lib import i18n

Held = tuple[Version, CityValue | None]
"""A version, and what its feed says of the city that it names."""


def to_json(version: Version, city: CityValue | None) -> dict[str, Any]:
    """What is kept; a value that is what it would be anyway is left out."""
    kept = {
        f.name: _plain(getattr(version, f.name))
        for f in fields(Version)
        if f.default is MISSING or getattr(version, f.name) != f.default
    }
    if city is not None:
        kept["_city"] = {name: said for name, said in by_field(city).items() if said is not None}
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Facts):
        return travel.to_json(value)
    if isinstance(value, Link):
        return LINKS.to_json((value,))[0]
    if isinstance(value, Adoption):
        return adoptions_to_json((value,))[0]
    if isinstance(value, Attachment):
        return attachments_to_json((value,))[0]
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def from_json(kept: Mapping[str, Any]) -> Held:
    """The inverse of to_json; keys that this version does not know are passed over."""
    values = {
        f.name: _value(f.name, kept[f.name], str(f.type)) for f in fields(Version) if f.name in kept
    }
    return Version(**values), _city(kept["_city"]) if "_city" in kept else None


def _city(kept: Mapping[str, Any] | list[Any]) -> CityValue:
    if isinstance(kept, list):  # before cities had two names: slug, name, country, lat, lon
        slug, name, country, lat, lon = kept
        return CityValue(slug, {"en": name}, country, lat=lat, lon=lon)
    said = {name: kept[name] for name in CITY if name in kept}
    return CityValue(names=i18n.by_language(kept, "name"), **said)


def _value(name: str, value: Any, type_: str) -> Any:
    if name in _READ:
        return _READ[name](value)
    if type_.startswith("datetime") and value is not None:
        return datetime.fromisoformat(value)
    return _tuples(value)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "facts": travel.of_json,
    "inspired_by": LINKS.of_json,
    "adoptions": adoptions_from_json,
    "attachments": attachments_from_json,
}
"""How a field that holds more than plain values comes back from JSON."""


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def of_row(row: VersionRow) -> Version:
    """What a row of the read model says, as it travelled here; but for its alternates, which no
    page asks for."""
    values = {
        f.name: _tuples(getattr(row, f.name))
        for f in fields(Version)
        if f.name in VersionRow.__table__.columns
    }
    return Version(
        **values
        | {
            "city": None if row.place == NOWHERE else row.place,
        }
        | {name: read(getattr(row, name)) for name, read in _READ.items()}
    )
