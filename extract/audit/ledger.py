"""The figures of a finished report, looked up in the ways that the rules need.

A `Figure` is a metric with its quantity and the interval that its print allows. The figures are made once and kept in
the order of the text, so that a place is found by bisection; intervals, lines and other views are made only when a rule
asks for them. So the audit costs little, in a document of any length.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, count
from operator import add, attrgetter
from typing import Final

from extract.audit.intervals import Interval, around, exactly
from extract.records import Metric, Quantity, Report, Section, Span, Table

_NUMERAL: Final = re.compile(r"\d[\d,，]*(?:\.(\d+))?")
_ABOVE: Final = re.compile("[余多来几]")  # 560余 is 560 or more, below the next step
_BELOW: Final = re.compile("近|接近|将近|不足|不到")
_TRAILING: Final = re.compile(r"\.\d0(?!\d)|\.0(?!\d)")
_WAN: Final = Decimal(10_000)
_STYLE_LEAST: Final = 12  # figures before the way a report prints its money counts as its style
_STYLE_SHARE: Final = Decimal("0.6")


class Figure:
    """One metric as the audit sees it: `id` of the metric, its `value`, and where the quantity stands in the source."""

    __slots__ = ("_interval", "_ledger", "end", "id", "metric", "quantity", "start", "value")

    def __init__(self, metric: Metric, quantity: Quantity, value: Decimal, ledger: Ledger) -> None:
        self.metric = metric
        self.quantity = quantity
        self.value = value
        self.id = metric.id
        self.start = quantity.start
        self.end = quantity.end
        self._ledger = ledger
        self._interval: Interval | None = None

    @property
    def shown(self) -> str:
        """The figure as printed, without white space."""
        return "".join(self.quantity.text.split())

    @property
    def name(self) -> str:
        """The words of the indicator, or nothing."""
        return self.metric.indicator.text if self.metric.indicator is not None else ""

    @property
    def indicator(self) -> str | None:
        """The canonical id of the indicator."""
        return self.metric.indicator.id if self.metric.indicator is not None else None

    @property
    def plain(self) -> bool:
        """Whether the figure claims a value, not a bound (≥95%, 突破1万亿元)."""
        return self.metric.comparator == "="

    @property
    def scale(self) -> Decimal:
        """What the printed numeral was multiplied with: 10000 for 万元."""
        return self._ledger.print_of(self.quantity)[1]

    @property
    def interval(self) -> Interval:
        """The values that could have been printed so, signed like the metric."""
        interval = self._interval
        if interval is None:
            interval = self._interval = self._ledger.interval_of(self.metric, self.quantity)
        return interval

    def finer(self, last_place: Decimal) -> Interval:
        """The interval if the figure is taken to be given to `last_place`, trailing zeros dropped."""
        own = self.interval
        if self.metric.approx or own.high - own.low <= last_place:
            return own
        return around(self.value, last_place)

    @property
    def last_place(self) -> Decimal:
        """The unit of the last printed place; zero for a figure that is exact."""
        return self.interval.high - self.interval.low


class Ledger:
    """Look-ups over one report; `text` is its source text with noise masked, same offsets."""

    def __init__(self, report: Report, text: str) -> None:
        self.report = report
        self.text = text
        quantities = {one.id: one for one in report.quantities}
        self.figures: list[Figure] = [  # in the order of the text
            Figure(one, quantities[one.quantity], one.value, self)
            for one in report.metrics
            if one.value is not None and one.quantity in quantities
        ]
        self.figures.sort(key=attrgetter("start"))
        self._starts = [one.start for one in self.figures]
        self._by_id: dict[str | None, Figure] = {one.id: one for one in self.figures}
        self.scopes_of_lines: dict[int, list[tuple[int, int]]] = {}  # of `scopes`, by the first place of the line
        self._prints: dict[tuple[str, Decimal | None], tuple[int, Decimal]] = {}
        self._alike: dict[tuple[int, Decimal], tuple[int, Decimal]] = {}  # many are printed in the same few ways
        self._money: dict[tuple[Span, str], Figure | None] = {}

    def figure(self, metric_id: str | None) -> Figure | None:
        """The figure of a metric; None where there is none, or a range without one value."""
        return self._by_id.get(metric_id)

    # --- print -----------------------------------------------------------------------------------------------------
    def print_of(self, quantity: Quantity) -> tuple[int, Decimal]:
        """Decimals printed, and the scale of the numeral: `2350.16万元` is (2, 10000)."""
        key = (quantity.text, quantity.value)
        found = self._prints.get(key)
        if found is None:
            made = _print(quantity)
            found = self._prints[key] = self._alike.setdefault(made, made)
        return found

    @cached_property
    def money_style(self) -> dict[Decimal, int]:
        """Decimals with which the report prints its 万元, where it is consistent: {10000: 2}.

        Programs and tables drop trailing zeros (37万元 beside 840.77万元); in a report whose text prints its money in
        one way such a figure is as exact as the others. Work reports, which round each figure by itself, have no style.
        """
        counts: Counter[int] = Counter()
        kept: set[int] = set()  # decimals of figures that end in a zero: 31.0
        for one in self.report.quantities:
            if one.kind == "money" and one.table is None and one.value and not one.approx and one.comparator == "=":
                decimals, scale = self.print_of(one)
                if scale == _WAN:
                    counts[decimals] += 1
                    if decimals and decimals not in kept and _TRAILING.search(one.text):
                        kept.add(decimals)
        enough = sum(counts.values())
        usual, number = counts.most_common(1)[0] if counts else (0, 0)
        consistent = usual == max(counts, default=0) >= 2 and number >= _STYLE_SHARE * enough
        consistent = consistent and min(kept, default=usual) >= usual  # 31.0 is coarser than 31.00, not the same
        return {_WAN: usual} if consistent and enough >= _STYLE_LEAST else {}

    @cached_property
    def money_scales(self) -> Counter[Decimal]:
        """How many amounts of money are printed in 元, 万元, 亿元."""
        return Counter(self.print_of(one)[1] for one in self.report.quantities if one.kind == "money" and one.value)

    def interval_of(self, metric: Metric, quantity: Quantity) -> Interval:
        """The values that could have been printed so."""
        value = metric.value
        assert value is not None
        if value == 0:
            return exactly(value)
        decimals, scale = self.print_of(quantity)
        if quantity.kind == "money":
            decimals = max(decimals, self.money_style.get(scale, 0))
        if metric.approx:
            return _approximate(value, quantity.text, decimals, scale)
        if decimals == 0 and scale == 1 and quantity.kind in ("count", "score", "duration", "number"):
            return exactly(value)
        return around(value, scale.scaleb(-decimals))

    # --- places ----------------------------------------------------------------------------------------------------
    def between(self, start: int, end: int) -> list[Figure]:
        """The figures that begin in text[start:end], in the order of the text."""
        first = bisect_left(self._starts, start)
        return self.figures[first : bisect_left(self._starts, end, first)]

    def before(self, place: int, reach: int) -> list[Figure]:
        """The figures that begin up to `reach` characters before a place, the nearest first."""
        return self.between(max(0, place - reach), place)[::-1]

    def last_between(self, start: int, end: int) -> Figure | None:
        """The last figure that begins in text[start:end]."""
        at = bisect_left(self._starts, end) - 1
        return self.figures[at] if at >= 0 and self._starts[at] >= start else None

    @cached_property
    def _roles(self) -> dict[str, list[Figure]]:
        roles: dict[str, list[Figure]] = {}
        for one in self.figures:
            roles.setdefault(one.metric.role, []).append(one)
        return roles

    def of_role(self, role: str) -> Sequence[Figure]:
        """The figures of one role, in the order of the text."""
        return self._roles.get(role, ())

    def money_of(self, sentence: Span, role: str) -> Figure | None:
        """The first amount of money of a role in a sentence."""
        key = (sentence, role)
        if key not in self._money:
            near = self.between(sentence.start, sentence.end)
            found = (one for one in near if one.metric.kind == "money" and one.metric.role == role)
            self._money[key] = next(found, None)
        return self._money[key]

    @cached_property
    def _prose(self) -> tuple[list[int], list[Figure]]:
        figures = [one for one in self.figures if one.metric.source != "table"]
        return [one.start for one in figures], figures

    def lines_after(self, place: int, most: int) -> Iterator[tuple[int, int, list[Figure]]]:
        """The lines below a place that hold figures in prose, at most so many."""
        starts, figures = self._prose
        at = bisect_left(starts, place)
        for _ in range(most):
            if at == len(figures):
                return
            first, last = self.line(starts[at])
            after = bisect_left(starts, last, at)
            yield first, last, figures[bisect_left(starts, first) : after]
            at = after

    @cached_property
    def _line_starts(self) -> list[int]:
        ends = accumulate(map(len, self.text.split("\n")))
        return [0, *map(add, ends, count(1))][:-1]  # a line break is one character

    def line(self, place: int) -> tuple[int, int]:
        """The line of the text that holds a place."""
        index = bisect_right(self._line_starts, place)
        return self._line_starts[index - 1], self._line_starts[index] if index < len(self._line_starts) else len(
            self.text
        )

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Tables by id."""
        return {one.id: one for one in self.report.tables}

    @cached_property
    def sections(self) -> dict[str, Section]:
        """Sections by id."""
        return {one.id: one for one in self.report.sections}

    def path(self, section: str | None) -> list[str]:
        """The ids of a section and of all above it, innermost first."""
        found: list[str] = []
        while section is not None and section in self.sections:
            found.append(section)
            section = self.sections[section].parent
        return found


