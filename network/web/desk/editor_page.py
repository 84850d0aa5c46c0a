"""The editor's page: the form as it stands, what is wrong in it, what others saved meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template

from network.accounts.models import User
from network.case_studies import workflow
from network.case_studies.drafts import LONGEST, Draft
from network.case_studies.queries import DeskRow
from network.case_studies.versions import study_key
from network.catalogue import queries as catalogue
from network.facts import declared
from network.facts.declared import Fact
from network.facts.kinds import Problem
from network.facts.links import Link
from network.lib import i18n
from network.lib.i18n import N_
from network.web.desk import editor_form, editor_links
from network.web.desk.editor_form import Fields
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, current, url
from network.web.pieces import cards, city_form
from network.web.pieces.cards import place_slug

SPARE_ROWS = 2
MOST_SPARE_ROWS = 30
_LABELS = {
    "title": N_("Title"),
    "slug": N_("Words in the page’s address"),
    "summary": N_("Summary"),
    "body": N_("Introduction"),
    "problem": N_("The problem"),
    "approach": N_("What was done"),
    "results": N_("Results"),
    "lessons": N_("Lessons learned, and what failed"),
    "legal_basis": N_("Legal basis"),
    "contact_role": N_("Contact: office or role"),
    "translation": N_("How it was translated"),
    "city": N_("City"),
    "topics": N_("Topics"),
    "inspired_by": N_("Inspired by"),
}
TRANSLATIONS = {"human": N_("Written by a person"), "machine": N_("Machine, not reviewed")}


@dataclass(frozen=True, slots=True)
class Page:
    """What the editor shows. row: None when the study may not be looked at now (signed out).

    revision, opened: carried by the form, see `service.save` and `editor_form.merge`. fresh:
    translations that were up to date when the form was opened. both: fields that somebody else
    changed too, with their values. spare: empty rows for links. search: for an inspiration.
    place: a city that is to be added.
    """

    fields: Fields
    langs: Sequence[str]
    row: DeskRow | None = None
    draft: Draft | None = None
    user: User | None = None
    revision: int | str = ""
    opened: str = ""
    fresh: str = ""
    minor: bool = False
    confirmed: Sequence[str] = ()
    errors: Sequence[tuple[str, str]] = ()
    notice: str | None = None
    both: Mapping[str, Any] = field(default_factory=dict)
    taken: Sequence[str] = ()
    spare: Mapping[str, int] = field(default_factory=dict)
    search: editor_links.Search = field(default_factory=editor_links.Search)
    place: city_form.Part = field(default_factory=city_form.Part)


def labels() -> dict[str, str]:
    """What the form calls its fields: texts, the study's place, and facts."""
    facts = {name: fact.label for name, fact in declared.FACTS.items()}
    return {name: _(label) for name, label in {**_LABELS, **facts}.items()}


def with_errors(page: Page, errors: Sequence[tuple[str, str]]) -> Page:
    """The same page with something to say on top."""
    return replace(page, errors=errors)


def render(page: Page) -> str:
    """The page as HTML."""
    row, user = page.row, page.user
    actions: Sequence[str] = ()
    if row is not None and user is not None:
        actions = workflow.actions(user.role, row.owner_id == user.id, row.state)
    texts = page.draft.texts if page.draft else {}
    return render_template(
        "desk/editor.html",
        page=page,
        row=row,
        f=page.fields,
        errors=[*page.errors, *page.place.errors],
        problems=dict(reversed([*page.errors, *page.place.errors])),
        place=page.place,
        place_choices=city_form.choices(),
        publication=next((a for a in actions if a in ("publish", "update", "republish")), None),
        may_withdraw="withdraw" in actions,
        outdated={lang: text.outdated_since for lang, text in texts.items() if text.outdated_since},
        begun=[lang for lang, text in texts.items() if not text.blank],
        theirs={name: _shown(name, value) for name, value in page.both.items()},
        taken=[field_label(name) for name in page.taken],
        labels=labels(),
        facts=_groups(),
        examples=[name for name, fact in declared.FACTS.items() if fact.may_be_example],
        most=LONGEST,
        links={name: _rows(page, name) for name in editor_form.links()},
        public=public_links(row),
        known=editor_links.shown(page.fields["inspired_by"]) if row else {},
        **_options(page.fields),
    )


