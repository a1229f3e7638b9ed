"""From tables that are read to records, laid among those of the running text so that all stand in document order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Final

import msgspec
from msgspec.structs import force_setattr, replace

from extract.drafts import is_met
from extract.numbers import plain
from extract.records import Cell, Indicator, Metric, Pair, Period, Quantity, Report, Section, Side, Span, Table
from extract.table_readings import Name, ReadTable, TablePair, TableSide

_HUNDRED: Final = Decimal(100)


class Naming(msgspec.Struct, frozen=True):
    """What the document knows of names and times: indicator ids and directions, the period of a section."""

    indicator_id: Callable[[str, str, str | None], str | None]
    directions: dict[str, str]
    periods: dict[str | None, Period | None]


def lay_in(report: Report, tables: Sequence[ReadTable], naming: Naming) -> Report:
    """The report with the records of its tables. Without tables it is returned as it is.

    All ids are given anew, in the records of `report` too, which is not to be used afterwards.
    """
    if not tables:
        return report
    sections = _Sections(report.sections)
    records: list[Table] = []
    quantities = list(report.quantities)
    metrics = list(report.metrics)
    pairs = list(report.pairs)
    spans = [(table.grid.start, table.grid.end) for table in tables]
    starts = [start for start, _ in spans]

    def table_at(place: int) -> str | None:
        number = bisect_right(starts, place) - 1
        return f"t{number + 1}" if number >= 0 and place < spans[number][1] else None

    for one in quantities:
        if (of := table_at(one.start)) is not None:
            force_setattr(one, "table", of)
    for number, table in enumerate(tables, 1):
        section = sections.at(table.grid.start)
        records.append(_table(f"t{number}", table, section))
        maker = _Maker(table, f"t{number}", section, naming)
        maker.make()
        quantities += maker.quantities
        metrics += maker.metrics
        pairs += maker.pairs
    return _in_order(replace(report, tables=records, quantities=quantities, metrics=metrics, pairs=pairs))


class _Sections:
    """Which section a place stands in."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._starts = [section.start for section in sections]
        self._ids = [section.id for section in sections]

    def at(self, place: int) -> str | None:
        number = bisect_right(self._starts, place) - 1
        return self._ids[number] if number >= 0 else None


def _table(identifier: str, table: ReadTable, section: str | None) -> Table:
    return Table(
        identifier,
        table.caption,
        table.header,
        table.rows,
        section,
        table.grid.start,
        table.grid.end,
        [
            Cell(
                seen.cell.row, seen.cell.column, seen.text, seen.cell.start, seen.cell.end, seen.cell.rowspan,
                seen.cell.colspan, seen.status,
            )
            for seen in table.cells
        ],
        table.subject,
    )  # fmt: skip


