"""Files of every kind as text: what is kept of their structure, what is left out, what cannot be read."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from making import (
    PAGE_HEAD,
    bare_docx,
    make_docx,
    make_html,
    make_pdf,
    make_xlsx,
    make_zip,
    parts_of,
)

from extract.pipeline import Extractor
from extract.readers import kind_of, office, read_source
from extract.readers.docx_styles import chinese, written
from extract.readers.number_format import shown
from extract.records import Report
from extract.source import GivenTable, Source, UnreadableError, decode

Cli = Callable[..., Result]
ROWS = [["项目", "年初预算", "决算数"], ["基本支出", "1,200.00", "1,320.50"], ["项目支出", "300.00", "280.00"]]
MAKERS = {"html": make_html, "docx": make_docx, "pdf": make_pdf}
# What may differ between formats: no role, value, unit or indicator of any metric; the period of one in ten, since a
# hard line wrap of plain text is no end of a paragraph in the others.
OTHER_METRICS = 0
OTHER_PERIODS = 0.1


def grid(source: Source, table: GivenTable) -> list[list[str]]:
    """The words of a table, row by row; every cell's place is in the table and its rows are in order."""
    rows: dict[int, list[str]] = {}
    last = table.start
    for cell in table.cells:
        assert last <= cell.start <= cell.end <= table.end
        last = cell.end
        rows.setdefault(cell.row, []).append(source.text[cell.start : cell.end])
    assert list(rows) == sorted(rows)
    return list(rows.values())


def headings(source: Source) -> list[tuple[int, str]]:
    """Level and words of the given headings."""
    return [(one.level, source.text[one.start : one.end]) for one in source.headings]


def metrics(report: Report, *, periods: bool = False) -> Counter[tuple[object, ...]]:
    """What a report says, wherever it says it."""
    return Counter(
        (one.role, one.value, one.unit, one.indicator.text if one.indicator else None, periods and one.period)
        for one in report.metrics
    )


def difference(one: Counter[tuple[object, ...]], two: Counter[tuple[object, ...]]) -> int:
    """How many are in one and not in the other, at the most."""
    return max((one - two).total(), (two - one).total())


# forms are nothing but tables, each in the shape of one kind of dump; how they are rebuilt is told elsewhere
REPORTS = sorted((Path(__file__).parents[1] / "corpus" / "reports").glob("[!f]*.txt"))
TARGETS = [
    ["项目", "年初预算数（万元）", "决算数（万元）", "完成率"],
    ["基本支出", "1,200.00", "1,320.50", "110.04%"],
    ["项目支出", "300.00", "280.00", "93.33%"],
    ["合计", "1,500.00", "1,600.50", "106.70%"],
]


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_says_the_same_in_every_format(extractor: Extractor, path: Path, kind: str) -> None:
    """A report as HTML, DOCX and PDF gives the metrics of its plain text, but for the differences stated above."""
    text = decode(path.read_bytes()).text
    plain = extractor.read_text(text)
    source = read_source(MAKERS[kind](*parts_of(text, extractor)))
    other = extractor.read(source, doc_id="other")
    assert difference(metrics(plain), metrics(other)) <= OTHER_METRICS
    other_periods = difference(metrics(plain, periods=True), metrics(other, periods=True))
    assert other_periods <= OTHER_PERIODS * len(plain.metrics)
    assert len(plain.metrics) > 40
    titles = [(section.number, section.title) for section in plain.sections]
    if kind != "pdf":  # a PDF does not tell its headings
        assert [(section.number, section.title) for section in other.sections] == titles


@pytest.mark.parametrize("kind", MAKERS)
def test_a_table_is_the_same_in_every_format(kind: str) -> None:
    """Headings, paragraphs and a table between them reach the source, in order; furniture and menus do not."""
    lines = [("云岭市就业服务中心2023年部门决算", 1), ("一、收入支出情况", 2), ("决算收支平衡，详见下表。", 0)]
    lines += [("注：单位为万元。", 0), ("二、其他情况说明", 2), ("无其他需要说明的情况，特此说明。", 0)]
    source = read_source(MAKERS[kind](lines, {3: ROWS}))
    (table,) = source.tables
    assert grid(source, table) == ROWS
    assert [line for line in source.text[: table.start].splitlines() if line] == [line for line, _ in lines[:3]]
    assert [line for line in source.text[table.end :].splitlines() if line] == [line for line, _ in lines[3:]]
    if kind != "pdf":
        assert headings(source) == [(level, line) for line, level in lines if level]
    assert source.media_type != "text/plain"


