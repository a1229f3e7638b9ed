"""Printed figures as intervals: what values could have been printed so?

A figure printed with `u` as the unit of its last place stands for any value from `x - u/2` to `x + u/2`. All arithmetic
of the audit is done on such intervals, in `Decimal`: a rule fails only where no values inside them satisfy it. The
printed figure lies in its own interval: a rule that holds of the figures as printed is decided without the intervals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from extract.numbers import plain

_ONE: Final = Decimal(1)
_TWO: Final = Decimal(2)
HUNDRED: Final = Decimal(100)


class Interval(NamedTuple):
    """All values from `low` to `high`, both included."""

    low: Decimal
    high: Decimal

    def plus(self, other: Interval) -> Interval:
        """All sums of a value of each."""
        return Interval(self.low + other.low, self.high + other.high)

    def minus(self, other: Interval) -> Interval:
        """All differences of a value of each, taken as independent."""
        return Interval(self.low - other.high, self.high - other.low)

    def times(self, factor: Decimal) -> Interval:
        """All values times a number."""
        low, high = self.low * factor, self.high * factor
        return Interval(low, high) if low <= high else Interval(high, low)

    def over(self, other: Interval) -> Interval | None:
        """All quotients; None where the divisor may be zero."""
        if other.low <= 0 <= other.high:
            return None
        ends = (self.low / other.low, self.low / other.high, self.high / other.low, self.high / other.high)
        return Interval(min(ends), max(ends))

    def magnitude(self) -> Interval:
        """The same values without their sign."""
        if self.low >= 0:
            return self
        if self.high <= 0:
            return Interval(-self.high, -self.low)
        return Interval(Decimal(0), max(-self.low, self.high))

    def meets(self, other: Interval) -> bool:
        """Whether one value lies in both."""
        return self.low <= other.high and other.low <= self.high

    def holds(self, value: Decimal) -> bool:
        """Whether a value lies in it."""
        return self.low <= value <= self.high

    def widened(self, by: Decimal) -> Interval:
        """The interval with `by` more on either side."""
        return Interval(self.low - by, self.high + by)

    @property
    def half(self) -> Decimal:
        """Half of its width."""
        return (self.high - self.low) / _TWO


def exactly(value: Decimal) -> Interval:
    """A value that was not rounded."""
    return Interval(value, value)


def around(value: Decimal, last_place: Decimal) -> Interval:
    """A value rounded to a multiple of `last_place`."""
    half = last_place / _TWO
    return Interval(value - half, value + half)


def change_rate(delta: Interval, current: Interval) -> Interval | None:
    """Growth in percent from the difference and the level reached: delta / (current - delta); signed.

    The two depend on one earlier value, so the ends are taken together: with current > 0 the rate rises with delta
    and falls with current.
    """
    corners = []
    for one in delta:
        for level in current:
            before = level - one
            if before <= 0:
                return None
            corners.append(one / before * HUNDRED)
    return Interval(min(corners), max(corners))


def growth(current: Interval, previous: Interval) -> Interval | None:
    """Growth in percent from two levels; None where the earlier one may be zero or below."""
    if previous.low <= 0:
        return None
    quotient = current.over(previous)
    return None if quotient is None else Interval((quotient.low - 1) * HUNDRED, (quotient.high - 1) * HUNDRED)


def percent(part: Interval, whole: Interval) -> Interval | None:
    """The share of `part` in `whole`, in percent."""
    quotient = part.over(whole)
    return None if quotient is None else quotient.times(HUNDRED)


def total(parts: list[Interval]) -> Interval:
    """The sum of independent figures."""
    return Interval(sum((one.low for one in parts), Decimal(0)), sum((one.high for one in parts), Decimal(0)))


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """A value for display and for `expected`, with at most `places` decimals and no trailing zeros."""
    return plain(value.quantize(_ONE.scaleb(-places)))
