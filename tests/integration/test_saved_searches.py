"""Kept searches tell what is new: each study once, by mail, whatever goes wrong in between."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from network.accounts import service as accounts
from network.backup import service as backups
from network.backup.archive import Archive
from network.catalogue import store
from network.catalogue.models import Study
from network.config import ConfigurationError, Settings
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, NotFound, RemoteError
from network.lib.http import Door
from network.saved_searches import digests, labels, letters, posting, service
from network.saved_searches.addresses import Addresses
from network.saved_searches.models import SavedSearch, SearchDigest, StudyDebut, ToldStudy
from network.saved_searches.service import TooMany, Wanted
from network.search import service as search
from network.search.whoosh_engine import WhooshEngine
from network.worker import searches
from network.worker.tools import OwnPage, Tools, Work
from tests.authority import Authority
from tests.mailbox import Mailbox, mail_server
from tests.web.conftest import make_version

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
READER = "lea@mairie.example"
WATER = Wanted("L’eau", "fr", "daily", "fontaine")


@dataclass
class Bench:
    """A node's worker as far as searches need it, with a clock of its own."""

    sessions: sessionmaker[Session]
    index: WhooshEngine
    settings: Settings
    mailbox: Mailbox
    now: datetime = MONDAY

    @property
    def tools(self) -> Tools:
        return Tools(
            self.settings, self.sessions, Door("test"), lambda _: OwnPage(503, "", b""), self.index
        )

    def publish(self, number: int, lang: str = "fr", **changes: Any) -> str:
        """Readers see a study from now on, and can find it."""
        given = {"title": f"Fontaine {number}", "body_html": "<p>Une fontaine.</p>"} | changes
        version = make_version(self.settings.base_url, number, lang, **given)
        with self.sessions() as session:
            with writing(session):
                store.put(session, version, source_id=None, received=self.now, country="FR")
            search.index_studies(session, self.index, [version.study_key])
        return version.study_key

    def withdraw(self, key: str, lang: str = "fr") -> None:
        with self.sessions() as session:
            with writing(session):
                store.remove(session, f"{key}/{lang}")
            search.index_studies(session, self.index, [key])

    def work(self) -> list[Exception]:
        """What the worker does in a round: the duty, then every job; gives what failed."""
        searches.look(self.tools)
        failed: list[Exception] = []
        with self.sessions() as session:
            jobs = list(session.scalars(select(Job).where(Job.kind.like("search-%"))))
        for job in jobs:
            handler = {"search-confirm": searches.ask, "search-digest": searches.tell}[job.kind]
            try:
                handler(self.tools, Work(job.key, {}, 1))
            except RemoteError as error:
                failed.append(error)
                continue
            with self.sessions() as session, writing(session):
                session.delete(session.get_one(Job, job.id))
        return failed

    def days_later(self, days: float = 1) -> list[Exception]:
        self.now += timedelta(days=days)
        return self.work()

    def keep(self, wanted: Wanted = WATER, email: str = READER) -> str:
        """A reader's search that its mailbox has agreed to; what was asked is forgotten."""
        with self.sessions() as session:
            service.ask(session, email, wanted, self.settings.secret_key, "192.0.2.1")
            handle = session.scalars(
                select(SavedSearch.handle).order_by(SavedSearch.confirmed.is_not(None))
            ).first()
            assert handle
            service.confirm(session, handle)
        self.work()
        self.mailbox.raw.clear()
        return handle

    def row(self, handle: str) -> SavedSearch | None:
        with self.sessions() as session:
            return session.get(SavedSearch, handle)

    def count(self, table: type) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def bench(
    engine: Engine,
    tmp_path: Path,
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    index = WhooshEngine(tmp_path / "index")
    index.rebuild([])
    with mail_server() as mailbox:
        settings = make_settings(
            smtp_host="127.0.0.1", smtp_port=str(mailbox.port), smtp_tls="none",
            smtp_from="pionniers@paris.example",
        )  # fmt: skip
        made = Bench(sessionmaker(engine, expire_on_commit=False), index, settings, mailbox)
        monkeypatch.setattr(clock, "now", lambda: made.now)
        yield made
    index.close()


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part
    return str(part.get_content())


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part
    return str(part.get_content())


def test_a_study_that_appears_is_told_once_and_its_edits_are_not(bench: Bench) -> None:
    bench.publish(1)
    bench.keep()
    key = bench.publish(2)
    assert bench.days_later() == []
    (told,) = bench.mailbox.messages
    assert told["Subject"] == "1 nouvelle étude de cas dans «\u00a0L’eau\u00a0»"
    assert "Fontaine 2" in text(told) and "Fontaine 1" not in text(told)
    later = MONDAY + timedelta(days=2)
    bench.publish(2, title="Fontaine 2, corrigée", updated=later, published=later)
    bench.publish(2, "en", title="Fountain fontaine 2")
    bench.days_later()
    bench.days_later()
    assert len(bench.mailbox.messages) == 1
    assert bench.count(SearchDigest) == 0
    assert key in text(told) or "study-2" in text(told)


def test_nothing_is_sent_when_nothing_is_new(bench: Bench) -> None:
    bench.keep()
    bench.publish(1, title="Un vélo", body_html="<p>Rien.</p>")
    for _day in range(3):
        assert bench.days_later() == []
    assert bench.mailbox.said == [] or bench.mailbox.messages == []


def test_news_that_came_on_several_days_are_in_one_mail_of_a_week(bench: Bench) -> None:
    handle = bench.keep(replace(WATER, every="weekly"))
    for number in (1, 2, 3):
        bench.publish(number)
        bench.days_later(2)
    assert bench.mailbox.messages == []
    bench.days_later(2)
    (told,) = bench.mailbox.messages
    assert all(f"Fontaine {number}" in text(told) for number in (1, 2, 3))
    assert bench.row(handle).last_sent == bench.now  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Running · 1 to 5 million"), ("fr", "1 à 5\u00a0millions · En cours")]
)
def test_every_filter_is_told_in_the_readers_words(bench: Bench, lang: str, said: str) -> None:
    filters = {"size": "1m-5m", "status": "running", "country": "FR", "year": 2020}
    row = bench.row(bench.keep(Wanted("Villes", lang, "daily", "", filters)))
    with bench.sessions() as session:
        told = labels.of(session, row)
    assert set(said.split(" · ")) <= set(told)
    assert not {"1m-5m", "running", "FR"} & set(told)


