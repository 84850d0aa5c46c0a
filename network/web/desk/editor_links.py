"""The editor's inspirations: found by words among known studies, or recognised by an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from network.adoptions import recognise
from network.catalogue import queries
from network.catalogue.values import Link, target_key
from network.lib.i18n import N_
from network.search import city_sizes
from network.search.query import LONGEST_QUERY, parse
from network.search.values import Filters
from network.web.desk.editor_form import Fields
from network.web.entrance import locale
from network.web.entrance.context import services, session, settings
from network.web.pieces import cards
from network.web.pieces.cards import StudyCard

NAME = "inspired_by"
MOST_FOUND = 8
NOT_READY = N_("The search index is being built. Try again in a minute.")
NOTHING = N_("No case study that this site knows fits “%(words)s”. Paste its address instead.")


@dataclass(frozen=True, slots=True)
class Search:
    """A search within the form. words: as typed. found: what to choose from. message: if any."""

    words: str = ""
    found: Sequence[StudyCard] = ()
    message: str | None = None


def known_by_address(fields: Fields, lang: str) -> Fields:
    """The fields with pasted addresses of known studies as permanent ids, with their titles.

    lang: of the original, for titles that the person did not type.
    """
    links: tuple[Link, ...] = fields[NAME]
    addresses = {link.href for link in links if link.href}
    if not addresses:
        return fields
    keys = recognise.recognise(session(), settings().base_url, addresses)
    titles = recognise.titles(session(), keys.values(), lang)
    changed = tuple(_known(link, keys, titles) for link in links)
    return {**fields, NAME: tuple(dict.fromkeys(changed))}


def _known(link: Link, keys: Mapping[str, str], titles: Mapping[str, str]) -> Link:
    key = keys.get(link.href)
    return Link(key, link.title or titles.get(key, "")) if key else link


def shown(links: Sequence[Link]) -> dict[str, StudyCard]:
    """address → the study that it is, of those that readers can see here."""
    keys = {link.href: target_key(link.href) for link in links if link.href}
    found = {card.study_key: card for card in cards.cards_of(list(dict.fromkeys(keys.values())))}
    return {href: found[key] for href, key in keys.items() if key in found}


def wanted() -> bool:
    """Whether the form was sent to search: by its button, or by Enter in its field."""
    words = request.form.get("find", "").strip()
    return request.form.get("then") == "find" or bool(words and "enter" in request.form)


def search(own_key: str, lang: str) -> Search:
    """What fits the words that stand in the form's search field. own_key: never among them."""
    words = request.form.get("find", "")[:LONGEST_QUERY].strip()
    if not words:
        return Search(message=locale._(N_("Type a word or two of its title, or its city.")))
    answer = services().search.search(
        parse(city_sizes.words(words)), Filters(), lang, 0, MOST_FOUND + 1
    )
    if not answer.ready:
        return Search(words, message=locale._(NOT_READY))
    keys = [hit.study_key for hit in answer.hits if hit.study_key != own_key][:MOST_FOUND]
    found = cards.show(queries.cards(session(), keys, locale.current()))
    return Search(words, found, None if found else locale._(NOTHING, words=words))


def added(fields: Fields, key: str, lang: str) -> Fields:
    """The fields with one more inspiration, which was chosen among those found."""
    links: tuple[Link, ...] = fields[NAME]
    titles = recognise.titles(session(), [key], lang)
    if key not in titles or any(target_key(link.href) == key for link in links):
        return fields
    return {**fields, NAME: (*links, Link(key, titles[key]))}
