"""From whatever someone typed to the feed to follow: a node's log before any other feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from network.intake.walk import NO_STATE
from network.lib.errors import InvalidInput, RemoteError
from network.lib.http import Door, Response
from network.lib.i18n import N_
from network.moderation import parts
from network.moderation.parts import Part
from network.reading.discover import (
    FeedLink,
    choices,
    feeds_from_header,
    find_feeds,
    find_websub,
    is_member_feed,
    likely_addresses,
    looks_like_feed,
    websub_from_header,
)
from network.reading.nodeinfo import NODEINFO, log_in_nodeinfo, nodeinfo_address
from network.subscriptions import fetch
from network.subscriptions.policy import Policy, limits

NAMED, GUESSED = 4, 6
"""Feeds that a page names, and addresses where feeds usually are, that are tried at most."""
OFFERED = 20


@dataclass(frozen=True, slots=True)
class Target:
    """The feed to follow. kind: a node's log, or any other feed. part: of the node, if it was the
    feed of a part of it that was named."""

    url: str
    kind: Literal["member", "foreign"]
    part: Part | None = None


class SeveralFeeds(InvalidInput):
    """A page names feeds that differ in what they hold: a person has to choose."""

    def __init__(self, links: list[FeedLink]) -> None:
        super().__init__(
            N_("This page names several feeds. Choose one of them: %(addresses)s"),
            field="address",
            addresses=", ".join(link.url for link in links),
        )
        self.links = links


def resolve(door: Door, typed: str, policy: Policy) -> Target:
    """Find the feed behind an address: of a feed, a page that names one, or any page of a node.

    Raises InvalidInput (nothing to follow there, it is this site, or SeveralFeeds), RemoteError.
    """
    address = parts.full(typed)
    _refuse_ourselves(address, policy)
    asker = _Asker(door, policy)
    response = asker.get(address)
    target = asker.member(response) or asker.foreign(response)
    if target is None:
        raise InvalidInput(
            N_("No feed was found at %(url)s. Give the address of a feed, or of a page with one."),
            field="address",
            url=response.url,
        )
    _refuse_ourselves(target.url, policy)
    if target.kind == "member" and parts.is_part(address, target.url):
        return replace(target, part=asker.part(response, target))
    return target


def _refuse_ourselves(url: str, policy: Policy) -> None:
    if fetch.same_site(url, policy.base_url):
        raise InvalidInput(
            N_("This is the address of this site itself; it need not follow itself."),
            field="address",
        )


class _Asker:
    """Looks at addresses, each once."""

    def __init__(self, door: Door, policy: Policy) -> None:
        self._door, self._limits = door, limits(policy)
        self._seen: dict[str, Response | RemoteError] = {}

    def get(self, url: str) -> Response:
        """The answer of an address. Raises RemoteError."""
        if url not in self._seen:
            try:
                self._seen[url] = fetch.get(self._door, url, self._limits)
            except RemoteError as error:
                self._seen[url] = error
        found = self._seen[url]
        if isinstance(found, RemoteError):
            raise found
        return found

    def member(self, response: Response) -> Target | None:
        """The log of the node that this is a page or a feed of.

        Raises RemoteError when a page names a log that cannot be had just now: the node's other
        feeds would be followed in its place, which promise nothing.
        """
        named = [link.url for link in _links(response) if link.is_log][:NAMED]
        usual = f"{fetch.origin_of(response.url)}/feed.atom"
        target = _first([response, *self._answers([*named, usual])], "member")
        failed = [found for url in named if isinstance(found := self._seen[url], RemoteError)]
        if target is None and named:
            raise failed[0] if failed else RemoteError(NO_STATE)
        return target or _first(self._answers(self._told_by_nodeinfo(response)), "member")

    def part(self, response: Response, target: Target) -> Part | None:
        """What of a node the feed at an address has; None when it cannot be told.

        Raises RemoteError when it may be told another time: all would be shown in its place.
        """
        try:
            feed = self.get(parts.in_atom(response.url))
        except RemoteError as error:
            if error.arguments.get("status") in (404, 410):
                return None
            raise
        log = self.get(target.url)
        return parts.read(feed.content, log.content, log.url)

    def _told_by_nodeinfo(self, response: Response) -> Iterator[str]:
        """The log that the site's NodeInfo names, should its pages be somebody else's."""
        known = f"{fetch.origin_of(response.url)}{NODEINFO}"
        for links in self._answers([known]):
            for document in self._answers(_some(nodeinfo_address(links.content, links.url))):
                yield from _some(log_in_nodeinfo(document.content, document.url))

    def foreign(self, response: Response) -> Target | None:
        """The feed that this is, or else that this page names, or else that its site has.

        Raises SeveralFeeds.
        """
        if found := _first([response], "foreign"):
            return found
        links = _links(response)
        if len(offered := choices(links)) > 1:
            raise SeveralFeeds(offered[:OFFERED])
        named = [*(link.url for link in links), *_some(_pushed(response))]
        guessed = likely_addresses(response.url)
        answers = self._answers([*named[:NAMED], *guessed[:GUESSED]])
        return _first(answers, "foreign")

    def _answers(self, urls: Iterable[str]) -> Iterable[Response]:
        """The good answers among those of several addresses."""
        for url in urls:
            try:
                yield self.get(url)
            except RemoteError:
                continue


def _links(response: Response) -> list[FeedLink]:
    """The feeds that a page names, in its headers or in its text."""
    headers = response.headers
    named = feeds_from_header(headers.get("Link", ""), response.url)
    written = find_feeds(response.content, response.url, headers.get("Content-Type"))
    return sorted([*named, *written], key=lambda link: not link.is_log)


def _pushed(response: Response) -> str | None:
    """The topic of a page that names a hub (WebSub, section 4): its feed, by another relation."""
    links = websub_from_header(response.headers.get("Link", ""), response.url)
    if not (links.hubs and links.self_url):
        media_type = response.headers.get("Content-Type")
        links = find_websub(response.content, response.url, media_type)
    return links.self_url if links.hubs else None


def _some(url: str | None) -> tuple[str, ...]:
    return () if url is None else (url,)


def _first(answers: Iterable[Response], kind: Literal["member", "foreign"]) -> Target | None:
    """The first feed among them; a node's log is one whatever kind is looked for."""
    for answer in answers:
        if is_member_feed(answer.content):
            return Target(_lasting(answer), "member")
        media_type = answer.headers.get("Content-Type")
        if kind == "foreign" and looks_like_feed(answer.content, media_type):
            return Target(_lasting(answer), kind)
    return None


def _lasting(answer: Response) -> str:
    """The address to remember: what was asked for, with the permanent redirects followed."""
    asked = answer.hops[0][1] if answer.hops else answer.url
    return answer.permanent_url or asked
