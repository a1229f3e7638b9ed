"""A grid of cells, from a spreadsheet or a CSV file, as titles, tables and notes."""

from __future__ import annotations

from collections.abc import Iterable

from extract.readers.layout import Cell, Layout


def add_sheet(layout: Layout, rows: Iterable[list[Cell]]) -> None:
    """Add the rows of one sheet. Empty rows part tables; a row of one cell above or below a table is a line of text.

    Rows come in order, their cells from left to right; empty cells may be missing. The first line above a table is its
    caption.
    """
    block: list[list[Cell]] = []
    for row in rows:
        if any(cell.text.strip() for cell in row):
            block.append(row)
        elif block:
            _add_block(layout, block)
            block = []
    if block:
        _add_block(layout, block)


def _add_block(layout: Layout, rows: list[list[Cell]]) -> None:
    single = [sum(1 for cell in row if cell.text.strip()) == 1 for row in rows]
    first, last = 0, len(rows)
    while first < last and single[first]:
        first += 1
    while last > first and single[last - 1]:
        last -= 1
    if last - first == 1 and first == 0 and last == len(rows):
        pass  # one row alone is still a table
    caption = None
    for row in rows[:first]:
        words = next(cell.text for cell in row if cell.text.strip())
        caption = caption or " ".join(words.split())
        layout.paragraph(words)
    if first < last:
        top = rows[first][0].row
        left = min(cell.column for row in rows[first:last] for cell in row if cell.text.strip())
        table = []
        for row in rows[first:last]:
            kept = [cell for cell in row if cell.column >= left]
            while kept and not kept[-1].text.strip() and kept[-1].column + kept[-1].colspan > _width(rows, first, last):
                kept.pop()
            for cell in kept:
                cell.row -= top
                cell.column -= left
            table += kept
        layout.table(table, caption=caption)
    for row in rows[last:]:
        layout.paragraph(next(cell.text for cell in row if cell.text.strip()))


def _width(rows: list[list[Cell]], first: int, last: int) -> int:
    return max(cell.column + cell.colspan for row in rows[first:last] for cell in row if cell.text.strip())
