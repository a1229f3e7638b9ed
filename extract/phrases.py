"""The words that name what a figure measures: where such a phrase begins and ends, and its canonical id."""

from __future__ import annotations

import re
from typing import Final

import rjieba
from msgspec import Struct

from extract.indicators import ITEM_MARK, Indicators
from extract.patterns import Pack, compile_regex
from extract.template_language import DATE_CHAR, FIGURES
from extract.word_borders import balance, borders, first_word, has_word, is_word, noun_length, word_border

_ENUMERATOR: Final = (
    r"(?:第[一二三四五六七八九十\d]+部分|[（(][一二三四五六七八九十]{1,3}[）)]|[（(]?\d{1,2}[)）.、．]|[①-⑳]"
    r"|[-•·●◆■★▲*#]+|[一二三四五六七八九十]{1,3}[是、]|(?:指标|目标|任务)\d{1,2}[：:、.])"
)
_PEOPLE: Final = frozenset(("人", "人次", "名", "户", "户次", "户家庭", "对"))
_THINGS: Final = frozenset(("个", "项", "件", "条"))
_TIMES: Final = frozenset(("次", "场", "场次", "轮", "批次"))
_TOGETHER: Final = re.compile("(?<=.)[两二三四五六七八九十](?:大类?|[类种项])(?=.)")
_DIGITS: Final = "0123456789"
_BRACKETS: Final = re.compile("[（(]")
_CUT: Final = frozenset("，,；;。：:！？!?\n" + FIGURES)
_FIGURES: Final = frozenset(FIGURES)
_ALONE: Final = _CUT | frozenset("有共")  # before a count that has no name before it


class Phrase(Struct, frozen=True, gc=False):
    """An indicator phrase, as a range of the typed text. `label` tells that it came from a heading or a label."""

    start: int
    end: int
    text: str
    label: bool = False
    made: bool = False  # `text` is put together from the topic and the words at the place


