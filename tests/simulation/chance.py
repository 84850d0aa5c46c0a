"""Whatever is otherwise left to chance or the time of day, decided by the seed."""

from __future__ import annotations

import logging
import random
import secrets
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from network.lib import clock
from network.log import followers
from network.subscriptions import claims
from network.web.entrance import page_cache
from network.web.pieces import conditional

_note = followers.Notebook.note


def _note_at_once(notebook: followers.Notebook, origin: str) -> None:
    """Wait for the one thread that a request may start."""
    _note(notebook, origin)
    notebook.wait()


START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Chance:
    """The seed's dice, and its time: the world's, plus what the clock of one's own node is off."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.time = START
        self.skew = timedelta()
        self._tokens = self.dice("tokens")

    def dice(self, *about: object) -> random.Random:
        """Dice of their own for a purpose, so that no other purpose changes how they fall."""
        return random.Random(f"{self.seed} {about}")

    def now(self) -> datetime:
        """See lib.clock: what the clock of the node that is at work shows."""
        return (self.time + self.skew).replace(microsecond=0)

    def monotonic(self) -> float:
        """See time.monotonic."""
        return (self.time - START).total_seconds()

    def token_hex(self, length: int = 32) -> str:
        """See secrets.token_hex."""
        return self._tokens.randbytes(length).hex()

    def uuid4(self) -> uuid.UUID:
        """See uuid.uuid4."""
        return uuid.UUID(bytes=self._tokens.randbytes(16), version=4)

    @contextmanager
    def governs(self) -> Iterator[None]:
        """Let nothing else decide, anywhere in this process."""
        state, passing = random.getstate(), SimpleNamespace(monotonic=self.monotonic)
        random.seed(self.seed)
        logging.disable(logging.CRITICAL)  # what fails here is meant to
        with ExitStack() as stack:
            for where, name, what in (
                (clock, "now", self.now),
                (secrets, "token_hex", self.token_hex),
                (uuid, "uuid4", self.uuid4),
                *((module, "time", passing) for module in (page_cache, conditional, claims)),
                (followers, "time", passing),
                (followers.Notebook, "note", _note_at_once),
            ):
                stack.enter_context(patch.object(where, name, what))
            try:
                yield
            finally:
                random.setstate(state)
                logging.disable(logging.NOTSET)
