"""What an administrator is told of single items of a feed that was read: those that could not be
stored, and those of which only a part was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from network.lib.i18n import N_
from network.lib.sanitise import is_cut
from network.subscriptions.parse_values import ForeignItem

MOST = 50
"""Items of a feed that are told of."""
NOT_STORED = N_(
    "This node could not store it; its own log says why. It is tried again at each look."
)
CUT = N_("Its text is longer than this site keeps: readers see the beginning, and are told so.")


def of_items(
    items: Mapping[str, ForeignItem],
    refused: Collection[str],
    before: list[dict[str, str]] | None,
    now: datetime,
) -> list[dict[str, Any]] | None:
    """The items with a trouble as the subscription keeps them, None when there is none.

    refused: ids of those that could not be stored. since: when it was first seen.
    """
    since = {(each["id"], each["message"]): each["since"] for each in before or ()}
    said = [(entry_id, NOT_STORED) for entry_id in items if entry_id in refused]
    said += [(entry_id, CUT) for entry_id, item in items.items() if is_cut(item.content_html)]
    found = [
        {
            "id": entry_id,
            "title": items[entry_id].title,
            "url": items[entry_id].url or "",
            "message": message,
            "since": since.get((entry_id, message), now.isoformat()),
        }
        for entry_id, message in said
    ]
    return found[:MOST] or None
