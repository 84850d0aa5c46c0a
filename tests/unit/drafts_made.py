"""Drafts as hypothesis makes them: any text that a person can type, finished or not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from network.case_studies.drafts import TEXTS, Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.facts.declared import STATUSES

AWKWARD = st.sampled_from(
    [
        "---", "--- ", "...", "# Titre", "## The problem {#problem}", "\\## X {#results}",
        "## {#lessons}", "#\t{#approach} ", "a: b", "- [x]", "null", "~", "no", "2014", "e\u0301té",
        "deux  espaces ", "\ttab", "\r\n", "\r", "\n\n\n", "\u2028", "\x85", "\ufeff", "\x00",
        "\x7f",         "« l’eau\u202f»", "{a: b}", "&x *x", "|", '"', "'", "\\", "%", "🏙️",
        "```\n## R {#results}\n```",
    ]
)  # fmt: skip
WORDS = st.lists(st.one_of(AWKWARD, st.text(max_size=8)), max_size=3).map("\n".join)
LINE = st.lists(st.one_of(AWKWARD, st.text(max_size=8)), max_size=2).map(" ".join)
NUMBERS = st.decimals(min_value=-10, max_value=10**15, allow_nan=False, places=2)
LINKS = st.lists(st.builds(Link, href=LINE, title=LINE), max_size=3).map(tuple)
NAMES = st.lists(LINE, max_size=3).map(tuple)
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("1000-01-02"),
    max_value=datetime.fromisoformat("9000-01-01"),
    timezones=st.just(UTC),
)

facts = st.builds(
    Facts,
    status=st.one_of(st.none(), st.sampled_from(list(STATUSES)), LINE),
    start=st.one_of(st.none(), st.just("2014-09"), LINE),
    end=st.one_of(st.none(), st.just("2020"), LINE),
    budget_amount=st.one_of(st.none(), NUMBERS),
    budget_currency=st.one_of(st.none(), st.just("EUR"), LINE),
    people_reached=st.one_of(st.none(), st.integers(-5, 10**12)),
    staff=st.one_of(st.none(), NUMBERS, st.just(Decimal("12.5"))),
    partners=NAMES,
    contact_email=st.one_of(st.none(), st.just("a@paris.example"), LINE),
    sdgs=st.lists(st.integers(-1, 30), max_size=3).map(tuple),
    evidence=LINKS,
    authors=NAMES,
    licence=st.one_of(st.none(), LINE),
    illustrative=st.lists(st.one_of(st.sampled_from(["staff", "budget"]), LINE), max_size=2).map(
        tuple
    ),
)


def _texts(kind: Any) -> st.SearchStrategy[TextDraft]:
    given: dict[str, Any] = dict.fromkeys(TEXTS, WORDS)
    since = st.one_of(st.none(), MOMENTS, st.just(datetime(2026, 3, 1, tzinfo=UTC)))
    return st.builds(TextDraft, translation=kind, outdated_since=since, **given)


drafts = st.builds(
    Draft,
    original_lang=st.sampled_from(["fr", "en"]),
    city=st.one_of(st.none(), st.just("paris"), LINE),
    topics=st.lists(st.one_of(st.just("open-data"), LINE), max_size=2).map(tuple),
    facts=facts,
    inspired_by=LINKS,
    texts=st.dictionaries(
        st.sampled_from(["fr", "en"]),
        _texts(st.sampled_from(["original", "human", "machine"])),
    ),
    unreadable=st.dictionaries(
        st.sampled_from(["staff", "budget_amount", "sdgs", "people_reached", "city"]),
        LINE,
        max_size=3,
    ),
)
