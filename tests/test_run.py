"""A run that loses nothing: workers that die, limits, a full disk, kill -9, and going on where it was."""

from __future__ import annotations

import errno
import faulthandler
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from extract import run as run_module
from extract.pipeline import Extractor
from extract.records import Report
from extract.source import Source

Cli = Callable[..., Result]
forks = pytest.mark.skipif(sys.platform != "linux", reason="what a test changes reaches workers only where they fork")


def make(folder: Path, *names: str, text: str = "收入12万元。") -> Path:
    """A folder with some small reports."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.stem}{text}", encoding="utf-8")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest(out: Path) -> dict[str, list[dict[str, str]]]:
    """What run.json says."""
    said: dict[str, list[dict[str, str]]] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return said


def failing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen while the document `b` is being read."""
    whole = Extractor.read

    def read(self: Extractor, source: Source, *, doc_id: str) -> Report:
        if doc_id == "b":
            act()
        return whole(self, source, doc_id=doc_id)

    monkeypatch.setattr(Extractor, "read", read)


def test_any_number_of_workers_writes_the_same(cli: Cli, tmp_path: Path, root: Path) -> None:
    """One worker, three, or none but the process itself: the same bytes."""
    folder = root / "corpus" / "reports"
    for workers in (1, 3):
        assert cli("run", folder, "-o", tmp_path / str(workers), "--workers", workers).exit_code == 0
    inputs, _ = run_module.find_inputs([str(folder)], out=tmp_path / "0")
    options = run_module.Options([])
    run_module.run(inputs, tmp_path / "0", Extractor(), options=options, workers=0)
    assert files(tmp_path / "1") == files(tmp_path / "3") == files(tmp_path / "0")
    assert len(files(tmp_path / "0")) > len(inputs)


@forks
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: (faulthandler.disable(), os.kill(os.getpid(), signal.SIGSEGV)), "ended by SIGSEGV"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "for want of memory"),
        (lambda: os._exit(3), "exit code 3"),
        (lambda: bytearray(1 << 36), "more memory than one document may take"),
        (lambda: sys.exit("no"), "SystemExit: no"),
    ],
    ids=["crash", "killed", "exit", "memory", "SystemExit"],
)
def test_a_worker_that_dies_costs_one_document(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, act: Callable[[], None], says: str
) -> None:
    """Whatever happens to a worker, its document is named with the reason and the others are written."""
    folder = make(tmp_path / "in", "a.txt", "b.txt", "c.txt", "d.txt")
    failing(monkeypatch, act)
    result = cli("run", folder, "-o", tmp_path / "out", "--workers", workers)
    assert result.exit_code == 1
    said = manifest(tmp_path / "out")
    assert [entry["doc_id"] for entry in said["inputs"]] == ["a", "c", "d"]
    (failure,) = said["failures"]
    assert failure["doc_id"] == "b"
    assert says in failure["reason"]


