"""Simulated cities keep every invariant, and break one as soon as the code is broken (decision 14).

300 seeds in CI; `make simulate SEEDS=5000` for more, `make simulate SEED=…` to see one again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress

import pytest
from waitress.server import create_server

from tests.simulation import plan, tables, world
from tests.simulation.chance import Chance
from tests.simulation.judge import judge, sweep
from tests.simulation.mutants import MUTANTS, SCENES, seeds
from tests.simulation.network import CALM, PRIVATE, REBINDING
from tests.simulation.plan import OPERATIONS, Plan, Step

TOGETHER = 5
CHUNKS = range(0, 300, TOGETHER)


@pytest.mark.parametrize("first", CHUNKS)
def test_every_invariant_holds(first: int) -> None:
    broken = [found for seed in range(first, first + TOGETHER) if (found := judge(seed))]
    assert not broken, "\n".join(f"seed {found.seed}: {found}" for found in broken)


@pytest.mark.parametrize("name", MUTANTS)
def test_broken_code_is_noticed(name: str) -> None:
    with MUTANTS[name]():
        scene = SCENES.get(name)
        noticed = scene() if scene else any(judge(seed) for seed in seeds(name))
    assert noticed, f"{name} was not noticed"


def test_a_seed_tells_the_same_story_in_every_process() -> None:
    stories = set()
    for hashing in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hashing}
        command = [sys.executable, "-m", "tests.simulation", "--seed", "3"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        stories.add(done.stdout)
    (story,) = stories
    assert story.endswith("Everything holds.\n")
    assert len(story.splitlines()) > 30


def test_a_seed_that_breaks_is_named_with_the_command_that_shows_it_again() -> None:
    with MUTANTS["foreign_ids_are_accepted"]():
        broken = next(found for seed in range(20) if (found := judge(seed)))
    assert f"make simulate SEED={broken.seed}" in str(broken)
    assert broken.trace


def a_plan(*steps: Step) -> Plan:
    return Plan(seed=1, nodes=2, page=3, weather=CALM, real_index=False, may_move=False,
                skews=(0, 0, 0), steps=steps)  # fmt: skip


def test_what_is_served_is_to_the_byte_what_the_site_serves() -> None:
    with world.beginning(a_plan()) as made:
        for number in range(6):
            made.perform(Step(number, number, number * 30, "publish", 0))
        node = made.nodes[0]
        server = create_server(node.app, host="127.0.0.1", port=0)

        def serve() -> None:
            with suppress(OSError):  # closing takes the socket away from under its `select`
                server.run()

        running = threading.Thread(target=serve)
        running.start()
        try:
            for path in ("/feed.atom", "/feed/archive/0.atom", "/feed/ids.txt"):
                reply = node.ask(path)
                address = f"http://127.0.0.1:{server.effective_port}{path}"
                with urllib.request.urlopen(address, timeout=30) as answer:
                    assert answer.read() == reply.body != b""
                    for name in ("ETag", "Content-Type", "Cache-Control"):
                        assert answer.headers[name] == reply.header(name)
        finally:
            server.close()
            running.join()


def test_the_simulated_network_is_behind_the_real_guard() -> None:
    with world.beginning(a_plan()) as made:
        node = made.nodes[0]
        for host in (*PRIVATE, REBINDING, "[::1]", "127.1", "10.0.0.1:8080"):
            with pytest.raises(Exception, match=r"private network|only ports|does not know"):
                node.door.get(f"http://{host}/feed.atom")
        assert made.network.reached == set()
        assert node.door.get(f"http://{made.nodes[1].host}/feed.atom").status == 200


def test_every_operation_happens_and_every_kind_of_weather_is_met() -> None:
    plans = [plan.make(seed) for seed in range(300)]
    done = {step.name for made in plans for step in made.steps}
    meanwhile = {step.meanwhile[0] for made in plans for step in made.steps if step.meanwhile}
    assert done == set(OPERATIONS)
    assert meanwhile >= {name for name, operation in OPERATIONS.items() if operation.midway}
    assert len({made.weather for made in plans}) > 3
    assert sum(made.real_index for made in plans) == 60
    assert sum(bool(step.kill) for made in plans for step in made.steps) > 1_000


def test_a_process_dies_at_every_statement_of_a_poll_and_nothing_is_different() -> None:
    assert sweep() is None


def test_who_had_an_address_first_is_no_difference_and_a_text_is_one() -> None:
    hashes = "ab" * 32, "cd" * 32

    def row(slug: str, hash_: str, text: str = "Plan") -> tables.Rows:
        address = f"http://madrid.example/fr/etudes-de-cas/paris/{slug}"
        entry = f'<entry><link href="{address}"/><title>{text}</title></entry>'.encode()
        return {"feed_entry": [("an id", 5, entry, hash_)], "version": [("an id", address, None)]}

    plain = tables.unmarked(row("fonds-0", hashes[0]))
    assert tables.unmarked(row("fonds-0-~2ece8547", hashes[1])) == plain
    assert tables.unmarked(row("fonds-1", hashes[1])) != plain
    assert tables.unmarked(row("fonds-0", hashes[0], "Plans")) != plain


def test_chance_falls_as_the_seed_says() -> None:
    one, other = Chance(7), Chance(7)
    assert [one.token_hex(8), one.dice("a").random()] == [
        other.token_hex(8),
        other.dice("a").random(),
    ]
    assert one.dice("a").random() != one.dice("b").random()
