"""CSV: one file a table, UTF-8 with BOM, and beside them `datapackage.json` and `codebook.csv`.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, whoever wrote it. Such text gets
an apostrophe before it, as a person would type it; numbers, words that are nothing but a number, and the words of a
fixed list (the comparator ``=``) stay.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TextIO

from extract.columns import TABLES, Row, TableSpec
from extract.exports.codebook import HEADER, codebook_rows, datapackage
from extract.exports.writer import Writer

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?%?")


class CsvWriter(Writer):
    """The tables as CSV, streamed."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        self._stack = ExitStack()
        self._write: dict[str, Callable[[Iterable[Iterable[object]]], None]] = {}
        for table in TABLES.values():
            self._begin(table.name, table.names)
        self._begin("codebook", HEADER)
        self._write["codebook"](codebook_rows())

    def _begin(self, name: str, header: Sequence[str]) -> None:
        file: TextIO = (self.aside / f"{name}.csv").open("w", encoding="utf-8", newline="")
        self._stack.enter_context(file)
        file.write("\ufeff")  # without it Excel reads the file in the local encoding
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        self._write[name] = writer.writerows

    def add_rows(self, table: TableSpec, rows: Sequence[Row]) -> None:
        """Write rows at the end of their file."""
        self._write[table.name](_harmless(table, rows))

    def finish(self) -> list[str]:
        """Close the tables and describe them."""
        self.close()
        (self.aside / "datapackage.json").write_bytes(datapackage())
        return [*(f"{name}.csv" for name in TABLES), "codebook.csv", "datapackage.json"]

    def close(self) -> None:
        """Close the files."""
        self._stack.close()


def harmless(text: object) -> object:
    """A cell that no spreadsheet takes for a formula, and that no reader breaks at a lone carriage return."""
    if not isinstance(text, str):
        return text
    if text.startswith(_STARTS) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _harmless(table: TableSpec, rows: Iterable[Row]) -> Iterator[Iterable[object]]:
    texts = [column.type == "string" and not column.values for column in table.columns]
    for row in rows:
        yield (harmless(cell) if text else cell for cell, text in zip(row, texts, strict=True))
