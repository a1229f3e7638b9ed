"""Moves of an indicator between two periods, with or without their size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from extract.drafts import ChangeDraft, key_of, value_of
from extract.patterns import Pack
from extract.phrases import Phrase, Phrases
from extract.reading import Reading
from extract.template_language import DATE_CHAR, FIGURES

_NO_PERIOD: Final = re.compile("目标|计划|预算|任务|全[国省市县区]|平均")


class ChangeRules:
    """Finds the changes of a block."""

    def __init__(self, pack: Pack, phrases: Phrases) -> None:
        self._phrases = phrases
        words = pack.lexicons
        periods = [re.escape(word.replace("{date}", DATE_CHAR)) for word in words["period"]]
        period = "|".join(sorted(periods, key=len, reverse=True))
        of = "|".join(sorted(map(re.escape, words["period_of"]), key=len, reverse=True))
        self._flat = re.compile(
            rf"(?:(?:与|比|较|同|和|跟)(?P<period>{period})(?:{of})(?:相比)?[，,]?"
            rf"(?P<inner>[^，。；：\n{FIGURES}]{{0,30}}?))(?:基本|大体|总体)?持平(?!稳)"
            rf"|(?P<bare>(?:基本|大体|总体)?(?<!保)持平(?!稳))"
        )
        self._period = re.compile(f"(?:{period})")

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
            key = key_of(first)
            delta, rate = pending.get("change"), pending.get("growth")
            lead = first.hit.start if first.hit is not None else first.place
            current, before = levels.get(key), befores.get(key)
            if moved and not first.own:
                move = moved.pop()
                current, before, lead = move.current, move.previous, move.since
            elif moved:
                drafts.append(moved.pop())
            drafts.append(
                ChangeDraft(
                    first.phrase, _direction(delta, rate), current, before, delta, rate, lead, first.place, first.rule
                )
            )
            pending.clear()

        for item in items:
            if item.relation == "from_to" and item.hit is not None and len(item.hit.places) > 1:
                close()
                before = next(
                    (one for one in items[max(0, item.order - 8) : item.order] if one.place == item.hit.places[0]), None
                )
                if item.role == "none" or item.role == "target" or item.found.kind == "duration":
                    continue
                direction = "increase" if item.sign == "+" else "decrease"
                moved.append(
                    ChangeDraft(item.phrase, direction, item, before, None, None, item.hit.start, item.place, item.rule)
                )
                continue
            if item.relation == "change" and item.role in ("change", "growth"):
                last = next(iter(pending.values()), None)
                if last is not None and (
                    item.role in pending
                    or ((last.phrase or item.phrase) is not None and key_of(last) != key_of(item))
                    or item.own
                    or (item.found.kind == "percentage_point" and "growth" in pending)
                ):
                    close()
                pending[item.role] = item
                if item.hit is None or item.found.rule.endswith(".part"):
                    continue
            elif item.role in ("actual", "budget", "target", "budget_adjusted"):
                close()
                levels[key_of(item)] = item
            elif item.role == "previous":
                befores[key_of(item)] = item
        close()
        drafts.extend(self._flats(items, typed, start, end, topic_of))
        drafts.sort(key=lambda draft: draft.at)
        return drafts

    def _flats(
        self, items: Sequence[Reading], typed: str, start: int, end: int, topic_of: Any
    ) -> Iterable[ChangeDraft]:
        if typed.find("持平", start, end) < 0:
            return
        for match in self._flat.finditer(typed, start, end):
            at = match.start()
            if match["bare"]:  # 决算数与预算数持平 compares no periods
                border = max(typed.rfind(char, max(start, at - 120), at) for char in "，,；;。：\n" + FIGURES)
                if re.search("[与和跟]|同(?!比|期)", typed[max(border + 1, start, at - 120) : at]):
                    continue
            if typed[max(start, at - 1) : at] == "或" or typed[max(start, at - 2) : at] in ("增长", "或者"):
                continue
            phrase: Phrase | None = None
            if "年初" in (match["period"] or "") and typed.find("预算", at, match.end()) > 0:
                continue  # 与年初预算数持平
            if match["inner"] and _NO_PERIOD.search(match["inner"]):
                continue
            if match["inner"]:
                phrase = self._phrases.clean(typed, match.start("inner"), match.end("inner"), {})
            if phrase is None:
                border = max(typed.rfind(char, max(start, at - 120), at) for char in "，,；;。：\n" + FIGURES)
                phrase = self._phrases.clean(typed, max(border + 1, start, at - 120), at, {})
            if phrase is None:
                phrase = topic_of(_before_brackets(typed, start, at))
            current = next(
                (
                    one
                    for one in reversed(items)
                    if one.place < at
                    and one.phrase is not None
                    and phrase is not None
                    and one.phrase.text == phrase.text
                    and one.role == "actual"
                ),
                None,
            )
            yield ChangeDraft(phrase, "flat", current, None, None, None, at, match.end() - 2, "change.flat")

    def base_period(self, typed: str, start: int, end: int) -> tuple[int, int] | None:
        """The words that name the period compared with, between a change's cue and its figure."""
        match = self._period.search(typed, start, end)
        return match.span() if match is not None else None


def _direction(delta: Reading | None, rate: Reading | None) -> str:
    values = [value_of(one) for one in (delta, rate) if one is not None]
    signs = [one.sign for one in (delta, rate) if one is not None]
    if values and all(value == 0 for value in values if value is not None):
        return "flat"
    for value in values:
        if value is not None and value != 0:
            return "increase" if value > 0 else "decrease"
    return "decrease" if "-" in signs else "increase"


def _before_brackets(typed: str, start: int, at: int) -> int:
    """Where brackets open that close right before a place: 审结120件（含再审1件），与上年持平 is told of the 120."""
    close = at - 1 - (typed[at - 1] in "，,")
    return max(typed.rfind("（", start, close), typed.rfind("(", start, close), start) if typed[close] in "）)" else at
