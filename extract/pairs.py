"""Targets beside their results: 年初预算 and 支出决算, 指标值 and 完成值, a result and its completion rate.

Both sides stand in one paragraph. A pair has both sides, or a result with its completion rate or with the points by
which it passed its target; never a bare target, a bare result or a rate with neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from extract.drafts import PairDraft, Words, key_of
from extract.patterns import Pack
from extract.phrases import Phrases
from extract.reading import Reading
from extract.template_language import DATE_CHAR, FIGURES

_REACH: Final = 48  # figures back or ahead in which the other side is looked for
_STATED: Final = "completion.of_stated_task"
_ANOTHER: Final = "completion.of_another_task"
_TARGETS: Final = ("target", "budget", "budget_adjusted")


class PairRules:
    """Finds the pairs of a block."""

    def __init__(self, pack: Pack, phrases: Phrases) -> None:
        self._phrases = phrases
        words = pack.lexicons
        side = f"{DATE_CHAR}(?:前|底前|之前|末前)?|{_either(words['qualities'])}"
        lead = "(?:全年|年末|年底|本年|当年|年度|截至年末)?"
        self._words_pair = re.compile(
            rf"(?P<target>{side})[，,；;、]?{lead}(?:{_either(words['actual_word'])})(?:为|是|：)?"
            rf"(?P<actual>{side})(?=[，,。；;、）\n]|$)"
        )
        self._wanted = re.compile(f"(?:{_either(words['target_word'])})(?:为|是|：)?$")

    def pairs(self, items: Sequence[Reading], typed: str, start: int, end: int) -> list[PairDraft]:
        """Targets beside their results in one block (typed[start:end])."""
        drafts: list[PairDraft] = []
        open_by: dict[object, dict[str, Reading]] = {}
        used: set[int] = set()
        completed: set[int] = set()

        def close(state: dict[str, Reading], key: object) -> None:
            actual = state.get("actual")
            target = state.get("budget_adjusted") or state.get("target") or state.get("budget")
            completion = state.get("completion")
            exceeded = state.get("exceeded")
            if actual is not None and actual.index not in used and (target or completion or exceeded):
                used.add(actual.index)
                basis = "budget" if target is not None and target.role != "target" else "performance"
                if target is None and completion is not None and completion.hit is not None:
                    basis = str(completion.hit.template.rule.set.get("basis", "performance"))
                last = completion or exceeded or (actual if target is None or actual.index > target.index else target)
                drafts.append(PairDraft(actual.phrase, basis, target, actual, completion, exceeded, last.rule))
            open_by[key] = {}

        previous: Reading | None = None
        stated: object = None
        for item in items:
            if item.role == "none" and item.relation != "exceeded":
                continue
            if (
                item.role == "budget"
                and item.phrase is not None
                and item.phrase.text.endswith(("追加", "追加预算", "预算追加", "追加下达"))
            ):
                continue  # what was added is no target by itself
            key = key_of(item)
            role = item.role
            if item.rule == _STATED:  # 完成全年任务（4600条）的139%: the task and the rate are of the result before
                if role == "target" and previous is not None and previous.role == "actual":
                    stated = key_of(previous)
                key = stated or key
            state = open_by.setdefault(key, {})
            if item.relation == "exceeded":
                source = state if "actual" in state else self._state_before(open_by, previous)
                if source is not None and "actual" in source and _like(source["actual"], item):
                    source["exceeded"] = item
                    close(source, key_of(source["actual"]))
            elif role in _TARGETS:
                after = items[item.order + 1] if item.order + 1 < len(items) else None
                rated = after is not None and after.hit is not None and item.place in after.hit.places
                if (
                    "actual" in state
                    and not any(one in state for one in _TARGETS)
                    and (role == "target" or rated)
                    and _comparable(item, state["actual"])
                    and state["actual"].sentence == item.sentence
                ):
                    state[role] = item
                    if not rated:  # else the completion rate closes it: 完成年初预算100亿元的98%
                        close(state, key)
                        open_by[key] = {}
                elif "actual" in state:
                    close(state, key)
                    open_by[key] = {role: item}
                else:
                    if role in state and role != "budget_adjusted":
                        state.clear()
                    state[role] = item
            elif role == "actual":
                if "actual" in state:
                    close(state, key)
                    state = open_by[key] = {}
                if not any(one in state for one in _TARGETS) and previous is not None and previous.role in _TARGETS:
                    other = open_by.get(key_of(previous), {})
                    if "actual" not in other and self._akin(previous, item) and previous.sentence == item.sentence:
                        state.update({one: other[one] for one in _TARGETS if one in other})
                wanted = next((state[one] for one in _TARGETS if one in state), None)
                if wanted is not None and not _comparable(wanted, item):
                    for one in _TARGETS:
                        state.pop(one, None)
                state["actual"] = item
            elif item.rule == _ANOTHER and drafts and drafts[-1].completion is previous:  # 省任务的130%，市任务的127%
                last = drafts[-1]
                drafts.append(PairDraft(last.phrase, last.basis, None, last.actual, item, None, item.rule))
            elif role == "completion":
                self._complete(item, items, state, key, open_by, close, completed, typed)
            previous = item
        for key, state in list(open_by.items()):
            close(state, key)
        drafts.extend(self._word_pairs(typed, start, end))
        drafts.sort(key=_pair_start)
        return drafts

    def _complete(
        self,
        item: Reading,
        items: Sequence[Reading],
        state: dict[str, Reading],
        key: object,
        open_by: dict[object, dict[str, Reading]],
        close: Any,
        completed: set[int],
        typed: str,
    ) -> None:
        position = item.order
        run = 1  # completions listed one after the other
        while (
            position >= run
            and items[position - run].role == "completion"
            and items[position - run].sentence == item.sentence
            and typed[items[position - run].place + 1 : items[position - run + 1].place] in ("、", "和", "，", "及")
        ):
            run += 1
        lead = typed[item.hit.start : item.place] if item.hit is not None else ""
        before = typed[max(item.sentence, item.place - 30) : item.place]
        if item.hit is not None and "分别" in lead + before[-24:]:
            # 甲A人、乙B人，分别完成任务的P%(、Q%): deal out to the amounts before, in order
            ahead = [item]
            for later in items[position + 1 : position + _REACH]:
                if later.role == "completion" and typed[ahead[-1].place + 1 : later.place] in (
                    "、",
                    "和",
                    "，",
                    "及",
                    "以及",
                ):
                    ahead.append(later)
                else:
                    break
            amounts: list[Reading] = []
            for earlier in reversed(items[max(0, position - _REACH) : position]):
                if earlier.sentence != item.sentence or earlier.role == "completion":
                    break
                if earlier.role == "actual":
                    amounts.insert(0, earlier)
            chosen = amounts[-len(ahead) :] if len(ahead) > 1 else amounts[-2:] if len(amounts) >= 2 else amounts
            for amount, rate in zip(chosen, ahead if len(ahead) > 1 else [item] * len(chosen), strict=False):
                own = open_by.setdefault(key_of(amount), {})
                own.setdefault("actual", amount)
                if own["actual"] is amount:
                    own["completion"] = rate
                    rate.phrase = amount.phrase if len(ahead) > 1 else rate.phrase
                    close(own, key_of(amount))
            completed.update(one.index for one in ahead)
            return
        if item.index in completed or item.found.comparator in ("<", "<="):
            return  # 15个项目预算执行率低于50% sets a line
        money = item.hit is not None and item.hit.template.rule.set.get("basis") == "budget"
        money = money or any(word in lead for word in ("预算", "资金", "支付", "支出"))
        held = state.get("actual")
        if held is None or (money and held.found.kind not in ("money", "number")):
            for earlier in reversed(items[max(0, position - _REACH) : position]):
                if earlier.sentence != item.sentence:
                    break
                if earlier.role == "completion" and run == 1:
                    break
                if money and earlier.found.kind not in ("money", "number"):
                    continue
                if earlier.found.kind == "rate" and item.own and not self._akin(earlier, item):
                    break  # 固定资产利用率100%，政府采购执行率96.8%: two rates
                if earlier.role == "actual":
                    other = open_by.get(key_of(earlier), {})
                    if other.get("actual") is earlier and (
                        not item.own or self._akin(earlier, item) or item.hit is not None
                    ):
                        other["completion"] = item
                        close(other, key_of(earlier))
                    break
            return
        if held.sentence == item.sentence or not item.own:
            state["completion"] = item
            close(state, key)

    @staticmethod
    def _state_before(open_by: dict[object, dict[str, Reading]], previous: Reading | None) -> dict[str, Reading] | None:
        return open_by.get(key_of(previous)) if previous is not None else None

    @staticmethod
    def _akin(one: Reading, other: Reading) -> bool:
        """Whether two readings name the same thing in other words: one phrase holds the other."""
        if one.phrase is None or other.phrase is None:
            return False
        first, second = one.phrase.text, other.phrase.text
        return first in second or second in first

    def _word_pairs(self, typed: str, start: int, end: int) -> Iterable[PairDraft]:
        """`完成时间2024年10月，实际完成值2024年10月`: sides that are dates or words."""
        for match in self._words_pair.finditer(typed, start, end):
            at = match.start()
            border = max(typed.rfind(char, max(start, at - 120), at) for char in "，,；;。：\n" + FIGURES)
            wanted = self._wanted.search(typed, max(border + 1, start, at - 120), at)
            phrase = self._phrases.clean(
                typed, max(border + 1, start, at - 120), wanted.start() if wanted is not None else at, {}
            )
            if phrase is None:
                continue
            yield PairDraft(
                phrase,
                "performance",
                Words(match.start("target"), match.end("target")),
                Words(match.start("actual"), match.end("actual")),
                None,
                None,
                "pair.words",
            )


def _comparable(one: Reading, other: Reading) -> bool:
    if one.found.kind == "number" or other.found.kind == "number":
        return True
    return one.found.kind == other.found.kind and (
        one.found.kind != "count" or one.found.unit == other.found.unit or True
    )


def _like(actual: Reading, over: Reading) -> bool:
    """Whether a result can be so much over its target: a rate by points, an amount by a part of the target."""
    return (actual.found.kind == "rate") == (over.found.kind != "rate") and actual.sentence == over.sentence


def _pair_start(draft: PairDraft) -> int:
    places = [
        side.place if isinstance(side, Reading) else side.start
        for side in (draft.target, draft.actual)
        if side is not None
    ]
    return min(places)


def _either(words: list[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
