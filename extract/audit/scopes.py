"""What a value is of: the whole city or the city's own level, this body or another."""

from __future__ import annotations

import re
from typing import Final

from extract.audit.ledger import Ledger
from extract.records import Metric

_SCOPE: Final = re.compile(
    "全[市县区省国州旗盟镇]|全自治区|[省市县区州旗]本级|[省市县区州旗]级(?![以别部预单下财])|高新区|开发区"
)


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
    first, _ = ledger.line(metric.sentence.start)
    told = _SCOPE.findall(ledger.text, first, metric.sentence.start)
    if told:
        return str(told[-1])
    for section in ledger.path(metric.section):
        found = _SCOPE.search(ledger.sections[section].title)
        if found is not None:
            return found[0]
    return None
