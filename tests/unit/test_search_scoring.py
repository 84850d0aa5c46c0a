"""Scores over whole arrays are what each document's would be, worked out by the formulas alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.search import analysis, placing, postings, terms
from network.search.asked import Term, Word
from network.search.inverting import Inverted, invert
from network.search.postings import EMPTY, SCORED, Documents, Ids, Mask, Postings
from network.search.scoring import Matched, match, normalisation
from network.search.studies import Column, Columns
from network.search.values import SearchDocument
from tests.searching import document

K1, B = 1.2, 0.5


class Held:
    """An index of a few documents, of the posting lists that both engines keep."""

    def __init__(self, documents: Sequence[SearchDocument], gone: Sequence[int] = ()) -> None:
        batch = invert(documents)
        self.live = np.array([i not in gone for i in range(len(documents))], np.bool_)
        self._postings: dict[tuple[str, str], Postings] = {}
        self._places: dict[str, Ids] = {}
        for part in (batch.words, batch.stems, batch.keys):
            self._keep(part)
        langs = sorted({each.lang for each in documents})
        codes = np.array([langs.index(each.lang) for each in documents], np.int64)
        held = {name: batch.lengths[:, i].astype(np.float32) for i, name in enumerate(SCORED)}
        self.lengths = {name: np.where(self.live, of, 0) for name, of in held.items()}
        none = Column(("",), np.zeros(len(documents), np.int64))
        categories = dict.fromkeys(postings.CATEGORIES, none) | {"lang": Column(langs, codes)}
        self.documents: Documents = Columns(
            live=self.live,
            study=np.array([postings.study_hash(each.study_key) for each in documents], np.uint64),
            published=np.zeros(len(documents), np.int64),
            completeness=np.zeros(len(documents), np.uint8),
            categories=categories,
            lengths=held,
        ).arrays()[0]

    def _keep(self, part: Inverted) -> None:
        for number, (name, term) in enumerate(part.terms):
            start, end = part.starts[number : number + 2]
            ids = part.documents[start:end].astype(np.int64)
            keep = self.live[ids]
            weights = part.weights[start:end].astype(np.float32)
            self._postings[name, term] = Postings(ids[keep], weights[keep])
            if name == "words":
                bounds = part.places[start : end + 1]
                owners = np.repeat(ids, np.diff(bounds))
                places = part.positions[bounds[0] : bounds[-1]].astype(np.int64)
                self._places[term] = (owners << 16) | places

    def postings(self, name: str, term: str) -> Postings:
        return self._postings.get((name, term), EMPTY)

    def knows(self, word: str) -> bool:
        return word in self._places

    def occurrences(self, word: str, among: Mask) -> Ids:
        found = self._places.get(word, np.empty(0, np.int64))
        return found[among[found >> 16]]


@dataclass
class Plain:
    """The same, a document at a time and without arrays, for words that stand for themselves."""

    index: Held
    documents: Sequence[SearchDocument]
    gone: Sequence[int]

    def has(self, name: str, term: str, number: int) -> float:
        found = self.index.postings(name, term)
        return dict(zip(found.ids.tolist(), found.weights.tolist(), strict=True)).get(number, 0.0)

    def norm(self, name: str, number: int) -> float:
        present = [length for length in self.index.lengths[name].tolist() if length > 0]
        average = sum(present) / len(present) if present else 1.0
        return K1 * ((1 - B) + B * float(self.index.lengths[name][number]) / average)

    def frequency(self, name: str, term: str, number: int) -> float:
        weight = self.has(name, term, number)
        return (K1 + 1) * weight / (weight + self.norm(name, number)) if weight else 0.0

    def here(self) -> list[int]:
        return [i for i in range(len(self.documents)) if i not in self.gone]

    def in_language(self, number: int, code: str) -> bool:
        key = self.documents[number].study_key
        return any(
            self.documents[i].study_key == key and self.documents[i].lang == code
            for i in self.here()
        )

    def fields(self, word: Word, words: Sequence[Word], spoken: str | None) -> list[str]:
        stops = {
            code: analysis.language(code).stop
            | (analysis.language(spoken).stop if spoken else frozenset())
            for code in analysis.LANGUAGES
        }
        only = {code for code in stops if all(each.text in stops[code] for each in words)}
        return [code for code in stops if code in only or word.text not in stops[code]]

    def forms(self, word: Word, code: str, number: int) -> tuple[float, float]:
        """(score, how surely) by one language's field."""
        if word.tongue not in ("", code):
            return 0.0, 0.0
        own = self.documents[number].lang == code
        if word.text in analysis.language(code).stop:
            return (1.0, 1.0) if own and self.has("words", word.text, number) else (0.0, 0.0)
        score = sure = 0.0
        for form in (word.text, *word.others, *word.beside):
            stem = analysis.language(code).stem(form)
            if not self.has(code, stem, number):
                continue
            if own:
                made = self.frequency(code, stem, number) * (0.9 if form in word.beside else 1.0)
                if form in word.others:
                    made *= self.rarer(code, stem, analysis.language(code).stem(word.text))
                score, sure = max(score, made), 1.0
            elif not self.in_language(number, code):
                score, sure = max(score, 1.0), max(sure, 0.8)
        return score, sure

    def rarer(self, code: str, form: str, word: str) -> float:
        total = len(self.here())
        having = [len(self.index.postings(code, stem).ids) for stem in (form, word)]
        return told_by(total, having[0]) / told_by(total, having[1])

    def scores(self, word: Word, fields: Sequence[str]) -> tuple[list[float], list[float]]:
        every = range(len(self.documents))
        pairs = [[self.forms(word, code, i) for code in fields] for i in every]
        made = [max((s for s, _ in found), default=0.0) for found in pairs]
        sure = [max((s for _, s in found), default=0.0) for found in pairs]
        nobody = not any(made)
        for code, stem, apt in word.meanings:
            asked_in = "en" if code == "fr" else "fr"
            for i in every:
                if self.has(code, stem, i) and (nobody or not self.in_language(i, asked_in)):
                    made[i] = max(made[i], 1.1 * apt * self.frequency(code, stem, i))
                    sure[i] = 1.0
        for i, about in enumerate(terms.about(self.index, word).tolist()):
            made[i] += about
            sure[i] = 1.0 if about else sure[i]
        studies = {self.documents[i].study_key for i in self.here()}
        holding = {self.documents[i].study_key for i in every if made[i] > 0}
        worth = 1.0 if word.typed else 0.35
        for i in every:
            exact = self.has("words", word.typed or word.text, i)
            more = worth * exact / (exact + self.norm("words", i)) if exact else 0.0
            made[i] *= told_by(len(studies), len(holding)) * (1 + more)
        return made, sure

    def match(self, words: Sequence[Word], spoken: str | None) -> list[tuple[float, ...]]:
        """(score, plain, share, whole) of each document."""
        words = terms.named(self.index, words)
        every = range(len(self.documents))
        scores, held = [0.0 for _ in every], [0.0 for _ in every]
        asked: Counter[str] = Counter()
        weights: dict[str, float] = {}
        for word in words:
            fields = self.fields(word, words, spoken)
            if not fields:
                continue
            made, sure = self.scores(word, fields)
            having = sum(1 for score in made if score)
            weight = 1 + math.log(1 + (len(self.here()) - having + 0.5) / (having + 0.5))
            little = 0.25 if word.weak and word.bound < 0 else 1.0
            weight *= little
            for i in every:
                scores[i] += little * made[i]
                held[i] += weight * sure[i]
            for code in fields:
                asked[code] += weight
            weights[word.text] = weight
        most = [max(1e-3, asked[each.lang]) for each in self.documents]
        shares = [min(1.0, held[i] / most[i]) for i in every]
        for word in words:
            if any(word.text in analysis.language(code).stop for code in analysis.LANGUAGES):
                for i in every:
                    if scores[i] > 0 and self.has("words", word.text, i):
                        scores[i] += 0.25
        told = [word for word in words if word.text in weights]
        given_ = np.array([scores[i] * shares[i] for i in every], np.float32)
        placed = placing.placed(self.index, told, weights, given_)
        found = []
        for i in every:
            whole = (held[i] + float(placed.together[i])) / max(
                1e-3, asked[self.documents[i].lang] + placed.most
            )
            titled = float(placed.titled[i]) + self.titled_elsewhere(told, weights, i)
            plain = scores[i] * min(1.0, whole) ** 2 * (1 + min(1.0, titled))
            score = plain * (1 + 0.5 * bool(placed.phrased[i]))
            found.append((score, plain, shares[i], min(1.0, whole)))
        return found

    def titled_elsewhere(
        self, words: Sequence[Word], weights: dict[str, float], number: int
    ) -> float:
        total = 0.0
        for word in words:
            apts = [
                apt
                for code, stem, apt in word.meanings
                if self.has(code, stem, number) >= 3
                and not self.in_language(number, "en" if code == "fr" else "fr")
            ]
            total += weights[word.text] / sum(weights.values()) * max(apts, default=0.0)
        return total