def test_a_table_says_the_same_in_every_format(extractor: Extractor) -> None:
    """The metrics of a table are those of its cells, whether it is in a page, in Word, a PDF or a workbook."""
    lines = [("云岭市就业服务中心2023年部门决算", 1), ("支出情况如下表。", 0)]
    files = {kind: maker(lines, {2: TARGETS}) for kind, maker in MAKERS.items()}
    files["xlsx"] = make_xlsx({"表": [["云岭市就业服务中心2023年部门决算"], *TARGETS]})
    reports = {kind: extractor.read(read_source(data), doc_id="x") for kind, data in files.items()}
    if not any(report.tables for report in reports.values()):
        pytest.skip("no stage rebuilds tables yet")
    said = [metrics(report) for report in reports.values()]
    assert said[0].total() == 9
    assert all(one == said[0] for one in said)


def test_tables_of_a_workbook_are_those_of_a_page() -> None:
    """The same table from XLSX, CSV and HTML has the same cells."""
    sources = [
        read_source(make_xlsx({"表": ROWS})),
        read_source("\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS).encode("gb18030")),
        read_source(make_html([("下表列出收支情况。", 0)], {0: ROWS})),
    ]
    assert [source.media_type.rpartition(".")[2] for source in sources] == ["sheet", "text/csv", "text/html"]
    assert [grid(source, source.tables[0]) for source in sources] == [ROWS] * 3


def test_given_headings_reach_the_outline(extractor: Extractor) -> None:
    """A heading that no rule knows is a section when the file says so, and its text is below it."""
    body = "全年办理业务1.2万件，比上年增长5%。"
    page = f"<html><body><h1>工作回顾</h1><p>{body}</p><h2>窗口那些事儿，我们这样看</h2><p>{body}</p></body></html>"
    report = extractor.read(read_source(page.encode()), doc_id="x")
    assert [(section.title, section.level) for section in report.sections] == [
        ("工作回顾", 1),
        ("窗口那些事儿，我们这样看", 2),
    ]
    assert [metric.section for metric in report.metrics] == ["s1", "s1", "s2", "s2"]
    plain = extractor.read_text(f"工作回顾\n{body}\n窗口那些事儿，我们这样看\n{body}")
    assert len(plain.sections) < 2, "plain text would show the same: the test proves nothing"


def test_cells_of_given_tables_are_cells(extractor: Extractor) -> None:
    """Each given cell that holds words is a block of its own for all stages."""
    source = read_source(make_html([("下表列出收支情况。", 0)], {0: ROWS}))
    outline = extractor.stages(source).outline
    cells = [source.text[block.start : block.end] for block in outline.blocks if block.kind == "cell"]
    assert cells == [cell for row in ROWS for cell in row]


# --- HTML


PAGES = {
    "script, style, hidden": "<script>x='支出9'</script><style>p{x:y}</style><p style='display: none'>9</p>{}",
    "menu": "<ul><li><a href='/a'>支出9万元</a><li><a href='/b'>政策</a><li><a href='/c'>首页</a></ul>{}",
    "nav and footer": "<nav>支出9万元</nav><header>支出9万元</header>{}<footer>支出9万元</footer>",
    "furniture by name": "<div class='top-nav'>支出9万元</div>{}<div id=footer>版权所有</div><p class=share></p>",
    "comment": "<!-- 支出9万元 -->{}",
    "frame and form": "<iframe src='http://127.0.0.1/9'>支出9万元</iframe><select><option>支出9万元</select>{}",
}


@pytest.mark.parametrize("name", PAGES)
def test_what_is_no_content_is_left_out(name: str) -> None:
    """Menus, scripts and hidden parts of a page are not in its text; the content is, whole."""
    words = "2023年收入总计12万元，比上年增长3%，支出按预算执行。"
    page = f"<html><body>{PAGES[name].replace('{}', f'<div><p>{words}</p><p>{words}</p></div>', 1)}</body></html>"
    assert read_source(page.encode()).text.split() == [words, words]


def test_entities_breaks_and_blocks() -> None:
    """Entities are characters, line breaks and blocks part paragraphs, inner elements do not."""
    page = "&nbsp;一、收入<br>收入<b>12</b><span>万元</span>&#65292;增长&lt;3%<div>二</div>三"
    lines = read_source(f"<html><body>{page}</body></html>".encode()).text.splitlines()
    assert lines == ["一、收入", "收入12万元，增长<3%", "二", "三"]


def test_spans_of_html_tables() -> None:
    """Spans move the cells after them; header cells and the caption are told."""
    table = (
        "<table><caption>收支表</caption><thead><tr><th rowspan=2>项目<th colspan=2>金额</tr><tr><th>预算<th>决算</tr>"
        "</thead><tr><td>基本<br>支出<td>1<td>2</tr></table>"
    )
    source = read_source(f"<html><body><p>说明</p>{table}<p>说明</p></body></html>".encode())
    (given,) = source.tables
    assert given.caption == "收支表"
    cells = [(source.text[c.start : c.end], c.row, c.column, c.rowspan, c.colspan, c.header) for c in given.cells]
    assert cells == [
        ("项目", 0, 0, 2, 1, True),
        ("金额", 0, 1, 1, 2, True),
        ("预算", 1, 1, 1, 1, True),
        ("决算", 1, 2, 1, 1, True),
        ("基本支出", 2, 0, 1, 1, False),
        ("1", 2, 1, 1, 1, False),
        ("2", 2, 2, 1, 1, False),
    ]


def test_layout_tables_are_no_tables() -> None:
    """A table that only places things on the page gives paragraphs."""
    words = "2023年收入总计12万元。" * 50
    page = f"<table><tr><td>导航</td><td><p>{words}</p><table><tr><td>项目<td>1</table></td></table>"
    source = read_source(f"<html><body>{page}</body></html>".encode())
    assert len(source.tables) == 1
    assert words in source.text.splitlines()


def test_title_of_a_page() -> None:
    """A title that stands outside the content is put before it, once."""
    words = "<p>2023年收入总计12万元。</p>" * 20
    title = "云岭市就业服务中心2023年部门决算"
    links = "<a href=1>首页</a><a href=2>公开</a><a href=3>决算</a>"
    outside = f"<html><body><div>{links}</div><h1>{title}</h1><div id=zoom>{words}</div></body></html>"
    inside = f"<html><head><title>{title}_云岭市</title></head><body><p>{title}</p>{words}</body></html>"
    meta = f"<html><head><meta name=ArticleTitle content={title}></head><body>{words}</body></html>"
    for page in (outside, inside, meta):
        text = read_source(page.encode()).text
        assert text.startswith(title)
        assert text.count(title) == 1


@pytest.mark.parametrize("said", ["gb2312", "GBK", "utf-8", ""])
def test_encoding_of_pages(said: str) -> None:
    """Pages are read in the encoding they have, whatever they say of it."""
    words = "2023年收入总计12万元，支出合计11万元。" * 5
    page = f"<html><head><meta http-equiv=Content-Type content='text/html; charset={said}'></head><body>{words}</body>"
    for encoding in ("gb18030", "utf-8"):
        assert words in read_source(page.encode(encoding)).text


def test_web_archive() -> None:
    """The page in a web archive is read."""
    page = "<html><body><p>2023年收入总计12万元。</p></body></html>"
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n"
    part = f"--B\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{page}\n--B--\n"
    source = read_source((head + part).encode())
    assert (source.media_type, source.text) == ("multipart/related", "2023年收入总计12万元。\n")


# --- DOCX


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def numbered(level: int, list_id: int = 1) -> str:
    """The properties of a numbered paragraph."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'


def levels(*formats: tuple[str, str]) -> str:
    """A list definition and two lists of it, the second starting anew."""
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (kind, text) in enumerate(formats)
    )
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    return (
        f'<w:abstractNum w:abstractNumId="7">{inner}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="7"/>{restart}</w:num>'
    )


def test_numbers_as_word_shows_them() -> None:
    """Numbers that Word counts are in the text: nested, starting anew below, and in lists that start anew."""
    numbering = levels(("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%1.%3."))
    body = "".join(
        paragraph(words, numbered(level, which))
        for words, level, which in [
            ("收入", 0, 1), ("财政", 1, 1), ("其他", 1, 1), ("细目", 2, 1), ("支出", 0, 1), ("基本", 1, 1),
            ("新表", 0, 2), ("续", 0, 1), ("", 0, 1), ("再续", 0, 1),
        ]
    )  # fmt: skip
    assert read_source(bare_docx(body, numbering=numbering)).text.splitlines() == [
        "一、收入", "（一）财政", "（二）其他", "一.1. 细目", "二、支出", "（一）基本", "一、新表", "二、续",
        "三、再续",
    ]  # fmt: skip


def test_number_and_level_from_styles() -> None:
    """A style, or the one it is based on, gives heading level and number; Chinese names of styles are known."""
    styles = (
        '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="heading 1"/><w:pPr>'
        f"{numbered(0)}</w:pPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="b"><w:name w:val="我的标题"/><w:basedOn w:val="a"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="c"><w:name w:val="标题 3"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="d"><w:name w:val="toc 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
        "</w:style>"
    )
    body = "".join(paragraph(words, f'<w:pStyle w:val="{id_}"/>') for words, id_ in ("甲a", "乙b", "丙c", "丁d"))
    body += paragraph("戊", '<w:outlineLvl w:val="1"/>') + paragraph("己")
    body += paragraph("长句设成标题样式，其实是正文。后面还有一句。", '<w:pStyle w:val="a"/>')
    source = read_source(bare_docx(body, styles=styles, numbering=levels(("chineseCounting", "%1、"))))
    assert headings(source) == [(1, "一、甲"), (1, "二、乙"), (3, "丙"), (2, "戊")]


@pytest.mark.parametrize(
    ("count", "kind", "words"),
    [
        (12, "chineseCountingThousand", "十二"),
        (20, "chineseCounting", "二十"),
        (105, "chineseCounting", "一百零五"),
        (1010, "chineseCounting", "一千零一十"),
        (3, "chineseLegalSimplified", "叁"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (7, "decimalEnclosedCircleChinese", "⑦"),
        (3, "decimalFullWidth", "３"),
        (2, "ideographTraditional", "乙"),
        (5, "decimalZero", "05"),
        (9, "bullet", ""),
        (9, "unheardOf", "9"),
    ],
)
def test_number_formats_of_word(count: int, kind: str, words: str) -> None:
    """Counts are written in Word's formats."""
    assert written(count, kind) == words


def test_chinese_numerals_can_be_read_back(extractor: Extractor) -> None:
    """Every count below ten thousand is a numeral that stands for it."""
    import cn2an

    for count in (*range(1, 130), 999, 1000, 1001, 1011, 1110, 2020, 9999):
        assert cn2an.cn2an(chinese(count), "smart") == count


def test_what_word_shows_is_read() -> None:
    """Inserted text, controls, boxes and notes are read; deleted, hidden and field code are not."""
    body = (
        "<w:p><w:r><w:t>收入</w:t></w:r><w:ins><w:r><w:t>12</w:t></w:r></w:ins><w:del><w:r><w:delText>99</w:delText></w:r>"
        "</w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>88</w:t></w:r><w:r><w:t>万元</w:t></w:r>"
        "<w:r><w:instrText>PAGE 77</w:instrText></w:r><w:hyperlink><w:r><w:t>，增长</w:t></w:r></w:hyperlink>"
        "<w:r><w:t>3</w:t><w:noBreakHyphen/><w:t>5%</w:t><w:br/><w:t>另行</w:t></w:r></w:p>"
        "<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:r><w:t>段落</w:t><w:pict><w:txbxContent><w:p><w:r><w:t>文本框</w:t></w:r></w:p></w:txbxContent></w:pict>"
        "</w:r></w:p>"
    )
    notes = (
        '<w:footnote w:type="separator"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="2">{paragraph("脚注")}</w:footnote>'
    )
    source = read_source(bare_docx(body, notes=notes))
    assert source.text.splitlines() == ["收入12万元，增长3-5%", "另行", "控件", "段落", "文本框", "脚注"]


def test_merged_cells_of_word() -> None:
    """Cells merged across and down are one cell with its spans; a table in a cell is its words."""

    def cell(words: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(words)}</w:tc>"

    wide, top, below = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        cell("项目", top) + cell("金额", wide),
        cell("", below) + cell("预算") + cell("决算"),
        cell("支出") + cell("1") + f"<w:tc><w:tbl><w:tr>{cell('2')}{cell('3')}</w:tr></w:tbl>{paragraph('')}</w:tc>",
    ]
    header = "<w:trPr><w:tblHeader/></w:trPr>"
    body = "".join(f"<w:tr>{header if not at else ''}{row}</w:tr>" for at, row in enumerate(rows))
    source = read_source(bare_docx(f"<w:tbl>{body}</w:tbl>"))
    (table,) = source.tables
    assert [(source.text[c.start : c.end], c.row, c.column, c.rowspan, c.colspan, c.header) for c in table.cells] == [
        ("项目", 0, 0, 2, 1, True), ("金额", 0, 1, 1, 2, True), ("预算", 1, 1, 1, 1, False),
        ("决算", 1, 2, 1, 1, False), ("支出", 2, 0, 1, 1, False), ("1", 2, 1, 1, 1, False), ("2 3", 2, 2, 1, 1, False),
    ]  # fmt: skip


