"""What must hold of any text at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.exports import table_rows
from extract.pipeline import Extractor
from extract.records import COMPARATORS, ENTITY_TYPES, QUANTITY_KINDS, ROLES, Report
from extract.source import decode, make_source
from extract.write import encode

LISTS = ("sections", "tables", "entities", "quantities", "metrics", "pairs", "changes", "breakdowns", "findings")

PIECES = (
    "一、", "（二）", "1.", "（3）", "①", "第一部分", "# ", "收入", "支出", "预算", "决算", "年初预算为", "完成",
    "城镇新增就业", "比上年", "较2022年", "增加", "下降", "增长", "占", "其中：", "分别为", "合计", "目标值",
    "完成值", "≥", "约", "近", "不低于", "以上", "余", "2350.16", "1,054", "１２", "0", "三十", "二十多", "两",
    "半", "3至5", "12-15", "万", "亿", "万元", "元", "%", "％", "个百分点", "人", "个", "台（套）", "平方米", "倍",
    "年", "月", "日", "2023年", "2023年1-11月", "今年", "上年", "同比", "四川省", "青川市", "仁和区", "人社局",
    "财政局", "《关于就业的通知》", "川财社〔2019〕38号", "高校毕业生", "（", "）", "“", "”", "，", "。", "；",
    "、", "：", "\n", "\r\n", "\n\n", " ", "　", "\t", "|", "[image: ]", "[bookmark: _Toc1]", "**", "<br>",
    "......12", "\ufffd", "\0", "😀", "\n\t", "<table><tr><td>", "</td><td rowspan=2>", "</td></tr><tr><td>",
    "</table>", "指标值", "三级指标", "得分", "合计", "\n| ", " | ", " |\n", "|---|---|\n", "  ", "项目名称",
    "单位：万元",
)  # fmt: skip
CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "reports"
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text(max_size=200))


class HasSpan(Protocol):
    """A record with a place."""

    start: int
    end: int


def squeezed(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def assert_in_order(records: Sequence[HasSpan], name: str) -> None:
    """Records stand in the order of the document."""
    starts = [record.start for record in records]
    assert starts == sorted(starts), f"{name} are not in document order"


def assert_sound(text: str, report: Report) -> None:
    """Everything that holds of every report, given its source text."""
    source = make_source(text)
    assert report.source.chars == len(text)
    known: dict[str, set[str]] = {}
    for name in LISTS:
        records = getattr(report, name)
        known[name] = {record.id for record in records}
        assert len(known[name]) == len(records), f"{name} share an id"
        for record in records:
            if name != "metrics":
                assert 0 <= record.start < record.end <= len(text), record
            section = getattr(record, "section", None)
            assert section is None or section in known["sections"], record
    for name in ("sections", "tables", "entities", "quantities", "findings"):
        assert_in_order(getattr(report, name), name)

    for quantity in report.quantities:
        surface = squeezed(source.clean[quantity.start : quantity.end])
        assert surface, quantity
        assert squeezed(quantity.text) == surface, quantity
        assert quantity.kind in QUANTITY_KINDS
        assert quantity.comparator in COMPARATORS
        assert (quantity.value is None) == (quantity.low is not None and quantity.high is not None), quantity
        if quantity.low is not None and quantity.high is not None:
            assert quantity.low <= quantity.high, quantity
        assert quantity.table is None or quantity.table in known["tables"]
    for left, right in pairwise(report.quantities):
        assert left.end <= right.start, f"quantities overlap: {left} {right}"

    for entity in report.entities:
        assert entity.type in ENTITY_TYPES
        assert squeezed(entity.text) == squeezed(source.clean[entity.start : entity.end]), entity

    for section in report.sections:
        assert section.start <= section.heading.start <= section.heading.end <= section.end, section
        assert section.parent is None or section.parent in known["sections"]

    for metric in report.metrics:
        assert metric.quantity in known["quantities"]
        assert metric.role in ROLES
        assert metric.sentence.end <= len(text)
        assert metric.indicator is None or 0 <= metric.indicator.start <= metric.indicator.end <= len(text)
    for pair in report.pairs:
        assert pair.target is not None or pair.actual is not None
        for side in (pair.target, pair.actual):
            assert side is None or side.metric is None or side.metric in known["metrics"]
            assert side is None or 0 <= side.start < side.end <= len(text)
    for change in report.changes:
        assert {change.current, change.previous, change.delta, change.rate} - {None} <= known["metrics"]
        assert change.direction in ("increase", "decrease", "flat")
    for breakdown in report.breakdowns:
        assert {breakdown.total, *(part.metric for part in breakdown.parts)} - {None} <= known["metrics"]
        assert {part.share for part in breakdown.parts} - {None} <= known["metrics"]
    every_id = set().union(*known.values())
    for finding in report.findings:
        assert set(finding.refs) <= every_id, finding


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text(extractor: Extractor, text: str) -> None:
    """Any text is read without error; places are exact, ids unique, references whole, order that of the document."""
    report = extractor.read_text(text)
    assert_sound(text, report)
    assert msgspec.json.decode(encode(report), type=Report) == report
    table_rows(report, text)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_reading_keeps_no_memory(extractor: Extractor, text: str) -> None:
    """What was read before does not change what is read now."""
    first = encode(extractor.read_text(text))
    extractor.read_text("2022年，青川市财政局收入合计12万元。\n一、支出（万元）")
    assert encode(extractor.read_text(text)) == first


def corpus_and_shared() -> list[Path]:
    """The repository's own reports and, where they are there, the shared ones."""
    root = Path(__file__).resolve().parents[1]
    shared = root.parent / "shared"
    folders = (root / "corpus" / "reports", shared / "seeds", shared / "samples", shared / "gold" / "passages")
    return [path for folder in folders for path in sorted(folder.glob("*.txt"))]


@pytest.mark.parametrize("path", corpus_and_shared(), ids=lambda path: path.stem)
def test_real_texts(extractor: Extractor, path: Path) -> None:
    """The same holds of every report at hand."""
    text = decode(path.read_bytes()).text
    assert_sound(text, extractor.read_text(text))


NARROW = str.maketrans("，；：", ",;:")


@pytest.mark.parametrize("path", sorted(CORPUS.glob("[!f]*.txt")), ids=lambda path: path.stem)
def test_half_width_stops_change_nothing(extractor: Extractor, path: Path) -> None:
    """A report typed with half-width commas, colons and semicolons says the same."""
    text = decode(path.read_bytes()).text
    wide, narrow = extractor.read_text(text), extractor.read_text(text.translate(NARROW))
    assert [(one.role, one.value, one.rule, one.quantity) for one in wide.metrics] == [
        (one.role, one.value, one.rule, one.quantity) for one in narrow.metrics
    ]
    assert [(one.start, one.end, one.type) for one in wide.sections] == [
        (one.start, one.end, one.type) for one in narrow.sections
    ]
    assert [(one.start, one.completion, one.met) for one in wide.pairs] == [
        (one.start, one.completion, one.met) for one in narrow.pairs
    ]
