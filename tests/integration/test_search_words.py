"""Words that are one word to a reader find each other in both engines, the exact form first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from network.search.engine import SearchEngine
from tests.searching import document, names, put, search

DATA = Path(__file__).parent.parent / "data" / "words"

FRENCH = """
    loi/lois emploi/emplois ami/amis tri/tris essai/essais délai/délais appui/appuis roi/rois
    fourmi/fourmis tournoi/tournois étui/étuis abri/abris quai/quais défi/défis envoi/envois
    public/publique actif/active neuf/neuve blanc/blanche usager/usagère acteur/actrice
    sportif/sportives vif/vive bref/brève sec/sèche franc/franche frais/fraîche turc/turque
    grec/grecque étranger/étrangères boulanger/boulangère conseiller/conseillère fier/fière
    directeur/directrice électeurs/électrices auteur/autrice travailleur/travailleuse
    chercheur/chercheuses dangereux/dangereuse précieux/précieuse joyeux/joyeuse
    nouveau/nouvelle beau/belle vieux/vieille long/longue doux/douce faux/fausse bas/basse
    précis/précise villageois/villageoises lyonnais/lyonnaise tardif/tardive maire/mairesse
    enjeu/enjeux tuyau/tuyaux tout/toutes 13e/13ème 1er/1ère 2e/2nde XXe/XXème
    Saint-Denis/St-Denis Sainte-Anne/Ste-Anne Saint/St Sainte/Ste
    30_km/h|30km/h 20_m²|20m² 100_kWh|100kWh 8_h_30|8h30 5_M€|5M€ km/h|km_/_h
    tous·tes/toutes acteur·rices/actrices citoyen·ne·s/citoyennes agent(e)s/agentes
    étudiant.e.s/étudiantes élu-e-s/élues usager/ère|usagère conseiller(ère)s/conseillères
    acteur·rice·s/acteurs habitant•e•s/habitants tous.tes/tous l’agent·e|l’agente
"""
ENGLISH = """
    bus/buses gas/gases life/lives leaf/leaves metre/meter kerb/curb programme/program
    neighbourhood/neighborhood organisation/organization campus/campuses minibus/minibuses
    half/halves shelf/shelves knife/knives wolf/wolves thief/thieves scarf/scarves
    litre/liters kilometre/kilometers fibre/fiber theatre/theater labour/labor vapour/vapor
    behaviour/behaviors catalogue/catalog dialogue/dialogs defence/defense offence/offenses
    analyse/analyze analysed/analyzed crisis/crises analysis/analyses tyre/tires grey/gray
    cheque/check plough/plow ageing/aging travelling/traveling modelling/modeling
    enrolment/enrollment pedestrianise/pedestrianize decentralisation/decentralization
    judgement/judgment artefact/artifact aluminium/aluminum sceptic/skeptic mouse/mice
    13th/13e 1st/1er 22nd/22e 20_km|20km