def test_filters_and_language_belong_to_the_search(bench: Bench) -> None:
    bench.keep(Wanted("Madrid", "en", "daily", "", {"city": "madrid", "topic": "open-data"}))
    bench.publish(1)
    bench.publish(2, "en", title="Fountains", city="madrid")
    bench.publish(3, "en", city="madrid", topics=())
    bench.days_later()
    (told,) = bench.mailbox.messages
    assert told["Subject"] == "1 new case study in “Madrid”"
    assert "Open data · Madrid" in text(told)
    assert f"{bench.settings.base_url}/en/case-studies/madrid/study-2" in text(told)
    assert '<html lang="en">' in html(told)


@pytest.mark.parametrize(
    "query",
    ["fontaine, villes de moins de 300\u202f000 habitants", "fontaine dans de petites villes"],
)
def test_the_size_of_cities_is_no_word_to_find_as_on_the_page(bench: Bench, query: str) -> None:
    bench.keep(replace(WATER, query=query))
    bench.publish(1)
    bench.days_later()
    (told,) = bench.mailbox.messages
    assert "Fontaine 1" in text(told)


def test_a_study_that_can_be_found_only_later_is_told_later(bench: Bench) -> None:
    """The index follows the catalogue: what it did not know yet at one look, the next one finds."""
    bench.keep()
    bench.now += timedelta(hours=23, minutes=59)
    version = make_version(bench.settings.base_url, 1, "fr", title="Fontaine")
    with bench.sessions() as session, writing(session):
        store.put(session, version, source_id=None, received=bench.now, country="FR")
    bench.work()
    bench.now += timedelta(minutes=1)
    bench.work()
    assert bench.mailbox.messages == []
    with bench.sessions() as session:
        search.index_studies(session, bench.index, [version.study_key])
    bench.days_later()
    assert [m["Subject"][:10] for m in bench.mailbox.messages] == ["1 nouvelle"]


def test_an_old_study_that_readers_see_only_now_is_news(bench: Bench) -> None:
    """It was held back for an editor: what counts is when readers could see it."""
    old = MONDAY - timedelta(days=400)
    for number in range(1, 4):
        bench.publish(number, city="paris")
    bench.keep()
    bench.publish(9, city="lisbon", published=old, updated=old)
    bench.days_later()
    assert "Fontaine 9" in text(bench.mailbox.messages[0])


