"""The invariants of the protocol, as questions to the nodes themselves (docs/protocol.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import undefer

from network.catalogue.models import Study, Version
from network.intake import walk
from network.intake.decide import moment
from network.log.entry import digest, state_line
from network.search import service as search
from tests.simulation.history import Moment
from tests.simulation.liar import UNREADABLE
from tests.simulation.node import Node

if TYPE_CHECKING:
    from tests.simulation.world import World


Texts = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Copy:
    """What a node has of one followed log. live, dead: id → updated. shown: id → updated of what
    has a page. foreign: ids that nobody from there may speak for. unread: ids of what is held back
    because it cannot be read. hashes: id → hash of what is live."""

    id: int
    kind: str
    name: str
    origins: tuple[str, ...]
    epoch: str | None
    complete_seq: int | None
    live: dict[str, str]
    dead: dict[str, str]
    digest: str
    shown: dict[str, datetime]
    foreign: tuple[str, ...]
    unread: tuple[str, ...]
    hashes: dict[str, str]


def copies(node: Node, only: int | None = None) -> list[Copy]:
    """Everything that a node follows, or one of it."""
    rows = node.rows(
        "SELECT id, kind, origin, former_origins, epoch, complete_seq FROM subscription"
        " WHERE ? IN (id, 0)", only or 0,
    )  # fmt: skip
    return [_copy(node, *row) for row in rows]


def _copy(
    node: Node, id_: int, kind: str, origin: str, former: str, epoch: str | None, seq: int | None
) -> Copy:
    entries = node.rows(
        "SELECT entry_id, kind, updated, hash FROM remote_entry WHERE subscription_id = ?", id_
    )
    shown = node.rows(
        "SELECT entry_id, updated, study_key FROM version JOIN study USING (study_key)"
        " WHERE source_id = ?", id_,
    )  # fmt: skip
    unread = node.rows("SELECT entry_id FROM unread_entry WHERE subscription_id = ?", id_)
    live = [entry for entry in entries if entry[1] == "live"]
    origins = (origin, *json.loads(former))
    ids = {entry[0] for entry in entries} | {i for row in shown for i in (row[0], row[2])}
    return Copy(
        id=id_,
        kind=kind,
        name=name_of(origin),
        origins=origins,
        epoch=epoch,
        complete_seq=seq,
        live={entry[0]: entry[2] for entry in live},
        dead={entry[0]: entry[2] for entry in entries if entry[1] == "deleted"},
        digest=digest(state_line(entry[0], entry[2], entry[3]) for entry in live),
        shown={row[0]: datetime.fromisoformat(row[1]).replace(tzinfo=UTC) for row in shown},
        foreign=tuple(i for i in ids if not i.startswith(tuple(f"{o}/" for o in origins))),
        unread=tuple(row[0] for row in unread),
        hashes={entry[0]: entry[3] for entry in live},
    )


def name_of(origin: str) -> str:
    """Whose origin it is: paris, whatever the host is that paris has now."""
    return origin.removesuffix(".example").rpartition("/")[2].rpartition(".")[2]


@dataclass
class Memory:
    """What was once withdrawn from a copy: (node, id) → (its date there, the moment)."""

    withdrawn: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def forget(self, node: str, origin: str = "") -> None:
        """A node lost what it knew, or no longer follows somebody."""
        for key in [k for k in self.withdrawn if k[0] == node and k[1].startswith(origin)]:
            del self.withdrawn[key]


def check_copies(world: World, node: Node) -> None:
    """I2, I6, I7 and that content is what the copy says, for all that a node follows."""
    for copy in copies(node):
        if copy.name == "mallory" and copy.kind == "foreign":
            continue  # what it gave out on that day was not a log
        assert copy.kind == "member", f"{node.name} follows {copy.name} as any other feed"
        assert not copy.foreign, f"I7: {copy.name} got {copy.foreign[0]} into {node.name}"
        assert set(copy.shown) == set(copy.live), f"{node.name} shows other than it holds"
        for entry_id, updated in copy.live.items():
            assert copy.shown[entry_id] == moment(updated).replace(microsecond=0), entry_id
        _check_claim(world, node, copy)
        _check_returns(world, node, copy)


def check_own(node: Node) -> None:
    """Readers of a node see what its log says, and no other."""
    logged = node.rows("SELECT entry_id, updated FROM feed_entry WHERE kind = 'live'")
    shown = node.rows(
        "SELECT entry_id, strftime('%Y-%m-%dT%H:%M:%SZ', version.updated) FROM version"
        " JOIN study USING (study_key) WHERE source_id IS NULL"
    )
    odd = sorted({*logged} ^ {*shown})
    assert not odd, f"the log of {node.name} and its pages differ in {odd[0]}"


def _check_claim(world: World, node: Node, copy: Copy) -> None:
    """I2: whoever says “complete” holds exactly what the log was at that place."""
    if copy.complete_seq is None:
        return
    assert not copy.unread, f"I2: {node.name} says that it has all, without {copy.unread[0]}"
    if copy.name == "mallory":
        said = ("mallory", copy.complete_seq, len(copy.live), copy.digest)
        assert said in world.liar.told, f"I2: {node.name} holds what even mallory never said"
        return
    true = world.histories.of[copy.name].digests_at(copy.epoch, copy.complete_seq)
    assert copy.digest in true, (
        f"I2: {node.name} says that it has all of {copy.name} as of {copy.complete_seq}"
    )


def _check_returns(world: World, node: Node, copy: Copy) -> None:
    """I6: what was withdrawn is live again only if its log said so afterwards."""
    known = world.memory.withdrawn
    for entry_id, when in copy.dead.items():
        if known.get((node.name, entry_id), ("", 0))[0] != when:
            known[node.name, entry_id] = (when, world.histories.number)
    for entry_id, updated in copy.live.items():
        before = known.get((node.name, entry_id))
        if before is None or copy.name == "mallory":
            continue
        if moment(updated) < moment(before[0]):
            later = world.histories.of[copy.name].since(before[1])
            assert any(m.live.get(entry_id) == updated for m in later), (
                f"I6: {entry_id} came back to {node.name} with the date {updated}"
            )
        del known[node.name, entry_id]


def check_poll(world: World, node: Node, subscription_id: int, since: int) -> None:
    """I2 again, strictly: a poll that succeeds without being deceived proves what is so now."""
    copy = next(iter(copies(node, subscription_id)), None)
    if copy is None or copy.name == "mallory" or world.network.deceived:
        return
    recent = world.histories.of[copy.name].since(since)
    assert any(_is(copy, m) for m in recent), (
        f"I2: {node.name} has read {copy.name} and holds something else: "
        f"as of {copy.complete_seq}, not {[m.seq for m in recent]}"
    )
    assert copy.complete_seq is not None


def check_alarm(world: World, node: Node, subscription_id: int) -> None:
    """Nobody who speaks the truth is called a liar: an alarm is worth an administrator's time."""
    said = node.rows("SELECT origin, error FROM subscription WHERE id = ?", subscription_id)
    for origin, error in said:
        if name_of(origin) != "mallory" and not world.network.deceived:
            assert error != walk.UNEQUAL, f"{node.name} finds that {origin} does not add up"


