"""What became of the cells of the tables of many reports: the words behind `extract tables`.

Lines are fields parted by TABs, so that they can be sorted, counted and opened as a sheet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from extract.records import Cell, Report, Table

TABLE_COLUMNS: Final = ("document", "table", "rows", "columns", "figures", "words", "prose", "unread", "title")
CELL_COLUMNS: Final = ("document", "table", "row", "column", "read", "start", "text")

_DIGIT: Final = re.compile(r"\d")
_WHITE: Final = re.compile(r"\s+")


def is_unread(cell: Cell) -> bool:
    """Whether a cell was not understood: a figure without a heading, or other words that hold digits."""
    return cell.read == "unread" or (cell.read == "text" and _DIGIT.search(cell.text) is not None)


def list_tables(reports: Iterable[Report]) -> Iterator[str]:
    """One line for each table: its size, how many cells were figures, words, sentences, not understood."""
    yield "\t".join(TABLE_COLUMNS)
    for report in reports:
        for table in report.tables:
            read = Counter(cell.read for cell in table.cells)
            unread = sum(map(is_unread, table.cells))
            size = (len(table.rows), max(map(len, table.rows), default=0))
            numbers = (*size, read["figure"], read["words"], read["prose"], unread)
            yield "\t".join((report.doc_id, table.id, *map(str, numbers), _title(table)))


def list_cells(reports: Iterable[Report], *, unread: bool = False) -> Iterator[str]:
    """One line for each cell that is not empty, or only for those not understood."""
    yield "\t".join(CELL_COLUMNS)
    for report in reports:
        for table in report.tables:
            for cell in table.cells:
                if cell.text and (not unread or is_unread(cell)):
                    place = (str(cell.row + 1), str(cell.column + 1), cell.read, str(cell.start))
                    yield "\t".join((report.doc_id, table.id, *place, _WHITE.sub(" ", cell.text)))


def closing_words(reports: Iterable[Report]) -> str:
    """How many cells of how many tables were understood."""
    tables = [table for report in reports for table in report.tables]
    cells = [cell for table in tables for cell in table.cells if cell.text]
    unread = sum(map(is_unread, cells))
    read = Counter(cell.read for cell in cells)
    kinds = ", ".join(f"{count:,} {name}" for name, count in read.most_common() if name)
    return f"{_count(len(tables), 'table')}, {_count(len(cells), 'cell')} ({kinds}); {unread:,} not understood"


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _title(table: Table) -> str:
    return _WHITE.sub(" ", " · ".join(one for one in (table.caption, table.subject) if one))


__all__ = ["closing_words", "is_unread", "list_cells", "list_tables"]
