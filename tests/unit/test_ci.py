"""CI finds the oldest and newest Python of a machine that can be used; make says what it does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def offer(folder: Path, name: str, script: str) -> None:
    """A program on the PATH that stands for a Python."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def pythons(tmp_path: Path) -> list[str]:
    """The minor versions that are found, beside those of this machine."""
    offer(tmp_path / "bin", "python3", f'exec {sys.executable} "$@"')
    offer(tmp_path / "bin", "python3.9", "echo 3.9 too old; exit 1")
    offer(tmp_path / "bin", "python3.98", "echo is broken >&2; exit 127")
    offer(tmp_path / "pyenv" / "versions" / "3.99.1" / "bin", "python3.99", "echo 3.99 /newest")
    offer(tmp_path / "bin", "python3.99-config", "echo 3.97 /no/python")
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path),
                   "PYENV_ROOT": str(tmp_path / "pyenv")}  # fmt: skip
    shown = subprocess.run(
        [ROOT / ".ci" / "pythons"], env=environment, capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in shown.stdout.splitlines()]


def test_ci_finds_each_python_that_can_be_used_once_and_the_newest_last(pythons: list[str]) -> None:
    assert "{}.{}".format(*sys.version_info) in pythons
    assert pythons[-1] == "3.99"
    assert len(pythons) == len(set(pythons))
    minors = [int(version.partition(".")[2]) for version in pythons]
    assert minors == sorted(minors)


def test_ci_passes_over_what_is_broken_too_old_or_no_python(pythons: list[str]) -> None:
    assert not {"3.98", "3.97"} & set(pythons)
    assert all(int(version.partition(".")[2]) >= 11 for version in pythons)


def test_make_says_what_it_can_do() -> None:
    for words in ([], ["help"]):
        shown = subprocess.run(
            ["make", "--no-print-directory", *words],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        named = re.findall(r"^make (\w+) +\S", shown.stdout, re.M)
        (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)
        assert sorted(named) == sorted(phony.split())
