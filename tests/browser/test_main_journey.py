"""The main journey as people make it: Paris publishes, Madrid reads, Paris withdraws."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.writing import write
from tests.nodes import PASSWORD, Node, eventually

pytestmark = pytest.mark.browser


def sign_in(page: Page, node: Node, role: str, path: str) -> None:
    page.goto(node.url + path)
    page.fill("input[name=email]", f"{role}@{node.city}.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")


def word() -> str:
    """A word that no other study has."""
    return "zz" + re.sub(r"\d", lambda d: "ghijklmnop"[int(d[0])], uuid.uuid4().hex[:10])


def test_a_study_written_in_french_is_published_read_and_found_in_madrid_and_withdrawn(
    page: Page, cities
):
    paris, madrid = cities["paris"], cities["madrid"]
    mark = word()
    sign_in(page, paris, "editor", "/fr/compte/connexion")
    page.goto(f"{paris.url}/fr/bureau/nouvelle-etude")
    page.check("input[name=lang][value=fr]")
    page.fill("input[name=title]", f"Les jardins de rue {mark}")
    page.click("main form button.button")

    page.fill("[name='fr.summary']", "Des habitants plantent au pied des arbres.")
    write(page, "fr.body", "Depuis 2015, un **permis de végétaliser** se demande en ligne.")
    write(page, "fr.lessons", "L’arrosage de l’été <script>alert(1)</script> manque.")
    page.fill("[name='en.title']", f"Street gardens {mark}")
    page.fill("[name='en.summary']", "Residents plant at the foot of trees.")
    page.select_option("[name='en.translation']", "machine")
    page.check("input[name=topics][value='climate-environment']")
    page.fill("[name=budget_amount]", "250 000")
    page.fill("[name=budget_currency]", "EUR")
    page.get_by_role("button", name="Publier", exact=True).click()

    french = f"/fr/etudes-de-cas/paris/les-jardins-de-rue-{mark}"
    english = f"/en/case-studies/paris/street-gardens-{mark}"
    page.locator("main .notice a").click()
    expect(page).to_have_url(paris.url + french)
    assert page.locator("main script").count() == 0
    eventually(lambda: madrid.status(french) == 200)
    eventually(lambda: french in madrid.text(f"/fr/recherche?q={mark}"))

    page.goto(madrid.url + french)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Les jardins de rue {mark}")
    expect(page.locator("strong", has_text="permis de végétaliser")).to_be_visible()
    expect(page.locator(".provenance a", has_text="d’origine")).to_have_attribute(
        "href", paris.url + french
    )
    page.get_by_role("link", name="English").first.click()
    expect(page).to_have_url(madrid.url + english)
    expect(page.get_by_text("Machine translation, not reviewed").first).to_be_visible()

    page.fill("#site-search, header input[name=q]", mark)
    page.keyboard.press("Enter")
    expect(page.locator("main mark").first).to_have_text(mark)
    assert page.locator(f"main a[href='{english}']").count() == 1

    page.goto(f"{paris.url}/fr/bureau/")
    page.get_by_role("link", name=f"Les jardins de rue {mark}").click()
    page.get_by_role("link", name=re.compile("Retirer")).click()
    page.fill("textarea[name=reason]", "Des chiffres sont faux.")
    page.locator("main form button.button").click()
    eventually(lambda: madrid.status(french) in (404, 410))
    eventually(lambda: french not in madrid.text(f"/fr/recherche?q={mark}"))


def test_a_mistake_in_the_editor_is_told_on_top_and_beside_the_field_and_nothing_is_lost(
    page: Page, cities
):
    paris = cities["paris"]
    sign_in(page, paris, "editor", "/en/account/sign-in")
    page.goto(f"{paris.url}/en/desk/new")
    page.fill("input[name=title]", f"Night library {word()}")
    page.check("input[name=lang][value=en]")
    page.click("main form button.button")
    write(page, "en.body", "Open until midnight.")
    page.fill("[name=budget_amount]", "a lot")
    page.get_by_role("button", name="Publish", exact=True).click()

    expect(page).to_have_title(re.compile("^Error:"))
    summary = page.locator(".error-summary, [role=alert]").first
    expect(summary).to_be_visible()
    expect(page.locator("[name='en.body']")).to_have_value("Open until midnight.")
    expect(page.locator("[name=budget_amount]")).to_have_value("a lot")
    expect(page.locator("#budget_amount-error")).to_be_visible()


def test_an_author_writes_but_does_not_publish(page: Page, cities):
    madrid = cities["madrid"]
    sign_in(page, madrid, "author", "/en/account/sign-in")
    page.goto(f"{madrid.url}/en/desk/new")
    page.check("input[name=lang][value=en]")
    page.fill("input[name=title]", f"A draft {word()}")
    page.click("main form button.button")
    expect(page.get_by_role("button", name="Save draft")).to_be_visible()
    assert page.get_by_role("button", name="Publish", exact=True).count() == 0
    assert page.goto(f"{madrid.url}/en/admin/members").status == 403


def test_the_language_link_keeps_the_filters_and_the_query(page: Page, cities):
    page.goto(cities["paris"].url + "/fr/etudes-de-cas/?topic=budget-participatif&status=running")
    page.get_by_role("link", name="English").first.click()
    expect(page).to_have_url(
        cities["paris"].url + "/en/case-studies/?topic=participatory-budgeting&status=running"
    )
    page.goto(cities["paris"].url + "/fr/recherche?q=budget")
    page.get_by_role("link", name="English").first.click()
    expect(page).to_have_url(cities["paris"].url + "/en/search?q=budget")


def test_a_visitor_is_sent_to_the_language_that_the_browser_asks_for(page: Page, cities):
    page.goto(cities["madrid"].url + "/")
    expect(page).to_have_url(cities["madrid"].url + "/fr/")
