"""Totals against their parts: `其中` lists in a sentence, over paragraphs or table rows, and the form's identities.

A list after 其中 may be incomplete, so parts that fall short of their total say nothing by themselves. They do where
the list is known to be whole: its shares make 100 %, another column of it closes, or the form of the report has no
other part. Parts beyond their total are wrong in any case, unless some of them are parts of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate, takewhile
from typing import Final

from extract.audit.draft import Draft
from extract.audit.intervals import HUNDRED, Interval, rounded, total
from extract.audit.ledger import Figure, Ledger
from extract.audit.show import amount, amounts
from extract.audit.words import Words

_COLUMNS: Final = ("budget", "budget_adjusted", "target", "actual")
_BALANCE: Final = re.compile("收入(?:决算|预算)?总计")
_TWO_SIDES: Final = ("收入", "支出")
_SIDES: Final = 120  # characters in which the two sides of an account stand
_LABEL: Final = 14
_LEAD: Final = 6  # characters of the words that open a list
_LINES: Final = 60  # items of a list over several paragraphs
_IDENTITY_REACH: Final = 2_500
_TEN_THOUSAND: Final = Decimal(10_000)
_TWICE_TOLD: Final = Decimal("0.1")  # beyond this a figure that stands twice in a list is one told twice
_CLOSE: Final = Decimal("0.25")  # parts beyond their total by more than this share are not parts of it


def sums_of_parts(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """All rules about totals and parts; each total is told once."""
    told: set[str] = set()
    for draft in (
        *_breakdowns(ledger, words),
        *_lists(ledger, words),
        *_tables(ledger, words),
        *_identities(ledger, words),
    ):
        if draft.refs[0] not in told:
            told.add(draft.refs[0])
            yield draft


def closed_sums(ledger: Ledger, words: Words) -> dict[str, Figure]:
    """Figures that make a total with others, and that total: they are as the report's own arithmetic wants them."""
    found: dict[str, Figure] = {}
    for breakdown in ledger.report.breakdowns:
        whole = ledger.figure(breakdown.total)
        parts = [ledger.figure(part.metric) for part in breakdown.parts]
        known = [one for one in parts if one is not None and one.value]
        if whole is not None and len(known) > 1 and total([one.interval for one in known]).meets(whole.interval):
            found.update((one.id, whole) for one in (whole, *known))
    for whole, parts_of in _identity_sums(ledger, words):
        if total([one.interval for one in parts_of]).meets(whole.interval):
            found.update((one.id, whole) for one in (whole, *parts_of))
    return found


# --- lists in a sentence -------------------------------------------------------------------------------------------
def _breakdowns(ledger: Ledger, words: Words) -> Iterator[Draft]:
    for breakdown in ledger.report.breakdowns:
        whole = ledger.figure(breakdown.total)
        parts = [ledger.figure(part.metric) for part in breakdown.parts]
        figures = [one for one in parts if one is not None]
        if whole is None or not whole.plain or len(figures) != len(parts) or not all(one.plain for one in figures):
            continue
        if any(one.metric.unit != whole.metric.unit for one in figures):
            continue
        if sum((one.value for one in figures), Decimal(0)) == whole.value:
            continue
        rates = [one for one in (ledger.figure(part.share) for part in breakdown.parts) if one is not None]
        complete = len(rates) == len(parts) and total([one.interval for one in rates]).meets(_percent_all())
        nested = words.nested.search(ledger.text, figures[0].end, figures[-1].end) is not None
        yield from _compare(whole, figures, complete=complete, nested=nested, source=breakdown.id)


def _percent_all() -> Interval:
    return Interval(HUNDRED, HUNDRED)