def _is(copy: Copy, then: Moment) -> bool:
    return (copy.epoch, copy.complete_seq, copy.digest) == (then.epoch, then.seq, then.digest)


def check_liar(world: World, node: Node) -> None:
    """I1, I2 of somebody who makes one entry so that nobody can read it, or tells the truth: all
    else is held and shown, and “complete” is said only when nothing is held back."""
    liar, held = world.liar, [c for c in copies(node) if (c.name, c.kind) == ("mallory", "member")]
    for copy in held:
        true, kept = liar.truth(), {i: (copy.live[i], copy.hashes[i]) for i in copy.live}
        unread = {liar.unreadable} - {""} if liar.lie == UNREADABLE else set[str]()
        assert {*copy.unread} == unread, f"{node.name} holds back {copy.unread}, not {unread}"
        for entry_id in {*true, *kept} - unread:
            assert kept.get(entry_id) == true.get(entry_id), f"I1: {node.name}: {entry_id} differs"
        assert copy.complete_seq == (None if unread else liar.seq), "I2: complete, or not said"


def check_city(node: Node, origin: Node) -> None:
    """A city is shown as its own site describes it now (docs/decisions/0023)."""
    query = "SELECT names, population FROM city WHERE slug = ?"
    here, there = node.rows(query, origin.name), origin.rows(query, origin.name)
    assert here == there, f"{node.name} shows {origin.name} as {here}, not {there}"


