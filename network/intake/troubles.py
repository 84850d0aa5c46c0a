"""What an administrator is told of single items of a feed that was read: those that could not be
read or stored, and those of which only a part was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from network.lib.i18n import N_
from network.lib.sanitise import is_cut
from network.reading.one_by_one import LeftOut
from network.reading.values import ForeignItem

MOST = 50
"""Items of a feed that are told of."""
NOT_STORED = N_(
    "This node could not store it; its own log says why. It is tried again at each look."
)
NOT_READ = N_("This node could not read it; its own log says why. It is tried again at each look.")
CUT = N_("Its text is longer than this site keeps: readers see the beginning, and are told so.")


def of_items(
    items: Mapping[str, ForeignItem],
    refused: Collection[str],
    left: Sequence[LeftOut],
    before: list[dict[str, str]] | None,
    now: datetime,
) -> list[dict[str, Any]] | None:
    """The items with a trouble as the subscription keeps them, None when there is none.

    refused: ids of those that could not be stored. left: those that could not be read, which have
    their titles at most. since: when it was first seen.
    """
    since = {(each["id"], each["message"]): each["since"] for each in before or ()}
    unread = [(each.title, each.title, "", NOT_READ) for each in left]
    said = [(entry_id, NOT_STORED) for entry_id in items if entry_id in refused]
    said += [(entry_id, CUT) for entry_id, item in items.items() if is_cut(item.content_html)]
    known = [(key, items[key].title, items[key].url or "", message) for key, message in said]
    found = [
        {
            "id": key,
            "title": title,
            "url": url,
            "message": message,
            "since": since.get((key, message), now.isoformat()),
        }
        for key, title, url, message in (*unread, *known)
    ]
    return found[:MOST] or None


def missing(troubles: Sequence[Mapping[str, Any]] | None) -> int:
    """How many of the items that are told of are not here."""
    return sum(each["message"] in (NOT_READ, NOT_STORED) for each in troubles or ())