def _compare(
    whole: Figure, parts: Sequence[Figure], *, complete: bool, nested: bool, source: str | None = None
) -> Iterator[Draft]:
    if whole.value == 0:
        return
    intervals, own = _intervals(whole, parts)
    sums = total(intervals)
    if sums.meets(own) or any(one.metric.approx for one in (whole, *parts)):
        return
    beyond = sums.low > own.high
    if beyond and (nested or _inner(whole, parts, intervals, own)):
        return
    value = sum((one.value for one in parts), Decimal(0))
    if beyond and not complete and value - whole.value > whole.value * _CLOSE:
        return
    scaled = _unit_slip(whole, parts, own, intervals)
    if not beyond and not complete and scaled is None:
        return
    if nested and not complete:
        return
    if scaled is not None:
        yield _unit_draft(scaled, whole, parts, source)
        return
    yield sum_draft(whole, parts, value, sums, own, source=source)


def sum_draft(
    whole: Figure,
    parts: Sequence[Figure],
    value: Decimal,
    sums: Interval,
    own: Interval,
    *,
    source: str | None = None,
    severity: str = "error",
) -> Draft:
    """The finding that parts do not make their total."""
    shown = [one for one in parts if one.value]
    uniform = all(one.scale == whole.scale for one in shown)
    terms = [amount(one) if uniform else one.shown for one in shown]
    return Draft(
        "sum_of_parts",
        severity,
        "sum_of_parts",
        {
            "name": whole.name,
            "formula": " + ".join(terms) or "0",
            "expected": amounts(value, whole),
            "stated": whole.shown,
            "difference": amounts(abs(value - whole.value), whole),
        },
        whole.value,
        value,
        rounded(sums.half + own.half, 4),
        (whole.id, *((source,) if source else ()), *(one.id for one in parts)),
        whole.start,
        whole.end,
    )


def _intervals(whole: Figure, parts: Sequence[Figure]) -> tuple[list[Interval], Interval]:
    """Budgets are decided, not measured: a round one is as exact as the finest of its list."""
    finest = min((one.last_place for one in (whole, *parts) if one.value), default=Decimal(0))
    planned = whole.metric.role in ("budget", "budget_adjusted", "target")
    only = [one for one in parts if one.value]
    if len(only) == 1 and only[0].scale == whole.scale:  # one figure printed twice, no sum
        return [one.interval for one in parts], whole.interval
    if planned:
        return [one.finer(finest) if one.value else one.interval for one in parts], whole.finer(finest)
    return [one.interval for one in parts], whole.interval


def _inner(whole: Figure, parts: Sequence[Figure], intervals: Sequence[Interval], own: Interval) -> bool:
    """Whether some of the parts are parts of another: a part equals a run beside it, or the rest makes the total."""
    number = len(parts)
    for index in range(number):
        for step in (1, -1):
            run = Interval(Decimal(0), Decimal(0))
            at = index + step
            while 0 <= at < number and run.low <= intervals[index].high:
                run = run.plus(intervals[at])
                if at != index + step and run.meets(intervals[index]) and parts[index].value:
                    return True
                at += step
    for last in range(1, number):  # a first run of parts already makes the total, what follows tells of it
        if total(list(intervals[:last])).meets(own):
            return True
    values = [one.value for one in parts if one.value]
    excess = sum(values, Decimal(0)) - whole.value
    if whole.value in values or (len(set(values)) < len(values) and excess > whole.value * _TWICE_TOLD):
        return True
    # one figure of the list is no part of this total: without it the sum holds
    return any(total([*intervals[:at], *intervals[at + 1 :]]).meets(own) for at in range(number) if parts[at].value)


def _unit_slip(
    whole: Figure, parts: Sequence[Figure], own: Interval, intervals: Sequence[Interval]
) -> tuple[Figure, Decimal] | None:
    """The one figure that, in 万 or out of it, makes the sum hold."""
    if whole.metric.kind not in ("money", "count", "measure"):
        return None
    sums = total(list(intervals))
    for part, interval in zip(parts, intervals, strict=True):
        if not part.value:
            continue
        for factor in (_TEN_THOUSAND, 1 / _TEN_THOUSAND):
            other = sums.minus(Interval(interval.high, interval.low)).plus(interval.times(factor))
            if other.meets(own) and len(parts) > 1:
                return part, factor
    return None


