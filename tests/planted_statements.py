# ruff: noqa: E501, B008
"""The statements of generated reports: each written right, or with one error marked ⟦so⟧, in many wordings."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

D = Decimal
HUNDRED = D(100)

ITEMS = (
    "职业技能培训补贴", "公益性岗位补贴", "农田建设资金", "水库除险加固工程", "法律援助工作经费", "人民调解专项经费", "信息化运维费",
    "就业见习补贴", "河道治理项目", "档案数字化项目", "养老服务补贴", "困难群众救助资金", "校舍维修项目", "文化惠民演出经费",
    "防汛抗旱经费", "社区服务站建设资金", "创业担保贷款贴息", "动物疫病防控经费", "农村饮水安全项目", "残疾人护理补贴", "图书购置经费",
    "普法宣传经费", "孵化基地补助", "人才引进专项资金", "乡村道路养护经费", "耕地地力保护补贴", "非遗保护专项经费", "安置帮教经费",
    "学生资助资金", "健身设施购置费", "殡葬服务补助", "种质资源保护经费", "社会工作服务经费", "矛盾调处中心经费", "灌区改造资金",
    "水质监测经费", "节水改造项目", "湿地保护补助", "护林员补助", "电子政务运维费",
)  # fmt: skip
COLUMN_ITEMS = (
    "行政运行",
    "一般行政管理事务",
    "事业运行",
    "住房公积金",
    "购房补贴",
    "行政单位医疗",
    "公务员医疗补助",
    "机关事业单位职业年金缴费支出",
)
WORKS = (
    ("采集用工信息", "条"), ("走访企业", "家"), ("慰问困难职工", "人"), ("认定家庭农场", "家"), ("新建高标准农田", "亩"),
    ("改造老旧小区", "个"), ("新建充电桩", "个"), ("完成植树造林", "亩"), ("办理法律援助案件", "件"), ("培训新型职业农民", "人"),
    ("新增养老床位", "张"), ("整治河道", "公里"), ("改造农村厕所", "户"), ("开展送戏下乡", "场"), ("帮扶脱贫户", "户"),
    ("调解矛盾纠纷", "件"), ("维修校舍", "平方米"), ("新增托位", "个"), ("资助困难学生", "人"), ("安置退役士兵", "人"),
    ("设置河长公示牌", "块"), ("高技能人才培养", "人"), ("建设村级服务站", "个"), ("检测农产品样品", "批次"), ("修复湿地", "亩"),
    ("发放惠农贷款", "万元"), ("新建农村公路", "公里"), ("更新图书", "册"), ("巡查水库", "座"), ("开展普法宣传", "场"),
    ("治理水土流失面积", "平方公里"), ("抽检食品", "批次"), ("新增公益林", "亩"), ("组织劳务协作", "人"), ("完成土地确权", "户"),
    ("接待来访群众", "人次"), ("改造供水管网", "公里"), ("培训基层干部", "人次"), ("建成充换电站", "座"), ("发放高龄津贴", "万元"),
)  # fmt: skip
TOTALS = ("本年收入合计", "收入合计", "本年支出合计", "支出合计")
LEVELS = ("财政拨款收、支总计", "差旅费支出", "会议费", "物业管理费支出", "公务用车运行维护费支出")
LEVELS_TOO = ("劳务费支出", "培训费", "印刷费支出", "委托业务费支出", "维修费支出")


@dataclass(frozen=True)
class Maker:
    """A kind of error: the rules that may name it, and what writes it: (draws, wrong, year, number) to pieces."""

    name: str
    rules: tuple[str, ...]
    write: Callable[[random.Random, bool, int, int], list[str]]
    topics: frozenset[str] = frozenset()  # of what it gives a value: a report holds each topic once


def cents(rng: random.Random, low: int, high: int) -> Decimal:
    """An amount in 万元 with two decimals."""
    return D(rng.randint(low * 100, high * 100)) / 100


def shown(value: Decimal) -> str:
    """As reports print amounts: 37, 0.5, 840.77."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(part: Decimal, whole: Decimal, places: int = 2) -> Decimal:
    """Part of whole in percent, rounded as reports do."""
    return rounded(part / whole * HUNDRED, places)


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Rounded half up."""
    return value.quantize(D(1).scaleb(-places), rounding=ROUND_HALF_UP)


def off(rng: random.Random, value: Decimal, least: Decimal = D("0.6")) -> Decimal:
    """Another value of the same print: digits changed, never within rounding of the right one."""
    places = max(0, -int(value.as_tuple().exponent))
    step = D(rng.choice((-1, 1))) * (least + D(rng.randint(0, 900)) / 100)
    changed = rounded(value + step, places)
    return changed if changed > 0 else rounded(value + abs(step) + least, places)


def far(rng: random.Random, value: Decimal) -> Decimal:
    """An amount of the same print that lies some percent away."""
    places = max(0, -int(value.as_tuple().exponent))
    factor = D(1) + D(rng.choice((-1, 1))) * D(rng.randint(4, 25)) / 100
    changed = rounded(value * factor, places)
    return changed if changed != value else value + D(1).scaleb(-places) * 7


def mark(text: str, wrong: bool) -> str:
    """The words of an error."""
    return f"⟦{text}⟧" if wrong else text


# --- completion ----------------------------------------------------------------------------------------------------
def budget_rate(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """年初预算, 决算 and the rate."""
    item, budget = ITEMS[number], cents(rng, 20, 4000)
    spent = rounded(budget * D(rng.randint(55, 135)) / 100)
    rate = percent(spent, budget, rng.choice((1, 2, 2)))
    if wrong:
        rate = off(rng, rate)
    told = mark(f"{rate}%", wrong)
    b, s = f"{shown(budget)}万元", f"{shown(spent)}万元"
    return [
        rng.choice(
            (
                f"{item}年初预算为{b}，支出决算为{s}，完成年初预算的{told}。",
                f"{item}：年初预算{b}，决算支出{s}，完成预算的{told}。",
                f"{year}年{item}全年预算数{b}，全年执行数{s}，执行率{told}。",
                f"{item}调整后预算数为{b}，预算执行数为{s}，预算执行率为{told}。",
                f"{item}年初预算{b}，实际支出{s}，预算执行率{told}，资金使用规范。",
                f"{item}支出预算为{b}，支出决算为{s}，完成预算的{told}，主要原因是按实际需要安排。",
                f"安排{item}预算{b}，实际支出{s}，预算完成率{told}。",
                f"{item}全年预算{b}，实际执行{s}，预算执行率{told}。",
                f"{item}预算安排{b}，执行数为{s}，执行率为{told}。",
                f"{item}决算数{s}，为年初预算{b}的{told}。",
                f"{item}完成支出{s}，为调整预算{b}的{told}。",
                f"{item}支出{s}，占年初预算{b}的{told}。",
                f"{item}到位资金{b}，实际使用{s}，资金使用率{told}。",
                f"{item}年初预算数{b}，决算数{s}，完成率{told}，决算数与预算数存在差异的主要原因是据实结算。",
            )
        )
    ]


def task_rate(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """目标, 完成 and the rate."""
    work, unit = WORKS[number]
    goal = D(rng.randint(8, 900) * 10)
    done = (goal * D(rng.randint(70, 160)) / 100).to_integral_value()
    rate = percent(done, goal, rng.choice((0, 1, 2)))
    if wrong:
        rate = off(rng, rate, D(2))
    told = mark(f"{rate}%", wrong)
    g, d = f"{goal}{unit}", f"{done}{unit}"
    return [
        rng.choice(
            (
                f"{work}目标任务{g}，实际完成{d}，完成率{told}。",
                f"{year}年{work}年度目标值{g}，全年实际完成值{d}，完成率为{told}。",
                f"{work}计划{g}，实际完成{d}，完成率为{told}。",
                f"{work}年初目标{g}，全年完成{d}，完成率达到{told}。",
                f"{work}{d}，完成年度目标任务{g}的{told}。",
                f"{work}{d}，完成全年任务（{g}）的{told}。",
                f"{year}年，{work}{d}，完成市下达目标任务{g}的{told}。",
                f"{work}任务数{g}，已完成{d}，完成率{told}。",
                f"{work}指标值：{g}，实际完成值：{d}，完成率：{told}。",
                f"{work}：年度指标值{g}，完成{d}，目标完成率{told}。",
            )
        )
    ]


def distant_rate(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """The target in one chapter, the result with its rate in another."""
    work, unit = rng.choice(
        (
            ("城镇新增就业", "人"),
            ("失业人员再就业", "人"),
            ("就业困难人员就业", "人"),
            ("完成创业培训", "人"),
            ("完成职业技能培训", "人次"),
        )
    )
    goal = D(rng.randint(20, 900) * 10)
    done = (goal * D(rng.randint(90, 150)) / 100).to_integral_value()
    rate = percent(done, goal, rng.choice((1, 2)))
    if wrong:
        rate = off(rng, rate, D(3))
    told = mark(f"{rate}%", wrong)
    first = rng.choice(
        (f"年度目标：{work}{goal}{unit}。", f"{year}年目标任务为{work}{goal}{unit}。", f"计划{work}{goal}{unit}。")
    )
    second = rng.choice(
        (f"全年{work}{done}{unit}，完成年度任务的{told}。", f"{year}年{work}{done}{unit}，达到年度任务的{told}。")
    )
    return [first, second]


# --- growth --------------------------------------------------------------------------------------------------------
def growth_delta(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Level, difference and rate."""
    name, level = LEVELS[number % len(LEVELS)], cents(rng, 20, 5000)
    up = rng.random() < 0.5
    delta = rounded(level * D(rng.randint(2, 40)) / 100)
    before = level - delta if up else level + delta
    rate = percent(delta, before, rng.choice((1, 2, 2)))
    if wrong:
        rate = off(rng, rate)
    told, way, pace = mark(f"{rate}%", wrong), "增加" if up else "减少", "增长" if up else "下降"
    v, d = f"{shown(level)}万元", f"{shown(delta)}万元"
    return [
        rng.choice(
            (
                f"{year}年{name}{v}，比{year - 1}年{way}{d}，{pace}{told}。",
                f"{year}年度{name}{v}。与上年相比，{way}{d}，{pace}{told}，主要原因是项目安排变化。",
                f"{year}年度{name}{v}，较上年{way}{d}，{pace}{told}。",
                f"{name}为{v}，与{year - 1}年度相比{way}{d}，{pace}{told}。",
                f"本年{name}{v}，同比{way}{d}，{'增幅' if up else '降幅'}{told}。",
                f"{name}{v}，较{year - 1}年度{way}{d}，{way}{told}，主要是人员变动。",
                f"{name}{v}，同比{way}{d}（{pace}{told}）。",
                f"{year}年{name}{v}，比上年{pace}{told}，{way}{d}。",
                f"{year}年度{name}{v}，与{year - 1}年度{shown(before)}万元相比，{way}{d}，{pace}{told}。",
                f"{name}{v}，较上年决算数{way}了{d}，{pace}了{told}。",
                f"{name}本年{v}，上年{shown(before)}万元，{way}{d}，{pace}{told}。",
            )
        )
    ]