# --- PDF


def test_pdf_furniture_and_paragraphs() -> None:
    """Running heads and page numbers are off; a paragraph broken over lines and pages is one line of text."""
    long = "2023年度收入总计2350.16万元，比2022年增加442.66万元，主要原因是项目增加。" * 3
    lines = [(f"第{number}段，{long}", 0) for number in range(40)]
    source = read_source(make_pdf(lines))
    assert source.text.splitlines() == [line for line, _ in lines]
    assert PAGE_HEAD not in source.text


def test_pdf_table_over_pages() -> None:
    """A table that goes on over pages is one table, its repeated head left out."""
    rows = [["项目", "预算", "决算"], *([f"项目{number}", f"{number}.50", f"{number}.25"] for number in range(90))]
    source = read_source(make_pdf([("收支情况见下表，单位为万元。", 0)] * 2, {1: rows}))
    (table,) = source.tables
    assert grid(source, table) == rows


def test_scanned_pdf() -> None:
    """Pages that are pictures are an error that says what to do."""
    pytest.importorskip("reportlab")
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream)
    for _ in range(3):
        canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 600, 800)
        canvas.showPage()
    canvas.save()
    with pytest.raises(UnreadableError, match=r"scanned PDF.*OCR"):
        read_source(stream.getvalue())


