"""Strangers' small pictures: what is let in, and what is taken off it."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.lib.icon import LARGEST, LONGEST, small_image

SCRIPT = b"<script>alert(1)</script>"


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 16, height: int = 16, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x12\x34\x56" * width) * height)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels),
         chunk(b"IEND")]
    )  # fmt: skip


def gif(width: int = 16, height: int = 16, before: bytes = b"", frames: int = 1) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"\x21\xf9\x04\0\x0a\0\0\0"
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\0"
    return head + before + (control + picture) * frames + b";"


def jpeg(width: int = 16, height: int = 16, before: bytes = b"") -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\0\0\x3f\0" + b"\x12\xff\0\x34"
    return b"\xff\xd8" + before + frame + scan + b"\xff\xd9"


def segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


def bitmap(side: int) -> bytes:
    return struct.pack("<IiiHHIIiiII", 40, side, 2 * side, 1, 32, 0, 0, 0, 0, 0, 0) + bytes(
        side * side * 4 + side * 4
    )


def ico(*pictures: tuple[int, bytes]) -> bytes:
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    offset = 6 + 16 * len(pictures)
    for side, picture in pictures:
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset + len(body))
        body += picture
    return head + body


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(), "image/png"),
        (gif(), "image/gif"),
        (jpeg(), "image/jpeg"),
        (ico((16, bitmap(16))), "image/x-icon"),
        (ico((48, bitmap(48)), (32, png(32, 32))), "image/png"),
    ],
)
def test_a_small_picture_is_kept_under_the_type_that_it_is(data: bytes, media_type: str) -> None:
    found = small_image(data)
    assert found is not None
    assert found.media_type == media_type
    again = small_image(found.content)
    assert again == found


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><title>Not found</title>",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        b"BM" + bytes(100),
        png(10_000, 10_000),
        png(LARGEST + 1, 1),
        png(0, 0),
        png()[:-1],
        png().replace(b"\x12\x34", b"\x12\x35", 1)[:60] + SCRIPT,
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND"),
        gif(20_000, 20_000),
        gif()[:-4],
        b"GIF89a" + SCRIPT,
        jpeg(10_000, 10_000),
        jpeg()[:-2],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff" + SCRIPT,
        ico((32, SCRIPT)),
        ico((32, bitmap(16))),
        ico((32, png(9000, 9000))),
        b"\0\0\1\0\0\0",
        b"\0\0\1\0\xff\xff",
    ],
)  # fmt: skip
def test_what_is_no_small_picture_is_refused(data: bytes) -> None:
    assert small_image(data) is None


@pytest.mark.parametrize(
    "data",
    [
        png() + SCRIPT,
        png(16, 16, chunk(b"tEXt", b"Comment\0" + SCRIPT), chunk(b"eXIf", b"48.85,2.35 alert")),
        gif() + SCRIPT,
        gif(before=b"\x21\xfe\x19" + SCRIPT + b"\0"),
        jpeg() + SCRIPT,
        jpeg(before=segment(0xE1, b"Exif\0\0" + SCRIPT) + segment(0xFE, SCRIPT)),
        ico((16, bitmap(16))) + SCRIPT,
    ],
)
def test_what_rides_along_is_left_behind(data: bytes) -> None:
    found = small_image(data)
    assert found is not None
    assert b"alert" not in found.content


def test_a_picture_that_moves_stands_still() -> None:
    moving = small_image(gif(frames=5, before=b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"))
    assert moving is not None
    assert moving.content.count(b"\x2c" + struct.pack("<HH", 0, 0)) == 1
    assert b"NETSCAPE" not in moving.content
    control = struct.pack(">II", 2, 0)
    animated = small_image(png(16, 16, chunk(b"acTL", control), chunk(b"fcTL", bytes(26))))
    assert animated == small_image(png())


def test_of_several_sizes_the_one_for_a_page_is_taken() -> None:
    found = small_image(ico(*((side, bitmap(side)) for side in (16, 32, 64))))
    assert found is not None
    assert found.content[6:8] == bytes((32, 32))


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    noise = chunk(b"IDAT", bytes(LONGEST))
    assert small_image(png(16, 16, noise)) is None


STARTS = [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"\0\0\1\0"]
WHOLE = [png(), gif(), jpeg(), ico((16, bitmap(16)))]


@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_refused(start: bytes, rest: bytes) -> None:
    small_image(start + rest)


@given(st.sampled_from(WHOLE), st.integers(0, 400), st.binary(max_size=4), st.integers(0, 4))
def test_any_damage_is_survived(whole: bytes, at: int, put: bytes, drop: int) -> None:
    found = small_image(whole[:at] + put + whole[at + drop :])
    assert found is None or small_image(found.content) == found
