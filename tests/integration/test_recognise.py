"""An address that somebody pastes is known as the study that it means."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from network.adoptions.recognise import recognise
from network.case_studies import service
from network.config import Settings
from network.following import service as subscriptions
from tests.adopting import MADRID, follow, receive, version
from tests.writing import TextDraft, draft, publish_in

BASE = "http://paris.example"
DECIDE = version(1)
ENGLISH = TextDraft(title="City bees", summary="Hives.", translation="human")


@pytest.fixture
def known(session: Session, settings: Settings) -> str:
    """A study of ours, and one of Madrid; the id of ours."""
    receive(session, follow(session), DECIDE)
    follow(session, "http://blog.example", "foreign")
    return publish_in(session, settings, draft("Les ruches", texts={"en": ENGLISH}))


def one(session: Session, address: str) -> str | None:
    found = recognise(session, BASE, [address]).get(address)
    session.rollback()
    return found


@pytest.mark.parametrize(
    "address",
    [
        DECIDE.study_key,
        DECIDE.entry_id,
        f"{DECIDE.study_key}/fr",
        DECIDE.url,
        f"{DECIDE.url}/",
        f"{DECIDE.url}#results",
        f"{DECIDE.url}?utm_source=letter#results",
        DECIDE.url.replace("http:", "https:"),
        f"{MADRID}/en/case-studies/madrid/practice-1",
        f"{BASE}/en/case-studies/madrid/practice-1",
        f"{BASE}/en/case-studies/madrid/practice-1/lineage",
        f"{BASE}/fr/etudes-de-cas/madrid/practice-1/filiation",
    ],
)
def test_a_followed_study_is_known_by_its_id_its_page_and_our_page_of_it(
    session: Session, known: str, address: str
) -> None:
    assert one(session, address) == DECIDE.study_key


@pytest.mark.parametrize(
    "path",
    [
        "/id/{id}",
        "/id/{id}/fr",
        "/fr/etudes-de-cas/paris/les-ruches",
        "/en/case-studies/paris/city-bees",
        "/en/desk/case-studies/{id}",
        "/fr/bureau/etudes-de-cas/{id}/apercu",
    ],
)
def test_our_own_study_is_known_by_its_pages_and_its_place_on_the_desk(
    session: Session, known: str, path: str
) -> None:
    assert one(session, BASE + path.format(id=known)) == f"{BASE}/id/{known}"


def test_a_page_of_a_member_that_shows_our_study_means_our_study(
    session: Session, known: str
) -> None:
    address = f"{MADRID}/en/case-studies/paris/city-bees"
    assert one(session, address) == f"{BASE}/id/{known}"


def test_a_draft_of_ours_is_known_by_its_id_so_that_it_can_be_refused(session: Session) -> None:
    made = service.create(session, None, draft("Pas encore"))
    assert one(session, f"{BASE}/id/{made}") == f"{BASE}/id/{made}"


@pytest.mark.parametrize(
    "address",
    [
        "https://lisbon.example/orcamento",
        "http://blog.example/en/case-studies/madrid/practice-1",
        f"{BASE}/en/topics/open-data",
        f"{BASE}/en/case-studies/madrid/nothing",
        "practice-1",
        "http://[",
    ],
)
def test_any_other_address_is_nobody_s_study(session: Session, known: str, address: str) -> None:
    assert one(session, address) is None


def test_what_is_not_shown_is_not_recognised_by_its_page(session: Session, known: str) -> None:
    subscriptions.block(session, 1)
    assert one(session, DECIDE.url) is None
