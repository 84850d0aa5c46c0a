"""Categories as cities' sites write them, and the topics that they stand for."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.topics import service
from network.topics.matching import MOST, Matcher
from network.topics.models import Topic


def shipped() -> list[Topic]:
    topics = []
    for position, row in enumerate(service.shipped()):
        topics.append(Topic(slug=row["slug_en"]))
        service.put(topics[-1], row, position)
    return topics


TOPICS = shipped()
MATCHER = Matcher(TOPICS)

# As found on the sites of cities and of the press: label → topics, by the beginning of their slugs.
KNOWN = """
Budget participatif = participatory
BUDGET PARTICIPATIF = participatory
budgets-participatifs = participatory
#BudgetParticipatif = participatory
budgetparticipatif = participatory
Le budget participatif des collèges = participatory
Budget participatif 2024 = participatory
Participatory Budgeting = participatory
Participatory budgets = participatory
Participation = public-participation
Participation citoyenne = public-participation
Participation des habitants = public-participation
Démocratie locale = public-participation
Démocratie participative = public-participation
Concertations en cours = public-participation
Conseils de quartier = public-participation
Enquêtes publiques = public-participation
Community Engagement = public-participation
Public consultations = public-participation
Citizens' assemblies = public-participation
Have your say = public-participation
Open Data = open-data
opendata = open-data
#OpenData = open-data
open_data = open-data
Données ouvertes = open-data
Donnees ouvertes = open-data
Jeux de données = open-data
Données publiques = open-data
Transparence = access
Freedom of information (FOI) = access
Accès aux documents administratifs = access
Marchés publics = open-contracting
Marché public = open-contracting
Appels d'offres = open-contracting
Appel d’offres = open-contracting
Procurement & contracts = open-contracting
Commande publique responsable = open-contracting
Budget = fiscal
Budget et finances = fiscal
Finances = fiscal
Budget municipal 2025 = fiscal
Finances publiques = fiscal
Public spending = fiscal
Lutte contre la corruption = anti-corruption
Anticorruption = anti-corruption
Conflits d'intérêts = anti-corruption
Ethics = anti-corruption
Lanceurs d’alerte = anti-corruption
Services publics = public-services
Démarches administratives = public-services
Services municipaux = public-services
City services = public-services
Numérique = digital
Ville numérique = digital
Transition numérique = digital
Digital services = digital
Smart City = digital
smart cities = digital
Intelligence artificielle = digital
Artificial Intelligence (AI) = digital
E-government = digital
Civic Tech = civic-tech
CivicTech = civic-tech
Hackathons = civic-tech
Vie associative = civic-space
Associations = civic-space
Civil society = civic-space
Bénévolat = civic-space
Environnement = climate
ENVIRONNEMENT = climate
Environment = climate
Climat = climate
Plan climat = climate
Climate change = climate
Développement durable = climate
Sustainable Development = climate
Biodiversité = climate
Espaces verts = climate
Parcs et jardins = climate
Déchets = climate
Propreté et déchets = climate
Tri des déchets = climate
Transition écologique = climate
Transition énergétique = climate
Énergie = climate
Qualité de l'air = climate
Air quality = climate
Waste and recycling = climate
Nature en ville = -
Mobilité = mobility
Mobilités = mobility
Mobilités douces = mobility
mobilite = mobility
Transports = mobility
Transport & Mobility = mobility
Transports en commun = mobility
Vélo = mobility
Plan vélo = mobility
Pistes cyclables = mobility
Circulation et stationnement = mobility
Stationnement = mobility
Voirie = mobility
Cycling = mobility
Cycling & Walking = mobility
Roads = mobility
Public transport = mobility
Logement = housing
Logements sociaux = housing
Logement social = housing
Urbanisme = housing
Urbanisme et habitat = housing
Aménagement urbain = housing
Plan local d’urbanisme = housing
Rénovation urbaine = housing
Housing = housing
Affordable Housing = housing
Planning = housing
Planning applications = housing
Urban Planning = housing
Égalité femmes-hommes = inclusion
Égalité femmes/hommes = inclusion
Gender equality = inclusion
Handicap = inclusion
Accessibilité = inclusion
Solidarité = inclusion
Solidarités = inclusion
Seniors = inclusion
Lutte contre les discriminations = inclusion
Action sociale = inclusion
Inclusion = inclusion
Diversity & Inclusion = inclusion
Jeunesse = youth
Enfance et jeunesse = youth
Petite enfance = youth
Écoles = youth
École = youth
Éducation = youth
Vie scolaire = youth
Restauration scolaire = youth
Schools = youth
Youth = youth
Children and families = youth
Young people = youth
Accès au droit = justice
Human rights = justice
Évaluation des politiques publiques = social
Accountability = social
Formation des agents = capacity
Training = capacity
Press freedom = media
Liberté de la presse = media
Transport / Environnement = mobility climate
Urbanisme, logement et mobilité = housing mobility
Climat, énergie = climate
Environnement & mobilités = climate mobility
Éducation - Jeunesse = youth
Numérique et inclusion = digital inclusion
Inclusion numérique = inclusion digital
Politique > Logement = housing
Actualités : Environnement = climate
Open data et transparence = open-data access
Jeunesse | Sport = youth
"""
UNKNOWN = """
Actualités;News;Uncategorized;Non classé;Agenda;Événements;Events;Culture;Sport;Sports;Tourisme
À la une;Blog;Communiqués;Communiqué de presse;Presse;Press;Press releases;Espace presse;Paris
Podcast;Vidéos;Emploi;Jobs;Recrutement;Conseil municipal;City council;Mairie;Musique;Cinéma;Santé
Health;Sécurité;Police;Vie municipale;Le magazine;Newsletter;2024;Featured;General;Divers
Expositions;Bibliothèques;Libraries;Concerts;Patrimoine;Histoire;Économie;Business
Uncategorised;Archives;Photos;Interview;Portrait;Quartiers;Travaux;Conseil;Élections;Elections;-;&;
"""


def rows() -> list[tuple[str, list[str]]]:
    pairs = (line.split(" = ") for line in KNOWN.strip().splitlines())
    return [(label, [] if topics == "-" else topics.split()) for label, topics in pairs]


@pytest.mark.parametrize(("label", "starts"), rows())
def test_a_category_of_a_city_s_site_becomes_the_topic_that_it_means(
    label: str, starts: list[str]
) -> None:
    found = MATCHER.match([label])
    assert len(found) == len(starts), found
    assert all(slug.startswith(start) for slug, start in zip(found, starts, strict=True)), found


@pytest.mark.parametrize("label", [u.strip() for u in UNKNOWN.replace("\n", ";").split(";")])
def test_a_category_that_means_none_of_our_topics_becomes_none(label: str) -> None:
    assert MATCHER.match([label]) == ()


def test_every_name_and_synonym_of_a_topic_leads_to_it() -> None:
    for topic in TOPICS:
        for name in topic.titles():
            assert MATCHER.match([name]) == (topic.slug,), name
        for name in topic.all_synonyms():
            if name not in ("press", "presse"):
                assert topic.slug in MATCHER.match([name]), name


def test_the_labels_are_of_topics_that_there_are() -> None:
    with (files("network.topics") / "data" / "labels.csv").open(encoding="utf-8") as file:
        assert [row["slug"] for row in csv.DictReader(file)] == [topic.slug for topic in TOPICS]


def test_categories_together_give_each_topic_once_and_no_more_than_a_few() -> None:
    assert MATCHER.match(["Vélo", "Transports", "Open data", "Vélos"]) == ("mobility", "open-data")
    assert len(MATCHER.match([topic.name("en") for topic in TOPICS])) == MOST


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_labels_give_topics_of_ours(labels: list[str]) -> None:
    assert set(MATCHER.match(labels)) <= {topic.slug for topic in TOPICS}
