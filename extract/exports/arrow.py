"""Rows as Arrow tables, for Parquet and DuckDB: typed columns, repeated words held once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from extract import __version__
from extract.columns import Row, TableSpec
from extract.exports.writer import need
from extract.records import SCHEMA_VERSION


def arrow_schema(table: TableSpec, *, extra: str, what: str) -> Any:
    """The Arrow schema of a table; its metadata names the version. Raises `MissingPackageError`."""
    pa = need("pyarrow", extra=extra, what=what)
    types = {
        "string": pa.string(), "integer": pa.int64(), "float": pa.float64(), "decimal": pa.float64(),
        "boolean": pa.bool_(), "date": pa.date32(),
    }  # fmt: skip
    about = {column.name: column for column in table.columns}
    fields = []
    for name, kind, _ in table.stored:
        column = about.get(name)
        words = {"label_zh": column.zh, "description": column.about} if column else {"description": "value, its digits"}
        fields.append(pa.field(name, types[kind], nullable=column is None or not column.required, metadata=words))
    return pa.schema(
        fields,
        metadata={"table": table.name, "schema_version": SCHEMA_VERSION, "created_by": f"extract {__version__}"},
    )


def arrow_table(table: TableSpec, rows: Sequence[Row], schema: Any) -> Any:
    """Some rows as an Arrow table of the schema."""
    pa = need("pyarrow", extra="parquet", what="an Arrow table")
    cells = list(zip(*rows, strict=True))
    return pa.Table.from_arrays(
        [
            pa.array(_typed(kind, cells[index]), type=schema.field(place).type)
            for place, (_, kind, index) in enumerate(table.stored)
        ],
        schema=schema,
    )


def _typed(kind: str, cells: Sequence[Any]) -> Sequence[object]:
    if kind == "decimal":
        return [None if cell is None else float(cell) for cell in cells]
    if kind == "date":
        return [None if cell is None else _day(cell) for cell in cells]
    return cells


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # no such day: the words of the text stand beside it
        return None
