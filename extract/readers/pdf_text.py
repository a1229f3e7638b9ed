"""Lines of a PDF as text: which are running heads and page numbers, and where paragraphs begin and end.

Read `write_pages` first. Places are in points, from the top left corner of the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from msgspec import Struct

from extract.readers.layout import Cell, Layout

EDGE: Final = 0.12  # part of the page's height, above and below, where running heads and page numbers stand
AT_EDGE: Final = 3  # lines that may stand there

_NUMBER: Final = re.compile(
    r"[-—–－·•~ ]{0,4}(?:第 ?)?(\d{1,4})(?: ?页)?(?: ?[/／,，]? ?共? ?\d{1,4} ?页?)?[-—–－·•~ ]{0,4}"
)
_DASHED: Final = re.compile(r"[-—–－·•~] ?\d{1,4} ?[-—–－·•~]|第 ?\d{1,4} ?页.*|\d{1,4} ?[/／] ?\d{1,4}")
_DIGITS: Final = re.compile(r"\d+")
_OPENS: Final = re.compile(
    r"第[一二三四五六七八九十百]{1,4}[部分章节篇]|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]"
    r"|\d{1,2}[、.．](?!\d)|[①-⑳]|附件|注[：:]|目\s*录"
)
_STOPS: Final = frozenset("。；：！？!?;:")
_WORD: Final = re.compile("[A-Za-z]")


class Char(Struct, frozen=True, gc=False):
    """A character and its box."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float


