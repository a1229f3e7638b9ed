"""Tables: found where they are, rebuilt as they were, read by their headings, each figure once."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from extract.cell_values import CellReader
from extract.cli import main
from extract.columns import Columns
from extract.patterns import load_pack
from extract.pipeline import Extractor
from extract.quantities import QuantityFinder
from extract.records import Metric, Pair, Report
from extract.source import GivenCell, GivenTable, decode, make_source
from extract.table_list import is_unread, list_cells, list_tables
from extract.table_readings import STATUSES

ROOT = Path(__file__).resolve().parents[1]
SEEDS = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
EXTRACTOR = Extractor()
QUANTITIES = QuantityFinder(load_pack())
COLUMNS = Columns(load_pack(), QUANTITIES)
VALUES = CellReader(load_pack(), QUANTITIES, COLUMNS)


def read(text: str) -> Report:
    """The report of a text."""
    return EXTRACTOR.read_text(text)


def dump(text: str) -> str:
    """A Word dump from rows parted by line feeds and cells parted by bars; `¶` is a line feed inside a cell."""
    return "\n\n".join("\n".join("\t" + cell.replace("¶", "\n") for cell in row.split("|")) for row in text.split("\n"))


def pair_words(pair: Pair) -> str:
    """A pair in short: indicator | target | actual | completion."""
    sides = [side.text if side is not None else "-" for side in (pair.target, pair.actual)]
    rate = "-" if pair.completion is None else f"{pair.completion:f}"
    return " | ".join([pair.indicator.text if pair.indicator is not None else "-", *sides, rate])


def metric_words(metric: Metric) -> str:
    """A metric in short: role indicator value unit."""
    name = metric.indicator.text if metric.indicator is not None else "-"
    value = "-" if metric.value is None else f"{metric.value:f}"
    return f"{metric.role} {name} {value} {metric.unit or '-'}"


# --- the same form in every setting ----------------------------------------------------------------------------------
ROWS = """三级指标|指标值|完成值|分值|得分
培训人数|≥500人|520人|20|20
培训合格率|≥95%|93.1%|20|18
拨付时间|2024年6月底前|2024年5月|10|10
政策知晓度|明显提高|有所提高|10|9"""
PAIRS = [
    "培训人数 | ≥500人 | 520人 | -",
    "培训合格率 | ≥95% | 93.1% | -",
    "拨付时间 | 2024年6月底前 | 2024年5月 | -",
    "政策知晓度 | 明显提高 | 有所提高 | -",
]


def html(rows: str) -> str:
    """Rows as an HTML table without any line feed."""
    return (
        "<table>"
        + "".join(f"<tr><td>{'</td><td>'.join(r.split('|'))}</td></tr>" for r in rows.split("\n"))
        + "</table>"
    )


def markdown(rows: str) -> str:
    """Rows as a markdown table."""
    first, *rest = rows.split("\n")
    rule = "|".join("---" for _ in first.split("|"))
    return "\n".join(f"|{row}|" for row in (first, rule, *rest))


SETTINGS = {
    "word": dump(ROWS),
    "word with carriage returns": dump(ROWS).replace("\n", "\r\n"),
    "html": html(ROWS),
    "markdown": markdown(ROWS),
    "markdown without outer bars": "\n".join(line.strip("|") for line in markdown(ROWS).split("\n")),
    "tabs": ROWS.replace("|", "\t"),
    "blanks": "\n".join("   ".join(f"{cell:<16}" for cell in row.split("|")) for row in ROWS.split("\n")),
    "full-width blanks": ROWS.replace("|", "　　　"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_form_reads_alike_in_every_setting(setting: str) -> None:
    """HTML, markdown, TABs, blanks, a Word dump: the cells are the same and so are the pairs."""
    text = f"某项目支出绩效自评表\n\n{SETTINGS[setting]}\n\n填表人："
    report = read(text)
    assert [len(table.cells) for table in report.tables] == [25]
    assert [pair_words(pair) for pair in report.pairs] == PAIRS
    assert [metric_words(one) for one in report.metrics if "score" in one.role][:2] == [
        "full_score 培训人数 20 分",
        "score 培训人数 20 分",
    ]
    assert {pair.source for pair in report.pairs} == {"table"}
    assert [pair.met for pair in report.pairs] == [True, False, None, None]


# --- shapes ----------------------------------------------------------------------------------------------------------
SHAPES = {
    "a blank paragraph tears a row of a Word dump": (
        dump("二级指标|三级指标|指标值|完成值|分值|得分\n质量|培训合格率¶|95%|96%¶|10|10\n数量|培训人数|50人|52人|10|10"),
        ["培训合格率 | 95% | 96% | -", "培训人数 | 50人 | 52人 | -"],
    ),
    "a heading merged sideways makes the rows below it longer": (
        dump("资金（万元）|年初预算数|全年预算数|全年执行数|执行率|得分\n|年度资金总额|20|18|9|50%|5\n|其中：财政拨款|20|18|9|50%|—"),
        ["年度资金总额 | 18 | 9 | 50", "财政拨款 | 18 | 9 | 50"],
    ),
    "headings begin one column too early": (
        dump(
            "一级指标|二级指标|三级指标|指标值|完成值|分值|得分|一级指标\n|产出指标|数量指标|培训人数|50人|52人|10|9\n"
            "||质量指标|培训合格率|95%|96%|10|10"
        ),
        ["培训人数 | 50人 | 52人 | -", "培训合格率 | 95% | 96% | -"],
    ),
    "two rows of headings, merged both ways": (
        '<table><tr><td rowspan="2">项目</td><td colspan="2">预算数（万元）</td>'
        '<td rowspan="2">执行数（万元）</td></tr>'
        "<tr><td>年初预算</td><td>调整后预算</td></tr>"
        "<tr><td>道路养护</td><td>30</td><td>28</td><td>27.5</td></tr></table>",
        ["道路养护 | 28 | 27.5 | -"],
    ),
    "columns name what is measured, the row above them its role": (
        '<table><tr><td colspan="2">预算数</td><td colspan="2">决算数</td></tr>'
        "<tr><td>因公出国（境）费</td><td>公务接待费</td><td>因公出国（境）费</td><td>公务接待费</td></tr>"
        "<tr><td>1</td><td>2</td><td>3</td><td>4</td></tr><tr><td>5.00</td><td>3.20</td><td>4.80</td><td>1.10</td></tr></table>",
        ["因公出国（境）费 | 5.00 | 4.80 | -", "公务接待费 | 3.20 | 1.10 | -"],
    ),
    "the table lies on its side": (
        markdown("指标|培训人数（人）|培训合格率\n目标值|50|95%\n完成值|52|96%"),
        ["培训人数 | 50 | 52 | -", "培训合格率 | 95% | 96% | -"],
    ),
    "headings stand beside their figures, over two rows": (
        markdown("项目名称|道路养护|实施单位|某镇人民政府\n全年预算数（万元）|28|全年执行数（万元）|27.5\n执行率|98.2%|得分|9.8"),
        ["道路养护 | 28 | 27.5 | 98.2"],
    ),
    "a comparator and a unit in cells of their own": (
        markdown("指标名称|指标性质|指标值|度量单位|完成值\n维修道路|≥|12|公里|13.5\n群众评价|定性|好|/|较好"),
        ["维修道路 | 12 | 13.5 | -", "群众评价 | 好 | 较好 | -"],
    ),
    "empty cells and strokes make no pair": (
        markdown("指标名称|指标值|完成值\n维修道路|12公里|\n栽植树木|/|300株\n清淤河道|——|……\n安装路灯|≤|40盏"),
        [],
    ),
    "a merged label goes on below, its figures do not": (
        dump("二级指标|三级指标|指标值|完成值|分值\n数量指标|维修道路|12公里|13公里|10\n|安装路灯|40盏|41盏|"),
        ["维修道路 | 12公里 | 13公里 | -", "安装路灯 | 40盏 | 41盏 | -"],
    ),
    "a label that says too little takes the one above it": (
        dump("二级指标|三级指标|指标值|完成值\n就业见习|人数|30人|32人\n|金额|5万元|5.2万元"),
        ["就业见习人数 | 30人 | 32人 | -", "就业见习金额 | 5万元 | 5.2万元 | -"],
    ),
    "lines with TABs, the first field of a merged cell empty": (
        "二级指标\t三级指标\t指标值\t完成值\n数量指标\t维修道路\t12公里\t13公里\n\t安装路灯\t40盏\t41盏",
        ["维修道路 | 12公里 | 13公里 | -", "安装路灯 | 40盏 | 41盏 | -"],
    ),
    "single blanks, as PDF files give them": (
        "支出明细（单位：元）\n序号 支出项目 预算数 支出数 结余\n1 职业培训补贴 1,200.00 1,150.00 50.00\n"
        "2 社保补贴 300.00 280.50 19.50\n合计。",
        ["职业培训补贴 | 1,200.00 | 1,150.00 | -", "社保补贴 | 300.00 | 280.50 | -"],
    ),
    "headings over several columns of a markdown table": (
        "| 项目 | 预算数（万元） | | 决算数（万元） | |\n| | 基本支出 | 项目支出 | 基本支出 | 项目支出 |\n"
        "|---|---|---|---|---|\n| 教育 | 30 | 20 | 31 | 18 |",
        ["教育·基本支出 | 30 | 31 | -", "教育·项目支出 | 20 | 18 | -"],
    ),
    "the label of a row has a number of its own": (
        markdown("三级指标|指标解释|指标值|完成值\n指标1：维修道路|全年维修里程|12公里|13公里"),
        ["维修道路 | 12公里 | 13公里 | -"],
    ),
    "a table inside a table": (
        f"<table><tr><td>\n\n{html(ROWS)}\n</td></tr></table>\n共计培训520人。",
        PAIRS,
    ),
    "only a result and its rate": (
        markdown("任务名称|完成数|完成率\n植树造林|300亩|120%"),
        ["植树造林 | - | 300亩 | 120"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    """Tables that are merged, torn, turned or headed in unusual ways give the pairs that stand in them."""
    text, wanted = SHAPES[shape]
    assert [pair_words(pair) for pair in read(text).pairs] == wanted


def test_a_form_of_lines_with_tabs_whose_rows_differ_in_length() -> None:
    """Name, money and indicators in one form, each row with as many TABs as it needs; some begin with one."""
    text = """苗木补贴项目支出绩效自评表
