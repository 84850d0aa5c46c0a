"""Which pages elsewhere our studies link to, and which page of ours makes each link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from network.catalogue.models import Version
from network.facts import travel
from network.facts.links import LINKS
from network.lib.http.addresses import is_public
from network.lib.markup import Tag, tokens
from network.lib.sanitise import web_url

MOST = 100
"""Links of one study that are told; a list of thousands would be a burden to everybody."""
LONGEST = 2_000
"""Characters of an address."""


def pairs(versions: Iterable[Version], base_url: str) -> list[tuple[str, str]]:
    """(page of ours, page elsewhere) for what a study links to, in the order of importance.

    Versions in several languages mostly link to the same pages. Each of these is told once, by the
    original where that makes the link, so that a city is not told twice that one study learned
    from it.
    """
    found: dict[str, str] = {}
    for version in _original_first(versions):
        for target in of_version(version, base_url):
            found.setdefault(target, version.url)
    return [(source, target) for target, source in found.items()][:MOST]


def of_version(version: Version, base_url: str) -> list[str]:
    """What one version's page links to: what inspired it, its evidence, the links of its text."""
    of_facts = travel.links(travel.of_json(version.facts))
    written = [
        *(link.href for link in LINKS.of_json(version.inspired_by)),
        *(link.href for _relation, link in of_facts),
        *_in_text(version.body_html),
    ]
    return [href for href in dict.fromkeys(written) if _is_elsewhere(href, base_url)]


def _original_first(versions: Iterable[Version]) -> Sequence[Version]:
    return sorted(versions, key=lambda v: (v.translation != "original", v.lang))


def _in_text(body_html: str) -> list[str]:
    tags = (token for token in tokens(body_html) if isinstance(token, Tag))
    return [tag.attributes.get("href", "") for tag in tags if tag.name == "a"]


def _is_elsewhere(href: str, base_url: str) -> bool:
    """A web page of another site: our own pages know from our own rows who links to them.

    A node that only its own machine or network can reach (a demonstration, a test) tells nobody
    outside of it: nobody there could verify what it says.
    """
    if len(href) > LONGEST or web_url(href) is None:
        return False
    there, here = urlsplit(href), urlsplit(base_url)
    if _is_private(here.hostname) and not _is_private(there.hostname):
        return False
    return there.netloc.lower() != here.netloc.lower()


def _is_private(host: str | None) -> bool:
    """Whether a host is named by an address that is not public, or is this machine by name."""
    name = (host or "").rstrip(".")
    try:
        return not is_public(ip_address(name))
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
