"""The words that name what a figure measures: where such a phrase begins and ends, and its canonical id."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import rjieba
from msgspec import Struct

from extract.patterns import Pack
from extract.templates import DATE_CHAR, FIGURES

_ENUMERATOR: Final = r"(?:第[一二三四五六七八九十\d]+部分|[（(][一二三四五六七八九十]{1,3}[）)]|[（(]?\d{1,2}[)）.、．]|[①-⑳]|[-•·●◆■★▲*#]+|[一二三四五六七八九十]{1,3}[是、])"
_TIMES: Final = frozenset(("次", "场", "场次", "轮", "批次"))
_CUT: Final = frozenset("，,；;。：:！？!?\n" + FIGURES)
_PLACE_GENRES: Final = frozenset(("statistical_bulletin", "government_work_report", "budget_execution_report", "statistical_analysis"))


class Phrase(Struct, frozen=True):
    """An indicator phrase, as a range of the typed text. `label` tells that it came from a heading or a label."""

    start: int
    end: int
    text: str
    label: bool = False


class Phrases:
    """Cleans the words beside a figure down to the phrase that names its indicator."""

    def __init__(self, pack: Pack) -> None:
        lists = pack.lexicons
        hard = [word for word in lists["lead_words"] if word not in set(lists["soft_leads"])]
        self._lead = pack.compile(
            rf"(?:{_ENUMERATOR}|[{DATE_CHAR}\s]|{_alternatives(hard)})+", where="phrases.toml: lead_words"
        )
        self._soft = pack.compile(rf"(?:{_alternatives(lists['soft_leads'])})(?=.{{2}})", where="phrases.toml: soft_leads")
        self._tail = pack.compile(rf"(?r)(?:{_alternatives(lists['tail_words'])}|[{DATE_CHAR}\s])+", where="phrases.toml: tail_words")
        self._verb_end = pack.compile(rf"(?r)(?:{_alternatives(lists['verbs_before_noun'])})(?:了|过)?", where="phrases.toml")
        self._no_noun = pack.compile(_alternatives(lists["not_noun_start"]), where="phrases.toml: not_noun_start")
        self._scopes = frozenset(lists["scopes"])
        self._adverbial = tuple(lists["adverbial_starts"])
        self._not_adverbial = tuple(lists["adverbial_not"])
        self._thin = frozenset(lists["thin_nouns"])
        self._generic = frozenset(lists["generic_words"])
        self._marks = tuple(lists["item_marks"])
        self._by_alias = _aliases(pack)
        self._aliases = frozenset(self._by_alias)

    def clean(self, typed: str, start: int, end: int, names: dict[int, int]) -> Phrase | None:
        """The phrase inside typed[start:end], or None when nothing of weight is left.

        `names` maps typed starts of organisations and places to their ends: a leading one is who, not what.
        """
        cut = typed.rfind(DATE_CHAR, start, end)
        if cut >= 0:  # a date is no part of the name: take what stands after it, or before it (`低保标准自7月1日起`)
            if end - cut > 3:
                start = cut + 1
            elif cut - start >= 3:
                end = cut
            else:
                start = cut + 1
        while start < end:
            if start in names and names[start] < end:
                start = names[start]
                continue
            match = self._lead.match(typed, start, end)
            if match is None or match.end() == start:
                soft = self._soft.match(typed, start, end)
                if soft is None or typed[start:end] in self._aliases:
                    break
                rest = typed[soft.end() : end]
                if not (rest in self._aliases or self._lead.match(rest) or len(soft[0]) == 1 and soft[0] in "将使让是有"):
                    break
                start = soft.end()
                continue
            if typed[start:end] in self._aliases:
                break
            start = match.end()
        match = self._tail.match(typed, start, end)
        if match is not None:
            end = match.start()
        start, end = _balance(typed, start, end)
        if end - start > 2 and typed[start] == "“" and typed[end - 1] == "”" and typed.find("”", start) == end - 1:
            start, end = start + 1, end - 1
        text = typed[start:end]
        if len(text) < 2 or text in self._generic or not _has_word(text):
            return None
        return Phrase(start, end, text)

    def scope(self, typed: str, start: int, end: int) -> Phrase | None:
        """A scope that stands for the part it names: `其中，市本级` → 市本级."""
        while start < end and typed[start] in "，：:、其中":
            start += 1
        text = typed[start:end]
        return Phrase(start, end, text) if text in self._scopes else None

    def is_adverbial(self, text: str) -> bool:
        """Whether words before a cue tell how or why (`按法定程序`), not what."""
        return text.startswith(self._adverbial) and not text.startswith(self._not_adverbial)

    def label(self, typed: str, start: int, end: int, names: dict[int, int]) -> Phrase | None:
        """A heading, or the words before a colon, when they name something that can be measured."""
        phrase = self.clean(typed, start, end, names)
        if phrase is None or phrase.text.endswith(("情况", "说明", "如下", "分析", "方面", "指标", "工作", "安排", "概况", "综述")):
            if phrase is None or not any(mark in phrase.text for mark in self._marks):
                return None
        return Phrase(phrase.start, phrase.end, phrase.text, True)

    def noun_after(self, typed: str, place: int, limit: int, unit: str | None) -> Phrase | None:
        """The noun phrase that directly follows a figure: `12家` → `创业孵化基地`."""
        start = place
        if typed[start : start + 1] == "的":
            start += 1
        end = start
        while end < limit and end - start < 24 and typed[end] not in _CUT and typed[end] not in "、）)":
            if typed[end] in "（(":
                close = typed.find("）" if typed[end] == "（" else ")", end)
                if close < 0 or close - end > 14 or any(char in _CUT for char in typed[end:close]):
                    break
                end = close
            end += 1
        text = typed[start:end]
        if not text or not _has_word(text[0]) and text[0] != "“" or self._no_noun.match(text):
            return None
        length = _noun_length(text)
        if length == 0:
            return None
        if unit in _TIMES and rjieba.tag(text)[0][1] == "v":
            length = min(len(text), 18)  # 两次编制预算调整方案
        if text[:length] in self._thin:
            length = min(len(text), 20)
        return Phrase(start, start + length, text[:length])

    def ends_in_verb(self, typed: str, start: int, end: int) -> bool:
        """Whether the words before a figure end in a verb that takes the counted noun after the figure."""
        match = self._verb_end.match(typed, start, end)
        return match is not None and match.start() < end

    def indicator_id(self, text: str, kind: str, *, place_level: bool) -> str | None:
        """The canonical id for a phrase: exact match of an alias after scope words are off, kind agreeing."""
        text = text.replace(DATE_CHAR, "").replace(" ", "")
        rows = self._by_alias.get(text)
        if rows is None:
            stripped = text
            match = self._lead.match(stripped)
            if match is not None:
                stripped = stripped[match.end() :]
            rows = self._by_alias.get(stripped) or self._by_alias.get(stripped.strip("“”\"'"))
            if rows is None and stripped.endswith(("人数", "数量", "总数", "决算", "个数")):
                rows = self._by_alias.get(stripped[:-2])
            if rows is None:
                return None
        fits = [row for row in rows if row[1] == kind or kind in ("number", "percentage_point", "multiple", "rate")]
        if not fits:
            return None
        if place_level:
            for identifier, _ in fits:
                if identifier.startswith("macro."):
                    return identifier
        return fits[0][0]

    def is_place_genre(self, genre: str | None) -> bool:
        """Whether reports of this genre speak of a whole place, so that its budget is meant and not a unit's."""
        return genre in _PLACE_GENRES


