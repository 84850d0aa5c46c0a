"""`follow`, `unfollow`, `peers`, `poll`: the feeds that this node follows."""

from __future__ import annotations

from collections.abc import Iterable

import click
from sqlalchemy.orm import Session, sessionmaker

from network.cities import service as cities
from network.cities import site as sites
from network.cli.context import as_json, database, say, settings
from network.following import health, queries, service
from network.following.queries import PeerView
from network.lib import clock
from network.lib.errors import PioneerError
from network.moderation import parts
from network.moderation.rules import MODES, make_rule
from network.subscriptions.policy import open_door
from network.topics import service as topics


@click.command()
@click.argument("url", required=False)
@click.option("--city", default="", help="The city that an ordinary feed speaks for.")
@click.option("--moderation", type=click.Choice(MODES), help="What readers see at once of it.")
@click.option("--topic", multiple=True, help="A topic of --moderation publish-some or hold-some.")
@click.option("--lang", multiple=True, help="A language of it, such as fr.")
@click.option("--about", multiple=True, metavar="CITY", help="A city of it, such as lyon.")
@click.option("--opml", metavar="FILE|URL", help="Follow the sites of a list, or of a node’s list.")
@click.option("--members", is_flag=True, help="Of the list, only members of the network.")
@click.option("--dry-run", is_flag=True, help="Show what the list holds, and follow nothing.")
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def follow(
    url: str | None,
    city: str,
    moderation: str | None,
    topic: tuple[str, ...],
    lang: tuple[str, ...],
    about: tuple[str, ...],
    opml: str | None,
    members: bool,
    dry_run: bool,
    json_: bool,
) -> None:
    """Follow a site (any address of another node, a page, or a feed), or a list of sites.

    Again with --moderation, it changes what is shown at once of a site that is followed already.
    """
    if (url is None) == (opml is None):
        raise click.UsageError("Name a site, or a list with --opml.")
    if moderation is None and (topic or lang or about):
        raise click.UsageError("--topic, --lang and --about say nothing without --moderation.")
    if opml and (moderation or city):
        raise click.UsageError("--moderation and --city are for one site, not for a list.")
    node = settings()
    if opml is not None:
        from network.cli import opml as opml_

        opml_.follow(node, opml, members=members, dry_run=dry_run, json_=json_)
        return
    assert url is not None
    with database(node) as session, open_door(node) as door:
        if unknown := set(topic) - {each.slug for each in topics.all_topics(session)}:
            raise PioneerError("%(slug)s is not a topic that we know", slug=min(unknown))
        rule = make_rule(moderation, topic, lang, _cities(session, about)) if moderation else None
        found = service.follow(session, door, url, node, city=city or None, rule=rule)
        peer = queries.peer_or_fail(session, found.id)
        if json_:
            as_json(queries.as_dict(peer))
        else:
            zone = sites.read(session, node).timezone
            say(_line(peer, zone))
            if peer.kind == "member" and parts.is_part(url, peer.url):
                names = ", ".join(queries.rule_names(session, peer.rule, "en"))
                say(parts.said(peer.rule.mode) % {"names": names})


def _cities(session: Session, named: Iterable[str]) -> list[str]:
    found = {each: cities.by_slug(session, each) for each in named}
    if unknown := [each for each, city in found.items() if city is None]:
        raise PioneerError("%(slug)s is not a city that we know", slug=min(unknown))
    return [city.slug for city in found.values() if city]


@click.command()
@click.argument("url")
def unfollow(url: str) -> None:
    """Stop following a site, and take its case studies off the pages."""
    with database(settings()) as session:
        found = queries.find(session, url)
        service.unfollow(session, found.id)
        say(f"No longer following {found.title or found.url}")


@click.command()
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def peers(json_: bool) -> None:
    """List the followed sites and how they are."""
    node = settings()
    with database(node) as session:
        found, zone = queries.peers(session), sites.read(session, node).timezone
        if json_:
            as_json([queries.as_dict(peer) for peer in found])
            return
        for peer in found:
            say(_line(peer, zone))
        if not found:
            say("No site is followed yet. Run: pioneer-cities follow ADDRESS")


@click.command()
@click.argument("url", required=False)
@click.option("--all", "all_", is_flag=True, help="Every followed site.")
def poll(url: str | None, all_: bool) -> None:
    """Look at one followed site now, or at all of them."""
    if not url and not all_:
        raise click.UsageError("Name a site, or use --all.")
    node = settings()
    failed = 0
    with database(node) as session, open_door(node) as door:
        zone = sites.read(session, node).timezone
        chosen = queries.peers(session) if all_ else [queries.find(session, url or "")]
        for peer in chosen:
            service.poll(sessionmaker(session.get_bind()), door, peer.id, node)
            session.rollback()
            seen = queries.peer_or_fail(session, peer.id)
            failed += bool(seen.last_error)
            say(_line(seen, zone))
    if failed:
        raise PioneerError("%(number)s of them could not be read", number=failed)


def _line(peer: PeerView, zone: str) -> str:
    how = health.in_english(peer, clock.now(), zone)
    return f"{peer.title or peer.url} <{peer.url}>: {how}"


COMMANDS = (follow, unfollow, peers, poll)
