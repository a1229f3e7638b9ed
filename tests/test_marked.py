"""Marked reports: what each mark becomes, what is refused, and that the corpus is in step with its marks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extract.marked import build_corpus, main, unmark_report
from extract.marks import MarkError
from extract.source import decode

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
MARKED = sorted((CORPUS / "marked").glob("*.marked"))
GOLD = {f"{path.stem}.txt": unmark_report(path.read_text(encoding="utf-8"), f"{path.stem}.txt") for path in MARKED}


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("⟦560余场|count 560 场 ~|actual|招聘会⟧", {"value": 560, "unit": "场", "approx": True, "role": "actual"}),
        ("⟦4.5%以内|rate 4.5 % <=|target|失业率⟧", {"value": 4.5, "comparator": "<=", "approx": False}),
        ("⟦3人|count 3 人|-⟧", {"value": 3, "role": None, "indicator": []}),
        ("⟦3至5万人|count 30000..50000 人|-⟧", {"value": None, "low": 30000, "high": 50000}),
        ("⟦27.09|number 27.09 null|actual|支出⟧", {"value": 27.09, "unit": None}),
        ("⟦1.16|money 11600 元|actual|支出⟧", {"value": 11600, "unit": "元"}),
        ("⟦２,３５０．１６ 万元|money 23501600 元|actual|收入⟧", {"value": 23501600}),
        ("⟦二十多家|count 20 家 ~|actual|企业⟧", {"value": 20}),
        ("⟦一百二十三个|count 123 个|actual|企业⟧", {"value": 123}),
        ("⟦九成以上|rate 90 % >=|actual|满意度⟧", {"value": 90}),
        ("⟦46.85千公顷|measure 46.85 千公顷|actual|面积⟧", {"unit": "千公顷"}),
        ("⟦0台（套）|count 0 台（套）|actual|设备⟧", {"unit": "台（套）"}),
        ("⟦-61人|count -61 人|actual|城镇新增就业⟧", {"value": -61}),
    ],
)
def test_quantity_mark_becomes_a_record(marked: str, expected: dict[str, Any]) -> None:
    """The fields of a mark are the fields of the record, and its offsets give its words."""
    text, gold = unmark_report(f"全市{marked}。", "a.txt")
    [record] = gold["quantities"]
    assert {key: record[key] for key in expected} == expected
    assert text[record["start"] : record["end"]] == record["text"] == marked[1:].partition("|")[0]


def test_signed_role_gives_the_value_of_the_metric() -> None:
    """The printed amount stays positive, the metric is signed; a growth without sign is an increase."""
    marks = "减少⟦2万元|money 20000 元|change=-20000|支出⟧，增长⟦3%|rate 3 %|growth|收入⟧"
    _, gold = unmark_report(marks, "a.txt")
    assert [(q["value"], q["role"], q["metric_value"]) for q in gold["quantities"]] == [
        (20000, "change", -20000),
        (3, "growth", 3),
    ]


@pytest.mark.parametrize(
    ("marked", "number"),
    [
        ("一、⦃revenue|收入情况⦄", "一、"),
        ("正文。\n （二）⦃revenue|收入情况⦄。正文", "（二）"),
        ("3、 [bookmark: _Toc1][bookmark: _Toc2]⦃revenue|收入情况⦄", "3、 [bookmark: _Toc1][bookmark: _Toc2]"),
        ("[bookmark: _Toc1]第3部分 ⦃revenue|收入情况⦄", "第3部分 "),
        ("1.2 ⦃revenue|收入情况⦄", "1.2 "),
        ("附件1-2：⦃revenue|收入情况⦄", "附件1-2："),
        ("总计5万元。⦃revenue|收入情况⦄：正文", ""),
    ],
)
def test_heading_starts_at_its_number(marked: str, number: str) -> None:
    """A heading's start is its number, its title_start its title."""
    text, gold = unmark_report(marked, "a.txt")
    [section] = gold["sections"]
    assert text[section["start"] : section["title_start"]] == number
    assert text[section["title_start"] :].startswith(section["title"])
    assert section["title"] == "收入情况"


def test_heading_may_hold_marks_and_other_types() -> None:
    """A date inside a title is an entity, and `also` holds the other types."""
    text, gold = unmark_report("⦃part_heading/revenue|⟬DATE|2023年|2023⟭报告⦄\n", "a.txt")
    assert (gold["sections"][0]["title"], gold["sections"][0]["also"]) == ("2023年报告", ["revenue"])
    assert gold["entities"] == [{"start": 0, "end": 5, "type": "DATE", "text": "2023年", "norm": "2023"}]
    assert text == "2023年报告\n"


