"""Facts are named where they are declared: elsewhere the code loops over the declarations.

A surface that names a fact by itself is one that the next fact will not reach. What may name one
anyway is listed here with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.facts.declared import FACTS

ROOT = Path(__file__).parents[2]
ORDINARY = frozenset({"status", "start", "end", "authors", "licence"})
"""Words that mean other things, too: they count only where facts are asked for them."""
OURS = frozenset(name for name in FACTS if name not in ORDINARY)
ELEMENTS = frozenset(fact.in_entry for fact in FACTS.values() if "-" in fact.in_entry)

ALLOWED = {
    ("network/case_studies/versions.py", "licence"): "a study that names none has its node’s",
    ("network/web/desk/preview.py", "licence"): "the same, before it is published",
    ("network/log/entry.py", "authors"): "RFC 4287: an entry has an author",
    ("network/log/entry.py", "licence"): "RFC 4946: the link to the licence",
    ("network/feeds/select.py", "authors"): "the authors of an item in every format",
    ("network/feeds/select.py", "licence"): "the licence of an item in every format",
    ("network/intake/foreign.py", "authors"): "an ordinary feed has them",
    ("network/intake/foreign.py", "licence"): "an ordinary feed has it",
    ("network/web/pieces/sheet.py", "authors"): "the sentence at the foot of a study’s page",
    ("network/web/pieces/sheet.py", "licence"): "the link at the foot of a study’s page",
    ("network/web/pieces/sheet.py", "illustrative"): "marks what is shown",
    ("network/web/readers/comparison_csv.py", "illustrative"): "the note of a figure",
    ("network/web/pieces/templating.py", "contact_email"): "the node’s own mailbox",
    ("templates/readers/accessibility.html", "contact_email"): "the node’s own mailbox",
    ("templates/readers/about.html", "contact_email"): "the node’s own mailbox",
    ("templates/desk/editor.html", "illustrative"): "the box beside each figure",
    ("templates/macros/studies.html", "illustrative"): "marks what is shown",
    ("templates/macros/comparing.html", "illustrative"): "marks what is shown",
    ("templates/readers/study.html", "illustrative"): "marks what is shown",
}


def names_in_code(tree: ast.AST) -> Iterator[str]:
    """Facts that a module names: as an attribute, an argument, a key or a text."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value, attr=name):
                yield from _if_of_facts(name, value)
            case ast.Call(func=func, keywords=keywords, args=args):
                if _is_facts(func) or _called(func) in ("Facts", "but"):
                    yield from (each.arg for each in keywords if each.arg in FACTS)
                yield from (each.arg for each in keywords if each.arg in OURS)
                if _called(func) == "get" and isinstance(func, ast.Attribute) and args:
                    yield from _if_of_facts(_text(args[0]), func.value)
            case ast.Subscript(value=value, slice=key):
                yield from _if_of_facts(_text(key), value)
            case ast.Constant(value=str(text)) if text in OURS or text in ELEMENTS:
                yield text


def _if_of_facts(name: str, value: ast.expr) -> Iterator[str]:
    if name in OURS or (name in FACTS and _is_facts(value)):
        yield name


def _is_facts(node: ast.expr) -> bool:
    return _called(node).casefold() in ("facts", "given_facts")


def _called(node: ast.expr) -> str:
    """The last name of an expression: of `version.facts` facts."""
    return getattr(node, "attr", None) or getattr(node, "id", "")


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def names_in_template(source: str) -> Iterator[str]:
    """The same of a template, outside of its remarks and its words."""
    code = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    for part in re.findall(r"\{[{%].*?[%}]\}", code, flags=re.S):
        bare = re.sub(r"_\((?:'[^']*'|\"[^\"]*\")", "", part)
        yield from (name for name in re.findall(r"\w+", bare) if name in OURS)
        yield from re.findall(rf"\bfacts\.({'|'.join(ORDINARY)})\b", bare)


def named() -> set[tuple[str, str]]:
    """(file, fact) of all that is named outside of the room."""
    found: set[tuple[str, str]] = set()
    for path in (ROOT / "network").rglob("*.py"):
        where = path.relative_to(ROOT).as_posix()
        if not where.startswith(("network/facts/", "network/migrations/")):
            found |= {(where, name) for name in names_in_code(ast.parse(path.read_text()))}
    for path in (ROOT / "templates").rglob("*.html"):
        where = path.relative_to(ROOT).as_posix()
        found |= {(where, name) for name in names_in_template(path.read_text())}
    return found


def test_no_surface_names_a_fact_by_itself() -> None:
    assert sorted(named() - set(ALLOWED)) == []


def test_what_may_name_a_fact_still_does() -> None:
    assert sorted(set(ALLOWED) - named()) == []


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = study.facts.start", ["start"]),
        ("x = facts['end']", ["end"]),
        ("x = facts.get('licence')", ["licence"]),
        ("Facts(status='idea')", ["status"]),
        ("facts.but(authors=())", ["authors"]),
        ("rows = {'staff': 1}", ["staff"]),
        ("x = version.partners", ["partners"]),
        ("tag = 'people-reached'", ["people-reached"]),
        ("x = response.status; y = match.start()", []),
    ],
)
def test_a_fact_is_recognised_where_code_names_it(code: str, names: list[str]) -> None:
    assert list(names_in_code(ast.parse(code))) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ study.facts.start }}", ["start"]),
        ("{% if f.budget_amount %}", ["budget_amount"]),
        ("{{ _('evidence') }} {# staff #} partners {{ row.status }}", []),
    ],
)
def test_a_fact_is_recognised_where_a_template_names_it(source: str, names: list[str]) -> None:
    assert list(names_in_template(source)) == names
