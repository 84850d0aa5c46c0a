"""A whole node in one file, made while it is written to, and brought back into either database."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Session

from network import migrations
from network.accounts import service as accounts
from network.backup import service
from network.backup.archive import Archive, Damaged
from network.backup.restore import restore
from network.backup.rows import LEFT_OUT, tables
from network.case_studies import publish
from network.case_studies.models import CaseStudy
from network.catalogue.models import CatalogueState, Study, Version
from network.cities import site as sites
from network.cities.models import CityAlias
from network.config import Settings
from network.jobs import service as jobs
from network.jobs.holders import LEADER, Holder
from network.jobs.models import Job, Lease
from network.lib import clock
from network.lib.db import open_engine, writing
from network.lib.errors import Conflict, InvalidInput
from network.log import service as log
from network.log.models import FeedEntry, LogState
from network.subscriptions.models import RemoteEntry, Subscription
from tests.sites import failing_at
from tests.writing import draft, publish_in

PASSWORD = "quatre fontaines et un pont"
Make = Callable[..., Settings]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, make_settings: Make
) -> Iterator[Settings]:
    """Another node of the same address, on a new machine with an empty database."""
    home = tmp_path / "target"
    if request.param == "sqlite":
        yield make_settings(home=str(home), database_url="")
        return
    server = request.getfixturevalue("cluster")
    name = f"t{uuid.uuid4().hex[:12]}"
    yield make_settings(home=str(home), database_url=server.create(name))
    server.drop(name)


@pytest.fixture
def used(session: Session, settings: Settings, cheap_hashes: None) -> Session:
    """A node that people have worked in, and that follows somebody."""
    person = accounts.add(session, "c@paris.example", "Camille", "administrator", PASSWORD)
    accounts.open_session(session, person, 12)
    for number in range(5):
        publish_in(session, settings, draft(f"Étude “{number}” 🌍", slug=f"etude-{number}"))
    with writing(session):
        now = clock.now()
        followed = Subscription(url="http://m.example/feed.atom", kind="member", created=now)
        followed.origin, followed.next_poll = "http://m.example", now + timedelta(days=1)
        followed.token, followed.claimed_until = "abc", now + timedelta(minutes=5)
        followed.error_arguments = {"status": 500, "text": "é\u2028"}
        session.add(followed)
        session.flush()
        row = RemoteEntry(subscription_id=followed.id, entry_id="http://m.example/id/1/en")
        row.kind, row.updated, row.hash = "live", "2026-03-01T12:00:00Z", "0" * 64
        row.xml = bytes(range(256))
        session.add(row)
        session.add(CityAlias(slug="lutece", city_slug="paris"))
        sites.edit(session).city = "paris"
        session.execute(update(Job).values(token="abc", claimed_until=now + timedelta(minutes=1)))
    return session


def snapshot(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a backup keeps."""
    found = {}
    with engine.connect() as connection:
        for table in tables():
            if table.name not in LEFT_OUT:
                rows = connection.execute(select(*table.columns))
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


CHANGED = ("log_state", "subscription", "job", "catalogue_state")


