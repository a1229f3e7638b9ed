"""DuckDB: one database file, filled through Arrow (DuckDB's own way in without a file between)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from extract.exports.sql import VIEWS
from extract.exports.writer import Writer, need
from extract.output_tables import TableSpec, referenced_first
from extract.records import SCHEMA_VERSION

FILE: Final = "extract.duckdb"
_TYPES: Final = {
    "string": "VARCHAR", "integer": "BIGINT", "float": "DOUBLE", "decimal": "DOUBLE", "boolean": "BOOLEAN",
    "date": "DATE",
}  # fmt: skip
_WHAT: Final = "--format duckdb"


class DuckDbWriter(Writer):
    """The tables in one DuckDB database, with the views of the SQLite file."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        duckdb = need("duckdb", extra="duckdb", what=_WHAT)
        need("pyarrow", extra="duckdb", what=_WHAT)
        self._database = duckdb.connect(
            str(aside / FILE), config={"memory_limit": "256MB", "threads": "1", "temp_directory": str(aside)}
        )
        for table in referenced_first():
            columns = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind, _ in table.stored)
            self._database.execute(f'CREATE TABLE "{table.name}" ({columns})')
        self._database.execute("CREATE TABLE about (key VARCHAR, value VARCHAR)")
        self._database.execute("INSERT INTO about VALUES ('schema_version', ?)", [SCHEMA_VERSION])
        for view, query in VIEWS.items():
            self._database.execute(f'CREATE VIEW "{view}" AS {query}')

    def add_table(self, table: TableSpec, rows: Any) -> None:
        """Insert rows."""
        self._database.register("incoming", rows)
        self._database.execute(f'INSERT INTO "{table.name}" SELECT * FROM incoming')
        self._database.unregister("incoming")

    def finish(self) -> list[str]:
        """Close the database."""
        self._database.execute("CHECKPOINT")
        self.close()
        return [FILE]

    def close(self) -> None:
        """Close the database."""
        self._database.close()
