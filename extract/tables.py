"""What the cells of a table say, told by its headings: targets, results, budgets, scores, and pairs of them.

Read `TableReader.read` first. A grid is walked from top to bottom. A row of headings opens a band: the rows below it are
read by them, until the next headings. Other rows are form fields (项目名称 beside its content), headings beside their
figures, or text. What became of each cell is kept (`Seen.status`), so that nothing is lost unnoticed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from extract.cell_values import CellFigure, CellReader
from extract.columns import FIGURES, LABELS, TEXTS, Columns, Heading, Unit
from extract.grids import Grid, GridCell
from extract.patterns import Pack
from extract.quantities import QuantityFinder
from extract.source import View

PROSE_LENGTH: Final = 20  # a cell longer than this with a comma or a full stop is running text

# what may become of a cell
STATUSES: Final = (
    "header", "label", "figure", "words", "nothing", "empty", "unit", "note", "index", "field", "prose", "text",
    "unread",
)  # fmt: skip

_CONTENT: Final = FIGURES | {"goal", "result"}
_INLINE: Final = re.compile(r"(?:其中)?[:：]?(?P<name>[^:：\d]{2,20})[:：](?P<figure>[≥≤]?[-+]?\d[\d,]*(?:\.\d+)?\S{0,4})")
_COLON: Final = re.compile(r"[^。；]{2,12}[:：][^。；]{0,30}")
_CHART_END: Final = re.compile(r"(?:总体)?(?:变动|结构|构成|对比|分布)?(?:情况|趋势)?(?:[图表]|示意图)?$")
_SCORED: Final = re.compile(r"^(.{2,12}?)[（(](?:共|满分|权重)?(\d{1,3}(?:\.\d+)?)分[）)]$")
_TITLE_SCORE: Final = re.compile(r"(?:分值|得分|权重|评分|总分)$")
_CODE: Final = re.compile(r"^[0-9A-Z]{8,}[-—_:：]")
_MARK: Final = re.compile(r"[，。；]")
_DIGIT: Final = re.compile(r"\d")
_NUMBER: Final = re.compile(r"[≥≤<>=]*[-+]?\d[\d,]*(?:\.\d+)?%?")


class Name(Struct, frozen=True):
    """An indicator: its words and where they stand, in source offsets; `known_as` is its name in the lexicon."""

    text: str
    start: int
    end: int
    known_as: str = ""


class Seen(Struct):
    """A cell with its text (without white space), the source offsets of its characters, and what became of it.

    Row and column are those in which it is read: of a table on its side they are exchanged.
    """

    cell: GridCell
    text: str
    places: list[int]
    row: int
    column: int
    rowspan: int
    colspan: int
    status: str = "empty"
    role: str = ""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of text[start:end]."""
        return self.places[start], self.places[end - 1] + 1


class Saying(Struct, frozen=True):
    """A figure of a cell and what it says; `start` to `end` are its source offsets."""

    start: int
    end: int
    text: str
    figure: CellFigure
    name: Name | None
    role: str
    year: int | None
    row: tuple[int, int]
    rule: str


class TableSide(Struct, frozen=True):
    """One side of a pair: a saying, or words."""

    text: str
    start: int
    end: int
    saying: Saying | None


class TablePair(Struct, frozen=True):
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


class _Band:
    """Headings and what they say of the columns below them."""

    def __init__(self, heads: list[Heading], unit: Unit | None) -> None:
        self.heads = heads
        self.roles = [head.role for head in heads]
        self.unit = unit
        first = next((at for at, role in enumerate(self.roles) if role in _CONTENT), min(1, len(heads)))
        self.labels = [
            at
            for at, role in enumerate(self.roles)
            if role in LABELS or (at < first and role not in ("index", "unit", "comparator", "note"))
        ]
        years = {head.year for head in heads if head.year is not None and head.role in ("executed", "value")}
        self.base_year = min(years) if len(years) == 2 and max(years) - min(years) == 1 else None  # noqa: PLR2004
        self.carried: dict[int, Seen] = {}  # labels of merged cells


