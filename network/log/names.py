"""The names that the log's documents use: namespaces, relations and schemes, written once."""

from __future__ import annotations

ATOM = "http://www.w3.org/2005/Atom"
"""RFC 4287."""
AT = "http://purl.org/atompub/tombstones/1.0"
"""RFC 6721: withdrawals."""
FH = "http://purl.org/syndication/history/1.0"
"""RFC 5005: archived feeds."""
GEORSS = "http://www.georss.org/georss"
"""GeoRSS Simple: `point` is “latitude longitude” in WGS 84."""
PC = "urn:pioneer-cities:1"
"""Ours: what a case study says beyond Atom, and the state of the log (docs/protocol)."""
XML = "http://www.w3.org/XML/1998/namespace"

INSPIRED_BY = f"{PC}#inspired-by"
"""Link relation: this study was inspired by that one."""
TOPICS = f"{PC}:topics"
"""Category scheme: `term` is a topic's English slug in the shared vocabulary.

Without a fragment, so that validators see a well-formed URN.
"""

ENTRY_PREFIXES = {None: ATOM, "georss": GEORSS, "pc": PC}
FEED_PREFIXES = {None: ATOM, "fh": FH, "pc": PC}
"""Prefixes are part of the bytes, and of the hash: they never change."""


def atom(name: str) -> str:
    """An Atom element's name as lxml writes it."""
    return f"{{{ATOM}}}{name}"


def pc(name: str) -> str:
    """One of our elements' names as lxml writes it."""
    return f"{{{PC}}}{name}"
