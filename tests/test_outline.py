"""The heading tree and the blocks: numbering, damaged numbering, run-in headings, lists that are no headings,
noise."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.evaluate import evaluate_records
from extract.headings import is_anchored
from extract.outline import Outline, read_outline
from extract.patterns import Pack, load_pack, unmark
from extract.records import Section
from extract.source import Source, decode, make_source

PACK = load_pack()
PIECES = st.sampled_from(
    [
        "一、",
        "二、",
        "（一）",
        "(2)",
        "1.",
        "3、",
        "①",
        "第一部分",
        "附件1",
        "# ",
        "目录",
        "……",
        "\n",
        "\n\n",
        "\t",
        "|",
        "。",
        "：",
        "；",
        "，",
        "部门职责",
        "绩效目标",
        "收入100万元",
        "名词解释",
        "数量指标：",
        "工作报告",
        "2023年",
        "<table><td>",
        "</table>",
        " ",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=80))


def outline(text: str) -> Outline:
    """The outline of a text."""
    return read_outline(make_source(text), PACK)


def tree(text: str) -> list[str]:
    """The headings as `level number title`."""
    return [f"{section.level} {section.number} {section.title}" for section in outline(text).sections]


def blocks(text: str, kind: str) -> list[str]:
    """The words of all blocks of one kind."""
    return [text[block.start : block.end] for block in outline(text).blocks if block.kind == kind]


def marked_headings(text: str) -> None:
    """Assert that the headings of a text are exactly its marked parts."""
    plain, spans = unmark(text)
    found = [(section.heading.start, section.heading.end) for section in outline(plain).sections]
    assert [plain[start:end] for start, end in found] == [plain[start:end] for start, end in spans]


@pytest.mark.parametrize("rule", [*PACK.of_kind("heading"), *PACK.of_kind("noise")], ids=lambda rule: rule.id)
def test_rule_examples(rule: object) -> None:
    """Every rule matches what its examples mark, whole, and nothing in its counter-examples."""
    spec, pattern = rule.spec, rule.pattern  # type: ignore[attr-defined]
    assert spec.examples
    for example in spec.examples:
        plain, spans = unmark(example)
        assert [match.span() for match in pattern.finditer(plain)] == spans, example
    for counter in spec.counter:
        assert not pattern.search(counter), counter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "第一部分 单位概况\n一、主要职责\n负责水利工作。\n二、机构设置\n设3个科室。\n第二部分 决算说明\n"
            "一、收入情况\n（一）总体\n收入5万元。\n1.财政拨款\n拨款3万元。\n（1）本级\n"
            "拨款2万元。\n（二）其他\n没有。\n",
            [
                "1 第一部分 单位概况",
                "2 一、 主要职责",
                "2 二、 机构设置",
                "1 第二部分 决算说明",
                "2 一、 收入情况",
                "3 （一） 总体",
                "4 1. 财政拨款",
                "5 （1） 本级",
                "3 （二） 其他",
            ],
            id="whole",
        ),
        pytest.param(
            "1、 收入情况说明\n收入5万元。\n2、 支出情况说明\n支出5万元。\n三、三公经费情况说明\n"
            "没有支出。\n4、 其他事项\n无。\n",
            ["1 1、 收入情况说明", "1 2、 支出情况说明", "1 三、 三公经费情况说明", "1 4、 其他事项"],
            id="numbers for characters",
        ),
        pytest.param(
            "一、项目概况\n（1） 资金申报\n申报5万元。\n（二）绩效目标\n完成目标。\n"
            "（3） 申报相符性\n相符。\n二、项目实施\n正常。\n",
            ["1 一、 项目概况", "2 （1） 资金申报", "2 （二） 绩效目标", "2 （3） 申报相符性", "1 二、 项目实施"],
            id="mixed brackets",
        ),
        pytest.param(
            "第一部分\n\n县水务局概况\n\n一、部门职责\n管水。\n第3部分\n名词解释\n",
            ["1 第一部分 县水务局概况", "2 一、 部门职责", "1 第3部分 名词解释"],
            id="heading over two lines",
        ),
        pytest.param(
            "2023年甲项目支出绩效自评报告\n一、项目概况\n修渠。\n二、存在问题\n没有。\n"
            "2023年乙项目支出绩效自评报告\n一、项目概况\n修路。\n",
            [
                "1  2023年甲项目支出绩效自评报告",
                "2 一、 项目概况",
                "2 二、 存在问题",
                "1  2023年乙项目支出绩效自评报告",
                "2 一、 项目概况",
            ],
            id="several reports in one file",
        ),
        pytest.param(
            "一、总体情况\n平稳。\n（一）工作成效\n一、稳就业。举办招聘会3场。\n"
            "二、保民生。发放补贴5万元。\n（二）存在问题\n没有。\n二、下一步\n继续。\n",
            [
                "1 一、 总体情况",
                "2 （一） 工作成效",
                "3 一、 稳就业",
                "3 二、 保民生",
                "2 （二） 存在问题",
                "1 二、 下一步",
            ],
            id="numbering turned over",
        ),
        pytest.param(
            "# 2023年度县水务局部门决算\n\n## 第一部分 概况\n\n### **一、部门职责**\n\n管水。\n\n"
            "## 二、机构设置\n\n设3个科室。\n",
            ["1  2023年度县水务局部门决算", "2 第一部分 概况", "3 一、 部门职责", "3 二、 机构设置"],
            id="markdown levels that are wrong",
        ),
        pytest.param(
            "一、预算收支\n1.一般公共预算（1）全县收支情况。收入5亿元。\n"
            "（2）县级收支情况。收入3亿元。\n2.政府性基金预算（1）全县收支情况。收入1亿元。\n",
            [
                "1 一、 预算收支",
                "2 1. 一般公共预算",
                "3 （1） 全县收支情况",
                "3 （2） 县级收支情况",
                "2 2. 政府性基金预算",
                "3 （1） 全县收支情况",
            ],
            id="two headings in one line",
        ),
    ],
)
def test_tree(text: str, expected: list[str]) -> None:
    """Headings nest by the document's own numbering, also where it is damaged."""
    assert tree(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "⟦一、资金管理⟧\n⟦1.资金到位⟧。到位5万元。\n⟦2.资金使用⟧。使用5万元。\n",
        "⟦一、产出情况⟧\n⟦数量指标⟧：培训30人。\n⟦质量指标⟧：合格率95%。\n",
        "⟦一、政府债务情况⟧省里核定我县2025年债务限额5亿元，年末余额4亿元，没有超限额。\n⟦二、下步工作⟧\n继续努力。\n",
        "⟦一、过去一年工作回顾⟧\n⟦（一）项目带动有力，工业强势增长⟧。全年实施项目30个。\n"
        "⟦（二）农业稳中有进，产业不断壮大⟧。粮食增产3%。\n",
        "⟦一、绩效情况⟧\n⟦（一）市场消费稳步增长。⟧\n".replace("。⟧", "⟧。")
        + "零售总额5亿元。\n⟦（二）财政收入增长19.8%⟧。\n收入3亿元。\n",
        "[bookmark: _Toc1]⟦一、收入决算情况⟧\n收入5万元。\n⟦2、 [bookmark: _Toc2]支出决算情况⟧\n支出5万元。\n",
        "⟦附件1⟧\n".replace("⟧", "\n项目支出绩效自评表⟧") + "\t项目名称\n\t水库维修\n",
    ],
)
def test_heading_span(text: str) -> None:
    """A heading is its number and its title, without marks before it and without the stop behind it."""
    marked_headings(text)