def test_protected_pdf() -> None:
    """A password is named as the reason."""
    pytest.importorskip("reportlab")
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt="secret")
    canvas.drawString(100, 100, "2023")
    canvas.save()
    with pytest.raises(UnreadableError, match="password"):
        read_source(stream.getvalue())


# --- spreadsheets


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (0.9584, "0.00%", "95.84%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (0.1 + 0.2, "General", "0.3"),
        (2350.16, "General", "2350.16"),
        (-5.5, "0.0;[Red]0.0", "-5.5"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "-1,234.50"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (2350.16, '0.00"万元"', "2350.16万元"),
        (45291, 'yyyy"年"m"月"d"日"', "2023年12月31日"),
        (45291, "m/d/yyyy", "2023年12月31日"),
        (45291, "yyyy年m月", "2023年12月"),
        (12.5, "0.##", "12.5"),
        (0.125, "0.00", "0.13"),
        (1234567, "#,##0,", "1,235"),
        (7, "000", "007"),
        (-0.001, "0.00", "0.00"),
        (123.4, "# ?/?", "123.4"),
        (1e300, "General", "1E+300"),
        (float("inf"), "0", ""),
    ],
)
def test_numbers_as_cells_show_them(value: float, number_format: str, words: str) -> None:
    """A number is printed in the format of its cell; one that is not understood gives the value."""
    assert shown(value, number_format) == words


