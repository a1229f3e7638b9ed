"""A report of our own making that holds one record of each kind, and its text."""

from __future__ import annotations

from decimal import Decimal

from extract.records import (
    SCHEMA_VERSION,
    Breakdown,
    Cell,
    Change,
    DocumentInfo,
    Entity,
    Finding,
    Indicator,
    Metric,
    Pair,
    Part,
    Period,
    Quantity,
    Region,
    Report,
    Section,
    Side,
    SourceInfo,
    Span,
    Table,
)

TEXT = "二、绩效\n城镇新增就业1.07万人，\n完成年度任务的130%。"


def place(words: str) -> dict[str, int]:
    """The offsets of some words of TEXT."""
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words)}


def one_of_each() -> Report:
    """A report that holds one record of each kind."""
    indicator = Indicator("城镇新增就业", **place("城镇新增就业"), id="urban_new_employment")
    period = Period("2023年", "2023-01-01", "2023-12-31")
    sentence = Span(TEXT.index("城镇"), len(TEXT))
    metric = Metric(
        id="m1", quantity="q1", indicator=indicator, role="actual", value=Decimal(10700), unit="人", kind="count",
        comparator="=", approx=False, period=period, subject=None, section="s1", sentence=sentence,
        source="narrative", rule="plain",
    )  # fmt: skip
    return Report(
        schema_version=SCHEMA_VERSION,
        doc_id="made-up",
        source=SourceInfo("made-up.txt", "text/plain", "utf-8", "0" * 64, len(TEXT)),
        document=DocumentInfo(
            "公开说明", "青川市就业服务中心", Region("某省", "青川市", None, "000000"), 2023, "accounts"
        ),
        sections=[
            Section("s1", None, 1, "二、", "绩效", "performance_results", 0.93, 0, len(TEXT), Span(**place("二、绩效")))
        ],
        tables=[
            Table(
                "t1", "完成情况", [["指标", "完成"]], [["新增就业", "1.07万人"]], "s1", 0, len(TEXT),
                [Cell(0, 0, "=1+2", 0, 1), Cell(1, 1, "1.07万人", **place("1.07万人"))],
            )
        ],
        entities=[Entity("e1", "GROUP", "就业", None, **place("就业"), section="s1")],
        quantities=[
            Quantity(
                id="q1", kind="count", text="1.07万人", value=Decimal("10700"), unit="人", comparator="=",
                approx=False, low=None, high=None, **place("1.07万人"), section="s1", table=None, rule="count",
            )
        ],
        metrics=[metric],
        pairs=[
            Pair(
                id="p1", indicator=indicator, basis="performance", target=None,
                actual=Side(
                    "1.07万人", **place("1.07万人"), value=Decimal(10700), unit="人", comparator="=", metric="m1"
                ),
                completion=Decimal(130), computed_completion=None, implied_target=Decimal("8230.769"), met=True,
                section="s1", **place("1.07万人，\n完成年度任务的130%"), source="narrative", rule="rate",
            )
        ],
        changes=[
            Change("c1", indicator, "flat", "m1", None, None, None, period, "s1", **place("1.07万人"), rule="flat")
        ],
        breakdowns=[Breakdown("b1", "m1", [Part("m1", None)], "s1", **place("1.07万人"), rule="parts")],
        findings=[
            Finding(
                id="f1", rule="target_missed", severity="info", message="未完成", stated=Decimal(130),
                expected=None, tolerance=Decimal("0.5"), refs=["p1", "m1"], **place("任务的130%"),
            )
        ],
    )  # fmt: skip
