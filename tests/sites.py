"""Other people's sites on loopback, for tests of following: a server, and the log behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lxml.etree import C14NError
from sqlalchemy import event
from sqlalchemy.orm import Session

from network.catalogue.values import Facts, Version
from network.cities.service import CityValue
from network.lib.db import Base, open_engine, writing
from network.log import service as log
from network.log.document import feed_xml
from network.log.entry import State, content_hash, entry_xml, rfc3339, tombstone_xml
from network.log.items import prove
from network.log.models import FeedEntry, LogState
from network.log.places import Place

ATOM = "application/atom+xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Reply:
    """One answer. Its ETag and Last-Modified are compared with what the request asks."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Reply | Callable[[Mapping[str, str]], Reply]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]


class Site:
    """A web server whose answers a test sets and whose requests it sees."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        site = self
        self.answers: dict[str, Answer] = {}
        self.otherwise: Callable[[str], Reply] = lambda _path: Reply(b"nothing", 404)
        self.asked: list[Asked] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.asked.append(Asked(self.path, headers))
                answer = site.answers.get(self.path)
                if callable(answer):
                    answer = answer(headers)
                self.send(_conditional(answer or site.otherwise(self.path), headers))

            def send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if reply.status != 304:
                    self.wfile.write(reply.body)
                if "Content-Length" in reply.headers:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Nothing: tests look at `asked`."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]


def _conditional(reply: Reply, asked: Mapping[str, str]) -> Reply:
    etag, modified = reply.headers.get("ETag"), reply.headers.get("Last-Modified")
    same = etag and asked.get("if-none-match") == etag
    same = same or (not etag and modified and asked.get("if-modified-since") == modified)
    return Reply(b"", 304, reply.headers) if same and reply.status == 200 else reply


class Node(Site):
    """Another city's node: a real log, served as the protocol says."""

    def __init__(self, folder: Path, name: str = "Madrid", city: str = "madrid") -> None:
        super().__init__()
        self.name, self.city, self.clock = name, city, NOON
        self.engine = open_engine(f"sqlite:///{folder / f'{name}.sqlite'}")
        Base.metadata.create_all(
            self.engine, [FeedEntry.metadata.tables[t] for t in ("feed_entry", "log_state")]
        )
        self.otherwise = self._serve
        self.changed: Callable[[bytes], bytes] = lambda document: document
        self.places: tuple[Place, ...] = ()
        self.base_url = self.url

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.engine.dispose()

    def version(self, number: int, lang: str = "en", **values: Any) -> Version:
        """A study's version; its uuid is made of the number."""
        study = f"{self.base_url}/id/{number:08}-0000-4000-8000-000000000000"
        given: dict[str, Any] = {
            "title": f"Practice {number}",
            "summary": f"What practice {number} is.",
            "body_html": f"<p>All about practice {number}.</p>",
            "url": f"{self.base_url}/{lang}/case-studies/{self.city}/practice-{number}",
            "city": self.city,
            "topics": ("open-data",),
            "slug": f"practice-{number}",
            "facts": Facts(start="2014"),
        }
        return Version(
            entry_id=f"{study}/{lang}",
            study_key=study,
            lang=lang,
            published=NOON,
            updated=self.tick(),
            **given | values,
        )

    def tick(self) -> datetime:
        """The publisher's time, a second later at every change."""
        self.clock += timedelta(seconds=1)
        return self.clock

    def publish(self, number: int, lang: str = "en", **values: Any) -> str:
        """Publish or edit a version; gives its id."""
        with Session(self.engine) as session, writing(session):
            return self._record(session, self.version(number, lang, **values))

    def publish_many(self, numbers: range) -> None:
        """Publish a version for each number, all at once."""
        with Session(self.engine) as session, writing(session):
            self._record(session, *map(self.version, numbers))

    def place(self) -> CityValue:
        """What it says of its city."""
        return CityValue(self.city, {"en": self.name}, "ES", lat=40.4, lon=-3.7)

    def describe(self, *places: Place) -> None:
        """Have the head describe these cities."""
        self.places = places
        with Session(self.engine) as session, writing(session):
            log.renew_mark(session)

    def _record(self, session: Session, *versions: Version) -> str:
        ids, place = [each.entry_id for each in versions], self.place()
        log.Writer(session, ids).write(
            prove(v.entry_id, "live", rfc3339(v.updated), entry_xml(v, self.name, place))
            for v in versions
        )
        return ids[-1]

    def publish_as(self, entry_id: str) -> None:
        """Publish an entry under any id at all."""
        study, _, lang = entry_id.rpartition("/")
        version = self.version(1, lang)
        values = {name: getattr(version, name) for name in ("title", "summary", "body_html", "url")}
        version = Version(
            entry_id=entry_id,
            study_key=study,
            lang=lang,
            published=NOON,
            updated=self.tick(),
            **values,
        )
        with Session(self.engine) as session, writing(session):
            when = f"{version.updated:%Y-%m-%dT%H:%M:%SZ}"
            log.record(session, entry_id, when, entry_xml(version, self.name))

    def spoil(self, entry_id: str, change: Callable[[bytes], bytes]) -> None:
        """Change a row into something that no node of today would write, as its newest change."""
        with Session(self.engine) as session, writing(session):
            row, state = session.get_one(FeedEntry, entry_id), session.get_one(LogState, 1)
            state.seq, state.mark = state.seq + 1, f"spoilt {state.seq}"
            row.seq, row.xml = state.seq, change(row.xml)
            with suppress(C14NError):
                row.hash = content_hash(row.xml)

    def withdraw(self, entry_id: str, reason: str = "Outdated") -> None:
        """Put a tombstone."""
        when = self.tick()
        with Session(self.engine) as session, writing(session):
            xml = tombstone_xml(entry_id, when, reason)
            log.withdraw(session, entry_id, f"{when:%Y-%m-%dT%H:%M:%SZ}", xml)

    def lines(self) -> list[str]:
        """Our own live lines, as ids.txt has them."""
        with Session(self.engine) as session:
            return log.lines(session)

    def save(self) -> list[tuple[Any, ...]]:
        """A backup of the log."""
        with Session(self.engine) as session:
            rows = session.query(FeedEntry).all()
            state = session.get_one(LogState, 1)
            session.expunge_all()
        return [(state.epoch, state.seq)] + [
            (r.entry_id, r.seq, r.kind, r.updated, r.xml, r.hash) for r in rows
        ]

    def restore(self, backup: list[tuple[Any, ...]], renew: bool) -> None:
        """Go back to a backup, with or without a new epoch."""
        names = ("entry_id", "seq", "kind", "updated", "xml", "hash")
        with Session(self.engine) as session, writing(session):
            session.query(FeedEntry).delete()
            session.flush()
            session.add_all(FeedEntry(**dict(zip(names, row, strict=True))) for row in backup[1:])
            state = session.get_one(LogState, 1)
            state.epoch, state.seq = backup[0]
            if renew:
                log.renew_epoch(session)

    def _serve(self, path: str) -> Reply:
        if path in ("/", "/en/"):
            return Reply(f"<!doctype html><title>{self.name}</title>".encode())
        with Session(self.engine) as session:
            if path == "/feed.atom":
                document = self._head(session)
            elif path.startswith("/feed/archive/"):
                number = int(path.removeprefix("/feed/archive/").removesuffix(".atom"))
                document = self._document(log.archive(session, number), path)
            else:
                return Reply(b"nothing", 404)
            etag = '"{}-{}-{}-{}"'.format(*log.mark(session))
        return Reply(self.changed(document), headers={"Content-Type": ATOM, "ETag": etag})

    def _head(self, session: Session) -> bytes:
        state = log.read_state(session)
        return self._document(log.head(session), "/feed.atom", state, self.places)

    def _document(
        self,
        page: log.Page | None,
        path: str,
        state: State | None = None,
        places: tuple[Place, ...] = (),
    ) -> bytes:
        assert page is not None
        base = self.base_url
        links = [("self", base + path), ("current", f"{base}/feed.atom")]
        if page.prev is not None:
            links.append(("prev-archive", f"{base}/feed/archive/{page.prev}.atom"))
        return feed_xml(
            f"{base}/feed.atom", self.name, links, self.clock, [row.xml for row in page.rows],
            author=self.name, state=state, archive=state is None, places=places,
        )  # fmt: skip


@contextmanager
def failing_at(engine: Any, number: int) -> Iterator[list[str]]:
    """Break the database at its nth writing statement, as a kill would; gives the statements."""
    seen: list[str] = []

    def execute(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append(statement)
            if len(seen) == number:
                raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", execute)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", execute)


__all__ = ["ATOM", "NOON", "Node", "Reply", "Site", "failing_at"]
