"""Who may do what to a study, and what becomes of it: pure, so that every case is a test.

Authors write; editors and administrators decide what readers see. So an author's edit of a
published study waits, saved, until an editor publishes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast

State = Literal["draft", "published", "withdrawn"]
Action = Literal["read", "save", "publish", "update", "withdraw", "republish"]

STATES: tuple[State, ...] = ("draft", "published", "withdrawn")
ACTIONS: tuple[Action, ...] = ("read", "save", "publish", "update", "withdraw", "republish")
ROLES = ("author", "editor", "administrator")
DECIDING_ROLES = ("editor", "administrator")

NEXT: Mapping[tuple[str, Action], State] = MappingProxyType(
    {
        ("draft", "publish"): "published",
        ("published", "update"): "published",
        ("published", "withdraw"): "withdrawn",
        ("withdrawn", "republish"): "published",
    }
)
"""(state, action) → the state after it, for the actions that readers notice."""


def allowed(action: str, role: str | None, is_owner: bool, state: str) -> bool:
    """Whether a person of this role may do this to a study in this state. role None: nobody.

    is_owner: the person began the study. Reading and saving need the study to be one's own, or a
    role that decides; what readers notice needs a role that decides and a state it makes sense in.
    """
    if role not in ROLES or state not in STATES:
        return False
    decides = role in DECIDING_ROLES
    if action in ("read", "save"):
        return decides or is_owner
    return decides and (state, action) in NEXT


def next_state(state: str, action: Action) -> State:
    """The state after an action; reading and saving change nothing."""
    return NEXT.get((state, action), cast(State, state))


def publication(state: str) -> Action:
    """Which action publishing is for a study in this state."""
    named: Mapping[str, Action] = {"draft": "publish", "published": "update"}
    return named.get(state, "republish")


def actions(role: str | None, is_owner: bool, state: str) -> tuple[Action, ...]:
    """What the person may do, in the order of the desk's buttons."""
    return tuple(action for action in ACTIONS if allowed(action, role, is_owner, state))
