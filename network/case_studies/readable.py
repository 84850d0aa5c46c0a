"""Whether other nodes would read a study as it is meant, asked before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from network.case_studies import drafts, versions
from network.catalogue.values import Version
from network.facts.kinds import Problem, problem
from network.lib.i18n import N_
from network.lib.sanitise import LONGEST, is_cut
from network.log import items
from network.log.entry import entry_of, rfc3339, serialised
from network.log.items import Proved, Unreadable

TOO_LONG = N_("The whole text, with its sections, is longer than %(most)s characters of HTML.")


def problems(
    draft: drafts.Draft,
    study_id: str,
    base_url: str,
    licence: str,
    now: datetime,
    html: versions.Html = versions.html,
) -> list[Problem]:
    """What others would not read of a draft that has no other problems, in the order of its texts.

    The log asks the same reader again when the entry is written; here it is asked early enough to
    say it where the text was typed. html: what makes HTML of a text.
    """
    dates = {lang: versions.Dates(now, now) for lang in draft.texts}
    place = versions.Place()
    built = versions.build(draft, base_url, study_id, place, dates, licence, html=html)
    return [each for version in built for each in _of_version(version)]


def _of_version(version: Version) -> Iterable[Problem]:
    meant = versions.as_it_travels(version)
    try:
        prove(meant, serialised(entry_of(meant, meant.study_key)))
    except Unreadable as error:
        yield told(meant, error)


def prove(meant: Version, xml: bytes) -> Proved:
    """The entry of a version that readers will see whole. Raises Unreadable."""
    if is_cut(meant.body_html):
        raise Unreadable(TOO_LONG, "body", most=LONGEST)
    return items.prove(meant.entry_id, "live", rfc3339(meant.updated), xml, meant)


def told(version: Version, error: Unreadable) -> Problem:
    """What is wrong with a version, at the field where it was typed."""
    name = error.field if error.field in drafts.TEXTS else "title"
    return problem(f"{version.lang}.{name}", error.message, **error.arguments)
