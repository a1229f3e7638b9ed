"""How the sayings belong together: target and result, changes, totals and their parts.

All work on the readings of one block (a paragraph): a pair stands inside one paragraph, and elliptical figures share
their phrase with the figure they are of. Results are drafts that name readings by index; the pipeline gives them ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from extract.numbers import plain
from extract.patterns import Pack
from extract.phrases import Phrase, Phrases
from extract.reading import Reading
from extract.template_language import DATE_CHAR, FIGURES

_TARGETS: Final = ("target", "budget", "budget_adjusted")
_LEVEL_KINDS: Final = frozenset(("money", "count", "measure", "number", "rate", "duration"))
_LIST_ENDS: Final = ("加之", "同时", "合计", "此外", "另外", "收支相抵")


class Words(Struct, frozen=True):
    """A side that is words or a date, in typed positions."""

    start: int
    end: int


class PairDraft(Struct, frozen=True):
    """A pair to be; sides are readings or words."""

    phrase: Phrase | None
    basis: str
    target: Reading | Words | None
    actual: Reading | Words | None
    completion: Reading | None
    exceeded: Reading | None
    rule: str


class ChangeDraft(Struct, frozen=True):
    """A change to be; `at` is a typed position inside it, `since` where its base period may be read from."""

    phrase: Phrase | None
    direction: str
    current: Reading | None
    previous: Reading | None
    delta: Reading | None
    rate: Reading | None
    since: int
    at: int
    rule: str


class BreakdownDraft(Struct, frozen=True):
    """A total and its parts with their shares."""

    total: Reading | None
    parts: list[tuple[Reading, Reading | None]]
    rule: str


def value_of(reading: Reading) -> Decimal | None:
    """The value that the metric states: changes and growth carry their sign."""
    value = reading.found.value
    if value is None or reading.role not in ("change", "growth") or reading.sign != "-":
        return value
    return plain(-value) if value > 0 else value


class Relations:
    """Relation rules of one grammar."""

    def __init__(self, pack: Pack, phrases: Phrases) -> None:
        self._phrases = phrases
        words = pack.lexicons
        actual = "|".join(sorted(map(re.escape, words["actual_word"]), key=len, reverse=True))
        quality = "|".join(sorted(map(re.escape, words["qualities"]), key=len, reverse=True))
        side = f"{DATE_CHAR}(?:前|底前|之前|末前)?|{quality}"
        lead = "(?:全年|年末|年底|本年|当年|年度|截至年末)?"
        self._words_pair = re.compile(
            rf"(?P<target>{side})[，,；;、]?{lead}(?:{actual})(?:为|是|：)?(?P<actual>{side})(?=[，,。；;、）\n]|$)"
        )
        targets = "|".join(sorted(map(re.escape, words["target_word"]), key=len, reverse=True))
        self._wanted = re.compile(f"(?:{targets})(?:为|是|：)?$")
        period = "|".join(sorted((re.escape(w.replace("{date}", DATE_CHAR)) for w in words["period"]), key=len, reverse=True))
        of = "|".join(sorted(map(re.escape, words["period_of"]), key=len, reverse=True))
        self._flat = re.compile(
            rf"(?:(?:与|比|较|同|和|跟)(?P<period>{period})(?:{of})(?:相比)?[，,]?(?P<inner>[^，。；：\n{FIGURES}]{{0,30}}?))(?:基本|大体|总体)?持平(?!稳)|(?P<bare>(?:基本|大体|总体)?(?<!保)持平(?!稳))"
        )
        self._period = re.compile(f"(?:{period})")

    # --- pairs -----------------------------------------------------------------------------------------------------
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
        for item in items:
            if item.role == "none" and item.relation != "exceeded":
                continue
            if item.role == "budget" and item.phrase is not None and item.phrase.text.endswith(("追加", "追加预算", "预算追加", "追加下达")):
                continue  # what was added is no target by itself
            key = _key(item)
            role = item.role
            state = open_by.setdefault(key, {})
            if item.relation == "exceeded":
                source = state if "actual" in state else self._state_before(open_by, previous)
                if source is not None and "actual" in source and _like(source["actual"], item):
                    source["exceeded"] = item
                    close(source, _key(source["actual"]))
            elif role in _TARGETS:
                if "actual" in state and not any(one in state for one in _TARGETS) and role == "target" and _comparable(item, state["actual"]) and state["actual"].sentence == item.sentence:
                    state[role] = item
                    after = items[item.order + 1] if item.order + 1 < len(items) else None
                    if after is None or after.hit is None or item.place not in after.hit.places:
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
                    other = open_by.get(_key(previous), {})
                    if "actual" not in other and self._akin(previous, item) and previous.sentence == item.sentence:
                        state.update({one: other[one] for one in _TARGETS if one in other})
                wanted = next((state[one] for one in _TARGETS if one in state), None)
                if wanted is not None and not _comparable(wanted, item):
                    for one in _TARGETS:
                        state.pop(one, None)
                state["actual"] = item
            elif role == "completion":
                self._complete(item, items, state, key, open_by, close, completed, typed)
            previous = item
        for key, state in list(open_by.items()):
            close(state, key)
        drafts.extend(self._word_pairs(typed, start, end))
        drafts.sort(key=_pair_start)
        return drafts

    def _complete(
        self, item: Reading, items: Sequence[Reading], state: dict[str, Reading], key: object,
        open_by: dict[object, dict[str, Reading]], close: Any, completed: set[int], typed: str,
    ) -> None:
        position = item.order
        run = 1  # completions listed one after the other
        while position >= run and items[position - run].role == "completion" and items[position - run].sentence == item.sentence and typed[items[position - run].place + 1 : items[position - run + 1].place] in ("、", "和", "，", "及"):
            run += 1
        lead = typed[item.hit.start : item.place] if item.hit is not None else ""
        before = typed[max(item.sentence, item.place - 30) : item.place]
        if item.hit is not None and "分别" in lead + before[-24:]:
            # 甲A人、乙B人，分别完成任务的P%(、Q%): deal out to the amounts before, in order
            ahead = [item]
            for later in items[position + 1 :]:
                if later.role == "completion" and typed[ahead[-1].place + 1 : later.place] in ("、", "和", "，", "及", "以及"):
                    ahead.append(later)
                else:
                    break
            amounts: list[Reading] = []
            for earlier in reversed(items[:position]):
                if earlier.sentence != item.sentence or earlier.role == "completion":
                    break
                if earlier.role == "actual":
                    amounts.insert(0, earlier)
            chosen = amounts[-len(ahead) :] if len(ahead) > 1 else amounts[-2:] if len(amounts) >= 2 else amounts
            for amount, rate in zip(chosen, ahead if len(ahead) > 1 else [item] * len(chosen), strict=False):
                own = open_by.setdefault(_key(amount), {})
                own.setdefault("actual", amount)
                if own["actual"] is amount:
                    own["completion"] = rate
                    rate.phrase = amount.phrase if len(ahead) > 1 else rate.phrase
                    close(own, _key(amount))
            completed.update(one.index for one in ahead)
            return
        if item.index in completed:
            return
        money = item.hit is not None and item.hit.template.rule.set.get("basis") == "budget"
        if money and "actual" in state and state["actual"].found.kind not in ("money", "number"):
            return
        if "actual" not in state:
            for earlier in reversed(items[:position]):
                if earlier.sentence != item.sentence:
                    break
                if earlier.role == "completion" and run == 1:
                    break
                if money and earlier.found.kind not in ("money", "number"):
                    continue
                if earlier.role == "actual":
                    other = open_by.get(_key(earlier), {})
                    if other.get("actual") is earlier and (not item.own or self._akin(earlier, item) or item.hit is not None):
                        other["completion"] = item
                        close(other, _key(earlier))
                    break
            return
        if state["actual"].sentence == item.sentence or not item.own:
            state["completion"] = item
            close(state, key)

    @staticmethod
    def _state_before(open_by: dict[object, dict[str, Reading]], previous: Reading | None) -> dict[str, Reading] | None:
        return open_by.get(_key(previous)) if previous is not None else None

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
            border = max(typed.rfind(char, start, at) for char in "，,；;。：\n" + FIGURES)
            wanted = self._wanted.search(typed, max(border + 1, start), at)
            phrase = self._phrases.clean(typed, max(border + 1, start), wanted.start() if wanted is not None else at, {})
            if phrase is None:
                continue
            yield PairDraft(
                phrase, "performance", Words(match.start("target"), match.end("target")),
                Words(match.start("actual"), match.end("actual")), None, None, "pair.words",
            )

    # --- changes ---------------------------------------------------------------------------------------------------
    def changes(self, items: Sequence[Reading], typed: str, start: int, end: int, topic_of: Any) -> list[ChangeDraft]:
        """Moves between periods in one block, those that only say 持平 included."""
        drafts: list[ChangeDraft] = []
        levels: dict[object, Reading] = {}
        befores: dict[object, Reading] = {}
        moved: list[ChangeDraft] = []  # a move from one level to another that waits for its size
        pending: dict[str, Reading] = {}

        def close() -> None:
            if moved and not pending:
                drafts.append(moved.pop())
            if not pending:
                return
            first = min(pending.values(), key=lambda one: one.index)
            key = _key(first)
            delta, rate = pending.get("change"), pending.get("growth")
            lead = first.hit.start if first.hit is not None else first.place
            current, before = levels.get(key), befores.get(key)
            if moved and not first.own:
                move = moved.pop()
                current, before, lead = move.current, move.previous, move.since
            elif moved:
                drafts.append(moved.pop())
            drafts.append(
                ChangeDraft(first.phrase, _direction(delta, rate), current, before, delta, rate, lead, first.place, first.rule)
            )
            pending.clear()

        for item in items:
            if item.relation == "from_to" and item.hit is not None and len(item.hit.places) > 1:
                close()
                before = next((one for one in items if one.place == item.hit.places[0]), None)
                if item.role == "none" or item.role == "target" or item.found.kind == "duration":
                    continue
                direction = "increase" if item.sign == "+" else "decrease"
                moved.append(ChangeDraft(item.phrase, direction, item, before, None, None, item.hit.start, item.place, item.rule))
                continue
            if item.relation == "change" and item.role in ("change", "growth"):
                last = next(iter(pending.values()), None)
                if last is not None and (
                    item.role in pending
                    or _key(last) != _key(item)
                    or item.own
                    or item.found.kind == "percentage_point" and "growth" in pending
                ):
                    close()
                pending[item.role] = item
                if item.hit is None or item.found.rule.endswith(".part"):
                    continue
            elif item.role in ("actual", "budget", "target", "budget_adjusted"):
                close()
                levels[_key(item)] = item
            elif item.role == "previous":
                befores[_key(item)] = item
        close()
        drafts.extend(self._flats(items, typed, start, end, topic_of))
        drafts.sort(key=lambda draft: draft.at)
        return drafts

    def _flats(self, items: Sequence[Reading], typed: str, start: int, end: int, topic_of: Any) -> Iterable[ChangeDraft]:
        if typed.find("持平", start, end) < 0:
            return
        for match in self._flat.finditer(typed, start, end):
            at = match.start()
            if match["bare"]:  # 决算数与预算数持平 compares no periods
                border = max(typed.rfind(char, start, at) for char in "，,；;。：\n" + FIGURES)
                if re.search("[与和同跟]", typed[max(border + 1, start) : at]):
                    continue
            if typed[max(start, at - 1) : at] == "或" or typed[max(start, at - 2) : at] in ("增长", "或者"):
                continue
            phrase: Phrase | None = None
            if match["inner"] and re.search("目标|计划|预算|任务|全[国省市县区]|平均", match["inner"]):
                continue
            if match["inner"]:
                phrase = self._phrases.clean(typed, match.start("inner"), match.end("inner"), {})
            if phrase is None:
                border = max(typed.rfind(char, start, at) for char in "，,；;。：\n" + FIGURES)
                phrase = self._phrases.clean(typed, max(border + 1, start), at, {})
            if phrase is None:
                phrase = topic_of(at)
            current = next(
                (one for one in reversed(items) if one.place < at and one.phrase is not None and phrase is not None
                 and one.phrase.text == phrase.text and one.role == "actual"), None,
            )
            yield ChangeDraft(phrase, "flat", current, None, None, None, at, match.end() - 2, "change.flat")

    def base_period(self, typed: str, start: int, end: int) -> tuple[int, int] | None:
        """The words that name the period compared with, between a change's cue and its figure."""
        match = self._period.search(typed, start, end)
        return match.span() if match is not None else None

    # --- breakdowns ------------------------------------------------------------------------------------------------
    def breakdowns(self, items: Sequence[Reading], typed: str) -> list[BreakdownDraft]:
        """`其中：` lists, and lists after a colon whose parts carry shares."""
        drafts: list[BreakdownDraft] = []
        total: Reading | None = None
        parts: list[tuple[Reading, Reading | None]] = []
        last: dict[int, Reading] = {}  # the last amount at each depth of brackets

        def close() -> None:
            nonlocal total, parts
            if total is not None and parts:
                drafts.append(BreakdownDraft(total, parts, "breakdown.list"))
            total, parts = None, []

        for position, item in enumerate(items):
            since = items[position - 1].place + 1 if position else item.place
            between = typed[since : item.place]
            opens = "其中" in between or "：" in between or ":" in between
            if "。" in between or "\n" in between:
                close()
                if not opens:
                    last.clear()
            if total is not None and (item.depth < total.depth or any(word in between for word in _LIST_ENDS)):
                close()
            before = last.get(item.depth) or (last.get(item.depth - 1) if item.depth else None)
            if position and opens and before is not None:
                close()
                total = before
            if item.role == "share":
                if parts and parts[-1][1] is None and _key(parts[-1][0]) == _key(item):
                    parts[-1] = (parts[-1][0], item)
                continue
            if item.found.kind in ("money", "count", "measure") and item.role not in ("none", "change", "previous", "full_score"):
                if total is not None and item.depth in (total.depth, total.depth + 1) and item.role == total.role:
                    if _part_of(item, total):
                        parts.append((item, None))
                    else:
                        close()
                last[item.depth] = item
        close()
        return drafts


