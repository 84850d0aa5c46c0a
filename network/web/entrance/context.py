"""What a view may ask of the application: settings, search, the door, a database session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, request
from sqlalchemy.orm import Session

from network.config import Settings
from network.lib.db import db

if TYPE_CHECKING:
    from network.lib.http import Door
    from network.search.engine import SearchEngine


@dataclass(frozen=True, slots=True)
class Services:
    """The long-lived parts of a node, made by create_app."""

    settings: Settings
    search: SearchEngine
    door: Door


def services() -> Services:
    """The parts of the running application."""
    return cast(Services, current_app.extensions["pioneer"])


def settings() -> Settings:
    """The node's settings."""
    return services().settings


def session() -> Session:
    """This request's database session."""
    return cast(Session, db.session())


def is_for_everybody() -> bool:
    """Whether the page says the same to everybody, signed in or not, and may be kept by caches."""
    return request.blueprint == "embed"
