"""Nothing can be written: readers have their pages, writers are told, and it all goes on after."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from network.lib.db import is_not_writable, open_engine, writing
from network.search import service as search
from network.search.opening import open_search
from tests.nodes import PASSWORD, Node, eventually
from tests.writing import publish

PAGES = (
    "/en/", "/fr/etudes-de-cas/", "/fr/etudes-de-cas/paris/budget-participatif",
    "/fr/recherche?q=budget", "/feed.atom", "/fr/feed.rss", "/sitemap.xml",
    "/en/account/sign-in", "/healthz", "/readyz",
)  # fmt: skip
SIGN_IN = "/fr/compte/connexion"


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """A folder as it is on a file system that is mounted read-only."""
    mounted = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only who may mount can have a read-only file system")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("left", [(), ("-wal",), ("-wal", "-shm")], ids=["none", "log", "both"])
def test_a_database_is_read_whole_whichever_of_its_files_are_left(
    tmp_path: Path, left: tuple[str, ...]
) -> None:
    """Without its log the database lacks what was committed last; without -shm SQLite alone opens
    neither."""
    source, folder = tmp_path / "source.sqlite", tmp_path / "home"
    folder.mkdir()
    engine = open_engine(f"sqlite:///{source}")
    with Session(engine) as session, writing(session):
        session.execute(text("CREATE TABLE kept (number INTEGER)"))
        session.execute(text("INSERT INTO kept VALUES (1)"))
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with Session(engine) as session, writing(session):
        session.execute(text("INSERT INTO kept VALUES (2)"))
    if not left:
        engine.dispose()
    for suffix in ("", *left):
        shutil.copy(f"{source}{suffix}", f"{folder}/pioneer.sqlite{suffix}")
    engine.dispose()
    engine = open_engine(f"sqlite:///{folder}/pioneer.sqlite")
    with frozen(folder), Session(engine) as session:
        assert session.scalars(text("SELECT number FROM kept")).all() == [1, 2]
        with pytest.raises(OperationalError) as refused, writing(session):
            session.execute(text("INSERT INTO kept VALUES (3)"))
        assert is_not_writable(refused.value)
    with Session(engine) as session, writing(session):
        session.execute(text("INSERT INTO kept VALUES (3)"))
        assert session.scalars(text("SELECT number FROM kept")).all() == [1, 2, 3]
    engine.dispose()


def sign_in(node: Node) -> tuple[int, str]:
    """What a person gets who signs in with a browser."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with browser.open(node.url + SIGN_IN) as page:
        (token,) = html.fromstring(page.read()).xpath('//form//input[@name="csrf_token"]/@value')
    entry = {"csrf_token": token, "email": "editor@paris.example", "password": PASSWORD}
    try:
        with browser.open(node.url + SIGN_IN, urllib.parse.urlencode(entry).encode()) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_node_whose_disk_is_read_only_is_read_and_goes_on_when_it_is_not(tmp_path: Path) -> None:
    home, errors = tmp_path / "home", tmp_path / "errors"
    node = Node(home, "paris", language="fr")
    publish(node)
    with node.database() as session:
        search.reindex(session, open_search(node.settings))
    with errors.open("wb") as told:
        with frozen(home):
            node.start(stderr=told)
            for page in PAGES * 5:
                assert node.status(page) == 200, page
            status, said = sign_in(node)
            assert status == 503
            assert "son disque est plein ou en lecture seule" in said
        eventually(lambda: sign_in(node)[0] == 200)
        node.stop()
    lines = errors.read_text().splitlines()
    assert 0 < len(lines) < 10, lines
    assert "Traceback" not in "".join(lines)
