"""SQLite's FTS5 doing the same job: bm25, the ten best with snippets, counts by facet in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from network.search import folding
from network.search.values import SearchDocument

FACETS = ("city", "country", "status", "year", "topic")
_FOUND = "SELECT rowid FROM texts WHERE texts MATCH :asked AND lang = :lang"


class FullText:
    """An FTS5 table with the facets' columns beside it."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript(
            """
            CREATE VIRTUAL TABLE texts USING fts5(
                title, summary, body, lang UNINDEXED,
                tokenize = "porter unicode61 remove_diacritics 2");
            CREATE TABLE facts (id INTEGER PRIMARY KEY, city, country, status, year, topic);
            """
        )

    def fill(self, documents: Iterable[SearchDocument]) -> None:
        """Put the documents in, as one segment."""
        with self._database as database:
            for i, d in enumerate(documents):
                database.execute(
                    "INSERT INTO texts(rowid, title, summary, body, lang) VALUES (?, ?, ?, ?, ?)",
                    (i, d.title, d.summary, d.body, d.lang),
                )
                database.execute(
                    "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
                    (i, d.city, d.country, d.status, d.year, d.topics[0]),
                )
            database.execute("INSERT INTO texts(texts) VALUES ('optimize')")

    def search(self, text: str, lang: str, mode: str) -> object:
        """The ten best, and the facets' counts of all."""
        given = {"asked": _asked(text, mode), "lang": lang}
        run = self._database.execute
        best = run(
            "SELECT rowid, title, snippet(texts, 2, '<mark>', '</mark>', '…', 40) FROM texts "
            "WHERE texts MATCH :asked AND lang = :lang ORDER BY bm25(texts, 3, 1, 1) LIMIT 10",
            given,
        ).fetchall()
        run("CREATE TEMP TABLE found AS " + _FOUND, given)
        joined = "found JOIN facts ON facts.id = found.rowid"
        counts = {
            facet: run(f"SELECT {facet}, count(*) FROM {joined} GROUP BY 1").fetchall()
            for facet in FACETS
        }
        run("DROP TABLE found")
        return best, counts

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def _asked(text: str, mode: str) -> str:
    words = [found[0].replace('"', "") for found in folding.scan(text.replace(" OR ", " "))]
    if text.startswith('"'):
        return f'"{" ".join(words)}"'
    return f" {mode} ".join(f'"{word}"' for word in words)
