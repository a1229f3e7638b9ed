"""Names in a text: organisations, places, people, policies, document numbers, projects and groups of people.

Entities do not nest: the outermost is kept, and nothing is found inside 《…》. `EntityFinder.find` works in three
steps: what its own marks delimit (《…》, document numbers, labelled fields); names by their last word (局, 中心,
开发区 …), whose beginning `names.Words` finds; then the names of divisions and lists of known names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from extract.dates import Mention
from extract.names import DIVISION_KINDS, LEVELS, PLACE_KINDS, Anchor, Words
from extract.patterns import Pack
from extract.places import Gazetteer, on_words

_MARKS: Final = re.compile("[《》\n]")
_REACH: Final = 30  # letters of a name before its last word
_BREAK: Final = re.compile("(?s:.*)[^一-鿿]")  # up to the last mark that no name holds
_TITLE_REACH: Final = 120  # and of a title in 《》
_TITLE_TAIL: Final = re.compile("的(?:通知|意见|决定|函|公告|批复|方案|规定)")
_TITLE_STOP: Final = re.compile("[，。；：（〔“\n]")
_MOST: Final = 400  # names that one text teaches
_LIST_REACH: Final = 500  # how far a list of inner bodies may go
_PAREN: Final = re.compile("（([一-鿿·]{2,30})）")
_FIRM_AFTER: Final = frozenset("等、，。；）")
_COUNTED: Final = re.compile(r"\d[\d,.]*[万余多]?(?:个|家|所|座|处|支|间)")

Found = tuple[int, int, str, str]  # start, end, type, code


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def _tree(words: dict[str, str], prefix: str = "") -> str:
    """Words as one expression that shares their beginnings, the longest first, each with what must not follow."""
    heads: dict[str, dict[str, str]] = {}
    for word, after in words.items():
        if word:
            heads.setdefault(word[0], {})[word[1:]] = after
    choices = [re.escape(head) + _tree(rest) for head, rest in sorted(heads.items())]
    if "" in words:
        choices.append(f"(?!{words['']})" if words[""] else "")
    return "(?:" + "|".join(choices) + ")" if len(choices) > 1 else choices[0]


class _Known:
    """Names that are found as they are, the longest first: a filter on two letters, then a look into the list."""

    def __init__(self, names: dict[str, str]) -> None:
        self._after = {name: re.compile(after) if after else None for name, after in names.items()}
        self._heads = frozenset(name[:2] for name in names)
        self._lengths = sorted({len(name) for name in names}, reverse=True)
        first = "".join(sorted({re.escape(name[0]) for name in names}))
        second = "".join(sorted({re.escape(name[1]) for name in names}))
        self._filter = re.compile(f"[{first}](?=[{second}])")

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        reach = 0
        heads, after = self._heads, self._after
        for match in self._filter.finditer(text):
            at = match.start()
            if at < reach or text[at : at + 2] not in heads:
                continue
            for length in self._lengths:
                name = text[at : at + length]
                if name in after and len(name) == length:
                    barred = after[name]
                    if barred is None or barred.match(text, at + length) is None:
                        reach = at + length
                        yield at, reach
                        break


class EntityFinder:
    """The names grammar of one pack. Built once, used for any number of texts."""

    def __init__(self, pack: Pack) -> None:
        self.gazetteer = Gazetteer(pack)
        self._words = Words(pack, self.gazetteer)
        self._kinds: dict[str, tuple[str, str]] = {}
        triggers: dict[str, str] = {}
        for table in ("org_suffixes", "place_suffixes"):
            for row in pack.table(table):
                kind = row["kind"]
                if table == "place_suffixes" and kind == "station":
                    kind = "station_place"
                if kind != "none":
                    self._kinds[row["suffix"]] = (kind, row["not_before"])
                    triggers[row["suffix"]] = row["not_after"]
        self._trigger = re.compile(_tree(triggers))
        fixed = dict.fromkeys(self.gazetteer.short, "")
        for table in ("regions", "organisations"):
            fixed.update({row["name"]: row["not_after"] for row in pack.table(table)})
        self._organisations = frozenset(row["name"] for row in pack.table("organisations"))
        self._fixed = _Known(fixed)
        self._parts = _alternatives(pack.words("place_parts"))
        self._lists = {row["name"]: "GROUP" for row in pack.table("groups")}
        self._lists.update({row["name"]: "PROJECT" for row in pack.table("projects")})
        self._listed = re.compile(_tree(dict.fromkeys(self._lists, "")))
        self._rules = [(rule, str(rule.set.get("type", "")), rule.pattern) for rule in pack.of_kind("entity")]
        self._paren_ends = re.compile("(?:" + "|".join(pack.words("paren_ends")) + ")$")
        self._not_policy = re.compile("(?:" + "|".join(pack.words("works_before")) + ")$")
        self._not_policy_after = re.compile("等?(?:" + "|".join(pack.words("works_after")) + ")")
        self._policy_ends = re.compile("(?:" + "|".join(pack.words("policy_ends")) + ")$")
        openers, ends = "|".join(pack.words("inner_openers")), "|".join(pack.words("inner_ends"))
        self._list = re.compile(f"(?:{openers})[^。；\n]{{0,40}}?(?:包括|分别为|分别是|有|为|：)")
        self._member = re.compile(
            f"(?:分别[是为]|包括|：|及|和)*(?P<name>(?![^、，；。\n（）]{{0,20}}\\d)[一-鿿]{{1,24}}?(?:{ends}))"
            "(?:（[^（）\n]{0,40}）)?(?P<next>、|，|和|与|及|以及|等|。|；|\n|$)"
        )

    def find(self, text: str, dates: list[Mention]) -> list[Mention]:
        """All entities of a text, the given dates among them, in order, none inside another."""
        taken = bytearray(len(text) + 1)
        kept: list[Mention] = []
        _keep(self._policies(text, taken), taken, kept)
        _keep(self._by_rule(text, late=False), taken, kept)
        _keep(dates, taken, kept)
        _keep(self._outermost(self._names(text), taken), taken, kept)
        _keep(self._inner(text), taken, kept)
        _keep(self._by_rule(text, late=True), taken, kept)
        _keep(self._of_lists(text), taken, kept)
        kept.sort(key=lambda one: one.start)
        return kept

    # --- with marks of their own ----------------------------------------------------------------------------------

    def _by_rule(self, text: str, *, late: bool) -> Iterator[Mention]:
        """What one expression tells; projects come after all other names."""
        for rule, kind, pattern in self._rules:
            if late != (kind == "PROJECT"):
                continue
            for match in pattern.finditer(text):
                start, end = match.span("name" if "name" in pattern.groupindex else 0)
                yield Mention(kind, start, end, None, rule.id)

    def _policies(self, text: str, taken: bytearray) -> Iterator[Mention]:
        """《…》, outermost marks, within one block. Works of art are not given, but nothing is found in them."""
        opened: list[int] = []
        for match in _MARKS.finditer(text):
            mark, at = match[0], match.start()
            if mark == "》":
                start = opened.pop() if opened else at
                if opened or start == at:
                    continue
                if self._is_policy(text, start, at + 1):
                    yield Mention("POLICY", start, at + 1, None, "entity.policy")
                else:
                    taken[start : at + 1] = b"\1" * (at + 1 - start)
                continue
            if opened and (mark == "\n" or at - opened[0] > _TITLE_REACH or "。" in text[opened[0] : at]):
                yield from self._unclosed(text, opened[0], at)
                opened.clear()
            if mark == "《":
                opened.append(at)
        if opened:
            yield from self._unclosed(text, opened[0], len(text))

    def _unclosed(self, text: str, start: int, limit: int) -> Iterator[Mention]:
        """A title whose last mark is missing ends with the word of a document, before the next pause."""
        limit = min(limit, start + _TITLE_REACH)
        inner = text.rfind("》", start, limit) + 1
        if inner:
            tail = _TITLE_TAIL.match(text, inner)
            if tail is not None:
                yield Mention("POLICY", start, tail.end(), None, "entity.policy_unclosed")
            else:
                yield Mention("POLICY", max(start, text.rfind("《", start, inner)), inner, None, "entity.policy")
            return
        stop = _TITLE_STOP.search(text, start, limit)
        end = stop.start() if stop is not None else limit
        if self._policy_ends.search(text, start, end) is not None:
            yield Mention("POLICY", start, end, None, "entity.policy_unclosed")

    def _is_policy(self, text: str, start: int, end: int) -> bool:
        if self._policy_ends.search(text, start, end - 1):
            return True
        if self._not_policy.search(text, max(0, start - 8), start) or self._not_policy_after.match(text, end):
            return False
        return end - start > 10

    # --- by their last word ---------------------------------------------------------------------------------------

    def _names(self, text: str) -> list[Found]:
        found: list[Found] = []
        full, lengths, ends = self.gazetteer.full, self.gazetteer.lengths, self.gazetteer.ends
        start_of, kinds = self._words.start, self._kinds
        learned: dict[str, str] = {}
        for match in self._trigger.finditer(text):
            at, end = match.span()
            kind, not_before = kinds[match[0]]
            low = max(0, at - _REACH)
            if (barred := _BREAK.match(text, low, at)) is not None:
                low = barred.end()
            if low and text[low] in "年月日" and text[low - 1].isdigit():
                low += 2 if text.startswith("年度", low) else 1
            if low >= at:
                continue
            if kind in DIVISION_KINDS or kind == "province":
                known = None
                if text[end - 2 : end] in ends:
                    for length in lengths:
                        if end - length >= low and (name := text[end - length : end]) in full:
                            known = name
                            break
                if known is not None:
                    if len(known) > 2 or on_words(text, end - 2, end):
                        found.append((end - len(known), end, "PLACE", full[known]))
                        learned[known] = full[known]
                    continue
            if text[at - 1] in not_before:
                continue
            hints: list[Anchor] = []
            for start, stop, kept_kind, _ in reversed(found):
                if start < low:
                    break
                if stop <= at:
                    hints.append((start - low, stop - low, kept_kind == "PLACE"))
            start = start_of(text[low:at], match[0], kind, tuple(hints))
            if start < 0:
                continue
            start += low
            if kind in PLACE_KINDS:
                found.append((start, end, "PLACE", ""))
                if kind == "division":
                    learned.setdefault(text[start:end], "")
                continue
            if kind == "firm" and (end < len(text) and text[end] not in _FIRM_AFTER):
                continue
            if _COUNTED.match(text, end):
                continue
            if end < len(text) and text[end] == "（":
                inner = _PAREN.match(text, end)
                if inner is not None and self._paren_ends.search(inner[1]):
                    end = inner.end()
            found.append((start, end, "ORG", ""))
        for start, end in self._fixed.find(text):
            name = text[start:end]
            if name in self._organisations:
                if len(name) > 3 or on_words(text, start, end):
                    found.append((start, end, "ORG", ""))
            elif (len(name) > 2 or on_words(text, start, end)) and not _is_brand(text, start, end):
                found.append((start, end, "PLACE", self.gazetteer.short.get(name, "")))
        found.extend(self._learned(text, learned))
        found.extend(self._tails(text, found))
        return found

    def _learned(self, text: str, names: dict[str, str]) -> Iterator[Found]:
        """The places of this text under their short names."""
        stems: dict[str, str] = {}
        for name, code in names.items():
            stem = self.gazetteer.shorten(name)
            if 2 <= len(stem) < len(name) and not self.gazetteer.common(stem) and stem not in self.gazetteer.short:
                stems[stem] = code
        if stems:
            for match in re.finditer(f"({_alternatives(sorted(stems)[:_MOST])})({self._parts})?", text):
                if on_words(text, *match.span(1)) and not _is_brand(text, *match.span()):
                    yield (*match.span(), "PLACE", "" if match[2] else stems[match[1]])

    def _tails(self, text: str, found: list[Found]) -> Iterator[Found]:
        """Bodies of this text under a shorter name: 就业服务中心 without its 市, 大唐 without 集团."""
        tails: set[str] = set()
        firms: set[str] = set()
        places = self.gazetteer.all
        for start, end, kind, _ in found:
            if kind != "ORG":
                continue
            if text[start] in LEVELS and text[end - 2 : end] == "中心" and end - start >= 6:
                tails.add(text[start + 1 : end])
            elif text[end - 2 : end] == "集团" and end - start < 6 and text[start : start + 2] not in places:
                firms.add(text[start : end - 2])
        if tails:
            for match in re.finditer(_alternatives(sorted(tails)[:_MOST]), text):
                before = text[match.start() - 1 : match.start()]
                if before not in LEVELS and before not in ("个", "家", "所"):
                    yield (*match.span(), "ORG", "")
        if firms:
            for match in re.finditer(_alternatives(sorted(firms)[:_MOST]), text):
                if on_words(text, *match.span()):
                    yield (*match.span(), "ORG", "")

    def _outermost(self, found: list[Found], taken: bytearray) -> Iterator[Mention]:
        found.sort(key=lambda one: (one[0], -one[1]))
        last: Found | None = None
        for one in found:
            if taken[one[0]] or taken[one[1] - 1]:
                continue
            if last is not None:
                if one[0] < last[1]:
                    continue
                if one[0] == last[1] and last[2] == one[2] == "PLACE" and _within(last[3], one[3]):
                    last = (last[0], one[1], "PLACE", one[3])
                    continue
                yield _named(last)
            last = one
        if last is not None:
            yield _named(last)

    # --- lists ----------------------------------------------------------------------------------------------------

    def _of_lists(self, text: str) -> Iterator[Mention]:
        for match in self._listed.finditer(text):
            kind = self._lists[match[0]]
            yield Mention(kind, *match.span(), None, "entity." + kind.lower())

    def _inner(self, text: str) -> Iterator[Mention]:
        """The parts of a body that are listed: 内设综合科、财务科和办公室."""
        names: set[str] = set()
        for opener in self._list.finditer(text):
            at = opener.end()
            members = []
            while at < opener.end() + _LIST_REACH:
                member = self._member.match(text, at)
                if member is None:
                    break
                members.append(member.span("name"))
                at = member.end()
                if member["next"] in ("等", "。", "；", "\n", ""):
                    break
            if len(members) >= 2:
                for start, end in members:
                    names.add(text[start:end])
                    yield Mention("ORG", start, end, None, "entity.inner")
        known = sorted(name for name in names if len(name) >= 3 and name != "办公室")[:_MOST]
        if known:
            yield from _mentions("ORG", re.compile(_alternatives(known)), text)


def _keep(found: Iterable[Mention], taken: bytearray, kept: list[Mention]) -> None:
    for one in found:
        if one.start < one.end and taken.find(1, one.start, one.end) < 0:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(one)


def _mentions(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Mention]:
    for match in pattern.finditer(text):
        yield Mention(kind, *match.span(), None, "entity." + kind.lower())


def _is_brand(text: str, start: int, end: int) -> bool:
    """Whether a short name opens a quoted name: “曲靖健身地图”."""
    return text[start - 1 : start] == "“" and text.find("”", end, end + 12) - end > 0


def _named(one: Found) -> Mention:
    return Mention(one[2], one[0], one[1], one[3] or None, "entity." + one[2].lower())


def _within(above: str, below: str) -> bool:
    """Whether one division may hold another: 云南省 holds 曲靖市, and any unknown one."""
    if not above:
        return not below
    held = above[:2] if above.endswith("0000") else above[:4] if above.endswith("00") else above
    return below.startswith(held) or not below
