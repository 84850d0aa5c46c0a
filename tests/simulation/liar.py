"""A member that means harm: it speaks the protocol, and lies in every way that it can think of."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

from network.catalogue.values import Facts, Link, Version
from network.cities.service import CityValue
from network.log import service as log
from network.log.document import feed_xml
from network.log.entry import State, content_hash, digest, entry_xml, state_line, tombstone_xml
from tests.simulation.chance import START
from tests.simulation.wire import Reply, Request

HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">a</a>',
    '<a href=" java\tscript:alert(1)">a</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">a</a>',
    '<svg><animate onbegin="alert(1)" attributeName="x"/></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=a">',
    '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
    '<form action="http://evil.example/"><button formaction="javascript:a">x</button></form>',
    '<p style="background:url(javascript:alert(1))" onclick="alert(1)">p</p>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<object data="http://evil.example/x.swf"></object><embed src="x">',
    '<base href="http://evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example">',
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
)
LIES = (
    "nothing", "others' entries, counted", "others' entries, not counted", "others' tombstones",
    "a wrong digest", "a wrong count", "old documents", "other content at the same place",
    "a circle", "another site's history", "a crowd", "an id twice", "a document type",
    "a redirect inside", "never anything new", "that it went back", "a place far ahead",
    "look-alike ids", "a town's name", "an entry that nobody can read",
)  # fmt: skip
UNREADABLE = LIES[-1]
ALIKE = ("mallory.example.evil.example", "PARIS.example", "paris.example:80", "mallory.examplex",
         "paris.example/mallory.example")  # fmt: skip
DATES = ("2999-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59Z")


@dataclass(frozen=True)
class Row:
    """A row of its log."""

    seq: int
    kind: str
    updated: str
    xml: bytes


@dataclass
class Liar:
    """Its log, true or not. told: (epoch, seq, count, digest) of every head that it gave out.

    victims: ids of others that it would like to speak for.
    """

    host: str = "mallory.example"
    lie: str = "nothing"
    victims: list[str] = field(default_factory=list)
    told: set[tuple[str, int, int, str]] = field(default_factory=set)
    rows: dict[str, Row] = field(default_factory=dict)
    seq: int = 0
    time: datetime = START
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    _old: list[Reply] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def change(self, dice: random.Random) -> None:
        """Publish, edit or withdraw something of its own."""
        entry_id = f"{self.origin}/id/{dice.randrange(6):08}-0000-4000-8000-000000000000/en"
        if dice.random() < 0.2:
            self.withdraw(entry_id)
            return
        when = self._next()
        if dice.random() < 0.2:
            when = dice.choice(DATES)
        self.rows[entry_id] = Row(self.seq, "live", when, self.entry(entry_id, when, dice))

    def withdraw(self, entry_id: str) -> None:
        """Withdraw something of its own, or what never was."""
        when, tombstone = self._next(), tombstone_xml(entry_id, self.time, "It was not so")
        self.rows[entry_id] = Row(self.seq, "deleted", when, tombstone)

    def _next(self) -> str:
        """Go on by one; gives the date."""
        self.time, self.seq = self.time + timedelta(seconds=1), self.seq + 1
        return f"{self.time:%Y-%m-%dT%H:%M:%SZ}"

    def entry(self, entry_id: str, updated: str, dice: random.Random) -> bytes:
        """An entry with whatever might run in a page."""
        study, _, lang = entry_id.rpartition("/")
        version = Version(
            entry_id=entry_id,
            study_key=study,
            lang=lang,
            title=f"{dice.choice(HOSTILE)} Budget {dice.randrange(9)}",
            summary=dice.choice(HOSTILE),
            body_html="BODY",
            url=f"{self.origin}/page",
            published=START,
            updated=START,
            city=dice.choice(["paris", "madrid", "nowhere-at-all"]),
            slug=f"study-{dice.randrange(4)}",
            facts=Facts(partners=(dice.choice(HOSTILE),), evidence=(Link(self.origin, "x"),)),
        )
        name = dice.choice(HOSTILE)
        city = CityValue(version.city or "", {"en": name}, "FR")
        xml = entry_xml(version, dice.choice(HOSTILE), city)
        body = escape("".join(dice.choices(HOSTILE, k=3)), quote=False).encode()
        xml = xml.replace(b">BODY<", b">" + body + b"<")
        xml = xml.replace(f'href="{self.origin}/page"'.encode(), b'href="javascript:alert(1)"')
        before, _, after = xml.partition(b"<updated>")
        return before + b"<updated>" + updated.encode() + after[after.index(b"</updated>") :]

    def serve(self, request: Request) -> Reply:
        """Answer as suits it."""
        path = request.target.partition("?")[0]
        if not path.startswith("/feed"):
            return Reply(404)
        if self.lie == "a redirect inside":
            host = self.dice.choice(["inside.example", "metadata.example", "rebinding.example",
                                     "mixed.example", "mapped.example", "[::1]", "127.1", "0",
                                     "2130706433", "paris.example"])  # fmt: skip
            return Reply(self.dice.choice([301, 302, 307, 308]), {"Location": f"//{host}{path}"})
        if self.lie == "never anything new":
            return Reply(304)
        if self.lie == "old documents" and self._old:
            return self.dice.choice(self._old)
        reply = Reply(200, {"Content-Type": "application/atom+xml"}, self._document(path))
        if path == "/feed.atom":
            self._old = [*self._old, reply][-6:]
        return reply

    def _document(self, path: str) -> bytes:
        rows, state = self._page(path)
        older = self._older(path)
        links = [("self", self.origin + path), ("current", f"{self.origin}/feed.atom")]
        links += [("prev-archive", older)] if older else []
        document = feed_xml(
            f"{self.origin}/feed.atom", self.dice.choice(HOSTILE), links, self.time, rows,
            author=self.dice.choice(HOSTILE), state=state, archive=state is None,
        )  # fmt: skip
        if self.lie == "a document type":
            head, _, rest = document.partition(b"?>")
            return head + b'?><!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + rest
        return document

    def _older(self, path: str) -> str | None:
        number = log.cut(self.seq) // log.PAGE - 1
        if path != "/feed.atom":
            number = int("0" + "".join(c for c in path if c.isdigit())[:6]) - 1
        if self.lie == "a circle":
            return f"{self.origin}/feed/archive/0.atom"
        if self.lie == "another site's history":
            return self.dice.choice(["http://inside.example/", "http://paris.example/feed.atom"])
        return f"{self.origin}/feed/archive/{number}.atom" if number >= 0 else None

    def _page(self, path: str) -> tuple[list[bytes], State | None]:
        low, high = log.cut(self.seq), self.seq
        if path != "/feed.atom":
            number = int("0" + "".join(c for c in path if c.isdigit())[:6])
            low, high = number * log.PAGE, (number + 1) * log.PAGE
        chosen = sorted(
            (r for r in self.rows.values() if low < r.seq <= high), key=lambda r: -r.seq
        )
        documents = [self._said(row) for row in chosen]
        lines = [
            state_line(entry_id, row.updated, content_hash(self._said(row)))
            for entry_id, row in self.rows.items()
            if row.kind == "live"
        ]
        if path == "/feed.atom":
            documents += self._falsehoods(lines)
        return documents, self._state(lines) if path == "/feed.atom" else None

    def truth(self) -> dict[str, tuple[str, str]]:
        """What of its log is live, as it stands there: id → (date, hash)."""
        return {
            entry_id: (row.updated, content_hash(row.xml))
            for entry_id, row in self.rows.items()
            if row.kind == "live"
        }

    @property
    def unreadable(self) -> str:
        """The entry that it makes so that nobody can read it; empty when none is live."""
        return min(self.truth(), default="")

    def _said(self, row: Row) -> bytes:
        if self.lie == UNREADABLE and row is self.rows.get(self.unreadable):
            return re.sub(b"(<title[^>]*>).*?(</title>)", rb"\1&#8203;\2", row.xml, flags=re.S)
        if self.lie == "other content at the same place" and row.kind == "live":
            return row.xml.replace(b" Budget ", b" Another budget ")
        return row.xml

    def _falsehoods(self, lines: list[str]) -> list[bytes]:
        """Rows that are not its own to publish, perhaps counted among the lines."""
        victim = self.dice.choice(self.victims or ["http://nobody.example/id/1/fr"])
        uuid = victim.partition("/id/")[2]
        if self.lie == "others' tombstones":
            return [tombstone_xml(each, self.time, "Gone") for each in self.victims[:20]]
        if self.lie == "an id twice" and self.rows:
            row = next(iter(self.rows.values()))
            return [row.xml, row.xml]
        if self.lie == "a crowd":
            return [tombstone_xml(f"{self.origin}/id/{n}/en", self.time) for n in range(1_001)]
        if self.lie == "look-alike ids":
            ids = [f"http://{host}/id/{uuid}" for host in ALIKE]
        elif self.lie == "a town's name":
            ids = [f"{self.origin}/id/{uuid}"]
        elif self.lie.startswith("others' entries"):
            ids = [victim]
        else:
            return []
        entries = [self.entry(each, "2027-01-01T00:00:00Z", self.dice) for each in ids]
        if self.lie != "others' entries, not counted":
            lines += [
                state_line(each, "2027-01-01T00:00:00Z", content_hash(xml))
                for each, xml in zip(ids, entries, strict=True)
            ]
        return entries

    def _state(self, lines: list[str]) -> State:
        seq, count, value = self.seq, len(lines), digest(lines)
        if self.lie == "a wrong digest":
            value = "0" * 64
        if self.lie == "a wrong count":
            count += 1
        if self.lie == "that it went back":
            seq = max(0, seq - 3)
        if self.lie == "a place far ahead":
            seq = 999_999_999
        self.told.add(("mallory", seq, count, value))
        return State("mallory", seq, count, value)
