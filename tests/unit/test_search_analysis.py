"""Each language takes as one word what its readers take as one."""

from __future__ import annotations

import pytest

from network.search import analysis


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
        ("fr", "conflit conflits"),
        ("fr", "loisir loisirs"),
        ("fr", "opinion opinions"),
        ("fr", "recycler recyclage recyclent recyclee"),
        ("fr", "construire construit construction construisent"),
        ("fr", "planifier planifie planifiees planification"),
        ("en", "policewoman policewomen"),
        ("en", "authority authorities"),
        ("en", "plough ploughing plowed"),
        ("xx", "13e xiiie xiiieme 13th"),
    ],
)
def test_forms_of_a_word_have_one_stem(lang: str, forms: str) -> None:
    stems = {analysis.language(lang).stem(form) for form in forms.split()}
    assert len(stems) == 1


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("en", "universe", "union"),
        ("fr", "ville", "vil"),
        ("en", "3.5", "3"),
        ("xx", "si", "sis"),
        ("fr", "client", "clie"),
        ("fr", "village", "ville"),
        ("fr", "vie", "6e"),
        ("en", "parking", "park"),
        ("en", "specimen", "speciman"),
    ],
)
def test_different_words_keep_different_stems(lang: str, one: str, other: str) -> None:
    language = analysis.language(lang)
    assert language.stem(one) != language.stem(other)


def test_language_tags_choose_the_rules() -> None:
    tags = ("fr", "fr-CA", "FR", "en-GB", "es", "")
    assert [analysis.language(t).code for t in tags] == ["fr", "fr", "fr", "en", "xx", "xx"]


def test_another_writing_of_a_word_is_found_and_counts_once() -> None:
    assert analysis.language("fr").piece("XIIIe").words == (("13e", 0, "13e"), ("xiiie", 0, ""))
