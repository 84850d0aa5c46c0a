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

    words = forms.Rules(
        "esperanto", frozenset({"la"}), {"monplano": "budgxeto"}, (), re.compile("(?!)")
    )
    word_tables.RULES = {"fr": french.RULES, "en": english.RULES, "eo": words}


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