def test_what_is_withdrawn_before_the_mail_goes_is_not_in_it(bench: Bench) -> None:
    bench.keep()
    gone = bench.publish(1)
    bench.publish(2)
    bench.mailbox.answers["RCPT"] = ["451 later"]
    assert len(bench.days_later()) == 1
    bench.withdraw(gone)
    assert bench.work() == []
    (told,) = bench.mailbox.messages
    assert "Fontaine 2" in text(told) and "Fontaine 1" not in text(told)


@pytest.mark.parametrize(
    "answers",
    [
        {"CONNECT": ["421 busy"]}, {"CONNECT": ["554 no"]}, {"MAIL": ["451 later"]},
        {"MAIL": ["550 sender"]}, {"RCPT": ["452 full"]}, {"DATA": ["451 no"]},
        {".": ["452 no room"]}, {"EHLO": [None]}, {"DATA": [None]},
    ],
)  # fmt: skip
def test_a_server_that_is_unwilling_gets_the_same_mail_later(
    bench: Bench, answers: dict[str, list[str | None]]
) -> None:
    bench.keep()
    bench.publish(1)
    bench.mailbox.answers |= {command: list(said) for command, said in answers.items()}
    (failed,) = bench.days_later()
    assert READER not in str(failed) and READER not in repr(failed.__cause__)
    assert bench.mailbox.messages == []
    assert bench.work() == []
    assert len(bench.mailbox.messages) == 1
    bench.days_later()
    assert len(bench.mailbox.messages) == 1


def test_a_mail_whose_taking_was_not_heard_comes_again_under_the_same_id(bench: Bench) -> None:
    bench.keep()
    bench.publish(1)
    bench.mailbox.answers["."] = [None]
    assert len(bench.days_later()) == 1
    bench.publish(2)
    assert bench.work() == []
    first, again = bench.mailbox.messages
    assert first["Message-ID"] == again["Message-ID"]
    assert "Fontaine 2" not in text(again)
    bench.days_later()
    assert "Fontaine 2" in text(bench.mailbox.messages[2])
    assert bench.mailbox.messages[2]["Message-ID"] != first["Message-ID"]


def test_a_server_that_hangs_up_after_taking_it_has_taken_it(bench: Bench) -> None:
    bench.keep()
    bench.publish(1)
    bench.mailbox.answers["QUIT"] = [None]
    assert bench.days_later() == []
    assert bench.work() == []
    assert len(bench.mailbox.messages) == 1


