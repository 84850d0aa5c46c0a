"""What a mutant changes, read from mutmut's copy of a module: the function, the old and the new."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

_MUTANT = re.compile(r"(.+)__mutmut_([0-9]+|orig)")
_LONG_ENOUGH, _LONGEST = 12, 120
"""Characters of an expression by which a reader finds it and still reads it."""


class Change(NamedTuple):
    """One mutant. name: mutmut's. is_words: whether nothing but a message for people is another."""

    name: str
    function: str
    old: str
    new: str
    is_words: bool

    def __str__(self) -> str:
        """One line, as docs/testing.md names it."""
        return f"{self.function}: `{self.old}` → `{self.new}`"


def changes(copy: Path) -> Iterator[Change]:
    """Every mutant of a module that mutmut has written into `copy`."""
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(copy.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for name, node in functions.items():
        found = _MUTANT.fullmatch(name)
        if found and found[2] != "orig":
            yield _change(functions[f"{found[1]}__mutmut_orig"], node)


def _change(original: ast.AST, mutant: ast.AST) -> Change:
    name = getattr(mutant, "name", "")
    path = list(_path(original, mutant))[1:]
    shown = next((pair for pair in reversed(path) if _is_clear(*pair)), path[-1])
    return Change(
        name=name,
        function=_said(name),
        old=_text(shown[0]),
        new=_text(shown[1]),
        is_words=any(_is_message(old) for old, _new in path),
    )


def _path(
    old: ast.AST | None, new: ast.AST | None
) -> Iterator[tuple[ast.AST | None, ast.AST | None]]:
    """The nodes that differ, from the function down to what is another."""
    yield old, new
    if old is None or new is None or type(old) is not type(new):
        return
    pairs = zip_longest(ast.iter_child_nodes(old), ast.iter_child_nodes(new))
    differing = [pair for pair in pairs if _dump(pair[0]) != _dump(pair[1])]
    if len(differing) == 1:
        yield from _path(*differing[0])


def _dump(node: ast.AST | None) -> str:
    return "" if node is None else ast.dump(node)


def _is_clear(old: ast.AST | None, new: ast.AST | None) -> bool:
    """Whether both are expressions or statements, long and short enough to be named."""
    return all(
        isinstance(node, ast.expr | ast.stmt) and _LONG_ENOUGH <= len(_text(node)) <= _LONGEST
        for node in (old, new)
    )


def _is_message(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"


def _said(name: str) -> str:
    """`xǁPlanǁproof__mutmut_3` and `x_tidy__mutmut_1` as `Plan.proof` and `tidy`."""
    plain = name.rpartition("__mutmut_")[0]
    return plain[2:].replace("ǁ", ".") if plain.startswith("xǁ") else plain.removeprefix("x_")


def _text(node: ast.AST | None) -> str:
    return "nothing" if node is None else " ".join(ast.unparse(node).split())
