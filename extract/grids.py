"""Tables found in a text as grids: every cell with its row, its column and its place.

Read `find_grids` first. Tables that the reader of a format has handed over are taken as they are. Others are looked
for by how they are set: HTML, markdown, the TAB cells of a Word dump (`word_tables.py`), lines with TABs, columns
aligned with blanks, and one line of cells after known headings. What a cell means is decided later (`tables.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from unicodedata import east_asian_width

from msgspec import Struct

from extract.columns import FIGURES, Columns
from extract.source import GivenCell as GridCell
from extract.source import Source
from extract.word_tables import find_word_tables

MAX_SPAN: Final = 200  # a colspan beyond this is a slip of the page's author

_HTML: Final = re.compile(r"<table\b[^>]{0,300}>", re.IGNORECASE)
_HTML_END: Final = re.compile(r"</table\s*>", re.IGNORECASE)
_ROW: Final = re.compile(r"<tr\b[^>]{0,300}>", re.IGNORECASE)
_CELL: Final = re.compile(r"<(t[dh])\b([^>]{0,300})>", re.IGNORECASE)
_CELL_END: Final = re.compile(r"</?t(?:d|h|r|able|body|head)\b", re.IGNORECASE)
_SPAN: Final = re.compile(r"(row|col)span\s*=\s*[\"']?\s*(\d{1,4})", re.IGNORECASE)
_BAR: Final = re.compile(r"\|")
_PIPED: Final = re.compile(r"^[ \t]*\|[^\n]*\|[ \t\r]*$", re.MULTILINE)
_BARE_PIPED: Final = re.compile(r"^[^|\n]+(?:\|[^|\n]*)+$", re.MULTILINE)
_RULED: Final = re.compile(r"^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*(?::?-{2,}:?)?[ \t\r]*$", re.MULTILINE)
_INNER_TAB: Final = re.compile(r"\t(?<=[^\t\r\n]\t)")
_TABBED: Final = re.compile(r"^\t*[^\t\r\n]+(?:\t+[^\t\r\n]*)+\r?$", re.MULTILINE)
_INNER_GAP: Final = re.compile(r"[^\S\n](?<=\S.)[^\S\n]++\S")
_ALIGNED: Final = re.compile(r"^[^\S\n]*\S+(?:[^\S\n]\S+)*(?:[^\S\n]{2,}\S+(?:[^\S\n]\S+)*){2,}[^\S\n]*$", re.MULTILINE)
_FIELD: Final = re.compile(r"\S+(?:[^\S\n]\S+)*")
_NUMERIC: Final = re.compile(r"[-+<>=≤≥]?\d[\d,]*(?:\.\d+)?%?")
_TOC: Final = re.compile(r"\.{3}|…|···")
_WORD: Final = re.compile(r"\S+")
_INNER_BLANK: Final = re.compile(r" (?<=\S )\S")
_SPACED_HEAD: Final = re.compile(r"^[^\S\n]*[^\s\d]\S{0,15}(?: \S{1,16}){3,12}[^\S\n]*$", re.MULTILINE)
_HEAD_WORD: Final = re.compile("一级指标|指标名称|资金来源")
_GLUED_HEAD: Final = re.compile(r"^[^\n]*(?:一级指标|指标名称|资金来源)[^\n]{20,}$", re.MULTILINE)


class Grid(Struct, frozen=True):
    """A table as it is set. `form` tells how: given, html, markdown, word, tabs, columns, line or chart."""

    start: int
    end: int
    caption: str | None
    cells: list[GridCell]
    form: str

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (
            max([cell.row + cell.rowspan for cell in self.cells], default=0),
            max([cell.column + cell.colspan for cell in self.cells], default=0),
        )


def find_grids(source: Source, columns: Columns) -> list[Grid]:
    """All tables of a text, in order, not overlapping. Never raises, whatever the text."""
    taken: list[Grid] = []
    for table in source.tables:
        taken.append(Grid(table.start, table.end, table.caption, list(table.cells), "given"))
    clean = source.clean
    if "<t" in clean or "<T" in clean:
        taken += [grid for grid in _html(clean) if _free(grid, taken)]
    if "|" in clean:
        taken += [grid for grid in _markdown(clean) if _free(grid, taken)]
    if "\t" in clean:
        taken += [grid for grid in _tabbed(clean, columns) if _free(grid, taken)]
        for start, end, caption, cells in find_word_tables(source.text, clean, columns):
            grid = Grid(start, end, caption, cells, "word")
            if _free(grid, taken):
                taken.append(grid)
    if "  " in clean:
        taken += [grid for grid in _aligned(source.text, clean, columns) if _free(grid, taken)]
    taken += [grid for grid in _spaced(clean, columns) if _free(grid, taken)]
    if _HEAD_WORD.search(clean) is not None:
        taken += [grid for grid in _one_line(clean, columns) if _free(grid, taken)]
    return sorted(taken, key=lambda grid: grid.start)


def _free(grid: Grid, taken: Sequence[Grid]) -> bool:
    return bool(grid.cells) and all(grid.end <= other.start or other.end <= grid.start for other in taken)


# --- marked up -------------------------------------------------------------------------------------------------------
def _html(clean: str) -> Iterator[Grid]:
    position = 0
    while (opening := _HTML.search(clean, position)) is not None:
        closing = _HTML_END.search(clean, opening.end())
        inner = _HTML.search(clean, opening.end(), closing.start() if closing else len(clean))
        if inner is not None:  # a table inside a cell: the inner one is the table
            position = inner.start()
            continue
        if closing is None:
            return
        position = closing.end()
        rows = []
        heads = list(_ROW.finditer(clean, opening.end(), closing.start()))
        for row, after in zip(heads, [*(one.start() for one in heads[1:]), closing.start()], strict=True):
            rows.append(list(_html_row(clean, row.end(), after)))
        yield Grid(opening.start(), position, None, place(rows), "html")


def _html_row(clean: str, start: int, end: int) -> Iterator[tuple[int, int, int, int, bool]]:
    for tag in _CELL.finditer(clean, start, end):
        close = _CELL_END.search(clean, tag.end(), end)
        first, last = trim(clean, tag.end(), close.start() if close is not None else end)
        spans = {match[1].lower(): min(int(match[2]), MAX_SPAN) or 1 for match in _SPAN.finditer(tag[2])}
        yield first, last, spans.get("row", 1), spans.get("col", 1), tag[1].lower() == "th"


def place(rows: Sequence[Sequence[tuple[int, int, int, int, bool]]]) -> list[GridCell]:
    """Cells with their spans (start, end, rowspan, colspan, header) to places in the grid, as a browser does."""
    cells: list[GridCell] = []
    full: dict[int, int] = {}  # column to the first row that is free again
    for number, row in enumerate(rows):
        column = 0
        for start, end, rowspan, colspan, header in row:
            while full.get(column, 0) > number:
                column += 1
            rowspan = min(rowspan, len(rows) - number)
            cells.append(GridCell(start, end, number, column, rowspan, colspan, header))
            for step in range(colspan):
                full[column + step] = number + rowspan
            column += colspan
    return cells


def _markdown(clean: str) -> Iterator[Grid]:
    lines = list(_lines(clean, _BAR, _PIPED))
    if not lines or _RULED.search(clean) is not None:  # rows without outer bars, told by their rule
        known = {line.start() for line in lines}
        rules = [match.start() for match in _RULED.finditer(clean)]
        if rules:
            bare = [line for line in _BARE_PIPED.finditer(clean) if line.start() not in known]
            lines = sorted([*lines, *bare], key=lambda line: line.start())
    runs: list[list[re.Match[str]]] = []
    for line in lines:
        if (
            runs
            and not clean[runs[-1][-1].end() : line.start()].strip(" \r\n")
            and (clean.count("\n", runs[-1][-1].end(), line.start()) <= 1)
        ):
            runs[-1].append(line)
        else:
            runs.append([line])
    for run in runs:
        if len(run) < 2:
            continue
        head = 0
        rows: list[list[tuple[int, int, int, int, bool]]] = []
        for line in run:
            if _RULED.match(clean, *line.span()):
                head = head or len(rows)
                continue
            rows.append([(*span, 1, 1, False) for span in _piped(clean, *line.span())])
        if len(rows) < 2 or max(map(len, rows)) < 2:
            continue
        rows[:head] = [[(*cell[:4], True) for cell in row] for row in rows[:head]]
        yield Grid(run[0].start(), run[-1].end(), None, place(rows), "markdown")


def _piped(clean: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first, last = trim(clean, start, end)
    if clean[first] == "|":
        first += 1
    if last > first and clean[last - 1] == "|":
        last -= 1
    while first <= last:
        bar = clean.find("|", first, last)
        bar = last if bar < 0 else bar
        yield trim(clean, first, bar)
        first = bar + 1


# --- set with blanks -------------------------------------------------------------------------------------------------
def _tabbed(clean: str, columns: Columns) -> Iterator[Grid]:
    for run in _runs(clean, _lines(clean, _INNER_TAB, _TABBED)):
        if run[0][0].startswith("\t") or _TOC.search(clean, run[0].start(), run[-1].end()) is not None:
            continue  # each line of a Word dump begins with a TAB; here only those with an empty first field do
        rows = []
        for line in run:
            fields: list[tuple[int, int]] = []
            position, end = line.start(), line.end()
            while position <= end:
                tab = clean.find("\t", position, end)
                tab = end if tab < 0 else tab
                fields.append(trim(clean, position, tab))
                position = tab + 1
            rows.append(fields)
        chart = _chart(clean, rows)
        if chart is not None:
            yield Grid(run[0].start(), run[-1].end(), *chart, "chart")
            continue
        if len(rows) < 2 or not (_plausible(clean, rows, columns) or _has_headings(clean, rows, columns)):
            continue
        yield Grid(
            run[0].start(), run[-1].end(), None, place([[(*one, 1, 1, False) for one in row] for row in rows]), "tabs"
        )


def _chart(clean: str, rows: Sequence[Sequence[tuple[int, int]]]) -> tuple[str | None, list[GridCell]] | None:
    """`…情况图 ⇥ 2023年 ⇥ 2022年 ⇥ 1054.9 ⇥ 988.88`: names, then as many numbers: the data of a chart."""
    fields = [field for row in rows for field in row if field[1] > field[0]]
    if len(rows) > 2 or len(fields) < 2:
        return None
    numbers = 0
    while numbers < len(fields) and _NUMERIC.fullmatch(clean, *fields[-1 - numbers]):
        numbers += 1
    names = fields[: len(fields) - numbers]
    if not numbers or len(names) not in (numbers, numbers + 1) or any(_NUMERIC.fullmatch(clean, *one) for one in names):
        return None
    if len(names) == numbers:
        if len(names) == 1:
            return None
        title, first = [], 0
    else:
        title, first = names[:1], 1
        names = names[1:]
    cells = [GridCell(*one, 0, column + first, header=True) for column, one in enumerate(names)]
    cells += [GridCell(*one, 1, 0) for one in title]
    cells += [GridCell(*one, 1, column + first) for column, one in enumerate(fields[-numbers:])]
    return "".join(clean[slice(*title[0])].split()) if title else None, cells


def _aligned(text: str, clean: str, columns: Columns) -> Iterator[Grid]:
    for run in _runs(clean, _lines(clean, _INNER_GAP, _ALIGNED)):
        if len(run) < 3 or _TOC.search(clean, run[0].start(), run[-1].end()) is not None:
            continue
        rows = [list(_fields(clean, line)) for line in run]
        if not _plausible(clean, rows, columns):
            continue
        if len({len(row) for row in rows}) == 1:
            placed = [[(number, field) for number, field in enumerate(row)] for row in rows]
        else:
            placed = _by_position(text, run, rows)
        cells = []
        for number, row in enumerate(placed):
            cells += [GridCell(*field, number, column) for column, field in row]
        yield Grid(run[0].start(), run[-1].end(), None, cells, "columns")


def _fields(clean: str, line: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The fields of a line; a heading that is spaced out (项  目) is one."""
    held: tuple[int, int] | None = None
    for match in _FIELD.finditer(clean, line.start(), line.end()):
        start, end = match.span()
        alone = end - start == 1 and "一" <= clean[start] <= "鿿"
        if held is not None and alone:
            yield held[0], end
            held = None
            continue
        if held is not None:
            yield held
        held = (start, end) if alone else None
        if not alone:
            yield start, end
    if held is not None:
        yield held


