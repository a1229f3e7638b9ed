"""A finding before it has its id and its words."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Draft(Struct, frozen=True):
    """What a rule found: `words` names a row of the message table, `values` fill its places.

    `stated`, `expected` and `tolerance` are in the unit of the figure found wrong (percent, 元, 人); `tolerance` is
    how far the two may lie apart through rounding. `weight` orders findings of one severity, the largest first.
    """

    rule: str
    severity: str
    words: str
    values: dict[str, str]
    stated: Decimal | None
    expected: Decimal | None
    tolerance: Decimal | None
    refs: tuple[str, ...]
    start: int
    end: int
