"""What is marked in a report: figures, names, headings, and links between figures.

=========  =====================================  ===================================================================
layer      label                                  attributes
=========  =====================================  ===================================================================
quantity   kind (money, count, rate …)            role, indicator, value, low, high, unit, comparator, approx,
                                                  metric_value (signed, where it is not `value`), change (direction),
                                                  pair (alone)
words      words                                  a side of a pair, or a change, that is words and no figure
entity     type (ORG, PLACE, DATE …)              norm
section    type (revenue, performance_results …)  title, level
=========  =====================================  ===================================================================

Links: ``target`` from a target or budget to its result, ``completion`` from a rate to the target (or, without one, the
result) that it is the completion of, ``rate`` from a growth rate to the difference it belongs to, ``previous`` from the
old level to the new one where a change is told without a difference.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from extract.records import (
    COMPARATORS,
    ENTITY_TYPES,
    QUANTITY_KINDS,
    ROLES,
    Indicator,
    Metric,
    Pair,
    Quantity,
    Report,
    Side,
)
from extract.write import number

LINKS: Final = ("target", "completion", "rate", "previous")
WORDS: Final = "words"
DIRECTIONS: Final = ("increase", "decrease", "flat")
#: attributes of figures that have a fixed list of values; all others are words
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "role": ROLES,
    "comparator": COMPARATORS,
    "approx": ("true",),
    "change": DIRECTIONS,
    "pair": ("alone",),  # a result whose target is only told by how far it was exceeded
}
#: attributes that are words, by layer
TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "quantity": (
        "indicator", "value", "low", "high", "unit", "metric_value", "pair_indicator", "change_indicator", "stated",
    ),
    "words": ("pair_indicator", "change_indicator", "stated"),
    "entity": ("norm",),
    "section": ("title", "level"),
}  # fmt: skip
LABELS: Final = {"quantity": QUANTITY_KINDS, "words": (WORDS,), "entity": ENTITY_TYPES}


class AnnotationError(ValueError):
    """Marks that cannot be used; the message names file and mark and says what to do."""


class Mark(Struct, frozen=True):
    """A marked place. Offsets are of the source text."""

    id: str
    layer: str
    label: str
    start: int
    end: int
    text: str
    attributes: dict[str, str]


class Link(Struct, frozen=True):
    """An arrow from one mark to another, by their ids."""

    kind: str
    source: str
    target: str


class Annotated(Struct, frozen=True):
    """A document with its marks, in the order of the text; `file` is the name of the source file."""

    doc_id: str
    file: str
    text: str
    marks: list[Mark]
    links: list[Link]


class PlainText:
    """A source text with plain line feeds, and the way between the two: positions of the one to those of the other."""

    def __init__(self, source: str, *, removed: Sequence[int] | None = None) -> None:
        returns = [at for at, char in enumerate(source) if char == "\r"] if removed is None else removed
        if removed is None:
            returns = [at for at in returns if source[at + 1 : at + 2] == "\n"]
        self.removed = list(returns)
        gone = set(self.removed)
        self.text = "".join(char for at, char in enumerate(source) if at not in gone) if gone else source
        self.text = self.text.replace("\r", "\n")  # alone it ends a line too, and takes as much room
        self._shifted = [at - count for count, at in enumerate(self.removed)]

    def plain(self, position: int) -> int:
        """Where a position of the source is in the plain text."""
        return position - bisect_left(self.removed, position)

    def source(self, position: int) -> int:
        """Where a position of the plain text is in the source."""
        return position + bisect_right(self._shifted, position)

    def source_end(self, position: int) -> int:
        """The same for the end of a span: the character before it decides."""
        return self.source(position - 1) + 1 if position else 0


def annotate(report: Report, text: str, *, file: str) -> Annotated:
    """A report as marks: what an annotator corrects. `text` is its decoded source text."""
    return _Annotator(report, text, file).annotated()


class _Annotator:
    """One report on its way to marks."""

    def __init__(self, report: Report, text: str, file: str) -> None:
        self.report, self.text, self.file = report, text, file
        self.metrics: dict[str, Metric] = {}
        for metric in report.metrics:
            self.metrics.setdefault(metric.quantity, metric)
        self.by_id = {metric.id: metric for metric in report.metrics}
        self.at = {(quantity.start, quantity.end): quantity.id for quantity in report.quantities}
        self.more: dict[str, dict[str, str]] = {}  # attributes that pairs and changes add to figures
        self.words: dict[tuple[int, int], str] = {}
        self.links: list[Link] = []

    def annotated(self) -> Annotated:
        for pair in self.report.pairs:
            self._pair(pair)
        self._changes()
        marks = [*self._sections(), *self._entities(), *self._quantities(), *self._words()]
        marks.sort(key=lambda mark: (mark.start, -mark.end, mark.id))
        return Annotated(self.report.doc_id, self.file, self.text, marks, list(dict.fromkeys(self.links)))

    def _mark(self, name: str, layer: str, label: str, start: int, end: int, more: Mapping[str, str | None]) -> Mark:
        told = {key: value for key, value in more.items() if value}
        return Mark(name, layer, label, start, end, self.text[start:end], told)

    def _sections(self) -> Iterator[Mark]:
        for one in self.report.sections:
            if one.heading.end > one.heading.start:
                attributes = {"title": one.title, "level": str(one.level)}
                yield self._mark(one.id, "section", one.type, one.heading.start, one.heading.end, attributes)

    def _entities(self) -> Iterator[Mark]:
        for one in self.report.entities:
            yield self._mark(one.id, "entity", one.type, one.start, one.end, {"norm": one.norm})

    def _quantities(self) -> Iterator[Mark]:
        for one in self.report.quantities:
            yield self._mark(one.id, "quantity", one.kind, one.start, one.end, self._figure(one))

    def _figure(self, one: Quantity) -> dict[str, str | None]:
        metric = self.metrics.get(one.id)
        attributes: dict[str, str | None] = {
            "role": metric.role if metric else None,
            "indicator": metric.indicator.text if metric and metric.indicator else None,
            "value": number(one.value),
            "low": number(one.low),
            "high": number(one.high),
            "unit": one.unit,
            "comparator": one.comparator,
            "approx": "true" if one.approx else None,
        }
        if metric and metric.value != one.value:
            attributes["metric_value"] = number(metric.value)
        return {**attributes, **self.more.get(one.id, {})}

    def _words(self) -> Iterator[Mark]:
        for (start, end), name in self.words.items():
            yield self._mark(name, "words", WORDS, start, end, self.more.get(name, {}))

    def _pair(self, pair: Pair) -> None:
        result = self._side(pair.actual)
        target = self._side(pair.target)
        if result is None:
            return
        self._tell(result, "pair_indicator", pair.indicator)
        if target is not None:
            self.links.append(Link("target", target, result))
        elif pair.completion is None:
            self.more.setdefault(result, {})["pair"] = "alone"
        if pair.completion is not None:
            rate = self._rate(pair.completion, pair)
            if rate is not None:
                self.links.append(Link("completion", rate, target or result))
            else:
                self.more.setdefault(target or result, {})["stated"] = str(number(pair.completion))

    def _side(self, side: Side | None) -> str | None:
        """The figure that is a side, or a mark over its words."""
        if side is None:
            return None
        if side.metric is not None and side.metric in self.by_id:
            return self.by_id[side.metric].quantity
        return self.at.get((side.start, side.end)) or self._worded(side.start, side.end)

    def _worded(self, start: int, end: int) -> str:
        return self.words.setdefault((start, end), f"w{len(self.words) + 1}")

    def _rate(self, value: Decimal, pair: Pair) -> str | None:
        """The figure that states the completion: the nearest one of this value and role."""
        found = [
            (abs(quantity.start - pair.end), quantity.id)
            for quantity in self.report.quantities
            if quantity.value == value
            and (metric := self.metrics.get(quantity.id)) is not None
            and metric.role == "completion"
            and pair.start - 200 <= quantity.start <= pair.end + 200
        ]
        return min(found)[1] if found else None

    def _changes(self) -> None:
        for change in self.report.changes:
            delta, rate, current, previous = (
                self.by_id[name].quantity if name in self.by_id else None
                for name in (change.delta, change.rate, change.current, change.previous)
            )
            head = delta or rate
            if head is None and current is not None and previous is not None:
                head = current
                self.links.append(Link("previous", previous, current))
            elif head is None:
                head = self._worded(change.start, change.end)
            if delta is not None and rate is not None:
                self.links.append(Link("rate", rate, delta))
            self.more.setdefault(head, {})["change"] = change.direction
            self._tell(head, "change_indicator", change.indicator)

    def _tell(self, mark: str, name: str, indicator: Indicator | None) -> None:
        """Name the indicator of a pair or change where it is not that of its figure."""
        metric = self.metrics.get(mark)
        own = metric.indicator.text if metric and metric.indicator else None
        if indicator is not None and indicator.text != own:
            self.more.setdefault(mark, {})[name] = indicator.text