def _alternatives(words: list[str]) -> str:
    import regex

    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


def _aliases(pack: Pack) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in pack.table("indicators"):
        for name in (row["name_zh"], *row["aliases"].split(";")):
            if name:
                found.setdefault(name, []).append((row["id"], row["kind"]))
    # a place's 一般公共预算收入 is the macro row that the note of the unit's row names
    for unit, place in (("一般公共预算收入", "macro.gpb_revenue"), ("一般公共预算支出", "macro.gpb_expenditure")):
        found.setdefault(unit, []).append((place, "money"))
    return found


def _has_word(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" or char.isalpha() for char in text)


def _balance(typed: str, start: int, end: int) -> tuple[int, int]:
    """Trim brackets and quotes that have no partner inside the phrase."""
    for opener, closer in (("（", "）"), ("(", ")"), ("“", "”"), ("《", "》")):
        depth = typed.count(opener, start, end) - typed.count(closer, start, end)
        if depth < 0:
            start = typed.rfind(closer, start, end) + 1 if typed[start:end].find(opener) < 0 else start
            while start < end and typed[start] == closer:
                start += 1
            while end > start and typed[end - 1] == closer and typed.count(opener, start, end) < typed.count(closer, start, end):
                end -= 1
        elif depth > 0:
            at = typed.rfind(opener, start, end)
            if at == start:
                start += 1
            elif at > start:
                end = at if end - at < 3 else end
    while start < end and typed[start] in "、，”）)—-/ ":
        start += 1
    while end > start and typed[end - 1] in "、，“（(—-/ ":
        end -= 1
    return start, end


_NOUN_TAGS: Final = frozenset("nabijlqsgtxz")


@lru_cache(maxsize=16384)
def _noun_length(text: str) -> int:
    """How many characters of `text` form its leading noun phrase; 0 when it begins with something else."""
    length = 0
    seen_noun = False
    words = rjieba.tag(text)
    for index, (word, tag) in enumerate(words):
        noun = tag[0] in _NOUN_TAGS or tag in ("vn", "an") or word in "“”（）·、"
        if not noun:
            following = words[index + 1][1] if index + 1 < len(words) else ""
            if tag[0] == "v" and following[:1] in ("n", "j", "l", "b") and not seen_noun:
                noun = True  # 创建目标任务: a verb used as a modifier
            elif tag[0] == "u" and word == "的" and seen_noun and following[:1] == "n":
                noun = True
            elif tag[0] == "v" and not seen_noun and "的" in text[length:]:
                noun = True  # 具有代表性的企业
            elif tag[0] == "v" and len(word) >= 2 and seen_noun and index + 1 == len(words):
                noun = True  # 优质企业参会
            elif tag[0] == "v" and index == 0 and len(words) == 1 and len(word) >= 2:
                noun = True
        if not noun:
            break
        seen_noun = seen_noun or tag[0] == "n" or tag == "vn" or tag[0] in "jlx"
        length += len(word)
    return length
