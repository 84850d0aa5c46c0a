"""The only maker of Markup: what anyone wrote becomes HTML that cannot run, track or deface."""

from __future__ import annotations

import hashlib
import html as html_
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import nh3
from markupsafe import Markup, escape

from network.lib.fitting import fitted
from network.lib.lighter import lighter
from network.lib.tangled import would_be_words
from network.lib.text import clean, is_ordinary

SECTION_IDS = frozenset({"problem", "approach", "results", "lessons"})
"""The only ids that content may carry: the named sections of a case study."""

LONGEST = 200_000
"""Characters of HTML that a text may have, what nobody reads (styles, data) not counted."""
CUT = "<p>[…]</p>"
"""How a text ends whose rest was left out, because it was longer than that."""

_LONGEST_URL = 2_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _words("""
    address article aside blockquote br caption dd details div dl dt figcaption figure footer
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr ul
""")
_TAGS = _words("""
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp section
    small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
""")
_READ_TAGS = _TAGS | {"h1", "img"}
"""Tags that the first reading keeps so that `fitted` can put something better in their place."""
_DROPPED_WITH_CONTENT = _words("""
    applet canvas embed frameset head iframe math noembed noframes noscript object script select
    style svg template textarea title xmp
""")
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ATTRIBUTES: dict[str, dict[str, re.Pattern[str] | None]] = {
    "*": {"lang": _LANGUAGE, "dir": re.compile("ltr|rtl|auto")},
    "a": {"href": None, "hreflang": _LANGUAGE},
    "abbr": {"title": None},
    "col": {"span": _COUNT},
    "colgroup": {"span": _COUNT},
    "img": {"src": None, "alt": None},
    "li": {"value": re.compile("[0-9]{1,6}")},
    "ol": {"start": re.compile("[0-9]{1,6}"), "reversed": re.compile("")},
    "section": {"id": re.compile("|".join(sorted(SECTION_IDS)))},
    "td": {"colspan": _COUNT, "rowspan": _COUNT},
    "th": {
        "colspan": _COUNT,
        "rowspan": _COUNT,
        "scope": re.compile("col|row|colgroup|rowgroup"),
    },
    "time": {"datetime": re.compile(r"[0-9PTWYDHMSZ:.+-]{1,40}")},
}
"""The attributes that are kept, with the values they may have (None: any, URLs checked apart)."""

