"""An entry is made once: its bytes, its hash and what a plain feed reader sees of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from network.catalogue.values import Adoption, Facts, Link, Version
from network.cities.service import CityValue
from network.log.entry import (
    LINES,
    content_hash,
    digest,
    entry_xml,
    rfc3339,
    state_line,
    tombstone_xml,
    with_adoptions,
)
from network.log.tidy import MOST_ADOPTIONS, tidy
from tests.strategies import adoptions, cities, versions

STUDY = "https://paris.example/id/1b671a64-40d5-491e-99b0-da01ff1f3341"
PARIS = CityValue("paris", {"en": "Paris"}, "FR", lat=48.8566, lon=2.3522)
LABELS = {"open-data": {"en": "Open data", "fr": "Données ouvertes"}}
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "georss": "http://www.georss.org/georss",
    "pc": "urn:pioneer-cities:1",
}
BUDGET = Version(
    entry_id=f"{STUDY}/fr",
    study_key=STUDY,
    lang="fr",
    title="Le budget\n participatif",
    summary="500\u202fmillions d’euros",
    body_html='<p>Voir <a href="/fr/">la suite</a></p><script>alert(1)</script>',
    url="https://paris.example/fr/etudes-de-cas/paris/budget",
    published=datetime(2014, 9, 23, 8, tzinfo=UTC),
    updated=datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC),
    city="paris",
    topics=("open-data", "unlisted"),
    slug="budget",
    translation="human",
    original_lang="en",
    outdated_since=datetime(2026, 1, 1, tzinfo=UTC),
    legal_basis="Délibération 2014",
    contact_role="Mission participation",
    facts=Facts(
        status="running",
        start="2014",
        end="2020-06",
        budget_amount=Decimal("500000000"),
        budget_currency="EUR",
        people_reached=100_000,
        staff=Decimal("12.50"),
        partners=("Civocracy", "Ville de Lisbonne"),
        contact_email="budget@paris.example",
        sdgs=(11, 16),
        evidence=(Link("https://paris.example/bilan", "Bilan"),),
        authors=("Anne", "Bao"),
        licence="CC-BY-4.0",
        illustrative=("staff",),
    ),
    inspired_by=(Link("https://lisbon.example/id/x/en", "Lisbon"),),
    alternates=(("en", f"{STUDY}/en"),),
)


def xml_of(version: Version = BUDGET, **arguments: Any) -> bytes:
    return entry_xml(version, "Ville de Paris", PARIS, LABELS, **arguments)


def find(version: Version, path: str) -> Any:
    found = etree.fromstring(xml_of(version)).xpath(path, namespaces=NS)
    return [str(item) for item in found] if isinstance(found, list) else found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("@xml:lang", ["fr"]),
        ("a:id/text()", [f"{STUDY}/fr"]),
        ("a:title/text()", ["Le budget participatif"]),
        ("a:updated/text()", ["2026-01-02T03:04:05Z"]),
        ("a:published/text()", ["2014-09-23T08:00:00Z"]),
        ("a:author/a:name/text()", ["Anne", "Bao"]),
        ("a:summary[@type='text']/text()", ["500\u202fmillions d’euros"]),
        ("a:link[@rel='alternate']/@hreflang", ["fr", "en"]),
        ("a:link[@rel='alternate']/@href", [BUDGET.url, f"{STUDY}/en"]),
        ("a:link[@rel='license']/@href", ["https://creativecommons.org/licenses/by/4.0/"]),
        ("a:link[@rel='related']/@title", ["Bilan"]),
        (
            "a:link[@rel='urn:pioneer-cities:1#inspired-by']/@href",
            ["https://lisbon.example/id/x/en"],
        ),
        ("a:category[@scheme='urn:pioneer-cities:1:topics']/@term", ["open-data", "unlisted"]),
        ("a:category/@label", ["Données ouvertes"]),
        ("georss:point/text()", ["48.85660 2.35220"]),
        ("pc:city/text()", ["paris"]),
        ("pc:city/@name", ["Paris"]),
        ("pc:slug/text()", ["budget"]),
        ("pc:translation/@kind", ["human"]),
        ("pc:translation/@original", ["en"]),
        ("pc:translation/@outdated-since", ["2026-01-01T00:00:00Z"]),
        ("pc:legal-basis/text()", ["Délibération 2014"]),
        ("pc:contact-role/text()", ["Mission participation"]),
        ("pc:contact-email/text()", ["budget@paris.example"]),
        ("pc:status/text()", ["running"]),
        ("pc:start/text()", ["2014"]),
        ("pc:end/text()", ["2020-06"]),
        ("pc:budget-amount/text()", ["500000000"]),
        ("pc:budget-currency/text()", ["EUR"]),
        ("pc:people-reached/text()", ["100000"]),
        ("pc:staff/text()", ["12.5"]),
        ("pc:partner/text()", ["Civocracy", "Ville de Lisbonne"]),
        ("pc:sdg/text()", ["11", "16"]),
        ("pc:author/text()", ["Anne", "Bao"]),
        ("pc:licence/text()", ["CC-BY-4.0"]),
        ("pc:illustrative/text()", ["staff"]),
    ],
)
def test_an_entry_says_all_that_is_known(path: str, expected: list[str]) -> None:
    assert find(BUDGET, path) == expected


def test_content_is_sanitised_html_with_absolute_links() -> None:
    (html,) = find(BUDGET, "a:content[@type='html']/text()")
    assert 'href="https://paris.example/fr/"' in html
    assert "alert" not in html


def test_the_node_is_the_author_of_a_study_that_names_nobody() -> None:
    anonymous = replace(BUDGET, facts=Facts())
    assert find(anonymous, "a:author/a:name/text()") == ["Ville de Paris"]
    assert find(anonymous, "count(pc:author)") == 0


def test_what_is_not_known_is_not_there() -> None:
    bare = replace(BUDGET, summary="", city=None, facts=Facts(), topics=(), slug="")
    assert find(bare, "count(pc:*)") == 3  # translation, legal-basis, contact-role
    assert find(bare, "count(a:summary | georss:* | a:category)") == 0


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    nasty = replace(BUDGET, title="a\x00b\ufffe\ud83dc", summary="\x0bd", slug="é")
    assert find(nasty, "a:title/text()") == ["abc"]
    assert find(nasty, "a:summary/text()") == ["d"]
    assert find(nasty, "count(pc:slug)") == 0


def test_an_address_that_is_not_of_the_web_is_not_published() -> None:
    bad = (Link("javascript:alert(1)", "x"), Link("data:,x", "y"))
    version = replace(BUDGET, inspired_by=bad, url="javascript:alert(1)", alternates=(("en", "x"),))
    version = replace(version, facts=Facts(evidence=bad, licence="javascript:alert(1)"))
    assert find(version, "a:link/@href") == [BUDGET.entry_id]
    assert find(version, "count(pc:licence)") == 0


def test_the_bytes_are_always_the_same() -> None:
    assert xml_of() == xml_of()
    assert xml_of().startswith(b'<entry xmlns="http://www.w3.org/2005/Atom" xmlns:georss=')
    assert hashlib.sha256(xml_of()).hexdigest().startswith("d60adad9dbff"), (
        "the bytes of an entry changed: every follower will read everything again"
    )


@settings(deadline=None, max_examples=50)
@given(versions(), cities)
def test_any_version_gives_a_well_formed_entry_with_one_of_each_language(
    version: Version, city: CityValue
) -> None:
    entry = etree.fromstring(entry_xml(version, "Ville de Paris", city))
    pairs = [
        (link.get("type"), link.get("hreflang"))
        for link in entry.iterchildren("{*}link")
        if link.get("rel") == "alternate"
    ]
    assert len(pairs) == len(set(pairs))  # RFC 4287 §4.1.1
    assert entry.findtext("{*}title")
    assert entry.findtext("{*}author/{*}name")


@settings(deadline=None, max_examples=50)
@given(versions())
def test_tidying_twice_changes_nothing(version: Version) -> None:
    assert tidy(tidy(version)) == tidy(version)


@pytest.mark.parametrize(
    ("given_facts", "expected"),
    [
        (Facts(start="2014-13"), Facts()),
        (Facts(start="2014-02-30", end="0000"), Facts()),
        (Facts(end="2014-02-28"), Facts(end="2014-02-28")),
        (Facts(budget_amount=Decimal("NaN"), staff=Decimal("-1")), Facts()),
        (Facts(budget_amount=Decimal("1E+30")), Facts()),
        (Facts(budget_amount=Decimal("1E+3")), Facts(budget_amount=Decimal(1000))),
        (Facts(people_reached=10**30, sdgs=(0, 1, 18, 1)), Facts(sdgs=(1,))),
        (Facts(contact_email="a b@c"), Facts()),
        (Facts(licence="<b>"), Facts()),
        (Facts(partners=("", " \n", "A ", "A")), Facts(partners=("A",))),
        (Facts(illustrative=("staff", "nothing")), Facts(illustrative=("staff",))),
    ],
)
def test_facts_that_cannot_be_are_left_out(given_facts: Facts, expected: Facts) -> None:
    assert tidy(replace(BUDGET, facts=given_facts)).facts == expected


@pytest.mark.parametrize(
    ("slug", "travels"), [("budget-~1a2b3c4d", True), ("../budget", False), ("Budget", False)]
)
def test_only_a_piece_of_an_address_is_a_slug(slug: str, travels: bool) -> None:
    assert tidy(replace(BUDGET, slug=slug)).slug == (slug if travels else "")


def test_a_tombstone_names_what_is_gone_and_why() -> None:
    xml = tombstone_xml(BUDGET.entry_id, BUDGET.updated, "Retirée\x00 à la\ndemande", "fr")
    tombstone = etree.fromstring(xml)
    assert tombstone.tag == f"{{{NS['at']}}}deleted-entry"
    assert dict(tombstone.attrib) == {"ref": BUDGET.entry_id, "when": "2026-01-02T03:04:05Z"}
    assert tombstone.xpath("string(at:comment[@xml:lang='fr'])", namespaces=NS) == (
        "Retirée à la demande"
    )
    assert b"comment" not in tombstone_xml(BUDGET.entry_id, BUDGET.updated)


def test_dates_are_utc_with_whole_seconds() -> None:
    paris = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2014, 9, 23, 10, 0, 0, 999, tzinfo=paris)) == "2014-09-23T08:00:00Z"
    assert rfc3339(datetime(900, 1, 1, tzinfo=UTC)) == "0900-01-01T00:00:00Z"


@settings(deadline=None, max_examples=50)
@given(versions(), st.sampled_from(["feed", "f:feed", "p:x"]))
def test_the_hash_is_of_what_the_entry_means_wherever_it_stands(version: Version, tag: str) -> None:
    xml = entry_xml(version, "Ville de Paris", PARIS)
    prefix, _, _ = tag.rpartition(":")
    names = f'xmlns{":" + prefix if prefix else ""}="{NS["a"]}" xmlns:georss="urn:other"'
    within = f'<{tag} {names} xml:lang="de" xml:base="https://x.example/">'.encode()
    document = within + b"\n  " + xml + b"\n</" + tag.encode() + b">"
    entry = etree.fromstring(document)[0]
    canonical = etree.tostring(entry, method="c14n", exclusive=True, with_comments=False)
    assert content_hash(xml) == hashlib.sha256(canonical).hexdigest()
    assert content_hash(xml) == content_hash(xml.replace(b"<id>", b"<!-- x --><id >"))


def test_the_hash_tells_any_change() -> None:
    assert content_hash(xml_of()) != content_hash(xml_of(replace(BUDGET, slug="autre")))


@pytest.mark.parametrize("number", [1, LINES - 1, LINES, LINES + 1, 2 * LINES, 2 * LINES + 1])
def test_a_digest_put_together_in_pieces_is_of_the_whole(number: int) -> None:
    lines = [f"{n:06}" for n in range(number)]
    assert digest(lines) == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_the_digest_is_the_protocols() -> None:
    lines = [state_line("https://b/id/1/fr", "2026-01-02T03:04:05.5Z", "ff"), "https://a 1 00", "é"]
    assert lines[0] == "https://b/id/1/fr 2026-01-02T03:04:05.5Z ff"
    expected = hashlib.sha256(f"https://a 1 00\n{lines[0]}\né".encode()).hexdigest()
    assert digest(lines) == digest(reversed(lines)) == expected
    assert digest([]) == hashlib.sha256(b"").hexdigest()
    assert (
        digest(["\U00010000", "\uffff"])
        == hashlib.sha256("\uffff\n\U00010000".encode()).hexdigest()
    )


ADOPTED = (
    Adoption("https://madrid.example/id/2", "contested", "Decide", "Pas ça.", "fr", BUDGET.updated),
    Adoption("https://lyon.example/page", "confirmed", title="Lyon", reason="not said"),
)


def test_an_entry_says_what_its_city_thinks_of_adoptions_in_the_order_of_addresses() -> None:
    found = etree.fromstring(xml_of(replace(BUDGET, adoptions=ADOPTED))).findall(
        "{urn:pioneer-cities:1}adoption"
    )
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [(dict(e.attrib), e.text) for e in found] == [
        ({"href": "https://lyon.example/page", "title": "Lyon", "verdict": "confirmed"}, None),
        (
            {
                "href": "https://madrid.example/id/2",
                "title": "Decide",
                "verdict": "contested",
                "decided": "2026-01-02T03:04:05Z",
                lang: "fr",
            },
            "Pas ça.",
        ),
    ]
    turned = replace(BUDGET, adoptions=ADOPTED[::-1])
    assert xml_of(turned) == xml_of(replace(BUDGET, adoptions=ADOPTED))


def test_an_entry_without_a_verdict_has_the_bytes_and_the_hash_that_it_always_had() -> None:
    """The logs of nodes that were upgraded must not change."""
    xml = xml_of(replace(BUDGET, adoptions=()))
    assert b"adoption" not in xml
    assert content_hash(xml) == ("beba48f3f1d2a5583b6c93822e9d8050313b2b8895d2ff4049854566edcc93de")


@given(version=versions(), told=st.lists(adoptions, max_size=4).map(tuple))
def test_a_verdict_changes_an_entry_as_if_it_had_been_written_with_it(
    version: Version, told: tuple[Adoption, ...]
) -> None:
    later = version.updated + timedelta(seconds=9)
    written = replace(version, adoptions=told, updated=later)
    assert with_adoptions(xml_of(version), told, later) == xml_of(written)


def test_only_the_latest_verdicts_travel_when_there_are_too_many() -> None:
    days = range(MOST_ADOPTIONS + 5)
    told = [
        Adoption(f"https://a.example/{n:04}", "confirmed", decided=NOW + timedelta(days=n))
        for n in days
    ]
    kept = tidy(replace(BUDGET, adoptions=tuple(told))).adoptions
    assert [each.href[-4:] for each in kept] == [f"{n:04}" for n in days[5:]]


NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        Adoption("javascript:alert(1)", "confirmed"),
        Adoption("https://a.example/", "praised"),  # type: ignore[arg-type]
        Adoption("", "confirmed"),
    ],
)
def test_a_verdict_that_cannot_be_is_left_out(told: Adoption) -> None:
    assert tidy(replace(BUDGET, adoptions=(told,))).adoptions == ()
