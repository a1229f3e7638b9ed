"""The Python interface: one text, many files, typed records, data frames, and an import that costs nothing."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

import extract
from extract import api
from extract.output_tables import TABLES
from extract.run import UsageError

SENTENCE = "城镇新增就业1.07万人，完成年度任务的130%。"


@pytest.fixture
def folder(tmp_path: Path, report: str) -> Path:
    """Seven small reports and one file that is no text."""
    (made := tmp_path / "in").mkdir()
    for count in range(7):
        (made / f"r{count}.txt").write_text(report.replace("1.07", f"1.{count}"), encoding="utf-8")
    return made


def test_read_a_text() -> None:
    """A string is the text; its records are typed, and point into it."""
    document = extract.read(SENTENCE)
    assert [(m.indicator and m.indicator.text, m.role, m.value, m.unit) for m in document.metrics] == [
        ("城镇新增就业", "actual", Decimal(10700), "人"), ("城镇新增就业", "completion", Decimal(130), "%"),
    ]  # fmt: skip
    assert [document.quote(quantity) for quantity in document.quantities] == ["1.07万人", "130%"]
    assert document.doc_id == "text"
    assert isinstance(document.report, extract.Report)
    assert isinstance(document, extract.Document)


def test_every_list_of_the_report_is_there() -> None:
    """A document has an attribute for each list of records."""
    document = extract.read(SENTENCE)
    for name in extract.Report.__struct_fields__:
        if isinstance(value := getattr(document.report, name), list):
            assert getattr(document, name) is value
    assert document.document is document.report.document


@pytest.mark.parametrize("kind", [str, Path, bytes])
def test_read_a_file(folder: Path, kind: type, report: str) -> None:
    """A path, a string that names a file, and the bytes of a file give the same records as the text."""
    path = folder / "r0.txt"
    source = path.read_bytes() if kind is bytes else kind(path)
    document = extract.read(source, doc_id="r0")
    assert document.metrics == extract.read(path.read_text(encoding="utf-8")).metrics
    assert document.doc_id == "r0"
    assert document.text == report.replace("1.07", "1.0")


def test_a_file_that_is_not_there() -> None:
    """A string that looks like a path is not read as a text of two words."""
    with pytest.raises(FileNotFoundError, match="give the text itself"):
        extract.read("reports/nowhere.txt")
    with pytest.raises(FileNotFoundError):
        extract.read(Path("nowhere"))


def test_what_is_no_text(folder: Path) -> None:
    """A file that cannot be read raises an error that names it and the reason; bytes too."""
    (folder / "scan.txt").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 4)
    with pytest.raises(extract.ReadError, match=r"scan\.txt: ") as caught:
        extract.read(folder / "scan.txt")
    assert caught.value.path.endswith("scan.txt")
    assert caught.value.reason
    with pytest.raises(extract.ReadError):
        extract.read(bytes(range(256)) * 4)


def test_language_of_findings() -> None:
    """Findings speak Chinese, or English on demand."""
    text = "2023年机关运行经费支出77.51万元，比2022年增加14.26万元，增长36.1%。"
    [zh], [en] = extract.read(text).findings, extract.read(text, language="en").findings
    assert zh.rule == en.rule == "growth_rate"
    assert not zh.message.isascii()
    assert "growth" in en.message.lower() or "rate" in en.message.lower()


def test_own_patterns(tmp_path: Path) -> None:
    """Pattern folders are laid over the built-in grammar."""
    (tmp_path / "mine.toml").write_text(
        'schema = 1\nkind = "template"\nabout = "mine"\n\n[[rule]]\nid = "mine.handled"\n'
        'template = "办结{target:count}"\nexamples = ["办结⟦5件⟧"]\n', encoding="utf-8"
    )  # fmt: skip
    assert api.check_patterns(tmp_path) == []
    [metric] = extract.read("全年办结5件。", patterns=[tmp_path]).metrics
    assert metric.rule == "mine.handled"
    assert extract.read("全年办结5件。").metrics[0].rule != "mine.handled"


@pytest.mark.parametrize("workers", [1, 2])
def test_stream_is_in_order(folder: Path, workers: int) -> None:
    """Documents come in the order of their paths, with the same records, whatever the number of processes."""
    documents = list(extract.stream(folder, workers=workers))
    assert [document.doc_id for document in documents] == [f"r{count}" for count in range(7)]
    assert documents == [extract.read(folder / f"r{count}.txt") for count in range(7)]


def test_stream_is_lazy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read before it is asked for."""
    read: list[str] = []
    whole = api._read_input
    monkeypatch.setattr(api, "_read_input", lambda item, *rest: read.append(item.doc_id) or whole(item, *rest))
    documents = extract.stream([folder / "r1.txt", folder / "r0.txt", folder / "r2.txt"])
    assert read == []
    assert next(documents).doc_id == "r0"
    assert read == ["r0"]


def test_a_stream_may_be_left(folder: Path) -> None:
    """A stream with workers ends without waiting for all files when nobody asks for more."""
    documents = extract.stream(folder, workers=2)
    assert next(documents).doc_id == "r0"
    documents.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_of_a_stream(folder: Path, workers: int) -> None:
    """A bad document raises, or with `on_error` is told and left out."""
    (folder / "r3.txt").write_bytes(b"")
    with pytest.raises(extract.ReadError, match=r"r3\.txt: .*empty"):
        list(extract.stream(folder, workers=workers))
    told: list[extract.ReadError] = []
    documents = list(extract.stream(folder, workers=workers, on_error=told.append))
    assert [document.doc_id for document in documents] == ["r0", "r1", "r2", "r4", "r5", "r6"]
    assert [Path(error.path).name for error in told] == ["r3.txt"]


