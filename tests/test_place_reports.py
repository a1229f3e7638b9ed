"""Ways of saying of bulletins, government work reports and reports of departments; marks as in test_metrics.py."""

from __future__ import annotations

import pytest
from test_metrics import answers, describe, plain_text

from extract.pipeline import Extractor

CASES = {
    "names that hold a threshold": [
        "年末共有⟦86家|actual|规模以上工业企业⟧规模以上工业企业。",
        "⟦42家|actual|县级以上龙头企业⟧县级以上龙头企业带动农户增收。",
        "新建⟦15亩以上|-⟧的茶园⟦3200亩|actual|茶园⟧。",
        "⟦15亩以上|-⟧的设施大棚面积⟦3200亩|actual|设施大棚面积⟧。",
        "完成⟦1500亩以上|target⟧的目标任务。",
    ],
    "where the name of what is counted ends": [
        "⟦1280名|actual|大学生⟧大学生办理了助学贷款。",
        "通过⟦46场|actual|“云端对接”网络招聘⟧“云端对接”网络招聘推荐用工。",
        "⟦23.4万户|actual|零就业家庭⟧零就业家庭得到帮扶。",
    ],
    "who gets and what is given": [
        "⟦260多家|actual|企业⟧企业提供就业岗位⟦1.5万个|actual|提供就业岗位⟧。",
        "全年为⟦860名|actual|失业人员⟧失业人员发放失业保险金⟦970万元|actual|发放失业保险金⟧。",
        "春节期间为⟦1230户|actual|发放生活补贴⟧⟦2410人|actual|发放生活补贴⟧发放生活补贴⟦62万元|actual|发放生活补贴⟧。",
        "共为⟦215名|actual|农民工⟧农民工追回工资⟦310万元|actual|追回工资⟧。",
    ],
    "a list goes on only with figures alike": [
        "务工规模⟦32万人|actual⟧，同比增加⟦1.6万人|change=16000⟧，⟦12个|actual⟧乡镇完成目标任务。",
        "指标分别提高⟦1.2个百分点|change⟧，⟦2.1个百分点|change⟧和⟦0.6个百分点|change⟧。",
    ],
    "figures inside a list of names": [
        "企业养老、失业、工伤⟦三项|actual⟧保险参保人数分别达⟦12万人|actual|企业养老保险参保人数⟧、"
        "⟦9万人|actual|失业保险参保人数⟧和⟦8万人|actual|工伤保险参保人数⟧。",
        "运动员获金、银、铜牌分别为⟦6枚|actual⟧、⟦5枚|actual|银牌⟧和⟦9枚|actual|铜牌⟧。",
        "全市婴儿死亡率、⟦5岁以下|-⟧儿童死亡率分别降至⟦3.1‰|actual|婴儿死亡率⟧和⟦4.6‰|actual|5岁以下儿童死亡率⟧。",
    ],
    "plans and what came of them": [
        "地区生产总值预期目标增长⟦7%左右|target=7|地区生产总值|macro.gdp⟧，实际增长⟦6.1%|growth=6.1|地区生产总值⟧。",
        "城镇登记失业率预期控制在⟦4.5%以内|target|城镇登记失业率⟧，实际为⟦3.4%|actual|城镇登记失业率⟧。",
        "全年完成招商引资任务⟦3.2亿元|actual⟧。",
        "全市安居工程计划开工改造棚户区⟦860套|target⟧。",
        "三年行动计划实施项目⟦26个|actual⟧。",
        "达到合格率⟦90%以上|target|合格率⟧、巩固率⟦95%以上|target|巩固率⟧的目标。",
    ],
    "plans as periods": [
        "社会用电量年均增长⟦5%|growth⟧，城镇化率⟦51%|actual⟧，比“十二五”末提高⟦4.2个百分点|change=4.2|城镇化率⟧。",
        "累计投资⟦96亿元|actual⟧，比“十一五”增长⟦1.9倍|growth=1.9|累计投资⟧。",
        "“十三五”期间全市地区生产总值年均增长⟦6.8%|growth|地区生产总值|macro.gdp⟧。",
        "经济总量比2015年接近翻⟦一番|growth|经济总量⟧。",
    ],
    "how a growth is told": [
        "规模以上工业增加值按可比价格计算，同比增长⟦8.1%|growth|规模以上工业增加值|macro.industry⟧。",
        "地方一般公共预算收入⟦3.1亿元|actual⟧，自然增幅⟦2%|growth|地方一般公共预算收入⟧。",
        "城乡居民人均收入年均分别增长⟦9.1%|growth|城镇居民人均收入⟧和⟦10.2%|growth⟧。",
        "城乡居民收入比缩小到⟦2.12:1|actual|城乡居民收入比⟧。",
        "城镇调查失业率⟦5.1%|actual⟧，4月份受疫情影响走高至⟦5.8%|actual|城镇调查失业率⟧。",
        "地方税比达⟦66.1%|share|地方税比⟧。",
        "地区生产总值有望达到⟦320亿元|actual|地区生产总值|macro.gdp⟧。",
    ],
    "totals that are no draft budget": [
        "一般公共预算总收入⟦42.6亿元|actual|一般公共预算总收入⟧，增长⟦5.1%|growth⟧。",
        "项目预算总支出⟦42万元|budget⟧。",
    ],
    "figures": [
        "医院床位⟦9.5千张|actual=9500|医院床位⟧。",
        "免费体检人数达⟦1200万以上|actual=12000000|免费体检人数⟧，财政补助⟦3亿元|actual⟧。",
        "实现每户⟦至少1人|-⟧就业。",
        "新增就业⟦932万人|actual|新增就业⟧﹔再就业人数⟦392万人|actual|再就业人数⟧。",
    ],
    "lists without 分别": [
        "甲类产值、乙类增加值年均增长⟦10.2%|growth|甲类产值⟧和⟦9.5%|growth|乙类增加值⟧。",
        "入学率、巩固率均达到⟦100%|actual|巩固率、入学率⟧。",
        "用于教育、卫生、社会保障和就业的支出分别增长⟦5.3%|growth⟧、⟦4.5%|growth⟧和⟦6.4%|growth|社会保障和就业的支出⟧。",
        "化学需氧量、氨氮、氮氧化物排放量分别下降⟦5%|growth=-5|化学需氧量排放量⟧、⟦4%|growth|氨氮排放量⟧、⟦3%|growth⟧。",
        "养老、失业、工伤三大保险参保人数分别为⟦9万人|actual|养老保险参保人数⟧、"
        "⟦7万人|actual|失业保险参保人数⟧、⟦8万人|actual|工伤保险参保人数⟧。",
    ],
    "moves beside other figures": [
        "登记率⟦98%|actual⟧，办理时限由⟦7个工作日|previous|办理时限⟧压缩至⟦2个工作日|actual|办理时限⟧。",
        "基础养老金由每人每月⟦55元|previous|基础养老金⟧提至⟦60元|actual|基础养老金⟧。",
        "粮食总产⟦14万吨|actual⟧，比上年增加⟦2万吨|change=20000⟧（⟦4亿斤|change=400000000|粮食总产⟧）。",
    ],
    "what a place is compared with": [
        "人均生产总值⟦5.2万元|actual⟧，比全省高⟦1.1万元|-⟧。",
        "人均收入⟦2.6万元|actual⟧，高于全国平均水平⟦1200元|-⟧。",
    ],
    "rates of what stands after them": [
        "抽样调查表明，人均住房面积⟦34平方米|actual⟧，⟦91%|actual|城镇家庭⟧的城镇家庭拥有住房。",
    ],
    "names with brackets": [
        "地区生产总值（GDP）⟦320亿元|actual|地区生产总值（GDP）|macro.gdp⟧。",
        "人均生产总值⟦5.2万元|actual|人均生产总值⟧（按年末汇率折合⟦7800美元|actual|人均生产总值⟧）。",
    ],
    "people and money in one paragraph": [
        "贫困人口从⟦92万|previous=920000⟧减少到⟦15万|actual=150000⟧，人均收入⟦9716元|actual⟧。",
        "累计为⟦5.4万|actual⟧⟦60岁以上|-⟧的老年居民发放养老金⟦1.7亿元|actual|发放养老金⟧。",
        "为职工挽回经济损失⟦96万元|actual|挽回经济损失⟧。",
    ],
    "what becomes of people": [
        "粮食总产⟦15万吨|actual⟧；仍有⟦176人|actual|处于饮水不安全状态⟧处于饮水不安全状态。",
        "累计发放补贴⟦25万元|actual⟧；共⟦520人次|actual|获得护理补贴⟧获得护理补贴。",
        "贷款提标降息惠及⟦49.3万|actual|老年人⟧老年人。",
    ],
    "words of planning that plan nothing": [
        "计划生育符合率⟦97.9%|actual|计划生育符合率⟧。",
        "有效期内高新技术企业⟦28户|actual|有效期内高新技术企业⟧。",
    ],
    "tasks that were passed": ["改造危房⟦217户|actual⟧，超额完成⟦50户|target⟧改造任务。"],
    "what recurs": ["出台文件⟦29个|actual⟧，每月⟦至少1次|-⟧听取汇报。"],
    "kinds of things": [
        "实施⟦100大项|actual|民心工程⟧⟦253小项|actual|民心工程⟧民心工程，整合⟦12类|actual|管理职责⟧管理职责。",
        "公共安全支出（204类）⟦686万元|actual⟧。",
        "⟦40种|actual|主要工业产品⟧主要工业产品中，⟦33种|actual⟧产量增长。",
    ],
    "levels that were passed": [
        "生产总值先后跨越⟦200亿元|actual|生产总值|macro.gdp⟧、⟦300亿元|actual|生产总值⟧台阶。",
        "规模工业增加值8月当月增长⟦8.9%|growth|规模工业增加值⟧。",
        "增速高于全国（⟦3.9%|-⟧）⟦3.6个百分点|-⟧。",
    ],
    "a second list of the same names": [
        "工业增加值、总产值分别增长⟦7.3%|growth|工业增加值⟧和⟦10.2%|growth|总产值⟧，较一季度分别提升⟦6.8|change|工业增加值⟧和"
        "⟦11.6个百分点|change|总产值⟧。",
    ],
    "meetings": ["召开⟦5次|actual|部署会⟧部署会、⟦10次|actual|调度推进会⟧调度推进会。"],
    "rates of a hundred thousand": [
        "孕产妇死亡率⟦9.6/10万|actual=9.6|孕产妇死亡率⟧，新生儿死亡率⟦1.8‰|actual=1.8⟧。",
        "婴儿死亡率、⟦5岁以下|-⟧儿童死亡率、孕产妇死亡率分别降至⟦4‰|actual|婴儿死亡率⟧、⟦4.5‰|actual|5岁以下儿童死亡率⟧、"
        "⟦10/10万|actual|孕产妇死亡率⟧。",
    ],
    "whose noun it is": [
        "惠及企业⟦218家|actual|惠及企业⟧职工⟦8600人|actual|职工⟧。",
        "文化系统共有艺术表演团体⟦21个|actual|艺术表演团体⟧。",
        "配售共有产权房⟦230套|actual|配售共有产权房⟧。",
        "本科上线⟦1263人|actual⟧，其中⟦600分以上|-⟧考生⟦18人|actual|考生⟧。",
        "平均住院日⟦7.8天|actual|平均住院日⟧，药占比⟦28.3%|share|药占比⟧。",
    ],
    "moves and then their rates": [
        "城市低保标准由⟦680元|previous⟧提高到⟦720元|actual⟧，农村低保标准由⟦480元|previous⟧提高到⟦520元|actual⟧，"
        "分别增长⟦5.9%|growth|城市低保标准⟧和⟦8.3%|growth|农村低保标准⟧。",
    ],
    "aims": ["城市化率目标为⟦49.5%|target⟧，争取⟦50%|target|城市化率⟧。"],
    "town and country": [
        "城乡居民人均可支配收入分别增长⟦5.6%|growth|城镇居民人均可支配收入|macro.income_urban⟧、"
        "⟦7.2%|growth|农村居民人均可支配收入|macro.income_rural⟧。",
        "城乡居民人均可支配收入增长⟦5.6%|growth|城乡居民人均可支配收入⟧。",
    ],
    "sizes that are names": [
        "实施亿元以上项目⟦46个|actual⟧，其中⟦10亿元以上|-⟧项目⟦5个|actual|10亿元以上项目⟧。",
        "完成⟦1.8万户|actual|棚改任务⟧、⟦189万平方米|actual|棚改任务⟧棚改任务。",
        "建成⟦两个|actual|PPP项目⟧PPP项目。",
    ],
    "rates of completion by themselves": [
        "就业困难人员就业年度任务⟦260人|target⟧，完成⟦286人|actual⟧，完成⟦110%|completion|就业困难人员就业⟧。",
        "重点项目完成投资⟦76亿元|actual⟧，占年度计划投资的⟦104%|completion⟧。",
        "教学楼主体完成⟦80%|actual⟧。",
    ],
    "footnotes before a figure": [
        "全年地区生产总值[2]⟦862.4亿元|actual|地区生产总值|macro.gdp⟧。",
    ],
    "three industries together": [
        "三次产业增加值占比重分别为⟦15%|share|第一产业增加值⟧、⟦37%|share|第二产业增加值⟧和⟦48%|share|第三产业增加值⟧。",
    ],
    "of an earlier level": [
        "务工人数⟦6.8万人|actual⟧，为上年末的⟦101.2%|-⟧。",
        "收入⟦6.8亿元|actual⟧，为年初预算的⟦101.2%|completion⟧。",
        "发放贷款⟦1.86亿元|actual⟧（去年同期⟦1.52亿元|previous⟧），增长⟦22.4%|growth|发放贷款⟧。",
    ],
    "tasks in brackets and between": [
        "适老化改造⟦1200户|actual⟧，超额完成省下达任务数（⟦1000户|target|适老化改造⟧）。",
        "创业培训⟦1260人|actual⟧，完成全年⟦2000人|target|创业培训⟧任务的⟦63%|completion|创业培训⟧。",
        "职业技能培训⟦1.36万人次|actual⟧，完成省定目标⟦2.5万人次|target|职业技能培训⟧的⟦54.4%|completion|职业技能培训⟧。",
    ],
    "the same name twice": [
        "城市对象⟦620户|actual⟧，人均水平⟦62元|actual⟧，农村对象⟦310户|actual⟧，人均水平⟦48元|actual⟧，"
        "同比分别提高⟦6%|growth|人均水平⟧和⟦8%|growth|人均水平⟧。",
    ],
    "names with a preposition": ["在孵实体⟦612户|actual|在孵实体⟧，火化遗体⟦1.2万具|actual=12000⟧。"],
    "names with two ends": [
        "限额以上批发业、零售业销售额（营业额）分别增长⟦12%|growth|限额以上批发业销售额⟧、⟦8%|growth⟧。",
        "存贷款余额分别达到⟦862亿元|actual|存款余额⟧、⟦638亿元|actual|贷款余额⟧。",
        "事故起数、死亡人数分别下降⟦12%|growth|事故起数⟧和⟦9%|growth|死亡人数⟧。",
    ],
    "down to a part of something": [
        "平均办理时限压缩至法定时限的⟦18%|actual|平均办理时限⟧。",
        "国有企业由⟦46家|previous|国有企业⟧整合为⟦12家|actual|国有企业⟧。",
        "城镇登记失业率始终控制在⟦4%以内|target|城镇登记失业率|emp.rate_registered⟧。",
    ],
    "beyond a task": [
        "城镇新增就业⟦6.2万人|actual⟧，完成目标的⟦103.3%|completion⟧，超额完成⟦2000人|-⟧。",
        "城镇新增就业⟦5.2万人|actual⟧，超年度目标任务⟦6%|-⟧。",
        "种植油菜⟦12.6万亩|actual|种植油菜⟧，超额完成市下达的⟦12万亩|target|种植油菜⟧任务。",
        "登记失业率⟦3.1%|actual⟧，控制在省定⟦4.5%|target|登记失业率⟧目标以内。",
    ],
    "industries by number": [
        "第一、二、三产业增加值分别增长⟦4.1%|growth|第一产业增加值⟧、⟦6.9%|growth|第二产业增加值⟧和"
        "⟦5.2%|growth|第三产业增加值⟧。",
        "一、二、三产分别完成增加值⟦26亿元|actual|第一产业增加值⟧、⟦81亿元|actual|第二产业增加值⟧和⟦79亿元|actual|第三产业增加值⟧。",
    ],
    "several ratios": ["生师比分别为⟦17.6:1|actual=17.6⟧、⟦12.8:1|actual=12.8⟧和⟦13.2:1|actual=13.2⟧。"],
    "what each gets": ["发放地力保护补贴每亩⟦78.6元|actual|发放地力保护补贴⟧。"],
    "ages that are names": [
        "全县⟦60岁以上|-⟧老年人口⟦8.6万人|actual|60岁以上老年人口⟧，其中⟦80岁以上|-⟧⟦1.2万人|actual|80岁以上⟧。",
        "为⟦60岁以上|-⟧老人发放养老金⟦8600万元|actual|发放养老金⟧。",
    ],
    "points of a score and rates of nothing": [
        "中考总均分较上年提高⟦12.6分|change=12.6|中考总均分⟧。",
        "孕产妇死亡率⟦0|actual=0|孕产妇死亡率⟧，住院分娩率⟦100%|actual⟧。",
        "高血压、糖尿病患者规范管理率分别为⟦78%|actual|高血压患者规范管理率⟧、⟦76%|actual|糖尿病患者规范管理率⟧。",
    ],
    "scopes that name what is counted": [
        "下辖⟦25个|actual|村委会⟧村委会，全镇⟦13951户|actual|全镇⟧⟦68202人|actual|全镇⟧。",
    ],
    "words of how a figure was come by": [
        "共有中心校⟦15所|actual|中心校⟧，另有村小⟦36个|actual|村小⟧，比上年减少⟦2个|change=-2|村小⟧。",
        "全年卫生费用初步核算为⟦12.3亿元|actual|卫生费用⟧。",
        "决算数大于预算数的主要原因是年中追加培训经费⟦30.6万元|budget|培训经费⟧。",
    ],
    "durations in a name, and as one": [
        "臭氧日最大8小时滑动平均浓度为⟦144微克/立方米|actual|臭氧日最大8小时滑动平均浓度⟧。",
        "县医院平均住院日为⟦8.8日|actual|平均住院日⟧。",
        "基金可支付月数⟦8.6个月|actual|基金可支付月数⟧。",
    ],
    "a share in a clause of its own": [
        "普惠园⟦86所|actual|普惠园⟧，增长⟦4.5%|growth|普惠园⟧，占全县幼儿园的比例⟦83%|share|普惠园⟧。",
    ],
    "funds that have come": [
        "总预算⟦450万元|budget⟧，其中自筹资金⟦50万元|budget|自筹资金⟧；年底实际到位资金⟦420万元|actual|实际到位资金⟧。",
    ],
    "points beside a target": [
        "就业率⟦96%|actual⟧，比年度目标高⟦1.2个百分点|-⟧。",
    ],
}  # fmt: skip


