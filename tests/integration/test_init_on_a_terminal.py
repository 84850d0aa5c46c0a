"""`init` asks on a terminal: a real one (pty), with people who err, break off and go away."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy import select as query
from sqlalchemy.orm import Session

from network.cities import service as cities
from network.cities.models import City, SiteRow
from network.lib.db import open_engine

PATIENCE = 120.0
CTRL_C, CTRL_D = "\x03", "\x04"
CITY, WHICH = "City (empty: say it later): ", "Which one (0: none of these) [1]: "
EN, FR = "in English. [", "in French. ["
COMMAND = "from network.cli.main import pioneer_cities; pioneer_cities(['init'])"


class Terminal:
    """Somebody at a terminal, who answers when a question stands there and nothing moves."""

    def __init__(self, home: Path) -> None:
        self.shown, self.pid = "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs tests may ignore it
            kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
            here = {"PIONEER_HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb"}
            os.execve(sys.executable, [sys.executable, "-c", COMMAND], kept | here)

    def answer(self, question: str, typed: str | bytes) -> str:
        """Wait for a question, and type; gives what stood there since the last answer."""
        before = self._until(question)
        keys = typed if isinstance(typed, bytes) else typed.encode()
        os.write(self.fd, keys if keys in (b"\x03", b"\x04") else keys + b"\n")
        return before

    def end(self) -> tuple[int, str]:
        """The exit status, and what stood there at the end."""
        last = self._until(None)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), last

    def _until(self, question: str | None) -> str:
        found, end = b"", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.4)[0]:
                try:
                    found += os.read(self.fd, 65536)
                except OSError:  # the other side has closed it
                    break
            elif question is not None and found.decode(errors="replace").endswith(question):
                break
        text = found.decode(errors="replace").replace("\r\n", "\n")
        assert "Traceback" not in text
        if question is not None:
            assert question in text, text
        return text


@pytest.fixture
def home(tmp_path: Path, prepared_sqlite: Path) -> Path:
    (tmp_path / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())
    return tmp_path


def site(home: Path) -> tuple[SiteRow | None, int]:
    """What the node says of itself, and how many cities it knows."""
    engine = open_engine(f"sqlite:///{home / 'pioneer.sqlite'}")
    with Session(engine, expire_on_commit=False) as session:
        found = session.get(SiteRow, 1), session.scalar(query(func.count()).select_from(City)) or 0
    engine.dispose()
    return found


def city(home: Path, slug: str) -> City | None:
    engine = open_engine(f"sqlite:///{home / 'pioneer.sqlite'}")
    with Session(engine, expire_on_commit=False) as session:
        found = cities.by_slug(session, slug)
    engine.dispose()
    return found


def test_a_place_of_the_list_and_wrong_answers(home: Path) -> None:
    person = Terminal(home)
    person.answer(CITY, "Besançon")
    assert "Besançon" in person.answer(WHICH, "99")
    assert "not in the range" in person.answer(WHICH, "oui")
    assert "not a valid" in person.answer(WHICH, "1")
    person.answer("Pioneer Cities – Besançon]: ", "x" * 300)
    assert "at most" in person.answer("Pioneer Cities – Besançon]: ", "")
    person.answer("Villes pionnières – Besançon]: ", "Besançon ose")
    status, last = person.end()
    assert (status, "is the site of Besançon (France)" in last) == (0, True), last
    row, _ = site(home)
    assert row is not None
    assert (row.city, row.names["fr"]) == ("besancon", "Besançon ose")
    again = Terminal(home)
    assert again.end()[0] == 0, "nobody is asked twice"


def test_a_village_typed_by_hand_in_french(home: Path) -> None:
    person = Terminal(home)
    person.answer(CITY, "Trifouillis-les-Oies")
    person.answer("Name in English [Trifouillis-les-Oies]: ", "\u200b")
    said = person.answer("Name in English [Trifouillis-les-Oies]: ", "Trifouillis")
    assert "Give the city’s name" in said
    person.answer("Name in French [Trifouillis]: ", "Trifouillis-les-Oies")
    person.answer("made of the name): ", "Pas Bon")
    assert "small letters" in person.answer("made of the name): ", "")
    person.answer("Country: ", "Narnia")
    person.answer("Country: ", "Allemagne")
    person.answer("region): ", "hameau")
    person.answer("region): ", "village")
    person.answer("Inhabitants: ", "beaucoup")
    person.answer("Inhabitants: ", "1\u00a0200")
    person.answer("Year of that figure: ", "20205")
    person.answer("Year of that figure: ", "2020")
    person.answer("Time zone, such as Europe/Paris: ", "Paris sur Seine")
    person.answer("Time zone, such as Europe/Paris: ", "Europe/Berlin")
    person.answer("Website: ", "")
    person.answer(EN + "Pioneer Cities – Trifouillis]: ", "")
    person.answer(FR + "Villes pionnières – Trifouillis-les-Oies]: ", "")
    status, last = person.end()
    assert status == 0, last
    made = city(home, "trifouillis")
    assert made is not None
    assert (made.name("fr"), made.country, made.kind) == ("Trifouillis-les-Oies", "DE", "village")
    assert (made.population, made.population_year) == (1200, 2020)


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("late", [False, True])
def test_who_breaks_off_leaves_nothing_half_made(home: Path, key: str, late: bool) -> None:
    before = site(home)[1]
    person = Terminal(home)
    if late:
        person.answer(CITY, "Besançon")
        person.answer(WHICH, "1")
        person.answer("– Besançon]: ", "")
    person.answer("– Besançon]: " if late else CITY, key)
    status, last = person.end()
    assert status == 1
    assert last.strip().splitlines()[-1].startswith("Error: Nothing was written of the site’s city")
    row, number = site(home)
    assert row is None
    assert number == before
    later = Terminal(home)
    later.answer(CITY, "")
    status, last = later.end()
    assert (status, "The node is ready" in last) == (0, True)


def test_a_terminal_of_another_encoding_is_told_so(home: Path) -> None:
    person = Terminal(home)
    person.answer(CITY, "Besançon".encode("latin-1"))
    assert "without accents" in person.answer(CITY, "Besancon")
    person.answer(WHICH, CTRL_C)
    assert person.end()[0] == 1
