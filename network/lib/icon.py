"""A stranger's small picture, taken apart and put together again from what a picture needs.

A browser shows it under our own name, so only four raster formats are let in, each read by its
structure: what animates, what carries other data (EXIF, texts, colour profiles, anything after
the end) and what is larger than an icon is left out or refused. SVG is a document that can run
script and is always refused. The pixels themselves are not decoded: that is the browser's sandbox.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 512
"""Pixels of a side; the icon of an application has 512."""
LONGEST = 100_000
"""Bytes that are kept."""
BEST = 32
"""Pixels of the side that is looked for in a file of several."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture that is safe to serve. media_type: by its content, whatever its site said."""

    media_type: str
    content: bytes


class _BadImage(Exception):
    """It is no picture, or not one that we want."""


def small_image(data: bytes) -> Icon | None:
    """The picture in these bytes if it is a small PNG, GIF, JPEG or ICO; else None."""
    try:
        found = _read(data)
    except (_BadImage, struct.error, IndexError):
        return None
    return found if len(found.content) <= LONGEST else None


def _read(data: bytes) -> Icon:
    if data.startswith(_PNG):
        return Icon("image/png", _png(data))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Icon("image/gif", _gif(data))
    if data.startswith(b"\xff\xd8\xff"):
        return Icon("image/jpeg", _jpeg(data))
    if data.startswith(b"\0\0\1\0"):
        return _ico(data)
    raise _BadImage


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise _BadImage


def _png(data: bytes) -> bytes:
    """Chunks that draw one still picture (PNG, third edition, section 5)."""
    out, position, seen = bytearray(_PNG), len(_PNG), list[bytes]()
    while not seen or seen[-1] != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, position)
        chunk = data[position : position + length + 12]
        if len(chunk) != length + 12:
            raise _BadImage
        if struct.unpack(">I", chunk[-4:])[0] != zlib.crc32(chunk[4:-4]):
            raise _BadImage
        if kind == b"IHDR":
            _check_size(*struct.unpack_from(">II", chunk, 8))
        if kind in _PNG_CHUNKS:
            out += chunk
            seen.append(kind)
        position += len(chunk)
    if seen[0] != b"IHDR" or seen.count(b"IHDR") != 1 or b"IDAT" not in seen:
        raise _BadImage
    return bytes(out)


def _gif(data: bytes) -> bytes:
    """The first picture, without comments and loops (GIF89a specification, sections 18 to 27)."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    _check_size(width, height)
    position = 13 + _colours(flags)
    out, control = bytearray(data[:position]), b""
    while data[position] != 0x2C:
        if data[position] != 0x21:
            raise _BadImage
        end = _after_blocks(data, position + 2)
        if data[position + 1] == 0xF9:
            control = data[position:end]
        position = end
    left, top, its_width, its_height, flags = struct.unpack_from("<HHHHB", data, position + 1)
    if left + its_width > width or top + its_height > height:
        raise _BadImage
    end = _after_blocks(data, position + 10 + _colours(flags) + 1)
    return bytes(out + control + data[position:end] + b";")


def _colours(flags: int) -> int:
    """Bytes of the table of colours that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    """Where the sub-blocks that begin here have ended."""
    while data[position]:
        position += data[position] + 1
    return position + 1


_FRAMES = (*range(0xC0, 0xC3),)
"""Baseline, extended and progressive frames, which browsers show."""


def _jpeg(data: bytes) -> bytes:
    """The segments that decoding needs, up to the end of the picture (ITU-T T.81, annex B)."""
    out, framed = bytearray(b"\xff\xd8"), False
    for kind, segment in _segments(data):
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            _check_size(width, height)
            framed = True
        if not (kind == 0xFE or (0xE0 <= kind <= 0xEF and kind != 0xEE)):  # EE: Adobe's colours
            out += segment
    if not framed:
        raise _BadImage
    return bytes(out + b"\xff\xd9")


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 2
    while True:
        mark, kind = data[position], data[position + 1]
        if mark != 0xFF or kind in (0x00, 0x01, 0xFF) or 0xD0 <= kind <= 0xD8:
            raise _BadImage
        if kind == 0xD9:
            return
        end = position + 2 + int(struct.unpack_from(">H", data, position + 2)[0])
        if kind == 0xDA:  # the scan's own data follow, up to a marker that is none of them
            found = _SCAN_END.search(data, end)
            if not found:
                raise _BadImage
            end = found.start()
        if end > len(data):
            raise _BadImage
        yield kind, data[position:end]
        position = end


_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _ico(data: bytes) -> Icon:
    """The entry nearest to what a page shows: as the PNG that it is, or an icon of its own."""
    (count,) = struct.unpack_from("<H", data, 4)
    if not 0 < count <= 64:
        raise _BadImage
    entries = [struct.unpack_from("<BBBBHHII", data, 6 + 16 * n) for n in range(count)]
    entry = min(entries, key=lambda each: (abs((each[0] or 256) - BEST), -each[5]))
    width, height, colours, _, planes, bits, length, offset = entry
    picture = data[offset : offset + length]
    if len(picture) != length:
        raise _BadImage
    if picture.startswith(_PNG):
        return Icon("image/png", _png(picture))
    header, its_width, its_height = struct.unpack_from("<Iii", picture)
    if header != 40 or its_width != (width or 256) or its_height != 2 * (height or 256):
        raise _BadImage
    fields = (width, height, colours, 0, planes, bits, length, 22)
    head = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", *fields)
    return Icon("image/x-icon", head + picture)
