"""The node's own log, as other nodes read it (docs/protocol)."""

from __future__ import annotations

import hashlib
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from network.log import service as log
from network.log.models import FeedEntry, LogState
from network.log.names import AT, ATOM, FH, PC
from network.log.service import PAGE
from tests.web.conftest import Node

BASE = "http://paris.example"
ENTRY, TOMBSTONE = f"{{{ATOM}}}entry", f"{{{AT}}}deleted-entry"


def root_of(response: TestResponse) -> etree._Element:
    assert response.status_code == 200, response.status
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return etree.fromstring(response.data)


def links(root: etree._Element) -> dict[str | None, str | None]:
    return {e.get("rel"): e.get("href") for e in root.iterchildren(f"{{{ATOM}}}link")}


def state(root: etree._Element) -> dict[str, str]:
    element = root.find(f"{{{PC}}}state")
    assert element is not None
    return dict(element.attrib)


def numbers(root: etree._Element) -> list[int]:
    """The studies in a document, in its order."""
    ids = [e.findtext(f"{{{ATOM}}}id") or "" for e in root.iterchildren(ENTRY)]
    return [int(entry_id.split("/")[-2][-12:]) for entry_id in ids]


def publish(node: Node, last: int, first: int = 1) -> None:
    node.publish_many(range(first, last + 1))


def test_the_log_of_a_new_node_is_a_whole_and_empty_feed(client: FlaskClient) -> None:
    root = root_of(client.get("/feed.atom"))
    for name in ("id", "title", "updated"):
        assert root.findtext(f"{{{ATOM}}}{name}")
    assert root.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name")
    assert numbers(root) == []
    said = state(root)
    assert (said["seq"], said["count"]) == ("0", "0")
    assert said["epoch"]
    assert said["digest"] == hashlib.sha256(b"").hexdigest()
    assert client.get("/feed/ids.txt").data == b""
    assert client.get("/feed/archive/0.atom").status_code == 404


def test_links_are_absolute_at_the_public_address(client: FlaskClient, node: Node) -> None:
    publish(node, 1)
    found = links(root_of(client.get("/feed.atom", base_url="http://127.0.0.1:8000")))
    assert found == {
        "self": f"{BASE}/feed.atom",
        "current": f"{BASE}/feed.atom",
        "hub": f"{BASE}/websub/hub",
        "alternate": f"{BASE}/",
    }


def test_head_and_archives_together_are_the_whole_log(client: FlaskClient, node: Node) -> None:
    publish(node, 2 * PAGE + 3)
    head = root_of(client.get("/feed.atom"))
    assert numbers(head) == list(range(2 * PAGE + 3, PAGE, -1))
    assert links(head)["prev-archive"] == f"{BASE}/feed/archive/0.atom"
    assert head.find(f"{{{FH}}}archive") is None
    page = root_of(client.get("/feed/archive/0.atom"))
    assert numbers(page) == list(range(PAGE, 0, -1))
    assert page.find(f"{{{FH}}}archive") is not None
    assert links(page) == {
        "self": f"{BASE}/feed/archive/0.atom",
        "current": f"{BASE}/feed.atom",
        "alternate": f"{BASE}/",
    }
    assert client.get("/feed/archive/1.atom").status_code == 404
    assert page.findtext(f"{{{ATOM}}}id") == head.findtext(f"{{{ATOM}}}id")


def test_a_changed_entry_leaves_its_archive_and_reappears_in_the_head(
    client: FlaskClient, node: Node
) -> None:
    publish(node, 2 * PAGE)
    archive = client.get("/feed/archive/0.atom")
    node.publish(7, title="Nouveau titre")
    changed = client.get("/feed/archive/0.atom", headers={"If-None-Match": archive.headers["ETag"]})
    assert 7 not in numbers(root_of(changed))
    assert numbers(root_of(client.get("/feed.atom")))[0] == 7


def test_withdrawn_text_is_in_no_document_and_a_tombstone_says_why(
    client: FlaskClient, node: Node
) -> None:
    version = node.publish(1, body_html="<p>regrettable</p>")
    node.withdraw(version, "Erreur de chiffres")
    response = client.get("/feed.atom")
    assert b"regrettable" not in response.data
    root = root_of(response)
    (tombstone,) = root.iterchildren(TOMBSTONE)
    assert tombstone.get("ref") == version.entry_id
    assert "Erreur de chiffres" in "".join(tombstone.itertext())
    assert state(root)["count"] == "0"