def _unit_draft(found: tuple[Figure, Decimal], whole: Figure, parts: Sequence[Figure], source: str | None) -> Draft:
    figure, factor = found
    expected = figure.value * factor
    return Draft(
        "unit_suspect",
        "error",
        "unit_sum",
        {"stated": figure.shown, "expected": amounts(expected, whole), "total": whole.shown, "name": figure.name},
        figure.value,
        expected,
        rounded(figure.interval.half * factor, 4),
        (whole.id, *((source,) if source else ()), *(one.id for one in parts)),
        figure.start,
        figure.end,
    )


# --- lists over paragraphs -----------------------------------------------------------------------------------------
def _lists(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """A total with 其中： at the end of its paragraph, the parts in the paragraphs below, in one or more columns."""
    for match in words.list_leads.finditer(ledger.text):
        if words.list_lead.search(ledger.text, max(0, match.start() - _LEAD), match.start()) is None:
            continue
        start, end = ledger.line(match.start())
        sentence = max(start, ledger.text.rfind("。", start, max(start, match.start() - 1)) + 1)
        totals: dict[str, Figure] = {}
        for one in ledger.between(sentence, match.start()):
            if one.metric.role in _COLUMNS and one.metric.source != "table":
                totals.setdefault(one.metric.role, one)
        totals = {role: one for role, one in totals.items() if one.plain and one.value and not one.metric.approx}
        if len(totals) > 1:
            yield from _columns(totals, _rows(ledger, end, next(iter(totals.values()))))


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
            if one.metric.role in _COLUMNS and one.metric.kind == lead.metric.kind:
                row.setdefault(one.metric.role, one)
        if not row or any(one.metric.unit != lead.metric.unit for one in row.values()):
            break
        rows.append(row)
    return rows


def _tables(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """The same in a table: 年度资金总额 above its sources of funds, 合计 below its items."""
    for rows in _table_rows(ledger).values():
        for number, row in enumerate(rows):
            name = next(iter(row.values())).name
            if words.total_name(name):
                yield from _columns(row, rows[:number][::-1])
            elif words.budget_row(name):
                yield from _columns(row, rows[number + 1 :])


def _table_rows(ledger: Ledger) -> dict[str, list[dict[str, Figure]]]:
    """The amounts of each table row by their column."""
    tables: dict[str, dict[object, dict[str, Figure]]] = {}
    for metric in ledger.report.metrics:
        if metric.source != "table" or metric.role not in _COLUMNS or metric.kind not in ("money", "number"):
            continue
        figure = ledger.figure(metric.id)
        if figure is not None and figure.quantity.table is not None:
            tables.setdefault(figure.quantity.table, {}).setdefault(metric.sentence, {}).setdefault(metric.role, figure)
    return {table: list(rows.values()) for table, rows in tables.items()}


def _columns(totals: dict[str, Figure], rows: Sequence[dict[str, Figure]]) -> Iterator[Draft]:
    """A column that fails beside one that closes; the list is the longest run of rows by which most columns close."""
    if len(rows) < 2 or len(totals) < 2:
        return
    sums: dict[str, list[Interval]] = {}
    own: dict[str, Interval] = {}
    for role, whole in totals.items():
        column = list(takewhile(lambda one: one is not None and one.plain, (row.get(role) for row in rows)))
        parts = [one for one in column if one is not None]  # a column with a gap ends there
        intervals, own[role] = _intervals(whole, parts)
        sums[role] = list(accumulate(intervals, Interval.plus))
    best: tuple[int, int, set[str]] = (0, 0, set())
    for count in range(2, len(rows) + 1):
        closed = {
            role
            for role, runs in sums.items()
            if len(runs) >= count
            and runs[count - 1].meets(own[role])
            and sum(1 for row in rows[:count] if row[role].value) > 1
        }
        best = max(best, (len(closed), count, closed), key=lambda one: one[:2])
    number, count, closed = best
    for role, runs in sums.items():
        if number and role not in closed and len(runs) >= count:
            yield from _column(totals[role], [row[role] for row in rows[:count]])


def _column(whole: Figure, parts: Sequence[Figure]) -> Iterator[Draft]:
    intervals, own = _intervals(whole, parts)
    sums = total(intervals)
    if not sums.meets(own):
        yield sum_draft(whole, parts, sum((one.value for one in parts), Decimal(0)), sums, own)


def balances(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """收入总计 and 支出总计 of a department, told one after the other, are equal."""
    if ledger.report.document.genre not in words.account_genres:
        return
    for match in _BALANCE.finditer(ledger.text):
        near = [one for one in ledger.between(match.start(), match.start() + _SIDES) if one.metric.role in _COLUMNS]
        sides: dict[str, Figure] = {}
        for one in near:
            told = words.balance.search(ledger.text, max(0, one.start - _LABEL), one.start)
            if told is not None and one.metric.kind == "money" and one.plain:
                sides.setdefault(told["side"], one)
        if len(sides) < len(_TWO_SIDES):
            continue
        income, spending = (sides[side] for side in _TWO_SIDES)
        if spending.start < income.start or income.metric.section != spending.metric.section:
            continue
        carried = words.carried.search(ledger.text, income.end, spending.end + _SIDES // 2)
        if carried is not None or income.metric.role != spending.metric.role:
            continue
        if not income.interval.meets(spending.interval):
            yield _unbalanced(income, spending)


def _unbalanced(income: Figure, spending: Figure) -> Draft:
    return Draft(
        "sum_of_parts",
        "error",
        "balance",
        {
            "income": income.shown,
            "stated": spending.shown,
            "difference": amounts(abs(income.value - spending.value), income),
        },
        spending.value,
        income.value,
        rounded(income.interval.half + spending.interval.half, 4),
        (income.id, spending.id),
        income.start,
        spending.end,
    )


# --- identities of the form ----------------------------------------------------------------------------------------
def _identities(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Totals whose parts the form of the report fixes: 三公经费 = 出国 + 用车 + 接待."""
    for whole, parts in _identity_sums(ledger, words):
        intervals, own = _intervals(whole, parts)
        sums = total(intervals)
        if sums.meets(own):
            continue
        value = sum((one.value for one in parts), Decimal(0))
        scaled = _unit_slip(whole, parts, own, intervals)
        yield _unit_draft(scaled, whole, parts, None) if scaled else sum_draft(whole, parts, value, sums, own)


def _identity_sums(ledger: Ledger, words: Words) -> Iterator[tuple[Figure, list[Figure]]]:
    by_indicator: dict[str, list[Figure]] = {}
    wanted = {one for whole, parts, _ in words.identities for one in (whole, *parts)}
    for metric in ledger.report.metrics:
        identifier = metric.indicator.id if metric.indicator is not None else None
        if identifier not in wanted or metric.role not in ("actual", "budget") or metric.source == "table":
            continue
        figure = ledger.figure(metric.id)
        if figure is not None and figure.plain and not metric.approx and metric.kind == "money":
            by_indicator.setdefault(str(identifier), []).append(figure)
    for whole_id, part_ids, where in words.identities:
        for whole in by_indicator.get(whole_id, []):
            parts = [_part(ledger, whole, by_indicator.get(one, []), where) for one in part_ids]
            found = [one for one in parts if one is not None]
            if len(found) == len(parts):
                yield whole, found


def _part(ledger: Ledger, whole: Figure, figures: Sequence[Figure], where: str) -> Figure | None:
    """The first figure of a part after its total, in the same section or, where said so, in the one beside it."""
    path = ledger.path(whole.metric.section)
    for one in figures:
        if one.start < whole.start or one.metric.role != whole.metric.role or one.metric.unit != whole.metric.unit:
            continue
        if one.start - whole.start > _IDENTITY_REACH:
            return None
        if where == "sentence":
            return one if one.metric.sentence == whole.metric.sentence else None
        if one.metric.section == whole.metric.section:
            return one
        if where == "beside":
            other = ledger.path(one.metric.section)
            if len(path) > 1 and path[1] in other:
                return one
        return None
    return None
