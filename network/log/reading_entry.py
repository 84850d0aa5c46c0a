"""Reads one entry of a node's log into the version that it carries: the inverse of log.entry."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from lxml import etree
from markupsafe import escape

from network.catalogue.values import (
    Adoption,
    TranslationKind,
    VerdictKind,
    Version,
)
from network.cities.service import CityValue
from network.facts import travel
from network.facts.lines import one_line
from network.facts.links import Link
from network.lib.sanitise import plain_text, web_url
from network.log.names import GEORSS, INSPIRED_BY, TOPICS, XML, atom, pc
from network.log.tidy import tidy

_STRING = etree.XPath("string()")
_XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"


def text_of(element: etree._Element | None) -> str:
    """The characters of an element and of all in it, without comments."""
    if element is None:
        return ""
    return str(_STRING(element)) if len(element) else element.text or ""


def version_of(entry: etree._Element, study_key: str, lang: str, updated: datetime) -> Version:
    """The version in an entry whose id and date were checked, tidied like our own.

    study_key, lang: from the id, because only its host's own member may speak for that study.
    """
    content, translation = entry.find(atom("content")), entry.find(pc("translation"))
    state: Mapping[str, str] = {} if translation is None else translation.attrib
    ours: dict[str, list[str]] = defaultdict(list)
    for element in entry.iterchildren(pc("*")):
        ours[etree.QName(element).localname].append(text_of(element))
    said = {name: texts[0] for name, texts in ours.items()}
    pages = tuple(
        (link.get("hreflang", lang), web_url(link.get("href"), link.base) or "")
        for link in entry.iterchildren(atom("link"))
        if link.get("rel", "alternate") == "alternate"
    )
    version = Version(
        entry_id=f"{study_key}/{lang}",
        study_key=study_key,
        lang=lang,
        title=_plain(entry.find(atom("title"))),
        summary=_plain(entry.find(atom("summary"))),
        body_html=_html(content),
        url=dict(reversed(pages)).get(lang, ""),  # the first; the id leads there too if none does
        published=_moment(text_of(entry.find(atom("published")))) or updated,
        updated=updated,
        city=said.get("city") or None,
        topics=tuple(
            category.get("term", "")
            for category in entry.iterchildren(atom("category"))
            if category.get("scheme") == TOPICS
        ),
        slug=said.get("slug", ""),
        translation=cast(TranslationKind, state.get("kind", "original")),
        original_lang=state.get("original"),
        outdated_since=_moment(state.get("outdated-since", "")),
        legal_basis=said.get("legal-basis", ""),
        contact_role=said.get("contact-role", ""),
        facts=travel.of_entry(ours, lambda relation: _links(entry, relation)),
        inspired_by=_links(entry, INSPIRED_BY),
        alternates=pages,
        adoptions=_adoptions(entry),
    )
    return tidy(version, base_url=None if content is None else content.base)


def city_of(entry: etree._Element) -> CityValue | None:
    """The city that the entry names, with its place if it gives one."""
    city = entry.find(pc("city"))
    slug = text_of(city)
    if city is None or not re.fullmatch(r"[a-z0-9-]{1,100}", slug):
        return None
    country = city.get("country", "")
    try:
        lat, lon = (float(part) for part in text_of(entry.find(f"{{{GEORSS}}}point")).split())
    except ValueError:
        lat = lon = math.nan
    has_point = abs(lat) <= 90 and abs(lon) <= 180  # which is true of no nan
    name = one_line(city.get("name", ""), 200) or slug
    return CityValue(
        slug=slug,
        names={"en": name},
        country=country if re.fullmatch("[A-Z]{2}", country) else None,
        lat=lat if has_point else None,
        lon=lon if has_point else None,
    )


def _plain(element: etree._Element | None) -> str:
    """A text construct (RFC 4287 §3.1) as plain text."""
    text = text_of(element)
    is_html = element is not None and element.get("type") == "html"
    return plain_text(text) if is_html else text


def _html(content: etree._Element | None) -> str:
    """Content of a kind that is words (RFC 4287 §4.1.3) as HTML that is not sanitised yet."""
    kind = "" if content is None else content.get("type", "text")
    if content is None or content.get("src") is not None:
        return ""
    if kind == "html":
        return text_of(content)
    if kind == "xhtml":
        return "".join(
            etree.tostring(div, method="html", encoding="unicode", with_tail=False)
            for div in content.iterchildren(_XHTML_DIV)
        )
    return str(escape(text_of(content))) if kind == "text" else ""


def _links(entry: etree._Element, relation: str) -> tuple[Link, ...]:
    return tuple(
        Link(web_url(link.get("href"), link.base) or "", link.get("title", ""))
        for link in entry.iterchildren(atom("link"))
        if link.get("rel", "alternate") == relation
    )


def _adoptions(entry: etree._Element) -> tuple[Adoption, ...]:
    """What the entry's own city says of its study's adopters; tidying drops unknown verdicts."""
    return tuple(
        Adoption(
            href=web_url(href, element.base) or "",
            verdict=cast(VerdictKind, element.get("verdict", "")),
            title=element.get("title", ""),
            reason=text_of(element),
            lang=element.get(f"{{{XML}}}lang"),
            decided=_moment(element.get("decided", "")),
        )
        for element in entry.iterchildren(pc("adoption"))
        if (href := element.get("href"))  # an empty one would be the document itself
    )


def _moment(text: str) -> datetime | None:
    """A date that may be missing; one without an offset is nobody's moment."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