def _by_position(
    text: str, run: Sequence[re.Match[str]], rows: Sequence[Sequence[tuple[int, int]]]
) -> list[list[tuple[int, tuple[int, int]]]]:
    """Fields to the columns of the fullest row by where they stand on the page; a wide character takes two places."""

    def seat(line: re.Match[str], field: tuple[int, int]) -> tuple[int, int]:
        before = _width(text[line.start() : field[0]])
        return before, before + _width(text[field[0] : field[1]])

    model = max(range(len(rows)), key=lambda number: len(rows[number]))
    seats = [seat(run[model], field) for field in rows[model]]
    placed = []
    for line, row in zip(run, rows, strict=True):
        chosen: list[tuple[int, tuple[int, int]]] = []
        least = 0
        for number, field in enumerate(row):
            first, last = seat(line, field)
            left = len(row) - number - 1  # so many columns must stay free to the right
            options = range(least, len(seats) - left) or range(least, least + 1)
            column = min(
                options,
                key=lambda at: (
                    abs(sum(seats[min(at, len(seats) - 1)]) - first - last)
                    - 2
                    * max(
                        0, min(last, seats[min(at, len(seats) - 1)][1]) - max(first, seats[min(at, len(seats) - 1)][0])
                    )
                ),
            )
            chosen.append((column, field))
            least = column + 1
        placed.append(chosen)
    return placed


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _spaced(clean: str, columns: Columns) -> Iterator[Grid]:
    """Rows of words parted by single blanks, as PDF files give them: known headings, then as many fields a line."""
    end = 0
    for line in _lines(clean, _INNER_BLANK, _SPACED_HEAD):
        head = [match.span() for match in _WORD.finditer(clean, *line.span())]
        known = sum(columns.heading(clean[slice(*field)]).role in FIGURES for field in head)
        if line.start() < end or known < 2 or len(head) < 4:
            continue
        rows = [head]
        position = line.end() + 1
        while position < len(clean):
            end = clean.find("\n", position)
            end = len(clean) if end < 0 else end
            fields = [match.span() for match in _WORD.finditer(clean, position, end)]
            numbers = sum(_NUMERIC.fullmatch(clean, *field) is not None for field in fields)
            if len(fields) != len(head) or numbers < 2:
                break
            rows.append(fields)
            position = end + 1
        end = position
        if len(rows) > 1:
            cells = [GridCell(*field, number, at) for number, row in enumerate(rows) for at, field in enumerate(row)]
            yield Grid(line.start(), rows[-1][-1][1], None, cells, "line")


