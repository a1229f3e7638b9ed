"""Dates and periods: where they stand, and which days they mean.

The surfaces are the rules of kind ``date`` (`patterns/dates.toml`). A date without a year takes it from the words
before it (今年, 去年, 次年), from a date just before it in its sentence, from the heading of its part (二、2023年上半年
预算执行情况), or from the report's own year.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final
from weakref import WeakKeyDictionary

from msgspec import Struct

from extract.patterns import Pack, PatternError, Rule
from extract.source import View

START_RULE: Final = "date.start"

_NUMERALS: Final = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_RELATIVE_YEAR: Final = {
    "今年": 0,
    "本年": 0,
    "当年": 0,
    "去年": -1,
    "上年": -1,
    "前年": -2,
    "明年": 1,
    "次年": 1,
    "翌年": 1,
}
# not the day of issue, and not a year that others are compared with
_YEAR: Final = re.compile(
    r"(20(?<![0-9比与较同和及、]20)[0-9]{2}) ?年(?!1?[0-9]月[1-3]?[0-9]日|以来|以前|同期|相比|前|之前|底前|后)"
)
_PART: Final = re.compile(r"\n[一二三四五六七八九十]{1,3}、([^\n。；]{2,40})(?=\n)")  # heading of a main part
_OF_A_YEAR: Final = re.compile("20[0-9]{2}(?=年)")
_NEXT_YEAR: Final = re.compile(r"[，,]((?:19|20)[0-9]{2})年")
_TITLE_YEAR: Final = re.compile(
    r"(?<![0-9比较])(20[0-9]{2}) ?年(?!1?[0-9]月)[^。；\n]{0,40}?"
    r"(?:决算|预算|自评|评价|总结|公报|报告|执行|计划|回顾|工作情况|运行情况)"
)
_REVIEW_YEAR: Final = re.compile(r"(?<![0-9])(20[0-9]{2}) ?年(?:政府)?的?(?:主要)?工作(?:情况)?的?(?:回顾|总结)")
# a report held at the year's first session reviews the year before
_SPOKEN: Final = re.compile(r"(?<![0-9])(20[0-9]{2}) ?年[1-4]月[0-9]{1,2}日在[^。，；\n]{2,40}会议")


class Mention(Struct, frozen=True, gc=False):
    """A name or date in a view. `first` and `last` are the ISO days a date spans, null where not known."""

    type: str
    start: int
    end: int
    norm: str | None
    rule: str
    first: str | None = None
    last: str | None = None


class _Parts(Struct, frozen=True):
    """The calendar parts of one surface; a year of 0 is not stated."""

    y1: int
    m1: int
    d1: int
    y2: int
    m2: int
    d2: int
    shape: str  # year, month, day: how fine the first day is
    ranged: bool
    point: bool
    norm: bool


class _Finder:
    """The compiled rules of one pack, and the surfaces it has read so far."""

    def __init__(self, pack: Pack) -> None:
        rules = pack.of_kind("date")
        start = next((rule for rule in rules if rule.id == START_RULE), None)
        if start is None or start.expanded is None:
            raise PatternError(f"the pattern folder has no rule {START_RULE}; restore patterns/dates.toml")
        self.start = re.compile(start.expanded)
        self.rules: list[tuple[Rule, re.Pattern[str]]] = []
        for rule in rules:
            if rule.id != START_RULE and rule.expanded is not None:
                try:
                    self.rules.append((rule, re.compile(rule.expanded)))
                except re.error as error:
                    raise PatternError(f"{rule.file}: rule {rule.id}: {error}") from None
        self.parts: dict[tuple[str, str], _Parts | None] = {}

    def at(self, text: str, position: int) -> tuple[Rule, re.Match[str]] | None:
        """The first rule that matches here."""
        for rule, pattern in self.rules:
            match = pattern.match(text, position)
            if match is not None:
                return rule, match
        return None


_FINDERS: WeakKeyDictionary[Pack, _Finder] = WeakKeyDictionary()


def _finder(pack: Pack) -> _Finder:
    finder = _FINDERS.get(pack)
    if finder is None:
        finder = _FINDERS[pack] = _Finder(pack)
    return finder


def guess_year(text: str) -> int | None:
    """The year a report is about: the one its title names, else the one it reviews, else the one it names most."""
    title = _TITLE_YEAR.search(text, 0, 400)
    review = _REVIEW_YEAR.search(text, 0, 6000)
    if title is not None:
        return int(title[1])
    if review is not None:
        return int(review[1])
    spoken = _SPOKEN.search(text, 0, 400)
    if spoken is not None:
        return int(spoken[1]) - 1
    years = Counter(_YEAR.findall(text))
    if not years:
        return None
    year, count = max(years.items(), key=lambda item: item[1])
    return int(year) if count >= 3 or len(years) == 1 or _YEAR.search(text, 0, 400) else None


def find_dates(view: View, pack: Pack, *, year: int | None) -> list[Mention]:
    """All dates and periods of the view in order. `year` is the report's own year, null where not known."""
    finder = _finder(pack)
    text = view.text
    found: list[Mention] = []
    done = 0
    last_year, last_at = 0, -1  # the year named last, and where
    headed = _headed_years(text, year)
    for candidate in finder.start.finditer(text):
        position = candidate.start()
        if position < done:
            continue
        hit = finder.at(text, position)
        if hit is None:
            continue
        rule, match = hit
        key = (rule.id, match[0])
        if key in finder.parts:
            parts = finder.parts[key]
        else:
            parts = finder.parts[key] = _read(match.groupdict(), rule.set)
        if parts is None:
            continue
        done = match.end()
        if parts.y1:
            last_year, last_at = parts.y2 or parts.y1, done
            context: int | None = parts.y1
        else:
            follows = _NEXT_YEAR.match(text, done)  # 截至2月2日，2026年
            own = _headed(headed, position, year)
            context = int(follows[1]) if follows else _context_year(text, position, own, last_year, last_at)
        found.append(_mention(parts, context, position, done, rule.id))
    return found


