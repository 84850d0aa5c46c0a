"""The rich-text editor: what is written in it is the Markdown of before, and no byte of it changes
that nobody touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from network.case_studies.body import render
from network.lib.places import folder
from network.lib.sanitise import plain_text
from tests.browser.conftest import is_refusal
from tests.browser.test_accessibility import SCREENS, overflow, violations
from tests.browser.test_editor import SAVE, begin, field, saved, sign_in
from tests.browser.writing import paste, put, sent, write
from tests.nodes import Node

pytestmark = pytest.mark.browser
CLIPBOARDS = Path(__file__).parent.parent / "data" / "clipboards"
ODD = (
    "",
    "\n\n  \nDeux lignes vides avant, trois après.\n\n\n",
    "# Un\nsur deux\nlignes\n\nTitre\n=====\n\nAutre\n---\n",
    "#\u00a0Titre\n\n-\u00a0un\n-\u202fdeux\n\n>\u00a0cité\n\n1.\u00a0premier\n",
    "* a\n* b\n\n+ c\n\n- d\n    - e\n\n1) un\n2) deux\n\n10. dix\n",
    "- serré\n- liste\n\n\n- aéré\n\n- liste\n",
    "[un lien][a], [un autre][B]\n\n[a]: https://a.example/ 'Titre'\n[b]: <https://b.fr/x y>\n",
    "Ligne dure  \nfin\\\nautre\n\n`code` ``a ` b``\n\n```js\nlet a = '```';\n```\n\n    indenté\n",
    "| a | b |\n|:--|--:|\n| 1 \\| 2 | **3** |\n| seul |\n\nA | B\n--|--\nc | d\n",
    "**Note\u00a0:**suite et *a*b, ***gras italique***, ~~retiré~~, _souligné_, __fort__\n",
    "<b>pas de HTML</b> &amp; &eacute; &#233; <https://a.example/> <moi@a.example>\n",
    "![une image](https://a.example/i.png 'Titre') et ![](https://a.example/j.png)\n",
    "***\n\n---\n\n_ _ _\n\n> a\n>\n> > b\n> - c\n",
    "1986\\. Une année\n\n\\# pas un titre\n\n2 * 3 * 4 et snake_case et [sic]\n",
    "«\u00a0Oui\u00a0»\u202f; «\u00a0non\u00a0»\u202f! 10\u202f000\u00a0€\n",
)
"""Texts as people and programs write them, in forms that an editor would write otherwise."""


@pytest.fixture(scope="module")
def editor(browser: Browser, cities: dict[str, Node]) -> Iterator[Page]:
    """The editor with a study just begun; fails when a script of ours fails or is refused."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if is_refusal(m.text) else None)
        sign_in(page, cities["paris"])
        begin(page, cities["paris"], "Un texte")
        expect(page.locator(".rich")).to_have_count(10)
        yield page
        assert faults == []


@pytest.fixture
def text(editor: Page) -> Page:
    """The same with an empty text, the cursor in it."""
    put(editor, "fr.body", "")
    editor.locator("[id='fr.body-rich']").click()
    return editor


def button(page: Page, name: str) -> None:
    page.locator(f".rich:has([id='fr.body-rich']) button[data-name={name}]").click()


def shipped() -> list[str]:
    """Every text of the demonstration and of the documents, and each paragraph of them."""
    files = [
        *folder("demo_content").rglob("*.md"),
        *Path("docs").rglob("*.md"),
        *Path().glob("*.md"),
    ]
    whole = [path.read_text("utf-8") for path in files]
    bodies = [each.split("---\n", 2)[2] for each in whole if each.startswith("---\n")]
    parts = [part for each in whole for part in re.split(r"\n{2,}", each)]
    return list(dict.fromkeys([*ODD, *whole, *bodies, *parts]))


def rewritten(page: Page, markdown: str) -> str:
    """A text of which every block is written anew, as if somebody had touched each."""
    put(page, "fr.body", markdown)
    found = page.evaluate(
        """() => {
            const { rich } = document.getElementById('fr.body-rich').closest('.rich');
            return new rich.source.constructor('').write(rich.view.state.doc);
        }"""
    )
    return str(found)


