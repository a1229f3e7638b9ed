"""The panel: repeated statements merged, contradicting ones flagged and never averaged, units made equal."""

from __future__ import annotations

import os
import signal
import sys
import tracemalloc
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extract import pool
from extract.exports import panel_share
from extract.exports.share import Piece, Sharer, rows_of
from extract.output_tables import TABLES, Row
from extract.panel import Panel, Said, Statements, pack_statement, panel_rows, printed_step, stored_rows
from extract.pipeline import Extractor
from extract.records import Region, Report
from extract.source import decode

KEY = ("place_code", "province", "prefecture", "county", "organisation", "year", "indicator_id", "indicator", "role")


def read(extractor: Extractor, *texts: str) -> list[Report]:
    """Reports of one place, body and year, as they would come from several files."""
    reports = []
    for count, text in enumerate(texts, 1):
        report = extractor.read_text(text, doc_id=f"d{count}")
        region = Region("某省", "青川市", None, "999900")
        info = msgspec.structs.replace(report.document, organisation="青川市水利局", region=region, fiscal_year=2023)
        reports.append(msgspec.structs.replace(report, document=info))
    return reports


def panel(extractor: Extractor, folder: Path, reports: list[Report]) -> list[dict[str, Any]]:
    """The rows of the panel by column."""
    rows = list(panel_rows(reports, folder, extractor.pack))
    assert list(folder.iterdir()) == [], "the temporary file is gone"
    return [dict(zip(TABLES["panel"].names, row, strict=True)) for row in rows]


def row(extractor: Extractor, folder: Path, *texts: str, role: str = "actual", name: str = "") -> dict[str, Any]:
    """The only row of a role (and indicator)."""
    rows = panel(extractor, folder, read(extractor, *texts))
    [found] = [one for one in rows if one["role"] == role and name in one["indicator"]]
    return found


@pytest.mark.parametrize(
    ("texts", "value", "unit"),
    [
        (["2023年城镇新增就业10700人。"] * 3, "10700", "人"),
        (["2023年城镇新增就业1.07万人。", "2023年城镇新增就业10712人。"], "10712", "人"),
        (["2023年城镇新增就业10712人。", "2023年城镇新增就业约1.1万人。"], "10712", "人"),
        (["2023年城镇新增就业10712名。", "2023年城镇新增就业10712人。"], "10712", "人"),
        (["2023年收入总计2350.16万元。", "2023年收入总计0.235亿元。"], "23501600", "元"),
        (["2023年新建管网1200米。", "2023年新建管网1.2公里。"], "1.2", "公里"),
        (["2023年造林2公顷。", "2023年造林30亩。"], "30", "亩"),
        (["2023年地区生产总值突破1500亿元。", "2023年地区生产总值1523.7亿元。"], "152370000000", "元"),
    ],
)
def test_repeated_statements_are_one(
    extractor: Extractor, tmp_path: Path, texts: list[str], value: str, unit: str
) -> None:
    """Statements of one value, rounded or in another unit, are merged to the most precise of them and counted."""
    found = row(extractor, tmp_path, *texts)
    assert (Decimal(found["value"]), found["unit"]) == (Decimal(value), unit)
    assert (found["conflict"], found["several"]) == (False, False)
    assert (found["statements"], found["documents"]) == (len(texts), len(texts))
    assert found["where_stated"] == "; ".join(f"d{count}:m1" for count in range(1, len(texts) + 1))


@pytest.mark.parametrize(
    ("texts", "least", "most"),
    [
        (["2023年城镇新增就业10700人。", "2023年城镇新增就业10800人。"], "10700", "10800"),
        (["2023年城镇新增就业1.07万人。", "2023年城镇新增就业10812人。"], "10700", "10812"),
        (["2023年收入总计2350.16万元。", "2023年收入总计2350.17万元。"], "23501600", "23501700"),
        (["2023年地区生产总值突破1500亿元。", "2023年地区生产总值1423.7亿元。"], "142370000000", "150000000000"),
    ],
)
def test_contradictions_are_flagged_and_not_averaged(
    extractor: Extractor, tmp_path: Path, texts: list[str], least: str, most: str
) -> None:
    """Values that rounding cannot make equal leave the row without a value, with all of them and where they stand."""
    found = row(extractor, tmp_path, *texts)
    assert (found["value"], found["conflict"]) == (None, True)
    assert (found["value_min"], found["value_max"]) == (least, most)
    assert found["stated"].count("@d") == 2
    assert "d1:m1" in found["where_stated"]


def test_several_values_of_one_sentence_are_no_contradiction(extractor: Extractor, tmp_path: Path) -> None:
    """Cases which the name of the indicator does not tell apart give no value and no contradiction."""
    found = row(extractor, tmp_path, "2023年救助标准分别达到每人每月680元、520元。", name="救助标准")
    assert (found["value"], found["conflict"], found["several"], found["statements"]) == (None, False, True, 2)


