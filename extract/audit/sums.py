"""Totals against their parts in one sentence: 其中 lists, and lists that are summed up at their end.

A list after 其中 may be incomplete, so parts that fall short of their total say nothing by themselves. They do where
the list is known to be whole: its shares make 100 %, another column of it closes (`columns`), or the form of the report
has no other part (`accounts`). Parts beyond their total are wrong in any case, unless some of them are parts of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from extract.audit.draft import Draft
from extract.audit.intervals import HUNDRED, Interval, exactly, rounded, total
from extract.audit.ledger import Figure, Ledger
from extract.audit.show import amount, amounts
from extract.audit.words import Words

_ALL: Final = exactly(HUNDRED)
_BREAK: Final = re.compile("[。；：:（(]|其中|增|减|比|较|占")  # what ends a list that is summed up
_CLAUSE: Final = 240  # characters that such a list may have
_GAP: Final = 24  # characters of a name inside it
_TEN_THOUSAND: Final = Decimal(10_000)
_TWICE_TOLD: Final = Decimal("0.1")  # beyond this a figure that stands twice in a list is one told twice
_CLOSE: Final = Decimal("0.25")  # parts beyond their total by more than this share are not parts of it


def sums_of_parts(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Parts of a 其中 list against their total."""
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
        complete = len(rates) == len(parts) and total([one.interval for one in rates]).meets(_ALL)
        lead = ledger.text[whole.end : figures[0].start]
        if "。" in lead and "：" not in lead and ":" not in lead and not complete:
            continue  # 产量A万吨，增长3%。其中，B 2万吨；C 1万吨: what follows is of the topic, not of the total alone
        nested = words.nested.search(ledger.text, figures[0].end, figures[-1].end) is not None
        yield from _compare(whole, figures, complete=complete, nested=nested, source=breakdown.id)


def _compare(
    whole: Figure, parts: Sequence[Figure], *, complete: bool, nested: bool, source: str | None = None
) -> Iterator[Draft]:
    if whole.value == 0:
        return
    intervals, own = intervals_of(whole, parts)
    sums = total(intervals)
    if sums.meets(own) or any(one.metric.approx for one in (whole, *parts)):
        return
    beyond = sums.low > own.high
    if beyond and (nested or _inner(whole, parts, intervals, own)):
        return
    value = sum((one.value for one in parts), Decimal(0))
    if beyond and not complete and value - whole.value > whole.value * _CLOSE:
        return
    scaled = unit_slip(whole, parts, own, intervals)
    if not beyond and not complete and scaled is None:
        return
    if nested and not complete:
        return
    if scaled is not None:
        yield unit_draft(scaled, whole, parts, source)
        return
    yield sum_draft(whole, parts, value, sums, own, source=source)


def summed_up(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """`A 3个、B 5个，共计8个`: the total after its parts, all in one clause of one unit."""
    for match in words.summing.finditer(ledger.text):
        whole = next(iter(ledger.between(match.end(), match.end() + 2)), None)
        if whole is None or not whole.plain or whole.metric.approx or not whole.value:
            continue
        parts = _clause(ledger, whole, match.start())
        value = sum((one.value for one in parts), Decimal(0))
        if len(parts) < 2 or words.added.search(ledger.text, max(0, parts[0].start - _GAP), parts[0].start):
            continue  # 加上上级补助A、调入B，收入总计C: the sentence before tells the first of the sum
        if value == whole.value or abs(value - whole.value) > whole.value * _CLOSE:
            continue
        intervals, own = intervals_of(whole, parts)
        sums = total(intervals)
        if not sums.meets(own) and not _inner(whole, parts, intervals, own):
            yield sum_draft(whole, parts, value, sums, own)


def _clause(ledger: Ledger, whole: Figure, end: int) -> list[Figure]:
    """The figures of one list right before a place, with nothing but a name between them."""
    parts: list[Figure] = []
    for one in ledger.before(end, _CLAUSE):
        gap = ledger.text[one.end : parts[-1].start if parts else end]
        if one.metric.unit != whole.metric.unit or one.metric.role != whole.metric.role or not one.plain:
            break
        if _BREAK.search(gap) or len(gap) > _GAP or one.metric.approx or one.metric.source != whole.metric.source:
            break
        parts.append(one)
    return parts[::-1]


# --- shared by all sums ---
def intervals_of(
    whole: Figure, parts: Sequence[Figure], *, beyond: Decimal | None = None
) -> tuple[list[Interval], Interval]:
    """The intervals of parts and of their total.

    Budgets are decided, not measured: a round one is as exact as the finest of its list; `beyond` is the finest last
    place of the rest of the list, where `parts` are not all of it.
    """
    finest = min((one.last_place for one in (whole, *parts) if one.value), default=Decimal(0))
    finest = min(finest, beyond) if beyond is not None else finest
    planned = whole.metric.role in ("budget", "budget_adjusted", "target")
    only = [one for one in parts if one.value]
    if len(only) == 1 and only[0].scale == whole.scale:  # one figure printed twice, no sum
        return [one.interval for one in parts], whole.interval
    if planned:
        return [one.finer(finest) if one.value else one.interval for one in parts], whole.finer(finest)
    return [one.interval for one in parts], whole.interval


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


def unit_slip(
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


def unit_draft(found: tuple[Figure, Decimal], whole: Figure, parts: Sequence[Figure], source: str | None) -> Draft:
    """The finding that one figure of a sum has the wrong unit."""
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
