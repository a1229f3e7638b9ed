"""The tables of a run: every table, column, type, key and label, described once.

CSV, Parquet, SQLite, DuckDB, XLSX, `datapackage.json` and `codebook.csv` are all written from `TABLES`. The rows come
from `extract.exports.rows` and `extract.panel`, in the order of the columns here; a cell is a `str`, `int`, `float`,
`bool` or null, and a column of the type ``decimal`` holds the plain digits of an exact number as `str`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from extract.records import COMPARATORS, ENTITY_TYPES, QUANTITY_KINDS, ROLES
from extract.table_readings import STATUSES

#: the types a column may have: how each is written is the matter of each format
TYPES: Final = ("string", "integer", "float", "decimal", "boolean", "date")

Row = tuple[object, ...]
TableRows = dict[str, list[Row]]


class Column(Struct, frozen=True):
    """A column: ASCII name, type, Chinese label, what it says, the values it may have (all, if none are listed)."""

    name: str
    type: str
    zh: str
    about: str
    values: tuple[str, ...] = ()
    required: bool = False


class ForeignKey(Struct, frozen=True):
    """Columns that name a row of another table."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


class TableSpec(Struct, frozen=True):
    """A table: name, Chinese label, what a row is, columns, keys, the columns worth an index."""

    name: str
    zh: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign: tuple[ForeignKey, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def stored(self) -> tuple[tuple[str, str, int], ...]:
        """What a database holds: name, type, number of the cell. The digits of `value` stand beside its number."""
        found: list[tuple[str, str, int]] = []
        for index, column in enumerate(self.columns):
            found.append((column.name, column.type, index))
            if column.name == "value" and column.type == "decimal":
                found.append(("value_exact", "string", index))
        return tuple(found)


_S, _I, _F, _N, _B, _D = TYPES

_DOCUMENT: Final = (
    Column("title", _S, "标题", "title of the report"),
    Column("organisation", _S, "单位", "organisation that the report is of"),
    Column("province", _S, "省级", "province, autonomous region or municipality"),
    Column("prefecture", _S, "地级", "prefecture-level division"),
    Column("county", _S, "县级", "county-level division"),
    Column("fiscal_year", _I, "年度", "year the report is of"),
)
_DOC_ID: Final = Column("doc_id", _S, "文档编号", "the document: name of its JSON file, without .json", required=True)
_SECTION_TYPE: Final = Column("section_type", _S, "章节类型", "type of the section in which the record stands")
_LEADING: Final = (_DOC_ID, *_DOCUMENT, _SECTION_TYPE)
#: the names of the columns with which every table of records begins
LEADING: Final = tuple(column.name for column in _LEADING)

_ID: Final = Column("id", _S, "编号", "the record, unique within its document", required=True)
_START: Final = Column("start", _I, "起", "first character in the source text, counted from 0 in code points")
_END: Final = Column("end", _I, "止", "character after the last one")
_SECTION: Final = Column("section", _S, "章节", "innermost section that holds the record")
_RULE: Final = Column("rule", _S, "规则", "rule of the grammar that decided")
_SOURCE: Final = Column("source", _S, "来源", "running text or table", ("narrative", "table"))
_INDICATOR: Final = Column("indicator", _S, "指标", "words of the text that name what is measured")
_INDICATOR_ID: Final = Column("indicator_id", _S, "指标编号", "canonical indicator, where the lexicon has it")
_UNIT: Final = Column("unit", _S, "计量单位", "元 for money (万 and 亿 are expanded), % for rates, else as written")
_KIND: Final = Column("kind", _S, "数量类型", "kind of quantity", QUANTITY_KINDS)
_COMPARATOR: Final = Column("comparator", _S, "比较符", "= or a bound (以上 >=, 以内 <=)", COMPARATORS)
_APPROX: Final = Column("approx", _B, "约数", "约, 近, 余, 左右 …")
_TEXT: Final = Column("text", _S, "原文", "words as they are read, white space and noise left out")
_DOCUMENTS: Final = ForeignKey(("doc_id",), "documents", ("doc_id",))


def _of(table: str, *columns: str) -> tuple[ForeignKey, ...]:
    """Foreign keys within a document: each column names a record of `table`."""
    return tuple(ForeignKey(("doc_id", column), table, ("doc_id", "id")) for column in columns)


def _period(name: str, zh: str, about: str) -> tuple[Column, ...]:
    return (
        Column(name, _S, zh, f"{about}, as written"),
        Column(f"{name}_start", _D, f"{zh}起", f"{about}: first day"),
        Column(f"{name}_end", _D, f"{zh}止", f"{about}: last day"),
    )


def _side(name: str, zh: str) -> tuple[Column, ...]:
    return (
        Column(name, _S, zh, f"{name}: words of the text"),
        Column(f"{name}_value", _N, f"{zh}数值", f"{name}: exact value, null where it is words or a date"),
        Column(f"{name}_unit", _S, f"{zh}单位", f"{name}: unit"),
        Column(f"{name}_comparator", _S, f"{zh}比较符", f"{name}: = or a bound", COMPARATORS),
    )


def _value(name: str, zh: str) -> tuple[Column, ...]:
    return (
        Column(name, _N, zh, f"{name}: exact value"),
        Column(f"{name}_unit", _S, f"{zh}单位", f"{name}: unit"),
    )


def _metric(name: str, zh: str) -> Column:
    return Column(name, _S, zh, "id of the metric")


def _records(
    name: str,
    zh: str,
    about: str,
    *columns: Column,
    key: tuple[str, ...] = ("id",),
    foreign: tuple[ForeignKey, ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
) -> TableSpec:
    """A table of records: it begins with the columns of its document."""
    return TableSpec(name, zh, about, (*_LEADING, *columns), ("doc_id", *key), (_DOCUMENTS, *foreign), indexes)


_LISTS: Final = (
    ("sections", "章节"), ("tables", "表格"), ("entities", "实体"), ("quantities", "数量"), ("metrics", "指标值"),
    ("pairs", "目标与结果"), ("changes", "变动"), ("breakdowns", "构成"), ("findings", "核查发现"),
)  # fmt: skip

_ALL: Final = (
    _records(
        "findings", "核查发现", "a statement that does not agree with others",
        _ID, _RULE, Column("severity", _S, "级别", "how grave it is", ("error", "warning", "info")),
        Column("message", _S, "说明", "what is wrong, in words"),
        Column("stated", _N, "原文值", "what the text states"), Column("expected", _N, "应为", "what follows"),
        Column("tolerance", _N, "容差", "difference that rounding explains"),
        Column("words", _S, "原文", "the statement found wrong"), _START, _END,
        Column("refs", _S, "相关记录", "ids of all records that took part, by spaces"),
        indexes=(("rule",),),
    ),
    TableSpec(
        "panel", "面板", "one place, organisation, year, indicator and role, over all documents of the run",
        (
            Column("place_code", _S, "行政区划代码", "six digits (GB/T 2260), empty where the place is not resolved"),
            Column("province", _S, "省级", "province, autonomous region or municipality"),
            Column("prefecture", _S, "地级", "prefecture-level division"),
            Column("county", _S, "县级", "county-level division"),
            Column("organisation", _S, "主体", "what the value is of: the subject stated, else the "
                   "organisation of the report; empty for the place as a whole"),
            Column("year", _I, "年份", "calendar year"),
            _INDICATOR_ID,
            Column("indicator", _S, "指标", "name in the lexicon, else the words of the text", required=True),
            Column("role", _S, "角色", "what the value is to its indicator", ROLES, required=True),
            Column("value", _N, "数值", "exact value; empty with `conflict` and `several`"),
            _UNIT, _KIND, _COMPARATOR, _APPROX,
            Column("low", _N, "下限", "lower end of a range"), Column("high", _N, "上限", "upper end of a range"),
            Column("period_start", _D, "期间起", "first day that the value covers"),
            Column("period_end", _D, "期间止", "last day"),
            Column("annual", _B, "全年", "the value is of the whole year, or of its last day"),
            Column("year_from", _S, "年份依据", "text: stated at the value; document: year of the report; previous: "
                   "the year before it", ("text", "document", "previous")),
            Column("base", _S, "比较期", "change, growth: first/last day of the period compared with, where stated"),
            Column("conflict", _B, "矛盾", "statements contradict each other beyond rounding"),
            Column("several", _B, "多值", "several values in one sentence, or in one report under a name without id: "
                   "the name does not tell them apart"),
            Column("statements", _I, "陈述数", "statements of this value, repeated ones counted"),
            Column("documents", _I, "文档数", "documents that state it"),
            Column("value_min", _N, "最小值", "smallest value stated"),
            Column("value_max", _N, "最大值", "largest value stated"),
            Column("stated", _S, "各处数值", "where values differ: each printed value with the place it stands first"),
            Column("where_stated", _S, "出处", "document:metric of each statement, by semicolons; the first 50"),
            Column("other_statements", _I, "其他口径数", "statements of the same key in another unit or for a part of "
                   "the year, left out of the value"),
            Column("others", _S, "其他口径", "those statements: value, unit, period and place; the first 20"),
        ),
        (), (), (("indicator_id", "year"), ("organisation",)),
    ),
    _records(
        "metrics", "指标值", "what a figure says: one indicator, one value, one role",
        _ID, _INDICATOR, _INDICATOR_ID, Column("role", _S, "角色", "what the value is to its indicator", ROLES),
        Column("value", _N, "数值", "exact value, signed for changes and growth"), _UNIT, _KIND, _COMPARATOR, _APPROX,
        *_period("period", "期间", "time the value is of"),
        Column("subject", _S, "主体", "organisation or place that the value is of, where it is stated"), _TEXT,
        Column("sentence", _S, "句子", "the sentence in full"), _START, _END,
        Column("quantity", _S, "数量编号", "id of the quantity", required=True), _SECTION, _SOURCE, _RULE,
        Column("unit_inherited", _B, "单位承前", "unit taken from the list, column or heading"),
        foreign=(*_of("quantities", "quantity"), *_of("sections", "section")),
        indexes=(("indicator_id", "fiscal_year"), ("role",), ("organisation",)),
    ),
    _records(
        "pairs", "目标与结果", "a target or budget beside its result",
        _ID, _INDICATOR, _INDICATOR_ID,
        Column("basis", _S, "依据", "target and result, or budget and final account", ("performance", "budget")),
        *_side("target", "目标"), *_side("actual", "实际"),
        Column("completion", _N, "完成率", "stated rate of completion in percent"),
        Column("computed_completion", _N, "计算完成率", "actual as percent of target"),
        Column("implied_target", _N, "推算目标", "target that follows from result and stated rate"),
        Column("met", _B, "达标", "whether the target was reached"), _START, _END,
        _metric("target_metric", "目标指标值"), _metric("actual_metric", "实际指标值"), _SECTION, _SOURCE, _RULE,
        foreign=(*_of("metrics", "target_metric", "actual_metric"), *_of("sections", "section")),
        indexes=(("indicator_id", "fiscal_year"),),
    ),
    _records(
        "changes", "变动", "a move of one indicator between two periods",
        _ID, _INDICATOR, _INDICATOR_ID,
        Column("direction", _S, "方向", "way of the move", ("increase", "decrease", "flat")),
        *_value("current", "本期"), *_value("previous", "上期"), *_value("delta", "增减额"), *_value("rate", "增减率"),
        *_period("base_period", "基期", "period compared with"), _START, _END,
        _metric("current_metric", "本期指标值"), _metric("previous_metric", "上期指标值"),
        _metric("delta_metric", "增减额指标值"), _metric("rate_metric", "增减率指标值"), _SECTION, _RULE,
        foreign=(
            *_of("metrics", "current_metric", "previous_metric", "delta_metric", "rate_metric"),
            *_of("sections", "section"),
        ),
        indexes=(("indicator_id", "fiscal_year"),),
    ),
    _records(
        "breakdowns", "构成", "one part of a total: a row a part",
        _ID, Column("part", _I, "序号", "number of the part, from 1", required=True),
        Column("total_indicator", _S, "总额指标", "indicator of the total"), *_value("total", "总额"),
        _INDICATOR, _INDICATOR_ID, *_value("value", "部分"),
        Column("share", _N, "占比", "stated share in percent"), _START, _END,
        _metric("total_metric", "总额指标值"), _metric("part_metric", "部分指标值"),
        _metric("share_metric", "占比指标值"), _SECTION, _RULE,
        key=("id", "part"),
        foreign=(*_of("metrics", "total_metric", "part_metric", "share_metric"), *_of("sections", "section")),
    ),
    _records(
        "quantities", "数量", "a figure that measures something",
        _ID, _KIND, _TEXT, Column("value", _N, "数值", "exact value; null for a range"), _UNIT, _COMPARATOR, _APPROX,
        Column("low", _N, "下限", "lower end of a range"), Column("high", _N, "上限", "upper end of a range"), _START,
        _END, _SECTION, Column("table", _S, "表格", "table in whose cell it stands"), _RULE,
        foreign=(*_of("sections", "section"), *_of("tables", "table")),
    ),
    _records(
        "entities", "实体", "a name, date or document number",
        _ID, Column("type", _S, "类型", "type of name", ENTITY_TYPES), _TEXT,
        Column("norm", _S, "标准值", "ISO date or period, code"), _START, _END, _SECTION,
        foreign=_of("sections", "section"), indexes=(("type", "text"),),
    ),
    _records(
        "sections", "章节", "a heading and all that it governs",
        _ID, Column("parent", _S, "上级章节", "section above"), Column("level", _I, "层级", "1 is the highest"),
        Column("number", _S, "序号", "numbering as written"), Column("heading", _S, "标题", "title of the section"),
        Column("type", _S, "类型", "type of the section"),
        Column("confidence", _F, "置信度", "probability of the type, 0 to 1"), _START, _END,
        Column("heading_start", _I, "标题起", "first character of the heading"),
        Column("heading_end", _I, "标题止", "character after the heading"),
        foreign=_of("sections", "parent"), indexes=(("type",),),
    ),
    _records(
        "tables", "表格", "a table of the text",
        _ID, Column("caption", _S, "表名", "caption"), Column("row_count", _I, "行数", "rows below the header"),
        Column("column_count", _I, "列数", "columns of the widest row"),
        Column("subject", _S, "主体", "what a form is of"), _START, _END, _SECTION,
        foreign=_of("sections", "section"),
    ),
    _records(
        "cells", "单元格", "a cell of a table, at its place",
        Column("table", _S, "表格", "table that holds the cell", required=True),
        Column("row", _I, "行", "row as the reader counts it", required=True),
        Column("column", _I, "列", "column as the reader counts it", required=True), _TEXT,
        Column("rowspan", _I, "跨行", "rows it covers"), Column("colspan", _I, "跨列", "columns it covers"),
        Column("read", _S, "读取结果", "what became of it", STATUSES), _START, _END,
        key=("table", "row", "column", "start"), foreign=_of("tables", "table"),
    ),
    TableSpec(
        "documents", "文档", "a report",
        (
            _DOC_ID, *_DOCUMENT, Column("place_code", _S, "行政区划代码", "six digits (GB/T 2260), finest level known"),
            Column("genre", _S, "文种", "kind of report"), Column("path", _S, "文件", "where it was read from"),
            Column("media_type", _S, "文件类型", "media type of the file"),
            Column("encoding", _S, "编码", "encoding of its text"),
            Column("sha256", _S, "校验值", "SHA-256 of the file"),
            Column("chars", _I, "字数", "characters of the text"),
            Column("schema_version", _S, "格式版本", "version of the record format"),
            *(Column(f"{name}_count", _I, f"{zh}数", f"how many {name} the report has") for name, zh in _LISTS),
        ),
        ("doc_id",), (), (("place_code", "fiscal_year"),),
    ),
)  # fmt: skip

#: every table by name, in the order in which people read them: findings first
TABLES: Final[dict[str, TableSpec]] = {table.name: table for table in _ALL}


def referenced_first() -> tuple[TableSpec, ...]:
    """All tables, each after those that its foreign keys name: the order for a database."""
    placed: dict[str, TableSpec] = {}

    def place(tables: Iterable[TableSpec]) -> None:
        for table in tables:
            if table.name not in placed:
                place(TABLES[key.table] for key in table.foreign if key.table != table.name)
                placed[table.name] = table

    place(TABLES.values())
    return tuple(placed.values())
