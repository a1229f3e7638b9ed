"""Names: what is one, where it begins and ends, and that any text is taken."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.dates import find_dates, guess_year
from extract.entities import EntityFinder
from extract.patterns import load_pack, unmark
from extract.places import Gazetteer
from extract.source import View, make_source

PACK = load_pack()
FINDER = EntityFinder(PACK)


def found(text: str, *kinds: str) -> list[str]:
    """The names of some types in a text, with their places, written as marks."""
    return [f"{text[one.start : one.end]}@{one.start}" for one in FINDER.find(text, []) if one.type in kinds]


def marked(example: str) -> tuple[str, list[str]]:
    """An example without its marks, and what they hold."""
    text, spans = unmark(example)
    return text, [f"{text[start:end]}@{start}" for start, end in spans]


@pytest.mark.parametrize(
    "example",
    [
        "⟦省委⟧、⟦省政府⟧高度重视",
        "紧紧围绕⟦市委⟧⟦市政府⟧中心工作",
        "落实⟦党中央⟧、⟦国务院⟧决策部署",
        "由⟦市人社局⟧会同⟦市财政局⟧印发",
        "完成⟦市人力资源和社会保障局⟧交办的任务",
        "数据来自⟦市住房和城乡建设局⟧和⟦市城管局⟧；",
        "数据来自⟦市民政局⟧；卫生数据来自⟦市卫生健康委员会⟧；",
        "保险数据来自⟦国家金融监督管理总局岳阳监管分局⟧",
        "⟦岳阳市统计局⟧⟦国家统计局岳阳调查队⟧",
        "提请⟦大理市十五届人大常委会⟧第3次会议审议",
        "经⟦市十四届人大⟧三次会议批准",
        "⟦市委组织部⟧、⟦市委宣传部⟧联合开展",
        "⟦县委网络安全和信息化委员会办公室⟧牵头",
        "⟦市政府办⟧、⟦市政府金融办⟧",
        "赴⟦云南大学⟧招聘",
        "引进的⟦大唐集团⟧与⟦大唐⟧签约",
        "⟦青禾县农业农村局⟧下属⟦青禾县种子管理站⟧",
        "⟦大理市就业服务中心（大理市农民工服务中心）⟧成立",
        "⟦云岭市兴华贸易有限公司⟧等12家企业",
        "⟦县人民医院⟧和⟦县中医院⟧",
        "内设机构包括：⟦综合科⟧、⟦规划财务科⟧、⟦办公室⟧和⟦法规科⟧。",
        "⟦教育部⟧、⟦财政部⟧",
        "⟦岳阳日报⟧刊登",
        "⟦团市委⟧、⟦市妇联⟧、⟦市残联⟧",
    ],
)
def test_organisations(example: str) -> None:
    """A body's name is found whole, from its place or level to its last word."""
    text, names = marked(example)
    assert found(text, "ORG") == names


@pytest.mark.parametrize(
    "text",
    [
        "我中心按规定公开", "各级公共就业服务机构", "市财政安排资金", "有关部门和单位", "本部门预算",
        "全市经济开局良好",
        "政府性基金预算", "市政府采购目录", "委托第三方实施", "全部完成", "教育部门", "新建普通高中3所", "结余分配大厅",
        "国有企业集团化", "城市委托管理", "形成新格局", "干部队伍", "党支部", "省级部署",
    ],
)  # fmt: skip
def test_no_organisation(text: str) -> None:
    """Classes of bodies, work and everyday words are no bodies."""
    assert found(text, "ORG") == []


@pytest.mark.parametrize(
    "example",
    [
        "⟦大理市⟧第二期培训班",
        "⟦湖南省岳阳市⟧全年降水",
        "⟦贵州遵义⟧等5个城市",
        "位于⟦安平镇⟧、⟦北塘街道⟧",
        "⟦青禾经济开发区⟧和⟦城东新区⟧",
        "建设⟦海南自由贸易港⟧",
        "⟦伊敏河⟧、⟦碧澜江⟧水质达标",
        "对接⟦长三角⟧、⟦东盟⟧",
        "在⟦云岭市⟧，⟦云岭⟧的冬天",
        "⟦满洲里北山⟧绿化",
    ],
)
def test_places(example: str) -> None:
    """Divisions known and unknown, zones, rivers, regions; parts of one address are one place."""
    text, names = marked(example)
    assert found(text, "PLACE") == names


