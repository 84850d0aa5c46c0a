"""Case studies for tests, written and published as an official would, without the forms."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from network.case_studies import drafts, service, transfer
from network.case_studies import publish as publication
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.making import vocabulary
from network.case_studies.release import release
from network.catalogue.values import Facts
from network.config import Settings
from network.lib import clock
from network.lib.db import writing
from network.lib.places import folder
from network.search import service as search
from network.search.opening import open_search
from tests.nodes import Node


def draft(
    title: str = "Budget participatif",
    lang: str = "fr",
    texts: Mapping[str, TextDraft] | None = None,
    **values: Any,
) -> Draft:
    """A draft that can be published: an original in `lang`, and the other texts given."""
    slug = values.pop("slug", "")
    original = TextDraft(title=title, slug=slug, summary="Ce que la ville a tenté.", body="Texte.")
    given: dict[str, Any] = {
        "city": "paris",
        "topics": ("participatory-budgeting",),
        "facts": Facts(status="running", start="2014"),
    } | values
    return Draft(original_lang=lang, texts={lang: original, **(texts or {})}, **given)


def publish_in(session: Session, settings: Settings, written: Draft) -> str:
    """Create and publish a draft; gives its id."""
    study_id = service.create(session, None, written)
    publication.publish(session, None, study_id, settings)
    return study_id


def publish_all(session: Session, settings: Settings, written: Iterable[Draft]) -> None:
    """Create many drafts that are ready, and publish them together, as an import does."""
    now = clock.now()
    with writing(session):
        known = vocabulary(session)
        tidy = map(drafts.tidy, written)
        studies = [service.begin(session, None, each, str(uuid.uuid4()), now) for each in tidy]
        session.flush()
        found = [publication.problems(service.draft_of(study), known) for study in studies]
        assert not any(found), found
        release(session, studies, settings, known, now)


def publish(node: Node, **values: Any) -> str:
    """Publish a draft in a running node, from another process than its server; gives its id."""
    with node.database() as session:
        return publish_in(session, node.settings, draft(**values))


def withdraw(node: Node, study_id: str, reason: str = "Une erreur de chiffres.") -> None:
    """Withdraw a study of a running node."""
    with node.database() as session:
        publication.withdraw(session, None, study_id, reason)


def import_demo(node: Node, nodes: Mapping[str, Node]) -> None:
    """Import what the demonstration says of a node's city, and build its index."""
    addresses = {f"https://{city}.example/": f"{other.url}/" for city, other in nodes.items()}

    def rewrite(href: str) -> str:
        for symbolic, real in addresses.items():
            href = href.replace(symbolic, real)
        return href

    with node.database() as session:
        content = folder("demo_content") / node.city
        transfer.import_folder(session, content, node.settings, rewrite=rewrite)
        search.reindex(session, open_search(node.settings))
