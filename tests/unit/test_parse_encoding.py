"""Documents in the encodings of the world, whatever header and declaration say of them."""

from __future__ import annotations

import pytest

from network.reading.words.charset import codec
from network.reading.words.encoding import BROKEN_LETTERS, WRONG_ENCODING, decode

JAPANESE = "都市の計画と住民の参加について"
CHINESE = "城市规划建设和居民参与"


def document(text: str, declared: str, written: str) -> bytes:
    return f'<?xml version="1.0" encoding="{declared}"?><rss>{text}</rss>'.encode(written)


@pytest.mark.parametrize(
    ("declared", "written", "text"),
    [
        *[(name, "cp932", "計画①～－") for name in ("Shift_JIS", "x-sjis", "windows-31j", "MS932")],
        *[(name, "gbk", "规划—镕基") for name in ("gb2312", "GBK", "x-gbk", "gb_2312-80")],
        ("gb18030", "gb18030", "规划㐂"),
        *[(name, "cp949", "도시 똠방") for name in ("euc-kr", "ks_c_5601-1987", "windows-949")],
        *[(name, "big5hkscs", "城市規劃㗎") for name in ("Big5", "big5-hkscs", "x-x-big5")],
        *[("EUC-JP", "euc_jp", JAPANESE), ("x-euc-jp", "euc_jp", JAPANESE)],
        ("iso-2022-jp", "iso2022_jp", JAPANESE),
        *[(name, "iso8859-8", "ירושלים") for name in ("iso-8859-8", "iso-8859-8-i", "logical")],
        *[(name, "cp874", "กรุงเทพ…") for name in ("windows-874", "tis-620", "iso-8859-11")],
        ("iso-8859-9", "cp1254", "İstanbul’un “şehir”"),
        ("iso-8859-15", "iso8859-15", "12 € à Œuilly"),
        *[("x-cp1251", "cp1251", "Город"), ("koi8-r", "koi8-r", "Город"), ("koi", "koi8-r", "Го")],
        *[("x-mac-roman", "mac-roman", "L’été"), ("macintosh", "mac-roman", "L’été")],
        ("iso-8859-1", "cp1252", "L’été à 12 €"),
    ],
)
def test_a_name_means_what_browsers_take_it_for(declared: str, written: str, text: str) -> None:
    read, fault = decode(document(text, declared, written), None)
    assert f"<rss>{text}</rss>" in read
    assert fault is None


@pytest.mark.parametrize("declared", ["Shift_JIS", "gb2312", "euc-kr", "big5", "koi8-r", "utf-16"])
def test_bytes_in_utf_8_are_read_as_that_whatever_is_declared(declared: str) -> None:
    read, fault = decode(document(CHINESE, declared, "utf-8"), None)
    assert CHINESE in read
    assert fault == WRONG_ENCODING


@pytest.mark.parametrize("header", ["iso-8859-1", "us-ascii", "windows-1252", "utf-8", "no-such"])
@pytest.mark.parametrize(
    ("declared", "text"), [("koi8-r", "Город и люди"), ("Shift_JIS", JAPANESE), ("cp1250", "Łódź")]
)
def test_what_a_server_says_of_anything_yields_to_the_document(
    header: str, declared: str, text: str
) -> None:
    content = document(text, declared, declared)
    assert text in decode(content, f"text/xml; charset={header}")[0]


def test_a_header_that_names_another_encoding_is_believed_first() -> None:
    content = document("Город", "koi8-r", "cp1251")
    assert "Город" in decode(content, "text/xml; charset=windows-1251")[0]


@pytest.mark.parametrize(
    ("declared", "text", "lost"), [("Shift_JIS", JAPANESE, "の"), ("gbk", CHINESE, "和")]
)
def test_one_broken_letter_does_not_break_the_others(declared: str, text: str, lost: str) -> None:
    content = document(text, declared, declared).replace(lost.encode(declared), b"\x81 ", 1)
    read, fault = decode(content, None)
    assert read.count("\ufffd") <= 2
    for part in text.split(lost, 1):
        assert part in read
    assert fault == BROKEN_LETTERS


def test_only_character_sets_of_the_web_are_encodings() -> None:
    assert [codec(name) for name in ("punycode", "utf-7", "rot13", "zlib", "idna", "")] == [
        None
    ] * 6
