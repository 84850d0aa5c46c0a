"""What scripts add to the editor: saving by itself, previews, rows; and that they lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.browser.writing import write
from tests.nodes import PASSWORD, Node

pytestmark = pytest.mark.browser
AUTOSAVE = "**/autosave"
SAVE = ".action-bar button:not([formaction]):not([name])"
SCREENS = {
    "desktop, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def sign_in(page: Page, node: Node, role: str = "editor") -> None:
    page.goto(f"{node.url}/en/account/sign-in")
    page.fill("#email", f"{role}@{node.city}.example")
    page.fill("#password", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/en/desk/**")


def begin(page: Page, node: Node, title: str) -> str:
    """Begin a study in French; gives the address of its editor."""
    page.goto(f"{node.url}/en/desk/new")
    page.check("input[name=lang][value=fr]")
    page.fill("#title", title)
    page.click("main form button")
    page.wait_for_url("**/case-studies/**")
    return page.url


@pytest.fixture
def editor(browser: Browser, cities: dict[str, Node]) -> Iterator[Page]:
    """The editor with a study that was just begun."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        sign_in(page, cities["paris"])
        begin(page, cities["paris"], "Une étude")
        yield page


def field(page: Page, name: str) -> str:
    return page.input_value(f"[name='{name}']")


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-status]")).to_have_text("All is saved", timeout=15_000)


def test_what_is_typed_is_saved_by_itself(editor: Page) -> None:
    for words in ("Un début", "Un début, puis une suite"):
        write(editor, "fr.body", words)
        saved(editor)
    editor.reload()
    assert field(editor, "fr.body") == "Un début, puis une suite"


def test_whoever_types_without_a_pause_is_saved_meanwhile(editor: Page) -> None:
    sent: list[str] = []
    editor.on(
        "request",
        lambda each: sent.append(each.post_data or "") if "autosave" in each.url else None,
    )
    editor.clock.install()
    rich = editor.locator("[id='fr.body-rich']")
    rich.click()
    for letter in "mot " * 11:  # half a second each: 22 seconds
        editor.keyboard.type(letter)
        editor.clock.run_for(500)
        if len(sent) == 1:
            editor.wait_for_timeout(50)
    assert len(sent) >= 2
    first = re.search(r'name="fr.body"\s+([^\r\n]*)', sent[0])
    assert first is not None and 14 <= len(first[1]) <= 20


def test_leaving_the_tab_saves_at_once(editor: Page) -> None:
    editor.clock.install()
    editor.clock.pause_at(datetime.now() + timedelta(hours=1))  # noqa: DTZ005
    write(editor, "fr.body", "Un mot")
    with editor.expect_response(AUTOSAVE):
        editor.evaluate(
            """() => {
                Object.defineProperty(document, 'hidden', { value: true, configurable: true });
                document.dispatchEvent(new Event('visibilitychange'));
                delete document.hidden;
            }"""
        )
    editor.reload()
    assert field(editor, "fr.body") == "Un mot"


def test_saving_while_an_autosave_is_under_way_is_no_conflict(editor: Page) -> None:
    held: list[tuple[Route, APIResponse]] = []
    editor.route(AUTOSAVE, lambda route: held.append((route, route.fetch())))
    write(editor, "fr.body", "Un début")
    editor.wait_for_timeout(4500)
    write(editor, "fr.body", "Un début, puis une suite")
    editor.locator(SAVE).click(no_wait_after=True)
    editor.wait_for_timeout(500)
    for route, answer in held:
        route.fulfill(response=answer)
    expect(editor.locator(".notice--good")).to_contain_text("Saved", timeout=15_000)
    assert field(editor, "fr.body") == "Un début, puis une suite"


def test_a_conflict_stops_the_autosave_and_nothing_is_lost(editor: Page) -> None:
    other = editor.context.new_page()
    other.goto(editor.url)
    write(other, "fr.problem", "Leur texte")
    other.locator(SAVE).click()
    other.wait_for_url("**/case-studies/**")
    write(editor, "fr.problem", "Mon texte")
    status = editor.locator("[data-autosave-status]")
    expect(status).to_contain_text("somebody else", timeout=15_000)
    editor.locator(SAVE).click()
    expect(editor.locator(".error-summary")).to_be_focused()
    assert field(editor, "fr.problem") == "Mon texte"
    expect(editor.locator(".theirs")).to_contain_text("Leur texte")
    editor.check(".theirs input[name=take]")
    editor.locator(SAVE).click()
    expect(editor.locator(".notice--good")).to_contain_text("Saved")
    assert field(editor, "fr.problem") == "Leur texte"


