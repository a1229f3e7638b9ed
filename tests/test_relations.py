"""How the sayings belong together: targets and results, changes, totals and their parts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extract.pipeline import Extractor
from extract.records import Report, Side


def side(side: Side | None) -> str | None:
    """The words of a side."""
    return side.text if side is not None else None


def number(value: Decimal | None) -> str | None:
    """A value in plain digits."""
    return f"{value:f}" if value is not None else None


def printed(report: Report, identifier: str | None) -> str | None:
    """The words of the figure that a metric is of."""
    if identifier is None:
        return None
    metric = next(metric for metric in report.metrics if metric.id == identifier)
    return next(quantity.text for quantity in report.quantities if quantity.id == metric.quantity)


PairRow = tuple[str | None, str | None, str | None, str | None, bool | None]

PAIRS: dict[str, list[PairRow]] = {
    # text: (target, result, stated rate, implied target, met)
    "城镇新增就业1.07万人，完成年度任务的130%。": [(None, "1.07万人", "130", "8230.7692", True)],
    "完成职业培训900人，为年度任务的90%。": [(None, "900人", "90", "1000", False)],
    "城镇新增就业人数指标值120人，实际完成值135人。": [("120人", "135人", None, None, True)],
    "城镇新增就业人数指标值120人，实际完成值96人。": [("120人", "96人", None, None, False)],
    "政策知晓率≥90%，全年实际完成92.5%。": [("≥90%", "92.5%", None, None, True)],
    "就业率98.14%，超过目标任务3.14个百分点。": [(None, "98.14%", None, "95", True)],
    "年初预算为120万元，支出决算为96万元，完成年初预算的80%。": [("120万元", "96万元", "80", None, None)],
    "年初预算为120万元，调整后预算为150万元，支出决算为150万元。": [("150万元", "150万元", None, None, None)],
    "城镇新增就业1820人，完成目标任务1686人的107.95%。": [("1686人", "1820人", "107.95", None, True)],
    "新增就业6435人，失业人员再就业1755人，分别完成目标任务的117%、109.7%。": [
        (None, "6435人", "117", "5500", True), (None, "1755人", "109.7", "1599.8177", True),
    ],
    "资金支付完成时间2024年10月，实际完成值2024年10月。": [("2024年10月", "2024年10月", None, None, None)],
    # no pairs: a bare target, a bare result, a bare rate
    "力争城镇新增就业5万人。": [],
    "城镇新增就业1.07万人。": [],
    "城镇登记失业率控制在4.5%以内。": [],
    # two rates, a line that is set, a count beside the use of money, what is left undone
    "固定资产利用率100%，政府采购执行率96.8%。": [],
    "15个项目预算执行率低于50%。": [],
    "年初设定绩效指标28个，完成26个，未完成2个，完成率92.86%。": [("28个", "26个", "92.86", None, False)],
    "群众满意度≥90%，实际满意度95.6%。": [("≥90%", "95.6%", None, None, True)],
}  # fmt: skip


def test_budget_after_its_result(extractor: Extractor) -> None:
    """The budget may be told with the rate, after the result."""
    (pair,) = extractor.read_text("税收收入完成98亿元，完成年初预算100亿元的98%。").pairs
    assert (side(pair.target), side(pair.actual), number(pair.completion)) == ("100亿元", "98亿元", "98")


def test_one_change_without_an_indicator(extractor: Extractor) -> None:
    """Amount and rate of one change belong together even where nothing names what changed."""
    assert len(extractor.read_text("较上年增加2万元，增长3%。").changes) == 1


@pytest.mark.parametrize("text", PAIRS)
def test_pairs(extractor: Extractor, text: str) -> None:
    """A target stands beside its result, with the rate stated or the target that it implies."""
    pairs = extractor.read_text(text).pairs
    found = [
        (side(pair.target), side(pair.actual), number(pair.completion), number(pair.implied_target)) for pair in pairs
    ]
    assert found == [row[:4] for row in PAIRS[text]]
    met = [(pair.met, row[4]) for pair, row in zip(pairs, PAIRS[text], strict=True) if row[4] is not None]
    assert [one for one, _ in met] == [other for _, other in met]


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("年初预算为120万元，支出决算为96万元。", "budget"),
        ("支出决算为96万元，完成预算的80%。", "budget"),
        ("城镇新增就业人数指标值120人，实际完成值135人。", "performance"),
        ("完成职业培训900人，为年度任务的90%。", "performance"),
    ],
)
def test_basis(extractor: Extractor, text: str, basis: str) -> None:
    """A budget beside its account is another thing than a goal beside its result."""
    (pair,) = extractor.read_text(text).pairs
    assert pair.basis == basis


def test_computed_completion(extractor: Extractor) -> None:
    """Where both sides are stated the rate is computed, whatever the text says."""
    (pair,) = extractor.read_text("年初预算为120万元，支出决算为96万元，完成年初预算的82%。").pairs
    assert (pair.completion, pair.computed_completion) == (Decimal(82), Decimal(80))


@pytest.mark.parametrize(("actual", "met"), [("3.9%", True), ("4.5%", True), ("4.6%", False)])
def test_an_upper_bound_is_met_from_below(extractor: Extractor, actual: str, met: bool) -> None:
    """A target with ≤ is met by less, not by more."""
    (pair,) = extractor.read_text(f"城镇登记失业率目标值≤4.5%，实际完成值{actual}。").pairs
    assert pair.met is met


def test_less_is_better_where_the_indicator_says_so(extractor: Extractor) -> None:
    """With no comparator stated, a result below its target is met for an indicator whose direction is down."""
    text = "城镇登记失业率为3.20%，低于省下达3.9%的控制性指标。"
    assert [(pair.indicator and pair.indicator.id, pair.met) for pair in extractor.read_text(text).pairs] == [
        ("emp.rate_registered", True)
    ]


def test_pair_covers_its_sides(extractor: Extractor) -> None:
    """A pair begins where its first side begins and ends where its last one ends."""
    text = "全年城镇新增就业人数指标值120人，实际完成值135人，较好。"
    (pair,) = extractor.read_text(text).pairs
    assert text[pair.start : pair.end] == "120人，实际完成值135人"


def test_ids_follow_the_text(extractor: Extractor) -> None:
    """Pairs are numbered from one without gaps, in the order of the text, across paragraphs."""
    text = "甲项指标值12人，实际完成值13人；乙项指标值5场，实际完成值6场。\n丙项指标值7次，实际完成值8次。"
    pairs = extractor.read_text(text).pairs
    assert [side(pair.actual) for pair in pairs] == ["13人", "6场", "8次"]
    assert [pair.id for pair in pairs] == ["p1", "p2", "p3"]


CHANGES = {
    # text: (direction, current, previous, delta, rate, base)
    "2023年收入总计2350.16万元，与2022年相比，增加442.66万元，增长23.21%。": [
        ("increase", "2350.16万元", None, "442.66万元", "23.21%", "2022年"),
    ],
    "差旅费支出8.2万元，较上年减少1.3万元，下降13.68%。": [("decrease", "8.2万元", None, "1.3万元", "13.68%", "上年")],
    "进出口总额126.87亿元，同比增长7.6%。": [("increase", "126.87亿元", None, None, "7.6%", None)],
    "协理员队伍从372人扩充到527人。": [("increase", "527人", "372人", None, None, None)],
    "审批事项由52项减少至31项，压减40.4%。": [("decrease", "31项", "52项", None, "40.4%", None)],
    "城镇化率54.8%，比上年提高0.9个百分点。": [("increase", "54.8%", None, "0.9个百分点", None, "上年")],
    "人员编制与上年持平。": [("flat", None, None, None, None, "上年")],
    "差旅费较上年增加0万元，增长0%。": [("flat", None, None, "0万元", "0%", "上年")],
    "一产、二产、三产分别增长3.1%、6.2%和5.8%。": [
        ("increase", None, None, None, "3.1%", None), ("increase", None, None, None, "6.2%", None),
        ("increase", None, None, None, "5.8%", None),
    ],
    # no changes: a reason, a goal, a correction inside the year, the pace of growth
    "主要原因是人员经费较上年有所增加。": [],
    "年中调减项目支出预算20万元。": [],
    "收入增长主要来自税收。": [],
}  # fmt: skip


@pytest.mark.parametrize("text", CHANGES)
def test_changes(extractor: Extractor, text: str) -> None:
    """A change has its direction, its sizes, and the period compared with."""
    report = extractor.read_text(text)
    assert [
        (
            change.direction, printed(report, change.current), printed(report, change.previous),
            printed(report, change.delta), printed(report, change.rate),
            change.base_period.text if change.base_period else None,
        )
        for change in report.changes
    ] == CHANGES[text]  # fmt: skip


def test_base_period_has_its_days(extractor: Extractor) -> None:
    """A base period that is a date has its first and last day."""
    (change,) = extractor.read_text("2023年收入总计200万元，与2022年相比增加20万元。").changes
    assert change.base_period is not None
    assert (change.base_period.start, change.base_period.end) == ("2022-01-01", "2022-12-31")


BREAKDOWNS = {
    # text: total, parts with their shares
    "本年支出200万元，其中：基本支出150万元，占75%；项目支出50万元，占25%。": [
        ("200万元", [("150万元", "75%"), ("50万元", "25%")]),
    ],
    "本年收入85万元，其中：财政拨款收入80万元、其他收入5万元。": [("85万元", [("80万元", None), ("5万元", None)])],
    "发放补贴300万元，其中社保补贴200万元，岗位补贴100万元。": [("300万元", [("200万元", None), ("100万元", None)])],
    "财政收入38亿元，其中税收26亿元；外贸出口9亿元。": [("38亿元", [("26亿元", None)])],
    "本年支出200万元，基本支出150万元。": [],
    "债务限额60亿元，其中一般债务20亿元、专项债务40亿元，债务余额50亿元。": [
        ("60亿元", [("20亿元", None), ("40亿元", None)]),
    ],
    "支出80万元，主要用于：保障机关运转。年初预算为78万元。": [],
    "基本支出90万元，其中：人员经费80万元，增长3%，主要包括：工资、奖金等；公用经费10万元。": [
        ("90万元", [("80万元", None), ("10万元", None)]),
    ],
    "抽查项目56个，发现：4个乡镇的6个项目闲置。": [],
    "“三公”经费26万元，其中：接待费5万元；车辆费21万元（购置费0万元，运行费21万元）。": [
        ("26万元", [("5万元", None), ("21万元", None)]),
    ],
    "车辆费28万元。其中：购置支出0万元，购置公务用车0辆；运行支出28万元。": [
        ("28万元", [("0万元", None), ("28万元", None)]),
    ],
    "社保基金收入28亿元，其中：保费收入12亿元；社保基金支出24亿元。": [("28亿元", [("12亿元", None)])],
    "债务余额62亿元，控制在限额65亿元以内，其中：一般债务24亿元，专项债务38亿元。": [
        ("62亿元", [("24亿元", None), ("38亿元", None)]),
    ],
    "欠缴收入260万元，涉及12个单位，其中租金收入150万元、罚没收入110万元。": [
        ("260万元", [("150万元", None), ("110万元", None)]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", BREAKDOWNS)
def test_breakdowns(extractor: Extractor, text: str) -> None:
    """A list after 其中 hangs on its total, each part with its share."""
    report = extractor.read_text(text)
    assert [
        (
            printed(report, one.total),
            [(printed(report, part.metric), printed(report, part.share)) for part in one.parts],
        )
        for one in report.breakdowns
    ] == BREAKDOWNS[text]


def test_a_list_ends_with_its_sentence(extractor: Extractor) -> None:
    """What stands in the next sentence is no part of the list."""
    report = extractor.read_text("本年支出200万元，其中：基本支出150万元，项目支出50万元。年末结余12万元。")
    (breakdown,) = report.breakdowns
    assert [printed(report, part.metric) for part in breakdown.parts] == ["150万元", "50万元"]


def test_relations_name_records_that_exist(extractor: Extractor, report: str) -> None:
    """Every id that a relation names is the id of a metric."""
    read = extractor.read_text(report)
    metrics = {metric.id for metric in read.metrics}
    named = {
        *(one.metric for pair in read.pairs for one in (pair.target, pair.actual) if one is not None),
        *(one for change in read.changes for one in (change.current, change.previous, change.delta, change.rate)),
        *(part.metric for breakdown in read.breakdowns for part in breakdown.parts),
    }
    assert named - {None} <= metrics
    assert read.pairs
    assert read.changes
