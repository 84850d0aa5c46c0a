"""The Sustainable Development Goals by name: their numbers alone tell most readers nothing."""

from __future__ import annotations

from network.lib.i18n import N_
from network.web.entrance.locale import _

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


def goal(number: int) -> str:
    """A goal as readers see it: its number and its name."""
    return f"{number}. {_(GOALS[number - 1])}" if 1 <= number <= len(GOALS) else str(number)
