"""Records read by Spark: the function for mapInArrow by itself, then a real cluster of which a worker is killed."""

from __future__ import annotations

import importlib
import io
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sparking import Cluster, end, environment, records, spark_run

from extract.exports.rows import table_rows
from extract.inputs import find_inputs
from extract.output_tables import TABLES
from extract.pipeline import Extractor
from extract.readers import read_source
from extract.source import Source
from extract.spark.documents import RECORD_TABLES, document_schema
from extract.spark.names import Names, documents_in, folder_of, key_of, literal, needs_look, numbered, plain
from extract.spark.reader import DocumentReader
from extract.spark.settings import Settings, extractor_of
from extract.write import encode

pa: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'extract[spark]'")
has_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed: pip install 'extract[spark]'"
)
has_java = pytest.mark.skipif(shutil.which("java") is None, reason="there is no java on the PATH; Spark needs Java 17")
forks = pytest.mark.skipif(sys.platform != "linux", reason="what a test changes reaches workers only where they fork")

FIGURES = "青川市2023年决算\n\n一、收入情况\n收入12万元，增长3.5%。\n"
REVIEW = '<html><head><meta name="generator" content="extract view"></head><body>收入1万元</body></html>'


def zipped(**members: str) -> bytes:
    """A zip archive; `a_txt` is the member a.txt, two underscores are a folder."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/").replace("_", ".")), text)
    return data.getvalue()


def read(columns: dict[str, list[object]], **settings: object) -> list[dict[str, Any]]:
    """The rows of documents that the function gives for a table, in batches of two."""
    table = pa.table(columns)
    reader = pickle.loads(pickle.dumps(DocumentReader(Settings(**settings))))  # as it travels to a worker
    made = list(reader(iter(table.to_batches(max_chunksize=2))))
    for batch in made:
        batch.validate(full=True)
        assert batch.schema == document_schema()
    return [row for batch in made for row in batch.to_pylist()]


def test_a_row_holds_what_a_local_run_writes(root: Path, extractor: Extractor) -> None:
    """JSON byte for byte, and the rows of every table, for every report of the corpus."""
    files = sorted((root / "corpus" / "reports").glob("*.txt"))
    rows = read({"path": [str(file) for file in files], "content": [file.read_bytes() for file in files]})
    assert [row["doc_id"] for row in rows] == [file.stem for file in files]
    counts = dict.fromkeys(RECORD_TABLES, 0)
    for file, row in zip(files, rows, strict=True):
        source = read_source(file.read_bytes(), path=str(file))
        report = extractor.read(source, doc_id=file.stem)
        assert row["json"].encode() == encode(report)
        assert (row["outcome"], row["reason"], row["text"]) == ("read", None, None)
        for name, expected in table_rows(report, source.text).items():
            counts[name] += len(expected)
            names = TABLES[name].names
            exact = [name for name, kind, _ in TABLES[name].stored if kind in ("string", "integer", "boolean")]
            wanted = [dict(zip(names, cells, strict=True)) for cells in expected]
            for one, cells in zip(row[name], wanted, strict=True):
                assert {key: one[key] for key in exact if key in cells} == {k: cells[k] for k in exact if k in cells}
                if "value_exact" in one:
                    assert one["value_exact"] == cells["value"]
    assert all(counts.values()), f"no row in {[name for name, count in counts.items() if not count]}"


def test_text_is_text_and_bytes_are_files() -> None:
    """A text column is never taken for a page or a sheet; bytes are what they are, and their text is given."""
    page = "<html><body><p>收入12万元。</p></body></html>"
    [as_text] = read({"doc_id": ["a"], "text": [page]})
    [as_file] = read({"doc_id": ["a"], "content": [page.encode()]})
    assert (as_text["text"], json.loads(as_text["json"])["source"]["media_type"]) == (None, "text/plain")
    assert json.loads(as_file["json"])["source"]["media_type"] == "text/html"
    assert as_file["text"].strip() == "收入12万元。"


def test_a_table_without_documents_is_refused() -> None:
    """A table of other columns is an error that names those which are wanted."""
    with pytest.raises(ValueError, match=r"doc_id or path, and content"):
        read({"name": ["a"], "body": ["收入12万元。"]})


@pytest.mark.parametrize(
    ("name", "data", "settings"),
    [
        ("empty.txt", b" \n", {}),
        ("noise.txt", bytes(range(256)) * 9, {}),
        ("photo.pdf", b"\x89PNG\r\n" + bytes(99), {}),
        ("torn.docx", b"PK\x03\x04" + bytes(99), {}),
        ("large.txt", FIGURES.encode() * 40, {"size_limit": 2_000}),
        ("slow.txt", FIGURES.encode() * 9_000, {"time_limit": 0.2}),
    ],
)
def test_bad_documents_fail_as_in_a_local_run(
    name: str, data: bytes, settings: dict[str, Any], tmp_path: Path, cli: Callable[..., Result]
) -> None:
    """One bad document is a row with the reason of a local run; the one behind it is read."""
    (tmp_path / name).write_bytes(data)
    words = {"size_limit": "0.002", "time_limit": "0.2"}
    options = [part for key in settings for part in (f"--{key.replace('_', '-')}", words[key])]
    cli("run", tmp_path / name, "-o", tmp_path / "out", "--workers", 1, *options)
    [failure] = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["failures"]
    limit = settings.get("size_limit", 1 << 30)
    first = {"path": str(tmp_path / name), "content": data if len(data) <= limit else None, "length": len(data)}
    good = {"path": "good.txt", "content": "收入12万元。".encode(), "length": 20}
    bad, fine = read({key: [first[key], good[key]] for key in good}, **settings)
    assert (bad["outcome"], bad["doc_id"], bad["reason"]) == ("failed", failure["doc_id"], failure["reason"])
    assert bad["json"] is None
    assert bad["metrics"] == []
    assert (fine["outcome"], len(fine["metrics"])) == ("read", 1)


@forks
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended by SIGKILL, most likely for want of memory"),
        (lambda: os._exit(3), "ended by itself (exit code 3)"),
        (lambda: bytearray(1 << 40), "more memory than one document may take"),
        (lambda: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_a_crash_takes_one_document(act: Callable[[], object], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that kills its process, or fills the memory, is a failure; Spark's worker does not notice."""
    whole = Extractor.read

    def reading(self: Extractor, source: Source, *, doc_id: str) -> object:
        if doc_id == "b":
            act()
        return whole(self, source, doc_id=doc_id)

    monkeypatch.setattr(Extractor, "read", reading)
    rows = read({"doc_id": list("abc"), "text": ["收入12万元。"] * 3})
    assert [row["outcome"] for row in rows] == ["read", "failed", "read"]
    assert words in rows[1]["reason"]


