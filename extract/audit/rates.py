"""Rates against the figures they were made from: completion of targets and budgets, growth, shares."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from extract.audit.draft import Draft
from extract.audit.goals import Goals, agrees, goal_interval, goals_of, same_unit
from extract.audit.intervals import HUNDRED, around, change_rate, growth, percent, rounded
from extract.audit.ledger import Figure, Ledger
from extract.audit.show import amount, amounts
from extract.audit.words import Words
from extract.records import Change, Pair, Side

LEVELS: Final = ("actual", "budget", "budget_adjusted", "target", "previous")
_BASES: Final = ("budget", "budget_adjusted", "target")
_RATES: Final = ("rate", "percentage_point")
_NEAR: Final = 400  # characters back in which another base of a rate may stand
_STATEMENT: Final = 260  # a pair in prose whose ends lie farther apart is not one statement

_SLIPS: Final = (
    (HUNDRED, "slip_ratio"),
    (1 / HUNDRED, "slip_hundred"),
    (Decimal(10), "slip_ten"),
    (Decimal("0.1"), "slip_ten"),
)


# --- completion ----------------------------------------------------------------------------------------------------
def completion_rates(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Stated rates of completion against result and target, in one statement or in two."""
    goals: dict[str, Goals] | None = None
    for pair in ledger.report.pairs:
        if pair.completion is None or pair.actual is None or pair.actual.value is None:
            continue
        if pair.target is not None and pair.target.value:
            draft = _completion(ledger, pair)
        elif pair.target is None and pair.indicator is not None and pair.indicator.id is not None:
            if goals is None:
                goals = goals_of(ledger.of_role("target"))
            known = goals.get(pair.indicator.id)
            if known is None or not words.single(pair.indicator.id):
                continue
            draft = _distant_completion(ledger, pair, known)
        else:
            continue
        if draft is not None:
            yield draft


def _completion(ledger: Ledger, pair: Pair) -> Draft | None:
    assert pair.target is not None
    assert pair.actual is not None
    if pair.computed_completion is None or pair.completion is None:
        return None
    if abs(pair.computed_completion - pair.completion) <= Decimal("0.005"):
        return None  # agrees to two decimals: the usual case, decided at once
    if pair.source != "table" and pair.end - pair.start > _STATEMENT:
        return None
    goal, done = ledger.figure(pair.target.metric), ledger.figure(pair.actual.metric)
    rate = completion_figure(ledger, pair)
    if goal is None or done is None or not done.plain or goal.value <= 0 or goal.metric.kind != done.metric.kind:
        return None
    if pair.target.comparator in ("<=", "<") or (rate is not None and not rate.plain):
        return None
    if not same_unit(goal.metric.unit, done.metric.unit):
        return None
    stated = rate.interval if rate is not None else around(pair.completion, _last_place(pair.completion))
    expected = percent(done.interval, goal_interval(goal))
    if expected is None or expected.meets(stated):
        return None
    other = next((one for one in _other_bases(ledger, pair, goal) if agrees(done, one, stated)), None)
    if other is not None:
        if pair.source == "table" and goal.metric.role == "budget_adjusted" and other.metric.role == "budget":
            return _initial_base(pair, goal, done, other, rate)
        return None
    value = done.value / goal.value * HUNDRED
    capped = pair.completion == HUNDRED and value > HUNDRED
    formula = f"{amount(done, goal)} ÷ {amount(goal, done)}"
    refs = [pair.id, *(one.id for one in (goal, done, rate) if one is not None)]
    return Draft(
        "completion_rate",
        "warning" if capped else "error",
        "completion_capped" if capped else "completion_rate",
        {
            "formula": formula,
            "expected": f"{rounded(value)}%",
            "stated": f"{pair.completion:f}%",
            **slip(value, pair.completion),
        },
        pair.completion,
        rounded(value),
        rounded(expected.half + stated.half, 4),
        tuple(refs),
        *(_span(rate) if rate is not None else (pair.start, pair.end)),
    )


def _initial_base(pair: Pair, goal: Figure, done: Figure, other: Figure, rate: Figure | None) -> Draft:
    """A form defines 执行率 by 全年预算数; one computed from 年初预算数 is another rate."""
    assert pair.completion is not None
    value = done.value / goal.value * HUNDRED
    return Draft(
        "completion_rate",
        "warning",
        "completion_base",
        {
            "formula": f"{amount(done, goal)} ÷ {amount(goal, done)}",
            "expected": f"{rounded(value)}%",
            "other": f"{amount(done, other)} ÷ {amount(other, done)}",
            "stated": f"{pair.completion:f}%",
        },
        pair.completion,
        rounded(value),
        None,
        (pair.id, *(one.id for one in (goal, done, other, rate) if one is not None)),
        *(_span(rate) if rate is not None else (pair.start, pair.end)),
    )