@pytest.mark.parametrize("step", ["mail.send", "digests.sent"])
def test_a_worker_that_dies_tells_each_study_once_or_the_same_mail_again(
    bench: Bench, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.keep()
    bench.publish(1)

    class Killed(BaseException):
        pass

    def die(*_arguments: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"network.saved_searches.posting.{step}", die)
        with pytest.raises(Killed):
            bench.days_later()
    bench.publish(2)
    assert bench.work() == []
    bench.days_later()
    ids = [m["Message-ID"] for m in bench.mailbox.messages]
    assert len(set(ids)) == 2
    assert sum("Fontaine 2" in text(m) for m in bench.mailbox.messages) == 1


def test_a_mailbox_that_refuses_for_good_is_left_alone(bench: Bench) -> None:
    handle = bench.keep()
    for number in range(digests.MOST_REFUSALS):
        bench.publish(number)
        bench.mailbox.answers["RCPT"] = ["550 no such user here: " + READER]
        assert bench.days_later() == []
    assert bench.row(handle) is None
    assert bench.count(SearchDigest) == 0


def test_an_officials_search_is_kept_when_the_mailbox_refuses(
    bench: Bench, cheap_hashes: None
) -> None:
    with bench.sessions() as session:
        user = accounts.add(session, "ines@paris.example", "Inès", "author", "quatre fontaines !")
        handle = service.keep(session, user.id, WATER)
    for number in range(digests.MOST_REFUSALS):
        bench.publish(number)
        bench.mailbox.answers["RCPT"] = ["550 no"]
        bench.days_later()
    row = bench.row(handle)
    assert row is not None and (row.every, row.due) == ("never", None) and row.refusals


def test_who_has_no_account_any_more_is_told_nothing(bench: Bench, cheap_hashes: None) -> None:
    with bench.sessions() as session:
        user = accounts.add(session, "ines@paris.example", "Inès", "author", "quatre fontaines !")
        service.keep(session, user.id, WATER)
        accounts.set_active(session, user.email, False)
    bench.publish(1)
    assert bench.days_later() == []
    assert bench.mailbox.messages == []


def test_a_mail_says_how_to_end_it_and_who_sent_it(bench: Bench) -> None:
    handle = bench.keep()
    bench.publish(1, title='Fontaine <b>&</b> "eau"', summary="<script>alert(1)</script>")
    bench.days_later()
    (told,) = bench.mailbox.messages
    end = Addresses(bench.settings, "fr").unsubscribe(handle)
    assert told["List-Unsubscribe"] == f"<{end}>"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["From"].addresses[0].addr_spec == "pionniers@paris.example"
    assert told["To"] == READER
    assert end in text(told) and end in html(told)
    assert "<script>" not in html(told) and "&lt;b&gt;" in html(told)


def test_a_name_cannot_add_lines_to_a_mail(bench: Bench) -> None:
    bench.keep(replace(WATER, name="Eau\r\nBcc: everyone@elsewhere.example\n\nHello"))
    bench.publish(1)
    bench.days_later()
    (told,) = bench.mailbox.messages
    assert told["Bcc"] is None
    assert "Bcc: everyone@elsewhere.example" in told["Subject"]


def test_many_news_are_counted_and_the_first_ones_told(bench: Bench) -> None:
    bench.keep()
    for number in range(1, letters.SHOWN + 4):
        bench.publish(number)
    bench.days_later()
    (told,) = bench.mailbox.messages
    assert told["Subject"].startswith(f"{letters.SHOWN + 3} nouvelles études de cas")
    assert "Et 3 de plus" in text(told)
    assert text(told).count("/etudes-de-cas/paris/") == letters.SHOWN
    bench.days_later()
    assert len(bench.mailbox.messages) == 1


def test_nobody_is_told_anything_before_agreeing(bench: Bench) -> None:
    with bench.sessions() as session:
        service.ask(session, " Lea@Mairie.example ", WATER, "secret", "192.0.2.1")
        (row,) = session.scalars(select(SavedSearch))
    assert bench.work() == []
    (asked,) = bench.mailbox.messages
    assert asked["To"] == READER
    assert Addresses(bench.settings, "fr").confirm(row.handle) in text(asked)
    assert asked["List-Unsubscribe"] is None
    bench.publish(1)
    bench.days_later(2)
    assert len(bench.mailbox.messages) == 1
    bench.days_later(1.1)
    assert bench.row(row.handle) is None


def test_a_mailbox_is_asked_at_most_three_times(bench: Bench) -> None:
    with bench.sessions() as session:
        for number in range(6):
            service.ask(session, READER, replace(WATER, name=f"n{number}"), "secret", "192.0.2.1")
    bench.work()
    assert len(bench.mailbox.messages) == service.UNCONFIRMED_OF_MAILBOX


def test_one_place_cannot_have_many_mailboxes_asked(bench: Bench) -> None:
    with bench.sessions() as session:
        for number in range(service.UNCONFIRMED_FROM):
            service.ask(session, f"a{number}@b.example", WATER, "secret", "192.0.2.1")
        with pytest.raises(TooMany):
            service.ask(session, "z@b.example", WATER, "secret", "192.0.2.1")
        service.ask(session, "z@b.example", WATER, "secret", "192.0.2.2")


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a b@c.example", "a@b.example\nBcc: c@d.example", "é@b.example",
              "a@b.example,c@d.example", "x" * 250 + "@b.example", '"a"@b.example', "a@b.example\0"]
)  # fmt: skip
def test_what_is_no_mailbox_is_refused(bench: Bench, email: str) -> None:
    with bench.sessions() as session:
        if email.endswith("\0"):
            service.ask(session, email, WATER, "secret", "")  # NUL is nothing that was typed
            return
        with pytest.raises(InvalidInput):
            service.ask(session, email, WATER, "secret", "")


def test_unsubscribing_forgets_a_reader_wholly(bench: Bench) -> None:
    handle = bench.keep()
    bench.publish(1)
    bench.days_later()
    bench.publish(2)
    bench.mailbox.answers["RCPT"] = ["451 later"]
    bench.days_later()
    with bench.sessions() as session:
        service.unsubscribe(session, handle)
        service.unsubscribe(session, handle)
    for table in (SavedSearch, SearchDigest, ToldStudy):
        assert bench.count(table) == 0, table
    assert bench.work() == []
    assert len(bench.mailbox.messages) == 1


