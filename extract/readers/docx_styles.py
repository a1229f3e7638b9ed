"""Styles and numbering of a DOCX file: which paragraph is a heading, and the number that Word shows before it.

A paragraph's number is not in its text: a list definition says how each level is written (`第%1部分`, `%1、`, in
Chinese or Arabic numerals), and Word counts. This counts the same way (ECMA-376, part 1, 17.9).
"""

from __future__ import annotations

import re
from typing import Any, Final

from extract.readers.ooxml import child, is_on, name_of, value_of

MAX_LEVEL: Final = 9
_HEADING: Final = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_TITLE: Final = re.compile(r"(?:title|标题|文档标题|公文标题)$", re.IGNORECASE)
_SLOT: Final = re.compile("%([1-9])")

_DIGITS: Final = "零一二三四五六七八九"
_LEGAL: Final = "零壹贰叁肆伍陆柒捌玖"
_UNITS: Final = ("", "十", "百", "千")
_LEGAL_UNITS: Final = ("", "拾", "佰", "仟")
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_CHINESE: Final = frozenset(
    (
        "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCounting",
        "taiwaneseCountingThousand", "japaneseDigitalTenThousand", "taiwaneseDigital", "koreanDigital2",
    )
)  # fmt: skip
_LEGALS: Final = frozenset(("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"))


class Styles:
    """The paragraph styles of a document: heading level and numbering of each, what it is based on included."""

    def __init__(self, root: Any) -> None:
        self._properties: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._based: dict[str, str] = {}
        self._known: dict[str, tuple[int, Any]] = {}
        self.default: str | None = None
        for style in () if root is None else root:
            if name_of(style) != "style":
                continue
            id_ = value_of(style, "styleId") or ""
            name = child(style, "name")
            self._names[id_] = (value_of(name) or "") if name is not None else ""
            self._properties[id_] = child(style, "pPr")
            based = child(style, "basedOn")
            if based is not None:
                self._based[id_] = value_of(based) or ""
            if value_of(style, "type") == "paragraph" and value_of(style, "default") in ("1", "true"):
                self.default = id_

    def of(self, style: str | None) -> tuple[int, Any]:
        """Heading level (0 for none) and `numPr` element (or None) of a style."""
        style = style if style is not None else self.default
        if style is None:
            return 0, None
        if style not in self._known:
            level, numbering = 0, None
            seen: set[str] = set()
            at: str | None = style
            while at is not None and at in self._names and at not in seen:
                seen.add(at)
                properties = self._properties[at]
                if not level:
                    level = outline_level(properties) or self._by_name(at)
                if numbering is None:
                    numbering = child(properties, "numPr")
                at = self._based.get(at)
            self._known[style] = (level, numbering)
        return self._known[style]

    def _by_name(self, style: str) -> int:
        name = self._names[style].strip()
        if match := _HEADING.match(name):
            return int(match[1])
        return 1 if _TITLE.match(name) else 0

    def is_contents(self, style: str | None) -> bool:
        """Whether a style is one of those of a table of contents."""
        return self._names.get(style or "", "").strip().lower().startswith(("toc ", "目录 "))


def outline_level(properties: Any) -> int:
    """The heading level that a paragraph's own properties give, 0 for none."""
    level = child(properties, "outlineLvl")
    value = value_of(level) if level is not None else None
    return int(value) + 1 if value is not None and value.isdecimal() and int(value) < MAX_LEVEL else 0


class _Level:
    """One level of a list: how its number is written."""

    __slots__ = ("format", "is_legal", "restart", "start", "suffix", "text")

    def __init__(self, element: Any) -> None:
        def value(name: str, default: str) -> str:
            one = child(element, name)
            found = value_of(one) if one is not None else None
            return default if found is None else found

        self.start = _whole(value("start", "1"))
        self.format = value("numFmt", "decimal")
        self.text = value("lvlText", "")
        self.suffix = value("suff", "tab")
        self.restart = value("lvlRestart", "")
        self.is_legal = is_on(element, "isLgl")


