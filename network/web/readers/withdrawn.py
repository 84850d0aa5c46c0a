"""Where a study was that its city has withdrawn: when, by whom and why, and what is still there."""

from __future__ import annotations

from typing import NoReturn

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from network.case_studies import queries as desk
from network.catalogue import queries, tombstones
from network.catalogue.addresses import NOWHERE
from network.catalogue.tombstones import Tombstone
from network.lib.i18n import LANGUAGES
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.pieces import cards
from network.web.readers import mention_links


def at(place: str, slug: str) -> ResponseReturnValue:
    """What to answer at a page's address without a study: 410 when one was withdrawn, else 404."""
    found = tombstones.at(session(), place, slug, locale.current())
    if found is None:
        city = None if place == NOWHERE else place
        _gone(desk.is_withdrawn(session(), city, slug))
    for each in tombstones.of_study(session(), found.study_key):
        place_there = cards.place_slug(each.place, each.lang)
        locale.switch_to(each.lang, place=place_there, slug=each.slug)
    return _page(found)


def by_id(uuid: str, lang: str | None) -> ResponseReturnValue:
    """The same for a permanent id of ours; lang: of the version, None for the study."""
    key = f"{settings().base_url}/id/{uuid}"
    found = tombstones.of_study(session(), key)
    chosen = next((each for each in found if lang in (None, each.lang)), None)
    if chosen is None:
        _gone(desk.state(session(), uuid) == "withdrawn")
    return _page(chosen)


def _gone(withdrawn: bool) -> NoReturn:
    """410 for a study of ours that was withdrawn: who linked to it can still be told of there."""
    if withdrawn:
        mention_links.advertise()
    abort(410 if withdrawn else 404)


def _page(found: Tombstone) -> ResponseReturnValue:
    if found.source_id is None:
        mention_links.advertise()
    city, city_url = cards.city_link(found.city)
    site, _icon = cards.sources().get(found.source_id or 0, (cards.site_name(), None))
    page = render_template(
        "readers/withdrawn.html",
        when=found.withdrawn_at,
        by=city or site,
        city_url=city_url,
        told_by=site if found.source_id is not None and site != city else None,
        reason=found.reason,
        reason_lang=found.reason_lang,
        version_lang=found.lang,
        others=_others(found),
        topics=cards.topic_links(found.topics),
    )
    return page, 410


def _others(found: Tombstone) -> list[tuple[str, str]]:
    """(language, address) of the study's versions that are still there."""
    study = queries.study(session(), found.study_key, bodies=False)
    return [
        (
            each.lang,
            locale.url(
                "case_studies.study",
                each.lang,
                place=cards.place_slug(each.place, each.lang),
                slug=each.slug,
            ),
        )
        for each in (study.versions if study else ())
        if each.lang in LANGUAGES
    ]