def _part_of(item: Reading, total: Reading) -> bool:
    """A part has the unit of its total and is not greater."""
    one, whole = item.found, total.found
    if one.kind != whole.kind or one.unit != whole.unit or one.value is None or whole.value is None:
        return False
    return one.value <= whole.value


def _key(item: Reading) -> object:
    return item.phrase.text if item.phrase is not None else ("figure", item.index)


def _comparable(one: Reading, other: Reading) -> bool:
    if one.found.kind == "number" or other.found.kind == "number":
        return True
    return one.found.kind == other.found.kind and (one.found.kind != "count" or one.found.unit == other.found.unit or True)


def _like(actual: Reading, points: Reading) -> bool:
    return actual.found.kind == "rate" and actual.sentence == points.sentence


def _direction(delta: Reading | None, rate: Reading | None) -> str:
    values = [value_of(one) for one in (delta, rate) if one is not None]
    signs = [one.sign for one in (delta, rate) if one is not None]
    if values and all(value == 0 for value in values if value is not None):
        return "flat"
    for value in values:
        if value is not None and value != 0:
            return "increase" if value > 0 else "decrease"
    return "decrease" if "-" in signs else "increase"


def _pair_start(draft: PairDraft) -> int:
    places = [side.place if isinstance(side, Reading) else side.start for side in (draft.target, draft.actual) if side is not None]
    return min(places)


__all__ = ["BreakdownDraft", "ChangeDraft", "PairDraft", "Relations", "Words", "value_of"]
