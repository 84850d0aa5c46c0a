"""Whether a seed holds: its run, and the same run with less or in another order beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.simulation import plan, tables, world
from tests.simulation.network import CALM
from tests.simulation.plan import Plan, Step
from tests.simulation.world import World

Compared = Callable[[tables.Rows], tables.Rows]

VARIANTS: Mapping[int, tuple[str, Callable[[Plan], Plan], Compared]] = {
    0: ("I3: without kills", Plan.without_kills, dict),
    4: ("I5: polled in another order", Plan.in_another_order, tables.unmarked),
}
EVERY = 8
"""What a seed is compared with, by its remainder, and what of both: each costs a run of its own."""


@dataclass(frozen=True)
class Broken:
    """A seed that does not hold. why: what was found. trace: what had happened until then."""

    seed: int
    why: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.why}\n    see it again: make simulate SEED={self.seed}"


def judge(seed: int) -> Broken | None:
    """Run a seed, and what it is compared with; None when everything holds."""
    made, variant = plan.make(seed), VARIANTS.get(seed % EVERY)
    first = _run(seed, made)
    if isinstance(first, Broken) or variant is None:
        return first if isinstance(first, Broken) else None
    name, change, compared = variant
    second = _run(seed, change(made))
    if isinstance(second, Broken):
        return Broken(seed, f"{name}: {second.why}", second.trace)
    difference = _difference(first, second, compared)
    if difference is None:
        return None
    return Broken(seed, f"{name}, {difference}", (*first.trace, "— and —", *second.trace))


def sweep() -> Broken | None:
    """Kill the worker in one poll at each place where it can die (I3), one that leads and one that
    does not by turns."""
    undisturbed = _run(-1, one("poll", None))
    number = 0
    while isinstance(undisturbed, World):
        number += 1
        found = _killed("poll", number, undisturbed)
        if isinstance(found, Broken):
            return found
        if not any("is killed" in line for line in found.trace):
            return None if number > FEWEST else Broken(-1, f"only {number} places to die", ())
    return undisturbed


def killed(name: str, numbers: Iterable[int]) -> Broken | None:
    """The same at some places of one operation, by a worker that does not lead where it is even."""
    undisturbed = _run(-1, one(name, None))
    if isinstance(undisturbed, Broken):
        return undisturbed
    tried = (_killed(name, number, undisturbed) for number in numbers)
    return next((found for found in tried if isinstance(found, Broken)), None)


FEWEST = 15
"""Places at which a poll can die; fewer mean that the sweep does not look where it should."""


def _killed(name: str, number: int, undisturbed: World) -> Broken | World:
    found = _run(-1, one(name, number))
    if isinstance(found, Broken):
        return found
    if difference := _difference(undisturbed, found):
        return Broken(-1, f"killed at {number}, {difference}", tuple(found.trace))
    return found


def one(name: str, kill: int | None) -> Plan:
    """Paris reads what Madrid changed, or indexes it."""
    steps = (
        Step(0, 0, 0, "bring in", 1),
        Step(1, 1, 30, "follow", 0, whom="madrid"),
        Step(2, 2, 60, "edit", 1),
        Step(3, 3, 90, "withdraw", 1),
        Step(4, 4, 120, name, 0, kill, leader=bool((kill or 0) % 2), whom="madrid"),
    )
    return Plan(1, 2, 3, CALM, False, False, (0, 0), steps)


def _run(seed: int, made: Plan) -> World | Broken:
    try:
        return world.run(made)
    except Exception as error:
        trace: list[str] = getattr(getattr(error, "world", None), "trace", [])
        return Broken(seed, f"{type(error).__name__}: {error}", tuple(trace))


def _difference(one: World, other: World, compared: Compared = dict) -> str | None:
    """The first thing that is not the same in the end."""
    for node, result in one.result.items():
        theirs = compared(other.result[node])
        for table, rows in compared(result).items():
            others = theirs[table]
            if rows != others:
                odd = [row for row in (*rows, *others) if (row in rows) != (row in others)]
                return f"{node} has another {table}: {odd[0] if odd else 'in number'}"
    return None
