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

Field: TypeAlias = tuple[int, int]
Placed: TypeAlias = tuple[int, int, int, int, int, int]  # start, end, row, column, rowspan, colspan

MAX_PIECES: Final = 9  # of one torn row
MODELS: Final = 8  # rows below headings that tell where these belong

_LEAD: Final = re.compile(r"^[ \t]*\t", re.MULTILINE)
_LINE: Final = re.compile(r"[^\n]*\n?")
_LONG: Final = re.compile(r"^\t[^\r\n]{45}", re.MULTILINE)
_TITLE: Final = re.compile(r".{0,50}(?:[表单]|报告)(?:[（(].{1,16}[）)])?")
_FIGURE: Final = re.compile(r"[≥≤<>=]*[-+]?\d[\d,]*(?:\.\d+)?(?:%|分)?")
_FIRST_LEVEL: Final = re.compile(r"(?:产出|效益|效果|满意度|成本|管理|决策|过程|投入)(?:类)?指标")
_SECOND_LEVEL: Final = re.compile(
    r"(?:数量|质量|时效|成本|(?:经济|社会|生态)(?:效益|成本)|可持续.{2,4}|服务对象满意度?)(?:指标|$)"
)
_SPACE: Final = re.compile(r"\s+")


def find_word_tables(text: str, clean: str, columns: Columns) -> Iterator[tuple[int, int, str | None, list[Placed]]]:
    """Start, end, caption and placed cells of every table that is set in TAB cells."""
    if not _tabs_are_cells(clean):
        return
    for start, end in _regions(clean):
        rows = list(_rows(text, clean, start, end))
        for caption, part in _forms(clean, rows):
            joined = _join_torn(clean, part, columns)
            if not any(first < last for row in joined for first, last in row):
                continue
            cells = list(_placed(clean, joined, columns))
            spans = [one for row in joined for one in row]
            yield max(start, spans[0][0] - 1), max(last for _, last in spans), caption, cells


def _tabs_are_cells(clean: str) -> bool:
    """Whether a TAB at the beginning of a line marks a cell; in some texts it indents paragraphs."""
    total = clean.count("\n\t") + clean.startswith("\t")
    return bool(total) and sum(1 for _ in _LONG.finditer(clean)) <= 0.3 * total


def _regions(clean: str) -> Iterator[Field]:
    """Lines from the first that begins with a TAB to the last of its table."""
    position = 0
    while (lead := _LEAD.search(clean, position)) is not None:
        end = position = lead.start()
        blank = False
        while position < len(clean):
            line = _LINE.match(clean, position)
            if line is None or not line[0]:
                break
            words = line[0].strip()
            if not words:
                if line[0].startswith("\t") or "\t" in line[0]:
                    end, blank = line.end(), False
                else:
                    blank = blank or not line[0].strip("\r\n")
            elif line[0].lstrip(" ").startswith("\t") or not (blank or "\t" in words):
                end, blank = line.end(), False
            else:
                break
            position = line.end()
        yield lead.start(), end
        position = max(position, end)


def _rows(text: str, clean: str, start: int, end: int) -> Iterator[tuple[int, list[Field]]]:
    """Rows as they are printed, each with the number of blank lines before it."""
    tabs = _tabs(clean, start, end)
    row: list[Field] = []
    before = 0
    inner = sum(clean[at - 1 : at] not in ("\n", "", " ") for at in tabs) > len(tabs) // 2  # several cells in a line
    for at, after in zip(tabs, [*tabs[1:], end], strict=True):
        first, last = at + 1, after
        while first < last and clean[first].isspace():
            first += 1
        while last > first and clean[last - 1].isspace():
            last -= 1
        row.append((first, last) if first < last else (at + 1, at + 1))
        tail = after
        while tail > at + 1 and clean[tail - 1] in "\r\n \t" and text[tail - 1] != "\u3000":
            tail -= 1
        feeds = max(clean.count("\n", tail, after), clean.count("\r", tail, after))
        if feeds >= (1 if inner else 2) or after == end:
            yield before, row
            row, before = [], feeds - 1


def _tabs(clean: str, start: int, end: int) -> list[int]:
    found = []
    at = clean.find("\t", start, end)
    while at >= 0:
        found.append(at)
        at = clean.find("\t", at + 1, end)
    return found


def _forms(
    clean: str, rows: Sequence[tuple[int, list[Field]]]
) -> Iterator[tuple[str | None, list[tuple[int, list[Field]]]]]:
    """Parts of a run of rows, cut before each row that is a title."""
    caption: str | None = None
    part: list[tuple[int, list[Field]]] = []
    for before, row in rows:
        words = [one for one in row if one[0] < one[1]]
        title = _words(clean, words[0]) if len(words) == 1 and row[0] == words[0] else ""
        if title and len(title) <= 60 and _TITLE.fullmatch(title):
            if part:
                yield caption, part
            caption, part = title, []
        else:
            part.append((before, row))
    if part:
        yield caption, part


def _join_torn(clean: str, rows: Sequence[tuple[int, list[Field]]], columns: Columns) -> list[list[Field]]:
    """Rows again whole that a blank paragraph inside a cell has torn."""
    joined: list[list[Field]] = []
    width = 0
    number = 0
    while number < len(rows):
        row = rows[number][1]
        if is_header(clean, row, columns):
            width = len(row)
        if len(row) < width:
            pieces = _pieces(clean, rows, number, width)
            if pieces > 1:
                joined.append([one for _, part in rows[number : number + pieces] for one in part])
                number += pieces
                continue
        joined.append(row)
        number += 1
    return joined


