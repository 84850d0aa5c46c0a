"""How many functions and files a publication, an arriving entry and a query run through.

`steps --beside PATH`: PATH is a checkout of another commit. A way through the house is easier to
follow the fewer steps it has; what is counted is each function of `network` once, however often it
is called, without the pieces of comprehensions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import update

import network
from network.case_studies import publish, service
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.cli.node import prepare
from network.lib import clock
from network.lib.db import writing
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from tests.nodes import Node

HERE = Path(__file__).parent.parent
HOUSE = f"{Path(network.__file__).parent}{os.sep}"
TEXT = (
    "Les habitants *votent* : 40 000 voix.\n\n- un\n- **deux**\n\n[Le rapport](https://a.example/)"
)
LOOKING = ("network.intake.service", "network.subscriptions.intake")
FOLLOWING = ("network.following.service", "network.subscriptions.service")
"""Where builds have them, the newest first."""

Step = tuple[str, str]
"""File and function."""


def run(beside: str = "") -> None:
    """Print functions and files by way, and what the other build has."""
    builds = {"this build": HERE} | ({"the other": Path(beside).resolve()} if beside else {})
    found = {name: _of(build) for name, build in builds.items()}
    print(f"{'':20}" + "".join(f"{name:>24}" for name in builds))
    for way in found["this build"]:
        counts = (each[way] for each in found.values())
        cells = "".join(f"{functions:12} in {files:3} files" for functions, files in counts)
        print(f"{way:20}{cells}", flush=True)


def _of(build: Path) -> dict[str, tuple[int, int]]:
    """Functions and files by way, as a process of that build counts them."""
    done = subprocess.run(
        [sys.executable, "-P", __file__],
        env=os.environ | {"PYTHONPATH": str(build)}, cwd=build, text=True, check=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, tuple[int, int]] = json.loads(done.stdout.splitlines()[-1])
    return found


# In the process of a build, which may be an older one


def _count() -> dict[str, tuple[int, int]]:
    with tempfile.TemporaryDirectory() as folder:
        publisher = Node(Path(folder, "a"), "paris", language="fr")
        reader = Node(Path(folder, "b"), "madrid")
        prepare(publisher.settings)  # older ones do it when they start
        prepare(reader.settings)
        _publish(publisher)
        publisher.start("--no-worker")
        try:
            reader.follow(publisher)
            ways = {"publishing": _publish(publisher), "an arriving entry": _arrive(reader)}
        finally:
            publisher.stop()
        ways["a query"] = _ask(reader)
    return {
        way: (len(steps), len({file for file, _function in steps})) for way, steps in ways.items()
    }


def _publish(node: Node) -> set[Step]:
    """Publish a study in both languages."""
    french = TextDraft(
        title="Le budget participatif", summary="Un vote.", body=TEXT, problem=TEXT, results=TEXT
    )
    english = replace(french, title="Participatory budgeting", translation="human")
    draft = Draft(
        original_lang="fr", city="paris", topics=("open-data",),
        texts={"fr": french, "en": english},
        facts=Facts(status="running", start="2014", evidence=(Link("https://a.example/", "A"),)),
    )  # fmt: skip
    with node.database() as session:
        study_id = service.create(session, None, draft)
        with _steps("publish", "case_studies/") as steps:
            publish.publish(session, None, study_id, node.settings)
    return steps


def _arrive(node: Node) -> set[Step]:
    """Look at a followed node that has published something new."""
    look_at, claim_due = _any(LOOKING, "look_at"), _any(FOLLOWING, "claim_due")
    with node.database() as session, open_door(node.settings) as door:
        with writing(session):
            session.execute(update(Subscription).values(next_poll=clock.now() - timedelta(days=1)))
        with _steps("look_at", "") as steps:
            for claim in claim_due(session, 1):
                look_at(session, door, claim, node.settings)
    return steps


def _ask(node: Node) -> set[Step]:
    """Ask the page of search for what was published."""
    os.environ.update(node.environment)
    subprocess.run([sys.executable, "-m", "network", "reindex"], check=True, stdout=sys.stderr)
    client = import_module("wsgi").app.test_client()
    with _steps("search", "web/") as steps:
        answer = client.get("/en/search?q=budget")
    assert "Participatory budgeting" in answer.text, answer.text
    return steps


def _any(modules: tuple[str, ...], name: str) -> Callable[..., Any]:
    for module in modules:
        if Path(HOUSE).parent.joinpath(*module.split(".")).with_suffix(".py").exists():
            found: Callable[..., Any] = getattr(import_module(module), name)
            return found
    raise LookupError(name)


@contextmanager
def _steps(function: str, room: str) -> Iterator[set[Step]]:
    """The functions that run from when one of this name in this room is called until it returns."""
    steps: set[Step] = set()
    within: list[FrameType] = []

    def note(frame: FrameType, what: str, _argument: object) -> None:
        code = frame.f_code
        if what == "return" and within and frame is within[0]:
            within.clear()
        if what != "call" or not code.co_filename.startswith(HOUSE):
            return
        file = code.co_filename.removeprefix(HOUSE)
        if not within and code.co_name == function and file.startswith(room):
            within.append(frame)
        if within and not code.co_name.startswith("<"):
            steps.add((file, code.co_qualname))

    sys.setprofile(note)
    try:
        yield steps
    finally:
        sys.setprofile(None)


if __name__ == "__main__":
    print(json.dumps(_count()))
