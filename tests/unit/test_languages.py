"""Addresses are written once, in English, and put into the words of each language."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import network
from network.lib.languages import FRENCH, LANGUAGES, in_words, row


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("/", "/"),
        ("/topics/<slug>", "/thematiques/<slug>"),
        ("/desk/case-studies/<uuid:study_id>/receipt",
         "/bureau/etudes-de-cas/<uuid:study_id>/accuse-de-reception"),
        ("/compare.csv", "/comparer.csv"),
        ("/search.<any(atom,rss,json):form>", "/recherche.<any(atom,rss,json):form>"),
        ("/admin/join", "/admin/rejoindre"),
        ("/admin/cities/join", "/admin/villes/reunir"),
        ("/admin/members/<int:peer_id>/poll", "/admin/membres/<int:peer_id>/relever"),
        ("/opensearch.xml", "/opensearch.xml"),
        ("account/link", "compte/lien"),
        ("/nothing-that-is-known", "/nothing-that-is-known"),
    ],
)  # fmt: skip
def test_each_word_of_a_path_is_translated_and_nothing_else(english: str, french: str) -> None:
    assert in_words(english, "fr") == french
    assert in_words(english, "en") == english


@given(
    st.lists(st.sampled_from(sorted(FRENCH.words)) | st.from_regex(r"<[a-z:]+>", fullmatch=True))
)
def test_a_path_keeps_its_parts_and_what_they_are_named_by(parts: list[str]) -> None:
    path = "/".join(part.rpartition("/")[2] for part in parts)
    there = in_words(path, "fr")
    assert there.count("/") == path.count("/")
    assert re.findall("<[^>]*>", there) == re.findall("<[^>]*>", path)


def test_words_of_addresses_need_no_escaping_and_no_language_is_unknown() -> None:
    for language in LANGUAGES:
        assert row(language.code) is language
        for word in language.words.values():
            assert re.fullmatch("[a-z]+(-[a-z]+)*", word), word
    assert row("tlh").code == "en", "what is not of the pages is written as English is"


GRAMMAR = {
    "lib/i18n.py": "1er, “à 16 h”, “heure d’Oslo”",
    "facts/typed_dates.py": "dates in prose",
    "facts/typed_figures.py": "figures in prose",
    "search/scoring.py": "pairs of the lexicon",
}
"""Modules that ask whether a language is French or English, and for what."""


def code_of(path: Path) -> Iterator[tuple[str, str, str]]:
    """Each name, sign and text of a module with the two before it."""
    before, last = "", ""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.STRING):
                yield before, last, token.string
                before, last = last, token.string


def test_no_module_has_a_name_for_one_language_or_asks_for_one() -> None:
    home = Path(network.__file__).parent
    named, asking = set(), set()
    for path in home.rglob("*.py"):
        room = path.relative_to(home).as_posix()
        if room.startswith("migrations/") or room == "lib/languages.py":
            continue
        for _, last, text in code_of(path):
            if re.fullmatch(r"\w+_(?:en|fr)", text):
                named.add((room, text))
            if last in ("==", "!=") and text in ('"fr"', '"en"'):
                asking.add(room)
    assert named == set()
    assert asking <= set(GRAMMAR), "a property of a language is a field of its row (lib.languages)"
