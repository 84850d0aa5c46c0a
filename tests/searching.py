"""Search documents for tests, with everything that a test does not speak of filled in."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from network.search.engine import SearchEngine
from network.search.query import parse
from network.search.values import Filters, Hit, Results, SearchDocument


def document(study: str, lang: str = "en", **given: Any) -> SearchDocument:
    """The version of a study in a language; its key and id follow from the study's short name."""
    values: dict[str, Any] = {
        "entry_id": f"{key(study)}/{lang}",
        "study_key": key(study),
        "lang": lang,
        "title": "Untitled",
        "summary": "",
        "body": "",
        "published": datetime(2024, 1, 1, tzinfo=UTC),
    }
    return SearchDocument(**(values | given))


def key(study: str) -> str:
    """The key of the study with this short name."""
    return f"https://city.example/id/{study}"


def put(engine: SearchEngine, *documents: SearchDocument) -> None:
    """Index the documents as all that their studies have, building the index when there is none."""
    if not engine.ready():
        engine.rebuild([])
    changes: dict[str, list[SearchDocument]] = defaultdict(list)
    for one in documents:
        changes[one.study_key].append(one)
    engine.replace(changes)


def search(engine: SearchEngine, text: str, lang: str = "en", **filters: Any) -> Results:
    """Ask as a reader does."""
    return engine.search(parse(text), Filters(**filters), lang, limit=100)


def names(results: Results) -> list[str]:
    """The short names of the studies found, in order."""
    return [name(hit) for hit in results.hits]


def name(hit: Hit) -> str:
    """A hit's study by its short name."""
    return hit.study_key.rpartition("/")[2]