_MAY_BE_RELATIVE = re.compile(r'[hHsS](?:[rR][eE][fF]|[rR][cC])(?!="(?:https?://|mailto:))')
"""What HTML with a relative link has: names of attributes cannot be written otherwise. Begins with
a set of letters, by which a search is many times as fast as one that ignores case."""
_MAY_BE_ADAPTED = re.compile("<(?:[hH]1|[iI][mM])")
"""What HTML has in which a parser finds one of the tags that only the first reading keeps."""
_ORDINARY_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[1-9][0-9]{0,3})?(?:/[A-Za-z0-9._~%/-]*(?:\?[A-Za-z0-9._~%=&-]+)?)?"
)
"""Most addresses of web pages, which need no more than a look."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")


def trusted(html: str) -> Markup:
    """Markup from HTML that our own code has built and escaped (highlights, charts)."""
    return Markup(html)  # noqa: S704 — the one place where that is decided


def strip_control(text: str) -> str:
    """The text without control characters, bidirectional overrides, or what XML 1.0 cannot hold.

    Line ends become a line feed. Tabs, joiners and marks of direction stay: scripts need them.
    """
    if is_ordinary(text):
        return text
    return _CONTROL.sub("", clean(text.replace("\r\n", "\n").replace("\r", "\n")))


def web_url(address: str | None, base: str | None = None) -> str | None:
    """The address if it leads to a web page (http or https), resolved against `base`; else None.

    Addresses with credentials are refused: they are made to look like another site's.
    """
    if address and len(address) <= _LONGEST_URL and _ORDINARY_URL.fullmatch(address):
        return address
    joined = "".join(strip_control(address or "").split("\n")).replace("\t", "").strip()
    try:
        joined = urljoin(base, joined) if base else joined
        parts = urlsplit(joined)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:  # the port too
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return re.sub(r"\s", "%20", joined) if len(joined) <= _LONGEST_URL else None


def sanitise_html(html: str, base_url: str | None = None) -> Markup:
    """HTML of any origin as content that is safe to show, with relative links made absolute.

    base_url: the page that it comes from. Headings start at h2, so that a page keeps one h1. Images
    of other sites are tracking pixels to a reader: each becomes a link with its alternative text.
    Sanitising twice changes nothing.
    """
    if _is_left_alone(html, base_url):
        return Markup(html)  # noqa: S704
    text = strip_control(html)
    if len(text) <= LONGEST:
        clean = _sanitised(text, base_url)
        if len(clean) <= LONGEST:
            return clean
    longest = LONGEST - len(CUT)
    text, is_cut = _lighter(text, longest)
    clean = _sanitised(text, base_url)
    while len(clean) > longest:  # cleaning writes more than it read
        text, is_cut = _lighter(text, len(text) * longest // len(clean) - 100)
        clean = _sanitised(text, base_url)
    return Markup(str(clean) + CUT) if is_cut else clean  # noqa: S704


def with_absolute_links(html: str, base_url: str) -> str:
    """HTML that was sanitised, for elsewhere: links that are relative to its page made absolute."""
    if _is_left_alone(html, base_url) or not _MAY_BE_RELATIVE.search(html):
        return html
    return str(sanitise_html(html, base_url))


def _lighter(html: str, longest: int) -> tuple[str, bool]:
    return lighter(html, longest, _ATTRIBUTES, _DROPPED_WITH_CONTENT)


def _sanitised(text: str, base_url: str | None) -> Markup:
    if would_be_words(text):
        return _as_text(text)
    # Where nothing is to be resolved, a cleaner for that costs more to make than to use.
    base = web_url(base_url) if _MAY_BE_RELATIVE.search(text) else None
    final = _cleaner(base, _TAGS)
    # HTML rules can rearrange what they themselves wrote, and a reference to a control character
    # is one once it was read; only a text that all of this leaves alone is shown. One that was
    # sanitised before, as what nodes send each other, is left alone at once.
    for attempt in range(7):
        cleaned = final.clean(strip_control(text) if attempt else text)
        adapted = fitted(cleaned)
        if text == cleaned == adapted and not (attempt and would_be_words(text)):
            _leave_alone(text, base)
            return Markup(text)  # noqa: S704
        is_first = not attempt and _MAY_BE_ADAPTED.search(text)
        text = fitted(_cleaner(base, _READ_TAGS).clean(text)) if is_first else adapted
    return _as_text(text)


_left_alone: set[tuple[bytes, str | None]] = set()
"""Digests of texts that sanitising was seen to leave as they are, each with the page that it was
on, or ANYWHERE. Who makes a text and who checks it ask the same of it."""
ANYWHERE = "anywhere"
"""The page of a text in which nothing is relative to its page."""
MOST_LEFT_ALONE = 20_000


def _leave_alone(text: str, base: str | None) -> None:
    if len(text) > LONGEST:  # it is cut, whoever has seen it whole
        return
    if len(_left_alone) >= MOST_LEFT_ALONE:
        _left_alone.clear()
    _left_alone.add((_digest(text), base if _MAY_BE_RELATIVE.search(text) else ANYWHERE))


def _is_left_alone(text: str, base_url: str | None) -> bool:
    digest = _digest(text)
    return (digest, ANYWHERE) in _left_alone or (digest, web_url(base_url)) in _left_alone


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def is_cut(html: str) -> bool:
    """Whether a text that was sanitised lacks its rest."""
    return html.endswith(CUT)


def plain_text(html: str) -> str:
    """The words of some HTML: a line per block, no markup, nothing of scripts or styles.

    The result is text, to be escaped like any other text.
    """
    text = strip_control(html)
    if len(text) > LONGEST:
        text, _ = _lighter(text, LONGEST)
    if would_be_words(text):
        return _strip_tags(text)
    kept = nh3.clean(
        text,
        tags=set(_BLOCKS),
        attributes={},
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        link_rel=None,
    )
    return _strip_tags(kept)


def _strip_tags(html: str) -> str:
    spaced = re.sub(r"<[^<>]*>", "\n", html.replace("\n", " "))
    lines = strip_control(html_.unescape(spaced)).split("\n")
    # No-break spaces are not collapsed: French typography needs them.
    words = (re.sub("[ \t]+", " ", line).strip() for line in lines)
    return "\n".join(line for line in words if line)


def _as_text(html: str) -> Markup:
    words = _strip_tags(html)
    # Escaped as the cleaner writes, so that it finds nothing to change in it.
    written = _cleaner(None, _TAGS).clean(f"<p>{escape(words)}</p>")
    return Markup(written) if words else Markup("")  # noqa: S704


@lru_cache(maxsize=64)
def _cleaner(base: str | None, tags: frozenset[str]) -> nh3.Cleaner:
    rules = {tag: set(names) for tag, names in _ATTRIBUTES.items() if tag in tags or tag == "*"}
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=rules,
        attribute_filter=_keep_attribute,
        link_rel="noopener nofollow ugc",
        url_schemes={"http", "https", "mailto"},
        url_relative=_resolver(base),
    )


def _resolver(base: str | None) -> Callable[[str], str | None]:
    """Links to the text's own sections stay, every other relative link becomes absolute."""

    def resolve(url: str) -> str | None:
        if base is None or url.removeprefix("#") in SECTION_IDS:
            return url
        return web_url(url, base)

    return resolve


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if "@" in value and name in ("href", "src") and _has_credentials(value):
        return None
    rule = _ATTRIBUTES.get(tag, {}).get(name) or _ATTRIBUTES["*"].get(name)
    return value if rule is None or rule.fullmatch(value) else None


_AUTHORITY = re.compile(r"\s*(?:https?:[\\/]*|[\\/]{2,})([^\\/?#]*)", re.I)


def _has_credentials(address: str) -> bool:
    """Whether it is made to look like another site's (https://bank.example@evil.example/).

    Read as browsers read: backslashes are slashes, and tabs and line ends are not there.
    """
    found = _AUTHORITY.match(re.sub("[\t\n\r]", "", address))
    return found is not None and "@" in found[1]
