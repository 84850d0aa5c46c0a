"""Verdicts and attachments to JSON and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from network.catalogue.values import VERDICTS, Adoption, Attachment


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
