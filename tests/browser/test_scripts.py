"""Everything that strangers tried on any site, sent to ours by followed feeds and by a member, and
then looked at in a real browser: nothing runs, nothing is asked of another site (attacks 28 to 34).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

from network.following import service as subscriptions
from network.subscriptions.policy import open_door
from tests.browser.conftest import is_refusal
from tests.nodes import PASSWORD, Node, eventually
from tests.sites import Node as Member
from tests.sites import Reply, Site
from tests.xss import VECTORS, atom, json_feed, publish, rss

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lisbon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that follows three feeds and a member full of scripts, and has indexed them."""
    home = tmp_path_factory.mktemp("lisbon")
    node = Node(home, "lisbon")
    with Site() as feeds, Member(home, "Evil", "evilville") as member:
        # One page for each is enough here; tests/web/test_hostile_vectors.py looks at them all.
        documents = {"/rss": rss(VECTORS[::4]), "/atom": atom(VECTORS[1::4]),
                     "/json": json_feed(VECTORS[2::4])}  # fmt: skip
        feeds.answers |= {path: Reply(document) for path, document in documents.items()}
        publish(member, VECTORS[3::4])
        addresses = [*(f"{feeds.url}{path}" for path in documents), f"{member.url}/feed.atom"]
        with node.database() as session, open_door(node.settings) as door:
            for address in addresses:
                found = subscriptions.follow(session, door, address, node.settings)
                assert found.error == "", (address, found.error, found.error_arguments)
        node.start()
        eventually(lambda: "<mark>" in node.text("/en/search?q=script"))
        yield node
        node.stop()


@dataclass
class Watch:
    """What must not happen in a browser, as it happens."""

    node: Node
    dialogs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("dialog", lambda dialog: (self.dialogs.append(page.url), dialog.dismiss()))
        page.on("console", lambda m: self.refused.append(m.text) if is_refusal(m.text) else None)
        context.on("page", lambda opened: self.asked.append(f"window {opened.url}"))
        context.route(lambda url: not url.startswith(self.node.url), self._elsewhere)
        return page

    def _elsewhere(self, route: Route) -> None:
        self.asked.append(f"{route.request.resource_type} {route.request.url}")
        route.abort()

    def nothing_happened(self, where: str) -> None:
        assert (self.dialogs, self.asked, self.refused) == ([], [], []), where


@pytest.fixture
def watch(lisbon: Node) -> Watch:
    return Watch(lisbon)


LINKS = """[...document.links, ...document.forms].map(e => new URL(e.href || e.action, location))
  .filter(u => !['http:', 'https:', 'mailto:'].includes(u.protocol) || u.username).map(String)"""
STUDIES = "[...document.querySelectorAll('article h3 a, article h2 a')].map(a => a.href)"


def test_no_list_no_search_and_no_page_of_a_study_runs_anything(
    browser: Browser, lisbon: Node, watch: Watch
) -> None:
    with browser.new_context() as context:
        page = watch.over(context)
        studies: dict[str, None] = {}
        for number in range(1, 60):
            answer = page.goto(f"{lisbon.url}/en/case-studies/?page={number}")
            if answer is None or answer.status == 404:
                break
            assert page.evaluate(LINKS) == []
            studies |= dict.fromkeys(page.evaluate(STUDIES))
        assert len(studies) > 0.9 * len(VECTORS)
        watch.nothing_happened("the lists")
        for number, address in enumerate(studies):
            page.goto(address + ("/lineage" if number % 8 == 1 else ""))
            assert page.evaluate(LINKS) == [], address
            watch.nothing_happened(address)
        for query in ("script", "alert", "onerror", "svg", "<script>", "javascript:alert(1)"):
            page.goto(f"{lisbon.url}/en/search?q={query}")
            assert page.locator("article").count() or "alert" not in query
            watch.nothing_happened(query)
        for path in ("/en/", "/fr/", "/en/cities/evilville", "/en/topics/", "/en/feeds",
                     "/en/about", "/fr/etudes-de-cas/"):  # fmt: skip
            page.goto(lisbon.url + path)
            watch.nothing_happened(path)


def test_our_feeds_opened_in_a_browser_run_nothing(
    browser: Browser, lisbon: Node, watch: Watch
) -> None:
    with browser.new_context() as context:
        page = watch.over(context)
        for path in ("/en/feed.atom", "/en/feed.rss", "/en/feed.json", "/fr/feed.atom",
                     "/en/feed.rss?scope=network&city=evilville"):  # fmt: skip
            answer = page.goto(lisbon.url + path)
            assert answer is not None
            assert answer.status == 200
            watch.nothing_happened(path)


def test_no_page_of_an_administrator_runs_anything(
    browser: Browser, lisbon: Node, watch: Watch
) -> None:
    with browser.new_context() as context:
        page = watch.over(context)
        page.goto(f"{lisbon.url}/en/account/sign-in")
        page.fill("input[name=email]", "administrator@lisbon.example")
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button")
        page.wait_for_url("**/en/desk/**")
        pages = ["/en/admin/members", "/en/admin/jobs", "/en/desk/", "/fr/admin/membres"]
        pages += [f"/en/admin/members/{number}{more}" for number in range(1, 5)
                  for more in ("", "/unfollow")]  # fmt: skip
        for path in pages:
            answer = page.goto(lisbon.url + path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.evaluate(LINKS) == [], path
            watch.nothing_happened(path)


def arrive_at(page: Page, address: str) -> None:
    """Open an address, although the page before may just be leading elsewhere."""
    for _ in range(10):
        with suppress(Error):
            page.goto(address, wait_until="domcontentloaded")
            return
        page.wait_for_timeout(100)
    page.goto(address, wait_until="domcontentloaded")


def test_even_what_is_forced_into_a_page_as_it_is_runs_nothing(
    browser: Browser, lisbon: Node, watch: Watch
) -> None:
    """What the policy in our headers stops, should our own care fail."""
    home = f"{lisbon.url}/en/about"
    with browser.new_context() as context:
        page = watch.over(context)
        plain = page.request.get(home)
        text, headers = plain.text(), plain.headers
        vector = ""

        def force(route: Route) -> None:
            body = text.replace("</main>", f"{vector}</main>")
            route.fulfill(body=body, headers=headers)

        context.route(home, force)
        context.route("**/static/**", lambda route: route.abort())
        for vector in VECTORS:
            arrive_at(page, home)
            with suppress(Error):  # the page has led away
                page.evaluate("""() => document.querySelectorAll('*').forEach(e => {
                for (const kind of ['mouseover', 'focus', 'toggle', 'copy', 'click'])
                    if (kind != 'click' || String(e.href?.animVal ?? e.href).startsWith('java'))
                        e.dispatchEvent(new Event(kind, {bubbles: true}));
            })""")
            assert watch.dialogs == [], vector
            # A policy does not stop a page from leading away; that it does not is our care.
            asked = [a for a in watch.asked if not a.startswith(("document", "window"))]
            assert asked == [], vector
        assert watch.refused, "the policy was what stopped them"
