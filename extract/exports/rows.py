"""The rows of all tables for one report, in the columns of `extract.output_tables`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from extract.output_tables import Row, TableRows
from extract.records import Breakdown, Indicator, Metric, Period, Report, Section, Side
from extract.write import number

Heads = Mapping[str | None, Row]
Metrics = Mapping[str | None, Metric]

_LISTS: Final = (
    "sections", "tables", "entities", "quantities", "metrics", "pairs", "changes", "breakdowns", "findings",
)  # fmt: skip


def table_rows(report: Report, text: str) -> TableRows:
    """The rows of one report, by table; `panel` is not among them, for it is made from all reports.

    `text` is the decoded source text, from which sentences are quoted. A row has a cell for each column.
    """
    return {name: list(rows) for name, rows in each_table(report, text)}


def each_table(report: Report, text: str) -> Iterator[tuple[str, Iterable[Row]]]:
    """The tables of one report, one after the other; their rows are made as they are taken."""
    info, region, source = report.document, report.document.region, report.source
    head = (
        report.doc_id, info.title, info.organisation, region.province, region.prefecture, region.county,
        info.fiscal_year,
    )  # fmt: skip
    heads: dict[str | None, Row] = {section.id: (*head, section.type) for section in report.sections}
    heads[None] = (*head, None)
    metrics: dict[str | None, Metric] = {metric.id: metric for metric in report.metrics}
    yield "documents", [
        (
            *head, region.code, info.genre, source.path, source.media_type, source.encoding, source.sha256,
            source.chars, report.schema_version, *(len(getattr(report, name)) for name in _LISTS),
        )
    ]  # fmt: skip
    yield "sections", (
        (
            *heads[s.id], s.id, s.parent, s.level, s.number, s.title, s.type, s.confidence, s.start, s.end,
            s.heading.start, s.heading.end,
        )
        for s in report.sections
    )  # fmt: skip
    yield "tables", (
        (
            *heads[t.section], t.id, t.caption, len(t.rows), max(map(len, [*t.header, *t.rows]), default=0),
            t.subject, t.start, t.end, t.section,
        )
        for t in report.tables
    )  # fmt: skip
    yield "cells", (
        (*heads[t.section], t.id, c.row, c.column, c.text, c.rowspan, c.colspan, c.read, c.start, c.end)
        for t in report.tables for c in t.cells
    )  # fmt: skip
    yield "entities", (
        (*heads[e.section], e.id, e.type, e.text, e.norm, e.start, e.end, e.section) for e in report.entities
    )  # fmt: skip
    yield "quantities", (
        (
            *heads[q.section], q.id, q.kind, q.text, number(q.value), q.unit, q.comparator, q.approx,
            number(q.low), number(q.high), q.start, q.end, q.section, q.table, q.rule,
        )
        for q in report.quantities
    )  # fmt: skip
    yield "metrics", _metric_rows(report, heads, text)
    yield "pairs", (
        (
            *heads[p.section], p.id, *_indicator(p.indicator), p.basis, *_side(p.target), *_side(p.actual),
            number(p.completion), number(p.computed_completion), number(p.implied_target), p.met, p.start, p.end,
            p.target and p.target.metric, p.actual and p.actual.metric, p.section, p.source, p.rule,
        )
        for p in report.pairs
    )  # fmt: skip
    yield "changes", (
        (
            *heads[c.section], c.id, *_indicator(c.indicator), c.direction, *_value(metrics.get(c.current)),
            *_value(metrics.get(c.previous)), *_value(metrics.get(c.delta)), *_value(metrics.get(c.rate)),
            *_period(c.base_period), c.start, c.end, c.current, c.previous, c.delta, c.rate, c.section, c.rule,
        )
        for c in report.changes
    )  # fmt: skip
    yield "breakdowns", (row for b in report.breakdowns for row in _breakdown_rows(b, heads[b.section], metrics))
    yield "findings", (
        (
            *heads[_section_at(report.sections, f.start)], f.id, f.rule, f.severity, f.message, number(f.stated),
            number(f.expected), number(f.tolerance), _flat(text[f.start : f.end]), f.start, f.end,
            " ".join(f.refs),
        )
        for f in report.findings
    )  # fmt: skip


def _metric_rows(report: Report, heads: Heads, text: str) -> Iterator[Row]:
    spans = {quantity.id: (quantity.text, quantity.start, quantity.end) for quantity in report.quantities}
    sentence_at: tuple[int, int] = (-1, -1)
    sentence = ""
    for m in report.metrics:
        if (m.sentence.start, m.sentence.end) != sentence_at:
            sentence_at = (m.sentence.start, m.sentence.end)
            sentence = _flat(text[m.sentence.start : m.sentence.end])
        surface, start, end = spans[m.quantity]
        yield (
            *heads[m.section], m.id, *_indicator(m.indicator), m.role, number(m.value), m.unit, m.kind, m.comparator,
            m.approx, *_period(m.period), m.subject, surface, sentence, start, end, m.quantity, m.section, m.source,
            m.rule, m.unit_inherited,
        )  # fmt: skip


def _breakdown_rows(breakdown: Breakdown, head: Row, metrics: Metrics) -> list[Row]:
    total = metrics.get(breakdown.total)
    rows: list[Row] = []
    for count, part in enumerate(breakdown.parts, 1):
        metric, share = metrics.get(part.metric), metrics.get(part.share)
        rows.append(
            (
                *head, breakdown.id, count, _indicator(total.indicator if total else None)[0], *_value(total),
                *_indicator(metric.indicator if metric else None), *_value(metric), share and number(share.value),
                breakdown.start, breakdown.end, breakdown.total, part.metric, part.share, breakdown.section,
                breakdown.rule,
            )
        )  # fmt: skip
    return rows


def _indicator(indicator: Indicator | None) -> Row:
    return (None, None) if indicator is None else (indicator.text, indicator.id)


def _period(period: Period | None) -> Row:
    return (None, None, None) if period is None else (period.text, period.start, period.end)


def _side(side: Side | None) -> Row:
    return (None, None, None, None) if side is None else (side.text, number(side.value), side.unit, side.comparator)


def _value(metric: Metric | None) -> Row:
    return (None, None) if metric is None else (number(metric.value), metric.unit)


def _section_at(sections: Sequence[Section], place: int) -> str | None:
    inside = (section.id for section in reversed(sections) if section.start <= place < section.end)
    return next(inside, None)


def _flat(text: str) -> str:
    return " ".join(text.split())
