"""What the officials of simulated cities write, and what they do with it."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from network.case_studies import cities as keeping
from network.case_studies import publish as publication
from network.case_studies import service
from network.case_studies.drafts import Draft, TextDraft, tidy
from network.case_studies.models import CaseStudy
from network.case_studies.release import release
from network.catalogue.values import Facts, Link
from network.cities.service import by_slug, value_of
from network.facts.declared import STATUSES
from network.lib.db import writing
from tests.simulation.node import Node
from tests.strategies import NASTY

if TYPE_CHECKING:
    from tests.simulation.world import World

CITIES = ("paris", "madrid", "seoul", "lisbon")
TOPICS = ("participatory-budgeting", "open-data", "public-participation")
WORDS = ("Budget", "Assemblée", "Night bus", "Ciudad", "열린", "Data", "<b>Plan</b>", "Open & fair")
MANY = 7
"""Studies in one import, which is more than a page of a small log."""


def text(dice: random.Random, lang: str, title: str | None = None) -> TextDraft:
    """A text that can be published, with a little of what has ever broken a feed."""
    nasty = [dice.choice(NASTY) for _ in range(3)]
    return TextDraft(
        title=title or f"{dice.choice(WORDS)} {dice.randrange(40)} {nasty[0]}",
        summary=f"{dice.choice(WORDS)} {nasty[1]}.",
        body=f"*{dice.choice(WORDS)}* {nasty[2]} [{lang}](https://{dice.choice(CITIES)}.example/)",
        results=dice.choice(["", "<script>alert(1)</script>", "| a |\n|---|\n| 1 |"]),
        translation=dice.choice(["original", "human", "machine"]),
    )


def draft(world: World, node: Node, dice: random.Random, langs: int) -> Draft:
    """A study in one or two languages."""
    lang = node.language
    written = [lang, dice.choice(["fr", "en"])][:langs]
    known = sorted(i for h in world.histories.of.values() for i in h.now.live)
    links = [Link(dice.choice(known).rpartition("/")[0], "It")] if known else []
    return Draft(
        original_lang=lang,
        city=dice.choice([*CITIES, node.name, None]),
        topics=tuple(dice.sample(TOPICS, dice.randrange(3))),
        facts=Facts(
            status=dice.choice([None, *STATUSES]),
            start=dice.choice([None, "2014", "2020-02"]),
            budget_amount=dice.choice([None, Decimal(dice.randrange(10**6))]),
            budget_currency="EUR",
        ),
        inspired_by=tuple(links[: dice.randrange(2)]),
        texts={each: text(dice, each) for each in sorted(set(written))},
    )


def chosen(world: World, session: Session, *states: str) -> CaseStudy | None:
    """The study that somebody has in mind, also when it has to be done a second time."""
    query = select(CaseStudy.id).where(CaseStudy.state.in_(states)).order_by(CaseStudy.id)
    ids = session.scalars(query).all()
    found = world.recall("study", lambda own: own.choice(ids) if ids else None)
    if found is None:
        return None
    options = [selectinload(CaseStudy.texts)]
    study = session.get(CaseStudy, found, options=options, populate_existing=True)
    session.rollback()
    return study


def publish(world: World, node: Node, dice: random.Random, langs: int = 2) -> None:
    """Write a study, in as many languages at most, and publish it."""
    study_id = f"{dice.getrandbits(32):08x}-0000-4000-8000-{dice.getrandbits(48):012x}"
    written = draft(world, node, dice, langs)
    with node.sessions() as session:
        if session.get(CaseStudy, study_id) is None:
            service.create(session, None, written, study_id=study_id)
        _show(session, node, study_id)


def _show(session: Session, node: Node, study_id: str) -> None:
    """Publish what was saved, unless it refers to a study of this site that is not public."""
    with suppress(publication.NotReady):
        publication.publish(session, None, study_id, node.settings)


def edit(world: World, node: Node, dice: random.Random) -> None:
    """Change a published study, in a word or in everything, and publish it again."""
    with node.sessions() as session:
        study = chosen(world, session, "published")
        if study is None:
            return
        old = service.draft_of(study)
        minor, lang = dice.random() < 0.3, dice.choice(sorted(old.texts))
        changed = replace(old, texts={**old.texts, lang: text(dice, lang)})
        if dice.random() < 0.3:
            changed = replace(changed, city=dice.choice([*CITIES, None]))
        _save(session, node, study, changed, minor)


def translate(world: World, node: Node, dice: random.Random) -> None:
    """Add a translation, or take it out."""
    with node.sessions() as session:
        study = chosen(world, session, "published")
        if study is None:
            return
        old = service.draft_of(study)
        other = "en" if old.original_lang == "fr" else "fr"
        wanted = world.recall("translated", lambda _own: other not in old.texts)
        texts = {lang: each for lang, each in old.texts.items() if lang != other}
        _save(session, node, study, replace(old, texts=texts | (
            {other: text(dice, other)} if wanted else {}
        )))  # fmt: skip


def _save(
    session: Session, node: Node, study: CaseStudy, changed: Draft, minor: bool = False
) -> None:
    service.save(session, None, study.id, changed, study.lock_version, minor=minor)
    _show(session, node, study.id)


def describe(world: World, node: Node, _dice: random.Random) -> None:
    """Say of the node's own city what it is called now, and how many live there."""
    number = world.recall("population", lambda own: own.randrange(1, 10**7))
    with node.sessions() as session:
        city = by_slug(session, node.name)
        assert city, "the node has no city"
        now = replace(value_of(city), names={"en": f"City {number}"}, population=number)
        session.rollback()
        keeping.change(session, node.name, now, own=True)


def withdraw(world: World, node: Node, dice: random.Random) -> None:
    """Withdraw a study with all its languages."""
    with node.sessions() as session:
        study = chosen(world, session, "published")
        if study is not None and study.state == "published":
            publication.withdraw(session, None, study.id, dice.choice(["Faux.", "«\u202fx\u202f»"]))


def come_back(world: World, node: Node, _dice: random.Random) -> None:
    """Publish a withdrawn study again."""
    with node.sessions() as session:
        study = chosen(world, session, "withdrawn")
        if study is not None:
            _show(session, node, study.id)


def bring_in(world: World, node: Node, dice: random.Random) -> None:
    """Import a folder, which is always the same one: its studies have their own old dates.

    What the database has already is passed over, as by the command; so after a restore it brings
    the same entries again.
    """
    folder = world.chance.dice("folder", node.name, dice.randrange(2))
    began = world.started - timedelta(days=900)
    with node.sessions() as session, writing(session):
        studies = []
        for number in range(MANY if folder.random() < 0.5 else 3):
            study_id = f"{folder.getrandbits(32):08x}-1111-4000-8000-000000000000"
            written = tidy(
                Draft("fr", node.name, texts={"fr": text(folder, "fr", f"Fonds {number}")})
            )
            if session.get(CaseStudy, study_id) is not None:
                continue
            study = CaseStudy(id=study_id, state="draft", changed=True, lock_version=1,
                              created=began, saved=began, first_published=began)  # fmt: skip
            service.store(session, study, written)
            session.add(study)
            studies.append(study)
        session.flush()
        if studies:
            release(session, studies, node.settings, node.known, world.chance.now())
