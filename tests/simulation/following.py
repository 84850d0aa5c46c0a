"""What administrators and workers of simulated cities do about the others, and with themselves."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from network.following import service
from network.jobs import service as jobs
from network.lib.errors import InvalidInput, PioneerError
from network.subscriptions import claims
from network.worker import handlers, loop
from tests.simulation import tables, writing
from tests.simulation.invariants import name_of
from tests.simulation.liar import LIES
from tests.simulation.node import Node

if TYPE_CHECKING:
    from tests.simulation.world import World


DUTIES = ("webmentions due", "hub-distribute", "hub-sweep", "websub-keep", "adoptions", "followers")
"""Those that simulated workers have."""


MOST_WRITTEN_AGAIN = 6


@dataclass(frozen=True)
class Followed:
    """A subscription as an operation picks it."""

    id: int
    url: str
    origin: str
    state: str
    pending_url: str | None

    @property
    def name(self) -> str:
        """Whom it follows."""
        return name_of(self.origin)


def followed(node: Node) -> list[Followed]:
    """All of a node's subscriptions, in the order of whom they follow."""
    rows = node.rows("SELECT id, url, origin, state, pending_url FROM subscription")
    return sorted((Followed(*row) for row in rows), key=lambda f: f.name)


def one(world: World, node: Node) -> Followed | None:
    """The subscription that somebody has in mind."""
    name = world.whom(node)
    return next((f for f in followed(node) if f.name == name), None)


def follow(world: World, node: Node, dice: random.Random) -> None:
    """Follow somebody who is not followed yet, by an address of theirs."""
    name = world.whom(node)
    if any(f.name == name for f in followed(node)):
        return
    addresses = ["", "/feed.atom", "/feed.atom", "/en/"] if name != "mallory" else ["/feed.atom"]
    address = dice.choice(addresses)
    world.asks(node)
    with node.at_work(), node.sessions() as session:
        url = f"http://{world.host(name)}{address}"
        try:
            found = service.follow(session, node.door, url, node.settings)
        except PioneerError as error:
            world.say(f"{node.name} cannot follow {name}: {error}")
            return
        id_, error = found.id, found.error
    world.say(f"{node.name} follows {name} {error}")
    world.check_alarm(node, id_)


def unfollow(world: World, node: Node, _dice: random.Random) -> None:
    """Forget somebody, with all that came from them."""
    if found := one(world, node):
        with node.sessions() as session:
            service.unfollow(session, found.id)


def block(world: World, node: Node, _dice: random.Random) -> None:
    """Take somebody off the pages, and remember what was there (I9)."""
    found = one(world, node)
    if found is None or found.state == "blocked":
        return
    world.blocked[node.name, found.id] = tables.of_source(node, found.id)
    with node.sessions() as session:
        service.block(session, found.id)
    assert not _shown(node, found), f"I9: {found.name} is blocked by {node.name} and still shown"
    assert f'"id":"{found.origin}/' not in tables.feeds(node), "I9: a feed has a blocked site"


def _shown(node: Node, found: Followed) -> list[tuple[str]]:
    return node.rows("SELECT study_key FROM study WHERE shown AND source_id = ?", found.id)


def unblock(world: World, node: Node, _dice: random.Random) -> None:
    """Show somebody again, exactly as they were (I9)."""
    found = one(world, node)
    if found is None or found.state != "blocked":
        return
    with node.sessions() as session:
        service.unblock(session, found.id)
    before = world.blocked.pop((node.name, found.id))
    assert len(_shown(node, found)) == len(before["study"]), "I9: unblocking did not show all"
    assert tables.of_source(node, found.id) == before, "I9: unblocking restored something else"


def poll(world: World, node: Node, _dice: random.Random) -> None:
    """Look at one followed site now."""
    if found := one(world, node):
        world.poll(node, found.id)


def poll_twice(world: World, node: Node, dice: random.Random) -> None:
    """I4: what was polled a moment ago gives nothing to write, whether or not it is read anew."""
    found = one(world, node)
    if found is None or world.poll(node, found.id).kind not in ("read", "unchanged"):
        return
    with world.in_calm():
        settled = world.poll(node, found.id)  # what an old copy had kept from us
        if found.name == "mallory" or settled.kind == "failed":
            return
        before = tables.everything(node)
        if dice.random() < 0.5:
            tables.forget_validators(node, found.id)
        with tables.statements(node) as seen:
            world.poll(node, found.id)
    wrong = [s for s in seen if not s.startswith("UPDATE subscription")]
    assert not wrong, f"I4: a second poll wrote {wrong[0]}"
    assert tables.everything(node) == before, "I4: polling twice is not polling once"


