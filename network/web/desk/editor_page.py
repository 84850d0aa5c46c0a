"""The editor's page: the form as it stands, what is wrong in it, what others saved meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template

from network.accounts.models import User
from network.case_studies import workflow
from network.case_studies.drafts import LONGEST, Draft
from network.case_studies.fact_checks import Problem
from network.case_studies.queries import DeskRow
from network.case_studies.versions import study_key
from network.catalogue import labels
from network.catalogue import queries as catalogue
from network.catalogue.values import STATUSES, Link
from network.lib import i18n
from network.lib.i18n import N_
from network.log.entry import LICENCES
from network.web.desk import editor_form, editor_links
from network.web.desk.editor_form import Fields
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, current, url
from network.web.pieces import cards, city_form
from network.web.pieces.cards import place_slug
from network.web.pieces.goals import GOALS, goal

SPARE_ROWS = 2
MOST_SPARE_ROWS = 30
LABELS = {
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
    "status": N_("Status"),
    "start": N_("Start"),
    "end": N_("End"),
    "budget_amount": N_("Budget"),
    "budget_currency": N_("Currency"),
    "people_reached": N_("People reached"),
    "staff": N_("Staff (full-time posts)"),
    "partners": N_("Partners"),
    "contact_email": N_("Contact mailbox"),
    "sdgs": N_("Sustainable Development Goals"),
    "illustrative": N_("Illustrative figures"),
    "evidence": N_("Evidence and links"),
    "inspired_by": N_("Inspired by"),
    "authors": N_("Authors"),
    "licence": N_("Licence"),
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
        labels={name: _(label) for name, label in LABELS.items()},
        most=LONGEST,
        links={name: _rows(page, name) for name in editor_form.LINKS},
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
    statuses = [(str(status), labels.status(status, current())) for status in STATUSES]
    topics = [(slug, topic.name(lang)) for slug, topic in cards.topic_names().items()]
    goals = [(str(number), goal(number)) for number in range(1, len(GOALS) + 1)]
    return {
        "cities": [("", "–"), *_with([fields["city"]], cities)],
        "statuses": [("", "–"), *_with([fields["status"]], statuses)],
        "topics": _with(fields["topics"], topics),
        "goals": _with(fields["sdgs"], goals),
        "licences": LICENCES,
        "translations": [(kind, _(label)) for kind, label in TRANSLATIONS.items()],
    }


def _with(values: Iterable[str], options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    known = {value for value, _label in options}
    return [*options, *((value, value) for value in values if value and value not in known)]


def _shown(name: str, value: Any) -> str:
    """Somebody else's value, to read."""
    match name.rpartition(".")[2]:
        case "translation":
            return _(TRANSLATIONS.get(value, value))
        case "status" if value in STATUSES:
            return labels.status(value, current())
        case "city":
            return cards.city_link(value or None)[0] or ""
        case "topics":
            return "\n".join(label for label, _url in cards.topic_links(value))
        case "illustrative":
            return "\n".join(field_label(item) for item in value)
    if isinstance(value, str):
        return value
    return "\n".join(f"{v.title} {v.href}".strip() if isinstance(v, Link) else v for v in value)


def field_label(name: str) -> str:
    """What the form calls a field, with the language of a text: “Title (français)”."""
    lang, _dot, plain = name.rpartition(".")
    label = _(LABELS[plain]) if plain in LABELS else plain
    return f"{label} ({i18n.language_name(lang)})" if lang else label


def messages(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """(field, message) for the error summary; a text's problem says its language."""
    return [(p.field, _about(p.field, _(p.message, **p.arguments))) for p in problems]


def _about(name: str, message: str) -> str:
    lang = name.rpartition(".")[0]
    if not lang:
        return message
    return _(N_("%(problem)s (%(language)s)"), problem=message, language=i18n.language_name(lang))
