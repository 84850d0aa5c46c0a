"""Do the tests notice a fault? `make mutate` breaks the modules that decide, a line at a time.

mutmut makes the faults and runs the tests that are nearest to the module. What survives is printed,
except what docs/testing.md names as equivalent: a change that no caller can see. Words for people
are left out: the catalogues hold those. Verdicts are kept in .mutation/, so that a second run goes
through what has changed alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.mutation.changes import Change, changes
from tests.mutation.nearest import NEAREST

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".mutation"
TESTING = ROOT / "docs" / "testing.md"
ENOUGH = 0.85
"""The part of a module's mutants that the tests must kill, equivalent ones left out."""
SAMPLE = ("*__mutmut_*4",)
"""Those whose number ends so: the same ones each time, so that a failure can be seen again."""
_NOT_TRIED = "not checked"
_NOTICED = ("killed", "timeout", "suspicious", "caught by type check")


class Verdict(NamedTuple):
    """A module's mutants. alive: those that no test noticed, without equivalent ones.

    slow: those of which the tests did not end, which counts as noticed: most go round for ever.
    """

    module: str
    made: int
    alive: list[Change]
    equivalent: int
    slow: int = 0

    @property
    def part(self) -> float:
        """How many of those that can be noticed are."""
        noticeable = self.made - self.equivalent
        return 1 - len(self.alive) / noticeable if noticeable else 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the tests of each module notice enough of its faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="modules that decide; all of them by default")
    parser.add_argument("--since", metavar="COMMIT", help="those that differ from this commit")
    parser.add_argument("--sample", action="store_true", help="one mutant in ten")
    parser.add_argument("--most", type=int, default=len(NEAREST), help="modules at most")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processes")
    given = parser.parse_args(arguments)
    chosen = [str(Path(module)) for module in given.modules] or list(NEAREST)
    if unknown := [module for module in chosen if module not in NEAREST]:
        parser.error(f"not in tests/mutation/nearest.py: {', '.join(unknown)}")
    if given.since:
        changed = _changed_since(given.since)
        chosen = [module for module in chosen if module in changed]
    verdicts = []
    for module in chosen[: given.most]:
        verdicts.append(_judge(module, given.workers, SAMPLE if given.sample else ()))
        _tell(verdicts[-1])
    short = [each.module for each in verdicts if each.part < ENOUGH]
    print(f"{len(verdicts)} modules; fewer than {ENOUGH:.0%} noticed: {', '.join(short) or 'none'}")
    return 1 if short else 0


def _changed_since(commit: str) -> set[str]:
    told = subprocess.run(
        ["git", "diff", "--name-only", commit], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(told.stdout.split("\n"))


def _judge(module: str, workers: int, names: Sequence[str]) -> Verdict:
    folder = _prepared(module)
    again = _alive_before(module, folder)
    _mutmut(folder, "run", "--max-children", str(workers), *names)
    if again:
        _mutmut(folder, "run", "--max-children", str(workers), *again)
    states = {name.rpartition(".")[2]: state for name, state in _states(folder)}
    found = [
        each
        for each in changes(folder / "mutants" / module)
        if not each.is_words and states[each.name] != _NOT_TRIED
    ]
    unnoticed = [each for each in found if states[each.name] not in _NOTICED]
    known = _named_equivalent(module)
    alive = [each for each in unnoticed if str(each) not in known]
    slow = sum(states[each.name] == "timeout" for each in found)
    return Verdict(module, len(found), alive, len(unnoticed) - len(alive), slow)


def _alive_before(module: str, folder: Path) -> list[str]:
    """Mutants that were alive before the tests changed: mutmut would keep their verdicts."""
    tests = [ROOT / "tests" / name for name in (*NEAREST[module], "conftest.py")]
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in tests)).hexdigest()
    held, file = folder / "mutants", folder / "tests.sha256"
    before = file.read_text(encoding="utf-8") if file.exists() else stamp
    file.write_text(stamp, encoding="utf-8")
    if stamp == before or not held.exists():
        return []
    (held / "mutmut-stats.json").unlink(missing_ok=True)  # which tests reach what
    return [name for name, state in _states(folder) if state not in (*_NOTICED, _NOT_TRIED)]


def _states(folder: Path) -> Iterator[tuple[str, str]]:
    """(mutant, what became of it) of lines such as “    network.log.x_tidy__mutmut_1: killed”."""
    for line in _mutmut(folder, "results", "--all", "true").split("\n"):
        name, _, state = line.strip().rpartition(": ")
        if "__mutmut_" in name:
            yield name, state


def _mutmut(folder: Path, *words: str) -> str:
    """What mutmut says. Ends the command where mutmut fails, as with a sample of nothing."""
    ended = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode:
        raise SystemExit(f"{folder.name}: {ended.stdout[-4000:]}{ended.stderr}")
    return ended.stdout


def _prepared(module: str) -> Path:
    """A folder that is the project, with settings of mutmut for one module."""
    folder = FOLDER / module.removesuffix(".py").replace("/", ".")
    folder.mkdir(parents=True, exist_ok=True)
    entries = [path for path in ROOT.iterdir() if path.name[0] != "." or path.name == ".ci"]
    for path in entries:
        link = folder / path.name
        if path.name != "setup.cfg" and not link.is_symlink():
            link.symlink_to(path)
    copied = [path.name for path in entries if path.name not in ("network", "tests", "setup.cfg")]
    settings = {
        "source_paths": ["network"],
        "only_mutate": [module],
        "also_copy": copied,
        "track_dependencies": ["false"],
        "timeout_constant": ["8"],  # a busy machine may take long to prepare a database
        "pytest_add_cli_args": [
            "-p",
            "no:cacheprovider",
            "-n0",
            "--hypothesis-profile=mutation",
            "-m",
            "not postgresql",
        ],
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in NEAREST[module]],
    }
    lines = [f"{name} =\n    " + "\n    ".join(values) for name, values in settings.items()]
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    (folder / "setup.cfg").write_text(f"{text}\n[mutmut]\n" + "\n".join(lines) + "\n", "utf-8")
    return folder


def _named_equivalent(module: str) -> set[str]:
    """What docs/testing.md says of the module, as “- function: `old` → `new` – why”."""
    _before, found, rest = TESTING.read_text(encoding="utf-8").partition(f"### `{module}`\n")
    lines = rest.partition("\n#")[0].split("\n") if found else []
    return {line[2:].partition(" – ")[0] for line in lines if line.startswith("- ")}


def _tell(verdict: Verdict) -> None:
    print(
        f"{verdict.part:7.1%}  {verdict.module}: {verdict.made} made, {len(verdict.alive)} alive,"
        f" {verdict.equivalent} equivalent, {verdict.slow} out of time",
        flush=True,
    )
    for text, times in Counter(map(str, verdict.alive)).items():
        print(f"         {text}" + (f"  ({times} times)" if times > 1 else ""), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
