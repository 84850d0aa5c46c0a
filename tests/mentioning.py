"""Other people's pages and endpoints on loopback, for tests of Webmention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from network.config import Settings
from network.jobs import service as jobs
from network.lib.http import Door
from network.worker.handlers import DUTIES, HANDLERS
from network.worker.tools import OwnPage, Tools, Work
from tests.sites import Reply, Site

HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Posted:
    """A form as it came."""

    path: str
    form: dict[str, list[str]]
    content_type: str


class Web(Site):
    """A site whose answers to POST and HEAD a test sets too. posted: the forms that it was sent."""

    def __init__(self) -> None:
        super().__init__()
        site = self
        self.posted: list[Posted] = []
        self.endpoints: dict[str, Reply | Callable[[], Reply]] = {}
        plain: Any = self._server.RequestHandlerClass

        class Handler(plain):  # type: ignore[misc]
            def do_POST(self) -> None:  # noqa: N802 — the library’s name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                form = parse_qs(body, keep_blank_values=True)
                site.posted.append(Posted(self.path, form, self.headers.get("Content-Type", "")))
                answer = site.endpoints.get(self.path, Reply(b"no such endpoint", 404))
                self.send(answer() if callable(answer) else answer)

            def do_HEAD(self) -> None:  # noqa: N802
                answer = site.answers.get(self.path)
                found = answer if isinstance(answer, Reply) else site.otherwise(self.path)
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.close_connection = True

        self._server.RequestHandlerClass = Handler

    def page(self, path: str, body: str, **headers: str) -> str:
        """Put an HTML page at a path; gives its address."""
        self.answers[path] = html(body, **headers)
        return self.url + path

    def sent(self, path: str) -> list[tuple[str, str]]:
        """(source, target) of each Webmention that arrived at a path."""
        forms = [posted.form for posted in self.posted if posted.path == path]
        return [(form["source"][0], form["target"][0]) for form in forms]


def html(body: str, **headers: str) -> Reply:
    """A page. headers: underscores are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    document = f"<!doctype html><html lang='en'><title>A page</title><body>{body}</body></html>"
    return Reply(document.encode(), headers=HTML | named)


def several(*headers: tuple[str, str]) -> Message:
    """Headers of which some have the same name."""
    made = Message()
    for name, value in headers:
        made.add_header(name, value)
    return made


class Bench:
    """One node's Webmention jobs, done here and now as its worker would."""

    def __init__(self, engine: Engine, settings: Settings, door: Door) -> None:
        self.sessions = sessionmaker(engine, expire_on_commit=False)
        self.tools = Tools(settings, self.sessions, door, lambda _: OwnPage(503, "", b""))

    def work(self) -> list[str]:
        """Do the jobs that are there, and those that they cause; gives their kinds in order."""
        done: list[str] = []
        kinds = [kind for kind in HANDLERS if kind.startswith("webmention")]
        while True:
            with self.sessions() as session:
                claimed = jobs.claim_any(session, kinds, 50)
            for job in claimed:
                HANDLERS[job.kind](self.tools, Work(job.key, job.payload, job.attempts))
                done.append(job.kind)
            with self.sessions() as session:
                jobs.finish(session, claimed)
            if not claimed:
                return done

    def duties(self) -> None:
        """Do once what comes round."""
        for duty in DUTIES:
            if "webmention" in duty.name:
                duty.run(self.tools)