def _one_line(clean: str, columns: Columns) -> Iterator[Grid]:
    """Headings, then the cells of all rows, parted by single blanks, in one line."""
    for line in _lines(clean, _HEAD_WORD, _GLUED_HEAD):
        fields = [match.span() for match in re.finditer(r"\S+", line[0])]
        fields = [(line.start() + first, line.start() + last) for first, last in fields]
        known = [bool(columns.heading(clean[slice(*field)]).role) for field in fields]
        first = next((number for number in range(len(known) - 3) if all(known[number : number + 4])), None)
        if first is None:
            continue
        last = first
        while last < len(known) and known[last]:
            last += 1
        width = last - first
        rest = fields[last:]
        if len(rest) < width or len(rest) % width:
            continue
        rows = [fields[first:last]] + [rest[at : at + width] for at in range(0, len(rest), width)]
        cells = [GridCell(*field, number, at) for number, row in enumerate(rows) for at, field in enumerate(row)]
        yield Grid(fields[first][0], fields[-1][1], None, cells, "line")


def _lines(clean: str, cue: re.Pattern[str], whole: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The lines that `whole` matches; it is tried only on those in which the cue stands."""
    position = 0
    while (found := cue.search(clean, position)) is not None:
        line = whole.match(clean, max(position, clean.rfind("\n", position, found.start()) + 1))
        if line is not None:
            yield line
        position = clean.find("\n", found.end()) + 1
        if not position:
            return


def _runs(clean: str, lines: Iterable[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Lines that follow one another directly."""
    run: list[re.Match[str]] = []
    for line in lines:
        if run and clean.count("\n", run[-1].end(), line.start()) > 1:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _plausible(clean: str, rows: Sequence[Sequence[tuple[int, int]]], columns: Columns) -> bool:
    """Whether lines of fields are a table: headings above that say what the columns hold, figures below."""
    counts = [len(row) for row in rows]
    if max(counts) - min(counts) > max(2, max(counts) // 2) or max(counts) < 2:
        return False
    longest = max(field[1] - field[0] for row in rows for field in row)
    roles = 0
    for row in rows[:3]:
        if not any(_NUMERIC.fullmatch(clean, *field) for field in row):
            roles = max(roles, sum(bool(columns.heading(clean[slice(*field)]).role) for field in row))
    figures = sum(bool(_NUMERIC.fullmatch(clean, *field)) for row in rows for field in row)
    return longest <= 120 and (roles >= 2 or (roles >= 1 and figures >= len(rows) - 1 and len(rows) > 2))


def _has_headings(clean: str, rows: Sequence[Sequence[tuple[int, int]]], columns: Columns) -> bool:
    """Whether a line before the last is a row of known headings: of a form, whose rows differ in length."""
    return any(
        sum(bool(columns.heading(clean[slice(*field)]).role) for field in row) >= 3
        and not any(_NUMERIC.fullmatch(clean, *field) for field in row)
        for row in rows[:-1]
    )


def trim(clean: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends."""
    while start < end and clean[start].isspace():
        start += 1
    while end > start and clean[end - 1].isspace():
        end -= 1
    return start, end


__all__ = ["Grid", "GridCell", "find_grids", "place", "trim"]
