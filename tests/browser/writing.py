"""Writing a text of the desk, in the rich-text editor or, without scripts, in the text area."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def write(page: Page, name: str, text: str) -> None:
    """Replace a text by typing another. name: `fr.body` and the like."""
    page.wait_for_load_state()  # the editor's script has run
    rich = page.locator(f"[id='{name}-rich']")
    if not rich.count():
        page.fill(f"[id='{name}']", text)
        return
    rich.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    rich.press_sequentially(text)


def put(page: Page, name: str, markdown: str) -> None:
    """Give a text to the editor as if the page had come with it."""
    page.evaluate(
        """([id, text]) => {
            const area = document.getElementById(id);
            area.value = text;
            area.dispatchEvent(new Event('rich:read'));
        }""",
        [name, markdown],
    )


def sent(page: Page, name: str) -> str:
    """The Markdown that the form would send now."""
    found: Any = page.evaluate(
        "name => new FormData(document.querySelector('.editor-form')).get(name)", name
    )
    return str(found)


def paste(page: Page, html: str, text: str = "") -> None:
    """Paste at the cursor what a program put on the clipboard."""
    page.evaluate(
        """async ([html, text]) => {
            await new Promise((done) => setTimeout(done, 50)); // the selection is told later
            const data = new DataTransfer();
            data.setData('text/html', html);
            data.setData('text/plain', text);
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', {
                clipboardData: data, bubbles: true, cancelable: true,
            }));
        }""",
        [html, text],
    )
