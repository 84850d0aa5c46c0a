"""Membership in the background: sites of a list are followed, members described, lists read."""

from __future__ import annotations

from network.jobs.batches import ItemView
from network.membership import joining, lists
from network.worker.batches import Done, run_item
from network.worker.tools import Tools, Work


def follow(tools: Tools, work: Work) -> None:
    """Follow one site of a batch."""

    def do(item: ItemView) -> Done:
        found = joining.follow_listed(tools.sessions, tools.door, tools.settings, item.payload)
        return found.said, {"peer": found.id, "title": found.title or found.url}

    run_item(tools, work, do)


def describe(tools: Tools, work: Work) -> None:
    """Learn a new member's city and language."""
    with tools.sessions() as session:
        joining.describe_member(session, tools.door, tools.settings, int(work.key))


def read_lists(tools: Tools) -> None:
    """Read the lists that may confirm moves."""
    with tools.sessions() as session:
        lists.read_all(session, tools.door, tools.settings)


def describe_members(tools: Tools) -> None:
    """The same for members that did not answer when they were new."""
    joining.describe_members(tools.sessions, tools.door, tools.settings)
