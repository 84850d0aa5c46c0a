"""Takes in an ordinary feed: what is new or changed in it, with no claim that this is all.

What vanishes from such a feed stays with us, for most keep only their newest items.
"""

from __future__ import annotations

import hashlib
import html
import json
import logging
import uuid
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from network.catalogue.values import Attachment, Facts, Version
from network.intake import store, troubles, twins
from network.intake.decide import Held, dated, decide_foreign, moment
from network.intake.look import Look
from network.intake.twins import known_by
from network.lib import clock
from network.lib.db import writing
from network.reading.child import parse_in_child
from network.reading.one_by_one import LeftOut, each
from network.reading.values import ForeignFeed, ForeignItem
from network.subscriptions.fetch import Answer
from network.subscriptions.models import Subscription
from network.topics import service as topics
from network.topics.matching import Matcher

log = logging.getLogger(__name__)

UNKNOWN_LANGUAGE = "und"
"""BCP 47 for a text whose language nobody told or guessed."""

Found = dict[str, tuple[Version, str]]


def take_in(look: Look, answer: Answer) -> list[str]:
    """Parse a feed and store what is new in it; gives the keys of the studies that changed.

    Raises RemoteError (nothing was changed), ClaimLost.
    """
    response = answer.response
    feed = parse_in_child(
        response.content,
        response.headers.get("Content-Type"),
        response.url,
        content_language=response.headers.get("Content-Language"),
    )
    held = store.held(look.session, look.found.id)
    twice = twins.doubles(look.session, look.found.id)
    held = {entry_id: each for entry_id, each in held.items() if entry_id not in twice}
    matcher = Matcher(topics.all_topics(look.session))
    dated_before = store.dated(look.session, look.found.id)
    look.session.rollback()
    now = clock.now()
    items, unknown = _by_id(look.found, feed, held)
    changes, unread = _changes(look.found, feed, items, held, dated_before, matcher, now)
    left = [*feed.left_out, *unknown, *unread]
    if left:
        log.warning("%s: left out %s items, such as %s", look.found.url, len(left), left[0])
    with writing(look.session):
        keys, refused = store.apply_foreign(look.session, look.claim, changes, now, twice)
        found = troubles.of_items(items, refused, left, look.found.troubles, now)
        about = {"troubles": found, **_about(feed, look.found), **_changed(changes, held, now)}
        look.succeed(answer, now, **about)
    return keys


def _changed(changes: Found, held: dict[str, Held], now: datetime) -> dict[str, datetime]:
    """When the feed last changed. Of a feed read for the first time its newest item tells it, so
    that one which has been silent for years is at once looked at as rarely as such a one is."""
    if not changes:
        return {}
    newest = max(min(version.updated, now) for version, _ in changes.values())
    return {"changed_at": now if held else newest}


def _by_id(
    found: Subscription, feed: ForeignFeed, held: Mapping[str, Held]
) -> tuple[dict[str, ForeignItem], list[LeftOut]]:
    """The feed's items by the ids under which we hold or shall hold them, and those without one."""
    present = {item.identity for item in feed.items}

    def known(item: ForeignItem) -> tuple[str, ForeignItem]:
        said = known_by(item.identity, held, present, lambda said: item_id(found.id, said))
        return said, item

    known_items, left = each(known, feed.items, lambda item: item.title)
    return dict(known_items), left


def _changes(
    found: Subscription,
    feed: ForeignFeed,
    items: Mapping[str, ForeignItem],
    held: dict[str, Held],
    dated_before: Container[str],
    matcher: Matcher,
    now: datetime,
) -> tuple[Found, list[LeftOut]]:
    """The new and changed items as versions, oldest first, and those that cannot be made one."""

    def title(entry_id: str) -> str:
        return items[entry_id].title

    def change(entry_id: str) -> tuple[str, Version]:
        item = items[entry_id]
        known = moment(held[entry_id].updated) if entry_id in held else None
        if item.published is None and entry_id in dated_before:
            item = replace(item, published=known)  # the feed has lost it, and we have not
        slugs = matcher.match(item.categories)
        dates = dated(item.published, item.updated, known, now)
        return entry_id, as_version(entry_id, found, feed, item, slugs, dates)

    hashed, unknown = each(lambda key: (key, content_hash(items[key])), items, title)
    hashes = dict(hashed)
    plan = decide_foreign({key: known.hash for key, known in held.items()}, hashes)
    changed, unread = each(change, (*plan.new, *plan.changed), title)
    changed.sort(key=lambda pair: pair[1].published)
    return {key: (version, hashes[key]) for key, version in changed}, [*unknown, *unread]


def item_id(subscription_id: int, identity: str) -> str:
    """The id of an item here: the same for the same identity in one subscription only."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{subscription_id} {identity}").urn


def content_hash(item: ForeignItem) -> str:
    """What tells a change: the cleaned content, not its dates, which some sites renew each time,
    but whether there is one, nor a guess, which the items beside it may change."""
    lang = None if item.lang_is_guess else item.lang
    content = [item.url, item.title, item.summary, item.content_html, lang, item.licence]
    files = [(e.url, e.type, e.length, e.title) for e in item.enclosures]
    lists: list[Any] = [item.categories, item.authors, files]
    lists += [] if item.published else ["no date"]
    return hashlib.sha256(json.dumps([content, lists]).encode()).hexdigest()


def as_version(
    entry_id: str,
    found: Subscription,
    feed: ForeignFeed,
    item: ForeignItem,
    slugs: tuple[str, ...],
    dates: tuple[datetime, datetime],
) -> Version:
    """The item as a case study's version; of its city only what the administrator said is known."""
    published, updated = dates
    return Version(
        entry_id=entry_id,
        study_key=entry_id,
        lang=found.language or item.lang or feed.language or UNKNOWN_LANGUAGE,
        title=item.title or _title(item.summary) or feed.title or found.url,
        summary=item.summary,
        body_html=_body(item),
        url=item.url or feed.site_url or found.url,
        published=published,
        updated=updated,
        city=found.city,
        topics=slugs,
        facts=Facts(authors=item.authors, licence=item.licence),
        lang_is_guess=item.lang_is_guess and not found.language,
        date_is_unknown=item.published is None,
        attachments=tuple(Attachment(e.url, e.type, e.length, e.title) for e in item.enclosures),
    )


def _title(summary: str) -> str:
    """The beginning of an item that has no title (microblogs)."""
    if len(summary) <= 80:
        return summary
    return (summary[:80].rpartition(" ")[0] or summary[:80]) + "…"


def _body(item: ForeignItem) -> str:
    return item.content_html or (item.summary and f"<p>{html.escape(item.summary)}</p>")


def _about(feed: ForeignFeed, found: Subscription) -> dict[str, Any]:
    """What the feed says of itself."""
    values: dict[str, Any] = {
        "title": found.title if found.title_is_chosen else feed.title or found.title,
        "site_url": feed.site_url or found.site_url,
        "icon": feed.icon or "",
        "hub": feed.hub or "",
        "self_url": feed.self_url or "",
        "asked_seconds": min(feed.interval or 0, 86_400),
        "quiet_hours": list(feed.quiet) or None,
        "notice": feed.bozo or "",
        "notice_arguments": None,
    }
    if values["icon"] != found.icon:
        values["icon_due"] = None  # at once
    return values
