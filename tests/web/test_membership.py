"""Joining the network in a browser without scripts: look, choose, follow, see what came of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import delete
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from network.case_studies import cities
from network.cities.models import City
from network.cities.service import CityValue
from network.cities.site import Site as Said
from network.config import Settings
from network.jobs import batches
from network.jobs import service as jobs
from network.lib.db import db, writing
from network.membership import lists
from network.subscriptions.models import Subscription
from network.web.administration import identity
from tests.sites import Reply, Site
from tests.web.conftest import Node
from tests.web.officials import Official

pytestmark = pytest.mark.usefixtures("cheap_hashes")
NASTY = "<script>alert(1)</script>\"'{{ 7*7 }}"


@pytest.fixture
def boss(app: Flask) -> Official:
    return Official(app, "administrator", "camille")


@pytest.fixture
def seoul() -> Iterator[Site]:
    with Site() as site:
        site.answers["/en/about"] = Reply(b"<!doctype html><title>Seoul</title>")
        site.answers["/network.opml"] = Reply(document(site.url))
        yield site


def document(url: str, title: str = "Seoul") -> bytes:
    """A node's list: itself, a member, a blog, and this site."""
    member = 'type="rss" category="pioneer-cities,/city/{}"'
    name = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        f"<opml version='2.0'><head><title>{name.replace('&quot;', '')}</title></head><body>"
        f'<outline text="{name}" {member.format("seoul")} xmlUrl="{url}/feed.atom" language="en"/>'
        f'<outline text="Lisboa" {member.format("lisbon")} xmlUrl="http://lisbon.example/feed.atom"/>'
        f'<outline text="Blog" type="rss" xmlUrl="http://blog.example/rss"/>'
        f'<outline text="Paris" {member.format("paris")} xmlUrl="http://paris.example/feed.atom"/>'
        "</body></opml>"
    ).encode()


def upload(content: bytes, name: str = "list.opml") -> MultiDict[str, Any]:
    """A form with a file."""
    return MultiDict([("address", ""), ("file", (io.BytesIO(content), name))])


def boxes(page: TestResponse) -> dict[str, str]:
    """Label → checked, open or disabled, of every check box."""
    found = {}
    tree = html.fromstring(page.data)
    for box in tree.xpath("//input[@type='checkbox']"):
        (label,) = tree.xpath(f"//label[@for='{box.get('id')}']")
        state = "disabled" if box.get("disabled") is not None else "open"
        found[label.text.strip()] = "checked" if box.get("checked") is not None else state
    return found


def title_of(page: TestResponse) -> str:
    return html.fromstring(page.data).findtext(".//title") or ""


def waiting(app: Flask) -> list[str]:
    """The payloads' addresses of the jobs that wait, in order."""
    with app.app_context():
        found = [
            batches.waiting(db.session(), j.key) for j in jobs.claim(db.session(), "follow", 9)
        ]
        return [item.payload["url"] for item in found if item]


def test_any_page_of_a_city_leads_to_its_list_to_choose_from(
    app: Flask, boss: Official, seoul: Site, node: Node
) -> None:
    node.follow("Lisbon", url="https://lisbon.example/feed.atom", origin="https://lisbon.example")
    sent = boss.post("/en/admin/join", {"address": f" {seoul.url}/en/about "})
    assert sent.status_code == 303
    page = boss.get(sent.headers["Location"])
    assert re.fullmatch(r"/en/admin/work/\d+", sent.headers["Location"])
    assert boxes(page) == {
        "Seoul": "checked", "Lisboa": "disabled", "Paris": "disabled", "Blog": "open",
    }  # fmt: skip
    text = " ".join(html.fromstring(page.data).text_content().split())
    assert "Lisboa Followed already" in text
    assert "Paris This site itself" in text
    assert "Seoul · English · " in text
    assert "names 4 sites" in text
    french = boss.get(sent.headers["Location"].replace("/en/admin/work", "/fr/admin/travaux"))
    assert "Séoul · anglais · " in " ".join(html.fromstring(french.data).text_content().split())


