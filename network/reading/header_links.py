"""The links that an answer names in its headers (RFC 8288): feeds, hubs, Webmention's address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

LONGEST_HEADER = 16_384
"""Characters of Link headers that are read."""

_TARGET = re.compile(r"[\s,]*+<([^>]*+)>")
_PARAMETER = re.compile(
    r"""\s*+;\s*+([!#$%&'*+\-.^_`|~\w]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s",;]*+)))?+"""
)
_TO_NEXT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"|")*?(?=,|$)', re.S)


@dataclass(frozen=True, slots=True)
class HeaderLink:
    """One link of an HTTP Link header (RFC 8288). parameters: the first of each name."""

    href: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def rels(self) -> list[str]:
        """Its relations, in lower case."""
        return self.parameters.get("rel", "").lower().split()


def header_links(header: str) -> Iterator[HeaderLink]:
    """The links of Link headers that were joined by commas, in their order."""
    header, at = header[:LONGEST_HEADER], 0
    while target := _TARGET.match(header, at):
        parameters: dict[str, str] = {}
        at = target.end()
        while found := _PARAMETER.match(header, at):
            value = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
            parameters.setdefault(found[1].lower(), value or "")
            at = found.end()
        yield HeaderLink(target[1].strip(), parameters)
        rest = _TO_NEXT.match(header, at)
        at = rest.end() if rest else len(header)