def work(world: World, node: Node, _dice: random.Random) -> None:
    """What a worker does in a round: index, run jobs and duties, look at what is due. Feeds that
    did not change are written down together at the end."""
    index(world, node, _dice)
    run_jobs(world, node)
    with node.at_work(), node.sessions() as session:
        due = claims.claim_due(session, 3)
    unchanged: list[claims.Settled] = []
    for claim in due:
        world.poll(node, claim, unchanged.append)
    with node.at_work(), node.sessions() as session:
        claims.settle_many(session, unchanged)


def run_jobs(world: World, node: Node) -> None:
    """Do the duties and whatever other jobs wait, each once: they ask others, and may fail."""
    for duty in handlers.DUTIES:
        world.asks(node)
        if duty.name in DUTIES:
            with node.at_work():
                duty.run(node.worker.tools)
    with node.at_work(), node.sessions() as session:
        claimed = jobs.claim_any(session, handlers.HANDLERS, loop.JOB_THREADS, loop.JOB_LEASE)
    for job in claimed:
        world.asks(node)
        with node.at_work():
            node.worker._run_job(job)


def index(_world: World, node: Node, _dice: random.Random) -> None:
    """Do the jobs that wait."""
    for _ in range(50):
        with node.at_work(), node.sessions() as session:
            if not node.worker._index(session):
                break
    wrong = node.waiting()
    assert not wrong, f"I8: a job failed: {wrong[0]}"


def decide_moves(world: World, node: Node, dice: random.Random) -> None:
    """Agree to the moves that are true, mostly, and to no other."""
    for found in followed(node):
        if found.pending_url is None:
            continue
        true = found.pending_url == f"http://{world.host(found.name)}/feed.atom"
        with node.sessions() as session:
            if true and dice.random() < 0.8:
                try:
                    service.accept_move(session, found.id)
                except InvalidInput as error:
                    world.say(f"{node.name} cannot agree: {error}")
            else:
                service.decline_move(session, found.id)


def move(world: World, node: Node, _dice: random.Random) -> None:
    """Move to another host for good, and leave a note at the old one."""
    old, new = node.hosts
    if node.host == old and world.may_move:
        node.live_at(new)
        world.network.servers[new] = world.network.servers.pop(old)
        world.network.moved[old] = new


def back_up(world: World, node: Node, _dice: random.Random) -> None:
    """Keep a copy of the database."""
    world.keep_backup(node)


def restore(world: World, node: Node, dice: random.Random) -> None:
    """Lose the database and bring the copy back; the epoch is renewed if somebody thinks of it."""
    world.bring_back(node, renew=dice.random() < 0.5)


def write_again(world: World, node: Node, dice: random.Random) -> None:
    """Lose the database, bring the copy back without a word, and write what was lost again, though
    not in the same words; so the log comes to the place that it had, by another way."""
    lost = world.bring_back(node, renew=False)
    for _ in range(min(lost, MOST_WRITTEN_AGAIN)):
        writing.publish(world, node, dice, langs=1)


def go_away(world: World, node: Node, _dice: random.Random) -> None:
    """Do not answer for a long time."""
    world.network.down.add(node.host)


def come_again(world: World, node: Node, _dice: random.Random) -> None:
    """Answer again."""
    world.network.down.discard(node.host)


def read_pages(world: World, node: Node, dice: random.Random) -> None:
    """Visitors look at pages, so that they are kept in memory."""
    for path in tables.pages(node, dice, 2):
        world.visit(node, path)
        place, slug = path.split("/")[-2:]
        ids = node.rows("SELECT entry_id FROM version WHERE place = ? AND slug = ?", place, slug)
        if ids:
            world.seen[node.name, path] = ids[0][0]


def lie(world: World, _node: Node, dice: random.Random) -> None:
    """The liar thinks of something."""
    world.liar.lie = dice.choice(LIES)
    world.liar.victims = sorted(i for h in world.histories.of.values() for i in h.now.live)
    if dice.random() < 0.7:
        world.liar.change(dice)