def told_by(total: int, holding: int) -> float:
    return math.log(1 + (max(0, total - holding) + 0.5) / (holding + 0.5))


ENGLISH = "bike bikes plan city water the of garden council".split()
FRENCH = "vélo vélos plan eau ville le de jardin conseil".split()
FORMS = st.sampled_from([*ENGLISH, *FRENCH, "bikeplan"])


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[SearchDocument], list[int]]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        for lang in draw(st.sampled_from([("en",), ("fr",), ("en", "fr")])):
            vocabulary = st.lists(st.sampled_from(ENGLISH if lang == "en" else FRENCH), max_size=6)
            title, summary, body = (" ".join(draw(vocabulary)) for _ in range(3))
            city = draw(st.sampled_from([(), (("fr", "eau"), ("en", "water"))]))
            topic = draw(st.sampled_from([(), (("fr", "vélo"),), (("en", "water bike"),)]))
            made.append(
                document(f"s{number}", lang, title=title, summary=summary, body=body,
                         topic_words=topic, city_words=city)
            )  # fmt: skip
    gone = draw(st.sets(st.integers(0, len(made) - 1), max_size=len(made) - 1))
    return made, sorted(gone)


@st.composite
def queries(draw: st.DrawFn) -> list[Word]:
    texts = draw(st.lists(FORMS, min_size=1, max_size=4, unique=True))
    made = []
    for place, text in enumerate(texts):
        meaning = draw(st.sampled_from([(), ("fr", "vélo"), ("en", "water"), ("fr", "jardin")]))
        meanings = ()
        if meaning:
            stem = analysis.language(meaning[0]).stem(meaning[1])
            meanings = ((meaning[0], stem, draw(st.sampled_from([0.4, 1.0]))),)
        made.append(
            Word(
                text.replace("é", "e"),
                place,
                others=draw(st.sampled_from([(), ("bikes",), ("water",)])),
                beside=draw(st.sampled_from([(), ("garden",)])),
                meanings=meanings,
                tongue=draw(st.sampled_from(["", "", "fr"])),
                bound=draw(st.sampled_from([-1, -1, 0])),
            )
        )
    return made