def test_opening_and_saving_changes_no_byte_of_any_text(editor: Page) -> None:
    texts = shipped()
    assert len(texts) > 1_000
    changed = editor.evaluate(
        """texts => {
            const area = document.getElementById('fr.body');
            const form = document.querySelector('.editor-form');
            return texts.filter((text) => {
                area.value = text;
                area.dispatchEvent(new Event('rich:read'));
                return new FormData(form).get('fr.body') !== area.value || area.value !== text;
            });
        }""",
        texts,
    )
    assert changed == []


def test_a_word_added_at_the_end_leaves_all_before_it_as_it_was(text: Page) -> None:
    for markdown in ODD:
        put(text, "fr.body", markdown)
        text.locator("[id='fr.body-rich']").focus()
        text.keyboard.press("Control+End")
        text.keyboard.press("Enter")
        text.keyboard.press("Enter")
        text.keyboard.type("fin")
        found = sent(text, "fr.body")
        assert found.endswith("fin") or "fin\n" in found, markdown
        first = markdown.strip("\n").split("\n\n", maxsplit=1)[0]
        assert first in found


def shown(markdown: str) -> str:
    """What readers see of it, lines and spaces aside."""
    html = re.sub(r'<section id="\w+">|</section>', "", str(render(markdown)))
    # a text of one paragraph per item is the same list with and without <p>
    html = re.sub(r"\s+|</?p>|<br>|&nbsp;", "", html)
    return re.sub(r"</?(?:ul|ol)>(?=<(?:ul|ol)>)", "", html)


def test_texts_of_which_every_block_is_touched_look_the_same(editor: Page) -> None:
    for markdown in shipped():
        if "\\\n" in markdown or "```" in markdown:
            continue  # ends of lines count in these, and `shown` takes them out
        assert shown(rewritten(editor, markdown)) == shown(markdown), markdown