def test_relations_stand_at_their_figures() -> None:
    """A pair starts at its first side, a change at its delta, a flat one at its anchor."""
    marked = (
        "目标⟦5人|count 5 人|target|培训|#t⟧，完成⟦6人|count 6 人|actual|培训|#a⟧，"
        "为⟦120%|rate 120 %|completion|培训|#c⟧，"
        "减少⟦2人|count 2 人|change=-2|培训|#d⟧，费用⟨#f⟩持平，⟨#g⟩计划10月底前，实际10月。\n=====\n"
        "pair: 培训 | target=#t | actual=#a | completion=#c\n"
        'pair: 时间 | target="10月底前" | actual="10月" | completion=- | at=#g\n'
        "change: 培训 | decrease | delta=#d | rate=-\nchange: 费用 | flat | delta=- | rate=- | at=#f\n"
    )
    text, gold = unmark_report(marked, "a.txt")
    pair, words = gold["pairs"]
    assert text[pair["start"] :].startswith("5人")
    assert pair["target"] == {"text": "5人", "value": 5, "unit": "人"}
    assert pair["completion"] == 120
    assert words["target"] == {"text": "10月底前", "value": None, "unit": None}
    assert text[words["start"] :].startswith("计划")
    assert [(text[c["start"] :][:2], c["direction"], c["delta"]) for c in gold["changes"]] == [
        ("2人", "decrease", -2),
        ("持平", "flat", None),
    ]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("甲\n⟦5人|people 5 人|-⟧", "line 2"),
        ("⟦5人|people 5 人|-⟧", "no kind"),
        ("⟦5人|count 5 人|result|甲⟧", "no role"),
        ("⟦5人|count 6 人|-⟧", "not as 6"),
        ("⟦5万人|count 5 户|-⟧", "unit"),
        ("⟦5%|rate 5 个|-⟧", "no unit of the kind"),
        ("⟦5人|count 5 人|actual⟧", "names its indicator"),
        ("⟦5人|count 5 人|-|甲⟧", "does not"),
        ("⟦5人|count 5 人 =<|-⟧", "comparator"),
        ("⟦5人|count five 人|-⟧", "decimal"),
        ("⟦5人|count 5 人|change=-6|甲⟧", "signed value"),
        ("⟦5人|count 5 人|-", "not closed"),
        ("5人⟧", "not opened"),
        ("⦃revenue|收入", "not closed"),
        ("⦃money|收入⦄", "no section type"),
        ("⟬TOWN|甲⟭", "no entity type"),
        ("⟬DATE|今年|this year⟭", "ISO"),
        ("⟬POLICY|办法⟭", "《》"),
        ("⟦5人|count 5 人|actual|甲|#a⟧", "never used"),
        ("⟨#a⟩⟨#a⟩", "twice"),
        ("甲\n=====\npair: 甲 | target=#t | actual=#a", "no mark carries"),
        ("⟦5人|count 5 人|target|甲|#t⟧\n=====\npair: 甲 | target=#t | actual=-", "bare target"),
        ("⟦5人|count 5 人|change|甲|#d⟧\n=====\nchange: 甲 | decrease | delta=#d", "do not decrease"),
        ("⟦5人|count 5 人|actual|甲|#d⟧\n=====\nchange: 甲 | increase | delta=#d", "role change or growth"),
        ("甲\n=====\nchange: 甲 | flat | delta=- | rate=-", "at=#f1"),
        ("甲\n=====\nchange: 甲 | sideways | delta=-", "no direction"),
        ("甲\n=====\n甲=乙", "line 3"),
    ],
)
def test_mistake_is_refused_with_its_place(marked: str, message: str) -> None:
    """A mark that cannot be right is an error that says what and where."""
    with pytest.raises(MarkError, match=message):
        unmark_report(marked, "a.txt")


def test_corpus_is_in_step_with_its_marks() -> None:
    """`reports/` and `gold/` hold exactly what `marked/` says; else run `python -m extract.marked corpus`."""
    wanted = dict(build_corpus(CORPUS))
    present = {path for name in ("reports", "gold") for path in (CORPUS / name).iterdir()}
    assert present == set(wanted)
    assert [path.name for path, data in wanted.items() if path.read_bytes() != data] == []


def test_main_writes_only_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run over the same marks writes nothing, and forms are obeyed."""
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked" / "a.marked").write_text("甲\n乙⟦5人|count 5 人|-⟧", encoding="utf-8")
    (tmp_path / "forms.toml").write_text('[a]\nnewline = "\\r\\n"\nencoding = "gb18030"\n', encoding="utf-8")
    assert main([str(tmp_path)]) == main([str(tmp_path)]) == 0
    assert capsys.readouterr().err.splitlines() == ["2 files written", "0 files written"]
    assert (tmp_path / "reports" / "a.txt").read_bytes() == "甲\r\n乙5人".encode("gb18030")


@pytest.mark.parametrize("name", sorted(GOLD))
def test_corpus_offsets_give_the_words_of_the_saved_report(name: str) -> None:
    """Read back from disk, whatever the encoding, every record of the gold stands at its place."""
    text = decode((CORPUS / "reports" / name).read_bytes(), path=name).text
    gold = json.loads((CORPUS / "gold" / name).with_suffix(".json").read_text(encoding="utf-8"))
    for record in (*gold["quantities"], *gold.get("entities", ())):
        assert text[record["start"] : record["end"]] == record["text"]
    for section in gold.get("sections", ()):
        assert text[section["title_start"] :].startswith(section["title"])


@pytest.mark.parametrize("name", sorted(GOLD))
def test_corpus_completion_rates_stand_in_pairs(name: str) -> None:
    """A completion rate stands in a pair: a result with its rate is never a lone metric."""
    _, gold = GOLD[name]
    rates = {quantity["value"] for quantity in gold["quantities"] if quantity["role"] == "completion"}
    assert rates <= {pair["completion"] for pair in gold["pairs"]}
