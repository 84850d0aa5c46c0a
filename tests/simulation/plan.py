"""What is to happen in a run, decided before it begins, so that it can be had again with less."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.simulation import following, writing
from tests.simulation.network import CALM, WEATHERS, Weather

if TYPE_CHECKING:
    from tests.simulation.node import Node
    from tests.simulation.world import World

Run = Callable[["World", "Node", random.Random], Any]


@dataclass(frozen=True)
class Operation:
    """Something that can happen. often: against the others. worker: whose process does it and may
    be killed, the worker or else the server; None: neither. midway: while a log is being read."""

    run: Run
    often: int
    worker: bool | None = None
    midway: int = 0


OPERATIONS: dict[str, Operation] = {
    "publish": Operation(writing.publish, 7, worker=False, midway=3),
    "edit": Operation(writing.edit, 6, worker=False, midway=3),
    "translate": Operation(writing.translate, 2, worker=False, midway=1),
    "withdraw": Operation(writing.withdraw, 4, worker=False, midway=2),
    "come back": Operation(writing.come_back, 2, worker=False, midway=1),
    "bring in": Operation(writing.bring_in, 2, worker=False, midway=2),
    "follow": Operation(following.follow, 4, worker=False),
    "unfollow": Operation(following.unfollow, 1, worker=False, midway=1),
    "block": Operation(following.block, 1, worker=False, midway=1),
    "unblock": Operation(following.unblock, 2, worker=False),
    "poll": Operation(following.poll, 16, worker=True, midway=1),
    "poll twice": Operation(following.poll_twice, 2),
    "work": Operation(following.work, 9, worker=True),
    "index": Operation(following.index, 2, worker=True, midway=1),
    "decide moves": Operation(following.decide_moves, 2, worker=False),
    "move": Operation(following.move, 1),
    "back up": Operation(following.back_up, 3),
    "restore": Operation(following.restore, 2, midway=1),
    "write again": Operation(following.write_again, 1),
    "go away": Operation(following.go_away, 1),
    "come again": Operation(following.come_again, 2),
    "read pages": Operation(following.read_pages, 2),
    "lie": Operation(following.lie, 5),
    "describe": Operation(writing.describe, 0, worker=False),
}
"""Another capability adds its operations here; everything else follows."""

WRITTEN = ("publish", "edit", "translate", "withdraw", "come back", "bring in")
"""What changes a log: of interest between two documents of a walk, the others at any moment."""
BEGINNING = (
    (0, "madrid", 1),
    (1, "paris", 0),
    (0, "mallory", 1),
    (1, "mallory", 0),
    (2, "paris", 0),
)
"""Who follows whom to begin with, and who might write meanwhile."""
REPLAYED = (("publish", 0, ""), ("poll", 1, "paris"), ("withdraw", 0, ""), ("poll", 1, "paris"),
            ("poll", 1, "paris"), ("poll", 1, "paris"))  # fmt: skip
WRITTEN_AGAIN = (("poll", 1, "paris"), ("back up", 0, ""), ("publish", 0, ""),
                 ("poll", 1, "paris"), ("write again", 0, ""), ("poll", 1, "paris"))  # fmt: skip
LIED_TO = (("lie", 0, ""), ("poll", 0, "mallory"), ("lie", 0, ""), ("poll", 1, "mallory"))
"""How some runs end: operation, node, about whom. Dice alone would tell these too rarely."""
DESCRIBED = (("describe", 0, ""), ("poll", 1, "paris"), ("describe", 0, ""), ("describe", 1, ""))
"""How every run ends: a city becomes another, is looked at, and changes again."""
LENGTH = 26
"""Steps of a run, after everybody has been told to follow everybody."""
KILLED = 0.3
"""How often the process that does something is killed while it does."""


@dataclass(frozen=True)
class Step:
    """One thing that happens. number: its place; key: which dice decide what exactly; at: minutes
    from the beginning. kill: the process dies before the nth thing that it asks of its database.
    leader: the worker that is killed was the leader. meanwhile: operation and node, while the first
    log is read in this step, or right after it. whom: it is about, when that is not for the dice.
    """

    number: int
    key: int
    at: int
    name: str
    node: int
    kill: int | None = None
    leader: bool = True
    meanwhile: tuple[str, int] | None = None
    whom: str = ""


@dataclass(frozen=True)
class Plan:
    """A whole run. page: N of the protocol. skews: seconds by which each node's clock is off."""

    seed: int
    nodes: int
    page: int
    weather: Weather
    real_index: bool
    may_move: bool
    skews: tuple[int, ...]
    steps: tuple[Step, ...]

    def without_kills(self) -> Plan:
        """The same, and nobody dies (I3)."""
        return replace(self, steps=tuple(replace(step, kill=None) for step in self.steps))

    def in_another_order(self) -> Plan:
        """The same things are published at the same times, but who looks when is exchanged (I5)."""
        places = [number for number, step in enumerate(self.steps) if step.name == "poll"]
        order = places[:]
        random.Random(self.seed).shuffle(order)
        steps = list(self.steps)
        for place, other in zip(places, order, strict=True):
            looks = self.steps[other]
            steps[place] = replace(self.steps[place], node=looks.node, key=looks.key)
        return replace(self, steps=tuple(steps))


def make(seed: int) -> Plan:
    """The plan of a seed. Everybody is told to follow somebody before anything else happens, while
    there is something to read already."""
    dice = random.Random(f"{seed} plan")
    weather = WEATHERS[seed % len(WEATHERS)] if dice.random() < 0.9 else CALM
    kills = dice.random() < 0.7
    steps = [Step(n, n, n, "bring in", n) for n in range(2)]
    for number, (node, whom, other) in enumerate(BEGINNING, 2):
        meanwhile = ("edit", other) if dice.random() < 0.3 else None
        steps.append(Step(number, number, number, "follow", node, meanwhile=meanwhile, whom=whom))
    at = 10
    for number in range(len(steps), len(steps) + LENGTH):
        steps.append(_step(dice, number, at, kills))
        at += dice.choice([15, 30, 120, 600])
    replayed = weather.replayed >= 0.5
    ending = REPLAYED if replayed else (LIED_TO, LIED_TO, (), WRITTEN_AGAIN)[seed % 4]
    for name, node, whom in (*ending, *DESCRIBED):
        steps.append(Step(len(steps), len(steps), at, name, node, whom=whom))
        at += 30
    return Plan(
        seed=seed,
        nodes=dice.choice([2, 2, 2, 3]),
        page=50 if replayed else dice.choice([2, 2, 3, 5, 50]),
        weather=weather,
        real_index=seed % 5 == 0,
        may_move=dice.random() < 0.3,
        skews=tuple(dice.choice([0, 0, -3600, 7200, 45]) for _ in range(3)),
        steps=tuple(steps),
    )


def _step(dice: random.Random, number: int, at: int, kills: bool) -> Step:
    names = list(OPERATIONS)
    name = dice.choices(names, [OPERATIONS[n].often for n in names])[0]
    kill = int(1 + 60 * dice.random() ** 2) if dice.random() < KILLED else None
    meanwhile = None
    if name in ("poll", "work", "follow") and dice.random() < 0.3:
        other = dice.choices(names, [OPERATIONS[n].midway for n in names])[0]
        meanwhile = (other, dice.randrange(3))
    return Step(
        number=number,
        key=number,
        at=at,
        name=name,
        node=dice.randrange(3),
        kill=kill if kills and OPERATIONS[name].worker is not None else None,
        leader=dice.random() < 0.5,
        meanwhile=meanwhile,
    )
