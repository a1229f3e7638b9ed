"""The audit: intervals of printed figures, every rule on sentences right and wrong, recall on planted errors."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import planted
import pytest
from click.testing import CliRunner

from extract.audit import LANGUAGES, RULES, Auditor
from extract.audit.intervals import Interval, change_rate, growth, percent
from extract.audit.ledger import Ledger
from extract.audit.words import Words
from extract.cli import main
from extract.evaluate import evaluate
from extract.patterns import PatternError, load_pack, unmark
from extract.pipeline import Extractor
from extract.records import (
    DocumentInfo,
    Finding,
    Indicator,
    Metric,
    Pair,
    Quantity,
    Report,
    Side,
    SourceInfo,
    Span,
    Table,
)

SHARED = Path(__file__).resolve().parents[2] / "shared"
PACK = load_pack()


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    """One extractor for all tests."""
    return Extractor(pack=PACK)


def findings(extractor: Extractor, text: str) -> list[Finding]:
    """The findings of a text."""
    return extractor.read_text(text).findings


# --- intervals -----------------------------------------------------------------------------------------------------
PRINTED = {
    # sentence with one figure: the values that could have been printed so
    "支出12.5万元。": ("124500", "125500"),
    "支出1,054.90万元。": ("10548950", "10549050"),
    "支出2亿元。": ("150000000", "250000000"),
    "支出0万元。": ("0", "0"),
    "支出9873元。": ("9872.5", "9873.5"),
    "培训2160人。": ("2160", "2160"),  # a count without 万 is exact
    "培训2.66万人。": ("26550", "26650"),
    "培训560余人。": ("560", "570"),
    "培训7000余人。": ("7000", "8000"),
    "转移8.42万余人。": ("84200", "84300"),
    "培训近2万人。": ("10000", "20000"),
    "支出约3.5万元。": ("34000", "36000"),
    "失业率为3.2%。": ("3.15", "3.25"),
    "覆盖率为90%。": ("89.5", "90.5"),
    "参保覆盖率达到九成。": ("85", "95"),
}


@pytest.mark.parametrize("text", PRINTED)
def test_a_printed_figure_is_an_interval(extractor: Extractor, text: str) -> None:
    """A figure stands for all values that its last printed digit allows; 余, 近 and 约 allow more."""
    report = extractor.read_text(text)
    (metric,) = report.metrics
    figure = Ledger(report, text).figure(metric.id)
    assert figure is not None
    assert figure.interval == Interval(*map(Decimal, PRINTED[text]))


def test_trailing_zeros_are_dropped_where_the_report_prints_two_decimals(extractor: Extractor) -> None:
    """37万元 among a dozen figures like 840.77万元 is 37.00, alone it is 36.5 to 37.5."""
    many = "".join(f"{name}支出{number}3.47万元。" for number, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯", 11))
    for text, half in ((many + "辰支出37万元。", "50"), ("辰支出37万元。", "5000")):
        report = extractor.read_text(text)
        figure = Ledger(report, text).figure(report.metrics[-1].id)
        assert figure is not None
        assert figure.interval.half == Decimal(half)


def test_arithmetic_takes_the_worst_ends() -> None:
    """Rates are as wide as the figures they are made from, and undefined where a divisor may be zero."""
    ten, two = Interval(Decimal("9.5"), Decimal("10.5")), Interval(Decimal("1.5"), Decimal("2.5"))
    assert ten.minus(two) == Interval(Decimal(7), Decimal(9))
    assert percent(two, ten) == Interval(Decimal("1.5") / Decimal("10.5") * 100, Decimal("2.5") / Decimal("9.5") * 100)
    assert growth(ten, Interval(Decimal(0), Decimal(1))) is None
    rate = change_rate(two, ten)
    assert rate is not None
    assert rate.low <= Decimal(2) / Decimal(8) * 100 <= rate.high
    assert change_rate(ten, ten) is None  # from nothing there is no rate of growth


# --- rules ---------------------------------------------------------------------------------------------------------
WRONG: dict[str, tuple[str, str]] = {
    # sentence with the statement found wrong: rule and what the message must hold
    "运行经费支出年初预算为120万元，支出决算为132.5万元，完成年初预算的⟦101.42%⟧。": ("completion_rate", "110.42%"),
    "改造厕所目标任务300户，实际完成302户，完成率⟦1.01%⟧。": ("completion_rate", "疑将比值写作百分数"),
    "机关运行经费支出68.2万元，比2030年增加12.4万元，增长⟦31.5%⟧。": ("growth_rate", "12.4 ÷ (68.2 − 12.4)"),
    "会议费支出6.2万元，比上年减少2.1万元，下降⟦33.87%⟧。": ("growth_rate", "2.1 ÷ (6.2 + 2.1)"),
    "巡查水库由上年的310座增加到372座，增长⟦16.7%⟧。": ("growth_rate", "372 ÷ 310 − 1"),
    "收、支总计350万元，比上年减少⟦42万元，增长10.71%⟧。": ("direction", "方向相反"),
    "行政运行年初预算为310万元，支出决算为352万元，⟦决算数小于年初预算数⟧的主要原因是人员增加。": (
        "direction",
        "大于预算",
    ),
    "护林员由上年的⟦410人增加到372人⟧。": ("direction", "减少"),
    "本年支出合计500万元，其中：基本支出320万元，占⟦46%⟧；项目支出180万元，占36%。": ("share", "64%"),
    "三次产业结构调整为⟦10.2:31.3:61.5⟧。": ("shares_sum", "103.0%"),
    "政府采购支出总额⟦210万元⟧，其中：货物支出80万元、工程支出100万元、服务支出50万元。": ("sum_of_parts", "230万元"),
    "某局2031年度部门决算\n2031年度⟦收入总计1250.4万元，支出总计1260.4万元⟧。": ("sum_of_parts", "相差10万元"),
    "实有在职人员⟦46人⟧，其中：行政人员21人，参公人员8人，事业人员19人。": ("sum_of_parts", "48"),
    "一般公共预算财政拨款基本支出⟦861.8万元⟧，其中：\n人员经费678.61万元，包括工资等。\n公用经费87.51万元。": (
        "sum_of_parts",
        "678.61 + 87.51",
    ),
    "本年收入合计320.5万元，其中：财政拨款收入300万元，其他收入⟦20.5元⟧。": ("unit_suspect", "20.5万元"),
    "2031年城镇新增就业⟦20653人⟧。\n二、结论\n2031年城镇新增就业20853人。\n三、附\n2031年城镇新增就业20853人。": (
        "conflict",
        "另有2处",
    ),
    "某局2031年度部门预算\n1.住房保障支出（类）住房公积金（项）208.8万元。2031年预算安排⟦201.5万元⟧。": (
        "conflict",
        "208.8万元",
    ),
    "2031年机关运行经费支出77.51万元。\n二、其他\n2031年机关运行经费支出⟦77.51元⟧。": ("unit_suspect", "一万倍"),
    "采集样品目标任务500份，实际完成⟦430份，超额完成⟧目标任务。": ("target_missed", "未达到目标"),
    "本年支出合计500万元，其中：基本支出⟦320.5⟧，占64.1%；项目支出179.5万元，占35.9%。": ("missing_unit", "没有单位"),
    "会议费支出0万元，比上年⟦增加/减少⟧0万元。": ("template_residue", "增加/减少"),
}


@pytest.mark.parametrize("marked", WRONG)
def test_a_wrong_statement_is_found_where_it_stands(extractor: Extractor, marked: str) -> None:
    """The finding has the rule, the place and the right figure, and names the records that took part."""
    text, ((start, end),) = unmark(marked)
    rule, words = WRONG[marked]
    report = extractor.read_text(text)
    matching = [one for one in report.findings if one.rule == rule and one.start < end and start < one.end]
    assert matching, [one.message for one in report.findings]
    assert words in matching[0].message
    known = {one.id for one in (*report.metrics, *report.pairs, *report.changes, *report.breakdowns)}
    assert set(matching[0].refs) <= known
    assert matching[0].refs or rule == "template_residue"
    assert {one.rule for one in report.findings} <= {rule, "shares_sum"}


RIGHT = (
    # 本年收入 of one fund beside that of all
    "某局2031年度部门决算\n二、收入决算情况说明\n2031年度本年收入123.5万元。\n八、政府性基金预算财政拨款支出决算情况说明\n"
    "2031年度年初结转0万元，本年收入74万元，本年支出74万元，年末结转0万元。",
    # rounding of the printed figures
    "运行经费支出年初预算为93.3万元，支出决算为84.36万元，完成年初预算的90.4%。",
    "城镇新增就业目标任务0.82万人，实际完成1.07万人，完成率130%。",
    "本年支出合计100万元，其中：基本支出33.33万元，占33.3%；项目支出33.33万元，占33.3%；经营支出33.34万元，占33.3%。",
    # a share that was adjusted so that all make 100 %
    "2031年一般公共预算财政拨款支出303.04万元，主要用于以下方面：教育支出283.24万元，占93.5%；卫生健康支出5.925万元，占1.9%；"
    "农林水支出4.425万元，占1.5%；住房保障支出9.45万元，占3.1%。",
    # an incomplete list, a list inside a list, parts told twice
    "接待费3.2万元，其中：餐费1.1万元，住宿费0.9万元。",
    "支出合计500万元，其中：基本支出320万元（其中人员经费300万元、公用经费20万元），项目支出180万元。",
    "财政拨款支出500万元，其中：基本支出320万元，主要为人员经费300万元；公用经费20万元，项目支出180万元。",
    # from nothing there is no rate
    "运行经费支出59.87万元，比上年增加59.87万元，增长100%。",
    "行政运行年初预算为0万元，支出决算为49.75万元，决算数大于年初预算数的主要原因是年中追加。",
    # another basis
    "税收收入85.2亿元，比上年增加3.1亿元，同口径增长5.2%。",
    "地区生产总值由2026年的132.5亿元增加到140.2亿元，增长5.2%。",
    "农村居民人均可支配收入21034元，增长6.8%，城乡收入比2.15:1。",
    "某县2031年预算执行情况的报告\n全县收入总计528.4亿元，支出总计486.8亿元，结转下年41.6亿元。",
    "某局2031年度部门决算\n2031年度收入总计1250.4万元，支出总计1250.4万元，本年收入合计1200万元。",
    "地区生产总值由2026年的132.5亿元增加到186.4亿元，年均增长7.1%。",
    # the first of the sum was told in the sentence before
    "县级收入42.5亿元。加上上级补助收入20.5亿元、上年结转2亿元，收入合计65亿元。",
    # another scope, another period, an event
    "全市城镇新增就业20653人。\n二、本级\n市本级城镇新增就业16653人。",
    "1—9月，城镇新增就业16210人。\n二、全年\n全年城镇新增就业20653人。",
    "财政拨款收、支总计840.77万元。\n二、收入\n收、支总计877.77万元。",
    # bounds claim no value
    "群众满意度≥90%。\n二、结果\n群众满意度95%以上。",
    "城镇登记失业率目标4.5%以内，实际3.2%，完成年度目标。",
    "城镇新增就业1.2万人，完成年度目标任务。",
    # the adjusted budget is the base
    "项目支出年初预算100万元，调整预算90万元，支出决算90万元，完成调整预算的100%。",
    "公用经费支出预算90.5万元，支出决算88.1万元，决算数小于预算数的主要原因是厉行节约。",
    "与上年持平，主要原因是人员没有变化……等。",
)


@pytest.mark.parametrize("text", RIGHT)
def test_what_looks_wrong_and_is_right_gives_nothing(extractor: Extractor, text: str) -> None:
    """Rounding, other bases, scopes and periods, incomplete and nested lists are no findings."""
    found = [one.message for one in findings(extractor, text) if one.severity != "info"]
    assert not found


def test_rates_of_one_result_in_two_places(extractor: Extractor) -> None:
    """Two rates of one result are a conflict, and the target of a third place decides which of them is right."""
    text, ((start, end),) = unmark(
        "一、目标\n计划完成职业技能培训1.78万人。\n二、结果\n2031年完成职业技能培训2.66万人，达到年度任务的149.18%。\n三、结论\n"
        "2031年完成职业技能培训2.66万人，达到年度任务的⟦131.12%⟧。\n四、附件\n"
        "2031年完成职业技能培训2.66万人，达到年度任务的149.18%。\n"
    )
    found = findings(extractor, text)
    assert {one.rule for one in found} == {"conflict", "completion_rate"}
    assert all((one.start, one.end) == (start, end) for one in found)


def test_a_column_that_fails_beside_one_that_closes(extractor: Extractor) -> None:
    """Parts in paragraphs below their total: the results make the total, so the budgets must as well."""
    text, ((start, end),) = unmark(
        "支出年初预算数为⟦97.32万元⟧，支出决算数为84.5万元，完成年初预算的86.83%，其中：\n"
        "1.行政运行。年初预算为50.2万元，支出决算为44.5万元。\n2.事业运行。年初预算为32.1万元，支出决算为40万元。\n"
    )
    (found,) = findings(extractor, text)
    assert (found.rule, found.expected, found.start, found.end) == ("sum_of_parts", Decimal(823000), start, end)


# --- planted errors ------------------------------------------------------------------------------------------------
def test_planted_errors_are_found_and_clean_twins_give_nothing() -> None:
    """At least 500 errors over all rules and their clean twins: recall 0.97, precision 0.99."""
    result = planted.score(110)
    told = {rule for maker in planted.MAKERS for rule in maker.rules}
    assert told == {
        "completion_rate", "growth_rate", "share", "shares_sum", "sum_of_parts", "direction", "conflict",
        "target_missed", "unit_suspect", "missing_unit", "template_residue",
    }  # fmt: skip
    assert result.plants >= 500
    assert len(result.by_maker) == len(planted.MAKERS)
    assert result.recall >= 0.97, [plant.text for plant in result.missed]
    assert result.precision >= 0.99, result.alarms


def test_the_generator_plants_what_it_says() -> None:
    """A report and its twin differ in the marked places only, and the same seed gives the same report."""
    wrong, right = planted.report(7, planted=True), planted.report(7, planted=False)
    assert wrong.text != right.text
    assert wrong.plants
    assert not right.plants
    assert all(plant.spans for plant in wrong.plants)
    assert planted.report(7, planted=True).text == wrong.text


def test_a_silent_audit_fails_the_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rules nothing is found: the measure does not pass by itself."""
    monkeypatch.setattr("extract.audit.RULES", ())
    result = planted.score(3)
    assert result.plants > 0
    assert result.recall == 0


