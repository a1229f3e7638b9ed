"""PDF with a text layer: lines in reading order, paragraphs joined over lines and pages, tables where lines rule them.

Read with pdfplumber (MIT, on pdfminer.six), which knows the place of every character and finds ruled tables.
Runners-up: PyMuPDF is the fastest and AGPL; pypdf gives text without places; pypdfium2 is quick, but finds no tables;
camelot and tabula need Ghostscript or Java. How lines become text is in `pdf_text.py`. A scanned PDF is an error that
says so.
"""

from __future__ import annotations

import io
import logging
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final

from extract.readers.layout import Cell, Layout
from extract.readers.pdf_text import Char, Line, Page, Table, join_cell, lines_of, write_pages
from extract.source import UnreadableError

MAX_PAGES: Final = 5_000
_MAX_EDGES: Final = 20_000  # drawn lines of a page; what has more is a map or a chart
_MAX_CHARS: Final = 100_000  # of a page
_BROKEN: Final = "(cid:"


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The text and tables of a PDF. Raises `UnreadableError`."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    pages: list[Page] = []
    pictures = broken = count = 0
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for number, page in enumerate(pdf.pages):
                if number >= MAX_PAGES:
                    raise UnreadableError(f"more than {MAX_PAGES:,} pages; split the PDF")
                chars = _chars(page)
                count += len(chars)
                broken += sum(char.text.startswith(_BROKEN) for char in chars)
                pictures += bool(page.images) and len(chars) < 20
                pages.append(_page(page, chars))
                page.close()
    except Exception as error:
        if isinstance(error, PDFPasswordIncorrect) or isinstance(error.__cause__, PDFPasswordIncorrect):
            raise UnreadableError("a PDF that is protected by a password; save it without one") from error
        if any(isinstance(one, PDFPasswordIncorrect) for one in error.args):
            raise UnreadableError("a PDF that is protected by a password; save it without one") from error
        raise
    if not pages:
        raise UnreadableError("a PDF without pages; it is damaged, open it and save it anew")
    if count < 20 * len(pages) and pictures > 0.5 * len(pages):
        raise UnreadableError(
            "a scanned PDF: its pages are pictures without text; run OCR over it first (扫描件，请先做文字识别)"
        )
    if broken > 0.3 * count:
        raise UnreadableError(
            "a PDF whose fonts do not tell which characters they show; run OCR over it, or save it anew from its source"
        )
    layout = Layout()
    write_pages(layout, pages)
    return layout


def _chars(page: Any) -> list[Char]:
    """The characters of a page, blanks and what stands askew (watermarks) left out, each once."""
    seen: set[tuple[str, int, int]] = set()
    chars: list[Char] = []
    for one in page.chars:
        text = one["text"]
        if not text.strip() or not one["upright"]:
            continue
        size = one["bottom"] - one["top"]
        key = (text, round(one["x0"]), round(one["top"]))  # bold by printing twice
        if key in seen or size <= 0 or one["x1"] < 0 or one["x0"] > page.width:
            continue
        seen.add(key)
        chars.append(Char(text, one["x0"], one["x1"], one["top"], one["bottom"]))
        if len(chars) > _MAX_CHARS:
            raise UnreadableError("a page of more than 100,000 characters, which no report has; split the PDF")
    return chars


def _page(page: Any, chars: list[Char]) -> Page:
    """A page as lines and tables, from top to bottom."""
    tables: list[Table] = []
    if 4 <= len(page.lines) + len(page.rects) + len(page.curves) <= _MAX_EDGES:
        for found in page.find_tables():
            table, chars = _table(found, chars)
            if table is not None:
                tables.append(table)
    parts: list[Line | Table] = [*lines_of(chars), *tables]
    parts.sort(key=lambda part: (part.top, part.x0))
    return Page(parts, float(page.width), float(page.height))


def _table(found: Any, chars: list[Char]) -> tuple[Table | None, list[Char]]:
    """A table with its cells' words, and the characters that are not in it; no table where one cell is all there is."""
    boxes = [box for box in found.cells if box is not None]
    rights, downs = _edges(boxes, 0, 2), _edges(boxes, 1, 3)
    if len(boxes) < 4 or len(rights) < 3 or len(downs) < 3:
        return None, chars
    x0, top, x1, bottom = found.bbox
    owner: dict[tuple[int, int], int] = {}
    cells: list[Cell] = []
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        row, column = _index(downs, box[1]), _index(rights, box[0])
        below, beyond = max(row + 1, _index(downs, box[3])), max(column + 1, _index(rights, box[2]))
        for at in range(row, below):
            for across in range(column, beyond):
                owner.setdefault((at, across), len(cells))
        cells.append(Cell("", row, column, below - row, beyond - column))
    inside: list[list[Char]] = [[] for _ in cells]
    outside: list[Char] = []
    for char in chars:
        x, y = (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2
        index = None
        if x0 <= x <= x1 and top <= y <= bottom:
            index = owner.get((bisect_right(downs, y) - 1, bisect_right(rights, x) - 1))
        (outside if index is None else inside[index]).append(char)
    for cell, words in zip(cells, inside, strict=True):
        cell.text = join_cell(lines_of(words))
    if not any(cell.text for cell in cells):
        return None, chars
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Table(cells, x0, top, x1, bottom, tuple(rights)), outside


def _edges(boxes: Sequence[tuple[float, float, float, float]], one: int, two: int) -> list[float]:
    """The places of the lines of a grid, lines nearer than two points taken for one."""
    edges: list[float] = []
    for edge in sorted({box[at] for box in boxes for at in (one, two)}):
        if not edges or edge - edges[-1] > 2:
            edges.append(edge)
    return edges


def _index(edges: Sequence[float], place: float) -> int:
    return max(0, bisect_right(edges, place + 1) - 1)
