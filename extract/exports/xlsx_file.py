"""Excel: one workbook with a sheet a table, through XlsxWriter (BSD-2, writes with constant memory).

openpyxl, the runner-up, also reads, but needs several times the time to write. Text is always written as text, so that
no cell starts a formula; the header stays in view, has filters, and carries the Chinese labels as notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from extract.exports.codebook import HEADER, codebook_rows
from extract.exports.writer import Writer, need
from extract.output_tables import TABLES, Row, TableSpec

FILE: Final = "extract.xlsx"
MAX_ROWS: Final = 1_048_576  # of a sheet, header included
_MAX_TEXT: Final = 32_767  # characters of a cell
_CUT: Final = " …（全文见 CSV）"
_WIDE: Final = {"sentence": 60, "message": 60, "text": 28, "words": 40, "title": 40, "organisation": 24, "heading": 30,
                "indicator": 28, "stated": 40, "where_stated": 30, "others": 40, "description": 60,
                "values": 40}  # fmt: skip
_WIDTHS: Final = {"string": 14, "integer": 9, "float": 9, "decimal": 16, "boolean": 9, "date": 12}
_FORMATS: Final = {"decimal": "#,##0.######", "float": "0.00", "date": "yyyy-mm-dd"}
_NEVER: Final = datetime(2000, 1, 1)  # a time of writing would make the same records other bytes


class XlsxWriter(Writer):
    """The tables as sheets of one workbook; a table of more rows than a sheet holds goes on in a second one."""

    def __init__(self, aside: Path, *, max_rows: int = MAX_ROWS) -> None:
        super().__init__(aside)
        xlsxwriter = need("xlsxwriter", extra="xlsx", what="--format xlsx")
        self._max_rows = max_rows
        self._book = xlsxwriter.Workbook(
            str(aside / FILE),
            {
                "constant_memory": True, "tmpdir": str(aside), "strings_to_formulas": False,
                "strings_to_urls": False, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd",
            },
        )  # fmt: skip
        self._book.set_properties({"title": "extract", "created": _NEVER})
        self._bold = self._book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
        self._styles: dict[str, Any] = {
            kind: self._book.add_format({"num_format": style}) for kind, style in _FORMATS.items()
        }
        self._closed = False
        self._sheets: dict[str, tuple[Any, int]] = {}
        self._parts: dict[str, int] = {}
        for table in TABLES.values():
            self._begin(table)

    def _begin(self, table: TableSpec) -> None:
        part = self._parts[table.name] = self._parts.get(table.name, 0) + 1
        sheet = self._book.add_worksheet(table.name if part == 1 else f"{table.name} {part}")
        for number, column in enumerate(table.columns):
            width = _WIDE.get(column.name, max(_WIDTHS[column.type], len(column.name) + 3))
            sheet.set_column(number, number, width, self._styles.get(column.type))
        for number, column in enumerate(table.columns):
            sheet.write_string(0, number, column.name, self._bold)
            sheet.write_comment(0, number, f"{column.zh}: {column.about}")
        sheet.freeze_panes(1, 1)
        self._sheets[table.name] = (sheet, 0)

    def add_rows(self, table: TableSpec, rows: Sequence[Row]) -> None:
        """Write rows below those of their sheet."""
        sheet, last = self._sheets[table.name]
        kinds = [column.type for column in table.columns]
        for row in rows:
            if last + 1 >= self._max_rows:
                self._filter(table, sheet, last)
                self._begin(table)
                sheet, last = self._sheets[table.name]
            last += 1
            for number, cell in enumerate(row):
                if cell is not None:
                    self._cell(sheet, last, number, kinds[number], cell)
        self._sheets[table.name] = (sheet, last)

    def _cell(self, sheet: Any, row: int, column: int, kind: str, cell: Any) -> None:
        if kind == "boolean":
            sheet.write_boolean(row, column, cell)
        elif kind in ("integer", "float", "decimal"):
            sheet.write_number(row, column, float(cell) if kind == "decimal" else cell, self._styles.get(kind))
        elif kind == "date" and (day := _day(cell)) is not None:
            sheet.write_datetime(row, column, day, self._styles["date"])
        else:
            sheet.write_string(row, column, cell if len(cell) <= _MAX_TEXT else cell[: _MAX_TEXT - len(_CUT)] + _CUT)

    def _filter(self, table: TableSpec, sheet: Any, last: int) -> None:
        sheet.autofilter(0, 0, last, len(table.columns) - 1)

    def finish(self) -> list[str]:
        """Add the codebook and close the workbook."""
        for name, (sheet, last) in self._sheets.items():
            self._filter(TABLES[name], sheet, last)
        sheet = self._book.add_worksheet("codebook")
        for number, name in enumerate(HEADER):
            sheet.set_column(number, number, _WIDE.get(name, 18))
        sheet.freeze_panes(1, 0)
        for place, row in enumerate((HEADER, *codebook_rows())):
            for number, cell in enumerate(row):
                sheet.write_string(place, number, str(cell), self._bold if place == 0 else None)
        self.close()
        return [FILE]

    def close(self) -> None:
        """Close the workbook; an unfinished one is left to be thrown away with its folder."""
        if not self._closed:
            self._closed = True
            self._book.close()


def _day(text: str) -> datetime | None:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1900 else None  # the calendar of Excel begins in 1900
