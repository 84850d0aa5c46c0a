"""Browsing case studies and reading one, own or followed, and its lineage."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from network.adoptions import graph
from network.case_studies import queries as desk
from network.case_studies import workflow
from network.catalogue import listing, queries, values
from network.catalogue.models import Study, Version
from network.facts import travel
from network.following import queries as subscriptions
from network.lib.errors import NotFound
from network.lib.i18n import LANGUAGES
from network.lib.sanitise import trusted
from network.moderation import review
from network.web.entrance import counts, locale
from network.web.entrance.context import session, settings
from network.web.entrance.locale import localised
from network.web.entrance.page_cache import cached
from network.web.entrance.session import current_user
from network.web.pieces import cards, chains, feeds_links, filters, kinship, sheet
from network.web.pieces.sheet import Languages
from network.web.readers import attachments, mention_links, related, withdrawn

blueprint = Blueprint("case_studies", __name__)


@localised(blueprint, "/case-studies/")
@cached
def browse() -> str:
    """Every study, newest first or in another order, narrowed by filters."""
    chosen, page, order = filters.read(), filters.page_number(), filters.order(listing.ORDERS)
    total = counts.total(chosen)
    if page > 1 and (page - 1) * listing.PAGE >= total:
        abort(404)
    sort = filters.order_said(order, listing.ORDERS)
    filters.keep_in_switch(chosen, sort=sort, page=page if page > 1 else None)
    shown = _listed(chosen, page, order)
    here = "case_studies.browse"
    more = page * listing.PAGE < total
    return render_template(
        "readers/browse.html",
        cards=cards.show(shown),
        filters=_facets(here, chosen, sort),
        active=filters.active(here, chosen, sort=sort),
        clear_url=locale.url(here, sort=sort),
        orders=filters.orders(here, chosen, order, listing.ORDERS),
        total=total,
        page=page,
        next_url=filters.address(here, chosen, sort=sort, page=page + 1) if more else None,
        prev_url=_previous(here, chosen, sort, page),
        feed_links=feeds_links.for_list(chosen),
        feed_url=feeds_links.public_address("atom", chosen),
        csv_url=filters.address("csv_list.document", chosen),
        save_url=filters.address("saved_searches.save", chosen),
    )


def _listed(chosen: queries.Filter, page: int, order: str) -> list[queries.Card]:
    """A page of cards; in any order but the usual one it takes looking at every study."""
    lang = locale.current()
    if order == listing.NEWEST:
        return listing.browse(session(), chosen, lang, page)
    return counts.kept(
        ("browse", chosen, order, lang, page),
        lambda: listing.browse(session(), chosen, lang, page, order),
    )


def _facets(here: str, chosen: queries.Filter, sort: str | None) -> list[filters.Facet]:
    return counts.kept(
        ("browse facets", chosen, sort, locale.current()),
        lambda: filters.facets(here, chosen, counts.of_facets(chosen), sort=sort),
    )


def _previous(here: str, chosen: queries.Filter, sort: str | None, page: int) -> str | None:
    if page == 1:
        return None
    return filters.address(here, chosen, sort=sort, page=page - 1 if page > 2 else None)


@localised(blueprint, "/case-studies/<place>/<slug>")
@cached
def study(place: str, slug: str) -> ResponseReturnValue:
    """One study in the page's language; without one, the page says so and links what exists."""
    located = _locate(place, slug, "case_studies.study")
    if located is None:
        return withdrawn.at(cards.place_named(place), slug)
    found, version, redirection = located
    if redirection:
        return redirect(redirection, 301)
    view = _view(found, version)
    return render_template(
        "readers/study.html",
        study=view,
        related=related.related(found, version.topics, (view["inspired_by"], view["inspired"])),
        notice_lang=None if version.lang == locale.current() else locale.current(),
        alternates=_alternates(found, version),
        feed_links=feeds_links.for_list(queries.Filter(city=found.city)),
        hreflangs=_hreflangs(found),
        canonical_url=_address(found, version, version.lang, absolute=True),
        lineage_url=_address(found, version, locale.current(), "case_studies.lineage"),
        description=version.summary,
        edit_url=_edit_url(found),
        mention=mention_links.of_study(found, version.url),
    )


def _edit_url(found: Study) -> str | None:
    """The editor, for those who may change this study of ours."""
    user = current_user()
    if user is None or found.source_id is not None:
        return None
    try:
        row, _draft = desk.get(session(), found.study_key.rpartition("/")[2])
    except NotFound:
        return None
    mine = row.owner_id == user.id
    may = workflow.allowed("save", user.role, mine, row.state)
    return locale.url("desk.edit", study_id=row.id) if may else None


@localised(
    blueprint,
    "/case-studies/<place>/<slug>/lineage",
)
@cached
def lineage(place: str, slug: str) -> ResponseReturnValue:
    """What the study was inspired by and what it inspired, as a drawing and as a table."""
    located = _locate(place, slug, "case_studies.lineage")
    if located is None:
        return withdrawn.at(cards.place_named(place), slug)
    found, version, redirection = located
    if redirection:
        return redirect(redirection, 301)
    return render_template(
        "readers/lineage.html",
        study=_view(found, version),
        chain=(
            chain := chains.chain(graph.around(session(), found.study_key, settings().base_url))
        ),
        total_cities=len({n["label"] for column in chain.columns for n in column}) if chain else 0,
    )


