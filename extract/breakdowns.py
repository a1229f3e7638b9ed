"""Totals and their parts: 其中 lists, and lists after a colon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from extract.drafts import BreakdownDraft, key_of
from extract.lists import STATED_BASE
from extract.reading import Reading

_LIST_ENDS: Final = ("加之", "同时", "合计", "此外", "另外", "收支相抵")


def breakdowns(
    items: Sequence[Reading], typed: str, *, opens_parts: Callable[[str], bool]
) -> list[BreakdownDraft]:
    """`其中：` lists, and lists after a colon whose parts carry shares; `opens_parts` knows the words before them."""
    drafts: list[BreakdownDraft] = []
    total: Reading | None = None
    parts: list[tuple[Reading, Reading | None]] = []
    skipped = False  # something of another kind stood between the parts
    colon = False  # 其中：甲；乙 and 其中，甲；乙 go on after a semicolon, ，其中甲；乙 does not
    inside = False  # the list stands in brackets of its own
    last: dict[int, Reading] = {}  # the last amount at each depth of brackets

    def close() -> None:
        nonlocal total, parts
        if total is not None and parts:
            drafts.append(BreakdownDraft(total, parts, "breakdown.list"))
        total, parts = None, []

    for position, item in enumerate(items):
        since = items[position - 1].place + 1 if position else item.place
        between = typed[since : item.place]
        opens = opens_parts(between)
        if "。" in between or "\n" in between or (not colon and ("；" in between or ";" in between)):
            close()
            if not opens:
                last.clear()
        if total is not None and (item.depth < total.depth or any(word in between for word in _LIST_ENDS)):
            close()
        if total is not None and inside and item.depth == total.depth:
            close()  # 招聘186名（其中研究生12名），引进23名
        before = last.get(item.depth) or (last.get(item.depth - 1) if item.depth else None)
        if before is not None and before.found.kind != item.found.kind and before.order:
            one = items[before.order - 1]  # 收入2680万元，涉及12个单位，其中租金收入1500万元
            before = one if _part_of(item, one) and one.sentence == item.sentence and one.role == item.role else before
        if position and opens and before is not None:
            close()
            inside = item.depth > before.depth
            total, colon, skipped = before, any(sign in between for sign in ("：", ":", "其中，")), False
        if item.role == "share":
            if parts and parts[-1][1] is None and key_of(parts[-1][0]) == key_of(item):
                parts[-1] = (parts[-1][0], item)
            continue
        if item.rule.startswith(STATED_BASE):
            continue
        if item.found.kind in ("money", "count", "measure") and item.role not in (
            "none",
            "change",
            "previous",
            "full_score",
        ):
            if item.role == "target" and item.found.comparator == "<=":
                continue  # a limit has no parts
            if total is not None and _other_side(item, total):
                close()
            note = bool(parts) and item.depth > parts[-1][0].depth  # to a part: 车辆费21万元（购置费0万元）
            near = total is not None and item.depth in (total.depth, total.depth + 1) and not note
            if total is not None and near and item.role == total.role:
                if item.found.value and len(parts) > 1 and _complete(parts, total):
                    close()  # what follows is told of the total
                elif _part_of(item, total) and not (skipped and _exceed(parts, item, total)):
                    parts.append((item, None))
                elif colon and parts and item.found.kind != total.found.kind:
                    skipped = True  # 购置费0万元，购置0辆；运行费28万元
                else:
                    close()
            last[item.depth] = item
    close()
    return drafts


def _complete(parts: Sequence[tuple[Reading, Reading | None]], total: Reading) -> bool:
    """Whether the parts add up to the total."""
    return sum(part.found.value or 0 for part, _ in parts) == total.found.value


def _exceed(parts: Sequence[tuple[Reading, Reading | None]], item: Reading, total: Reading) -> bool:
    """Whether the parts are more than the total with one more."""
    return sum(part.found.value or 0 for part, _ in parts) + (item.found.value or 0) > (total.found.value or 0)


def _other_side(item: Reading, total: Reading) -> bool:
    """Whether an expense follows in a list of revenues, or a revenue in one of expenses."""
    if item.phrase is None or total.phrase is None:
        return False
    return (item.phrase.text[-2:], total.phrase.text[-2:]) in (("支出", "收入"), ("收入", "支出"))


def _part_of(item: Reading, total: Reading) -> bool:
    """A part has the unit of its total and is not greater."""
    one, whole = item.found, total.found
    if one.kind != whole.kind or one.unit != whole.unit or one.value is None or whole.value is None:
        return False
    return one.value <= whole.value
