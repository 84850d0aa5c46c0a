"""Figures and dates in the editor: understood in the page's language and shown, or asked about."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from network.case_studies import queries, service
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts
from network.lib.db import db
from tests.web.officials import Official, form, user

PAGES = {"en": "/en/desk/case-studies/", "fr": "/fr/bureau/etudes-de-cas/"}
UNTOUCHED = ("start", "end", "budget_amount", "budget_currency", "people_reached", "staff")


class Desk:
    """An editor before a study, on the page of a language."""

    def __init__(self, app: Flask, lang: str) -> None:
        self.app = app
        self.person = Official(app, "editor", f"louise-{lang}")
        draft = Draft("fr", texts={"fr": TextDraft("Titre", summary="Résumé.")})
        with app.app_context():
            self.id = service.create(db.session(), user(app, self.person), draft)
        self.address = PAGES[lang] + self.id

    def type(self, typed: dict[str, str], then: str = "") -> TestResponse:
        """Open the form, type, send it; gives the page that follows."""
        sent = form(self.person.get(self.address))
        for name, value in typed.items():
            sent[name] = value
        return self.person.post(self.address + then, sent, follow_redirects=True)

    @property
    def facts(self) -> Facts:
        """What is stored."""
        return self.draft.facts

    @property
    def draft(self) -> Draft:
        """The study as it is stored."""
        with self.app.app_context():
            return queries.get(db.session(), self.id)[1]


def shown(page: TestResponse) -> dict[str, str]:
    """The figures and dates that stand in the form, spaces as spaces."""
    fields = form(page)
    return {name: re.sub(r"\s", " ", fields[name]) for name in UNTOUCHED if fields[name]}


def told(page: TestResponse, kind: str) -> str:
    """What the page says above the form."""
    found = html.fromstring(page.text).xpath(f'//*[contains(@class, "{kind}")]')
    return re.sub(r"\s+", " ", " ".join(each.text_content() for each in found))


@pytest.mark.parametrize(
    ("lang", "typed", "stored", "back", "said"),
    [
        (
            "fr",
            {"budget_amount": "1,5 M€", "people_reached": "env. 40 000", "staff": "0,125",
             "start": "septembre 2020", "end": "01/03/2021"},
            Facts(start="2020-09", end="2021-03-01", budget_amount=Decimal(1500000),
                  budget_currency="EUR", people_reached=40000, staff=Decimal("0.125")),
            {"budget_amount": "1 500 000", "budget_currency": "EUR", "people_reached": "40 000",
             "staff": "0,125", "start": "septembre 2020", "end": "1er mars 2021"},
            ["Budget : 1 500 000 EUR (« 1,5 M€ »)", "(« env. 40 000 »)", "1er mars 2021 (« 01/03"],
        ),
        (
            "en",
            {"budget_amount": "£2.5 million", "people_reached": "40,000", "staff": "2,5",
             "start": "1er mars 2021", "end": "09/2021"},
            Facts(start="2021-03-01", end="2021-09", budget_amount=Decimal(2500000),
                  budget_currency="GBP", people_reached=40000, staff=Decimal("2.5")),
            {"budget_amount": "2,500,000", "budget_currency": "GBP", "people_reached": "40,000",
             "staff": "2.5", "start": "1 March 2021", "end": "September 2021"},
            ["Budget: 2,500,000 GBP (“£2.5 million”)", "2.5 (“2,5”)", "1 March 2021 (“1er mars"],
        ),
    ],
)  # fmt: skip
def test_what_was_typed_is_understood_and_shown_back_in_full(
    app: Flask,
    lang: str,
    typed: dict[str, str],
    stored: Facts,
    back: dict[str, str],
    said: list[str],
) -> None:
    desk = Desk(app, lang)
    page = desk.type(typed)
    assert desk.facts == stored
    assert shown(page) == back
    for words in said:
        assert words in told(page, "notice--info")
    again = desk.type({})
    assert desk.facts == stored
    assert told(again, "notice--info") == ""


@pytest.mark.parametrize(
    ("lang", "typed", "readings"),
    [
        ("fr", {"budget_amount": "12.500 €"}, "12,5 ou 12 500 (12,5 mille)"),
        ("en", {"budget_amount": "12.500 €"}, "12.5 or 12,500 (12.5 thousand)"),
        ("fr", {"people_reached": "1.000"}, "1 ou 1 000 (mille)"),
        ("fr", {"staff": "12,500"}, "12,5 ou 12 500 (12,5 mille)"),
        ("en", {"start": "01/03/2021"}, "1 March 2021 or 3 January 2021"),
        ("fr", {"end": "printemps 2020"}, "avril 2020"),
        ("en", {"budget_amount": "$ 10m"}, "USD, CAD"),
        ("en", {"budget_amount": "10 €", "budget_currency": "USD"}, "says EUR"),
        ("fr", {"budget_amount": "10 000 € par an", "budget_currency": "EUR"}, "en tout"),
    ],
)
def test_what_is_unclear_is_saved_as_typed_and_asked_about_beside_its_field(
    app: Flask, lang: str, typed: dict[str, str], readings: str
) -> None:
    desk = Desk(app, lang)
    page = desk.type(typed)
    (name, *_), (words, *_) = typed.keys(), typed.values()
    assert shown(page)[name] == words
    assert desk.draft.unreadable == {name: words}
    assert readings in told(page, "error-summary")
    assert f'href="#{name}"' in page.text
    assert f'id="{name}-error"' in page.text
    refused = desk.type({}, "/publish" if lang == "en" else "/publier")
    assert refused.status_code == 422
    assert readings in told(refused, "error-summary")
    assert shown(refused)[name] == words
    answered = desk.type({name: "2021" if name in ("start", "end") else "12"})
    assert told(answered, "error-summary") == ""
    assert desk.draft.unreadable == {}


def test_an_answer_is_understood_as_it_was_offered(app: Flask) -> None:
    desk = Desk(app, "fr")
    desk.type({"staff": "12.500"})
    desk.type({"staff": "12\u202f500"})
    assert desk.facts.staff == Decimal(12500)
    desk.type({"staff": "12.500"})
    desk.type({"staff": "12,5"})
    assert desk.facts.staff == Decimal("12.5")


def test_an_older_text_with_a_doubt_in_it_asks_again(app: Flask) -> None:
    desk = Desk(app, "en")
    desk.type({"staff": "12.500"})
    desk.type({"staff": "3"})
    page = desk.person.get(f"{desk.address}/history/2")
    assert "12,500 (12.5 thousand)" in told(page, "error-summary")
    assert shown(page)["staff"] == "12.500"


def test_an_autosave_reads_in_the_language_of_the_page_too(app: Flask) -> None:
    desk = Desk(app, "fr")
    sent = form(desk.person.get(desk.address))
    sent["people_reached"] = "40 000"
    sent["end"] = "01/03/2021"
    assert desk.person.post(f"{desk.address}/enregistrer", sent).status_code == 200
    assert (desk.facts.people_reached, desk.facts.end) == (40000, "2021-03-01")
