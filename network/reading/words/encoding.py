"""Bytes to text for documents whose declared encoding may be absent or wrong.

Done here and not by feedparser, which changes its mind with the packages that are installed
(chardet) and believes a declaration that the bytes disprove.
"""

from __future__ import annotations

import codecs
import re

from network.lib.i18n import N_
from network.reading.words.charset import codec

WRONG_ENCODING = N_("The feed declares another character encoding than the one it is written in.")
DOUBLE_ENCODING = N_("The feed’s accented letters were encoded twice; they were put right.")

BROKEN_LETTERS = N_("Some letters of the feed are broken; the rest was read.")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0 appendix F: how "<" and one more ASCII character look without a byte order mark.
_SHAPES = (
    (re.compile(rb"<\0\0\0[\x21-\x7e]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0[\x21-\x7e]"), "utf-32-be"),
    (re.compile(rb"[<{]\0[\x0a-\x7e]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{]\0[\x0a-\x7e]"), "utf-16-be"),
)
_XML_DECLARATION = re.compile(
    rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.I)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.I
)


def decode(content: bytes, content_type: str | None) -> tuple[str, str | None]:
    """The text of a feed or a page, and what was wrong with its encoding (a msgid) or None.

    Order: byte order mark; shape of the first bytes; UTF-8, which bytes of other encodings (but
    those of seven bits) practically never are by chance; charset of the Content-Type (RFC 7303);
    XML declaration; windows-1252.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), None
    for shape, encoding in _SHAPES:
        if shape.match(content):
            return content.decode(encoding, "replace"), None
    declared = _declared(content, content_type)
    text, fitting = _by_trial(content, declared)
    repaired = _undo_double_encoding(text)
    if repaired is not None:
        return repaired, DOUBLE_ENCODING
    if fitting is None:
        return text, BROKEN_LETTERS
    wrong = not content.isascii() and fitting not in (declared or ["utf-8"])
    return text, WRONG_ENCODING if wrong else None


def _declared(content: bytes, content_type: str | None) -> list[str]:
    """The encodings that header and document name, as Python's codecs call them."""
    names = []
    if header := _CHARSET.search(content_type or ""):
        names.append(header[1])
    inside = _XML_DECLARATION.match(content) or _META_CHARSET.search(content[:2048])
    if inside:
        names.append(inside[1].decode("ascii"))
    return [known for name in names if (known := codec(name))]


def _by_trial(content: bytes, declared: list[str]) -> tuple[str, str | None]:
    """The text and the encoding that fits it; None when none fits without a loss.

    windows-1252, which fits nearly all bytes, comes last: it is also what servers say of anything.
    """
    named = [each for each in declared if not each.startswith(("utf-16", "utf-32", "cp1252"))]
    seven_bits = bool(named) and named[0].startswith("iso2022")
    for encoding in [*([] if seven_bits else ["utf-8"]), *named, "utf-8"]:
        try:
            return content.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    meant = next((each for each in ("utf-8", *named) if _mostly(content, each)), None)
    if meant:
        return content.decode(meant, "replace"), None
    return _windows_1252(content), "cp1252"


def _mostly(content: bytes, encoding: str) -> bool:
    """Whether it is in that encoding with a few broken bytes (an excerpt cut within a letter)."""
    text = content.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return sum(1 for c in text if c > "\x7f") - broken > 3 * broken


def _windows_1252(content: bytes) -> str:
    """Every byte has a meaning: the five that Python leaves undefined are C1 controls (WHATWG)."""
    pieces = []
    for piece in re.split(rb"([\x81\x8d\x8f\x90\x9d])", content):
        pieces.append(piece.decode("latin-1" if piece in _C1 else "cp1252"))
    return "".join(pieces)


_C1 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")
# Each character of windows-1252's upper half to the character of the same byte in Latin-1.
_TO_BYTES = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if bytes([byte]) not in _C1
}


def _undo_double_encoding(text: str) -> str | None:
    """The text read rightly, if all of it is UTF-8 once taken for windows-1252 and re-encoded."""
    if not _MOJIBAKE.search(text):
        return None
    try:
        return text.translate(_TO_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
