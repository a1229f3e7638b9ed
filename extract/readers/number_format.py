"""A spreadsheet's number as its cell shows it: 0.9584 with the format `0.00%` is printed 95.84%.

Reports are read as printed: what is on the page is what the sender answers for. A format that is not understood
(fractions, digits with words among them) gives the exact value instead.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from msgspec import Struct

# formats that files name by number only (ECMA-376, part 1, 18.8.30, with those of Chinese Excel)
BUILT_IN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "yyyy-m-d", 16: "m-d", 17: "yyyy-m", 18: "h:mm", 19: "h:mm", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "yyyy/m/d", 31: "yyyy年m月d日",
    32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss", 36: "yyyy年m月", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 41: '#,##0;-#,##0;"-"', 42: '#,##0;-#,##0;"-"',
    43: '#,##0.00;-#,##0.00;"-"', 44: '#,##0.00;-#,##0.00;"-"', 45: "mm:ss", 46: "h:mm:ss", 47: "mm:ss",
    48: "##0.0E+0", 49: "@", 50: "yyyy年m月", 51: "m月d日", 52: "yyyy年m月", 53: "m月d日", 54: "m月d日", 55: "h:mm",
    56: "h:mm:ss", 57: "yyyy年m月", 58: "m月d日",
}  # fmt: skip
_TOKEN: Final = re.compile(
    r'"([^"]*)"?|\\(.)|[_*].|\[\$([^\]\-]*)[^\]]*\]|\[[^\]]*\]|(General)|([#0?.,]+)|(.)', re.DOTALL
)
_SECTION: Final = re.compile(r'(?:"[^"]*"?|\\.|\[[^\]]*\]|[^;"\\\[]|\[)*')
_MAX_FORMAT: Final = 255  # characters, as in Excel
_MAX_DIGITS: Final = 30
_FIRST: Final = datetime(1899, 12, 30)  # day 0 of the serial dates; they have no time zone
_DAYS: Final = 2_958_466  # the first after the year 9999


class _Format(Struct, frozen=True):
    """One section of a format: words, the digits' pattern (empty where there are none), words."""

    before: str
    digits: str
    after: str
    percent: bool
    plain: bool


def shown(value: float, number_format: str, *, epoch_1904: bool = False) -> str:
    """The words a cell shows for a number."""
    try:
        exact = Decimal(format(value, ".15g"))
    except InvalidOperation:
        return ""
    if not exact.is_finite():
        return ""
    if is_date(number_format):
        return _date(value + (1462 if epoch_1904 else 0), number_format) or _plain(exact)
    sections = _sections(number_format)
    section, negative = sections[0], exact < 0
    if exact == 0 and len(sections) > 2:
        section = sections[2]
    elif negative and len(sections) > 1:
        section = sections[1]
    if section.plain:
        return _plain(exact)
    if not section.digits:
        return section.before.strip()
    number = _digits(abs(exact) * (100 if section.percent else 1), section.digits)
    if number is None:
        return _plain(exact)
    before = section.before.replace("-", "").replace("(", "").replace("（", "")
    after = section.after.replace(")", "").replace("）", "")
    minus = "-" if negative and number.strip("0.,") else ""
    return f"{minus}{before.strip()}{number}{'%' if section.percent else ''}{after.rstrip()}"


@lru_cache(maxsize=512)
def is_date(number_format: str) -> bool:
    """Whether a format shows a date or a time of day."""
    if number_format == "General" or len(number_format) > _MAX_FORMAT:
        return False
    section = _SECTION.match(number_format)
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].', "", section[0] if section else "")
    return bool(re.search("[yYdDhH]|[mM]|年|月", bare)) and not re.search("[#0?]", bare.replace(".0", ""))


@lru_cache(maxsize=512)
def _sections(number_format: str) -> tuple[_Format, ...]:
    if len(number_format) > _MAX_FORMAT:
        number_format = "General"
    parts: list[_Format] = []
    place = 0
    while len(parts) < 4:
        match = _SECTION.match(number_format, place)
        end = match.end() if match else len(number_format)
        parts.append(_section(number_format[place:end]))
        if end >= len(number_format):
            break
        place = end + 1
    return tuple(parts)


def _section(text: str) -> _Format:
    before = after = digits = ""
    percent = plain = False
    for quoted, escaped, currency, general, number, other in _TOKEN.findall(text):
        if general or other in ("@", "/", "E", "e", "!"):
            plain = True
        elif number:
            plain = plain or bool(digits)
            digits = number
        elif other == "%":
            percent = True
        else:
            words = quoted or escaped or currency or other
            if digits:
                after += words
            else:
                before += words
    return _Format(before, digits, after, percent, plain)


def _plain(value: Decimal) -> str:
    if value and not -20 < value.adjusted() < 20:
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(value: Decimal, pattern: str) -> str | None:
    """The digits of a number in a pattern such as `#,##0.00`."""
    whole, _, part = pattern.partition(".")
    if "." in part or value.adjusted() > _MAX_DIGITS:
        return None
    thousands = len(pattern) - len(pattern.rstrip(","))
    if thousands:
        value = value.scaleb(-3 * thousands)
    part = part.rstrip(",")
    rounded = format(value.quantize(Decimal(1).scaleb(-len(part)), rounding=ROUND_HALF_UP), "f")
    left, _, right = rounded.partition(".")
    least = len(part.rstrip("#?"))
    while len(right) > least and right.endswith("0"):
        right = right[:-1]
    left = left.rjust(whole.count("0"), "0")
    if "," in whole.rstrip(","):
        left = f"{int(left):,}"
    return f"{left}.{right}" if right else left


def _date(serial: float, number_format: str) -> str:
    if not 0 <= serial < _DAYS:
        return ""
    at = _FIRST + timedelta(seconds=round(serial * 86400))
    bare = re.sub(r'"([^"]*)"', r"\1", re.sub(r"\[[^\]]*\]", "", number_format)).lower()
    year, day, hour = "y" in bare or "e" in bare, "d" in bare, "h" in bare
    text = ""
    if year:
        text += f"{at.year}年"
    if year or day or "月" in bare or ("m" in bare and not hour and "s" not in bare):
        text += f"{at.month}月"
    if day:
        text += f"{at.day}日"
    if hour or "s" in bare:
        text += f"{' ' if text else ''}{at.hour}:{at.minute:02}"
    return text