@forks
def test_time_limit(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that takes too long is ended and named; the next run tries it again and keeps the others."""
    folder = make(tmp_path / "in", "a.txt", "b.txt", "c.txt")
    failing(monkeypatch, lambda: time.sleep(60))
    start = time.monotonic()
    assert cli("run", folder, "-o", tmp_path / "out", "--time-limit", "0.5").exit_code == 1
    assert time.monotonic() - start < 20
    said = manifest(tmp_path / "out")
    assert "took longer than 0.5 seconds; raise --time-limit" in said["failures"][0]["reason"]
    assert said["options"]["time_limit"] == 0.5  # type: ignore[call-overload]
    monkeypatch.undo()
    result = cli("run", folder, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert "2 unchanged" in result.stderr


def test_size_limit(cli: Cli, tmp_path: Path) -> None:
    """A file above the limit is named with its size and is not read; the limit stands in the manifest."""
    folder = make(tmp_path / "in", "a.txt", "b.txt", text="收入12万元。" * 100)
    (folder / "a.txt").write_text("收入1万元。", encoding="utf-8")
    assert cli("run", folder, "-o", tmp_path / "out", "--size-limit", "0.001").exit_code == 1
    said = manifest(tmp_path / "out")
    assert [entry["doc_id"] for entry in said["inputs"]] == ["a"]
    assert "the limit is 1,000; raise --size-limit" in said["failures"][0]["reason"]
    assert said["options"]["size_limit"] == 1000  # type: ignore[call-overload]


def test_a_second_run_reads_only_what_changed(cli: Cli, tmp_path: Path) -> None:
    """What is finished and unchanged is not read again, and the output is that of one undisturbed run."""
    folder = make(tmp_path / "in", "a.txt", "b.txt", "c.txt")
    out = tmp_path / "out"
    assert "unchanged" not in cli("run", folder, "-o", out).stderr
    first = files(out)
    assert "3 documents" in (said := cli("run", folder, "-o", out).stderr)
    assert "3 unchanged" in said
    assert files(out) == first
    make(folder, "b.txt", text="支出34万元。")
    make(folder, "d.txt")
    assert "2 unchanged" in cli("run", folder, "-o", out).stderr
    cli("run", folder, "-o", tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")
    assert "unchanged" not in cli("run", folder, "-o", out, "--force").stderr


@pytest.mark.parametrize("spoil", ["delete", "cut", "edit"])
def test_spoiled_output_is_written_anew(cli: Cli, tmp_path: Path, spoil: str) -> None:
    """A document whose file is gone, cut or edited is read again."""
    folder = make(tmp_path / "in", "a.txt", "b.html", text="<html><p>收入12万元。</p></html>")
    (folder / "b.html").write_text("<html><body><p>收入12万元。</p></body></html>", encoding="utf-8")
    out = tmp_path / "out"
    cli("run", folder, "-o", out)
    first = files(out)
    for name in ("a.json", "b.txt"):
        if spoil == "delete":
            (out / name).unlink()
        else:
            (out / name).write_bytes(first[name][:-9] if spoil == "cut" else first[name].replace(b"1", b"2"))
    assert "unchanged" not in cli("run", folder, "-o", out).stderr
    assert files(out) == first


def test_other_patterns_read_all_again(cli: Cli, tmp_path: Path) -> None:
    """A change of the grammar makes everything that was read with the old one unfinished."""
    folder = make(tmp_path / "in", "a.txt")
    (tmp_path / "mine" / "lexicon").mkdir(parents=True)
    header = "id,name_zh,aliases,kind,unit,direction,group,note\n"
    (tmp_path / "mine" / "lexicon" / "indicators.csv").write_text(header + "my.x,窗口办件量,,count,件,up,service,\n")
    cli("run", folder, "-o", tmp_path / "out")
    again = cli("run", folder, "-o", tmp_path / "out", "--patterns", tmp_path / "mine")
    assert again.exit_code == 0, again.output
    assert "unchanged" not in again.stderr


def test_journal_of_a_killed_run(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was cut off goes on from its journal, even if the last line is torn; nothing of it is left."""
    folder = make(tmp_path / "in", "a.txt", "b.txt", "c.txt")
    out = tmp_path / "out"
    whole = Extractor.read

    def read(self: Extractor, source: Source, *, doc_id: str) -> Report:
        if doc_id == "c":
            raise KeyboardInterrupt
        return whole(self, source, doc_id=doc_id)

    with monkeypatch.context() as context:
        context.setattr(Extractor, "read", read)
        assert cli("run", folder, "-o", out, "--workers", 1).exit_code == 130
    journal = out / ".extract" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-30])
    (out / ".extract" / "draft-1").write_bytes(b"{")
    assert "1 unchanged" in cli("run", folder, "-o", out).stderr
    cli("run", folder, "-o", tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")


@forks
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_full_disk(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """When nothing more can be written the run stops and says so; with room again, the same command finishes it."""
    folder = make(tmp_path / "in", *(f"{name}.txt" for name in "abcdef"))
    out = tmp_path / "out"
    calls = iter(range(100))

    def full(_: int) -> None:
        if next(calls) >= 3:
            raise OSError(number, os.strerror(number))

    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full)
        result = cli("run", folder, "-o", out, "--workers", 1)
    assert result.exit_code == 1
    assert os.strerror(number) in result.stderr
    assert "same command again" in result.stderr
    assert not (out / "run.json").exists()
    assert "3 unchanged" in cli("run", folder, "-o", out).stderr
    cli("run", folder, "-o", tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")


@forks
def test_two_runs_into_one_folder(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run writes into a folder, a second one is refused."""
    import fcntl

    monkeypatch.setattr("extract.journal._PATIENCE", 0.1)
    folder = make(tmp_path / "in", "a.txt")
    (tmp_path / "out" / ".extract").mkdir(parents=True)
    with (tmp_path / "out" / ".extract" / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = cli("run", folder, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "another run is writing" in result.stderr
    assert cli("run", folder, "-o", tmp_path / "out").exit_code == 0


def test_inputs_in_the_output_folder_are_refused(cli: Cli, tmp_path: Path) -> None:
    """Where the output could overwrite an input, nothing is written."""
    folder = make(tmp_path, "a.txt")
    before = files(folder)
    result = cli("run", folder / "a.txt", "-o", folder)
    assert result.exit_code == 2
    assert "output folder" in result.stderr
    assert files(folder) == before


def start_run(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start `extract run` with two workers, in a process group of its own."""
    code = f"from extract.cli import main; main(['run', {str(folder)!r}, '-o', {str(out)!r}, '--workers', '2'])"
    env = {**os.environ, "PYTHONPATH": str(Path(run_module.__file__).parents[1])}
    call = [sys.executable, "-c", code]
    return subprocess.Popen(call, env=env, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.slow
@forks
def test_fifty_kills(tmp_path: Path, root: Path) -> None:
    """Killed fifty times at random moments, a run leaves whole files only, and ends as an undisturbed one does."""
    folder, out, fresh = tmp_path / "in", tmp_path / "out", tmp_path / "fresh"
    folder.mkdir()
    for copy in range(12):
        for path in sorted((root / "corpus" / "reports").glob("*.txt")):
            shutil.copy(path, folder / f"{copy}_{path.name}")
    assert start_run(folder, fresh).wait(120) == 0
    wanted = files(fresh)
    kills = ended = 0
    chance = random.Random(6)
    while kills < 50:
        process = start_run(folder, out)
        try:
            process.wait(0.3 + chance.random() * 0.7)
            ended += 1
            assert files(out) == wanted
            shutil.rmtree(out)
        except subprocess.TimeoutExpired:
            if kills % 2:  # the parent alone, or all of them at once
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
        for name, data in files(out).items() if out.exists() else ():
            assert name.startswith(".extract/") or data == wanted[name], name
    assert start_run(folder, out).wait(120) == 0
    assert files(out) == wanted
    assert ended < 25, "most kills are to hit a run at work"