def test_the_digest_is_that_of_the_lines_in_ids_txt(client: FlaskClient, node: Node) -> None:
    publish(node, 3)
    response = client.get("/feed/ids.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.data.split(b"\n")
    assert lines == sorted(lines)
    said = state(root_of(client.get("/feed.atom")))
    assert said["count"] == str(len(lines)) == "3"
    assert said["digest"] == hashlib.sha256(response.data).hexdigest()


@pytest.mark.parametrize("address", ["/feed.atom", "/feed/archive/0.atom", "/feed/ids.txt"])
def test_an_unchanged_log_is_304_and_is_not_read(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    publish(node, 2 * PAGE)
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-cache"

    def unexpected(*_: Any, **__: Any) -> None:
        raise AssertionError("read although nothing changed")

    for reader in ("head", "lines", "read_state", "archive"):
        monkeypatch.setattr(f"network.log.service.{reader}", unexpected)
    again = client.get(address, headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-cache"


def test_the_head_of_an_unchanged_log_is_the_same_for_every_reader_and_reads_no_entry(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(node, 3)
    first = client.get("/feed.atom")

    def unexpected(*_: Any, **__: Any) -> None:
        raise AssertionError("read although nothing changed")

    for reader in ("head", "lines", "read_state"):
        monkeypatch.setattr(f"network.log.service.{reader}", unexpected)
    assert client.get("/feed.atom").data == first.data


def test_the_head_is_not_kept_when_the_log_comes_to_the_same_place_with_other_rows(
    client: FlaskClient, node: Node
) -> None:
    publish(node, 2)
    before = state(root_of(client.get("/feed.atom")))

    def restore(session: Any) -> None:
        session.delete(session.query(FeedEntry).filter_by(seq=2).one())
        session.get_one(LogState, 1).seq = 1

    node.change(restore)
    node.publish(3)
    root = root_of(client.get("/feed.atom"))
    after = state(root)
    assert (after["epoch"], after["seq"]) == (before["epoch"], before["seq"])
    assert after["digest"] == hashlib.sha256(client.get("/feed/ids.txt").data).hexdigest()
    assert numbers(root) == [3, 1]


def test_publication_and_a_restore_give_the_log_a_new_etag(client: FlaskClient, node: Node) -> None:
    seen = [client.get("/feed.atom").headers["ETag"]]
    node.publish(1)
    seen.append(client.get("/feed.atom").headers["ETag"])
    node.change(log.renew_epoch)
    seen.append(client.get("/feed.atom").headers["ETag"])
    assert len(set(seen)) == 3


def test_state_and_rows_of_a_document_are_of_one_snapshot(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody publishes between the reading of the state and that of the rows."""
    publish(node, 2)
    read_state = log.read_state

    def meanwhile(session: Any) -> log.State:
        found = read_state(session)
        publish_elsewhere(node, 3)
        return found

    monkeypatch.setattr(log, "read_state", meanwhile)
    root = root_of(client.get("/feed.atom"))
    assert state(root)["seq"] == "2"
    assert numbers(root) == [2, 1]
    monkeypatch.undo()
    assert numbers(root_of(client.get("/feed.atom"))) == [3, 2, 1]


def publish_elsewhere(node: Node, number: int) -> None:
    """Publish in another thread, as another process would."""
    thread = Thread(target=node.publish, args=(number,))
    thread.start()
    thread.join()


@pytest.mark.parametrize("name", ["-1", "0", "99999999999999999999", "x"])
def test_no_such_archive_is_404(client: FlaskClient, name: str) -> None:
    assert client.get(f"/feed/archive/{name}.atom").status_code == 404
    etag = client.get("/feed.atom").headers["ETag"]
    asked = client.get(f"/feed/archive/{name}.atom", headers={"If-None-Match": etag})
    assert asked.status_code == 404


def test_the_same_position_with_other_rows_is_not_answered_with_304(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1)
    tag = client.get("/feed.atom").headers["ETag"]

    def restore(session: Any) -> None:
        session.query(FeedEntry).delete()
        session.get_one(LogState, 1).seq = 0

    node.change(restore)
    node.publish(2)
    answer = client.get("/feed.atom", headers={"If-None-Match": tag})
    assert numbers(root_of(answer)) == [2]
