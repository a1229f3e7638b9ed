"""The tables of a run in every format: the same records, the same numbers, nothing that a program would execute."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_report import TEXT, one_of_each

from extract.exports import FORMATS, Exports, MissingPackageError, table_rows, write_tables
from extract.exports.csv_files import csv_lines, harmless
from extract.exports.share import Sharer, read_pieces, write_pieces
from extract.exports.sql import VIEWS
from extract.exports.sqlite_file import user_version
from extract.exports.writer import need
from extract.output_tables import LEADING, TABLES, TYPES, Column, TableSpec, referenced_first
from extract.pipeline import Extractor
from extract.records import Report
from extract.source import decode

Rows = list[dict[str, Any]]
BINARY = ("parquet", "duckdb", "xlsx")


def documents(root: Path, extractor: Extractor) -> Iterator[tuple[Report, str]]:
    """The reports of the corpus, read one at a time, and the report that has a record of each kind."""
    for path in sorted((root / "corpus" / "reports").glob("*.txt")):
        source = decode(path.read_bytes(), path=path.name)
        yield extractor.read(source, doc_id=path.stem), source.text
    yield one_of_each(), TEXT


@pytest.fixture(scope="module")
def out(root: Path, extractor: Extractor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus in every format."""
    folder = tmp_path_factory.mktemp("out")
    for package in ("pyarrow", "duckdb", "xlsxwriter", "openpyxl"):
        pytest.importorskip(package)
    write_tables(folder, documents(root, extractor), formats=FORMATS, pack=extractor.pack)
    return folder


def from_csv(folder: Path, table: TableSpec) -> Rows:
    """A table as the CSV file has it."""
    assert (folder / f"{table.name}.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    read: dict[str, Any] = {
        "integer": int, "float": float, "decimal": Decimal, "boolean": {"True": True, "False": False}.__getitem__,
        "date": date.fromisoformat, "string": lambda text: text.removeprefix("'") if text[:2] in FORMULAS else text,
    }  # fmt: skip
    with (folder / f"{table.name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            {column.name: read[column.type](row[column.name]) if row[column.name] else None for column in table.columns}
            for row in csv.DictReader(file)
        ]


FORMULAS = ("'=", "'+", "'-", "'@")


def from_parquet(folder: Path, table: TableSpec) -> Rows:
    """A table as the Parquet file has it."""
    from pyarrow import parquet

    rows: Rows = parquet.read_table(folder / f"{table.name}.parquet").to_pylist()
    return rows


def from_sqlite(folder: Path, table: TableSpec) -> Rows:
    """A table as SQLite has it; it has no dates and booleans of its own."""
    with sqlite3.connect(folder / "extract.sqlite") as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(f'SELECT * FROM "{table.name}"')]
    database.close()
    kinds = {column.name: column.type for column in table.columns}
    for row in rows:
        for name, cell in row.items():
            if cell is not None and kinds.get(name) in ("boolean", "date"):
                row[name] = bool(cell) if kinds[name] == "boolean" else date.fromisoformat(cell)
    return rows


def from_duckdb(folder: Path, table: TableSpec) -> Rows:
    """A table as DuckDB has it."""
    import duckdb

    with duckdb.connect(str(folder / "extract.duckdb"), read_only=True) as database:
        found = database.execute(f'SELECT * FROM "{table.name}"')
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def from_xlsx(folder: Path, table: TableSpec) -> Rows:
    """A table as the workbook has it."""
    rows = sheet_rows(folder, table.name)
    assert next(rows) == table.names
    return [
        {
            name: cell.date() if isinstance(cell, datetime) else cell
            for name, cell in zip(table.names, row, strict=True)
        }
        for row in rows
    ]


def sheet_rows(folder: Path, name: str) -> Iterator[tuple[Any, ...]]:
    """The cells of a sheet."""
    import openpyxl

    book = openpyxl.load_workbook(folder / "extract.xlsx", read_only=True)
    yield from book[name].iter_rows(values_only=True)
    book.close()


