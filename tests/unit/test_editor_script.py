"""The rich-text editor as it is shipped: made of what stands here, small, and for the desk."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

SCRIPT = Path("network/web/desk/script")
BUILT = Path("network/static/editor.js")
LICENCES = Path("network/static/editor.LICENSE")
MOST = 150_000
"""Bytes of it on the wire."""


def test_the_editor_is_built_of_the_sources_that_stand_here() -> None:
    names = ["package-lock.json", "build.mjs"]
    names += [f"src/{path.name}" for path in sorted((SCRIPT / "src").iterdir())]
    digest = hashlib.sha256(b"".join((SCRIPT / name).read_bytes() for name in names)).hexdigest()
    first = BUILT.read_text("utf-8").split("\n", 1)[0]
    assert digest in first, "run `make editor`: its sources have changed since it was built"


def test_it_is_small_enough_for_a_slow_phone() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= MOST


def test_every_package_that_is_in_it_is_pinned_and_has_its_licence_beside_it() -> None:
    asked = json.loads((SCRIPT / "package.json").read_text("utf-8"))
    versions = {**asked["dependencies"], **asked["devDependencies"]}
    assert all(re.fullmatch(r"[0-9.]+", version) for version in versions.values()), versions
    locked = json.loads((SCRIPT / "package-lock.json").read_text("utf-8"))["packages"]
    licences = LICENCES.read_text("utf-8")
    for name, version in asked["dependencies"].items():
        assert locked[f"node_modules/{name}"]["version"] == version
        assert f"\n{name} {version} (" in licences
    assert "resolved" not in (SCRIPT / "package-lock.json").read_text("utf-8")


def test_only_pages_of_the_desk_load_it() -> None:
    naming = [
        path.relative_to("templates").as_posix()
        for path in Path("templates").rglob("*.html")
        if "editor.js" in path.read_text("utf-8") and "static(" in path.read_text("utf-8")
    ]
    assert naming == ["desk/editor.html"]
