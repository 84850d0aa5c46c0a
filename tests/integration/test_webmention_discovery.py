"""The endpoint of a page is found as the specification says: the 23 cases of webmention.rocks.

The pages are ours, made after what each case is about; they are asked for over real HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from network.adoptions.webmention import discovery
from network.lib.http import Door
from tests.mentioning import HTML, Web, html, several
from tests.sites import Reply

E = "/endpoint"
"""Where the endpoint is; what is named beside it must not be found."""


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as site:
        yield site


def headed(*links: str, body: str = "", name: str = "Link") -> Reply:
    given = several(("Content-Type", HTML["Content-Type"]), *((name, link) for link in links))
    return Reply(body.encode(), headers=given)


CASES = {
    "1 header, unquoted rel, relative": headed(f"<{E}>; rel=webmention"),
    "2 header, unquoted rel, absolute": headed(f"<%s{E}>; rel=webmention"),
    "3 link, relative": html(f'<link rel="webmention" href="{E}">'),
    "4 link, absolute": html(f'<link rel="webmention" href="%s{E}">'),
    "5 a, relative": html(f'<p>Text <a rel="webmention" href="{E}">here</a></p>'),
    "6 a, absolute": html(f'<p>Text <a href="%s{E}" rel="webmention">here</a></p>'),
    "7 header of strange case": headed(f"<{E}>; rel=webmention", name="LinK"),
    "8 header, quoted rel": headed(f'<{E}>; rel="webmention"'),
    "9 several rels of a link": html(f'<link rel="webmention somethingelse" href="{E}">'),
    "10 several rels in a header": headed(f'<{E}>; rel="somethingelse webmention"'),
    "11 header before link before a": headed(
        f'<{E}>; rel="webmention"',
        body='<link rel="webmention" href="/no"><a rel="webmention" href="/no">x</a>',
    ),
    "12 the exact rel": html(
        f'<link rel="not-webmention" href="/no"><link rel="webmention" href="{E}">'
    ),
    "13 not in a comment": html(
        f'<!-- <a href="/no" rel="webmention"></a> --><a href="{E}" rel="webmention">x</a>'
    ),
    "14 not in escaped text": html(
        '<code>&lt;a href="/no" rel="webmention"&gt;&lt;/a&gt;</code>'
        f'<a href="{E}" rel="webmention">x</a>'
    ),
    "15 an empty href": html('<link rel="webmention" href="">'),
    "16 a before link": html(
        f'<a rel="webmention" href="{E}">x</a><link rel="webmention" href="/no">'
    ),
    "17 link before a": html(
        f'<link rel="webmention" href="{E}"><a rel="webmention" href="/no">x</a>'
    ),
    "18 several headers": headed('</no>; rel="other"', f'<{E}>; rel="webmention"'),
    "19 several links in a header": headed(f'</no>; rel="other", <{E}>; rel="webmention"'),
    "20 a link without href": html(f'<link rel="webmention"><a rel="webmention" href="{E}">x</a>'),
    "21 a query": html(f'<link rel="webmention" href="{E}?query=yes">'),
    "22 relative to the path": html('<link rel="webmention" href="22/webmention">'),
    "23 a redirected target": html('<link rel="webmention" href="webmention-endpoint/a">'),
}
EXPECTED = {
    "15": "/test/15",
    "21": f"{E}?query=yes",
    "22": "/test/22/webmention",
    "23": "/moved/webmention-endpoint/a",
}


@pytest.mark.parametrize("case", CASES)
def test_case_of_webmention_rocks(case: str, web: Web, door: Door) -> None:
    number, reply = case.split()[0], CASES[case]
    body = reply.body.replace(b"%s", web.url.encode())
    headers = several(*((n, v.replace("%s", web.url)) for n, v in reply.headers.items()))
    web.answers[f"/test/{number}"] = Reply(body, headers=headers)
    if number == "23":
        web.answers["/moved/page"] = web.answers["/test/23"]
        web.answers["/test/23"] = Reply(b"", 302, {"Location": "/moved/page"})

    answer = door.get(f"{web.url}/test/{number}")

    assert discovery.endpoint(answer) == web.url + EXPECTED.get(number, E)


NONE = {
    "no link at all": html("<p>Nothing</p>"),
    "a link without href alone": html('<a rel="webmention">x</a>'),
    "another rel in a header": headed("</no>; rel=webmentions"),
    "rel of another parameter": headed('</no>; title="rel=webmention"'),
    "a link about another page": headed('</no>; rel="webmention"; anchor="/elsewhere"'),
    "in a script": html('<script>\'<a rel="webmention" href="/no">\'</script>'),
    "in a template": html('<template><a rel="webmention" href="/no">x</a></template>'),
    "in a text field": html('<textarea><a rel="webmention" href="/no">x</a></textarea>'),
    "no web address": html('<link rel="webmention" href="javascript:alert(1)">'),
    "an image's rel": html('<img rel="webmention" src="/no" href="/no">'),
    "a text file": Reply(
        b'<link rel="webmention" href="/no">', headers={"Content-Type": "text/plain"}
    ),
}


@pytest.mark.parametrize("case", NONE)
def test_what_looks_like_an_endpoint_and_is_none(case: str, web: Web, door: Door) -> None:
    web.answers["/page"] = NONE[case]
    assert discovery.endpoint(door.get(f"{web.url}/page")) is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<base href="/deep/"><a rel="webmention" href="x">x</a>', "/deep/x"),
        ("<a REL=WebMention HREF=/endpoint>x</a>", E),
        ('<a href="/endpoint?a=1&amp;b=2" rel=webmention>x</a>', f"{E}?a=1&b=2"),
        ('<a href="/endpoint?a=1&copy=2" rel=webmention>x</a>', f"{E}?a=1&copy=2"),
        ('<a rel="webmention" href="/endpoint#part">x</a>', E),
        ('<!--><a rel="webmention" href="/endpoint">x</a>', E),
        ("<p title='<a rel=webmention href=/no>'><a rel=webmention href=/endpoint>", E),
    ],
)
def test_an_endpoint_is_read_as_a_browser_reads_the_page(
    body: str, found: str, web: Web, door: Door
) -> None:
    web.page("/page", body)
    assert discovery.endpoint(door.get(f"{web.url}/page")) == web.url + found
