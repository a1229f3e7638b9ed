"""What `extract explain` prints: every figure with its rules, what lost and why, and the relations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from extract.explain import explain
from extract.patterns import load_pack
from extract.pipeline import Extractor

PACK = load_pack()
SENTENCE = (
    "2023年青川县就业服务中心收入总计2350.16万元，与2022年相比，增加442.66万元，增长23.21%。其中：基本支出851.5万元，"
    "占36.23%。完成创业培训1.07万人，达到年度任务的130%。"
)


def block(text: str, name: str) -> list[str]:
    """The lines that belong to one figure or one title, without their margins."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(name))
    end = next(number for number in range(start, len(lines)) if not lines[number])
    return [" ".join(line.split()) for line in lines[start:end]]


def test_a_figure() -> None:
    """A figure has its surface, kind, exact value and unit, role, indicator, period, and the rules that gave them."""
    lines = block(explain(SENTENCE, PACK), "q1")
    assert lines == [
        "q1 2350.16万元",
        "quantity 数量 money 23501600 元 [quantity.arabic]",
        "metric 指标 actual 23501600 元 [default.actual]",
        "indicator 名称 收入总计 (fin.total)",
        "period 时间 2023年 (2023-01-01 – 2023-12-31)",
        "subject 主体 青川县就业服务中心",
    ]


def test_a_template_that_won() -> None:
    """A figure that a template reads shows the template and the words it read."""
    lines = block(explain(SENTENCE, PACK), "q3")
    assert "metric 指标 growth 23.21 % [growth.up]" in lines
    assert any(line.startswith("template 模板 ") and "{growth:rate" in line for line in lines)
    assert any("「增长23.21%」" in line and "priority 50" in line for line in lines)


@pytest.mark.parametrize(
    ("sentence", "figure", "says"),
    [
        ("执行率低于80%的项目。", "q1", ["none.threshold", "completion.rate", "lower priority 优先级低 (60 < 90)"]),
        ("税收收入调整为5亿元。", "q1", ["level.moved_to", "budget.adjusted_to", "its condition does not hold"]),
        ("与上年相比，收入增加2万元。", "q1", ["change.up"]),
        ("工作经费与2022年相比，增加2万元。", "q1", ["change.up", "reads less text 读出文字少"]),
    ],
)
def test_templates_that_lost(sentence: str, figure: str, says: list[str]) -> None:
    """The templates that fit too are named, each with the reason why it lost."""
    text = "\n".join(block(explain(sentence, PACK), figure))
    assert [part for part in says if part not in text] == []


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("满意度≥95%。", "rate 95 % >="),
        ("举办招聘会560余场。", "count 560 场 ~"),
        ("培育3至5个品牌。", "count 3..5 个"),
        ("培训支出5.2万元，差旅支出0.39万，共两类。", "the unit is taken from the words around it"),
        ("为期一个月的活动。", "none: the figure tells no indicator's value"),
        ("全面统筹，稳步推进。", "no quantity 没有数量"),
    ],
)
def test_forms_of_figures(sentence: str, says: str) -> None:
    """Bounds, approximations, ranges, units of a neighbour, figures that are no metric, no figure at all."""
    assert says in explain(sentence, PACK)


def test_entities_and_relations() -> None:
    """Names, pairs, changes and breakdowns follow with what is computed."""
    text = explain(SENTENCE, PACK)
    entities = block(text, "Entities")
    assert any("DATE 2023年 = 2023" in line for line in entities)
    assert any("ORG 青川县就业服务中心" in line for line in entities)
    pairs = block(text, "Pairs")
    assert "actual 结果 1.07万人 (= 10700 人)" in pairs
    assert "implied 推算 8230.7692" in pairs
    assert "completion 完成率 130" in pairs
    assert "met 是否完成 yes 是" in pairs
    changes = block(text + "\n", "Changes")
    assert "direction 方向 increase 增加 [change.up]" in changes
    assert "base 对比期 2022年" in changes
    assert any("delta 增减" in line and "4426600 元" in line for line in changes)
    breakdowns = block(text + "\n", "Breakdowns")
    assert any("parts 其中" in line and "基本支出 8515000 元, share 占比" in line for line in breakdowns)


def test_both_sides_of_a_pair() -> None:
    """Stated sides, the computed rate, a goal not met."""
    text = explain("职业培训人数指标值120人，实际完成值96人。", PACK)
    lines = block(text + "\n", "Pairs")
    assert "target 目标 120人 (= 120 人)" in lines
    assert any("computed 计算 80" in line for line in lines)
    assert "met 是否完成 no 否" in lines


def test_a_whole_report(report: str) -> None:
    """A text of several paragraphs is explained like a sentence, figure by figure."""
    text = explain(report, PACK)
    assert [line.split()[0] for line in text.split("\n") if line.startswith("q")] == ["q1", "q2", "q3", "q4", "q5"]


def test_same_words_every_time() -> None:
    """The answer is the same for the same sentence, and ends with one line feed."""
    first = explain(SENTENCE, PACK)
    assert first == explain(SENTENCE, load_pack())
    assert first.endswith("\n")
    assert not first.endswith("\n\n")
    assert all(line == line.rstrip() for line in first.split("\n"))


def test_labels_are_aligned() -> None:
    """All facts of a figure begin in one column, whatever the width of the label."""
    lines = [line for line in explain(SENTENCE, PACK).split("\n") if line.startswith("    ") and line[4:5].strip()]
    quantity = next(line for line in lines if line.startswith("    quantity"))
    indicator = next(line for line in lines if line.startswith("    indicator"))
    # both labels hold two Chinese characters, which take two columns each
    assert quantity.index("money") == indicator.index("收入总计")


def test_command(cli: Callable[..., Result], tmp_path: Path) -> None:
    """The command prints the same, in words or as the records in JSON, and with a user's rules too."""
    assert cli("explain", SENTENCE).stdout == explain(SENTENCE, PACK)
    records = json.loads(cli("explain", SENTENCE, "--json").stdout)
    assert [one["text"] for one in records["quantities"]][:2] == ["2350.16万元", "442.66万元"]
    (tmp_path / "mine.toml").write_text(
        "schema = 1\nkind = 'template'\nabout = 'x'\n[[rule]]\nid = 'own.rule'\npriority = 99\n"
        "template = '交付到户{target:any}'\n",
        encoding="utf-8",
    )
    assert "[own.rule]" in cli("explain", "全年交付到户36件。", "--patterns", tmp_path).stdout


def test_extractor_takes_a_grammar_that_is_read() -> None:
    """One grammar may be shared by extractors."""
    assert Extractor(pack=PACK).pack is PACK