class Numbering:
    """The lists of a document, and where each stands; `next` is asked for every numbered paragraph in order."""

    def __init__(self, root: Any) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        styles: dict[str, str] = {}
        self._lists: dict[str, tuple[str, dict[int, _Level], dict[int, int]]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()
        for element in () if root is None else root:
            if name_of(element) == "abstractNum":
                id_ = value_of(element, "abstractNumId") or ""
                self._abstract[id_] = _levels(element)
                if (link := child(element, "numStyleLink")) is not None:
                    self._links[id_] = value_of(link) or ""
                if (link := child(element, "styleLink")) is not None:
                    styles[value_of(link) or ""] = id_
        for element in () if root is None else root:
            if name_of(element) == "num":
                abstract = child(element, "abstractNumId")
                id_ = (value_of(abstract) or "") if abstract is not None else ""
                id_ = styles.get(self._links.get(id_, ""), id_)
                own: dict[int, _Level] = {}
                starts: dict[int, int] = {}
                for override in element:
                    if name_of(override) != "lvlOverride":
                        continue
                    at = _whole(value_of(override, "ilvl") or "0", least=0)
                    if (level := child(override, "lvl")) is not None:
                        own[at] = _Level(level)
                    if (start := child(override, "startOverride")) is not None:
                        starts[at] = _whole(value_of(start) or "1")
                self._lists[value_of(element, "numId") or ""] = (id_, own, starts)

    def next(self, list_id: str, level: int) -> str:
        """The number of the next paragraph of a list, with what parts it from the text; empty where none is shown."""
        if list_id not in self._lists or not 0 <= level < MAX_LEVEL:
            return ""
        abstract, own, starts = self._lists[list_id]
        levels = {**self._abstract.get(abstract, {}), **own}
        here = levels.get(level)
        if here is None:
            return ""
        counts = self._counts.setdefault(abstract, [None] * MAX_LEVEL)  # lists of one definition count together …
        if level in starts and (list_id, level) not in self._started:  # … unless one says where it starts
            self._started.add((list_id, level))
            counts[level] = starts[level]
        else:
            before = counts[level]
            counts[level] = here.start if before is None else before + 1
        for deeper in range(level + 1, MAX_LEVEL):
            below = levels.get(deeper)
            if below is None or below.restart != "0":
                counts[deeper] = None
        if here.format in ("bullet", "none") and not _SLOT.search(here.text):
            return ""

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            of = levels.get(at)
            if of is None:
                return ""
            count = counts[at]
            if count is None:
                count = counts[at] = of.start
            return written(count, "decimal" if here.is_legal else of.format)

        text = _SLOT.sub(number, here.text)
        last = text[-1:]
        blank = " " if here.suffix != "nothing" and (last.isdigit() or last.isascii()) else ""
        return text + blank if text else ""


def _levels(element: Any) -> dict[int, _Level]:
    levels = (one for one in element if name_of(one) == "lvl")
    return {_whole(value_of(one, "ilvl") or "0", least=0): _Level(one) for one in levels}


def written(count: int, format_: str) -> str:
    """A count in one of Word's number formats; what is not known is written in Arabic numerals."""
    if format_ in _CHINESE:
        if format_ == "ideographDigital" and count > 10:
            return "".join(_DIGITS[int(digit)].replace("零", "〇") for digit in str(count))
        return chinese(count)
    if format_ in _LEGALS:
        return chinese(count, digits=_LEGAL, units=_LEGAL_UNITS)
    if format_ in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (count - 1) % 26) * min(1 + (count - 1) // 26, 20) if count > 0 else ""
        return letter if format_ == "upperLetter" else letter.lower()
    if format_ in ("upperRoman", "lowerRoman"):
        text, rest = "", min(max(count, 0), 3999)
        for value, letters in _ROMAN:
            text += letters * (rest // value)
            rest %= value
        return text if format_ == "upperRoman" else text.lower()
    if format_ in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= count <= 20:
        return chr(0x245F + count)
    if format_ == "decimalEnclosedParen" and 1 <= count <= 20:
        return f"({count})"
    if format_ == "decimalEnclosedFullstop" and 1 <= count <= 20:
        return f"{count}."
    if format_ == "ideographEnclosedCircle" and 1 <= count <= 10:
        return chr(0x327F + count)
    if format_ in ("decimalFullWidth", "decimalFullWidth2"):
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(count))
    if format_ == "decimalZero":
        return f"{count:02}"
    if format_ == "ideographTraditional" and count > 0:
        return _STEMS[(count - 1) % 10]
    if format_ == "ideographZodiac" and count > 0:
        return _BRANCHES[(count - 1) % 12]
    return "" if format_ in ("none", "bullet") else str(count)


def chinese(count: int, *, digits: str = _DIGITS, units: tuple[str, ...] = _UNITS) -> str:
    """A whole number below ten thousand in Chinese numerals: 12 is 十二, 105 is 一百零五."""
    if not 0 < count < 10_000:
        return digits[0] if count == 0 else str(count)
    text = ""
    for place in range(len(str(count)) - 1, -1, -1):
        digit = count // 10**place % 10
        if digit:
            text += digits[digit] + units[place]
        elif text and not text.endswith(digits[0]) and count % 10**place:
            text += digits[0]
    return text[1:] if 10 <= count < 20 and digits is _DIGITS else text


def _whole(value: str, *, least: int = 0) -> int:
    return max(least, int(value)) if re.fullmatch(r"\d{1,6}", value) else least
