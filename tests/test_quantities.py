"""What is a quantity and what is not: forms, units, bounds, lists, and digits that measure nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.examples import Reader, describe_value
from extract.patterns import PatternError, load_pack, unmark
from extract.quantities import Found

READER = Reader(load_pack())


def read(text: str) -> list[tuple[str, Found]]:
    """The figures of a text with their words, blanks included."""
    sentence = READER.sentence(text)
    return [(text[slice(*sentence.view.span(found.start, found.end))], found) for found in sentence.found]


def values(text: str) -> list[str]:
    """Kind and value of each figure."""
    return [f"{found.kind} {describe_value(found)}" for _, found in read(text)]


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        # money
        ("收取押金⟦9873元⟧。", "money 9873 元"),
        ("实际支付⟦599.79元⟧。", "money 599.79 元"),
        ("拨付⟦2350.16万元⟧用于培训。", "money 23501600 元"),
        ("拨付⟦1498.66 万元⟧用于培训。", "money 14986600 元"),
        ("拨付⟦1,054.90万元⟧用于培训。", "money 10549000 元"),
        ("拨付⟦2，350.16万元⟧用于培训。", "money 23501600 元"),
        ("贷款⟦3.13亿元⟧。", "money 313000000 元"),
        ("发行债券⟦2.5万亿元⟧。", "money 2500000000000 元"),
        ("补助⟦30多万元⟧。", "money 300000 元 ~"),
        ("出口⟦24.6亿美元⟧。", "money 2460000000 美元"),
        ("标准为每人⟦1800元/月⟧。", "money 1800 元/月"),
        ("人均⟦12.5元/人⟧。", "money 12.5 元/人"),
        ("节约⟦三百万元⟧。", "money 3000000 元"),
        ("拨付⟦２３５０．１６万元⟧。", "money 23501600 元"),
        ("工作经费预算⟦10万⟧，已用完。", "money 100000 元"),
        # counts
        ("设点⟦235个⟧。", "count 235 个"),
        ("培训⟦8.42万余人⟧。", "count 84200 人 ~"),
        ("举办⟦560余场⟧招聘会。", "count 560 场 ~"),
        ("印发⟦5.9万个次⟧。", "count 59000 个次"),
        ("服务⟦3.03万人次⟧。", "count 30300 人次"),
        ("配备⟦0台（套）⟧设备。", "count 0 台（套）"),
        ("惠及⟦79.62万人⟧。", "count 796200 人"),
        ("涉及⟦3千户⟧居民。", "count 3000 户"),
        ("完成⟦-61人⟧。", "count -61 人"),
        ("开设⟦四个⟧班次。", "count 4 个"),
        ("举办⟦两期⟧培训。", "count 2 期"),
        ("走访⟦二十多家⟧企业。", "count 20 家 ~"),
        ("走访⟦一百二十三户⟧。", "count 123 户"),
        # rates, points, multiples
        ("增长⟦15.85%⟧。", "rate 15.85 %"),
        ("满意度⟦９８％⟧。", "rate 98 %"),
        ("增长⟦百分之五⟧。", "rate 5 %"),
        ("达到⟦百分之九十五以上⟧。", "rate 95 % >="),
        ("出生率⟦6.3‰⟧。", "rate 6.3 ‰"),
        ("自然增长率⟦千分之三⟧。", "rate 3 ‰"),
        ("覆盖⟦九成以上⟧的企业。", "rate 90 % >="),
        ("约占⟦三成半⟧。", "rate 35 %"),
        ("提高⟦3.14个百分点⟧。", "percentage_point 3.14 个百分点"),
        ("上升⟦0.2百分点⟧。", "percentage_point 0.2 个百分点"),
        ("增长⟦1.5倍⟧。", "multiple 1.5 倍"),
        ("翻了⟦两番⟧。", "multiple 2 番"),
        # measures, durations, scores
        ("新增⟦1.4万平方米⟧。", "measure 14000 平方米"),
        ("修路⟦36.8公里⟧。", "measure 36.8 公里"),
        ("面积⟦728.99千公顷⟧。", "measure 728.99 千公顷"),
        ("浓度为⟦32微克/立方米⟧。", "measure 32 微克/立方米"),
        ("产粮⟦1.39万亿斤⟧。", "measure 1390000000000 斤"),
        ("用时⟦15个工作日⟧。", "duration 15 个工作日"),
        ("为期⟦1个半月⟧。", "duration 1.5 个月"),
        ("历时⟦一个半月⟧。", "duration 1.5 个月"),
        ("用了⟦半个月⟧的时间。", "duration 0.5 个月"),
        ("连续⟦3年⟧获奖。", "duration 3 年"),
        ("年满⟦60岁以上⟧的老人。", "duration 60 岁 >="),
        ("自评得分⟦97.79分⟧。", "score 97.79 分"),
        # comparators
        ("不得⟦低于90%⟧。", "rate 90 % <"),
        ("满意度⟦≥95%⟧。", "rate 95 % >="),
        ("满意度⟦不低于95%⟧。", "rate 95 % >="),
        ("失业率⟦4.5%以内⟧。", "rate 4.5 % <="),
        ("失业率⟦不超过4.5%⟧。", "rate 4.5 % <="),
        ("产值⟦突破1万亿元⟧。", "money 1000000000000 元 >"),
        ("覆盖率⟦超过90%⟧。", "rate 90 % >"),
        ("覆盖率⟦＞90%⟧。", "rate 90 % >"),
        ("建档⟦近2万个⟧。", "count 20000 个 ~"),
        ("服务⟦约8.42万人⟧。", "count 84200 人 ~"),
        ("增长⟦5%左右⟧。", "rate 5 % ~"),
        ("投资⟦逾3亿元⟧。", "money 300000000 元 >"),
        ("到位率⟦不足80%⟧。", "rate 80 % <"),
        ("至少建成⟦5个⟧。".replace("至少建成⟦5个⟧", "建成⟦至少5个⟧"), "count 5 个 >="),
        # ranges
        ("培育⟦3至5个⟧品牌。", "count 3..5 个"),
        ("增长⟦5-20%⟧。", "rate 5..20 %"),
        ("补贴⟦300元至500元⟧。", "money 300..500 元"),
        ("选取⟦三至五家⟧单位。", "count 3..5 家"),
        ("培育⟦两三个⟧品牌。", "count 2..3 个"),
        # numbers without a unit
        ("覆盖⟦89万⟧监测对象。", "number 890000 null"),
        ("城乡收入比为⟦2.41∶1⟧。", "number 2.41 null"),
    ],
)  # fmt: skip
def test_quantity(sentence: str, value: str) -> None:
    """The marked words are one quantity of that kind, value, unit and bound, and the sentence holds no other."""
    text, ((start, end),) = unmark(sentence)
    assert [words for words, _ in read(text)] == [text[start:end]]
    assert values(text) == [value]


@pytest.mark.parametrize(
    "sentence",
    [
        # dates and periods
        "2023年1月1日至12月31日", "2023年度的工作", "1-11月开展", "9月28日开幕", "前三季度平稳", "2021—2025年实施",
        "截至11月底前完成", "2024.6.16召开", "每月10日前发放",
        # ordinals, sessions, grades
        "第三十三次会议", "第2名", "十四届三次会议", "第十批次", "三等奖", "一级甲等医院",
        # documents, codes, articles
        "云财社〔2019〕38号文件", "江人社发[2023]11号", "云财绩(2022)144号", "依据第十四条", "见附件1-2", "详见表3",
        "代码12030022T000000001459", "电话0700-1234567",
        # names and slogans that hold a numeral
        "“311”就业服务", "“城区15分钟+乡村30分钟”服务圈", "打造5+N产业", "建设1+13+N品牌", "“十四五”时期",
        "落实八项规定", "三支一扶计划", "一二三产业融合", "四本预算", "三公经费", "5G基站", "PM2.5监测", "C919首飞",
        "两个维护", "第一、二产业",
        # buildings, phases, clocks
        "滨江商厦4号楼", "二期工程", "7×24小时服务", "上午9时30分", "上世纪90年代", "建市30周年", "三年行动方案",
        # vague counts, words that hold a numeral
        "数百家企业", "几类问题", "一方面抓培训", "统一部署", "进一步提高", "千方百计稳岗", "唯一标准",
        "一般公共预算", "一个窗口", "八成立案", "一成员单位", "加倍努力", "过去的一年", "三分之一",
        # enumeration
        "1.建设；2.推进", "（1）建设", "一是建设，二是推进", "①建设②推进",
    ],
)  # fmt: skip
def test_not_a_quantity(sentence: str) -> None:
    """Digits and numerals that measure nothing are left alone."""
    assert values(f"有关情况：{sentence}。") == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        # a figure takes the unit of the next one in its list
        ("分别提高⟦1.7⟧、⟦2.2个百分点⟧。", ["percentage_point 1.7 个百分点", "percentage_point 2.2 个百分点"]),
        ("分别为⟦12⟧、⟦15⟧和⟦18人⟧。", ["count 12 人", "count 15 人", "count 18 人"]),
        ("分别支出⟦3.5⟧、⟦2.1万元⟧。", ["money 35000 元", "money 21000 元"]),
        # 万 alone beside money is money
        ("培训支出⟦5.2万元⟧，差旅支出⟦0.39万⟧，共两类。", ["money 52000 元", "money 3900 元"]),
        # the parts of a ratio are figures of their own
        ("三次产业结构为⟦10.9⟧：⟦37.6⟧：⟦51.5⟧。", ["number 10.9 null", "number 37.6 null", "number 51.5 null"]),
        # thousands are not a list, and a list is no thousands
        ("建站⟦5个⟧，⟦106家⟧企业入驻。", ["count 5 个", "count 106 家"]),
        ("收入⟦8,863万元⟧，支出⟦8,102万元⟧。", ["money 88630000 元", "money 81020000 元"]),
        # a figure without any unit in a list of money
        ("绩效工资增加⟦39.24⟧、津贴增加⟦12.5万元⟧。", ["number 39.24 null", "money 125000 元"]),
        # beside a date
        ("2023年12月底前培训⟦120人⟧。", ["count 120 人"]),
        ("于2024年安排⟦2024万元⟧。", ["money 20240000 元"]),
        # several kinds in one clause
        ("全年举办⟦12场⟧招聘会，⟦350家⟧企业提供岗位⟦1.2万个⟧。", ["count 12 场", "count 350 家", "count 12000 个"]),
        ("由⟦52项⟧压减至⟦31项⟧，压减⟦40.4%⟧。", ["count 52 项", "count 31 项", "rate 40.4 %"]),
    ],
)  # fmt: skip
def test_several(sentence: str, expected: list[str]) -> None:
    """All figures of a sentence, in order, with the spans that are marked."""
    text, spans = unmark(sentence)
    assert [words for words, _ in read(text)] == [text[start:end] for start, end in spans]
    assert values(text) == expected


@pytest.mark.parametrize("gap", [" ", "\n", "\n\t", "  "])
def test_blanks_inside_a_figure(gap: str) -> None:
    """A blank or a line break between number and unit changes nothing, and stays in the span."""
    ((words, found),) = read(f"支出3037.9{gap}万元。")
    assert words == f"3037.9{gap}万元"
    assert describe_value(found) == "30379000 元"


def test_inherited_units_are_told() -> None:
    """A unit that stands at a neighbour is marked as inherited."""
    assert [found.inherited for _, found in read("分别为12、15和18人。")] == [True, True, False]


def test_unit_without_a_row() -> None:
    """A unit that the table of units does not know is an error that says where to add it."""
    with pytest.raises(PatternError, match=r"lexicon/units\.csv"):
        READER.quantities.kind_of("筐")


@pytest.mark.parametrize(("unit", "kind"), [("元/人", "money"), ("微克/立方米", "measure"), ("元每平方米", "money")])
def test_kind_of_a_compound_unit(unit: str, kind: str) -> None:
    """A compound unit has the kind of its first part."""
    assert READER.quantities.kind_of(unit) == kind


@given(st.decimals(min_value="0.01", max_value="99999.99", places=2), st.sampled_from(["元", "万元", "亿元"]))
def test_any_amount_of_money(number: object, unit: str) -> None:
    """Any printed amount is read whole with its exact value."""
    ((words, found),) = read(f"支出{number}{unit}。")
    assert words == f"{number}{unit}"
    scale = {"元": 1, "万元": 10_000, "亿元": 100_000_000}[unit]
    assert found.value is not None
    assert found.value == type(found.value)(str(number)) * scale


@given(st.text(alphabet="0123456789.,，、%％万亿元人个年月日第约近超至到-—~（）以内上下半成百分点三 \n", max_size=60))
def test_any_text(text: str) -> None:
    """Whatever stands there, figures are in order, never overlap and are never empty."""
    sentence = READER.sentence(f"支出{text}。")
    ends = [0]
    for found in sentence.found:
        assert ends[-1] <= found.start < found.end <= len(sentence.view.text)
        assert (found.value is None) == (found.low is not None) == (found.high is not None)
        ends.append(found.end)