def check_convergence(world: World, node: Node) -> None:
    """I1: every copy equals its origin, in the digest and in what readers see."""
    for copy in copies(node):
        if copy.name == "mallory" or not world.can_follow(copy.origins, copy.name):
            continue
        origin = world.node(copy.name)
        now = world.histories.of[copy.name].now
        assert copy.digest == now.digest, f"I1: {node.name} does not equal {copy.name}"
        assert (copy.epoch, copy.complete_seq) == (now.epoch, now.seq), "I1: not said to be"
        difference = _difference(_texts(node, copy.id), _texts(origin, None))
        assert not difference, f"I1: {node.name} shows of {copy.name} {difference}"
        check_city(node, origin)


def _difference(ours: Texts, theirs: Texts) -> str:
    """The first thing that is not the same."""
    for key in sorted({*ours, *theirs}):
        here, there = ours.get(key, {}), theirs.get(key, {})
        for name in here | there:
            if here.get(name) != there.get(name):
                return f"{key} with the {name} {here.get(name)!r} and not {there.get(name)!r}"
    return ""


def _texts(node: Node, source: int | None) -> Texts:
    """What pages say of each version: byte for byte what its author wrote."""
    names = ("title", "summary", "body_html", "url", "lang", "topics", "facts", "inspired_by",
             "published", "updated", "translation", "outdated_since", "place")  # fmt: skip
    query = select(Version).join(Study).where(Study.source_id == source, Study.shown)
    with node.reading() as session:
        rows = session.scalars(query.options(undefer(Version.body_html)))
        return {row.entry_id: {name: getattr(row, name) for name in names} for row in rows}


def check_index(node: Node) -> None:
    """I8: the index holds exactly what the database says."""
    with node.reading() as session:
        wrong = search.differences(session, node.search)
    if wrong is None:
        with node.reading() as session:
            assert not session.scalars(select(Study.study_key).where(Study.shown)).all(), "I8"
        return
    assert wrong == [], f"I8: the index of {node.name} is wrong about {wrong[0]}"


def check_pages(world: World, node: Node) -> None:
    """I6, I9: a page that visitors saw goes with its study, also from memory."""
    query = (
        "SELECT entry_id FROM version JOIN study USING (study_key)"
        " WHERE shown AND (entry_id = ? OR (place = ? AND slug = ?))"
    )
    for name, path in [seen for seen in world.seen if seen[0] == node.name]:
        if node.rows(query, world.seen[name, path], *path.split("/")[-2:]):
            continue
        entry_id = world.seen.pop((name, path))
        status = node.ask(path).status
        # A study of our own that lived there before a followed one is led to again.
        led_on = status == 301 and not entry_id.startswith(node.origin)
        assert led_on or status in (404, 410), f"I6: {path} is still shown by {name}"


class Scripts(HTMLParser):
    """Whatever might run in a page, found by another parser than the one that cleans."""

    DANGEROUS = frozenset(
        "script iframe object embed applet svg math style base meta link form input button "
        "textarea select template noscript frame frameset img video audio source".split()
    )

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._dangerous = self.DANGEROUS - allowed

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._dangerous:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction", "cite", "data", "poster"):
                self._address(tag, value or "")

    def _address(self, tag: str, value: str) -> None:
        plain = "".join(c for c in value if c > " ")
        if urlsplit(plain).scheme not in ("", "http", "https", "mailto"):
            self.found.append(f"{tag} → {value}")


def check_scripts(node: Node) -> None:
    """I11: nothing in the stored texts can run, and every stored address is a web address."""
    with node.reading() as session:
        rows = session.execute(select(Version.entry_id, Version.body_html, Version.url)).all()
    for row in rows:
        parser = Scripts()
        parser.feed(row.body_html)
        parser.close()
        assert not parser.found, f"I11: {row.entry_id} brought {parser.found[0]}"
        assert row.url.startswith(("http://", "https://")), (
            f"I11: {row.entry_id} leads to {row.url}"
        )


def check_page(page: bytes, where: str) -> None:
    """I11: a whole page has no script but the site's own files."""
    allowed = frozenset("meta link form input button select textarea svg script img".split())
    parser = Scripts(allowed)
    parser.feed(page.decode())
    parser.close()
    assert not parser.found, f"I11: {where} has {parser.found[0]}"
    assert b"alert(1)</script>" not in page, f"I11: {where} has a script of somebody else"
