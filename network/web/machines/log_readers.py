"""Notes which nodes ask for the log, beside the answer and never in its way."""

from __future__ import annotations

from flask import current_app, request
from sqlalchemy.orm import Session

from network.lib.db import db
from network.log import followers
from network.web.entrance.context import settings


def note() -> None:
    """Note the node that this request says it is from."""
    origin = followers.claimed(request.headers.get("User-Agent"))
    if origin is not None and origin != settings().base_url:
        notebook().note(origin)


def notebook() -> followers.Notebook:
    """This process's notes."""
    found = current_app.extensions.get("pioneer-followers")
    if found is None:
        engine = db.engine
        made = followers.Notebook(lambda: Session(engine))
        found = current_app.extensions.setdefault("pioneer-followers", made)
    notes: followers.Notebook = found
    return notes
