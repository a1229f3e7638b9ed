"""Where a name begins.

A name is told by its last word: 局, 中心, 开发区. `Words` cuts the words before it and finds its beginning: at a
division, at 省 市 区 县 standing for one, at a body already found, or at letters that are no word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import rjieba

from extract.patterns import Pack
from extract.places import Gazetteer

_PROPER: Final = ("ns", "nr", "nz", "nt")
LEVELS: Final = frozenset("省市区县州旗盟")
_NO_LEVEL_AFTER: Final = frozenset("全我本各该两跨城都超门股集小社地园辖郊片")
DIVISION_KINDS: Final = ("division", "town", "village", "street")
PLACE_KINDS: Final = (*DIVISION_KINDS, "province", "zone", "water", "road", "part", "station_place")

Token = tuple[int, str, str]
Anchor = tuple[int, int, bool]  # start, end; for a hint whether it is a place, else whether it is whole (not 市 alone)


class Words:
    """Where names begin. `start` is a pure function of the words before a suffix, and remembers its answers."""

    def __init__(self, pack: Pack, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._stops = frozenset(pack.words("name_stops"))
        self._joins = frozenset(pack.words("joins"))
        self._barred = self._stops | self._joins
        self._not_levels = frozenset(pack.words("not_levels"))
        self._heads = tuple(pack.words("heads"))
        self._wide = tuple(pack.words("wide_heads"))
        self._leads = frozenset(pack.words("leads"))
        self._generic = re.compile("|".join(map(re.escape, pack.words("generic"))))
        self._departments = frozenset(row["name"] for row in pack.table("departments"))
        self._offices = self._departments | frozenset(pack.words("offices"))
        self._ministries = frozenset(row["name"] for row in pack.table("ministries"))
        self._bare = frozenset(pack.words("bare_ends"))
        self._after_place = self._bare | frozenset(pack.words("place_ends"))
        self._school_not = frozenset(pack.words("school_not"))
        self._ours = tuple(pack.words("our_places"))
        self._openers = tuple(pack.words("phrase_openers"))
        self._longest = max(map(len, self._departments))
        self._ends = re.compile("(?:" + "|".join(pack.words("org_ends")) + ")$")
        self._memory: dict[tuple[str, str, tuple[Anchor, ...]], int] = {}

    def start(self, before: str, suffix: str, kind: str, hints: tuple[Anchor, ...]) -> int:
        """Where in `before` the name begins that ends with `suffix`; -1 where there is none.

        `hints` are names found earlier in `before`: places and bodies, with their ends.
        """
        key = (before, suffix, hints)
        known = self._memory.get(key)
        if known is None:
            if len(self._memory) > 50_000:
                self._memory.clear()
            if kind in DIVISION_KINDS:
                known = self._division(before, suffix)
            elif kind in PLACE_KINDS:
                known = self._place(before, suffix, kind, hints)
            else:
                known = self._body(before, suffix, kind, hints)
            self._memory[key] = known
        return known

    # --- organisations --------------------------------------------------------------------------------------------

    def _body(self, before: str, suffix: str, kind: str, hints: Sequence[Anchor]) -> int:
        tokens = _cut(before)
        border = self._border(tokens, before, hints)
        anchors = self._anchors(tokens, before, border, hints, keep=kind == "branch")
        for at, end, whole in anchors:
            core = before[end:]
            if not core:
                if suffix in (self._after_place if whole else self._bare):
                    return at
                if kind == "bureau" and whole and before.endswith(("政府", "委")):
                    return at
            elif kind == "committee":
                if core in self._departments:
                    return at
            elif kind == "bureau":
                if core in self._offices:
                    return at
            elif kind != "firm" and len(core) <= 24 and not self._generic.search(core):
                if core not in self._departments and whole and core.startswith(self._openers):
                    continue
                return at
        if kind in ("agency", "committee") and suffix in "局厅部委":
            return self._bare_department(tokens, before, border, suffix)
        if kind == "firm":
            at = self._proper(tokens, before, border, kind)
            return at if at == border and len(before) - at <= 4 else -1
        if kind in ("company", "school", "hospital", "media", "institute", "landmark"):
            at = self._proper(tokens, before, border, kind)
            rest = before[border:]
            if at < 0 and suffix in ("中学", "小学") and len(rest) == 2 and rest not in self._school_not:
                return border
            return at
        if kind in ("centre", "station", "body") and before.endswith(self._ours, 0, border):
            return border if len(before) - border > 1 and not self._generic.search(before, border) else -1
        return -1

    def _border(self, tokens: Sequence[Token], before: str, hints: Sequence[Anchor]) -> int:
        """The end of the last word that no name holds, or of the last name that stands before this one."""
        border = 0
        whole = len(before)
        for at, word, _ in tokens:
            end = at + len(word)
            if word in self._stops:
                if end < whole or word not in self._departments:
                    border = end
            elif word in self._joins and (
                at == border
                or self._ends.search(before, border, at)
                or any(start == end or stop == at for start, stop, _ in hints)
                or self._division_at(before, end) > end
            ):
                border = end
        return border

    def _anchors(
        self, tokens: Sequence[Token], before: str, border: int, hints: Sequence[Anchor], *, keep: bool
    ) -> list[Anchor]:
        """Where a body's name may begin: at a place, at 市 or 国家, at a body already found."""
        found: list[Anchor] = []
        given = {start: (end, place) for start, end, place in hints if start >= border}
        starts = dict.fromkeys([at for at, _, _ in tokens if at >= border])
        starts.update(dict.fromkeys(given))
        tags = {at + len(word): tag for at, word, tag in tokens}
        reach = -1
        for at in sorted(starts):
            if at < reach:
                continue
            end = max(given[at][0] if at in given else at, self._division_at(before, at))
            whole = end > at
            place = whole and (at not in given or given[at][1])
            if not whole:
                for head in self._heads:
                    if before.startswith(head, at):
                        end = self._division_at(before, at + len(head))
                        end = given[end][0] if end in given and given[end][1] else end
                        break
            if end == at and before[at] in LEVELS and self._is_level(before, at, border, tags.get(at, "")):
                end = at + 1
            if end == at:
                continue
            while place and (more := max(self._division_at(before, end), given[end][0] if end in given else end)) > end:
                end = more
            if found and not keep and not before.startswith(self._wide, found[0][0]):
                other = place and end - at > 2 and before[end - 1] in LEVELS and found[-1][1] < at
                if other or self._ends.search(before, found[-1][0], at):
                    found.clear()
            found.append((at, end, whole))
            reach = end
        last = len(before) - 1
        if last >= max(reach, 0) and before[last] in LEVELS and before[last - 1 : last] not in _NO_LEVEL_AFTER:
            found.append((last, last + 1, False))
        return found

    def _division_at(self, before: str, at: int) -> int:
        names = self.gazetteer.all
        for length in self.gazetteer.all_lengths:
            if before[at : at + length] in names and at + length <= len(before):
                return at + length
        return at

    def _is_level(self, before: str, at: int, border: int, previous: str) -> bool:
        if at and before[at - 1] in _NO_LEVEL_AFTER:
            return False
        if before[at + 1 :] in self._departments:
            return True
        if before[at : at + 2] in self._not_levels and not before.startswith(("市政府", "市政协", "市政务"), at):
            return False
        return at == border or previous[:1] in "vpcdu" or bool(self._ends.search(before, border, at))

    def _bare_department(self, tokens: Sequence[Token], before: str, border: int, suffix: str) -> int:
        names = self._ministries if suffix == "部" else self._departments
        for length in range(min(len(before) - border, self._longest), 1, -1):
            if before[-length:] in names:
                at = len(before) - length
                if suffix == "委":
                    return -1
                return at if at == border or any(token[0] == at for token in tokens) else -1
        return -1

    def _proper(self, tokens: Sequence[Token], before: str, border: int, kind: str) -> int:
        """The start of an unanchored name: at a known name, or at letters that are no word."""
        first = -1
        run = 0
        for at, word, tag in reversed(tokens):
            if at < border or len(before) - at > 12 or self._generic.search(word):
                break
            if len(word) == 1:
                if word in self._joins:
                    break
                run += 1
                if run >= 2:
                    first = at
                continue
            run = 0
            if _is_proper(word, tag) or (kind == "school" and len(word) >= 3 and word[-1] in "路街巷桥湖山河江湾门"):
                first = at
            elif tag[:1] in "mqpcudry" or tag == "v":
                break
        return -1 if first >= 0 and self._generic.search(before, max(border, first - 1)) else first

    # --- places ---------------------------------------------------------------------------------------------------

    def _is_stem(self, tokens: Sequence[Token]) -> bool:
        """Whether words look like the name of an unknown place: one name, or two or three lone letters."""
        text = "".join(word for _, word, _ in tokens)
        if self.gazetteer.common(text) or any(level in text for level in "市县区镇乡村旗"):
            return False
        if len(tokens) == 1:
            return 2 <= len(text) <= 4 and text not in self._stops and _is_proper(text, tokens[0][2])
        barred = self._barred
        return len(text) <= 3 and all(len(word) == 1 and word not in barred and tag != "m" for _, word, tag in tokens)

    def _division(self, before: str, suffix: str) -> int:
        """The start of an unknown 某某市, 某某镇 …"""
        tokens = _cut(before + suffix)
        at, word, tag = tokens[-1]
        if not word.endswith(suffix):
            return -1
        if len(word) > len(suffix):
            stem = word[: -len(suffix)]
            if self.gazetteer.common(word) or self.gazetteer.common(stem):
                return -1
            if tag == "ns" and len(stem) >= 2:
                return at
            if len(word) == 2 and len(tokens) > 1 and self._lone(tokens, len(tokens) - 2):
                return tokens[-2][0]
            return -1
        best = -1
        for width in (1, 2, 3):
            if width < len(tokens) and self._is_stem(tokens[-1 - width : -1]):
                best = tokens[-1 - width][0]
                if width == 1:
                    break
        return best

    def _lone(self, tokens: Sequence[Token], index: int) -> bool:
        """Whether a word is one letter, no function word, and begins a name: nothing but a stop before it."""
        _, word, tag = tokens[index]
        if len(word) != 1 or word in self._stops or word in self._joins or tag in ("m", "p", "c", "u", "r", "d", "q"):
            return False
        return index == 0 or tokens[index - 1][1] in self._stops or tokens[index - 1][2][:1] in "vpcu"

    def _place(self, before: str, suffix: str, kind: str, hints: Sequence[Anchor]) -> int:
        tokens = _cut(before)
        border = self._border(tokens, before, hints)
        if kind == "province":
            return -1
        found = -1
        longest = {"part": 0, "zone": 12, "station_place": 8}.get(kind, 4)
        for at, end, whole in self._anchors(tokens, before, border, hints, keep=False):
            core = before[end:]
            if not whole or len(core) > longest or not (core or kind in ("part", "zone", "station_place")):
                continue
            if not self._generic.search(core) and not core.startswith(self._openers):
                found = at
                break
        if kind == "part":
            return found
        if kind in ("water", "road"):
            return found if found >= 0 else self._natural(before, suffix, border)
        at = self._proper(tokens, before, border, kind)
        if -1 < found <= at or at < 0:
            return found
        for start, word, _ in tokens:
            if at > 0 and start + len(word) == at and word in self._leads and start >= border:
                return start
        return at

    def _natural(self, before: str, suffix: str, border: int) -> int:
        """The start of the name of a river, a mountain, a street."""
        tokens = _cut(before + suffix)
        at, word, tag = tokens[-1]
        if self.gazetteer.common(word) or at + len(word) != len(before) + len(suffix):
            return -1
        if len(word) > len(suffix):
            if len(word) == 2 and len(tokens) > 1 and tag != "ns":
                return tokens[-2][0] if self._lone(tokens, len(tokens) - 2) else -1
            return at if tag == "ns" and at >= border else -1
        best = -1
        for width in (1, 2, 3):
            if width < len(tokens) and tokens[-1 - width][0] >= border and self._is_stem(tokens[-1 - width : -1]):
                best = tokens[-1 - width][0]
                if width == 1:
                    break
        if best < 0 and suffix in "河江" and len(tokens) > 1 and self._lone(tokens, len(tokens) - 2):
            return tokens[-2][0]
        return best


def _is_proper(word: str, tag: str) -> bool:
    """Whether the dictionary calls a word a name; what it calls so of four letters and more often is none."""
    return tag[:2] in ("ns", "nr") or (len(word) <= 3 and tag.startswith(_PROPER))


def _cut(before: str) -> list[Token]:
    tokens = []
    at = 0
    for word, tag in rjieba.tag(before, False):
        if len(word) == 2 and word[0] in "和及与" and word[1] in LEVELS:  # 和县 is a county, but here it joins
            tokens += [(at, word[0], "c"), (at + 1, word[1], "n")]
        else:
            tokens.append((at, word, tag))
        at += len(word)
    return tokens