def comparable(table: TableSpec, rows: Rows) -> list[tuple[object, ...]]:
    """Rows in which a number is a number, whatever type a format gives it, and no text is none."""
    numbers = {column.name for column in table.columns if column.type in ("decimal", "float", "integer")}
    return [
        tuple(
            Decimal(str(row[name])).normalize() if name in numbers and row[name] is not None else row[name] or None
            for name in table.names
        )
        for row in rows
    ]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_format_holds_the_same(out: Path, table: TableSpec) -> None:
    """CSV, Parquet, SQLite, DuckDB and XLSX, read back, hold the same rows with the same numbers."""
    wanted = comparable(table, from_csv(out, table))
    assert wanted
    for read in (from_parquet, from_sqlite, from_duckdb, from_xlsx):
        found = comparable(table, read(out, table))
        assert found == wanted, next((a, b) for a, b in zip(found, wanted, strict=False) if a != b)


def test_tables_hold_the_numbers_of_the_documents(out: Path) -> None:
    """The values of `metrics.csv` are, digit for digit, those of the documents in JSON Lines."""
    wanted = []
    for line in (out / "documents.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        wanted += [(document["doc_id"], metric["id"], metric["value"]) for metric in document["metrics"]]
    assert [(row["doc_id"], row["id"], row["value"]) for row in from_csv(out, TABLES["metrics"])] == wanted
    assert len(wanted) > 1000


def test_digits_stand_beside_the_number(tmp_path: Path) -> None:
    """A value of more digits than a float holds keeps them all in `value_exact`."""
    pytest.importorskip("pyarrow")
    report = one_of_each()
    value = Decimal("1234567890123456789.25")
    metric = msgspec.structs.replace(report.metrics[0], value=value)
    report = msgspec.structs.replace(report, metrics=[metric])
    write_tables(tmp_path, [(report, TEXT)], formats=["csv", "sqlite", "parquet"])
    assert from_csv(tmp_path, TABLES["metrics"])[0]["value"] == value
    for read in (from_sqlite, from_parquet):
        assert read(tmp_path, TABLES["metrics"])[0]["value_exact"] == str(value)


def test_leading_columns() -> None:
    """Tables of records begin with the columns of their document, in the order that users know."""
    wanted = ("doc_id", "title", "organisation", "province", "prefecture", "county", "fiscal_year", "section_type")
    assert wanted == LEADING
    for name, table in TABLES.items():
        assert name in ("documents", "panel") or table.names[: len(LEADING)] == LEADING
        assert len(set(table.names)) == len(table.names)
        assert {column.type for column in table.columns} <= set(TYPES)
        assert all(name.isascii() and name.islower() for name in table.names)


def test_rows_have_a_cell_for_each_column() -> None:
    """Every record of a report is a row of its table, and no row is shorter or longer than its header."""
    rows = table_rows(one_of_each(), TEXT)
    assert rows.keys() | {"panel"} == TABLES.keys()
    for name, some in rows.items():
        assert {len(row) for row in some} == {len(TABLES[name].columns)}, name


def test_rows_say_what_the_records_say() -> None:
    """Sentences are quoted, values of metrics stand in the rows that name them."""
    row = {
        name: dict(zip(TABLES[name].names, some[0], strict=True))
        for name, some in table_rows(one_of_each(), TEXT).items()
    }
    assert row["metrics"]["sentence"] == "城镇新增就业1.07万人， 完成年度任务的130%。"
    assert (row["metrics"]["text"], row["metrics"]["value"]) == ("1.07万人", "10700")
    assert (row["pairs"]["target"], row["pairs"]["actual_value"], row["pairs"]["met"]) == (None, "10700", True)
    assert (row["changes"]["current"], row["changes"]["current_unit"], row["changes"]["delta"]) == ("10700", "人", None)
    assert (row["breakdowns"]["part"], row["breakdowns"]["value"], row["breakdowns"]["share"]) == (1, "10700", None)
    assert (row["findings"]["words"], row["findings"]["refs"]) == ("任务的130%", "p1 m1")
    assert (row["documents"]["place_code"], row["documents"]["metrics_count"]) == ("000000", 1)
    assert row["findings"]["section_type"] == "performance_results"


def test_sqlite_keys_indexes_views(out: Path) -> None:
    """No foreign key points nowhere, every view answers, the file is whole and says its version."""
    database = sqlite3.connect(out / "extract.sqlite")
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA user_version").fetchone() == (user_version(),)
    assert database.execute("SELECT count(*) FROM pragma_foreign_key_list('metrics')").fetchone()[0] >= 3
    answers = {view: len(database.execute(f"SELECT * FROM {view}").fetchall()) for view in VIEWS}
    assert all(answers.values()), answers
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM metrics WHERE indicator_id = 'fin.total' AND fiscal_year = 2023"
    ).fetchall()
    assert "USING INDEX" in str(plan)
    [wide] = database.execute(
        "SELECT actual, actual_unit FROM panel_wide WHERE indicator_id = 'fin.exp_gpb' "
        "AND organisation = '云岭市水利局'"
    ).fetchall()
    assert wide == (29056100, "元")
    database.close()