@pytest.mark.parametrize(
    "text",
    [
        "⟦一、部门职责⟧\n主要职责是：\n1.负责水利建设。制定规划并组织实施。\n"
        "2.负责防汛。编制预案。\n3.完成县政府交办的其他任务。\n⟦二、机构设置⟧\n设3个科室。\n",
        "⟦第四部分 名词解释⟧\n一、财政拨款收入：指从财政取得的资金。\n"
        "二、基本支出：指保障运转的支出。\n⟦第五部分 附件⟧\n无。\n",
        "⟦一、支出具体情况⟧\n支出5万元。其中：\n"
        "1.农林水支出（类）水利（款）行政运行（项）：支出决算为3万元，完成预算100%。\n"
        "2.住房保障支出（类）住房改革支出（款）住房公积金（项）：支出决算为2万元，完成预算100%。\n",
        "⟦一、三公经费⟧\n1.公务接待费支出0.69万元，完成预算100%。接待7批次。\n"
        "2.公务用车支出0万元，完成预算0%。没有车辆。\n",
        "⟦一、存在的问题⟧\n1.少数台账登记不够及时，同现场情况略有出入，影响核对。\n"
        "2.项目实施中沟通机制不够完善，衔接不够顺畅。\n",
        "⟦一、工作开展⟧\n一是抓好招聘。二是抓好培训。\n健全体系，服务更优。建成站点3个。\n",
        "⟦一、财政收支⟧\n争取资金3亿元，户数和销售额分别排全县第\n一、第二，超过上年。\n收入为\n1.9 亿元，增长5%。\n",
        "⟦一、综合⟧\n产值5亿元。\n注：\n1.本公报为初步统计数。部分数据有舍入误差。\n"
        "2.绝对数按现价计算。增长按不变价计算。\n",
        "⟦一、附表情况⟧\n1.收入决算表\n2.支出决算表\n3.三公经费决算表\n",
    ],
)
def test_not_headings(text: str) -> None:
    """Duties, glossary entries, budget items, sentences and numbers in mid-sentence are no headings."""
    marked_headings(text)


