"""What the form of an account fixes: 三公经费 = 出国 + 用车 + 接待, 收入总计 = 支出总计; and which sums of it hold."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Final

from extract.audit.columns import COLUMNS
from extract.audit.draft import Draft
from extract.audit.intervals import rounded, total
from extract.audit.ledger import Figure, Ledger
from extract.audit.show import amounts
from extract.audit.sums import intervals_of, sum_draft, unit_draft, unit_slip
from extract.audit.words import Words

_BALANCE: Final = re.compile("收入(?:决算|预算)?总计")
_TOLD: Final = ("actual", "budget")
_TWO_SIDES: Final = ("收入", "支出")
_SIDES: Final = 120  # characters in which the two sides of an account stand
_LABEL: Final = 14  # characters of the words that name a side
_REACH: Final = 2_500  # characters after a total in which its parts stand


def identities(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Totals whose parts the form of the report fixes: 三公经费 = 出国 + 用车 + 接待."""
    for whole, parts in _identity_sums(ledger, words):
        value = sum((one.value for one in parts), Decimal(0))
        if value == whole.value:
            continue  # the usual case, decided at once
        intervals, own = intervals_of(whole, parts)
        sums = total(intervals)
        if sums.meets(own):
            continue
        scaled = unit_slip(whole, parts, own, intervals)
        yield unit_draft(scaled, whole, parts, None) if scaled else sum_draft(whole, parts, value, sums, own)


def _identity_sums(ledger: Ledger, words: Words) -> Iterator[tuple[Figure, list[Figure]]]:
    wholes: dict[str, list[Figure]] = {}
    parts_of: dict[tuple[str, str, str | None], list[Figure]] = {}  # by indicator, role, unit, in order
    wanted = words.identity_indicators
    for figure in ledger.figures:
        metric = figure.metric
        identifier = metric.indicator.id if metric.indicator is not None else None
        if identifier is None or identifier not in wanted or metric.source == "table" or metric.kind != "money":
            continue
        if metric.role in _TOLD and figure.plain and not metric.approx:
            wholes.setdefault(identifier, []).append(figure)
            parts_of.setdefault((identifier, metric.role, metric.unit), []).append(figure)
    for whole_id, part_ids, where in words.identities:
        for whole in wholes.get(whole_id, ()):
            role, unit = whole.metric.role, whole.metric.unit
            parts: list[Figure] = []
            for identifier in part_ids:
                part = _part(ledger, whole, parts_of.get((identifier, role, unit), []), where)
                if part is None:
                    break
                parts.append(part)
            else:
                yield whole, parts


def _part(ledger: Ledger, whole: Figure, figures: list[Figure], where: str) -> Figure | None:
    """The first figure of a part after its total, in the same section or, where said so, in the one beside it."""
    at = bisect_left(figures, whole.start, key=attrgetter("start"))
    if at == len(figures) or figures[at].start - whole.start > _REACH:
        return None
    one = figures[at]
    if where == "sentence":
        return one if one.metric.sentence == whole.metric.sentence else None
    if one.metric.section == whole.metric.section:
        return one
    if where == "beside":
        path = ledger.path(whole.metric.section)
        if len(path) > 1 and path[1] in ledger.path(one.metric.section):
            return one
    return None


def closed_sums(ledger: Ledger, words: Words) -> dict[str, Figure]:
    """Figures that make a total with others, and that total: they are as the report's own arithmetic wants them."""
    found: dict[str, Figure] = {}
    for breakdown in ledger.report.breakdowns:
        whole = ledger.figure(breakdown.total)
        parts = [ledger.figure(part.metric) for part in breakdown.parts]
        known = [one for one in parts if one is not None and one.value]
        if whole is not None and len(known) > 1 and _closes(whole, known):
            found.update((one.id, whole) for one in (whole, *known))
    for whole, parts_of in _identity_sums(ledger, words):
        if _closes(whole, parts_of):
            found.update((one.id, whole) for one in (whole, *parts_of))
    return found


def _closes(whole: Figure, parts: Sequence[Figure]) -> bool:
    if sum((one.value for one in parts), Decimal(0)) == whole.value:
        return True
    return total([one.interval for one in parts]).meets(whole.interval)


def balances(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """收入总计 and 支出总计 of a department, told one after the other, are equal."""
    if ledger.report.document.genre not in words.account_genres:
        return
    for match in _BALANCE.finditer(ledger.text):
        near = [one for one in ledger.between(match.start(), match.start() + _SIDES) if one.metric.role in COLUMNS]
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