@pytest.mark.parametrize(
    ("texts", "flag"),
    [
        (["2023年甲项目投资3亿元。乙项目后来完成。全年甲项目投资5亿元。"], "several"),
        (["2023年甲项目投资3亿元。", "2023年甲项目投资5亿元。"], "conflict"),
        (["2023年城镇新增就业3万人。年末清点。2023年城镇新增就业5万人。"], "conflict"),
    ],
)
def test_names_without_an_id(extractor: Extractor, tmp_path: Path, texts: list[str], flag: str) -> None:
    """Within one report a name that the lexicon does not have may mean several things; a known indicator may not."""
    found = row(extractor, tmp_path, *texts)
    assert found["value"] is None
    assert {name for name in ("several", "conflict") if found[name]} == {flag}


def test_a_part_of_the_year_is_not_the_year(extractor: Extractor, tmp_path: Path) -> None:
    """The value is of the whole year where there is one; what is of a part of it is listed beside it."""
    found = row(extractor, tmp_path, "2023年1-6月城镇新增就业6000人。", "2023年城镇新增就业10700人。")
    assert (found["value"], found["annual"], found["statements"], found["other_statements"]) == ("10700", True, 1, 1)
    assert found["others"] == "6000人 2023-01-01/2023-06-30 @d1:m1"
    alone = row(extractor, tmp_path, "2023年1-6月城镇新增就业6000人。")
    assert (alone["value"], alone["annual"], alone["period_end"]) == ("6000", False, "2023-06-30")


def test_roles_years_and_bodies_are_told_apart(extractor: Extractor, tmp_path: Path) -> None:
    """Target and result, two years, and a stated subject each have a row of their own."""
    text = "2022年城镇新增就业9000人。2023年城镇新增就业10700人，全市城镇新增就业目标任务10000人。"
    rows = panel(extractor, tmp_path, read(extractor, text))
    found = {(one["year"], one["role"], one["organisation"]): one["value"] for one in rows}
    assert found[2022, "actual", "青川市水利局"] == "9000"
    assert found[2023, "actual", "青川市水利局"] == "10700"
    assert "10000" in {value for (_, role, _), value in found.items() if role == "target"}


def test_values_of_the_whole_place(extractor: Extractor, tmp_path: Path) -> None:
    """全市 and indicators of the place's economy have no organisation, so that what several bodies say is merged."""
    texts = ["2023年地区生产总值1523.7亿元。", "2023年全市地区生产总值1523.7亿元。"]
    found = row(extractor, tmp_path, *texts, name="地区生产总值")
    assert (found["organisation"], found["statements"], found["documents"]) == (None, 2, 2)
    level = row(extractor, tmp_path, "2023年市级一般公共预算收入12亿元。")
    assert level["organisation"] == "市级"


def test_place_and_indicator(extractor: Extractor, tmp_path: Path) -> None:
    """A row carries the codes of its place and its indicator, and the name of the indicator in the lexicon."""
    found = row(extractor, tmp_path, "2023年收、支总计2350.16万元。")
    assert (found["place_code"], found["prefecture"], found["county"]) == ("999900", "青川市", None)
    assert (found["indicator_id"], found["indicator"]) == ("fin.total", "收支总计")


def test_lines_of_a_classification_keep_their_names(extractor: Extractor, tmp_path: Path) -> None:
    """An id that stands for many lines (教育支出, 卫生健康支出) does not merge them."""
    rows = panel(extractor, tmp_path, read(extractor, "2023年教育支出100万元。", "2023年卫生健康支出200万元。"))
    assert {(one["indicator_id"], one["indicator"], one["value"], one["conflict"]) for one in rows} == {
        ("fin.exp_func", "教育支出", "1000000", False),
        ("fin.exp_func", "卫生健康支出", "2000000", False),
    }


