"""What is read of a table: its cells with what became of them, the sayings of its figures, and pairs of sayings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from extract.cell_values import CellFigure
from extract.grids import Grid, GridCell

# what may become of a cell
STATUSES: Final = (
    "header",  # says what other cells are
    "label",  # names its row
    "figure",  # a value that makes a metric
    "words",  # a value that is words or a date
    "unit",  # a unit or a comparator
    "field",  # a field of the form, or its content
    "prose",  # sentences, left to the rules for running text
    "text",  # other words
    "note",  # words below 备注, 原因 and the like
    "index",  # a number that only counts rows or columns, or a code
    "nothing",  # /, ——, ……
    "empty",
    "unread",  # a figure that was not understood
)


class Name(Struct, frozen=True, gc=False):
    """An indicator: its words and where they stand, in source offsets; `known_as` is its name in the lexicon."""

    text: str
    start: int
    end: int
    known_as: str = ""


class Seen(Struct, gc=False):
    """A cell with its text (without white space) and what became of it.

    `places` from `first` on are the source offsets of its characters: as a rule those of the whole document. Row and
    column are those in which it is read: of a table on its side they are exchanged. `number` tells that the cell holds
    a bare number and nothing else.
    """

    cell: GridCell
    text: str
    places: Sequence[int]
    first: int
    row: int
    column: int
    rowspan: int
    colspan: int
    number: bool
    status: str = "empty"
    role: str = ""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of text[start:end]."""
        return self.places[self.first + start], self.places[self.first + end - 1] + 1

    def turn(self) -> None:
        """Exchange rows and columns."""
        self.row, self.column, self.rowspan, self.colspan = self.column, self.row, self.colspan, self.rowspan


class Saying(Struct, frozen=True, gc=False):
    """A figure of a cell and what it says; `start` to `end` are its source offsets, `row` those of its row."""

    start: int
    end: int
    text: str
    figure: CellFigure
    name: Name | None
    role: str
    year: int | None
    row: tuple[int, int]
    rule: str


class TableSide(Struct, frozen=True, gc=False):
    """One side of a pair: a saying, or words."""

    text: str
    start: int
    end: int
    saying: Saying | None


class TablePair(Struct, frozen=True, gc=False):
    """Target and result of one row."""

    name: Name | None
    basis: str
    target: TableSide | None
    actual: TableSide
    completion: Saying | None
    row: tuple[int, int]
    rule: str


class ReadTable(Struct):
    """A grid with all that was read from it."""

    grid: Grid
    caption: str | None
    cells: list[Seen]
    header: list[list[str]]
    rows: list[list[str]]
    subject: str | None
    sayings: list[Saying]
    pairs: list[TablePair]


__all__ = ["STATUSES", "Name", "ReadTable", "Saying", "Seen", "TablePair", "TableSide"]
