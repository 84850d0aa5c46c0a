"""Which studies an address asks to compare: read from it, found, and written into other addresses.

A study is named as its page's address names it (`paris/participatory-budget`), in the words of the
page's language: short, readable, and kept by what is withdrawn, so that the page can say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request

from network.catalogue import queries, tombstones
from network.catalogue.models import Study
from network.facts import travel
from network.web.entrance import locale
from network.web.entrance.context import session
from network.web.pieces import cards
from network.web.readers.comparison import Column, labelled

PAGE, DOCUMENT = "compare.compare", "compare.document"
MOST = 4
"""Studies side by side: as many as a page in landscape holds."""
MOST_READ = 12
"""Of an address: what comes after is not even looked for."""
LONGEST = 250
"""Characters of a study's name in an address."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A chosen study that was withdrawn. url: the page that tells why."""

    city: str | None
    when: datetime
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen studies. names: of all that are kept in addresses. left_out: more than fit."""

    columns: list[Column]
    gone: list[Gone]
    unknown: list[str]
    left_out: int

    @property
    def names(self) -> list[str]:
        """The studies as this page's language names them."""
        return [name_of(column.study, locale.current()) for column in self.columns]

    @property
    def topics(self) -> list[str]:
        """The topics of all of them."""
        return list(dict.fromkeys(t for column in self.columns for t in column.version.topics))


def read() -> Selection:
    """What this request's address asks for; each study once."""
    found: dict[str, Study] = {}
    gone: dict[str, Gone] = {}
    unknown: list[str] = []
    for given in dict.fromkeys(request.args.getlist("study")[:MOST_READ]):
        key = _key(given)
        study = queries.study(session(), key) if key else None
        if study is not None:
            found[study.study_key] = study
        elif withdrawn := _gone(given):
            gone[withdrawn.name] = withdrawn
        elif given.strip():
            unknown.append(given[:LONGEST])
    columns = [_column(study) for study in list(found.values())[:MOST]]
    named = [
        replace(each, label=label) for each, label in zip(columns, labelled(columns), strict=True)
    ]
    return Selection(named, list(gone.values()), unknown, max(0, len(found) - MOST))


def _parts(given: str) -> tuple[str, str] | None:
    place, slash, slug = given.strip().partition("/")
    if not (place and slash and slug) or "/" in slug or len(given) > LONGEST or "\0" in given:
        return None
    return cards.place_named(place), slug


def _key(given: str) -> str | None:
    parts = _parts(given)
    return queries.key_at(session(), *parts, locale.current()) if parts else None


def _gone(given: str) -> Gone | None:
    parts = _parts(given)
    found = tombstones.at(session(), *parts, locale.current()) if parts else None
    if found is None:
        return None
    city, _url = cards.city_link(found.city)
    name = f"{cards.place_slug(found.place, locale.current())}/{found.slug}"
    return Gone(city, found.withdrawn_at, cards.study_url(found.place, found.slug), name)


def _column(study: Study) -> Column:
    version = queries.best_version(study.versions, locale.current())
    city, _url = cards.city_link(study.city)
    return Column(
        key=study.study_key,
        study=study,
        version=version,
        url=cards.study_url(version.place, version.slug),
        city=city,
        facts=travel.of_json(version.facts),
    )


def name_of(study: Study, lang: str) -> str:
    """What addresses of a language call a study."""
    best = queries.best_version(study.versions, lang)
    return f"{cards.place_slug(best.place, lang)}/{best.slug}"


def address(names: Sequence[str], endpoint: str = PAGE, **more: str | None) -> str:
    """Where these studies are compared."""
    return locale.url(endpoint, study=tuple(names) or None, **more)


def keep_in_switch(chosen: Selection, more: Iterable[tuple[str, str]]) -> None:
    """The language link leads to the same studies, in its language's words."""
    kept = [*(("study", gone.name) for gone in chosen.gone), *more]
    for lang in locale.others():
        query = [("study", name_of(column.study, lang)) for column in chosen.columns]
        locale.switch_to(lang, query=[*query, *kept])
