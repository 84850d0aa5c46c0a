"""Twenty thousand studies followed from nothing, through real documents, in a flat memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

MOST = 1.7
"""A tenfold history may take this many times the memory: ids and hashes
stand in it (some 3 kB an entry), texts do not."""


def replay(entries: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.simulation.replay", str(entries)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_twenty_thousand_studies_are_followed_from_nothing_complete_and_in_flat_memory() -> None:
    small, large = replay(2_000), replay(20_000)
    for found, entries in ((small, 2_000), (large, 20_000)):
        assert found["held"] == found["shown"] == found["jobs"] == entries
        assert found["complete"]
        assert found["equal"]
    assert large["documents"] >= 20_000 / 50
    assert large["kilobytes"] < small["kilobytes"] * MOST
