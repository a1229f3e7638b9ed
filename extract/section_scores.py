"""How well section types were named: accuracy, F1 of every type, confusion, and whether confidence can be believed.

Read `SectionScores`. Macro-F1 is the mean of the F1 of the types that occur in the gold. The calibration error is the
mean distance between confidence and accuracy over ten equal bins, weighted by their sizes (expected calibration error,
Naeini et al. 2015).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

BINS: Final = 10


class Judged(Struct, frozen=True):
    """A section, the types that gold accepts for it (the first is the one preferred), and what was answered."""

    wanted: tuple[str, ...]
    answer: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the answer is one that the gold accepts."""
        return self.answer in self.wanted

    @property
    def gold(self) -> str:
        """The type that counts as gold: the answer if it is accepted, else the preferred one."""
        return self.answer if self.right else self.wanted[0]


class TypeScore(Struct, frozen=True):
    """Precision, recall and F1 of one type, and how often it stands in the gold."""

    type: str
    gold: int
    precision: float
    recall: float
    f1: float


class Bin(Struct, frozen=True):
    """Answers of similar confidence: how many, their mean confidence, the share of them that is right."""

    low: float
    count: int
    confidence: float
    accuracy: float


class SectionScores(Struct, frozen=True):
    """All figures of a list of judged sections."""

    count: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    types: list[TypeScore]
    bins: list[Bin]
    confusion: dict[tuple[str, str], int]


def section_scores(judged: Iterable[Judged]) -> SectionScores:
    """Score judged sections; all figures are 0 where there are none."""
    every = list(judged)
    gold = Counter(one.gold for one in every)
    answers = Counter(one.answer for one in every)
    hits = Counter(one.gold for one in every if one.right)
    types = [
        TypeScore(
            name,
            gold[name],
            hits[name] / answers[name] if answers[name] else 0.0,
            hits[name] / gold[name],
            2 * hits[name] / (gold[name] + answers[name]),
        )
        for name in sorted(gold)
    ]
    groups: dict[int, list[Judged]] = {}
    for one in every:
        groups.setdefault(min(BINS - 1, int(one.confidence * BINS)), []).append(one)
    bins = [
        Bin(
            at / BINS,
            len(group),
            sum(one.confidence for one in group) / len(group),
            sum(one.right for one in group) / len(group),
        )
        for at, group in sorted(groups.items())
    ]
    count = len(every)
    return SectionScores(
        count=count,
        accuracy=sum(one.right for one in every) / count if count else 0.0,
        macro_f1=sum(one.f1 for one in types) / len(types) if types else 0.0,
        calibration_error=sum(part.count * abs(part.confidence - part.accuracy) for part in bins) / count
        if count
        else 0.0,
        types=types,
        bins=bins,
        confusion=dict(sorted(Counter((one.gold, one.answer) for one in every if not one.right).items())),
    )


def headline(scores: SectionScores) -> str:
    """Sections, accuracy, macro-F1 and calibration error in one line."""
    return (
        f"{scores.count} sections, accuracy {scores.accuracy:.4f}, macro-F1 {scores.macro_f1:.4f}, "
        f"calibration error {scores.calibration_error:.4f}"
    )


def confusion_lines(scores: SectionScores, *, top: int | None = None) -> list[str]:
    """What was taken for what, the most frequent first: `12  fund_use → fund_allocation`."""
    ranked = sorted(scores.confusion.items(), key=lambda item: (-item[1], item[0]))
    return [f"{count:>4}  {gold} → {answer}" for (gold, answer), count in ranked[:top]]


__all__ = ["BINS", "Bin", "Judged", "SectionScores", "TypeScore", "confusion_lines", "headline", "section_scores"]
