"""CSV: one table. Read by the standard library; pandas and polars are far heavier and guess types we do not want."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Final

from extract.readers.layout import Cell, Layout
from extract.readers.sheet import add_sheet
from extract.source import decode_text

_DELIMITERS: Final = ",\t;"
_LOOK: Final = 20  # rows that show whether a text is a table
_FIELD_LIMIT: Final = 1 << 20


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The table of a CSV file in any encoding; delimiter comma, tab or semicolon."""
    text, encoding = decode_text(data)
    delimiter = _delimiter(text, named=True) or ","
    csv.field_size_limit(_FIELD_LIMIT)
    layout = Layout(encoding=encoding)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    add_sheet(
        layout, ([Cell(field, number, column) for column, field in enumerate(row)] for number, row in enumerate(rows))
    )
    return layout


def is_table(head: bytes, *, named: bool) -> bool:
    """Whether a text that begins so is a CSV table; `named` when the name of the file says so."""
    first, _, rest = head.partition(b"\n")
    if not named and (first.count(b",") < 2 or b"\n" not in rest):
        return False  # hardly any text comes further
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        text = head.decode("utf-8" if error.start > len(head) - 4 else "gb18030", errors="replace")
    return bool(_delimiter(text, named=named))


def _delimiter(text: str, *, named: bool) -> str:
    """The delimiter, or nothing where the rows are no table.

    Without a name that says CSV, all rows must have the same number of fields, three at the least, none of them blank
    at the beginning and none a sentence.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    best = ""
    most = 1
    for delimiter in _DELIMITERS if named else ",":
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _LOOK))
        except csv.Error:
            continue
        if not named:
            if len(rows) > 1 and len(rows) < _LOOK and len(rows[-1]) != len(rows[0]):
                rows.pop()  # cut where we stopped looking
            same = len(rows) >= 3 and len({len(row) for row in rows}) == 1 and len(rows[0]) >= 3
            if not same or any("。" in field and field.index("。") < len(field) - 1 for row in rows for field in row):
                continue
        fields = sum(len(row) for row in rows) / len(rows) if rows else 0
        if fields > most:
            best, most = delimiter, int(fields)
    return best or ("," if named else "")
