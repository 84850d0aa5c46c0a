"""Brings both catalogues up to date with the code: `make messages`; the tests use it to compare."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from network.lib import languages

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = sorted(language.code for language in languages.LANGUAGES)
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
JINJA = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true"}
SOURCES = (
    ("network", [("**.py", "python")], {}),
    ("templates", [("**.html", "jinja2")], {"**.html": JINJA}),
)


def extracted() -> Catalog:
    """Every message of the code and the templates."""
    template = Catalog(project="pioneer-cities", charset="utf-8")
    for folder, methods, options in SOURCES:
        found = extract_from_dir(
            ROOT / folder, methods, options, keywords=KEYWORDS, comment_tags=["Translators:"]
        )
        for name, _line, message, comments, context in found:
            template.add(
                message, None, [(f"{folder}/{name}", 0)], auto_comments=comments, context=context
            )
    return template


def path(lang: str) -> Path:
    """Where a language's catalogue is."""
    return ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po"


def read(lang: str) -> Catalog:
    """A language's catalogue as it is kept."""
    if not path(lang).exists():
        return Catalog(locale=lang, project="pioneer-cities", charset="utf-8", fuzzy=False)
    with path(lang).open("rb") as file:
        return read_po(file, locale=lang)


def update(lang: str) -> int:
    """Add new messages and drop unused ones; English follows the code. Gives how many are empty."""
    catalogue = read(lang)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    for message in catalogue:
        if lang == "en" and message.id and not _translated(message.string):
            message.string = message.id
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 23, tzinfo=UTC)
    path(lang).parent.mkdir(parents=True, exist_ok=True)
    with path(lang).open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, sort_output=True)
    return sum(1 for m in catalogue if m.id and not _translated(m.string))


def _translated(string: str | tuple[str, ...] | list[str]) -> bool:
    return bool(string) and (isinstance(string, str) or all(string))


if __name__ == "__main__":
    for lang in LANGUAGES:
        print(f"{lang}: {update(lang)} to translate")
