"""What `make mutate` says of a mutant, and that the modules and tests that it names are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation import __main__ as mutation
from tests.mutation.changes import Change, changes
from tests.mutation.nearest import NEAREST

ROOT = Path(__file__).resolve().parents[2]
COPY = '''
def x_wait__mutmut_orig(own, failures):
    """Longer each time."""
    if failures > 20:
        raise InvalidInput(N_("Wait no longer."), "wait")
    return own * 2 ** min(failures, 20)


def x_wait__mutmut_1(own, failures):
    """Longer each time."""
    if failures > 20:
        raise InvalidInput(N_("Wait no longer."), "wait")
    return own * 2 ** min(failures, 21)


def x_wait__mutmut_2(own, failures):
    """Longer each time."""
    if failures >= 20:
        raise InvalidInput(N_("Wait no longer."), "wait")
    return own * 2 ** min(failures, 20)


def x_wait__mutmut_3(own, failures):
    """Longer each time."""
    if failures > 20:
        raise InvalidInput(N_("XXWait no longer.XX"), "wait")
    return own * 2 ** min(failures, 20)


class Plan:
    def xǁPlanǁproof__mutmut_orig(self):
        return bool(self.count)

    def xǁPlanǁproof__mutmut_1(self):
        return None
'''


@pytest.fixture
def found(tmp_path: Path) -> list[Change]:
    copy = tmp_path / "schedule.py"
    copy.write_text(COPY, encoding="utf-8")
    return list(changes(copy))


def test_a_mutant_is_named_by_what_it_changes(found: list[Change]) -> None:
    assert [str(each) for each in found] == [
        "wait: `min(failures, 20)` → `min(failures, 21)`",
        "wait: `failures > 20` → `failures >= 20`",
        "wait: `'Wait no longer.'` → `'XXWait no longer.XX'`",
        "Plan.proof: `bool(self.count)` → `None`",
    ]


def test_words_for_people_are_told_from_what_decides(found: list[Change]) -> None:
    assert [each.is_words for each in found] == [False, False, True, False]


def test_what_is_named_equivalent_is_known_for_its_module_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "testing.md"
    page.write_text(
        "### `network/a.py`\n\nSome words.\n\n- f: `a` → `b` – both are the same\n- not a mutant\n"
        "\n### `network/b.py`\n\n- g: `c` → `d` – nobody sees it\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(mutation, "TESTING", page)
    assert "f: `a` → `b`" in mutation._named_equivalent("network/a.py")
    assert "g: `c` → `d`" not in mutation._named_equivalent("network/a.py")
    assert mutation._named_equivalent("network/c.py") == set()


def test_a_part_counts_those_that_can_be_noticed() -> None:
    alive = [Change("f__mutmut_1", "f", "a", "b", is_words=False)]
    assert mutation.Verdict("a.py", made=12, alive=alive, equivalent=2).part == 0.9
    assert mutation.Verdict("a.py", made=0, alive=[], equivalent=0).part == 1.0


def test_modules_and_tests_are_where_they_are_looked_for() -> None:
    named = {ROOT / module for module in NEAREST}
    named |= {ROOT / "tests" / test for tests in NEAREST.values() for test in tests}
    assert [path for path in named if not path.is_file()] == []


def test_each_module_that_docs_name_is_one_that_is_tried() -> None:
    lines = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8").split("\n")
    headings = [line[5:-1] for line in lines if line.startswith("### `network/")]
    assert set(headings) <= set(NEAREST)
