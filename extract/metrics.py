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
from typing import Final

from extract.frames import FrameRules, SentenceCues
from extract.lists import clauses_before, deal_out, goes_on, is_part, names_before, sized, total_before, whole_before
from extract.patterns import Pack
from extract.phrases import Phrase, Phrases
from extract.quantities import Found
from extract.reading import AMOUNTS, LEVELS, NO_METRIC, BlockInfo, Reading
from extract.template_language import DATE_CHAR, FIGURES
from extract.templates import Hit, TemplateSet, TypedText, value_fits

_BORDERS: Final = "，,；;。：:！？!?\n"
_STOP: Final = re.compile("。")
_TAIL: Final = re.compile(rf"[^{_BORDERS}]*\Z")
_BRACKET: Final = re.compile("[（）()]")
_SHARE_END: Final = re.compile(r"(?:占比|比重|份额|占[^，、]{2,20}(?:比例|的)?)$")
_SHARE_WORDS: Final = ("比重", "占比", "比例", "份额")
_RESULT_RULES: Final = ("actual.word", "actual.spent", "pair", "change.from")


class MetricReader:
    """Reads the figures of one document; built once per grammar."""

    def __init__(self, pack: Pack) -> None:
        self.templates = TemplateSet(pack)
        self.phrases = Phrases(pack)
        self.frames = FrameRules(pack)

    def read(
        self, typed: TypedText, found: Sequence[Found], blocks: Sequence[BlockInfo], names: dict[int, int]
    ) -> list[Reading]:
        """One `Reading` per figure of prose. `found` and `typed.places` run in parallel; `names` maps the typed starts
        of organisations and places to their ends.
        """
        readings: list[Reading] = []
        cues = self.frames.sentence_cues(typed.text)
        places = typed.places
        carried: Phrase | None = None  # what the paragraph before spoke of, in the same section
        section: int | None = -1
        for number, block in enumerate(blocks):
            if block.section != section:
                carried, section = None, block.section
            first = bisect_left(places, block.start)
            last = bisect_left(places, block.end, first)
            if first == last or not block.prose:
                continue
            items = [Reading(index, index - first, found[index], places[index], number) for index in range(first, last)]
            walk = _Walk(self, typed.text, block, items, names, cues, carried)
            walk.run()
            carried = walk.first or carried
            readings.extend(items)
        return readings


