"""What a report is: title, body, division, year and genre."""

from __future__ import annotations

import pytest

from extract.dates import Mention, guess_year
from extract.document import DocumentReader
from extract.patterns import load_pack, unmark
from extract.records import DocumentInfo


@pytest.fixture(scope="module")
def reader() -> DocumentReader:
    """A reader with the built-in grammar."""
    return DocumentReader(load_pack())


def read(reader: DocumentReader, marked: str) -> DocumentInfo:
    """The report whose organisations are marked in its text."""
    text, spans = unmark(marked)
    names = [Mention("ORG", start, end, None, "test") for start, end in spans]
    return reader.read(text, [], names, year=guess_year(text))


@pytest.mark.parametrize(
    ("marked", "title", "organisation", "code", "year", "genre"),
    [
        (
            "2023年度\n⟦岳阳市种子管理站⟧部门决算\n第一部分概况",
            "2023年度岳阳市种子管理站部门决算",
            "岳阳市种子管理站",
            "430600",
            2023,
            "department_final_accounts",
        ),
        (
            "关于大理市2024年预算执行情况和\n2025年预算草案的报告\n——2025年1月8日在大会上\n⟦大理市财政局⟧",
            "关于大理市2024年预算执行情况和2025年预算草案的报告",
            "大理市财政局",
            "532901",
            2024,
            "budget_execution_report",
        ),
        (
            "云南省统计局-\n玉溪市2024年国民经济和社会发展统计公报\n⟦玉溪市统计局⟧国家统计局玉溪调查队",
            "玉溪市2024年国民经济和社会发展统计公报",
            "玉溪市统计局",
            "530400",
            2024,
            "statistical_bulletin",
        ),
        (
            "政府工作报告\n——2024年1月9日在额尔古纳市人民代表大会会议上\n我代表⟦额尔古纳市人民政府⟧向大会报告工作",
            "政府工作报告",
            "额尔古纳市人民政府",
            "150784",
            2023,
            "government_work_report",
        ),
        (
            "上海市静安区2025年区级单位预算预算主管部门：⟦上海市静安区体育局⟧目录\n一、部门主要职能",
            "上海市静安区2025年区级单位预算",
            "上海市静安区体育局",
            "310106",
            2025,
            "department_budget",
        ),
        (
            "遵义市2024年度养老服务资金绩效自评报告\n一、目标分解情况",
            "遵义市2024年度养老服务资金绩效自评报告",
            None,
            "520300",
            2024,
            "performance_self_evaluation",
        ),
        (
            "⟦长沙市人力资源和社会保障局⟧2025年就业工作总结\n今年以来，全市城镇新增就业稳步增长。",
            "长沙市人力资源和社会保障局2025年就业工作总结",
            "长沙市人力资源和社会保障局",
            "430100",
            2025,
            "employment_work_report",
        ),
        (
            "大庆市经济运行开局良好\n一季度，全市实现地区生产总值增长。",
            "大庆市经济运行开局良好",
            None,
            "230600",
            None,
            "statistical_analysis",
        ),
        (  # who signs stands by itself below the title
            "2023年度就业补助资金绩效自评报告\n⟦青禾市人力资源和社会保障局⟧\n一、基本情况\n⟦省财政厅⟧下达资金。",
            "2023年度就业补助资金绩效自评报告",
            "青禾市人力资源和社会保障局",
            None,
            2023,
            "performance_self_evaluation",
        ),
        (  # a body is no line by itself where the report has begun
            "2023年度就业补助资金绩效自评报告\n一、基本情况\n⟦青禾市财政局⟧\n下达资金。",
            "2023年度就业补助资金绩效自评报告",
            None,
            None,
            2023,
            "performance_self_evaluation",
        ),
        (  # a town is the body of its accounts, its offices are not
            "青禾县柳湾镇2023年度部门决算\n一、概况\n内设机构是⟦党政综合办公室⟧、⟦经济发展办公室⟧。",
            "青禾县柳湾镇2023年度部门决算",
            "青禾县柳湾镇",
            None,
            2023,
            "department_final_accounts",
        ),
        (
            "关于大理市2023年度预算执行审计工作报告\n⟦市审计局⟧局长\n主任：",
            "关于大理市2023年度预算执行审计工作报告",
            "大理市审计局",
            "532901",
            2023,
            "audit_report",
        ),
        ("一、服务业\n全年货运量增长。", None, None, None, None, "other"),
    ],
)
def test_document(
    marked: str,
    title: str | None,
    organisation: str | None,
    code: str | None,
    year: int | None,
    genre: str,
    reader: DocumentReader,
) -> None:
    """A report's head tells its title, its body, the code of its division, its year and its genre."""
    info = read(reader, marked)
    assert (info.title, info.organisation, info.region.code, info.fiscal_year, info.genre) == (
        title,
        organisation,
        code,
        year,
        genre,
    )


def test_levels_of_a_region(reader: DocumentReader) -> None:
    """Province and prefecture are filled from the code of the county."""
    region = read(reader, "额尔古纳市2024年国民经济和社会发展统计公报\n初步核算").region
    assert (region.province, region.prefecture, region.county) == ("内蒙古自治区", "呼伦贝尔市", "额尔古纳市")


def test_short_name_grows(reader: DocumentReader) -> None:
    """A body named with 市 alone takes its full name from elsewhere in the text."""
    info = read(reader, "2023年度\n⟦市种子管理站⟧部门决算\n一、职责\n⟦曲靖市种子管理站⟧承担良种推广。")
    assert info.organisation == "曲靖市种子管理站"


def test_unknown_division(reader: DocumentReader) -> None:
    """A division that the package does not know is still named, without a code."""
    region = read(reader, "⟦青禾县统计局⟧\n青禾县2022年国民经济和社会发展统计公报").region
    assert (region.county, region.code) == ("青禾县", None)
