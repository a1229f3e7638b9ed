"""Dates and periods: where they stand, what they mean, and what is none."""

from __future__ import annotations

import re

import pytest

from extract.dates import Mention, find_dates, guess_year
from extract.patterns import Pack, load_pack, unmark
from extract.source import View


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The built-in grammar."""
    return load_pack()


def read(text: str, pack: Pack, year: int | None = 2023) -> tuple[View, list[Mention]]:
    """The dates of one block of text."""
    view = View(text, [(0, len(text))])
    return view, find_dates(view, pack, year=year)


@pytest.mark.parametrize(
    ("marked", "norms"),
    [
        ("⟦2024年度⟧部门决算", ["2024"]),
        ("截至⟦2023年12月底⟧", ["2023-12"]),
        ("⟦2023年末⟧总人口", [None]),
        ("⟦2023年1月1日至12月31日⟧", ["2023-01-01/2023-12-31"]),
        ("⟦2023年1月1日至2024年3月31日⟧", ["2023-01-01/2024-03-31"]),
        ("⟦2023-2025年度⟧培训机构", ["2023/2025"]),
        ("⟦2021—2023年⟧平均", ["2021/2023"]),
        ("今年⟦1-11月⟧，全市", ["2023-01/2023-11"]),
        ("⟦前三季度⟧累计", ["2023-01/2023-09"]),
        ("⟦2023年上半年⟧", ["2023-01/2023-06"]),
        ("⟦2022年第四季度⟧", ["2022-10/2022-12"]),
        ("⟦二〇二三年⟧起", ["2023"]),
        ("⟦二〇二四年三月八日⟧", ["2024-03-08"]),
        ("填报日期：⟦2024.6.16⟧", ["2024-06-16"]),
        ("⟦2024-06-16⟧印发", ["2024-06-16"]),
        ("⟦2025 年⟧预算", ["2025"]),
        ("⟦2015⟧和⟦2016年⟧同期", ["2015", "2016"]),
        ("⟦2月底⟧返岗，⟦4月26日⟧举办", ["2023-02", "2023-04-26"]),
        ("⟦2月10日至12日⟧", ["2023-02-10/2023-02-12"]),
        ("⟦2022年⟧开工，⟦9月⟧完工", ["2022", "2022-09"]),
        ("去年⟦12月⟧", ["2022-12"]),
        ("截至⟦2月2日⟧，⟦2026年⟧市本级支出", ["2026-02-02", "2026"]),
        ("2.⟦2024年⟧收支预算", ["2024"]),
        ("⟦2021年⟧以来", ["2021"]),
        ("⟦9、10月份⟧的招聘会", ["2023-09/2023-10"]),
        ("⟦6月⟧和⟦9月⟧", ["2023-06", "2023-09"]),
        ("⟦第一、二季度⟧，⟦一至三季度⟧", ["2023-01/2023-06", "2023-01/2023-09"]),
    ],
)
def test_dates_and_their_norms(marked: str, norms: list[str | None], pack: Pack) -> None:
    """Each marked span is found whole, and nothing else; its norm is the ISO form."""
    text, spans = unmark(marked)
    view, found = read(text, pack)
    assert [view.span(one.start, one.end) for one in found] == spans
    assert [one.norm for one in found] == norms


@pytest.mark.parametrize(
    "text",
    [
        "增长5.20个百分点",
        "比例为3-5个",
        "共3个月",
        "每月10日前",
        "每年9月10日",
        "占31.3：68.7",
        "今年以来、上年同期、全年、“十四五”时期",
        "连续3年",
        "12月龄",
        "2000余名",
        "1900万元",
        "2023个岗位",
        "13月",
        "1990年代",
        "按季度",
    ],
)
def test_what_is_no_date(text: str, pack: Pack) -> None:
    """Figures, ratios, recurring days and spans of time are no dates."""
    _, found = read(text, pack)
    assert [text[one.start : one.end] for one in found] == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023年", "2023-01-01", "2023-12-31"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("2024年一季度", "2024-01-01", "2024-03-31"),
        ("2023年末", "2023-12-31", "2023-12-31"),
        ("2023年12月31日", "2023-12-31", "2023-12-31"),
        ("下半年", "2023-07-01", "2023-12-31"),
    ],
)
def test_first_and_last_day(text: str, first: str, last: str, pack: Pack) -> None:
    """A period runs from its first to its last day; the end of a period is one day."""
    _, (one,) = read(text, pack)
    assert (one.first, one.last) == (first, last)


@pytest.mark.parametrize(
    ("heading", "norm"),
    [
        ("二、2024年上半年执行情况", "2024-01/2024-05"),
        ("二、执行情况", "2023-01/2023-05"),
        ("二、2024年打算\n没有数字。\n三、其他", "2023-01/2023-05"),
        ("二、2024年执行情况\n平稳。\n三、上半年小结", "2024-01/2024-05"),
        ("二、2022年总结和2024年打算", "2023-01/2023-05"),
    ],
)
def test_year_of_a_part(heading: str, norm: str, pack: Pack) -> None:
    """A month takes its year from the heading of its part, where that names just one."""
    text = f"总结\n{heading}\n1—5月，收入增长。"
    lines = [(line.start(), line.end()) for line in re.finditer(r"[^\n]+\n?", text)]
    assert find_dates(View(text, lines), pack, year=2023)[-1].norm == norm


def test_no_year_no_norm(pack: Pack) -> None:
    """Where nobody names a year, a month is found but has no norm."""
    _, (one,) = read("截至3月末", pack, None)
    assert (one.norm, one.first, one.last) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("关于青禾县2023年预算执行情况和2024年预算草案的报告", 2023),
        ("政府工作报告\n——2026年1月12日在青禾县人民代表大会会议上\n一、2025年工作回顾", 2025),
        ("政府工作报告\n2012年2月29日在某区第十三届人民代表大会第六次会议上", 2011),
        ("统计公报\n2026年5月21日\n2025年，全市上下", 2025),
        ("一季度全市实现增长，与2015和2016年同期相比，比2016年高", None),
        ("没有年份", None),
        ("开局良好\n一季度增长2%，比2021年增速高0.3个百分点，与2022年计划持平。", 2022),
    ],
)
def test_guess_year(text: str, year: int | None) -> None:
    """The year comes from the title, else from the year reviewed, and never from the day of issue."""
    assert guess_year(text) == year
