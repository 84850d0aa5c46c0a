"""Keeps what was read or made out of memory until it is needed: values in a temporary file.

A log is read newest first and applied oldest first, all or nothing, and files are looked at all
before the first is imported; twenty thousand texts must not stand in memory in between.
"""

from __future__ import annotations

import pickle
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Self

IN_MEMORY = 4 * 1024 * 1024
"""Bytes up to which no file is made: most polls bring a few entries."""


class Aside:
    """Values by slot, in a temporary file without a name that only this process has open."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 — closed by our own __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def put(self, value: Any) -> int:
        """Put a value aside; gives its slot."""
        slot = self._file.seek(0, 2)
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)
        return slot

    def get(self, slot: int) -> Any:
        """The value of a slot."""
        self._file.seek(slot)
        return pickle.load(self._file)  # noqa: S301 — written by this object alone
