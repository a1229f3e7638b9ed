"""What relations are made of before they get their ids: readings that belong together."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from extract.numbers import plain
from extract.phrases import Phrase
from extract.reading import Reading


class Words(Struct, frozen=True, gc=False):
    """A side that is words or a date, in typed positions."""

    start: int
    end: int


class PairDraft(Struct, frozen=True):
    """A pair to be; sides are readings or words."""

    phrase: Phrase | None
    basis: str
    target: Reading | Words | None
    actual: Reading | Words | None
    completion: Reading | None
    exceeded: Reading | None
    rule: str


class ChangeDraft(Struct, frozen=True):
    """A change to be; `at` is a typed position inside it, `since` where its base period may be read from."""

    phrase: Phrase | None
    direction: str
    current: Reading | None
    previous: Reading | None
    delta: Reading | None
    rate: Reading | None
    since: int
    at: int
    rule: str


class BreakdownDraft(Struct, frozen=True):
    """A total and its parts with their shares."""

    total: Reading | None
    parts: list[tuple[Reading, Reading | None]]
    rule: str


def value_of(reading: Reading) -> Decimal | None:
    """The value that the metric states: changes and growth carry their sign."""
    value = reading.found.value
    if value is None or reading.role not in ("change", "growth") or reading.sign != "-":
        return value
    return plain(-value) if value > 0 else value


def is_met(goal: Decimal, done: Decimal, comparator: str | None, direction: str) -> bool:
    """Whether a result keeps its target; with none stated more is better, unless direction is down."""
    if comparator == "<":
        return done < goal
    if comparator == ">":
        return done > goal
    if comparator == "<=" or (comparator in ("=", None) and direction == "down"):
        return done <= goal
    return done >= goal


def key_of(item: Reading) -> object:
    """What two readings must share to speak of the same thing."""
    return item.phrase.text if item.phrase is not None else ("figure", item.index)
