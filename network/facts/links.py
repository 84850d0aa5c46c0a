"""Links with a readable title: evidence, and the studies that inspired one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from network.facts.kinds import Control, Problem, Shown, problem
from network.facts.lines import items_of, line_of, one_line, titled
from network.facts.words import Listed, each_once, too_long, too_many
from network.lib import yaml_text
from network.lib.i18n import N_
from network.lib.sanitise import web_url

if TYPE_CHECKING:
    from network.facts.values import Facts

LONGEST_TITLE = 500

_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Link:
    """A link with a readable title (evidence, or a study that inspired this one)."""

    href: str
    title: str = ""


def read(raw: Any) -> tuple[Link, ...]:
    """Links from lines, or from a list of lines and of {title, url or href}; each once."""
    items = items_of(raw) if not isinstance(raw, Mapping) else (raw,)
    found = map(_link, items)
    return tuple(dict.fromkeys(link for link in found if link.title or link.href))


def plain(given: Iterable[Link]) -> list[dict[str, str]]:
    """Links as `read` reads them."""
    return [{"title": link.title, "href": link.href} for link in given]


def line(link: Link) -> str:
    """A link as one line of a form."""
    return titled(link.title, link.href)


def in_file(links: str | Iterable[Mapping[str, str]], key: str) -> str:
    """What stands after the colon in a file, of `plain` links. key: of their address."""
    if isinstance(links, str):
        return f" {yaml_text.quoted(links)}"
    quoted = yaml_text.quoted
    return "".join(
        "\n  - " + yaml_text.paired({"title": quoted(li["title"]), key: quoted(li["href"])})
        for li in links
    )


def _link(item: Any) -> Link:
    if not isinstance(item, Mapping):
        return _link_in(line_of(item))
    href, title = item.get("href") or item.get("url") or "", item.get("title") or ""
    return Link(line_of(href).strip(), line_of(title).strip())


def _link_in(text: str) -> Link:
    if " | " in f"{text} ":
        title, _, href = f"{text} ".rpartition(" | ")
        return Link(href.strip(), title.strip())
    title, _, last = text.rpartition(" ")
    if _ADDRESS.fullmatch(last):
        return Link(last, title.strip(" :–—-"))
    return Link(text)


@dataclass(frozen=True)
class Links(Listed):
    """Links, which travel as those of a relation."""

    control: ClassVar[Control] = "links"
    is_link: ClassVar[bool] = True
    holds_words: ClassVar[bool] = True

    def read(self, raw: Any, lang: str | None) -> Any:
        """Lines, or {title, url or href}."""
        return read(raw)

    def written(self, value: Any, lang: str | None) -> Any:
        """[{title, href}]."""
        return plain(value)

    def sent(self, field: Any) -> Any:
        """Links, as read takes them."""
        return plain(field)

    def filed(self, name: str, written: Mapping[str, Any]) -> str:
        """A link to a line."""
        return in_file(value, "url") if (value := written.get(name)) else ""

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """Too many, titles that are too long, and what leads to no web page."""
        yield from too_many(name, value)
        for link in value:
            if web_url(link.href) != link.href:
                message = N_("“%(link)s” needs an address that begins with https:// or http://.")
                yield problem(name, message, link=link.href or link.title)
            else:
                yield from too_long(name, link.title, LONGEST_TITLE)

    def tidy(self, value: Any) -> tuple[Link, ...]:
        """Those that lead to a web page, as they travel."""
        return each_once(
            Link(href, one_line(each.title, LONGEST_TITLE))
            if (href := web_url(each.href))
            else None
            for each in value
        )

    def to_json(self, value: Any) -> list[dict[str, str]]:
        """Objects."""
        return [{"href": each.href, "title": each.title} for each in value]

    def of_json(self, stored: Any) -> tuple[Link, ...]:
        """From objects."""
        return tuple(Link(item["href"], item.get("title", "")) for item in stored)

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """By their titles, which are in the language of the original."""
        return Shown(links=tuple((each.title or each.href, each.href) for each in value),
                     lang="original")  # fmt: skip

    def cell(self, value: Any, lang: str) -> Any:
        """A line each."""
        return "\n".join(map(line, value))

    def own_words(self, value: Any) -> tuple[str, ...]:
        """Their titles."""
        return tuple(each.title for each in value)

    def targets(self, value: Any) -> tuple[str, ...]:
        """Their addresses."""
        return tuple(each.href for each in value)


LINKS = Links()
"""For links that are no fact of the study's own: those to what inspired it."""
