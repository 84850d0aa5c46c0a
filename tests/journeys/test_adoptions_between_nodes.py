"""What Paris says of Madrid's adoption is seen in Madrid, and in Seoul, which follows them both."""

from __future__ import annotations

from network.adoptions import desk
from network.case_studies.verdicts import Opinion
from network.catalogue.values import Link
from network.log import followers
from tests.nodes import eventually
from tests.writing import publish, withdraw

LINEAGE = "/en/case-studies/paris/budget-of-paris/lineage"


def test_a_verdict_travels_to_every_city_that_follows_and_goes_with_the_adoption(start):
    paris, madrid, seoul = (start(city) for city in ("paris", "madrid", "seoul"))
    origin = publish(paris, title="Budget of Paris", lang="en")
    link = Link(f"{paris.url}/id/{origin}", "Budget of Paris")
    adopted = publish(
        madrid, title="Budget of Madrid", lang="en", city="madrid", inspired_by=(link,)
    )
    for follower, followed in (
        (madrid, paris), (paris, madrid), (seoul, paris), (seoul, madrid),
    ):  # fmt: skip
        follower.follow(followed)
    adopter = f"{madrid.url}/id/{adopted}"
    words = "C’est une autre pratique."

    with paris.database() as session:
        opinion = Opinion("contested", words, "fr")
        assert desk.answer(session, None, origin, adopter, opinion, paris.url)

    for node in (paris, madrid, seoul):
        eventually(lambda node=node: words in node.text(LINEAGE))
        assert 'class="edge--contested"' in node.text(LINEAGE)
        page = node.text("/en/case-studies/madrid/budget-of-madrid")
        assert words in page, "the adopter's own page says so too"

    def confirmed() -> bool:
        with paris.database() as session:
            found = {row.origin: row.confirmed_at for row in followers.all_of(session)}
        return bool(found.get(madrid.url) and found.get(seoul.url))

    eventually(confirmed, 60)

    withdraw(madrid, adopted)
    for node in (paris, madrid, seoul):
        eventually(lambda node=node: "Budget of Madrid" not in node.text(LINEAGE))
    eventually(lambda: "pc:adoption" not in paris.text("/feed.atom"), 60)
