"""axe-core finds nothing on any type of page, in either language, light, dark and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from network.cli.demo_cities import MADRIDS
from tests.nodes import PASSWORD

pytestmark = pytest.mark.browser

PUBLIC = {
    "home": ("/en/", "/fr/"),
    "browse": (
        "/en/case-studies/?topic=participatory-budgeting",
        "/fr/etudes-de-cas/?status=running",
    ),
    "study": (
        "/en/case-studies/paris/participatory-budget",
        "/fr/etudes-de-cas/paris/budget-participatif",
    ),
    "missing version": (
        "/en/case-studies/nantes/grand-debat-transition-energetique",
        "/fr/etudes-de-cas/la-libertad/accountability-hearings",
    ),
    "lineage": (
        "/en/case-studies/paris/participatory-budget/lineage",
        "/fr/etudes-de-cas/paris/budget-participatif/filiation",
    ),
    "topics": ("/en/topics/", "/fr/thematiques/"),
    "topic": ("/en/topics/open-data", "/fr/thematiques/donnees-ouvertes"),
    "cities": ("/en/cities/", "/fr/villes/"),
    "city": ("/en/cities/paris", "/fr/villes/paris"),
    "search": ("/en/search?q=budget", "/fr/recherche?q=budget"),
    "nothing found": ("/en/search?q=xyzzy", "/fr/recherche?q=budget&size=under-20k&sort=newest"),
    "comparison": (
        "/en/compare?study=paris/participatory-budget&study=madrid/participatory-budget&q=water",
        "/fr/comparer?study=paris/budget-participatif&study=x/y&city=madrid",
        "/en/compare",
    ),
    "keeping a search": ("/en/searches/save?q=budget", "/fr/recherches/enregistrer?q=budget"),
    "feeds": ("/en/feeds?count=3&theme=dark", "/fr/flux"),
    "frame": ("/en/embed?count=3", "/fr/integrer?theme=dark", "/en/embed?theme=light"),
    "about": ("/en/about", "/fr/a-propos"),
    "webmention": ("/en/webmention", "/fr/webmention"),
    "accessibility": ("/en/accessibility", "/fr/accessibilite"),
    "sign in": ("/en/account/sign-in", "/fr/compte/connexion"),
    "error": ("/en/nothing-here", "/fr/rien-ici"),
}
OFFICIAL = {
    "desk": ("/en/desk/", "/fr/bureau/"),
    "adoptions": ("/en/desk/adoptions", "/fr/bureau/reprises"),
    "receipt": (
        f"/en/desk/case-studies/{MADRIDS}/receipt",
        f"/fr/bureau/etudes-de-cas/{MADRIDS}/accuse-de-reception",
    ),
    "editor": (f"/en/desk/case-studies/{MADRIDS}", f"/fr/bureau/etudes-de-cas/{MADRIDS}"),
    "preview": (
        f"/en/desk/case-studies/{MADRIDS}/preview",
        f"/fr/bureau/etudes-de-cas/{MADRIDS}/apercu",
    ),
    "history": (
        f"/en/desk/case-studies/{MADRIDS}/history",
        f"/fr/bureau/etudes-de-cas/{MADRIDS}/historique",
    ),
    "withdrawing": (
        f"/en/desk/case-studies/{MADRIDS}/withdraw",
        f"/fr/bureau/etudes-de-cas/{MADRIDS}/retirer",
    ),
    "followed site": ("/en/admin/members/1", "/fr/admin/membres/1"),
    "unfollowing": ("/en/admin/members/1/unfollow", "/fr/admin/membres/1/ne-plus-suivre"),
    "new study": ("/en/desk/new", "/fr/bureau/nouvelle-etude"),
    "members": ("/en/admin/members", "/fr/admin/membres"),
    "receivers": ("/en/admin/receivers", "/fr/admin/destinataires"),
    "review": ("/en/admin/review", "/fr/admin/moderation"),
    "refused": ("/en/admin/review?list=refused", "/fr/admin/moderation?list=refused"),
    "rule": ("/en/admin/members/1/review", "/fr/admin/membres/1/moderation"),
    "join": ("/en/admin/join", "/fr/admin/rejoindre"),
    "joining cities": (
        "/en/admin/cities/join?goes=lisbon&stays=paris",
        "/fr/admin/villes/reunir?goes=lisbon&stays=paris",
    ),
    "our city": ("/en/admin/our-city", "/fr/admin/notre-ville"),
    "lists": ("/en/admin/members/import", "/fr/admin/membres/importer"),
    "users": ("/en/admin/users", "/fr/admin/utilisateurs"),
    "mentions": ("/en/admin/mentions", "/fr/admin/mentions"),
    "told mentions": ("/en/admin/mentions/sent", "/fr/admin/mentions/envoyees"),
    "jobs": ("/en/admin/jobs", "/fr/admin/taches"),
    "kept searches": ("/en/desk/searches", "/fr/bureau/recherches"),
    "password": ("/en/account/password", "/fr/compte/mot-de-passe"),
}
SCREENS = {
    "desktop, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of what is well, one place of each kind is told
}


def violations(page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def sign_in(page, url: str) -> None:
    page.goto(url + "/en/account/sign-in")
    page.fill("input[name=email]", "administrator@madrid.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit], main form button")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_has_no_fault_that_axe_finds(name, screen, browser, cities):
    with browser.new_context(**SCREENS[screen]) as context:
        page = context.new_page()
        for path in PUBLIC[name]:
            answer = page.goto(cities["madrid"].url + path)
            assert (answer.status >= 400) == (name == "error"), path
            assert violations(page) == [], path
            assert overflow(page) <= 0, f"{path} scrolls sideways"


@pytest.mark.parametrize("screen", SCREENS)
def test_the_officials_pages_have_no_fault_that_axe_finds(screen, browser, cities):
    with browser.new_context(**SCREENS[screen]) as context:
        page = context.new_page()
        sign_in(page, cities["madrid"].url)
        for name, paths in OFFICIAL.items():
            for path in paths:
                answer = page.goto(cities["madrid"].url + path)
                assert answer.status == 200, path
                assert violations(page) == [], (name, path)
                assert overflow(page) <= 0, f"{path} scrolls sideways"


@pytest.mark.parametrize("screen", SCREENS)
def test_choosing_and_watching_have_no_fault_that_axe_finds(screen, browser, cities, tmp_path):
    """The list of Madrid names Paris and itself; beside it a file with what is not followed yet."""
    sites = "".join(
        f'<outline type="rss" text="Site {n}" xmlUrl="http://127.0.0.1:9/{n}"'
        + (' category="pioneer-cities,/city/lisbon" language="fr"/>' if n < 3 else "/>")
        for n in range(5)
    )
    path = tmp_path / "list.opml"
    path.write_text(f"<opml version='2.0'><head/><body>{sites}</body></opml>")
    with browser.new_context(**SCREENS[screen]) as context:
        page = context.new_page()
        sign_in(page, cities["madrid"].url)
        page.goto(cities["madrid"].url + "/en/admin/members/import")
        page.set_input_files("#file", str(path))
        page.get_by_role("button", name="Show what is in it").click()
        for state in ("choosing", "watching"):
            assert violations(page) == [], state
            assert overflow(page) <= 0, f"{state} scrolls sideways"
            if state == "choosing":
                page.get_by_role("button", name="Follow all 5 sites").click()
                page.wait_for_selector("table")
        page.wait_for_selector("text=5 sites could not be followed", timeout=60_000)
        assert violations(page) == [], "result"
