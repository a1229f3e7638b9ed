"""A grid of cells, from a spreadsheet or a CSV file, as titles, tables and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extract.readers.layout import MAX_CELLS, Cell, Layout


def merge(rows: list[list[Cell]], merged: Sequence[tuple[int, int, int, int]]) -> list[list[Cell]]:
    """Give the first cell of each merged range its spans, cut to what is used; what it covers is left out.

    Ranges are first row, last row, first column, last column, counted from 0.
    """
    if not rows or not merged:
        return rows
    at = {(cell.row, cell.column): cell for row in rows for cell in row}
    last_row = rows[-1][0].row
    last_column = max(cell.column for row in rows for cell in row)
    covered: set[tuple[int, int]] = set()
    for top, below, left, right in merged:
        cell = at.get((top, left))
        if cell is None or cell.rowspan > 1 or cell.colspan > 1 or (top, left) in covered:
            continue
        cell.rowspan = max(1, min(below, last_row) - top + 1)
        cell.colspan = max(1, min(right, last_column) - left + 1)
        if len(covered) + cell.rowspan * cell.colspan > 4 * MAX_CELLS:
            break
        covered.update(
            (row, column)
            for row in range(top, top + cell.rowspan)
            for column in range(left, left + cell.colspan)
            if (row, column) != (top, left)
        )
    return [kept for row in rows if (kept := [cell for cell in row if (cell.row, cell.column) not in covered])]


def add_sheet(layout: Layout, rows: Iterable[list[Cell]]) -> None:
    """Add the rows of one sheet. Empty rows part tables; a row of one cell above or below a table is a line of text.

    Rows come in order, their cells from left to right; empty cells and rows may be missing. The first line above a
    table is its caption.
    """
    block: list[list[Cell]] = []
    reach = 0
    for row in rows:
        filled = [cell for cell in row if cell.text.strip()]
        if not filled:
            continue
        if block and filled[0].row > reach:
            _add_block(layout, block)
            block = []
        reach = max(reach if block else 0, *(cell.row + cell.rowspan for cell in filled))
        block.append(filled)
    if block:
        _add_block(layout, block)


def _add_block(layout: Layout, rows: list[list[Cell]]) -> None:
    first, last = 0, len(rows)
    while first < last and len(rows[first]) == 1:
        first += 1
    below = max((cell.row + cell.rowspan for row in rows for cell in row if cell.rowspan > 1), default=0)
    while last > first and len(rows[last - 1]) == 1 and rows[last - 1][0].row >= below:
        last -= 1
    for row in rows[:first]:
        layout.paragraph(row[0].text)
    if first < last:
        caption = " ".join(rows[0][0].text.split()) if first else None
        layout.table(_table(rows[first:last]), caption=caption)
    for row in rows[last:]:
        layout.paragraph(row[0].text)


def _table(rows: list[list[Cell]]) -> list[Cell]:
    """The cells of a table, counted from its own corner, with the empty ones between them."""
    top, bottom = rows[0][0].row, rows[-1][0].row
    left = min(cell.column for row in rows for cell in row)
    right = max(cell.column + cell.colspan for row in rows for cell in row)
    fill = (bottom - top + 1) * (right - left) <= MAX_CELLS
    table: list[Cell] = []
    free: dict[int, int] = {}  # column: first row below the merged cell that covers it
    for row in rows:
        number = row[0].row
        column = left
        for cell in [*row, Cell("", number, right)]:
            while fill and column < cell.column:
                if free.get(column, 0) <= number:
                    table.append(Cell("", number - top, column - left))
                column += 1
            if cell.column == right:
                break
            if cell.rowspan > 1:
                free.update(dict.fromkeys(range(cell.column, cell.column + cell.colspan), number + cell.rowspan))
            column = cell.column + cell.colspan
            table.append(
                Cell(cell.text, number - top, cell.column - left, min(cell.rowspan, bottom - number + 1), cell.colspan)
            )
    return table