"""


def pairs(text: str) -> list[tuple[str, str]]:
    """“one/other”, or “one|other” where a slash belongs to them; “_” is a space."""
    found = []
    for pair in text.split():
        one, _, other = pair.partition("|" if "|" in pair else "/")
        found.append((one.replace("_", " "), other.replace("_", " ")))
    return found


def kinds(name: str) -> list[tuple[str, str]]:
    """The kinds in a file: their language and name, and what is written of them."""
    _, *sections = (DATA / name).read_text("utf-8").split("\n[")
    return [(kind, text) for kind, _, text in (section.partition("]") for section in sections)]


ALIKE = [("fr as found first", FRENCH), ("en as found first", ENGLISH), *kinds("alike.txt")]
APART = kinds("apart.txt")


@pytest.fixture
def engine(open_index: Callable[[], SearchEngine]) -> SearchEngine:
    """An engine of each kind with a place of its own."""
    return open_index()


@pytest.mark.parametrize(("kind", "text"), ALIKE, ids=[kind for kind, _ in ALIKE])
def test_forms_of_one_word_find_each_other_and_the_exact_one_comes_first(
    engine: SearchEngine, kind: str, text: str
) -> None:
    wrong = []
    for one, other in pairs(text):
        lang = kind[:2]
        put(engine, document("one", lang, body=one), document("other", lang, body=other))
        found = [names(search(engine, asked, lang=lang)) for asked in (one, other)]
        if found != [["one", "other"], ["other", "one"]]:
            wrong.append((one, other, found))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(("kind", "text"), APART, ids=[kind for kind, _ in APART])
def test_words_that_are_only_alike_do_not_find_each_other(
    engine: SearchEngine, kind: str, text: str
) -> None:
    lang, words = kind[:2], [word for pair in pairs(text) for word in pair]
    put(engine, *(document(str(n), lang, body=word) for n, word in enumerate(words)))
    numbers = {word: names(search(engine, word, lang=lang)) for word in words}
    found = {word: [words[int(n)] for n in those] for word, those in numbers.items()}
    wrong = [(a, b) for a, b in pairs(text) if b in found[a] or a in found[b]]
    assert not wrong
    assert all(found[word][:1] == [word] for pair in pairs(text) for word in pair)


@pytest.mark.parametrize(
    ("lang", "asked", "found"),
    [
        ("fr", "chat", ["chat"]),
        ("fr", "châtiment", ["chatiment"]),
        ("fr", "sans", ["without", "apart"]),
        ("fr", "sans-abri", ["hyphen", "apart", "many"]),
        ("fr", "sans abri", ["apart", "hyphen", "many"]),
        ("en", "homeless", ["many", "hyphen", "apart"]),
        ("fr", "rez-de-chaussée", ["rez"]),
        ("en", "bike-lane", ["lane", "lanes", "joined"]),
        ("en", "bikelane", ["joined", "lane", "lanes"]),
        ("fr", "département", ["departement"]),
    ],
)
def test_compounds_are_one_thing_and_strangers_stay_apart(
    engine: SearchEngine, lang: str, asked: str, found: list[str]
) -> None:
    french = {
        "chat": "le chat dort", "chatiment": "le châtiment tombe", "departement": "le département",
        "depart": "le départ du train", "hyphen": "un sans-abri dort", "abri": "un abri de jardin",
        "apart": "un homme sans abri dort ici", "many": "des sans-abris dorment là",
        "without": "une ville sans voiture, sans bruit", "rez": "au rez-de-chaussée",
        "street": "la chaussée de la rue",
    }  # fmt: skip
    english = {
        "lane": "a bike-lane here", "lanes": "two bike lanes here", "joined": "one bikelane",
        "bike": "a bike shop in a narrow lane", "other": "a lane for buses, no bike",
    }  # fmt: skip
    put(
        engine,
        *(document(name, "fr", body=text) for name, text in french.items()),
        *(document(name, "en", body=text) for name, text in english.items()),
    )
    results = names(search(engine, asked, lang=lang))
    assert set(results) == set(found)
    assert results[:1] == found[:1]


def test_names_of_one_thing_find_each_other_where_they_are_several_words(
    engine: SearchEngine,
) -> None:
    put(
        engine,
        document("right", "en", body="The right to information, in law"),
        document("apart", "en", body="information is right there, in another law"),
        document("cada", "fr", body="La CADA a rendu un avis"),
        document("faith", "fr", body="la foi et la loi"),
    )
    assert set(names(search(engine, "FOI"))) == {"right", "cada"}
    assert set(names(search(engine, "accès à l’information", lang="fr"))) == {"right", "cada"}


def test_words_that_stand_together_and_in_the_title_come_first(engine: SearchEngine) -> None:
    long = " ".join(f"word{i}" for i in range(40))
    put(
        engine,
        document("title", title="Urban orchards", body=long),
        document("near", body=f"{long} urban orchards"),
        document("apart", body=f"urban {long} orchards"),
    )
    assert names(search(engine, "urban orchards")) == ["title", "near", "apart"]


def test_a_question_loses_its_small_words(engine: SearchEngine) -> None:
    put(
        engine,
        document("it", "fr", body="Les signatures d’une pétition"),
        document("how", "fr", body="Combien faut-il de comment et de pourquoi ?"),
    )
    asked = "combien de signatures faut-il pour une pétition ?"
    assert names(search(engine, asked, lang="fr")) == ["it"]


def test_what_nobody_knows_finds_nothing_rather_than_the_rest_of_the_question(
    engine: SearchEngine,
) -> None:
    put(engine, *(document(f"s{i}", body=f"housing and number{i}") for i in range(9)))
    assert names(search(engine, "Vienna housing")) == []


def test_a_word_is_as_rare_as_it_is_in_all_languages_together(engine: SearchEngine) -> None:
    foreign = document("foreign", "fr", body="Transparency International a suivi le projet")
    texts = [document(f"s{i}", body=f"transparency of budget number{i}") for i in range(6)]
    about = document("about", title="Transparency first", body="transparency of works")
    put(engine, foreign, document("foreign", body="the project was followed"), about, *texts)
    assert names(search(engine, "transparency"))[0] == "about"


def test_a_word_at_home_in_the_readers_language_is_not_read_in_the_other(
    engine: SearchEngine,
) -> None:
    put(
        engine,
        document("pain", body="a pain in the neck"),
        document("bread", body="bread for all schools"),
        document("boulangerie", "fr", body="le pain de la boulangerie"),
    )
    assert names(search(engine, "pain"))[0] == "pain"
    assert "bread" not in names(search(engine, "pain"))


def test_a_respelt_word_is_known_by_its_other_names(engine: SearchEngine) -> None:
    put(
        engine,
        document("hearing", "fr", body="une enquête publique a eu lieu, une concertation"),
        document("said", "fr", body="une consultation publique a eu lieu"),
        document("name", "fr", body="le logiciel Consul est public"),
    )
    results = search(engine, "consulation publique", lang="fr")
    assert names(results) == ["said", "hearing"]
    assert results.did_you_mean == "consultation publique"


def test_words_in_the_order_typed_come_before_the_same_words_near_each_other(
    engine: SearchEngine,
) -> None:
    put(
        engine,
        document("near", body="the board that met for a game, and the board, and the game of it"),
        document("typed", body="a long text about other things, with one board game in it"),
    )
    assert names(search(engine, "board game"))[0] == "typed"


def test_a_topic_is_named_as_a_whole_and_stands_behind_the_text(engine: SearchEngine) -> None:
    works = (("en", "Public procurement"), ("fr", "Marchés publics"), ("en", "tenders"))
    put(
        engine,
        document("topic", topics=("contracting",), topic_words=works, body="who built the school"),
        document("text", body="public procurement of schools"),
        document("other", topics=("contracting",), topic_words=works, body="a bridge"),
    )
    assert names(search(engine, "public procurement"))[0] == "text"
    assert set(names(search(engine, "marchés publics", lang="fr"))) >= {"topic", "text"}
    assert names(search(engine, "public")) == ["text"]


def test_a_compound_that_says_a_word_twice_is_not_taken_apart(engine: SearchEngine) -> None:
    put(engine, document("door", "fr", body="la porte de la ville est ouverte"))
    assert names(search(engine, "porte-à-porte", lang="fr")) == []


def test_of_two_words_that_nobody_has_together_one_alone_is_no_answer(
    engine: SearchEngine,
) -> None:
    put(engine, *(document(f"s{i}", body=f"number{i}") for i in range(60)))
    put(engine, document("campaign", body="a campaign for parks"))
    assert names(search(engine, "zeppelin campaign")) == []


def test_a_short_word_that_is_listed_is_found_in_whichever_language_it_stands(
    engine: SearchEngine,
) -> None:
    """“park” and “parc” have a line of their own, and are no abbreviations."""
    put(engine, document("fr", "fr", body="le Hyde Park"), document("en", body="a park"))
    assert set(names(search(engine, "park"))) == {"fr", "en"}
    assert set(names(search(engine, "park", lang="fr"))) == {"fr", "en"}


def test_what_is_an_abbreviation_in_the_other_language_alone_stays_a_word(
    engine: SearchEngine,
) -> None:
    put(engine, document("faith", "fr", body="la foi et la loi"), document("foi", body="FOI"))
    assert names(search(engine, "foi", lang="fr"))[0] == "faith"
    assert names(search(engine, "foi", lang="en")) == ["foi"]


def test_housing_is_another_thing_than_houses(engine: SearchEngine) -> None:
    put(engine, document("ten", title="Ten houses at a time"), document("said", body="housing"))
    assert names(search(engine, "housing")) == ["said"]
