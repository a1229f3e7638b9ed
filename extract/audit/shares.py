"""Shares of a whole: each against part and whole, all of one list against 100 %."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from extract.audit.draft import Draft
from extract.audit.intervals import HUNDRED, percent, rounded, total
from extract.audit.ledger import Figure, Ledger
from extract.audit.rates import slip
from extract.audit.scopes import same_scope
from extract.audit.show import amount
from extract.audit.words import Words
from extract.records import Metric

_BASE: Final = re.compile(
    r"占(?P<base>[^，。；：、\n\d%占]{0,40}?)(?:的)?(?:比重|比例|比)?(?:分别)?(?:为|达到?|是)?(?:约|近)?$"
)
_EARLIER: Final = re.compile("上年|去年|同期|增[量幅长]|新增|增加")
_RATIO: Final = re.compile(r"\s*[:：∶]\s*")
_PART_REACH: Final = 120
_BASE_REACH: Final = 3_000
_TOPIC: Final = 60  # more characters than the words that open a sentence with its topic
_LONG: Final = 4  # characters of a name that may be the end of a longer one
_LEVELS: Final = ("actual", "budget", "budget_adjusted", "target")


def shares(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """`占X的P%` against the amounts of the part and of X."""
    listed: dict[str, tuple[str, str | None, bool]] = {}
    for breakdown in ledger.report.breakdowns:
        rates = [ledger.figure(part.share) for part in breakdown.parts]
        whole = sum((one.value for one in rates if one is not None), Decimal(0)) == HUNDRED
        for one in breakdown.parts:
            if one.share is not None:
                listed[one.share] = (one.metric, breakdown.total, whole)
    for share in ledger.of_role("share"):
        metric = share.metric
        if metric.unit != "%" or metric.source == "table" or not share.plain:
            continue
        part_id, total_id, whole = listed.get(metric.id, (None, None, False))
        part = ledger.figure(part_id) or _part_before(ledger, share)
        if part is None or not part.plain or part.metric.comparator != "=":
            continue
        base, sure = _base(ledger, words, share, part, ledger.figure(total_id))
        if base is None or base.value <= 0 or base is part or part.value < 0:
            continue
        draft = _share(ledger, share, part, base, adjusted=whole, sure=sure)
        if draft is not None:
            yield draft


def _share(ledger: Ledger, share: Figure, part: Figure, base: Figure, *, adjusted: bool, sure: bool) -> Draft | None:
    # in a list that is made to add up to 100 one share may be adjusted by a unit of its last place
    stated = share.interval.widened(share.last_place) if adjusted else share.interval
    value = part.value / base.value * HUNDRED
    if stated.holds(value):
        return None  # the usual case, decided at once
    expected = percent(part.interval, base.interval)
    if expected is None or expected.meets(stated):
        return None
    if not sure and _other_whole(ledger, share, part, base):
        return None
    if not sure and value > HUNDRED:
        return None  # not a part of this whole
    return Draft(
        "share",
        "error",
        "share",
        {
            "formula": f"{amount(part, base)} ÷ {amount(base, part)}",
            "part": part.name,
            "base": base.name,
            "expected": f"{rounded(value)}%",
            "stated": share.shown,
            **slip(value, share.value),
        },
        share.value,
        rounded(value),
        rounded(expected.half + stated.half, 4),
        (part.id, base.id, share.id),
        share.start,
        share.end,
    )


def _part_before(ledger: Ledger, share: Figure) -> Figure | None:
    """The amount that a share speaks of: the one just before it, of the same name."""
    for one in ledger.before(share.start, _PART_REACH):
        if one.metric.sentence != share.metric.sentence:
            return None
        if one.metric.role in _LEVELS and one.metric.kind not in ("rate", "percentage_point"):
            return one if one.name == share.name else None
    return None


def _base(
    ledger: Ledger, words: Words, share: Figure, part: Figure, listed: Figure | None
) -> tuple[Figure | None, bool]:
    """The whole of a share, and whether the text names it."""
    first = max(part.end, share.start - 60) if part.start < share.start else share.start - 60
    match = _BASE.search("".join(ledger.text[first : share.start].split()))
    named = match["base"] if match is not None else ""
    if named:
        if _EARLIER.search(named):
            return None, False
        return _named_base(ledger, words, named, share, part), True
    if listed is not None:
        return (listed, False) if _alike(listed, part) else (None, False)
    sentence = share.metric.sentence
    topic = words.topic.match(_opening(ledger.text, sentence.start, part.start))
    if topic is not None:
        return _named_base(ledger, words, topic["base"], share, part), True
    if match is not None:  # 占比 alone: of the total that the paragraph has just told
        first, _ = ledger.line(part.start)
        last = ledger.last_between(first, part.start)
        if last is not None and _alike(last, part) and words.whole.search(last.name):
            return last, False
    return None, False


def _opening(text: str, start: int, end: int) -> str:
    """The first words of text[start:end] without white space, as many as a topic may have."""
    reach = 4 * _TOPIC
    while True:
        opening = "".join(text[start : min(end, start + reach)].split())
        if len(opening) >= _TOPIC or start + reach >= end:
            return opening
        reach *= 2


def _named_base(ledger: Ledger, words: Words, named: str, share: Figure, part: Figure) -> Figure | None:
    wanted = words.stem(named)
    if len(wanted) < 2:
        return None
    long = len("".join(named.split())) >= _LONG
    found: list[Figure] = []
    kind, unit, role = part.metric.kind, part.metric.unit, part.metric.role
    for one in ledger.before(share.start, _BASE_REACH):
        metric = one.metric  # what differs most is looked at first; `_alike` decides
        if metric.role != role or metric.kind != kind or metric.unit != unit or one is part or not _alike(one, part):
            continue
        stem = words.stem(one.name)
        inside = len(words.bare(one.name)) >= _LONG and wanted.endswith(stem)
        if stem and (stem == wanted or inside or (long and stem.endswith(wanted))):
            found.append(one)
    if not found:
        return None
    for one in found:  # the whole of the section may have a longer name: 财政拨款基本支出
        rate = percent(part.interval, one.interval)
        if rate is not None and rate.meets(share.interval):
            return one
    found = [one for one in found if same_scope(ledger, one.metric, part.metric)]
    exact = [one for one in found if words.stem(one.name) == wanted]
    return next(iter(exact or found), None)


def _alike(one: Figure, part: Figure) -> bool:
    first, second = one.metric, part.metric
    return (
        first.kind == second.kind
        and first.unit == second.unit
        and first.role == second.role
        and first.comparator == "="
        and _year(first) == _year(second)
    )


def _year(metric: Metric) -> str | None:
    return metric.period.start[:4] if metric.period is not None and metric.period.start else None


def _other_whole(ledger: Ledger, share: Figure, part: Figure, base: Figure) -> bool:
    """Whether the share fits another amount told before in the same paragraph: a list inside a list."""
    first, _ = ledger.line(share.start)
    for one in ledger.between(max(first, share.start - 1_500), share.start):
        if one is not base and one is not part and one.value >= part.value > 0 and _alike(one, part):
            rate = percent(part.interval, one.interval)
            if rate is not None and rate.meets(share.interval):
                return True
    return False


# --- sums of shares ------------------------------------------------------------------------------------------------
def share_sums(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """The shares of a complete list add up to 100 %; a ratio like 10.2:31.3:58.5 too."""
    for breakdown in ledger.report.breakdowns:
        figures = [ledger.figure(part.share) for part in breakdown.parts]
        rates = [one for one in figures if one is not None and one.plain]
        if len(rates) < 2 or len(rates) != len(breakdown.parts) or words.nested.search(_inside(ledger, rates)):
            continue
        whole = ledger.figure(breakdown.total)
        parts = [one for one in (ledger.figure(part.metric) for part in breakdown.parts) if one is not None]
        sums = total([one.interval for one in parts])
        complete = whole is not None and len(parts) == len(rates) and sums.meets(whole.interval)
        yield from _sum_of_shares(rates, breakdown.id, complete=complete)
    yield from _ratios(ledger)


def _inside(ledger: Ledger, rates: Sequence[Figure]) -> str:
    return ledger.text[rates[0].start : rates[-1].start]


def _sum_of_shares(rates: Sequence[Figure], source: str | None, *, complete: bool) -> Iterator[Draft]:
    sums = total([one.interval for one in rates])
    value = sum((one.value for one in rates), Decimal(0))
    if sums.low <= HUNDRED <= sums.high or (sums.high < HUNDRED and not complete):
        return
    yield Draft(
        "shares_sum",
        "error",
        "shares_sum",
        {
            "formula": " + ".join(f"{one.value:f}" for one in rates if one.value),
            "stated": f"{value:f}%",
            "expected": "100%",
        },
        value,
        HUNDRED,
        rounded(sums.half, 4),
        tuple(([source] if source else []) + [one.id for one in rates]),
        rates[0].start,
        rates[-1].end,
    )


def _ratios(ledger: Ledger) -> Iterator[Draft]:
    """三次产业结构为10.2:31.3:58.5: shares side by side with colons between them."""
    run: list[Figure] = []
    for one in [*ledger.of_role("share"), None]:
        if one is not None and one.metric.unit is None:
            if run and _RATIO.fullmatch(ledger.text, run[-1].end, one.start):
                run.append(one)
                continue
            following = one
        else:
            following = None
        value = sum((figure.value for figure in run), Decimal(0))
        if len(run) >= 2 and 90 < value < 110:  # shares in percent, not 2.9:1
            yield from _sum_of_shares(run, None, complete=True)
        run = [following] if following is not None else []
