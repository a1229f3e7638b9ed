"""CSV: one file a table, UTF-8 with BOM, and beside them `datapackage.json` and `codebook.csv`.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, whoever wrote it. Such text gets
an apostrophe before it, as a person would type it; numbers, words that are nothing but a number, and the words of a
fixed list (the comparator ``=``) stay.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final

from extract.exports.codebook import HEADER, codebook_rows, datapackage
from extract.exports.writer import Writer
from extract.output_tables import TABLES, Column, Row, TableSpec

_TEXT: Final = frozenset(("string", "decimal", "date"))  # types whose cells are words already
_STARTS: Final = frozenset("=+-@\t\r")
_QUOTED: Final = re.compile(r'[,"\r\n]')
_SPECIAL: Final = re.compile(r'\0[=+\-@\t]|[,"\r\n]')  # in cells parted by \0: what may need quotes or an apostrophe
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?%?")


class CsvWriter(Writer):
    """The tables as CSV, streamed."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        self._stack = ExitStack()
        self._files: dict[str, BinaryIO] = {}
        for table in TABLES.values():
            self._begin(table.name, table.names)
        self._begin("codebook", HEADER)
        self.add_lines("codebook", "".join(_lines(codebook_rows())).encode())

    def _begin(self, name: str, header: Sequence[str]) -> None:
        self._files[name] = self._stack.enter_context((self.aside / f"{name}.csv").open("wb"))
        # without the byte order mark Excel reads the file in the local encoding
        self.add_lines(name, codecs.BOM_UTF8 + "".join(_lines([header])).encode())

    def add_lines(self, table: str, lines: bytes) -> None:
        """Write lines, in UTF-8, at the end of their file."""
        self._files[table].write(lines)

    def finish(self) -> list[str]:
        """Close the tables and describe them."""
        self.close()
        (self.aside / "datapackage.json").write_bytes(datapackage())
        return [*(f"{name}.csv" for name in TABLES), "codebook.csv", "datapackage.json"]

    def close(self) -> None:
        """Close the files."""
        self._stack.close()


def csv_lines(table: TableSpec, rows: Sequence[Row]) -> list[str]:
    """Rows of a table as CSV, a text with its line feed for each: what `csv.writer` gives, made column by column."""
    if not rows:
        return []
    cells = zip(*rows, strict=True)
    columns = [_column(column, some) for column, some in zip(table.columns, cells, strict=True)]
    return [f"{line}\n" for line in map(",".join, zip(*columns, strict=True))]


def _column(column: Column, cells: Sequence[Any]) -> Sequence[str]:
    """The cells of a column as they stand in a file. Most columns need no quotes, and many repeat their words."""
    if column.type not in _TEXT:
        return ["" if cell is None else str(cell) for cell in cells]
    distinct = set(cells)
    if column.type == "string" and _SPECIAL.search("\0".join(["", *filter(None, distinct)])):
        free = not column.values
        written = {cell: _quoted(harmless(cell) if free else cell) for cell in distinct if cell is not None}
        written[None] = ""
        return [written[cell] for cell in cells]
    return ["" if cell is None else cell for cell in cells] if None in distinct else cells


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _lines(rows: Iterable[Iterable[object]]) -> list[str]:
    sink = _Lines()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    return sink.lines


class _Lines:
    """Takes what a CSV writer writes: each row in one piece."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.write = self.lines.append


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, and that no reader breaks at a lone carriage return."""
    if text[:1] in _STARTS and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
