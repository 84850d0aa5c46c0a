"""Addresses are written once, in English, and put into the words of each language."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
