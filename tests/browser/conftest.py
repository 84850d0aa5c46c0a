"""A real browser and two real nodes that follow each other, for journeys as people make them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from network.adoptions import desk
from network.case_studies.verdicts import Opinion
from network.cli.demo_cities import CITIES, MADRIDS, PARISIAN
from tests.nodes import Node, eventually
from tests.writing import import_demo

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The browser of the machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window; where there is none the test is skipped, but never in CI."""
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium must be there in CI")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Node]]:
    """Paris and Madrid with a part of the demonstration's content, each following the other: what
    is new is pushed, so that neither looks each second while the browser works."""
    home = tmp_path_factory.mktemp("cities")
    nodes = {
        city.slug: Node(home / city.slug, city.slug, city.language, name=city.site,
                        accent=city.accent, contact=f"contact@{city.slug}.example",
                        poll_seconds="86400")
        for city in CITIES
        if city.slug in ("paris", "madrid")
    }  # fmt: skip
    for node in nodes.values():
        import_demo(node, nodes)
        node.start()
    nodes["paris"].follow(nodes["madrid"])
    nodes["madrid"].follow(nodes["paris"])
    _answer(nodes)
    for node, word in ((nodes["paris"], "decide"), (nodes["madrid"], "milan")):
        eventually(lambda node=node, word=word: "<mark>" in node.text(f"/en/search?q={word}"))
    yield nodes
    for node in nodes.values():
        node.stop()


def _answer(nodes: dict[str, Node]) -> None:
    """Paris confirms what Madrid learned; Madrid contests, for once, what Paris learned."""
    paris, madrid = nodes["paris"], nodes["madrid"]
    lisbon = "59e3de56-c4d7-5e68-a620-38764218e9ac"
    contested = Opinion("contested", "Seule la méthode vient de là.", "fr")
    for node, study, adopter, opinion in (
        (paris, PARISIAN, f"{madrid.url}/id/{MADRIDS}", Opinion("confirmed")),
        (madrid, lisbon, f"{paris.url}/id/{PARISIAN}", contested),
    ):
        with node.database() as session:
            desk.answer(session, None, study, adopter, opinion, node.url)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor; fails the test when a script of ours fails or is refused."""
    context = browser.new_context(java_script_enabled=request.param, locale="fr-FR")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda m: faults.append(m.text) if is_refusal(m.text) else None)
    yield opened
    context.close()
    assert faults == []


def is_refusal(text: str) -> bool:
    """Whether the browser's console says that the page broke its own security policy."""
    return "Content Security Policy" in text or "Content-Security-Policy" in text
