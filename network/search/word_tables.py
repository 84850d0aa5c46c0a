"""The words of each language that search knows as such: one row for each (CONTRIBUTING.md)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from network.search import english, forms, french

RULES: Mapping[str, forms.Rules] = MappingProxyType({"fr": french.RULES, "en": english.RULES})
"""language → its stop words, stems and irregular forms."""

WEAK = frozenset(
    """
    sans
    ville villes commune communes city cities town towns projet projets project projects exemple
    exemples example examples cas case cases etude etudes study studies savoir connaitre trouver
    chercher mettre place avoir know find search look make makes made making use uses used using
    work works happen happens need needs help give take people personnes personne gens way ways
    how possible besoin aider permettre permet utiliser donner prendre new nouveau nouvelle
    nouveaux nouvelles good bon bonne best meilleur meilleure meilleurs
    come comes came coming go goes going gone keep keeps kept try tries tried trying become becomes
    anyone someone anybody somebody anything something everything thing things ever never actually
    really sure tell tells say says said
    venir vient viennent venu venus aller allez allons chose choses jamais vraiment dire dit disent
    devenir devient deviennent arriver arrive arrivent garder essayer mieux plusieurs certains
    certaines
    """.split()
)
"""Words that say little beside others: what all studies are about, and frames of questions."""
