"""The scorer: what it counts, that it agrees with the shared one, and that scores never fall below their floors."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extract.agreement import same_indicator
from extract.evaluate import check_floor, corpora, evaluate, evaluate_records, measure, render_scores, write_scores
from extract.marked import unmark_report

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

MARKED = """⦃part_heading|⟬DATE|2031年|2031⟭度⟬ORG|云岭市林业局⟭决算⦄
一、⦃accounts_overall/revenue|收支总体情况⦄
本年收入合计⟦120.5万元|money 1205000 元|actual|本年收入合计⟧，
减少⟦2.5万元|money 25000 元|change=-25000|本年收入合计|#d⟧。
登记失业率⟦3.1%|rate 3.1 %|actual|城镇登记失业率|#a⟧，
控制在⟦4.5%以内|rate 4.5 % <=|target|城镇登记失业率|#t⟧，接待⟦3人|count 3 人|-⟧。
=====
pair: 城镇登记失业率 | target=#t | actual=#a | completion=-
change: 本年收入合计 | decrease | delta=#d | rate=-
"""


def perfect(gold: dict[str, Any]) -> dict[str, Any]:
    """A report that says exactly what its gold says."""
    report: dict[str, Any] = {"quantities": [], "metrics": [], "changes": [], "pairs": []}
    for number, quantity in enumerate(gold.get("quantities", []), 1):
        report["quantities"].append({**quantity, "id": f"q{number}"})
        if quantity["role"]:
            value = quantity.get("metric_value", quantity["value"])
            indicator = {"text": quantity["indicator"][0]}
            metric = {"id": f"m{number}", "quantity": f"q{number}", "indicator": indicator, "value": value}
            report["metrics"].append({**metric, "role": quantity["role"], "start": quantity["start"]})
    for number, change in enumerate(gold.get("changes", []), 1):
        record = {**change, "indicator": {"text": change["indicator"][0]}}
        for key in ("delta", "rate"):
            if change[key] is not None:
                record[key] = f"c{key}{number}"
                report["metrics"].append({"id": record[key], "quantity": None, "value": change[key]})
        report["changes"].append(record)
    report["pairs"] = [{**pair, "indicator": {"text": pair["indicator"][0]}} for pair in gold.get("pairs", [])]
    for section in gold.get("sections", []):
        heading = {"start": section["start"], "end": section["start"]}
        report.setdefault("sections", []).append({**section, "heading": heading})
    report["entities"] = list(gold.get("entities", []))
    for finding in gold.get("findings", []):
        start, end = finding["spans"][0]
        record = {"rule": finding["rule"], "severity": "error", "start": start, "end": end}
        report.setdefault("findings", []).append(record)
    return report


def spoil(report: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The report with every tenth record lost, moved, doubled or changed."""
    report = copy.deepcopy(report)
    for records in report.values():
        for record in list(records):
            match chance.randrange(24):
                case 0:
                    records.remove(record)
                case 1:
                    records.append({**record, "id": f"{record.get('id')}x"})
                case 2 if "start" in record:
                    record["start"] += chance.randrange(1, 60)
                case 3:
                    record["value"] = record.get("value") or 17
                    record["type"] = "other"
                case 4:
                    record["approx"], record["norm"], record["completion"] = True, "1999", 12
                case 5:
                    record["indicator"] = {"text": chance.choice(["就业", "支出决算", "财政拨款收入合计"])}
                case 6:
                    record["role"], record["direction"], record["unit"] = "target", "flat", "个"
    return report


@pytest.fixture
def gold() -> dict[str, Any]:
    """Gold of the short report above."""
    return unmark_report(MARKED, "short.txt")[1]


def test_report_that_says_what_the_gold_says_scores_one(gold: dict[str, Any]) -> None:
    """Every figure is 1 for a perfect report."""
    marks = evaluate_records([(perfect(gold), gold)]).marks()
    assert set(marks.values()) == {1.0}
    assert {
        "quantities",
        "quantity attributes",
        "metric value+role",
        "metric value+role+indicator",
        "pairs",
        "changes",
        "sections found",
        "section type",
        "entity DATE",
        "entity DATE norm",
        "entity ORG",
    } <= marks.keys()


def _lose_quantity(report: dict[str, Any]) -> None:
    del report["quantities"][0]


def _other_unit(report: dict[str, Any]) -> None:
    report["quantities"][0]["unit"] = "美元"


def _other_role(report: dict[str, Any]) -> None:
    report["metrics"][0]["role"] = "target"


def _other_name(report: dict[str, Any]) -> None:
    report["metrics"][0]["indicator"] = {"text": "旅游收入"}


def _metric_on_silent_quantity(report: dict[str, Any]) -> None:
    report["metrics"].append({"id": "mx", "quantity": "q5", "role": "actual", "value": 3, "indicator": None})


def _second_indicator(report: dict[str, Any]) -> None:
    report["metrics"].append({**report["metrics"][0], "id": "mx", "indicator": {"text": "总收入"}})


def _unsigned_change(report: dict[str, Any]) -> None:
    report["metrics"][1]["value"] = 25000


def _other_section_type(report: dict[str, Any]) -> None:
    report["sections"][1]["type"] = "expenditure"


def _also_allowed_type(report: dict[str, Any]) -> None:
    report["sections"][1]["type"] = "revenue"


def _one_sided_pair(report: dict[str, Any]) -> None:
    report["pairs"][0]["target"] = None


