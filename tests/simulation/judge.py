"""Whether a seed holds: its run, and the same run with less or in another order beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation import plan, world
from tests.simulation.plan import Plan
from tests.simulation.world import World

VARIANTS: tuple[tuple[str, Callable[[Plan], Plan]] | None, ...] = (
    ("I3: without kills", Plan.without_kills),
    ("I5: polled in another order", Plan.in_another_order),
    None,
)
"""What a seed is compared with, by turns: each costs a run of its own."""


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
    made, variant = plan.make(seed), VARIANTS[seed % len(VARIANTS)]
    first = _run(seed, made)
    if isinstance(first, Broken) or variant is None:
        return first if isinstance(first, Broken) else None
    name, change = variant
    second = _run(seed, change(made))
    if isinstance(second, Broken):
        return Broken(seed, f"{name}: {second.why}", second.trace)
    difference = _difference(first, second)
    if difference is None:
        return None
    return Broken(seed, f"{name}, {difference}", (*first.trace, "— and —", *second.trace))


def _run(seed: int, made: Plan) -> World | Broken:
    try:
        return world.run(made)
    except Exception as error:
        trace: list[str] = getattr(getattr(error, "world", None), "trace", [])
        return Broken(seed, f"{type(error).__name__}: {error}", tuple(trace))


def _difference(one: World, other: World) -> str | None:
    """The first thing that is not the same in the end."""
    for node, tables in one.result.items():
        for table, rows in tables.items():
            others = other.result[node][table]
            if rows != others:
                odd = [row for row in (*rows, *others) if (row in rows) != (row in others)]
                return f"{node} has another {table}: {odd[0] if odd else 'in number'}"
    return None
