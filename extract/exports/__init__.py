"""The tables of a run, in every format that other tools read.

Read first: `share`, what one document adds to the tables, made by the worker that reads it; then `Exports`, which takes
the shares one at a time and puts the files into place when all are there; `write_tables` does both for a stream of
documents. What the tables are stands in `extract.output_tables`, the rows of a report in `rows`, and each format in a
module of its own:

==========  ===========================================================  ==================
format      files                                                        needs
==========  ===========================================================  ==================
json        one ``<doc_id>.json`` a document; written by the run itself
csv         a file a table, ``codebook.csv``, ``datapackage.json``
jsonl       ``documents.jsonl``
parquet     a file a table                                               pyarrow
sqlite      ``extract.sqlite``
duckdb      ``extract.duckdb``                                           duckdb, pyarrow
xlsx        ``extract.xlsx``                                             XlsxWriter
==========  ===========================================================  ==================
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from extract.exports.arrow import Gathered, table_schema
from extract.exports.csv_files import CsvWriter
from extract.exports.json_lines import JsonLinesWriter
from extract.exports.panel_share import panel_pieces
from extract.exports.rows import table_rows
from extract.exports.share import ARROW, Piece, Sharer, rows_of, said_of
from extract.exports.writer import MissingPackageError, Writer, missing
from extract.output_tables import TABLES, Row
from extract.panel import Panel
from extract.patterns import Pack, load_pack
from extract.records import Report

FORMATS: Final = ("json", "csv", "jsonl", "parquet", "sqlite", "duckdb", "xlsx")
#: written by every run, whatever else is asked for
ALWAYS: Final = ("json", "csv")

_WRITERS: Final = {
    "csv": ("csv_files", "CsvWriter"),
    "jsonl": ("json_lines", "JsonLinesWriter"),
    "parquet": ("parquet_files", "ParquetWriter"),
    "sqlite": ("sqlite_file", "SqliteWriter"),
    "duckdb": ("duckdb_file", "DuckDbWriter"),
    "xlsx": ("xlsx_file", "XlsxWriter"),
}
_NEEDS: Final = {"parquet": ("pyarrow",), "duckdb": ("duckdb", "pyarrow"), "xlsx": ("xlsxwriter",)}
_BATCH: Final = 1_000  # rows of a table that wait in memory
_GROUP: Final = 4_000  # and in Arrow, where they take less; a row group of Parquet


class Exports:
    """The tables of a run: made in the folder `aside` (on the disk of the output), put into place by `finish`.

    Use it as a context manager, so that an interrupted run closes its files. `formats` are some of `FORMATS`; `json` is
    the run's own and does nothing here. `pack` is the grammar that the reports were read with, for the names and units
    of indicators; `workers` are the processes that may make a long panel at the end. Raises `MissingPackageError`
    before anything is read, `ValueError` for an unknown format.
    """

    def __init__(
        self, aside: Path, *, formats: Sequence[str] = ALWAYS, pack: Pack | None = None, workers: int = 1
    ) -> None:
        if unknown := [name for name in formats if name not in FORMATS]:
            raise ValueError(f"{unknown[0]!r} is no format; use any of {', '.join(FORMATS)}")
        self._waiting: dict[str, list[Row]] = {name: [] for name in TABLES}
        pack = pack or load_pack()
        with ExitStack() as stack:
            self._writers: list[Writer] = []
            for name in dict.fromkeys(formats):
                if name in _WRITERS:
                    writer = _writer(name, aside)
                    stack.callback(writer.close)
                    self._writers.append(writer)
            self._panel = Panel(aside, pack)
            stack.callback(self._panel.close)
            self._stack = stack.pop_all()
        self._csv = next((writer for writer in self._writers if isinstance(writer, CsvWriter)), None)
        self._jsonl = next((writer for writer in self._writers if isinstance(writer, JsonLinesWriter)), None)
        self._others = [writer for writer in self._writers if writer not in (self._csv, self._jsonl)]
        self._sharer = Sharer(formats, pack)
        self._gathered: dict[str, Gathered] = {}
        if not ARROW.isdisjoint(formats):
            self._gathered = {name: Gathered(table_schema(name), _GROUP) for name in TABLES}
        self._aside = aside
        self._workers = workers

    def __enter__(self) -> Exports:
        """Nothing but itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files, wherever they are."""
        self._stack.close()

    def add(self, report: Report, text: str) -> None:
        """Take one document, in the order of the run; `text` is its decoded source text."""
        self.take(self._sharer.pieces(report, text))

    def take(self, pieces: Iterable[Piece]) -> None:
        """Take the share of one document, in the order of the run; it was made for the same formats."""
        for piece in pieces:
            if piece.kind == "said":
                self._panel.add(said_of(piece))
            elif piece.kind == "rows":
                self._add(piece.table, rows_of(piece))
            elif piece.kind == "arrow":
                self._hand_on(piece.table, self._gathered[piece.table].add(piece.data))
            elif piece.kind == "csv" and self._csv is not None:
                self._csv.add_lines(piece.table, piece.data)
            elif piece.kind == "jsonl" and self._jsonl is not None:
                self._jsonl.add_line(piece.data)

    def finish(self, folder: Path) -> list[str]:
        """Write the panel, make all files whole and put them into `folder`; their names."""
        self.take(panel_pieces(self._panel, self._sharer, self._aside, workers=self._workers))
        for name in self._waiting:
            self._flush(name)
        for name, gathered in self._gathered.items():
            self._hand_on(name, gathered.rest())
        names = [name for writer in self._writers for name in writer.finish()]
        for name in names:
            os.replace(self._aside / name, folder / name)
        return names

    def _add(self, name: str, rows: Sequence[Row]) -> None:
        """Give rows to the formats that take them."""
        waiting = self._waiting[name]
        waiting.extend(rows)
        if len(waiting) >= _BATCH:
            self._flush(name)

    def _hand_on(self, name: str, tables: Iterable[Any]) -> None:
        """Give Arrow tables to the formats that take them."""
        for table in tables:
            for writer in self._others:
                writer.add_table(TABLES[name], table)

    def _flush(self, name: str) -> None:
        if waiting := self._waiting[name]:
            for writer in self._others:
                writer.add_rows(TABLES[name], waiting)
            waiting.clear()


def check_packages(formats: Sequence[str]) -> None:
    """Raise `MissingPackageError` where a format needs a package that is not installed; nothing is imported."""
    for name in formats:
        for package in _NEEDS.get(name, ()):
            if find_spec(package) is None:
                raise missing(package, extra=name, what=f"the format {name}")


def write_tables(
    folder: Path,
    documents: Iterable[tuple[Report, str]],
    *,
    formats: Sequence[str] = ALWAYS,
    pack: Pack | None = None,
) -> list[str]:
    """Write the tables of some documents into `folder`, and give the names of the files.

    `documents` are reports with their decoded source texts, in the order of the run; one at a time is in memory. A
    stream that breaks off leaves `folder` as it was. Raises what `Exports` raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".extract-", dir=folder) as name,
        Exports(Path(name), formats=formats, pack=pack) as exports,
    ):
        for report, text in documents:
            exports.add(report, text)
        return exports.finish(folder)


def _writer(name: str, aside: Path) -> Writer:
    module, writer = _WRITERS[name]
    made: Writer = getattr(import_module(f"extract.exports.{module}"), writer)(aside)
    return made


__all__ = [
    "ALWAYS", "FORMATS", "Exports", "MissingPackageError", "Writer", "check_packages", "table_rows",
    "write_tables",
]  # fmt: skip
