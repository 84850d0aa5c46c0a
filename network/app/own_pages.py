"""The node's own pages for its worker: what the hub sends on is what anybody would be answered."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from network.config import Settings
from network.worker.tools import OwnPage

if TYPE_CHECKING:
    from flask import Flask


class OwnPages:
    """Answers for addresses of this node, asked of the application without a network."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, Lock()
        self._app: Flask | None = None

    def __call__(self, address: str) -> OwnPage:
        """What this path, with its query, answers to a visitor of the public address."""
        client = self._made().test_client(use_cookies=False)
        answer = client.get(address, base_url=f"{self._settings.base_url}/")
        return OwnPage(
            answer.status_code,
            answer.headers.get("Content-Type", ""),
            answer.get_data(),
            ", ".join(answer.headers.getlist("Link")),
        )

    def _made(self) -> Flask:
        """The application, made when it is first needed: most workers' starts never need it."""
        with self._lock:
            if self._app is None:
                from network.app import create_app

                self._app = create_app(self._settings)
            return self._app
