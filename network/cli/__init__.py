"""The `pioneer-cities` command: a file per noun, one clear line on failure."""

from __future__ import annotations

from network.cli.main import main

__all__ = ["main"]