def _print(quantity: Quantity) -> tuple[int, Decimal]:
    text = "".join(quantity.text.split())
    match = _NUMERAL.search(text)
    value = quantity.value if quantity.value is not None else Decimal(0)
    if match is not None:
        numeral = Decimal(match[0].replace(",", "").replace("，", ""))
        scale = abs(value / numeral) if numeral and value else _scale_word(text)
        return len(match[1] or ""), scale.normalize() if scale else Decimal(1)
    # 九成, 百分之五, 两万: the last place is the last digit that is not zero
    exponent = value.normalize().as_tuple().exponent
    return max(0, -int(exponent)), Decimal(1).scaleb(max(0, int(exponent)))


def _scale_word(text: str) -> Decimal:
    return Decimal(10) ** 8 if "亿" in text else _WAN if "万" in text else Decimal(1)


def _approximate(value: Decimal, text: str, decimals: int, scale: Decimal) -> Interval:
    """余, 多: up to the next step; 近: from the step before; 约, 左右: a step on either side.

    The step is one unit of the last digit that is not zero: 7000余 is below 8000, 8.42万余 below 8.43万.
    """
    digits = value.normalize().as_tuple()
    step = Decimal(1).scaleb(int(digits.exponent))
    step = max(step, scale.scaleb(-decimals))
    if _ABOVE.search(text):
        return Interval(value, value + step)
    if _BELOW.search(text):
        return Interval(value - step, value)
    return Interval(value - step, value + step)
