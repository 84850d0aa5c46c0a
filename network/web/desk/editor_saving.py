"""What becomes of a sent editor form: it is saved, or comes back with everything that was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import flash, request
from werkzeug.datastructures import MultiDict

from network.accounts.models import User
from network.case_studies import queries, service
from network.case_studies.drafts import Draft
from network.case_studies.queries import DeskRow
from network.case_studies.service import StaleDraft
from network.facts import checks, typed
from network.lib.i18n import N_
from network.web.desk import editor_form, editor_links, editor_page
from network.web.desk.editor_form import Fields
from network.web.desk.editor_page import Page
from network.web.entrance.context import session
from network.web.entrance.locale import _, current

NO_REVISION = -1
"""A revision that no study has: saving on top of it is always a conflict."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The editor's form as it was sent; see `Page` for revision, opened and fresh.

    take: fields for which the person chose what somebody else saved.
    """

    fields: Fields
    langs: Sequence[str]
    revision: int
    opened: str
    fresh: str
    minor: bool
    confirmed: Sequence[str]
    take: Sequence[str]


def sent(langs: Sequence[str]) -> Sent:
    """The form of this request. Fields that are none of the editor's are passed over."""
    form: MultiDict[str, str] = request.form
    revision = form.get("revision", "")
    known = revision.isascii() and revision.isdigit() and len(revision) < 10
    return Sent(
        fields=editor_links.known_by_address(editor_form.read(form, langs), langs[0]),
        langs=langs,
        revision=int(revision) if known else NO_REVISION,
        opened=form.get("opened", ""),
        fresh=form.get("fresh", ""),
        minor="minor" in form,
        confirmed=form.getlist("confirmed"),
        take=form.getlist("take"),
    )


def opened(row: DeskRow, draft: Draft, user: User) -> Page:
    """The editor as it opens on a study."""
    fields = editor_form.of_draft(draft, current())
    fresh = [lang for lang, text in draft.translations.items() if not text.outdated_since]
    return Page(
        fields=fields,
        langs=editor_form.languages(draft),
        row=row,
        draft=draft,
        user=user,
        revision=row.lock_version,
        opened=editor_form.marks(fields),
        fresh=" ".join(fresh),
        errors=doubts(draft),
    )


def doubts(draft: Draft) -> list[tuple[str, str]]:
    """What the editor asks as soon as it opens: figures and dates that were saved as typed."""
    return editor_page.messages(checks.doubts(draft.facts, draft.unreadable))


def again(form: Sent, page: Page | None = None) -> Page:
    """The form as it was sent, with all that was typed. page: the study's, where it may be seen."""
    base = page or Page(fields=form.fields, langs=form.langs)
    return replace(
        base,
        fields=form.fields,
        langs=form.langs,
        revision=form.revision,
        opened=form.opened,
        fresh=form.fresh,
        minor=form.minor,
        confirmed=form.confirmed,
        errors=(),
    )


def save(user: User, row: DeskRow, draft: Draft, form: Sent, autosave: bool = False) -> int:
    """Save what was sent; gives the new revision. Raises StaleDraft.

    An autosave marks translations as outdated as it goes; when the person then says that the edit
    was a minor one, those that were up to date before it are so again.
    """
    stored = editor_form.of_draft(draft, current())
    taken = {name: stored[name] for name in form.take if name in stored}
    fields = {**form.fields, **taken}
    given = editor_form.to_draft(fields, draft.original_lang, form.langs, current())
    given = editor_form.keep_order(given, draft)
    still_true = form.fresh.split() if form.minor else []
    confirmed = () if autosave else (*form.confirmed, *still_true)
    minor = form.minor and not autosave
    try:
        return service.save(
            session(), user, row.id, given, form.revision, minor=minor, confirmed=confirmed
        )
    except StaleDraft as stale:
        if _tidied(form, fields, stale.stored) != editor_form.of_draft(stale.stored, current()):
            raise
        return stale.lock_version  # one's own autosave came first: there is nothing to decide


def _tidied(form: Sent, fields: Fields, stored: Draft) -> Fields:
    return editor_form.tidied(fields, stored.original_lang, form.langs, current())


def tell_understood(form: Sent) -> None:
    """Say in full how figures and dates with words and signs in them were read."""
    found = [
        _(N_("%(field)s: %(shown)s (“%(typed)s”)"), field=editor_page.field_label(name),
          shown=shown, typed=words)
        for name, words, shown in typed.understood(form.fields, current())
    ]  # fmt: skip
    if found:
        flash(_(N_("Understood as %(figures)s."), figures="; ".join(found)), "info")


def conflict(user: User, form: Sent, stale: StaleDraft, row: DeskRow) -> Page:
    """Both texts: theirs where nothing was typed here, and where both changed, each beside mine."""
    theirs = editor_form.of_draft(stale.stored, current())
    mine = _tidied(form, form.fields, stale.stored)
    merged, both = editor_form.merge(mine, theirs, form.opened)
    taken = [name for name, value in merged.items() if value != mine.get(name)]
    doubt = N_("“%(field)s”: somebody else changed this too. Choose one, or bring them together.")
    return replace(
        again(form, opened(row, stale.stored, user)),
        fields=merged,
        revision=stale.lock_version,
        opened=editor_form.marks(theirs),
        errors=[(name, _(doubt, field=editor_page.field_label(name))) for name in both],
        notice=_(N_("Somebody else saved this study while you were editing it.")),
        both={name: theirs[name] for name in both},
        taken=taken,
    )


def reread(study_id: str, user: User) -> Page:
    """The editor on the study as it is now."""
    row, draft = queries.get(session(), study_id)
    return opened(row, draft, user)
