"""What the heading of a table column says: the role of the figures below it, their unit and their year.

The headings themselves are data, rules of kind `column` in `patterns/tables.toml`. `Columns.heading` takes a heading
apart: `2023年预算数（万元）（A）` is the role budget, the year 2023 and the unit 万元.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from msgspec import Struct

from extract.numbers import SCALES
from extract.patterns import Pack, PatternError
from extract.quantities import QuantityFinder
from extract.records import ROLES

# what a heading may say of its column beside the roles of figures; `executed` is actual, of a budget
OTHER_COLUMNS: Final = (
    "level", "indicator", "subject", "field", "goal", "result", "executed", "value", "comparator", "unit", "note",
    "index",
)  # fmt: skip
FIGURES: Final = frozenset((*ROLES, "executed", "value"))  # columns that hold figures
LABELS: Final = frozenset(("level", "indicator"))
TEXTS: Final = frozenset(("goal", "result", "note", "field", "subject"))

_BRACKET: Final = re.compile(r"[（(]([^（）()]{0,20})[）)]?")
_YEAR: Final = re.compile(r"((?:19|20)\d\d)年度?")
_POINTS: Final = re.compile(r"(?:共|满分)?\d{0,3}分?|含")
_MONTHS: Final = re.compile(r"^(?:截至|截止)?(?:\d{1,2}[-—~至])?\d{1,2}月份?(?:底|末)?|(?:上|下)半年|第?[一二三四]季度")
_FORMULA: Final = re.compile(r"[A-Ga-g\d][=+\-*/×÷A-Ga-g\d%]{0,12}")
_UNIT_AFTER: Final = re.compile(r"(?<=.)[:：/]?单位[:：]?(\S{1,5})$")
_SPACE: Final = re.compile(r"\s+")
_SCALE: Final = re.compile("(?:百万|千万|十万|万亿|[百千万亿])")
_LABEL_MARK: Final = re.compile(
    r"^(?:其中[:：]?|[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．](?!\d)|指标[\d一二三四五六七八九十]{1,2}[:：]|[①-⑳]|[-—*•·●★▲#]+)+"
)


class Unit(Struct, frozen=True):
    """A unit as it is written over a column: `万元` is the scale 万 of 元; `kind` is a quantity kind."""

    unit: str | None
    kind: str
    scale: Decimal


class Heading(Struct, frozen=True):
    """What one heading says; `role` is "" where no rule knows it."""

    text: str
    role: str
    unit: Unit | None
    year: int | None
    rule: str


class Columns:
    """The headings of one grammar."""

    def __init__(self, pack: Pack, quantities: QuantityFinder) -> None:
        self._rules = pack.of_kind("column")
        self._quantities = quantities
        self._units = frozenset(row["unit"] for row in pack.table("units"))
        self._unit_words = {word: word for word in pack.words("table_unit_words")}
        self.thin = frozenset(pack.words("table_thin_labels"))
        self.totals = frozenset(pack.words("table_totals"))
        self.nothing = frozenset(pack.words("table_nothing"))
        self.comparators = frozenset(pack.words("table_comparators"))
        self._criteria = tuple(pack.words("table_criteria"))
        self._money = tuple(pack.words("table_money_labels"))
        self.heading = lru_cache(maxsize=8192)(self._heading)
        self.unit = lru_cache(maxsize=1024)(self._unit)
        self.label = lru_cache(maxsize=8192)(self._label)
        self.label_unit = lru_cache(maxsize=8192)(self._label_unit)
        self.is_money = lru_cache(maxsize=8192)(self._is_money)

    def _heading(self, text: str) -> Heading:
        """Take a heading apart. White space in `text` does not matter."""
        text = _SPACE.sub("", text)
        if not text or len(text) > 40:
            return Heading(text, "", None, None, "")
        unit: Unit | None = None
        bare = text
        for match in reversed(list(_BRACKET.finditer(text))):
            inner = match[1].removeprefix("单位").lstrip(":：").removesuffix("，下同").strip()
            found = self.unit(inner)
            if found is not None:
                unit = found
            elif inner and not _FORMULA.fullmatch(inner) and not _POINTS.fullmatch(inner):
                continue  # words that belong to the name
            bare = bare[: match.start()] + bare[match.end() :]
        after = _UNIT_AFTER.search(bare)
        if after is not None and (found := self.unit(after[1])) is not None:
            unit, bare = found, bare[: after.start()]
        year = _YEAR.search(bare)
        core = bare[: year.start()] + bare[year.end() :] if year is not None else bare
        core = _MONTHS.sub("", core).strip(":：、，*＊")
        if core.endswith("%") and len(core) > 1:
            unit, core = unit or self.unit("%"), core[:-1]
        role, rule = self._role(core)
        if not core and year is not None:
            role, rule = "value", "column.year"
        return Heading(bare, role, unit, int(year[1]) if year is not None else None, rule)

    def _role(self, core: str) -> tuple[str, str]:
        for rule in self._rules:
            if core and rule.pattern.match(core) is not None:
                return str(rule.set["role"]), rule.id
        return "", ""

    def _unit(self, text: str) -> Unit | None:
        """A unit alone, or None where the words are none: `万元`, `%`, `个/家`, `人数`."""
        text = _SPACE.sub("", text).strip("（）()：:")
        if not text or len(text) > 8:
            return None
        if text in ("百分比", "百分数", "百分号"):
            text = "%"
        if text in self._units:
            return Unit(text, self._quantities.kind_of(text), Decimal(1))
        scale = _SCALE.match(text)
        if scale is not None and scale[0] in SCALES:
            rest = text[scale.end() :]
            if not rest:
                return Unit(None, "number", SCALES[scale[0]])
            inner = self._unit(rest)
            return Unit(inner.unit, inner.kind, inner.scale * SCALES[scale[0]]) if inner is not None else None
        if text in self._unit_words and text[0] in self._units:
            return Unit(text[0], self._quantities.kind_of(text[0]), Decimal(1))
        if text == "月":
            return Unit(text, "duration", Decimal(1))
        for mark in "/·":
            if mark in text and text.split(mark, 1)[0] in self._units:
                try:
                    return Unit(text, self._quantities.kind_of(text), Decimal(1))
                except PatternError:
                    return None
        return None

    def _label(self, text: str) -> tuple[int, int]:
        """Where the name stands in a row label (text without white space): numbering, 其中 and closing marks off."""
        match = _LABEL_MARK.match(text)
        start = match.end() if match is not None and match.end() < len(text) else 0
        end = len(text)
        while end > start and text[end - 1] in "，。；：、,.;:":
            end -= 1
        bracket = text.rfind("（", start, end) if text[end - 1 : end] == "）" else text.rfind("(", start, end)
        if bracket > start and text[end - 1] in "）)":
            inner = text[bracket + 1 : end - 1]
            if self.unit(inner) is not None or _FORMULA.fullmatch(inner) or inner.endswith("分"):
                end = bracket
        return start, end

    def _label_unit(self, text: str) -> Unit | None:
        """The unit that a row label names in brackets: `培训人次（人次）`."""
        for match in reversed(list(_BRACKET.finditer(text))):
            found = self.unit(match[1].removeprefix("单位").lstrip(":："))
            if found is not None:
                return found
        return None

    def is_criteria(self, heading: str) -> bool:
        """Whether a column tells how points are given (评分标准), so that its figures are of no report."""
        return any(word in heading for word in self._criteria)

    def _is_money(self, label: str) -> bool:
        """Whether a label is of money, so that a bare 10万 below it is."""
        return any(word in label for word in self._money) and not label.endswith(("人数", "户数", "家数", "次数"))


__all__ = ["FIGURES", "LABELS", "OTHER_COLUMNS", "TEXTS", "Columns", "Heading", "Unit"]
