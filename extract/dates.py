"""Dates and periods, with ISO norms, years taken from the context where the text leaves them out."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from extract.numbers import chinese
from extract.patterns import Pack
from extract.source import View

_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:年|-\d{4}年)")
_DIGITS: Final = {char: str(index) for index, char in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0"}
_PARTS: Final = {
    "上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9), "前两季度": (1, 6), "前二季度": (1, 6),
    "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12),
    "1季度": (1, 3), "2季度": (4, 6), "3季度": (7, 9), "4季度": (10, 12),
}
_LAST_YEAR: Final = ("去年", "上年", "上一年", "上年度")
_REACH: Final = 40  # how far before a month its year may stand


class Mention(Struct, frozen=True):
    """A name or date in view offsets; `first` and `last` are the ISO days that a date spans."""

    type: str
    start: int
    end: int
    norm: str | None
    rule: str
    first: str | None = None
    last: str | None = None


def guess_year(text: str) -> int | None:
    """The year a report is of: the first one in its opening lines, else the most frequent one."""
    opening = _YEAR.search(text, 0, 400)
    if opening is not None:
        return int(opening[1])
    counts = Counter(_YEAR.findall(text))
    if not counts:
        return None
    return int(min(counts, key=lambda year: (-counts[year], -int(year))))


def find_dates(view: View, pack: Pack, *, year: int | None) -> list[Mention]:
    """All dates and periods of a view, in order, not overlapping. `year` is the year the report is of."""
    text = view.text
    taken = bytearray(len(text) + 1)
    found: list[tuple[int, int, str, Any]] = []
    for rule in pack.of_kind("date"):
        for match in rule.pattern.finditer(text):
            start, end = match.span()
            if taken[start] or taken[end - 1]:
                continue
            taken[start:end] = b"\1" * (end - start)
            found.append((start, end, rule.id, match))
    found.sort(key=lambda item: item[0])
    return list(_resolve(found, text, year))


def _resolve(found: Iterable[tuple[int, int, str, Any]], text: str, year: int | None) -> Iterable[Mention]:
    known: int | None = None
    known_at = -1
    for start, end, rule, match in found:
        part = {name: value for name, value in match.groupdict().items() if value is not None}
        if "hanzi" in part:
            part["year"] = "".join(_DIGITS[char] for char in part["hanzi"])
            for spoken, name in (("hmonth", "month"), ("hday", "day")):
                if spoken in part:
                    part[name] = str(chinese(part[spoken]))
        if "year" in part:
            own = int(part["year"])
            if "year2" not in part:
                known, known_at = own, end
        elif known is not None and start - known_at <= _REACH and "\n" not in text[known_at:start] and "。" not in text[known_at:start]:
            own = known
        elif year is None:
            own = 0
        else:
            own = year - 1 if text[max(0, start - 3) : start].endswith(_LAST_YEAR) else year
        made = _mention(part, own, start, end, rule)
        if made is not None:
            yield made


def _mention(part: dict[str, str], year: int, start: int, end: int, rule: str) -> Mention | None:
    month = int(part["month"]) if "month" in part else None
    day = int(part["day"]) if "day" in part else None
    if month is not None and not 1 <= month <= 12 or day is not None and not 1 <= day <= 31:
        return None
    year2 = int(part["year2"]) if "year2" in part else year
    month2 = int(part["month2"]) if "month2" in part else None
    if month2 is not None and not 1 <= month2 <= 12:
        return None
    if not year:
        return Mention("DATE", start, end, None, rule)
    if "part" in part:
        first_month, last_month = _PARTS[part["part"].lstrip("第")]
        first, last = _day(year, first_month, 1), _day(year, last_month, None)
        return Mention("DATE", start, end, f"{year:04d}-{first_month:02d}/{year:04d}-{last_month:02d}", rule, first, last)
    if "day2" in part and month is not None and day is not None:
        last_day = int(part["day2"])
        if not 1 <= last_day <= 31:
            return None
        first, last = _day(year, month, day), _day(year2, month2 or month, last_day)
        return Mention("DATE", start, end, f"{first}/{last}", rule, first, last)
    if month is None:
        if "year2" in part:
            return Mention("DATE", start, end, f"{year:04d}/{year2:04d}", rule, _day(year, 1, 1), _day(year2, 12, 31))
        if "edge" in part:  # a point in time: the year's end
            return Mention("DATE", start, end, None, rule, _day(year, 12, 31), _day(year, 12, 31))
        return Mention("DATE", start, end, f"{year:04d}", rule, _day(year, 1, 1), _day(year, 12, 31))
    if month2 is not None:
        norm = f"{year:04d}-{month:02d}/{year2:04d}-{month2:02d}"
        return Mention("DATE", start, end, norm, rule, _day(year, month, 1), _day(year2, month2, None))
    if day is not None:
        iso = _day(year, month, day)
        return Mention("DATE", start, end, iso, rule, iso, iso)
    return Mention("DATE", start, end, f"{year:04d}-{month:02d}", rule, _day(year, month, 1), _day(year, month, None))


def _day(year: int, month: int, day: int | None) -> str:
    """An ISO day; None stands for the last day of the month."""
    return f"{year:04d}-{month:02d}-{day or monthrange(year, month)[1]:02d}"
