"""One indicator with two values: the same period, subject and scope, in prose, tables and conclusions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from extract.audit.accounts import closed_sums
from extract.audit.draft import Draft
from extract.audit.goals import Goals, goals_of
from extract.audit.ledger import Figure, Ledger
from extract.audit.rates import completion_figure
from extract.audit.scopes import near_scope, same_scope
from extract.audit.words import Words
from extract.records import Pair, Period

_ROLES: Final = ("actual", "budget", "budget_adjusted", "target")
_FAR: Final = Decimal("0.5")  # values farther apart than this are of two things, not two values of one
_WAN: Final = Decimal(10_000)
_PARTIAL: Final = re.compile(r"[\d一二三四五六七八九十]月|季度|上半年|下半年|日")
_MOST: Final = 60  # figures of one key that are compared with each other
_SHORT: Final = 2
_SPEAKING: Final = 5  # characters of a name that is not in the table of indicators
_FULL: Final = 14
_COUNTED: Final = ("money", "count", "measure")
_ITEM: Final = "fin.exp_func"  # which line of the classification is told by its name
_LISTED: Final = ("list.parts",)
_REACH: Final = 300  # characters back that the fund of a figure is told


def conflicts(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Levels of one key that no single value explains, and rates of one result that differ."""
    yield from _levels(ledger, words)
    yield from _completions(ledger, words)


# --- levels --------------------------------------------------------------------------------------------------------
def _levels(ledger: Ledger, words: Words) -> Iterator[Draft]:
    groups: dict[tuple[object, ...], list[Figure]] = {}
    inside = _funds(ledger)
    fiscal = ledger.report.document.fiscal_year
    year = (f"{fiscal}-01-01", f"{fiscal}-12-31") if fiscal is not None else ("", "")
    for figure in ledger.figures:
        metric = figure.metric
        if metric.indicator is None or metric.role not in _ROLES or metric.comparator != "=" or not figure.value:
            continue
        identifier = inside.get(metric.id, metric.indicator.id) if inside else metric.indicator.id
        if identifier in (None, _ITEM):  # known by its words alone: they must be the same and say enough
            identifier = metric.indicator.text
            least = _FULL if metric.kind == "money" else _SPEAKING  # each fund has its 年终结余结转
            if len(identifier) < least or metric.kind not in _COUNTED or metric.rule in _LISTED:
                continue
        elif not words.single(identifier):
            continue
        elif identifier in words.of_any_fund:
            identifier += _fund(ledger, words, figure)
        period = _period(metric.period, year)
        if period is None:
            continue
        groups.setdefault((identifier, metric.role, metric.unit, period), []).append(figure)
    supported: dict[str, Figure] | None = None
    for figures in groups.values():
        if len(figures) > 1 and len({one.value for one in figures}) > 1:
            supported = closed_sums(ledger, words) if supported is None else supported
            yield from _group(ledger, words, figures, supported)


def _funds(ledger: Ledger) -> dict[str, str]:
    """基本支出 as part of 一般公共预算拨款支出 is the 基本支出 of that fund."""
    found: dict[str, str] = {}
    for breakdown in ledger.report.breakdowns:
        whole = ledger.figure(breakdown.total)
        if whole is not None and whole.indicator == "fin.exp_gpb":
            for part in breakdown.parts:
                one = ledger.figure(part.metric)
                if one is not None and one.indicator == "fin.exp_basic":
                    found[one.id] = "fin.exp_gpb_basic"
    return found


def _fund(ledger: Ledger, words: Words, figure: Figure) -> str:
    """The fund that 本年收入 is of, told in the same sentence or in a heading above; nothing where none is told."""
    start = max(figure.metric.sentence.start, figure.start - _REACH)
    told = words.fund.search(ledger.text, start, figure.start)
    if told is not None:
        return told[0]
    titles = (ledger.sections[section].title for section in ledger.path(figure.metric.section))
    return next((match[0] for match in map(words.fund.search, titles) if match is not None), "")


def _period(period: Period | None, year: tuple[str, str]) -> tuple[str, str] | None:
    """The period of a value, that of the report where none is told; None for single days and months, of an event."""
    if period is not None and period.start is None and _PARTIAL.search(period.text):
        return "", period.text  # 1—9月 of a year that is not told
    if period is None or period.start is None or period.end is None:
        return year
    if period.end.endswith("-12-31") and period.start[:4] == period.end[:4]:
        return f"{period.end[:4]}-01-01", period.end  # at the end of a year, or over it
    if period.start[:7] == period.end[:7]:
        return None
    return period.start, period.end


