"""The two e-mails about kept searches, in the reader's language: as text, and as simple HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from network.catalogue.queries import Card
from network.cities.models import City
from network.cities.site import Site
from network.config import Settings
from network.lib import i18n
from network.lib.i18n import N_, translate
from network.lib.mail import Letter
from network.saved_searches.addresses import Addresses
from network.saved_searches.models import SavedSearch, SearchDigest

SHOWN = 20
"""Studies that one mail describes; the others are a link away."""
SUMMARY = 300
"""Characters of a summary."""


@dataclass(frozen=True, slots=True)
class Item:
    """One study. lang: of its title and summary."""

    title: str
    url: str
    about: str
    summary: str
    lang: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says, before it takes a form. links: (label, address). footer: why it came."""

    lang: str
    title: str
    paragraphs: Sequence[str]
    items: Sequence[Item]
    links: Sequence[tuple[str, str]]
    footer: Sequence[str]
    ends: Sequence[tuple[str, str]]


def question(row: SavedSearch, labels: Sequence[str], settings: Settings, site: Site) -> Letter:
    """Asks the owner of a mailbox whether these mails are wanted."""
    addresses = Addresses(settings, row.lang)

    def say(message: str, **arguments: Any) -> str:
        return translate(row.lang, message, arguments)

    subject = say(N_("Confirm your search “%(name)s”"), name=row.name)
    words = Words(
        row.lang,
        subject,
        [
            say(
                N_("Somebody, probably you, asked %(site)s for news of this search:"),
                site=site.name(row.lang),
            ),
            described(row, labels),
            say(N_("To get them, open this page and press the button.")),
        ],
        [],
        [(say(N_("Confirm this search")), addresses.confirm(row.handle))],
        [
            say(
                N_(
                    "If it was not you, do nothing: you will get no news, and your mailbox is "
                    "forgotten in three days."
                )
            )
        ],
        [],
    )
    return letter(f"confirm.{row.handle}", row.email, subject, words)


def news(
    digest: SearchDigest,
    row: SavedSearch,
    mailbox: str,
    cards: Sequence[Card],
    cities: dict[str, City],
    labels: Sequence[str],
    settings: Settings,
    site: Site,
) -> Letter:
    """Tells what is new in a search. cards: of the studies that can still be seen,
    at least one. cities: by slug. labels: of the search's filters."""
    addresses, lang = Addresses(settings, row.lang), row.lang

    def say(message: str, **arguments: Any) -> str:
        return translate(lang, message, arguments)

    counted = i18n.catalogue(lang).ngettext(
        "%(count)s new case study in “%(name)s”", "%(count)s new case studies in “%(name)s”",
        len(cards),
    )  # fmt: skip
    subject = counted % {"count": i18n.number(len(cards), lang), "name": row.name}
    more = len(cards) - SHOWN
    page = addresses.search(row.query, row.filters)
    words = Words(
        lang,
        subject,
        [described(row, labels)],
        [_item(card, cities.get(card.city or ""), addresses) for card in cards[:SHOWN]],
        [
            (
                say(N_("And %(count)s more: all results"), count=i18n.number(more, lang))
                if more > 0
                else say(N_("All results of this search")),
                page,
            )
        ],
        [
            say(
                N_("You get this because you keep this search on %(site)s."),
                site=site.name(row.lang),
            )
        ],
        [
            (say(N_("Change how often")), addresses.manage(row.handle)),
            (say(N_("Unsubscribe")), addresses.unsubscribe(row.handle)),
        ],
    )
    end = addresses.unsubscribe(row.handle)
    return letter(f"digest.{digest.id}", mailbox, subject, words, end)


def described(row: SavedSearch, labels: Sequence[str]) -> str:
    """The search in one line: its words and what it is narrowed to. labels: of its filters."""
    words = [translate(row.lang, N_("Search: %(q)s"), {"q": row.query})] if row.query else []
    return " · ".join([*words, *labels]) or row.name


def _item(card: Card, city: City | None, addresses: Addresses) -> Item:
    lang = addresses.lang
    about = [city.name(lang)] if city else []
    about += [i18n.country_name(card.country, lang)] if card.country else []
    if card.lang != lang:
        about.append(i18n.language_name(card.lang, lang))
    summary = card.summary
    if len(summary) > SUMMARY:
        summary = summary[:SUMMARY].rpartition(" ")[0] + "…"
    return Item(card.title, addresses.study(card, city), ", ".join(about), summary, card.lang)


def letter(id_: str, to: str, subject: str, words: Words, unsubscribe: str = "") -> Letter:
    """What is said, in both forms. id_, unsubscribe: see Letter."""
    return Letter(id_, to, subject, as_text(words), as_html(words), words.lang, unsubscribe)


def as_text(words: Words) -> str:
    """For readers of plain text."""
    blocks = [words.title, *words.paragraphs]
    for item in words.items:
        lines = [item.title, item.about, " ".join(item.summary.split()), item.url]
        blocks.append("\n".join(line for line in lines if line))
    blocks += [f"{label}\n{url}" for label, url in words.links]
    blocks += ["-- ", *words.footer, *(f"{label}\n{url}" for label, url in words.ends)]
    return "\n\n".join(blocks) + "\n"


def as_html(words: Words) -> str:
    """The same for everybody else: elements without style, which each mailbox shows as it likes."""
    parts = [f"<h1>{escape(words.title)}</h1>"]
    parts += [f"<p>{escape(text)}</p>" for text in words.paragraphs]
    parts += [_item_html(item, words.lang) for item in words.items]
    parts += [f"<p>{_link(label, url)}</p>" for label, url in words.links]
    parts.append("<hr>")
    parts += [f"<p>{escape(text)}</p>" for text in words.footer]
    if words.ends:
        parts.append(f"<p>{' · '.join(_link(label, url) for label, url in words.ends)}</p>")
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{words.lang}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(words.title)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _item_html(item: Item, lang: str) -> str:
    mark = f' lang="{escape(item.lang)}"' if item.lang != lang else ""
    about = f"{escape(item.about)}<br>" if item.about else ""
    title = f'<h2{mark}><a href="{escape(item.url)}">{escape(item.title)}</a></h2>'
    return f"{title}\n<p>{about}<span{mark}>{escape(item.summary)}</span></p>"


def _link(label: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>'