def test_what_is_chosen_is_followed_and_the_page_keeps_its_address(
    app: Flask, boss: Official, seoul: Site
) -> None:
    address = boss.post("/en/admin/join", {"address": seoul.url + "/en/about"}).headers["Location"]
    assert boss.post(address, {}).status_code == 422
    done = boss.post(address, {"item": ["1", "4", "77", "x", "-1"]})
    assert (done.status_code, done.headers["Location"]) == (303, address)
    page = boss.get(address)
    assert title_of(page).startswith("0 of 2")
    (bar,) = html.fromstring(page.data).xpath("//progress")
    assert (bar.get("max"), bar.get("value")) == ("2", "0")
    assert 'http-equiv="refresh"' not in page.text
    assert f'<a href="{address}">Refresh</a>' in page.text
    assert boss.post(address, {"all": "1"}).status_code == 303, "chosen once and for all"
    assert waiting(app) == [f"{seoul.url}/feed.atom", "http://blog.example/rss"]


def test_all_means_all_that_can_be_followed(app: Flask, boss: Official, seoul: Site) -> None:
    address = boss.post("/en/admin/join", {"address": seoul.url + "/en/about"}).headers["Location"]
    assert "Follow all 3 sites" in boss.get(address).text
    boss.post(address, {"all": "1"})
    assert waiting(app) == [
        f"{seoul.url}/feed.atom", "http://lisbon.example/feed.atom", "http://blog.example/rss",
    ]  # fmt: skip


def settled(app: Flask, state: str, said: tuple, result: dict | None = None) -> None:
    with app.app_context():
        for job in jobs.claim(db.session(), "follow", 9):
            batches.settle(db.session(), job.key, state, said, result)


def test_results_are_told_item_by_item_and_failures_can_be_tried_again(
    app: Flask, boss: Official, seoul: Site, node: Node
) -> None:
    address = boss.post("/en/admin/join", {"address": seoul.url + "/en/about"}).headers["Location"]
    boss.post(address, {"item": "1"})
    settled(app, "failed", ("This site is not followed.", {}))
    page = boss.get(address)
    assert "1 site could not be followed" in page.text
    assert "This site is not followed." in page.text
    assert "This site is not followed." not in boss.get(address.replace("/en/", "/fr/").replace(
        "work", "travaux")).text  # fmt: skip
    assert "Try 1 site again" in page.text
    boss.post(address, {"again": "1"})
    assert title_of(boss.get(address)).startswith("0 of 1")
    peer = node.follow("Seoul")
    settled(app, "done", ("Was followed already.", {}), {"peer": peer, "title": NASTY})
    page = boss.get(address)
    assert title_of(page).startswith("Result")
    assert f'href="/en/admin/members/{peer}"' in page.text
    assert "<script>alert" not in page.text
    assert "data-refresh=" not in page.text
    assert "#tell-them" in page.text
    listed = boss.get("/en/admin/members/import").text
    assert f'href="{address}"' in listed


