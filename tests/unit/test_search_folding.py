"""Text becomes the same words however it was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.search import folding


def words(text: str) -> list[str]:
    return [word for found in folding.scan(text) for word in folding.piece(found[0]).words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cœur", "coeur"),
        ("ex æquo", "ex aequo"),
        ("e\u0301te\u0301", "ete"),
        ("ÉTÉ", "ete"),
        ("Straße", "strasse"),
        ("København", "kobenhavn"),
        ("İstanbul", "istanbul"),
        ("ﬁnances", "finances"),
        ("l'eau", "eau"),
        ("l’eau", "eau"),
        ("d`eau", "eau"),
        ("qu’elle", "elle"),
        ("jusqu'ici lorsqu'on puisqu'il quoiqu'elle", "ici on il elle"),
        ("j'ai n'est s'il t'es m'a c'est", "ai est il es a est"),
        ("aujourd'hui", "aujourdhui"),
        ("d’aujourd’hui", "aujourdhui"),
        ("qu'aujourd'hui", "aujourdhui"),
        ("prud’hommes", "prudhommes"),
        ("city's", "city"),
        ("1’s", "1s"),
        ("don’t", "dont"),
        ("O'Brien", "obrien"),
        ("1 000", "1000"),
        ("1\u00a0000", "1000"),
        ("1\u202f000\u202f000", "1000000"),
        ("1,000", "1000"),
        ("1.000", "1000"),
        ("1'000", "1000"),
        ("1,000.50", "1000.5"),
        ("10\u202f000,25", "10000.25"),
        ("3,5", "3.5"),
        ("3.50", "3.5"),
        ("0,500", "0.5"),
        ("2014 500", "2014 500"),
        ("23.09.2014", "23 09 2014"),
        ("1.2.3", "1 2 3"),
        ("01 23 45", "01 23 45"),
        ("R&D", "r&d"),
        ("R & D", "r&d"),
        ("AT&T", "at&t"),
        ("eau&gaz", "eau gaz"),
        ("S.N.C.F.", "sncf"),
        ("S.N.C.F", "sncf"),
        ("É.N.A.", "ena"),
        ("co\u00adopération", "cooperation"),
        ("dévelop\u200bpement", "developpement"),
        ("zéro\u2060\ufeffdéchet", "zerodechet"),
        ("CO2", "co2"),
        ("NGOs S.M.E.s EVs", "ngo sme ev"),
        ("US U.S. us", "usa usa us"),
        ("XIIIe VIe XXIème Ier vie Ive", "13e 6e 21e 1e vie ive"),
        ("13 ème 2ᵉ", "13eme 2e"),
        ("n° 5", "numero 5"),
        ("Nº 5", "numero 5"),
        ("Us As Ab A1s", "us as ab a1s"),
        ("a.b US", "a b usa"),
        ("3,05 3.00", "3.05 3"),
        ("R& D", "r&d"),
        ("qu'qu'qu'il", "il"),
        ("qu'qu'qu'qu'il", "quil"),
        ("d'1990's", "1990s"),
        ("1990’s", "1990s"),
        ("2,5t", "2.5 t"),
        ("citoyens-citoyennes", "citoyens citoyennes"),
        ("snake_case", "snake case"),
        ("a/b", "a b"),
        ("— « ! » …", ""),
        ("l'", "l"),
    ],
)
def test_a_text_becomes_these_words(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("porte-parole", "porteparole"),
        ("vice‑président", "vicepresident"),
        ("co-operation", "cooperation"),
        ("e-mail", "email"),
        ("eau&gaz", None),
        ("parole", None),
        ("c'est-à-dire-donc", None),
        ("citoyens-citoyennes", None),
        ("NGOs", "ngos"),
        ("XIIIe", "xiiie"),
        ("Köln", "koeln"),
        ("Århus", "aarhus"),
        ("ambigüe", None),
        ("porte-à-faux", "porteafaux"),
        ("a-b-c-d", None),
        ("abc-abd", "abcabd"),
        ("abcd-abce", None),
        ("bio-biogaz", "biobiogaz"),
        ("ONgs", None),
        ("ABs", "abs"),
        ("30km/h", "30kmh"),
        ("1,5M€", "1.5m"),
        ("8h30", "8h30"),
    ],
)
def test_a_hyphenated_word_is_also_one_word(text: str, joined: str | None) -> None:
    assert folding.piece(text).joined == joined


@pytest.mark.parametrize(
    ("text", "men", "marked"),
    [
        ("citoyen·ne", "citoyen", "citoyen·ne"),
        ("citoyen·ne·s", "citoyens", "citoyen·ne·s"),
        ("citoyen·nes", "citoyens", "citoyen·nes"),
        ("agent(e)s", "agents", "agent·e·s"),
        ("agent.e.s", "agents", "agent·e·s"),
        ("usager/ère", "usager", "usager·ere"),
        ("acteur·rices", "acteurs", "acteur·rices"),
        ("tous·tes", "tous", "tous·tes"),
        ("bus·se", "bus", "bus·se"),
        ("heureux·ses", "heureux", "heureux·ses"),
        ("élu·e·x", "elux", "elu·e·x"),
        ("aa·e·s·x", "aas", "aa·e·s·x"),
        ("ab·e", "ab", "ab·e"),
        ("l’élu·e", "elu", "elu·e"),
        ("intellectuel·le", "intellectuel", "intellectuel·le"),
        ("étudiant-e", "etudiant", "etudiant·e"),
        ("étudiant-e-s", "etudiants", "etudiant·e·s"),
    ],
)
def test_a_word_for_women_and_men_is_the_word_for_men_and_as_it_is_marked(
    text: str, men: str, marked: str
) -> None:
    assert folding.piece(text) == ((men,), marked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prenez-le", ("prenez", "le")),
        ("dit-elle", ("dit", "elle")),
        ("les·un·e", ("les", "un", "e")),
        ("aide·soignant·e", ("aide", "soignant", "e")),
        ("copain·copine", ("copain", "copine")),
        ("12·e", ("12", "e")),
        ("lo·ne·e", ("lo", "ne", "e")),
        ("a·e", ("a", "e")),
    ],
)
def test_other_words_that_are_joined_stay_several(text: str, expected: tuple[str, ...]) -> None:
    assert tuple(words(text)) == expected


@pytest.mark.parametrize(
    ("numeral", "number"), [("i", 1), ("iv", 4), ("vi", 6), ("ix", 9), ("xiv", 14), ("xix", 19)]
)
def test_roman_numerals(numeral: str, number: int) -> None:
    assert folding.roman(numeral) == number


def test_a_chain_of_words_is_cut_into_pieces() -> None:
    assert max(len(folding.piece(found[0]).words) for found in folding.scan("a-" * 1000)) == 16
    assert len(words("a-" * 1000)) == 1000


def test_a_word_has_an_end() -> None:
    assert [len(word) for word in words("a" * 1000)] == [folding.LONGEST_WORD]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folding.fold(folding.fold(text)) == folding.fold(text)


@given(st.text(st.characters(categories=["L", "M"])))
def test_composed_and_decomposed_are_the_same(text: str) -> None:
    nfc, nfd = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert folding.fold(nfc) == folding.fold(nfd)


@given(st.text())
def test_the_words_of_any_text_are_words_already(text: str) -> None:
    for word in words(text):
        assert word
        assert len(word) <= folding.LONGEST_WORD
        assert folding.fold(word) == word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("New York", "new-york"),
        ("São Paulo", "sao-paulo"),
        ("Accès à l'information", "acces-a-l-information"),
        ("L’Eau", "eau"),
        ("St Denis", "Saint-Denis"),
        ("Sainte Marie", "ste-marie"),
    ],
)
def test_a_name_and_its_slug_have_one_key(one: str, other: str) -> None:
    assert folding.key(one) == folding.key(other) != ""


@pytest.mark.parametrize(
    ("name", "key"), [("Aix en P", "aix-en"), ("X", "x"), ("A B", "a-b"), ("le Mans", "le-mans")]
)
def test_lone_letters_count_only_where_there_is_nothing_else(name: str, key: str) -> None:
    assert folding.key(name) == key
