"""What the tables are, for people and for programs: `codebook.csv`, and `datapackage.json` for Frictionless tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from extract import __version__
from extract.output_tables import TABLES, Column, Row, TableSpec
from extract.records import SCHEMA_VERSION

HEADER: Final = ("table", "column", "type", "key", "label_zh", "description", "values")
_FRICTIONLESS: Final = {"decimal": "number", "float": "number"}


def codebook_rows() -> Iterator[Row]:
    """One row a column of every table: table, column, type, key, Chinese label, description, values it may have."""
    for table in TABLES.values():
        for column in table.columns:
            yield (
                table.name, column.name, column.type, _keys(table, column), column.zh, column.about,
                " ".join(column.values),
            )  # fmt: skip


def _keys(table: TableSpec, column: Column) -> str:
    keys = ["primary"] if column.name in table.key else []
    keys += [f"{key.table}.{key.references[-1]}" for key in table.foreign if key.columns[-1] == column.name]
    return " ".join(keys)


def datapackage() -> bytes:
    """A Frictionless data package (v1 profile) of the CSV files: types, keys, and what the columns say."""
    package = {
        "profile": "tabular-data-package",
        "name": "extract",
        "title": "Figures of Chinese government reports",
        "version": SCHEMA_VERSION,
        "created_by": f"extract {__version__}",
        "resources": [_resource(table) for table in TABLES.values()],
    }
    return msgspec.json.format(msgspec.json.encode(package), indent=1) + b"\n"


def _resource(table: TableSpec) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    # A key with an empty part (a metric outside every section) is none in SQL, but a broken one to Frictionless tools.
    required = {column.name for column in table.columns if column.required}
    if always := [key for key in table.foreign if required.issuperset(key.columns)]:
        schema["foreignKeys"] = [
            {"fields": list(key.columns), "reference": {"resource": key.table, "fields": list(key.references)}}
            for key in always
        ]
    return {
        "name": table.name,
        "title": table.zh,
        "description": table.about,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _FRICTIONLESS.get(column.type, column.type),
        "title": column.zh,
        "description": column.about,
    }
    if column.type == "boolean":
        field |= {"trueValues": ["True"], "falseValues": ["False"]}
    if limits := {"enum": list(column.values)} if column.values else {}:
        field["constraints"] = limits
    if column.required:
        field.setdefault("constraints", {})["required"] = True
    return field