@pytest.mark.parametrize(
    "text",
    [
        "目录\n第一部分 概况\n一、部门职责\n二、机构设置\n第二部分 说明\n第一部分 概况\n"
        "一、部门职责\n管水。\n二、机构设置\n设科室。\n",
        "目  录\n一、部门职责 ........ 3\n二、机构设置 …………… 4\n一、部门职责\n管水。\n二、机构设置\n设科室。\n",
        "一、部门职责\t3\n二、机构设置\t4\n一、部门职责\n管水。\n二、机构设置\n设科室。\n",
    ],
)
def test_contents(text: str) -> None:
    """A table of contents gives no sections, and the headings it repeats give them once."""
    titles = [section.title for section in outline(text).sections]
    assert titles.count("部门职责") == titles.count("机构设置") == 1
    assert len(blocks(text, "toc")) >= 2


@pytest.mark.parametrize(
    "text",
    [
        "⟦全年支出102.1亿元，其中教育支出30亿元，社会保障支出为\n17.8 亿元，增长5%。⟧\n⟦下一段。⟧\n",
        "⟦截至年底共有检测设备3台，其中：光谱仪1台、金额5万元，离心机2\n\n台、金额9万元。⟧\n\n⟦运行费2万元。⟧\n",
        "⟦工作顺利完成。⟧\n⟦其中：⟧\n⟦第一项3万元；⟧\n⟦第二项4万元。⟧\n",
    ],
)
def test_paragraphs(text: str) -> None:
    """A paragraph that a page or line break cut is whole again, and finished ones stay apart."""
    plain, spans = unmark(text)
    found = [(block.start, block.end) for block in outline(plain).blocks if block.kind == "text"]
    assert [plain[start:end] for start, end in found] == [plain[start:end] for start, end in spans]


@pytest.mark.parametrize(
    "text",
    [
        "自评表\n\t⟦项目名称⟧\n\t⟦水库维修\n工程⟧\n\n\t⟦年初\n预算数⟧\n\t⟦5⟧\n\n填表说明。\n",
        "| ⟦指标⟧ | ⟦数值⟧ |\n|---|---|\n| ⟦收入⟧ | ⟦5⟧ |\n",
        "表：\n<table><tr><td>⟦指标⟧</td><td>⟦5⟧</td></tr></table>\n完。\n",
    ],
)
def test_cells(text: str) -> None:
    """Cells of a Word dump, of markdown and of HTML are one block each."""
    plain, spans = unmark(text)
    assert blocks(plain, "cell") == [plain[start:end] for start, end in spans]


def test_tabs_as_indents() -> None:
    """A TAB before every paragraph is an indent, not a table."""
    line = (
        "\t全县城镇新增就业三千人，失业人员再就业一千人，就业困难人员就业五百人，"
        "零就业家庭动态清零，就业形势总体稳定。\n"
    )
    assert not blocks("\t一、就业\n" + line * 5, "cell")
    assert tree("\t一、就业\n" + line * 5) == ["1 一、 就业"]


@pytest.mark.parametrize(
    ("expression", "at_start"),
    [
        ("^注|^说明", True),
        ("^(?:注|说明)[^|)]$", True),
        (r"^[|\])]\|", True),
        ("^注|说明", False),
        ("(?:^注|说明)", False),
        ("目录$", False),
    ],
)
def test_noise_is_looked_for_where_it_may_stand(expression: str, at_start: bool) -> None:
    """A rule for noise lines counts as one for their beginning only where all its alternatives are."""
    assert is_anchored(expression) is at_start


def test_caption() -> None:
    """The title of a chart is a caption and no heading."""
    text = (
        "一、收入情况\n收入5万元。\n（图1：收入决算结构图）（饼状图）\n## 支出结构（万元）\n二、支出情况\n支出5万元。\n"
    )
    assert blocks(text, "caption") == ["（图1：收入决算结构图）（饼状图）", "支出结构（万元）"]
    assert tree(text) == ["1 一、 收入情况", "1 二、 支出情况"]