def test_sheets() -> None:
    """Titles, notes and blank rows part tables; merged cells span; formats hold; names are headings of many sheets."""
    rows = [
        ["2023年部门收支决算总表"], ["单位：万元"], ["项目", "金额", None, "完成率"], [None, "预算", "决算"],
        ["基本支出", 1200, 1320.5, 1.1004], [], ["科目", "数"], ["其他", 3], ["注：本表为决算数。"],
    ]  # fmt: skip
    formats = {"B5": "#,##0.00", "C5": "#,##0.00", "D5": "0.00%"}
    source = read_source(make_xlsx({"总表": rows, "二": [["甲", "乙"], ["丙", "丁"]]}, formats=formats, merged="B3:C3"))
    first, second, third = source.tables
    assert first.caption == "2023年部门收支决算总表"
    assert grid(source, first) == [
        ["项目", "金额", "完成率"], ["", "预算", "决算", ""], ["基本支出", "1,200.00", "1,320.50", "110.04%"],
    ]  # fmt: skip
    assert [cell.colspan for cell in first.cells] == [1, 2, *[1] * 9]
    assert grid(source, second) == [["科目", "数"], ["其他", "3"]]
    assert headings(source) == [(1, "总表"), (1, "二")]
    assert grid(source, third) == [["甲", "乙"], ["丙", "丁"]]
    assert "注：本表为决算数。" in source.text.splitlines()