def test_a_list_comes_from_a_file_as_well(boss: Official) -> None:
    file = upload(document("http://seoul.example"), "Mes villes.opml")
    sent = boss.post("/fr/admin/membres/importer", file)
    assert sent.status_code == 303
    page = boss.get(sent.headers["Location"])
    assert "Mes villes.opml" in page.text
    assert boxes(page)["Seoul"] == "checked"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"plain words", "not a list of sites"),
        (b"", "not a list of sites"),
        (b"<!DOCTYPE opml><opml version='2.0'><body/></opml>", "which is refused"),
        (b"<opml version='2.0'><body><outline text='a'/></body></opml>", "names no site"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(
    boss: Official, content: bytes, said: str
) -> None:
    page = boss.post("/en/admin/members/import", upload(content))
    assert page.status_code == 422
    assert said in page.text
    assert 'href="#file"' in page.text
    assert 'aria-invalid="true"' in page.text


def test_a_file_of_megabytes_is_taken_and_a_larger_one_refused(boss: Official) -> None:
    def sent(content: bytes) -> int:
        """Written by hand, for the test client leaves large files open."""
        token = boss.token().encode()
        fields = (b'"csrf_token"\r\n\r\n' + token, b'"file"; filename="a.opml"\r\n\r\n' + content)
        parts = [b"--x\r\nContent-Disposition: form-data; name=" + f + b"\r\n" for f in fields]
        answer = boss.browser.post(
            "/en/admin/members/import",
            data=b"".join(parts) + b"--x--\r\n",
            content_type="multipart/form-data; boundary=x",
        )
        return answer.status_code

    padding = b"<!-- " + b"x" * 3_000_000 + b" -->"
    file = document("http://seoul.example") + padding
    assert sent(file) == 303
    assert sent(file + padding) == 413


@pytest.mark.parametrize(
    "address",
    ["", "  ", "http://10.0.0.1/", "http://paris.example/", "file:///etc/passwd", "x" * 3000,
     "http://127.0.0.1:9/<script>", "https://[::1"],
)  # fmt: skip
@pytest.mark.parametrize("page", ["/en/admin/join", "/en/admin/members/import"])
def test_an_address_without_a_list_stays_in_the_form(
    boss: Official, page: str, address: str
) -> None:
    answer = boss.post(page, {"address": address})
    assert answer.status_code == 422
    assert 'href="#address"' in answer.text
    assert title_of(answer).startswith("Error: ")
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_what_a_list_says_is_text_and_no_more(boss: Official) -> None:
    file = upload(document("http://seoul.example", NASTY), NASTY + ".opml")
    sent = boss.post("/en/admin/members/import", file)
    page = boss.get(sent.headers["Location"])
    assert "<script>alert" not in page.text
    assert "{{ 7*7 }}" in page.text
    boss.post(sent.headers["Location"], {"all": "1"})
    for address in (sent.headers["Location"], "/en/admin/members/import"):
        assert "<script>alert" not in boss.get(address).text


def test_a_piece_of_work_that_is_not_there_is_a_page_that_is_not_there(boss: Official) -> None:
    assert boss.get("/en/admin/work/77").status_code == 404
    assert boss.post("/en/admin/work/77", {"all": "1"}).status_code == 404


# The page that walks through it


def letters(page: TestResponse) -> dict[str, str]:
    return {
        area.get("lang"): area.text.lstrip("\n")
        for area in html.fromstring(page.data).xpath("//textarea[@readonly]")
    }


def test_a_message_to_the_others_is_ready_in_both_languages(boss: Official) -> None:
    page = boss.get("/en/admin/join")
    found = letters(page)
    assert list(found) == ["en", "fr"]
    assert list(letters(boss.get("/fr/admin/rejoindre"))) == ["fr", "en"]
    for text in found.values():
        assert "http://paris.example/" in text
    assert "Paris has joined the Pioneer Cities network" in found["en"]
    assert "Would you follow us" in found["en"]
    assert "Paris a rejoint le réseau des Villes pionnières" in found["fr"]
    assert "nous suivre" in found["fr"]
    mails = html.fromstring(page.data).xpath("//a[starts-with(@href, 'mailto:')]/@href")
    asked = parse_qs(urlsplit(mails[0]).query)
    assert asked["body"][0].replace("\r\n", "\n") == found["en"].rstrip("\n")
    assert "has joined" in asked["subject"][0]
    assert " " not in mails[0]
    assert "+" not in mails[0]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ({"name_fr": "Villes pionnières – Lisbonne", "name_en": "Pioneer Cities"},
         {"fr": "Lisbonne", "en": "Lisbon"}),
        ({"name_fr": "Lisbonne essaie", "name_en": "Lisbon tries"},
         {"fr": "Lisbonne essaie", "en": "Lisbon tries"}),
    ],
)  # fmt: skip
def test_the_message_names_the_site_or_its_city_and_never_the_network_twice(
    boss: Official, said: dict[str, str], who: dict[str, str]
) -> None:
    with boss.app.app_context():
        cities.say_site(db.session(), "lisbon", said)
    found = letters(boss.get("/en/admin/join"))
    assert f"{who['fr']} a rejoint le réseau" in found["fr"].splitlines()[2]
    assert f"{who['en']} has joined the Pioneer" in found["en"].splitlines()[2]
    for text, names in ((found["fr"], "Villes pionnières"), (found["en"], "Pioneer Cities")):
        assert text.count(names) == 1


def test_a_site_that_says_nothing_of_itself_is_our_site_in_the_message(boss: Official) -> None:
    with boss.app.app_context(), writing(db.session()):
        db.session().execute(delete(City).where(City.slug == "paris"))
    found = letters(boss.get("/en/admin/join"))
    assert "Our site has joined the Pioneer Cities network" in found["en"]
    assert "Notre site a rejoint le réseau des Villes pionnières" in found["fr"]


