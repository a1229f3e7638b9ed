"""Parquet: one file a table, through pyarrow (Apache-2.0, the reference implementation)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from extract.exports.arrow import arrow_schema
from extract.exports.writer import Writer, need
from extract.output_tables import TABLES, TableSpec

_WHAT: Final = "--format parquet"


class ParquetWriter(Writer):
    """The tables as Parquet; what comes at once is a row group."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        parquet = need("pyarrow.parquet", extra="parquet", what=_WHAT)
        self._files: dict[str, Any] = {}
        for table in TABLES.values():
            schema = arrow_schema(table, extra="parquet", what=_WHAT)
            self._files[table.name] = parquet.ParquetWriter(aside / f"{table.name}.parquet", schema, compression="zstd")

    def add_table(self, table: TableSpec, rows: Any) -> None:
        """Write a row group."""
        self._files[table.name].write_table(rows, row_group_size=rows.num_rows)

    def finish(self) -> list[str]:
        """Write the ends of the files."""
        names = [f"{name}.parquet" for name in self._files]
        self.close()
        return names

    def close(self) -> None:
        """Close the files."""
        while self._files:
            self._files.popitem()[1].close()