def test_a_pause_is_not_made_up_for(bench: Bench) -> None:
    handle = bench.keep()
    with bench.sessions() as session:
        service.change(session, handle, "L’eau", "never")
    bench.publish(1)
    bench.work()
    bench.days_later(3)
    with bench.sessions() as session:
        service.change(session, handle, "Autre nom", "daily")
    bench.now += timedelta(hours=2)
    bench.publish(2)
    bench.days_later()
    (told,) = bench.mailbox.messages
    assert "Autre nom" in told["Subject"] and "Fontaine 1" not in text(told)


def test_what_is_not_there_cannot_be_changed(bench: Bench) -> None:
    with bench.sessions() as session, pytest.raises(NotFound):
        service.change(session, "0" * 32, "x", "daily")


def test_without_a_mail_server_nothing_is_lost(bench: Bench) -> None:
    bench.keep()
    bench.publish(1)
    with_server, bench.settings = bench.settings, replace(bench.settings, smtp_host="")
    assert bench.days_later() == []
    bench.settings = with_server
    assert bench.days_later() == []
    assert len(bench.mailbox.messages) == 1


def test_while_the_index_is_missing_the_job_waits(bench: Bench, tmp_path: Path) -> None:
    bench.keep()
    bench.publish(1)
    whole, bench.index = bench.index, WhooshEngine(tmp_path / "none")
    assert len(bench.days_later()) == 1
    bench.index = whole
    assert bench.work() == []
    assert len(bench.mailbox.messages) == 1


def test_debuts_are_noted_once_and_hidden_studies_have_none(bench: Bench) -> None:
    key = bench.publish(1)
    with bench.sessions() as session, writing(session):
        session.get_one(Study, key).shown = False
    bench.work()
    assert bench.count(StudyDebut) == 0
    with bench.sessions() as session, writing(session):
        session.get_one(Study, key).shown = True
    bench.work()
    bench.days_later()
    with bench.sessions() as session:
        assert session.get_one(StudyDebut, key).at == MONDAY


def test_a_backup_holds_kept_searches(bench: Bench, tmp_path: Path, engine: Engine) -> None:
    bench.keep()
    bench.publish(1)
    bench.days_later()
    manifest = backups.back_up(engine, bench.settings, tmp_path / "backup.zip")
    rows = {part.name: part.rows for part in manifest.parts}
    assert (rows["saved_search"], rows["told_study"], rows["study_debut"]) == (1, 1, 1)
    with Archive(tmp_path / "backup.zip") as archive:
        archive.check()


def test_mail_goes_encrypted_and_with_a_password(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trusting = authority.client()
    secret = tmp_path / "password"
    secret.write_text("eau de source\n")
    with mail_server(authority.server("IP:127.0.0.1")) as mailbox:
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
        bench.settings = replace(
            bench.settings, smtp_port=mailbox.port, smtp_tls="starttls", smtp_user="paris",
            smtp_password_file=secret,
        )  # fmt: skip
        bench.keep()
        bench.publish(1)
        assert bench.days_later() == []
        assert len(mailbox.messages) == 1
        heard = [line.split(" ")[0].upper() for line in mailbox.said]
        assert heard.index("STARTTLS") < heard.index("AUTH") < heard.index("MAIL")


def test_a_server_without_encryption_gets_no_mail_when_it_was_asked_for(bench: Bench) -> None:
    bench.keep()
    bench.publish(1)
    bench.settings = replace(bench.settings, smtp_tls="starttls")
    assert len(bench.days_later()) == 1
    assert bench.mailbox.messages == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"smtp_host": "mail.example"}, "PIONEER_SMTP_FROM"),
        ({"smtp_from": "nobody"}, "PIONEER_SMTP_FROM"),
        ({"smtp_tls": "ssl"}, "PIONEER_SMTP_TLS"),
        ({"smtp_password_file": "/nowhere/at/all"}, "PIONEER_SMTP_PASSWORD_FILE"),
    ],
)
def test_a_bad_mail_setting_stops_the_start(
    make_settings: Callable[..., Settings], values: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        make_settings(**values)


def test_a_node_without_a_mail_server_has_none(settings: Settings) -> None:
    assert posting.server(settings) is None
