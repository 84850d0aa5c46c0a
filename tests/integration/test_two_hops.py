"""Texts that break systems arrive to the byte: from the author over a member’s log to its readers,
and from there by the reader feeds to whoever asks for those."""

from __future__ import annotations

import json

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from network.case_studies import publish, service
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.models import Study, Version
from network.log.names import atom
from network.subscriptions import service as subscriptions
from tests.simulation.network import CALM
from tests.simulation.node import Node
from tests.simulation.plan import Plan
from tests.simulation.world import beginning
from tests.strategies import NASTY

NAUGHTY = (
    "undefined", "NULL", "(null)", "nil", "true", "NaN", "-1E+02", "0x0", "1/0",
    "1;DROP TABLE users", "' OR 1=1 -- 1", '"><script>alert(1)</script>',
    "javascript:alert(1);", "$HOME `ls -al /`", "{{ 7*7 }} {% print 'x' %} ${7*7}",
    "%d %s %n %(name)s", "../../../etc/passwd%00", "file:///etc",
    "&lt;b&gt; &amp;amp; &#x41; ]]> <![CDATA[", "Ω≈ç√∫˜µ≤≥÷", "␢ ␣ ␡", "⁰⁴⁵₀₁₂",
    "ด้้้้้็็็็็้้้้้็็็็็", "田中さんにあげて下さい", "찦차를 타고 온 펲시맨", "𠜎𠜱𠝹𠱓",
    "Ⱥ Ⱦ", "ﷺ", "مُنَاقَشَةُ سُبُلِ", "😍 👾 🙇 💁 👨‍👩‍👧‍👦 🇫🇷",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "test\u200bword\u2060joined", "\u00adsoft\u00adhyphen",
    "e\u0301 é", "½ ¼ ¾", "«\u202fguillemets\u202f»", "Écoquartier\u00a0: l’eau", "ﬁ ﬂ ſ",
    "a\tb", "a  b", " leading", "trailing ", "I\u0307 ı İ i", "ẞ ß", "🏳️‍🌈", "\ufeffBOM",
    "\ufffdreplacement", "\u2028line\u2029", *NASTY,
)  # fmt: skip


def written(text: str, number: int) -> Draft:
    given = TextDraft(
        title=f"{number} {text}",
        summary=f"{text} {number}",
        body=f"{text}\n\n{text}",
        legal_basis=text,
        contact_role=text,
    )
    return Draft(original_lang="en", texts={"en": given})


def versions(session: Session, source_is_own: bool) -> dict[str, Version]:
    rows = session.scalars(
        select(Version)
        .join(Study)
        .where(Study.source_id.is_(None) if source_is_own else Study.source_id.is_not(None))
        .options(undefer(Version.body_html))
    )
    return {row.entry_id: row for row in rows}


def published(node: Node) -> dict[str, Version]:
    with node.at_work(), node.sessions() as session:
        for number, text in enumerate(NAUGHTY):
            study_id = f"{number:08}-0000-4000-8000-000000000000"
            service.create(session, None, written(text, number), study_id=study_id)
            publish.publish(session, None, study_id, node.settings)
        return versions(session, True)


def test_naughty_strings_are_the_same_after_two_hops() -> None:
    plan = Plan(1, 2, 50, CALM, False, False, (0, 0), ())
    with beginning(plan) as world:
        paris, madrid = world.nodes
        origin = published(madrid)
        with paris.at_work(), paris.sessions() as session:
            subscriptions.follow(session, paris.door, madrid.origin, paris.settings)
            first = versions(session, False)
        second = json.loads(paris.ask("/en/feed.json?scope=network").body)["items"]
        feed = etree.fromstring(paris.ask("/en/feed.atom?scope=network").body)
    assert origin.keys() == first.keys()
    assert len(origin) == len(NAUGHTY)
    for entry_id, sent in origin.items():
        for name in ("title", "summary", "body_html", "legal_basis", "contact_role", "slug"):
            assert getattr(first[entry_id], name) == getattr(sent, name), name
    assert len(second) == 50
    for item in second:
        sent = origin[item["id"]]
        assert (item["title"], item["summary"]) == (sent.title, sent.summary)
        assert item["content_html"] == sent.body_html
    for entry in feed.iterchildren(atom("entry")):
        sent = origin[entry.findtext(atom("id"))]
        assert entry.findtext(atom("title")) == sent.title
        assert entry.findtext(atom("summary")) == sent.summary
        assert entry.findtext(atom("content")) == sent.body_html


def test_what_an_author_types_is_what_everybody_reads_but_for_what_no_text_holds() -> None:
    """Ends of lines, needless spaces, controls and bidirectional overrides: see lib.sanitise."""
    plain = [text for text in NAUGHTY if text.isprintable() and "  " not in text]
    kept = [text for text in plain if text == text.strip()]
    plan = Plan(1, 2, 50, CALM, False, False, (0, 0), ())
    with beginning(plan) as world:
        origin = published(world.nodes[1])
    titles = {version.title.partition(" ")[2] for version in origin.values()}
    assert titles.issuperset(kept)
    assert len(kept) > 35
