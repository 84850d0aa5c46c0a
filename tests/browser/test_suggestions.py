"""The search box while somebody types: a list to choose from; without scripts a plain search."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import SCREENS, overflow, violations

pytestmark = pytest.mark.browser


def has_scripts(page: Page) -> bool:
    return page.locator("[role=combobox]").count() > 0


def typed(page: Page, url: str, text: str):
    """The header's search box on a page, after somebody has typed into it."""
    page.goto(url)
    field = page.locator("#site-search")
    field.press_sequentially(text)
    return field


def test_a_suggestion_is_chosen_with_the_arrow_keys(page: Page, cities):
    madrid = cities["madrid"]
    field = typed(page, madrid.url + "/en/topics/", "lis")
    if not has_scripts(page):
        field.press("Enter")
        expect(page).to_have_url(madrid.url + "/en/search?q=lis")
        return
    options = page.get_by_role("option")
    expect(options.first).to_have_text(re.compile("^Lisbon City"))
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    field.press("ArrowUp")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    field.press("ArrowDown")
    field.press("Enter")
    expect(page).to_have_url(madrid.url + "/en/cities/lisbon")


def test_escape_closes_the_list_and_keeps_what_was_typed(page: Page, cities):
    field = typed(page, cities["madrid"].url + "/fr/thematiques/", "lis")
    if has_scripts(page):
        expect(page.get_by_role("listbox")).to_be_visible()
        field.press("Escape")
        expect(page.get_by_role("listbox")).to_have_count(0)
        expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("lis")
    field.press("Enter")
    expect(page).to_have_url(cities["madrid"].url + "/fr/recherche?q=lis")


def test_leaving_the_box_closes_the_list(page: Page, cities):
    field = typed(page, cities["madrid"].url + "/fr/thematiques/", "lisb")
    if has_scripts(page):
        expect(page.get_by_role("listbox")).to_be_visible()
        field.press("Tab")
        expect(page.get_by_role("listbox")).to_have_count(0)


def test_a_suggestion_is_chosen_with_a_click(page: Page, cities):
    typed(page, cities["madrid"].url + "/fr/thematiques/", "lisb")
    if has_scripts(page):
        page.get_by_role("option").first.click()
        expect(page).to_have_url(cities["madrid"].url + "/fr/villes/lisbonne")


@pytest.mark.parametrize("screen", SCREENS)
def test_the_open_list_has_no_fault_that_axe_finds(screen, browser, cities):
    with browser.new_context(**SCREENS[screen]) as context:
        page = context.new_page()
        typed(page, cities["madrid"].url + "/en/topics/", "par").press("ArrowDown")
        expect(page.get_by_role("option").first).to_be_visible()
        assert violations(page) == []
        assert overflow(page) <= 0
