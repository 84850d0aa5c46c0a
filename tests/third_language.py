"""A node with a third language of its pages, which no release has: what a row (lib.languages), a
catalogue and the words of search make of it. Run as `python -m tests.third_language FOLDER`; writes
what was seen as JSON. A process of its own, because languages are read as modules are loaded."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from flask import Flask

from network.lib import languages, places

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "About"
msgstr "Pri ni"

msgid "Desk"
msgstr "Laborejo"
"""

TOPIC = {"name_eo": "Malfermaj datumoj", "slug_eo": "datumoj", "synonyms_eo": "datenoj"}
"""What columns of the vocabulary would say of one topic."""
CITY = {"name_en": "Lutetia", "name_fr": "Lutèce", "name_eo": "Lutecio", "own": "", "kind": "city"}
SITE = {
    "site_name_en": "Lutetia tries",
    "site_name_eo": "Lutecio provas",
    "site_description_eo": "Kion urbo provas",
}
"""What an administrator types."""

ESPERANTO = languages.Language(
    "eo",
    Locale("eo"),
    MappingProxyType(
        {
            "about": "pri",
            "case-studies": "studoj",
            "cities": "urboj",
            "elsewhere": "aliloke",
            "search": "sercxo",
            "topics": "temoj",
        }
    ),
    sections=("La problemo", "La provo", "Rezultoj", "Lecionoj"),
)


def speak(home: Path) -> None:
    """Add the row, the catalogue and the words, before any other module is loaded."""
    for lang in ("en", "fr"):
        (home / "translations").mkdir(exist_ok=True)
        (home / "translations" / lang).symlink_to(places.folder("translations") / lang)
    place = home / "translations" / "eo" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "messages.po").write_text(CATALOGUE, "utf-8")
    shipped = places.folder
    places.folder = lambda name: home / name if name == "translations" else shipped(name)
    languages.LANGUAGES = (*languages.LANGUAGES, ESPERANTO)

    from network.search import english, forms, french, word_tables
    from network.topics import service as topics

    shipped_topics = topics.shipped
    topics.shipped = lambda: (
        {**row, **TOPIC} if row["slug_en"] == "open-data" else row for row in shipped_topics()
    )

    words = forms.Rules(
        "esperanto", frozenset({"la"}), {"monplano": "budgxeto"}, (), re.compile("(?!)")
    )
    word_tables.RULES = {"fr": french.RULES, "en": english.RULES, "eo": words}


def names(app: Flask, home: Path) -> dict[str, str]:
    """A city and the site that are named in three languages, and a city that another site names."""
    from network.case_studies.drafts import TextDraft
    from network.cities.models import City
    from network.cities.service import CityValue
    from network.following import service as following
    from network.lib.db import db
    from network.log.places import Place
    from network.search import service as search
    from network.search.opening import open_search
    from network.subscriptions.policy import open_door
    from tests.conftest import settings_in
    from tests.sites import Node
    from tests.web.officials import Official
    from tests.writing import draft, publish_in

    settings = settings_in(home, f"sqlite:///{home}/pioneer.sqlite", language="eo")
    boss = Official(app, "administrator", "ludoviko")
    answer = boss.post("/eo/admin/our-city", CITY | SITE)
    seen = {"given": f"{answer.status_code}\n{answer.text}"}
    seen["form"] = boss.get("/eo/admin/our-city").text
    with app.app_context(), Node(home, "Ozd", "ozd") as ozd, open_door(settings) as door:
        ozd.publish(1)
        ozd.describe(Place(CityValue("ozd", {"en": "Ozd", "eo": "Ozdo"}, "ES"), own=True))
        following.follow(db.session(), door, f"{ozd.url}/feed.atom", settings)
        seen["followed"] = json.dumps(db.session().get_one(City, "ozd").names)
        text = TextDraft("Datumoj", "datumoj", summary="Kio okazis.", results="Bone.")
        written = draft(lang="eo", texts={"eo": text}, city="lutetia", topics=("open-data",))
        publish_in(db.session(), settings, written)
        search.reindex(db.session(), open_search(settings))
    return seen


def look(home: Path) -> dict[str, str]:
    """A study in the third language and in French, written on the desk, published and searched."""
    from sqlalchemy.orm import Session

    from network.app import create_app
    from network.case_studies.drafts import TextDraft
    from network.cli.node import prepare
    from network.lib.db import db
    from network.search import service as search
    from network.search.opening import open_search
    from tests.conftest import settings_in
    from tests.web.officials import Official
    from tests.writing import draft, publish_in

    settings = settings_in(home, f"sqlite:///{home}/pioneer.sqlite", language="eo")
    prepare(settings)
    app = create_app(settings)
    app.testing = True
    seen: dict[str, str] = {}
    with app.app_context():
        session: Session = db.session()
        text = TextDraft(
            "Budgxeto de la urbanoj", "budgxeto", summary="Kio okazis.", results="Bone."
        )
        publish_in(session, settings, draft(lang="eo", texts={"eo": text}))
        publish_in(session, settings, draft("Budget participatif", "fr", slug="budget"))
        search.reindex(session, open_search(settings))
    seen |= names(app, home)
    reader = app.test_client()
    for name, address in {
        "home": "/",
        "about": "/eo/pri",
        "list": "/eo/studoj/",
        "study": "/eo/studoj/paris/budgxeto",
        "study without it": "/eo/studoj/paris/budget",
        "topic": "/eo/temoj/participatory-budgeting",
        "city": "/eo/urboj/paris",
        "search": "/eo/sercxo?q=budgxetoj",
        "search for a form": "/eo/sercxo?q=monplano",
        "search in French": "/fr/recherche?q=budgets",
        "named city": "/eo/urboj/lutetia",
        "named topic": "/eo/temoj/open-data",
        "named in French": "/fr/villes/lutecio",
        "followed city": "/eo/urboj/ozd",
        "search for a city": "/eo/sercxo?q=lutecio",
        "search for a topic": "/eo/sercxo?q=datenoj",
        "suggested": "/eo/sercxo/suggestions?q=lutec",
        "json": "/eo/feed.json",
        "feed": "/eo/feed.atom",
        "log": "/feed.atom",
        "robots": "/robots.txt",
        "nodeinfo": "/nodeinfo/2.1",
        "sitemap": "/sitemap.xml",
    }.items():
        answer = reader.get(address, follow_redirects=True)
        seen[name] = f"{answer.status_code} {answer.request.path}\n{answer.text}"
    official = Official(app, "editor", "camille")
    page = official.get("/eo/desk/new")
    seen["new"] = f"{page.status_code}\n{page.text}"
    typed = {"lang": "eo", "title": "Nova studo", "city": "paris"}
    answer = official.post("/eo/desk/new", typed)
    seen["begun"] = f"{answer.status_code}\n{answer.text}"
    editor = official.get(answer.headers.get("Location", "/eo/"))
    seen["editor"] = f"{editor.status_code}\n{editor.text}"
    return seen


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    speak(folder)
    sys.stdout.write(json.dumps(look(folder)))
