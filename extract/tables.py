"""What the cells of a table say, told by its headings: targets, results, budgets, scores, and pairs of them.

Read `TableReader.read` first. A grid is walked from top to bottom. A row of headings opens a band: the rows below it
are read by them (`table_rows.py`), until the next headings. Other rows are form fields (项目名称 beside its content),
headings beside their figures, or text. What became of each cell is kept (`Seen.status`), so that nothing is lost
unnoticed.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from extract.bands import Band, Column, make_band
from extract.cell_values import CellReader
from extract.columns import FIGURES, LABELS, Columns, Heading, Unit
from extract.grids import Grid, GridCell
from extract.patterns import Pack
from extract.quantities import QuantityFinder
from extract.source import View
from extract.table_readings import Name, ReadTable, Saying, Seen, TableSide
from extract.table_rows import COLON, NUMBER, RowReader, is_inline, is_prose, row_span

MAX_HEADINGS: Final = 6  # rows of headings over one another

_DIGIT: Final = re.compile(r"\d")
_YEAR: Final = re.compile(r"(?:19|20)\d\d年?")
_UNMERGED: Final = frozenset(("markdown", "tabs", "columns"))  # settings that cannot say how far a cell reaches
_HEADS: Final = FIGURES | LABELS | {"goal", "result", "comparator", "unit", "index"}
_ASIDE: Final = frozenset(("note", "field"))
_CODE: Final = re.compile(r"^[0-9A-Z]{8,}[-—_:：]")
_UNIT_ROW: Final = re.compile(r"(?:金额)?单位[:：](\S{1,6})")


class TableReader:
    """Reads tables with one grammar."""

    def __init__(self, pack: Pack, quantities: QuantityFinder) -> None:
        self.columns = Columns(pack, quantities)
        self.values = CellReader(pack, quantities, self.columns)

    def read(self, grid: Grid, view: View, *, unit: Unit | None, caption: str | None) -> ReadTable:
        """All that one grid says; `unit` is what stands above it (单位：万元)."""
        return _Walk(self, grid, view, unit, caption).run()


class _Walk:
    """The reading of one grid, row by row."""

    def __init__(self, reader: TableReader, grid: Grid, view: View, unit: Unit | None, caption: str | None) -> None:
        self.columns = reader.columns
        self.values = reader.values
        self.grid = grid
        height, self.width = grid.shape
        self.lines: list[list[Seen]] = [[] for _ in range(height)]
        self.at: list[list[Seen | None]] = [[None] * self.width for _ in range(height)]
        cells = []
        for cell in grid.cells:
            text, places, first = _content(cell, view) if cell.start < cell.end else ("", view.places, 0)
            row, column, rowspan, colspan = cell.row, cell.column, cell.rowspan, cell.colspan
            number = bool(text) and NUMBER.fullmatch(text) is not None
            seen = Seen(cell, text, places, first, row, column, rowspan, colspan, number)
            cells.append(seen)
            self.lines[row].append(seen)
            for line in self.at[row : row + rowspan]:
                line[column : column + colspan] = [seen] * colspan
        rows = [[seen.text if seen is not None else "" for seen in line] for line in self.at]
        self.table = ReadTable(grid, caption, cells, [], rows, None, [], [])
        self.rows = RowReader(self.columns, self.values, self.table, unit)
        self.band: Band | None = None
        self.fields: dict[str, Saying] = {}  # figures of the form fields that follow one another

    def run(self) -> ReadTable:
        """Walk through the rows."""
        turned = self._lies_on_its_side()
        rows = self.table.rows
        if turned:
            self._turn()
            self.table.rows = []  # merged labels are not filled in here
        headed = False
        for number, line in enumerate(self.lines):
            words = [seen for seen in line if seen.text]
            if not words:
                continue
            kind = self._kind(number, line, words, headed=headed)
            headed = kind == "header"
            if kind != "fields":
                self._close_fields()
            if kind == "header":
                self._open(number, line)
            elif kind == "fields":
                self._read_fields(words)
            elif kind == "data" and self.band is not None:
                self.rows.read(self.at[number], words, number, self.band)
            else:
                self._loose(words)
        self._close_fields()
        if turned:
            self.table.rows = rows
        return self.table

    # --- what a row is ---------------------------------------------------------------------------------------------
    def _kind(self, number: int, line: Sequence[Seen], own: Sequence[Seen], *, headed: bool) -> str:
        heads = [self.columns.heading(seen.text) for seen in own]
        figures = [seen for seen in own if seen.number]
        short = not figures and not any(map(is_prose, own))
        for seen in own:
            seen.status = "empty"
        marked = all(seen.cell.header for seen in own) and not (figures and self.band)
        if self._are_fields(own, heads, marked=marked):
            return "fields"
        if marked and (len(own) > 1 or self.grid.form == "chart"):
            return "header"
        if short:
            roles = [head.role for head in heads]
            known = sum(role in _HEADS for role in roles)
            beside = any(one in _ASIDE and other in _ASIDE | _HEADS for one, other in itertools.pairwise(roles))
            if known >= 2 or (beside and "note" in roles and len(own) > 2):
                return "header"
            if headed and known and known * 2 >= len(own):
                return "header"
            if headed and len(own) > 1 and self._goes_below(number):
                return "header"
        if (
            not figures
            and len(own) > 1
            and all(seen.colspan > 1 for seen in own)
            and self._is_header(self._next(number))
        ):
            return "header"
        free = self.band is None or (len(line) == 2 and len(self.band.columns) > 3)
        if free and short and len(own) > 1 and self._stands_over_figures(number, own):
            return "header"
        if not figures and self._opens_anew(number, line, own):
            return "header"
        return "data" if self.band is not None else "loose"

    def _are_fields(self, own: Sequence[Seen], heads: Sequence[Heading], *, marked: bool) -> bool:
        """Whether a row is form fields beside their contents."""
        first = heads[0].role
        if sum(head.role in _HEADS for head in heads) >= 2 and not self._alternates(own, heads):
            return False
        if marked:
            return len(own) % 2 == 0 and all(head.role in ("subject", "field") for head in heads[::2])
        if self._alternates(own, heads):
            return True
        short = self.band is None or len(own) * 2 <= max(4, len(self.band.columns))
        if first in ("subject", "field", "note", "goal", "result") and short:
            return True
        if first in ("subject", "field") and len(own) == 4 and heads[2].role in ("subject", "field"):
            return True
        return len(own) > 1 and all(COLON.fullmatch(seen.text) and not is_inline(seen.text) for seen in own)

    def _alternates(self, own: Sequence[Seen], heads: Sequence[Heading]) -> bool:
        """年初预算数 | 40 | 全年预算数 | 38: headings beside their figures."""
        if len(own) % 2 or heads[0].role not in FIGURES or (self.band and len(own) == len(self.band.columns)):
            return False
        names, contents = heads[::2], own[1::2]
        return any(content.number for content in contents) and all(name.role for name in names)

    def _next(self, number: int) -> list[Seen]:
        return next((line for line in self.lines[number + 1 :] if any(seen.text for seen in line)), [])

    def _is_header(self, line: Sequence[Seen]) -> bool:
        """Whether most cells of a row are known headings."""
        known = sum(self.columns.heading(seen.text).role in _HEADS for seen in line if seen.text)
        return known >= 2 and known * 2 >= len(line)

    def _goes_below(self, number: int) -> bool:
        """Whether a row stands below merged headings: one spans several columns, or reaches down beside it."""
        above = [seen for seen in self.at[number - 1] if seen is not None and seen.status == "header"]
        down = any(seen.row + seen.rowspan > number for seen in above)
        return bool(above) and (
            down or sum(seen.colspan > 1 for seen in above) * 2 >= len({id(seen) for seen in above})
        )

    def _stands_over_figures(self, number: int, own: Sequence[Seen]) -> bool:
        """Whether short words stand over a row of figures."""
        following = self._next(number)
        figures = [seen for seen in following if seen.number]
        return (
            bool(following)
            and all(map(_is_wordy, own))
            and len(figures) >= max(1, (len(own) - 1) // 2)
            and not any(following[0] is seen for seen in figures[:-1])
        )

    def _opens_anew(self, number: int, line: Sequence[Seen], own: Sequence[Seen]) -> bool:
        """Whether a full row of words, of another width than the band, has a row of its width below it."""
        if self.band is None or len(own) < 3 or len(own) < len(line) or len(line) == len(self.band.columns):
            return False
        following = self._next(number)
        digits = any(_DIGIT.search(seen.text) for seen in following)
        return len(following) == len(line) and digits and all(map(_is_wordy, own))

    def _lies_on_its_side(self) -> bool:
        """Whether the headings (目标值, 完成值) stand in the first column."""
        firsts = [line[0] for line in self.lines if line and line[0].text]
        known = sum(self.columns.heading(seen.text).role in FIGURES for seen in firsts)
        if known < 2 or len(self.lines) > 12 or not self.lines[0]:
            return False
        top = [seen for seen in self.lines[0][1:] if seen.text]
        roles = any(self.columns.heading(seen.text).role for seen in top)
        figures = any(seen.number for seen in top)
        return known * 2 >= len(firsts) - 1 and not roles and not figures and len(top) > 1

    def _turn(self) -> None:
        """Exchange rows and columns."""
        height = len(self.lines)
        turned: list[list[Seen | None]] = [[None] * height for _ in range(self.width)]
        for row, line in enumerate(self.at):
            for column, seen in enumerate(line):
                turned[column][row] = seen
        self.lines = [[] for _ in range(self.width)]
        for seen in self.table.cells:
            seen.turn()
            self.lines[seen.row].append(seen)
        self.at, self.width = turned, height

    # --- rows other than data --------------------------------------------------------------------------------------
    def _open(self, number: int, line: Sequence[Seen]) -> None:
        """A row of headings: a new band, or more of the one that the row above opened."""
        for seen in line:
            if seen.text:
                seen.status = "header"
        self.rows.scores([seen for seen in line if seen.text])
        self.table.header.append([seen.text if seen is not None else "" for seen in self.at[number]])
        top = number
        while (
            top > number - MAX_HEADINGS
            and top
            and any(seen is not None and seen.status == "header" for seen in self.at[top - 1])
        ):
            top -= 1
        stacks: list[list[Seen]] = []
        merged = self.grid.form in _UNMERGED
        for column in range(self.width):
            stack: list[Seen] = []
            for row in range(top, number + 1):
                over = self.at[row][column]
                left = column
                while (
                    merged
                    and row < number
                    and left
                    and over is not None
                    and not over.text
                    and self._has(number, column)
                ):
                    left -= 1  # a heading of several columns stands over the first of them
                    over = self.at[row][left]
                if over is not None and over.text and not any(over is other for other in stack):
                    stack.append(over)
            stacks.append(stack)
        self.band = make_band(stacks, self.columns)

    def _has(self, row: int, column: int) -> bool:
        seen = self.at[row][column]
        return seen is not None and bool(seen.text)

    def _read_fields(self, line: Sequence[Seen]) -> None:
        """Form fields: 项目名称 | …, 年初预算数 | 40 | 执行率 | 98%."""
        name: Heading | None = None
        for seen in line:
            head = self.columns.heading(seen.text)
            if COLON.fullmatch(seen.text) and not head.role and name is None:
                seen.status = "field"
                continue
            if name is None and (head.role or len(seen.text) <= 12) and not seen.number:
                seen.status, name = "field", head
                continue
            if name is None:
                self._loose([seen])
                continue
            if name.role == "subject" and self.table.subject is None:
                self.table.subject = _CODE.sub("", seen.text)
            if not self._field_figure(seen, name, line) and not is_prose(seen):
                seen.status = "nothing" if self.values.is_nothing(seen.text) else "field"
            name = None

    def _field_figure(self, seen: Seen, name: Heading, line: Sequence[Seen]) -> bool:
        """Read the figure beside its heading, if it is one."""
        if name.role not in FIGURES:
            return False
        column = Column(name.role, name.unit, name.year, name.rule, name.text, None, "")
        figure = self.values.figure(seen.text, self.rows.unit_for(column, None, None, None))
        if figure is None:
            return False
        saying = self.rows.say(seen, figure, self._owner(line[0]), column, row_span(line))
        self.fields.setdefault(name.role, saying)
        return True

    def _close_fields(self) -> None:
        """Pair the figures of the form fields that stood one after the other."""
        if self.fields:
            sides = {role: TableSide(one.text, one.start, one.end, one) for role, one in self.fields.items()}
            spans = [one.row for one in self.fields.values()]
            actual = self.fields.get("executed") or self.fields.get("actual")
            self.rows.pair(sides, actual.name if actual else None, (min(spans)[0], max(end for _, end in spans)))
            self.fields = {}

    def _owner(self, title: Seen) -> Name:
        """What the fields of a form are of: its project, else the first field of the row."""
        subject = self.table.subject
        for seen in self.table.cells:
            if subject and seen.text and _CODE.sub("", seen.text) == subject:
                return Name(subject, *seen.span(len(seen.text) - len(subject), len(seen.text)))
        return Name(title.text, title.cell.start, title.cell.end)

    def _loose(self, words: Sequence[Seen]) -> None:
        """A row that no heading reads: a title, a unit, or figures that are not understood."""
        for seen in words:
            if is_prose(seen):
                continue
            unit = _UNIT_ROW.search(seen.text)
            if unit is not None and self.rows.unit is None:
                self.rows.unit = self.columns.unit(unit[1])
            alone = len(words) == 1 and seen.row == 0 and 4 <= len(seen.text) <= 60
            if alone and self.table.caption is None:
                self.table.caption = seen.text
            seen.status = "unread" if seen.number else "text"


def _content(cell: GridCell, view: View) -> tuple[str, Sequence[int], int]:
    """The text of a cell without white space, and where the source offsets of its characters are: see `Seen`."""
    first = bisect_left(view.places, cell.start)
    last = bisect_left(view.places, cell.end, first)
    text = view.text[first:last]
    if "\n" in text:  # a cell of several blocks
        places = [place for place, char in zip(view.places[first:last], text, strict=True) if char != "\n"]
        return text.replace("\n", ""), places, 0
    return text, view.places, first


def _is_wordy(seen: Seen) -> bool:
    """Whether a cell may be a heading: short, without digits but those of a year."""
    return len(seen.text) <= 20 and _DIGIT.search(_YEAR.sub("", seen.text)) is None


__all__ = ["TableReader"]
