"""`import` and `export`: case studies as a folder of Markdown with front matter."""

from __future__ import annotations

from pathlib import Path

import click

from network.case_studies import exporting, transfer
from network.cli.context import as_json, database, progress, say, settings


@click.command(name="import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--draft", is_flag=True, help="Import as drafts; by default they are published.")
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def import_(path: Path, draft: bool, json_: bool) -> None:
    """Import a folder of Markdown files, or one of them (docs/import-export.md)."""
    node = settings()
    with database(node) as session:
        total = transfer.count(path)
        with progress("Importing", total) as tell:
            report = transfer.import_folder(session, path, node, publish=not draft, progress=tell)
    if json_:
        counts = {"created": report.created, "updated": report.updated}
        notes = [str(note) for note in report.notes]
        as_json(counts | {"unchanged": report.unchanged, "notes": notes})
        return
    for note in report.notes:
        say(f"Note: {note}")
    say(f"{report.created} new, {report.updated} changed, {report.unchanged} as they were")


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def export(directory: Path) -> None:
    """Write every case study of this node as Markdown files, ready to import again."""
    with database(settings()) as session:
        number = exporting.export_folder(session, directory)
    say(f"{number} case studies written to {directory}")


COMMANDS = (import_, export)
