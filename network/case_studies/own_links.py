"""Whether a study names as its inspiration what readers of this site can see."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.case_studies.drafts import Draft
from network.catalogue.models import Study, Version
from network.catalogue.values import target_key
from network.facts.kinds import Problem, problem
from network.lib.i18n import N_

ITSELF = N_("A case study cannot be inspired by itself.")
UNSEEN = N_(
    "“%(link)s” is on this site, and readers cannot see it as a case study. Publish it first, or "
    "take it out."
)


def problems(session: Session, base_url: str, key: str, draft: Draft) -> list[Problem]:
    """What is wrong with links to this site; a draft of ours must not be named in public.

    key: the study_key of the draft's own study.
    """
    found: list[Problem] = []
    for link in draft.inspired_by:
        target = target_key(link.href)
        if target == key:
            found.append(problem("inspired_by", ITSELF))
        elif target.startswith(f"{base_url}/") and not _is_shown(session, target):
            found.append(problem("inspired_by", UNSEEN, link=link.title or link.href))
    return found


def _is_shown(session: Session, target: str) -> bool:
    by_key = select(Study.study_key).where(Study.study_key == target, Study.shown)
    by_page = select(Version.study_key).where(Version.url == target)
    return session.scalar(by_key) is not None or session.scalar(by_page.limit(1)) is not None
