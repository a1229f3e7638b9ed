"""Words against figures: 大于 and 小于, claims of completion; and flags: units left out, template residue."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final

from extract.audit.draft import Draft
from extract.audit.intervals import HUNDRED, Interval
from extract.audit.ledger import Figure, Ledger
from extract.audit.rates import side_figure
from extract.audit.words import Words
from extract.records import Pair

_REACH: Final = 160  # characters between a pair and the word that compares its sides
_RESULT: Final = 12  # characters that a word for the result may have
_RATIO: Final = re.compile("[:：∶]")
_CLAIM_REACH: Final = 60
_VALUES: Final = ("actual", "budget", "budget_adjusted", "target", "change")


# --- direction -----------------------------------------------------------------------------------------------------
def directions(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """决算数大于预算数, 由A增加到B, 与上年持平: the word against the sign of the difference."""
    yield from _comparisons(ledger, words)
    yield from _moves(ledger)


def _comparisons(ledger: Ledger, words: Words) -> Iterator[Draft]:
    pairs = sorted((pair for pair in ledger.report.pairs if pair.source != "table"), key=lambda pair: pair.end)
    ends = [pair.end for pair in pairs]
    for match in _compared(ledger.text, words):
        index = bisect_right(ends, match.start()) - 1
        if index < 0:
            continue
        pair, place = pairs[index], match.start("word")
        if place - pair.end > _REACH:
            continue
        between = ledger.text[pair.end : place]
        if "\n" in between.strip("\n ") or between.count("。") > 1:
            continue
        draft = _comparison(ledger, words, pair, match)
        if draft is not None:
            yield draft


def _comparison(ledger: Ledger, words: Words, pair: Pair, match: Any) -> Draft | None:
    word, plan = match["word"], match["plan"]
    lead = words.result.search(ledger.text, max(0, match.start() - _RESULT), match.start())
    start = lead.start() if lead is not None else match.start()
    goal, done = side_figure(ledger, pair.target), side_figure(ledger, pair.actual)
    if done is None or pair.basis != "budget":
        return None
    if goal is None:
        if pair.completion is None:
            return None
        rate = Interval(pair.completion, pair.completion)
        difference = rate.minus(Interval(HUNDRED, HUNDRED))
        formula, refs = f"{pair.completion:f}% − 100%", [pair.id, done.id]
    else:
        if plan.startswith("年初") and goal.metric.role == "budget_adjusted":
            return None
        if plan.startswith(("调整", "全年")) and goal.metric.role == "budget":
            return None
        if goal.metric.kind != done.metric.kind:
            return None
        difference = done.interval.minus(goal.interval)
        formula, refs = f"{done.shown} − {goal.shown}", [pair.id, done.id, goal.id]
    up = difference.low > 0
    down = difference.high < 0
    if (up and word not in words.greater) or (down and word not in words.smaller):
        return Draft(
            "direction",
            "error",
            "direction_down" if down else "direction_up",
            {"formula": formula, "stated": "".join(ledger.text[start : match.end()].split()), "word": word},
            None,
            None,
            None,
            tuple(refs),
            start,
            match.end(),
        )
    return None


def _compared(text: str, words: Words) -> Iterator[Any]:
    """决算数大于年初预算数, 决算数与预算数持平: the words of a comparison of result and plan."""
    for match in words.comparison.finditer(text):
        if words.result.search(text, max(0, match.start() - _RESULT), match.start()) is not None:
            yield match
    yield from words.alike.finditer(text)


def _moves(ledger: Ledger) -> Iterator[Draft]:
    for change in ledger.report.changes:
        current, previous = ledger.figure(change.current), ledger.figure(change.previous)
        if current is None or previous is None or not (current.plain and previous.plain):
            continue
        if current.metric.unit != previous.metric.unit or current.metric.kind != previous.metric.kind:
            continue
        more = current.value - previous.value
        if not more or change.direction == ("increase" if more > 0 else "decrease"):
            continue  # the usual case, decided at once
        difference = current.interval.minus(previous.interval)
        up, down = difference.low > 0, difference.high < 0
        wrong = {"increase": down, "decrease": up, "flat": up or down}[change.direction]
        if wrong:
            yield Draft(
                "direction",
                "error",
                f"move_{change.direction}",
                {"current": current.shown, "previous": previous.shown},
                current.value,
                None,
                None,
                (change.id, current.id, previous.id),
                min(current.start, previous.start),
                max(current.end, previous.end),
            )


# --- claims --------------------------------------------------------------------------------------------------------
def missed_targets(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Results that miss their target in a sentence that claims completion."""
    for pair in ledger.report.pairs:
        if pair.basis != "performance" or pair.source == "table":
            continue
        goal, done = side_figure(ledger, pair.target), side_figure(ledger, pair.actual)
        if goal is None or done is None or not missed(words, pair, goal, done):
            continue
        tail = ledger.text[pair.end : pair.end + _CLAIM_REACH]
        stops = [tail.find(char) for char in "。；;\n" if char in tail]
        tail = tail[: min(stops)] if stops else tail
        claim = words.claims.search(tail)
        if claim is None or words.not_claims.search(tail[: claim.end()]) or words.other_basis.search(tail):
            continue
        between = ledger.between(pair.end, pair.end + claim.start())
        if any(one.metric.role != "completion" for one in between):
            continue  # the claim speaks of another figure
        yield Draft(
            "target_missed",
            "warning",
            "target_missed",
            {"name": done.name, "target": goal.shown, "stated": done.shown, "claim": claim[0]},
            done.value,
            goal.value,
            None,
            (pair.id, done.id, goal.id),
            done.start,
            pair.end + claim.end(),
        )


def missed(words: Words, pair: Pair, goal: Figure, done: Figure) -> bool:
    """Whether a result misses its target for certain, by the bound of the target or the kind of indicator."""
    if goal.metric.kind != done.metric.kind or not done.plain:
        return False
    comparator = goal.metric.comparator
    if comparator in ("<=", "<"):
        return done.value > goal.value and done.interval.low - goal.interval.high > 0
    if comparator == "=" and pair.indicator is not None and pair.indicator.id in words.down:
        return False
    return done.value < goal.value and done.interval.high - goal.interval.low < 0


# --- flags ---------------------------------------------------------------------------------------------------------
def missing_units(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """A bare number in a sentence whose other figures have a unit: 卫生健康支出27.09，占3.22%."""
    for figure in ledger.figures:
        metric = figure.metric
        if metric.kind != "number" or metric.unit is not None or metric.source == "table" or metric.role not in _VALUES:
            continue
        if _RATIO.search(figure.shown) or words.unitless.search(figure.name):
            continue
        like = ledger.money_of(metric.sentence, metric.role)
        if like is None:
            continue
        yield Draft(
            "missing_unit",
            "info",
            "missing_unit",
            {"name": figure.name, "stated": figure.shown, "like": like.shown},
            figure.value,
            None,
            None,
            (figure.id, like.id),
            figure.start,
            figure.end,
        )


def residues(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Words of the form that were to be replaced: 增加/减少, （或与上年持平）, ××万元."""
    text = ledger.text
    last = -1
    found = sorted(words.residue(text), key=lambda span: (span[0], -span[1]))
    for start, end in found:
        if start < last:
            continue
        last = end
        near = [one.id for one in ledger.between(start, end)]
        yield Draft(
            "template_residue",
            "info",
            "template_residue",
            {"stated": " ".join(text[start:end].split())[:60]},
            None,
            None,
            None,
            tuple(near),
            start,
            end,
        )
