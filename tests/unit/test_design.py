"""The look keeps its promises: contrast in every scheme, weight on the wire, no inline style."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "network" / "static"
CSS = (STATIC / "site.css").read_text(encoding="utf-8")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

TEXT_PAIRS = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunk"), ("ink", "mark"),
    ("ink", "accent-soft"), ("ink", "good-soft"), ("ink", "warn-soft"), ("ink", "bad-soft"),
    ("muted", "paper"), ("muted", "surface"), ("muted", "sunk"),
    ("accent", "paper"), ("accent", "surface"), ("accent", "sunk"), ("accent", "accent-soft"),
    ("accent", "good-soft"), ("accent", "warn-soft"), ("accent", "bad-soft"),
    ("accent-deep", "paper"), ("accent-deep", "accent-soft"), ("visited", "paper"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("band-soft", "band"),
    ("good", "good-soft"), ("warn", "warn-soft"), ("bad", "bad-soft"),
    ("bad", "paper"), ("bad", "surface"), ("#ffffff", "band"), ("#1b2024", "spark"),
]  # fmt: skip
SHAPE_PAIRS = [("control", "paper"), ("control", "surface"), ("spark", "band")]
"""Borders of fields and the focus ring: WCAG 1.4.11 asks for 3 to 1."""


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def schemes() -> dict[str, dict[str, str]]:
    """Every accent in light and in dark, as a browser resolves it."""
    light, _, rest = CSS.partition("@media (prefers-color-scheme: dark) {")
    dark = rest.partition("\n}\n")[0]
    found: dict[str, dict[str, str]] = {}
    base: dict[str, str] = {}
    for mode, text in (("light", light), ("dark", dark)):
        roots = re.findall(r":root \{(.*?)\}", text, re.S)
        base = base | tokens("".join(roots))
        found[f"petrol {mode}"] = base
        for name, body in re.findall(r'\[data-accent="(\w+)"\] \{(.*?)\}', text):
            found[f"{name} {mode}"] = base | tokens(body)
    return found


def luminance(colour: str) -> float:
    """Relative luminance of a #rgb or #rrggbb colour (WCAG 2.1)."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_six_accents_exist_in_light_and_in_dark() -> None:
    names = {"petrol", "indigo", "garnet", "moss", "plum", "slate"}
    assert set(schemes()) == {f"{name} {mode}" for name in names for mode in ("light", "dark")}


@pytest.mark.parametrize("scheme", sorted(schemes()))
def test_every_colour_pair_meets_aa(scheme: str) -> None:
    colours = schemes()[scheme]
    weak = []
    for pairs, least in ((TEXT_PAIRS, 4.5), (SHAPE_PAIRS, 3.0)):
        for front, back in pairs:
            ratio = contrast(colours.get(front, front), colours.get(back, back))
            if ratio < least:
                weak.append(f"{front} on {back}: {ratio:.2f}")
    assert weak == []


def test_stylesheet_stays_within_12_kib_on_the_wire() -> None:
    assert len(gzip.compress(CSS.encode(), 9)) <= 12 * 1024


def test_scripts_of_every_page_stay_within_15_kb_together() -> None:
    """Whatever every page loads; the rich-text editor has a bound of its own, desk.js one here."""
    ours = {script.name: script.stat().st_size for script in STATIC.glob("*.js")}
    assert set(ours) == {"site.js", "suggest.js", "desk.js", "editor.js"}
    assert ours["site.js"] + ours["suggest.js"] <= 15_000
    assert ours["desk.js"] <= 6_000


def test_the_licence_of_modern_normalize_travels_with_it() -> None:
    assert "modern-normalize v3.0.1 | MIT License" in CSS
    assert "Permission is hereby granted" in (STATIC / "modern-normalize.LICENSE").read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_style_or_script(template: Path) -> None:
    """The content security policy allows neither."""
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text)


def test_every_class_a_template_names_is_styled_or_known() -> None:
    used: set[str] = set()
    for template in TEMPLATES:
        text = re.sub(r"\{[{%#].*?[}%#]\}", " ", template.read_text(encoding="utf-8"), flags=re.S)
        for value in re.findall(r'class="([^"]*)"', text):
            used.update(name for name in value.split() if not name.endswith("--"))
    editor = (STATIC / "editor.css").read_text("utf-8")
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", CSS + editor)) | {"editor-form"}
    assert sorted(used - known) == []
