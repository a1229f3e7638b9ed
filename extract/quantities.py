"""Find every figure that measures something, with its exact value.

Order of work: what is no quantity is blocked (dates, ordinals, codes, quoted names); the quantity rules are tried by
priority on what is left; the words before a figure give its comparator; last, figures without a unit of their own
are settled: they take the unit of the list they stand in, or are money by their context, or plain numbers, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from extract.numbers import SCALES, arabic, chinese, plain
from extract.patterns import Pack, PatternError, Rule

_PUNCTUATION: Final = frozenset("，。；、：）)(（,;.!！?？\n”》")
_LIST_MARKS: Final = frozenset(("、", "和", "与", "及", "或", "和与", "以及"))
_MOVES: Final = frozenset("扩缩提下降上升增减调")  # 由1.98缩小至1.94
_REMEMBERED: Final = 20_000  # surfaces whose value is kept
_TO_ONE: Final = (":1", "：1", "∶1")
_HALF: Final = Decimal("0.5")
_GROUPS: Final = ("number", "scale", "more", "unit", "bound", "half", "low", "low_scale", "per", "tenths")


class Found:
    """A quantity in view offsets; `inherited` tells that its unit stands at a neighbour."""

    __slots__ = (
        "approx",
        "comparator",
        "end",
        "high",
        "inherited",
        "kind",
        "low",
        "rule",
        "scale",
        "start",
        "unit",
        "value",
    )

    def __init__(self, start: int, end: int, kind: str, value: Decimal | None, unit: str | None, rule: str) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.value = value
        self.unit = unit
        self.rule = rule
        self.comparator = "="
        self.approx = False
        self.low: Decimal | None = None
        self.high: Decimal | None = None
        self.inherited = False
        self.scale = ""

    def at(self, start: int, end: int) -> Found:
        """The same quantity at another place."""
        made = Found(start, end, self.kind, self.value, self.unit, self.rule)
        made.comparator, made.approx, made.low, made.high, made.scale = (
            self.comparator,
            self.approx,
            self.low,
            self.high,
            self.scale,
        )
        return made

    def __repr__(self) -> str:  # noqa: D105
        return f"Found({self.start}-{self.end} {self.kind} {self.value} {self.unit})"


class QuantityFinder:
    """The quantity grammar of one pack, ready for use."""

    def __init__(self, pack: Pack) -> None:
        self._kinds = {row["unit"]: row["kind"] for row in pack.table("units")}
        self._before = {
            row["word"]: (row["comparator"], row["approx"] == "yes", row["not_after"])
            for row in pack.table("bounds_before")
        }
        self._before_ends = frozenset(word[-1] for word in self._before)
        self._before_longest = max(map(len, self._before), default=0)
        self._after = {row["word"]: (row["comparator"], row["approx"] == "yes") for row in pack.table("bounds_after")}
        self._rules = [
            (rule, [name for name in _GROUPS if name in rule.pattern.groupindex]) for rule in pack.of_kind("quantity")
        ]
        self._known: dict[tuple[str, str], Found | None] = {}
        self._not = pack.of_kind("not_quantity")
        self._money_words = pack.compile(r"\L<money_words>", where="money_words")
        self._counted = pack.compile(
            r"\L<count_words>(?:(?!\L<money_words>)[^，。；：、\n]){0,14}\Z", where="count_words"
        )
        self._index_words = tuple(pack.words("index_words"))
        self._zero_words = tuple(pack.words("zero_words"))
        self._ratio_words = pack.compile(r"\L<ratio_words>", where="ratio_words")

    def find(self, text: str, blocked_spans: Iterable[tuple[int, int]] = ()) -> list[Found]:
        """All quantities of a view's text, in order, not overlapping. `blocked_spans` (dates) hold none."""
        blocked = bytearray(len(text) + 1)
        for start, end in blocked_spans:
            blocked[start:end] = b"\1" * (end - start)
        for rule in self._not:
            widen = rule.set.get("widen") == "line"
            for match in rule.pattern.finditer(text):
                start, end = match.span()
                if widen:
                    start = max(text.rfind("\n", 0, start), text.rfind("。", 0, start)) + 1
                blocked[start:end] = b"\1" * (end - start)
        found: list[Found] = []
        for rule, names in self._rules:
            for match in rule.pattern.finditer(text):
                start, end = match.span()
                if blocked[start]:
                    continue
                made = self._ratio(rule, match, text) if not names else self._read(rule, names, match, text)
                if made:
                    found.extend(made)
                    blocked[start:end] = b"\1" * (end - start)
        found.sort(key=lambda quantity: quantity.start)
        return self._settle(found, text)

    def kind_of(self, unit: str) -> str:
        """The kind of a unit; a compound unit (`元/人`) has the kind of its first part."""
        kind = self._kinds.get(unit)
        if kind is None:
            for mark in "/·每（":
                if mark in unit:
                    return self.kind_of(unit.split(mark, 1)[0])
            raise PatternError(f"unit {unit!r} has no row in lexicon/units.csv; add one with its kind")
        return kind

    def _read(self, rule: Rule, names: Sequence[str], match: Any, text: str) -> list[Found] | None:
        """The quantity of a match. What a surface is worth is remembered: `0万元` and `100%` come many times."""
        key = (rule.id, match[0])
        if key in self._known:
            known = self._known[key]
        else:
            known = self._value(rule, names, match)
            if len(self._known) < _REMEMBERED:
                self._known[key] = known
        if known is None:
            return None
        made = known.at(*match.span())
        self._look_before(made, text)
        return [made]

    def _value(self, rule: Rule, names: Sequence[str], match: Any) -> Found | None:
        part = dict(zip(names, match.group(*names), strict=True))
        numeral = part["number"]
        unit = part.get("unit")
        start, end = match.span()
        scale = part.get("scale") or ""
        digit = numeral[0] <= "9"
        if digit and len(numeral) > 1 and numeral[0] == "0" and numeral[1] not in ".":
            return None  # a code: 01项
        value = arabic(numeral, scale) if digit else _spoken(numeral, scale)
        if value is None:
            return None
        if part.get("per"):
            kind, unit = "rate", "%" if part["per"] == "百分之" else "‰"
        elif part.get("tenths"):
            value, kind, unit = plain(value * 10 + (5 if part.get("half") else 0)), "rate", "%"
        elif part.get("half"):
            value = value + _HALF
            if part["half"] == "个半" and unit:
                unit = "个" + unit
            kind = self.kind_of(unit) if unit else "number"
        elif unit:
            if unit == "年" and digit and value >= 1900:
                return None
            kind = str(rule.set.get("kind") or self.kind_of(unit))
            if kind == "percentage_point":
                unit = "个百分点"
        else:
            kind = "number"
        made = Found(start, end, kind, value, unit, rule.id)
        made.scale = scale
        if part.get("more"):
            made.approx = True
        if part.get("low"):
            low = part["low"]
            low_scale = part.get("low_scale") or scale
            made.low = arabic(low, low_scale) if low[0] <= "9" else _spoken(low, low_scale)
            made.high, made.value = value, None
            if made.low is None or (made.low > value and not part.get("low_scale")):
                return None
        bound = part.get("bound")
        if bound:
            comparator, approx = self._after.get(bound, ("<=", False))  # a bare 内 is an upper bound
            made.comparator, made.approx = comparator, made.approx or approx
        return made

    def _look_before(self, made: Found, text: str) -> None:
        """Take in a sign and a touching comparator or approximation."""
        start = made.start
        if (
            start
            and text[start - 1] == "-"
            and (start < 2 or text[start - 2] not in "0123456789\n)")
            and (start < 2 or not text[start - 2].isascii() or text[start - 2] in "，：:")
        ):
            if made.value is not None:
                made.value = -made.value
            start -= 1
        if start and text[start - 1] in self._before_ends:
            for length in range(min(self._before_longest, start), 0, -1):
                rule = self._before.get(text[start - length : start])
                if rule is None:
                    continue
                comparator, approx, not_after = rule
                if start > length and text[start - length - 1] in not_after:
                    continue
                start -= length
                if comparator != "=":
                    made.comparator = comparator
                made.approx = made.approx or approx
                break
        made.start = start

    def _ratio(self, rule: Rule, match: Any, text: str) -> list[Found] | None:
        """`31.3：68.7` is two shares, `2.4∶1` one number; `9:30` and score lines are nothing."""
        start = match.start()
        parts: list[tuple[int, str]] = []
        position = start
        for piece in match[0].replace("：", ":").replace("∶", ":").split(":"):
            parts.append((position, piece))
            position += len(piece) + 1
        listed = text[start - 1 : start] in ("、", "和", "及") and text[max(0, start - 3) : start - 1] in _TO_ONE
        if not listed and not self._ratio_words.search(text, max(0, start - 14), start):
            return None
        if len(parts) == 2 and parts[1][1] == "1":
            return [Found(start, match.end(), "number", arabic(parts[0][1]), None, rule.id)]
        return [Found(at, at + len(piece), "number", arabic(piece), None, rule.id + ".part") for at, piece in parts]

    def _settle(self, found: list[Found], text: str) -> list[Found]:
        """Decide on figures without a unit, from the right so that a list hands its unit on."""
        kept: list[Found] = []
        following: Found | None = None
        money_lines: set[int] | None = None
        for quantity in reversed(found):
            if quantity.unit is None and not quantity.rule.startswith("quantity.ratio"):
                after = text[quantity.end] if quantity.end < len(text) else "\n"
                if (
                    following is not None
                    and following.unit is not None
                    and not quantity.scale
                    and quantity.value is not None
                    and text[quantity.end : following.start] in _LIST_MARKS
                ):
                    quantity.kind, quantity.unit = following.kind, following.unit
                    quantity.scale, quantity.inherited = following.scale, True
                    quantity.value = plain(quantity.value * SCALES[following.scale])
                elif quantity.scale:
                    if after in _PUNCTUATION or after == "/":
                        if money_lines is None:
                            money_lines = _lines_with_money(found, text)
                        since = max(0, quantity.start - 24)
                        money = (
                            line_of(text, quantity.start) in money_lines
                            or self._money_words.search(text, since, quantity.start)
                        ) and not self._counted.search(text, since, quantity.start)
                        if money:
                            quantity.kind, quantity.unit, quantity.inherited = "money", "元", True
                elif not self._bare_number(quantity, text, after):
                    continue
            kept.append(quantity)
            following = quantity
        kept.reverse()
        return kept

    def _bare_number(self, quantity: Found, text: str, after: str) -> bool:
        """Whether digits with no unit at all measure something: a decimal that ends a phrase, as in `支出27.09，`."""
        start = quantity.start
        if text[max(0, start - 8) : start].endswith(self._index_words):
            return after in _PUNCTUATION
        if text[start : quantity.end] == "0" and text[max(0, start - 8) : start].endswith(self._zero_words):
            return after in _PUNCTUATION  # 贫困发生率由12.6%降至0
        if (after not in _PUNCTUATION and after not in _MOVES) or after in "(（":
            return False
        before = text[start - 1] if start else "\n"
        if before in "\n.．:" or (before.isascii() and before not in ">=<≥≤"):
            return False
        surface = text[start : quantity.end]
        return "." in surface.strip("．.") and not before.isdigit()


def line_of(text: str, position: int) -> int:
    """A key for the block that a position stands in."""
    return text.rfind("\n", 0, position)


def _lines_with_money(found: Sequence[Found], text: str) -> set[int]:
    return {line_of(text, quantity.start) for quantity in found if quantity.kind == "money"}


@lru_cache(maxsize=4096)
def _spoken(numeral: str, scale: str) -> Decimal | None:
    value = chinese(numeral)
    return None if value is None else plain(value * SCALES[scale])
