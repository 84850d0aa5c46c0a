"""Who may do what: every writing route names a role, and a test walks the URL map to prove it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, redirect, request

from network.accounts import service as accounts
from network.web.entrance.locale import url
from network.web.entrance.session import current_user

View = TypeVar("View", bound=Callable[..., Any])
ANYONE = "anyone"


def requires(role: str) -> Callable[[View], View]:
    """Let in people of this role or a higher one; `anyone` says that the view is meant for all.

    A visitor who is not signed in goes to the sign-in page and comes back here after.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if role != ANYONE:
                user = current_user()
                if user is None:
                    return redirect(url("accounts.sign_in", next=_here()), 303)
                if not accounts.has_role(user, role):
                    abort(403)
            return view(*args, **kwargs)

        guarded.required_role = role  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap


def _here() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None