def test_old_spreadsheet() -> None:
    """XLS is read as XLSX is."""
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write_merge(0, 0, 0, 1, "收支表")
    for row, cells in enumerate((["项目", "决算"], ["基本支出", 0.5]), 1):
        for column, value in enumerate(cells):
            sheet.write(row, column, value, xlwt.easyxf(num_format_str="0.0%"))
    stream = io.BytesIO()
    book.save(stream)
    source = read_source(stream.getvalue())
    assert source.tables[0].caption == "收支表"
    assert grid(source, source.tables[0]) == [["项目", "决算"], ["基本支出", "50.0%"]]


def test_text_with_commas_is_no_table() -> None:
    """Prose is plain text, however many commas it has; a table needs rows of one length, or a name that says so."""
    assert kind_of("收入1,200万元。\n支出1,100万元，结余100万元。\n".encode() * 5) == "text"
    assert kind_of(b"a,b,c\nd,e,f\ng,h,i\n") == "csv"
    assert kind_of(b"a;b\nc;d\n", name="x.CSV") == "csv"
    stream = io.StringIO()
    csv.writer(stream).writerows([["名称", "说明", "数"], ["甲", "第一行\n第二行,逗号", "1"], ["乙", "", "2"]])
    source = read_source(stream.getvalue().encode())
    assert grid(source, source.tables[0])[1] == ["甲", "第一行第二行,逗号", "1"]


# --- archives and other kinds


