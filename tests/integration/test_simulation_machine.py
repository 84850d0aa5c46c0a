"""The same nodes and operations, chosen by hypothesis, which finds the shortest way to break."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.simulation import plan
from tests.simulation.network import CALM, WEATHERS, Weather
from tests.simulation.plan import OPERATIONS, WRITTEN, Step
from tests.simulation.world import World, beginning

NODES = st.integers(0, 1)
KEYS = st.integers(0, 50)
KILLS = st.none() | st.integers(1, 40)
MANAGED = ("follow", "unfollow", "block", "unblock", "decide moves", "move", "describe")
MIDWAY = tuple(name for name, operation in OPERATIONS.items() if operation.midway)


class Cities(RuleBasedStateMachine):
    """Two cities and a liar. Every step is checked as in a seed, and the end settles as there."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world: World | None = None
        self.number = 0

    @initialize(seed=st.integers(0, 3), page=st.sampled_from([2, 3]), moves=st.booleans())
    def begin(self, seed: int, page: int, moves: bool) -> None:
        made = replace(plan.make(seed), nodes=2, page=page, real_index=False, may_move=moves)
        self.world = self.stack.enter_context(beginning(replace(made, weather=CALM)))

    def step(self, name: str, node: int, key: int, **more: object) -> None:
        assert self.world
        self.number += 1
        self.world.perform(Step(self.number, key, self.number * 30, name, node, **more))  # type: ignore[arg-type]

    @rule(name=st.sampled_from(WRITTEN), node=NODES, key=KEYS, kill=KILLS)
    def write(self, name: str, node: int, key: int, kill: int | None) -> None:
        self.step(name, node, key, kill=kill)

    @rule(name=st.sampled_from(MANAGED), node=NODES, key=KEYS, kill=KILLS)
    def manage(self, name: str, node: int, key: int, kill: int | None) -> None:
        self.step(name, node, key, kill=kill if OPERATIONS[name].worker is not None else None)

    @rule(
        name=st.sampled_from(["poll", "work"]),
        node=NODES,
        key=KEYS,
        kill=KILLS,
        leader=st.booleans(),
        meanwhile=st.none() | st.tuples(st.sampled_from(MIDWAY), NODES),
    )
    def look(
        self, name: str, node: int, key: int, kill: int | None, leader: bool,
        meanwhile: tuple[str, int] | None,
    ) -> None:  # fmt: skip
        self.step(name, node, key, kill=kill, leader=leader, meanwhile=meanwhile)

    @rule(
        name=st.sampled_from(["back up", "restore", "poll twice", "read pages"]),
        node=NODES,
        key=KEYS,
    )
    def keep(self, name: str, node: int, key: int) -> None:
        self.step(name, node, key)

    @rule(key=KEYS)
    def lie(self, key: int) -> None:
        self.step("lie", 0, key)

    @rule(weather=st.sampled_from((CALM, *WEATHERS)))
    @precondition(lambda self: self.world is not None)
    def change(self, weather: Weather) -> None:
        assert self.world
        self.world.network.weather = weather

    def teardown(self) -> None:
        with self.stack:
            if self.world:
                self.world.settle()


TestCities = Cities.TestCase
TestCities.settings = settings(max_examples=20, stateful_step_count=15)
