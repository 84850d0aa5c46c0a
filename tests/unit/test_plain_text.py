"""HTML becomes text that reads as the page does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.search.documents import plain_text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", ""),
        ("   ", ""),
        ("<p>Un</p><p>deux</p>", "Un\ndeux"),
        ("<h2>Titre</h2>texte<ul><li>a</li><li>b</li></ul>", "Titre\ntexte\na\nb"),
        ("a<br>b", "a\nb"),
        ("<p>mi<em>lieu</em></p>", "milieu"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1\n2"),
        ("<p>x</p><script>alert(1)</script><style>p{}</style><!-- non -->y", "x\ny"),
        ("<p>l&rsquo;eau &amp; l’air&nbsp;!</p>", "l’eau & l’air\u00a0!"),
        ("simple", "simple"),
        ("<!-- rien -->", ""),
        ("a\0b", "ab"),
    ],
)
def test_blocks_become_lines(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@given(st.text())
def test_any_text_has_a_text(markup: str) -> None:
    assert isinstance(plain_text(markup), str)
