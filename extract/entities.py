"""Names in a text: organisations, places, people, policies, document numbers, projects and groups of people.

Entities do not nest: the outermost is kept, and nothing is found inside 《…》. `EntityFinder.find` works in three
steps: what its own marks delimit (《…》, document numbers, labelled fields); names by their last word (局, 中心,
开发区 …), whose beginning `places.Words` finds; then the names of divisions and lists of known names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from extract.dates import Mention
from extract.patterns import Pack
from extract.places import Gazetteer, Words

_MARKS: Final = re.compile("[《》\n]")
_REACH: Final = 30  # letters of a name before its last word
_NOT_NAME: Final = re.compile("[^一-鿿·]")
_DIVISIONS: Final = ("division", "town", "village", "street")
_PLACES: Final = (*_DIVISIONS, "zone", "water", "road", "part", "station_place")
_PAREN: Final = re.compile("（([一-鿿·]{2,30})）")


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


class EntityFinder:
    """The names grammar of one pack. Built once, used for any number of texts."""

    def __init__(self, pack: Pack) -> None:
        self.gazetteer = Gazetteer(pack)
        self._words = Words(pack, self.gazetteer)
        self._kinds: dict[str, str] = {}
        choices: dict[str, str] = {}
        for table, places in (("org_suffixes", False), ("place_suffixes", True)):
            for row in pack.table(table):
                suffix = row["suffix"]
                if row["kind"] == "none":
                    continue
                kind = row["kind"]
                if places and kind == "station":
                    kind = "station_place"
                self._kinds[suffix] = kind
                choices[suffix] = re.escape(suffix) + (f"(?!{row['not_after']})" if row["not_after"] else "")
        ordered = sorted(choices, key=lambda suffix: (-len(suffix), suffix))
        self._trigger = re.compile("|".join(choices[suffix] for suffix in ordered))
        fixed: dict[str, str] = {}
        for table in ("organisations", "regions"):
            for row in pack.table(table):
                fixed[row["name"]] = re.escape(row["name"]) + (f"(?!{row['not_after']})" if row["not_after"] else "")
        self._organisations = frozenset(row["name"] for row in pack.table("organisations"))
        for name in self.gazetteer.short:
            fixed.setdefault(name, re.escape(name))
        self._fixed = re.compile("|".join(fixed[name] for name in sorted(fixed, key=lambda name: (-len(name), name))))
        self._groups = re.compile(_alternatives(row["name"] for row in pack.table("groups")))
        self._rules = [(rule, rule.pattern) for rule in pack.of_kind("entity")]
        self._org_ends = re.compile("(?:" + "|".join(pack.words("paren_ends")) + ")$")

    def find(self, text: str, dates: list[Mention]) -> list[Mention]:
        """All entities of a text, the given dates among them, in order, none inside another."""
        taken = bytearray(len(text) + 1)
        kept: list[Mention] = []
        for one in dates:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(one)
        self._keep(_policies(text), taken, kept)
        self._keep(self._by_rule(text), taken, kept)
        self._keep(self._outermost(text, self._names(text)), taken, kept)
        self._keep(self._listed(text), taken, kept)
        kept.sort(key=lambda one: one.start)
        return kept

    def _keep(self, found: Iterable[Mention], taken: bytearray, kept: list[Mention]) -> None:
        for one in found:
            if one.end > one.start and not taken.find(1, one.start, one.end) >= 0:
                taken[one.start : one.end] = b"\1" * (one.end - one.start)
                kept.append(one)

    def _by_rule(self, text: str) -> Iterator[Mention]:
        for rule, pattern in self._rules:
            kind = str(rule.set.get("type", ""))
            if kind == "CONGRESS":
                continue
            for match in pattern.finditer(text):
                group: Any = "name" if "name" in match.groupdict() else 0
                yield Mention(kind, match.start(group), match.end(group), None, rule.id)

    def _names(self, text: str) -> list[tuple[int, int, str, str]]:
        found: list[tuple[int, int, str, str]] = []
        full = self.gazetteer.full
        lengths = self.gazetteer.lengths
        start_of = self._words.start
        kinds = self._kinds
        learned: set[str] = set()
        for match in self._trigger.finditer(text):
            at, end = match.span()
            suffix = match[0]
            kind = kinds[suffix]
            low = at
            least = max(0, at - _REACH)
            while low > least and ("一" <= text[low - 1] <= "鿿" or text[low - 1] == "·"):
                low -= 1
            if low == at:
                continue
            if kind in _DIVISIONS:
                code = None
                for length in lengths:
                    if end - length >= low and (name := text[end - length : end]) in full:
                        code = name
                        break
                if code is not None:
                    found.append((end - len(code), end, "PLACE", full[code]))
                    learned.add(code)
                    continue
            start = start_of(text[low:at], suffix, kind)
            if start < 0:
                continue
            start += low
            if kind in _PLACES:
                found.append((start, end, "PLACE", ""))
                if kind == "division":
                    learned.add(text[start:end])
            else:
                if end < len(text) and text[end] == "（":
                    inner = _PAREN.match(text, end)
                    if inner is not None and self._org_ends.search(inner[1]):
                        end = inner.end()
                found.append((start, end, "ORG", ""))
        for match in self._fixed.finditer(text):
            kind = "ORG" if match[0] in self._organisations else "PLACE"
            found.append((*match.span(), kind, self.gazetteer.short.get(match[0], "")))
        found.extend(self._learned(text, learned))
        return found

    def _learned(self, text: str, names: set[str]) -> Iterator[tuple[int, int, str, str]]:
        """Places of this text under their short names."""
        stems = {}
        for name in names:
            stem = self.gazetteer.shorten(name)
            if len(stem) >= 2 and stem != name and not self.gazetteer.common(stem) and stem not in self.gazetteer.short:
                stems[stem] = self.gazetteer.full.get(name, "")
        if stems:
            for match in re.finditer(_alternatives(stems), text):
                yield (*match.span(), "PLACE", stems[match[0]])

    def _outermost(self, text: str, found: list[tuple[int, int, str, str]]) -> Iterator[Mention]:
        found.sort(key=lambda one: (one[0], -one[1]))
        last: tuple[int, int, str, str] | None = None
        for one in found:
            if last is not None and one[0] < last[1]:
                if one[1] > last[1] and last[2] == "PLACE" and one[2] == "ORG":
                    last = (last[0], one[1], "ORG", "")
                continue
            if last is not None and one[0] == last[1] and last[2] == one[2] == "PLACE" and self._child(last[3], one[3]):
                last = (last[0], one[1], "PLACE", one[3])
                continue
            if last is not None:
                yield Mention(last[2], last[0], last[1], last[3] or None, "name." + last[2].lower())
            last = one
        if last is not None:
            yield Mention(last[2], last[0], last[1], last[3] or None, "name." + last[2].lower())

    def _child(self, above: str, below: str) -> bool:
        if not above:
            return False
        prefix = above[:2] if above.endswith("0000") else above[:4] if above.endswith("00") else above
        return below.startswith(prefix) or not below

    def _listed(self, text: str) -> Iterator[Mention]:
        for match in self._groups.finditer(text):
            yield Mention("GROUP", *match.span(), None, "name.group")


def _policies(text: str) -> Iterator[Mention]:
    """《…》, outermost marks, within one block."""
    opened: list[int] = []
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark == "\n":
            opened.clear()
        elif mark == "《":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if not opened:
                yield Mention("POLICY", start, match.end(), None, "name.policy")


__all__: Sequence[str] = ["EntityFinder"]
