"""What figures say. Every sentence carries its answer: ⟦figure|role=value|indicator|id⟧.

`-` stands for a figure that is no metric. The value may be left out where it is what the figure prints, indicator and
id where they are not at stake.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from extract.pipeline import Extractor
from extract.records import Metric, Report

MARK = re.compile("⟦([^⟧]*)⟧")


def plain_text(marked: str) -> str:
    """The sentence without its answers."""
    return MARK.sub(lambda match: match[1].split("|")[0], marked)


def answers(marked: str) -> list[str]:
    """The answers of a marked sentence."""
    return [match[1] for match in MARK.finditer(marked)]


def describe(report: Report, wanted: list[str]) -> list[str]:
    """What was read, in the words of the marks: as many fields as the mark at the same place has."""
    by_quantity: dict[str, list[Metric]] = {}
    for metric in report.metrics:
        by_quantity.setdefault(metric.quantity, []).append(metric)
    lines: list[str] = []
    for number, quantity in enumerate(report.quantities):
        mark = wanted[number].split("|") if number < len(wanted) else ["", "", ""]
        metrics = by_quantity.get(quantity.id, [])
        if not metrics:
            lines.append(f"{quantity.text}|-")
            continue
        metric = metrics[0]
        role = metric.role + (f"={metric.value:f}" if metric.value is not None and "=" in mark[1] else "")
        fields = [quantity.text, role]
        if len(mark) > 2:
            fields.append("、".join(one.indicator.text if one.indicator else "" for one in metrics))
        if len(mark) > 3:
            fields.append(str(metric.indicator.id if metric.indicator else None))
        lines.append("|".join(fields))
    return lines


CASES = {
    "plain statements": [
        "全市城镇新增就业⟦1.07万人|actual=10700|城镇新增就业|emp.new_urban⟧。",
        "全年发放创业担保贷款⟦2.36亿元|actual=236000000|发放创业担保贷款⟧。",
        "年末城镇登记失业率为⟦3.1%|actual=3.1|城镇登记失业率⟧。",
        "全年举办招聘会⟦560余场|actual=560|举办招聘会⟧。",
        "建成⟦12个|actual|创业孵化基地⟧创业孵化基地。",
        "截至2023年底，全县户籍人口⟦36.8万人|actual|户籍人口⟧。",
        "群众满意度达到⟦98.5%|actual|群众满意度⟧。",
    ],
    "change and growth": [
        "2023年度收入总计⟦2350.16万元|actual|收入总计|fin.total⟧，比上年增加⟦442.66万元|change=4426600|收入总计⟧，"
        "增长⟦23.21%|growth=23.21|收入总计⟧。",
        "公用经费支出⟦77.51万元|actual|公用经费支出⟧，较上年减少⟦14.26万元|change=-142600|公用经费支出⟧，"
        "下降⟦15.54%|growth=-15.54|公用经费支出⟧。",
        "实现进出口总额⟦126.87亿元|actual|进出口总额⟧，同比增长⟦7.6%|growth=7.6|进出口总额⟧。",
        "粮食产量⟦86.4万吨|actual|粮食产量⟧，同比下降⟦0.6%|growth=-0.6|粮食产量⟧。",
        "常住人口城镇化率⟦54.8%|actual|常住人口城镇化率⟧，比上年提高⟦0.9个百分点|change=0.9|常住人口城镇化率⟧。",
        "资产负债率⟦53.3%|actual|资产负债率⟧，比上年末下降⟦2个百分点|change=-2|资产负债率⟧。",
        "接待游客⟦5.81万人次|actual⟧，增长⟦5.2倍|growth=5.2⟧。",
        "与2022年⟦913.2万元|previous=9132000⟧相比，收入增加⟦20万元|change=200000⟧。",
        "办公费支出⟦3.2万元|actual|办公费支出⟧，比上年多⟦1.2万元|change=12000⟧。",
        "工业增加值增长⟦5.2%|growth|工业增加值⟧，增速比上年提高⟦0.6个百分点|change=0.6⟧。",
    ],
    "moves from one level to another": [
        "协理员队伍从⟦372人|previous|协理员队伍⟧扩充到⟦527人|actual|协理员队伍⟧。",
        "行政审批事项由⟦52项|previous|行政审批事项⟧减少至⟦31项|actual|行政审批事项⟧。",
        "高新技术企业增加到⟦56家|actual|高新技术企业⟧。",
    ],
    "shares": [
        "基本支出⟦851.5万元|actual|基本支出⟧，占⟦36.23%|share=36.23|基本支出⟧。",
        "制造业增加值占GDP的比重为⟦26.5%|share⟧。",
        "三次产业结构为⟦10.9|share⟧：⟦37.6|share⟧：⟦51.5|share⟧。",
        "空气质量优良天数比例为⟦92.6%|actual⟧。",
    ],
    "completion": [
        "完成创业培训⟦1.07万人|actual|完成创业培训⟧，达到年度任务的⟦130%|completion=130|完成创业培训⟧。",
        "支出决算为⟦57.60万元|actual⟧，完成年初预算的⟦9.96%|completion⟧。",
        "一般公共预算收入⟦1.94亿元|actual|一般公共预算收入⟧，为预算的⟦99.8%|completion|一般公共预算收入⟧。",
        "资金使用率⟦98.80%|completion|资金使用率⟧。",
        "问题整改完成率⟦92%|actual⟧。",
        "预算执行⟦77.51万元|actual⟧，执行率⟦89.39%|completion⟧。",
    ],
    "targets": [
        "城镇新增就业人数指标值⟦120人|target|城镇新增就业人数|emp.new_urban⟧，实际完成值⟦135人|actual|城镇新增就业人数⟧。",
        "政策满意度⟦≥95%|target|政策满意度⟧，全年实际完成⟦98%|actual|政策满意度⟧。",
        "城镇登记失业率控制在⟦4.5%以内|target=4.5|城镇登记失业率⟧。",
        "新增就业⟦4126人|actual⟧，超额完成年初确定的⟦3800人|target⟧目标。",
        "力争城镇新增就业⟦5万人|target|城镇新增就业⟧。",
        "全市计划造林⟦3.5万亩|target|造林⟧。",
    ],
    "budgets and accounts": [
        "年初预算为⟦578.03万元|budget⟧，支出决算为⟦57.60万元|actual⟧，完成年初预算的⟦9.96%|completion⟧。",
        "行政运行年初预算为⟦120万元|budget|行政运行⟧，调整后预算为⟦135万元|budget_adjusted|行政运行⟧，"
        "支出决算为⟦130万元|actual|行政运行⟧。",
        "年中调减项目支出预算⟦20万元|change=-200000⟧。",
        "年初预算⟦20万元|budget⟧，追加项目资金⟦4万元|budget⟧。",
        "收入预算⟦32亿元|budget⟧，执行中调整为⟦30亿元|budget_adjusted⟧。",
    ],
    "scores": [
        "项目综合得分⟦92.6分|score=92.6⟧。",
        "项目管理满分⟦10分|full_score⟧，得⟦9分|score⟧。",
    ],
    "no metric": [
        "购置单价⟦100万元以上|-⟧设备⟦3台|actual⟧。",
        "预算执行率⟦低于80%|-⟧的项目。",
        "省局一行⟦5人|-⟧来调研。",
        "拉动工业增长⟦2.6个百分点|-⟧。",
        "增速高于全省平均水平⟦1.2个百分点|-⟧。",
        "为期⟦一个月|-⟧的宣传活动。",
        "就业率⟦98.14%|actual|就业率⟧，超过目标任务⟦3.14个百分点|-⟧。",
    ],
    "lists": [
        "一产、二产、三产分别增长⟦3.1%|growth|一产⟧、⟦6.2%|growth|二产⟧和⟦5.8%|growth|三产⟧。",
        "新增就业⟦6435人|actual|新增就业⟧，失业人员再就业⟦1755人|actual|失业人员再就业⟧，分别完成目标任务的"
        "⟦117%|completion|新增就业⟧、⟦109.7%|completion|失业人员再就业⟧。",
        "本年支出⟦200万元|actual|本年支出⟧，其中：基本支出⟦150万元|actual|基本支出⟧，项目支出⟦50万元|actual|项目支出⟧。",
        "比上年减少⟦30万元|change=-300000⟧，其中：办公费减少⟦10万元|change=-100000|办公费⟧，"
        "差旅费减少⟦20万元|change=-200000|差旅费⟧。",
        "年初预算⟦200万元|budget⟧，其中：人员经费⟦150万元|budget|人员经费⟧、公用经费⟦50万元|budget|公用经费⟧。",
        "接待来访⟦36批|actual⟧、⟦210人|actual⟧。",
    ],
    "brackets": [
        "发放补贴⟦300万元|actual|发放补贴⟧（社保补贴⟦200万元|actual|社保补贴⟧、岗位补贴⟦100万元|actual|岗位补贴⟧）。",
    ],
    "units of a neighbour": [
        "男、女平均身高分别提高⟦1.7|change=1.7⟧、⟦2.2个百分点|change=2.2⟧。",
        "培训支出⟦5.2万元|actual=52000|培训支出⟧，差旅支出⟦0.39万|actual=3900|差旅支出⟧。",
    ],
    "audit findings": [
        "⟦6个|actual|部门⟧部门未及时上缴非税收入⟦88.5万元|actual|未及时上缴非税收入⟧。",
        "⟦3个|actual|单位⟧单位超预算列支差旅费⟦7.2万元|actual|超预算列支差旅费⟧。",
        "抽查的⟦24个|actual|项目⟧项目中，有⟦5个|actual|项目⟧项目未按期完工。",
        "前期工作不实，导致⟦1.6亿元|actual|债券资金⟧债券资金闲置。",
        "多计工程价款⟦1 406 045.5元|actual=1406045.5|多计工程价款⟧，审减率⟦5.2%|actual|审减率⟧。",
    ],
    "whole names": [
        "更新⟦2000辆|actual|巡游出租汽车⟧巡游出租汽车，查处⟦56起|actual|安全违规行为⟧安全违规行为。",
        "计划生育家庭奖励扶助资金⟦120万元|actual|计划生育家庭奖励扶助资金⟧。",
        "加上年结余⟦3万元|actual|上年结余⟧，加上级补助⟦2万元|actual|上级补助⟧，加上上级补助⟦2万元|actual|上级补助⟧。",
        "建成加氢站⟦5座|actual|建成加氢站⟧、加油站⟦12座|actual|加油站⟧。",
    ],
    "distance is no level": [
        "支出决算为⟦402万元|actual⟧，决算数大于年初预算数⟦15.8万元|change=158000⟧。",
        "合格率目标值⟦100%|target⟧，实际完成值⟦98%|actual⟧，扣⟦1分|-⟧。",
        "计划培训⟦300人次|target⟧，实际培训⟦326人次|actual⟧，超额完成⟦26人次|-⟧。",
        "资金使用率未达到⟦100%|target|资金使用率⟧，质保金尚未支付。",
        "上划收入⟦37.8亿元|actual⟧，负增长⟦1.2%|growth=-1.2|上划收入⟧。",
        "一般公共预算支出⟦37.2亿元|actual⟧，增长⟦9.7%|growth⟧，增支⟦3.3亿元|change=330000000⟧。",
        "会议费减少⟦2万元|change=-20000⟧，其中：出国费与上年持平，均为⟦0万元|actual=0|出国费⟧；培训费减少⟦2万元|change=-20000|培训费⟧。",
        "一般公共预算总支出⟦24.4亿元|actual|一般公共预算总支出⟧。",
        "部门收入总预算⟦317.6万元|budget⟧。",
    ],
    "scores and full scores": [
        "产出指标（⟦50分|full_score|产出指标⟧）：自评得分⟦48.5分|score⟧。",
        "项目总分⟦100分|full_score⟧，自评得分⟦96.2分|score⟧。",
        "其中：预算执行⟦10分|full_score|预算执行⟧，得⟦9.8分|score|预算执行⟧；产出指标⟦50分|full_score|产出指标⟧，得⟦47分|score|产出指标⟧。",
    ],
    "what a figure is not of": [
        "教育支出⟦159万元|actual|教育支出⟧，主要用于支付教师的培训费，完成年初预算⟦98%|completion|教育支出⟧。",
        "修缮工程年初预算⟦300万元|budget⟧，年中调减⟦20万元|change=-200000⟧，实际支出⟦279万元|actual|修缮工程⟧。",
        "补助资金共下达⟦3批次|actual|补助资金⟧，资金下达⟦600万元|actual|资金下达⟧。",
        "新增耕地⟦2.4公顷|actual|新增耕地⟧（全部为整理新增）、新增水田⟦1.1公顷|actual|新增水田⟧。",
        "教育、科技和卫生等领域的投入分别增长⟦5%|growth|教育投入⟧、⟦6%|growth|科技投入⟧、⟦7%|growth|卫生投入⟧。",
        "累计完成公共财政预算收入⟦6.8亿元|actual|公共财政预算收入|macro.gpb_revenue⟧。",
    ],
    "names in budget reports": [
        "一般公共预算收入⟦268亿元|actual⟧，同口径增长⟦4.8%|growth⟧，自然口径下降⟦2.1%|growth=-2.1|一般公共预算收入⟧。",
        "一般公共预算收入预期增长⟦5%左右|target⟧，达到⟦282亿元|target⟧。",
        "政府债务余额⟦1023亿元|actual⟧，低于限额⟦32亿元|-⟧。",
        "财政八项支出完成⟦312亿元|actual|财政八项支出⟧。",
        "加补助下级支出⟦62亿元|actual|补助下级支出⟧。",
        "年度目标：接待游客目标⟦120万人次|target⟧，实际接待⟦138万人次|actual|接待游客⟧，超额完成⟦15%|-⟧。",
        "举办培训班（⟦≥4期|target⟧），实际完成⟦5期|actual|举办培训班⟧。",
        "当年收入⟦1865万元|actual|当年收入⟧，当年支出⟦1902万元|actual|当年支出⟧。",
        "收入预算较上年减少⟦12.3%|growth|收入预算⟧，支出预算较上年减少⟦12.3%|growth|支出预算⟧。",
        "平均每辆车维护费⟦2.3万元|actual⟧，较上年每辆减少⟦0.1万元|change=-1000|平均每辆车维护费⟧。",
        "预算调整率为⟦8.6%|actual|预算调整率⟧，预算执行率为⟦97.2%|completion|预算执行率⟧。",
        "加上级补助收入⟦88万元|actual|上级补助收入⟧，收入合计为⟦6449万元|actual|收入合计⟧。",
        "我镇共实现税收收入⟦4399万元|actual|税收收入⟧，完成目标进度⟦44%|completion|税收收入⟧。",
        "自然资源海洋气象等支出（类）自然资源事务（款）行政运行（项）年初预算为⟦156万元"
        "|budget|自然资源海洋气象等支出（类）自然资源事务（款）行政运行（项）|fin.exp_func⟧。",
        "1.一般公共服务（201）市场监督管理事务（38）行政运行（01）：2025年预算数为⟦126万元"
        "|budget|一般公共服务（201）市场监督管理事务（38）行政运行（01）|fin.exp_func⟧。",
        "一般公共预算收入计划⟦13.5亿元|target⟧，短收⟦2亿元|change=-200000000⟧。",
        "其中：（一）节能环保支出类科目⟦850088.3元|actual=850088.3|节能环保支出类科目⟧。",
        "修编项目自评得分⟦96.5分|score⟧。项目全年预算数为⟦86万元|budget_adjusted|修编项目⟧。",
        "新建农田⟦2.8万亩|actual|新建农田⟧、改造提升⟦0.7万亩|actual|改造提升⟧。",
        "就业率⟦76.5%|actual⟧，低于目标值（⟦80%|target|就业率⟧）⟦3.5个百分点|-⟧。",
        "增收⟦2万元|change⟧；养老金标准继续提高，年人均提高⟦256元|change=256|养老金标准⟧。",
        "抽查资金⟦2亿元|actual|抽查资金⟧、项目⟦56个|actual|项目⟧。",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "marked", [case for cases in CASES.values() for case in cases],
    ids=[f"{name} {number}" for name, cases in CASES.items() for number, _ in enumerate(cases, 1)],
)  # fmt: skip
def test_sentence(extractor: Extractor, marked: str) -> None:
    """Every figure has the role, the value and the indicator that its mark tells."""
    wanted = answers(marked)
    assert describe(extractor.read_text(plain_text(marked)), wanted) == wanted


HARD = {
    "为 stays out of a name": "绩效自评得分为⟦97.79分|score=97.79|绩效自评得分⟧。",
    "总分 is a score": "绩效自评总分⟦97.79分|score⟧。",
    "a county before 城镇": "青川县城镇新增就业⟦120人|actual|城镇新增就业|emp.new_urban⟧。",
    "a rate of completion alone": "预算完成率⟦95%|completion⟧。",
    "共 after 全年": "全年共培训⟦2.3万人次|actual|培训⟧。",
    "净增 after a move": "道路硬化里程由去年的⟦120公里|previous⟧增加到⟦186公里|actual⟧，净增⟦66公里|change=66⟧。",
    "another 收入 than the topic": "地区生产总值⟦391亿元|actual|地区生产总值⟧，财政收入⟦38亿元|actual|财政收入⟧。",
    "a good of one character": "产品有：原煤⟦2亿吨|actual|原煤⟧，镁⟦4.5万吨|actual|镁⟧。",
    "a noun cut by the unit": "全县共有⟦45万人|actual|人口⟧口。",
    "what a mark is not": "地区生产总值⟦超1000亿元|actual|地区生产总值⟧大关。",
    "a move to a bare 0": "贫困发生率由⟦12.6%|previous|贫困发生率⟧降至⟦0|actual=0|贫困发生率⟧。",
    "growth dealt out to dealt-out amounts": (
        "甲县产值和乙县产值分别达到⟦3亿元|actual|甲县产值⟧、⟦2亿元|actual|乙县产值⟧，"
        "分别增长⟦8%|growth|甲县产值⟧和⟦6%|growth|乙县产值⟧。"
    ),
    "the change after a list that adds up": (
        "在编人员⟦80人|actual|在编人员⟧，其中在职⟦65人|actual⟧，退休⟦15人|actual⟧，增加⟦3人|change|在编人员⟧。"
    ),
    "one ratio moved to another": (
        "三次产业结构由上年的⟦9.8|share|三次产业结构⟧：⟦41.2|share|三次产业结构⟧：⟦49.0|share|三次产业结构⟧"
        "调整为⟦9.5|share|三次产业结构⟧：⟦40.6|share|三次产业结构⟧：⟦49.9|share|三次产业结构⟧。"
    ),
    "spending after a list that adds up": (
        "安排专项资金⟦120万元|actual|安排专项资金⟧，其中中央资金⟦80万元|actual⟧、省级资金⟦40万元|actual⟧，"
        "已支出⟦110万元|actual|安排专项资金⟧，执行率⟦91.67%|completion|安排专项资金⟧。"
    ),
    "half-width stops": (
        "全县新增贷款⟦820户|actual|新增贷款⟧,完成目标任务的⟦102.5%|completion|新增贷款⟧ ;"
        "培训农民⟦640人|actual|培训农民⟧,占年计划⟦600人|target|培训农民⟧的⟦106.67%|completion|培训农民⟧."
    ),
    "who set the task": (
        "新建冷库⟦12座|actual|新建冷库⟧，完成省下达目标任务的⟦120%|completion|新建冷库⟧，"
        "市民生任务的⟦150%|completion|新建冷库⟧。"
    ),
    "a bound that was kept": (
        "城镇登记失业率为⟦2.9%|actual|城镇登记失业率⟧，低于市下达⟦4%|target|城镇登记失业率⟧的控制目标。"
    ),
    "a label and its figure": "1、总收入：⟦792.22万元|actual|总收入⟧。比上年增加⟦89.25万元|change=892500|总收入⟧。",
    "the part after 包括": "项目支出包括档案经费⟦36.3万元|actual|档案经费⟧、培训经费⟦1万元|actual|培训经费⟧。",
    "a formula": "出勤率=（出勤数÷应到数）×100%⟦=96.2%|actual|出勤率⟧。",
    "more produced": "粮食产量⟦71.2万吨|actual|粮食产量⟧、增产⟦1.6万吨|change=16000|粮食产量⟧。",
    "the stated base has no parts": (
        "收入累计完成⟦460万元|actual⟧，完成年初预算数⟦1000万元|budget⟧的⟦46%|completion⟧。"
        "其中：房租收入⟦300万元|actual|房租收入⟧；其他收入⟦160万元|actual|其他收入⟧。"
    ),
    "who is given, and what": "为⟦37家|actual|企业⟧企业发放用电补贴⟦88.6万元|actual|发放用电补贴⟧。",
    "less than the budget": ("公务用车费⟦8万元|actual|公务用车费⟧，比预算数减少⟦2万元|change=-20000|公务用车费⟧。"),
    "named receivers": "向孤儿、失能老人等困难对象发放节日慰问金⟦64.3万元|actual|发放节日慰问金⟧。",
    "for whom it is budgeted": "对个人和家庭的补助支出⟦35.2万元|actual|对个人和家庭的补助支出⟧。",
    "a measured duration": "案件平均审理时长⟦41.6天|actual|案件平均审理时长⟧，重污染天数⟦9天|actual|重污染天数⟧。",
    "days as a count": "出现重污染⟦37天次|actual⟧，细颗粒物平均浓度⟦31μg/m³|actual|细颗粒物平均浓度⟧。",
    "what the task is": "今年的任务是新增护理床位⟦420张|target|新增护理床位⟧。",
    "what was handed down": "年初市下达我县农村危房改造⟦310户|target|农村危房改造⟧，完成⟦325户|actual⟧。",
    "one name of two": "长三角及周边地区优良天数比例为⟦86.4%|actual|长三角及周边地区优良天数比例⟧。",
    "whose cases": "全市法院受理各类案件⟦2.31万件|actual|受理各类案件⟧，审结⟦2.2万件|actual|审结⟧。",
    "beds in use": "病床使用率⟦71.3%|actual|病床使用率⟧，平均住院日⟦8.2天|actual|平均住院日⟧。",
    "net growth": "经营主体⟦38.2万户|actual|经营主体⟧，同比净增⟦2.6万户|change|经营主体⟧。",
    "the task of the year": (
        "城镇新增就业⟦4820人|actual⟧，完成年目标任务⟦4600人|target|城镇新增就业⟧的⟦104.78%|completion|城镇新增就业⟧。"
    ),
    "below the task": "登记失业率控制在⟦3.1%|actual⟧，比年目标任务⟦4.2%|target|登记失业率⟧低⟦1.1个百分点|-⟧。",
    "who is helped": "帮助城镇⟦163名|actual|就业困难人员⟧就业困难人员实现就业。",
    "who borrows": "为⟦24户|actual|小微企业⟧小微企业放贷⟦860万元|actual|放贷⟧。",
    "again employed": "再就业培训⟦2.4万人|actual|再就业培训⟧。",
    "both flows": "一般公共预算收入和支出分别增长⟦3.2%|growth|一般公共预算收入⟧、⟦4.1%|growth|一般公共预算支出⟧。",
    "a ratio that moves": "城乡收入比由上年的⟦2.31:1|previous=2.31|城乡收入比⟧缩小为⟦2.27:1|actual=2.27|城乡收入比⟧。",
    "structures": (
        "三次产业占比由⟦8.1|share⟧:⟦44.2|share⟧:⟦47.7|share⟧，进一步优化为"
        "⟦7.6|share|三次产业占比⟧:⟦44.5|share|三次产业占比⟧:⟦47.9|share|三次产业占比⟧，"
        "第三产业占比提高⟦0.2个百分点|change|第三产业占比⟧。"
    ),
    "in dollars": "人均生产总值⟦52318元|actual|人均生产总值⟧，按年平均汇率折算为⟦7412美元|actual|人均生产总值⟧。",
    "more than last year": "新增就业⟦5120人|actual|新增就业⟧，比上年多增⟦136人|change|新增就业⟧。",
    "a project, not an item": "该项目拨付资金⟦182.4万元|actual|拨付资金⟧。",
    "in the season": "春节期间发放一次性生活补贴⟦412万元|actual|发放一次性生活补贴⟧。",
    "money due": "县级配套应到位⟦640万元|target|县级配套⟧，实际到位⟦512万元|actual|县级配套⟧。",
    "people due": "乡村医生应配⟦96名|target|乡村医生⟧，实有⟦81名|actual|乡村医生⟧。",
    "a loan task": "创业贷款目标任务⟦3000万元|target|创业贷款⟧，发放⟦3260万元|actual|创业贷款⟧。",
    "a goal that is a rate": "规范管理率任务指标⟦62%|target|规范管理率⟧，完成⟦73.4%|actual|规范管理率⟧。",
    "within the limit": "全县政府债务余额⟦31.6亿元|actual|政府债务余额⟧，控制在限额⟦33亿元以内|target|政府债务余额⟧。",
    "spent of what arrived": (
        "资金到位⟦540万元|actual|资金到位⟧；实际支出⟦486万元|actual|实际支出|fin.executed⟧，预算执行率⟦90%|completion|实际支出⟧。"
    ),
    "more than was reported": (
        "县级一般公共预算收入⟦9.4亿元|actual|一般公共预算收入⟧，"
        "比向县人大一次会议报告的执行数增加⟦0.2亿元|change=20000000|一般公共预算收入⟧。"
    ),
    "the other side after a list": (
        "政府性基金收入⟦6.2亿元|actual|政府性基金收入⟧，其中土地出让收入⟦5.8亿元|actual|土地出让收入⟧；"
        "支出⟦7.1亿元|actual|政府性基金支出⟧。"
    ),
    "a clause is no name of a rate": "部分项目进展偏慢，支出进度⟦38.5%|completion|支出进度⟧。",
    "what it mainly goes to": "机关运行经费主要用于办公费⟦9.6万元|actual|办公费⟧、水费⟦0.8万元|actual|水费⟧。",
    "to whom it is granted": "省财政厅下达我市就业补助资金⟦860万元|actual|就业补助资金|sub.fund_total⟧。",
    "the project's score": "经综合评价，该项目综合得分⟦88.4分|score⟧。",
    "should reach": "系统管理率应达到⟦90%以上|target|系统管理率⟧，实际达到⟦94.3%|actual|系统管理率⟧。",
    "含 in brackets": "公务用车费（含购置⟦18万元|actual|购置⟧）⟦25万元|actual|公务用车费⟧。",
}


@pytest.mark.parametrize("marked", [pytest.param(case, id=why) for why, case in HARD.items()])
def test_hard_sentences(extractor: Extractor, marked: str) -> None:
    """Sentences in which words run into each other."""
    wanted = answers(marked)
    assert describe(extractor.read_text(plain_text(marked)), wanted) == wanted


def test_all_of_a_list(extractor: Extractor) -> None:
    """One rate that all of a list reach is a metric of each."""
    report = extractor.read_text("培训合格率、持证上岗率均达到95%。")
    assert sorted(one.indicator.text for one in report.metrics if one.indicator) == ["培训合格率", "持证上岗率"]


FRAMED = {
    "a section of goals": (
        "二、2024年工作安排\n（一）主要目标\n城镇新增就业⟦5万人|target|城镇新增就业⟧，"
        "城镇调查失业率⟦5.5%左右|target|城镇调查失业率⟧，经济增长⟦6%|target|经济⟧。"
    ),
    "a section of results under a report of goals": (
        "一、2023年工作回顾\n全年城镇新增就业⟦5.2万人|actual|城镇新增就业⟧，增长⟦3%|growth|城镇新增就业⟧。"
    ),
    "a draft budget": (
        "二、2024年预算草案\n一般公共预算收入⟦12亿元|budget|一般公共预算收入⟧，增长⟦5%|growth|一般公共预算收入⟧；"
        "一般公共预算支出⟦20亿元|budget|一般公共预算支出⟧。"
    ),
    "a heading that names what is measured": (
        "三、绩效目标完成情况\n1.城镇新增就业人数\n年度目标值⟦120人|target|城镇新增就业人数⟧，"
        "实际完成值⟦135人|actual|城镇新增就业人数⟧。"
    ),
}  # fmt: skip


@pytest.mark.parametrize("marked", FRAMED.values(), ids=FRAMED)
def test_heading_tells_the_role(extractor: Extractor, marked: str) -> None:
    """Where no words at the figure tell its role, the heading of its section does."""
    wanted = answers(marked)
    assert describe(extractor.read_text(plain_text(marked)), wanted) == wanted


@pytest.mark.parametrize(
    ("text", "value", "first", "last"),
    [
        ("2023年城镇新增就业120人。", "2023年", "2023-01-01", "2023-12-31"),
        ("2023年1-11月，城镇新增就业120人。", "2023年1-11月", "2023-01-01", "2023-11-30"),
        ("截至2023年6月底，城镇新增就业120人。", "2023年6月底", "2023-06-30", "2023-06-30"),
    ],
)
def test_period(extractor: Extractor, text: str, value: str, first: str, last: str) -> None:
    """A metric is of the period named before it."""
    (metric,) = extractor.read_text(text).metrics
    assert metric.period is not None
    assert (metric.period.text, metric.period.start, metric.period.end) == (value, first, last)


@pytest.mark.parametrize(
    ("heading", "period"),
    [
        ("二、2031年上半年预算执行情况", ("2031-01-01", "2031-06-30")),
        ("二、2031年预算草案", ("2031-01-01", "2031-12-31")),
        ("二、预算执行情况", ("2030-01-01", "2030-12-31")),
    ],
)
def test_period_of_a_heading(extractor: Extractor, heading: str, period: tuple[str, str]) -> None:
    """Figures without a date are of the year, or the half of it, that the heading of their part names."""
    text = f"某县2030年财政决算的报告\n一、收支情况\n收支平衡。\n{heading}\n教育支出12亿元。\n"
    (metric,) = extractor.read_text(text).metrics
    assert metric.period is not None
    assert (metric.period.start, metric.period.end) == period


def test_base_period_is_not_the_period(extractor: Extractor) -> None:
    """The year compared with is not the year that the value is of."""
    metrics = extractor.read_text("2023年收入总计200万元，与2022年相比增加20万元。").metrics
    assert [metric.period.text if metric.period else None for metric in metrics] == ["2023年", "2023年"]


@pytest.mark.parametrize(
    ("text", "subject"),
    [("青川县完成职业培训120人。", "青川县"), ("全市城镇新增就业120人。", "全市"), ("城镇新增就业120人。", None)],
)
def test_subject(extractor: Extractor, text: str, subject: str | None) -> None:
    """A metric is of the organisation, place or scope named before it in its sentence."""
    (metric,) = extractor.read_text(text).metrics
    assert metric.subject == subject


def test_metric_points_into_the_text(extractor: Extractor, report: str) -> None:
    """Indicators and sentences are spans of the text, figures lie inside their sentence."""
    read = extractor.read_text(report)
    quantities = {quantity.id: quantity for quantity in read.quantities}
    assert len(read.metrics) == 5
    for metric in read.metrics:
        assert metric.indicator is not None
        assert report[metric.indicator.start : metric.indicator.end] == metric.indicator.text
        quantity = quantities[metric.quantity]
        assert metric.sentence.start <= quantity.start < quantity.end <= metric.sentence.end
        assert metric.sentence.end == len(report) or report[metric.sentence.end - 1] in "。\n"
        if metric.role not in ("change", "growth"):
            assert metric.value == quantity.value


def test_values_are_exact(extractor: Extractor) -> None:
    """The value of a metric is an exact decimal number."""
    (metric,) = extractor.read_text("支出2350.16万元。").metrics
    assert metric.value == Decimal(23501600)
