"""A publication makes each version and its entry once, and reads back nothing that it wrote."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

import network
from network.case_studies import publish, service
from network.case_studies.drafts import Draft
from network.case_studies.models import CaseStudy
from network.catalogue import models as catalogue
from network.log.models import FeedEntry
from tests.integration.test_publish import NOON, SITE, a_draft, with_text

HOUSE = str(Path(network.__file__).parent)
MADE = {"compose": 1, "entry_of": 1, "serialised": 1}
"""Calls for each version: by who makes it."""
READ = {"read_item": 1, "hash_of": 1, "strict_parser": 1}
"""By the strict reader, before it is written."""
BOTH = {"sanitise_html": 2, "tidy_words": 2, "canonical": 1}
"""By both: the reader believes nothing of what is read, and only its hash is taken."""
STATEMENTS = 30
NEWS = "Le budget participatif"


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """How often each function of the house is called, by name."""
    counted: Counter[str] = Counter()

    def count(frame: FrameType, what: str, _argument: Any) -> None:
        code = frame.f_code
        if what == "call" and code.co_filename.startswith(HOUSE):
            counted[code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counted
    finally:
        sys.setprofile(before)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What the database is asked."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(" ".join(statement.split()))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)


def per_version(counted: Counter[str], versions: int) -> dict[str, float]:
    return {name: counted[name] / versions for name in MADE | READ | BOTH}


def test_each_version_is_made_read_and_hashed_once(session: Session) -> None:
    study_id = service.create(session, None, a_draft(), now=NOON)
    with calls() as counted:
        publish.publish(session, None, study_id, SITE, now=NOON)
    assert per_version(counted, 2) == MADE | READ | BOTH


def test_a_change_costs_one_hash_more_to_know_it_by(session: Session) -> None:
    study_id = service.create(session, None, a_draft(), now=NOON)
    publish.publish(session, None, study_id, SITE, now=NOON)
    save(session, study_id, with_text(a_draft(), "fr", title=NEWS, results="Oui."))
    with calls() as counted:
        assert len(publish.publish(session, None, study_id, SITE, now=NOON)) == 1
    assert per_version(counted, 2) == MADE | READ | BOTH | {"hash_of": 2, "canonical": 2}


def save(session: Session, study_id: str, draft: Draft) -> None:
    session.rollback()
    lock = session.get_one(CaseStudy, study_id).lock_version
    service.save(session, None, study_id, draft, lock, minor=True, now=NOON)


def everything(draft: Draft) -> Draft:
    """With rows in every table that a publication may write."""
    french = replace(draft.texts["fr"], body="[ici](/fr/) et [là](https://a.example/)")
    return replace(draft, texts={**draft.texts, "fr": french})


@pytest.mark.parametrize("again", [False, True])
def test_a_publication_asks_the_database_little(session: Session, again: bool) -> None:
    draft = everything(a_draft())
    study_id = service.create(session, None, draft, now=NOON)
    if again:
        publish.publish(session, None, study_id, SITE, now=NOON)
        save(session, study_id, with_text(draft, "fr", results="Oui."))
    with statements(session) as asked:
        publish.publish(session, None, study_id, SITE, now=NOON)
    assert len(asked) <= STATEMENTS, "\n".join(asked)
    written = [one for one in asked if not one.startswith("SELECT")]
    assert len(set(written)) == len(written), "\n".join(written)


def test_a_relative_link_stays_on_our_page_and_leads_home_from_elsewhere(session: Session) -> None:
    study_id = service.create(session, None, everything(a_draft()), now=NOON)
    publish.publish(session, None, study_id, SITE, now=NOON)
    entry_id = f"{SITE.base_url}/id/{study_id}/fr"
    assert 'href="/fr/"' in session.get_one(catalogue.Version, entry_id).body_html
    xml = session.get_one(FeedEntry, entry_id).xml.decode()
    assert "https://paris.example/fr/" in xml
    assert '"/fr/"' not in xml
