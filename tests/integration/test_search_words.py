"""Words that are one word to a reader find each other in both engines, the exact form first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from network.search.engine import SearchEngine
from tests.searching import document, names, put, search

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


PAIRS = [("fr", *pair) for pair in pairs(FRENCH)] + [("en", *pair) for pair in pairs(ENGLISH)]


@pytest.fixture(scope="module")
def numbered() -> dict[tuple[str, str, str], str]:
    """A short name for each pair’s studies."""
    return {pair: f"p{i}" for i, pair in enumerate(PAIRS)}


@pytest.fixture
def engine(open_index: Callable[[], SearchEngine]) -> SearchEngine:
    """An engine of each kind with a place of its own."""
    return open_index()


def test_forms_of_one_word_find_each_other_and_the_exact_one_comes_first(
    engine: SearchEngine,
) -> None:
    wrong = []
    for lang, one, other in PAIRS:
        put(engine, document("one", lang, body=one), document("other", lang, body=other))
        found = [names(search(engine, asked, lang=lang)) for asked in (one, other)]
        if found != [["one", "other"], ["other", "one"]]:
            wrong.append((one, other, found))
    assert not wrong, "\n".join(map(str, wrong))
