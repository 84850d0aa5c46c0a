"""Writers to SQLite take turns, in the order in which they come, whichever process they are of."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from network.lib import sqlite
from network.lib.db import open_engine, writing
from tests.nodes import eventually

WRITE = "INSERT INTO told (who) VALUES (:who)"
PERSON = f"""
import sys
from sqlalchemy import text
from sqlalchemy.orm import Session
from network.lib.db import open_engine, writing

with Session(open_engine(sys.argv[1])) as session, writing(session):
    session.execute(text({WRITE!r}), {{"who": "person"}})
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database in which writers say who they are."""
    engine = open_engine(f"sqlite:///{tmp_path}/pioneer.sqlite")
    with Session(engine) as session, writing(session):
        session.execute(text("CREATE TABLE told (number INTEGER PRIMARY KEY, who TEXT)"))
    engine.dispose()
    return tmp_path / "pioneer.sqlite"


def is_somebody_first(path: Path) -> bool:
    """Whether somebody waits for SQLite's lock itself, at the head of the queue."""
    with open(f"{path}-queue") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def told(path: Path) -> list[str]:
    """Who wrote, in order."""
    engine = open_engine(f"sqlite:///{path}")
    with Session(engine) as session:
        found = list(session.scalars(text("SELECT who FROM told ORDER BY number")))
    engine.dispose()
    return found


def test_whoever_writes_without_end_is_behind_those_who_wait(path: Path) -> None:
    """An import writes one transaction after another; a person saves one."""
    engine = open_engine(f"sqlite:///{path}")
    with Session(engine) as session:
        with writing(session):
            session.execute(text(WRITE), {"who": "import"})
            person = subprocess.Popen([sys.executable, "-c", PERSON, f"sqlite:///{path}"])
            eventually(lambda: is_somebody_first(path))
        for _ in range(3):
            with writing(session):
                session.execute(text(WRITE), {"who": "import"})
    assert person.wait(60) == 0
    engine.dispose()
    assert told(path) == ["import", "person", "import", "import", "import"]


def test_hundreds_who_write_at_once_all_write(path: Path) -> None:
    engine = open_engine(f"sqlite:///{path}")
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with Session(engine) as session:
                for _ in range(3):
                    with writing(session):
                        session.execute(text(WRITE), {"who": name})
        except BaseException as error:  # the thread's, told to the test
            failed.append(error)

    names = [f"{number}" for number in range(sum(sqlite.OPTIONS.values()))]
    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert failed == []
    assert sorted(told(path)) == sorted(names * 3)


def test_who_dies_at_the_head_of_the_queue_keeps_nobody(path: Path) -> None:
    engine = open_engine(f"sqlite:///{path}")
    with Session(engine) as session:
        with writing(session):
            session.execute(text(WRITE), {"who": "first"})
            victim = subprocess.Popen([sys.executable, "-c", PERSON, f"sqlite:///{path}"])
            eventually(lambda: is_somebody_first(path))
            victim.kill()
            victim.wait()
        with writing(session):
            session.execute(text(WRITE), {"who": "second"})
    engine.dispose()
    assert told(path) == ["first", "second"]


def test_where_the_queue_cannot_be_made_sqlite_says_what_is_wrong(path: Path) -> None:
    """Its own words reach whoever wrote; a file of ours must not be the reason."""
    (path.parent / "pioneer.sqlite-queue").unlink()
    (path.parent / "pioneer.sqlite-queue").mkdir()
    engine = open_engine(f"sqlite:///{path}")
    with Session(engine) as session, writing(session):
        session.execute(text(WRITE), {"who": "anybody"})
    engine.dispose()
    assert told(path) == ["anybody"]
