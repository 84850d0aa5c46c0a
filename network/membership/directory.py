"""From any address of a site to the list of the sites that it knows, and what we know of those."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.lib.errors import InvalidInput, RemoteError
from network.lib.http import Door, Limits, Response
from network.lib.i18n import N_
from network.membership.nodeinfo import describe
from network.reading.opml import (
    MOST_BYTES,
    ListedSite,
    SiteList,
    looks_like_opml,
    parse_opml,
    same_feed,
)
from network.subscriptions import fetch
from network.subscriptions.models import Subscription
from network.subscriptions.policy import Policy

LIST = "/network.opml"
"""Where a node keeps its list, unless its NodeInfo names another address."""
ACCEPT = "text/x-opml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Found:
    """A list and the address that it stands at."""

    url: str
    sites: SiteList


def read_list(door: Door, typed: str, policy: Policy) -> Found:
    """The list at an address, of a list or of any page of a node.

    A node's list is found by its NodeInfo, and else where nodes have it. Raises InvalidInput,
    RemoteError.
    """
    address = typed.strip()
    if "://" not in address:
        address = f"https://{address}"
    if fetch.same_site(address, policy.base_url):
        raise InvalidInput(
            N_("This is this site itself. Give the address of another site of the network."),
            field="address",
        )
    limits = Limits(seconds=float(policy.fetch_seconds), body_bytes=MOST_BYTES)
    response = fetch.get(door, address, limits)
    if not _is_list(response):
        response = _of_node(door, response.url, policy, limits)
    return Found(response.url, parse(response))


def parse(response: Response) -> SiteList:
    """The list that an answer is. Raises InvalidInput."""
    return parse_opml(response.content, response.headers.get("Content-Type"), response.url)


def _is_list(response: Response) -> bool:
    return looks_like_opml(response.content, response.headers.get("Content-Type"))


def _of_node(door: Door, url: str, policy: Policy, limits: Limits) -> Response:
    """The answer of the first address where the site's list is. Raises InvalidInput."""
    origin = fetch.origin_of(url)
    described = describe(door, url, policy)
    named = [described.opml] if described and described.opml else []
    for candidate in dict.fromkeys([*named, origin + LIST]):
        try:
            response = fetch.get(door, candidate, limits)
        except RemoteError:
            continue
        if _is_list(response):
            return response
    raise InvalidInput(
        N_("No list of sites was found at %(url)s. Is it a site of the network?"),
        field="address",
        url=url,
    )


class Known:
    """What is followed already, to be compared with a list."""

    def __init__(self, session: Session, base_url: str) -> None:
        self._base_url = base_url
        self._feeds: dict[tuple[str, str, str], int] = {}
        self._members: dict[str, int] = {}
        rows = session.scalars(select(Subscription))
        for row in rows:
            self._feeds[same_feed(row.url)] = row.id
            if row.kind == "member":
                for origin in (row.origin, *row.former_origins):
                    self._members[_host(origin)] = row.id

    def is_ours(self, url: str) -> bool:
        """Whether it is this site itself."""
        return fetch.same_site(url, self._base_url)

    def followed(self, url: str, is_member: bool) -> int | None:
        """The number of the subscription that has this feed, if there is one."""
        found = self._feeds.get(same_feed(url))
        return self._members.get(_host(fetch.origin_of(url))) if is_member and not found else found


def _host(origin: str) -> str:
    return same_feed(origin)[0]


def newest(session: Session) -> int:
    """The greatest number of a subscription: what is followed from now on has a greater one."""
    found = session.scalar(select(func.max(Subscription.id))) or 0
    session.rollback()
    return found


def payload(site: ListedSite, after: int) -> dict[str, str | bool | int | None]:
    """A listed site as the job that follows it needs it. after: see `newest`."""
    return {
        "url": site.url,
        "page": site.page,
        "language": site.language,
        "member": site.is_member,
        "city": site.city,
        "group": site.group,
        "after": after,
    }