def test_patterns_travel_with_the_function(tmp_path: Path) -> None:
    """The grammar of the user reaches a worker that has no such folder, and another version of it is refused."""
    folder = tmp_path / "mine" / "lexicon"
    folder.mkdir(parents=True)
    (folder / "units.csv").write_text("unit,kind\n箩,count\n", encoding="utf-8")
    settings = Settings.of([tmp_path / "mine"])
    shutil.rmtree(folder)
    reader = pickle.loads(pickle.dumps(DocumentReader(settings)))
    batch = pa.RecordBatch.from_pydict({"doc_id": ["a"], "text": ["全年采茶12箩。"]})
    [row] = [row for made in reader(iter([batch])) for row in made.to_pylist()]
    assert [quantity["unit"] for quantity in row["quantities"]] == ["箩"]
    [plain_row] = read({"doc_id": ["a"], "text": ["全年采茶12箩。"]})
    assert "箩" not in [quantity["unit"] for quantity in plain_row["quantities"]]
    with pytest.raises(ValueError, match="another version"):
        extractor_of(Settings(expected="of the driver"))


def test_names_are_those_of_a_local_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown paths, ids of namesakes, members of archives and what is left aside, as `extract.inputs` has them."""
    monkeypatch.chdir(tmp_path)
    texts = [
        "in/a.txt", "in/A.md", "in/x/a.txt", "in/y/a.txt", "in/a-2.txt", "in/x/a-2.txt", "in/run.txt", "in/README.md",
        "in/b.c.txt", "in/table.csv", "in/notes", "in/e\u0301.txt", "in/\u00e9.md", "in/~$a.docx", "in/[1]{a}.txt",
    ]  # fmt: skip
    for name in texts:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("收入12万元。", encoding="utf-8")
    Path("in/page").write_text("<html><body>收入12万元。</body></html>", encoding="utf-8")
    Path("in/shown.html").write_text(REVIEW, encoding="utf-8")
    Path("in/pack.zip").write_bytes(zipped(a_txt="收入1万元", x__a_txt="收入2万元", b_csv="1", README_md="-"))
    Path("in/none.zip").write_bytes(zipped())
    Path("in/torn.zip").write_bytes(b"PK\x03\x04torn")
    inputs, skipped = find_inputs(["in"])
    root = f"file:{tmp_path}/in"
    names = Names(root, plain("./in/"))
    paths = [f"file:{path.absolute()}" for path in Path("in").rglob("*") if path.is_file()]

    def found(names: Names, *, read: bool) -> list[tuple[str, str | None]]:
        every = []
        for path in paths:
            look = read or needs_look(path)
            data = Path(path.removeprefix("file:")).read_bytes() if look else None
            for one in documents_in(path, data, names, size_limit=10_000, read=read):
                every.append((one.shown, None if one.skipped else names.doc_id(one.shown)))
        return sorted(every)

    listed = [shown for shown, doc_id in found(names, read=False) if doc_id is not None]
    listed.remove("in/shown.html")  # its bytes were not looked at; it is found out when it is read
    met = [name for name in listed if sum(key_of(name) == key_of(other) for other in listed) > 1 or "run" in name]
    naming = Names(root, names.prefix, numbered(met))
    got = [one for one in found(naming, read=True) if one[1] is not None]
    assert got == [(item.path, item.doc_id) for item in inputs]
    assert {"a-2-2", "a-3", "run-2"} <= {doc_id for _, doc_id in got}
    left = {shown for shown, doc_id in found(naming, read=True) if doc_id is None}
    assert left == {*skipped, "in/~$a.docx", "in/none.zip"}


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("data/2023", "data/2023"),
        ("data/*/2023", "data"),
        ("s3a://bucket/a?/b", "s3a://bucket"),
        ("hdfs://host/{a,b}", "hdfs://host"),
        ("*.txt", ""),
    ],
)
def test_wildcards_have_a_folder_in_common(pattern: str, folder: str) -> None:
    """What is before the first wildcard; a path with one in its name can be asked for literally."""
    assert folder_of(pattern) == folder
    assert folder_of(literal(pattern)) == folder_of(pattern)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in", "out", "-o", "more"], "give one input"),
        (["in"], "extract run --engine spark IN OUT"),
        (["-", "out"], "standard input"),
        (["in", "out", "--format", "parquet,xlsx"], "--format xlsx is for --engine local"),
        (["in", "out", "--workers", "4"], "--workers is for --engine local"),
        (["in", "out", "--html"], "--html is for --engine local"),
        (["in", "out", "--conf", "cores=4"], "write a setting of Spark as spark.key=value"),
    ],
)
def test_the_command_says_what_cannot_be(arguments: list[str], words: str, cli: Callable[..., Result]) -> None:
    """Arguments that mean nothing to Spark are refused before it is started."""
    result = cli("run", "--engine", "spark", *arguments)
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize("arguments", [["--master", "local[1]"], ["--conf", "spark.a=1"]])
def test_options_of_spark_need_spark(arguments: list[str], cli: Callable[..., Result], tmp_path: Path) -> None:
    """Without --engine spark its options are refused, not forgotten."""
    result = cli("run", tmp_path, "-o", tmp_path / "out", *arguments)
    assert result.exit_code == 2
    assert f"{arguments[0]} is for --engine spark" in result.output


def test_a_missing_package_is_named(cli: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyspark the command says how to install it."""
    session = importlib.import_module("extract.spark.session")
    monkeypatch.setattr(session, "find_spec", lambda name: None if name == "pyspark" else True)
    result = cli("run", "--engine", "spark", "in", "out")
    assert result.exit_code == 2
    assert "pip install 'extract[spark]'" in result.output


