"""The house stands: no room imports from a floor above it (setup.cfg, docs/architecture.md)."""

from __future__ import annotations

from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]


def test_every_import_contract_is_kept(capsys):
    status = lint_imports(config_filename=str(ROOT / "setup.cfg"), cache_dir=None)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