class Phrases:
    """Cleans the words beside a figure down to the phrase that names its indicator."""

    def __init__(self, pack: Pack) -> None:
        lists = pack.lexicons
        soft = set(lists["soft_leads"])
        single = [word for word in lists["lead_words"] if len(word) == 1 and has_word(word) and word != "含"]
        hard = [word for word in lists["lead_words"] if word not in soft and word not in single]
        sets = {
            "hard": hard,
            "soft": [*lists["soft_leads"], *single],
            "tail": lists["tail_words"],
            "verb": lists["verbs_before_noun"],
            "no_noun": lists["not_noun_start"],
            "people": lists["people_nouns"],
        }
        self._lead = compile_regex(
            rf"(?:\L<hard>|[{DATE_CHAR}\s]|{_ENUMERATOR})+", sets, where="phrases.toml: lead_words"
        )
        self._soft = compile_regex(r"\L<soft>(?=.{2})", sets, where="phrases.toml: soft_leads")
        self._tail = compile_regex(rf"(?r)(?:\L<tail>|[{DATE_CHAR}\s])+", sets, where="phrases.toml: tail_words")
        self._verb_end = compile_regex(r"(?r)\L<verb>(?:了|过)?", sets, where="phrases.toml: verbs_before_noun")
        self._no_noun = compile_regex(r"\L<no_noun>(?!\L<people>)", sets, where="phrases.toml: not_noun_start")
        self._giving = pack.compile(r"(?<!\L<gives>)\L<gives>", where="phrases.toml: gives")
        self._befalls = pack.compile(r"\L<befalls>", where="phrases.toml: befalls")
        pairs = (entry.partition("=") for entry in lists["together"])
        self._together = [(words, tuple(parts.split("|"))) for words, _, parts in pairs]
        self._tasks = frozenset(lists["task_nouns"])
        self._whole_words = tuple(lists["whole_words"])
        self._where = tuple(lists["town_or_country"])
        self._around = tuple(lists["around"])
        self._handing = pack.compile(r"\L<hands_out>", where="phrases.toml: hands_out")
        self._given_to = tuple(lists["given_to"])
        self._remainders = frozenset(lists["remainders"])
        self._opens_inside = tuple(lists["opens_inside"])
        self._report_leads = tuple(lists["report_leads"])
        self._predicate = pack.compile(r"\L<predicates>", where="phrases.toml: predicates")
        self._achieved = pack.compile(
            r"(.{2,}?)\L<achieving>(?:了)?(\L<achieved_things>)", where="phrases.toml: achieving"
        )
        self._purpose = pack.compile(r"[，,]?(?:重点|主要|专项|全力|大力)?\L<purposes>", where="phrases.toml: purposes")
        self._scopes = frozenset(lists["scopes"])
        self._adverbial = tuple(lists["adverbial_starts"])
        self._reasons = tuple(lists["reasons"])
        self._purpose_starts = tuple(lists["purpose_starts"])
        self._bodies = tuple(lists["bodies"])
        self._told = pack.compile(r"\L<told_of_counted>", where="phrases.toml: told_of_counted")
        self._not_adverbial = tuple(lists["adverbial_not"])
        self._bare_rest = frozenset(lists["bare_rest"])
        self._kept = frozenset(lists["keep_with_short"])
        self._bare_verbs = frozenset(lists["bare_verbs"])
        self._flows = frozenset(lists["flows"])
        self._heads = tuple(lists["head_nouns"])
        self._of_heads = tuple("的" + head for head in self._heads)
        self._label_ends = tuple(lists["label_ends"])
        self._verb_nouns = frozenset(lists["verb_nouns"])
        self._against = tuple(lists["against"])
        self._ratio_moves = frozenset(lists["ratio_moves"])
        self._short = frozenset(lists["short_names"])
        self._thin = frozenset(lists["thin_nouns"])
        self._generic = frozenset(lists["generic_words"])
        self._marks = tuple(lists["item_marks"])
        self.indicators = Indicators(pack, self._lead)
        self._aliases = self.indicators.names

    def clean(self, typed: str, start: int, end: int, names: dict[int, int]) -> Phrase | None:
        """The phrase inside typed[start:end], or None when nothing of weight is left.

        `names` maps typed starts of organisations and places to their ends: a leading one is who, not what.
        """
        cut = typed.rfind(DATE_CHAR, start, end)
        if cut >= 0:  # a date is no part of the name: take what stands after it, or before it (低保标准自7月1日起)
            return self._clean(typed, cut + 1, end, names) or (
                self._clean(typed, start, cut, names) if cut - start >= 3 else None
            )
        return self._clean(typed, start, end, names)

    def _clean(self, typed: str, start: int, end: int, names: dict[int, int]) -> Phrase | None:
        first = start
        kept = start  # where a short rest may begin again: 上年结转, 当年结余
        while start < end:
            if start in names and names[start] < end:
                if typed.startswith(self._around, names[start]):
                    break  # 京津冀及周边地区 is one name
                start = kept = names[start]
                continue
            if typed[start:end] in self._aliases or typed.startswith(self._whole_words, start):
                break
            match = self._lead.match(typed, start, end)
            if match is None or match.end() == start:
                soft = self._soft.match(typed, start, end)
                if soft is None:
                    break
                rest = typed[soft.end() : end]
                if len(soft[0]) == 1:  # one character goes only where it is a word of its own, not in 有机, 使用
                    if len(first_word(typed[start : min(end, start + 8)])) > 1:
                        break
                elif not (rest in self._aliases or self._lead.match(rest)):
                    soft = self._soft.match(typed, soft.end(), end)
                    if soft is None or typed[soft.end() : end] not in self._aliases:  # 累计|完成|公共财政预算收入
                        break
                kept = start if soft[0] in self._kept else soft.end()
                start = soft.end()
                continue
            start = match.end() - typed.startswith(("上级", "上年结"), match.end() - 1)  # 加|上级补助收入
            kept = max(kept, start - 2) if typed[max(start - 2, first) : start] in self._kept else start
        end = self.without_tail(typed, start, end)
        end += typed.startswith(("占比", "下达"), end - 1)  # 比 and 达 end the name here
        if 0 < end - start <= 2 and kept < start:
            start = kept
        sign = typed.find("=", start + 2, end)
        end = sign if sign > 0 else end  # 执行率=（执行数÷预算数）×100%=94.46%
        for word in self._opens_inside:  # 项目支出包括委员活动经费 names 委员活动经费
            at = typed.rfind(word, start + 1, end - 2)
            if at > start and not _BRACKETS.search(typed, start, at) and not typed.startswith("产权", at + 2):
                start = at + len(word)
        start = self._after_and_so_on(typed, start, end)
        start, end = balance(typed, start, end)
        if end - start > 2 and typed[start] == "“" and typed[end - 1] == "”" and typed.find("”", start) == end - 1:
            start, end = start + 1, end - 1
        text = typed[start:end]
        if text in self._generic and start - 2 >= first and typed[start - 2 : start] in self._bare_verbs:
            start -= 2  # 争取资金: the verb is all that the name has
            text = typed[start:end]
        if (len(text) < 2 and text not in self._short) or text in self._generic or not has_word(text):
            return None
        achieved = self._achieved.fullmatch(text)
        if achieved is not None:
            return Phrase(start, end, achieved[1].removesuffix("分别") + achieved[2], made=True)
        return Phrase(start, end, text)

    def without_tail(self, typed: str, start: int, end: int) -> int:
        """Where a phrase ends when the words between it and its figure (已达, 共) are off."""
        match = self._tail.match(typed, start, end)
        if match is None:
            return end
        total = match.start() + 2  # 收入合计为: the total is a name of its own
        known = typed[start : match.start()] in self._flows and typed[start:total] in self._aliases
        return total if known else word_border(typed, start, match.start(), end)

    def past_receivers(
        self, typed: str, clause: int, receivers: int, end: int, named: Phrase | None, *, money: bool
    ) -> int:
        """Where the giving begins in `为25家|企业发放补贴`: a clause that begins with 为 and the like, then a count;
        or what is told of those counted in `3个|单位超预算列支`. `named` is what the count is of: a giving verb right
        after it begins what the next figure is of, too.
        """
        if named is not None and named.start == receivers and self._giving.match(typed, named.end, end):
            return named.end
        if not money:
            return receivers
        given = typed.startswith(self._given_to, clause, receivers)
        verb = (self._giving if given else self._told).search(typed, receivers, end)
        if verb is None or not (given or typed.endswith(self._bodies, receivers, verb.start())):
            return receivers
        return int(verb.start())

    def past_named_receivers(self, typed: str, start: int, end: int) -> int:
        """Where the giving begins in `向低保、特困等群众|发放补贴`; verbs that also name spending do not count."""
        if not typed.startswith(self._given_to, start, end):
            return start
        verb = self._handing.search(typed, start + 2, end - 2)
        return start if verb is None else int(verb.start())

    def subject(
        self, typed: str, start: int, end: int, names: dict[int, int], *, label: bool = False
    ) -> Phrase | None:
        """What a clause without a figure speaks of: the words before what it tells of them; `label` asks for a name."""
        if label and self._predicate.search(typed, start, end) is None:
            return self.label(typed, start, end, names)
        match = self._predicate.search(typed, start, end)
        return self.clean(typed, start, match.start() if match is not None else end, names)

    def _after_and_so_on(self, typed: str, start: int, end: int) -> int:
        """`办公费、水电费等公用经费` names 公用经费; a rest that names nothing (等资金) does not stand alone."""
        if ITEM_MARK.search(typed, start, end):
            return start  # 自然资源海洋气象等支出（类）
        at = typed.rfind("等", start, end)
        if (
            start < at < end - 2
            and typed[at + 1] not in "级次待额式于候价压距值"
            and typed[at - 1] not in "同高中初平均优对相"
        ):
            if typed[at + 1 : end] in self._bare_rest:
                return start
            if "、" in typed[start:at] or "”" in typed[start:at] or at - start > 6:
                return at + 1
        return start

    def scope(self, typed: str, start: int, end: int) -> Phrase | None:
        """A scope that stands for the part it names: `其中，市本级` → 市本级."""
        while start < end and typed[start] in "，：:、其中":
            start += 1
        text = typed[start:end]
        return Phrase(start, end, text) if text in self._scopes else None

    def thin_label(self, typed: str, start: int, end: int) -> Phrase | None:
        """The words before a count that name only a kind: `抽查资金2亿元、项目|56个`."""
        start += typed.startswith(("、", "和", "及", "的"), start)
        return Phrase(start, end, typed[start:end]) if typed[start:end] in self._thin else None

    def is_adverbial(self, text: str) -> bool:
        """Whether words before a cue tell how or why (`按法定程序`), not what."""
        text = text.lstrip(DATE_CHAR)
        if "的" in text or text.startswith(self._not_adverbial):  # but 用于教育的支出 is a name
            purpose = text.startswith(self._purpose_starts) and not text.endswith(self._of_heads)
            return purpose or any(word in text for word in self._reasons)
        return text.startswith((*self._adverbial, *self._purpose_starts))

    def label(self, typed: str, start: int, end: int, names: dict[int, int]) -> Phrase | None:
        """A heading, or the words before a colon, when they name something that can be measured."""
        phrase = self.clean(typed, start, end, names)
        if phrase is None:
            return None
        text = phrase.text
        marked = any(mark in text for mark in self._marks) or ITEM_MARK.search(text)
        if text in self._aliases or text.endswith(self._label_ends) or marked:
            return Phrase(phrase.start, phrase.end, text, True)
        return None

    def is_comparison(self, text: str) -> bool:
        """Whether a clause only says what is compared with."""
        return text.startswith(self._against) or text.endswith(("相比", "原因", "如下"))

    def is_alias(self, text: str) -> bool:
        """Whether the phrase is a known name of an indicator."""
        return text in self._aliases

    def is_flow(self, text: str) -> bool:
        """收入, 支出 and the like, which say which side of the topic is meant."""
        return text in self._flows

    def is_remainder(self, text: str) -> bool:
        """Whether the words tell what is left of something else: a rate that follows is not of it."""
        return text in self._remainders

    def is_ratio_move(self, text: str) -> bool:
        """Whether the words between two ratios move the one to the other."""
        return text.lstrip("，") in self._ratio_moves

    def is_bare_verb(self, text: str) -> bool:
        """A verb that names nothing by itself: 建成, 共举办, 帮助城镇."""
        bare = text.lstrip("共已新先后累计实际并还再又")
        return bare in self._bare_verbs or (bare.endswith(self._where) and bare[:-2] in self._bare_verbs)

    def flow_of(self, topic: Phrase | None, phrase: Phrase) -> Phrase | None:
        """`支出` beside a topic 社会保险基金收入 is 社会保险基金支出; it stands after a topic in 预算."""
        if topic is None or topic.text in self._flows:
            return None
        side = "支出" if "支出" in phrase.text else "收入"
        for end in ("预算收入", "预算支出", "收入", "支出"):
            if topic.text.endswith(end) and len(topic.text) > len(end):
                return Phrase(phrase.start, phrase.end, topic.text[:-2] + side, made=True)
        if topic.text.endswith(("预算", "基金", "财政拨款")):
            return Phrase(phrase.start, phrase.end, topic.text + side, made=True)
        return None

    def spent_of(self, topic: Phrase, cue: int, place: int, typed: str) -> Phrase:
        """`实际支出` after income is the spending beside it; after 资金到位 it names itself."""
        made = self.flow_of(topic, Phrase(cue, place, "支出"))
        if made is not None or topic.text.endswith("收入"):
            return made or topic
        word = "实际支出" if "实际支出" in typed[cue:place] else "支出"
        at = typed.find(word, cue, place)
        return Phrase(at, at + len(word), word)

    def complete(self, names: list[Phrase]) -> list[Phrase]:
        """`失业、工伤保险参保人数`: what the last name shares with those before it is added to them."""
        if len(names) < 2:
            return names
        summed = _TOGETHER.search(names[-1].text)
        if summed is not None:  # 养老、失业五大保险参保人数
            end = names[-1]
            text = end.text[: summed.start()] + end.text[summed.end() :]
            names = [*names[:-1], Phrase(end.start, end.end, text, made=True)]
        last, before = names[-1].text, names[-2].text
        if last.endswith("）"):  # 批发业、零售业销售额（营业额）
            last = last[: max(last.rfind("（"), 0)]
        if last in self._flows:  # 一般公共预算收入和支出
            return [*names[:-1], self.flow_of(names[-2], names[-1]) or names[-1]]
        own = self.shared_noun(before)
        rest = last[last.rfind(own) + len(own) :] if own in last else ""
        if own and rest in self._heads:  # 盗窃案件、诈骗案件破案率
            return [
                Phrase(name.start, name.end, name.text + rest, made=True) if name.text.endswith(own) else name
                for name in names
            ]
        if not last.endswith(self._heads) or own:
            return names
        rest = last[len(before) :]
        # 工伤|保险 parts between words, 氮氧|化物 does not
        whole = len(before) in borders(last) or (len(before) <= 4 and is_word(last[: len(before)]))
        if len(rest) < 2 or not whole or rest[0] in "与和及的":  # the names are not alike: only the last noun is shared
            rest = max((head for head in self._heads if last.endswith(head)), key=len)
        return [
            name
            if name is names[-1] or name.text.endswith(self._heads)
            else Phrase(name.start, name.end, name.text + rest, made=True)
            for name in names
        ]

    def apart(self, phrase: Phrase, count: int) -> list[Phrase]:
        """The parts that a name tells together: 城乡居民 two, 三次产业 three; [] where it does not."""
        for words, parts in self._together:
            if len(parts) == count and words in phrase.text:
                return [
                    Phrase(phrase.start, phrase.end, phrase.text.replace(words, part, 1), made=True) for part in parts
                ]
        return []

    def shared_noun(self, text: str) -> str:
        """What the names before 等 share: 投入 in 教育、科技等领域的投入; nothing where it is no measure (等行业)."""
        return max((head for head in self._heads if text.endswith(head)), key=len, default="")

    def joins(self, typed: str, index: int, start: int, end: int) -> bool:
        """Whether 和, 与 or 及 at `index` parts two names (it does not inside a word, as in 和平)."""
        if index - start < 2 or end - index < 3:
            return False
        words = rjieba.cut(typed[max(start, index - 4) : min(end, index + 5)])
        position = max(start, index - 4)
        for word in words:
            if position == index:
                return len(word) == 1
            position += len(word)
        return False

    def opens_parts(self, between: str) -> bool:
        """Whether words between figures begin a list of parts: 其中, 包括, or a colon that goes on to the figure."""
        if not ("其中" in between or "：" in between or "，包括" in between or ":" in between):
            return False  # as it is between most figures
        at = max(between.rfind("其中"), between.rfind("，包括"), between.rfind("："), between.rfind(":"))
        if "；" in between[at:] or "。" in between[at:]:
            return False  # 主要包括：办公费等；公用经费12万元
        return between[at] in "其，" or not between[:at].rstrip(_DIGITS).endswith(self._report_leads)

    def purpose(self, typed: str, place: int, limit: int) -> Phrase | None:
        """What money spent without a name goes to: 安排4.9亿元，支持基础设施建设."""
        match = self._purpose.match(typed, place, limit)
        if match is None:
            return None
        end = match.end()
        while end < limit and end - match.end() < 22 and typed[end] not in _CUT and typed[end] != "、":
            end += 1
        return self.clean(typed, match.end(), end, {})

    def word_after(self, typed: str, place: int, limit: int) -> Phrase | None:
        """The first word after a figure, whatever it is: 吸引2160人参加 → 参加."""
        end = place
        while end < limit and end - place < 6 and typed[end] not in _CUT and typed[end] not in "、（）()”":
            end += 1
        if end - place < 2:
            return None
        word = rjieba.cut(typed[place:end])[0]
        return Phrase(place, place + len(word), word) if len(word) >= 2 and has_word(word) else None

    def noun_after(self, typed: str, place: int, limit: int, unit: str | None) -> Phrase | None:
        """The noun phrase that directly follows a figure: `12家` → `创业孵化基地`."""
        start = place
        while typed[start : start + 1] == "、" and typed[start + 1 : start + 2] in _FIGURES:
            start += 2  # 完成1.8万户、189万平方米棚改任务
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
        if unit == "人" and text.startswith("口"):
            return Phrase(start, start + 1, "人口", made=True)  # the figure took the first half of the word: 45万人口
        counted = place
        while counted and typed[counted - 1] in FIGURES:
            counted -= 1
        if typed.endswith(self._given_to, 0, counted) and self._giving.match(text):
            return self._clean(typed, start, end, {})  # 为230户发放补贴46万元
        alone = counted == 0 or typed[counted - 1] in _ALONE
        if alone and unit in _PEOPLE and self._befalls.match(text):
            return Phrase(start, end, text)  # 有520人次获得补贴
        if not text or (not has_word(text[0]) and text[0] != "“") or self._no_noun.match(text):
            return None
        length = noun_length(text, self._verb_nouns)
        if text[:length] in self._tasks and unit not in _THINGS:
            return None  # 市下达的12万亩任务
        if length == 0:  # 零就业家庭 begins with a numeral
            length = next((size for size in range(min(len(text), 16), 2, -1) if text[:size] in self._aliases), 0)
        if length == 0:
            giving = self._giving.search(text, 2, 14)  # 为700多户脱贫户发放了贷款
            if giving is None:
                return None
            length = giving.start()
        if unit in _TIMES and rjieba.tag(text)[0][1] == "v":
            length = min(len(text), 18)  # 两次编制预算调整方案
        handing = self._handing.search(text, 2, length)
        if handing is not None:
            length = int(handing.start())  # 10户小企业放贷
        told = self._told.search(text, 1, 20)
        if told is not None and text.endswith(self._bodies, 0, told.start()):
            length = int(told.start())
        elif text[:length] in self._thin:
            giving = self._giving.search(text, length, 20)
            length = min(len(text), 20) if giving is None else max(length, giving.start())
            length -= text[:length].endswith("中") and text[: length - 1] in self._thin  # 抽查的35个项目中，
        length = len(text[:length].rstrip("的"))
        return Phrase(start, start + length, text[:length])

    def shares_noun(self, typed: str, start: int, end: int, after: int) -> bool:
        """Whether a figure after a verb is followed by another that counts the same: 完成3万户、20万平方米|改造."""
        return (
            typed[after] == "、" and typed[after + 1 : after + 2] in _FIGURES and self.ends_in_verb(typed, start, end)
        )

    def keeps(self, phrase: Phrase, noun: Phrase, typed: str) -> bool:
        """Whether a figure is of the phrase before it although a noun follows: 企业218家|职工8600人."""
        return self.is_alias(phrase.text) or (typed[noun.end : noun.end + 1] in _FIGURES and is_word(noun.text))

    def ends_in_verb(self, typed: str, start: int, end: int) -> bool:
        """Whether the words before a figure end in a verb that takes the counted noun after the figure."""
        match = self._verb_end.match(typed, start, end)
        return match is not None and match.start() < end
