"""What the name of a character encoding means on the web: not always what Python takes it for.

Makers write the name of a small, old standard for what their system really wrote: Shift_JIS for
Microsoft’s, which has more signs. The WHATWG Encoding Standard lists what browsers read for each
label, and so do we.
"""

from __future__ import annotations

import codecs
import re
from types import MappingProxyType

_MEANT = MappingProxyType(
    {
        "iso8859-1": "cp1252",
        "ascii": "cp1252",
        "iso8859-9": "cp1254",
        "iso8859-11": "cp874",
        "tis-620": "cp874",
        "shift_jis": "cp932",
        "euc_kr": "cp949",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "big5": "big5hkscs",
    }
)
"""Python's codec → the one that the web means, which has the same signs and more."""
_LABELS = MappingProxyType(
    {
        "x-sjis": "cp932",
        "windows-31j": "cp932",
        "x-euc-jp": "euc_jp",
        "gb_2312": "gb18030",
        "gb_2312-80": "gb18030",
        "x-gbk": "gb18030",
        "x-x-big5": "big5hkscs",
        "cn-big5": "big5hkscs",
        "iso-8859-8-e": "iso8859-8",
        "iso-8859-8-i": "iso8859-8",
        "logical": "iso8859-8",
        "visual": "iso8859-8",
        "dos-874": "cp874",
        "windows-874": "cp874",
        "windows-949": "cp949",
        "koi": "koi8-r",
        "koi8": "koi8-r",
        "macintosh": "mac-roman",
        "x-mac-roman": "mac-roman",
        "x-mac-cyrillic": "mac-cyrillic",
        "x-mac-ukrainian": "mac-cyrillic",
        **{f"x-cp{number}": f"cp{number}" for number in range(1250, 1259)},
    }
)
"""Names that Python does not know."""
# Python also knows codecs that are no character sets of the web (punycode, utf-7).
_WEB_CODECS = re.compile(
    r"utf-8|utf-16(-[bl]e)?|utf-32(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|tis-620"
    r"|gb\w+|big5\w*|euc_\w+|shift_jis\w*|iso2022_\w+|johab"
)


def codec(name: str) -> str | None:
    """Python's codec for what a header or a document names, or None if it names none of the web."""
    try:
        found = codecs.lookup(_LABELS.get(name.lower(), name)).name
    except LookupError:
        return None
    return _MEANT.get(found, found) if _WEB_CODECS.fullmatch(found) else None
