"""Tables as CSV that spreadsheets open rightly and in which no cell is a formula (RFC 4180).

A spreadsheet set to French, as to any language with a decimal comma, expects semicolons between
cells and commas in its numbers; with the
comma of RFC 4180 it shows each line in one cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from babel import numbers

from network.lib.i18n import locale

TYPE = "text/csv; charset=utf-8"
FORMAT = "csv-2"
"""Changes with the way of writing, so that nobody is told that an older document still holds."""
BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the encoding of their own machine."""
LONGEST = 32_000
"""Characters of a cell; a spreadsheet cuts off what goes beyond 32,767 without a word."""
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(rows: Iterable[Sequence[object]], lang: str) -> Iterator[bytes]:
    """The document row by row, the mark of its encoding first. lang: of whoever opens it."""
    yield BOM.encode()
    delimiter = ";" if _mark(lang) == "," else ","
    for row in rows:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow([_cell(value, lang) for value in row])
        yield buffer.getvalue().encode("utf-8", "replace")


def document(rows: Iterable[Sequence[object]], lang: str) -> bytes:
    """The whole document."""
    return b"".join(lines(rows, lang))


def _cell(value: object, lang: str) -> str:
    """The value as text; what a spreadsheet would calculate gets an apostrophe (OWASP: CSV
    injection). A number of ours stays one, with the decimal mark of the language."""
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        return format(Decimal(str(value)), "f").replace(".", _mark(lang))
    text = str(value).replace("\0", "")
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    if isinstance(value, str) and text.lstrip(" \u00a0\u202f").startswith(_BEGINS_FORMULA):
        return "'" + text
    return text


def _mark(lang: str) -> str:
    """The decimal mark of a language."""
    return numbers.get_decimal_symbol(locale(lang))
