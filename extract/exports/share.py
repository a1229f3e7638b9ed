"""What one document adds to the tables of a run, made where the document is read, by a worker as a rule.

Read first: `Sharer.pieces`. The leading process (`Exports.take`) then lays the pieces of all documents one behind the
other: lines of CSV and JSON Lines go to the end of a file, other formats get rows, the panel statements. A piece is
small, however long the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from extract.exports.arrow import pack_rows, table_schema
from extract.exports.csv_files import csv_lines
from extract.exports.rows import each_table
from extract.output_tables import TABLES, Row
from extract.panel import Said, Statements, StoredRow, pack_statement, panel_row
from extract.patterns import Pack
from extract.records import Report
from extract.write import encode_line

ARROW: Final = frozenset(("parquet", "duckdb"))  # formats made of Arrow tables
_ROWS_TOO: Final = frozenset(("sqlite", "xlsx"))  # and of rows; the files of the others grow by text alone
_BATCH: Final = 2_000  # rows of a piece
_LENGTH: Final = 8  # bytes in which a file says how long the next piece is

Item = TypeVar("Item")


class Piece(Struct, frozen=True, array_like=True):
    """A part of the share of a document: `kind` says what `data` are, `table` of which table.

    ``csv`` are lines in UTF-8, ``jsonl`` is the line of the document, ``rows``, ``said`` and ``arrow`` are packed: see
    `rows_of`, `said_of` and `extract.exports.arrow.Gathered`.
    """

    kind: str
    table: str
    data: bytes


class Sharer:
    """Makes shares for some formats (see `extract.exports.FORMATS`), with the grammar the reports were read with."""

    def __init__(self, formats: Collection[str], pack: Pack) -> None:
        self._csv = "csv" in formats
        self._jsonl = "jsonl" in formats
        self._rows = not _ROWS_TOO.isdisjoint(formats)
        self._arrow = not ARROW.isdisjoint(formats)
        self._statements = Statements(pack)

    def pieces(self, report: Report, text: str) -> Iterator[Piece]:
        """The share of a report, piece by piece; `text` is its decoded source text."""
        for table, rows in each_table(report, text):
            for some in batches(rows, _BATCH):
                if self._csv:
                    yield Piece("csv", table, "".join(csv_lines(TABLES[table], some)).encode())
                yield from self._packed(table, some)
        if self._jsonl:
            yield Piece("jsonl", "", encode_line(report))
        for statements in batches(self._statements.of(report), _BATCH):
            lines: Sequence[str | None] = [None] * len(statements)
            if self._csv:
                lines = csv_lines(TABLES["panel"], [panel_row(key, [one]) for key, one in statements])
            said = [Said(key, pack_statement(one), line) for (key, one), line in zip(statements, lines, strict=True)]
            yield Piece("said", "panel", _ENCODER.encode(said))

    def panel_pieces(self, stored: Iterable[StoredRow]) -> Iterator[Piece]:
        """Rows of the panel, piece by piece. A row that is there as a line is made for other formats only."""
        packed = self._rows or self._arrow
        for some in batches(stored, _BATCH):
            alone = [line for line, _ in some]
            rows = [make() if packed or line is None else () for line, make in some]
            if self._csv:
                merged = [row for row, line in zip(rows, alone, strict=True) if line is None]
                made = iter(csv_lines(TABLES["panel"], merged))
                yield Piece("csv", "panel", "".join([line or next(made) for line in alone]).encode())
            if packed:
                yield from self._packed("panel", rows)

    def _packed(self, table: str, rows: Sequence[Row]) -> Iterator[Piece]:
        if self._rows:
            yield Piece("rows", table, _ENCODER.encode(rows))
        if self._arrow:
            yield Piece("arrow", table, pack_rows(TABLES[table], rows, table_schema(table)))


def rows_of(piece: Piece) -> list[Row]:
    """The rows of a table."""
    return _ROWS.decode(piece.data)


def said_of(piece: Piece) -> list[Said]:
    """The statements for the panel."""
    return _SAID.decode(piece.data)


def write_pieces(path: Path, pieces: Iterable[Piece]) -> None:
    """Write a share to a file, for the way from one process to another."""
    with path.open("wb") as file:
        for piece in pieces:
            data = _ENCODER.encode(piece)
            file.write(len(data).to_bytes(_LENGTH, "big") + data)


def read_pieces(path: Path) -> Iterator[Piece]:
    """The pieces of a file that `write_pieces` wrote."""
    with path.open("rb") as file:
        while length := file.read(_LENGTH):
            yield _PIECE.decode(file.read(int.from_bytes(length, "big")))


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Some items at a time."""
    coming = iter(items)
    while some := list(islice(coming, size)):
        yield some


_ENCODER: Final = msgspec.msgpack.Encoder()
_PIECE: Final = msgspec.msgpack.Decoder(Piece)
_ROWS: Final = msgspec.msgpack.Decoder(list[tuple[Any, ...]])
_SAID: Final = msgspec.msgpack.Decoder(list[Said])

__all__ = ["ARROW", "Piece", "Sharer", "batches", "read_pieces", "rows_of", "said_of", "write_pieces"]
