"""Search documents from the catalogue: what readers may see, as plain text with all its names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload, undefer

from network.catalogue.models import Study, Version
from network.cities.models import City
from network.cities.sizes import size_of
from network.facts import travel
from network.lib.i18n import ENGLISH_FIRST, LANGUAGES, country_name
from network.lib.sanitise import plain_text
from network.search.folding import key
from network.search.values import Named, SearchDocument
from network.topics import service as topics
from network.topics.models import Topic

_BATCH = 100


def documents_for(session: Session, study_keys: Iterable[str]) -> dict[str, list[SearchDocument]]:
    """Every key's documents; none for a study that is gone or not shown."""
    found: dict[str, list[SearchDocument]] = {key: [] for key in study_keys}
    for document in _documents(session, list(found)):
        found[document.study_key].append(document)
    return found


def all_documents(session: Session) -> Iterator[SearchDocument]:
    """Every document that the index should hold, a batch of studies at a time."""
    return _documents(session, session.scalars(select(Study.study_key).where(Study.shown)).all())


def _documents(session: Session, keys: Sequence[str]) -> Iterator[SearchDocument]:
    vocabulary = {topic.slug: topic for topic in topics.all_topics(session)}
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        rows = session.scalars(
            select(Study)
            .where(Study.study_key.in_(batch), Study.shown)
            .options(
                selectinload(Study.versions).options(undefer(Version.body_html)),
                selectinload(Study.topics),
            )
        ).all()
        slugs = {study.city for study in rows if study.city}
        cities = {c.slug: c for c in session.scalars(select(City).where(City.slug.in_(slugs)))}
        for study in rows:
            for version in study.versions:
                yield _document(study, version, vocabulary, cities)


def _document(
    study: Study, version: Version, vocabulary: dict[str, Topic], cities: dict[str, City]
) -> SearchDocument:
    slugs = tuple(sorted(row.topic for row in study.topics))
    city = cities.get(study.city or "")
    return SearchDocument(
        entry_id=version.entry_id,
        study_key=study.study_key,
        lang=version.lang,
        title=version.title,
        summary=version.summary,
        body=_body(version),
        published=study.sort_at,
        topics=slugs,
        topic_words=topic_words(vocabulary[s] for s in slugs if s in vocabulary),
        city=study.city,
        city_words=city_words(city, study.country),
        country=study.country,
        size=size_of(city.population) if city else None,
        status=study.status,
        year=study.year,
        completeness=study.completeness,
    )


def _body(version: Version) -> str:
    """The text and the facts that search reads."""
    facts = travel.of_json(version.facts)
    parts = [plain_text(version.body_html), version.legal_basis]
    for fact, value in facts.known():
        parts += fact.kind.words(value, facts) if fact.searched else ()
    return "\n".join(part for part in parts if part)


def topic_words(given: Iterable[Topic]) -> Named:
    """The topics' names and synonyms, each with its language."""
    names: list[tuple[str, str]] = []
    for topic in given:
        for lang in ENGLISH_FIRST:
            called = [topic.name(lang), *topic.synonyms.get(lang, ())]
            names += _names(lang, topic.slug_in(lang), called)
    return tuple(dict.fromkeys(names))


def city_words(city: City | None, country: str | None) -> Named:
    """The city's names and its country's, each with its language."""
    names: list[tuple[str, str]] = []
    for lang in LANGUAGES:
        names += _names(lang, city.slug_in(lang), [city.name(lang)]) if city else []
        names += [(lang, country_name(country, lang))] if country else []
    return tuple(dict.fromkeys(names))


def _names(lang: str, slug: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """The names, and the slug's words where no name has that slug, for readers copy addresses."""
    given = [name for name in names if name]
    if key(slug) not in {key(name) for name in given}:
        given.append(slug.replace("-", " "))
    return [(lang, name) for name in given]