# --- tables --------------------------------------------------------------------------------------------------------
class Made:
    """A report of one score table, made row by row."""

    def __init__(self) -> None:
        self.text = ""
        self.quantities: list[Quantity] = []
        self.metrics: list[Metric] = []
        self.pairs: list[Pair] = []

    def row(self, name: str, **cells: str) -> dict[str, Side]:
        """One row: role to cell text; a number alone, `分`, or a percentage."""
        start, made, sides = len(self.text), [], {}
        self.text += name
        for role, cell in cells.items():
            at = len(self.text) + 1
            self.text += f"\t{cell}"
            made.append((role, cell, at))
        self.text += "\n"
        for role, cell, at in made:
            number = Decimal(cell.rstrip("分%"))
            kind, unit = (
                ("rate", "%") if cell.endswith("%") else ("score", "分") if "score" in role else ("number", None)
            )
            identifier = len(self.quantities) + 1
            self.quantities.append(
                Quantity(
                    f"q{identifier}",
                    kind,
                    cell,
                    number,
                    unit,
                    "=",
                    False,
                    None,
                    None,
                    at,
                    at + len(cell),
                    None,
                    "t1",
                    "x",
                )
            )
            self.metrics.append(
                Metric(
                    f"m{identifier}", f"q{identifier}", Indicator(name, start, start + len(name), None), role, number,
                    unit, kind, "=", False, None, None, None, Span(start, len(self.text)), "table", "x",
                )
            )  # fmt: skip
            sides[role] = Side(cell, at, at + len(cell), number, unit, "=", f"m{identifier}")
        if "target" in sides and "actual" in sides:
            self.pairs.append(
                Pair(
                    f"p{len(self.pairs) + 1}", None, "performance", sides["target"], sides["actual"], None, None, None,
                    None, None, start, len(self.text), "table", "x",
                )
            )  # fmt: skip
        return sides

    def findings(self) -> list[tuple[str, str]]:
        """Rule and stated words of every finding."""
        report = Report(
            "1.0", "t", SourceInfo("t", "text/plain", "utf-8", "", len(self.text)), DocumentInfo(), [],
            [Table("t1", None, [], [], None, 0, len(self.text), [])], [], self.quantities, self.metrics, self.pairs,
            [], [], [],
        )  # fmt: skip
        return [(one.rule, self.text[one.start : one.end]) for one in Auditor(PACK).findings(report, self.text)]