项目名称	苗木补贴
项目资金（万元）		年初预算数	全年预算数	全年执行数	分值	执行率	得分
	年度资金总额	80.00	96.50	91.20	10	94.51%	9.45
绩效指标	一级指标	二级指标	三级指标	年度指标值	实际完成值	分值	得分
	产出指标	数量指标	补贴苗木	≥4万株	4.3万株	30	30
		质量指标	成活率	≥85%	83%	20	18
"""
    report = read(text)
    assert [pair_words(pair) for pair in report.pairs] == [
        "年度资金总额 | 96.50 | 91.20 | 94.51",
        "补贴苗木 | ≥4万株 | 4.3万株 | -",
        "成活率 | ≥85% | 83% | -",
    ]
    assert len(report.tables) == 1
    assert {metric.subject for metric in report.metrics} == {"苗木补贴"}


def test_units_come_from_heading_row_column_and_caption() -> None:
    """The nearest unit wins: that of the row, then of the column, then of the whole table."""
    text = "表1 主要指标\n单位：万元\n\n" + markdown(
        "指标|计划数|完成数|完成率\n税收收入|200|210|105%\n培训人次（人次）|300|310|103%\n绿化面积（公顷）|5|5.5|110%\n群众满意率|90|92|102%"
    )
    assert [metric_words(one) for one in read(text).metrics if one.role == "actual"] == [
        "actual 税收收入 2100000 元",
        "actual 培训人次 310 人次",
        "actual 绿化面积 5.5 公顷",
        "actual 群众满意率 92 -",
    ]


def test_years_of_columns_are_periods() -> None:
    """A column of a year gives its figures that period; of two years in a row the first is the previous one."""
    text = markdown("项目|单位|2022年|2023年|比上年增长（%）\n粮食产量|万吨|41.2|40.8|-1.0")
    [previous, actual, growth] = read(text).metrics
    assert [metric_words(one) for one in (previous, actual, growth)] == [
        "previous 粮食产量 412000 吨",
        "actual 粮食产量 408000 吨",
        "growth 粮食产量 -1 %",
    ]
    assert [one.period.start for one in (previous, actual) if one.period is not None] == ["2022-01-01", "2023-01-01"]


def test_the_project_of_a_form_is_the_subject_of_its_figures() -> None:
    """项目名称 names what a form is of; a code before the name is no part of it."""
    text = dump("项目名称|51030022T000000326059-道路养护\n三级指标|指标值|完成值\n维修道路|12公里|13公里")
    report = read(text)
    assert report.tables[0].subject == "道路养护"
    assert {metric.subject for metric in report.metrics} == {"道路养护"}


def test_points_in_labels_and_totals() -> None:
    """产出指标（50分） gives full points, the last row the score of the whole form."""
    text = dump(
        "一级指标|三级指标|指标值|完成值|分值|得分|备注\n产出指标（50分）|维修道路|12公里|13公里|50|48|\n总分|100|97.5|"
    )
    words = [(metric_words(one), one.indicator.id if one.indicator else None) for one in read(text).metrics]
    assert ("full_score 产出指标 50 分", None) in words
    assert words[-2:] == [("full_score 总分 100 分", "perf.score"), ("score 总分 97.5 分", "perf.score")]


def test_sentences_in_cells_belong_to_the_rules_for_running_text() -> None:
    """Target and result in one cell are read as prose, and goals as targets; no figure is read twice."""
    text = dump(
        "年度总体目标|预期目标|实际完成情况\n|完成职业技能培训5000人次以上，举办招聘会40场。|完成职业技能培训5200人次，举办招聘会43场。"
    )
    report = read(text)
    assert [(one.role, one.source) for one in report.metrics] == [
        ("target", "narrative"), ("target", "narrative"), ("actual", "narrative"), ("actual", "narrative"),
    ]  # fmt: skip
    assert len({one.start for one in report.quantities}) == len(report.quantities) == 4


def test_rules_for_points_are_no_figures_of_the_report() -> None:
    """评分标准 tells how points are given: its figures are quantities and nothing else."""
    text = markdown("指标|评分标准|目标值|完成值\n执行率|执行率达到90%以上得满分，每低1个百分点扣0.5分。|95%|97%")
    assert [metric_words(one) for one in read(text).metrics] == ["target 执行率 95 %", "actual 执行率 97 %"]


def test_merged_cells_are_filled_in_the_rows() -> None:
    """`rows` have the text of a merged cell in every place that it covers; `cells` have it once."""
    text = (
        "<table><tr><th>类别</th><th>指标</th><th>完成值</th></tr>"
        '<tr><td rowspan="2">民生</td><td>修路</td><td>3公里</td></tr>'
        "<tr><td>植树</td><td>40株</td></tr></table>"
    )
    [table] = read(text).tables
    assert table.header == [["类别", "指标", "完成值"]]
    assert table.rows[1:] == [["民生", "修路", "3公里"], ["民生", "植树", "40株"]]
    assert [text[cell.start : cell.end] for cell in table.cells] == [cell.text for cell in table.cells]
    assert sum(cell.text == "民生" for cell in table.cells) == 1


# --- what is no table ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "目录\n一、部门职责\t4\n二、机构设置\t7\n三、收入决算\t9\n四、支出决算\t12",
        "第一条  为了规范资金管理，制定本办法。\n第二条  本办法适用于全市。\n第三条  由市财政局负责解释。",
        "\t2023年度收入总计200万元，比上年增加20万元，增长10%，主要原因是项目增加，人员增加，标准提高。\n\t支出总计200万元，"
        "比上年增加20万元，增长10%，主要原因是项目增加，人员增加，物价上涨等。",
        "一、培训人数520人；\n二、招聘会43场；\n三、补贴300万元。",
        "目标|任务|结果，三者缺一不可。",
        "姓名    张三    性别    男\n单位    某局    职务    科员\n电话    空缺    邮编    空缺",
    ],
)
def test_lists_contents_and_paragraphs_are_no_tables(text: str) -> None:
    """What is only set like a table is none."""
    assert read(text).tables == []


def test_running_text_beside_a_table_is_still_read() -> None:
    """A paragraph above and below a table is prose as ever."""
    text = f"全年完成培训520人，完成年度任务的104%。\n\n{markdown(ROWS)}\n\n城镇登记失业率为3.2%，控制在4.5%以内。"
    told = [pair for pair in read(text).pairs if pair.source == "narrative"]
    assert [pair.actual.text for pair in told if pair.actual is not None] == ["520人", "3.2%"]


# --- given tables ----------------------------------------------------------------------------------------------------
def test_a_given_table_is_used_as_it_is() -> None:
    """Cells whose place the format tells are not looked for again, though their text looks like another table."""
    cells = []
    text = "某项目自评\n"
    start = len(text)
    for row, line in enumerate(("指标名称|目标值|完成值", "培训\t人数|50人|52人", "修路|12公里|")):
        for column, words in enumerate(line.split("|")):
            cells.append(GivenCell(len(text), len(text) + len(words), row, column, header=row == 0))
            text += words + "\t"
        text += "\n"
    table = GivenTable(start, len(text), "自评表", tuple(cells))
    report = EXTRACTOR.read(make_source(text, tables=(table,)), doc_id="given")
    assert [(one.caption, len(one.cells)) for one in report.tables] == [("自评表", 9)]
    assert [pair_words(pair) for pair in report.pairs] == ["培训人数 | 50人 | 52人 | -"]


# --- cells and headings ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "unit", "wanted"),
    [
        ("≥500", "人", "500 人 >="),
        ("1,054.90", "万元", "10549000 元 ="),
        ("3.9万", None, "39000 - ="),
        ("3.9万", "人", "39000 人 ="),
        ("控制在4.5%以内", None, "4.5 % <="),
        ("不低于90", "%", "90 % >="),
        ("90%以上", None, "90 % >="),
        ("-2.3", "%", "-2.3 % ="),
        ("下降2.3%", None, "-2.3 % ="),
        ("2.1", "万人次", "21000 人次 ="),
        ("1980元/月", None, "1980 元/月 ="),
        ("已完成52人", None, "52 人 ="),
        ("2023年12月31日", None, None),
        ("11月", None, None),
        ("11月底前", None, None),
        ("效果明显", "%", None),
        ("长期", None, None),
        ("20人/3场", None, None),
    ],
)
def test_single_cells(cell: str, unit: str | None, wanted: str | None) -> None:
    """One figure with its unit and bound, or words."""
    found = VALUES.figure(cell, COLUMNS.unit(unit) if unit else None)
    assert wanted == (found and f"{found.value:f} {found.unit or '-'} {found.comparator}")


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("2023年预算数（万元）", "budget 2023 10000元"),
        ("全年预算数\n（A）", "budget_adjusted - -"),
        ("预算执行率（B/A×100%）", "completion - -"),
        ("1-12月累计完成", "actual - -"),
        ("比上年增长（%）", "growth - 1%"),
        ("2022年决算数", "executed 2022 -"),
        ("本年支出", " - -"),
        ("2024年", "value 2024 -"),
        ("分值（90分）", "full_score - -"),
        ("天气", " - -"),
    ],
)
def test_headings(heading: str, wanted: str) -> None:
    """A heading tells role, year and unit."""
    told = COLUMNS.heading(heading)
    unit = "-" if told.unit is None else f"{told.unit.scale:f}{told.unit.unit or ''}"
    assert wanted == f"{told.role} {told.year or '-'} {unit}"


# --- everything is accounted for -------------------------------------------------------------------------------------
@pytest.mark.skipif(not SEEDS, reason="the shared reports are not here")
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
def test_every_cell_is_accounted_for(path: Path) -> None:
    """Each cell has a status, none is unread, and each figure stands in at most one quantity."""
    report = EXTRACTOR.read(decode(path.read_bytes(), path=path.name), doc_id=path.stem)
    cells = [cell for table in report.tables for cell in table.cells]
    assert {cell.read for cell in cells} <= set(STATUSES)
    assert [cell.text for cell in cells if is_unread(cell) or (cell.read == "empty" and cell.text)] == []
    ends = 0
    for quantity in report.quantities:
        assert quantity.start >= ends, quantity
        ends = quantity.end


def test_cells_not_understood_are_listed(tmp_path: Path) -> None:
    """A figure below no heading is unread; the command tells where it stands."""
    path = tmp_path / "form.txt"
    path.write_text("第一栏\n\n| 丙 | 37 |\n| 丁 | 好 |\n\n" + markdown(ROWS), encoding="utf-8")
    result = CliRunner().invoke(main, ["tables", str(path), "--unread"])
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in result.stdout.splitlines()[1:]]
    assert [line[-1] for line in lines] == ["37"]
    assert lines[0][:5] == ["form", "t1", "1", "2", "unread"]
    assert re.search(r"2 tables, \d+ cells .*1 not understood", result.stderr)


def test_tables_are_listed(tmp_path: Path) -> None:
    """Without options the command names every table; --cells every cell."""
    report = read("某项目自评表\n\n" + markdown(ROWS))
    [_, line] = list_tables([report])
    assert line.split("\t")[1:] == ["t1", "5", "5", "12", "4", "0", "0", "某项目自评表"]
    assert len(list(list_cells([report]))) == 26
    result = CliRunner().invoke(main, ["tables", str(tmp_path / "no.txt")])
    assert result.exit_code == 2
    assert "no such file" in result.output


def test_completion_and_direction() -> None:
    """What follows from two sides is worked out where they share a unit; for a falling goal less is better."""
    text = markdown("指标|计划数|完成数\n培训人数|50人|40人\n城镇登记失业率|4.0%|3.2%\n项目成本|≤20万元|19")
    first, second, third = read(text).pairs
    assert (first.computed_completion, first.met) == (Decimal(80), False)
    assert second.met is True
    assert (third.computed_completion, third.met) == (None, None)
