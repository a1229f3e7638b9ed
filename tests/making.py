"""Makes the files that the tests read: the same report as HTML, DOCX and PDF, tables as XLSX."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from extract.pipeline import Extractor

Rows = Sequence[Sequence[object]]

PAGE_HEAD = "云岭市就业服务中心文件"
MENU = '<div class="nav"><ul>{}</ul></div>'.format(
    "".join(f'<li><a href="/{name}/">{name}栏目</a></li>' for name in ("首页", "政务公开", "政策解读", "互动交流"))
)
CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def parts_of(text: str, extractor: Extractor) -> tuple[list[tuple[str, int]], dict[int, Rows]]:
    """The lines of a plain text, with the level of those that are headings from end to end, and its tables.

    A table is named by the line that it stands before; it is a grid of all its cells, what is merged filled.
    """
    report = extractor.read_text(text)
    levels = {text[one.heading.start : one.heading.end].strip(): one.level for one in report.sections}
    lines: list[tuple[str, int]] = []
    tables: dict[int, Rows] = {}
    position = 0
    for table in [*report.tables, None]:
        end = len(text) if table is None else table.start
        found = (line.strip() for line in text[position:end].split("\n"))
        lines += [(line, levels.get(line.rstrip("。：:"), 0)) for line in found if line]
        if table is not None:
            if len(lines) in tables:
                lines.append(("续表", 0))
            tables[len(lines)] = [*table.header, *table.rows]
            position = table.end
    return lines, tables


def make_html(lines: Sequence[tuple[str, int]], tables: Mapping[int, Rows] | None = None) -> bytes:
    """A page as a disclosure site serves it: menu, content, footer; tables are put before the line of their index."""
    parts = []
    for index, (line, level) in enumerate([*lines, ("", 0)]):
        if tables and index in tables:
            parts.append(_html_table(tables[index]))
        tag = f"h{min(level, 6)}" if level else "p"
        parts.append(f"<{tag}>{html.escape(line)}</{tag}>")
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>云岭市人民政府</title><script>var a='<p>1万元</p>'"
        f"</script></head><body>{MENU}<div class='wrap'><div id='zoom'>{''.join(parts)}</div></div>"
        "<div class='footer'><a href='/a'>网站地图</a> | <a href='/b'>联系我们</a> | <a href='/c'>关于我们</a></div>"
        "</body></html>"
    ).encode()


def _html_table(rows: Rows) -> str:
    cells = ("".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def make_docx(lines: Sequence[tuple[str, int]], tables: Mapping[int, Rows] | None = None) -> bytes:
    """A Word document with heading styles, a header and page furniture."""
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = PAGE_HEAD
    for index, (line, level) in enumerate([*lines, ("", 0)]):
        if tables and index in tables:
            rows = tables[index]
            table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, words in zip(row.cells, cells, strict=False):
                    cell.text = str(words)
        if level:
            document.add_heading(line, level=min(level, 9))
        else:
            document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def make_pdf(lines: Sequence[tuple[str, int]], tables: Mapping[int, Rows] | None = None) -> bytes:
    """A PDF of A4 pages with page numbers, lines wrapped, paragraphs broken over pages; from two on, running heads."""
    pytest.importorskip("reportlab")
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

    font = "STSong-Light"  # every PDF program has it, so that no font file is needed
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    style = ParagraphStyle("body", fontName=font, fontSize=12, leading=20, firstLineIndent=24, wordWrap="CJK")

    def furniture(canvas: Any, document: Any) -> None:
        canvas.setFont(font, 9)
        canvas.drawCentredString(A4[0] / 2, 30, f"- {document.page} -")
        if len(lines) > 10:  # nobody could tell what on a single page is a running head
            canvas.drawCentredString(A4[0] / 2, A4[1] - 30, PAGE_HEAD)

    flow: list[Any] = []
    for index, (line, _) in enumerate([*lines, ("", 0)]):
        if tables and index in tables:
            table = Table([list(map(str, row)) for row in tables[index]], repeatRows=1)
            grid = [("FONT", (0, 0), (-1, -1), font, 10), ("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
            table.setStyle(TableStyle(grid))
            flow.append(table)
        flow.append(Paragraph(html.escape(line), style))
    stream = io.BytesIO()
    SimpleDocTemplate(stream, pagesize=A4, invariant=1).build(flow, onFirstPage=furniture, onLaterPages=furniture)
    return stream.getvalue()


def make_xlsx(sheets: Mapping[str, Rows], *, formats: Mapping[str, str] | None = None, merged: str = "") -> bytes:
    """A workbook; `formats` gives number formats to cells (`B2`) of the first sheet, `merged` is a range of it."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    first = book.worksheets[0]
    for place, number_format in (formats or {}).items():
        first[place].number_format = number_format
    if merged:
        first.merge_cells(merged)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def bare_docx(body: str, *, numbering: str = "", styles: str = "", notes: str = "") -> bytes:
    """The smallest DOCX with this XML as its body; the prefix is `w`."""
    parts = {"document": f"<w:body>{body}</w:body>", "numbering": numbering, "styles": styles, "footnotes": notes}
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    links = "".join(
        f'<Relationship Id="r{name}" Type="{kinds}{name}" Target="{name}.xml"/>'
        for name in parts
        if parts[name] and name != "document"
    )
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        main = f'<Relationship Id="r1" Type="{kinds}officeDocument" Target="word/document.xml"/>'
        archive.writestr("_rels/.rels", relations.format(main))
        archive.writestr("word/_rels/document.xml.rels", relations.format(links))
        for name, xml in parts.items():
            if xml:
                archive.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{WORD}">{xml}</w:{name}>')
    return stream.getvalue()


def make_zip(members: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()
