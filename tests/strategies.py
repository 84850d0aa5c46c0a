"""Case studies as adversity would write them, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from network.catalogue.values import VERDICTS, Adoption, Facts, Link, Version
from network.cities.service import CityValue
from network.facts.declared import FACTS, STATUSES

NASTY = (
    "]]>",
    "<b>gras</b>",
    "&amp;",
    "&",
    "\"'",
    "«\u202f500\u202fmillions d’euros\u202f»",
    "e\u0301te\u0301",
    "𝒫aris 🗼 👩‍💻",
    "بودجه \u200f‏مدينة",
    "\u202egnp.exe",
    "\x00",
    "\x1b[31m",
    "\r\n",
    "\n",
    "\t",
    "\u2028",
    "\ufffe",
    "\ud800",
    "<!--",
    "<?pi?>",
    "<!DOCTYPE x>",
    "%s%(x)s{}",
    "\u0085",
    "\u00a0",
    "\ufeff",
)

nasty = st.lists(st.sampled_from(NASTY) | st.text(max_size=12), max_size=6).map("".join)
"""Text with everything that has ever broken a feed."""
titles = nasty.map(lambda text: "Budget " + text)
slugs = st.from_regex("[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8})?", fullmatch=True)
langs = st.sampled_from(["fr", "en", "es", "pt-BR", "zh-Hant"])
urls = st.builds(
    lambda path: "https://paris.example/" + path,
    st.sampled_from(["", "a", "a?b=c&d=%22", "é/ß", "a/b#c", "x'y"]) | slugs,
)
links = st.builds(Link, urls, nasty)
moments = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 — made aware below
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
).map(lambda moment: moment.replace(tzinfo=UTC))
decimals = st.decimals(0, 10**15 - 1, places=2, allow_nan=False, allow_infinity=False)
partial_dates = st.dates().flatmap(
    lambda day: st.sampled_from([f"{day:%Y}".zfill(4), day.isoformat()[:7], day.isoformat()])
)
tuples_of_text = st.lists(nasty, max_size=3).map(tuple)

FACTS_DRAWN = {
    "status": st.none() | st.sampled_from(list(STATUSES)),
    "start": st.none() | partial_dates,
    "end": st.none() | partial_dates,
    "budget_amount": st.none() | decimals,
    "budget_currency": st.none() | st.sampled_from(["EUR", "USD", "KRW"]),
    "people_reached": st.none() | st.integers(0, 10**10),
    "staff": st.none() | decimals,
    "partners": tuples_of_text,
    "contact_email": st.none() | st.just("budget@paris.example"),
    "sdgs": st.lists(st.integers(1, 17), max_size=4).map(tuple),
    "evidence": st.lists(links, max_size=3).map(tuple),
    "authors": tuples_of_text,
    "licence": st.none() | urls | st.sampled_from(["CC-BY-4.0", "etalab-2.0", "MIT"]),
    "illustrative": st.lists(st.sampled_from(list(FACTS)), max_size=3).map(tuple),
}
"""A strategy for each fact."""
facts = st.builds(Facts, **FACTS_DRAWN)

bodies = st.lists(
    nasty
    | st.sampled_from(
        [
            "<p>Texte</p>",
            '<section id="problem"><h2>Le problème</h2>',
            "</section>",
            "<script>alert(1)</script>",
            '<a href="/fr/">lien</a>',
            '<img src="/x.png" alt="Carte">',
            "<table><tr><td>1",
            "<pre>\n\n  x</pre>",
            "]]></content></entry>",
        ]
    ),
    max_size=6,
).map("".join)

adoptions = st.builds(
    Adoption,
    href=urls,
    verdict=st.sampled_from(VERDICTS),
    title=nasty,
    reason=nasty,
    lang=st.none() | langs,
    decided=st.none() | moments,
)

cities = st.builds(
    lambda name, **values: CityValue(names={"en": name}, **values),
    slug=st.just("paris"),
    name=titles,
    country=st.none() | st.just("FR"),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
)


@st.composite
def versions(draw: st.DrawFn, base_url: str = "https://paris.example") -> Version:
    """A version of a node at base_url, before tidying."""
    study = f"{base_url}/id/{draw(st.uuids())}"
    lang = draw(langs)
    others = draw(st.lists(langs, max_size=3))
    return Version(
        entry_id=f"{study}/{lang}",
        study_key=study,
        lang=lang,
        title=draw(titles),
        summary=draw(nasty),
        body_html=draw(bodies),
        url=draw(urls),
        published=draw(moments),
        updated=draw(moments) + timedelta(microseconds=draw(st.integers(0, 10**6))),
        city=draw(st.none() | st.just("paris")),
        topics=draw(st.lists(slugs, max_size=3).map(tuple)),
        slug=draw(st.just("") | slugs),
        translation=draw(st.sampled_from(["original", "human", "machine"])),
        original_lang=draw(st.none() | langs),
        outdated_since=draw(st.none() | moments),
        legal_basis=draw(nasty),
        contact_role=draw(nasty),
        facts=draw(facts),
        inspired_by=draw(st.lists(links, max_size=3).map(tuple)),
        alternates=tuple((other, f"{study}/{other}") for other in others),
        adoptions=draw(st.lists(adoptions, max_size=3).map(tuple)),
    )