class Line(Struct):
    """A printed line."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


class Table(Struct):
    """A ruled table; `columns` are the places of its vertical lines."""

    cells: list[Cell]
    x0: float
    top: float
    x1: float
    bottom: float
    columns: tuple[float, ...]


class Page(Struct):
    """What stands on a page, from top to bottom."""

    parts: list[Line | Table]
    width: float
    height: float


def lines_of(chars: Sequence[Char]) -> list[Line]:
    """The lines that characters stand on, from top to bottom, blanks where the print has gaps."""
    rows: list[list[Char]] = []
    top = bottom = 0.0
    for char in sorted(chars, key=lambda char: (char.top + char.bottom, char.x0)):
        middle = (char.top + char.bottom) / 2
        if rows and top <= middle <= bottom:
            rows[-1].append(char)
            if char.bottom - char.top > bottom - top:
                top, bottom = char.top, char.bottom
        else:
            rows.append([char])
            top, bottom = char.top, char.bottom
    return [_line(row) for row in rows]


def _line(chars: list[Char]) -> Line:
    chars.sort(key=lambda char: char.x0)
    size = median(char.bottom - char.top for char in chars)
    pieces: list[str] = []
    before: Char | None = None
    for char in chars:
        if before is not None:
            gap = char.x0 - before.x1
            latin = before.text[-1].isascii() and char.text[0].isascii()
            if gap > (0.2 if latin and not (before.text[-1] in ".,%" or char.text[0] in ".,%") else 0.8) * size:
                pieces.append(" ")
        pieces.append(char.text)
        before = char
    return Line(
        "".join(pieces), chars[0].x0, max(char.x1 for char in chars), min(char.top for char in chars),
        max(char.bottom for char in chars), size,
    )  # fmt: skip


def join_cell(lines: Sequence[Line]) -> str:
    """The words of a cell: its lines joined, with a blank only between Latin words."""
    text = ""
    for line in lines:
        text += (" " if text and _WORD.match(text[-1]) and _WORD.match(line.text) else "") + line.text
    return text


def write_pages(layout: Layout, pages: Sequence[Page]) -> None:
    """Write all pages as one text: furniture off, paragraphs and tables joined over pages."""
    drop_furniture(pages)
    lines = [part for page in pages for part in page.parts if isinstance(part, Line)]
    left, right, em = _margins(lines, max((page.width for page in pages), default=0.0))
    paragraph: list[str] = []
    last: Line | None = None
    table: Table | None = None

    def end_paragraph() -> None:
        nonlocal last
        if paragraph:
            layout.paragraph("".join(paragraph))
            paragraph.clear()
        last = None

    def end_table() -> None:
        nonlocal table
        if table is not None:
            layout.table(table.cells)
        table = None

    for page in pages:
        first = True
        for part in page.parts:
            if isinstance(part, Table):
                if first and table is not None and _continues(table, part):
                    _extend(table, part)
                else:
                    end_paragraph()
                    end_table()
                    table = part
            else:
                end_table()
                if last is not None and _goes_on(last, part, left, right, em, new_page=first):
                    if _WORD.match(last.text[-1]) and _WORD.match(part.text):
                        paragraph.append(" ")
                    paragraph.append(part.text)
                else:
                    end_paragraph()
                    paragraph.append(part.text)
                last = part
            first = False
    end_paragraph()
    end_table()


def drop_furniture(pages: Sequence[Page]) -> None:
    """Take running heads and page numbers off the pages: lines in the margin that come back page after page."""
    at_edge = [_edge_lines(page) for page in pages]
    heads: Counter[tuple[str, bool]] = Counter()
    offsets: Counter[int] = Counter()
    for number, edge in enumerate(at_edge):
        heads.update({(_bare(line.text), upper) for line, upper in edge})
        offsets.update({number - int(found[1]) for line, _ in edge if (found := _NUMBER.fullmatch(line.text))})
    often = max(2, round(0.3 * len(pages)))
    counted = {offset for offset, count in offsets.items() if count >= max(2, len(pages) // 4)}
    for number, (page, edge) in enumerate(zip(pages, at_edge, strict=True)):
        off: set[int] = set()
        for line, upper in edge:
            found = _NUMBER.fullmatch(line.text)
            if found is not None:
                if _DASHED.fullmatch(line.text.strip()) or number - int(found[1]) in counted:
                    off.add(id(line))
            elif heads[_bare(line.text), upper] >= often and len(pages) > 1:
                off.add(id(line))
        page.parts = [part for part in page.parts if id(part) not in off]


def _edge_lines(page: Page) -> list[tuple[Line, bool]]:
    """The lines in the margins of a page, and whether they are at its top: a gap parts them from the text."""
    lines = [part for part in page.parts if isinstance(part, Line)]
    gaps = [max(0.0, after.top - before.bottom) for before, after in pairwise(page.parts)]
    usual = 1.3 * median(gaps) if len(gaps) > 3 else 0.0
    upper: list[Line] = []
    lower: list[Line] = []
    for part, gap in zip(page.parts[:AT_EDGE], gaps[:AT_EDGE], strict=False):
        if gap > usual and part.bottom <= EDGE * page.height:
            upper = [line for line in lines[:AT_EDGE] if line.bottom <= part.bottom]
    for part, gap in zip(page.parts[: -AT_EDGE - 1 : -1], gaps[: -AT_EDGE - 1 : -1], strict=False):
        if gap > usual and part.top >= (1 - EDGE) * page.height:
            lower = [line for line in lines[-AT_EDGE:] if line.top >= part.top]
    return [*((line, True) for line in upper), *((line, False) for line in lower)]


def _bare(text: str) -> str:
    return _DIGITS.sub("#", text.replace(" ", ""))


def _margins(lines: Sequence[Line], width: float) -> tuple[float, float, float]:
    """Left and right edge of the print, and the width of a character, over the whole document."""
    if not lines:
        return 0.0, 0.0, 10.0
    em = median(line.size for line in lines)
    starts = Counter(round(line.x0) for line in lines if len(line.text) > 8)
    often = [start for start, count in starts.items() if count >= 0.1 * len(lines)]
    left = float(min(often)) if often else min(line.x0 for line in lines)
    ends = Counter(round(line.x1 / (0.5 * em)) for line in lines)  # a line that sticks out is not the edge
    edge = max((end for end, count in ends.items() if count >= max(2, 0.03 * len(lines))), default=None)
    right = max(line.x1 for line in lines) if edge is None else (edge + 0.5) * 0.5 * em
    return left, max(right, 0.85 * (width - left)), em  # where all lines are short, margins are alike


def _goes_on(last: Line, line: Line, left: float, right: float, em: float, *, new_page: bool) -> bool:
    """Whether a line belongs to the paragraph of the one before."""
    if last.x1 < right - 1.8 * em or abs(last.size - line.size) > 0.2 * last.size:
        return False
    if line.x0 > left + 1.2 * em and line.x0 > min(last.x0, left) + 1.2 * em:
        return False
    if not new_page and line.top - last.bottom > 2.2 * em:
        return False
    return not (last.text[-1] in _STOPS and _OPENS.match(line.text))


def _continues(table: Table, after: Table) -> bool:
    """Whether a table at the top of a page has the columns of the one that ended the page before."""
    same = len(table.columns) == len(after.columns)
    return same and all(abs(one - two) < 4 for one, two in zip(table.columns, after.columns, strict=True))


def _extend(table: Table, after: Table) -> None:
    """Add the rows of a table to the one it continues, a repeated head left out."""
    head = [cell.text for cell in table.cells if cell.row == 0]
    again = head == [cell.text for cell in after.cells if cell.row == 0] and any(head)
    base = max(cell.row + cell.rowspan for cell in table.cells) - again
    for cell in after.cells:
        if cell.row or not again:
            cell.row += base
            table.cells.append(cell)
