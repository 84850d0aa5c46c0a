"""The `pioneer-cities` command: a file per noun, one clear line on failure."""

from __future__ import annotations


def main() -> None:
    """The console script; what it needs is loaded only when it runs."""
    from network.cli.main import pioneer_cities

    pioneer_cities(prog_name="pioneer-cities")
