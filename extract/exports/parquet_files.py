"""Parquet: one file a table, through pyarrow (Apache-2.0, the reference implementation)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from extract.exports.arrow import arrow_schema, arrow_table
from extract.exports.writer import Writer, need
from extract.output_tables import TABLES, Row, TableSpec

_GROUP: Final = 4_000  # rows of a row group
_WHAT: Final = "--format parquet"


class ParquetWriter(Writer):
    """The tables as Parquet; rows are gathered in Arrow until a row group is full."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        self._parquet = need("pyarrow.parquet", extra="parquet", what=_WHAT)
        self._arrow = need("pyarrow", extra="parquet", what=_WHAT)
        self._schemas: dict[str, Any] = {}
        self._files: dict[str, Any] = {}
        self._waiting: dict[str, list[Any]] = {}
        for table in TABLES.values():
            schema = self._schemas[table.name] = arrow_schema(table, extra="parquet", what=_WHAT)
            self._files[table.name] = self._parquet.ParquetWriter(
                aside / f"{table.name}.parquet", schema, compression="zstd"
            )
            self._waiting[table.name] = []

    def add_rows(self, table: TableSpec, rows: Sequence[Row]) -> None:
        """Gather rows, and write them when they make a row group."""
        waiting = self._waiting[table.name]
        waiting.append(arrow_table(table, rows, self._schemas[table.name]))
        if sum(part.num_rows for part in waiting) >= _GROUP:
            self._write(table.name)

    def _write(self, name: str) -> None:
        if waiting := self._waiting[name]:
            self._files[name].write_table(self._arrow.concat_tables(waiting), row_group_size=_GROUP * 2)
            waiting.clear()

    def finish(self) -> list[str]:
        """Write what is left."""
        for name in self._files:
            self._write(name)
        names = [f"{name}.parquet" for name in self._files]
        self.close()
        return names

    def close(self) -> None:
        """Close the files."""
        while self._files:
            self._files.popitem()[1].close()
        self._waiting.clear()
