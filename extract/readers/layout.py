"""Writes the text of a file that is not plain text, and keeps the places of its headings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from extract.source import GivenCell, GivenHeading, GivenTable, Source, UnreadableError, make_source

MAX_HEADING: Final = 80  # characters; what is longer is a paragraph that was styled as a heading
_STOPS: Final = "。；;！"
MAX_CELLS: Final = 500_000  # of one document
MAX_SPAN: Final = 1_000  # rows that one cell may claim, and columns of a table

_BLANK: Final = re.compile(r"[ \u00a0\u2002-\u200a\u202f\u205f]+")
_TAB: Final = re.compile(" ?\t[ \t]*")  # kept: it leads to the page in a table of contents
_BREAKS: Final = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_SPACE: Final = re.compile(r"\s+")
_HAN_GAP: Final = re.compile("(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")


class Cell(Struct):
    """A cell on its way into the text: its words and the part of the grid it covers, from 0."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    header: bool = False


class Layout:
    """A text under construction: paragraphs, headings and tables in reading order."""

    def __init__(self, *, encoding: str = "utf-8") -> None:
        self.encoding = encoding
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[GivenHeading] = []
        self._tables: list[GivenTable] = []
        self._cells = 0

    def paragraph(self, text: str, *, level: int = 0) -> None:
        """Add a paragraph, which may hold line feeds; a heading where `level` is 1 or more. Blank ones are dropped."""
        lines = [line for line in (tidy(line) for line in clean(text).split("\n")) if line]
        if not lines:
            return
        start = self._length
        title = ("" if _all_han(lines) else " ").join(lines)
        if level > 0 and _is_title(title):
            self._write(title)
            self._headings.append(GivenHeading(start, self._length, min(level, 9)))
        else:
            self._write("\n".join(lines))
        self._write("\n")

    def blank(self) -> None:
        """Part what comes from what was by an empty line."""
        if self._pieces and not (len(self._pieces) > 1 and self._pieces[-1] == self._pieces[-2] == "\n"):
            self._write("\n")

    def table(self, cells: Iterable[Cell], *, caption: str | None = None) -> None:
        """Add a table: cells row by row, from left to right. One without any words is dropped."""
        rows: list[list[Cell]] = []
        for cell in cells:
            if not rows or rows[-1][0].row != cell.row:
                rows.append([])
            rows[-1].append(cell)
            self._cells += 1
            if self._cells > MAX_CELLS:
                raise UnreadableError(f"more than {MAX_CELLS:,} table cells in one file; split it")
            cell.text = flat(cell.text)
        if not any(cell.text for row in rows for cell in row):
            return
        self.blank()
        start = self._length
        given: list[GivenCell] = []
        for number, row in enumerate(rows):
            if number:
                self._write("\n")
            for place, cell in enumerate(row):
                if place:
                    self._write("\t")
                first = self._length
                self._write(cell.text)
                given.append(
                    GivenCell(
                        first, self._length, cell.row, cell.column, cell.rowspan, cell.colspan, cell.header
                    )
                )
        self._tables.append(GivenTable(start, self._length, caption or None, tuple(given)))
        self._write("\n")
        self._write("\n")

    def source(self, *, path: str, media_type: str, sha256: str) -> Source:
        """The finished source. Raises `UnreadableError` where there are no words in it."""
        text = "".join(self._pieces)
        if not text.strip():
            raise UnreadableError("there is no text in the file")
        return make_source(
            text,
            path=path,
            media_type=media_type,
            encoding=self.encoding,
            sha256=sha256,
            headings=tuple(self._headings),
            tables=tuple(self._tables),
        )

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def clean(text: str) -> str:
    """Words without characters that are not seen; every line break a line feed."""
    return _CONTROL.sub(" ", _UNSEEN.sub("", _BREAKS.sub("\n", text))).encode("utf-8", "replace").decode("utf-8")


def tidy(line: str) -> str:
    """A line with single blanks, and none at its ends."""
    return _TAB.sub("\t", _BLANK.sub(" ", line)).strip()


def flat(text: str) -> str:
    """The words of a cell in one line; between Chinese characters a line break leaves no blank."""
    return _HAN_GAP.sub("", _SPACE.sub(" ", clean(text)).strip())


def place_cells(rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Give each cell its row and column, those above that reach down taken into account.

    Cells come with `rowspan` and `colspan` only; spans are cut to what the table has. Time grows with the cells and
    the columns they claim.
    """
    placed: list[Cell] = []
    reach: dict[int, int] = {}  # column: first row that is free again
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while reach.get(column, 0) > number:
                column += 1
            cell.row, cell.column = number, column
            cell.colspan = max(1, min(cell.colspan, MAX_SPAN - column))
            cell.rowspan = max(1, min(cell.rowspan, MAX_SPAN, len(rows) - number))
            if cell.rowspan > 1:
                for at in range(column, column + cell.colspan):
                    reach[at] = number + cell.rowspan
            column += cell.colspan
            placed.append(cell)
    return placed


def _is_title(text: str) -> bool:
    """Whether a line styled as a heading can be one: whole paragraphs often are by mistake."""
    sentence = any(mark in text[:-1] for mark in _STOPS) or (text[-1] in _STOPS and len(text) > 30)
    return len(text) <= MAX_HEADING and not sentence


def _all_han(lines: Sequence[str]) -> bool:
    return all(line[0] >= "\u3000" and line[-1] >= "\u3000" for line in lines)