def score_table(*, block: str = "50分", total: str = "100", score: str = "98", last: str = "10") -> Made:
    """A self-evaluation table that holds, but for what is asked for."""
    made = Made()
    made.row("年度资金总额", full_score="10", score="10")
    made.row("产出指标", full_score=block)
    made.row("培训人数", full_score="20", score="20")
    made.row("合格率", full_score="30", score="28")
    made.row("效益指标", full_score="30分")
    made.row("就业率", full_score="30", score="30")
    made.row("满意度指标", full_score="10分")
    made.row("满意度", full_score="10", score=last)
    made.row("总分", full_score=total, score=score)
    return made


def test_a_score_table_that_holds_gives_nothing() -> None:
    """Blocks, weights and scores that add up, with the row of the budget's execution."""
    assert score_table().findings() == []
    assert score_table(block="55分").findings() == [("sum_of_parts", "55分")]


def test_scores_against_their_total_and_weight() -> None:
    """A wrong total of scores, a wrong total of weights, a score above its weight."""
    assert ("sum_of_parts", "97") in score_table(score="97").findings()
    assert ("sum_of_parts", "90") not in score_table(total="90").findings()  # without the row of the budget
    assert ("sum_of_parts", "95") in score_table(total="95").findings()
    assert ("sum_of_parts", "12") in score_table(last="12", score="100").findings()