def test_a_node_comes_back_as_it_was_in_either_kind_of_database(
    used: Session, engine: Engine, settings: Settings, target: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "node.zip"
    made = service.back_up(engine, settings, file)
    before = snapshot(engine)
    assert restore(target, file).safety is None
    there = open_engine(target.database_url)
    after = snapshot(there)
    assert made.rows == sum(map(len, before.values()))
    for name in before:
        if name not in CHANGED:
            assert after[name] == before[name], name
    with Session(there) as session:
        row = session.scalars(select(Subscription)).one()
        assert (row.token, row.claimed_until) == (None, None)
        assert row.next_poll <= clock.now()
        assert row.error_arguments == {"status": 500, "text": "é\u2028"}
        assert {job.token for job in session.scalars(select(Job))} == {None}
        state, old = session.get_one(LogState, 1), used.get_one(LogState, 1)
        assert (state.seq, state.epoch != old.epoch) == (old.seq, True)
        assert session.scalars(select(Lease)).all() == []
        publish_in(session, target, draft("Après"))  # new rows get new numbers
        accounts.add(session, "n@paris.example", "Nadia", "editor", PASSWORD)
    there.dispose()


def test_the_file_is_for_its_owner_and_holds_no_session_and_no_key(
    used: Session, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "node.zip"
    service.back_up(engine, settings, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as opened:
        names = set(opened.namelist())
        everything = b"".join(opened.read(name) for name in names)
    assert names.isdisjoint(f"tables/{name}.jsonl" for name in LEFT_OUT)
    assert settings.secret_key.encode() not in everything
    assert list(tmp_path.glob(".*zip*")) == []


def test_a_file_that_is_there_is_not_overwritten_unless_told(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "precious"
    file.write_bytes(b"precious")
    with pytest.raises(InvalidInput):
        service.back_up(engine, settings, file)
    assert file.read_bytes() == b"precious"
    service.back_up(engine, settings, file, overwrite=True)
    with Archive(file) as archive:
        archive.check()


def test_a_backup_made_under_load_is_the_node_at_one_moment(
    engine: Engine, settings: Settings, target: Settings, tmp_path: Path
) -> None:
    """Attack 57. Each publication changes six tables; a backup has all of it or nothing."""
    stop, published = threading.Event(), []

    def write() -> None:
        with Session(engine, expire_on_commit=False) as session:
            while not stop.is_set():
                title = f"Étude {len(published)}"
                published.append(publish_in(session, settings, draft(title)))
                if len(published) % 3 == 0:
                    publish.withdraw(session, None, published[-2], "Une erreur.")

    writer = threading.Thread(target=write)
    writer.start()
    files = [tmp_path / f"{number}.zip" for number in range(3)]
    try:
        for file in files:
            begun = len(published)
            while len(published) < begun + 2:
                time.sleep(0.01)
            service.back_up(engine, settings, file)
    finally:
        stop.set()
        writer.join()
    whole = snapshot(engine)
    for file in files:
        restore(target, file)
        there = open_engine(target.database_url)
        with Session(there) as session:
            count = session.scalar(select(func.count()).select_from(CaseStudy)) or 0
            assert 0 < count < len(published) + 1
            assert set(session.scalars(select(CaseStudy.id))) == set(published[:count])
            live = set(session.scalars(select(FeedEntry.entry_id).where(FeedEntry.kind == "live")))
            state = set(session.scalars(select(CaseStudy.id).where(CaseStudy.state == "published")))
            assert {entry_id.split("/")[-2] for entry_id in live} == state
            assert set(session.scalars(select(Version.entry_id))) == live
            seqs = session.scalars(select(FeedEntry.seq)).all()
            assert max(seqs) == log.position(session)[1]
        rows = {row for row in snapshot(there)["feed_entry"] if row[2] == "deleted"}
        assert rows <= set(whole["feed_entry"])
        there.dispose()


def test_restoring_over_a_node_keeps_what_was_there_and_says_what_is_public_again(
    used: Session, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "node.zip"
    service.back_up(engine, settings, file)
    study = used.scalars(select(CaseStudy.id)).first()
    assert study
    publish.withdraw(used, None, study, "Des données personnelles.")
    publish_in(used, settings, draft("Plus tard"))
    version = used.scalar(select(CatalogueState.version))
    used.rollback()
    before = snapshot(engine)
    done = restore(settings, file)
    assert done.public_again == (f"{settings.base_url}/id/{study}/fr",)
    used.expire_all()
    assert used.scalar(select(func.count()).select_from(Study)) == 5
    assert (used.scalar(select(CatalogueState.version)) or 0) > (version or 0), "no page is kept"
    used.rollback()
    assert done.safety is not None
    assert stat.S_IMODE(done.safety.stat().st_mode) == 0o600
    restore(settings, done.safety)
    after = snapshot(engine)
    assert {k: v for k, v in after.items() if k not in CHANGED} == {
        k: v for k, v in before.items() if k not in CHANGED
    }
    used.rollback()


def test_a_restore_that_ends_anywhere_leaves_the_old_node_whole(
    used: Session, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    from network.backup import restore as module

    file = tmp_path / "node.zip"
    service.back_up(engine, settings, file)
    publish_in(used, settings, draft("Plus tard"))
    used.rollback()
    before = snapshot(engine)
    staged = open_engine(f"sqlite:///{tmp_path}/staged.sqlite")
    with Archive(file) as archive:
        module._stage(staged, archive)
    number = 0
    while True:
        number += 1
        with failing_at(engine, number) as statements:
            try:
                module._replace(engine, staged, None)
            except KeyboardInterrupt:
                assert snapshot(engine) == before, f"changed at statement {number}"
                number += number // 4
                continue
        break
    assert len(statements) > 30
    assert snapshot(engine) != before
    staged.dispose()


def test_a_restore_that_is_killed_leaves_the_old_node_whole_and_is_done_again(
    used: Session, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "node.zip"
    with writing(used):
        given = {"subscription_id": 1, "kind": "live", "updated": "2026-03-01T12:00:00Z",
                 "hash": "0" * 64}  # fmt: skip
        used.execute(
            insert(RemoteEntry),
            [
                given | {"entry_id": f"http://m.example/id/{n}/fr", "xml": os.urandom(500)}
                for n in range(20_000)
            ],
        )
    service.back_up(engine, settings, file)
    publish_in(used, settings, draft("Plus tard"))
    used.rollback()
    before = snapshot(engine)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIONEER_")} | {
        "PIONEER_HOME": str(settings.home),
        "PIONEER_DATABASE_URL": settings.database_url,
        "PIONEER_BASE_URL": settings.base_url,
        "PIONEER_PORT": "39182",
    }
    command = [sys.executable, "-m", "network", "restore", str(file)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(b"Restoring: ") and not line.startswith(b"Restoring: 0 "):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert snapshot(engine) == before
    restore(settings, file)
    assert snapshot(engine) != before
    assert list(settings.home.glob(".restore-*")) == []


@pytest.mark.parametrize("here", [False, True])
def test_a_node_that_runs_is_not_restored(
    used: Session, engine: Engine, settings: Settings, tmp_path: Path, here: bool
) -> None:
    file = tmp_path / "node.zip"
    running = Holder(settings.home)
    holder = running.name if here else "elsewhere"
    service.back_up(engine, settings, file)
    before = snapshot(engine)
    jobs.lead(used, LEADER, holder)
    with pytest.raises(Conflict, match=holder):
        restore(settings, file)
    assert snapshot(engine) == before
    assert jobs.leader(used, LEADER) == holder
    used.rollback()
    running.close()


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other members, each as long and with the sums that its manifest says."""
    with zipfile.ZipFile(file) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    change(members)
    other = file.with_name("other.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return other


def manifest_with(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(
            json.loads(members["manifest.json"]) | values
        ).encode()

    return change


def set_member(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: content})


DAMAGES: dict[str, Callable[[dict[str, bytes]], None]] = {
    "another format": manifest_with(format=2),
    "no manifest": lambda members: members.pop("manifest.json") and None,
    "a manifest of nonsense": set_member("manifest.json", b"[]"),
    "a deep manifest": set_member("manifest.json", b"[" * 100_000),
    "a huge manifest": set_member("manifest.json", b" " * 2_000_000),
    "a table that is missing": lambda members: members.pop("tables/study.jsonl") and None,
    "a table of another length": set_member("tables/study.jsonl", b""),
    "a changed row": lambda members: members.update(
        {"tables/study.jsonl": members["tables/study.jsonl"].replace(b"paris", b"milan")}
    ),
    "a file outside": set_member("../../etc/cron.d/x", b"* * * * * root true"),
    "a file at the root": set_member("/etc/passwd", b"x"),
    "one more file": set_member("readme.txt", b"x"),
    "a bomb": set_member("tables/bomb.jsonl", b"0" * 200_000_000),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_or_harmful_file_is_refused_and_nothing_changes(
    how: str, prepared_node: tuple[Settings, Path]
) -> None:
    settings, file = prepared_node
    home = sorted(settings.home.rglob("*"))
    with pytest.raises(Damaged) as caught:
        restore(settings, rewritten(file, DAMAGES[how]))
    assert "\n" not in str(caught.value)
    assert sorted(p for p in settings.home.rglob("*") if p.name != "other.zip") == home


@pytest.fixture
def prepared_node(tmp_path: Path, prepared_sqlite: Path) -> tuple[Settings, Path]:
    """A node on SQLite with a study, and its backup."""
    from network import config

    (tmp_path / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())
    settings = config.load({"PIONEER_HOME": str(tmp_path), "PIONEER_CITY": "paris"})
    engine = open_engine(settings.database_url)
    with Session(engine, expire_on_commit=False) as session:
        publish_in(session, settings, draft("Étude"))
    service.back_up(engine, settings, tmp_path / "node.zip")
    engine.dispose()
    return settings, tmp_path / "node.zip"


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -10, -1000])
def test_a_file_that_was_cut_short_is_refused(
    prepared_node: tuple[Settings, Path], cut: int
) -> None:
    settings, file = prepared_node
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(Damaged):
        restore(settings, file)


def test_a_bit_that_flipped_anywhere_is_seen(prepared_node: tuple[Settings, Path]) -> None:
    _settings, file = prepared_node
    whole = file.read_bytes()
    for place in range(40, len(whole) - 200, len(whole) // 40):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            with Archive(file) as archive:
                archive.check()
        except Damaged:
            continue
        file.write_bytes(whole)
        with Archive(file) as archive:
            assert archive.manifest, "a bit of the zip's own bookkeeping that says nothing"


@pytest.mark.parametrize("flag", [0x01, 0x20])
def test_a_member_that_says_to_be_encrypted_or_patched_is_refused(
    prepared_node: tuple[Settings, Path], flag: int
) -> None:
    settings, file = prepared_node
    whole = bytearray(file.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.find(mark)
        while place >= 0:
            whole[place + offset] |= flag
            place = whole.find(mark, place + 4)
    file.write_bytes(bytes(whole))
    with pytest.raises(Damaged):
        restore(settings, file)


def test_rows_that_do_not_fit_together_are_refused(prepared_node: tuple[Settings, Path]) -> None:
    import hashlib

    settings, file = prepared_node

    def orphan(members: dict[str, bytes]) -> None:
        """A manifest that is right about a version without its study."""
        manifest = json.loads(members["manifest.json"])
        members["tables/study.jsonl"] = b""
        for part in manifest["parts"]:
            if part["name"] == "study":
                part |= {"rows": 0, "bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        members["manifest.json"] = json.dumps(manifest).encode()

    with pytest.raises(Damaged, match="fit together"):
        restore(settings, rewritten(file, orphan))


def test_a_backup_of_a_newer_version_is_refused(prepared_node: tuple[Settings, Path]) -> None:
    settings, file = prepared_node
    with pytest.raises(InvalidInput, match="newer version"):
        restore(settings, rewritten(file, manifest_with(revision="9999")))


def test_a_backup_of_another_address_is_refused_unless_told(
    prepared_node: tuple[Settings, Path],
) -> None:
    settings, file = prepared_node
    other = rewritten(file, manifest_with(base_url="https://madrid.example"))
    with pytest.raises(InvalidInput, match=r"madrid\.example"):
        restore(settings, other)
    restore(settings, other, other_address=True)


NAMED = [
    ("slug_fr", "text", lambda row: row["slugs"].get("fr", row["slug"])),
    ("name_en", "text", lambda row: row["names"]["en"]),
    ("name_fr", "text", lambda row: row["names"]["fr"]),
]
DROPPED: dict[str, list[Any]] = {
    "city": [("shipped", "boolean", lambda _row: True), *NAMED],
    "topic": [
        *NAMED,
        ("synonyms_en", "json", lambda row: row["synonyms"]["en"]),
        ("synonyms_fr", "json", lambda row: row["synonyms"]["fr"]),
    ],
}
"""Columns that the first version had: name, kind, and the value by what the row says now."""


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    prepared_node: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, file = prepared_node
    older = open_engine(f"sqlite:///{tmp_path}/older.sqlite")
    migrations.upgrade(older, "0001")
    from sqlalchemy import MetaData

    reflected = MetaData()
    reflected.reflect(older)
    older.dispose()

    def age(members: dict[str, bytes]) -> None:
        """As the first version would have written it."""
        import hashlib

        manifest = json.loads(members["manifest.json"])
        parts = []
        for part in manifest["parts"]:
            if part["name"] not in reflected.tables:
                members.pop(f"tables/{part['name']}.jsonl")
                continue
            names = [name for name, _kind in part["columns"]]
            kept = [i for i, n in enumerate(names) if n in reflected.tables[part["name"]].columns]
            lines = members[f"tables/{part['name']}.jsonl"].splitlines()
            gone = DROPPED.get(part["name"], [])
            rows = []
            for row in map(json.loads, lines):
                said = dict(zip(names, row, strict=True))
                values = [value(said) for _name, _kind, value in gone]
                rows.append(json.dumps([row[i] for i in kept] + values).encode())
            content = b"".join(row + b"\n" for row in rows)
            members[f"tables/{part['name']}.jsonl"] = content
            part["columns"] = [part["columns"][i] for i in kept]
            part["columns"] += [[name, kind] for name, kind, _value in gone]
            part |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            parts.append(part)
        manifest |= {"parts": parts, "revision": "0001"}
        members["manifest.json"] = json.dumps(manifest).encode()

    restore(settings, rewritten(file, age))
    engine = open_engine(settings.database_url)
    assert migrations.is_current(engine)
    with Session(engine) as session:
        assert session.scalars(select(Version.title)).all() == ["Étude"]
    engine.dispose()


@pytest.mark.parametrize("fault", ["a page", "the head", "garbage", "half upgraded"])
def test_a_database_that_is_of_no_use_is_set_aside_and_the_backup_takes_its_place(
    used: Session, engine: Engine, make_settings: Make, tmp_path: Path, fault: str
) -> None:
    file, home = tmp_path / "node.zip", tmp_path / "target"
    target = make_settings(home=str(home), database_url="")
    service.back_up(engine, target, file)
    restore(target, file)
    path = home / "pioneer.sqlite"
    spoil(path, fault)
    spoilt = path.read_bytes()
    done = restore(target, file)
    assert done.damaged is not None
    assert done.damaged.is_file()
    if fault != "half upgraded":  # whose lease is held until it turns out that it is of no use
        assert done.damaged.read_bytes() == spoilt
    there = open_engine(target.database_url)
    with Session(there) as session:
        assert session.scalar(select(func.count()).select_from(CaseStudy)) == 5
    there.dispose()


def test_a_damaged_database_stays_where_it_is_when_the_backup_does_not_take_its_place(
    used: Session, engine: Engine, make_settings: Make, tmp_path: Path
) -> None:
    file, home = tmp_path / "node.zip", tmp_path / "target"
    target = make_settings(home=str(home), database_url="")
    service.back_up(engine, target, file)
    restore(target, file)
    path = home / "pioneer.sqlite"
    spoil(path, "a page")
    spoilt = path.read_bytes()
    # Within a batch alteration Alembic's cleaning up hides what broke it.
    with failing_at(Engine, 30), pytest.raises((KeyboardInterrupt, PendingRollbackError)):
        restore(target, file)
    assert path.read_bytes() == spoilt
    assert [p.name for p in home.glob("pioneer.sqlite.*")] == []


def spoil(path: Path, fault: str) -> None:
    """What may become of a database's file."""
    if fault == "half upgraded":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '0006'")
    content = bytearray(path.read_bytes())
    if fault == "a page":
        content[8 * 4096 : 9 * 4096] = bytes(4096)
    elif fault == "the head":
        content[:4096] = bytes(4096)
    elif fault == "garbage":
        content[:] = b"no database at all " * 500
    path.write_bytes(content)
