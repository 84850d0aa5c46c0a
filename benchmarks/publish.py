"""One publication, and an import, beside another build of the software in turns.

`publish --studies 20000 --imported 1000 --beside PATH`: PATH is a checkout of another commit.
Each build runs in processes of its own; the processor's time is what counts, for the machine may be
busy with other things. Publications are measured in databases of two sizes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from network import config
from network.case_studies import publish, service, transfer
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.markdown_render import StudyMeta, render
from network.catalogue.values import Facts, Link
from network.cli.context import database
from network.cli.node import prepare
from network.lib import clock

HERE = Path(__file__).parent.parent
FEW = 200
ROUNDS = 3
PUBLICATIONS = 30
"""In a round; the median counts."""
WORDS = (
    "budget participation citizens district votes projects open data transport energy water parks"
).split()
COPIED = ("case_study", "study_text", "revision", "study", "version", "study_topic", "feed_entry")


def run(studies: int = 20_000, imported: int = 300, beside: str = "") -> None:
    """Print statements and milliseconds of the processor, and ratios to the other build."""
    builds = {"this build": HERE} | ({"the other": Path(beside).resolve()} if beside else {})
    print(f"{'':44} {'statements':>10} {'CPU ms':>9} {'ratio':>7}")
    for size in (FEW, studies):
        with _started(builds, "publish", size) as processes:
            _table(f"publication among {size} studies", processes)
    with _started(builds, "import", imported) as processes:
        _table(f"import of {imported} studies, each", processes)


@contextmanager
def _started(
    builds: dict[str, Path], what: str, number: int
) -> Iterator[dict[str, subprocess.Popen[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        started = {
            name: subprocess.Popen(
                [sys.executable, "-P", __file__, what, str(number), f"{folder}/{turn}"],
                env=os.environ | {"PYTHONPATH": str(build)}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for turn, (name, build) in enumerate(builds.items())
        }  # fmt: skip
        try:
            yield started
        finally:
            for process in started.values():
                process.communicate(timeout=60)


def _table(label: str, processes: dict[str, subprocess.Popen[str]]) -> None:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in processes}
    for _ in range(ROUNDS):
        for name, process in processes.items():
            found[name].append(_answer(process))
    best = {name: min(each, key=lambda pair: pair[1]) for name, each in found.items()}
    baseline = [*best.values()][-1][1]
    for name, (asked, milliseconds) in best.items():
        ratio = milliseconds / baseline
        print(f"{f'{label}, {name}':44} {asked:10.1f} {milliseconds:9.2f} {ratio:7.2f}", flush=True)


def _answer(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Have a process measure once: statements, and milliseconds of processor time."""
    ask, answer = process.stdin, process.stdout
    assert ask is not None
    assert answer is not None
    print("again", file=ask, flush=True)
    asked, milliseconds = json.loads(answer.readline())
    return float(asked), float(milliseconds)


# In the process of a build, which may be an older one


def _serve(what: str, number: int, home: Path, asked: IO[str]) -> None:
    work = _publications if what == "publish" else _imports
    for measured, _line in zip(work(number, home), asked, strict=False):
        print(json.dumps(measured), flush=True)


def _publications(number: int, home: Path) -> Iterator[tuple[float, float]]:
    settings = _node(home)
    with database(settings) as session:
        seed = service.create(session, None, _draft(0))
        publish.publish(session, None, seed, settings)
    _multiply(home / "pioneer.sqlite", seed, number)
    with database(settings) as session, _counted(session) as statements:
        while True:
            ids = [service.create(session, None, _draft(n)) for n in range(PUBLICATIONS)]
            statements.clear()
            times = []
            for study_id in ids:
                began = time.process_time()
                publish.publish(session, None, study_id, settings)
                times.append(time.process_time() - began)
            yield len(statements) / len(ids), statistics.median(times) * 1000


def _imports(number: int, home: Path) -> Iterator[tuple[float, float]]:
    folder = home / "files"
    while True:
        for written in range(number):
            _write(folder / str(written), written)
        settings = _node(home / uuid.uuid4().hex)
        with database(settings) as session, _counted(session) as statements:
            began = time.process_time()
            report = transfer.import_folder(session, folder, settings)
            used = time.process_time() - began
            assert report.created == number
            yield len(statements) / number, used / number * 1000


def _node(home: Path) -> config.Settings:
    settings = config.load(
        {"PIONEER_HOME": str(home), "PIONEER_BASE_URL": "https://paris.example",
         "PIONEER_CITY": "paris", "PIONEER_CONFIG": os.devnull}
    )  # fmt: skip
    prepare(settings)
    return settings


@contextmanager
def _counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield statements


def _paragraph(number: int) -> str:
    return " ".join(WORDS[(number + 7 * k) % len(WORDS)] for k in range(60)).capitalize() + "."


def _draft(number: int) -> Draft:
    """A study of some pages in both languages, whose texts are no other's."""
    french, english = _text(f"Étude {uuid.uuid4()}", number), _text(f"Study {uuid.uuid4()}", number)
    return Draft(
        original_lang="fr", city="paris", topics=("open-data", "mobility"),
        facts=Facts(status="running", start="2014", people_reached=number,
                    evidence=(Link("https://a.example/", "A"),)),
        inspired_by=(Link("https://madrid.example/id/59e3de56-c4d7-5e68-a620-38764218e9ac", "L"),),
        texts={"en": replace(english, translation="human"), "fr": french},
    )  # fmt: skip


def _text(title: str, number: int) -> TextDraft:
    paragraphs = [f"{title}. {_paragraph(number + k)}" for k in range(2)]
    text = "\n\n".join(paragraphs) + "\n\n- one\n- **two**\n"
    return TextDraft(
        title=title, summary=_paragraph(number)[:200], body=text, problem=text,
        approach=f"{text}\n[le rapport](https://a.example/)", results=text, lessons=text,
        legal_basis="Délibération",
    )  # fmt: skip


def _write(folder: Path, number: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft, study_id = _draft(number), str(uuid.uuid4())
    meta = StudyMeta(study_id, "published", clock.now().replace(year=2016), "")
    for lang in draft.texts:
        (folder / f"{lang}.md").write_text(render(draft, lang, meta), encoding="utf-8")


def _multiply(database_: Path, seed: str, number: int) -> None:
    """Have so many studies in the database: copies of one with other ids and slugs."""
    with sqlite3.connect(database_) as connection:
        connection.row_factory = sqlite3.Row
        found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in COPIED}
        for n in range(1, number):
            copy = str(uuid.UUID(int=n, version=4))
            for table, rows in found.items():
                for position, row in enumerate(rows):
                    values = [_copied(name, row[name], seed, copy, n, position, len(rows))
                              for name in row.keys()]  # noqa: SIM118 — its keys, not its values  # fmt: skip
                    marks = ", ".join("?" * len(values))
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        connection.execute("UPDATE log_state SET seq = ?", (number * len(found["feed_entry"]),))
    connection.close()


def _copied(name: str, value: Any, seed: str, copy: str, n: int, position: int, rows: int) -> Any:
    if name == "seq":
        return n * rows + position + 1
    if name == "slug":
        return f"{value}-{n}"
    if isinstance(value, bytes):
        return value.replace(seed.encode(), copy.encode())
    return value.replace(seed, copy) if isinstance(value, str) else value


def main(arguments: Sequence[str]) -> None:
    """What to measure, of how many, in which folder."""
    _serve(arguments[0], int(arguments[1]), Path(arguments[2]), sys.stdin)


if __name__ == "__main__":
    main(sys.argv[1:])
