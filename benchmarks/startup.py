"""Seconds until `pioneer-cities demo` says that three cities exchange, from nothing and again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time


def run() -> None:
    """Start the demonstration twice in one folder; the second keeps the first one's data."""
    with tempfile.TemporaryDirectory() as folder:
        for label in ("from nothing", "data kept"):
            print(f"{label:16} {_seconds(folder):6.1f} s", flush=True)


def _seconds(folder: str) -> float:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "network", "demo", "--home", f"{folder}/demo", "--port", "18801"],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Three cities"):
                return time.monotonic() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    raise AssertionError("the demonstration ended before it was ready")
