"""One row of a table below its headings: names, figures, words, and the pairs they make.

Read `RowReader.read` first. Cells that name the row are looked for, the unit and the comparator that stand in cells of
their own, then every other cell is read by the heading of its column. Figures of one name make pairs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from extract.bands import Band, Column, Group
from extract.cell_values import CellFigure, CellReader
from extract.columns import FIGURES, LABELS, TEXTS, Columns, Unit
from extract.table_readings import Name, ReadTable, Saying, Seen, TablePair, TableSide

PROSE_LENGTH: Final = 20  # a cell longer than this with a comma or a full stop is running text
NUMBER: Final = re.compile(r"[≥≤<>=]*[-+]?\d[\d,]*(?:\.\d+)?%?")

_MARK: Final = re.compile(r"[，。；]")
_DIGIT: Final = re.compile(r"\d")
_INLINE: Final = re.compile(
    r"(?:其中)?[:：]?(?P<name>[^:：\d]{2,20})[:：](?P<figure>[≥≤]?[-+]?\d[\d,]*(?:\.\d+)?\S{0,4})"
)
COLON: Final = re.compile(r"[^。；]{2,12}[:：][^。；]{0,30}")
_CHART_END: Final = re.compile(r"(?:总体)?(?:变动|结构|构成|对比|分布)?(?:情况|趋势)?(?:[图表]|示意图)?$")
_TABLE_END: Final = re.compile(r"(?:支出|收入)?(?:决算|预算)?(?:完成|执行)?(?:情况|明细|统计|一览)?表.*$")
_SCORED: Final = re.compile(r"^(.{2,12}?)[（(](?:共|满分|权重)?(\d{1,3}(?:\.\d+)?)分[）)]$")
_SCORE_WORD: Final = re.compile(r"(?:分值|得分|权重|评分|总分)$")
_ROW_NUMBERS: Final = frozenset(("栏次", "行次", "栏目", "列次", "序号"))
_RATES: Final = ("率", "比例", "占比", "比重", "满意度")
_COUNTS: Final = ("人数", "户数", "家数", "次数", "个数", "数量", "编制数", "件数", "场次", "人次")

Sides = dict[str, TableSide]


def is_prose(seen: Seen) -> bool:
    """Whether a cell holds sentences; it is marked so."""
    if len(seen.text) > PROSE_LENGTH and _MARK.search(seen.text):
        seen.status = "prose"
        return True
    return False


def row_span(line: Sequence[Seen]) -> tuple[int, int]:
    """Source offsets from the first to the last cell that is not empty."""
    cells = [seen.cell for seen in line if seen.text]
    return min([cell.start for cell in cells]), max([cell.end for cell in cells])


def is_inline(text: str) -> bool:
    """Whether a cell holds name and figure: 其中：基本支出：804.32."""
    return _INLINE.fullmatch(text) is not None


class RowReader:
    """Reads the rows of one table; `unit` is what stands above it (单位：万元)."""

    def __init__(self, columns: Columns, values: CellReader, table: ReadTable, unit: Unit | None) -> None:
        self.columns = columns
        self.values = values
        self.table = table
        self.unit = unit

    def read(self, line: Sequence[Seen | None], own: Sequence[Seen], number: int, band: Band) -> None:
        """Read one row: `line` has its cells by column, `own` those that begin in it and are not empty."""
        if not own or self._beside_its_name(own, band) or self._counts_columns(own):
            return
        unit, bound = self._asides(line, number, band)
        for group in band.groups:
            self._group(line, own, number, band, group, unit, bound)
        for seen in own:
            if seen.status == "empty" and not is_prose(seen):
                seen.status = "unread" if seen.number else "text"

    def _asides(self, line: Sequence[Seen | None], number: int, band: Band) -> tuple[Unit | None, str | None]:
        """Unit and comparator of a row that stand in cells of their own."""
        unit, bound = None, None
        for column, role in enumerate(band.roles):
            seen = line[column]
            if role not in ("unit", "comparator") or seen is None or not seen.text or seen.colspan > 1:
                continue
            if (seen.row != number and role == "comparator") or seen.number:
                continue
            if role == "unit":
                unit, seen.status = self.columns.unit(seen.text), "unit"
            else:
                bound, seen.status = self.values.comparators.get(seen.text), "unit"
        return unit, bound

    def _counts_columns(self, own: Sequence[Seen]) -> bool:
        """栏次 | 1 | 2 | 3: the numbers of the columns."""
        words = [seen.text for seen in own if not seen.text.isdigit()]
        if words:
            count = _ROW_NUMBERS.issuperset(words)
        else:
            count = len(own) > 2 and [seen.text for seen in own] == [str(at) for at in range(1, len(own) + 1)]
        if not count:
            return False
        for seen in own:
            seen.status = "index"
        return True

    # --- names -----------------------------------------------------------------------------------------------------
    def _labels(
        self, line: Sequence[Seen | None], own: Sequence[Seen], number: int, band: Band, group: Group
    ) -> list[Seen]:
        """The cells that name a row, from the widest to the narrowest; merged ones go on from the rows above."""
        labels: list[Seen] = []
        fresh = False
        for column in group.labels:
            seen = line[column]
            if seen is not None and band.columns[column].role not in LABELS and seen.number:
                continue  # 编制数 over 54: no label, though its heading is not known
            if seen is not None and seen.text:
                if not any(seen is other for other in labels):
                    labels.append(seen)
                if seen.row == number:
                    fresh = True
                    for later in [at for at in band.carried if at > column and at in group.labels]:
                        del band.carried[later]
                band.carried[column] = seen
            elif (
                column in band.carried
                and (not fresh or band.columns[column].role == "level")
                and self._goes_on(band, group, column, own)
            ):
                labels.append(band.carried[column])
                if number < len(self.table.rows) and column < len(self.table.rows[number]):
                    self.table.rows[number][column] = band.carried[column].text
        for seen in labels:
            if seen.status == "empty":
                seen.status = "label"
        return labels

    def _goes_on(self, band: Band, group: Group, column: int, own: Sequence[Seen]) -> bool:
        """Whether a label above an empty cell holds for this row too."""
        merged = self.table.grid.form in ("word", "markdown", "tabs", "columns")
        level = band.columns[column].role in LABELS or column == group.labels[0]
        return merged and level and len(group.labels) > 1 and own[0].text not in self.columns.totals

    def _name(self, key: Seen | None, labels: Sequence[Seen], band: Band, *, total: bool) -> Name | None:
        """The indicator of a row: its label, with what stands above it where the label says too little."""
        if key is None:
            return None
        first, last = self.columns.label(key.text)
        text = key.text[first:last]
        if not text:
            return None
        start, end = key.span(first, last)
        if text in self.columns.thin and not total:
            parent = next(
                (one for one in reversed(labels) if one is not key and one.text not in self.columns.thin), None
            )
            above = parent.text if parent is not None else self._above(key)
            if above:
                one, two = self.columns.label(above)
                text = above[one:two] + text
        elif total and text in self.columns.thin and len(band.groups) > 1:
            text = self._over(key) + text  # 收入 | … | 支出 | …: two tables side by side
        if self.table.grid.form == "chart":
            text = _CHART_END.sub("", text) or text
        return Name(text, start, end, "总分" if total and "score" in band.roles else "")

    def _above(self, key: Seen) -> str:
        """The heading over a label."""
        for seen in reversed(self.table.cells):
            if seen.status == "header" and seen.row < key.row and seen.column == key.column:
                head = self.columns.heading(seen.text)
                return "" if head.role in ("indicator", "level") else head.text
        return ""

    def _over(self, key: Seen) -> str:
        """The highest heading over a label, where it names a side of the table."""
        for seen in self.table.cells:
            if seen.status == "header" and seen.column <= key.column < seen.column + seen.colspan:
                return seen.text if not self.columns.heading(seen.text).role else ""
        return ""

    # --- cells -----------------------------------------------------------------------------------------------------
    def _group(
        self,
        line: Sequence[Seen | None],
        own: Sequence[Seen],
        number: int,
        band: Band,
        group: Group,
        unit: Unit | None,
        bound: str | None,
    ) -> None:
        labels = self._labels(line, own, number, band, group)
        here = [seen for seen in labels if seen.row <= number < seen.row + seen.rowspan]
        self.scores([seen for seen in here if seen.row == number])
        key = (here or labels)[-1] if labels else None
        total = key is not None and key.text in self.columns.totals
        if key is not None and key.text in self.columns.nothing:
            key.status = "nothing"
            key = labels[-2] if len(labels) > 1 else None
        name = self._name(key, labels, band, total=total)
        said: dict[str, Sides] = {}
        span = row_span(own)
        for column in group.columns:
            seen = line[column]
            if seen is None or not seen.text or seen.row != number or seen.status != "empty":
                continue
            self._cell(seen, band.columns[column], band, key, name, unit, bound, span, said, total=total)
        for item, sides in said.items():
            self._share_unit(sides)
            some = next((side.saying.name for side in sides.values() if side.saying is not None), name)
            self.pair(sides, some if item else name, span)

    def _cell(
        self,
        seen: Seen,
        column: Column,
        band: Band,
        key: Seen | None,
        name: Name | None,
        unit: Unit | None,
        bound: str | None,
        span: tuple[int, int],
        said: dict[str, Sides],
        *,
        total: bool,
    ) -> None:
        """One cell below a heading."""
        role = column.role
        if self.values.is_nothing(seen.text):
            seen.status = "nothing"
        elif role == "index":
            seen.status = "index"
        elif role in TEXTS:
            seen.role = role
            if (role == "note" and self.columns.is_criteria(column.text)) or not is_prose(seen):
                seen.status = "note" if role == "note" else "text"
        elif role in LABELS or role in ("unit", "comparator"):
            return
        elif role not in FIGURES and not seen.number:
            if not is_prose(seen):
                seen.status = "text"
        elif is_prose(seen):
            seen.role = role
        elif seen.text in self.values.comparators:
            seen.status = "unit"
        else:
            self._value(seen, column, band, key, name, unit, bound, span, said)

    def _value(
        self,
        seen: Seen,
        column: Column,
        band: Band,
        key: Seen | None,
        name: Name | None,
        unit: Unit | None,
        bound: str | None,
        span: tuple[int, int],
        said: dict[str, Sides],
    ) -> None:
        """A figure, or words in the place of one."""
        role = column.role
        item = self._item(column, name)
        if item is not None:
            name = item
        sides = said.setdefault(column.item_text if item is not None else "", {})
        money = key is not None and self.columns.is_money(key.text)
        figure = self.values.figure(seen.text, self.unit_for(column, band.unit, key, unit), money=money)
        if figure is None:
            seen.status, seen.role = "words", role
            if role in ("target", "actual"):
                sides.setdefault(role, TableSide(seen.text, seen.cell.start, seen.cell.end, None))
            return
        if role == "target" and bound is not None and figure.comparator == "=":
            figure = msgspec.structs.replace(figure, comparator=bound)
        saying = self.say(seen, figure, name, column, span, band)
        side = TableSide(saying.text, saying.start, saying.end, saying)
        before = sides.get(role)
        if saying.role != "previous" and (
            before is None or before.saying is None or (column.year or 0) > (before.saying.year or 0)
        ):
            sides[role] = side

    def _item(self, column: Column, name: Name | None) -> Name | None:
        """The name of a figure where its column names it, alone or beside the row."""
        if column.item is None or (name is not None and column.item_text in self.columns.thin):
            return None
        start, end = column.item.cell.start, column.item.cell.end
        if name is None or self.table.grid.form == "chart":
            whole = ""
            if column.item_text in self.columns.thin and self.table.caption:
                whole = _TABLE_END.sub("", self.table.caption)  # “三公”经费支出决算表: 合计
            return Name(whole + column.item_text, start, end)
        return Name(f"{name.text}·{column.item_text}", name.start, name.end)

    def unit_for(self, column: Column, shared: Unit | None, key: Seen | None, unit: Unit | None) -> Unit | None:
        """The unit of a bare figure: of its row, its column, the band, or the table."""
        role = column.role
        if role in ("score", "full_score"):
            return self.columns.unit("分")
        if role in ("completion", "growth", "share"):
            return self.columns.unit("%")
        label = self.columns.label_unit(key.text) if key is not None else None
        if role in ("budget", "budget_adjusted", "executed"):
            return column.unit or label or shared or unit or self.unit
        found = unit or label or column.unit or shared or self.unit
        if unit is not None or label is not None or column.unit is not None:
            return found
        words = column.text if column.item is not None or key is None else key.text
        if words.endswith(_RATES):
            return self.columns.unit("%") if role in ("", "value", "previous") else None
        if found is not None and found.kind == "money" and words.endswith(_COUNTS):
            return None
        return found

    def say(
        self,
        seen: Seen,
        figure: CellFigure,
        name: Name | None,
        column: Column,
        span: tuple[int, int],
        band: Band | None = None,
        offset: int = 0,
    ) -> Saying:
        """Note what a figure says; its places count from `offset` in the cell."""
        role = column.role if column.role in FIGURES and column.role not in ("executed", "value") else "actual"
        if band is not None and role == "actual" and column.year is not None and column.year == band.base_year:
            role = "previous"
        seen.status, seen.role = "figure", role
        start, end = seen.span(offset + figure.start, offset + figure.end)
        saying = Saying(
            start,
            end,
            seen.text[offset + figure.start : offset + figure.end],
            figure,
            name,
            role,
            column.year,
            span,
            column.rule.replace("column.", "table.") if column.role in FIGURES else "table.value",
        )
        self.table.sayings.append(saying)
        return saying

    def _beside_its_name(self, own: Sequence[Seen], band: Band) -> bool:
        """A row of cells that each hold name and figure: 其中：基本支出：804.32; true where it is none to align."""
        if not any(":" in seen.text or "：" in seen.text for seen in own):
            return False
        matches = [_INLINE.fullmatch(seen.text) for seen in own]
        if not any(matches) and not all(COLON.fullmatch(seen.text) for seen in own):
            return False
        column = next((one for one in band.columns if one.role in FIGURES), None)
        column = column or Column("value", None, None, "column.value", "", None, "")
        for seen, match in zip(own, matches, strict=True):
            figure = None
            if match is not None:
                unit = column.unit or band.unit or self.unit
                figure = self.values.figure(match["figure"], unit, money=self.columns.is_money(match["name"]))
            if match is None or figure is None:
                if not is_prose(seen):
                    seen.status = "label"
                continue
            name = Name(match["name"], *seen.span(*match.span("name")))
            self.say(seen, figure, name, column, row_span(own), band, match.start("figure"))
        return True

    def scores(self, cells: Sequence[Seen]) -> None:
        """产出指标（50分）: the points that a label or a heading gives."""
        for seen in cells:
            match = _SCORED.match(seen.text)
            if match is None or seen.role == "full_score" or _SCORE_WORD.search(match[1]):
                continue
            seen.role = "full_score"
            figure = self.values.figure(match[2] + "分", self.columns.unit("分"))
            if figure is not None:
                name = Name(match[1], *seen.span(0, len(match[1])))
                start, end = seen.span(match.start(2), match.end(2) + 1)
                span = (seen.cell.start, seen.cell.end)
                self.table.sayings.append(
                    Saying(start, end, match[2] + "分", figure, name, "full_score", None, span, "table.full_score")
                )

    # --- pairs -----------------------------------------------------------------------------------------------------
    def _share_unit(self, said: Sides) -> None:
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
            at = len(self.table.sayings) - 1
            while self.table.sayings[at] is not bare.saying:
                at -= 1
            self.table.sayings[at] = saying
            said[one] = TableSide(bare.text, bare.start, bare.end, saying)

    def pair(self, said: Sides, name: Name | None, span: tuple[int, int]) -> None:
        """Target beside result: 指标值 and 完成值, or a budget and what became of it."""
        completion = said["completion"].saying if "completion" in said else None
        actual, basis = said.get("actual"), "performance"
        if actual is not None:
            target = said.get("target")
            if target is None and (target := said.get("budget_adjusted") or said.get("budget")) is not None:
                basis = "budget"
        else:
            actual = said.get("executed")
            target = said.get("budget_adjusted") or said.get("budget") or said.get("target")
            basis = "budget"
        if actual is None or (target is None and (completion is None or actual.saying is None)):
            return
        if name is None and (actual.saying is None or target is None or target.saying is None):
            return
        rule = "pair.table." + ("budget" if basis == "budget" else "target")
        self.table.pairs.append(TablePair(name, basis, target, actual, completion, span, rule))


def _scaled(text: str) -> str:
    return "".join(char for char in text if char in "百千万亿")


__all__ = ["COLON", "NUMBER", "PROSE_LENGTH", "RowReader", "is_inline", "is_prose", "row_span"]