def _locate(place: str, slug: str, endpoint: str) -> tuple[Study, Version, str | None] | None:
    """The study at an address, the version to show, and where to go when the address is another's.

    None when there is none (any more). Sets what the language link leads to.
    """
    lang = locale.current()
    key = queries.key_at(session(), cards.place_named(place), slug, lang)
    found = queries.study(session(), key) if key else None
    if found is None:
        return None
    version = queries.best_version(found.versions, lang)
    for other in locale.others():
        best = queries.best_version(found.versions, other)
        locale.switch_to(other, place=cards.place_slug(best.place, other), slug=best.slug)
    proper = (cards.place_slug(version.place, lang), version.slug)
    target = None
    if (place, slug) != proper:
        target = locale.url(endpoint, place=proper[0], slug=proper[1])
    return found, version, target


def _address(
    found: Study,
    version: Version,
    lang: str,
    endpoint: str = "case_studies.study",
    absolute: bool = False,
) -> str:
    lang = lang if lang in LANGUAGES else locale.current()
    best = queries.best_version(found.versions, lang)
    make = locale.public_url if absolute else locale.url
    return make(endpoint, lang, place=cards.place_slug(best.place, lang), slug=best.slug)


def _hreflangs(found: Study) -> list[tuple[str, str]]:
    """Reciprocal hreflang links of the versions that exist, with x-default."""
    links = [
        (v.lang, _address(found, v, v.lang, absolute=True))
        for v in found.versions
        if v.lang in LANGUAGES
    ]
    original = next((v for v in found.versions if v.translation == "original"), None)
    if links and original is not None:
        links.append(("x-default", _address(found, original, original.lang, absolute=True)))
    return links


def _view(found: Study, version: Version) -> dict[str, Any]:
    """What study.html shows."""
    city_name, city_url = cards.city_link(found.city)
    city = cards.city_names().get(found.city or "")
    inspired_by, inspired = kinship.kin_of(found.study_key)
    return {
        "title": version.title,
        "summary": version.summary,
        "body_html": trusted(version.body_html),
        "lang": version.lang,
        "lang_is_guess": version.lang_is_guess,
        "langs": sorted(v.lang for v in found.versions),
        "translation": version.translation,
        "outdated_since": version.outdated_since,
        "original_lang": version.original_lang,
        "published": found.published,
        "date_is_unknown": version.date_is_unknown,
        "updated": version.updated,
        "city": city_name,
        "city_url": city_url,
        "country": found.country,
        "population": city.population if city else None,
        "topics": cards.topic_links(version.topics),
        "sheet": sheet.page(
            sheet.about(travel.of_json(version.facts), found.city, version.contact_role),
            Languages(version.lang, version.original_lang or version.lang),
            version.legal_basis,
        ),
        "inspired_by": inspired_by,
        "inspired": inspired,
        "attachments": attachments.show(values.attachments_from_json(version.attachments)),
        "origin": _origin(found, version),
        "permanent_id": version.entry_id,
        "url": _address(found, version, locale.current()),
        "compare_key": f"{cards.place_slug(version.place, locale.current())}/{version.slug}",
    }


def _origin(found: Study, version: Version) -> dict[str, Any] | None:
    """Where a followed study comes from, in plain words."""
    if found.source_id is None:
        return None
    peer = subscriptions.peer(session(), found.source_id)
    return {
        "name": peer.title if peer else version.url,
        "icon": cards.icon_url(peer.id, peer.icon_mark) if peer else None,
        "url": version.url,
        "site_url": peer.site_url if peer else version.url,
        "received": version.received,
        "complete_as_of": peer.complete_at if peer else None,
        "kind": peer.kind if peer else "foreign",
        "state": peer.state if peer else "active",
        "changed_since": review.changed_since(session(), version.entry_id),
    }


def _alternates(found: Study, version: Version) -> list[tuple[str, str]]:
    """(language, address) of the versions to go to: the others, and on a page that shows a text
    in another language than its own, that text's proper page. A third language is at its origin."""
    return [
        (v.lang, _address(found, v, v.lang) if v.lang in LANGUAGES else v.url)
        for v in found.versions
        if v.entry_id != version.entry_id or v.lang != locale.current()
    ]


@blueprint.get("/id/<uuid:uuid>")
@blueprint.get("/id/<uuid:uuid>/<lang>")
def permanent(uuid: Any, lang: str | None = None) -> ResponseReturnValue:
    """The permanent id leads to the page (303), in the language asked for."""
    key = queries.key_of_uuid(session(), settings().base_url, str(uuid))
    found = queries.study(session(), key, bodies=False) if key else None
    if found is None:
        return withdrawn.by_id(str(uuid), lang)
    wanted = lang if lang in LANGUAGES else locale.preferred()
    version = queries.best_version(found.versions, wanted)
    if lang and version.lang != lang:
        return withdrawn.by_id(str(uuid), lang)
    return redirect(_address(found, version, wanted), 303)
