"""Totals over paragraphs and over the rows of a table, in one or more columns: 年初预算 and 决算 of each item.

Whether such a list is whole cannot be seen from one column. Where one column makes its total, the others must as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate, takewhile
from typing import Final

from extract.audit.draft import Draft
from extract.audit.intervals import Interval, total
from extract.audit.ledger import Figure, Ledger
from extract.audit.sums import intervals_of, sum_draft
from extract.audit.words import Words

_PLANS: Final = ("budget", "budget_adjusted", "target")
COLUMNS: Final = (*_PLANS, "actual")
_BLANK: Final = re.compile(r"\s+")
_OPENS: Final = 3  # characters of 其中：
_LEAD: Final = 6  # characters of the words that open a list
_LINES: Final = 60  # items of a list over several paragraphs


def paragraph_columns(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """A total with 其中： at the end of its paragraph, the parts in the paragraphs below, in one or more columns."""
    for start, end, first in _planned(ledger):
        blank = _BLANK.match(ledger.text, end)
        following = (blank.end() if blank is not None else end) + _OPENS
        for match in words.list_leads.finditer(ledger.text, first, following):
            at = match.start() + 1
            if at > end or words.list_lead.search(ledger.text, max(0, at - _LEAD), at) is None:
                continue
            sentence = max(start, ledger.text.rfind("。", start, max(start, at - 1)) + 1)
            totals: dict[str, Figure] = {}
            for one in ledger.between(sentence, at):
                if one.metric.role in COLUMNS and one.metric.source != "table":
                    totals.setdefault(one.metric.role, one)
            totals = {role: one for role, one in totals.items() if one.plain and one.value and not one.metric.approx}
            if len(totals) > 1:
                yield from _columns(totals, _rows(ledger, end, next(iter(totals.values()))))


def _planned(ledger: Ledger) -> Iterator[tuple[int, int, int]]:
    """The lines of prose with a planned amount, and the place of the first; of two columns one is a plan."""
    last = -1
    for place in sorted(one.start for role in _PLANS for one in ledger.of_role(role) if one.metric.source != "table"):
        if place > last:
            start, end = ledger.line(place)
            last = end - 1
            yield start, end, place


def _rows(ledger: Ledger, place: int, lead: Figure) -> list[dict[str, Figure]]:
    """The first figure of each column in each line of the list that begins at a place."""
    rows: list[dict[str, Figure]] = []
    for start, _, figures in ledger.lines_after(place, _LINES):
        if lead.metric.section not in (None, *ledger.path(figures[0].metric.section)):
            break
        if figures[0].name == lead.name or ledger.text[start : start + 12].strip().startswith(("合计", "综上")):
            break
        row: dict[str, Figure] = {}
        for one in figures:
            if one.metric.role in COLUMNS and one.metric.kind == lead.metric.kind:
                row.setdefault(one.metric.role, one)
        if not row or any(one.metric.unit != lead.metric.unit for one in row.values()):
            break
        rows.append(row)
    return rows


def table_columns(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """The same in a table: 年度资金总额 above its sources of funds, 合计 below its items."""
    for rows in _table_rows(ledger).values():
        above, below = _Above(rows), _Above(rows[::-1])
        for number, row in enumerate(rows):
            name = next(iter(row.values())).name
            if words.total_name(name):
                yield from above.columns(row, number)
            elif words.fund_total(name):
                yield from below.columns(row, len(rows) - 1 - number)


class _Above:
    """The rows above each row of a table, as far as they can matter to its total: a long table has many totals."""

    def __init__(self, rows: Sequence[dict[str, Figure]]) -> None:
        self._rows = rows
        self._of_role: dict[str, _Column] = {}

    def columns(self, totals: dict[str, Figure], row: int) -> Iterator[Draft]:
        """What `_columns` finds in the rows above a row, the nearest first."""
        if len(totals) < 2:
            return
        for role in totals:
            if role not in self._of_role:
                self._of_role[role] = _Column([one.get(role) for one in self._rows])
        reach = max(self._of_role[role].reach(whole, row) for role, whole in totals.items())
        finest = {role: self._of_role[role].finest[row] for role in totals}
        yield from _columns(totals, self._rows[row - reach : row][::-1], finest)


class _Column:
    """One column of a table. What is known before a row is of the run of plain figures that ends there."""

    def __init__(self, figures: Sequence[Figure | None]) -> None:
        self._figures = figures
        self._first: list[int] = []  # where the run before a row begins
        self._other: list[int] = []  # the last row before it that is not zero, or -1
        self._grows: list[bool] = []  # whether no figure of the run may be below zero
        self.finest: list[Decimal | None] = []  # the finest last place of the run
        first, other, grows, finest = 0, -1, True, None
        for row, one in enumerate(figures):
            self._first.append(first)
            self._other.append(other)
            self._grows.append(grows)
            self.finest.append(finest)
            if one is None or not one.plain:
                first, other, grows, finest = row + 1, -1, True, None
            elif one.value:
                place = one.last_place
                other, grows = row, grows and one.interval.low >= 0
                finest = place if finest is None else min(finest, place)

    def reach(self, whole: Figure, row: int) -> int:
        """How many rows above a total may make it: beyond them every sum is more than it."""
        if not self._grows[row]:
            return row - self._first[row]
        least, seen, at = Decimal(0), 0, self._other[row]
        while at >= 0:
            figure = self._figures[at]
            assert figure is not None
            least += figure.interval.low
            if least > whole.interval.high:
                return row - at - 1 if seen > 1 else 0
            seen += 1
            at = self._other[at]
        return row - self._first[row] if seen > 1 else 0


def _table_rows(ledger: Ledger) -> dict[str, list[dict[str, Figure]]]:
    """The amounts of each table row by their column."""
    tables: dict[str, dict[object, dict[str, Figure]]] = {}
    for metric in ledger.report.metrics:
        if metric.source != "table" or metric.role not in COLUMNS or metric.kind not in ("money", "number"):
            continue
        figure = ledger.figure(metric.id)
        if figure is not None and figure.quantity.table is not None:
            tables.setdefault(figure.quantity.table, {}).setdefault(metric.sentence, {}).setdefault(metric.role, figure)
    return {table: list(rows.values()) for table, rows in tables.items()}


def _columns(
    totals: dict[str, Figure], rows: Sequence[dict[str, Figure]], finest: dict[str, Decimal | None] | None = None
) -> Iterator[Draft]:
    """A column that fails beside one that closes; the list is the longest run of rows by which most columns close."""
    if len(rows) < 2 or len(totals) < 2:
        return
    sums: dict[str, list[Interval]] = {}
    own: dict[str, Interval] = {}
    filled: dict[str, list[int]] = {}  # rows that are not zero, up to each
    for role, whole in totals.items():
        column = list(takewhile(lambda one: one is not None and one.plain, (row.get(role) for row in rows)))
        parts = [one for one in column if one is not None]  # a column with a gap ends there
        intervals, own[role] = intervals_of(whole, parts, beyond=finest[role] if finest is not None else None)
        sums[role] = list(accumulate(intervals, Interval.plus))
        filled[role] = list(accumulate(1 if one.value else 0 for one in parts))
    best: tuple[int, int, set[str]] = (0, 0, set())
    for count in range(2, len(rows) + 1):
        closed = {
            role
            for role, runs in sums.items()
            if len(runs) >= count and filled[role][count - 1] > 1 and runs[count - 1].meets(own[role])
        }
        best = max(best, (len(closed), count, closed), key=lambda one: one[:2])
    number, count, closed = best
    for role, runs in sums.items():
        if number and role not in closed and len(runs) >= count:
            yield from _column(totals[role], [row[role] for row in rows[:count]])


def _column(whole: Figure, parts: Sequence[Figure]) -> Iterator[Draft]:
    intervals, own = intervals_of(whole, parts)
    sums = total(intervals)
    if not sums.meets(own):
        yield sum_draft(whole, parts, sum((one.value for one in parts), Decimal(0)), sums, own)