def test_after_signing_in_again_elsewhere_the_autosave_goes_on(
    editor: Page, cities: dict[str, Node]
) -> None:
    other = editor.context.new_page()
    other.goto(f"{cities['paris'].url}/en/desk/")
    other.click(".masthead button.linkish")
    other.wait_for_url("**/en/")
    write(editor, "fr.body", "Sans session")
    status = editor.locator("[data-autosave-status]")
    expect(status).to_contain_text("signed out", timeout=15_000)
    sign_in(other, cities["paris"])
    write(editor, "fr.body", "Avec une session")
    saved(editor)
    editor.reload()
    assert field(editor, "fr.body") == "Avec une session"


def test_leaving_with_unsaved_words_asks_first(editor: Page) -> None:
    editor.route(AUTOSAVE, lambda route: route.abort())
    asked: list[str] = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    write(editor, "fr.body", "x")
    editor.click(".breadcrumb a >> nth=1")
    editor.wait_for_url("**/en/desk/")
    assert asked == ["beforeunload"]


def test_markdown_is_shown_beside_its_field_as_it_will_be(editor: Page) -> None:
    editor.get_by_label("Write in Markdown").check()
    preview = editor.locator("[data-preview-of='fr.results']")
    editor.fill("[id='fr.results']", "**Beaucoup** <img src=x onerror=alert(1)>")
    editor.locator("details", has=preview).locator("summary").click()
    expect(preview.locator("strong")).to_have_text("Beaucoup")
    expect(preview.locator("img")).to_have_count(0)
    editor.fill("[id='fr.results']", "**Plus encore**")
    expect(preview.locator("strong")).to_have_text("Plus encore")


def test_rows_for_links_are_added_in_place_and_saved(editor: Page) -> None:
    rows = editor.locator("[name='evidence.href']")
    before = rows.count()
    editor.click("#evidence-rows [name=more]")
    expect(rows).to_have_count(before + 1)
    expect(editor.locator("[name='evidence.title']").last).to_be_focused()
    ids = editor.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))
    rows.last.fill("https://rapport.example/")
    editor.locator(SAVE).click()
    expect(editor.locator(".notice--good")).to_contain_text("Saved")
    assert field(editor, "evidence.href") == "https://rapport.example/"


def test_the_summary_says_how_many_letters_are_left_and_cuts_nothing_off(editor: Page) -> None:
    cell = editor.locator(".editor__cell", has=editor.locator("[id='fr.summary']"))
    expect(cell).to_contain_text("300 characters left")
    editor.fill("[id='fr.summary']", "x" * 312)
    expect(cell).to_contain_text("12 characters too many")
    assert field(editor, "fr.summary") == "x" * 312


def test_enter_in_a_field_saves_and_publishes_nothing(editor: Page) -> None:
    editor.fill("[id='fr.title']", "Un autre titre")
    editor.press("[id='fr.title']", "Enter")
    expect(editor.locator(".notice--good")).to_contain_text("Saved")
    expect(editor.locator(".study__meta")).to_contain_text("Draft")
    assert field(editor, "fr.title") == "Un autre titre"


def test_both_texts_stand_side_by_side_row_by_row_and_one_under_the_other_on_phones(
    editor: Page,
) -> None:
    def box(name: str) -> dict[str, float]:
        found = editor.locator(f"[id='{name}']").bounding_box()
        assert found is not None
        return dict(found)

    expect(editor.locator(".rich")).to_have_count(10)
    for name in ("title", "summary", "slug"):
        assert box(f"fr.{name}")["y"] == pytest.approx(box(f"en.{name}")["y"], abs=2)
        assert box(f"fr.{name}")["x"] < box(f"en.{name}")["x"]
    for name in ("body", "lessons"):
        assert box(f"fr.{name}-rich")["y"] == pytest.approx(box(f"en.{name}-rich")["y"], abs=2)
        assert box(f"fr.{name}-rich")["x"] < box(f"en.{name}-rich")["x"]
    editor.set_viewport_size({"width": 360, "height": 740})
    assert box("fr.slug")["y"] < box("en.title")["y"]
    assert box("fr.title")["x"] == box("en.title")["x"]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_fault_in_the_editor_in_any_state(
    screen: str, browser: Browser, cities: dict[str, Node]
) -> None:
    def check(page: Page) -> None:
        found = Axe().run(page, options=RULES).response["violations"]
        assert [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]] == []
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} scrolls sideways"

    with browser.new_context(**SCREENS[screen]) as context:
        page = context.new_page()
        sign_in(page, cities["paris"])
        address = begin(page, cities["paris"], "Une étude " + "interminable" * 12)
        for details in page.locator("main details").all():
            details.evaluate("node => { node.open = true; }")
        check(page)
        page.fill("#start", "hier")
        page.locator("[name='evidence.href']").first.fill("x" * 200)
        page.click("button[formaction$='/publish']")
        expect(page.locator(".error-summary")).to_be_focused()
        assert re.match("Error: ", page.title())
        check(page)
        for path in ("/preview", "/history", "/history/1"):
            page.goto(address + path)
            check(page)