def growth_levels(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Two levels and the rate."""
    work, unit = WORKS[number]
    before = D(rng.randint(100, 4000))
    up = rng.random() < 0.5
    level = (before * (D(100 + (1 if up else -1) * rng.randint(4, 60)) / 100)).to_integral_value()
    rate = percent(abs(level - before), before, rng.choice((1, 2)))
    if wrong:
        rate = off(rng, rate, D(1))
    told, way, pace = mark(f"{rate}%", wrong), "增加" if up else "减少", "增长" if up else "下降"
    return [
        rng.choice(
            (
                f"{work}由上年的{before}{unit}{way}到{level}{unit}，{pace}{told}。",
                f"{work}从{year - 1}年的{before}{unit}{way}至{level}{unit}，{pace}{told}。",
                f"{work}{level}{unit}，上年为{before}{unit}，{pace}{told}。",
                f"{work}由{before}{unit}{way}到{level}{unit}，{'增幅' if up else '降幅'}为{told}。",
                f"{year - 1}年{work}{before}{unit}，{year}年{level}{unit}，{pace}{told}。",
            )
        )
    ]


def signs(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Difference and rate in one direction, or not."""
    name, level = LEVELS_TOO[number % len(LEVELS_TOO)], cents(rng, 20, 5000)
    up = rng.random() < 0.5
    delta = rounded(level * D(rng.randint(2, 30)) / 100)
    rate = percent(delta, level - delta if up else level + delta)
    way, pace = "增加" if up else "减少", "增长" if up != wrong else "下降"
    told = mark(f"{shown(delta)}万元，{pace}{rate}%", wrong)
    return [
        rng.choice(
            (
                f"{year}年{name}{shown(level)}万元，比上年{way}{told}。",
                f"{year}年度{name}{shown(level)}万元，与{year - 1}年相比，{way}{told}。",
            )
        )
    ]


def comparison(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """决算数大于 or 小于预算数."""
    item, budget = ITEMS[number], cents(rng, 20, 3000)
    up = rng.random() < 0.5
    spent = rounded(budget * D(100 + (1 if up else -1) * rng.randint(3, 40)) / 100)
    word = rng.choice(("大于", "高于") if up != wrong else ("小于", "低于"))
    initial = rng.choice(("年初", ""))
    told = mark(f"决算数{word}{initial}预算数", wrong)
    b, s = f"{shown(budget)}万元", f"{shown(spent)}万元"
    return [
        rng.choice(
            (
                f"{item}年初预算为{b}，支出决算为{s}，完成年初预算的{percent(spent, budget)}%，{told}的主要原因是据实列支。",
                f"{item}年初预算为{b}，支出决算为{s}，{told}的主要原因是年中调整。",
                f"{item}预算为{b}，决算为{s}。{told}，主要是项目进度变化。",
                f"{item}年初预算{b}，支出决算{s}，完成预算的{percent(spent, budget)}%。{told}的主要原因：一是人员变动，二是政策调整。",
                f"{item}支出年初预算为{b}，支出决算为{s}，{mark(f'支出决算{word}年初预算', wrong)}，主要原因是追加经费。",
            )
        )
    ]


def move(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """由A增加到B."""
    work, unit = WORKS[number]
    before = D(rng.randint(50, 4000))
    level = before + D(rng.randint(10, 900))
    up = rng.random() < 0.5
    if not up:
        before, level = level, before
    way = "增加" if up != wrong else "减少"
    told = mark(f"{before}{unit}{way}到{level}{unit}", wrong)
    return [rng.choice((f"{work}由上年的{told}。", f"{work}从{year - 1}年的{told}。"))]


# --- shares --------------------------------------------------------------------------------------------------------
def _split(rng: random.Random, total: Decimal, number: int) -> list[Decimal]:
    weights = [rng.randint(5, 60) for _ in range(number)]
    parts = [rounded(total * D(weight) / sum(weights)) for weight in weights[:-1]]
    return [*parts, total - sum(parts)]


REVENUE = ("财政拨款收入", "事业收入", "经营收入", "其他收入", "上级补助收入")
SPENDING = ("基本支出", "项目支出", "经营支出", "上缴上级支出")
CLASSES = ("社会保障和就业支出", "卫生健康支出", "住房保障支出", "农林水支出", "教育支出", "公共安全支出")


def _list(rng: random.Random, number: int) -> tuple[str, list[str], Decimal, list[Decimal]]:
    total = cents(rng, 300, 9000)
    kind = rng.randrange(3)
    name, names = (
        ("本年收入合计", REVENUE)
        if kind == 0
        else ("本年支出合计", SPENDING)
        if kind == 1
        else ("一般公共预算财政拨款支出", CLASSES)
    )
    chosen = list(names[:2]) + rng.sample(list(names[2:]), k=rng.randint(0, 2))
    return name, chosen, total, _split(rng, total, len(chosen))


def share_list(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """其中 list with a wrong share."""
    name, names, total, parts = _list(rng, number)
    rates = [percent(part, total) for part in parts]
    bad = rng.randrange(len(parts)) if wrong else -1
    pieces = []
    for index, (part_name, part, rate) in enumerate(zip(names, parts, rates, strict=True)):
        told = mark(f"{off(rng, rate, D(2)) if index == bad else rate}%", index == bad)
        pieces.append(f"{part_name}{shown(part)}万元，占{told}")
    lead = rng.choice((f"{year}年{name}{shown(total)}万元，其中：", f"{year}年度{name}{shown(total)}万元，其中："))
    if name.startswith("一般"):
        lead = f"{year}年{name}{shown(total)}万元，主要用于以下方面："
    form = rng.randrange(4)
    if form == 1:
        return [lead + "，".join(pieces) + "。"]
    if form == 2:
        return [lead + "、".join(piece.replace("，占", "（占") + "）" for piece in pieces) + "。"]
    if form == 3:
        return [lead + "；".join(piece.replace("，占", f"，占{name}的") for piece in pieces) + "。"]
    return [lead + "；".join(pieces) + "。"]


def share_named(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """A part with its share of a whole that is named."""
    total = cents(rng, 300, 9000)
    part = rounded(total * D(rng.randint(30, 97)) / 100)
    rate = percent(part, total)
    if wrong:
        rate = off(rng, rate, D(1))
    told = mark(f"{rate}%", wrong)
    first = f"{year}年本年支出合计{shown(total)}万元。"
    return [
        first
        + rng.choice(
            (
                f"一般公共预算财政拨款支出{shown(part)}万元，占本年支出合计的{told}。",
                f"{year}年财政拨款支出{shown(part)}万元，占本年支出合计的比重为{told}。",
                f"其中财政拨款支出{shown(part)}万元，占{told}。",
                f"一般公共预算财政拨款支出{shown(part)}万元，占支出合计的{told}。",
                f"一般公共预算财政拨款支出{shown(part)}万元，占比{told}。",
            )
        )
    ]


def share_only(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """A ratio of the three sectors."""
    first = D(rng.randint(50, 250)) / 10
    second = D(rng.randint(250, 480)) / 10
    third = HUNDRED - first - second
    if wrong:
        third = third + D(rng.choice((-1, 1))) * D(rng.randint(5, 40)) / 10
    told = mark(f"{first}:{second}:{third}", wrong)
    return [rng.choice((f"三次产业结构调整为{told}。", f"三次产业增加值比重为{told}。", f"三次产业结构比为{told}。"))]


# --- sums ----------------------------------------------------------------------------------------------------------
def sum_shares(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """A list whose shares make 100 % and whose parts do not make the total, each share of its own part being right."""
    name, names, total, parts = _list(rng, number)
    rates = [percent(part, total) for part in parts]
    rates[-1] = HUNDRED - sum(rates[:-1])
    bad = total + D(rng.choice((-1, 1))) * rounded(total * D(rng.randint(3, 9)) / 100) if wrong else total
    pieces = [f"{one}{shown(part)}万元，占{rate}%" for one, part, rate in zip(names, parts, rates, strict=True)]
    return [f"{year}年{name}{mark(shown(bad) + '万元', wrong)}，其中：" + mark("；".join(pieces), wrong) + "。"]


def sum_beyond(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Parts beyond their total."""
    total = cents(rng, 300, 6000)
    parts = _split(rng, total, 3)
    names = rng.choice(
        (("货物支出", "工程支出", "服务支出"), ("中央资金", "省级资金", "市级资金"), ("设备购置费", "劳务费", "培训费"))
    )
    told = total - rounded(total * D(rng.randint(2, 15)) / 100) if wrong else total
    name = "政府采购支出总额" if names[0] == "货物支出" else ITEMS[number] + "支出"
    listed = "、".join(f"{one}{shown(part)}万元" for one, part in zip(names, parts, strict=True))
    if rng.random() < 0.3:
        return [f"{year}年{name}包括{listed}，共计{mark(shown(told) + '万元', wrong)}。"]
    opener = rng.choice(("，其中：", "，其中", "。其中：", "，包括："))
    return [f"{year}年{name}{mark(shown(told) + '万元', wrong)}{opener}{listed}。"]


def sum_people(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Counts: exact, whatever the print."""
    parts = [rng.randint(3, 90) for _ in range(3)]
    told = sum(parts) - (rng.randint(1, 6) if wrong else 0)
    names = ("行政人员", "参公人员", "事业人员")
    listed = "，".join(f"{one}{part}人" for one, part in zip(names, parts, strict=True))
    return [f"年末实有在职人员{mark(f'{told}人', wrong)}，其中：{listed}。"]


def sum_columns(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Paragraphs below a total with budget and result: one column closes, so must the other."""
    size = rng.randint(3, 6)
    budgets = [cents(rng, 5, 400) for _ in range(size)]
    spent = [rounded(one * D(rng.randint(60, 120)) / 100) for one in budgets]
    total = sum(budgets, D(0))
    told = total + D(rng.choice((-1, 1))) * cents(rng, 2, 40) if wrong else total
    rate = percent(sum(spent, D(0)), told)
    lines = [
        f"{year}年度财政拨款支出年初预算数为{mark(shown(told) + '万元', wrong)}，支出决算数为{shown(sum(spent, D(0)))}万元，"
        f"完成年初预算的{rate}%，其中："
    ]
    for index, (one, other) in enumerate(zip(budgets, spent, strict=True)):
        item = COLUMN_ITEMS[(number + index) % len(COLUMN_ITEMS)]
        lines.append(
            f"{index + 1}.{item}。年初预算为{shown(one)}万元，支出决算为{shown(other)}万元，完成年初预算的{percent(other, one)}%。"
        )
    return ["\n".join(lines)]


def sum_basic(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """基本支出 = 人员经费 + 公用经费, over paragraphs or in a sentence."""
    people, public = cents(rng, 100, 3000), cents(rng, 10, 400)
    total = people + public
    told = far(rng, total) if wrong else total
    head = f"{year}年一般公共预算财政拨款基本支出{mark(shown(told) + '万元', wrong)}"
    if rng.random() < 0.5:
        return [
            f"{head}，其中：\n人员经费{shown(people)}万元，主要包括：基本工资、津贴补贴等。\n公用经费{shown(public)}万元，主要包括：办公费、水费等。"
        ]
    return [f"{head}，其中：人员经费{shown(people)}万元，公用经费{shown(public)}万元。"]


def sum_three(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """三公经费 and its three parts."""
    abroad, car, guests = D(0) if rng.random() < 0.6 else cents(rng, 1, 20), cents(rng, 1, 30), cents(rng, 1, 12)
    total = abroad + car + guests
    told = far(rng, total) if wrong else total
    return [
        f"{year}年“三公”经费财政拨款支出决算为{mark(shown(told) + '万元', wrong)}，其中：因公出国（境）费{shown(abroad)}万元，"
        f"公务用车购置及运行维护费{shown(car)}万元，公务接待费{shown(guests)}万元。"
    ]


def balance(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Both sides of the account."""
    total = cents(rng, 300, 9000)
    told = far(rng, total) if wrong else total
    a, b = f"{shown(total)}万元", f"{shown(told)}万元"
    return [
        rng.choice(
            (
                f"{year}年度{mark(f'收入总计{a}，支出总计{b}', wrong)}。",
                f"{year}年度{mark(f'收入总计为{a}，支出总计为{b}', wrong)}，较上年有所增加。",
                f"{year}年{mark(f'收入决算总计{a}。支出决算总计{b}', wrong)}。",
            )
        )
    ]


# --- conflicts and units -------------------------------------------------------------------------------------------
FACTS = (
    ("城镇新增就业", "人"), ("失业人员再就业", "人"), ("就业困难人员就业", "人"), ("发放创业担保贷款", "万元"), ("失业保险参保人数", "人"),
    ("援助零就业家庭", "户"), ("开展职业技能培训", "人次"), ("机关运行经费支出", "万元"), ("公务用车保有量", "辆"), ("政府采购服务支出", "万元"),
)  # fmt: skip


def conflict(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """One value in two chapters, or two."""
    name, unit = FACTS[number % len(FACTS)]
    value = cents(rng, 20, 900) if unit == "万元" else D(rng.randint(300, 90000))
    other = far(rng, value) if wrong else value
    if not wrong and unit == "人" and value > 10000 and rng.random() < 0.5:
        second = f"{rounded(value / 10000)}万{unit}"  # rounded in the conclusion
    else:
        second = f"{shown(other)}{unit}"
    return [
        rng.choice(
            (
                f"{year}年{name}{mark(shown(value) + unit, wrong)}。",
                f"全年{name}{mark(shown(value) + unit, wrong)}，工作平稳。",
            )
        ),
        rng.choice(
            (
                f"{year}年，{name}{mark(second, wrong)}。",
                f"全年共{name}{mark(second, wrong)}，成效明显。",
                f"全年{name}达{mark(second, wrong)}。",
                f"综上，{year}年度{name}{mark(second, wrong)}，达到预期。",
                f"产出指标：{name}{mark(second, wrong)}；",
            )
        ),
    ]


def unit_conflict(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """万元 in one chapter, 元 in another."""
    name = rng.choice(
        ("机关运行经费支出", "政府采购支出总额", "公务接待费支出", "政府采购工程支出", "一般公共预算财政拨款基本支出")
    )
    value = cents(rng, 20, 900)
    unit = "元" if wrong else "万元"
    return [
        f"{year}年{name}{mark(shown(value) + '万元', wrong)}。",
        f"{year}年度{name}为{mark(shown(value) + unit, wrong)}。",
    ]


def unit_part(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """One part of a list in 元 where all others are in 万元."""
    name, names, total, parts = _list(rng, number)
    bad = rng.randrange(len(parts)) if wrong else -1
    listed = "，".join(
        f"{one}{mark(shown(part) + ('元' if index == bad else '万元'), index == bad)}"
        for index, (one, part) in enumerate(zip(names, parts, strict=True))
    )
    return [f"{year}年{name}{shown(total)}万元，其中：{listed}。"]


# --- words ---------------------------------------------------------------------------------------------------------
def missed(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """A claim of completion under a missed target."""
    work, unit = WORKS[number]
    goal = D(rng.randint(20, 900) * 10)
    done = (goal * D(rng.randint(60, 95) if wrong else rng.randint(100, 140)) / 100).to_integral_value()
    claim = rng.choice(("超额完成目标任务", "圆满完成年度任务", "全面完成年度目标", "达到年度目标"))
    body = rng.choice(
        (
            f"目标任务{goal}{unit}，实际完成{done}{unit}，{claim}",
            f"年度目标值{goal}{unit}，全年实际完成值{done}{unit}，{claim}",
            f"计划{goal}{unit}，实际完成{done}{unit}，{claim}",
            f"年初目标{goal}{unit}，全年完成{done}{unit}，已{claim}",
            f"指标值≥{goal}{unit}，实际完成值{done}{unit}，{claim}",
        )
    )
    return [f"{work}{mark(body, wrong)}。"]


def no_unit(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """A unit left out in a list."""
    name, names, total, parts = _list(rng, number)
    bad = rng.randrange(len(parts)) if wrong else -1
    pieces = []
    for index, (one, part) in enumerate(zip(names, parts, strict=True)):
        unit = "" if index == bad else "万元"
        pieces.append(f"{one}{mark(shown(part) + unit, index == bad)}，占{percent(part, total)}%")
    return [f"{year}年{name}{shown(total)}万元，其中：" + "；".join(pieces) + "。"]


def residue(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Words of the form left in the text."""
    name = rng.choice(("会议费", "培训费", "公务用车购置费"))
    if not wrong:
        return [f"{year}年{name}支出0万元，与上年持平，主要原因是本年未安排此项支出。"]
    return [
        rng.choice(
            (
                f"{year}年{name}支出0万元，比上年⟦增加/减少⟧0万元。",
                f"{year}年{name}支出0万元，较上年⟦减少/增加⟧0万元，⟦下降/增长⟧0%。",
                f"{year}年{name}支出0万元⟦（或与{year - 1}年决算数持平）⟧。",
                f"{year}年{name}支出0万元，主要原因是⟦……⟧。",
                f"{year}年{name}支出⟦××⟧万元。",
                f"{name}支出情况⟦（请根据实际情况填写）⟧。",
                f"{year}年{name}支出⟦XX⟧万元，比上年减少⟦XX⟧万元。",
            )
        )
    ]


# --- what looks wrong and is right ---------------------------------------------------------------------------------
def decoy(rng: random.Random, wrong: bool, year: int, number: int) -> list[str]:
    """Never an error: other scopes, periods, bases, rounding, zero bases."""
    work, unit = WORKS[number]
    item = ITEMS[number]
    value = D(rng.randint(2000, 40000))
    level = cents(rng, 100, 3000)
    choices = (
        [f"全市{work}{value}{unit}。", f"市本级{work}{(value * 3 / 4).to_integral_value()}{unit}。"],
        [f"1—9月，{work}{(value * 4 / 5).to_integral_value()}{unit}。", f"全年{work}{value}{unit}。"],
        [f"{item}支出{shown(level)}万元，剔除不可比因素后增加{shown(rounded(level / 10))}万元，同口径增长3.2%。"],
        [f"上年{item}为0万元，本年{shown(level)}万元，增加{shown(level)}万元，增长100%。"],
        [f"{item}年初预算为0万元，支出决算为{shown(level)}万元，决算数大于年初预算数的主要原因是年中追加。"],
        [
            f"{item}年初预算{shown(level)}万元，调整预算{shown(rounded(level * D('0.9')))}万元，支出决算{shown(rounded(level * D('0.9')))}万元，完成调整预算的100%。"
        ],
        [
            f"支付{item}等{shown(level)}万元，其中：设备购置{shown(rounded(level / 3))}万元，劳务费{shown(rounded(level / 5))}万元。"
        ],
        [f"近五年{work}年均增长6.3%，由{value}{unit}增加到{(value * D('1.36')).to_integral_value()}{unit}。"],
        [f"{work}控制在{value}{unit}以内，实际{(value * D('0.9')).to_integral_value()}{unit}，达到年度目标。"],
        [f"{work}{value}余{unit}。", f"{work}{value + 1}{unit}以上。"],
    )
    return list(rng.choice(choices))


MAKERS: tuple[Maker, ...] = (
    Maker("completion.budget", ("completion_rate",), budget_rate),
    Maker("completion.task", ("completion_rate",), task_rate),
    Maker("completion.distant", ("completion_rate",), distant_rate, frozenset({"emp"})),
    Maker("growth.delta", ("growth_rate",), growth_delta),
    Maker("growth.levels", ("growth_rate",), growth_levels),
    Maker("direction.signs", ("direction",), signs),
    Maker("direction.budget", ("direction",), comparison),
    Maker("direction.move", ("direction",), move),
    Maker("share.list", ("share", "shares_sum"), share_list, frozenset({"whole"})),
    Maker("share.named", ("share",), share_named, frozenset({"whole"})),
    Maker("shares.ratio", ("shares_sum",), share_only),
    Maker("sum.shares", ("sum_of_parts", "share"), sum_shares, frozenset({"whole"})),
    Maker("sum.beyond", ("sum_of_parts",), sum_beyond, frozenset({"buying"})),
    Maker("sum.people", ("sum_of_parts",), sum_people, frozenset({"people"})),
    Maker("sum.columns", ("sum_of_parts",), sum_columns, frozenset({"whole"})),
    Maker("sum.basic", ("sum_of_parts",), sum_basic, frozenset({"basic"})),
    Maker("sum.three", ("sum_of_parts",), sum_three, frozenset({"three"})),
    Maker("sum.balance", ("sum_of_parts",), balance),
    Maker("conflict", ("conflict",), conflict, frozenset({"emp", "operating", "buying"})),
    Maker("unit.conflict", ("unit_suspect",), unit_conflict, frozenset({"operating", "buying", "three", "basic"})),
    Maker("unit.part", ("unit_suspect", "sum_of_parts"), unit_part, frozenset({"whole"})),
    Maker("target.missed", ("target_missed",), missed),
    Maker("missing_unit", ("missing_unit",), no_unit, frozenset({"whole"})),
    Maker("residue", ("template_residue",), residue),
)
DECOY = Maker("decoy", (), decoy)
