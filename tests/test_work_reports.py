"""Ways of saying of courts, police, ecology, schools, commerce and civil affairs; marks as in test_metrics.py."""

from __future__ import annotations

import pytest
from test_metrics import answers, describe, plain_text

from extract.pipeline import Extractor

CASES = {
    "names that begin with a time": [
        "判处罪犯⟦120人|actual|判处罪犯⟧，其中判处⟦五年以上|-⟧有期徒刑⟦18人|actual|五年以上有期徒刑⟧。",
        "⟦1年以上|-⟧未结案件⟦26件|actual|1年以上未结案件⟧。",
    ],
    "names of one character": [
        "共发生事故⟦126起|actual|发生事故⟧，亡⟦8人|actual|亡⟧，伤⟦31人|actual|伤⟧。",
    ],
    "words that only look like a lead or a unit": [
        "全市场监管系统查办案件⟦860件|actual|全市场监管系统查办案件⟧。",
        "消毒内外包装⟦3200件|actual|消毒内外包装⟧。",
        "到账外资⟦1.6亿美元|actual|到账外资⟧。",
        "清理河道淤泥⟦5.2万方|actual=52000|清理河道淤泥⟧，建立三方协议。",
        "审结职务犯罪⟦12案|actual|审结职务犯罪⟧⟦15人|actual|审结职务犯罪⟧，办理案件⟦86件|actual|办理案件⟧。",
    ],
    "words between a name and its figure": [
        "追缴赃款折合人民币⟦210余万元|actual|追缴赃款⟧。",
        "为⟦620名|actual|残疾儿童⟧残疾儿童每人每年发放⟦800元|actual|补贴⟧补贴。",
        "惠及⟦1860户|actual|脱贫群众⟧脱贫群众。",
        "⟦1.2万人|actual|报名参加考试⟧报名参加考试。",
    ],
    "names that share a noun, or have their own": [
        "全市刑事、治安案件同比分别下降⟦6.2%|growth|刑事案件⟧、⟦9.5%|growth|治安案件⟧。",
        "盗窃案件、诈骗案件破案率分别为⟦71%|actual|盗窃案件破案率⟧、⟦64%|actual|诈骗案件破案率⟧。",
        "火灾总量和死亡人数同比分别下降⟦11%|growth|火灾总量⟧、⟦5%|growth|死亡人数⟧。",
    ],
    "longer, better, more than usual": [
        "企业平均寿命延长⟦0.5年|change=0.5|企业平均寿命⟧。",
        "PM2.5平均浓度⟦29微克/立方米|actual⟧，同比改善⟦4.9%|growth=-4.9⟧。",
        "优良天数比例同比改善⟦1.4个百分点|change=1.4|优良天数比例⟧。",
        "全年降水量⟦812毫米|actual⟧，较常年偏多⟦6.8%|growth=6.8|降水量⟧，较上年偏少⟦3.1%|growth=-3.1|降水量⟧。",
    ],
    "plans that are stated": [
        "完成投资⟦1.5亿元|actual|完成投资⟧，占年度计划投资⟦2亿元|target⟧的⟦75%|completion⟧。",
        "水系治理项目计划完成总投资⟦1.2亿元|target⟧，完成投资⟦1.1亿元|actual⟧。",
        "零售额：底线目标⟦96亿元|target|零售额⟧，奋斗目标⟦98亿元|target|零售额⟧。",
    ],
    "what is told of others": [
        "出口⟦6.3亿元|actual|出口⟧，增长⟦8.2%|growth|出口⟧（全国⟦-1.2%|-⟧，全省⟦2.4%|-⟧）。",
        "旅游人均花费⟦860元|actual⟧，较全省人均花费低⟦120元|-⟧。",
        "人均纯收入⟦9860元|actual⟧，是上年度人均纯收入⟦9120元|-⟧的⟦108.1%|-⟧。",
        "土地承包到期后再延长⟦30年|-⟧。",
    ],
}


@pytest.mark.parametrize("marked", [one for group in CASES.values() for one in group])
def test_figures_say(extractor: Extractor, marked: str) -> None:
    """The indicator, role and value of every figure are those that a reader would write down."""
    wanted = answers(marked)
    assert describe(extractor.read_text(plain_text(marked)), wanted) == wanted


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("审结民事案件960件（含再审3件），与上年持平。", ["审结民事案件"]),
        ("重大火灾2起，同比持平。", ["重大火灾"]),
        ("接报较大火灾9起，与往年基本持平。", ["接报较大火灾"]),
        ("收入决算数与预算数持平。", []),
    ],
)
def test_stays_the_same(extractor: Extractor, text: str, of: list[str]) -> None:
    """持平 is told of the figure before the brackets, and against another period only."""
    changes = extractor.read_text(text).changes
    assert all(change.direction == "flat" for change in changes)
    assert [change.indicator.text for change in changes if change.indicator is not None] == of


def test_a_plan_that_is_stated_is_the_target(extractor: Extractor) -> None:
    """The sum that a share of a yearly plan is of is the target of the pair."""
    (pair,) = extractor.read_text("完成投资3亿元，占年度投资5亿元的60%。").pairs
    assert pair.target is not None
    assert pair.target.text == "5亿元"
    assert (str(pair.completion), pair.met) == ("60", False)


def test_revenue_alone_is_of_no_park(extractor: Extractor) -> None:
    """A name that every enterprise has stands for no indicator of one field."""
    (metric,) = extractor.read_text("娱乐场所营业收入3.6亿元。").metrics[:1]
    assert metric.indicator is not None
    assert metric.indicator.id is None