def test_a_missed_target_with_the_full_score() -> None:
    """A row whose result misses its target and that has all points all the same."""
    made = Made()
    made.row("培训人数", target="120", actual="100", full_score="20", score="20")
    made.row("合格率", target="95%", actual="93%", full_score="20", score="18")
    assert made.findings() == [("target_missed", "100")]


def test_sources_of_funds_below_their_total() -> None:
    """A column of a fund table that fails beside one that closes."""
    made = Made()
    made.row("年度资金总额", budget="20.5", actual="19.76")
    made.row("当年财政拨款", budget="15", actual="14.26")
    made.row("上年结转资金", budget="5", actual="5.5")
    assert made.findings() == [("sum_of_parts", "20.5")]


# --- words and output ----------------------------------------------------------------------------------------------
def test_every_message_is_in_both_languages() -> None:
    """Each row of the table has a sentence in Chinese and in English, with the same places to fill."""
    import string

    for key, row in Words(PACK).messages.items():
        places = [{name for _, name, _, _ in string.Formatter().parse(row[language]) if name} for language in LANGUAGES]
        assert row["zh"]
        assert row["en"]
        assert places[0] == places[1], key


def test_english_messages() -> None:
    """`language` chooses the words; the figures are the same."""
    text = "会议费支出6.2万元，比上年减少2.1万元，下降33.87%。"
    (found,) = Extractor(pack=PACK, language="en").read_text(text).findings
    assert found.message == "The growth rate should be 25.3% (2.1 ÷ (6.2 + 2.1)); the text says 33.87%"
    with pytest.raises(PatternError, match="zh, en"):
        Extractor(pack=PACK, language="fr")


