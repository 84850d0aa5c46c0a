"""One simulated run: nodes, network, liar, and step after step what happens to them."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from network.following import service
from network.intake import walk
from network.intake.service import Later, Outcome
from network.log import service as log
from network.subscriptions.claims import Claim
from tests.simulation import following, invariants, tables
from tests.simulation.chance import START, Chance
from tests.simulation.history import Histories
from tests.simulation.invariants import Memory
from tests.simulation.liar import UNREADABLE, Liar
from tests.simulation.network import CALM, Network
from tests.simulation.node import Killed, Node
from tests.simulation.plan import OPERATIONS, WRITTEN, Plan, Step
from tests.simulation.wire import Request

CITIES = (("paris", "fr"), ("madrid", "en"), ("seoul", "en"))


@cache
def stage() -> tuple[Node, ...]:
    """The nodes of this process, whose applications take long to make; each run empties them."""
    memory = Path("/dev/shm")
    room = tempfile.TemporaryDirectory(prefix="simulate", dir=memory if memory.is_dir() else None)
    nodes = []
    for name, language in CITIES:
        home = Path(room.name) / name
        home.mkdir()
        nodes.append(Node(home, name, language))
    _ROOMS.append(room)
    return tuple(nodes)


_ROOMS: list[tempfile.TemporaryDirectory[str]] = []
"""Removed when the process ends."""


@dataclass
class World:
    """What a run consists of. memory, blocked, seen: what invariants remember.
    trace: what happened. result: what every node has in the end."""

    plan: Plan
    chance: Chance
    nodes: tuple[Node, ...]
    network: Network
    liar: Liar = field(default_factory=Liar)
    histories: Histories = field(default_factory=Histories)
    memory: Memory = field(default_factory=Memory)
    blocked: dict[tuple[str, int], tables.Rows] = field(default_factory=dict)
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    started: datetime = START
    result: dict[str, tables.Rows] = field(default_factory=dict)
    _backups: dict[str, bytes] = field(default_factory=dict)
    _recalled: dict[str, Any] = field(default_factory=dict)
    _meanwhile: Callable[[], None] | None = None
    _asking: Node | None = None
    _checked: dict[str, int] = field(default_factory=dict)
    _deciding: int = 0
    _went_back: bool = False
    _anywhere: bool = False

    @classmethod
    def begin(cls, plan: Plan, chance: Chance) -> World:
        """An empty world."""
        nodes = stage()[: plan.nodes]
        network = Network(chance, plan.weather)
        world = cls(plan, chance, nodes, network)
        network.on_ask = world._asked
        network.servers[world.liar.host] = world.liar.serve
        for node, skew in zip(nodes, plan.skews, strict=False):
            node.begin(chance, plan.real_index)
            node.skew = timedelta(seconds=skew)
            network.servers[node.host] = node.serve
            world.histories.note(node)
        return world

    # What operations ask and do

    @property
    def may_move(self) -> bool:
        return self.plan.may_move

    def say(self, text: str) -> None:
        """Write down what happened."""
        self.trace.append(f"{self.chance.time:%d %H:%M:%S}  {text}")

    def node(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def host(self, name: str) -> str:
        """The host that a name has now."""
        return self.liar.host if name == "mallory" else self.node(name).host

    def names_but(self, name: str) -> list[str]:
        """Whom a node can follow."""
        return [*(node.name for node in self.nodes if node.name != name), "mallory"]

    def can_follow(self, origins: tuple[str, ...], name: str) -> bool:
        """Whether a node that knows these origins of a member can take in its log. Who began to
        follow after a move knows nothing of the former host, under which older ids stand."""
        used = {i.partition("/id/")[0] for i in self.histories.of[name].now.live}
        return used <= set(origins)

    def recall(self, key: str, make: Callable[[random.Random], Any]) -> Any:
        """What somebody decided in this step, with dice of its own: the same a second time."""
        if key not in self._recalled:
            self._recalled[key] = make(self.chance.dice("recall", self._deciding, key))
        return self._recalled[key]

    def whom(self, node: Node) -> str:
        """Whom somebody at a node has in mind."""
        return str(self.recall("followed", lambda own: own.choice(self.names_but(node.name))))

    def keep_backup(self, node: Node) -> None:
        self._backups[node.name] = node.backup()

    def bring_back(self, node: Node, renew: bool) -> int:
        """Restore a node, if there is something to restore; gives the changes that its log lost."""
        if node.name not in self._backups:
            return 0
        self.histories.note(node)
        before = self.histories.of[node.name].now.seq
        self.say(f"{node.name} is restored{' and says so' if renew else ''}")
        node.restore(self._backups[node.name], renew)
        self.memory.forget(node.name)
        for key in [k for k in self.blocked if k[0] == node.name]:
            del self.blocked[key]
        for found in following.followed(node):
            if found.state == "blocked":
                self.blocked[node.name, found.id] = tables.of_source(node, found.id)
        self.histories.note(node)
        return before - self.histories.of[node.name].now.seq

    def asks(self, node: Node) -> None:
        """From here on it is this node that waits for others."""
        self._asking = node

    def poll(self, node: Node, target: Claim | int, later: Later | None = None) -> Outcome:
        """Look at a followed site, and at whether what it says of itself afterwards is true."""
        since = self.histories.number
        id_ = target if isinstance(target, int) else target.subscription_id
        self.asks(node)
        with node.at_work():
            outcome = service.poll(node.sessions, node.door, target, node.settings, later)
        name = next((f.name for f in following.followed(node) if f.id == id_), "?")
        self.say(f"{node.name} looks at {name}: {outcome.kind} {outcome.error or ''}")
        if outcome.kind in ("read", "unchanged"):
            self.network.believed(node.name, self.host(name))
            invariants.check_poll(self, node, id_, since)
        elif outcome.kind == "failed":
            self.check_alarm(node, id_)
        return outcome

    def check_alarm(self, node: Node, subscription_id: int) -> None:
        """Ask whether an alarm is a false one, unless the log went back while it was read."""
        if not self._went_back:
            invariants.check_alarm(self, node, subscription_id)

    def visit(self, node: Node, path: str) -> None:
        """Look at a page as a reader does (I11)."""
        reply = node.ask(path)
        assert reply.status in (200, 301, 302, 404, 410), (
            f"{path} of {node.name} answers {reply.status}"
        )
        if reply.header("Content-Type").startswith("text/html"):
            invariants.check_page(reply.body, path)

    @contextmanager
    def in_calm(self) -> Iterator[None]:
        """While nothing goes wrong in the network."""
        weather, self.network.weather = self.network.weather, CALM
        self.network.begin("calm")
        try:
            yield
        finally:
            self.network.weather = weather

    # One step

    def perform(self, step: Step) -> None:
        """Do what a step says, to its end, however often it is killed; then check everything."""
        self._recalled.clear()
        self._deciding = step.key
        if step.whom:
            self._recalled["followed"] = step.whom
        self._went_back = step.meanwhile is not None and step.meanwhile[0] == "restore"
        node = self.nodes[step.node % len(self.nodes)]
        self.chance.time = self.started + timedelta(minutes=step.at)
        began = len(self.trace)
        self._meanwhile = partial(self._do_meanwhile, step) if step.meanwhile else None
        self._anywhere = bool(step.meanwhile) and step.meanwhile[0] not in WRITTEN
        try:
            node.switch.arm(step.kill)
            self._do(step, node)
        except Killed:
            self.say(f"{node.name} is killed while it would {step.name}")
            self._rise(step, node)
            self.check()
            self._do(step, node)
        finally:
            node.switch.arm(None)
        if self._meanwhile:
            self._meanwhile()
        if len(self.trace) == began:
            self.say(f"{node.name}: {step.name}")
        self.check()

    def _do(self, step: Step, node: Node) -> None:
        self.network.begin(step.key, asker=node.name)
        with node.at_work():
            OPERATIONS[step.name].run(self, node, self.chance.dice("step", step.key))

    def _rise(self, step: Step, node: Node) -> None:
        worker = OPERATIONS[step.name].worker
        node.rise(worker, step.leader)
        if worker and not step.leader:
            self.chance.time += timedelta(minutes=6)  # nobody gives its claims back; they run out

    def _do_meanwhile(self, step: Step) -> None:
        """Something that happens while somebody reads a log, once, at a time of its own."""
        assert step.meanwhile
        name, number = step.meanwhile
        node, hook, time = self.nodes[number % len(self.nodes)], self._meanwhile, self.chance.time
        self._meanwhile = None
        self.chance.time = self.started + timedelta(minutes=step.at + 1)
        recalled, self._recalled = self._recalled, {}
        deciding, self._deciding = self._deciding, -step.number - 1
        try:
            with node.at_work():
                OPERATIONS[name].run(self, node, self.chance.dice("meanwhile", step.number))
            self.histories.note(node)
            self.say(f"meanwhile {node.name}: {name}")
        except Killed:
            self._meanwhile = hook
            raise
        finally:
            self.chance.time, self._recalled, self._deciding = time, recalled, deciding

    def _asked(self, request: Request) -> None:
        """Before anything is answered: I12, and what else may happen at that moment."""
        asking = self._asking
        if asking is not None and request.host != asking.host and not asking.idle():
            self.network.wrong.append(f"{asking.name} asks {request.host} in a transaction")
        if self._meanwhile and (self._anywhere or "/feed/archive/" in request.target):
            self._meanwhile()
        looks = asking is not None and not asking.switch.dead and len(self.network.asked) % 7 == 0
        if asking is not None and looks and asking.ask("/en/about").status != 200:
            self.network.wrong.append("I12: a page is not served while a peer is waited for")

    # Invariants

    def check(self) -> None:
        """What must hold at every moment."""
        assert not self.network.wrong, self.network.wrong[0]
        for node in self.nodes:
            self.histories.note(node)
        for node in self.nodes:
            if self._checked.get(node.name) != node.switch.writes:
                self._checked[node.name] = node.switch.writes
                invariants.check_copies(self, node)
                invariants.check_own(node)
                invariants.check_pages(self, node)

    def settle(self) -> None:
        """Faults stop; administrators do what is asked of them; everybody polls twice, while an
        entry of the liar cannot be read, and twice when it has mended or withdrawn it."""
        self.network.weather = CALM
        self.network.down.clear()
        self.liar.lie, words = UNREADABLE, self.chance.dice("last words")
        while len(self.liar.truth()) < 2:
            self.liar.change(words)
        self._meanwhile, self._recalled = None, {}
        self.say("everything works again")
        for round_ in ("to hear of moves", "once", "twice")[not self.network.moved :]:
            self.network.begin("settle", round_)
            for node in self.nodes:
                self._settle(node, round_)
        for node in self.nodes:
            invariants.check_liar(self, node)
        self.liar.lie = "nothing"
        if self.plan.seed % 2:
            self.liar.withdraw(self.liar.unreadable)
        for node in self.nodes:
            self._hear_the_truth(node)
        for node in self.nodes:
            with node.at_work():
                following.index(self, node, random.Random(0))
            invariants.check_convergence(self, node)
            invariants.check_copies(self, node)
            invariants.check_index(node)
            invariants.check_scripts(node)
            for path in tables.pages(node, self.chance.dice("pages", node.name), 1):
                self.visit(node, path)

    def _settle(self, node: Node, round_: str) -> None:
        for found in following.followed(node):
            with node.at_work():
                if found.state == "blocked":
                    self._recalled["followed"] = found.name
                    following.unblock(self, node, random.Random(0))
                self.poll(node, found.id)
        if round_ == "to hear of moves":
            with node.at_work(), suppress(IndexError):
                following.decide_moves(self, node, _Agreeing())
        self.chance.time += timedelta(hours=2)

    def _hear_the_truth(self, node: Node) -> None:
        for found in following.followed(node):
            for _ in range(2 if found.name == "mallory" else 0):
                self.poll(node, found.id)
        invariants.check_liar(self, node)


class _Agreeing(random.Random):
    """Dice of somebody who always says yes."""

    def random(self) -> float:
        return 0.0


@contextmanager
def beginning(plan: Plan) -> Iterator[World]:
    """A world in which a plan can be carried out."""
    chance = Chance(plan.seed)
    with ExitStack() as stack:
        stack.enter_context(chance.governs())
        stack.enter_context(patch.object(log, "PAGE", plan.page))
        stack.enter_context(patch.object(walk, "read", partial(walk.read, page=plan.page)))
        world = World.begin(plan, chance)
        stack.enter_context(world.network.connected())
        yield world


def run(plan: Plan) -> World:
    """Carry out a plan. Raises AssertionError, with the world that broke as its `world`."""
    with beginning(plan) as world:
        try:
            for step in plan.steps:
                world.perform(step)
            world.settle()
            world.result = {node.name: tables.content(node) for node in world.nodes}
        except Exception as error:
            error.world = world  # type: ignore[attr-defined]
            raise
    return world