def _flat_change(report: dict[str, Any]) -> None:
    report["changes"][0]["direction"] = "flat"


def _other_norm(report: dict[str, Any]) -> None:
    report["entities"][0] = {**report["entities"][0], "norm": "2031-01-01"}


def _no_comparator(report: dict[str, Any]) -> None:
    report["quantities"][3]["comparator"] = "="


@pytest.mark.parametrize(
    ("harm", "lower"),
    [
        (_lose_quantity, {"quantities", "metric value+role", "metric value+role+indicator"}),
        (_other_unit, {"quantities"}),
        (_other_role, {"metric value+role", "metric value+role+indicator"}),
        (_other_name, {"metric value+role+indicator"}),
        (_metric_on_silent_quantity, set()),
        (_second_indicator, set()),
        (_unsigned_change, {"metric value+role", "metric value+role+indicator"}),
        (_other_section_type, {"section type"}),
        (_also_allowed_type, set()),
        (_one_sided_pair, {"pairs"}),
        (_flat_change, {"changes"}),
        (_other_norm, {"entity DATE norm"}),
        (_no_comparator, {"quantity attributes"}),
    ],
)
def test_each_harm_lowers_the_scores_it_should(
    gold: dict[str, Any], harm: Callable[[dict[str, Any]], None], lower: set[str]
) -> None:
    """One wrong record lowers the scores of its own type and no other."""
    report = copy.deepcopy(perfect(gold))
    harm(report)
    scores = evaluate_records([(report, gold)])
    assert {name for name, mark in scores.marks().items() if mark < 1} == lower
    assert bool(lower) == any(tally.errors for tally in scores.tallies.values())


@pytest.mark.parametrize(
    ("name", "gold_name", "same"),
    [
        ("“三公”经费", "三公经费", True),
        ("城镇新增就业人数", "城镇新增就业", True),
        ("支出", "一般公共预算支出", False),
        ("政府采购货物支出", "政府采购服务支出", False),
        ("货物周转量", "旅客周转量", False),
        ("本年收入合计", "本年的收入合计", True),
        ("", "收入", False),
    ],
)
def test_indicators_are_compared_by_their_words(name: str, gold_name: str, same: bool) -> None:
    """Containment or a long common subsequence makes two phrases one."""
    assert same_indicator(name, [gold_name]) is same


def test_missing_report_counts_as_missed(tmp_path: Path, gold: dict[str, Any]) -> None:
    """A run that lost a document loses its recall, and the table can be drawn."""
    (tmp_path / "gold.json").write_text(json.dumps(gold), encoding="utf-8")
    scores = evaluate(tmp_path, [tmp_path / "gold.json"])
    assert scores["quantities"].recall == 0
    table = render_scores(scores, errors=2)
    assert "quantities" in table
    assert "missed: short.txt@" in table


def test_floors_only_rise(tmp_path: Path, gold: dict[str, Any]) -> None:
    """A worse run is reported and does not lower the floors unless that is asked for."""
    path = tmp_path / "floors.json"
    good = {"corpus": evaluate_records([(perfect(gold), gold)])}
    bad = {"corpus": evaluate_records([({}, gold)])}
    assert check_floor(path, good) == []
    write_scores(path, good)
    write_scores(path, bad)
    assert check_floor(path, good) == []
    assert any("pairs: 0.0000 is below the floor 1.0000" in fall for fall in check_floor(path, bad))
    assert check_floor(path, {}) == []
    write_scores(path, bad, lower=True)
    assert check_floor(path, bad) == []


@pytest.mark.parametrize("seed", range(3))
def test_figures_agree_with_the_shared_scorer(tmp_path: Path, seed: int) -> None:
    """On spoiled reports both scorers give the same figures to the last digit."""
    if not (SHARED / "gold" / "score.py").exists():
        pytest.skip("../shared/gold is not there")
    files = sorted((SHARED / "gold").glob("*.json")) + sorted((SHARED / "gold" / "passages").glob("*.json"))
    chance = random.Random(seed)
    reports: dict[str, dict[str, Any]] = {}
    for file in files:
        content = json.loads(file.read_text(encoding="utf-8"))
        report = reports.setdefault(Path(content["doc"]).stem, {})
        for key, records in spoil(perfect(content), chance).items():
            report.setdefault(key, []).extend(records)
    for stem, report in reports.items():
        (tmp_path / f"{stem}.json").write_text(json.dumps(report), encoding="utf-8")
    command = [sys.executable, str(SHARED / "gold" / "score.py"), str(tmp_path), *map(str, files)]
    subprocess.run([*command, "--json", str(tmp_path / "theirs")], check=True, capture_output=True)
    theirs = json.loads((tmp_path / "theirs").read_text(encoding="utf-8"))
    ours = evaluate(tmp_path, files)
    assert theirs.keys() == ours.tallies.keys()
    for name, row in theirs.items():
        tally = ours[name]
        figures = {
            "gold": tally.matched + tally.missed,
            "predicted": tally.matched + tally.spurious,
            "precision": round(tally.precision, 4),
            "recall": round(tally.recall, 4),
            "f1": round(tally.f1, 4),
        }
        assert figures | ({"accuracy": round(tally.accuracy, 4)} if tally.asked else {}) == row, name


def test_scores_hold_their_floors() -> None:
    """No corpus scores below tests/floors.json; after a gain, raise it with `python -m extract.evaluate --raise`."""
    assert check_floor(ROOT / "tests" / "floors.json", measure(corpora(ROOT))) == []
