"""Push in tests: endpoints that record what they are sent, and a node served over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from network.app import create_app
from network.app.own_pages import OwnPages
from network.config import Settings
from network.feeds.hub_delivery import is_live, mark
from network.feeds.models import HubSubscription, HubTopic
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import db, writing
from network.search.opening import open_search
from network.subscriptions.policy import open_door
from network.worker.loop import Worker
from tests.nodes import eventually


@dataclass
class Got:
    """One request as it came. query, form: the first value of each name."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)


Answer = tuple[int, bytes, dict[str, str]]


def echo(got: Got) -> Answer:
    """A subscriber that wants whatever it is asked: the challenge, or 204."""
    challenge = got.query.get("hub.challenge")
    return (200, challenge.encode(), {}) if challenge else (204, b"", {})


class Endpoint:
    """An HTTP server; `answer` is called with each request, after it was recorded."""

    def __init__(self, answer: Callable[[Got], Answer] = echo) -> None:
        self.answer, self.got = answer, list[Got]()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                is_form = headers.get("content-type", "").endswith("urlencoded")
                form = {k: v[0] for k, v in parse_qs(body.decode()).items()} if is_form else {}
                got = Got(self.command, self.path, headers, body, query, form)
                endpoint.got.append(got)
                status, content, more = endpoint.answer(got)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Nothing: tests look at `got`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Endpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def those(self, method: str, mode: str | None = None) -> list[Got]:
        """The requests of a method, those of a hub.mode alone if one is given."""
        wanted = [got for got in self.got if got.method == method]
        both = [(got, got.query.get("hub.mode") or got.form.get("hub.mode")) for got in wanted]
        return [got for got, found in both if mode is None or mode == found]

    @property
    def deliveries(self) -> list[Got]:
        """What a hub delivered."""
        return self.those("POST")


class Served:
    """A node whose application answers over HTTP and whose worker runs when a test says so."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.url, self.engine = settings, settings.base_url, engine
        self.app = create_app(settings)
        self.app.testing = True
        port = urlsplit(settings.base_url).port or 80
        self._server = make_server("127.0.0.1", port, self.app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._index = open_search(settings)
        pages = OwnPages(settings)
        pages._app = self.app
        self.door = open_door(settings)
        self.worker = Worker(settings, self._index, self.door, engine, pages)
        self._thread.start()

    def close(self) -> None:
        self.worker.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.door.close()
        self._index.close()
        with self.app.app_context():
            db.engine.dispose()

    def work(self, until: Callable[[], Any], seconds: float = 120) -> Any:
        """Let the worker work until something is so."""

        def look() -> Any:
            self.worker.round()
            return until()

        return eventually(look, seconds)

    def settle(self) -> None:
        """Let the worker work, without waiting for retries, until nothing is left to do."""
        calm = 0

        def quiet() -> bool:
            nonlocal calm
            self.hurry()
            with Session(self.engine) as session:
                busy = session.scalar(select(Job.id).where(Job.state == "waiting").limit(1))
                stale = select(HubTopic.id).join(HubSubscription)
                stale = stale.where(HubTopic.mark != mark(session), is_live(clock.now()))
                busy = busy or session.scalar(stale.limit(1))
            calm = 0 if busy else calm + 1
            return calm > 2

        self.work(quiet)

    def hurry(self) -> None:
        """Let no waiting job wait any longer."""
        past = clock.now()
        with Session(self.engine) as session, writing(session):
            session.execute(
                update(Job).where(Job.token.is_(None), Job.run_at > past).values(run_at=past)
            )

    def ask(self, **form: Any) -> requests.Response:
        """A request to this node's hub; hub_topic is written for hub.topic."""
        fields = {name.replace("hub_", "hub.", 1): str(value) for name, value in form.items()}
        return requests.post(f"{self.url}/websub/hub", data=fields, timeout=30)

    def get(self, path: str, **query: str) -> requests.Response:
        """GET a path of this node."""
        asked = {name.replace("hub_", "hub.", 1): value for name, value in query.items()}
        address = f"{self.url}{path}" + (f"?{urlencode(asked)}" if asked else "")
        return requests.get(address, timeout=30)


@contextmanager
def serving(settings: Settings, engine: Engine) -> Iterator[Served]:
    """A node over HTTP for the length of a test."""
    node = Served(settings, engine)
    try:
        yield node
    finally:
        node.close()
