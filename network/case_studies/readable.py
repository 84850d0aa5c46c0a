"""Whether other nodes would read a study as it is meant, asked before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from network.case_studies import drafts, versions
from network.case_studies.fact_checks import Problem, problem
from network.catalogue.values import Version
from network.lib.i18n import N_
from network.lib.sanitise import LONGEST, is_cut
from network.log.entry import entry_xml
from network.log.items import LiveItem, Unreadable, check_equal, read_item


def problems(
    draft: drafts.Draft, study_id: str, base_url: str, licence: str, now: datetime
) -> list[Problem]:
    """What others would not read of a draft that has no other problems, in the order of its texts.

    The log asks the same reader again when the entry is written; here it is asked early enough to
    say it where the text was typed.
    """
    dates = {lang: versions.Dates(now, now) for lang in draft.texts}
    built = versions.build(draft, base_url, study_id, versions.Place(), dates, licence)
    return [each for version in built for each in _of_version(version)]


def _of_version(version: Version) -> Iterable[Problem]:
    if is_cut(version.body_html):
        yield problem(
            f"{version.lang}.body",
            N_("The whole text, with its sections, is longer than %(most)s characters of HTML."),
            most=LONGEST,
        )
    try:
        found = read_item(entry_xml(version, version.study_key), version.entry_id)
        if isinstance(found, LiveItem):
            check_equal(found.version, version)
    except Unreadable as error:
        name = error.field if error.field in drafts.TEXTS else "title"
        yield problem(f"{version.lang}.{name}", error.message, **error.arguments)
