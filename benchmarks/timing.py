"""Measuring several things in turns, so that a machine whose speed drifts is fair to all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def in_turns(
    works: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float]
) -> dict[str, float]:
    """The median time of each work, by `clock`, over rounds that run each once."""
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = clock()
            work()
            times[name].append(clock() - began)
    return {name: statistics.median(values) for name, values in times.items()}


def table(medians: Mapping[str, float], baseline: str, wall: bool = True) -> None:
    """Print medians in milliseconds and as ratios to a baseline."""
    print(f"{'':44} {'ms' if wall else 'CPU ms':>8} {'ratio':>7}")
    for name, value in medians.items():
        print(f"{name:44} {value * 1000:8.2f} {value / medians[baseline]:7.2f}")


def monotonic() -> float:
    """Wall time in seconds."""
    return time.perf_counter()
