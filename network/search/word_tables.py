"""The words of each language that search knows as such: one row for each (CONTRIBUTING.md)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from network.search import english, forms, french

RULES: Mapping[str, forms.Rules] = MappingProxyType({"fr": french.RULES, "en": english.RULES})
"""language → its stop words, stems and irregular forms."""