def test_one_row_a_key(root: Path, extractor: Extractor, tmp_path: Path) -> None:
    """Over the corpus no key occurs twice, every value stated is counted once, and no value is one nobody states."""
    reports = [
        extractor.read(decode(path.read_bytes(), path=path.name), doc_id=path.stem)
        for path in sorted((root / "corpus" / "reports").glob("*.txt"))
    ]
    rows = panel(extractor, tmp_path, reports)
    keys = [tuple(one[name] for name in KEY) for one in rows]
    assert len(set(keys)) == len(keys) > 1000
    named = sum(metric.indicator is not None for report in reports for metric in report.metrics)
    assert sum(one["statements"] + one["other_statements"] for one in rows) == named
    equal = {entry["unit"]: Decimal(entry["factor"]) for entry in extractor.pack.table("unit_equals")}
    stated = {
        metric.value * equal.get(metric.unit or "", Decimal(1))
        for report in reports
        for metric in report.metrics
        if metric.value is not None
    }
    assert {Decimal(one["value"]) for one in rows if one["value"]} <= stated
    assert not [one for one in rows if one["value"] and (one["conflict"] or one["several"])]


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("1.07万人", "10700", "100"),
        ("2350.16万元", "23501600", "100"),
        ("3亿元", "300000000", "100000000"),
        ("95.8%", "95.8", "0.1"),
        ("10700人", "10700", "0"),
        ("１．０７万人", "10700", "100"),
        ("1,054.90万元", "10549000", "100"),
        ("0.00万元", "0", "0"),
        ("三万人", "30000", "0"),
        ("3至5个", None, "0"),
    ],
)
def test_printed_step(text: str, value: str | None, step: str) -> None:
    """One in the last printed digit, in the unit of the value; whole numbers are exact."""
    assert printed_step(text, Decimal(value) if value else None) == Decimal(step)


def gather(extractor: Extractor, folder: Path, count: int) -> Panel:
    """A panel of what `count` bodies say, each of them two things twice."""
    [report] = read(
        extractor, "2023年城镇新增就业10700人，收入总计2350.16万元。全年城镇新增就业1.07万人，收入总计2350万元。"
    )
    statements = Statements(extractor.pack)
    gathered = Panel(folder, extractor.pack)
    for number in range(count):
        info = msgspec.structs.replace(report.document, organisation=f"单位{number % 50}")
        one = msgspec.structs.replace(report, document=info, doc_id=f"d{number}")
        gathered.add(Said(key, pack_statement(said), None) for key, said in statements.of(one))
    return gathered


@pytest.mark.parametrize("count", [1, 2, 7, 500])
def test_parts_hold_every_key_once(extractor: Extractor, tmp_path: Path, count: int) -> None:
    """The ranges of keys lie one behind the other, and their rows together are the rows of all keys."""
    with gather(extractor, tmp_path, 300) as panel:
        parts = panel.parts(count)
        assert 1 <= len(parts) <= count
        assert [part.high for part in parts[:-1]] == [part.low for part in parts[1:]]
        assert (parts[0].low, parts[-1].high) == (None, None)
        every = [make() for _, make in panel.rows()]
        assert [make() for part in parts for _, make in stored_rows(panel.path, panel.merger, part)] == every
        assert len(every) == 100
    assert count < 7 or len(parts) > 3


def _joined(pieces: Iterable[Piece]) -> tuple[bytes, list[Row]]:
    """The lines and the rows of some pieces."""
    lines, rows = b"", list[Row]()
    for piece in pieces:
        if piece.kind == "csv":
            lines += piece.data
        else:
            rows += rows_of(piece)
    return lines, rows


@pytest.mark.skipif(sys.platform != "linux", reason="replaces the worker's function, which only a forked worker sees")
@pytest.mark.parametrize("ending", ["well", "well, spawned", "killed", "no room"])
def test_lines_by_several_processes(
    extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """A long panel is the same lines whoever makes them, and whatever becomes of the processes that do."""
    leader = os.getpid()

    def killed(self: object, part: object) -> bool:
        assert os.getpid() != leader
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    with gather(extractor, tmp_path, 300) as panel:
        sharer = Sharer(["csv", "sqlite"], extractor.pack)
        expected = _joined(panel_share.panel_pieces(panel, sharer, tmp_path))
        monkeypatch.setattr(panel_share, "_LONG", 0)
        if ending == "well, spawned":  # as on macOS and Windows
            monkeypatch.setattr(pool, "_FORK", False)
        elif ending != "well":
            monkeypatch.setattr(
                panel_share._Maker, "__call__", killed if ending == "killed" else lambda self, part: False
            )
        assert _joined(panel_share.panel_pieces(panel, sharer, tmp_path, workers=3)) == expected
    lines, rows = expected
    assert lines.count(b"\n") == len(rows) == 100
    assert not list(tmp_path.iterdir())


def test_memory_does_not_grow(extractor: Extractor, tmp_path: Path) -> None:
    """A panel of twenty times as many reports takes hardly more memory: statements wait on the disk."""

    def most(count: int) -> int:
        [report] = read(extractor, "2023年城镇新增就业10700人，收入总计2350.16万元，完成年度任务的130%。")
        statements = Statements(extractor.pack)
        tracemalloc.start()
        with Panel(tmp_path, extractor.pack) as gathered:
            for number in range(count):
                info = msgspec.structs.replace(report.document, organisation=f"单位{number}")
                one = msgspec.structs.replace(report, document=info)
                gathered.add(Said(key, pack_statement(said), None) for key, said in statements.of(one))
            assert sum(1 for _ in gathered.rows()) >= count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(4000) < most(200) + 200_000
