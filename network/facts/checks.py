"""Whether a study's facts may be published, and in what words to say what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from network.facts import declared
from network.facts.kinds import Problem, problem
from network.facts.values import Facts
from network.lib.i18n import N_


def problems(facts: Facts, unreadable: Mapping[str, str]) -> list[Problem]:
    """What stops these facts from being published, in the order of the form, and then what was
    typed for a fact that this version does not know. The city is asked elsewhere."""
    found: list[Problem] = []
    for name, fact in declared.FACTS.items():
        value, kind = facts.get(name), fact.kind
        if name in unreadable:
            found.append(kind.doubt(name, unreadable[name], fact.unreadable, _known(facts)))
        if value not in (None, ()):
            found += (*kind.problems(name, value), *kind.beside(name, facts))
    for name, text in unreadable.items():
        if name not in declared.FACTS and name != "city":
            found.append(problem(name, N_("“%(text)s” cannot be read."), text=text))
    return found


def doubts(facts: Facts, unreadable: Mapping[str, str]) -> list[Problem]:
    """What is to be asked about the figures and dates that were typed, in the order of the form."""
    return [
        fact.kind.doubt(name, unreadable[name], fact.unreadable, _known(facts))
        for name, fact in declared.FACTS.items()
        if fact.kind.asks and name in unreadable
    ]


def sound(facts: Facts, unreadable: Mapping[str, str]) -> Facts:
    """The facts without those that could not be published as they are; of a list, without the items
    that would not travel."""
    lists = {fact.name: fact.kind.tidy(v) for fact, v in facts.known() if fact.kind.several}
    kept = facts.but(**lists)
    wrong = {each.field for each in problems(kept, unreadable)}
    units = {name: getattr(fact.kind, "currency", name) for name, fact in declared.FACTS.items()}
    return kept.but(**{name: None for name, unit in units.items() if wrong & {name, unit}})


def _known(facts: Facts) -> dict[str, Any]:
    return {fact.name: value for fact, value in facts.known()}
