"""The desk's small forms: beginning a study, and withdrawing one."""

from __future__ import annotations

from flask import render_template, request

from network.case_studies import publish
from network.case_studies.queries import DeskRow
from network.catalogue.values import SITE_LANGUAGES
from network.lib import i18n
from network.web.entrance.locale import current
from network.web.pieces import cards

Errors = list[tuple[str, str]]


def typed_new() -> dict[str, str]:
    """What stands in the form for a new study."""
    return {name: request.form.get(name, "") for name in ("lang", "title", "city")}


def new_page(typed: dict[str, str], errors: Errors) -> str:
    """The form for a new study."""
    named = [(slug, city.name(current())) for slug, city in cards.city_names().items()]
    named.sort(key=lambda item: i18n.sort_key(item[1]))
    return render_template(
        "desk/new_study.html",
        typed=typed,
        errors=errors,
        cities=[("", "–"), *named],
        languages=SITE_LANGUAGES,
    )


def withdraw_page(row: DeskRow | None, errors: Errors) -> str:
    """The form for a reason, with what was typed. row: None when the study may not be seen now."""
    return render_template(
        "desk/withdraw.html",
        row=row,
        reason=request.form.get("reason", ""),
        errors=errors,
        most=publish.LONGEST_REASON,
    )
