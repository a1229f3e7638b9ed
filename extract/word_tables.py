"""The tables of a Word dump: a cell begins with a TAB, its further lines have none, a blank line ends the row.

The dump says nothing of merged cells. A cell merged downwards is empty in the rows below; one merged sideways takes
the place of several, so that its row is short. And a blank paragraph inside a cell looks like the end of a row. All
three are undone here with the help of the headings: a torn row is joined when its pieces fill the columns just, a short
one is set where its figures fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from extract.columns import FIGURES, LABELS, Columns
from extract.source import GivenCell

Field: TypeAlias = tuple[int, int, str]  # start, end, and the words without white space

MAX_PIECES: Final = 9  # of one torn row
MODELS: Final = 8  # rows below headings that tell where these belong

_CELL_LINES: Final = re.compile(r"(?: *\t[^\n]*\n?)++")
_LONG: Final = re.compile(r"\t(?<![^\n]\t)[^\r\n]{45}")
_TITLE: Final = re.compile(r".{0,50}(?:[表单]|报告)(?:[（(].{1,16}[）)])?")
_FIGURE: Final = re.compile(r"[≥≤<>=]*[-+]?\d[\d,]*(?:\.\d+)?(?:%|分)?")
_FIRST_LEVEL: Final = re.compile(r"(?:产出|效益|效果|满意度|成本|管理|决策|过程|投入)(?:类)?指标")
_SECOND_LEVEL: Final = re.compile(
    r"(?:数量|质量|时效|成本|(?:经济|社会|生态)(?:效益|成本)|可持续.{2,4}|服务对象满意度?)(?:指标|$)"
)


def find_word_tables(text: str, clean: str, columns: Columns) -> Iterator[tuple[int, int, str | None, list[GivenCell]]]:
    """Start, end, caption and placed cells of every table that is set in TAB cells."""
    if not _tabs_are_cells(clean):
        return
    for start, end in _regions(clean):
        rows = list(_rows(text, clean, start, end))
        for caption, part in _forms(rows):
            joined = _join_torn(part, columns)
            if not any(words for row in joined for _, _, words in row):
                continue
            cells = list(_placed(joined, columns))
            yield max(start, cells[0].start - 1), cells[-1].end, caption, cells


def _tabs_are_cells(clean: str) -> bool:
    """Whether a TAB at the beginning of a line marks a cell; in some texts it indents paragraphs."""
    total = clean.count("\n\t") + clean.startswith("\t")
    return bool(total) and sum(1 for _ in _LONG.finditer(clean)) <= 0.3 * total


def _regions(clean: str) -> Iterator[tuple[int, int]]:
    """Lines from the first that begins with a TAB to the last of its table."""
    position = 0
    while (start := _first_cell(clean, position)) >= 0:
        end = position = start
        blank = False
        while position < len(clean):
            cells = _CELL_LINES.match(clean, position)
            if cells is not None:
                end = position = cells.end()
                blank = False
                continue
            after = clean.find("\n", position) + 1 or len(clean)
            line = clean[position:after]
            words = line.strip()
            if words and (blank or "\t" in words):
                break
            if words or "\t" in line:
                end, blank = after, False
            else:
                blank = blank or not line.strip("\r\n")
            position = after
        yield start, end
        position = max(position, end)


def _first_cell(clean: str, position: int) -> int:
    """Where the next line begins that begins with a TAB, -1 where none does; `position` is the beginning of a line."""
    while (tab := clean.find("\t", position)) >= 0:
        start = max(position, clean.rfind("\n", position, tab) + 1)
        if not clean[start:tab].strip(" "):
            return start
        position = clean.find("\n", tab) + 1
        if not position:
            break
    return -1


def _rows(text: str, clean: str, start: int, end: int) -> Iterator[tuple[int, list[Field]]]:
    """Rows as they are printed, each with the number of blank lines before it."""
    lead, *fields = clean[start:end].split("\t")
    followed = sum(field[-1:] not in ("\n", " ") for field in fields[:-1])
    enough = 1 if followed > len(fields) // 2 else 2  # line feeds that end a row: one where a line has several cells
    row: list[Field] = []
    before = 0
    after = start + len(lead)
    for field in fields:
        first = after + 1
        after = first + len(field)
        last = first + len(field.rstrip())
        words = field.strip()
        row.append((last - len(words), last, "".join(words.split())) if words else (first, first, ""))
        feeds = _feeds(text, clean, first + len(field.rstrip("\r\n ")), after) if after - last >= enough else 0
        if feeds >= enough or after == end:
            yield before, row
            row, before = [], feeds - 1


def _feeds(text: str, clean: str, start: int, end: int) -> int:
    """Line feeds in the white space after a cell; a wide blank is part of the cell."""
    start = max(start, text.rfind("\u3000", start, end) + 1)
    return max(clean.count("\n", start, end), clean.count("\r", start, end))


def _forms(
    rows: Sequence[tuple[int, list[Field]]],
) -> Iterator[tuple[str | None, list[tuple[int, list[Field]]]]]:
    """Parts of a run of rows, cut before each row that is a title."""
    caption: str | None = None
    part: list[tuple[int, list[Field]]] = []
    for before, row in rows:
        title = row[0][2] if not any(words for _, _, words in row[1:]) else ""
        if title and len(title) <= 60 and _TITLE.fullmatch(title):
            if part:
                yield caption, part
            caption, part = title, []
        else:
            part.append((before, row))
    if part:
        yield caption, part


def _join_torn(rows: Sequence[tuple[int, list[Field]]], columns: Columns) -> list[list[Field]]:
    """Rows again whole that a blank paragraph inside a cell has torn."""
    joined: list[list[Field]] = []
    width = 0
    number = 0
    while number < len(rows):
        row = rows[number][1]
        if len(row) != width and _is_header(row, columns):
            width = len(row)
        if len(row) < width:
            pieces = _pieces(rows, number, width)
            if pieces > 1:
                joined.append([one for _, part in rows[number : number + pieces] for one in part])
                number += pieces
                continue
        joined.append(row)
        number += 1
    return joined


def _pieces(rows: Sequence[tuple[int, list[Field]]], number: int, width: int) -> int:
    """How many rows from `number` on are pieces of one; 1 where it stands alone."""
    total = len(rows[number][1])
    for count in range(2, MAX_PIECES + 1):
        if number + count > len(rows):
            return 1
        before, row = rows[number + count - 1]
        total += len(row)
        opens = not row[0][2] and len(row) > 1  # a row below a merged cell
        if total > width or (opens and before < 2):
            return 1
        if total == width:
            parts = [part for _, part in rows[number : number + count]]
            alike = all(len(part) == len(parts[0]) > 1 for part in parts)
            named = not any(_FIGURE.fullmatch(part[0][2]) for part in parts[1:])
            return 1 if alike and named else count
    return 1


def _is_header(row: Sequence[Field], columns: Columns) -> bool:
    """Whether a row is headings: two at least are known, at most one cell is something long, none is a figure."""
    known = 0
    for _, _, words in row:
        if words and (_FIGURE.fullmatch(words) or len(words) > 40):
            return False
        known += columns.heading(words).role in HEADS
    return known >= 2


HEADS: Final = FIGURES | LABELS | {"comparator", "unit", "goal", "result", "index", "note"}


def _placed(rows: Sequence[Sequence[Field]], columns: Columns) -> Iterator[GivenCell]:
    """Cells with their columns; a short row is set below the headings that its figures fit."""
    width = max(map(len, rows), default=0)
    roles: list[str] = []
    headed = [_is_header(row, columns) for row in rows]
    for number, row in enumerate(rows):
        if headed[number]:
            roles = [columns.heading(words).role for _, _, words in row]
            after = number + 1
            while after < len(rows) and after <= number + MODELS and not headed[after]:
                after += 1
            below = rows[number + 1 : after]
            if _stands_left(roles, below, columns):
                wider = any(len(other) > len(row) for other in below)
                roles = ["", *roles] if wider else ["", *roles[:-1]]
                for column, (start, end, _) in enumerate(row):
                    first = wider and not column  # merged sideways
                    yield GivenCell(start, end, number, 0 if first else column + 1, 1, 2 if first else 1)
                continue
        total = next((words for _, _, words in row if words), "") in columns.totals
        if roles and 1 < len(row) < len(roles) and total:
            seats = _seats_of_total(row, roles)
        elif roles and len(row) == len(roles) - 1:
            right = _fit(row, roles[1:], columns) > _fit(row, roles, columns)
            seats = list(range(1, len(row) + 1)) if right else list(range(len(row)))
        else:
            seats = list(range(len(row)))
        reach = seats[-1] + 1
        if not total and len(row) < (len(roles) or width):
            reach = max(reach, len(roles) or width)
        for (start, end, _), column, following in zip(row, seats, [*seats[1:], reach], strict=True):
            yield GivenCell(start, end, number, column, 1, following - column)


def _fit(row: Sequence[Field], roles: Sequence[str], columns: Columns) -> int:
    """How well cells go with the headings above them."""
    good = 0
    for role, (_, _, words) in zip(roles, row, strict=False):
        if not words or words in columns.nothing:
            continue
        if "%" in words and role in ("score", "full_score", "completion"):
            good += 1 if role == "completion" else -2
        figure = _FIGURE.fullmatch(words) is not None
        if role in LABELS:
            level = _FIRST_LEVEL if role == "level" and role == roles[0] else _SECOND_LEVEL
            good += -2 if figure else 1 + bool(level.match(words))
        elif role in FIGURES:
            good += 2 if figure else -1 if role in ("score", "full_score", "completion") else 0
    return good


def _stands_left(roles: Sequence[str], below: Sequence[Sequence[Field]], columns: Columns) -> bool:
    """Whether headings stand one column too far left: a cell merged sideways above, or a heading printed twice."""
    wider = [row for row in below if len(row) == len(roles) + 1]
    if len(wider) * 2 > len(below):
        left = sum(_fit(row, roles, columns) for row in wider)
        return sum(_fit(row, ["", *roles], columns) for row in wider) > left
    alike = [row for row in below if len(row) == len(roles)]
    if alike and roles[0] == roles[-1] == "level":
        stay = sum(_fit(row, roles, columns) for row in alike)
        return sum(_fit(row, ["", *roles[:-1]], columns) for row in alike) > stay
    return False


def _seats_of_total(row: Sequence[Field], roles: Sequence[str]) -> list[int]:
    """The columns of 合计 | 100 | 98 | : figures below full score and score, or flush right."""
    pair = [number for number, role in enumerate(roles) if role in ("full_score", "score")]
    figures = [number for number, one in enumerate(row) if number and _FIGURE.fullmatch(one[2])]
    if len(pair) == 2 and figures and len(figures) <= 2:
        first = pair[0] if len(figures) == 2 or row[figures[0]][2] == "100" else pair[-1]
        if figures[0] == 2 and len(row) - figures[0] <= len(roles) - pair[1]:
            first = pair[1]  # 合计 | | 98
        seats = list(range(first - figures[0], first - figures[0] + len(row)))
        if seats[0] >= 0 and seats[-1] < len(roles):
            return [0, *seats[1:]]
    return [0, *range(len(roles) - len(row) + 1, len(roles))]


__all__ = ["find_word_tables"]