@pytest.mark.parametrize("marked", [one for group in CASES.values() for one in group])
def test_figures_say(extractor: Extractor, marked: str) -> None:
    """The indicator, role and value of every figure are those that a reader would write down."""
    wanted = answers(marked)
    assert describe(extractor.read_text(plain_text(marked)), wanted) == wanted


@pytest.mark.parametrize(
    ("text", "implied", "met"),
    [
        ("就业率96%，比年度目标高1.2个百分点。", "94.8", True),
        ("就业率96%，低于年度目标1.2个百分点。", "97.2", False),
    ],
)
def test_points_above_a_target(extractor: Extractor, text: str, implied: str, met: bool) -> None:
    """Points above or below a target tell the target, whichever words come first."""
    (pair,) = extractor.read_text(text).pairs
    assert (str(pair.implied_target), pair.met) == (implied, met)


@pytest.mark.parametrize(
    ("text", "implied"),
    [
        ("新增就业1260人，超额完成年度目标任务26%。", "1000"),
        ("新增就业1260人，超额26%完成年度任务。", "1000"),
        ("新增就业1260人，超额完成年度任务的126%。", "1000"),
    ],
)
def test_more_than_the_task(extractor: Extractor, text: str, implied: str) -> None:
    """What is more than the task is a part of it; a rate of 100 and more is the whole completion."""
    (pair,) = extractor.read_text(text).pairs
    assert (str(pair.implied_target), pair.met) == (implied, True)


def test_two_tasks_of_one_result(extractor: Extractor) -> None:
    """A result that is told against two tasks makes two pairs."""
    pairs = extractor.read_text("新增就业508人，完成省目标任务的130%，市目标任务的127%。").pairs
    assert [str(pair.completion) for pair in pairs] == ["130", "127"]


def test_a_list_in_brackets_ends_with_them(extractor: Extractor) -> None:
    """What follows a list in brackets is no part of the total that the brackets belong to."""
    read = extractor.read_text("招聘教师186名（其中研究生12名），引进紧缺教师23名。")
    figures = {metric.id: metric.value for metric in read.metrics}
    assert [[figures[part.metric] for part in one.parts] for one in read.breakdowns] == [[12]]
