"""The findings of many reports as one list, worst first: for a terminal, for a page (Markdown), CSV or JSON."""

from __future__ import annotations

import csv
import io
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct

from extract.audit import SEVERITIES
from extract.records import Finding, Report
from extract.write import number

FORMATS: Final = ("table", "json", "csv", "md")
_MARKS: Final = {
    "zh": {"error": "错误", "warning": "警告", "info": "提示"},
    "en": {"error": "error", "warning": "warning", "info": "info"},
}
_HEADS: Final = {
    "zh": ("级别", "规则", "位置", "说明", "原文"),
    "en": ("severity", "rule", "place", "what is wrong", "in the text"),
}
_QUOTE: Final = 24  # characters of the statement on either side
_COLUMNS: Final = (
    "doc_id", "path", "line", "id", "rule", "severity", "message", "stated", "expected", "tolerance", "words", "start",
    "end", "refs",
)  # fmt: skip


class Located(Struct, frozen=True):
    """A finding with its document, the line of the text it stands in (from 1), and the words around it."""

    doc_id: str
    path: str
    line: int
    words: str
    finding: Finding


def locate(report: Report, text: str) -> list[Located]:
    """The findings of one report with their places; `text` is its decoded source text."""
    starts = [0]
    while (at := text.find("\n", starts[-1])) >= 0:
        starts.append(at + 1)
    return [
        Located(report.doc_id, report.source.path, bisect_right(starts, one.start), _words(text, one), one)
        for one in report.findings
    ]


def worst_first(found: Iterable[Located]) -> list[Located]:
    """Errors before warnings before notes; among equals the largest deviation first, then in the order of the text."""

    def key(one: Located) -> tuple[int, Decimal, str, int]:
        finding = one.finding
        return SEVERITIES.index(finding.severity), -_deviation(finding), one.path, finding.start

    return sorted(found, key=key)


def render(
    found: Sequence[Located],
    form: str,
    *,
    language: str = "zh",
    paint: Callable[[str, str], str] = lambda text, severity: text,
) -> str:
    """The findings in one of `FORMATS`, each line ended; `paint` colours a severity for a terminal."""
    if form == "json":
        return _json(found)
    if form == "csv":
        return _csv(found)
    return _markdown(found, language) if form == "md" else _table(found, language, paint)


def _deviation(finding: Finding) -> Decimal:
    if finding.stated is None or finding.expected is None:
        return Decimal(0)
    return abs(finding.stated - finding.expected) / max(abs(finding.expected), abs(finding.stated), Decimal("1e-9"))


def _words(text: str, finding: Finding) -> str:
    first = max(text.rfind(char, max(0, finding.start - _QUOTE), finding.start) for char in "。；\n") + 1
    if first < finding.start - _QUOTE:
        first = finding.start - _QUOTE
        while first < finding.start and (text[first].isdigit() or text[first] in ".,%"):
            first += 1  # no figure is cut in two
    lasts = [at for char in "。；\n" if (at := text.find(char, finding.end, finding.end + _QUOTE)) >= 0]
    last = min(lasts) if lasts else min(len(text), finding.end + _QUOTE)
    inner = " ".join(text[finding.start : finding.end].split())
    return f"{_lead(text[first : finding.start])}【{inner}】{_lead(text[finding.end : last])}"


def _lead(text: str) -> str:
    return " ".join(text.split())


def _place(one: Located) -> str:
    return f"{one.path}:{one.line}"


def _table(found: Sequence[Located], language: str, paint: Callable[[str, str], str]) -> str:
    lines: list[str] = []
    for one in found:
        severity = one.finding.severity
        mark = paint(_pad(_MARKS[language][severity], 8), severity)
        lines.append(f"{mark}{_place(one)}  {one.finding.rule}")
        lines.append(f"        {one.finding.message}")
        lines.append(f"        {one.words}")
    return "\n".join(lines) + "\n" if lines else ""


def _markdown(found: Sequence[Located], language: str) -> str:
    head = _HEADS[language]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for one in found:
        finding = one.finding
        cells = (_MARKS[language][finding.severity], finding.rule, _place(one), finding.message, one.words)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _csv(found: Sequence[Located]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in found:
        f = one.finding
        writer.writerow(
            (
                one.doc_id, one.path, one.line, f.id, f.rule, f.severity, f.message, number(f.stated),
                number(f.expected), number(f.tolerance), one.words, f.start, f.end, " ".join(f.refs),
            )
        )  # fmt: skip
    return out.getvalue()


def _json(found: Sequence[Located]) -> str:
    encoder = msgspec.json.Encoder(decimal_format="number")
    rows = []
    for one in found:
        fields = {"doc_id": one.doc_id, "path": one.path, "line": one.line, "words": one.words}
        rows.append(encoder.encode({**fields, **msgspec.structs.asdict(one.finding)}).decode())
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def _pad(text: str, width: int) -> str:
    wide = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(1, width - wide)
