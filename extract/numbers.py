"""Matched surfaces to exact values. Nothing here searches: it is given a numeral and says what it is worth."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

SCALES: Final = {
    "": Decimal(1),
    "十": Decimal(10),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10) ** 4,
    "十万": Decimal(10) ** 5,
    "百万": Decimal(10) ** 6,
    "千万": Decimal(10) ** 7,
    "亿": Decimal(10) ** 8,
    "十亿": Decimal(10) ** 9,
    "百亿": Decimal(10) ** 10,
    "千亿": Decimal(10) ** 11,
    "万亿": Decimal(10) ** 12,
    "十万亿": Decimal(10) ** 13,
    "百万亿": Decimal(10) ** 14,
}
_HALF: Final = Decimal("0.5")
_THOUSANDS: Final = str.maketrans("", "", ",， ")


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros or an exponent: 23501600.00 → 23501600, 1E+3 → 1000."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1)) if value.adjusted() < 27 else Decimal(format(value, "f"))
    return value.normalize()


@lru_cache(maxsize=65536)
def arabic(numeral: str, scale: str = "") -> Decimal:
    """`1,054.90`, `万` → 10549000. Thousands marks may be half or full width, or blanks."""
    value = Decimal(numeral.translate(_THOUSANDS)) * SCALES[scale]
    return plain(value) if len(numeral) < 25 else value


@lru_cache(maxsize=4096)
def chinese(numeral: str) -> Decimal | None:
    """A Chinese numeral: `二十`, `两`, `一百零五`, `三万五`, `半`, `九点五`. None where it is no number."""
    import cn2an

    if numeral == "半":
        return _HALF
    if numeral == "百":
        return Decimal(100)
    try:
        return Decimal(str(cn2an.cn2an(numeral, "smart")))
    except ValueError:
        return None
