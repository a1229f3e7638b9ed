"""Which figures of a table belong to the rules for running text: those in cells that hold sentences."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from extract.outline import Block
from extract.quantities import Found
from extract.source import View
from extract.table_readings import ReadTable
from extract.table_rows import PROSE_LENGTH

_GOALS: Final = frozenset(("goal", "target"))


class ProseCells:
    """The cells of all tables of a document, by where they stand."""

    def __init__(self, tables: Sequence[ReadTable]) -> None:
        self._cells = sorted(
            ((seen.cell.start, seen.cell.end, seen.status, seen.role) for table in tables for seen in table.cells),
        )
        self._starts = [cell[0] for cell in self._cells]
        units = [(seen.cell.start, seen.cell.end) for table in tables for seen in table.cells if seen.status == "unit"]
        self._read = sorted([*units, *((one.start, one.end) for table in tables for one in table.sayings)])

    def _at(self, start: int, end: int) -> tuple[str, str] | None:
        """Status and role of the cell that holds a range."""
        number = bisect_right(self._starts, start) - 1
        while number >= 0 and self._cells[number][1] <= start and self._cells[number][0] == start:
            number -= 1  # an empty cell at the same place
        if number < 0 or self._cells[number][1] <= start:
            number = bisect_left(self._starts, start)
            if number >= len(self._cells) or self._cells[number][0] >= end:
                return None
        return self._cells[number][2:]

    def is_prose(self, block: Block, text: str) -> bool:
        """Whether the figures of a block are read by the rules for running text."""
        if self._cells and (told := self._at(block.start, block.end)) is not None:
            return told[0] == "prose"
        if block.kind == "cell":
            return len(text) > PROSE_LENGTH and ("，" in text or "。" in text)
        return block.kind in ("text", "heading")

    def is_goal(self, block: Block) -> bool:
        """Whether a block is a cell of running text that tells what is aimed at."""
        return bool(self._cells) and (told := self._at(block.start, block.end)) is not None and told[1] in _GOALS

    def without_cells(self, found: list[Found], view: View) -> list[Found]:
        """The figures of a view but those that a table has read."""
        if not self._read:
            return found
        starts = [start for start, _ in self._read]

        def is_read(one: Found) -> bool:
            first, last = view.places[one.start], view.places[one.end - 1]
            number = bisect_right(starts, last) - 1
            return number >= 0 and first < self._read[number][1]

        return [one for one in found if not is_read(one)]


__all__ = ["ProseCells"]
