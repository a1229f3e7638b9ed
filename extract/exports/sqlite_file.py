"""SQLite: one file with keys, indexes and views, through Python's own module. Datasette opens it as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from extract import __version__
from extract.exports.codebook import HEADER, codebook_rows
from extract.exports.sql import VIEWS
from extract.exports.writer import Writer
from extract.output_tables import TABLES, Row, TableSpec, referenced_first
from extract.records import SCHEMA_VERSION

FILE: Final = "extract.sqlite"
_TYPES: Final = {
    "string": "TEXT", "integer": "INTEGER", "float": "REAL", "decimal": "NUMERIC", "boolean": "BOOLEAN",
    "date": "DATE",
}  # fmt: skip


def user_version() -> int:
    """The version of the tables as `PRAGMA user_version` holds it: 1.0 is 100."""
    major, minor = SCHEMA_VERSION.split(".")
    return int(major) * 100 + int(minor)


class SqliteWriter(Writer):
    """The tables in one SQLite database. Dates are ISO text, booleans 0 and 1, exact digits beside each `value`."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        self._database = sqlite3.connect(aside / FILE, isolation_level=None)
        # The file is thrown away if the run breaks off, so nothing has to be safe before it is whole.
        for pragma in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF", "cache_size = -8000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("BEGIN")
        self._insert: dict[str, tuple[str, list[int]]] = {}
        for table in referenced_first():
            self._create(table)

    def _create(self, table: TableSpec) -> None:
        required = {column.name for column in table.columns if column.required}
        lines = [
            f'"{name}" {_TYPES[kind]}{" NOT NULL" if name in required else ""}' for name, kind, _ in table.stored
        ]
        if table.key:
            lines.append(f"PRIMARY KEY ({_names(table.key)})")
        lines += [
            f'FOREIGN KEY ({_names(key.columns)}) REFERENCES "{key.table}" ({_names(key.references)})'
            for key in table.foreign
        ]
        body = ",\n  ".join(lines)
        self._database.execute(f"CREATE TABLE {_quoted(table.name)} (\n  {body}\n)")
        marks = ", ".join("?" for _ in table.stored)
        statement = f"INSERT INTO {_quoted(table.name)} VALUES ({marks})"
        self._insert[table.name] = (statement, [cell for _, _, cell in table.stored])

    def add_rows(self, table: TableSpec, rows: Sequence[Row]) -> None:
        """Insert rows. Digits become numbers by the type of their column."""
        statement, cells = self._insert[table.name]
        self._database.executemany(statement, ([row[cell] for cell in cells] for row in rows))

    def finish(self) -> list[str]:
        """Add indexes, views and the codebook, and close the database."""
        run = self._database.execute
        for table in TABLES.values():
            foreign = [key.columns for key in table.foreign if key.columns != ("doc_id",)]
            for columns in (*table.indexes, *foreign):
                run(f'CREATE INDEX "{table.name}_by_{"_".join(columns)}" ON "{table.name}" ({_names(columns)})')
        for view, query in VIEWS.items():
            run(f'CREATE VIEW "{view}" AS {query}')
        run(f"CREATE TABLE codebook ({', '.join(f'{_quoted(name)} TEXT' for name in HEADER)})")
        self._database.executemany(f"INSERT INTO codebook VALUES ({', '.join('?' * len(HEADER))})", codebook_rows())
        run("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT)")
        about = [("schema_version", SCHEMA_VERSION), ("created_by", f"extract {__version__}")]
        self._database.executemany("INSERT INTO about VALUES (?, ?)", about)
        run("COMMIT")
        run(f"PRAGMA user_version = {user_version()}")
        run("PRAGMA optimize")
        self.close()
        return [FILE]

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_quoted, columns))
