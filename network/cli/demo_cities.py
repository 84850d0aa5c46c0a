"""Who runs the three cities of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "trois villes apprennent ensemble"  # noqa: S105 — printed on purpose, loopback only


PARISIAN, MADRIDS = "ec5ba488-d4c1-524b-b8e0-c4485bed0eb0", "195b1a48-83fc-5f3f-82ae-34dca462e771"
"""The two cities’ participatory budgets."""


@dataclass(frozen=True, slots=True)
class City:
    """One node of the demonstration. people: (name, role), the mailbox follows from the name."""

    slug: str
    site: str
    language: str
    accent: str
    people: tuple[tuple[str, str], ...]

    def mailbox(self, name: str) -> str:
        """A mailbox in a domain that cannot exist (RFC 2606)."""
        return f"{name.lower()}@{self.slug}.example"


CITIES = (
    City("paris", "Villes pionnières – Paris", "fr", "petrol",
         (("Camille", "administrator"), ("Louis", "editor"), ("Ines", "author"))),
    City("madrid", "Pioneer Cities – Madrid", "en", "garnet",
         (("Lucia", "administrator"), ("Diego", "editor"))),
    City("seoul", "Pioneer Cities – Seoul", "en", "moss",
         (("Minji", "administrator"), ("Joon", "editor"))),
)  # fmt: skip
