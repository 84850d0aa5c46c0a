"""Each language takes as one word what its readers take as one."""

from __future__ import annotations

import pytest

from network.search import analysis
from tests.searching import document


@pytest.mark.parametrize(
    ("lang", "forms"),
    [
        ("fr", "travail travaux"),
        ("fr", "municipal municipale municipaux municipales"),
        ("fr", "publie publiee publiees publies"),
        ("fr", "premier premiere premieres premiers"),
        ("fr", "citoyen citoyens"),
        ("fr", "jeu jeux"),
        ("fr", "journal journaux"),
        ("fr", "elu elus"),
        ("fr", "velo velos"),
        ("fr", "numero numeros"),
        ("en", "city cities"),
        ("en", "child children"),
        ("en", "woman women"),
        ("en", "organisation organization organisations organizations"),
        ("en", "organise organize organizing organised"),
        ("en", "neighbourhood neighborhood neighborhoods"),
        ("en", "centre center centers"),
        ("en", "programme program programs"),
        ("en", "school schools"),
        ("xx", "ciudades"),
    ],
)
def test_forms_of_a_word_have_one_stem(lang: str, forms: str) -> None:
    stems = {analysis.language(lang).stem(form) for form in forms.split()}
    assert len(stems) == 1


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [("en", "universe", "union"), ("fr", "ville", "vil"), ("en", "3.5", "3"), ("xx", "si", "sis")],
)
def test_different_words_keep_different_stems(lang: str, one: str, other: str) -> None:
    language = analysis.language(lang)
    assert language.stem(one) != language.stem(other)


def test_language_tags_choose_the_rules() -> None:
    tags = ("fr", "fr-CA", "FR", "en-GB", "es", "")
    assert [analysis.language(t).code for t in tags] == ["fr", "fr", "fr", "en", "xx", "xx"]


def test_a_title_weighs_three_times_and_keeps_its_stop_words() -> None:
    terms = analysis.terms(document("a", "en", title="What we heard", summary="We heard of it"))
    assert terms.words["heard"][0] == 3 + 2
    assert terms.words["what"][0] == 3
    assert "of" not in terms.words
    assert set(terms.stems["en"]) == {"heard"}


def test_positions_count_stop_words_and_leave_a_gap_between_fields() -> None:
    terms = analysis.terms(document("a", "fr", title="Un", summary="droit de la ville", body="fin"))
    droit, ville, fin = (terms.words[word][1][0] for word in ("droit", "ville", "fin"))
    assert ville - droit == 3
    assert fin - ville > 10


def test_a_hyphenated_word_is_in_three_ways() -> None:
    terms = analysis.terms(document("a", "fr", title="Porte-parole"))
    assert {"porte", "parole", "porteparole"} <= set(terms.words)
    assert terms.words["porteparole"][1] == terms.words["porte"][1]


def test_topics_and_cities_are_indexed_under_each_language_that_names_them() -> None:
    terms = analysis.terms(
        document("a", "en", topic_words=(("fr", "Logement"), ("en", "Housing")), title="Vienna")
    )
    assert set(terms.stems["fr"]) == {"log"}
    assert "log" not in terms.stems["en"]
    assert {"hous", "vienna"} <= set(terms.stems["en"])


def test_a_text_of_any_length_keeps_positions_within_bounds() -> None:
    terms = analysis.terms(document("a", body="mot " * 70_000 + "fin"))
    assert terms.words["fin"][1] == [0xFFFF]
    assert max(terms.words["mot"][1]) < 0xFFFF
