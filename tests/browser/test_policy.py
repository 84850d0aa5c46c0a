"""Should a script ever get into a page, the browser refuses it (attack 34)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route

from tests.nodes import Node

FORCED = {
    "an inline script": "<script>document.title = 'forced'</script>",
    "a handler": "<img src='/nothing' onerror=\"document.title = 'forced'\">",
    "a link": "<a id='forced' href=\"javascript:document.title = 'forced'\">x</a>",
    "a script of another site": "<script src='https://evil.example/x.js'></script>",
    "a base": "<base href='https://evil.example/'><script src='x.js'></script>",
    "a frame": "<iframe srcdoc=\"<script>parent.document.title = 'forced'</script>\"></iframe>",
    "an object": "<object data='https://evil.example/x.svg'></object>",
    "a style": "<style>h1 { color: rgb(1, 2, 3) !important }</style>",
    "a form": "<form id='form' action='https://evil.example/'><button>x</button></form>",
    "a pixel": "<img src='https://evil.example/pixel.gif'>",
}


@pytest.mark.browser
@pytest.mark.parametrize("markup", FORCED.values(), ids=FORCED)
def test_the_browser_refuses_what_was_forced_into_a_page(
    browser: Browser, cities: dict[str, Node], markup: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []

    def force(route: Route) -> None:
        """Our page with our headers, and with something in it that is not ours."""
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{markup}</main>"))

    def elsewhere(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="document.title = 'forced'", content_type="text/javascript")

    page.route("https://evil.example/**", elsewhere)
    page.route(f"{cities['paris'].url}/en/", force)
    page.goto(f"{cities['paris'].url}/en/")
    for control in ("#forced", "#form button"):
        page.evaluate("found => document.querySelector(found)?.click()", control)
    page.wait_for_timeout(200)
    assert page.title() != "forced"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(1, 2, 3)"
    assert asked == []
    assert page.url == f"{cities['paris'].url}/en/"
    context.close()
