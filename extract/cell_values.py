"""What one table cell says by itself: a figure with its unit and bound, words, a date, or nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from msgspec import Struct

from extract.columns import Columns, Unit
from extract.numbers import arabic, plain
from extract.patterns import Pack
from extract.quantities import QuantityFinder

MAX_REST: Final = 8  # characters that may stand around a figure: 控制在…, 已完成…

_PLAIN: Final = re.compile(
    r"(?P<bound>[^\d+\-]{0,6}?)(?P<number>[-+]?\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?)"
    r"(?P<scale>万亿|千万|百万|[万亿]?)(?P<percent>[%‰]?)(?P<after>[^\d]{0,4})"
)
_DATE: Final = re.compile(
    r"(?:19|20)\d\d(?:年|[-./]\d)|\d{1,2}月(?:份|底|末|初|前|之前|以前|\d)|年底|年末|\d{1,2}:\d\d|季度|(?:上|中|下)旬"
)
_SIGNS: Final = (("下降", "-"), ("减少", "-"), ("降低", "-"), ("增长", ""), ("增加", ""), ("上升", ""), ("提高", ""))
_DIGIT: Final = re.compile(r"\d")


class CellFigure(Struct, frozen=True, gc=False):
    """A figure in a cell; `start` and `end` are places in the cell's text without white space.

    `bare` tells that neither unit nor scale stands at the figure, `inherited` that its unit is not in the cell.
    """

    start: int
    end: int
    kind: str
    value: Decimal | None
    unit: str | None
    comparator: str
    approx: bool
    low: Decimal | None
    high: Decimal | None
    bare: bool
    inherited: bool


class CellReader:
    """Reads single cells with the grammar of figures."""

    def __init__(self, pack: Pack, quantities: QuantityFinder, columns: Columns) -> None:
        self._quantities = quantities
        self._columns = columns
        self._before = {row["word"]: (row["comparator"], row["approx"] == "yes") for row in pack.table("bounds_before")}
        self._after = {row["word"]: (row["comparator"], row["approx"] == "yes") for row in pack.table("bounds_after")}
        words = {"大于等于": ">=", "大于或等于": ">=", "小于等于": "<=", "小于或等于": "<=", "等于": "=", "=": "="}
        self.comparators = {
            word: words.get(word) or self._before.get(word, ("=", False))[0] for word in columns.comparators
        }
        for word in ("正向", "正指标"):
            self.comparators[word] = ">="
        for word in ("反向", "反指标"):
            self.comparators[word] = "<="

    def is_nothing(self, text: str) -> bool:
        """Whether a cell is empty or says that there is nothing."""
        return not text or text in self._columns.nothing

    def figure(self, text: str, unit: Unit | None, *, money: bool = False) -> CellFigure | None:
        """The one figure that a cell holds, or None where it is words, a date, several figures or nothing.

        `unit` is what the table says of bare figures here; `money` tells that the row is of money, so that a figure
        with a scale only (≤10万) is.
        """
        if not text or len(text) > 40 or _DIGIT.search(text) is None:
            return None
        match = _PLAIN.fullmatch(text)
        if match is None:
            return None if _DATE.search(text) else self._found(text)
        bound, after, percent, sign = match["bound"], match["after"], match["percent"], ""
        if after == "月":
            return None  # a date
        for word, one in _SIGNS if bound else ():
            if bound.startswith(word):
                bound, sign = bound[len(word) :], one
                break
        comparator, approx = "=", False
        if bound:
            if bound not in self._before and bound not in self.comparators:
                return None if _DATE.search(text) else self._found(text)
            comparator, approx = self._before.get(bound) or (self.comparators[bound], False)
        if after:
            if after not in self._after:
                own = self._columns.unit(after)
                if own is None or own.scale != 1 or percent:
                    return None if _DATE.search(text) else self._found(text)
                return self._made(match, sign, comparator, approx, own.kind, own.unit, False, False)
            comparator, less = self._after[after]
            approx = approx or less
        if percent:
            return self._made(match, sign, comparator, approx, "rate", percent, False, False)
        if match["scale"]:
            if unit is not None and unit.unit is not None and unit.kind != "rate":
                return self._made(match, sign, comparator, approx, unit.kind, unit.unit, False, True)
            kind, own_unit = ("money", "元") if money else ("number", None)
            return self._made(match, sign, comparator, approx, kind, own_unit, False, money)
        if unit is None:
            return self._made(match, sign, comparator, approx, "number", None, True, False)
        return self._made(match, sign, comparator, approx, unit.kind, unit.unit, True, True, scale=unit.scale)

    def _made(
        self,
        match: re.Match[str],
        sign: str,
        comparator: str,
        approx: bool,
        kind: str,
        unit: str | None,
        bare: bool,
        inherited: bool,
        scale: Decimal = Decimal(1),
    ) -> CellFigure:
        number = match["number"]
        value = arabic(number.lstrip("+-"), match["scale"]) * scale
        if (number[0] == "-") != (sign == "-") and value:
            value = -value
        return CellFigure(0, match.end(), kind, plain(value), unit, comparator, approx, None, None, bare, inherited)

    def _found(self, text: str) -> CellFigure | None:
        """The figure that the grammar of running text finds, where it is the only one and nearly all of the cell."""
        found = self._quantities.find(text + "\n")
        if len(found) != 1:
            return None
        one = found[0]
        rest = text[: one.start] + text[one.end :]
        if len(rest) > MAX_REST or _DIGIT.search(rest):
            return None
        return CellFigure(
            one.start, one.end, one.kind, one.value, one.unit, one.comparator, one.approx, one.low, one.high,
            False, one.inherited,
        )  # fmt: skip


__all__ = ["CellFigure", "CellReader"]