def public_links(row: DeskRow | None) -> list[tuple[str, str]]:
    """(language, address) of the study's pages that readers see."""
    if row is None or row.state != "published":
        return []
    found = catalogue.study(session(), study_key(settings().base_url, row.id), bodies=False)
    return [
        (v.lang, url("case_studies.study", v.lang, place=place_slug(v.place, v.lang), slug=v.slug))
        for v in (found.versions if found else [])
    ]


def _rows(page: Page, name: str) -> list[Link]:
    spare = min(page.spare.get(name, SPARE_ROWS), MOST_SPARE_ROWS)
    return [*page.fields[name], *[Link("")] * spare]


def _options(fields: Fields) -> dict[str, Any]:
    """The choices of the form. A value that no vocabulary has stays among them, as it is."""
    lang = current()
    cities = [(slug, city.name(lang)) for slug, city in cards.city_names().items()]
    cities.sort(key=lambda item: i18n.sort_key(item[1]))
    topics = [(slug, topic.name(lang)) for slug, topic in cards.topic_names().items()]
    return {
        "cities": [("", "–"), *_with([fields["city"]], cities)],
        "options": _of_facts(fields),
        "topics": _with(fields["topics"], topics),
        "translations": [(kind, _(label)) for kind, label in TRANSLATIONS.items()],
    }


def _of_facts(fields: Fields) -> dict[str, list[tuple[str, str]]]:
    """The choices of each fact that has some."""
    found = {}
    for name, fact in declared.FACTS.items():
        if options := fact.kind.options(current()):
            value = fields[name]
            found[name] = _with([value] if isinstance(value, str) else value, options)
    return found


def _groups() -> dict[str, list[Fact]]:
    """The facts by the place of the form where they stand: what it took, boxes that are folded
    away, whom to ask, and links."""
    groups: dict[str, list[Fact]] = {"means": [], "boxes": [], "people": [], "links": []}
    for fact in declared.FACTS.values():
        control = fact.kind.control
        if control != "marks":
            groups[control if control in groups else fact.part].append(fact)
    return groups


def _with(values: Iterable[str], options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    known = {value for value, _label in options}
    return [*options, *((value, value) for value in values if value and value not in known)]


def _shown(name: str, value: Any) -> str:
    """Somebody else's value, to read."""
    names: dict[str, str] = {}
    match name.rpartition(".")[2]:
        case "translation":
            return _(TRANSLATIONS.get(value, value))
        case "city":
            return cards.city_link(value or None)[0] or ""
        case "topics":
            return "\n".join(label for label, _url in cards.topic_links(value))
        case fact if fact in declared.FACTS:
            names = dict(declared.FACTS[fact].kind.options(current()))
    if isinstance(value, str):
        return names.get(value, value)
    return "\n".join(
        f"{v.title} {v.href}".strip() if isinstance(v, Link) else names.get(v, v) for v in value
    )


def field_label(name: str) -> str:
    """What the form calls a field, with the language of a text: “Title (français)”."""
    lang, _dot, plain = name.rpartition(".")
    label = labels().get(plain, plain)
    return f"{label} ({i18n.language_name(lang)})" if lang else label


def messages(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """(field, message) for the error summary; a text's problem says its language."""
    return [(p.field, _about(p.field, _(p.message, **p.arguments))) for p in problems]


def _about(name: str, message: str) -> str:
    lang = name.rpartition(".")[0]
    if not lang:
        return message
    return _(N_("%(problem)s (%(language)s)"), problem=message, language=i18n.language_name(lang))
