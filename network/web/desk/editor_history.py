"""A study's older texts: who saved and published what, and one of them in the editor again."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from network.accounts.models import User
from network.case_studies import queries
from network.case_studies.drafts import Draft
from network.case_studies.queries import DeskRow, RevisionRow
from network.lib import clock
from network.lib.i18n import N_
from network.web.desk import editor_form, editor_saving
from network.web.desk.editor_page import Page
from network.web.entrance.context import session
from network.web.entrance.locale import _, current
from network.web.pieces import zone


def sittings(rows: list[RevisionRow]) -> list[tuple[RevisionRow, int]]:
    """The last of the saves that one person made on one day in a row, and how many they were."""

    def sitting(row: RevisionRow) -> tuple[object, ...]:
        return (row.user_name, zone.day(row.at)) if row.action == "save" else (row.number,)

    groups = (list(group) for _key, group in groupby(rows, key=sitting))
    return [(group[0], len(group)) for group in groups]


def reopened(row: DeskRow, draft: Draft, number: int, user: User) -> Page:
    """The editor with an older text: saving brings it back, leaving changes nothing."""
    old = queries.revision(session(), row.id, number if number < 2**31 else 0)
    old = replace(old, original_lang=draft.original_lang)
    at = next((r.at for r in queries.revisions(session(), row.id) if r.number == number), None)
    page = editor_saving.opened(row, draft, user)
    fields = {**page.fields, **editor_form.of_draft(old, current())}
    notice = N_("This is the text of %(moment)s. Save it to bring it back; nothing is changed yet.")
    moment = zone.long_moment(at or clock.now())
    return replace(
        page, fields=fields, errors=editor_saving.doubts(old), notice=_(notice, moment=moment)
    )
