"""Studies like one that is being read: of its topics, from cities of its size and country."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from network.search import studies as studies_
from network.search.postings import Floats
from network.search.studies import Library, Studies
from network.search.values import Likeness

TOPICS = 3.0
SIZE = 1.0
COUNTRY = 0.6
LANGUAGE = 0.4
COMPLETENESS = 0.2
"""What a study gains by sharing each; topics by how rare they are, and without one it is not like
it at all. Newer studies come first among equals."""

LOOKED_AT = 40
"""Studies among which one a city is chosen, for each that is asked for."""


def related(library: Library, like: Likeness, limit: int) -> list[str]:
    """The keys of the likeliest studies, one a city."""
    studies = library.studies
    scores = _scores(studies, like)
    ordered = studies_.order(studies, scores > 0, scores, LOOKED_AT * limit)
    found = []
    for number in _one_a_city(studies, ordered.tolist()):
        found.append(library.name(int(studies.of(number)[0]), "study_key"))
        if len(found) == limit:
            break
    return found


def _scores(studies: Studies, like: Likeness) -> Floats:
    scores = TOPICS * _topical(studies, like.topics)
    for facet, value, weight in (
        ("size", like.size, SIZE),
        ("country", like.country, COUNTRY),
        ("language", like.language, LANGUAGE),
    ):
        if value:
            scores += weight * (scores > 0) * studies.facets[facet].having([value], studies.size)
    scores += COMPLETENESS * (scores > 0) * studies.completeness
    if like.city:
        scores[studies.facets["city"].having([like.city], studies.size)] = 0
    return scores.astype(np.float32)


def _topical(studies: Studies, topics: Sequence[str]) -> Floats:
    """The share of the topics that each study has, by how much each of them tells."""
    scores = np.zeros(studies.size, np.float32)
    told = 0.0
    for topic in topics:
        having = studies.facets["topic"].having([topic], studies.size)
        rarity = float(np.log(1 + studies.size / max(1, int(np.count_nonzero(having)))))
        scores += rarity * having
        told += rarity
    return scores / told if told else scores


def _one_a_city(studies: Studies, numbers: Sequence[int]) -> Iterator[int]:
    seen: set[int] = set()
    cities = studies.facets["city"]
    for number in numbers:
        place = int(np.searchsorted(cities.study, number))
        known = place < len(cities.study) and cities.study[place] == number
        city = int(cities.value[place]) if known else -1
        if city not in seen:
            yield number
        if known:
            seen.add(city)
