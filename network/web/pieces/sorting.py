"""The order of a list or of results: read from the address, and offered as plain links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request

from network.catalogue.queries import Filter
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.pieces import filters

LABELS = {
    "relevance": N_("Best match"),
    "newest": N_("Newest"),
    "adopted": N_("Most adopted"),
    "title": N_("Title"),
}


def read(offered: Sequence[str]) -> str:
    """The order that the address asks for, else the first; 400 for one that is not offered."""
    given = request.args.get("sort", "").strip() or offered[0]
    return given if given in offered else abort(400)


def said(order: str, offered: Sequence[str]) -> str | None:
    """What an address says of an order: nothing of the usual one."""
    return None if order == offered[0] else order


def links(
    endpoint: str, chosen: Filter, order: str, offered: Sequence[str], **more: Any
) -> list[tuple[str, str, bool]]:
    """(name, address, whether it is in force) of each order, from its first page on."""
    return [
        (
            locale._(LABELS[name]),
            filters.address(endpoint, chosen, sort=said(name, offered), **more),
            name == order,
        )
        for name in offered
    ]
