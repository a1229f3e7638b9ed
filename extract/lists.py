"""Lists of names before lists of figures: `甲、乙和丙分别增长1%、2%和3%`, `甲率、乙率均达到100%`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extract.phrases import Phrase, Phrases
from extract.reading import AMOUNTS, LEVELS, NO_METRIC, Reading

_JOINTS = frozenset(("、", "和", "，", "及", "以及", "与", ",", "；", "，和"))
_REACH = 60  # figures back or ahead that a list may reach over
_SHARE = ("分别", "依次", "各为")
_ALL = ("均", "都")


def names_before(
    phrases: Phrases, typed: str, phrase: Phrase, head: int, since: int, place: int
) -> tuple[list[Phrase], bool]:
    """The names in the list that ends with `phrase`, and whether each has a figure of its own (分别, not 均)."""
    tail = typed[phrase.end : place]
    each = any(word in tail for word in _SHARE)
    if not each and not any(word in tail for word in _ALL):
        return [], False
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


def deal_out(items: Sequence[Reading], typed: str) -> None:
    """Give the figures of a run to the names, or to the figures, that the run speaks of, in order."""
    index = 0
    while index < len(items):
        run = _run(items, index, typed)
        first = run[0]
        index += len(run)
        if len(first.names) == len(run) > 1:
            _assign(run, first.names)
        elif len(run) > 2 and len(first.clauses) >= len(run):
            _assign(run, first.clauses[-len(run) :])
        elif not first.own and first.role not in ("none",):
            lead = typed[max(first.sentence, first.place - 16) : first.place]
            before = items[max(0, first.order - _REACH) : first.order]
            if any(word in lead for word in _SHARE) and len(run) > 1:
                amounts = _amounts(before, first)
                if len(amounts) >= len(run):
                    _assign(run, [one.phrase for one in amounts[-len(run) :] if one.phrase is not None])
            elif len(run) > 1 and first.role == "actual":
                goals = [one for one in before if one.sentence == first.sentence][-len(run) :]
                if len(goals) == len(run) and all(one.role == "target" for one in goals):
                    _assign(run, [one.phrase for one in goals if one.phrase is not None])


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
