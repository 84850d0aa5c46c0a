"""The facts of one study: what is known of it, by the names that are declared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from network.facts import declared

_NOTHING = (None, (), "")


class Facts:
    """What is true of a study in every language, by the names of `declared.FACTS`.

    Immutable. A fact that is not known is None, or () where it is a list, and stands nowhere.
    """

    __slots__ = ("_known",)
    _known: dict[str, Any]

    def __init__(self, **values: Any) -> None:
        for name in values:
            if name not in declared.FACTS:
                raise TypeError(f"{name} is no fact")
        known = {name: value for name, value in values.items() if value not in _NOTHING}
        object.__setattr__(self, "_known", known)

    def __getattr__(self, name: str) -> Any:
        if name not in declared.FACTS:
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: facts do not change")

    def get(self, name: str) -> Any:
        """One fact; None, or (), when it is not known."""
        found = self._known.get(name)
        return () if found is None and declared.FACTS[name].kind.several else found

    def known(self) -> Iterator[tuple[declared.Fact, Any]]:
        """What is known, as it is declared, in the order of the declarations."""
        for name, fact in declared.FACTS.items():
            if name in self._known:
                yield fact, self._known[name]

    def but(self, **values: Any) -> Facts:
        """These facts with other values; None for one that is not known any more."""
        return Facts(**{**self._known, **values})

    def __eq__(self, other: object) -> bool:
        return self._known == other._known if isinstance(other, Facts) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._known.items()))

    def __repr__(self) -> str:
        return f"Facts({', '.join(f'{fact.name}={value!r}' for fact, value in self.known())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Facts, **self._known), ()


def filtered(facts: Facts) -> dict[str, Any]:
    """What lists are filtered by: the status, and the year that it started in."""
    start = facts.get("start")
    return {"status": facts.get("status"), "year": int(start[:4]) if start else None}


def completeness(facts: Facts, legal_basis: str = "") -> float:
    """How much of the “could we do this?” sheet is filled in, from 0 to 1."""
    asked = [facts.get(name) for name, fact in declared.FACTS.items() if fact.counts]
    return sum(1 for value in (*asked, legal_basis) if value not in _NOTHING) / (len(asked) + 1)
