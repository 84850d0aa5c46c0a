"""Choosing case studies on several pages and reading them side by side, scripts or not."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def boxes(page: Page):
    return page.get_by_role("checkbox", name=re.compile("^(Compare|Comparer)"))


def columns(page: Page) -> list[str]:
    return page.locator(".compare thead th").all_inner_texts()


def compare(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Compare|Comparer) ")).click()


def test_what_is_ticked_on_one_list_stands_side_by_side(page: Page, cities):
    page.goto(cities["madrid"].url + "/fr/villes/paris")
    boxes(page).nth(0).check()
    boxes(page).nth(1).check()
    compare(page)
    expect(page).to_have_url(re.compile(r"/fr/comparer\?study=.+&study=.+"))
    assert len(columns(page)) == 2


def test_a_choice_is_remembered_from_list_to_list_and_never_more_than_four(page: Page, cities):
    home = cities["madrid"].url
    page.goto(home + "/en/case-studies/")
    if not scripted(page):
        return
    for number in range(3):
        boxes(page).nth(number).check()
    expect(page.locator("#compare [role=status]")).to_have_text("3 of 4 chosen")
    page.goto(home + "/en/search?q=budget")
    expect(page.locator("#compare [role=status]")).to_have_text("3 of 4 chosen")
    page.locator("input[form=compare]:not(:checked)").first.check()
    expect(page.locator("input[form=compare]:not(:checked):enabled")).to_have_count(0)
    compare(page)
    assert len(columns(page)) == 4
    page.get_by_role("link", name=re.compile("^Remove")).first.click()
    assert len(columns(page)) == 3
    page.goto(home + "/en/case-studies/")
    expect(page.locator("#compare [role=status]")).to_have_text("3 of 4 chosen")


def test_a_studys_page_adds_it_to_what_was_chosen_before(page: Page, cities):
    home = cities["madrid"].url
    page.goto(home + "/en/cities/madrid")
    remembered = scripted(page)
    boxes(page).first.check()
    page.goto(home + "/en/case-studies/paris/participatory-budget")
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page).to_have_url(re.compile("/en/compare"))
    assert len(columns(page)) == (2 if remembered else 1)


def test_starting_over_forgets_the_choice(page: Page, cities):
    home = cities["madrid"].url
    page.goto(home + "/en/cities/madrid")
    boxes(page).first.check()
    compare(page)
    page.get_by_role("link", name="Start over").click()
    expect(page.get_by_text("Nothing chosen yet")).to_be_visible()
    page.goto(home + "/en/cities/madrid")
    expect(boxes(page).first).not_to_be_checked()


def scripted(page: Page) -> bool:
    return page.locator("[role=combobox]").count() > 0