def _distant_completion(ledger: Ledger, pair: Pair, goals: Goals) -> Draft | None:
    """A result with its rate in one place, the target in another."""
    assert pair.actual is not None
    assert pair.completion is not None
    done, rate = ledger.figure(pair.actual.metric), completion_figure(ledger, pair)
    if done is None or rate is None or not rate.plain or not done.plain or done.metric.subject not in goals.subjects:
        return None
    like = goals.like(done.metric)
    if like is None or not like.one_value or like.wholes.agree(done.interval, rate.interval):
        return None
    goal = like.figures[0]
    expected = percent(done.interval, goal_interval(goal))
    if expected is None:
        return None
    value = done.value / goal.value * HUNDRED
    if not Decimal("0.5") < value / pair.completion < 2:  # another scope, not an error of arithmetic
        return None
    return Draft(
        "completion_rate",
        "warning",
        "completion_distant",
        {
            "target": goal.shown,
            "formula": f"{amount(done, goal)} ÷ {amount(goal, done)}",
            "expected": f"{rounded(value)}%",
            "stated": rate.shown,
            "name": done.name,
        },
        pair.completion,
        rounded(value),
        rounded(expected.half + rate.interval.half, 4),
        (pair.id, done.id, rate.id, goal.id),
        *_span(rate),
    )


def _other_bases(ledger: Ledger, pair: Pair, goal: Figure) -> Iterator[Figure]:
    """Other budgets or targets of the same thing nearby: 年初预算 beside 调整后预算."""
    near = ledger.between(max(0, pair.start - _NEAR), pair.end + 60)
    yield from (
        one
        for one in near
        if one.metric.role in _BASES
        and one is not goal
        and one.value > 0
        and one.name == goal.name
        and one.metric.unit == goal.metric.unit
    )


def completion_figure(ledger: Ledger, pair: Pair) -> Figure | None:
    """The figure that states the rate of a pair."""
    assert pair.actual is not None
    near = ledger.between(min(pair.start, pair.actual.start), pair.end + 1)
    rates = [one for one in near if one.metric.role == "completion" and one.value == pair.completion]
    end = pair.actual.end
    return min(rates, key=lambda one: abs(one.start - end), default=None)


