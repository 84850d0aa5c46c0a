"""What a job or a duty of the worker is given, and what each of them looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from network.config import Settings
from network.lib.http import Door
from network.search.engine import SearchEngine


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What an address of this node answers to anybody who asks. media_type: with its parameters."""

    status: int
    media_type: str
    content: bytes
    links: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What jobs and duties may use. page: an address of this node, from its path on, as it is."""

    settings: Settings
    sessions: sessionmaker[Session]
    door: Door
    page: Callable[[str], OwnPage]
    search: SearchEngine | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed job as its handler sees it. attempt: 1 for the first."""

    key: str
    payload: Mapping[str, Any]
    attempt: int


Handler = Callable[[Tools, Work], None]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the leader does again and again. every: from the end of one to the next."""

    name: str
    every: timedelta
    run: Callable[[Tools], None]
