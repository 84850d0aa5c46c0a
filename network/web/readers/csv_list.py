"""What the filters of the list select, as CSV: a row for each study, figures as numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, request, send_file
from werkzeug.http import is_resource_modified

from network.catalogue import listing, queries
from network.catalogue.models import Study, Version
from network.facts import sheet, travel
from network.facts.rows import About, Column
from network.lib import csv_text, i18n
from network.lib.i18n import N_
from network.lib.languages import in_words
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.entrance.locale import localised
from network.web.pieces import cards, conditional, filters, zone
from network.web.pieces.sheet import about as about_study

blueprint = Blueprint("csv_list", __name__)
FIRST = (
    N_("Title"), N_("Summary"), N_("Language"), N_("All languages"), N_("City"), N_("Country"),
    N_("Inhabitants"), N_("Topics"),
)  # fmt: skip
"""Columns before those of the facts."""
DATES = (
    N_("Published"), N_("Updated"), N_("Address"), N_("Original page"), N_("Permanent id"),
)  # fmt: skip
"""Columns after those of the sheet."""


@localised(blueprint, "/case-studies.csv")
def document() -> Response:
    """All of the selection, whatever its length; 304 while the catalogue stays as it is."""
    chosen = filters.read()
    mark = conditional.mark(queries.version(session()), locale.current(), chosen, csv_text.FORMAT)
    if not is_resource_modified(request.environ, etag=mark):
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        response = _whole(csv_text.lines(_rows(chosen), locale.current()))
    response.set_etag(mark)
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Content-Language"] = locale.current()
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _whole(lines: Iterator[bytes]) -> Response:
    """Written to a file first: whoever reads slowly keeps neither a thread nor the database."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — sent, and closed, after this
    file.writelines(lines)
    file.seek(0)
    name = in_words("case-studies", locale.current())
    response = send_file(
        file, csv_text.TYPE, as_attachment=True, download_name=f"{name}.csv", max_age=None
    )
    response.content_type = csv_text.TYPE
    return response


def _rows(chosen: queries.Filter) -> Iterator[list[object]]:
    means, people, others = sheet.listed("means"), sheet.listed("people"), sheet.unplaced()
    heads = (*FIRST, *_heads(means), N_("Legal basis"), *_heads(people), *DATES, *_heads(others))
    yield [locale._(name) for name in heads]
    for study, version in listing.every(session(), chosen, locale.current()):
        facts = travel.of_json(version.facts)
        about = about_study(facts, study.city, version.contact_role)
        yield [
            *_study(study, version, about.population),
            *_cells(means, about),
            version.legal_basis,
            *_cells(people, about),
            *_dates(version),
            *_cells(others, about),
        ]


def _heads(columns: list[Column]) -> list[str]:
    return [label for label, _value in columns]


def _cells(columns: list[Column], about: About) -> list[object]:
    return [value(about, locale.current()) for _label, value in columns]


def _study(study: Study, version: Version, population: int | None) -> list[object]:
    city, topics, lang = (
        cards.city_names().get(study.city or ""),
        cards.topic_names(),
        locale.current(),
    )
    return [
        version.title,
        version.summary,
        version.lang,
        " ".join(sorted(v.lang for v in study.versions)),
        city.name(lang) if city else study.city,
        i18n.country_name(study.country, lang) if study.country else None,
        population,
        "; ".join(topics[slug].name(lang) for slug in version.topics if slug in topics),
    ]


def _dates(version: Version) -> list[object]:
    return [
        None if version.date_is_unknown else zone.day(version.published).isoformat(),
        None if version.date_is_unknown else zone.day(version.updated).isoformat(),
        settings().base_url + cards.study_url(version.place, version.slug),
        version.url,
        version.entry_id,
    ]
