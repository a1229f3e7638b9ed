"""The targets of an indicator, looked up for a result that has its rate but no target beside it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import Final

from extract.audit.intervals import HUNDRED, Interval, exactly, percent
from extract.audit.ledger import Figure
from extract.records import Metric

_PEOPLE: Final = frozenset(("人", "人次", "名", "位"))
_LEAST: Final = ("=", ">=", ">")  # a target that is a most has no rate of completion
_MARGIN: Final = Decimal("1e-20")  # more than division rounds off, of a whole


def same_unit(one: str | None, other: str | None) -> bool:
    """Whether two figures count in one unit; people are counted in several."""
    return one == other or {one, other} <= _PEOPLE


def goal_interval(goal: Figure) -> Interval:
    """A target printed without decimals is what was decided, not what was rounded: 2亿元."""
    if goal.metric.role == "target" and goal.last_place >= goal.scale and not goal.metric.approx:
        return exactly(goal.value)
    return goal.interval


def agrees(done: Figure, goal: Figure, stated: Interval) -> bool:
    """Whether a rate that is stated may be that of a result and a target."""
    return _meets(done.interval, goal_interval(goal), stated)


def _meets(part: Interval, whole: Interval, stated: Interval) -> bool:
    expected = percent(part, whole)
    return expected is not None and expected.meets(stated)


class Wholes:
    """Many intervals of which one may be the whole of a part with its rate, found without dividing by each."""

    def __init__(self, wholes: Iterable[Interval]) -> None:
        self._wholes = sorted(set(wholes))
        self._highest = list(accumulate((one.high for one in self._wholes), max))  # of all up to each

    def agree(self, part: Interval, stated: Interval) -> bool:
        """Whether `stated` may be the share in percent of a part in any of the wholes."""
        wholes = self._wholes
        if part.low <= 0 or stated.low <= 0 or not wholes or wholes[0].low <= 0:
            return any(_meets(part, one, stated) for one in wholes)
        # part / whole is in `stated` where the whole is in part / `stated`: only such wholes are divided by
        least = part.low / stated.high * HUNDRED * (1 - _MARGIN)
        most = part.high / stated.low * HUNDRED * (1 + _MARGIN)
        at = bisect_right(wholes, most, key=attrgetter("low")) - 1
        while at >= 0 and self._highest[at] >= least:
            if _meets(part, wholes[at], stated):
                return True
            at -= 1
        return False


class Like:
    """Targets above zero that are measured alike, in the order of the text."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    @cached_property
    def one_value(self) -> bool:
        """Whether all have the same value."""
        value = self.figures[0].value
        return all(one.value == value for one in self.figures)

    @cached_property
    def wholes(self) -> Wholes:
        """What the targets may stand for."""
        return Wholes(goal_interval(one) for one in self.figures)


class Goals:
    """The targets of one indicator."""

    def __init__(self) -> None:
        self.subjects: set[str | None] = {None}
        self.above_zero = Like()
        self._like: dict[tuple[str, object], Like] = {}

    def add(self, goal: Figure) -> None:
        """One more target, after those before it in the text."""
        metric = goal.metric
        self.subjects.add(metric.subject)
        if goal.value > 0:
            self.above_zero.figures.append(goal)
            if metric.comparator in _LEAST:
                self._like.setdefault(_measure(metric), Like()).figures.append(goal)

    def like(self, metric: Metric) -> Like | None:
        """The targets in the measure of a result."""
        return self._like.get(_measure(metric))


def goals_of(figures: Iterable[Figure]) -> dict[str, Goals]:
    """Targets by their indicator, of figures in the order of the text."""
    found: dict[str, Goals] = {}
    for figure in figures:
        indicator = figure.indicator
        if indicator is not None:
            found.setdefault(indicator, Goals()).add(figure)
    return found


def _measure(metric: Metric) -> tuple[str, object]:
    return metric.kind, _PEOPLE if metric.unit in _PEOPLE else metric.unit
