"""XLS and ET, the spreadsheets before 2007, as their tables; read with xlrd.

Runners-up: python-calamine is faster and knows no number formats; LibreOffice has to be installed.
"""

from __future__ import annotations

import io
from typing import Any

from extract.readers.layout import Cell, Layout
from extract.readers.number_format import BUILT_IN, shown
from extract.readers.sheet import add_sheet, merge
from extract.source import UnreadableError


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The sheets of an XLS file that are shown. Raises `UnreadableError`."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        raise UnreadableError(f"the xls file cannot be read ({error}); save it as .xlsx") from error
    sheets = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    layout = Layout()
    for sheet in sheets:
        rows = []
        for number in range(sheet.nrows):
            cells = [
                Cell(text, number, column)
                for column in range(sheet.row_len(number))
                if (text := _words(book, sheet, number, column))
            ]
            if cells:
                rows.append(cells)
        if len(sheets) > 1 and rows:
            layout.paragraph(sheet.name, level=1)
        merged = [(top, below - 1, left, right - 1) for top, below, left, right in sheet.merged_cells]
        add_sheet(layout, merge(rows, merged))
    return layout


def _words(book: Any, sheet: Any, row: int, column: int) -> str:
    import xlrd

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return str(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return ""
    key = book.xf_list[sheet.cell_xf_index(row, column)].format_key
    found = book.format_map.get(key)
    number_format = BUILT_IN.get(key) or (found.format_str if found is not None else "General")
    return shown(float(value), number_format, epoch_1904=book.datemode == 1)
