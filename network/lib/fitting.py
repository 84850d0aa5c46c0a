"""Fits HTML that was cleaned into a page of ours: the half of sanitising that removes nothing
dangerous (lib.sanitise)."""

from __future__ import annotations

import re

# The patterns below read only what nh3 wrote, where "<", ">" and quotes in values are escaped.
_IMAGE_OR_LINK = re.compile(r"<(img|a|/a)\b([^>]*)>")
_ATTRIBUTE = re.compile(r' (src|alt|id)="([^"]*)"')
_H1 = re.compile(r"<(/?)h1\b")
_SECTION = re.compile(r"<section\b[^>]*>")
_EMPTY = re.compile(r"<(a|h[2-6])\b[^>]*>\s*</\1>")
_PRE = re.compile(r"(<pre\b[^>]*>)\n+")


def fitted(html: str) -> str:
    """Fit cleaned HTML into a page: h1 to h2, images to links, each id once, nothing empty."""
    if "<img" in html:
        html = _images_to_links(html)
    html = _EMPTY.sub("", _unique_ids(_H1.sub(r"<\1h2", html)))
    # A parser drops the first line end of a <pre>, so it would lose one at every reading.
    return _PRE.sub(r"\1", html) if "<pre" in html else html


def _images_to_links(html: str) -> str:
    inside_link = False

    def replace(found: re.Match[str]) -> str:
        nonlocal inside_link
        if found[1] != "img":
            inside_link = found[1] == "a"
            return found[0]
        given = dict(_ATTRIBUTE.findall(found[2]))
        alt, src = given.get("alt", "").strip(), given.get("src")
        return f'<a href="{src}">{alt}</a>' if alt and src and not inside_link else alt

    return _IMAGE_OR_LINK.sub(replace, html)


def _unique_ids(html: str) -> str:
    seen: set[str] = set()
    if html.count("<section") < 2:  # nothing else has an id
        return html

    def replace(found: re.Match[str]) -> str:
        id_ = dict(_ATTRIBUTE.findall(found[0])).get("id")
        if id_ in seen:
            return found[0].replace(f' id="{id_}"', "")
        seen.update({id_} if id_ else ())
        return found[0]

    return _SECTION.sub(replace, html)