def test_the_way_in_is_shown_where_nobody_is_followed(boss: Official) -> None:
    assert boss.get("/en/admin/members").text.count('href="/en/admin/join"') == 2
    assert 'href="/fr/admin/rejoindre"' in boss.get("/fr/admin/utilisateurs").text


GOOD = {
    "base_url": "https://paris.eu", "name": "Paris", "city": "paris", "contact": "us@paris.eu",
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, []),
        ({"base_url": "http://paris.eu"}, ["HTTPS"]),
        ({"base_url": "https://127.0.0.1"}, ["nobody outside"]),
        ({"base_url": "https://10.1.2.3"}, ["nobody outside"]),
        ({"base_url": "https://intranet"}, ["nobody outside"]),
        ({"base_url": "https://pioneers.local"}, ["nobody outside"]),
        ({"name": "Pioneer Cities"}, ["like every new one"]),
        ({"city": ""}, ["It says of no city"]),
        ({"city": "atlantis"}, ["atlantis"]),
        ({"contact": ""}, ["PIONEER_CONTACT"]),
    ],
)
def test_a_site_is_told_what_others_will_see_of_it(
    make_settings, values: dict[str, str], wrong: list[str]
) -> None:
    node: Settings = make_settings(**GOOD | values)
    paris = CityValue("paris", {"en": "Paris"}) if node.city == "paris" else None
    site = Said({"en": node.name}, city=paris)
    found = identity.checks(node, site, "en", works=True, studies=3)
    bad = [check.text % check.arguments for check in found if check.good is False]
    assert len(bad) == len(wrong)
    assert all(word in text for word, text in zip(wrong, bad, strict=True))
    assert [check.good for check in found][-1] is None
    assert f"{node.base_url}/feed.atom" in found[-1].text % found[-1].arguments
    silent = identity.checks(node, site, "en", works=False, studies=0)
    assert [check.good for check in silent][5:7] == [False, None]


# Lists that may confirm a move


def test_a_list_is_trusted_read_chosen_from_and_trusted_no_more(
    app: Flask, boss: Official, seoul: Site
) -> None:
    added = boss.post("/en/admin/members/lists", {"trust": f"{seoul.url}/network.opml"})
    assert added.status_code == 303
    page = boss.get("/en/admin/members/import")
    assert "may confirm moves from now on" in page.text
    assert "It names 3 members." in page.text
    with app.app_context():
        (kept,) = lists.lists(db.session())
    action = f"/en/admin/members/lists/{kept.id}"
    assert boss.post(action, {"action": "read"}).status_code == 303
    assert "The list was read." in boss.get("/en/admin/members/import").text
    chosen = boss.post(action, {"action": "choose"})
    assert "/admin/work/" in chosen.headers["Location"]
    assert boss.post(action, {"action": "burn"}).status_code == 400
    seoul.answers["/network.opml"] = Reply(b"", 500)
    boss.post(action, {"action": "read"})
    assert "could not be read the last time" in boss.get("/en/admin/members/import").text
    assert boss.post(action, {"action": "remove"}).status_code == 303
    assert boss.post(action, {"action": "remove"}).status_code == 404
    with app.app_context():
        assert lists.lists(db.session()) == []


def test_an_address_that_is_no_list_is_not_trusted(boss: Official) -> None:
    for address in ("", "http://10.0.0.1/"):
        page = boss.post("/fr/admin/membres/listes", {"trust": address})
        assert page.status_code == 422
        assert 'href="#trust"' in page.text


def test_a_move_that_a_list_confirmed_is_told(
    app: Flask, boss: Official, seoul: Site, node: Node
) -> None:
    peer = node.follow("Old", url="http://old.example/feed.atom", origin="http://old.example")
    new = "http://lisbon.example/feed.atom"
    node.change(lambda s: setattr(s.get(Subscription, peer), "pending_url", new))
    boss.post("/en/admin/members/lists", {"trust": f"{seoul.url}/network.opml"})
    page = boss.get("/en/admin/members/import").text
    assert f"It confirmed that “Old” has moved from http://old.example/feed.atom to {new}." in page