def test_archives_are_walked_in_place(cli: Cli, tmp_path: Path) -> None:
    """Members of archives, those in archives in them too, are documents under their own paths."""
    text = "2023年收入总计12万元。".encode()
    inner = make_zip({"丙.txt": text, "notes.log": b"x"})
    members = {"甲.txt": text, "dir/乙.html": b"<html><body><p>" + text + b"</p></body></html>", "里.zip": inner}
    members |= {"README.txt": text, "__MACOSX/甲.txt": text, "dir/.hidden.txt": text, "same/甲.txt": text}
    (tmp_path / "all.zip").write_bytes(make_zip(members))
    result = cli("run", tmp_path / "all.zip", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    said = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    paths = [Path(entry["path"]).relative_to(tmp_path).as_posix() for entry in said["inputs"]]
    assert paths == ["all.zip/dir/乙.html", "all.zip/same/甲.txt", "all.zip/甲.txt", "all.zip/里.zip/丙.txt"]
    assert [entry["doc_id"] for entry in said["inputs"]] == ["乙", "甲", "甲-2", "丙"]
    assert (tmp_path / "out" / "丙.txt").read_bytes() == text, "the text of a member stands beside its records"
    assert "4 unchanged" in cli("run", tmp_path / "all.zip", "-o", tmp_path / "out").stderr


def test_names_in_gbk(tmp_path: Path, cli: Cli) -> None:
    """Names that an old Windows wrote in GBK are read as such."""
    data = make_zip({"AAAA.txt": "收入12万元。".encode()}).replace(b"AAAA", "决算".encode("gbk"))
    (tmp_path / "x.zip").write_bytes(data)
    cli("run", tmp_path / "x.zip", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "决算.json").exists()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4\n", "pdf"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>", "html"),
        (b"<?xml version='1.0'?><!-- x --><html>", "html"),
        ("<html>".encode("utf-16"), "html"),
        (b"{\\rtf1}", "office"),
        (b"Rar!\x1a\x07\x00", "archive"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        (make_zip({"a.txt": b"x"}), "zip"),
        (make_zip({"OFD.xml": b"x"}), "ofd"),
        (make_zip({"[Content_Types].xml": b"x", "ppt/a.xml": b"x"}), "presentation"),
        (make_zip({"[Content_Types].xml": b"x", "word/document.xml": b"x"}), "docx"),
        (make_zip({"mimetype": b"application/vnd.oasis.opendocument.text"}), "office"),
        ("一、收入<br>12万元".encode(), "text"),
        (b"<3 love", "text"),
        (b"", "text"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_kinds(data: bytes, kind: str) -> None:
    """The kind of a file is told by its bytes, whatever its name."""
    assert kind_of(data, name="report.txt") == kind
    assert kind_of(data, name="x.docx") == kind


@pytest.mark.parametrize("data", [make_zip({"OFD.xml": b""}), b"Rar!\x1a\x07\x00", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"])
def test_kinds_that_are_not_read_say_what_to_do(data: bytes) -> None:
    """A kind that is known and not read is an error that tells how to get at the text."""
    with pytest.raises(UnreadableError, match=r"print|unpack|OCR|save"):
        read_source(data)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package for a kind is not installed, the error gives the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "pdfplumber", None)
    with pytest.raises(UnreadableError, match="pip install pdfplumber"):
        read_source(make_pdf([("收入12万元。", 0)]))


RTF = r"{\rtf1\ansi\ansicpg936 2023\'c4\'ea\'ca\'d5\'c8\'eb12\'cd\'f2\'d4\'aa\'a1\'a3\par}"


def test_without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old Office file without LibreOffice is an error that says what to install."""
    monkeypatch.setattr(office, "program", lambda: None)
    with pytest.raises(UnreadableError, match="install LibreOffice"):
        read_source(RTF.encode())


@pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")
def test_with_libreoffice() -> None:
    """LibreOffice turns an old Office file into one that is read."""
    assert "2023年收入12万元。" in read_source(RTF.encode()).text


@pytest.mark.skipif(sys.platform == "win32", reason="a program is made that Windows cannot run")
def test_libreoffice_that_hangs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A conversion that does not end is ended, with what it started, before the time limit ends the worker."""
    hanging = tmp_path / "soffice"
    hanging.write_text("#!/bin/sh\nsleep 60 & echo $! > \"$(dirname \"$0\")/child\"\nwait\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(office, "program", lambda: str(hanging))
    with pytest.raises(UnreadableError, match="took longer than"):
        read_source(RTF.encode(), time_limit=1)
    child = int((tmp_path / "child").read_text())
    for _ in range(50):  # until the system has taken it away
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the program it started is still there")


def test_text_beside_the_records(cli: Cli, tmp_path: Path, report: str) -> None:
    """Of a file that is not plain text the text stands beside its records, and every offset indexes it."""
    lines = [(line, 0) for line in report.splitlines() if line]
    (tmp_path / "in").mkdir()
    for kind, maker in MAKERS.items():
        (tmp_path / "in" / f"{kind}.dat.txt").write_bytes(maker(lines))
    (tmp_path / "in" / "plain.txt").write_text(report, encoding="utf-8")
    result = cli("run", tmp_path / "in", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").glob("*.txt")} == {f"{kind}.dat.txt" for kind in MAKERS}
    for kind in MAKERS:
        document = json.loads((tmp_path / "out" / f"{kind}.dat.json").read_text(encoding="utf-8"))
        text = (tmp_path / "out" / f"{kind}.dat.txt").read_bytes().decode()
        assert document["source"]["chars"] == len(text)
        assert len(document["quantities"]) == 5
        for one in document["quantities"]:
            assert text[one["start"] : one["end"]] == one["text"]
    with (tmp_path / "out" / "metrics.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["sentence"] for row in rows}) == len({row["sentence"] for row in rows if row["doc_id"] == "plain"})


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.txt", "<h3>自评表</h3>\n<table><tr><td>指标</td><td>5个</td></tr></table>\n", "text"),
        ("a.md", "<table><tr><td>指标</td><td>5个</td></tr></table>\n说明。</p>\n", "text"),
        ("a.txt", "指标\t目标\t完成\n培训\t5\t6\n招聘\t7\t8\n", "text"),
        ("a.txt", "<!DOCTYPE html><html><body><p>收入5万元。</p></body></html>", "html"),
        ("a", "<table><tr><td>指标</td><td>5个</td></tr></table>", "html"),
    ],
)
def test_a_text_with_tags_in_it_stays_a_text(name: str, text: str, kind: str) -> None:
    """Offsets point into the user's own file where its name says that it is plain text."""
    assert kind_of(text.encode(), name=name) == kind
