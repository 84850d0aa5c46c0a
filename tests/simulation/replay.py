"""`python -m tests.simulation.replay 20000`: a long history followed from nothing, and what of it
stands in memory meanwhile."""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from sqlalchemy import insert, update

from network.catalogue.values import Facts, Version
from network.cities.service import CityValue
from network.following import service
from network.lib.db import writing
from network.log import service as log
from network.log.entry import content_hash, entry_xml, rfc3339
from network.log.models import FeedEntry, LogState
from tests.simulation.chance import START
from tests.simulation.history import Histories
from tests.simulation.invariants import copies
from tests.simulation.network import CALM
from tests.simulation.node import Node
from tests.simulation.plan import Plan
from tests.simulation.world import beginning

NUMBER = "12345678"
"""Stands in the one entry that the others are made of."""
TOGETHER = 500
JOBS = "SELECT count(DISTINCT key) FROM job WHERE kind = 'index'"


def replay(entries: int) -> dict[str, Any]:
    """Follow a node with so many entries; says what came of it."""
    plan = Plan(seed=1, nodes=2, page=50, weather=CALM, real_index=False, may_move=False,
                skews=(0, 0), steps=())  # fmt: skip
    with beginning(plan) as world:
        paris, madrid = world.nodes
        fill(madrid, entries)
        with paris.at_work(), paris.sessions() as session:
            service.follow(session, paris.door, madrid.origin, paris.settings)
        histories = Histories()
        histories.note(madrid)
        (copy,) = copies(paris)
        now = histories.of["madrid"].now
        return {
            "documents": sum("/feed" in asked for asked in world.network.asked),
            "held": len(copy.live),
            "shown": len(copy.shown),
            "complete": (copy.epoch, copy.complete_seq) == (now.epoch, now.seq),
            "equal": copy.digest == now.digest,
            "jobs": paris.rows(JOBS)[0][0],
            "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }


def fill(node: Node, entries: int) -> None:
    """Put entries into a log, as so many publications would have."""
    version = Version(
        entry_id=f"{node.origin}/id/{NUMBER}-0000-4000-8000-000000000000/en",
        study_key=f"{node.origin}/id/{NUMBER}-0000-4000-8000-000000000000",
        lang="en",
        title=f"Practice {NUMBER}",
        summary="What it is.",
        body_html="<p>All about it.</p>" * 200,
        url=f"{node.origin}/en/case-studies/madrid/practice-{NUMBER}",
        published=START,
        updated=START,
        city="madrid",
        slug=f"practice-{NUMBER}",
        topics=("open-data",),
        facts=Facts(start="2014"),
    )
    madrid = CityValue("madrid", {"en": "Madrid"}, "ES", lat=40.4, lon=-3.7)
    model = entry_xml(version, "Madrid", madrid)
    with node.sessions() as session, writing(session):
        for start in range(1, entries + 1, TOGETHER):
            numbers = range(start, min(start + TOGETHER, entries + 1))
            session.execute(insert(FeedEntry), [_row(version, model, number) for number in numbers])
        session.execute(update(LogState).values(seq=entries))


def _row(version: Version, model: bytes, number: int) -> dict[str, Any]:
    xml = model.replace(NUMBER.encode(), b"%08d" % number)
    entry_id = version.entry_id.replace(NUMBER, f"{number:08}")
    return {"entry_id": entry_id, "seq": number, "kind": "live", "xml": xml,
            "updated": rfc3339(version.updated), "hash": content_hash(xml)}  # fmt: skip


assert log.PAGE == 50

if __name__ == "__main__":
    json.dump(replay(int(sys.argv[1])), sys.stdout)