def _group(ledger: Ledger, words: Words, figures: Sequence[Figure], supported: dict[str, Figure]) -> Iterator[Draft]:
    """Every figure against the best supported other one of the same thing: told more often, part of a sum, first."""
    by_value: dict[Decimal, list[str]] = {}
    for one in figures:
        by_value.setdefault(one.value, []).append(one.id)
    counts = {value: len(same) for value, same in by_value.items()}
    closing = {one.value: supported[one.id] for one in figures if one.id in supported}
    ranked = sorted(
        figures[:_MOST], key=lambda one: (-counts[one.value], one.value not in closing, one.last_place, one.start)
    )
    for place, one in enumerate(ranked):
        own = one.interval
        scaled = [(factor, own.times(factor)) for factor in (_WAN, 1 / _WAN)]
        for other in ranked[:place]:
            if one.value == other.value or own.meets(other.interval):
                continue
            suspect = next((factor for factor, unit in scaled if unit.meets(other.interval)), None)
            near = _FAR <= abs(one.value / other.value) <= 1 / _FAR
            if (suspect is not None or near) and _same_thing(ledger, words, one, other, closing):
                swapped = suspect is not None and counts[one.value] == counts[other.value]
                if swapped and _usual(ledger, one) > _usual(ledger, other):
                    one, other = other, one
                yield _conflict(one, other, by_value[other.value], suspect)
                break


def _usual(ledger: Ledger, figure: Figure) -> tuple[int, Decimal]:
    """How usual the unit of a figure is in its report: 万元 in most."""
    return ledger.money_scales[figure.scale], figure.scale


def _same_thing(ledger: Ledger, words: Words, one: Figure, other: Figure, closing: dict[Decimal, Figure]) -> bool:
    first, second = one.metric, other.metric
    if first.sentence == second.sentence:
        return False
    if ("收入" in one.name) != ("收入" in other.name):
        return False  # both sides of an account are 收支总计
    if first.rule == "list.parts" and ledger.line(one.start) == ledger.line(other.start):
        return False
    if not same_scope(ledger, first, second):
        return False
    unknown = first.indicator is not None and first.indicator.id is None
    if unknown and first.section == second.section and len(one.name) < _FULL:
        return False  # one list tells of two things in the same words; a full name is sure: 住房保障支出（类）…
    if _parts_of_others(closing, one, other):
        return False
    names = sorted((words.stem(one.name), words.stem(other.name)), key=len)
    return len(names[0]) >= _SHORT and (names[0] == names[1] or names[1].endswith(names[0]))


def _parts_of_others(closing: dict[Decimal, Figure], one: Figure, other: Figure) -> bool:
    """Whether each of the two values closes a sum of its own: 人员经费 of 基本支出 and of 财政拨款基本支出."""
    first, second = closing.get(one.value), closing.get(other.value)
    return first is not None and second is not None and not first.interval.meets(second.interval)


def _conflict(one: Figure, chosen: Figure, same: Sequence[str], suspect: Decimal | None) -> Draft:
    return Draft(
        "unit_suspect" if suspect is not None else "conflict",
        "error" if suspect is not None else "warning",
        "unit_conflict" if suspect is not None else "conflict",
        {"name": one.name, "stated": one.shown, "expected": chosen.shown, "count": str(len(same))},
        one.value,
        chosen.value,
        one.interval.half + chosen.interval.half,
        (one.id, *same),
        one.start,
        one.end,
    )


# --- rates of completion -------------------------------------------------------------------------------------------
def _completions(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """One result with two rates of completion: 2.66万人 as 149.18% and as 131.12% of the task."""
    groups: dict[tuple[object, ...], list[tuple[Pair, Figure, Figure]]] = {}
    goals: dict[str, Goals] = {}
    for pair in ledger.report.pairs:
        if pair.completion is None or pair.actual is None or pair.indicator is None or not pair.actual.value:
            continue
        identifier = pair.indicator.id
        if not words.single(identifier) or (pair.target is not None and pair.target.value):
            continue
        done, rate = ledger.figure(pair.actual.metric), completion_figure(ledger, pair)
        if done is not None and rate is not None and done.plain and rate.plain:
            groups.setdefault((identifier, done.value, done.metric.unit, pair.basis), []).append((pair, done, rate))
    several = {key: group for key, group in groups.items() if len({rate.value for _, _, rate in group}) > 1}
    if several:
        goals = goals_of(ledger.of_role("target"))
    for key, group in several.items():
        yield from _rates(ledger, words, group, goals.get(str(key[0])))


def _rates(
    ledger: Ledger, words: Words, group: Sequence[tuple[Pair, Figure, Figure]], goals: Goals | None
) -> Iterator[Draft]:
    by_value: dict[Decimal, list[str]] = {}
    for _, _, rate in group:
        by_value.setdefault(rate.value, []).append(rate.id)
    counts = {value: len(same) for value, same in by_value.items()}

    def supported(done: Figure, rate: Figure) -> bool:
        return goals is not None and goals.above_zero.wholes.agree(done.interval, rate.interval)

    chosen = max(group, key=lambda item: (supported(item[1], item[2]), counts[item[2].value], -item[2].start))
    names = words.stem(chosen[1].name)
    for pair, done, rate in group:
        if rate.interval.meets(chosen[2].interval) or words.stem(done.name) != names:
            continue
        if not near_scope(ledger, done.metric, chosen[1].metric):
            continue
        same = by_value[chosen[2].value]
        yield Draft(
            "conflict",
            "warning",
            "conflict_rate",
            {
                "name": done.name,
                "result": done.shown,
                "stated": rate.shown,
                "expected": chosen[2].shown,
                "count": str(len(same)),
            },
            rate.value,
            chosen[2].value,
            rate.interval.half + chosen[2].interval.half,
            (pair.id, done.id, rate.id, *same),
            rate.start,
            rate.end,
        )
