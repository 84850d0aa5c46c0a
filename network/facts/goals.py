"""The Sustainable Development Goals: by name, for their numbers alone tell most readers nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from network.facts.kinds import Control, Problem, Shown, problem
from network.facts.lines import line_of
from network.facts.words import Listed, each_once
from network.lib import yaml_text
from network.lib.i18n import N_, translate

if TYPE_CHECKING:
    from network.facts.values import Facts

GOALS = (
    N_("No poverty"), N_("Zero hunger"), N_("Good health and well-being"), N_("Quality education"),
    N_("Gender equality"), N_("Clean water and sanitation"), N_("Affordable and clean energy"),
    N_("Decent work and economic growth"), N_("Industry, innovation and infrastructure"),
    N_("Reduced inequalities"), N_("Sustainable cities and communities"),
    N_("Responsible consumption and production"), N_("Climate action"), N_("Life below water"),
    N_("Life on land"), N_("Peace, justice and strong institutions"),
    N_("Partnerships for the goals"),
)  # fmt: skip
"""The United Nations’ short names of the Sustainable Development Goals, 1 to 17."""


def goal(number: int, lang: str) -> str:
    """A goal as readers see it: its number and its name."""
    known = 1 <= number <= len(GOALS)
    return f"{number}. {translate(lang, GOALS[number - 1])}" if known else str(number)


@dataclass(frozen=True)
class Goals(Listed):
    """Numbers of goals."""

    control: ClassVar[Control] = "boxes"
    unreadable: ClassVar[str] = N_(
        "“%(text)s”: enter the goals’ numbers, from 1 to 17, such as 11, 16."
    )

    def read(self, raw: Any, lang: str | None) -> Any:
        """Numbers between commas, semicolons or spaces."""
        items = raw if isinstance(raw, list | tuple) else re.split(r"[\s,;]+", str(raw).strip())
        return tuple(dict.fromkeys(_number(line_of(item)) for item in items))

    def sent(self, field: Any) -> Any:
        """Boxes, as people type them: between commas."""
        return ", ".join(field)

    def options(self, lang: str) -> list[tuple[str, str]]:
        """All of them."""
        return [(str(number), goal(number, lang)) for number in range(1, len(GOALS) + 1)]

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """A number that no goal has."""
        for each in value:
            if not 1 <= each <= len(GOALS):
                message = N_("There is no goal %(goal)s: they go from 1 to 17.")
                yield problem(name, message, goal=each)

    def tidy(self, value: Any) -> Any:
        """Those that there are."""
        return each_once(each for each in value if 1 <= each <= len(GOALS))

    def of_texts(self, texts: Sequence[str]) -> Any:
        """The numbers among them."""
        return tuple(int(text) for text in texts if re.fullmatch("[0-9]{1,18}", text))

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """With their names."""
        return Shown(tuple(goal(each, lang) for each in value))

    def _item_in_file(self, item: str) -> str:
        return yaml_text.figure(item)


def _number(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]{1,9}", text):
        raise ValueError("a goal's number was expected")
    return int(text)
