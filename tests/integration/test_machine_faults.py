"""The machine fails: a disk that is full or read-only, a damaged file, locks, kills. Readers keep
their pages where there are any, nothing is half written, and it all goes on afterwards."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from network.app import create_app
from network.case_studies import service
from network.catalogue.models import Study, Version
from network.cli.check import sqlite_is_safe
from network.config import Settings
from network.jobs.models import Job
from network.lib import sqlite
from network.lib.db import Base, db, open_engine, writing
from network.log import service as log
from network.search.opening import open_search
from network.subscriptions.policy import open_door
from network.topics.models import Topic
from network.web.machines import wholeness
from network.web.machines.wholeness import Wholeness
from network.worker.loop import REST_SECONDS, Worker
from tests.nodes import eventually
from tests.web.officials import PASSWORD, Official, form, token, user
from tests.writing import draft, publish_in

PAGES = (
    "/en/", "/fr/etudes-de-cas/", "/fr/etudes-de-cas/paris/avant", "/fr/recherche?q=avant",
    "/feed.atom", "/fr/feed.rss", "/sitemap.xml", "/en/account/sign-in", "/healthz",
)  # fmt: skip


@pytest.fixture
def database_url(tmp_path: Path, prepared_sqlite: Path) -> str:
    """SQLite, whose faults these are; a server's are the server's."""
    path = tmp_path / "pioneer.sqlite"
    path.write_bytes(prepared_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """A node with one published study, as a server runs it: errors become pages."""
    made = create_app(settings)
    with made.app_context():
        publish_in(db.session(), settings, draft("Avant"))
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def every_connection(app: Flask, pragma: str) -> Iterator[None]:
    """Connections opened inside have this pragma; none of before or after is in use."""

    def prepare(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

    with app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(engine, "connect", prepare)
        engine.dispose()


def contents(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those of sessions."""
    with app.app_context():
        found = {
            name: sorted(map(tuple, db.session.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
            if name != "user_session"
        }
        db.session.remove()
    return found


def attempts(app: Flask) -> list[Callable[[], Any]]:
    """What people try to write, as forms that they had open before."""
    boss = Official(app, "administrator", "camille")
    with app.app_context():
        study_id = service.create(db.session(), user(app, boss), draft("Après"))
        db.session.remove()
    address = f"/fr/bureau/etudes-de-cas/{study_id}"
    typed = form(boss.get(address))
    typed["fr.body"] = "x" * 150_000
    stranger = app.test_client()
    entry = {
        "csrf_token": token(stranger.get("/fr/compte/connexion")),
        "email": boss.email,
        "password": PASSWORD,
    }
    return [
        lambda: boss.browser.post(address, data=typed),
        lambda: boss.browser.post(f"{address}/publier", data=typed),
        lambda: boss.browser.post(f"{address}/enregistrer", data=typed),
        lambda: stranger.post("/fr/compte/connexion", data=entry | {"password": "wrong"}),
    ]


FAULTS = {
    "the disk is read-only": "query_only=ON",
    "the disk is full": "max_page_count=1",  # SQLite makes it the number that there are
}


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.parametrize("pragma", FAULTS.values(), ids=FAULTS)
def test_pages_are_read_and_nothing_is_half_written_when(app: Flask, pragma: str) -> None:
    tries = attempts(app)
    before = contents(app)
    with every_connection(app, pragma):
        for page in PAGES:
            assert app.test_client().get(page).status_code == 200, page
        for attempt in tries[:3]:
            answer = attempt()
            assert answer.status_code == 503
            assert '<html lang="fr"' in answer.text
            assert "son disque est plein ou en lecture seule" in answer.text
        assert "x" * 150_000 in tries[0]().text, "what was typed comes back"
    assert contents(app) == before
    for attempt in tries[:3]:
        assert attempt().status_code in (200, 303, 409)
    assert contents(app) != before


@pytest.mark.usefixtures("cheap_hashes")
def test_nobody_is_let_in_uncounted_when_the_disk_is_read_only(app: Flask) -> None:
    guess = attempts(app)[3]
    with every_connection(app, "query_only=ON"):
        assert guess().status_code == 503
    assert guess().status_code == 422


def test_a_writer_that_holds_the_database_delays_no_reader(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = attempts(app)[0]
    other = sqlite3.connect(tmp_path / "pioneer.sqlite", isolation_level=None)
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    other.execute("BEGIN IMMEDIATE")
    for page in PAGES:
        assert app.test_client().get(page).status_code == 200, page
    assert save().status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert save().status_code == 303


@pytest.mark.parametrize("damage", [b"", b"no database at all " * 500], ids=["empty", "garbage"])
def test_without_a_database_the_reader_is_told_so_in_plain_words(
    app: Flask, tmp_path: Path, damage: bytes
) -> None:
    with app.app_context():
        db.engine.dispose()
    for name in ("pioneer.sqlite-wal", "pioneer.sqlite-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "pioneer.sqlite").write_bytes(damage)
    client = app.test_client()
    for page, lang in (("/fr/", "fr"), ("/en/case-studies/", "en"), ("/en/account/sign-in", "en")):
        answer = client.get(page)
        assert answer.status_code in (500, 503)
        assert f'<html lang="{lang}"' in answer.text
        assert "<h1>" in answer.text
        assert "Content-Security-Policy" in answer.headers
        for inside in ("sqlite", "SELECT", "Traceback", str(tmp_path)):
            assert inside not in answer.text
    assert client.get("/en/nothing").status_code == 404
    assert client.get("/feed.atom").status_code in (500, 503), "no empty log, which would delete"
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    with client.get("/static/site.css") as stylesheet:
        assert stylesheet.status_code == 200


def destroy(path: Path, table: str) -> None:
    """Write nothing but noughts over the first page of a table, as a failing disk may."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = connection.execute(query, [table]).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))


@pytest.mark.parametrize("table", ["user_account", "ix_job_kind_key", "version"])
def test_a_page_that_is_destroyed_makes_the_node_unready_whoever_reads_it(
    app: Flask, tmp_path: Path, table: str
) -> None:
    client = app.test_client()
    assert client.get("/readyz").json["database"] is True
    with app.app_context():
        db.engine.dispose()
    destroy(tmp_path / "pioneer.sqlite", table)
    answer = eventually(lambda: (a := client.get("/readyz")).json["database"] is False and a)
    assert answer.status_code == 503


def test_a_file_that_does_not_change_is_not_read_for_every_monitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []
    monkeypatch.setattr(sqlite, "damage", looks.append)
    monkeypatch.setattr(wholeness, "SHARE", 0)  # however long a look takes on a busy machine
    path = tmp_path / "file"
    path.write_text("1")
    whole = Wholeness(path)
    for _ in range(5):
        assert whole.damage() is None
    assert len(looks) == 1
    os.utime(path, ns=(1, 1))
    whole.damage()
    assert len(looks) == 2
    path.unlink()
    assert whole.damage() == "the file is not there, or empty"


# The index


def test_without_its_index_the_site_is_read_and_the_worker_goes_on_trying(
    app: Flask, settings: Settings, engine: Engine
) -> None:
    settings.index_dir.write_text("a file where the folder of the index should be")
    index = open_search(settings)
    with open_door(settings) as door:
        worker = Worker(settings, index, door, engine)
        assert worker._safely(worker.round) in (0.0, REST_SECONDS)
        assert worker._safely(worker.round) == REST_SECONDS
        for page in PAGES:
            assert app.test_client().get(page).status_code == 200, page
        assert app.test_client().get("/readyz").status_code == 503
        settings.index_dir.unlink()
        eventually(lambda: worker._safely(worker.round) is not None and index.ready())
        worker.close()
    index.close()
    assert "<mark>Avant</mark>" in app.test_client().get("/fr/recherche?q=avant").text


# Kills


def test_a_process_killed_while_writing_leaves_a_whole_database(
    settings: Settings, tmp_path: Path, engine: Engine
) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sqlalchemy.orm import Session\n"
        "from network import config\n"
        "from network.lib.db import open_engine\n"
        "from tests.writing import draft, publish_in\n"
        "node = config.load()\n"
        "with Session(open_engine(node.database_url), expire_on_commit=False) as session:\n"
        "    for number in range(10_000):\n"
        "        publish_in(session, node, draft(f'Étude {number}'))\n"
        "        print(number, flush=True)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIONEER_")} | {
        "PIONEER_HOME": str(tmp_path),
        "PIONEER_DATABASE_URL": settings.database_url,
        "PIONEER_BASE_URL": settings.base_url,
        "PIONEER_SECRET_KEY": settings.secret_key,
    }
    root = str(Path(__file__).parents[2])
    told = 0
    for patience in (1, 4, 7):
        with subprocess.Popen(
            [sys.executable, "-c", script, root], env=environment, stdout=subprocess.PIPE
        ) as victim:
            assert victim.stdout is not None
            for _ in range(patience):
                assert victim.stdout.readline()
            victim.send_signal(signal.SIGKILL)
            told += patience + len(victim.stdout.readlines())
    check_whole(engine, at_least=told)


def check_whole(engine: Engine, at_least: int) -> None:
    """Study, version, log entry and job of each publication are there, or none of them is."""
    with Session(engine) as session:
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert not session.connection().exec_driver_sql("PRAGMA foreign_key_check").all()
        lines = log.lines(session)
        state = log.read_state(session)
        ids = sorted(session.scalars(select(Version.entry_id)))
        keys = set(session.scalars(select(Study.study_key)))
        jobs = set(session.scalars(select(Job.key)))
    assert len(ids) >= at_least
    assert sorted(line.split()[0] for line in lines) == ids
    assert keys == jobs == {entry_id.rpartition("/")[0] for entry_id in ids}
    assert (state.count, state.seq) == (len(lines), len(lines))
    assert state.digest == hashlib.sha256("\n".join(lines).encode()).hexdigest()


# Locks


def test_two_writers_and_a_long_reader_are_not_in_each_others_way(database_url: str) -> None:
    engine = open_engine(database_url)
    sessions = sessionmaker(engine)
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with sessions() as session:
                for number in range(40):
                    with writing(session):
                        count = session.scalar(select(func.count()).select_from(Topic))
                        slug = f"{name}-{number}-{count}"
                        session.add(Topic(slug=slug, names={"en": slug}))
        except BaseException as error:  # the thread's, told to the test
            failures.append(error)

    with sessions() as reader:
        before = reader.scalar(select(func.count()).select_from(Topic)) or 0
        writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert not failures
        assert reader.scalar(select(func.count()).select_from(Topic)) == before, "one snapshot"
        reader.rollback()
        slugs = list(reader.scalars(select(Topic.slug)))
    engine.dispose()
    assert len(slugs) == before + 80
    counted = sorted(int(s.rpartition("-")[2]) for s in slugs if s[:2] in ("a-", "b-"))
    assert counted == list(range(before, before + 80)), "each writer saw what the other had written"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 9), False),
        ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True),
        ((3, 52, 0), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_versions_of_sqlite_that_can_damage_a_database_are_known(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert sqlite_is_safe(version) is safe