def test_foreign_keys_are_noticed(tmp_path: Path) -> None:
    """The check of the keys can fail: a metric without its quantity is found."""
    report = one_of_each()
    metric = msgspec.structs.replace(report.metrics[0], section="s9")
    broken = msgspec.structs.replace(report, metrics=[metric], sections=[], pairs=[], changes=[], breakdowns=[])
    with pytest.raises(KeyError):
        table_rows(broken, TEXT)
    pair = msgspec.structs.replace(report.pairs[0].actual, metric="m9")
    pairs = [msgspec.structs.replace(report.pairs[0], actual=pair)]
    write_tables(tmp_path, [(msgspec.structs.replace(report, pairs=pairs), TEXT)], formats=["sqlite"])
    database = sqlite3.connect(tmp_path / "extract.sqlite")
    assert [row[0] for row in database.execute("PRAGMA foreign_key_check")] == ["pairs"]
    database.close()


def test_views_are_the_same_in_duckdb(out: Path) -> None:
    """DuckDB gives as many rows of each view as SQLite."""
    import duckdb

    sqlite = sqlite3.connect(out / "extract.sqlite")
    with duckdb.connect(str(out / "extract.duckdb"), read_only=True) as database:
        for view in VIEWS:
            count = f"SELECT count(*) FROM {view}"
            assert database.execute(count).fetchone() == sqlite.execute(count).fetchone(), view
    sqlite.close()


