"""`make simulate SEEDS=300` runs many seeds, `make simulate SEED=1234` tells the story of one."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation import plan
from tests.simulation.judge import Broken, judge
from tests.simulation.world import run

TOGETHER = 10
"""Seeds that a process takes at a time."""


def main() -> int:
    """0 when every seed holds."""
    asked = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    asked.add_argument("--seeds", type=int, default=300, help="how many")
    asked.add_argument("--first", type=int, default=0, help="the first of them")
    asked.add_argument("--seed", type=int, help="one alone, with its story")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args()
    if given.seed is not None:
        return _one(given.seed)
    return _many(range(given.first, given.first + given.seeds), given.processes)


def _one(seed: int) -> int:
    """Tell what happens in a seed, and what is wrong with it."""
    made = plan.make(seed)
    print(f"seed {seed}: {made.nodes} nodes, pages of {made.page}, {made.weather}")
    broken = judge(seed)
    print("\n".join(broken.trace if broken else run(made).trace))
    print(broken or "Everything holds.")
    return 1 if broken else 0


def _many(seeds: range, processes: int) -> int:
    """Run seeds in several processes, and name those that do not hold as soon as they are known."""
    began, done, broken = time.monotonic(), 0, 0
    chunks = [seeds[start : start + TOGETHER] for start in range(0, len(seeds), TOGETHER)]
    with ProcessPoolExecutor(processes) as pool:
        for chunk, found in zip(chunks, pool.map(_judged, chunks), strict=True):
            for each in found:
                print(f"seed {each.seed}: {each}", flush=True)
            done, broken = done + len(chunk), broken + len(found)
            print(f"{done} of {len(seeds)} seeds, {broken} broken", file=sys.stderr, flush=True)
    print(f"{done} seeds in {time.monotonic() - began:.0f} s: {broken or 'none'} broken")
    return 1 if broken else 0


def _judged(seeds: range) -> list[Broken]:
    return [broken for seed in seeds if (broken := judge(seed))]


if __name__ == "__main__":
    sys.exit(main())