def _headed_years(text: str, year: int | None) -> list[tuple[int, int | None]]:
    """Where the main parts of a report begin, with the year that the heading of each names, else the report's own."""
    parts: list[tuple[int, int | None]] = []
    for heading in _PART.finditer(text):
        named = set(_OF_A_YEAR.findall(heading[1]))
        kept = parts and heading[1].startswith(("上半年", "下半年"))  # of the year of the part before
        parts.append((heading.end(), int(named.pop()) if len(named) == 1 else parts[-1][1] if kept else year))
    return parts


def _headed(parts: list[tuple[int, int | None]], position: int, year: int | None) -> int | None:
    """The year of the part of a report in which a position stands."""
    index = bisect_right(parts, position, key=itemgetter(0))
    return parts[index - 1][1] if index else year


def _context_year(text: str, position: int, year: int | None, last_year: int, last_at: int) -> int | None:
    """The year of a date that does not name one."""
    shift = _RELATIVE_YEAR.get(text[max(0, position - 2) : position])
    if shift is not None and year is not None:
        return year + shift
    if last_at >= 0:
        between = text[last_at:position]
        if (
            len(between) < 120
            and "。" not in between
            and "\n" not in between
            and (year is None or len(between) < 40 or text.startswith("同年", position - 2))
            and not between.startswith(("相比", "同期", "以来", "以前"))
        ):
            return last_year
    return year


def _number(text: str | None) -> int:
    """The value of a calendar number in Arabic or Chinese numerals; 0 for none."""
    if not text:
        return 0
    if text.isascii():
        return int(text)
    if len(text) == 4:
        return int("".join(str(_NUMERALS[numeral]) for numeral in text))
    tens, ten, ones = text.rpartition("十")
    return (_NUMERALS[tens] if tens else 1) * 10 * bool(ten) + (_NUMERALS[ones] if ones else 0)


def _read(groups: Mapping[str, Any], rule_set: Mapping[str, str | int | bool]) -> _Parts | None:
    """Calendar parts of a match; null when they name no real day."""
    y1, m1, d1, y2, m2, d2 = (_number(groups.get(name)) for name in ("y1", "m1", "d1", "y2", "m2", "d2"))
    norm = rule_set.get("norm", True) is not False
    ranged = bool(y2 or m2 or d2)
    shape = "day" if d1 else "month" if m1 else "year"
    if half := groups.get("half"):
        m1, m2 = (1, 6) if half == "上" else (7, 12)
    elif quarter := groups.get("quarter"):
        m1, m2 = _number(quarter) * 3 - 2, _number(groups.get("last_quarter_of") or quarter) * 3
    elif last := groups.get("last_quarter"):
        m1, m2 = 1, _number(last) * 3
    elif months := groups.get("months"):
        m1, m2 = 1, _number(months)
    if m2 and not ranged:
        shape, ranged = "month", True
    y2 = y2 or (y1 if ranged else 0)
    m2 = m2 or (m1 if ranged else 0)
    for year, month, day in ((y1, m1, d1), (y2, m2, d2)):
        if day and day > (calendar.monthrange(year or 2000, month)[1] if month else 31):
            return None
    if ranged and ((y1 and (y1, m1, d1) > (y2, m2, d2 or 31)) or (not d2 and m1 > m2 and y1 == y2)):
        return None
    return _Parts(y1, m1, d1, y2, m2, d2, shape, ranged, groups.get("tail") is not None, norm)


@lru_cache(maxsize=4096)
def _iso(year: int, month: int, day: int) -> str:
    return f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if day else "")


def _mention(parts: _Parts, year: int | None, start: int, end: int, rule: str) -> Mention:
    """A date with its norm and its first and last day, as far as the year is known."""
    if year is None:
        return Mention(type="DATE", start=start, end=end, norm=None, rule=rule)
    y2, m2, d2 = (parts.y2 or year, parts.m2, parts.d2) if parts.ranged else (year, parts.m1, parts.d1)
    first = _iso(year, parts.m1 or 1, parts.d1 or 1)
    last = _iso(y2, m2 or 12, d2 or calendar.monthrange(y2, m2 or 12)[1])
    norm: str | None = _iso(year, parts.m1, parts.d1)
    if parts.ranged:
        norm = f"{norm}/{_iso(y2, m2, d2)}"
    if parts.point:
        first = last
    return Mention("DATE", start, end, norm if parts.norm else None, rule, first, last)
