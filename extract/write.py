"""From records to files: one JSON document per report, and tables of all reports.

`encode` gives a document's bytes: one record a line, so that two versions can be compared with any diff tool. `Tables`
streams the CSV files, so that memory does not grow with the corpus. Everything is written aside and renamed when it
is whole; a reader of the output folder never sees half a file.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TextIO, TypeAlias

import msgspec

from extract.records import Indicator, Metric, Period, Report, Section, Side

Row: TypeAlias = tuple[object, ...]
TableRows: TypeAlias = dict[str, list[Row]]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_EXPONENT: Final = re.compile(rb"E(?<=[0-9]E)[+-]?[0-9]")  # how `str` prints very large and very small decimals

LEADING: Final = (
    "doc_id", "title", "organisation", "province", "prefecture", "county", "fiscal_year", "section_type",
)  # fmt: skip
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "sections": (
        "id", "parent", "level", "number", "heading", "type", "confidence", "start", "end", "heading_start",
        "heading_end",
    ),
    "entities": ("id", "type", "text", "norm", "start", "end", "section"),
    "quantities": (
        "id", "kind", "text", "value", "unit", "comparator", "approx", "low", "high", "start", "end", "section",
        "table", "rule",
    ),
    "metrics": (
        "id", "indicator", "indicator_id", "role", "value", "unit", "kind", "comparator", "approx", "period",
        "period_start", "period_end", "subject", "text", "sentence", "start", "end", "quantity", "section", "source",
        "rule", "unit_inherited",
    ),
    "pairs": (
        "id", "indicator", "indicator_id", "basis", "target", "target_value", "target_unit", "target_comparator",
        "actual", "actual_value", "actual_unit", "actual_comparator", "completion", "computed_completion",
        "implied_target", "met", "start", "end", "target_metric", "actual_metric", "section", "source", "rule",
    ),
    "changes": (
        "id", "indicator", "indicator_id", "direction", "current", "current_unit", "previous", "previous_unit",
        "delta", "delta_unit", "rate", "rate_unit", "base_period", "base_period_start", "base_period_end", "start",
        "end", "current_metric", "previous_metric", "delta_metric", "rate_metric", "section", "rule",
    ),
    "findings": (
        "id", "rule", "severity", "message", "stated", "expected", "tolerance", "words", "start", "end", "refs",
    ),
}  # fmt: skip


def encode(report: Report) -> bytes:
    """A report as JSON: exact numbers, one record a line, the same bytes for the same records."""
    data = _one_record_a_line(msgspec.structs.asdict(report))
    if _EXPONENT.search(data):
        data = _one_record_a_line(_plain(msgspec.to_builtins(report, builtin_types=(Decimal,))))
    return data


def write_whole(path: Path, data: bytes, *, aside: Path) -> None:
    """Write a file in the folder `aside` (on the same disk), then put it in its place in one step.

    The bytes are on the disk before the name is: a file is there whole or not at all, even after a loss of power.
    """
    draft = aside / f"draft-{os.getpid()}"
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


class Tables:
    """The CSV tables of a run: opened in the folder `aside`, put into place by `finish`.

    Use it as a context manager, so that an interrupted run closes its files.
    """

    def __init__(self, aside: Path) -> None:
        self._aside = aside
        self._stack = ExitStack()
        self._write: dict[str, Callable[[Iterable[Row]], None]] = {}

    def __enter__(self) -> Tables:
        """Open the tables and write their header lines."""
        for name, columns in COLUMNS.items():
            file: TextIO = (self._aside / f"{name}.csv").open("w", encoding="utf-8", newline="")
            self._stack.enter_context(file)
            file.write("\ufeff")  # without it Excel reads the file in the local encoding
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(LEADING + columns)
            self._write[name] = writer.writerows
        return self

    def __exit__(self, *_: object) -> None:
        """Close the tables, wherever they are."""
        self._stack.close()

    def add(self, rows: TableRows) -> None:
        """Add the rows of one document, made by `table_rows`."""
        for name, some in rows.items():
            self._write[name](some)

    def finish(self, folder: Path) -> None:
        """Close the tables and put them into `folder`."""
        self._stack.close()
        for name in COLUMNS:
            os.replace(self._aside / f"{name}.csv", folder / f"{name}.csv")


def table_rows(report: Report, text: str) -> TableRows:
    """The rows of all tables for one report; `text` is its decoded source text, from which sentences are quoted."""
    info, region = report.document, report.document.region
    head = (
        report.doc_id, info.title, info.organisation, region.province, region.prefecture, region.county,
        info.fiscal_year,
    )  # fmt: skip
    heads: dict[str | None, Row] = {section.id: (*head, section.type) for section in report.sections}
    heads[None] = (*head, None)
    metrics = {metric.id: metric for metric in report.metrics}
    spans = {quantity.id: (quantity.text, quantity.start, quantity.end) for quantity in report.quantities}
    return {
        "sections": [
            (
                *heads[s.id], s.id, s.parent, s.level, s.number, s.title, s.type, s.confidence, s.start, s.end,
                s.heading.start, s.heading.end,
            )
            for s in report.sections
        ],
        "entities": [
            (*heads[e.section], e.id, e.type, e.text, e.norm, e.start, e.end, e.section) for e in report.entities
        ],
        "quantities": [
            (
                *heads[q.section], q.id, q.kind, q.text, number(q.value), q.unit, q.comparator, q.approx,
                number(q.low), number(q.high), q.start, q.end, q.section, q.table, q.rule,
            )
            for q in report.quantities
        ],
        "metrics": _metric_rows(report.metrics, heads, spans, text),
        "pairs": [
            (
                *heads[p.section], p.id, *_indicator(p.indicator), p.basis, *_side(p.target), *_side(p.actual),
                number(p.completion), number(p.computed_completion), number(p.implied_target), p.met, p.start, p.end,
                p.target and p.target.metric, p.actual and p.actual.metric, p.section, p.source, p.rule,
            )
            for p in report.pairs
        ],
        "changes": [
            (
                *heads[c.section], c.id, *_indicator(c.indicator), c.direction, *_value(metrics.get(c.current or "")),
                *_value(metrics.get(c.previous or "")), *_value(metrics.get(c.delta or "")),
                *_value(metrics.get(c.rate or "")), *_period(c.base_period), c.start, c.end, c.current, c.previous,
                c.delta, c.rate, c.section, c.rule,
            )
            for c in report.changes
        ],
        "findings": [
            (
                *heads[_section_at(report.sections, f.start)], f.id, f.rule, f.severity, f.message, number(f.stated),
                number(f.expected), number(f.tolerance), _flat(text[f.start : f.end]), f.start, f.end,
                " ".join(f.refs),
            )
            for f in report.findings
        ],
    }  # fmt: skip


def number(value: Decimal | None) -> str | None:
    """A decimal in plain digits, never with an exponent."""
    return None if value is None else format(value, "f")


def _one_record_a_line(fields: Mapping[str, Any]) -> bytes:
    pieces = []
    for name, value in fields.items():
        if isinstance(value, list) and value:
            # No line feed stands inside encoded JSON: in strings it is written \n.
            data = b"[\n" + _ENCODER.encode_lines(value)[:-1].replace(b"\n", b",\n") + b"\n]"
        else:
            data = _ENCODER.encode(value)
        pieces.append(b'"' + name.encode() + b'": ' + data)
    return b"{\n" + b",\n".join(pieces) + b"\n}\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _metric_rows(
    metrics: Sequence[Metric], heads: Mapping[str | None, Row], spans: Mapping[str, tuple[str, int, int]], text: str
) -> list[Row]:
    rows: list[Row] = []
    sentence_at: tuple[int, int] = (-1, -1)
    sentence = ""
    for m in metrics:
        if (m.sentence.start, m.sentence.end) != sentence_at:
            sentence_at = (m.sentence.start, m.sentence.end)
            sentence = _flat(text[m.sentence.start : m.sentence.end])
        surface, start, end = spans[m.quantity]
        rows.append(
            (
                *heads[m.section], m.id, *_indicator(m.indicator), m.role, number(m.value), m.unit, m.kind,
                m.comparator, m.approx, *_period(m.period), m.subject, surface, sentence, start, end, m.quantity,
                m.section, m.source, m.rule, m.unit_inherited,
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
