"""Documents become posting lists, many at once, as they would one after the other."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.search import analysis, folding, inverting
from network.search.inverting import Inverted, batches, invert
from network.search.postings import NOWHERE, SCORED, TITLE_ENDS
from network.search.values import SearchDocument
from tests.searching import document


class Terms(NamedTuple):
    """One document's terms. words: weight and positions; keys: weights, by field and term."""

    words: dict[str, tuple[int, list[int]]]
    keys: dict[tuple[str, str], int]
    lengths: list[int]

    def stems(self, lang: str) -> set[str]:
        return {term for field, term in self.keys if field == lang}


def read(documents: list[SearchDocument]) -> list[Terms]:
    """What `invert` makes of documents, document by document."""
    batch = invert(documents)
    found = [Terms({}, {}, lengths) for lengths in batch.lengths.tolist()]
    for (field, word), owner, weight, positions in postings(batch.words):
        assert (field, word not in found[owner].words) == ("words", True)
        found[owner].words[word] = weight, positions
    for term, owner, weight, positions in postings(batch.stems) + postings(batch.keys):
        assert (term not in found[owner].keys, positions) == (True, [])
        found[owner].keys[term] = weight
    return found


def postings(part: Inverted) -> list[tuple[tuple[str, str], int, int, list[int]]]:
    assert part.starts[-1] == len(part.documents) == len(part.weights) == len(part.places) - 1
    assert part.places[-1] == len(part.positions)
    owners, weights = part.documents.tolist(), part.weights.tolist()
    places, positions = part.places.tolist(), part.positions.tolist()
    found = []
    for number, term in enumerate(part.terms):
        start, end = part.starts[number : number + 2].tolist()
        assert owners[start:end] == sorted(owners[start:end]) != []
        for i in range(start, end):
            found.append((term, owners[i], weights[i], positions[places[i] : places[i + 1]]))
    return found


def expected(given: SearchDocument) -> Terms:
    """The same, a word at a time."""
    terms = Terms({}, {}, [0] * len(SCORED))
    place = 0
    own = analysis.language(given.lang)
    texts = [
        (given.title, own, 3, own.title_piece),
        (given.summary, own, 2, own.piece),
        (given.body, own, 1, own.piece),
    ]
    for lang, name in given.city_words:
        texts.append((name, analysis.language(lang), 2, analysis.language(lang).piece))
    said = len(texts)
    for lang, name in given.topic_words:
        texts.append((name, analysis.language(lang), 1, analysis.language(lang).piece))
    for i, (text, lang, weight, piece) in enumerate(texts):
        for found in folding.scan(text):
            length, words = piece(found[0])
            for word, offset, stem in words:
                before, places = terms.words.get(word, (0, []))
                here = [place + offset] if i < said else [] if places else [NOWHERE]
                terms.words[word] = before + weight, sorted([*places, *here])
                terms.lengths[SCORED.index("words")] += weight
                if stem and i < said:
                    key = lang.code, stem
                    terms.keys[key] = terms.keys.get(key, 0) + weight
                    terms.lengths[SCORED.index(lang.code)] += weight
            place += length
        place += TITLE_ENDS
    terms.keys["entry", given.entry_id] = terms.keys["study", given.study_key] = 1
    for field, slugs, names in (
        ("place", given.city, given.city_words), ("topic", given.topics, given.topic_words),
    ):  # fmt: skip
        terms.keys.update(dict.fromkeys(((field, key) for key in analysis.keys(slugs, names)), 1))
    topics = analysis.named(given.topics, given.topic_words)
    terms.keys.update(dict.fromkeys((("topic", key) for key in topics), 1))
    return terms


WORDS = st.just("1\u202f000") | st.sampled_from(
    "parc Parcs PARC l’eau eau porte-parole the la 3,5 R&D a-a œuvre * –".split()
)
TEXTS = st.lists(WORDS | st.text(max_size=5), max_size=12).map(" ".join)
NAMES = st.lists(st.tuples(st.sampled_from(["fr", "en"]), TEXTS), max_size=2).map(tuple)


@st.composite
def documents(draw: st.DrawFn) -> SearchDocument:
    return document(
        f"s{draw(st.integers(0, 3))}",
        draw(st.sampled_from(["fr", "en", "es"])),
        title=draw(TEXTS),
        summary=draw(TEXTS),
        body=draw(TEXTS),
        topic_words=draw(NAMES),
        city=draw(st.sampled_from([None, "paris", "new-york"])),
    )


@given(st.lists(documents(), max_size=6))
def test_many_at_once_are_what_each_would_be_a_word_at_a_time(given: list[SearchDocument]) -> None:
    assert read(given) == [expected(each) for each in given]


@given(st.lists(documents(), max_size=6), st.integers(1, 200))
def test_batches_hold_every_document_once_and_in_order(
    given: list[SearchDocument], characters: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inverting, "AT_ONCE", characters)
        found = list(batches(iter(given)))
    assert all(found)
    assert [each for batch in found for each in batch] == given
    assert all(sum(len(d.body) for d in batch[:-1]) < characters for batch in found)


def test_a_title_weighs_three_times_and_keeps_its_stop_words() -> None:
    (terms,) = read([document("a", "en", title="What we heard", summary="We heard of it")])
    assert terms.words["heard"][0] == 3 + 2
    assert terms.words["what"][0] == 3
    assert "of" not in terms.words
    assert terms.stems("en") == {"heard"}


def test_positions_count_stop_words_and_leave_a_gap_between_fields() -> None:
    (terms,) = read([document("a", "fr", title="Un", summary="droit de la ville", body="fin")])
    droit, ville, fin = (terms.words[word][1][0] for word in ("droit", "ville", "fin"))
    assert ville - droit == 3
    assert fin - ville > 10


def test_a_hyphenated_word_is_in_three_ways() -> None:
    (terms,) = read([document("a", "fr", title="Porte-parole")])
    assert {"porte", "parole", "porteparole"} <= set(terms.words)
    assert terms.words["porteparole"][1] == terms.words["porte"][1]


def test_cities_are_indexed_under_each_language_that_names_them() -> None:
    given = document("a", "en", city_words=(("fr", "Londres"), ("en", "London")), title="Vienna")
    (terms,) = read([given])
    assert terms.stems("fr") == {analysis.language("fr").stem("londres")}
    assert {"london", "vienna"} <= terms.stems("en")
    assert len(terms.stems("en")) == 2


def test_names_of_topics_are_looked_up_whole_and_are_no_text() -> None:
    names_ = (("fr", "Logement"), ("en", "Housing and urban planning"), ("en", "land use"))
    given = document("a", "en", topics=("logement",), topic_words=names_, title="Vienna")
    (terms,) = read([given])
    assert terms.stems("fr") == set()
    assert terms.stems("en") == {"vienna"}
    assert terms.words["housing"] == (1, [NOWHERE])
    found = {key for field, key in terms.keys if field == "topic"}
    assert {"fr=log", "en/housing", "en/urban-plan", "en/land-use"} <= found


def test_a_text_of_any_length_keeps_positions_within_bounds() -> None:
    before = document("b", body="fin mot")
    long, other = read([document("a", body="mot " * 70_000 + "fin"), before])
    assert long.words["fin"][1] == [0xFFFF]
    assert max(long.words["mot"][1]) < 0xFFFF
    assert long.words["mot"][0] == 70_000
    assert other == read([before])[0]
