"""What each figure says: which indicator it is of, and in what role.

Read `MetricReader.read` first, then `_Walk.item`. A block (paragraph, cell, heading) is read from left to right. For
every figure the best template is looked up (its cue stands to the left: 增长, 完成年初预算的, 支出决算为). What the cue
leaves of the words since the last border is the phrase that names the indicator; when nothing is left the figure speaks
of the indicator before it, of the label or of the heading. A figure with no cue is an actual, unless the sentence, the
list it stands in or the section says target or budget.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from extract.patterns import Pack, Rule
from extract.phrases import Phrase, Phrases
from extract.quantities import Found
from extract.templates import DATE_CHAR, Hit, TemplateSet, TypedText

_BORDERS: Final = "，,；;。：:！？!?\n"
_SENTENCE_ENDS: Final = "。！？!?\n"
_LIST_MARKS: Final = frozenset(("、", "和", "与", "及", "或", "，", ",", "以及", ""))
_LEVELS: Final = frozenset(("actual", "target", "budget", "budget_adjusted", "previous"))
_LEVEL_KINDS: Final = frozenset(("money", "count", "measure", "number"))
_NO_METRIC: Final = "none"
_SHARE_END: Final = re.compile(r"(?:占比|比重|份额|占[^，、]{2,20}(?:比例|的)?)$")


class Reading:
    """One figure with what was read of it. Positions are in the typed text."""

    __slots__ = (
        "block", "comparator", "found", "hit", "index", "own", "paren", "phrase", "place", "relation", "role", "rule", "sentence",
        "shared", "sign",
    )

    def __init__(self, index: int, found: Found, place: int, block: int) -> None:
        self.index = index
        self.found = found
        self.place = place
        self.block = block
        self.hit: Hit | None = None
        self.role = "actual"
        self.rule = "default.actual"
        self.sign = ""
        self.phrase: Phrase | None = None
        self.own = False  # its phrase stands at the figure itself
        self.shared: list[Phrase] = []  # further indicators that one figure speaks of
        self.relation = ""
        self.comparator = found.comparator
        self.paren = 0
        self.sentence = 0


class BlockInfo(Struct, frozen=True):
    """A block in typed positions, with the heading that governs it and the role its section gives to figures."""

    start: int
    end: int
    heading: Phrase | None
    frame: str | None
    frame_rule: str
    section: int | None


class FrameRules:
    """Default roles by heading, title and sentence."""

    def __init__(self, pack: Pack) -> None:
        rules = pack.of_kind("frame")
        self._headings = [rule for rule in rules if rule.set.get("where") == "heading"]
        self._titles = [rule for rule in rules if rule.set.get("where") == "title"]
        self._blocks = [rule for rule in rules if rule.set.get("where") == "block"]
        self._sentences = [rule for rule in rules if rule.set.get("where") == "sentence"]

    def of_headings(self, titles: Sequence[str]) -> tuple[str, str] | None:
        """The role that the innermost telling heading gives; `titles` from the inside out."""
        for title in titles:
            for rule in self._headings:
                if rule.pattern.search(title):
                    return str(rule.set["role"]), rule.id
        return None

    def of_title(self, title: str) -> tuple[str, str] | None:
        """The role that the title of the document gives."""
        for rule in self._titles:
            if rule.pattern.search(title):
                return str(rule.set["role"]), rule.id
        return None

    def of_block(self, typed: str, start: int, end: int) -> tuple[str, str] | None:
        """The role that telling words anywhere in a block give."""
        for rule in self._blocks:
            if rule.pattern.search(typed, start, end):
                return str(rule.set["role"]), rule.id
        return None

    def in_sentence(self, typed: str, start: int, end: int) -> tuple[str, str] | None:
        """The role that words before a figure in its sentence give."""
        for rule in self._sentences:
            if rule.pattern.search(typed, start, end):
                return str(rule.set["role"]), rule.id
        return None


class MetricReader:
    """Reads the figures of one document; built once per grammar."""

    def __init__(self, pack: Pack) -> None:
        self.templates = TemplateSet(pack)
        self.phrases = Phrases(pack)
        self.frames = FrameRules(pack)

    def read(
        self, typed: TypedText, found: Sequence[Found], blocks: Sequence[BlockInfo], names: dict[int, int]
    ) -> list[Reading]:
        """One `Reading` per figure. `found` and `typed.places` run in parallel; `names` are in typed positions."""
        readings: list[Reading] = []
        places = typed.places
        for number, block in enumerate(blocks):
            first = bisect_left(places, block.start)
            last = bisect_left(places, block.end)
            if first == last:
                continue
            items = [Reading(index, found[index], places[index], number) for index in range(first, last)]
            walk = _Walk(self, typed.text, block, items, names)
            walk.run()
            readings.extend(items)
        return readings


class _Walk:
    """The reading of one block."""

    def __init__(
        self, reader: MetricReader, typed: str, block: BlockInfo, items: list[Reading], names: dict[int, int]
    ) -> None:
        self.templates = reader.templates
        self.phrases = reader.phrases
        self.frames = reader.frames
        self.typed = typed
        self.block = block
        self.items = items
        self.names = names
        self.topic: Phrase | None = None
        self.label: Phrase | None = None
        self.stack: list[tuple[Phrase | None, str | None]] = []
        self.list_role: tuple[str, str, str] | None = None
        self.sentence_start = block.start
        self.frame = (block.frame, block.frame_rule)
        self.tells_results = False

    def run(self) -> None:
        best = self.templates.best
        for item in self.items:
            item.hit = best(self.typed, self.block.start, item.place)
        self.tells_results = any(
            item.hit is not None and item.hit.template.rule.set.get("relation") == "pair" for item in self.items
        )
        if self.frame[0] == "target" and self.tells_results:
            self.frame = (None, "")  # a section named after its targets that tells results
        if self.frame[0] is None:
            self.frame = self.frames.of_block(self.typed, self.block.start, self.block.end) or self.frame
        previous: Reading | None = None
        for item in self.items:
            self.item(item, previous)
            previous = item
        _deal_out(self.items, self.typed)

    def item(self, item: Reading, previous: Reading | None) -> None:
        typed, place = self.typed, item.place
        since = previous.place + 1 if previous is not None else self.block.start
        between = typed[since:place]
        self._new_sentence(between, since)
        item.sentence = self.sentence_start
        hit = item.hit
        if hit is not None and not self._applies(item, hit):
            hit = item.hit = None
        cue, told = place, ""
        if hit is not None:
            self._take_roles(item, hit)
            told = str(hit.template.rule.set.get("indicator", ""))
            cue = place if told == "whole" else max(hit.start, since)
        head_start = self._head_start(between, since, cue)
        item.paren = len(self.stack)
        phrase = self.phrases.clean(typed, head_start, cue, self.names) if head_start < cue else None
        if hit is not None and phrase is None and told == "inside":
            phrase = self.phrases.clean(typed, max(hit.start, since), place, self.names)
        if phrase is None and hit is None and head_start < cue:
            phrase = self.phrases.scope(typed, head_start, cue)
        if phrase is not None and hit is not None and told != "inside" and self.topic is not None and self.phrases.is_adverbial(typed[head_start:cue]):
            phrase = None
        listed = hit is None and previous is not None and between in _LIST_MARKS
        if listed and previous is not None and previous.role != _NO_METRIC and not (previous.found.kind != item.found.kind and between == ""):
            item.role, item.sign, item.rule = previous.role, previous.sign, previous.rule
            item.relation = previous.relation if item.found.kind == previous.found.kind else ""
        elif hit is None and previous is not None and between[:1] == "、" and previous.found.kind == item.found.kind and previous.role != _NO_METRIC:
            item.role, item.sign, item.rule, item.relation = previous.role, previous.sign, previous.rule, previous.relation
            if item.relation not in ("", "change"):
                item.relation = ""
        elif hit is None:
            self._default_role(item, previous, between, since)
        noun = self._noun_after(item, previous, phrase, head_start, cue)
        if noun is not None:
            phrase = noun
        if phrase is None and head_start > since and head_start <= cue and typed[head_start - 1] in "：:":
            label_start = self._border_before(head_start - 1, since)
            label = self.phrases.label(typed, label_start, head_start - 1, self.names)
            if label is not None and self._is_cue_only(typed, head_start, cue):
                self.topic = self.label = label
        if phrase is None and hit is not None and self.topic is None and self.label is None and self.block.heading is None:
            phrase = self._cue_as_phrase(hit, cue, place)
        elif phrase is not None and phrase.text in ("收入", "支出"):
            phrase = self._bare_flow(item, phrase, place)
        if phrase is not None and hit is not None and hit.template.rule.set.get("own"):
            item.role, item.relation = str(hit.template.rule.set["own"]), ""
            phrase = self.phrases.clean(typed, head_start, place, self.names) or phrase
        if phrase is not None:
            item.phrase, item.own = phrase, True
            if not listed:
                self._share_list(item, phrase, head_start, since, cue)
            self.topic = phrase
        else:
            item.phrase = self.topic or self.label or self.block.heading
        self._settle_role(item, hit, since)

    def _applies(self, item: Reading, hit: Hit) -> bool:
        """Conditions of a rule that its template cannot say."""
        told = hit.template.rule.set
        wanted = told.get("comparator")
        if wanted is not None and item.found.comparator != wanted:
            return False
        if told.get("after") == "budget" and not any(
            earlier.role in ("budget", "budget_adjusted") for earlier in self.items[: self.items.index(item)]
        ):
            return False
        not_after = told.get("not_after")
        return not (not_after and self.typed[: hit.start].endswith(tuple(str(not_after).split("|"))))

    def _settle_role(self, item: Reading, hit: Hit | None, since: int) -> None:
        """What the frame makes of a role: in a plan growth and shares are targets, in a draft budget targets are budget."""
        kind = item.found.kind
        if item.found.rule.endswith(".part"):
            item.role, item.relation = "share", ""
            return
        if item.rule == "default.actual" and kind == "percentage_point":
            item.role = _NO_METRIC
        if item.role == "actual" and kind == "rate" and item.phrase is not None and _SHARE_END.search(item.phrase.text):
            item.role = "share"
        if hit is None or item.role == _NO_METRIC:
            return
        if self.frame[0] == "budget" and item.role == "target" and kind == "money":
            item.role = "budget"
            return
        if item.role in ("growth", "share", "actual") and not hit.template.id.startswith(("actual.word", "actual.spent", "pair", "change.from")):
            plan = self.frames.in_sentence(self.typed, max(self.sentence_start - 1, 0), item.place)
            planned = plan is not None and plan[0] == "target" and not self.tells_results
            if planned or plan is None and self.frame[0] == "target":
                item.role, item.relation = "target", ""

    # --- borders ---------------------------------------------------------------------------------------------------
    def _new_sentence(self, between: str, since: int) -> None:
        ends = max(between.rfind("。"), between.rfind("！"), between.rfind("？"), between.rfind("\n"))
        if ends >= 0:
            self.sentence_start = since + ends + 1
            self.list_role = None
            self.stack.clear()

    def _head_start(self, between: str, since: int, cue: int) -> int:
        """Where the phrase before a figure can begin at the earliest; follows brackets on the way."""
        head = 0
        limit = cue - since
        index = 0
        while index < limit:
            char = between[index]
            if char in "（(":
                close = between.find("）" if char == "（" else ")", index, limit)
                if close >= 0:
                    index = close + 1
                    continue
                before = between[head:index]
                outer = self.topic
                if before.strip("、，和及 "):
                    phrase = self.phrases.clean(self.typed, since + head, since + index, self.names)
                    if phrase is not None:
                        self.topic = phrase
                self.stack.append((outer if not before else self.topic, self._last_role()))
                head = index + 1
            elif char in "）)":
                if self.stack:
                    self.topic = self.stack.pop()[0] or self.topic
                head = index + 1
            elif char in _BORDERS:
                head = index + 1
            index += 1
        # the cue itself may hold brackets
        for char in between[limit:]:
            if char in "）)" and self.stack and between.count("（", limit) < between.count("）", limit):
                self.topic = self.stack.pop()[0] or self.topic
        return since + head

    def _border_before(self, end: int, since: int) -> int:
        return max([self.typed.rfind(char, since, end) for char in "，；。！？\n"] + [since - 1]) + 1

    def _is_cue_only(self, typed: str, start: int, end: int) -> bool:
        return end - start <= 12

    def _last_role(self) -> str | None:
        return None

    # --- roles -----------------------------------------------------------------------------------------------------
    def _take_roles(self, item: Reading, hit: Hit) -> None:
        rule = hit.template.rule
        item.role = hit.template.roles[-1]
        item.rule = rule.id
        item.sign = str(rule.set.get("sign", ""))
        item.relation = str(rule.set.get("relation", ""))
        for role, place in zip(hit.template.roles[:-1], hit.places[:-1], strict=True):
            for earlier in reversed(self.items[: self.items.index(item)]):
                if earlier.place == place:
                    if earlier.hit is None or rule.spec.priority > earlier.hit.template.rule.spec.priority:
                        earlier.role, earlier.rule, earlier.sign = role, rule.id, ""
                        if role == _NO_METRIC:
                            earlier.relation = ""
                    break

    def _default_role(self, item: Reading, previous: Reading | None, between: str, since: int) -> None:
        kind = item.found.kind
        if kind == "duration":
            item.role, item.rule = _NO_METRIC, "none.duration"
            return
        if kind == "multiple":
            item.role, item.rule = _NO_METRIC, "none.multiple"
            return
        if kind == "number" and item.found.rule.endswith(".part"):
            item.role, item.rule = "share", "share.ratio"
            return
        opened = max(self.typed.rfind("（", since, item.place), self.typed.rfind("，", since, item.place), self.typed.rfind("；", since, item.place))
        clause = self.frames.in_sentence(self.typed, max(opened, self.sentence_start - 1, 0), item.place)
        if clause is not None and clause[0] == "target":
            item.role, item.rule = clause
            return
        if previous is not None and self.stack and self.stack_opened(between) and previous.role in _LEVELS:
            item.role, item.rule = previous.role, "list.in_brackets"
            return
        if "其中" in between or "：" in between and previous is not None:
            total = self._last_level()
            self.list_role = (total.role, "list.parts", total.sign) if total is not None else None
        if self.list_role is not None and kind in _LEVEL_KINDS:
            item.role, item.rule, item.sign = self.list_role
            return
        sentence = self.frames.in_sentence(self.typed, max(self.sentence_start - 1, 0), item.place)
        if sentence is not None and not (sentence[0] == "target" and self.tells_results):
            item.role, item.rule = sentence
            return
        if self.frame[0]:
            item.role, item.rule = self.frame[0], self.frame[1]

    def stack_opened(self, between: str) -> bool:
        return "（" in between or "(" in between

    def _last_level(self) -> Reading | None:
        """The total that a list hangs on: the last amount before it."""
        last: Reading | None = None
        for earlier in reversed(self.items):
            if earlier.phrase is None or earlier.found.kind not in _LEVEL_KINDS or earlier.role == _NO_METRIC:
                continue
            if last is None:
                last = earlier
                if last.role in _LEVELS:
                    return last
            elif earlier.phrase.text == last.phrase.text and earlier.role in _LEVELS:  # type: ignore[union-attr]
                return earlier  # a level, then its change: the list hangs on the level
        return last

    # --- phrases ---------------------------------------------------------------------------------------------------
    def _noun_after(
        self, item: Reading, previous: Reading | None, phrase: Phrase | None, head_start: int, cue: int
    ) -> Phrase | None:
        kind = item.found.kind
        typed, place = self.typed, item.place
        if kind not in ("count", "measure", "money", "rate", "number") or place + 1 >= self.block.end:
            return None
        after = place + 1
        following = typed[after]
        if following in _BORDERS or following in "、（）)” ":
            return None
        if item.hit is not None and item.role not in ("actual", "target", "budget"):
            return None
        while after < self.block.end and "\ue000" <= typed[after] <= "\ue008":
            after += 1  # 96户177人建档立卡贫困人口
        if kind in ("money", "rate", "number") and not (
            phrase is None or self.phrases.ends_in_verb(typed, head_start, cue) and kind == "money"
        ):
            return None
        if kind == "money" and phrase is None and item.hit is None and not self.phrases.ends_in_verb(typed, head_start, cue):
            return None
        if kind == "rate" and (item.hit is not None or typed[after] == "的" and self.topic is not None):
            return None
        noun = self.phrases.noun_after(typed, after, self.block.end, item.found.unit)
        if noun is None:
            return None
        if phrase is not None and kind in ("count", "measure"):
            verb = self.phrases.ends_in_verb(typed, head_start, cue)
            if not verb and phrase.text in self.phrases._aliases:
                return None
        return noun

    def _cue_as_phrase(self, hit: Hit, cue: int, place: int) -> Phrase | None:
        if hit.template.roles[-1] not in _LEVELS | {"completion"}:
            return None
        return self.phrases.clean(self.typed, cue, place, {})

    def _bare_flow(self, item: Reading, phrase: Phrase, place: int) -> Phrase | None:
        """`支出决算为` speaks of the topic; `支出预算` beside `收入预算` names itself."""
        topic = self.topic or self.label or self.block.heading
        if item.role in ("budget", "budget_adjusted"):
            return self._with_cue(phrase, place) or phrase
        if item.hit is not None and topic is not None or self.topic is not None and self.topic.start >= self.sentence_start:
            return None
        return phrase

    def _with_cue(self, phrase: Phrase, place: int) -> Phrase | None:
        longer = self.phrases.clean(self.typed, phrase.start, place, {})
        return longer if longer is not None and len(longer.text) <= 10 else None

    def _share_list(self, item: Reading, phrase: Phrase, head_start: int, since: int, cue: int) -> None:
        """`甲率，乙率，丙率均达到100%`: one figure speaks of all of them."""
        typed = self.typed
        tail = typed[phrase.end : item.place]
        if "均" not in tail and "都" not in tail and "分别" not in tail:
            return
        start = head_start
        pieces: list[tuple[int, int]] = []
        end = phrase.end
        while start > since and typed[start - 1] in "，、；,":
            border = max([typed.rfind(char, since, start - 1) for char in "，；。：,;\n"] + [since - 1]) + 1
            pieces.append((border, start - 1))
            start = border
        names: list[Phrase] = []
        for piece_start, piece_end in [*reversed(pieces), (phrase.start, end)]:
            depth = 0
            mark = piece_start
            for index in range(piece_start, piece_end):
                char = typed[index]
                depth += (char in "（(") - (char in "）)")
                if char == "、" and depth == 0:
                    names.extend(filter(None, [self.phrases.clean(typed, mark, index, self.names)]))
                    mark = index + 1
            names.extend(filter(None, [self.phrases.clean(typed, mark, piece_end, self.names)]))
        suffix = phrase.text[-1:]
        names = [name for name in names if name.text.endswith(suffix)]
        if len(names) > 1:
            item.phrase, item.shared = names[-1], names[:-1]


def _deal_out(items: list[Reading], typed: str) -> None:
    """`甲、乙和丙增加值分别增长1%、2%和3%`: the figures of a run go to the names before it, in order."""
    index = 0
    while index < len(items):
        first = items[index]
        end = index + 1
        while end < len(items) and typed[items[end - 1].place + 1 : items[end].place] in ("、", "和", "，", "及", "以及") and not items[end].own:
            end += 1
        run = items[index:end]
        names = [*first.shared, first.phrase] if first.shared and first.phrase is not None else []
        if len(run) > 1 and len(names) == len(run):
            for item, name in zip(run, names, strict=True):
                item.phrase, item.shared = name, []
        index = end