# --- growth --------------------------------------------------------------------------------------------------------
def growth_rates(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Stated growth against difference and level, and against the level before, where it is printed."""
    for change in ledger.report.changes:
        delta, rate = ledger.figure(change.delta), ledger.figure(change.rate)
        current, previous = ledger.figure(change.current), ledger.figure(change.previous)
        if rate is not None and (rate.metric.kind != "rate" or rate.metric.unit != "%" or not rate.plain):
            rate = None
        if delta is not None and (not delta.plain or delta.metric.kind in _RATES):
            delta = None
        if delta is not None and current is None:
            current = _level_before(ledger, change, delta)
        if delta is not None and rate is not None and delta.value * rate.value < 0:
            yield _signs(change, delta, rate)
            continue
        if current is None or not current.plain or current.value <= 0 or current.metric.kind in _RATES:
            continue
        if delta is None and previous is None and rate is not None:
            previous = _year_before(ledger, current)
        others = [one for one in (delta, previous) if one is not None]
        if any(one.metric.unit != current.metric.unit or one.metric.kind != current.metric.kind for one in others):
            continue
        draft = _delta(change, current, previous, delta) if previous and delta else None
        level = draft is None
        if level and rate is not None:
            draft = _growth(change, current, previous, delta, rate)
        if draft is None:
            continue
        ends = [one for one in (current, previous, delta, rate) if one is not None]
        first = min(one.start for one in ends)
        window = ledger.text[max(ledger.line(first)[0], first - 30) : max(one.end for one in ends)]
        if words.other_basis.search(window) or (delta is None and words.real_terms.search(current.name)):
            continue
        if level and delta is not None and rate is not None and _fits_another(ledger, delta, rate, current):
            continue
        yield draft


def _level_before(ledger: Ledger, change: Change, delta: Figure) -> Figure | None:
    """The level that a change without one speaks of: the last of its name in the same section."""
    if change.indicator is None or change.indicator.id is None:
        return None
    for one in ledger.before(delta.start, _NEAR):
        if one.metric.section != delta.metric.section:
            return None
        if one.indicator == change.indicator.id and one.metric.role == "actual":
            same = one.metric.unit == delta.metric.unit and one.metric.kind == delta.metric.kind
            return one if same else None
    return None


def _year_before(ledger: Ledger, current: Figure) -> Figure | None:
    """The level of the year before, where it stands right before the current one: 2021年3702座，2022年3147座."""
    period = current.metric.period
    other = ledger.last_between(ledger.line(current.start)[0], current.start)
    if other is None or period is None or period.start is None:
        return None
    before = other.metric.period
    if before is None or before.start is None or before.end is None or period.end is None or not other.plain:
        return None
    if other.name != current.name or other.metric.role != "actual" or other.metric.sentence != current.metric.sentence:
        return None
    years = (int(before.start[:4]) + 1, before.start[4:], int(before.end[:4]) + 1, before.end[4:])
    same = years == (int(period.start[:4]), period.start[4:], int(period.end[:4]), period.end[4:])
    return other if same else None


def _fits_another(ledger: Ledger, delta: Figure, rate: Figure, current: Figure) -> bool:
    """Whether difference and rate agree with another level of the paragraph, of which they are told then."""
    first, _ = ledger.line(delta.start)
    for one in ledger.between(first, rate.end + _NEAR // 4):
        if one is current or one.metric.unit != delta.metric.unit or one.metric.role not in LEVELS or one.value <= 0:
            continue
        expected = change_rate(delta.interval, one.interval)
        if expected is not None and expected.meets(rate.interval):
            return True
    return False


def _signs(change: Change, delta: Figure, rate: Figure) -> Draft:
    return Draft(
        "direction",
        "error",
        "signs_differ",
        {"delta": _signed(delta), "rate": _signed(rate)},
        rate.value,
        -rate.value,
        None,
        (change.id, delta.id, rate.id),
        delta.start if delta.start < rate.start else rate.start,
        max(delta.end, rate.end),
    )


def _signed(figure: Figure) -> str:
    return ("+" if figure.value > 0 else "−") + figure.shown.lstrip("-−")


def _delta(change: Change, current: Figure, previous: Figure, delta: Figure) -> Draft | None:
    value = current.value - previous.value
    if delta.interval.holds(value):
        return None  # the usual case, decided at once
    expected = current.interval.minus(previous.interval)
    if expected.meets(delta.interval):
        return None
    up = value >= 0
    return Draft(
        "growth_rate",
        "error",
        "delta" if up else "delta_down",
        {
            "formula": f"{amount(current, previous)} − {amount(previous, current)}",
            "expected": amounts(abs(value), current),
            "stated": delta.shown,
        },
        delta.value,
        value,
        rounded(expected.half + delta.interval.half, 4),
        (change.id, current.id, previous.id, delta.id),
        *_span(delta),
    )


def _growth(
    change: Change, current: Figure, previous: Figure | None, delta: Figure | None, rate: Figure
) -> Draft | None:
    if delta is not None:
        before = current.value - delta.value
        if before <= 0 or rate.interval.holds(delta.value / before * HUNDRED):
            return None  # the usual case, decided at once
        expected = change_rate(delta.interval, current.interval)
        size = amount(delta, current).lstrip("-−")
        sign = "−" if delta.value >= 0 else "+"
        formula = f"{size} ÷ ({amount(current, delta)} {sign} {size})"
        used = [delta]
    elif previous is not None and previous.plain:
        before = previous.value
        if before <= 0 or rate.interval.holds((current.value / before - 1) * HUNDRED):
            return None
        expected = growth(current.interval, previous.interval)
        quotient = f"{amount(current, previous)} ÷ {amount(previous, current)}"
        formula = f"{quotient} − 1" if current.value >= previous.value else f"1 − {quotient}"
        used = [previous]
    else:
        return None
    if expected is None or expected.meets(rate.interval):
        return None
    value = (current.value / before - 1) * HUNDRED
    if value * rate.value < 0:
        formula = formula.replace("1 − ", "") + " − 1" if formula.startswith("1 − ") else formula
        return Draft(
            "direction",
            "error",
            "rate_sign",
            {"formula": formula, "expected": f"{rounded(value)}%", "stated": rate.shown},
            rate.value,
            rounded(value),
            None,
            (change.id, current.id, *(one.id for one in used), rate.id),
            *_span(rate),
        )
    return Draft(
        "growth_rate",
        "error",
        "growth_rate",
        {
            "formula": formula,
            "expected": f"{rounded(abs(value))}%",
            "stated": rate.shown,
            **slip(abs(value), abs(rate.value)),
        },
        rate.value,
        rounded(value),
        rounded(expected.half + rate.interval.half, 4),
        (change.id, current.id, *(one.id for one in used), rate.id),
        *_span(rate),
    )


# --- shared --------------------------------------------------------------------------------------------------------
def slip(expected: Decimal, stated: Decimal) -> dict[str, str]:
    """Whether a stated percentage is the ratio itself (0.95%) or a hundred times too much."""
    if expected and stated:
        for factor, name in _SLIPS:
            if abs(stated * factor - expected) <= abs(expected) / 100:
                return {"hint": name}
    return {}


def _last_place(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(0, int(exponent)))


def _span(figure: Figure) -> tuple[int, int]:
    return figure.start, figure.end


def side_figure(ledger: Ledger, side: Side | None) -> Figure | None:
    """The figure of a pair's side, where it is one."""
    return ledger.figure(side.metric) if side is not None else None