@given(corpora(), queries(), st.sampled_from([None, "en", "fr"]))
def test_a_document_scores_as_the_formulas_say(
    corpus: tuple[list[SearchDocument], list[int]], words: list[Word], spoken: str | None
) -> None:
    documents, gone = corpus
    index = Held(documents, gone)
    found = match(index, words, spoken)
    expected = Plain(index, documents, gone).match(words, spoken)
    made = zip(found.scores, found.plain, found.shares, found.whole, strict=True)
    for i, (got, wanted) in enumerate(zip(made, expected, strict=True)):
        if i not in gone:
            assert got == pytest.approx(wanted, rel=2e-3, abs=1e-4), documents[i]


def test_of_a_compound_it_counts_that_its_parts_stand_together() -> None:
    given_ = [document("a", title="bike plan"), document("b", title="plan the bike garden")]
    word = Word("bikeplan", parts=("bike", "plan"))
    found = match(Held(given_), [word])
    assert found.scores[0] > 0 == found.scores[1]
    assert found.shares.tolist() == [1, 0]


def test_a_term_counts_as_well_as_it_stands_for_what_was_typed() -> None:
    given_ = [document("a", title="water garden"), document("b", title="council")]
    terms = (Term("en", ((0, "water"), (1, "garden")), 0.5),)
    alone = match(Held(given_), [Word("council", terms=terms)])
    assert alone.shares.tolist() == [0.5, 1]
    assert 0 < alone.scores[0] < alone.scores[1]
    better = (terms[0]._replace(weight=0.9),)
    assert match(Held(given_), [Word("council", terms=better)]).scores[0] > alone.scores[0]