@pytest.mark.parametrize(
    "text",
    [
        "全市和我市各县区", "自治区下达", "城市社区园区地区", "均衡水平", "和平与发展", "一路畅通", "山水林田湖草",
        "贫困县摘帽",
        "示范区建设", "农村集镇", "接待来宾69人次", "江河湖泊治理", "超市、夜市", "地级市",
    ],
)  # fmt: skip
def test_no_place(text: str) -> None:
    """Words that hold 市, 区 or a division's letters are no places."""
    assert found(text, "PLACE") == []


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("POLICY", "根据⟦《预算法》⟧和⟦《关于印发〈就业补助资金管理办法〉的通知》⟧"),
        ("POLICY", "⟦《关于转发《预算管理办法》的通知》⟧要求"),
        ("POLICY", "落实⟦《甲方案》⟧⟦《乙办法》⟧"),
        ("POLICY", "印发⟦《水利资金管理办法⟧，明确责任"),
        ("POLICY", "电影《天边的云》获奖"),
        ("DOC_NO", "（⟦云财社〔2019〕38号⟧）"),
        ("DOC_NO", "根据⟦大人社发[2023]11号⟧文件"),
        ("DOC_NO", "按照⟦青财资社(2022)144号⟧、⟦财社【2021】5号⟧"),
        ("PERSON", "填表人：⟦王小明⟧联系电话：123"),
        ("PERSON", "大理市人民政府市长⟦李大山⟧\n各位代表："),
        ("PERSON", "负责人：市财政局"),
        ("GROUP", "服务⟦高校毕业生⟧、⟦农民工⟧和⟦退役军人⟧"),
        ("PROJECT", "我市⟦就业补助资金⟧执行率"),
        ("PROJECT", "，⟦青年见习计划补助资金⟧，发放"),
    ],
)
def test_other_names(kind: str, example: str) -> None:
    """Titles, numbers of documents, people in labelled fields, groups and funds."""
    text, names = marked(example)
    assert found(text, kind) == names


def test_nothing_inside_a_title() -> None:
    """No date, body or place is given inside 《…》, and entities never overlap."""
    text = "《大理市2023年就业服务中心工作方案》（云财社〔2019〕38号）于2024年1月5日由大理市财政局印发"
    source = make_source(text)
    view = View(source.clean, [(0, len(text))])
    entities = FINDER.find(view.text, find_dates(view, PACK, year=guess_year(view.text)))
    assert [one.type for one in entities] == ["POLICY", "DOC_NO", "DATE", "ORG"]


@pytest.mark.parametrize(
    ("names", "code"),
    [(["上海市", "徐汇区"], "310104"), (["曲靖市"], "530300"), (["额尔古纳市"], "150784"), (["普陀区"], "")],
)
def test_divisions_by_name(names: list[str], code: str) -> None:
    """A division is known by those it lies in; a name that several bear stays open."""
    assert Gazetteer(PACK).resolve(names, {}) == code


@pytest.mark.parametrize(
    "text",
    [
        "《" * 10_000,
        "（" * 10_000 + "）" * 10_000,
        "市" * 20_000,
        "大理市" * 10_000,
        "内设" * 10_000,
        "局" * 20_000,
        "《a》" * 9_000,
    ],
    ids=["open titles", "brackets", "levels", "places", "lists", "last words", "titles"],
)
def test_long_runs(text: str) -> None:
    """No text takes long, however it repeats itself."""
    began = time.perf_counter()
    FINDER.find(text, [])
    assert time.perf_counter() - began < 5


LETTERS = "市县区局厅部委办中心院所《》〈〉（）“”、，。：\n 2023年月号〔〕和的王"
WORDS = st.sampled_from([*LETTERS, "大理", "人民政府", "内设", "委员会", "填表人："])


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=40))
def test_any_text(words: list[str]) -> None:
    """Entities of any text are in order, inside it, and none overlaps another."""
    text = "".join(words)
    entities = FINDER.find(text, [])
    ends = [0]
    for one in entities:
        assert ends[-1] <= one.start < one.end <= len(text)
        ends.append(one.end)
    assert entities == FINDER.find(text, [])
