"""What a study's status and the size of its city are called, in each language."""

from __future__ import annotations

from network.cities.sizes import BANDS, SIZES
from network.facts.declared import STATUSES
from network.lib import i18n
from network.lib.i18n import N_, translate

_SIZES = {
    "under-20k": N_("Under %(most)s"),
    "500k-1m": N_("%(least)s to 1 million"),
    "1m-5m": N_("1 to 5 million"),
    "over-5m": N_("Over 5 million"),
}
"""Of the bands for which there is a better one than this."""
_BETWEEN = N_("%(least)s to %(most)s")


def status(value: str, lang: str) -> str:
    """One of STATUSES; anything else as it is."""
    return translate(lang, STATUSES[value]) if value in STATUSES else value


def size(slug: str, lang: str) -> str:
    """A band of inhabitants: “20,000 to 100,000”, “1 à 5 millions”; anything else as it is."""
    if slug not in SIZES:
        return slug
    band = BANDS[SIZES.index(slug)]
    numbers = {"least": i18n.number(band.least, lang), "most": i18n.number(band.most or 0, lang)}
    return translate(lang, _SIZES.get(slug, _BETWEEN), numbers)
