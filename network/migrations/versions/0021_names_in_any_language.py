"""Names, slugs and descriptions by language, in one column each instead of one for each language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import RowMapping

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Row = RowMapping
_JSON = sa.JSON(none_as_null=True)
_BY_LANGUAGE = {
    "city": ("slugs", "names"),
    "topic": ("slugs", "names", "synonyms"),
    "site": ("names", "descriptions"),
}
_WORDS = {
    "city": (("slug_fr", 100), ("name_en", 200), ("name_fr", 200)),
    "topic": (("slug_fr", 100), ("name_en", 200), ("name_fr", 200)),
    "site": tuple(
        (f"{what}_{lang}", most)
        for what, most in (("name", 200), ("description", 500))
        for lang in ("en", "fr")
    ),
}


def upgrade() -> None:
    """Apply."""
    for table, columns in _BY_LANGUAGE.items():
        for name in columns:
            op.add_column(table, sa.Column(name, _JSON, nullable=False, server_default="{}"))
        _rewrite(table, _gathered)
    op.drop_index(op.f("ix_city_slug_fr"), "city")
    for table in ("city", "site"):
        for name, _length in _WORDS[table]:
            op.drop_column(table, name)
    with op.batch_alter_table("topic") as batch:
        batch.drop_constraint(op.f("uq_topic_slug_fr"), type_="unique")
        for name in ("slug_fr", "name_en", "name_fr", "synonyms_en", "synonyms_fr"):
            batch.drop_column(name)


def downgrade() -> None:
    """Take back; what is said in other languages than French and English is lost."""
    for table, words in _WORDS.items():
        for name, length in words:
            column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            op.add_column(table, column)
    for name in ("synonyms_en", "synonyms_fr"):
        op.add_column("topic", sa.Column(name, _JSON, nullable=False, server_default="[]"))
    for table, columns in _BY_LANGUAGE.items():
        _rewrite(table, _parted)
        for name in columns:
            op.drop_column(table, name)
    op.create_index(op.f("ix_city_slug_fr"), "city", ["slug_fr"])
    with op.batch_alter_table("topic") as batch:
        batch.create_unique_constraint(op.f("uq_topic_slug_fr"), ["slug_fr"])


def _rewrite(name: str, made: Callable[[Row], dict[str, Any]]) -> None:
    """Give the columns of each row that `made` gives of it, as far as the table has them."""
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    (key,) = table.primary_key.columns
    for row in connection.execute(sa.select(table)).mappings().all():
        given = {column: value for column, value in made(row).items() if column in table.c}
        connection.execute(sa.update(table).where(key == row[key.name]).values(given))


def _gathered(row: Row) -> dict[str, Any]:
    """What stood in columns of two languages, by language. An address without words of its own
    in a language is the English one."""
    french = row.get("slug_fr")
    return {
        "slugs": {} if french in (None, row.get("slug")) else {"fr": french},
        "names": _said(row, "name"),
        "descriptions": _said(row, "description"),
        "synonyms": _said(row, "synonyms"),
    }


def _said(row: Row, what: str) -> dict[str, Any]:
    return {lang: said for lang in ("en", "fr") if (said := row.get(f"{what}_{lang}"))}


def _parted(row: Row) -> dict[str, Any]:
    """The inverse; the name of a city in one language is its name in the other, too."""
    made: dict[str, Any] = {"slug_fr": row.get("slugs", {}).get("fr", row.get("slug"))}
    for lang in ("en", "fr"):
        names = row["names"]
        made[f"name_{lang}"] = names.get(lang) or next(iter(names.values()), "")
        made[f"description_{lang}"] = row.get("descriptions", {}).get(lang, "")
        made[f"synonyms_{lang}"] = row.get("synonyms", {}).get(lang, [])
    return made