def _pieces(clean: str, rows: Sequence[tuple[int, list[Field]]], number: int, width: int) -> int:
    """How many rows from `number` on are pieces of one; 1 where it stands alone."""
    total = len(rows[number][1])
    for count in range(2, MAX_PIECES + 1):
        if number + count > len(rows):
            return 1
        before, row = rows[number + count - 1]
        total += len(row)
        opens = row[0][0] == row[0][1] and len(row) > 1  # a row below a merged cell
        if total > width or (opens and before < 2):
            return 1
        if total == width:
            parts = [part for _, part in rows[number : number + count]]
            alike = all(len(part) == len(parts[0]) > 1 for part in parts)
            named = not any(_FIGURE.fullmatch(_words(clean, part[0])) for part in parts[1:])
            return 1 if alike and named else count
    return 1


def is_header(clean: str, row: Sequence[Field], columns: Columns) -> bool:
    """Whether a row is headings: two at least are known, at most one cell is something long, none is a figure."""
    known = 0
    for one in row:
        words = _words(clean, one)
        if words and (_FIGURE.fullmatch(words) or len(words) > 40):
            return False
        known += columns.heading(words).role in HEADS
    return known >= 2


HEADS: Final = FIGURES | LABELS | {"comparator", "unit", "goal", "result", "index", "note"}


def _placed(clean: str, rows: Sequence[Sequence[Field]], columns: Columns) -> Iterator[Placed]:
    """Cells with their columns; a short row is set below the headings that its figures fit."""
    width = max(map(len, rows), default=0)
    roles: list[str] = []
    headed = [is_header(clean, row, columns) for row in rows]
    for number, row in enumerate(rows):
        if headed[number]:
            roles = [columns.heading(_words(clean, one)).role for one in row]
            after = number + 1
            while after < len(rows) and after <= number + MODELS and not headed[after]:
                after += 1
            below = rows[number + 1 : after]
            if _stands_left(clean, roles, below, columns):
                wider = any(len(other) > len(row) for other in below)
                roles = ["", *roles] if wider else ["", *roles[:-1]]
                for column, one in enumerate(row):
                    first = wider and not column  # merged sideways
                    yield (*one, number, 0 if first else column + 1, 1, 2 if first else 1)
                continue
        total = _words(clean, next((one for one in row if one[0] < one[1]), row[0])) in columns.totals
        if roles and 1 < len(row) < len(roles) and total:
            seats = _seats_of_total(clean, row, roles)
        elif roles and len(row) == len(roles) - 1:
            right = _fit(clean, row, roles[1:], columns) > _fit(clean, row, roles, columns)
            seats = list(range(1, len(row) + 1)) if right else list(range(len(row)))
        else:
            seats = list(range(len(row)))
        for place, (one, column) in enumerate(zip(row, seats, strict=True)):
            following = seats[place + 1] if place + 1 < len(seats) else None
            span = (following or column + 1) - column
            if following is None and not total and len(row) < (len(roles) or width):
                span = max(1, (len(roles) or width) - column)
            yield (*one, number, column, 1, span)


def _fit(clean: str, row: Sequence[Field], roles: Sequence[str], columns: Columns) -> int:
    """How well cells go with the headings above them."""
    good = 0
    for role, one in zip(roles, row, strict=False):
        words = _words(clean, one)
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


def _stands_left(clean: str, roles: Sequence[str], below: Sequence[Sequence[Field]], columns: Columns) -> bool:
    """Whether headings stand one column too far left: a cell merged sideways above, or a heading printed twice."""
    wider = [row for row in below if len(row) == len(roles) + 1]
    if len(wider) * 2 > len(below):
        left = sum(_fit(clean, row, roles, columns) for row in wider)
        return sum(_fit(clean, row, ["", *roles], columns) for row in wider) > left
    alike = [row for row in below if len(row) == len(roles)]
    if alike and roles[0] == roles[-1] == "level":
        stay = sum(_fit(clean, row, roles, columns) for row in alike)
        return sum(_fit(clean, row, ["", *roles[:-1]], columns) for row in alike) > stay
    return False


def _seats_of_total(clean: str, row: Sequence[Field], roles: Sequence[str]) -> list[int]:
    """The columns of 合计 | 100 | 98 | : figures below full score and score, or flush right."""
    pair = [number for number, role in enumerate(roles) if role in ("full_score", "score")]
    figures = [number for number, one in enumerate(row) if number and _FIGURE.fullmatch(_words(clean, one))]
    if len(pair) == 2 and figures and len(figures) <= 2:
        first = pair[0] if len(figures) == 2 or _words(clean, row[figures[0]]) == "100" else pair[-1]
        if figures[0] == 2 and len(row) - figures[0] <= len(roles) - pair[1]:
            first = pair[1]  # 合计 | | 98
        seats = list(range(first - figures[0], first - figures[0] + len(row)))
        if seats[0] >= 0 and seats[-1] < len(roles):
            return [0, *seats[1:]]
    return [0, *range(len(roles) - len(row) + 1, len(roles))]


def _words(clean: str, one: Field) -> str:
    return _SPACE.sub("", clean[one[0] : one[1]])


__all__ = ["find_word_tables", "is_header"]
