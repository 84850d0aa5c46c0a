"""Pages and Link headers are read whatever stands in them, and what is written is read back."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st

from network.lib.markup import EndTag, Tag, Words, tokens
from network.reading.header_links import header_links

PIECES = st.sampled_from(
    ["<", ">", "</", "<!--", "-->", "--!>", "<a", "<a ", "href", "=", '"', "'", "/", " ", "\n", "&",
     "&amp;", "&#0;", "&#x110000;", "<script>", "</script>", "<title>", "</title>", "<template>",
     "</template>", "<plaintext>", "<!x", "<?", "rel=webmention", "\0", "é", "\ud7ff", "x"]
)  # fmt: skip
SOUP = st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
RAW = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}
SPECIAL = RAW | {"template", "plaintext"}


@given(SOUP)
def test_any_text_at_all_is_read_to_its_end(soup: str) -> None:
    for token in tokens(soup):
        assert isinstance(token, Tag | EndTag | Words)


@given(
    NAMES.filter(lambda name: name not in SPECIAL),
    st.dictionaries(NAMES, st.text(max_size=20), max_size=4),
    st.text(max_size=20),
    st.sampled_from(["'", '"']),
)
def test_a_tag_is_read_as_it_was_written(
    name: str, attributes: dict[str, str], words: str, quote: str
) -> None:
    written = "".join(f" {n}={quote}{html.escape(v)}{quote}" for n, v in attributes.items())
    read = list(tokens(f"<{name}{written}>{html.escape(words)}</{name}>"))
    assert read[0] == Tag(name, attributes)
    assert "".join(token.text for token in read if isinstance(token, Words)) == words
    assert read[-1] == EndTag(name)


@given(SOUP, st.sampled_from(["<!--{}-->", "<script>{}</script>", "<template>{}</template>"]))
def test_no_tag_comes_out_of_what_is_hidden(soup: str, hiding: str) -> None:
    harmless = soup
    for mark in ("--", "</", "<", ">", "plaintext"):
        harmless = harmless.replace(mark, "")
    page = hiding.format(f'{harmless}<a href="/no">')
    tags = [t for t in tokens(page + '<b id="end">') if isinstance(t, Tag)]
    assert all(tag.name != "a" for tag in tags)
    assert tags[-1] == Tag("b", {"id": "end"})


def test_a_tag_that_the_page_breaks_off_is_none() -> None:
    for page in ("<a href='/x'", '<a href="/x', "<a href=/x", "<a", "<a href=", "<a href='/x' "):
        assert list(tokens(page)) == []


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="ascii", exclude_characters="<>"), max_size=12),
            st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=12),
        ),
        max_size=5,
    )
)
def test_link_headers_are_read_back(links: list[tuple[str, str]]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    header = ", ".join(f"<{href}>; title={quoted(t)}; rel=webmention" for href, t in links)
    read = list(header_links(header))
    assert [link.href for link in read] == [href.strip() for href, _ in links]
    assert [link.parameters["title"] for link in read] == [title for _, title in links]
    assert all(link.parameters["rel"] == "webmention" for link in read)


@given(st.text(st.sampled_from('<>;,="\\ arel')) | st.text())
def test_any_link_header_is_read_to_its_end(header: str) -> None:
    list(header_links(header))
