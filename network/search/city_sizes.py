"""What a query says of the size of cities, told apart from what it is about.

“Bike lanes in cities under 300,000 inhabitants” is about bike lanes; the number finds nothing in a
text. What counts as small, medium-sized and large is the widest of what associations of cities and
statisticians of both languages call so, for it is offered, never imposed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from network.cities.sizes import BANDS, Band
from network.search import folding
from network.search.query import special_spans
from network.search.word_tables import RULES, WEAK

_NEAR = 0.1
"""How far from a number, as a part of it, cities “of that size” may be."""
_FEWEST = 1_000
"""Inhabitants from which a number is one of a city when no word for a city is near."""


_SURELY = 20_000
"""The same, when nothing but “city of” says so: more than any year."""


class Span(NamedTuple):
    """Cities of least inhabitants and more, and of fewer than most; None is without end."""

    least: float
    most: float | None


class Sized(NamedTuple):
    """bands: slugs of the sizes that a query speaks of (see cities.sizes), the smallest first.
    rest: the query without these words; empty when nothing is left to search for."""

    bands: tuple[str, ...]
    rest: str


_ADJECTIVES = {
    r"(?:very[ ])?(?:small(?:er|est)?|little|tiny)|(?:tres[ ]|plus[ ])?petite?s?": Span(0, 100_000),
    r"(?:medium|mid|middle|average)(?:[ -]?sized?)?|midsized?|intermediate|(?:moyen|moyenne)s?"
    r"|intermediaires?": Span(20_000, 500_000),
    r"(?:very[ ])?(?:large|larger|largest|big|bigger|biggest|major)"
    r"|(?:tres[ ]|plus[ ])?grande?s?": Span(100_000, None),
}
_LARGE_METROPOLIS = Span(500_000, None)
_MEGACITY = Span(5_000_000, None)

_METROPOLISES = r"metropolis(?:es)?|metropoles?"
_MEGACITIES = r"mega-?cit(?:y|ies)|megapoles|megalopoles"
_CITY = rf"""(?:cit(?:y|ies)|towns?|villages?|municipalit(?:y|ies)|local[ ](?:authorit|governm)\w+
    |villes?|communes?|municipalites?|bourgs?|agglomerations?|collectivites?|localites?
    |{_METROPOLISES})"""
_ADJECTIVE = f"(?:{'|'.join(_ADJECTIVES)})(?:-sized?)?"
_AND = r"(?:[ ]?[,/][ ]?|[ ](?:and|or|to|et|ou|a)[ ])"
_LINKS = r"""(?:(?:in|of|for|from|by|at|a|an|the|any|our|other|dans|de|des|du|pour|par|chez|en|un
    |une|la|le|les|aux?|notre|nos|autres)[ ]|d'|l'){0,4}"""
"""What leads to a city and says nothing without it."""

_DIGITS = r"(?:[0-9]{1,3}(?:[ .,'][0-9]{3})+(?![0-9])|[0-9]+(?:[.,][0-9]+)?)"
_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "half": 0.5, "a": 1,
    "an": 1, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7,
    "huit": 8, "neuf": 9, "dix": 10, "douze": 12, "quinze": 15, "vingt": 20, "trente": 30,
    "quarante": 40, "cinquante": 50, "soixante": 60, "demi": 0.5,
}  # fmt: skip
_SCALES = {
    "hundred": 100, "cent": 100, "cents": 100, "thousand": 1_000, "mille": 1_000,
    "milliers": 1_000, "k": 1_000, "million": 10**6, "millions": 10**6, "m": 10**6,
    "mio": 10**6, "mln": 10**6,
}  # fmt: skip
_SCALE = r"(?:k|mio|mln|m|thousand|mille|milliers|millions?)(?![\w'])"
_SPELT = rf"""(?:(?:{"|".join(sorted(_UNITS, key=len, reverse=True))}|hundred|cents?)[ -]){{0,4}}
    (?:thousand|mille|milliers|millions?)(?![\w])"""
_NUMBER = rf"(?<![\w.,])(?:{_DIGITS}(?:[ ]?{_SCALE})?(?![\w%€$£])|{_SPELT})"

_UNDER = r"""(?:under|below|(?:less|fewer|smaller|lower)[ ]than|up[ ]to|at[ ]most
    |(?:no|not)[ ]more[ ]than|not[ ]exceeding|max(?:imum)?(?:[ ](?:of|de))?|<=?|≤
    |moins[ ]de|moins[ ]d'|(?:inferieure?s?|inf)[ ]a|(?:au|en)[ -]dessous[ ]de|sous|jusqu'a
    |au[ ](?:plus|maximum)|pas[ ]plus[ ](?:de|d')|ne[ ]depassant[ ]pas|plus[ ]petite?s?[ ]que)"""
_OVER = r"""(?:over|above|beyond|(?:more|larger|bigger|greater|higher)[ ]than|at[ ]least|exceeding
    |(?:no|not)[ ](?:less|fewer)[ ]than|min(?:imum)?(?:[ ](?:of|de))?|>=?|≥
    |plus[ ]d(?:e|')|superieure?s?[ ]a|au[ -](?:dela|dessus)[ ]de|depassant|excedant
    |au[ ](?:moins|minimum)|a[ ]partir[ ](?:de|d')|plus[ ]grande?s?[ ]que)"""
_ABOUT = r"""(?:about|around|roughly|approximately|approx\.?|circa|some|nearly|almost|~|≈|environ
    |autour[ ]de|quelques?|pres[ ](?:de|d')|d'environ|between|entre|from|de)"""
_TRAIL_UNDER = r"""(?:(?:or|and)[ ](?:less|fewer|under|below|smaller)|(?:ou|et)[ ]moins|at[ ]most
    |max(?:imum)?|au[ ](?:plus|maximum))"""
_TRAIL_OVER = r"""(?:(?:or|and)[ ](?:more|over|above|up|larger|bigger)|(?:ou|et)[ ]plus|at[ ]least
    |min(?:imum)?|au[ ](?:moins|minimum))"""

_INHABITANTS = r"(?:inhabitants?|inhab\.?|habitante?s?|habs?\b\.?|hbts?\b\.?|ames)"
"""These are counted of places alone."""
_PEOPLE = r"(?:people|persons?|residents?|citizens?|souls|personnes|citoyens|residents|administres)"
_POPULATION = r"(?:populations?|pop\b\.?|inhabitants|nombre[ ]d'habitants)"
_WHOSE = r"""(?:(?:of|with|having|have|has|that|which|whose|who|where|is|are|a|an|the|de|avec|ayant
    |comptant|qui|ont|a|compte|comptent|dont|la|une|est|entre)[ ]|d'|l'|:[ ]?){0,5}"""

_COUNTED = re.compile(
    rf"""
    (?<![\w'.-]){_LINKS}
    (?P<city>{_CITY}[ ,]{{1,2}}{_WHOSE})?
    (?P<population>(?:with[ ]a[ ]|avec[ ]une[ ]|whose[ ]|dont[ ]la[ ])?{_POPULATION}
        (?:[ ]of|[ ]is|[ ]de|[ ]est)?[ ]?:?[ ]?)?
    (?:(?:(?P<under>{_UNDER})|(?P<over>{_OVER})|(?P<about>{_ABOUT}))[ ]?)?
    (?P<first>{_NUMBER})
    (?:(?:[ ]?[-–—][ ]?|[ ](?:to|and|et|a)[ ])(?P<second>{_NUMBER}))?
    (?P<plus>[ ]?\+)?
    (?:[ ](?:(?P<fewer>{_TRAIL_UNDER})|(?P<more>{_TRAIL_OVER}))(?!\w|[ ]{_NUMBER}))?
    (?:[ -]?(?:of[ ]|de[ ]|d')?(?:(?P<inhabitants>{_INHABITANTS})|(?P<people>{_PEOPLE}))(?!\w))?
    (?:[ ](?:(?P<fewer_people>{_TRAIL_UNDER})|(?P<more_people>{_TRAIL_OVER}))
        (?!\w|[ ]{_NUMBER}))?
    (?P<after>[ ]{_CITY}(?!\w))?
    """,
    re.VERBOSE,
)
_NAMED = re.compile(
    rf"""(?<![\w'-]){_LINKS}
    (?:(?P<before>{_ADJECTIVE}(?:{_AND}{_ADJECTIVE}){{0,2}})[ -]{_CITY}
      |{_CITY}[ ](?:de[ ]taille[ ])?(?P<behind>(?:{_ADJECTIVE}{_AND})?(?:moyenne|intermediaire)s?)
      |{_CITY}[ ]de[ ](?P<french>{_ADJECTIVE})[ ]taille
      |(?P<mega>{_MEGACITIES}))
    (?![\w'-])(?![ ]de[ ]demain|[ ]halls?)
    """,
    re.VERBOSE,
)
"""“Petites villes de demain” is a programme of the French state, and a small town hall is a house;
what is behind “ville” may belong to another word: ville petite enfance."""
_SHARED_OUT = re.compile(r"(?:\b(?:per|par|each|every|chaque|tou(?:te)?s les) ?|/ ?)$")
_FOR = re.compile(r"\b(?:for|pour)[ ]$")
_ENDS = re.compile(
    r"\s*(?:$|[,;:.?!)]|(?:and|or|in|on|that|which|who|with|have|has|do|did|et|qui|avec|dans|ont|ou|sur|en)\b)"
)


def recognise(text: str) -> Sized | None:
    """What a query says of the size of cities; None when it says nothing of it.

    Phrases, exclusions and what has a prefix are left as they are. text: bounded by the caller.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    plain = _folded(text)
    taken: list[tuple[int, int]] = []
    spans: list[Span] = []
    for start, end, found in _said(plain):
        if not any(start < e and s < end for s, e in taken):
            taken.append((start, end))
            spans += found
    bands = tuple(b.slug for b in BANDS if any(_overlaps(b, span) for span in spans))
    return Sized(bands, _without(text, taken)) if bands else None


def words(text: str) -> str:
    """What to search for: the query without the size of cities, unless that is all of it."""
    sized = recognise(text)
    return sized.rest or text if sized else text


def _folded(text: str) -> str:
    """The text as the patterns want it, each character still in its place; blank where words mean
    something else."""
    folded = [unicodedata.normalize("NFKD", c)[0].lower()[0] for c in text]
    plain = "".join(folded).translate(dict.fromkeys(map(ord, "’‘ʼ′´`"), "'"))
    plain = plain.translate(dict.fromkeys(map(ord, "‐‑−"), "-"))
    for start, end in special_spans(text):
        plain = plain[:start] + "\n" * (end - start) + plain[end:]
    return plain


def _said(plain: str) -> Iterator[tuple[int, int, list[Span]]]:
    for found in _COUNTED.finditer(plain):
        if _is_of_cities(found):
            yield *found.span(), [_span(found)]
    for found in _NAMED.finditer(plain):
        yield *found.span(), list(_named(found))


def _is_of_cities(found: re.Match[str]) -> bool:
    """Whether the number counts who lives in a city: not “per 1,000 inhabitants”, “50 people”."""
    before, city = found.string[: found.start("first")], found["city"] or found["after"]
    compared = found["under"] or found["over"] or found["second"] or found["plus"]
    compared = compared or found["fewer"] or found["more"]
    if _SHARED_OUT.search(before) or (not city and not compared and _FOR.search(before)):
        return False
    largest = _span(found).most or _span(found).least
    if found["inhabitants"]:
        few = found["under"] or found["fewer"]
        return bool(city or found["population"] or few or largest >= _FEWEST)
    if found["people"]:
        return bool(city or found["population"])
    if _ENDS.match(found.string, found.end()) is None:
        return False
    enough = _FEWEST if compared else _SURELY
    return bool(found["population"] or found["city"]) and largest >= enough


def _span(found: re.Match[str]) -> Span:
    first = _value(found["first"])
    if found["second"]:
        second = _value(found["second"])
        return Span(*sorted((_as_large(first, second), second)))
    if found["under"] or found["fewer"] or found["fewer_people"]:
        return Span(0, first)
    if found["over"] or found["plus"] or found["more"] or found["more_people"]:
        return Span(first, None)
    return Span(first * (1 - _NEAR), first * (1 + _NEAR))


def _as_large(first: float, second: float) -> float:
    """The first of two numbers, in the unit that is only said with the second: 20 to 50,000."""
    units = (unit for unit in (10**6, 1_000) if first < 1_000 and first * unit <= second)
    return first * next(units, 1)


def _value(said: str) -> float:
    digits = re.match(_DIGITS, said)
    if digits is None:
        return _spelt(re.split("[ -]", said))
    scale = said[digits.end() :].strip()
    grouped = re.fullmatch(r"[0-9]{1,3}(?:[ .,'][0-9]{3})+", digits[0])
    if grouped and not (scale and re.fullmatch(r"[0-9]+[.,][0-9]+", digits[0])):
        number = float(re.sub("[^0-9]", "", digits[0]))
    else:
        number = float(digits[0].replace(",", "."))
    return number * _SCALES.get(scale, 1)


def _spelt(said: list[str]) -> float:
    """A number in words: “five hundred thousand”, “un demi-million”."""
    number = 0.0
    for word in said:
        if word in _SCALES:
            number = (number or 1) * _SCALES[word]
        elif _UNITS[word] == _UNITS["half"]:
            number = _UNITS[word]
        elif not (word in ("a", "an") and number):
            number += _UNITS[word]
    return number


def _named(found: re.Match[str]) -> Iterator[Span]:
    if found["mega"]:
        yield _MEGACITY
        return
    metropolis = re.search(_METROPOLISES, found[0])
    for said in re.split(_AND, found["before"] or found["behind"] or found["french"]):
        plain = re.sub("-sized?$", "", said)
        span = next(span for words, span in _ADJECTIVES.items() if re.fullmatch(words, plain))
        yield _LARGE_METROPOLIS if metropolis and span.most is None else span


def _overlaps(band: Band, span: Span) -> bool:
    return (band.most is None or span.least < band.most) and (
        span.most is None or band.least < span.most
    )


def _without(text: str, taken: list[tuple[int, int]]) -> str:
    """The text without these parts, and nothing when only words that say nothing are left."""
    for start, end in sorted(taken, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    text = re.sub(r"\s+", " ", text).strip(" ,;:?!–—")
    if special_spans(text):
        return text
    left = [w for found in folding.scan(text) for w in folding.piece(found[0]).words]
    small = WEAK.union(*(rules.stop for rules in RULES.values()))
    return text if any(word not in small for word in left) else ""
