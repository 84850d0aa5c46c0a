"""The lexicon in the database: learnt anew when translations changed, read by every process.

It is learnt from the studies that exist in both languages, this node's own and followed; until
there are many, words are known from the lexicon that is shipped (`data/README.md`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from network.catalogue.models import Study, Version
from network.lib import clock
from network.lib.db import writing
from network.lib.sanitise import plain_text
from network.search import analysis, lexicon
from network.search.lexicon import LANGUAGES, Lexicon, Passage
from network.search.models import LearntLexicon

log = logging.getLogger(__name__)

ENOUGH = 0.05
"""The share of the translations that must be new or changed before it is worth learning anew."""
LATEST = timedelta(days=1)
"""After this, any change is enough."""
FRESH_SECONDS = 10.0
"""For how long a process goes by the lexicon that it has before it looks for a newer one."""

_ONLY = 1
_BATCH = 100
_STEMS = f"{analysis.VERSION}-{analysis.STEMMER}"
"""Words that are taken to their stems otherwise find nothing in what was learnt."""


def learn_if_due(session: Session) -> bool:
    """Learn the lexicon anew if enough has changed since; says whether it did."""
    session.rollback()
    now = clock.now()
    changed = _translated(session)
    held = session.get(LearntLexicon, _ONLY)
    if not _is_due(changed, held, now):
        return False
    learnt = lexicon.learn(_passages(session, sorted(changed, key=_shuffled)))
    with writing(session):
        row = session.get(LearntLexicon, _ONLY) or LearntLexicon(id=_ONLY, version=0)
        row.version += 1
        row.learnt_at, row.studies, row.stems = now, len(changed), _STEMS
        row.pairs = [list(pair) for pair in learnt.pairs()]
        session.add(row)
    log.info("learnt %s words from %s translated studies", len(row.pairs), len(changed))
    return True


def _is_due(changed: dict[str, datetime], held: LearntLexicon | None, now: datetime) -> bool:
    if held is None:
        return bool(changed)
    if held.stems != _STEMS:
        return True
    new = sum(moment > held.learnt_at for moment in changed.values())
    difference = max(new, abs(len(changed) - held.studies))
    late = not timedelta(0) <= now - held.learnt_at < LATEST
    return difference > (0 if late else ENOUGH * held.studies)


def _translated(session: Session) -> dict[str, datetime]:
    """The shown studies that exist in both languages, and when either version changed here."""
    rows = session.execute(
        select(Version.study_key, Version.lang, Version.received, Version.updated)
        .join(Study, Study.study_key == Version.study_key)
        .where(Study.shown)
    )
    changed: dict[str, dict[str, datetime]] = {}
    for key, lang, received, updated in rows:
        held = changed.setdefault(key, {})
        held[lang[:2]] = max(received, updated, held.get(lang[:2], received))
    return {
        key: max(held[lang] for lang in LANGUAGES)
        for key, held in changed.items()
        if held.keys() >= set(LANGUAGES)
    }


def _shuffled(study_key: str) -> bytes:
    """An order that favours no city, for when there are more studies than can be learnt from."""
    return blake2b(study_key.encode(errors="replace"), digest_size=8).digest()


def _passages(session: Session, keys: Sequence[str]) -> Iterator[Passage]:
    """What these studies say in both languages, read as far as it is asked for."""
    for start in range(0, len(keys), _BATCH):
        rows = session.scalars(
            select(Version)
            .where(Version.study_key.in_(keys[start : start + _BATCH]))
            .order_by(Version.study_key, Version.entry_id)
            .options(undefer(Version.body_html))
        ).all()
        session.rollback()  # a long thought must not keep a snapshot
        studies: dict[str, dict[str, Version]] = {}
        for row in rows:
            studies.setdefault(row.study_key, {}).setdefault(row.lang[:2], row)
        for study in studies.values():
            if study.keys() >= set(LANGUAGES):
                yield from lexicon.passages(*(_texts(study[lang]) for lang in LANGUAGES))


def _texts(version: Version) -> list[str]:
    return [version.title, version.summary, *plain_text(version.body_html).splitlines()]


@cache
def shipped() -> Lexicon:
    """The lexicon that every node begins with."""
    given = (files("network.search") / "data" / "lexicon.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in given.splitlines())
    learnt = [(english, french, float(weight)) for english, french, weight in rows]
    concepts = (files("network.search") / "data" / "concepts.tsv").read_text("utf-8")
    return Lexicon.of([*learnt, *lexicon.concepts(concepts.splitlines())])


class Taught:
    """The lexicon for the searches of one process. sessions: opens a session of the database."""

    def __init__(self, sessions: Callable[[], AbstractContextManager[Session]]) -> None:
        self._sessions = sessions
        self._look_at = 0.0
        self._version = 0
        self._lexicon: Lexicon | None = None

    def __call__(self) -> Lexicon:
        """The newest lexicon, some seconds after it was learnt; never raises."""
        now = time.monotonic()
        if self._lexicon is None or now >= self._look_at:
            self._look_at = now + FRESH_SECONDS
            try:
                self._refresh()
            except Exception:  # a reader is better served with fewer words than with none
                log.exception("the learnt lexicon cannot be read")
        return self._lexicon or shipped()

    def _refresh(self) -> None:
        with self._sessions() as session:
            version = session.scalar(select(LearntLexicon.version)) or 0
            if version != self._version or self._lexicon is None:
                learnt = session.scalar(select(LearntLexicon.pairs)) or ()
                pairs = [(str(en), str(fr), float(str(weight))) for en, fr, weight in learnt]
                self._lexicon = Lexicon.of([*pairs, *shipped().pairs()])
                self._version = version
