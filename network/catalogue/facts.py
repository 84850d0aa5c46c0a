"""Facts to JSON and back, and the questions that facts alone answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from network.catalogue.values import VERDICTS, Adoption, Attachment, Facts, Link

_DECIMALS = {"budget_amount", "staff"}
_LINKS = {"evidence"}


def to_json(facts: Facts) -> dict[str, Any]:
    """Only what is known; decimals as text, so that no digit is lost."""
    return {
        f.name: _plain(getattr(facts, f.name))
        for f in fields(Facts)
        if getattr(facts, f.name) not in (None, (), "")
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return links_to_json((value,))[0] if isinstance(value, Link) else value


def from_json(stored: Mapping[str, Any]) -> Facts:
    """The inverse of to_json; keys that this version does not know are passed over."""
    known = {f.name for f in fields(Facts)}
    return Facts(**{name: _value(name, value) for name, value in stored.items() if name in known})


def _value(name: str, value: Any) -> Any:
    if name in _DECIMALS:
        return Decimal(value)
    if name in _LINKS:
        return links_from_json(value)
    return tuple(value) if isinstance(value, list) else value


def links_to_json(links: tuple[Link, ...]) -> list[dict[str, str]]:
    """Links as JSON objects."""
    return [{"href": link.href, "title": link.title} for link in links]


def links_from_json(stored: list[dict[str, str]]) -> tuple[Link, ...]:
    """The inverse of links_to_json."""
    return tuple(Link(item["href"], item.get("title", "")) for item in stored)


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


def completeness(facts: Facts, legal_basis: str = "") -> float:
    """How much of the “could we do this?” sheet is filled in, from 0 to 1."""
    asked = (facts.status, facts.start, facts.budget_amount, facts.people_reached, facts.staff)
    more = (facts.evidence, facts.contact_email, facts.partners, legal_basis)
    return sum(1 for value in asked + more if value not in (None, (), "")) / 9


def cost_per_head(facts: Facts, population: int | None) -> Decimal | None:
    """Budget per inhabitant in the budget's currency, to two decimals."""
    if facts.budget_amount is None or not population:
        return None
    return (facts.budget_amount / population).quantize(Decimal("0.01"))
