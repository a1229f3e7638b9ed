"""From records to files: exact JSON, flat tables, whole files or none."""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from extract.records import (
    SCHEMA_VERSION,
    Change,
    DocumentInfo,
    Entity,
    Finding,
    Indicator,
    Metric,
    Pair,
    Period,
    Quantity,
    Region,
    Report,
    Section,
    Side,
    SourceInfo,
    Span,
)
from extract.write import COLUMNS, LEADING, Tables, encode, number, table_rows, write_whole

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
        tables=[],
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
        breakdowns=[],
        findings=[
            Finding(
                id="f1", rule="target_missed", severity="info", message="未完成", stated=Decimal(130),
                expected=None, tolerance=Decimal("0.5"), refs=["p1", "m1"], **place("任务的130%"),
            )
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("23501600", "23501600"),
        ("1E+7", "10000000"),
        ("1E-9", "0.000000001"),
        ("-0.10", "-0.10"),
        ("0E+4", "0"),
        ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),
    ],
)
def test_numbers_are_plain_digits(value: str, digits: str) -> None:
    """Numbers are printed exactly and without an exponent, in JSON and in tables."""
    report = one_of_each()
    quantity = msgspec.structs.replace(report.quantities[0], value=Decimal(value), text="1E+7万人")
    data = encode(msgspec.structs.replace(report, quantities=[quantity]))
    assert f'"value":{digits},'.encode() in data
    assert json.loads(data, parse_float=Decimal)["quantities"][0]["text"] == "1E+7万人"
    assert number(Decimal(value)) == digits


def test_json_is_one_record_a_line() -> None:
    """The JSON document holds every field, one record a line, and reads back as the same report."""
    report = one_of_each()
    data = encode(report)
    assert msgspec.json.decode(data, type=Report) == report
    lines = data.decode().splitlines()
    assert sum(line.startswith('{"id":"') for line in lines) == 7
    assert list(json.loads(data)) == [field.name for field in msgspec.structs.fields(Report)]


def test_line_feeds_inside_text_stay_escaped() -> None:
    """A record whose text holds a line feed is still one line."""
    report = one_of_each()
    entity = msgspec.structs.replace(report.entities[0], text='"就\n业",\r\n')
    data = encode(msgspec.structs.replace(report, entities=[entity, entity]))
    assert json.loads(data)["entities"][1]["text"] == '"就\n业",\r\n'


def read_tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    """All tables of a folder, and a check that Excel will know their encoding."""
    tables = {}
    for name in COLUMNS:
        path = folder / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return tables


def test_tables(tmp_path: Path) -> None:
    """Every table opens with the same leading columns and has one row a record."""
    (aside := tmp_path / "aside").mkdir()
    with Tables(aside) as tables:
        tables.add(table_rows(one_of_each(), TEXT))
        assert not list(tmp_path.glob("*.csv"))
        tables.finish(tmp_path)
    written = read_tables(tmp_path)
    leading = ("made-up", "公开说明", "青川市就业服务中心", "某省", "青川市", "", "2023", "performance_results")
    for name, rows in written.items():
        assert len(rows) == 1, name
        assert tuple(rows[0]) == LEADING + COLUMNS[name]
        assert tuple(rows[0][column] for column in LEADING) == leading
    metric, pair, change, finding = (written[name][0] for name in ("metrics", "pairs", "changes", "findings"))
    assert metric["sentence"] == "城镇新增就业1.07万人， 完成年度任务的130%。"
    assert (metric["indicator"], metric["text"], metric["value"]) == ("城镇新增就业", "1.07万人", "10700")
    assert (pair["target"], pair["actual_value"], pair["completion"], pair["met"]) == ("", "10700", "130", "True")
    assert (change["current"], change["current_unit"], change["current_metric"]) == ("10700", "人", "m1")
    assert (finding["words"], finding["refs"]) == ("任务的130%", "p1 m1")


def test_rows_have_a_cell_for_each_column() -> None:
    """No row is shorter or longer than its header."""
    for name, rows in table_rows(one_of_each(), TEXT).items():
        assert {len(row) for row in rows} == {len(LEADING) + len(COLUMNS[name])}, name


def test_interrupted_tables_are_not_put_into_place(tmp_path: Path) -> None:
    """Tables of a run that breaks off stay where they were begun."""
    (aside := tmp_path / "aside").mkdir()
    with Tables(aside) as tables:
        tables.add(table_rows(one_of_each(), TEXT))
    assert not list(tmp_path.glob("*.csv"))


def test_write_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half way leaves the file that was there before."""
    (aside := tmp_path / "aside").mkdir()
    target = tmp_path / "report.json"
    write_whole(target, b"first", aside=aside)

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, b"second", aside=aside)
    assert target.read_bytes() == b"first"
