"""“Our city”, and the editor’s part for a city that no list has yet, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from network.case_studies import queries
from network.cities import site as sites
from network.cities.models import City
from network.lib.db import db, writing
from network.lib.i18n import translate
from network.web.pieces.city_form import KINDS
from tests.web.officials import Official

pytestmark = pytest.mark.usefixtures("cheap_hashes")
PAGE = "/en/admin/our-city"
VILLAGE = {
    "own": "", "name_fr": "Trifouillis-les-Oies", "name_en": "", "country": "FR", "kind": "village",
    "population": "1 312", "population_year": "2021", "timezone": "Europe/Paris",
    "website": "www.trifouillis.example", "site_name_fr": "Trifouillis essaie",
    "site_name_en": "Trifouillis tries", "site_description_fr": "Ce qu’un village essaie",
    "site_description_en": "What a village tries", "site_timezone": "",
}  # fmt: skip


@pytest.fixture
def boss(app: Flask) -> Official:
    return Official(app, "administrator", "camille")


@pytest.fixture
def author(app: Flask) -> Official:
    return Official(app, "author", "sacha")


def values(page: Any) -> dict[str, str]:
    """What stands in the fields of a page."""
    tree = html.fromstring(page.data)
    found = {field.name: field.value or "" for field in tree.xpath("//input[@name]|//select")}
    return found | {
        area.name: (area.text or "").removeprefix("\n") for area in tree.xpath("//textarea")
    }


def city(app: Flask, slug: str) -> City | None:
    with app.app_context():
        return db.session().get(City, slug)


def test_what_is_typed_by_hand_is_what_readers_see_in_each_language(
    app: Flask, boss: Official, client: FlaskClient
) -> None:
    assert boss.post(PAGE, VILLAGE).status_code == 303
    english, french = client.get("/en/").text, client.get("/fr/").text
    assert "Trifouillis tries – What a village tries" in english
    assert "Trifouillis essaie – Ce qu’un village essaie" in french
    assert "Villes pionnières" not in english.split("</title>")[0]
    assert "<subtitle>What a village tries" in client.get("/en/feed.atom").text.replace(
        ' type="text"', ""
    )
    assert "Trifouillis essaie" in client.get("/network.opml").text
    metadata = client.get("/nodeinfo/2.1").get_json()["metadata"]
    assert (metadata["nodeName"], metadata["city"]) == (
        "Trifouillis essaie",
        "trifouillis-les-oies",
    )
    kept = city(app, "trifouillis-les-oies")
    assert kept is not None and (kept.population, kept.kind) == (1312, "village")


def test_the_page_shows_what_was_saved_and_changes_it(app: Flask, boss: Official) -> None:
    boss.post(PAGE, VILLAGE)
    shown = values(boss.get("/fr/admin/notre-ville"))
    assert shown["population"] == "1\u202f312"
    assert shown["site_description_en"].strip() == "What a village tries"
    changed = VILLAGE | {"own": "trifouillis-les-oies", "name_en": "Trifouillis", "population": ""}
    assert boss.post(PAGE, changed).status_code == 303
    kept = city(app, "trifouillis-les-oies")
    assert kept is not None and (kept.name("en"), kept.population) == ("Trifouillis", None)


def test_a_few_letters_propose_places_and_a_choice_fills_the_form(
    app: Flask, boss: Official
) -> None:
    typed = VILLAGE | {"then": "find", "find": "san jose, costa rica", "site_name_fr": "À nous"}
    page = boss.post(PAGE, typed)
    assert "335,007 inhabitants" in page.text and "Costa Rica" in page.text
    assert values(page)["site_name_fr"] == "À nous"
    token = html.fromstring(page.data).xpath("//button[@name='choose']/@value")[0]
    filled = values(boss.post(PAGE, VILLAGE | {"choose": token, "site_name_fr": ""}))
    assert (filled["name_en"], filled["timezone"]) == ("San José", "America/Costa_Rica")
    assert filled["site_name_fr"] == "Villes pionnières – San José"
    assert boss.post(PAGE, filled | {"then": ""}).status_code == 303
    kept = city(app, "san-jose")
    assert kept is not None and kept.country == "CR"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(boss: Official) -> None:
    page = boss.post(
        "/fr/admin/notre-ville",
        VILLAGE | {"population": "beaucoup", "lat": "48", "site_name_fr": "x" * 201},
    )
    assert page.status_code == 422
    assert "nombre d’habitants en chiffres" in page.text
    assert "latitude et la longitude" in page.text and "201" in page.text
    shown = values(page)
    assert (shown["population"], shown["lat"]) == ("beaucoup", "48")
    assert shown["name_fr"] == "Trifouillis-les-Oies"


def test_a_site_is_not_called_by_what_nobody_can_see(app: Flask, boss: Official) -> None:
    unseen = VILLAGE | {"site_name_fr": "\u200b", "site_name_en": "\u3164 \u2800"}
    page = boss.post(PAGE, unseen)
    assert page.status_code == 422
    assert "Give the site a name." in page.text
    assert boss.post(PAGE, unseen | {"site_name_en": "Here"}).status_code == 303
    with app.app_context():
        assert sites.said(db.session())["name_fr"] == ""


def test_what_nobody_says_stays_with_the_settings(boss: Official) -> None:
    page = boss.get(PAGE)
    assert page.status_code == 200
    assert values(page)["site_name_fr"] == "Villes pionnières"


def test_an_author_adds_a_city_while_writing_and_loses_nothing(
    app: Flask, author: Official
) -> None:
    begun = author.post("/en/desk/new", {"lang": "en", "title": "A fund", "city": ""})
    address = begun.headers["Location"]
    form = values(author.get(address)) | {"en.summary": "Typed, not saved"}
    page = author.post(address, form | {"then": "place.find", "place.find": "ozd"})
    assert values(page)["en.summary"] == "Typed, not saved"
    token = html.fromstring(page.data).xpath("//button[@name='place.choose']/@value")[0]
    page = author.post(address, form | {"place.choose": token})
    tree = html.fromstring(page.data)
    assert tree.xpath("//select[@name='city']/option[@selected]/@value") == ["ozd"]
    assert values(page)["en.summary"] == "Typed, not saved"
    village = {"then": "place.add", "place.name_fr": "Trifouillis", "place.kind": "village"}
    page = author.post(address, form | village | {"place.population": "beaucoup"})
    assert page.status_code == 422 and 'href="#place.population"' in page.text
    page = author.post(address, form | village)
    tree = html.fromstring(page.data)
    assert tree.xpath("//select[@name='city']/option[@selected]/@value") == ["trifouillis"]
    author.post(address, values(page) | {"then": ""})
    with app.app_context():
        row, draft = queries.get(db.session(), address.rpartition("/")[2])
    assert (row.city, draft.texts["en"].summary) == ("trifouillis", "Typed, not saved")


@pytest.mark.parametrize("kind", KINDS)
def test_a_citys_page_says_what_it_is_and_where_more_is_found(
    boss: Official, client: FlaskClient, kind: str
) -> None:
    boss.post(PAGE, VILLAGE | {"kind": kind})
    for address, lang, people in (
        ("/fr/villes/trifouillis-les-oies", "fr", "Habitants (2021)"),
        ("/en/cities/trifouillis-les-oies", "en", "Inhabitants (2021)"),
    ):
        page = html.fromstring(client.get(address).data)
        said = dict(zip(
            [each.text_content() for each in page.xpath("//aside//dt")],
            [each.text_content() for each in page.xpath("//aside//dd")],
            strict=True,
        ))  # fmt: skip
        assert translate(lang, KINDS[kind]) in said.values()
        assert said[people].replace("\u202f", ",") == "1,312"
        (link,) = page.xpath("//aside//dd/a[@rel='external']")
        assert link.get("href") == "https://www.trifouillis.example"
        assert link.text == "www.trifouillis.example"
    assert translate("fr", KINDS[kind]) != translate("en", KINDS[kind]) or kind == "village"


def test_a_citys_page_says_nothing_of_what_is_not_known(
    app: Flask, boss: Official, client: FlaskClient
) -> None:
    unknown = {"population": "", "population_year": "", "website": ""}
    boss.post(PAGE, VILLAGE | unknown)
    with app.app_context(), writing(db.session()):
        db.session().get_one(City, "trifouillis-les-oies").kind = "moon-base"
    page = html.fromstring(client.get("/en/cities/trifouillis-les-oies").data)
    assert page.xpath("//aside//dl") == []


def test_the_page_leads_to_joining_two_cities(boss: Official) -> None:
    assert '"/fr/admin/villes/reunir"' in boss.get("/fr/admin/notre-ville").text


def test_what_our_site_is_called_reaches_followers_at_once(
    boss: Official, client: FlaskClient
) -> None:
    boss.post(PAGE, VILLAGE)
    before = client.get("/feed.atom").headers["ETag"]
    own = VILLAGE | {"own": "trifouillis-les-oies"}
    boss.post(PAGE, own | {"population": "1 400"})
    second = client.get("/feed.atom")
    assert second.headers["ETag"] != before and 'population="1400"' in second.text
    boss.post(PAGE, own | {"population": "1 400", "site_name_en": "A new name"})
    assert client.get("/feed.atom").headers["ETag"] != second.headers["ETag"]


def test_another_city_is_never_written_over_ours_by_what_was_left_in_the_form(
    app: Flask, boss: Official
) -> None:
    page = boss.get(PAGE)
    left = values(page) | {"own": "", "name_fr": "Lutèce", "name_en": "Lutetia", "then": ""}
    for number, field in ((left["geonames_id"], "geonames_id"), ("", "slug")):
        answer = boss.post(PAGE, left | {"geonames_id": number})
        assert answer.status_code == 422 and f'href="#{field}"' in answer.text
        assert "it is still Paris" in answer.text
        tree = html.fromstring(answer.data)
        offered = tree.xpath("//input[@name='own']")
        assert [(each.get("value"), "checked" in each.attrib) for each in offered] == [
            ("paris", False),
            ("", True),
        ]
    assert boss.post(PAGE, left | {"geonames_id": "", "slug": ""}).status_code == 303
    ours, other = city(app, "paris"), city(app, "lutetia")
    assert ours is not None and ours.name("fr") == "Paris"
    assert other is not None and other.name("fr") == "Lutèce"


def test_degrees_stand_in_the_form_as_its_language_writes_them(boss: Official) -> None:
    assert values(boss.get("/fr/admin/notre-ville"))["lat"] == "48,853"
    assert values(boss.get(PAGE))["lat"] == "48.853"