class TableReader:
    """Reads tables with one grammar."""

    def __init__(self, pack: Pack, quantities: QuantityFinder) -> None:
        self.columns = Columns(pack, quantities)
        self.values = CellReader(pack, quantities, self.columns)

    def read(self, grid: Grid, view: View, *, unit: Unit | None, caption: str | None) -> ReadTable:
        """All that one grid says; `unit` is what stands above it (单位：万元)."""
        return _Reading(self, grid, view, unit, caption).run()


class _Reading:
    """The reading of one grid."""

    def __init__(self, reader: TableReader, grid: Grid, view: View, unit: Unit | None, caption: str | None) -> None:
        self.columns = reader.columns
        self.values = reader.values
        self.unit = unit
        self.grid = grid
        self.width = grid.shape[1]
        self.lines: list[list[Seen]] = [[] for _ in range(grid.shape[0])]
        self.at: list[list[Seen | None]] = [[None] * self.width for _ in range(grid.shape[0])]
        cells = []
        for cell in grid.cells:
            first = bisect_left(view.places, cell.start)
            last = bisect_left(view.places, cell.end)
            places = [at for at in range(first, last) if view.text[at] != "\n"]
            seen = Seen(cell, "".join([view.text[at] for at in places]), [view.places[at] for at in places], cell.row, cell.column, cell.rowspan, cell.colspan)
            cells.append(seen)
            self.lines[cell.row].append(seen)
            for row in range(cell.row, min(cell.row + cell.rowspan, len(self.at))):
                for column in range(cell.column, min(cell.column + cell.colspan, self.width)):
                    self.at[row][column] = seen
        self.table = ReadTable(grid, caption, cells, [], [], None, [], [])
        self.band: _Band | None = None
        self.turned = False
        self.fields: dict[str, Saying] = {}  # figures of the form fields that follow one another

    def run(self) -> ReadTable:
        """Walk through the rows."""
        self.table.rows = [[seen.text if seen is not None else "" for seen in line] for line in self.at]
        if self._lies_on_its_side():
            self._transpose()
        headed = False
        for number, line in enumerate(self.lines):
            words = [seen for seen in line if seen.text]
            if not words:
                continue
            kind = self._kind(number, line, words, headed)
            headed = kind == "header"
            if kind != "fields":
                self._close_fields()
            if kind == "header":
                self._open(number, line)
            elif kind == "fields":
                self._fields(line)
            elif kind == "data" and self.band is not None:
                self._data(number, self.band)
            else:
                self._loose(words)
        self._close_fields()
        return self.table

    # --- what a row is ---------------------------------------------------------------------------------------------
    def _kind(self, number: int, line: Sequence[Seen], words: Sequence[Seen], headed: bool) -> str:
        own = [seen for seen in words if seen.row == number]
        heads = [self.columns.heading(seen.text) for seen in own]
        figures = sum(_NUMBER.fullmatch(seen.text) is not None for seen in own)
        known = sum(head.role in FIGURES or head.role in LABELS or head.role in ("goal", "result", "comparator", "unit", "index") for head in heads)
        marked = bool(own) and all(seen.cell.header for seen in own)
        if marked and not known and len(own) % 2 == 0 and all(head.role in ("subject", "field") for head in heads[::2]):
            return "fields"
        if marked and (len(own) > 1 or self.grid.form == "chart") and not (figures and self.band):
            return "header"
        if not figures and (known >= 2 or (known and headed and known * 2 >= len(own))):
            return "header"
        if headed and not figures and number and any(seen.row < number for seen in words) and len(own) < self.width:
            return "header"  # the second row of merged headings
        short = self.band is None or len(own) * 2 <= max(4, len(self.band.heads))
        if own and heads[0].role in ("subject", "field", "note") and short:
            return "fields"
        if len(own) > 1 and all(_COLON.fullmatch(seen.text) and not _INLINE.fullmatch(seen.text) for seen in own):
            return "fields"
        if figures and heads and self._alternates(own, heads):
            return "fields"
        if self.band is None or (len(line) == 2 and len(self.band.heads) > 3):
            following = self._next(number)
            if not figures and len(own) > 1 and following and self._heads_of(own, following):
                return "header"
        if self._opens_anew(number, line, own, figures):
            return "header"
        return "data" if self.band is not None else "loose"

    def _next(self, number: int) -> list[Seen]:
        return next((line for line in self.lines[number + 1 :] if any(seen.text for seen in line)), [])

    def _heads_of(self, own: Sequence[Seen], following: Sequence[Seen]) -> bool:
        """Whether short words stand above figures."""
        figures = [seen for seen in following if _NUMBER.fullmatch(seen.text)]
        return (
            all(len(seen.text) <= 20 for seen in own)
            and len(figures) >= max(1, (len(own) - 1) // 2)
            and following[0] not in figures[:-1]
        )

    def _opens_anew(self, number: int, line: Sequence[Seen], own: Sequence[Seen], figures: int) -> bool:
        """Whether a full row of short words without a known heading has a row of figures of its own below it."""
        if self.band is None or figures or len(own) < 3 or len(own) < len(line) or len(line) == len(self.band.heads):
            return False
        following = self._next(number)
        return len(following) == len(line) and all(len(seen.text) <= 20 for seen in own)

    def _alternates(self, own: Sequence[Seen], heads: Sequence[Heading]) -> bool:
        """年初预算数 | 40 | 全年预算数 | 38: headings beside their figures."""
        pairs = [
            (head, after)
            for head, after in zip(heads, own[1:], strict=False)
            if head.role in FIGURES and _NUMBER.fullmatch(after.text)
        ]
        return bool(pairs) and heads[0].role in FIGURES and len(pairs) * 2 >= len(own) - 1

    def _lies_on_its_side(self) -> bool:
        """Whether the headings (目标值, 完成值) stand in the first column."""
        firsts = [line[0] for line in self.lines if line and line[0].text]
        known = sum(self.columns.heading(seen.text).role in FIGURES for seen in firsts)
        if known < 2 or len(self.lines) > 12 or len(firsts) > len(self.lines) or not self.lines[0]:
            return False
        top = [seen for seen in self.lines[0][1:] if seen.text]
        roles = sum(bool(self.columns.heading(seen.text).role) for seen in top)
        return known * 2 >= len(firsts) - 1 and not roles and len(top) > 1 and not any(_NUMBER.fullmatch(one.text) for one in top)

    def _transpose(self) -> None:
        height = len(self.lines)
        lines: list[list[Seen]] = [[] for _ in range(self.width)]
        turned: list[list[Seen | None]] = [[None] * height for _ in range(self.width)]
        for row, line in enumerate(self.at):
            for column, seen in enumerate(line):
                turned[column][row] = seen
                if seen is not None and seen not in lines[column]:
                    lines[column].append(seen)
        self.at, self.lines, self.width, self.turned = turned, lines, height, True
        for seen in self.table.cells:
            seen.row, seen.column, seen.rowspan, seen.colspan = seen.column, seen.row, seen.colspan, seen.rowspan

    # --- rows ------------------------------------------------------------------------------------------------------
    def _open(self, number: int, line: Sequence[Seen]) -> None:
        """A row of headings: a new band, or more of the one that the row above opened."""
        for seen in line:
            if seen.text:
                seen.status = "header"
        self._scores_in_labels([seen for seen in line if seen.text])
        above = self.table.header and number and any(
            seen is not None and seen.status == "header" for seen in self.at[number - 1]
        )
        self.table.header.append([seen.text if seen is not None else "" for seen in self.at[number]])
        heads = []
        unit = None
        for column in range(self.width):
            stack = [self.at[number][column]]
            if above:
                up = number - 1
                while up >= 0 and (over := self.at[up][column]) is not None and over.status == "header":
                    stack.insert(0, over)
                    up -= 1
            heads.append(self._joined(list(_unique(stack))))
        for head in heads:
            if head.role not in FIGURES and head.unit is not None and unit is None:
                unit = head.unit  # 项目资金（万元）| … | 年初预算数
        self.band = _Band(heads, unit)

    def _joined(self, stack: Sequence[Seen]) -> Heading:
        """One heading of all that stand over a column, the lowest first."""
        heads = [self.columns.heading(seen.text) for seen in stack if seen.text]
        if not heads:
            return Heading("", "", None, None, "")
        lowest = heads[-1]
        said = next((head for head in reversed(heads) if head.role in FIGURES), None)
        named = lowest if lowest.role and lowest.role not in ("field", "subject") or said is None else said
        if named.role == "value" and said is not None:
            said = next((head for head in reversed(heads) if head.role in FIGURES and head.role != "value"), None)
            named = said or named
        return Heading(
            lowest.text,
            named.role,
            next((head.unit for head in reversed(heads) if head.unit is not None), None),
            next((head.year for head in reversed(heads) if head.year is not None), None),
            named.rule,
        )

    def _fields(self, line: Sequence[Seen]) -> None:
        """Form fields: 项目名称 | …, 年初预算数 | 40 | 执行率 | 98%."""
        name: Heading | None = None
        title = next((seen for seen in line if seen.text), None)
        for seen in line:
            if not seen.text:
                continue
            head = self.columns.heading(seen.text)
            if _COLON.fullmatch(seen.text) and not head.role:
                seen.status, name = "field", None
                continue
            if name is None and (head.role or len(seen.text) <= 12) and not _NUMBER.fullmatch(seen.text):
                seen.status, name = "field", head
                continue
            if name is None:
                self._loose([seen])
                continue
            if name.role == "subject" and self.table.subject is None:
                self.table.subject = _CODE.sub("", seen.text)
            figure = None
            if name.role in FIGURES or _NUMBER.fullmatch(seen.text):
                figure = self.values.figure(seen.text, name.unit or self.unit)
            if figure is not None and name.role in FIGURES:
                owner = self._owner(title)
                saying = self._say(seen, figure, owner, name, self._row(line), {})
                self.fields.setdefault(name.role, saying)
            elif not self._is_prose(seen):
                seen.status = "nothing" if self.values.is_nothing(seen.text) else "field"
            name = None

    def _close_fields(self) -> None:
        """Pair the figures of the form fields that stood one after the other."""
        if self.fields:
            sides = {role: TableSide(one.text, one.start, one.end, one) for role, one in self.fields.items()}
            rows = [one.row for one in self.fields.values()]
            actual = self.fields.get("executed") or self.fields.get("actual")
            self._pair(sides, actual.name if actual else None, (min(rows)[0], max(end for _, end in rows)))
            self.fields = {}

    def _owner(self, title: Seen | None) -> Name | None:
        subject = self.table.subject
        for seen in self.table.cells:
            if subject and seen.text and _CODE.sub("", seen.text) == subject:
                return Name(subject, seen.cell.start, seen.cell.end)
        return Name(title.text, title.cell.start, title.cell.end) if title is not None else None

    def _loose(self, words: Sequence[Seen]) -> None:
        for seen in words:
            if not self._is_prose(seen):
                seen.status = "unread" if _NUMBER.fullmatch(seen.text) else "text"

    def _is_prose(self, seen: Seen) -> bool:
        if len(seen.text) > PROSE_LENGTH and _MARK.search(seen.text):
            seen.status = "prose"
            return True
        return False

    def _row(self, line: Sequence[Seen]) -> tuple[int, int]:
        spans = [(seen.cell.start, seen.cell.end) for seen in line if seen.text]
        return min(start for start, _ in spans), max(end for _, end in spans)

    def _data(self, number: int, band: _Band) -> None:
        """One row below headings."""
        line = self.at[number]
        own = [seen for seen in self.lines[number] if seen.text]
        if self._beside_its_name(number, own, band):
            return
        labels: list[Seen] = []
        fresh = False
        for column in band.labels:
            seen = line[column] if column < len(line) else None
            if seen is not None and not band.roles[column] and _NUMBER.fullmatch(seen.text):
                continue  # 编制数 over 54: no label, though no heading is known
            if seen is not None and seen.text:
                if not any(seen is other for other in labels):
                    labels.append(seen)
                if seen.row == number:
                    fresh = True
                    for later in [at for at in band.carried if at > column]:
                        del band.carried[later]
                band.carried[column] = seen
            elif column in band.carried and (not fresh or band.roles[column] == "level"):
                if self._may_fill(band, column, own):
                    labels.append(band.carried[column])
                    if not self.turned:
                        self.table.rows[number][column] = band.carried[column].text
        for seen in labels:
            if not seen.status or seen.status == "empty":
                seen.status = "label"
        fresh_labels = [seen for seen in labels if seen.row <= number and self._is_of_row(seen, number)]
        total = bool(own) and own[0].text in self.columns.totals
        self._scores_in_labels(fresh_labels)
        named = fresh_labels or labels
        key = named[-1] if named else None
        if key is not None and key.text in self.columns.nothing:
            for seen in own:
                if seen is key or self.values.is_nothing(seen.text):
                    seen.status = "nothing"
            key = labels[-2] if len(labels) > 1 else None
        name = self._name(key, labels, total)
        unit, bound = None, None
        for column, role in enumerate(band.roles):
            seen = line[column]
            if seen is None or not seen.text or seen.row != number or seen.colspan > 1:
                continue
            if role == "unit":
                unit, seen.status = self.columns.unit(seen.text), "unit"
            elif role == "comparator":
                bound, seen.status = self.values.comparators.get(seen.text), "unit"
        said: dict[str, TableSide] = {}
        extra: dict[int, Saying] = {}
        done: set[int] = set()
        span = self._row(own)
        for column, head in enumerate(band.heads):
            seen = line[column]
            if seen is None or not seen.text or id(seen) in done or seen in labels or seen.row != number:
                continue
            done.add(id(seen))
            if head.role in ("unit", "comparator"):
                continue
            self._cell(seen, head, band, key, name, unit, bound, span, said, extra, total)
        for seen in own:
            if seen.status == "empty":
                self._loose([seen])
        self._share_unit(said)
        self._pair(said, name, span)

    def _share_unit(self, said: dict[str, TableSide]) -> None:
        """32.8万 beside 32.81万人: a side without a unit has that of the other, where both are scaled alike."""
        for one, other in (("target", "actual"), ("actual", "target")):
            bare, full = said.get(one), said.get(other)
            if bare is None or full is None or bare.saying is None or full.saying is None:
                continue
            figure, model = bare.saying.figure, full.saying.figure
            if figure.unit is not None or model.unit is None or _scaled(bare.text) != _scaled(full.text):
                continue
            shared = msgspec.structs.replace(figure, kind=model.kind, unit=model.unit, inherited=True)
            saying = msgspec.structs.replace(bare.saying, figure=shared)
            self.table.sayings[self.table.sayings.index(bare.saying)] = saying
            said[one] = TableSide(bare.text, bare.start, bare.end, saying)

    def _beside_its_name(self, number: int, own: Sequence[Seen], band: _Band) -> bool:
        """A short row of cells that each hold name and figure: 其中：基本支出：804.32; true where it is none to align."""
        matches = [_INLINE.fullmatch(seen.text) for seen in own]
        told = any(matches)
        if not told and not all(_COLON.fullmatch(seen.text) for seen in own):
            return False
        head = next((head for head in band.heads if head.role in FIGURES), Heading("", "value", None, None, ""))
        for seen, match in zip(own, matches, strict=True):
            figure = None
            if match is not None:
                unit = head.unit or band.unit or self.unit
                figure = self.values.figure(match["figure"], unit, money=self.columns.is_money(match["name"]))
            if match is None or figure is None:
                if not self._is_prose(seen):
                    seen.status = "label"
                continue
            name = Name(match["name"], *seen.span(*match.span("name")))
            self._say(seen, figure, name, head, self._row(own), {}, band, match.start("figure"))
        return True

    def _is_of_row(self, seen: Seen, number: int) -> bool:
        return seen.row == number or seen.row + seen.rowspan > number

    def _may_fill(self, band: _Band, column: int, own: Sequence[Seen]) -> bool:
        """A merged label goes on below in level columns, and in others while the row holds figures or words."""
        return self.grid.form == "word" and (band.roles[column] in LABELS or column == band.labels[0]) and bool(own) and (
            own[0].text not in self.columns.totals
        )

    def _cell(
        self,
        seen: Seen,
        head: Heading,
        band: _Band,
        key: Seen | None,
        name: Name | None,
        unit: Unit | None,
        bound: str | None,
        span: tuple[int, int],
        said: dict[str, TableSide],
        extra: dict[int, Saying],
        total: bool,
    ) -> None:
        """One cell below a heading."""
        role = head.role
        if self.values.is_nothing(seen.text):
            seen.status = "nothing"
            return
        if role == "index":
            seen.status = "index"
            return
        if role in TEXTS:
            seen.role = role
            if not self._is_prose(seen):
                seen.status = "note" if role == "note" else "text"
            return
        if role not in FIGURES and not _NUMBER.fullmatch(seen.text):
            if role == "" and head.text and not self._is_prose(seen):
                seen.status = "text"
            return
        if total and role not in FIGURES:
            seen.status = "unread"
            return
        if len(seen.text) > PROSE_LENGTH and _MARK.search(seen.text):
            seen.status, seen.role = "prose", role
            return
        if seen.text in self.values.comparators:
            seen.status = "unit"
            return
        figure = self.values.figure(
            seen.text, self._unit_for(head, band, key, unit), money=key is not None and self.columns.is_money(key.text)
        )
        if figure is None:
            seen.status, seen.role = "words", role
            said.setdefault(self._side_of(role), TableSide(seen.text, seen.cell.start, seen.cell.end, None))
            return
        if role == "" and name is not None and head.text and not head.year and self.grid.form != "chart":
            name = name if head.text in self.columns.thin else Name(f"{name.text}·{head.text}", name.start, name.end)
        elif role == "" and head.text:
            above = next((one for one in self.table.cells if one.status == "header" and one.column == seen.column), None)
            name = Name(head.text, above.cell.start, above.cell.end) if above is not None else None
        target = role in ("target",) and bound is not None and figure.comparator == "="
        said_role = self._side_of(role)
        saying = self._say(seen, figure, name, head, span, {"bound": bound} if target and bound else {}, band)
        if said_role in said and said_role == "actual":
            if (head.year or 0) >= (said[said_role].saying.year or 0 if said[said_role].saying else 0):
                said[said_role] = TableSide(saying.text, saying.start, saying.end, saying)
        elif saying.role != "previous":
            said[said_role] = TableSide(saying.text, saying.start, saying.end, saying)

    @staticmethod
    def _side_of(role: str) -> str:
        return "executed" if role == "executed" else role

    def _unit_for(self, head: Heading, band: _Band, key: Seen | None, unit: Unit | None) -> Unit | None:
        """The unit of a bare figure: of its column, its row, the band, or the table."""
        role = head.role
        if role in ("score", "full_score"):
            return self.columns.unit("分")
        if role in ("completion", "growth", "share"):
            return self.columns.unit("%")
        label = self.columns.label_unit(key.text) if key is not None else None
        if role in ("budget", "budget_adjusted", "executed"):
            return head.unit or label or band.unit or unit or self.unit
        if unit is not None:
            return unit
        found = label or head.unit or band.unit or self.unit
        if found is not None and found.kind == "money" and label is None and key is not None:
            words = key.text + head.text
            if words.endswith(("率", "比例", "占比", "人数", "户数", "家数", "次数", "数量", "编制数")):
                return self.columns.unit("%") if words.endswith(("率", "比例", "占比")) else None
        if found is None and head.text.endswith("率") and role in ("", "value"):
            return self.columns.unit("%")
        return found

    def _say(
        self,
        seen: Seen,
        figure: CellFigure,
        name: Name | None,
        head: Heading,
        span: tuple[int, int],
        told: dict[str, str | None],
        band: _Band | None = None,
        offset: int = 0,
    ) -> Saying:
        """Note what a figure says; its places count from `offset` in the cell."""
        role = {"executed": "actual", "value": "actual", "": "actual"}.get(head.role, head.role)
        if band is not None and role == "actual" and head.year is not None and head.year == band.base_year:
            role = "previous"
        if told.get("bound"):
            figure = CellFigure(
                figure.start, figure.end, figure.kind, figure.value, figure.unit, str(told["bound"]), figure.approx,
                figure.low, figure.high, figure.bare, figure.inherited,
            )  # fmt: skip
        seen.status, seen.role = "figure", role
        start, end = seen.span(offset + figure.start, offset + figure.end)
        saying = Saying(
            start,
            end,
            seen.text[offset + figure.start : offset + figure.end],
            figure,
            name,
            role,
            head.year,
            span,
            head.rule.replace("column.", "table.") or "table.value",
        )
        self.table.sayings.append(saying)
        return saying

    # --- names and pairs -------------------------------------------------------------------------------------------
    def _name(self, key: Seen | None, labels: Sequence[Seen], total: bool) -> Name | None:
        """The indicator of a row: its label, with what stands above it where the label says too little."""
        if key is None:
            return None
        first, last = self.columns.label(key.text)
        text = key.text[first:last]
        if not text:
            return None
        start, end = key.span(first, last)
        if text in self.columns.thin and not total:
            parent = next((one for one in reversed(labels) if one is not key and one.text not in self.columns.thin), None)
            above = self._above(key) if parent is None else parent.text
            if above:
                one, two = self.columns.label(above)
                text = above[one:two] + text
        if self.grid.form == "chart":
            text = _CHART_END.sub("", text) or text
        return Name(text, start, end, "总分" if total and self._has_scores() else "")

    def _has_scores(self) -> bool:
        return self.band is not None and "score" in self.band.roles

    def _above(self, key: Seen) -> str:
        """The heading over a label."""
        for seen in reversed(self.table.cells):
            if seen.status == "header" and seen.row < key.row and seen.column == key.column:
                return self.columns.heading(seen.text).text
        return ""

    def _scores_in_labels(self, labels: Sequence[Seen]) -> None:
        """产出指标（50分）: the points that a label gives."""
        for seen in labels:
            match = _SCORED.match(seen.text)
            if match is None or seen.role == "full_score" or _TITLE_SCORE.search(match[1]):
                continue
            seen.role = "full_score"
            unit = self.columns.unit("分")
            figure = self.values.figure(match[2] + "分", unit)
            if figure is None:
                continue
            start, end = seen.span(match.start(2), match.end(2) + 1)
            name = Name(match[1], *seen.span(0, len(match[1])))
            span = (seen.cell.start, seen.cell.end)
            self.table.sayings.append(
                Saying(start, end, match[2] + "分", figure, name, "full_score", None, span, "table.full_score")
            )

    def _pair(self, said: dict[str, TableSide], name: Name | None, span: tuple[int, int]) -> None:
        """Target beside result: 指标值 and 完成值, or a budget and what became of it."""
        completion = said["completion"].saying if "completion" in said else None
        actual = said.get("actual")
        if actual is not None:
            target = said.get("target")
            basis = "performance"
            if target is None and (target := said.get("budget_adjusted") or said.get("budget")) is not None:
                basis = "budget"
        else:
            actual, basis = said.get("executed"), "budget"
            target = said.get("budget_adjusted") or said.get("budget") or said.get("target")
        if actual is None or (target is None and (completion is None or actual.saying is None)):
            return
        if target is not None and target.saying is None and actual.saying is not None and _DIGIT.search(target.text) is None and len(target.text) <= 1:
            return
        rule = "pair.table." + ("budget" if basis == "budget" else "target")
        self.table.pairs.append(TablePair(name, basis, target, actual, completion, span, rule))


def _scaled(text: str) -> str:
    return "".join(char for char in text if char in "百千万亿")


def _unique(stack: Sequence[Seen | None]) -> Iterator[Seen]:
    known: set[int] = set()
    for seen in stack:
        if seen is not None and id(seen) not in known:
            known.add(id(seen))
            yield seen


__all__ = ["STATUSES", "Name", "ReadTable", "Saying", "Seen", "TablePair", "TableReader", "TableSide"]