def test_workbook_is_made_for_people(out: Path) -> None:
    """Findings come first; headers stay in view, have filters and notes; columns have widths."""
    import openpyxl

    book = openpyxl.load_workbook(out / "extract.xlsx")
    assert book.sheetnames == [*TABLES, "codebook"]
    assert book.sheetnames[0] == "findings"
    sheet = book["metrics"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.column_dimensions["A"].width > 8
    value = sheet.cell(2, TABLES["metrics"].names.index("value") + 1)
    assert value.data_type == "n"
    assert "数值" in sheet.cell(1, value.column).comment.text
    book.close()


@pytest.mark.parametrize("start", ["=1+2", "+cmd", "-1+2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_no_cell_starts_a_formula(tmp_path: Path, start: str) -> None:
    """Text that a spreadsheet would take for a formula is text in CSV and XLSX; databases keep it as it is."""
    pytest.importorskip("openpyxl")
    report = one_of_each()
    report = msgspec.structs.replace(report, document=msgspec.structs.replace(report.document, title=start))
    write_tables(tmp_path, [(report, TEXT)], formats=["csv", "xlsx", "sqlite"])
    for table in TABLES.values():
        with (tmp_path / f"{table.name}.csv").open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row if cell != "="]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")], table.name
        assert table.name == "panel" or any(cell.strip("'").strip() == start.strip() for cell in cells), table.name
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "extract.xlsx")
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    title = book["metrics"].cell(2, 2).value.replace("_x000D_", "\r")  # how the format writes a carriage return
    assert title.strip() == start.strip()
    book.close()
    assert from_sqlite(tmp_path, TABLES["metrics"])[0]["title"] == start


@pytest.mark.parametrize("text", ["-15.85", "-15.85%", "+3", "12", "完成=好", ""])
def test_numbers_stay_as_they_are(text: str) -> None:
    """A negative number is no formula, and so is nothing that does not begin with a sign."""
    assert harmless(text) == text


CELLS = st.one_of(st.none(), st.text(alphabet='甲,"\'\n\r\t=+-@1.%\0 ', max_size=6))


@given(st.lists(st.tuples(CELLS, CELLS, st.none() | st.integers(), st.none() | st.booleans()), min_size=1, max_size=6))
def test_csv_is_what_a_csv_writer_writes(rows: list[tuple[str | None, str | None, int | None, bool | None]]) -> None:
    """Made column by column, the lines are those of Python's own writer, and read back as the harmless cells."""
    columns = [Column("a", "string", "甲", ""), Column("b", "string", "乙", ""), Column("c", "integer", "丙", ""),
               Column("d", "boolean", "丁", "")]  # fmt: skip
    table = TableSpec("table", "表", "", tuple(columns), ())
    wanted = io.StringIO()
    told = [[harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    csv.writer(wanted, lineterminator="\n").writerows(told)
    assert "".join(csv_lines(table, rows)) == wanted.getvalue()


def test_a_sheet_that_is_full_goes_on_in_another(tmp_path: Path) -> None:
    """A table of more rows than a sheet holds goes on in a second one with a header; long text is cut and says so."""
    pytest.importorskip("xlsxwriter")
    from extract.exports.xlsx_file import XlsxWriter

    table, [row] = TABLES["entities"], table_rows(one_of_each(), TEXT)["entities"]
    writer = XlsxWriter(tmp_path, max_rows=4)
    long = list(row)
    long[table.names.index("text")] = "长" * 40_000
    writer.add_rows(table, [row, row])
    writer.add_rows(table, [row, tuple(long)])
    writer.finish()
    first, second = list(sheet_rows(tmp_path, "entities")), list(sheet_rows(tmp_path, "entities 2"))
    assert (len(first), len(second)) == (4, 2)
    assert first[0] == second[0] == table.names
    cut = second[1][table.names.index("text")]
    assert len(cut) == 32_767
    assert cut.endswith("CSV）")


def test_datapackage_describes_the_files(out: Path) -> None:
    """The data package names every file with its columns in order, types, keys that exist, and values that occur."""
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert resources.keys() == TABLES.keys()
    for name, resource in resources.items():
        with (out / resource["path"]).open(encoding=resource["encoding"], newline="") as file:
            rows = csv.DictReader(file)
            fields = resource["schema"]["fields"]
            assert rows.fieldnames == [field["name"] for field in fields]
            enums = {field["name"]: {*field["constraints"]["enum"], ""} for field in fields
                     if "enum" in field.get("constraints", {})}  # fmt: skip
            required = [field["name"] for field in fields if field.get("constraints", {}).get("required")]
            keys = set()
            for row in rows:
                assert [column for column, words in enums.items() if row[column] not in words] == [], name
                assert all(row[column] for column in required)
                key = tuple(row[column] for column in resource["schema"].get("primaryKey", rows.fieldnames))
                assert key not in keys, (name, key)
                keys.add(key)
        for foreign in resource["schema"].get("foreignKeys", ()):
            there = {field["name"] for field in resources[foreign["reference"]["resource"]]["schema"]["fields"]}
            assert set(foreign["reference"]["fields"]) <= there


def test_codebook_tells_every_column(out: Path) -> None:
    """Each column of each table has a row, with a Chinese label and a description of its own."""
    with (out / "codebook.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["table"], row["column"]) for row in rows] == [
        (table.name, name) for table in TABLES.values() for name in table.names
    ]
    assert all(row["label_zh"] and row["description"] for row in rows)
    assert not [row for row in rows if row["label_zh"].isascii()]


def test_referenced_tables_come_first() -> None:
    """A database may be filled table by table with its keys switched on."""
    seen: set[str] = set()
    for table in referenced_first():
        seen.add(table.name)
        assert {key.table for key in table.foreign} <= seen


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("json", "duckdb")])
def test_same_records_same_bytes(tmp_path: Path, name: str) -> None:
    """Two runs write the same bytes in every format but DuckDB's, which numbers its blocks as it likes."""
    pytest.importorskip("pyarrow")
    pytest.importorskip("xlsxwriter")
    written = []
    for folder in (tmp_path / "1", tmp_path / "2"):
        names = write_tables(folder, [(one_of_each(), TEXT)] * 3 if name != "sqlite" else [(one_of_each(), TEXT)],
                             formats=[name])  # fmt: skip
        written.append({file: (folder / file).read_bytes() for file in names})
    assert written[0] == written[1]
    assert written[0]


def test_interrupted_tables_are_not_put_into_place(tmp_path: Path, root: Path, extractor: Extractor) -> None:
    """A stream of documents that breaks off leaves the folder as it was."""

    def breaks() -> Iterator[tuple[Report, str]]:
        yield one_of_each(), TEXT
        raise OSError("the disk is gone")

    pytest.importorskip("duckdb")
    with pytest.raises(OSError, match="disk is gone"):
        write_tables(tmp_path, breaks(), formats=FORMATS)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_of_a_document(tmp_path: Path) -> None:
    """Rows wait in memory only up to the size of a batch."""
    pytest.importorskip("pyarrow")
    (aside := tmp_path / "aside").mkdir()
    with Exports(aside, formats=["parquet"]) as exports:
        most = 0
        for _ in range(5000):
            exports.add(one_of_each(), TEXT)
            most = max(most, *(rows.waiting for rows in exports._gathered.values()))
    assert 2000 < most < 4000


@pytest.mark.parametrize("formats", [["csv"], ["csv", "jsonl"], ["jsonl", "sqlite"], ["parquet", "sqlite"]])
def test_shares_that_came_from_another_process(
    formats: list[str], tmp_path: Path, root: Path, extractor: Extractor
) -> None:
    """Shares sent as bytes give the files that the documents themselves give."""
    sharer = Sharer(formats, extractor.pack)
    for name in ("whole", "sent", "aside"):
        (tmp_path / name).mkdir()
    written = write_tables(tmp_path / "whole", documents(root, extractor), formats=formats, pack=extractor.pack)
    with Exports(tmp_path / "aside", formats=formats, pack=extractor.pack) as exports:
        for report, text in documents(root, extractor):
            write_pieces(tmp_path / "share", sharer.pieces(report, text))
            exports.take(read_pieces(tmp_path / "share"))
        assert exports.finish(tmp_path / "sent") == written
    for name in written:
        assert (tmp_path / "sent" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_unknown_format(tmp_path: Path) -> None:
    """A format that does not exist is refused with the ones that do, before anything is written."""
    with pytest.raises(ValueError, match=r"'xml' is no format; use any of json, csv"):
        write_tables(tmp_path, [], formats=["xml"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "package"), [("parquet", "pyarrow"), ("duckdb", "duckdb"), ("xlsx", "xlsxwriter")])
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    """A format whose package is not installed says which command installs it, and writes nothing."""
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingPackageError, match=rf"--format {name} needs .*pip install 'extract\[{name}\]'"):
        write_tables(tmp_path, [], formats=[name])
    assert list(tmp_path.iterdir()) == []


def test_errors_inside_a_package_are_its_own() -> None:
    """An import error that has another cause is not mistaken for a missing package."""
    with pytest.raises(MissingPackageError, match="no_such_package"):
        need("no_such_package", extra="none", what="this")


def test_an_empty_run_has_empty_tables(tmp_path: Path) -> None:
    """A run in which no document could be read still writes every table, with its header."""
    pytest.importorskip("duckdb")
    pytest.importorskip("xlsxwriter")
    names = write_tables(tmp_path, [], formats=FORMATS)
    assert {path.name for path in tmp_path.iterdir()} == set(names)
    assert from_csv(tmp_path, TABLES["metrics"]) == from_parquet(tmp_path, TABLES["metrics"]) == []
