"""The command line: what it finds, writes, says and answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from extract import __version__, run
from extract.output_tables import TABLES
from extract.pipeline import Extractor
from extract.records import Report
from extract.run import STDIN, UsageError, find_inputs
from extract.section_model import load_model
from extract.source import Source

Cli = Callable[..., Result]

HEAVY = ("lxml", "pdfplumber", "xlrd", "spacy", "sklearn", "rjieba", "jieba", "numpy", "charset_normalizer", "tqdm")


def make(folder: Path, *names: str, text: str = "收入12万元。") -> Path:
    """A folder with some small reports."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder, hidden ones and subfolders too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest(out: Path) -> dict[str, object]:
    """What run.json says."""
    read: dict[str, object] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return read


def environment(**more: str) -> dict[str, str]:
    """An environment in which Python finds this package."""
    return {**os.environ, "PYTHONPATH": str(Path(run.__file__).parents[1]), "PYTHONIOENCODING": "utf-8", **more}


def python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python anew, with this package on its path."""
    call, env = [sys.executable, *arguments], environment(**more)
    return subprocess.run(call, capture_output=True, encoding="utf-8", env=env, timeout=120, check=False)


def test_run_writes_documents_tables_and_manifest(cli: Cli, tmp_path: Path, report: str) -> None:
    """A run over a folder writes one JSON a report, all tables and the manifest, and nothing else."""
    folder = make(tmp_path / "in", "甲.txt", "deep/er/乙.md", text=report)
    result = cli("run", folder, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    tables = {f"{name}.csv" for name in (*TABLES, "codebook")} | {"datapackage.json"}
    assert set(files(tmp_path / "out")) == {"甲.json", "乙.json", "run.json", *tables}
    document = json.loads((tmp_path / "out" / "甲.json").read_text(encoding="utf-8"))
    assert document["doc_id"] == "甲"
    assert document["source"]["chars"] == len(report)
    assert "2 documents" in result.stderr
    assert result.stdout == ""


def test_manifest(cli: Cli, tmp_path: Path) -> None:
    """The manifest names version, patterns, options, inputs, counts, failures and what was skipped."""
    folder = make(tmp_path / "in", "a.txt", "notes.log", "data.json")
    (folder / "empty.txt").write_bytes(b"")
    result = cli("run", folder, "-o", tmp_path / "out")
    assert result.exit_code == 1
    said = manifest(tmp_path / "out")
    assert said["version"] == __version__
    assert said["patterns"] == Extractor().pack.digest
    options = {"patterns": [], "models": None, "lang": "zh", "formats": ["json", "csv"]}
    assert said["options"] == options | {"size_limit": 100_000_000, "time_limit": 300.0}
    assert said["model"] == load_model().digest
    assert [entry["doc_id"] for entry in said["inputs"]] == ["a"]  # type: ignore[attr-defined]
    assert said["inputs"][0].keys() >= {"path", "sha256", "encoding", "chars"}  # type: ignore[index]
    (failure,) = said["failures"]  # type: ignore[misc]
    assert failure["path"].endswith("empty.txt")  # type: ignore[has-type]
    assert "empty" in failure["reason"]  # type: ignore[has-type]
    assert [Path(path).name for path in said["skipped"]] == ["data.json", "notes.log"]  # type: ignore[attr-defined]
    assert "1 failed" in result.stderr
    assert "2 other files skipped" in result.stderr


def test_a_named_file_that_is_no_text_fails_with_its_reason(cli: Cli, tmp_path: Path) -> None:
    """A binary file named explicitly is a failure in the manifest, whatever its suffix; the others are written."""
    folder = make(tmp_path / "in", "a.txt")
    (folder / "core.bin").write_bytes(bytes(range(256)) * 4)
    result = cli("run", folder, folder / "core.bin", "-o", tmp_path / "out")
    assert result.exit_code == 1
    (failure,) = manifest(tmp_path / "out")["failures"]  # type: ignore[misc]
    assert "binary" in failure["reason"]  # type: ignore[has-type]
    assert (tmp_path / "out" / "a.json").exists()


def test_one_bad_document_never_stops_the_run(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody foresaw is a failure of its document, with class and message, and leaves no file of it."""
    folder = make(tmp_path / "in", "a.txt", "b.txt", "c.txt")
    whole = Extractor.read

    def read(self: Extractor, source: Source, *, doc_id: str) -> Report:
        if doc_id == "b":
            raise RecursionError("too deep")
        return whole(self, source, doc_id=doc_id)

    cli("run", folder, "-o", tmp_path / "out")
    monkeypatch.setattr(Extractor, "read", read)
    result = cli("run", folder, "-o", tmp_path / "out", "--force")
    assert result.exit_code == 1
    (failure,) = manifest(tmp_path / "out")["failures"]  # type: ignore[misc]
    assert failure["reason"] == "RecursionError: too deep"  # type: ignore[has-type]
    written = {name for name in files(tmp_path / "out") if name.endswith(".json")}
    assert written == {"a.json", "c.json", "run.json", "datapackage.json"}


