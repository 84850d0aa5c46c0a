"""A node of any age comes to the newest revision with all that it had, or says why it cannot."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from network import migrations
from network.app import create_app
from network.case_studies import cities as keeping
from network.case_studies import publish
from network.catalogue.values import Link
from network.following import service as subscriptions
from network.lib.db import db, open_engine
from network.lib.errors import PioneerError
from network.log import service as log
from network.subscriptions.policy import open_door
from tests import filling
from tests.conftest import settings_in
from tests.sites import Node
from tests.writing import draft, publish_in

REVISIONS = sorted(migrations._known())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> filling.Rows:
    """Rows of a node that published, withdrew and follows another, as today's code writes them."""
    home = tmp_path_factory.mktemp("lived")
    path = home / "pioneer.sqlite"
    path.write_bytes(prepared_sqlite.read_bytes())
    settings = settings_in(home, f"sqlite:///{path}")
    engine = open_engine(settings.database_url)
    with Session(engine, expire_on_commit=False) as session, Node(home) as madrid:
        link = Link(f"{madrid.url}/id/00000001-0000-4000-8000-000000000000", "Practice 1")
        studies = [
            publish_in(session, settings, draft(f"Étude {n}", inspired_by=(link,))) for n in "abc"
        ]
        keeping.say_site(session, "paris", {"name_fr": "Paris essaie", "description_en": "Tries."})
        publish.withdraw(session, None, studies[0], "Une erreur de chiffres.")
        madrid.publish_many(range(1, 4))
        with open_door(settings) as door:
            subscriptions.follow(session, door, f"{madrid.url}/feed.atom", settings)
    found = filling.rows(engine)
    engine.dispose()
    return found


def ids(rows: filling.Rows, engine: Engine) -> dict[str, set[tuple[Any, ...]]]:
    """Primary keys by table."""
    keys = {t.name: [c.name for c in t.primary_key.columns] for t in filling.tables(engine)}
    return {
        name: {tuple(row[column] for column in keys[name]) for row in found}
        for name, found in rows.items()
        if name in keys
    }


def common(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in the columns that they had before."""
    return [{name: row[name] for name in before[0]} for row in after]


@pytest.mark.parametrize("old", REVISIONS)
def test_a_filled_node_of_each_revision_keeps_its_ids_and_its_log(
    empty: Engine, lived: filling.Rows, old: str, tmp_path: Path
) -> None:
    migrations.upgrade(empty, old)
    filling.fill(empty, lived)
    before = filling.rows(empty)
    assert all(before.values()), "every table has rows"
    migrations.upgrade(empty)
    assert migrations.is_current(empty)
    after = filling.rows(empty)
    kept = ids(before, empty)
    assert {"study", "subscription", "feed_entry", "case_study"} <= kept.keys()
    for name, found in ids(after, empty).items():
        assert kept.get(name, set()) <= found, name
    for name in ("feed_entry", "log_state"):
        assert common(before[name], after[name]) == before[name], name
    for name, lang in product(("city", "topic", "site"), ("en", "fr")):
        if name in before:
            assert shown(after[name], lang) == shown(lived[name], lang), name
    check_whole(empty)
    if old == REVISIONS[0]:
        check_read(empty, tmp_path)


def shown(rows: list[dict[str, Any]], lang: str) -> list[tuple[Any, ...]]:
    """What readers of a language see of each city, topic or site: its key, address and texts."""
    said = []
    for row in rows:
        texts = (row.get(what, {}).get(lang) for what in ("names", "descriptions", "synonyms"))
        said.append((row.get("slug"), row.get("slugs", {}).get(lang, row.get("slug")), *texts))
    return sorted(said, key=repr)


def check_whole(engine: Engine) -> None:
    """The log is the one that its digest says, and the rows fit together."""
    with Session(engine) as session:
        lines, state = log.lines(session), log.read_state(session)
        if engine.dialect.name == "sqlite":
            connection = session.connection()
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    assert (state.count, len(lines)) == (2, 2)
    assert state.digest == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_read(engine: Engine, home: Path) -> None:
    """Readers have their pages, and followers the log."""
    app = create_app(settings_in(home, engine.url.render_as_string(hide_password=False)))
    try:
        for page in ("/fr/", "/fr/etudes-de-cas/paris/etude-b", "/feed.atom"):
            answer = app.test_client().get(page)
            assert answer.status_code == 200, page
            assert "Étude b" in answer.text
    finally:
        app.extensions["pioneer"].search.close()
        with app.app_context():
            db.engine.dispose()


def test_several_processes_that_upgrade_at_once_do_it_once(
    empty: Engine, lived: filling.Rows
) -> None:
    migrations.upgrade(empty, "0003")
    filling.fill(empty, lived)
    url = empty.url.render_as_string(hide_password=False)
    program = (
        "import sys; from network import migrations; from network.lib.db import open_engine\n"
        "migrations.upgrade(open_engine(sys.argv[1]))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [(process.communicate()[1].decode(), process.returncode) for process in processes]
    assert ended == [("", 0)] * 3
    assert migrations.is_current(empty)
    check_whole(empty)


def test_a_revision_that_would_leave_rows_without_their_parents_is_taken_back(
    tmp_path: Path, lived: filling.Rows
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/pioneer.sqlite")
    migrations.upgrade(engine, "0005")
    filling.fill(engine, lived)
    with closing(sqlite3.connect(tmp_path / "pioneer.sqlite")) as careless, careless:
        careless.execute("DELETE FROM subscription")
    before = filling.rows(engine)
    with pytest.raises(PioneerError, match=r"0006 was taken back.*remote_entry → subscription"):
        migrations.upgrade(engine)
    assert migrations.revision(engine) == "0005"
    assert filling.rows(engine) == before
    engine.dispose()


def test_references_are_enforced_again_after_an_upgrade(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/pioneer.sqlite")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()
