"""CSV: one file a table, UTF-8 with BOM, and beside them `datapackage.json` and `codebook.csv`.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, whoever wrote it. Such text gets
an apostrophe before it, as a person would type it; numbers, words that are nothing but a number, and the words of a
fixed list (the comparator ``=``) stay.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final

from extract.exports.codebook import HEADER, codebook_rows, datapackage
from extract.exports.writer import Writer
from extract.output_tables import TABLES, Row, TableSpec

_STARTS: Final = frozenset("=+-@\t\r")
_HARM: Final = re.compile(r"\n[=+\-@\t]|\r")
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
    """Rows of a table as CSV, a text with its line feed for each."""
    return _lines(_harmless(table, rows)) if rows else []


def _lines(rows: Iterable[Iterable[object]]) -> list[str]:
    sink = _Lines()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    return sink.lines


class _Lines:
    """Takes what a CSV writer writes: each row in one piece."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.write = self.lines.append


def harmless(text: object) -> object:
    """A cell that no spreadsheet takes for a formula, and that no reader breaks at a lone carriage return."""
    if not isinstance(text, str):
        return text
    if text[:1] in _STARTS and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _harmless(table: TableSpec, rows: Sequence[Row]) -> Iterator[Iterable[object]]:
    """The rows with every column of free text looked through; most columns need no change at all."""
    columns: list[Sequence[Any]] = []
    for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
        free = column.type == "string" and not column.values
        if free and _may_harm(cells):
            columns.append([harmless(cell) for cell in cells])
        else:
            columns.append(cells)
    return zip(*columns, strict=True)


def _may_harm(cells: Sequence[Any]) -> bool:
    """Whether a cell of a column may need a change; one search in one text is faster than a look at each cell."""
    return _HARM.search("\n".join(["", *filter(None, set(cells))])) is not None
