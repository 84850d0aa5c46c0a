"""What a reader may mean while typing, and how a browser adds this site to its search box."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from flask import Blueprint, Response, make_response, render_template, request

from network.catalogue import queries
from network.catalogue.queries import Card
from network.cities.models import City
from network.lib import i18n
from network.lib.i18n import N_
from network.search import folding
from network.search.query import LONGEST_QUERY, clean
from network.topics.models import Topic
from network.web.entrance import counts, locale
from network.web.entrance.context import services, session, settings
from network.web.entrance.locale import localised
from network.web.pieces import cards

blueprint = Blueprint("suggestions", __name__)
TYPE = "application/x-suggestions+json"
"""What browsers ask for: the text, then what it may mean, explanations and addresses."""
NAMES = 2
"""Topics at most, and cities."""
WORDS = 3
TITLES = 4
SHORTEST = 2
"""Letters from which there are suggestions."""
SHORTEST_OTHER = 4
"""Letters from which what else a topic or a city is called counts."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """text: what is suggested. kind: what it is, in a few words, perhaps empty. url: where it
    leads. lang: of the text."""

    text: str
    kind: str
    url: str
    lang: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A topic or a city as it is offered, and the folded names by which it is found."""

    suggestion: Suggestion
    keys: tuple[str, ...]


@localised(blueprint, "/search/suggestions")
def suggest() -> Response:
    """Topics, cities, queries and titles for what has been typed into a search box."""
    typed = clean(request.args.get("q", "")[:LONGEST_QUERY])
    found = list(_suggestions(typed)) if len(typed) >= SHORTEST else []
    columns = zip(*((s.text, s.kind, s.url, s.lang) for s in found), strict=True)
    text = json.dumps([typed, *(columns if found else ([], [], [], []))], ensure_ascii=False)
    response = make_response(text)
    response.mimetype = TYPE
    response.headers["Cache-Control"] = "no-cache"  # what was withdrawn is not suggested any more
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


@localised(blueprint, "/opensearch.xml")
def description() -> Response:
    """The OpenSearch 1.1 description of this site's search, one a language."""
    response = make_response(render_template("searching/opensearch.xml", base=settings().base_url))
    response.mimetype = "application/opensearchdescription+xml"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _suggestions(typed: str) -> Iterator[Suggestion]:
    """Each text once: names first, then words, then titles."""
    words = _words(typed)
    if not words:
        return
    lang = locale.current()
    completed = services().search.complete(typed, lang, WORDS)
    queries_ = (
        Suggestion(q, "", locale.url("search.search", q=q), lang) for q in completed.queries
    )
    names = list(_named(" ".join(words)))
    yield from (name.suggestion for name in names)
    seen = {key.strip() for name in names for key in name.keys}
    for each in chain(queries_, _titles(completed.studies, words)):
        key = " ".join(_words(each.text))
        if key not in seen:
            seen.add(key)
            yield each


def _words(text: str) -> list[str]:
    return [word for found in folding.scan(text) for word in folding.piece(found[0]).words]


def _named(typed: str) -> Iterator[_Name]:
    """Topics, then cities, with a name in which a word begins so: the name that is shown first,
    then the others that they go by."""
    sought, most = f" {typed}", None if len(typed) >= SHORTEST_OTHER else 1
    for names in (_topics(), _cities()):
        fitting = [n for n in names if any(sought in key for key in n.keys[:most])]
        fitting.sort(key=lambda n: (not n.keys[0].startswith(sought), sought not in n.keys[0]))
        yield from fitting[:NAMES]


def _topics() -> list[_Name]:
    lang, numbers = locale.current(), counts.by("topic")
    return counts.kept(
        ("suggested topics", lang),
        lambda: [
            _name(N_("Topic"), "topics.topic", topic, numbers[slug], _called(topic, lang))
            for slug, topic in cards.topic_names().items()
            if numbers.get(slug)
        ],
    )


def _called(topic: Topic, lang: str) -> list[str]:
    return [topic.name(lang), *topic.names.values(), *topic.all_synonyms()]


def _cities() -> list[_Name]:
    lang, numbers = locale.current(), counts.by("city")
    known = cards.city_names()
    return counts.kept(
        ("suggested cities", lang),
        lambda: [
            _name(N_("City"), "cities.city", c, number, [c.name(lang), *c.names.values()])
            for slug, number in numbers.items()
            if (c := known.get(slug))
        ],
    )


def _name(kind: str, endpoint: str, entry: Topic | City, number: int, names: list[str]) -> _Name:
    lang = locale.current()
    noun = locale.ngettext("case study", "case studies", number)
    told = f"{locale._(kind)} · {i18n.number(number, lang)} {noun}"
    url = locale.url(endpoint, slug=entry.slug_in(lang))
    keys = (f" {' '.join(_words(name))}" for name in names)
    return _Name(Suggestion(entry.name(lang), told, url, lang), tuple(dict.fromkeys(keys)))


def _titles(keys: tuple[str, ...], words: list[str]) -> Iterator[Suggestion]:
    """Titles with all of the words; those that begin with them first. The rows come from the
    database, so that nothing is suggested that has been withdrawn."""
    rows = queries.cards(session(), keys, locale.current())
    fitting = [(title, row) for row in rows if _fits(title := _words(row.title), words)]
    fitting.sort(key=lambda pair: not " ".join(pair[0]).startswith(" ".join(words)))
    yield from islice((_title(row) for _, row in fitting), TITLES)


def _fits(title: list[str], words: list[str]) -> bool:
    *whole, last = words
    return set(whole) <= set(title) and any(word.startswith(last) for word in title)


def _title(row: Card) -> Suggestion:
    place = cards.city_link(row.city)[0]
    kind = locale._(N_("Case study"))
    told = f"{kind} · {place}" if place else kind
    return Suggestion(row.title, told, cards.study_url(row.place, row.slug), row.lang)
