"""Rows as Arrow tables, for Parquet, DuckDB and Spark: columns with their types and labels.

Read first: `arrow_table`. `pack_rows` and `Gathered` are the two ends of the way from a worker to the leading process.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

from extract import __version__
from extract.exports.writer import need
from extract.output_tables import TABLES, Row, TableSpec
from extract.records import SCHEMA_VERSION

_EPOCH: Final = date(1970, 1, 1).toordinal()
_CODES: Final = {"integer": "q", "float": "d", "decimal": "d", "date": "i"}


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


@lru_cache
def table_schema(name: str) -> Any:
    """The Arrow schema of a table by its name, made once."""
    return arrow_schema(TABLES[name], extra="parquet", what="an Arrow table")


def arrow_table(table: TableSpec, rows: Sequence[Row], schema: Any) -> Any:
    """Some rows as an Arrow table of the schema."""
    pa = need("pyarrow", extra="parquet", what="an Arrow table")
    cells = list(zip(*rows, strict=True))
    arrays = []
    for field, (_, kind, index) in zip(schema, table.stored, strict=True):
        typed = _typed(kind, cells[index])
        # `pyarrow.array` would import pandas wherever it is installed, at the cost of some 50 MB.
        buffers = [pa.py_buffer(part) for part in (_bits([cell is not None for cell in typed]), *_buffers(kind, typed))]
        arrays.append(pa.Array.from_buffers(field.type, len(typed), buffers, typed.count(None)))
    return pa.Table.from_arrays(arrays, schema=schema)


def pack_rows(table: TableSpec, rows: Sequence[Row], schema: Any) -> bytes:
    """Some rows as the bytes of one Arrow record batch, for the way from one process to another."""
    [batch] = arrow_table(table, rows, schema).to_batches()
    packed: bytes = batch.serialize().to_pybytes()
    return packed


def unpacked(packed: bytes, schema: Any) -> Any:
    """The record batch that `pack_rows` packed."""
    ipc = need("pyarrow.ipc", extra="parquet", what="an Arrow table")
    return ipc.read_record_batch(need("pyarrow", extra="parquet", what="an Arrow table").py_buffer(packed), schema)


class Gathered:
    """Packed rows of one table as they come in; handed on a fixed number at a time, whatever they were packed in."""

    def __init__(self, schema: Any, rows: int) -> None:
        """`rows` is how many are handed on at once."""
        self._pa = need("pyarrow", extra="parquet", what="an Arrow table")
        self._schema = schema
        self._rows = rows
        self._batches: list[Any] = []
        self.waiting = 0

    def add(self, packed: bytes) -> Iterator[Any]:
        """Take what `pack_rows` gave; the tables that are full."""
        batch = unpacked(packed, self._schema)
        self._batches.append(batch)
        self.waiting += batch.num_rows
        if self.waiting >= self._rows:
            whole = self._pa.Table.from_batches(self._batches)
            end = self.waiting - self.waiting % self._rows
            self._batches = whole.slice(end).combine_chunks().to_batches()
            self.waiting -= end
            for start in range(0, end, self._rows):
                yield whole.slice(start, self._rows).combine_chunks()

    def rest(self) -> Iterator[Any]:
        """What is left at the end, as a table, if anything is."""
        if self.waiting:
            yield self._pa.Table.from_batches(self._batches).combine_chunks()
        self._batches, self.waiting = [], 0


def _typed(kind: str, cells: Sequence[Any]) -> Sequence[Any]:
    if kind == "decimal":
        return [None if cell is None else float(cell) for cell in cells]
    if kind == "date":
        return [None if cell is None else _day(cell) for cell in cells]
    return cells


def _buffers(kind: str, cells: Sequence[Any]) -> list[bytes]:
    """The data of a column as Arrow lays it out in memory; what stands at a null cell does not matter."""
    if kind == "string":
        words = [b"" if cell is None else cell.encode() for cell in cells]
        return [array("i", accumulate(map(len, words), initial=0)).tobytes(), b"".join(words)]
    if kind == "boolean":
        return [_bits(cells)]
    return [array(_CODES[kind], [cell or 0 for cell in cells]).tobytes()]


def _bits(flags: Sequence[object]) -> bytes:
    """One bit a flag, the first one lowest."""
    digits = "".join("1" if flag else "0" for flag in reversed(flags))
    return int(digits or "0", 2).to_bytes(len(flags) // 8 + 1, "little")


def _day(text: str) -> int | None:
    """Days since 1970-01-01."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:  # no such day: the words of the text stand beside it
        return None
