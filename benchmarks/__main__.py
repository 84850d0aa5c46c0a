"""Runs every benchmark, or those named on the command line: `polling --feeds 5000 --rounds 5`."""

from __future__ import annotations

import inspect
import platform
import sys
from importlib import import_module

NAMES = (
    "pages", "head", "ingest", "replay", "polling", "propagation", "startup", "search",
    "search_page", "relevance", "publish", "steps",
)  # fmt: skip
LONG = ("soak",)
"""Run only when named: an hour."""


def main() -> None:
    """Print each benchmark's table."""
    names, sizes = _read(sys.argv[1:])
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for name in names or NAMES:
        module = import_module(f"benchmarks.{name}")
        print(f"\n## {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        known = inspect.signature(module.run).parameters
        module.run(**{size: number for size, number in sizes.items() if size in known})


def _read(words: list[str]) -> tuple[list[str], dict[str, int | str]]:
    """Names, and sizes: `--feeds 5000` is for each benchmark that has feeds. `--beside PATH` is
    another build to measure."""
    names, waiting = list[str](), iter(words)
    sizes: dict[str, int | str] = {}
    for word in waiting:
        if word.startswith("--"):
            given = next(waiting, "")
            sizes[word[2:]] = given if word == "--beside" else int(given)
        elif word in NAMES + LONG:
            names.append(word)
        else:
            sys.exit(f"{word} is none of {', '.join(NAMES + LONG)}")
    return names, sizes


if __name__ == "__main__":
    main()
