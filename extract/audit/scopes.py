"""What a value is of: the whole city or the city's own level, this body or another."""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import itemgetter
from typing import Final

from extract.audit.ledger import Ledger
from extract.records import Metric

_SCOPE: Final = re.compile(
    "全[市县区省国州旗盟镇]|全自治区|[省市县区州旗]本级|[省市县区州旗]级(?![以别部预单下财])|高新区|开发区"
)


_LONGEST: Final = 4  # characters of such a word


def same_scope(ledger: Ledger, one: Metric, other: Metric) -> bool:
    """Whether two values are of one subject, as far as the text says; a subject told of one only is another one."""
    first, second = _scope(ledger, one), _scope(ledger, other)
    if first == second:
        return True
    own = _own(ledger)
    if first is None or second is None:
        return (first is None or first in own) and (second is None or second in own)
    return first in second or second in first or (first in own and second in own)


def near_scope(ledger: Ledger, one: Metric, other: Metric) -> bool:
    """Whether two values may be of one subject: it is the same, or told of one of them only."""
    return one.subject is None or other.subject is None or same_scope(ledger, one, other)


def _own(ledger: Ledger) -> set[str]:
    """The names under which a report speaks of its own body."""
    info = ledger.report.document
    return {name for name in (info.organisation, info.region.county, info.region.prefecture) if name}


def _scope(ledger: Ledger, metric: Metric) -> str | None:
    if metric.subject is not None:
        return metric.subject
    told = _last_told(ledger, metric.sentence.start)
    if told is not None:
        return told
    for section in ledger.path(metric.section):
        found = _SCOPE.search(ledger.sections[section].title)
        if found is not None:
            return found[0]
    return None


def _last_told(ledger: Ledger, place: int) -> str | None:
    """The last scope told in the line before a place; a line is read once, however many places are asked for."""
    first, last = ledger.line(place)
    spans = ledger.scopes_of_lines.get(first)
    if spans is None:
        spans = ledger.scopes_of_lines[first] = [match.span() for match in _SCOPE.finditer(ledger.text, first, last)]
    at = bisect_right(spans, place, key=itemgetter(1))  # so many end before the place
    known = spans[at - 1] if at else None
    # a word right before the place is whole there whatever follows it
    cut = _SCOPE.findall(ledger.text, max(known[1] if known else first, place - _LONGEST), place)
    if cut:
        return str(cut[-1])
    return ledger.text[known[0] : known[1]] if known else None
