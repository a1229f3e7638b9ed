"""Lists of names before lists of figures: `甲、乙和丙分别增长1%、2%和3%`, `甲率、乙率均达到100%`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extract.phrases import Phrase, Phrases
from extract.reading import AMOUNTS, LEVELS, LIST_MARKS, NO_METRIC, Reading
from extract.template_language import FIGURES

_JOINTS = frozenset(("、", "和", "，", "及", "以及", "与", ",", "；", "，和"))
_ENDS = frozenset("，,；;。：:、）)\n") | {""}
_FOLLOW: Final = frozenset("、和及与，")
_SIZES = ("none.threshold_kind", "none.threshold_of")
_AGES = frozenset(("岁", "周岁", "年", "个月", "天"))
_REACH = 60  # figures back or ahead that a list may reach over
_SHARE = ("分别", "依次", "各为")
_EVEN = re.compile("(?<![年平人户月日])均|都")  # 均达到, not 年均增长


def goes_on(previous: Reading, item: Reading, between: str, typed: str, *, same: bool) -> bool:
    """Whether a figure without words of its own is the next of a list; `same` tells that the kinds are alike.

    After a comma a figure with another unit and a noun is of something else: 增加1.6万人，12个|乡镇完成任务.
    """
    if between not in LIST_MARKS or previous.role == NO_METRIC:
        return False
    if between not in ("", "，", ","):
        return True
    if between and previous.sign and previous.found.unit != item.found.unit:
        return same and typed[item.place + 1 : item.place + 2] in _ENDS
    return same


def names_before(
    phrases: Phrases, typed: str, phrase: Phrase, head: int, since: int, place: int
) -> tuple[list[Phrase], bool]:
    """The names in the list that ends with `phrase`, and whether each has a figure of its own (分别, not 均)."""
    tail = typed[phrase.end : place]
    each = any(word in tail for word in _SHARE)
    if not each and not _EVEN.search(tail):
        if "、" not in phrase.text or typed[place + 1 : place + 2] not in _FOLLOW:
            return [], False
        each = True  # 甲产值、乙增加值增长1%和2%: dealt out only where the figures are as many
    if each and head == since and since and typed[since - 1] in FIGURES:
        return _names_around(phrases, typed, phrase, since), each
    names: list[Phrase]
    pieces: list[tuple[int, int]] = []
    start = head
    while not each and start > since and typed[start - 1] in "，；,":
        border = max([typed.rfind(char, since, start - 1) for char in "，；。：,;\n"] + [since - 1]) + 1
        pieces.append((border, start - 1))
        start = border
    if each and not pieces and head < phrase.start - 4 and typed[phrase.start - 1] == "等":  # 教育、科技等领域的|投入
        names = _split(phrases, typed, head, phrase.start - 1, both=True)
        rest = phrases.shared_noun(phrase.text)
        return [Phrase(name.start, name.end, name.text + rest, made=True) for name in names], True
    names = []
    for piece_start, piece_end in [*reversed(pieces), (phrase.start, phrase.end)]:
        names.extend(_split(phrases, typed, piece_start, piece_end, both=each))
    if not each:
        names = [name for name in names if name.text[-1:] == phrase.text[-1:]]
    return (phrases.complete(names) if each else names), each


def _names_around(phrases: Phrases, typed: str, phrase: Phrase, since: int) -> list[Phrase]:
    """Names around a figure: `养老、失业两项|保险参保人数分别`, `婴儿死亡率、5岁以下|儿童死亡率分别`."""
    reach = max(0, since - 200)
    border = max([typed.rfind(char, reach, since - 1) for char in f"，；。：,;\n{FIGURES}"] + [reach - 1]) + 1
    if typed[since - 2] in "、和与及":  # the figure is a part of the last name
        names = _split(phrases, typed, border, since - 2, both=True)
        mark = typed.find("、", since, phrase.end)
        end = mark if mark > 0 else phrase.end
        rest = _split(phrases, typed, end + 1, phrase.end, both=True) if mark > 0 else []
        return [*names, Phrase(since - 1, end, typed[since - 1 : end]), *rest]
    names = _split(phrases, typed, border, since - 1, both=True)
    return [Phrase(name.start, name.end, name.text + phrase.text, made=True) for name in names]


def sized(phrases: Phrases, previous: Reading, phrase: Phrase | None, typed: str, head: int, cue: int) -> Phrase | None:
    """A name with the threshold, age or time that begins it: `10亿元以上|项目5个`, `5岁以下|儿童死亡率`."""
    if head != previous.place + 1:
        return phrase
    if previous.found.unit in _AGES and previous.found.comparator != "=" and (phrase is None or phrase.start == head):
        end = head if phrase is None else phrase.end
        return Phrase(previous.place, end, typed[previous.place : end]) if cue > head or phrase is None else phrase
    thin = phrase is not None and phrase.start == head and len(phrase.text) <= 2 and previous.rule in _SIZES
    if (thin or (phrase is None and previous.rule.startswith("none.threshold"))) and 2 <= cue - head <= 8:
        end = phrases.without_tail(typed, head, cue)
        return Phrase(previous.place, end, typed[previous.place : end]) if end > head + 1 else phrase
    return phrase


def clauses_before(phrases: Phrases, typed: str, phrase: Phrase, head: int, since: int) -> list[Phrase]:
    """The names parted by commas that end with `phrase`: 金属制品业，专用设备制造业，电力生产业增加值分别增长."""
    names = [phrase]
    start = head
    while start > since and typed[start - 1] in "，,":
        border = max([typed.rfind(char, since, start - 1) for char in "，；。：,;\n"] + [since - 1]) + 1
        name = phrases.clean(typed, border, start - 1, {})
        if name is None:
            break
        names.insert(0, name)
        start = border
    if len(names) == 1 and "、" in phrase.text:  # 教育、医疗、社会保障和就业的支出: 和 may part no names
        names = _split(phrases, typed, phrase.start, phrase.end, both=False)
    return phrases.complete(names)


def _split(phrases: Phrases, typed: str, start: int, end: int, *, both: bool) -> list[Phrase]:
    depth = 0
    mark = start
    names: list[Phrase | None] = []
    for index in range(start, end):
        char = typed[index]
        depth += (char in "（(") - (char in "）)")
        if depth == 0 and (char == "、" or (both and char in "和与及" and phrases.joins(typed, index, mark, end))):
            names.append(phrases.clean(typed, mark, index, {}))
            mark = index + 1
    names.append(phrases.clean(typed, mark, end, {}))
    return [name for name in names if name is not None]


def deal_out(phrases: Phrases, items: Sequence[Reading], typed: str) -> None:
    """Give the figures of a run to the names, or to the figures, that the run speaks of, in order."""
    index = 0
    while index < len(items):
        run = _run(items, index, typed)
        first = run[0]
        index += len(run)
        if len(first.names) == len(run) > 1:
            _assign(run, first.names)
        elif len(run) > 1 and first.own and first.phrase and (parts := phrases.apart(first.phrase, len(run))):
            _assign(run, parts)
        elif len(run) > 2 and len(first.clauses) >= len(run):
            _assign(run, first.clauses[-len(run) :])
        elif not first.own and first.role not in ("none",):
            lead = typed[max(first.sentence, first.place - 16) : first.place]
            before = items[max(0, first.order - _REACH) : first.order]
            if any(word in lead for word in _SHARE) and len(run) > 1:
                amounts = _amounts(before, first)
                if len(amounts) < len(run):  # 甲、乙分别增长3%和5%，较一季度分别提升1和2个百分点
                    amounts = [one for one in before[-len(run) :] if one.sentence == first.sentence]
                alike = [one.phrase for one in amounts if one.phrase and _same(one.phrase, amounts[-1].phrase)]
                names = [one.phrase for one in amounts[-len(run) :] if one.phrase is not None]
                if len(alike) == len(run):  # 甲520户，人均62元，乙310户，人均48元，同比分别提高6%和8%
                    _assign(run, alike)
                elif len({name.text for name in names}) == len(run):
                    _assign(run, names)
            elif len(run) > 1 and first.role == "actual":
                goals = [one for one in before if one.sentence == first.sentence][-len(run) :]
                if len(goals) == len(run) and all(one.role == "target" for one in goals):
                    _assign(run, [one.phrase for one in goals if one.phrase is not None])


def _same(one: Phrase, other: Phrase | None) -> bool:
    return other is not None and one.text == other.text


STATED_BASE: Final = "completion.of_stated"


def total_before(items: Sequence[Reading], item: Reading) -> Reading | None:
    """What a list that begins at `item` hangs on: the last amount before it, or the level whose change that is.

    The base in 完成年初预算60999万元的40.4% is told of the amount before it and has no parts here, nor has a limit.
    """
    last: Reading | None = None
    for earlier in reversed(items[max(0, item.order - _REACH) : item.order]):
        if earlier.phrase is None or earlier.found.kind not in AMOUNTS or earlier.role == NO_METRIC:
            continue
        if earlier.rule.startswith(STATED_BASE) or (earlier.role == "target" and earlier.found.comparator == "<="):
            continue
        if last is None:
            last = earlier
            if last.role in LEVELS:
                return last
        elif last.phrase is not None and earlier.phrase.text == last.phrase.text and earlier.role in LEVELS:
            return earlier
    return last


def whole_before(items: Sequence[Reading], item: Reading) -> Phrase | None:
    """The total of the list that ends before `item`, if its parts add up to it: `80人，其中65人，15人，增加3人`."""
    parts: list[Reading] = []
    for earlier in reversed(items[max(0, item.order - _REACH) : item.order]):
        if earlier.sentence != item.sentence or earlier.found.value is None or earlier.found.unit is None:
            return None
        if earlier.rule == "list.parts":
            parts.append(earlier)
            continue
        fits = len(parts) > 1 and earlier.found.unit == parts[0].found.unit
        return earlier.phrase if fits and sum(one.found.value or 0 for one in parts) == earlier.found.value else None
    return None


def _run(items: Sequence[Reading], index: int, typed: str) -> list[Reading]:
    run = [items[index]]
    for later in items[index + 1 : index + _REACH]:
        last = run[-1]
        if later.own or typed[last.place + 1 : min(later.cue, later.place)] not in _JOINTS:
            break
        if later.found.kind != run[0].found.kind or (
            typed[last.place + 1 : last.place + 2] == "，" and later.hit is not None
        ):
            break
        run.append(later)
    return run


def _amounts(before: Sequence[Reading], item: Reading) -> list[Reading]:
    found: list[Reading] = []
    for earlier in reversed(before):
        if earlier.sentence != item.sentence:
            break
        if earlier.role == "previous":
            continue  # 甲由5提高到6、乙由7提高到8，分别增长
        if earlier.role in LEVELS and earlier.phrase is not None:
            found.insert(0, earlier)
        elif found:
            break
    return found


def _assign(run: Sequence[Reading], names: Sequence[Phrase]) -> None:
    if len(names) == len(run):
        for item, name in zip(run, names, strict=True):
            item.phrase, item.shared = name, ()


def is_part(item: Reading) -> bool:
    """Whether a figure is one side of a ratio of several parts."""
    return item.found.rule.endswith(".part")
