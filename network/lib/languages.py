"""The languages of the pages, a row each: what of a language is neither in its catalogue nor among
the words that search knows (CONTRIBUTING.md, “Add a language”)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from babel import Locale


@dataclass(frozen=True, slots=True)
class Language:
    """code: BCP 47, the first part of its addresses. locale: how it writes dates and numbers.

    words: a word of an address, or of a file's name, in English → in this language, without
    accents; `cities/join` says what `join` is after `cities`. A word that is missing stays English.
    They are promised: change one only with a redirect. sections: the headings of a study's problem,
    approach, results and lessons, which are part of its text; none: the English ones, marked so.
    files: the same headings in exported files, where only the mark after them counts. network: what
    every new site is called, and the network of all of them. colon: what ends a label.
    """

    code: str
    locale: Locale
    words: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    network: str = "Pioneer Cities"
    colon: str = ":"


FRENCH = Language(
    "fr",
    Locale("fr", "FR"),
    MappingProxyType(
        {
            "about": "a-propos",
            "accept-site": "accepter-le-site",
            "accessibility": "accessibilite",
            "account": "compte",
            "adoptions": "reprises",
            "autosave": "enregistrer",
            "block": "bloquer",
            "case-studies": "etudes-de-cas",
            "cities": "villes",
            "cities/join": "reunir",
            "city": "ville",
            "compare": "comparer",
            "comparison": "comparaison",
            "confirm": "confirmer",
            "decide": "decider",
            "desk": "bureau",
            "elsewhere": "ailleurs",
            "embed": "integrer",
            "end": "arreter",
            "feeds": "flux",
            "follow": "suivre",
            "history": "historique",
            "import": "importer",
            "jobs": "taches",
            "join": "rejoindre",
            "lineage": "filiation",
            "link": "lien",
            "lists": "listes",
            "manage": "gerer",
            "members": "membres",
            "move": "demenagement",
            "name": "nom",
            "new": "nouvelle-etude",
            "our-city": "notre-ville",
            "password": "mot-de-passe",
            "poll": "relever",
            "preview": "apercu",
            "publish": "publier",
            "receipt": "accuse-de-reception",
            "receivers": "destinataires",
            "render": "rendu",
            "save": "enregistrer",
            "search": "recherche",
            "searches": "recherches",
            "send-again": "renvoyer",
            "sent": "envoyees",
            "sign-in": "connexion",
            "sign-out": "deconnexion",
            "topics": "thematiques",
            "unblock": "debloquer",
            "unfollow": "ne-plus-suivre",
            "users": "utilisateurs",
            "withdraw": "retirer",
            "work": "travaux",
            "review": "moderation",
            "all": "tout",
        }
    ),
    sections=("Le problème", "La démarche", "Les résultats", "Les enseignements"),
    files=(
        "Le problème",
        "Ce que la ville a fait",
        "Résultats",
        "Ce qui n’a pas marché, ce qu’il faut savoir",
    ),
    network="Villes pionnières",
    colon="\u00a0:",
)
ENGLISH = Language(
    "en",
    Locale("en", "GB"),
    sections=("The problem", "What was done", "Results", "Lessons learned"),
    files=("The problem", "What the city did", "Results", "What did not work, and lessons"),
)

LANGUAGES: tuple[Language, ...] = (FRENCH, ENGLISH)
"""In the order in which they are offered."""

_WORD = re.compile(r"[a-z][a-z-]*")


def row(code: str) -> Language:
    """A language by its code; English for any that is not of the pages."""
    return _rows().get(code, ENGLISH)


@cache
def _rows() -> dict[str, Language]:
    return {language.code: language for language in LANGUAGES}


def said_in(said: Mapping[str, str], lang: str) -> str:
    """What is said by language, in this one; else in English, else in the first in which anything
    is said. Empty when nothing is."""
    return said.get(lang) or said.get(ENGLISH.code) or next(filter(None, said.values()), "")


@cache
def in_words(path: str, code: str) -> str:
    """A path, which is written in English, in a language: `/topics/<slug>`, `/thematiques/<slug>`.

    Whatever follows a word in its part of the path stays: `compare.csv`, `search.<form>`.
    """
    words, parts, before = row(code).words, [], ""
    for part in path.split("/"):
        found = _WORD.match(part)
        word = found[0] if found else ""
        there = words.get(f"{before}/{word}") or words.get(word, word)
        parts.append(there + part[len(word) :])
        before = word
    return "/".join(parts)
