"""Texts made to be slow are read in a time that grows with their length, and no faster.

There is no clock here: where a pattern or a parser took quadratic time, each of these took minutes.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from network.case_studies import body
from network.case_studies.drafts import Draft, TextDraft, problems, tidy
from network.facts import typed as facts_typed
from network.facts.lines import one_line
from network.lib import clock, sanitise, text
from network.reading import discover
from network.reading.feeds import entries
from network.reading.feeds.extras import Extras
from network.reading.words import dates
from network.search import folding
from network.search.query import parse
from network.subscriptions import schedule

LONG = 200_000


def many(piece: str, length: int = LONG) -> str:
    return (piece * (length // len(piece) + 1))[:length]


@pytest.mark.parametrize(
    "piece",
    ["[", "![", "[](", "[a](<", '[a](b "', "[a][b]", "[a]: x\n", "*a ", "_a_ **", "*_", "`a``",
     "~~a", "> ", "- ", "1. ", "|a", "|a|\n|-|\n", "<a ", "&#", "\\", "#", "a\n===\n", "\t",
     "<!--"],
)  # fmt: skip
def test_markdown_of_any_shape_is_rendered(piece: str) -> None:
    # Four million characters, as a form may bring: what is read of them has an end.
    assert len(body.render(many(piece, 4_000_000))) <= 8 * body.LONGEST


def test_links_are_links_as_long_as_there_are_not_thousands() -> None:
    link = "[a](https://a.example/) "
    assert body.render(link * 1_000).count("<a href=") == 1_000
    flood = body.render(f"# Title\n\n{link * (body.MOST_BRACKETS + 1)}\n\n|a|\n|-|\n|b|")
    assert "<a" not in flood
    assert "[a](https://a.example/)" in flood
    assert "<table>" in flood


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<a ", "<a>", "<b>", "<p>", "<table>", "<img>", "<img", "&", "&a", "<!--", "<h1>",
     "<pre>\n", "<section id=problem>", "<svg><math>", "<a href=x><p>", "<b a='", "</", " \n",
     "<form>", "<![CDATA[", "<option>"],
)  # fmt: skip
def test_html_of_any_shape_is_sanitised(piece: str) -> None:
    assert len(sanitise.sanitise_html(many(piece))) <= 6 * LONG
    assert len(sanitise.plain_text(many(piece))) <= LONG


@pytest.mark.parametrize(
    "header",
    [many("<"), "<x>; a" + many(" ") + "b", many("<x>;"), many('<x>;a="'), "<x>" + many("; a "),
     many("<x>; rel="), many("<x>;\t")],
    ids=["<", "space", "<x>;", "quotes", "names", "rels", "tabs"],
)  # fmt: skip
def test_a_link_header_of_any_shape_is_read(header: str) -> None:
    assert discover.websub_from_header(header, "https://a.example/").self_url is None


def test_links_of_a_header_are_found_as_before() -> None:
    header = (
        '<https://hub.example/>; rel="hub", </feed>;rel=self ;title="a, b; c",'
        "<https://hub2.example/> ; title = x ; rel = hub"
    )
    found = discover.websub_from_header(header, "https://a.example/page")
    assert found.hubs == ("https://hub.example/", "https://hub2.example/")
    assert found.self_url == "https://a.example/feed"


@pytest.mark.parametrize("name", [many("@"), many("a@"), "a" + many(" ") + "b", "a<" + many("@")])
def test_an_author_of_any_length_is_read(name: str) -> None:
    holder = {"author": name, "authors": [{"name": name}]}
    reader = entries.Reader("https://a.example/", {}, "rss20", Extras())
    assert all(len(a) < 300 for a in reader._authors(holder))


@pytest.mark.parametrize(
    ("typed", "amount", "currency"),
    [
        ("500000 EUR", "500000", "EUR"),
        ("500 000 000 EUR", "500000000", "EUR"),
        ("500000", "500000", None),
        ("500000EUR", "500000", "EUR"),
        ("500000 €", "500000", "EUR"),
        ("EUR", None, "EUR"),
        ("about 3 million", "3000000", None),
        ("x" + " " * LONG + "!", None, None),
        ("1" + " 000" * LONG, None, None),
    ],
    ids=["code", "groups", "number", "joined", "sign", "alone", "words", "spaces", "thousands"],
)
def test_a_budget_is_an_amount_and_perhaps_a_code(
    typed: str, amount: str | None, currency: str | None
) -> None:
    facts, unreadable = facts_typed.read(facts_typed.of_file({"budget": typed}), "fr")
    assert (facts.budget_amount, facts.budget_currency) == (amount and Decimal(amount), currency)
    assert unreadable == ({} if amount or currency else {"budget_amount": typed})


PIECES = ("a", "-", "a-", "1 ", "1,", ".", "a.", "'", "qu'", '"', ":", "city:", "«", " ", "\u0301",
          "é", "_", "\n", "@", "a@a.", "%", "\ud800", "\0")  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_words_of_any_shape_are_read(piece: str) -> None:
    long = many(piece)
    parse(long)
    list(folding.scan(long))
    text.slug(long)
    text.clean(long)
    one_line(long)
    dates.parse_date(long)
    schedule.retry_after({"Retry-After": long}, clock.now())
    schedule.freshness({"Cache-Control": long, "Expires": long}, clock.now())
    facts_typed.read({"budget_amount": long, "partners": long, "people_reached": long}, "fr")
    facts_typed.read({"start": long, "staff": long, "budget_currency": long}, "en")
    draft = tidy(Draft("fr", texts={"fr": TextDraft(long, summary=long, body=long)}))
    assert problems(draft)
