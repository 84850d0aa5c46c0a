"""Addresses that e-mails lead to, in the words of each language (docs: the public contract)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from network.case_studies.versions import ELSEWHERE, PAGES
from network.catalogue.addresses import NOWHERE
from network.catalogue.queries import FACETS, Card
from network.cities.models import City
from network.config import Settings
from network.lib import tokens
from network.lib.languages import in_words

UNSUBSCRIBE = "searches/unsubscribe"
"""The same in every language: mailboxes' own software posts to it."""

CONFIRMING, MANAGING = "confirm a saved search", "manage saved searches"
"""What tokens are for. One that confirms reads nothing, and is worth nothing afterwards."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of one node, in one language."""

    settings: Settings
    lang: str

    def home(self) -> str:
        """The front page."""
        return f"{self.settings.base_url}/{self.lang}/"

    def study(self, card: Card, city: City | None) -> str:
        """A study's page here, whoever wrote it."""
        place = city.slug_in(self.lang) if city else card.place
        if card.place == NOWHERE:
            place = ELSEWHERE[self.lang]
        return f"{self.home()}{PAGES[self.lang]}/{quote(place)}/{quote(card.slug)}"

    def search(self, query: str, filters: Mapping[str, Any]) -> str:
        """The page of a search; without words, the list with the same filters."""
        given = {"q": query} | {name: filters.get(name) for name in FACETS}
        text = urlencode({name: value for name, value in given.items() if value})
        page = in_words("search", self.lang) if query else f"{PAGES[self.lang]}/"
        return f"{self.home()}{page}" + (f"?{text}" if text else "")

    def confirm(self, handle: str) -> str:
        """Where a reader says that the search is theirs."""
        token = tokens.make(self.settings.secret_key, CONFIRMING, handle)
        return f"{self.home()}{in_words('searches/confirm', self.lang)}/{token}"

    def manage(self, handle: str) -> str:
        """Where a reader changes or ends it."""
        page = in_words("searches/manage", self.lang)
        return f"{self.home()}{page}/{self._managing(handle)}"

    def unsubscribe(self, handle: str) -> str:
        """Where one click, or a mailbox's own button, ends its mails (RFC 8058)."""
        return f"{self.settings.base_url}/{UNSUBSCRIBE}/{self._managing(handle)}"

    def _managing(self, handle: str) -> str:
        return tokens.make(self.settings.secret_key, MANAGING, handle)