def test_findings_are_in_the_order_of_the_text_and_reproducible(extractor: Extractor) -> None:
    """Ids follow the text; the same text gives the same findings, whatever was read before."""
    text = planted.report(3, planted=True).text
    first = findings(extractor, text)
    assert [one.id for one in first] == [f"f{number}" for number in range(1, len(first) + 1)]
    assert [one.start for one in first] == sorted(one.start for one in first)
    assert first == findings(Extractor(pack=PACK), text)
    assert all(0 <= one.start < one.end <= len(text) for one in first)


def run(*arguments: str) -> Any:
    """Run the command line."""
    return CliRunner().invoke(main, list(arguments))


BAD = (
    "云岭市水利局2031年度决算\n一、支出\n会议费支出6.2万元，比上年减少2.1万元，下降33.87%。\n"
    "会议费支出0万元，比上年增加/减少0万元。\n"
)


def test_audit_command_prints_worst_first_and_fails_on_errors(tmp_path: Path) -> None:
    """`extract audit` ends with 1 when there is an error, with 0 when there is none."""
    file = tmp_path / "report.txt"
    file.write_text(BAD, encoding="utf-8")
    result = run("audit", str(file))
    assert result.exit_code == 1
    assert result.stdout.index("growth_rate") < result.stdout.index("template_residue")
    assert "report.txt:3" in result.stdout
    file.write_text(BAD.replace("33.87%", "25.3%"), encoding="utf-8")
    assert run("audit", str(file)).exit_code == 0


