"""Tables as CSV that spreadsheets open rightly and in which no cell is a formula (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the encoding of their own machine."""
LONGEST = 32_000
"""Characters of a cell; a spreadsheet cuts off what goes beyond 32,767 without a word."""
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The document row by row, the mark of its encoding first."""
    yield BOM.encode()
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerow([_cell(value) for value in row])
        yield buffer.getvalue().encode("utf-8", "replace")


def document(rows: Iterable[Sequence[object]]) -> bytes:
    """The whole document."""
    return b"".join(lines(rows))


def _cell(value: object) -> str:
    """The value as text; what a spreadsheet would calculate gets an apostrophe (OWASP: CSV
    injection). A number of ours stays one."""
    if value is None:
        return ""
    text = str(value).replace("\0", "")
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    if isinstance(value, str) and text.lstrip(" \u00a0\u202f").startswith(_BEGINS_FORMULA):
        return "'" + text
    return text
