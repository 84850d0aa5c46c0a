"""Whatever may be published here, the strict reader of any node reads back as it was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from network.case_studies import drafts, readable, versions
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts, Link, Version
from network.lib.sanitise import LONGEST
from network.log.entry import entry_xml, rfc3339
from network.log.items import LiveItem, Unreadable, check_equal, read_item
from network.log.tidy import tidy
from tests import strategies

BASE = "https://paris.example"
STUDY = "1b671a64-40d5-491e-99b0-da01ff1f3341"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

texts = st.builds(
    TextDraft,
    title=strategies.titles | strategies.nasty,
    summary=strategies.titles | strategies.nasty,
    body=strategies.nasty,
    problem=strategies.bodies,
    lessons=strategies.nasty,
    legal_basis=strategies.nasty,
    contact_role=strategies.nasty,
)
typed = st.builds(
    Draft,
    original_lang=st.just("fr"),
    topics=st.just(("open-data",)),
    facts=strategies.facts,
    inspired_by=st.lists(strategies.links, max_size=3).map(tuple),
    texts=st.fixed_dictionaries({"fr": texts}, optional={"en": texts}),
)


def draft(**text: str) -> Draft:
    given_ = {"title": "Budget", "summary": "Résumé."} | text
    return drafts.tidy(Draft("fr", texts={"fr": TextDraft(**given_)}))


def told(written: Draft) -> list[tuple[str, str]]:
    found = readable.problems(written, STUDY, BASE, "CC-BY-4.0", NOW)
    return [(each.field, each.message % each.arguments) for each in found]


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(typed)
def test_what_may_be_published_is_read_back_equal(given_: Draft) -> None:
    written = drafts.tidy(given_)
    assume(not drafts.problems(written))
    assert told(written) == []
    dates = {lang: versions.Dates(NOW, NOW) for lang in written.texts}
    for version in versions.build(written, BASE, STUDY, versions.Place(), dates):
        found = read_item(entry_xml(version, "Paris"), version.entry_id)
        assert isinstance(found, LiveItem)
        assert found.version == tidy(version)
        assert (found.entry_id, found.updated) == (version.entry_id, rfc3339(NOW))
        assert found.version.title.strip()


def test_a_text_of_which_readers_would_lose_the_end_is_no_text_to_publish() -> None:
    words = "mot " * 30_000
    long = draft(body=words, problem=words, approach=words)
    assert drafts.problems(long) == []  # each part by itself is not too long
    assert [field for field, _ in told(long)] == ["fr.body"]
    assert told(draft(body=words)) == []


def test_links_that_are_written_with_much_around_them_count_as_they_are_written() -> None:
    short = "[a](https://a.example/) " * 3_500
    assert len(short) < LONGEST / 2
    assert [field for field, _ in told(draft(body=short))] == ["fr.body"]


@pytest.mark.parametrize("name", ["evidence", "inspired_by"])
def test_a_link_s_title_that_readers_would_cut_is_told_at_its_field(name: str) -> None:
    links = (Link("https://a.example/", "x" * 501),)
    if name == "evidence":
        written = replace(draft(), facts=Facts(evidence=links))
    else:
        written = replace(draft(), inspired_by=links)
    assert [each.field for each in drafts.problems(written)] == [name]
    fitting = (Link("https://a.example/", "x" * 500),)
    assert drafts.problems(replace(draft(), inspired_by=fitting)) == []


def test_what_the_reader_refuses_is_told_at_the_field_that_is_to_blame() -> None:
    blank = Draft("fr", texts={"fr": TextDraft(title="\u200b", summary="S")})
    assert [field for field, _ in told(blank)] == ["fr.title"]


def test_a_difference_is_named() -> None:
    version = Version("i", "k", "fr", "T", "S", "", "https://a.example/", NOW, NOW)
    check_equal(version, replace(version, title=" T "))
    with pytest.raises(Unreadable, match="summary") as refused:
        check_equal(version, replace(version, summary="Other"))
    assert refused.value.field == "summary"
