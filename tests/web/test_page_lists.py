"""A page that was added is told to search engines, and looked at by axe."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import NotFound

from network.web.machines.sitemaps import LISTS
from tests.browser.test_accessibility import PUBLIC

NOT_WORTH_FINDING = {
    "accounts.sign_in", "compare.compare", "compare.document", "csv_list.document", "embed.embed",
    "feeds.stylesheet", "saved_searches.save", "search.search", "sign_in_links.ask",
    "suggestions.description", "suggestions.suggest", "webmention.form",
}  # fmt: skip
"""Forms, answers to a question, and documents."""


def test_every_list_is_in_the_sitemap_and_seen_by_axe(app: Flask) -> None:
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.defaults
        and "lang" in rule.defaults
        and not rule.arguments - {"lang"}
        and "GET" in (rule.methods or ())
        and getattr(app.view_functions[rule.endpoint], "required_role", None) in (None, "anyone")
    }
    found = set()
    for address in (address for each in PUBLIC.values() for address in each):
        try:
            found.add(app.url_map.bind("x").match(urlsplit(address).path)[0])
        except NotFound:
            continue
    assert pages - NOT_WORTH_FINDING == set(LISTS), "add it to LISTS (sitemaps) or to the set here"
    assert set(LISTS) <= found, "add its addresses to PUBLIC in tests/browser/test_accessibility.py"