@pytest.mark.parametrize("home", [None, "nowhere"])
def test_missing_java_is_named(home: str | None, cli: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Java the command says which one is needed, and where it was looked for."""
    session = importlib.import_module("extract.spark.session")
    monkeypatch.setattr(session, "find_spec", lambda name: True)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("JAVA_HOME", home)
    result = cli("run", "--engine", "spark", "in", "out")
    assert result.exit_code == 2
    assert "Java 17" in result.output
    assert ("JAVA_HOME is nowhere" if home else "no java on the PATH") in result.output


def corpus(folder: Path, root: Path, *, copies: int) -> None:
    """The reports of the corpus some times over, so that names meet; with bad ones, an archive and a page."""
    reports = sorted((root / "corpus" / "reports").glob("*.txt"))
    for copy in range(copies):
        (folder / f"part{copy}").mkdir(parents=True)
        for report in reports:
            shutil.copy(report, folder / f"part{copy}")
    text = reports[0].read_text(encoding="utf-8")
    (folder / "empty.txt").write_bytes(b" ")
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 9)
    (folder / "part0" / "large.txt").write_bytes(text.encode() * 100)
    (folder / "part1" / "slow.txt").write_bytes((text * 40).encode()[:180_000])
    (folder / "torn.docx").write_bytes(b"PK\x03\x04" + bytes(99))
    (folder / "pack.zip").write_bytes(zipped(a_txt=text, x__a_txt=text[:900], b_csv="1"))
    (folder / "page").write_text(f"<html><body><p>{text[:900]}</p></body></html>", encoding="utf-8")
    (folder / "[odd] {name}").write_text(f"<html><body><p>{text[:700]}</p></body></html>", encoding="utf-8")
    (folder / "README.md").write_text("收入1万元", encoding="utf-8")


def compare(spark: Path, local: Path) -> None:
    """Every table of a run on Spark holds what the local run wrote, and so do JSON, texts and failures."""
    said = json.loads((local / "run.json").read_text(encoding="utf-8"))
    for name in TABLES:
        assert records(spark / name) == records(local / f"{name}.parquet"), name
    reports = records(spark / "reports")
    assert [row["doc_id"] for row in reports] == sorted(done["doc_id"] for done in said["inputs"])
    for row in reports:
        assert row["json"].encode() == (local / f"{row['doc_id']}.json").read_bytes()
        text = local / f"{row['doc_id']}.txt"
        assert row["text"] == (text.read_bytes().decode() if text.exists() else None)
    assert records(spark / "failures") == sorted(said["failures"], key=repr)
    told = json.loads((spark / "run.json").read_text(encoding="utf-8"))
    assert told["counts"] == said["counts"]
    assert told["skipped"] == said["skipped"]
    assert (told["fingerprint"], told["engine"]) == (said["fingerprint"], "spark")


@pytest.mark.slow
@has_spark
@has_java
def test_a_worker_is_killed_and_the_records_are_those_of_a_local_run(
    root: Path, tmp_path: Path, cli: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A master and two workers on loopback, one killed in mid-run: every table, JSON and failure as without Spark."""
    monkeypatch.chdir(tmp_path)
    corpus(Path("in"), root, copies=4)
    Path("mine/lexicon").mkdir(parents=True)
    Path("mine/lexicon/units.csv").write_text("unit,kind\n箩,count\n", encoding="utf-8")
    options = ["--patterns", "mine", "--size-limit", "0.2", "--time-limit", "60", "--lang", "en"]
    log = tmp_path / "run.log"
    with Cluster(tmp_path) as cluster:
        run = spark_run("in", "out", *options, master=cluster.master, folder=tmp_path, env=cluster.env, log=log)
        try:
            stage = tmp_path / "out" / "by_document" / "_temporary"
            until = time.monotonic() + 120
            while not list(stage.glob("0/task_*")):  # the first documents are there, more are being read
                assert run.poll() is None, log.read_text(errors="replace")
                assert time.monotonic() < until, log.read_text(errors="replace")
                time.sleep(0.02)
            assert all(cluster.executors(number) for number in (0, 1)), "both workers take part"
            cluster.kill_worker(0)
            assert stage.exists(), "the run was over before the worker was killed"
            code = run.wait(timeout=180)
        finally:
            end(run)
    words = log.read_text(errors="replace")
    assert code == 1, words  # some documents failed, as they should
    assert "failed (reasons in the table out/failures)" in words
    assert "Lost executor" in words, "the loss of a worker was noticed"
    cli("run", "in", "-o", "local", "--format", "parquet", "--workers", 2, *options)
    compare(tmp_path / "out", tmp_path / "local")
    assert len(records(tmp_path / "out" / "failures")) == 4
    assert not (tmp_path / "out" / "by_document").exists()


SCRIPT = """
import sys
from extract.spark import DocumentReader, Settings, failures, panel, table
from extract.spark.session import start

session = start("local[1]", {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1"}, quiet=True)
frame = session.read.parquet("table.parquet")
read = DocumentReader(Settings(size_limit=1_000_000))
frame.mapInArrow(read, read.schema).write.parquet("documents")
documents = session.read.parquet("documents")
table(documents, "metrics").write.parquet("metrics")
panel(documents).write.parquet("panel")
print("failed:", [tuple(row) for row in failures(documents).collect()])
try:
    table(documents, "panel")
except ValueError as error:
    print("refused:", error)
"""


@pytest.mark.slow
@has_spark
@has_java
def test_the_function_in_a_program_of_the_user(
    root: Path, tmp_path: Path, cli: Callable[..., Result]
) -> None:
    """A table of ids and texts, read with mapInArrow in a program of the user's own, and by the command."""
    parquet = importlib.import_module("pyarrow.parquet")
    files = sorted((root / "corpus" / "reports").glob("g*.txt"))
    texts = [*(file.read_bytes().decode() for file in files), None, " "]
    ids = [*(file.stem for file in files), "nothing", "blank"]
    parquet.write_table(pa.table({"doc_id": ids, "text": texts}), tmp_path / "table.parquet")
    env = environment(tmp_path / "scratch")
    said = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    failed = [("nothing", "nothing", "no content (null)"), ("blank", "blank", "the file is empty")]
    assert f"failed: {failed}" in said.stdout
    assert "refused: 'panel' is no record table" in said.stdout
    cli("run", *files, "-o", tmp_path / "local", "--format", "parquet")
    for name in ("metrics", "panel"):
        rows = records(tmp_path / name)
        assert rows
        assert rows == records(tmp_path / "local" / f"{name}.parquet")

    log = tmp_path / "run.log"
    arguments = ["table.parquet", "-o", "out", "--quiet"]
    (tmp_path / "out" / "metrics").mkdir(parents=True)
    (tmp_path / "out" / "metrics" / "old.parquet").touch()
    (tmp_path / "out" / "mine.txt").touch()
    for words, code in (([], 2), (["--force"], 1)):
        run = spark_run(*arguments, *words, master="local[1]", folder=tmp_path, env=env, log=log)
        try:
            assert run.wait(timeout=120) == code, log.read_text(errors="replace")
        finally:
            end(run)
        assert ("out is not empty; give another folder, or --force" in log.read_text(errors="replace")) == (code == 2)
    assert (tmp_path / "out" / "mine.txt").exists(), "--force takes away what a run wrote, and nothing else"
    assert records(tmp_path / "out" / "metrics") == records(tmp_path / "metrics")
    assert records(tmp_path / "out" / "panel") == records(tmp_path / "panel")
    assert [row["doc_id"] for row in records(tmp_path / "out" / "failures")] == ["blank", "nothing"]


REFUSED = """
from extract.pipeline import Extractor
from extract.run import Options
from extract.spark import SparkError, run_spark
from extract.spark.session import start

session = start("local[1]", {"spark.ui.enabled": "false"}, quiet=True)
extractor = Extractor()
for source in ("nowhere", "bare", "wrong.parquet", "twice.parquet"):
    try:
        run_spark(session, source, "out", extractor, options=Options([]))
    except SparkError as error:
        print(error)
"""


@pytest.mark.slow
@has_spark
@has_java
def test_inputs_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    """No such path, nothing to read, a table of other columns, ids that are not unique: errors that name it."""
    parquet = importlib.import_module("pyarrow.parquet")
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "notes.csv").write_text("a,b\n", encoding="utf-8")
    parquet.write_table(pa.table({"name": ["a"]}), tmp_path / "wrong.parquet")
    parquet.write_table(pa.table({"doc_id": ["a", "a"], "text": ["收入1万元"] * 2}), tmp_path / "twice.parquet")
    env = environment(tmp_path / "scratch")
    said = subprocess.run([sys.executable, "-c", REFUSED], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    words = ("nowhere: ", "bare: no file to read", "wrong.parquet: a table of documents has", "doc_id 'a' stands twice")
    assert len(lines) == len(words)
    assert [word for word, line in zip(words, lines, strict=True) if word not in line] == []
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@has_spark
@has_java
def test_a_file_that_the_storage_does_not_give_is_a_failure(root: Path, tmp_path: Path) -> None:
    """A damaged block ends no job and is not lost in silence: the file is a row of `failures`."""
    report = next((root / "corpus" / "reports").glob("*.txt"))
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in").mkdir(exist_ok=True)
        shutil.copy(report, tmp_path / "in" / name)
    (tmp_path / "in" / ".b.txt.crc").write_bytes(b"crc\0\0\0\x02\0" + bytes(64))  # Hadoop's checksums, wrong ones
    log = tmp_path / "run.log"
    run = spark_run(
        "in/*.txt", "out", master="local[1]", folder=tmp_path, env=environment(tmp_path / "scratch"), log=log
    )
    try:
        assert run.wait(timeout=120) == 1, log.read_text(errors="replace")
    finally:
        end(run)
    assert [row["path"] for row in records(tmp_path / "out" / "documents")] == ["in/a.txt"]
    [failure] = records(tmp_path / "out" / "failures")
    assert failure == {"doc_id": "b", "path": "in/b.txt", "reason": "the storage did not give its bytes"}