SIGNS = """
    mot é 1. 2) - + * # ## > | --- === ` `` ~~ ~ _ __ [ ]( ! <b> &amp; & \\ x_y a*b (1) : . « » ```
    [lien](https://a.example/) **gras** *ital* `code` https://a.example/x 10\u202f%
"""
WORDS = st.sampled_from([word for line in SIGNS.split("\n") for word in line.split(" ") if word])
LINES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
STARTS = st.sampled_from(["", "", "", "- ", "1. ", "> ", "## ", "  - ", "> - "])
TEXTS = st.lists(st.builds(str.__add__, STARTS, LINES), min_size=1, max_size=6).map("\n\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS)
def test_whatever_is_written_reads_back_as_it_was(editor: Page, markdown: str) -> None:
    put(editor, "fr.body", markdown)
    assert sent(editor, "fr.body") == markdown
    again = rewritten(editor, markdown)
    assert plain_text(render(again)).split() == plain_text(render(markdown)).split()
    assert sent(editor, "fr.body") == markdown
    put(editor, "fr.body", again)
    assert rewritten(editor, again) == again


@pytest.mark.parametrize(
    ("typed", "markdown"),
    [
        ("Un mot **gras** et *penché*.", "Un mot **gras** et *penché*."),
        ("## Titre|un|deux", "## Titre\n\nun\n\ndeux"),
        ("- un|deux||après", "- un\n- deux\n\naprès"),
        ("1. un|deux", "1. un\n2. deux"),
        ("> cité", "> cité"),
        ("Voir https://a.example/x. Fin", "Voir <https://a.example/x>. Fin"),
        ("2 * 3 [sic] # <b> & a_b", "2 \\* 3 \\[sic\\] # \\<b> & a_b"),
        ("# Pas", "# Pas"),
        ("l'eau", "l’eau"),
        ('Il dit "oui" ; vrai ? 30 % ! Note : 5 €',
         "Il dit «\u00a0oui\u00a0»\u202f; vrai\u202f? 30\u202f%\u202f! Note\u00a0: 5\u00a0€"),
    ],
)  # fmt: skip
def test_what_is_typed_is_written_as_markdown(text: Page, typed: str, markdown: str) -> None:
    for number, line in enumerate(typed.split("|")):
        if number:
            text.keyboard.press("Enter")
        text.keyboard.type(line)
    assert sent(text, "fr.body") == markdown


def test_typography_is_taken_back_by_one_step_and_can_be_left_out(text: Page) -> None:
    text.keyboard.type("Vraiment ?")
    text.keyboard.press("Backspace")
    assert sent(text, "fr.body") == "Vraiment ?"
    choice = text.get_by_label("French typography while typing")
    choice.uncheck()
    text.locator("[id='fr.body-rich']").click()
    text.keyboard.press("Control+End")
    text.keyboard.type(" Oui !")
    assert sent(text, "fr.body") == "Vraiment ? Oui !"
    choice.check()


@pytest.mark.parametrize(
    ("name", "keys", "markdown"),
    [
        ("bold", "Control+b", "**Des mots**"),
        ("italic", "Control+i", "*Des mots*"),
        ("heading", "Control+Alt+2", "## Des mots"),
        ("subheading", "Control+Alt+3", "### Des mots"),
        ("bullets", "Control+Shift+8", "- Des mots"),
        ("numbers", "Control+Shift+7", "1. Des mots"),
        ("quote", "Control+Shift+9", "> Des mots"),
    ],
)
def test_a_button_and_its_shortcut_do_the_same_and_undo_it(
    text: Page, name: str, keys: str, markdown: str
) -> None:
    pressed = text.locator(f".rich:has([id='fr.body-rich']) button[data-name={name}]")
    for act in (lambda: button(text, name), lambda: text.keyboard.press(keys)):
        put(text, "fr.body", "Des mots")
        text.locator("[id='fr.body-rich']").focus()
        text.keyboard.press("Control+End")
        text.keyboard.press("Control+Shift+Home")
        expect(pressed).to_have_attribute("aria-pressed", "false")
        act()
        assert sent(text, "fr.body") == markdown
        expect(pressed).to_have_attribute("aria-pressed", "true")
        act()
        assert sent(text, "fr.body") == "Des mots"


def test_undoing_all_gives_back_the_very_bytes(text: Page) -> None:
    put(text, "fr.body", "* un\n* deux\n\n_trois_\n")
    text.locator("[id='fr.body-rich']").focus()
    text.keyboard.press("Control+End")
    text.keyboard.type(" et quatre")
    assert sent(text, "fr.body") != "* un\n* deux\n\n_trois_\n"
    button(text, "undo")
    assert sent(text, "fr.body") == "* un\n* deux\n\n_trois_\n"


def test_a_link_is_asked_for_changed_and_removed(text: Page) -> None:
    text.keyboard.type("Voir le rapport")
    text.keyboard.press("Control+Shift+ArrowLeft")
    text.keyboard.press("Control+k")
    text.keyboard.type("n'importe quoi")
    text.keyboard.press("Enter")
    expect(text.locator("#rich-link-error")).to_contain_text("https://city.example/report")
    text.fill("#rich-link-address", "ville.example/rapport")
    text.keyboard.press("Enter")
    assert sent(text, "fr.body") == "Voir le [rapport](https://ville.example/rapport)"
    text.keyboard.press("Control+k")
    expect(text.locator("#rich-link-address")).to_have_value("https://ville.example/rapport")
    text.get_by_role("button", name="Remove the link").click()
    assert sent(text, "fr.body") == "Voir le rapport"
    text.keyboard.press("Control+k")
    text.keyboard.press("Escape")
    expect(text.locator("dialog")).to_have_count(0)
    expect(text.locator("[id='fr.body-rich']")).to_be_focused()


def test_a_table_is_filled_by_keyboard_and_grows(text: Page) -> None:
    button(text, "table")
    for each in ("Année", "Coût", "a|b"):
        text.keyboard.type(each)
        text.keyboard.press("Tab")
    text.keyboard.type("2014")
    button(text, "deleteRow")
    button(text, "addColumn")
    found = sent(text, "fr.body").split("\n")
    assert found[0] == "| Année |  | Coût | a\\|b |"
    assert len(found) == 3
    button(text, "deleteTable")
    assert sent(text, "fr.body") == ""


STRUCTURE = """## Le problème

La rue était **dangereuse**, dit l’*élue* : [le rapport](https://paris.example/rapport).

- Premier point
  - Sous-point
- Second point

1. Étape une
2. Étape deux

| Année | Coût |
| --- | --- |
| 2014 | 20 M€ |

\\[Plan de la rue\\]"""


@pytest.mark.parametrize("program", ["word", "gdocs", "libreoffice", "webpage"])
def test_pasting_keeps_structure_and_drops_dress(text: Page, program: str) -> None:
    paste(text, (CLIPBOARDS / f"{program}.html").read_text("utf-8"))
    found = sent(text, "fr.body").replace("\u00a0", " ").replace("\u202f", " ")
    assert found.startswith(STRUCTURE)


def test_pasting_from_a_spreadsheet_makes_a_table(text: Page) -> None:
    paste(text, (CLIPBOARDS / "excel.html").read_text("utf-8"))
    rows = sent(text, "fr.body").replace("\u00a0", " ").split("\n")
    assert rows[:3] == ["| Année | Coût |", "| --- | --- |", "| 2014 | 20 M€ |"]


def test_nothing_that_is_pasted_runs_or_asks_another_site(text: Page) -> None:
    asked: list[str] = []
    text.on("request", lambda request: asked.append(request.url))
    paste(
        text,
        '<p onclick="alert(1)">Un <script>alert(1)</script><img src="https://pixel.example/a.png" '
        'onerror="alert(1)" alt="plan"><a href="javascript:alert(1)">lien</a></p>'
        '<iframe src="https://frame.example/"></iframe><svg><script>alert(1)</script></svg>',
    )
    text.wait_for_timeout(500)
    assert sent(text, "fr.body").replace("  ", " ") == "Un \\[plan\\]lien"
    assert [each for each in asked if ".example" in each] == []


def test_a_pasted_address_makes_words_a_link_and_others_are_recognised(
    text: Page,
) -> None:
    text.keyboard.type("Le rapport")
    text.keyboard.press("Control+Shift+ArrowLeft")
    paste(text, "", "https://a.example/rapport")
    assert sent(text, "fr.body") == "Le [rapport](https://a.example/rapport)"
    text.keyboard.press("Control+a")
    text.keyboard.press("Delete")
    paste(text, "<p>Voir https://a.example/x, merci.</p>")
    assert sent(text, "fr.body") == "Voir <https://a.example/x>, merci."


def test_the_toolbar_is_one_stop_and_is_walked_by_arrows(text: Page) -> None:
    text.keyboard.press("Alt+F10")
    expect(text.locator("button[data-name=bold]").first).to_be_focused()
    text.keyboard.press("ArrowRight")
    expect(text.locator(":focus")).to_have_text("Italic")
    text.keyboard.press("End")
    expect(text.locator(":focus")).to_have_text("Redo")
    text.keyboard.press("ArrowRight")
    expect(text.locator(":focus")).to_have_text("Bold")
    stops = text.locator(".rich:has([id='fr.body-rich']) [role=toolbar] [tabindex='0']")
    expect(stops).to_have_count(1)
    text.keyboard.press("Escape")
    expect(text.locator("[id='fr.body-rich']")).to_be_focused()
    text.keyboard.press("Tab")
    expect(text.locator("[id='fr.body-rich']")).not_to_be_focused()


def test_whoever_prefers_markdown_keeps_it_and_both_ways_hold_the_same(text: Page) -> None:
    text.keyboard.type("Un **mot**")
    text.get_by_label("Write in Markdown").check()
    area = text.locator("[id='fr.body']")
    expect(area).to_be_visible()
    assert area.input_value() == "Un **mot**"
    area.fill("Un *autre*")
    text.locator(SAVE).click()
    expect(text.locator(".notice--good")).to_contain_text("Saved")
    expect(text.locator("[id='fr.body']")).to_be_visible()
    text.get_by_label("Write in Markdown").uncheck()
    expect(text.locator("[id='fr.body-rich'] em")).to_have_text("autre")


def test_a_text_is_saved_by_itself_after_a_button_alone(text: Page) -> None:
    write(text, "fr.lessons", "Des mots")
    saved(text)
    text.keyboard.press("Control+a")
    with text.expect_response("**/autosave"):
        text.locator(".rich:has([id='fr.lessons-rich']) button[data-name=bold]").click()
    saved(text)
    text.reload()
    assert field(text, "fr.lessons") == "**Des mots**"


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_editor_is_accessible_and_fits_the_screen(
    browser: Browser, editor: Page, cities: dict[str, Node], screen: str, lang: str
) -> None:
    held = editor.context.storage_state()
    with browser.new_context(**SCREENS[screen], storage_state=held) as context:
        page = context.new_page()
        page.goto(editor.url)
        if lang == "fr":
            page.get_by_role("link", name="Français").first.click()
        put(
            page,
            "fr.body",
            "## Titre\n\n- un\n\n| a | b |\n| --- | --- |\n| c | [d](https://d.fr/) |",
        )
        page.locator("[id='fr.body-rich'] td").first.click()
        assert page.evaluate("document.documentElement.lang") == lang
        assert violations(page) == []
        assert overflow(page) <= 0