def test_interrupt_leaves_whole_files(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves the documents written so far, each whole, the journal, and no draft, table or manifest."""
    folder = make(tmp_path / "in", "a.txt", "b.txt")
    whole = Extractor.read

    def read(self: Extractor, source: Source, *, doc_id: str) -> Report:
        if doc_id == "b":
            raise KeyboardInterrupt
        return whole(self, source, doc_id=doc_id)

    monkeypatch.setattr(Extractor, "read", read)
    result = cli("run", folder, "-o", tmp_path / "out", "--workers", 1)
    assert result.exit_code == 130
    assert set(files(tmp_path / "out")) == {"a.json", ".extract/journal.jsonl", ".extract/lock"}
    assert "stopped" in result.stderr


def test_same_input_same_bytes(cli: Cli, tmp_path: Path, report: str) -> None:
    """Two runs write the same bytes, wherever they write them and in whatever order the arguments stand."""
    one, two = make(tmp_path / "one", "a.txt", "b.txt", text=report), make(tmp_path / "two", "a.txt", text=report * 2)
    cli("run", one, two, "-o", tmp_path / "out1")
    cli("run", two, one, two, "-o", tmp_path / "out2")
    assert files(tmp_path / "out1") == files(tmp_path / "out2")


def test_hash_seed_changes_nothing(tmp_path: Path, report: str) -> None:
    """Two processes with different hash seeds write the same bytes."""
    folder = make(tmp_path / "in", "a.txt", text=report)
    for seed in ("1", "2"):
        call = f"from extract.cli import main; main(['run', {str(folder)!r}, '-o', {str(tmp_path / seed)!r}])"
        assert python("-c", call, PYTHONHASHSEED=seed).returncode == 0
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_run_again_over_its_own_output(cli: Cli, tmp_path: Path) -> None:
    """The output folder may lie inside the input folder: a second run reads none of it."""
    folder = make(tmp_path, "a.txt", "b.md")
    cli("run", folder, "-o", folder / "out")
    first = files(folder / "out")
    (folder / "out" / "note.txt").write_text("收入1万元", encoding="utf-8")
    cli("run", folder, "-o", folder / "out")
    assert {**files(folder / "out"), "note.txt": b""} == {**first, "note.txt": b""}


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["a/x.txt", "b/x.txt"], ["x", "x-2"]),
        (["x.md", "x.txt", "x-2.txt"], ["x-2", "x", "x-3"]),
        (["a/x.txt", "b/x.txt", "c/x-2.txt"], ["x", "x-3", "x-2"]),
        (["a/x.txt", "b/X.txt"], ["x", "X-2"]),
        (["run.txt"], ["run-2"]),
        (["datapackage.txt"], ["datapackage-2"]),
        (["metrics.txt"], ["metrics"]),
        (["a.b.txt"], ["a.b"]),
        (["表" * 80 + ".txt"], ["表" * 66]),
    ],
)
def test_stems_that_meet(tmp_path: Path, names: list[str], ids: list[str]) -> None:
    """Documents of one stem get numbers by the order of their paths, past every stem that is there already."""
    make(tmp_path / "in", *names)
    inputs, _ = find_inputs([str(tmp_path / "in")], out=tmp_path / "out")
    by_path = {item.path: item.doc_id for item in inputs}
    assert [by_path[(tmp_path / "in" / name).as_posix()] for name in sorted(names)] == ids


def test_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders give files of known kinds, no hidden and README files; a file named twice is read once."""
    make(tmp_path, "in/a.TXT", "in/b.md", "in/c.jpeg", "in/.hidden.txt", "in/.git/d.txt", "in/deep/e.txt", "f.html")
    make(tmp_path, "in/README.md", "in/deep/readme.zh-CN.md", "in/old/of-another-run.txt")
    make(tmp_path, "in/old/run.json", text='{"version": "0.1.0", "schema_version": "1.0"}')
    make(tmp_path, "in/page-without-ending", text="<!DOCTYPE html><p>收入12万元。</p>")
    monkeypatch.chdir(tmp_path)
    inputs, skipped = find_inputs(["in", "f.html", "in/b.md", "./in", STDIN], out=tmp_path / "out")
    assert [item.path for item in inputs] == [
        "-", "f.html", "in/a.TXT", "in/b.md", "in/deep/e.txt", "in/page-without-ending",
    ]  # fmt: skip
    assert skipped == ["in/README.md", "in/c.jpeg", "in/deep/readme.zh-CN.md"]
    with pytest.raises(UsageError, match="no such file"):
        find_inputs(["nowhere"], out=tmp_path / "out")


def test_standard_input(cli: Cli, tmp_path: Path, report: str) -> None:
    """`-` reads one report from standard input, in any encoding."""
    result = cli("run", "-", "-o", tmp_path, stdin=report.encode("gb18030"))
    assert result.exit_code == 0, result.output
    source = json.loads((tmp_path / "stdin.json").read_text(encoding="utf-8"))["source"]
    assert (source["path"], source["encoding"], source["chars"]) == ("-", "gb18030", len(report))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nowhere.txt", "-o", "out"], "nowhere.txt: no such file or folder"),
        (["run", "in", "-o", "in/a.txt"], "is a file"),
        (["run", "bare", "-o", "out"], "no file to read"),
        (["run", "in"], "-o"),
        (["run", "-o", "out"], "PATH"),
        (["run", "in", "-o", "out", "--patterns", "nowhere"], "no such pattern folder"),
        (["run", "in", "-o", "out", "--patterns", "bad"], "unknown field `colour`"),
        (["run", "in", "-o", "out", "--format", "xml"], "'xml' is no format; use any of json, csv"),
        (["explain", "收入1万元", "--patterns", "bad"], "unknown field `colour`"),
        (["check", "nowhere"], "no such folder"),
        (["evaluate", "nowhere", "in/a.txt"], "no such folder"),
        (["evaluate", "in", "nowhere.json"], "no such gold file"),
        (["walk"], "No such command"),
    ],
)
def test_unusable_arguments(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    """Arguments that cannot be used end with 2 and a message that says what is wrong, and write nothing."""
    make(tmp_path, "in/a.txt")
    (tmp_path / "bare").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "mine.toml").write_text('schema = 1\nkind = "quantity"\nabout = "x"\ncolour = 1\n')
    monkeypatch.chdir(tmp_path)
    result = cli(*arguments)
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert not (tmp_path / "out").exists()


