"""XLSX: each sheet as its tables, numbers as their cells show them, merged cells as one.

Read with lxml straight from the package. Runners-up: openpyxl refuses many files of WPS and of reporting systems for
slips in their styles, and holds some fifty times the file in memory; python-calamine is fast and knows no number
formats, so that 95.84% would be 0.9584. Formulas are not calculated: what was last shown is read. Hidden sheets are
left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, Final

from extract.readers.layout import MAX_CELLS, Cell, Layout
from extract.readers.number_format import BUILT_IN, shown
from extract.readers.ooxml import Package, child, inside, name_of, value_of, words_of
from extract.readers.sheet import add_sheet, merge
from extract.source import UnreadableError

_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The sheets of an XLSX file that are shown. Raises `UnreadableError`."""
    package = Package(data)
    main = package.main_part("xl/workbook.xml")
    book = package.xml(main)
    if book is None:
        raise UnreadableError("an Excel file without a workbook in it; open it and save it anew")
    parts = package.related(main)
    by_kind = dict(parts.values())
    strings = _strings(package.xml(by_kind["sharedStrings"])) if "sharedStrings" in by_kind else []
    formats = _formats(package.xml(by_kind["styles"])) if "styles" in by_kind else []
    properties = child(book, "workbookPr")
    epoch_1904 = properties is not None and value_of(properties, "date1904") in ("1", "true")
    sheets = [
        sheet
        for sheet in inside(book, "sheets")
        if name_of(sheet) == "sheet" and value_of(sheet, "state") in (None, "visible")
    ]
    reader = _Sheets(strings, formats, epoch_1904)
    layout = Layout()
    for sheet in sheets:
        kind, target = parts.get(value_of(sheet, "id") or "", ("", ""))
        part = package.bytes(target) if kind == "worksheet" else None
        if part is None:
            continue
        rows, merged = reader.read(part)
        if len(sheets) > 1 and rows:
            layout.paragraph(value_of(sheet, "name") or "", level=1)
        add_sheet(layout, merge(rows, merged))
    return layout


class _Sheets:
    """Reads the cells of sheets with the strings and formats of their workbook."""

    def __init__(self, strings: list[str], formats: list[str], epoch_1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._epoch_1904 = epoch_1904

    def read(self, part: bytes) -> tuple[list[list[Cell]], list[tuple[int, int, int, int]]]:
        """The rows that hold something, and the merged ranges (first row, last row, first column, last column)."""
        from lxml import etree

        rows: list[list[Cell]] = []
        merged: list[tuple[int, int, int, int]] = []
        count = number = 0
        events = etree.iterparse(
            io.BytesIO(part), events=("end",), tag=("{*}row", "{*}mergeCell"), resolve_entities=False, no_network=True,
            load_dtd=False, recover=True, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for _, element in events:
            if name_of(element) == "mergeCell":
                first, _, last = (value_of(element, "ref") or "").partition(":")
                if (one := _REFERENCE.fullmatch(first)) and (two := _REFERENCE.fullmatch(last or first)):
                    merged.append((int(one[2]) - 1, int(two[2]) - 1, _column(one[1]), _column(two[1])))
                continue
            said = element.get("r") or ""
            number = int(said) if said.isdecimal() and len(said) < 8 and int(said) > number else number + 1
            row = list(self._row(element, number - 1))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
            count += len(row)
            if count > MAX_CELLS:
                raise UnreadableError(f"more than {MAX_CELLS:,} cells in one sheet; split it")
            if row:
                rows.append(row)
        return rows, merged

    def _row(self, element: Any, number: int) -> Iterator[Cell]:
        column = -1
        for one in element:
            if name_of(one) != "c":
                continue
            place = _REFERENCE.fullmatch(one.get("r") or "")
            at = _column(place[1]) if place else column + 1
            if at <= column:
                continue
            column = at
            text = self._words(one)
            if text:
                yield Cell(text, number, column)

    def _words(self, cell: Any) -> str:
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            inner = child(cell, "is")
            return _text_of(inner) if inner is not None else ""
        value = child(cell, "v")
        text = (value.text or "") if value is not None else ""
        if kind == "s":
            return self._strings[int(text)] if text.isdecimal() and int(text) < len(self._strings) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(text, "")
        if kind == "e" or not text:
            return ""
        if kind != "n":
            return text
        try:
            number = float(text)
        except ValueError:
            return text
        style = cell.get("s") or "0"
        index = int(style) if style.isdecimal() and len(style) < 7 else 0
        number_format = self._formats[index] if index < len(self._formats) else "General"
        return shown(number, number_format, epoch_1904=self._epoch_1904)


def _strings(root: Any) -> list[str]:
    return [] if root is None else [_text_of(one) for one in root if name_of(one) == "si"]


def _text_of(element: Any) -> str:
    """The words of a string, in runs or not, without what tells how to speak them."""
    pieces = []
    for one in element:
        if name_of(one) == "t":
            pieces.append(words_of(one))
        elif name_of(one) == "r":
            pieces += [words_of(inner) for inner in one if name_of(inner) == "t"]
    return "".join(pieces)


def _formats(root: Any) -> list[str]:
    """The number format of each cell style."""
    own: dict[int, str] = {}
    if root is None:
        return []
    for one in inside(root, "numFmts"):
        number = value_of(one, "numFmtId") or ""
        if number.isdecimal():
            own[int(number)] = value_of(one, "formatCode") or "General"
    formats = []
    for one in inside(root, "cellXfs"):
        number = value_of(one, "numFmtId") or "0"
        index = int(number) if number.isdecimal() else 0
        formats.append(own.get(index) or BUILT_IN.get(index, "General"))
    return formats


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
