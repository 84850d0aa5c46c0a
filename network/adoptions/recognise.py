"""Which study somebody means by the address that they pasted: its page anywhere, or its id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urldefrag, urlsplit, urlunsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.adoptions.edges import resolve
from network.case_studies.versions import ELSEWHERE, PAGES
from network.catalogue import queries
from network.catalogue.addresses import NOWHERE
from network.catalogue.values import target_key
from network.cities import service as cities
from network.lib.i18n import LANGUAGES
from network.lib.languages import in_words
from network.lib.sanitise import web_url
from network.subscriptions.models import Subscription

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PAGE = re.compile(
    rf"/(?P<lang>{'|'.join(PAGES)})/(?:{'|'.join(PAGES.values())})/(?P<place>[^/]+)/(?P<slug>[^/]+)"
    rf"(?:/(?:{'|'.join(in_words('lineage', lang) for lang in LANGUAGES)}))?/?"
)
_DESKS = "|".join(f"{lang}{in_words('/desk/case-studies', lang)}" for lang in LANGUAGES)
_DESK = re.compile(rf"/(?:{_DESKS})/(?P<uuid>{_UUID})(?:/[a-z-]+)?/?")


def recognise(session: Session, base_url: str, addresses: Iterable[str]) -> dict[str, str]:
    """address → study_key of those that mean a study that readers can see here, or one of our own.

    An address may have a fragment or a query too much, http for https, or be the page on which
    this node, or a member, shows somebody else's study.
    """
    wanted = {a: _spellings(a) for a in addresses if web_url(a) == a}
    known = resolve(session, {each for spellings in wanted.values() for each in spellings})
    origins = _origins(session, base_url) if wanted else set()
    found: dict[str, str] = {}
    for address, spellings in wanted.items():
        key = next((known[each] for each in spellings if each in known), None)
        key = key or _own(base_url, address) or _shown_at(session, origins, address)
        if key is not None:
            found[address] = key
    return found


def _spellings(address: str) -> list[str]:
    """The address, and what else people may have meant by it, the likeliest first."""
    bare = urldefrag(address).url
    plain = bare.partition("?")[0]
    found = [target_key(address), bare, plain, plain.rstrip("/")]
    for each in tuple(found):
        scheme, rest = each.partition("://")[::2]
        found.append(f"{'http' if scheme == 'https' else 'https'}://{rest}")
    return list(dict.fromkeys(each for text in found for each in (text, target_key(text))))


def _own(base_url: str, address: str) -> str | None:
    """A study of this node by its id or its place on the desk, whoever may see it."""
    if not address.startswith(f"{base_url}/"):
        return None
    path = urlsplit(address).path
    at_desk = _DESK.fullmatch(path)
    by_id = re.fullmatch(rf"/id/(?P<uuid>{_UUID})(?:/[A-Za-z-]+)?/?", path)
    found = at_desk or by_id
    return f"{base_url}/id/{found['uuid']}" if found else None


def _origins(session: Session, base_url: str) -> set[str]:
    """Sites whose pages have addresses like ours: this node and the members that it follows."""
    members = select(Subscription.origin).where(Subscription.kind == "member")
    return {base_url, *session.scalars(members)}


def _shown_at(session: Session, origins: set[str], address: str) -> str | None:
    """The study at a page of a node, by the words in its address."""
    parts = urlsplit(address)
    page = _PAGE.fullmatch(parts.path)
    if page is None or urlunsplit((parts.scheme, parts.netloc, "", "", "")) not in origins:
        return None
    key = queries.key_at(session, _place(session, page["place"]), page["slug"], page["lang"])
    return key if key and queries.study(session, key, bodies=False) else None


def _place(session: Session, slug: str) -> str:
    if slug in ELSEWHERE.values():
        return NOWHERE
    found = cities.by_slug(session, slug)
    return found.slug if found else slug


def titles(session: Session, keys: Iterable[str], lang: str) -> Mapping[str, str]:
    """study_key → title, in this language where there is one."""
    found = queries.cards(session, list(dict.fromkeys(keys)), lang)
    return {card.study_key: card.title for card in found}