def test_quiet(cli: Cli, tmp_path: Path) -> None:
    """With --quiet a run that succeeds says nothing."""
    result = cli("run", make(tmp_path / "in", "a.txt"), "-o", tmp_path / "out", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_explain_as_json(cli: Cli) -> None:
    """`extract explain --json` prints the records of one sentence."""
    result = cli("explain", "收入总计12万元。", "--json")
    assert json.loads(result.stdout)["source"]["chars"] == 9


def test_evaluate(cli: Cli, tmp_path: Path, report: str) -> None:
    """`extract evaluate` prints the agreement of a run with gold."""
    cli("run", make(tmp_path / "in", "a.txt", text=report), "-o", tmp_path / "out")
    gold = {"doc": "a.txt", "ranges": [[0, len(report)]], "quantities": [], "entities": []}
    (tmp_path / "a.json").write_text(json.dumps(gold), encoding="utf-8")
    result = cli("evaluate", tmp_path / "out", tmp_path / "a.json")
    assert result.exit_code == 0, result.output
    assert "F1" in result.stdout


@pytest.mark.parametrize("command", ["run", "check", "explain", "evaluate"])
def test_help_teaches(cli: Cli, command: str) -> None:
    """Every command's help holds a sentence in Chinese and an example that names it."""
    text = cli(command, "--help").stdout
    assert f"extract {command} " in text.split("Example (例):")[1]
    assert any("\u4e00" <= character <= "\u9fff" for character in text.splitlines()[2])
    assert command in cli("--help").stdout


def test_version(cli: Cli) -> None:
    """`extract --version` says which version this is."""
    assert cli("--version").stdout.endswith(f" {__version__}\n")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check"]], ids=" ".join)
def test_heavy_packages_are_not_imported(arguments: list[str]) -> None:
    """Help and the check of patterns import none of the large packages; the check reads Chinese numerals with cn2an."""
    heavy = [name for name in HEAVY if arguments != ["check"] or name != "cn2an"]
    code = (
        "import sys\nfrom extract.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write('HEAVY ' + ' '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    result = python("-c", code)
    assert result.stderr.rpartition("HEAVY ")[1:] == ("HEAVY ", ""), result.stderr


def test_help_is_instant() -> None:
    """`extract --help` answers in less than 0.3 seconds."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert python("-c", "from extract.cli import main; main(['--help'])").returncode == 0
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_progress_bar_on_a_terminal(tmp_path: Path) -> None:
    """On a terminal a bar runs, and --quiet keeps it away."""
    import pty
    import termios

    make(tmp_path / "in", "a.txt", "b.txt")
    code = "from extract.cli import main; main()"
    call = [sys.executable, "-c", code, "run", str(tmp_path / "in"), "-o", str(tmp_path / "out")]

    def screen(*options: str) -> bytes:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        subprocess.run([*call, *options], stderr=theirs, check=True, timeout=60, env=environment())
        os.write(theirs, b"end")
        shown = b""
        while not shown.endswith(b"end"):
            shown += os.read(ours, 65536)
        os.close(theirs)
        os.close(ours)
        return shown

    assert b"/2 [" in screen()
    assert screen("--quiet") == b"end"
