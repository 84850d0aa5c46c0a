"""Runs every benchmark, or those named on the command line."""

from __future__ import annotations

import platform
import sys
from importlib import import_module

NAMES = ("pages", "polling", "propagation", "startup")


def main() -> None:
    """Print each benchmark's table."""
    chosen = sys.argv[1:] or list(NAMES)
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for name in chosen:
        module = import_module(f"benchmarks.{name}")
        print(f"\n## {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        module.run()


if __name__ == "__main__":
    main()