def test_audit_command_formats(tmp_path: Path) -> None:
    """JSON, CSV and Markdown hold the same findings; `--least` leaves out what is less severe."""
    file = tmp_path / "report.txt"
    file.write_text(BAD, encoding="utf-8")
    rows = json.loads(run("audit", str(file), "--format", "json").stdout)
    assert [row["severity"] for row in rows] == ["error", "info"]
    assert rows[0]["line"] == 3
    table = list(csv.DictReader(io.StringIO(run("audit", str(file), "--format", "csv").stdout)))
    assert [row["rule"] for row in table] == [row["rule"] for row in rows]
    page = run("audit", str(file), "--format", "md", "--least", "error", "--lang", "en").stdout
    assert len(page.splitlines()) == 3
    assert "should be 25.3%" in page
    assert run("audit", str(file), "--format", "pdf").exit_code == 2
    assert run("audit", str(tmp_path / "missing.txt")).exit_code == 2


def test_a_run_writes_findings(tmp_path: Path) -> None:
    """Every run has the findings in its JSON documents and in findings.csv."""
    (tmp_path / "report.txt").write_text(BAD, encoding="utf-8")
    assert run("run", str(tmp_path / "report.txt"), "-o", str(tmp_path / "out"), "--quiet").exit_code == 0
    written = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    table = (tmp_path / "out" / "findings.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["message"] for row in rows] == [one["message"] for one in written["findings"]]
    assert rows[0]["words"] == "33.87%"
    assert rows[0]["stated"] == "-33.87"
    assert rows[0]["expected"] == "-25.3"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared reports are not here")
def test_findings_of_real_reports(tmp_path: Path) -> None:
    """Certain contradictions of two annotated reports: those in prose all found, no false one."""
    out = tmp_path / "out"
    assert run("run", str(SHARED / "seeds"), "-o", str(out), "--quiet").exit_code == 0
    scores = evaluate(out, sorted((SHARED / "gold").glob("*.findings.json")))
    assert scores["findings"].recall >= 0.8
    assert scores["findings"].precision >= 0.9


def test_rules_are_plain_functions() -> None:
    """Each rule can be called by itself on a ledger."""
    report = Extractor(pack=PACK).read_text(BAD)
    ledger, words = Ledger(report, BAD), Words(PACK)
    assert sum(len(list(rule(ledger, words))) for rule in RULES) == 2