class _Maker:
    """Makes the records of one table, with ids that hold inside this table only."""

    def __init__(self, table: ReadTable, identifier: str, section: str | None, naming: Naming) -> None:
        self.table = table
        self.id = identifier
        self.section = section
        self.naming = naming
        self.quantities: list[Quantity] = []
        self.metrics: list[Metric] = []
        self.pairs: list[Pair] = []
        self.ids: dict[int, str] = {}

    def make(self) -> None:
        """All quantities, metrics and pairs."""
        period = self.naming.periods[self.section]
        for number, saying in enumerate(self.table.sayings):
            figure = saying.figure
            quantity = f"{self.id}.q{number}"
            metric = self.ids[id(saying)] = f"{self.id}.m{number}"
            self.quantities.append(
                Quantity(
                    quantity, figure.kind, saying.text, figure.value, figure.unit, figure.comparator, figure.approx,
                    figure.low, figure.high, saying.start, saying.end, self.section, self.id, saying.rule,
                )
            )  # fmt: skip
            year = saying.year
            own = Period(f"{year}年", f"{year}-01-01", f"{year}-12-31") if year is not None else period
            self.metrics.append(
                Metric(
                    metric, quantity, self._indicator(saying.name, figure.kind, figure.unit), saying.role, figure.value,
                    figure.unit, figure.kind, figure.comparator, figure.approx, own, self.table.subject, self.section,
                    Span(*saying.row), "table", saying.rule, figure.inherited,
                )
            )  # fmt: skip
        for number, pair in enumerate(self.table.pairs):
            self.pairs.append(self._pair(pair, f"{self.id}.p{number}"))

    def _indicator(self, name: Name | None, kind: str, unit: str | None) -> Indicator | None:
        if name is None:
            return None
        return Indicator(
            name.text, name.start, name.end, self.naming.indicator_id(name.known_as or name.text, kind, unit)
        )

    def _side(self, side: TableSide | None) -> Side | None:
        if side is None:
            return None
        if side.saying is None:
            return Side(side.text, side.start, side.end, None, None, None, None)
        figure = side.saying.figure
        return Side(
            side.text, side.start, side.end, figure.value, figure.unit, figure.comparator, self.ids[id(side.saying)]
        )

    def _pair(self, pair: TablePair, identifier: str) -> Pair:
        target, actual = self._side(pair.target), self._side(pair.actual)
        assert actual is not None
        goal, done = (target.value if target is not None else None), actual.value
        stated = pair.completion.figure.value if pair.completion is not None else None
        alike = target is not None and _alike(target, actual)
        computed = _rounded(done / goal * _HUNDRED) if alike and goal and done is not None else None
        implied = _rounded(done / stated * _HUNDRED) if target is None and done is not None and stated else None
        of = pair.actual.saying or (pair.target.saying if pair.target is not None else None)
        indicator = self._indicator(pair.name, of.figure.kind if of else "text", of.figure.unit if of else None)
        direction = self.naming.directions.get(indicator.id, "") if indicator is not None and indicator.id else ""
        places = [(side.start, side.end) for side in (target, actual) if side is not None]
        if pair.completion is not None:
            places.append((pair.completion.start, pair.completion.end))
        return Pair(
            identifier,
            indicator,
            pair.basis,
            target,
            actual,
            stated,
            computed,
            implied,
            _met(target, actual, direction) if alike or goal is None else None,
            self.section,
            min(start for start, _ in places),
            max(end for _, end in places),
            "table",
            pair.rule,
        )


def _alike(one: Side, other: Side) -> bool:
    """Whether two sides can be compared: the same unit, or one of them without."""
    return one.unit == other.unit


def _met(target: Side | None, actual: Side, direction: str) -> bool | None:
    if target is None:
        return None
    if target.value is None and actual.value is None:
        return True if target.text == actual.text else None
    if target.value is None or actual.value is None:
        return None
    return is_met(target.value, actual.value, target.comparator, direction)


def _rounded(value: Decimal) -> Decimal:
    return plain(value.quantize(Decimal("0.0001")))


def _in_order(report: Report) -> Report:
    """All records in document order, with ids from 1, which are set in the records themselves: copies take memory."""
    quantities = sorted(report.quantities, key=attrgetter("start", "end"))
    place = {one.id: number for number, one in enumerate(quantities)}
    metrics = sorted(report.metrics, key=lambda one: place[one.quantity])
    pairs = sorted(report.pairs, key=attrgetter("start"))
    ids: dict[str | None, str | None] = {one.id: f"m{number}" for number, one in enumerate(metrics, 1)}
    ids[None] = None
    for number, quantity in enumerate(quantities, 1):
        force_setattr(quantity, "id", f"q{number}")
    for metric in metrics:
        force_setattr(metric, "id", ids[metric.id])
        force_setattr(metric, "quantity", quantities[place[metric.quantity]].id)
    for number, pair in enumerate(pairs, 1):
        force_setattr(pair, "id", f"p{number}")
        for side in (pair.target, pair.actual):
            if side is not None:
                force_setattr(side, "metric", ids[side.metric])
    for change in report.changes:
        for name in ("current", "previous", "delta", "rate"):
            force_setattr(change, name, ids[getattr(change, name)])
    for breakdown in report.breakdowns:
        force_setattr(breakdown, "total", ids[breakdown.total])
        for part in breakdown.parts:
            force_setattr(part, "metric", ids[part.metric])
            force_setattr(part, "share", ids[part.share])
    return replace(report, quantities=quantities, metrics=metrics, pairs=pairs)


__all__ = ["Naming", "lay_in"]