@pytest.mark.parametrize(
    ("title", "parent", "expected"),
    [
        ("收入支出决算总体情况说明", None, "accounts_overall"),
        ("2023年“三公”经费财政拨款支出决算具体情况说明", None, "three_public"),
        ("关于机关运行经费支出说明", None, "operating_cost"),
        ("农林水支出（类）水利（款）行政运行（项）", None, "general_budget"),
        ("部门（单位）整体支出绩效目标", None, "performance_target"),
        ("产出指标", "performance_target", "performance_target"),
        ("产出指标", "performance_results", "performance_results"),
        ("项目实施的经济效益分析", None, "benefit_economic"),
        ("存在的问题及原因分析", None, "problems"),
        ("工业和建筑业", None, None),
    ],
)
def test_types(title: str, parent: str | None, expected: str | None) -> None:
    """The lexicon names a title by the whole of it, its ending or a marked phrase; the parent helps."""
    from extract.headings import grammar

    name = grammar(PACK).titles.name(title, parent)
    assert (name.type if name else None) == expected


def test_unknown_heading_is_a_section() -> None:
    """A heading that the lexicon does not know is a section of type `other` with confidence 0."""
    section = outline("一、甲乙丙丁\n完成了任务。\n二、戊己庚辛\n完成了任务。\n").sections[0]
    assert (section.type, section.confidence) == ("other", 0.0)


def check(source: Source, found: Outline) -> None:
    """What must hold of any outline."""
    length = len(source.text)
    end = 0
    for block in found.blocks:
        assert end <= block.start < block.end <= length
        assert block.section is None or found.sections[block.section].start <= block.start
        end = block.end
    by_id: dict[str, Section] = {}
    for index, section in enumerate(found.sections):
        assert section.id == f"s{index + 1}"
        assert 0 <= section.start == section.heading.start <= section.heading.end <= section.end <= length
        if section.parent is not None:
            parent = by_id[section.parent]
            assert parent.level == section.level - 1
            assert parent.start <= section.start
            assert section.end <= parent.end
        else:
            assert section.level == 1
        by_id[section.id] = section
    assert all(before.start < after.start for before, after in itertools.pairwise(found.sections))


@given(TEXTS)
def test_any_text(text: str) -> None:
    """Any text has an outline whose sections nest and whose blocks are in order, and the same one each time."""
    source = make_source(text)
    found = read_outline(source, PACK)
    check(source, found)
    assert read_outline(source, PACK) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1" * 5_000_000,
        "预算执行情况良好" * 200_000,
        "（" * 10_000 + "）" * 10_000,
        "\n" * 300_000,
        "一、\n" * 20_000,
        "一、甲乙\n（一）丙丁\n" * 10_000,
        "\t1\n" * 50_000,
        ("一、甲" + "…" * 200 + "\n") * 1_000,
        "<table" * 30_000,
        ". " * 300_000,
        "项" + " " * 1_000_000 + "目",
    ],
    ids=[
        "empty",
        "digits",
        "no stop",
        "brackets",
        "blank lines",
        "numbers",
        "restarts",
        "cells",
        "leaders",
        "tables",
        "dots",
        "blanks",
    ],
)
def test_hard_input(text: str) -> None:
    """Time grows with the length of the text and with nothing else."""
    source = make_source(text)
    start = time.perf_counter()
    found = read_outline(source, PACK)
    assert time.perf_counter() - start < 3
    check(source, found)


def sections(pack: Pack, data: bytes) -> dict[str, object]:
    """A report with nothing but sections, as its JSON reads."""
    import msgspec

    source = decode(data)
    found = read_outline(source, pack)
    check(source, found)
    return {"sections": [msgspec.to_builtins(section) for section in found.sections]}


def test_real_reports(shared: Path) -> None:
    """On the shared gold nearly all sections are found and rightly named; every sample has a sound outline."""
    pairs = []
    for path in sorted((shared / "gold").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        if "sections" in gold:
            report = sections(PACK, (shared / "seeds" / gold["doc"]).read_bytes())
            wanted = {key: gold[key] for key in ("doc", "ranges", "sections")}
            pairs.append((report, wanted))
    scores = evaluate_records(pairs)
    assert scores.tallies["sections found"].f1 >= 0.985
    assert scores.tallies["section type"].accuracy >= 0.97
    for path in sorted((shared / "samples").glob("*.txt")):
        sections(PACK, path.read_bytes())
