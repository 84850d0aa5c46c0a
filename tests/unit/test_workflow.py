"""Who may do what to a study, for every role, state and owner."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from network.case_studies import workflow
from network.case_studies.workflow import ACTIONS, ROLES, STATES, allowed

CASES = list(product(ACTIONS, ROLES, (True, False), STATES))


@pytest.mark.parametrize(("action", "role", "is_owner", "state"), CASES)
def test_readers_notice_only_what_editors_decide(
    action: str, role: str, is_owner: bool, state: str
) -> None:
    if action not in ("read", "save") and allowed(action, role, is_owner, state):
        assert role in ("editor", "administrator")


@pytest.mark.parametrize("state", STATES)
def test_authors_write_their_own_and_nobody_elses(state: str) -> None:
    assert allowed("save", "author", True, state)
    assert not allowed("save", "author", False, state)
    assert not allowed("read", "author", False, state)


@pytest.mark.parametrize("role", ["editor", "administrator"])
@pytest.mark.parametrize("is_owner", [True, False])
def test_editors_do_what_the_state_allows(role: str, is_owner: bool) -> None:
    done = {state: workflow.actions(role, is_owner, state) for state in STATES}
    assert done == {
        "draft": ("read", "save", "publish"),
        "published": ("read", "save", "update", "withdraw"),
        "withdrawn": ("read", "save", "republish"),
    }


@pytest.mark.parametrize("state", STATES)
def test_authors_are_offered_what_they_may(state: str) -> None:
    assert workflow.actions("author", True, state) == ("read", "save")
    assert workflow.actions("author", False, state) == ()


@given(st.text(), st.text(), st.booleans(), st.text())
def test_what_is_not_foreseen_is_not_allowed(
    action: str, role: str, is_owner: bool, state: str
) -> None:
    if action not in ACTIONS or role not in ROLES or state not in STATES:
        assert not allowed(action, role, is_owner, state)


@given(st.sampled_from(ACTIONS), st.booleans(), st.sampled_from(STATES))
def test_nobody_signed_in_may_do_nothing(action: str, is_owner: bool, state: str) -> None:
    assert not allowed(action, None, is_owner, state)


@given(st.sampled_from(ACTIONS), st.booleans(), st.sampled_from(STATES))
def test_more_rights_never_allow_less(action: str, is_owner: bool, state: str) -> None:
    author, editor, administrator = (allowed(action, role, is_owner, state) for role in ROLES)
    assert author <= editor <= administrator


class Life(RuleBasedStateMachine):
    """Any order of allowed actions, as an editor."""

    state: str = "draft"
    was_shown = False

    @rule(action=st.sampled_from(ACTIONS))
    def act(self, action: workflow.Action) -> None:
        if allowed(action, "editor", False, self.state):
            self.state = workflow.next_state(self.state, action)
            self.was_shown |= self.state == "published"

    @invariant()
    def a_study_once_shown_is_never_a_draft_again(self) -> None:
        assert self.state in STATES
        assert (self.state == "draft") is not self.was_shown

    @invariant()
    def publishing_is_always_possible_and_named(self) -> None:
        action = workflow.publication(self.state)
        assert allowed(action, "editor", False, self.state)
        assert workflow.next_state(self.state, action) == "published"


TestLife = Life.TestCase
