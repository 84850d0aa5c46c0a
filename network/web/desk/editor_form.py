"""The editor's fields: from a draft to what stands in the form, and back, without losing a letter.

A field is known everywhere by one name, such as `fr.title` or `budget_amount`: in the form, as its
HTML id, in what `drafts.problems` finds. Its value is a text, a tuple of texts, or links.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MultiDict

from network.case_studies import drafts
from network.case_studies.drafts import TEXTS, Draft, TextDraft
from network.catalogue.values import SITE_LANGUAGES
from network.facts import declared, typed
from network.facts.kinds import Control
from network.facts.lines import as_text, typed_line
from network.facts.links import Link

Fields = Mapping[str, Any]

MOST_LANGUAGES = 6

_TITLE = re.compile(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.title")


def plain() -> list[str]:
    """Fields that hold a text."""
    return ["city", *_facts("line", "lines", "choice")]


def boxes() -> list[str]:
    """Fields that hold what is ticked."""
    return ["topics", *_facts("boxes", "marks")]


def links() -> list[str]:
    """Fields that hold links."""
    return [*_facts("links"), "inspired_by"]


def _facts(*controls: Control) -> list[str]:
    return [name for name, fact in declared.FACTS.items() if fact.kind.control in controls]


def languages(draft: Draft) -> list[str]:
    """The texts that the editor shows, the original first, also those not begun."""
    others = sorted({*SITE_LANGUAGES, *draft.texts} - {draft.original_lang})
    return [draft.original_lang, *others]


def languages_in(form: MultiDict[str, str]) -> list[str]:
    """The same from a form alone, when the study itself may not be looked at."""
    found = [match[1] for name in form if (match := _TITLE.fullmatch(name))][:MOST_LANGUAGES]
    return found or list(SITE_LANGUAGES)


def read(form: MultiDict[str, str], langs: Sequence[str]) -> Fields:
    """What was typed; fields that the editor does not have are passed over."""
    fields: dict[str, Any] = {name: _text(form, name) for name in plain()}
    for lang in langs:
        names = (f"{lang}.{name}" for name in (*TEXTS, "translation"))
        fields |= {name: _text(form, name) for name in names}
    fields |= {name: _in_order(form.getlist(name)) for name in boxes()}
    return fields | {name: _links(form, name) for name in links()}


def _text(form: MultiDict[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n")


def _links(form: MultiDict[str, str], name: str) -> tuple[Link, ...]:
    titles, hrefs = form.getlist(f"{name}.title"), form.getlist(f"{name}.href")
    titles += [""] * (len(hrefs) - len(titles))
    rows = zip(titles, hrefs, strict=False)
    given = (Link(typed_line(href), typed_line(title)) for title, href in rows)
    return tuple(link for link in given if link.href or link.title)


def of_draft(draft: Draft, lang: str) -> Fields:
    """What stands in the form when a draft is opened. lang: of the page, see `to_draft`."""
    written = typed.write(draft.facts, draft.unreadable, lang)
    fields: dict[str, Any] = {name: as_text(written.get(name)) for name in plain()}
    fields |= {name: _in_order(_several(written.get(name, ()))) for name in boxes()}
    fields |= {name: draft.facts.get(name) for name in _facts("links")}
    fields |= {"topics": _in_order(draft.topics), "inspired_by": draft.inspired_by}
    fields["city"] = draft.city or draft.unreadable.get("city", "")
    for code in languages(draft):
        text = draft.texts.get(code, _begun(code, draft))
        names = (*TEXTS, "translation")
        fields |= {f"{code}.{name}": getattr(text, name) for name in names}
    return fields


def _begun(lang: str, draft: Draft) -> TextDraft:
    return TextDraft(translation="original" if lang == draft.original_lang else "human")


def _several(written: str | Sequence[str]) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else tuple(written)


def _in_order(values: Iterable[str]) -> tuple[str, ...]:
    """Boxes come in the order of the form, which nobody chose: they are compared in one order."""
    return tuple(sorted(set(values), key=lambda v: (len(v) if v.isdigit() else 0, v)))


def to_draft(fields: Fields, original_lang: str, langs: Iterable[str], lang: str) -> Draft:
    """The draft that the fields stand for; what cannot be understood is kept as it was typed.

    lang: of the page, in which figures and dates are typed, whatever the study's languages.
    """
    given = {name: fact.kind.sent(fields[name]) for name, fact in declared.FACTS.items()}
    facts, unreadable = typed.read(given, lang)
    return Draft(
        original_lang=original_lang,
        city=fields["city"] or None,
        topics=tuple(fields["topics"]),
        facts=facts,
        inspired_by=fields["inspired_by"],
        texts={code: _text_draft(fields, code) for code in langs},
        unreadable=unreadable,
    )


def keep_order(sent: Draft, stored: Draft) -> Draft:
    """`sent` with its lists in the order they were stored in, where they hold the same."""
    facts = {
        name: old
        for name in _facts("boxes", "marks")
        if set(old := stored.facts.get(name)) == set(sent.facts.get(name))
    }
    topics = stored.topics if set(stored.topics) == set(sent.topics) else sent.topics
    return replace(sent, topics=topics, facts=sent.facts.but(**facts))


def _text_draft(fields: Fields, lang: str) -> TextDraft:
    words: dict[str, Any] = {name: fields[f"{lang}.{name}"] for name in TEXTS}
    machine = fields[f"{lang}.translation"] == "machine"
    return TextDraft(translation="machine" if machine else "human", **words)


def tidied(fields: Fields, original_lang: str, langs: Iterable[str], lang: str) -> Fields:
    """The fields as they would stand after saving, to compare them."""
    draft = drafts.tidy(to_draft(fields, original_lang, langs, lang))
    return dict(fields) | dict(of_draft(draft, lang))


def marks(fields: Fields) -> str:
    """A short mark of each field's value, which the form carries along: see `merge`."""
    return " ".join(f"{name}={_mark(value)}" for name, value in sorted(fields.items()))


def _mark(value: Any) -> str:
    return f"{zlib.crc32(repr(value).encode('utf-8', 'surrogatepass')):08x}"


def merge(mine: Fields, theirs: Fields, opened: str) -> tuple[Fields, list[str]]:
    """My fields with theirs where I had changed nothing, and the names of those we both changed.

    mine: tidied. opened: the marks of the fields as they were when I opened the form; without
    them every field that differs counts as changed by both.
    """
    before = dict(part.split("=", 1) for part in opened.split() if "=" in part)
    merged, both = dict(mine), []
    for name, value in theirs.items():
        if value == mine.get(name):
            continue
        if before.get(name) == _mark(mine.get(name)):
            merged[name] = value
        elif before.get(name) != _mark(value):
            both.append(name)
    return merged, both