class _Walk:
    """The reading of one block.

    `topic` is the phrase that elliptical figures speak of, `level` the last one that had an amount (a rate of its own
    does not take the amounts after it), `total` what a list (其中) hangs on, `share` the last share as a name.
    """

    def __init__(
        self,
        reader: MetricReader,
        typed: str,
        block: BlockInfo,
        items: list[Reading],
        names: dict[int, int],
        cues: SentenceCues,
        carried: Phrase | None,
    ) -> None:
        self.templates = reader.templates
        self.phrases = reader.phrases
        self.frames = reader.frames
        self.typed = typed
        self.block = block
        self.items = items
        self.names = names
        self.cues = cues
        self.topic: Phrase | None = None
        self.level: Phrase | None = None
        self.total: Phrase | None = None
        self.stack: list[tuple[Phrase | None, Phrase | None]] = []
        self.list_role: tuple[str, str, str] | None = None
        self.sentence = block.start
        self.topic_sentence = -1  # the sentence that the topic was named in
        self.frame, self.frame_rule = block.frame, block.frame_rule
        self.stops = [match.start() for match in _STOP.finditer(typed, block.start, block.end)]
        self.results: set[int] = set()  # sentences that tell results beside their targets
        self.carried = carried
        self.share: Phrase | None = None  # the last share as a name of its own: 税收占一般公共预算收入的比重

    def run(self) -> None:
        hits = self.templates.of_block(self.typed, self.block.start, [item.place for item in self.items])
        for item, hit in zip(self.items, hits, strict=True):
            item.hit = hit
            if item.hit is not None and len(item.hit.places) > 1 and item.told("relation") == "from_to":
                for earlier in self.items[max(0, item.order - 3) : item.order]:
                    if earlier.place == item.hit.places[0]:
                        earlier.cue = item.hit.start  # 由上年的A增加到B: what is named stands before 由
        self.results = {self._sentence_of(item) for item in self.items if item.told("relation") == "pair"}
        if self.frame == "target" and self.results:
            self.frame = None  # a section named after its targets that tells results
        if self.frame is None:
            told = self.frames.of_block(self.typed, self.block.start, self.block.end)
            self.frame, self.frame_rule = told or (None, "")
        previous: Reading | None = None
        for item in self.items:
            self.item(item, previous)
            previous = item
        deal_out(self.phrases, self.items, self.typed)

    @property
    def first(self) -> Phrase | None:
        """What the block speaks of first."""
        return next((item.phrase for item in self.items if item.own and item.role in LEVELS), None)

    def _sentence_of(self, item: Reading) -> int:
        """Which sentence of the block a figure stands in."""
        return bisect_left(self.stops, item.place)

    def item(self, item: Reading, previous: Reading | None) -> None:
        typed, place = self.typed, item.place
        since = previous.place + 1 if previous is not None else self.block.start
        between = typed[since:place]
        self._new_sentence(between, since)
        item.sentence = self.sentence
        if item.hit is not None and not self._applies(item, item.hit):
            others = self.templates.every(typed, self.block.start, place)
            item.hit = next((hit for hit in others if self._applies(item, hit)), None)
        hit, told = item.hit, item.told("indicator")
        item.cue = cue = max(min(item.cue, place if hit is None or told == "whole" else hit.start), since)
        head = self._head(between, since, cue)
        if previous is not None and head == since and previous.found.kind in ("count", "number", "duration"):
            border, money = self._border_before(previous.place, self.block.start), item.found.kind == "money"
            head = self.phrases.past_receivers(typed, border, head, cue, previous.phrase, money=money)
        elif item.found.kind == "money":
            head = self.phrases.past_named_receivers(typed, head, cue)
        item.depth = len(self.stack)
        listed = self._roles(item, previous, between, since)
        ratio = previous is not None and self._goes_on_with_ratio(item, previous, between)
        phrase = None if ratio else self._phrase(item, previous, head, since, told)
        if previous is not None and previous.role == NO_METRIC:
            phrase = sized(self.phrases, previous, phrase, typed, head, cue)
        if phrase is not None and item.told("own") and typed[head] == "占":
            phrase = None  # 占全国的比例83%: a share of what was named before
        elif phrase is not None and item.told("own") and head < cue:
            item.role, item.relation = item.told("own"), ""
            phrase = self.phrases.clean(typed, head, place, self.names) or phrase
        if phrase is not None:
            item.phrase, item.own = phrase, True
            if not listed:
                names, each = names_before(self.phrases, typed, phrase, head, since, place)
                if each:
                    item.names = names
                    item.clauses = clauses_before(self.phrases, typed, phrase, head, since)
                elif len(names) > 1:
                    item.phrase, item.shared = names[-1], names[:-1]
            aside = "追加" in phrase.text if item.rule == "budget.total" else self.phrases.is_remainder(phrase.text)
            aside |= item.rule.startswith("change.budget_")
            if hit is not None and item.rule == "score.named":  # what is scored, where it is named
                scored = self.phrases.clean(typed, head, hit.start, self.names)
                self.topic = self.level = scored or self.topic
            elif self.topic is None or not aside:
                self.topic, self.topic_sentence = phrase, self.sentence
                if item.found.kind != "rate":
                    self.level = phrase
        else:
            item.phrase = previous.phrase if ratio and previous is not None else self._elliptical(item, previous)
        self._settle_role(item)
        if item.role == "share" and hit is not None and item.phrase is not None:
            words = typed[hit.start : place]
            end = max(words.rfind(word) + len(word) if word in words else 0 for word in _SHARE_WORDS)
            made = Phrase(item.phrase.start, item.phrase.end, item.phrase.text + words[:end].lstrip("，"), made=True)
            self.share = made if end else item.phrase

    def _goes_on_with_ratio(self, item: Reading, previous: Reading, between: str) -> bool:
        """Whether a figure is the next part of a ratio, or begins what a ratio was moved to: 由9:41:50调整为9:40:51."""
        moves = between in (":", "：", "∶") or self.phrases.is_ratio_move(between)
        return moves and is_part(item) and is_part(previous)

    # --- borders ---------------------------------------------------------------------------------------------------
    def _new_sentence(self, between: str, since: int) -> None:
        ends = max(between.rfind("。"), between.rfind("！"), between.rfind("？"), between.rfind("\n"))
        if ends >= 0:
            self.sentence = since + ends + 1
            self.list_role = None
            self.stack.clear()
            if self.total is not None:  # after a list the paragraph speaks of its total again
                self.topic = self.level = self.total
                self.total = None

    def _head(self, between: str, since: int, cue: int) -> int:
        """Where the phrase before a figure can begin at the earliest; follows brackets on the way."""
        limit = cue - since
        if not _BRACKET.search(between):
            tail = _TAIL.search(between, 0, limit)
            return since + (tail.start() if tail is not None else limit)
        head = index = 0
        while index < limit:
            char = between[index]
            if char in "（(":
                close = between.find("）" if char == "（" else ")", index, limit)
                if close >= 0:
                    head = close + 1 if index == head else head  # a note to the figure before
                    index = close + 1
                    continue
                self._open(since + head, since + index)
                head = index + 1
            elif char in "）)":
                self._close()
                head = index + 1
            elif char in _BORDERS:
                head = index + 1
            index += 1
        for char in between[limit:]:  # brackets inside the cue itself
            if char in "）)":
                self._close()
        return since + head

    def _open(self, head: int, bracket: int) -> None:
        """A bracket opens: what is in it speaks of the phrase just before it, or of the figure just before it."""
        if self.typed[head:bracket].strip("、，和及 "):
            phrase = self.phrases.clean(self.typed, head, bracket, self.names)
            if phrase is not None:
                self.topic = self.level = phrase
        self.stack.append((self.topic, self.level))

    def _close(self) -> None:
        if self.stack:
            topic, level = self.stack.pop()
            self.topic, self.level = topic or self.topic, level or self.level

    # --- phrases ---------------------------------------------------------------------------------------------------
    def _phrase(self, item: Reading, previous: Reading | None, head: int, since: int, told: str) -> Phrase | None:
        """The phrase that stands at the figure itself, or None."""
        typed, place, cue, hit = self.typed, item.place, item.cue, item.hit
        words = typed[head:cue]
        phrase = self.phrases.clean(typed, head, cue, self.names) if words else None
        adverbial = hit is not None and bool(words) and self.phrases.is_adverbial(words)
        if phrase is not None and adverbial and (self.topic is not None or told == "inside"):
            phrase = None
        if phrase is None and hit is not None and told == "inside":
            phrase = self.phrases.clean(typed, max(hit.start, since), place, self.names)
        if phrase is None and hit is None and words:
            phrase = self.phrases.scope(typed, head, cue)
        if (
            phrase is not None
            and self.phrases.is_bare_verb(phrase.text)
            and (self.topic is not None or place + 1 < self.block.end)
        ):
            noun = self._noun_after(item, None, head, cue) or self.phrases.word_after(typed, place + 1, self.block.end)
            spent = noun is None and item.found.kind == "money" and hit is None
            goal = self.phrases.purpose(typed, place + 1, self.block.end) if spent else None
            phrase = (goal or phrase) if spent else noun or (None if self.topic is not None else phrase)
        else:
            phrase = self._noun_after(item, phrase, head, cue) or phrase
        flow = phrase is not None and self.phrases.is_flow(phrase.text)
        if (phrase is None or flow) and head > since and typed[head - 1] in "：:":
            border = self._border_before(head - 1, since)
            if hit is None and head == place:  # 城镇新增就业：50801人
                return self.phrases.clean(typed, border, head - 1, self.names)
            label = self.phrases.label(typed, border, head - 1, self.names) if hit is not None else None
            if label is not None:
                self.topic = self.level = label
                return None
        if phrase is None and hit is None and item.found.kind == "money" and typed.startswith("用于", place + 1):
            return self.phrases.purpose(typed, place + 1, self.block.end)
        if phrase is None and hit is None and item.found.kind == "count":
            return self.phrases.thin_label(typed, head, cue)
        if flow and phrase is not None:
            return self._flow(item, phrase)
        if (
            phrase is None
            and hit is not None
            and self.topic is None
            and self.block.heading is None
            and self.carried is None
            and item.role in LEVELS | {"completion"}
        ):
            return self._clause_subject(item) or self.phrases.clean(typed, cue, place, {})
        return phrase

    def _border_before(self, end: int, since: int) -> int:
        return max([self.typed.rfind(char, max(since, end - 200), end) for char in "，；。！？\n"] + [since - 1]) + 1

    def _flow(self, item: Reading, phrase: Phrase) -> Phrase | None:
        """收入 or 支出 alone: `支出决算为` speaks of the topic, `支出` beside `某某收入` of 某某支出."""
        topic = self.total or self.level or self.topic or self.block.heading
        if item.rule == "actual.spent" and topic is not None:
            return None
        made = self.phrases.flow_of(topic, phrase)
        if made is not None:
            return made
        if item.role in ("budget", "budget_adjusted"):
            longer = self.phrases.clean(self.typed, phrase.start, item.place, {})
            return longer if longer is not None and len(longer.text) <= 10 else phrase
        if self.level is not None and self.level.start >= self.sentence:
            return None
        return phrase

    def _elliptical(self, item: Reading, previous: Reading | None) -> Phrase | None:
        """What a figure speaks of that has no phrase of its own."""
        if previous is not None and previous.sentence == item.sentence:
            in_hit = item.hit is not None and previous.place in item.hit.places
            if (item.role, previous.role) == ("growth", "change") or (previous.role == "previous" and in_hit):
                return previous.phrase
        if previous is not None and (previous.found.kind, item.found.kind) == ("score", "score"):
            return previous.phrase
        whole = whole_before(self.items, item) if item.hit is not None else None
        if whole is not None:
            self.topic = self.level = whole
            return whole
        since = self.sentence if previous is None else max(previous.place, self.sentence)
        apart = self.typed.rfind("；", since, item.cue) + 1  # where the last part of the sentence begins
        new = self.topic_sentence != self.sentence or apart > 0
        if item.hit is not None and new and item.role in LEVELS | {"completion"}:
            lead = self._lead_clause(item, apart or self.sentence)
            if lead is not None:
                self.topic = self.level = lead
                self.topic_sentence = self.sentence
        points = item.found.kind == "percentage_point" and previous is not None and previous.role == "share"
        if points and self.share is not None:
            return self.share  # the points are of the share, not of its part
        if new and not self.stack:
            subject = self._clause_subject(item)
            opening = subject is not None and subject.start >= apart and "，" not in self.typed[apart : subject.start]
            if subject is not None and (opening or not apart):
                self.topic = self.level = subject
                self.topic_sentence = self.sentence
        amount = item.found.kind in AMOUNTS or item.role == "completion"
        if item.rule == "completion.rate" and self.level is None and self.topic is not None and item.hit is not None:
            return self.block.heading or self.phrases.clean(self.typed, item.hit.start, item.place, {})  # rates alone
        topic = self.level if amount and self.level is not None else self.topic
        spent = item.rule == "actual.spent" and "支出" in self.typed[item.cue : item.place]
        if spent and topic is not None and topic.text.endswith(("收入", "到位资金", "资金到位")):
            topic = self.level = self.phrases.spent_of(topic, item.cue, item.place, self.typed)
        return topic or self.block.heading or self.carried

    def _lead_clause(self, item: Reading, start: int) -> Phrase | None:
        """`一是某某补助项目，资金主要用于…，年初预算为…`: the clause that opens the sentence names what it is about."""
        comma = self.typed.find("，", start, min(item.place, start + 60))
        if comma < 0 or any(char in FIGURES for char in self.typed[start:comma]):
            return None
        return self.phrases.label(self.typed, start, comma, self.names)

    def _clause_subject(self, item: Reading) -> Phrase | None:
        """`参合率再创新高，达到98.5%`: the clause before names what the figure is of."""
        typed = self.typed
        border = max(typed.rfind(char, max(self.sentence, item.cue - 80), item.cue) for char in "，,")
        if border <= self.sentence:
            return None
        last = max(typed.rfind(char, max(self.sentence, border - 40), border) for char in "，,；;：:。\n）")
        start = max(last + 1, self.sentence)
        clause = typed[start:border]
        figures = any(char in FIGURES or char == DATE_CHAR for char in clause)
        if not 2 < len(clause) <= 30 or figures or self.phrases.is_comparison(clause):
            return None
        return self.phrases.subject(typed, start, border, self.names, label=item.rule == "completion.rate")

    def _noun_after(self, item: Reading, phrase: Phrase | None, head: int, cue: int) -> Phrase | None:
        """The noun counted by the figure, where it stands after it: 建成12个基地."""
        kind, typed, after = item.found.kind, self.typed, item.place + 1
        if kind not in ("count", "measure", "money", "rate", "number") or after >= self.block.end:
            return None
        following = typed[after]
        if (
            following in _BORDERS
            or (following in "、（）)” " and not self.phrases.shares_noun(typed, head, cue, after))
            or (item.hit is not None and item.role not in ("actual", "target", "budget"))
        ):
            return None
        verb = self.phrases.ends_in_verb(typed, head, cue)
        while after < self.block.end and typed[after] in FIGURES:
            after += 1  # 96户177人建档立卡贫困人口
        bare = kind == "rate" or (kind == "number" and not (verb and item.found.scale))  # 惠及49万老年人
        if (kind == "money" and not verb) or (bare and phrase is not None):
            return None
        told = self.topic_sentence == self.sentence and (head < item.place or typed[head - 1 : head] not in _BORDERS)
        if kind == "rate" and (item.hit is not None or (following == "的" and told)):  # but 92%的家庭住进楼房
            return None
        noun = self.phrases.noun_after(typed, after, self.block.end, item.found.unit)
        kept = noun is not None and phrase is not None and not verb and self.phrases.keeps(phrase, noun, typed)
        return None if kept else noun

    # --- roles -----------------------------------------------------------------------------------------------------
    def _roles(self, item: Reading, previous: Reading | None, between: str, since: int) -> bool:
        """Settle role, sign and relation; tells whether the figure only goes on with a list of figures."""
        if item.hit is not None:
            self._take_roles(item, item.hit)
            return False
        same = previous is not None and previous.found.kind == item.found.kind and previous.role != NO_METRIC
        if previous is not None and goes_on(previous, item, between, self.typed, same=same):
            item.role, item.sign, item.rule = previous.role, previous.sign, previous.rule
            item.relation = previous.relation if same else ""
            return True
        if previous is not None and same and between[:1] == "、":
            item.role, item.sign, item.rule = previous.role, previous.sign, previous.rule
            item.relation = previous.relation if previous.relation == "change" else ""
            return False
        self._default_role(item, previous, between, since)
        return False

    def _applies(self, item: Reading, hit: Hit) -> bool:
        """Conditions of a rule that its template cannot say."""
        told = hit.template.rule.set
        if not value_fits(hit, item.found.comparator, item.found.value):
            return False
        after = told.get("after")
        if after == "move":  # only right after a move from one level to another
            return bool(item.order) and self.items[item.order - 1].told("relation") == "from_to"
        near = self.items[max(0, item.order - 12) : item.order]
        if after and not any(one.role in ("budget", "budget_adjusted") for one in near):
            return False
        if after == "spending" and (
            self.frame == "budget" or (self.level is not None and self.level.text.endswith("收入"))
        ):
            return False  # 支出 after a revenue is the other side of the account
        not_after = told.get("not_after")
        return not (not_after and self.typed.endswith(tuple(str(not_after).split("|")), 0, hit.start))

    def _take_roles(self, item: Reading, hit: Hit) -> None:
        rule = hit.template.rule
        item.role, item.rule = hit.template.roles[-1], rule.id
        item.sign, item.relation = item.told("sign"), item.told("relation")
        for role, place in zip(hit.template.roles[:-1], hit.places[:-1], strict=True):
            near = reversed(self.items[max(0, item.order - 8) : item.order])
            earlier = next((one for one in near if one.place == place), None)
            if earlier is not None and (
                earlier.hit is None or rule.spec.priority > earlier.hit.template.rule.spec.priority
            ):
                earlier.role, earlier.rule, earlier.sign = role, rule.id, ""
                earlier.relation = "" if role == NO_METRIC else earlier.relation
                last = self.items[earlier.order - 1].place if earlier.hit and earlier.order else hit.start
                named = earlier.phrase is not None and earlier.phrase.start < hit.start  # before these words
                if earlier.hit and last < hit.start <= earlier.hit.start and not named:
                    earlier.phrase = self.items[earlier.order - 1].phrase  # its own was read from inside these words
                    self.topic = self.level = earlier.phrase or self.topic

    def _default_role(self, item: Reading, previous: Reading | None, between: str, since: int) -> None:
        kind, typed = item.found.kind, self.typed
        if kind in ("duration", "multiple"):
            item.role, item.rule = NO_METRIC, f"none.{kind}"
            return
        border = max(typed.rfind(char, since, item.place) for char in "（，；(")
        clause = self.cues.between(max(border, self.sentence - 1, 0), item.place)
        if clause is not None and clause[0] == "target":
            item.role, item.rule = clause
            return
        inside = previous is not None and self.stack and ("（" in between or "(" in between)
        if inside and previous and (previous.role in LEVELS or (previous.role == "change" and len(between) == 1)):
            item.role, item.rule, item.sign = previous.role, "list.in_brackets", previous.sign
            return
        if self.phrases.opens_parts(between):
            total = total_before(self.items, item)
            hung = total is not None and (total.role in LEVELS or "。" not in between)
            self.list_role = (total.role, total.found.kind, total.sign) if total is not None and hung else None
            self.total = total.phrase if total is not None and total.phrase is not None else self.total
        if self.list_role is not None and kind == self.list_role[1]:
            item.role, item.rule, item.sign = self.list_role[0], "list.parts", self.list_role[2]
            return
        sentence = self.cues.between(max(self.sentence - 1, 0), item.place)
        if sentence is not None and not (sentence[0] == "target" and self._sentence_of(item) in self.results):
            item.role, item.rule = sentence
        elif self.frame and (self.frame != "budget" or kind in ("money", "number") or "安排" in between):
            item.role, item.rule = self.frame, self.frame_rule

    def _settle_role(self, item: Reading) -> None:
        """What frame and phrase make of a role: in a plan growth is a target, in a draft budget a target is budget."""
        kind, hit = item.found.kind, item.hit
        if is_part(item):
            item.role, item.rule, item.relation = "share", "share.ratio", ""
            return
        if item.rule == "default.actual" and kind == "percentage_point":
            item.role = NO_METRIC
        if item.role == "actual" and kind == "rate" and item.phrase is not None and _SHARE_END.search(item.phrase.text):
            item.role = "share"
        if hit is None or item.role == NO_METRIC:
            return
        if self.frame == "budget" and item.role == "target" and kind == "money":
            item.role = "budget"
        elif item.role in ("growth", "share", "actual") and not hit.template.id.startswith(_RESULT_RULES):
            plan = self.cues.between(max(self.sentence - 1, 0), item.place)
            planned = plan is not None and plan[0] == "target" and self._sentence_of(item) not in self.results
            if planned or (plan is None and self.frame == "target"):
                item.role, item.relation = "target", ""
