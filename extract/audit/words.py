"""The words that the rules look for, read from the grammar (patterns/audit.toml and its tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from extract.patterns import Pack, Rule

_MOST_STEMS: Final = 10_000
_SHORTEST: Final = 2  # characters that still name something
LANGUAGES: Final = ("zh", "en")


class Words:
    """Word lists and rules of the audit, compiled once for any number of reports."""

    def __init__(self, pack: Pack) -> None:
        lists = pack.words
        self.other_basis = re.compile(either(lists("other_basis")))
        self.real_terms = re.compile(either(lists("real_terms")))
        self.unitless = re.compile(rf"(?:{either(lists('unitless'))})$")
        self.balance = re.compile(
            rf"(?P<side>收入|支出)(?:{either(lists('balance_ends'))})(?:数|额)?(?:为|是|共|达)?\s?$"
        )
        self.account_genres = frozenset(lists("account_genres"))
        self.carried = re.compile(either(lists("carried")))
        self._single = frozenset(one for one in lists("single_values") if not one.endswith("."))
        self._single_groups = tuple(one for one in lists("single_values") if one.endswith("."))
        self._not_single = frozenset(lists("many_values"))
        self._total_names = frozenset(lists("total_names"))
        self._own_scores = re.compile(rf"^(?:{either(lists('own_scores'))})$")
        self._fund_totals = frozenset(lists("fund_totals"))
        self._budget_rows = re.compile(either(lists("budget_rows")))
        self.soft = re.compile(either(lists("soft_words")))
        self.soft_ends = re.compile(rf"(?:{either(lists('soft_ends'))})$")
        self.claims = re.compile(either(lists("claims")))
        self.not_claims = re.compile(either(lists("not_claims")))
        self.greater = frozenset(lists("greater_words"))
        self.smaller = frozenset(lists("smaller_words"))
        self.equal = frozenset(lists("equal_words"))
        compare = either([*lists("greater_words"), *lists("smaller_words"), *lists("equal_words")])
        result, plan = either(lists("result_words")), either(lists("plan_words"))
        # looked for from the end: plans are rarer than words for results
        self.comparison = re.compile(rf"(?P<word>{compare})(?:于)?\s?(?P<plan>(?:{plan})(?:数|金额)?)")
        self.result = re.compile(rf"(?:{result})(?:数|额|金额)?[，\s]?$")
        self.alike = re.compile(
            rf"(?:{result})(?:数|额)?(?:与|和|同)(?P<plan>(?:{plan})(?:数)?)(?P<word>持平|一致|相同|相等)"
        )
        self.whole = re.compile(rf"(?:{either(lists('whole_ends'))})$")
        self.summing = re.compile(rf"(?:{either(lists('summing_words'))})(?:为|达)?")
        self.added = re.compile(rf"(?:^|[。；，：\n\s])(?:{either(lists('added_words'))})[^。；\n]*$")
        self.fund = re.compile(either(lists("other_funds")))
        self.of_any_fund = frozenset(lists("of_any_fund"))
        self.nested = re.compile(either(lists("nested_words")))
        leads = lists("list_leads")
        lasts = "".join(sorted({word[-1] for word in leads}))
        # from the last character of such words at the end of a line; `list_lead` then reads them whole
        self.list_leads = re.compile(rf"[{lasts}][：:，,]?[ \t\u3000]*\n|[。；][ \t\u3000]*\n\s*其中[：:]")
        self.list_lead = re.compile(rf"(?:{either(leads)}|[。；])$")
        self.topic = re.compile(r"(?P<base>[^，。；：\n]{2,40}?)(?:中|里)[，,]")
        self.down = frozenset(row["id"] for row in pack.table("indicators") if row["direction"] == "down")
        self._residue = [_Residue(rule) for rule in pack.of_kind("residue")]
        self.identities = [
            (row["total"], tuple(row["parts"].split(";")), row["where"]) for row in pack.table("audit_identities")
        ]
        self.identity_indicators = frozenset(one for whole, parts, _ in self.identities for one in (whole, *parts))
        self._stems: dict[str, str] = {}  # names recur, within a report and from one to the next
        self.messages = {row["id"]: row for row in pack.table("audit_messages")}

    def residue(self, text: str) -> list[tuple[int, int]]:
        """Where words of a form were left in a text, for each rule in the order of the text."""
        return [span for rule in self._residue for span in rule.spans(text)]

    def single(self, indicator: str | None) -> bool:
        """Whether an indicator has one value for a period and a scope."""
        return (
            indicator is not None
            and indicator not in self._not_single
            and (indicator in self._single or indicator.startswith(self._single_groups))
        )

    def total_name(self, name: str) -> bool:
        """Whether a row of a score table is its total: 总分, 合计."""
        return "".join(name.split()) in self._total_names

    def budget_row(self, name: str) -> bool:
        """Whether a row of a score table is of the budget's execution."""
        return self._budget_rows.search(name) is not None

    def fund_total(self, name: str) -> bool:
        """Whether a row of a fund table is the total of the sources below it: 年度资金总额."""
        return "".join(name.split()) in self._fund_totals

    def own_score(self, name: str) -> bool:
        """Whether a score is that of the whole: 自评, 自评得分, 总分."""
        return self._own_scores.search(name) is not None

    def bare(self, name: str) -> str:
        """A name without words that do not change what it names: 完成职业技能培训 → 职业技能培训."""
        return self.soft.sub("", "".join(name.split()))

    def stem(self, name: str) -> str:
        """A bare name without a last word that says how it is measured: 人员经费支出 → 人员经费."""
        known = self._stems.get(name)
        if known is None:
            if len(self._stems) >= _MOST_STEMS:
                self._stems.clear()
            short = self.soft_ends.sub("", self.bare(name))
            # 本年支出合计 is nothing but such words
            known = short if len(short) >= _SHORTEST else "".join(name.split())
            self._stems[name] = known
        return known


class _Residue:
    """One rule for words of a form, run only where they may stand.

    `needs` are words of which one occurs in a text that the rule reads; with `reach` every match begins at such a word
    or up to so many characters before it, and the rule is tried there alone.
    """

    def __init__(self, rule: Rule) -> None:
        self._pattern = rule.pattern
        self._needs = [word for word in str(rule.set.get("needs", "")).split("|") if word]
        self._reach = int(rule.set["reach"]) if self._needs and "reach" in rule.set else None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The matches in a text, in its order, none over another."""
        # one character is looked for many times faster than two
        words = [word for word in self._needs if word[0] in text and word in text]
        if self._needs and not words:
            return []
        if self._reach is None:
            return [match.span() for match in self._pattern.finditer(text)]
        places = {max(0, at - back) for word in words for at in _places(text, word) for back in range(self._reach + 1)}
        spans: list[tuple[int, int]] = []
        end = 0
        for place in sorted(places):
            match = self._pattern.match(text, place) if place >= end else None
            if match is not None:
                spans.append(match.span())
                end = match.end()
        return spans


def _places(text: str, word: str) -> Iterator[int]:
    """Where a word stands in a text, once for each character where it begins."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def either(words: list[str]) -> str:
    """Any of some words, the longest first, as a regular expression."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