def test_the_very_writing_is_worth_more_than_the_form_alone() -> None:
    given_ = [document("a", title="bike-plan"), document("b", title="bike plan")]
    index = Held(given_)
    plain = match(index, [Word("bikeplan", parts=("bike", "plan"))])
    typed = match(index, [Word("bikeplan", parts=("bike", "plan"), typed="bike-plan")])
    assert typed.scores[0] > plain.scores[0]
    assert typed.scores[1] == pytest.approx(plain.scores[1])


def test_without_documents_nothing_is_found() -> None:
    assert normalisation(np.zeros(2, np.float32)).tolist() == pytest.approx([K1 * (1 - B)] * 2)
    assert match(Held([document("a", title="bike")]), []).scores.tolist() == [0]


def test_what_is_too_long_for_its_neighbours_is_normalised_by_all_that_have_words() -> None:
    lengths = np.array([0, 1, 3], np.float32)
    assert normalisation(lengths).tolist() == pytest.approx(
        [K1 * (1 - B), K1 * (1 - B + B / 2), K1 * (1 - B + B * 3 / 2)]
    )


def test_a_stop_word_counts_in_titles_of_what_is_found_otherwise() -> None:
    index = Held([document("a", title="The bike"), document("b", title="The plan")])
    found = match(index, [Word("bike"), Word("the", 1)])
    alone = match(index, [Word("bike")])
    assert found.scores[0] > alone.scores[0]
    assert found.scores[1] == 0


def test_a_compound_is_looked_for_in_each_language() -> None:
    given_ = [
        document("a", "fr", title="porte parole"),
        document("b", "en", title="garden"),
        document("c", "en", title="bike plan"),
    ]
    index = Held(given_)
    assert match(index, [Word("porteparole", parts=("porte", "parole"))]).shares.tolist() == [
        1,
        0,
        0,
    ]
    assert match(index, [Word("bikeplan", parts=("bike", "plan"))]).shares.tolist() == [0, 0, 1]


def matched(*rows: tuple[float, float, float]) -> Matched:
    """Of each document: score, without order, and how much of it all it has."""
    scores, plain, whole = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    return Matched(scores, plain, whole, whole)


@pytest.mark.parametrize(
    ("rows", "least", "chosen"),
    [
        ([(1, 1, 1), (1, 1, 0.6), (1, 1, 0.59)], 0, [0, 1]),
        ([(1, 1, 0.5), (1, 1, 0.3), (1, 1, 0.29)], 0, [0, 1]),
        ([(1, 1, 0.5), (1, 1, 0.3)], 0.4, [0]),
        ([(1, 1, 1), (0, 1, 1)], 0, [0]),
        ([(2, 2, 1), (2, 0.3, 1), (2, 0.29, 1)], 0, [0, 1]),
        ([(2, 2, 0.1), (0.1, 0.1, 1)], 0, [1]),
        ([(0, 0, 0)], 0, []),
    ],
)
def test_what_has_enough_and_is_not_far_behind_the_best_is_chosen(
    rows: list[tuple[float, float, float]], least: float, chosen: list[int]
) -> None:
    among = np.ones(len(rows), np.bool_)
    assert np.flatnonzero(matched(*rows).chosen(among, least)).tolist() == chosen


def test_the_best_is_looked_for_among_those_that_are_asked_for() -> None:
    of = matched((9, 9, 1), (1, 1, 0.5), (1, 1, 0.3))
    assert of.chosen(np.array([False, True, True])).tolist() == [False, True, True]
    assert of.chosen(np.array([True, True, True])).tolist() == [True, False, False]