def test_arguments_of_a_stream(folder: Path) -> None:
    """No workers and no such file are refused."""
    with pytest.raises(ValueError, match="give 1 or more"):
        next(extract.stream(folder, workers=0))
    with pytest.raises(UsageError, match="no such file"):
        next(extract.stream("nowhere"))


def test_to_dict(folder: Path, cli: Callable[..., Result], tmp_path: Path) -> None:
    """`to_dict` and `to_json` are what `extract run` writes, path aside; exact numbers on demand."""
    document = extract.read(SENTENCE.replace("130%", "130.7%"))
    as_dict = document.to_dict()
    assert json.loads(document.to_json()) == as_dict
    assert as_dict["metrics"][1]["value"] == 130.7
    assert document.to_dict(exact=True)["metrics"][1]["value"] == Decimal("130.7")
    cli("run", folder, "-o", tmp_path / "out")
    [first, *_] = extract.stream(folder)
    assert first.to_json() == (tmp_path / "out" / "r0.json").read_bytes()
    assert next(extract.open_run(tmp_path / "out")) == first.report


@pytest.mark.parametrize("formats", [("json", "csv"), ("jsonl", "sqlite")])
def test_export(folder: Path, cli: Callable[..., Result], tmp_path: Path, formats: tuple[str, ...]) -> None:
    """`export` writes the files that `extract run` writes."""
    cli("run", folder, "-o", tmp_path / "run", "--format", ",".join(formats))
    names = extract.export(extract.stream(folder), tmp_path / "api", formats=formats)
    assert {path.name for path in (tmp_path / "api").iterdir()} == set(names)
    assert names
    for name in names:
        assert (tmp_path / "api" / name).read_bytes() == (tmp_path / "run" / name).read_bytes(), name


@pytest.mark.parametrize("table", TABLES)
def test_pandas(folder: Path, table: str) -> None:
    """A data frame has the columns of its table with their types, also when there is no row."""
    pandas = pytest.importorskip("pandas")
    documents = list(extract.stream(folder))
    frame = extract.to_pandas(documents, table)
    assert tuple(frame.columns) == TABLES[table].names
    assert len(frame) == len(list(extract.rows(documents, table)))
    for column in TABLES[table].columns:
        kind = str(frame[column.name].dtype)
        wanted = {"integer": "Int64", "decimal": "float64", "float": "float64", "boolean": "boolean"}
        assert kind == wanted.get(column.type, kind)
        assert (column.type == "date") is kind.startswith("datetime64")
    assert extract.to_pandas([], table).dtypes.astype(str).drop(
        [column.name for column in TABLES[table].columns if column.type == "date"]
    ).equals(frame.dtypes.astype(str).drop(
        [column.name for column in TABLES[table].columns if column.type == "date"]))  # fmt: skip
    assert isinstance(frame, pandas.DataFrame)


@pytest.mark.parametrize("table", TABLES)
def test_polars(folder: Path, table: str) -> None:
    """A polars frame has the same cells as the rows."""
    pytest.importorskip("polars")
    documents = list(extract.stream(folder))
    frame = extract.to_polars(documents, table)
    assert tuple(frame.columns) == TABLES[table].names
    assert frame.schema == extract.to_polars([], table).schema
    assert len(frame) == len(list(extract.rows(documents, table)))


def test_frames_hold_the_values(folder: Path) -> None:
    """Frames of one document hold the numbers of its metrics."""
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    document = extract.read(SENTENCE)
    assert document.to_pandas()["value"].tolist() == [10700.0, 130.0]
    assert document.to_polars()["value"].to_list() == [10700.0, 130.0]
    assert [row["value"] for row in document.rows()] == ["10700", "130"]
    assert document.to_pandas("metrics")["sentence"].tolist() == [SENTENCE] * 2


@pytest.mark.parametrize("make", [api.to_pandas, api.to_polars, lambda *rest: list(api.rows(*rest))])
def test_unknown_table(make: Callable[..., object]) -> None:
    """A table that does not exist is refused with those that do."""
    with pytest.raises(ValueError, match="'colours' is no table; use one of findings, panel, metrics"):
        make([], "colours")


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_missing_package(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pandas or polars the error says which command installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=r"pip install 'extract\[frames\]'"):
        getattr(extract, f"to_{package}")([])


def test_explain(cli: Callable[..., Result]) -> None:
    """`explain_sentence` gives what `extract explain` prints."""
    assert cli("explain", SENTENCE).stdout.strip() == extract.explain_sentence(SENTENCE).strip()


def test_public_names() -> None:
    """Every public name exists and is told by `dir`; an unknown one is an error."""
    assert set(extract.__all__) <= set(dir(extract))
    for name in extract.__all__:
        assert getattr(extract, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = extract.colour


def test_examples_of_the_docstrings() -> None:
    """The examples in docstrings give what they say."""
    for module in (extract, api):
        found = doctest.testmod(module, extraglobs={"extract": extract})
        assert found.failed == 0
        assert found.attempted > 0


def test_import_is_light() -> None:
    """`import extract` loads no other module of the package and none of the large packages."""
    code = "import sys, extract; print([n for n in sys.modules if n.startswith('extract.')], 'msgspec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] False\n"


def test_reading_is_light() -> None:
    """Reading a text loads neither spaCy nor pandas, polars, Arrow or DuckDB."""
    heavy = ("spacy", "pandas", "polars", "pyarrow", "duckdb", "xlsxwriter")
    code = f"import sys, extract; extract.read('收入1万元。'); print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
