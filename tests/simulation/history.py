"""What every honest node's log has truly been, at every moment: what claims are measured by."""

from __future__ import annotations

from dataclasses import dataclass, field

from network.log.entry import digest, state_line
from tests.simulation.node import Node


@dataclass(frozen=True)
class Moment:
    """A log between two changes. number: of the moment, over all nodes. live: id → updated."""

    number: int
    epoch: str
    seq: int
    digest: str
    live: dict[str, str]


@dataclass
class History:
    """The moments of one node's log, oldest first."""

    moments: list[Moment] = field(default_factory=list)

    @property
    def now(self) -> Moment:
        return self.moments[-1]

    def digests_at(self, epoch: str | None, seq: int | None) -> set[str]:
        """What the log was at this place; several when it was restored and came there again."""
        return {m.digest for m in self.moments if (m.epoch, m.seq) == (epoch, seq)}

    def since(self, number: int) -> list[Moment]:
        """What it was at that moment, and became since."""
        later = [m for m in self.moments if m.number > number]
        return [m for m in self.moments if m.number <= number][-1:] + later


@dataclass
class Histories:
    """Those of all nodes, on one line of time."""

    number: int = 0
    of: dict[str, History] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def note(self, node: Node) -> None:
        """Look whether a node's log has changed."""
        if self._seen.get(node.name) == node.switch.writes:
            return
        self._seen[node.name] = node.switch.writes
        ((epoch, seq),) = node.rows("SELECT epoch, seq FROM log_state")
        rows = node.rows("SELECT entry_id, updated, hash FROM feed_entry WHERE kind = 'live'")
        now = digest(state_line(*row) for row in rows)
        history = self.of.setdefault(node.name, History())
        last = history.moments[-1] if history.moments else None
        if last is None or (last.epoch, last.seq, last.digest) != (epoch, seq, now):
            self.number += 1
            live = {row[0]: row[1] for row in rows}
            history.moments.append(Moment(self.number, epoch, seq, now, live))
