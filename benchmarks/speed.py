"""How fast the whole job is, beside `jieba.lcut` over the same text, in one process.

    python benchmarks/speed.py [FOLDER]

FOLDER holds `*.txt` reports; without it `../shared/seeds` is read where it exists, else `corpus/reports`. The whole job
is what `extract run` does: decode the bytes, read all records, write JSON, tables and manifest to a folder. Loading
(imports, dictionaries, patterns) is measured apart. Each figure is the best of several rounds, which alternate.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from extract.source import decode

ROUNDS = 7
ROOT = Path(__file__).resolve().parents[1]


def seconds(job: Callable[[], object]) -> float:
    """The time one call takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def folder_of_reports(arguments: list[str]) -> Path:
    """The folder named on the command line, or the first of the usual ones that exists."""
    usual = [ROOT.parent / "shared" / "seeds", ROOT / "corpus" / "reports"]
    folders = [Path(argument) for argument in arguments] or usual
    return next((folder for folder in folders if any(folder.glob("*.txt"))), folders[-1])


def load_extract() -> Callable[[Path, Path], object]:
    """Import the extractor, build it and read a sentence; gives the whole job as a function of two folders."""
    from extract.pipeline import Extractor
    from extract.run import Options, find_inputs, run

    extractor = Extractor()
    extractor.read_text("一、收入\n2023年城镇新增就业1.07万人，完成年度任务的130%。")

    def whole_job(folder: Path, out: Path) -> object:
        inputs, _ = find_inputs([str(folder)], out=out)
        return run(inputs, out, extractor, options=Options(patterns=[]), force=True)

    return whole_job


def load_jieba() -> Callable[[str], list[str]]:
    """Import jieba and its dictionary; gives its cutter."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut


def main(arguments: list[str]) -> None:
    """Measure and print."""
    folder = folder_of_reports(arguments)
    texts = [decode(path.read_bytes()).text for path in sorted(folder.glob("*.txt"))]
    characters = sum(map(len, texts))
    if not characters:
        sys.exit(f"{folder}: no *.txt files; name a folder of reports")

    start = time.perf_counter()
    whole_job = load_extract()
    load_ours = time.perf_counter() - start
    start = time.perf_counter()
    cut = load_jieba()
    load_theirs = time.perf_counter() - start

    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as out:
        for _ in range(ROUNDS):
            theirs.append(seconds(lambda: [cut(text) for text in texts]))
            ours.append(seconds(lambda: whole_job(folder, Path(out))))
    help_call = [sys.executable, "-c", "from extract.cli import main; main(['--help'])"]
    help_time = min(seconds(lambda: subprocess.run(help_call, capture_output=True, check=True)) for _ in range(ROUNDS))

    def line(name: str, taken: float) -> str:
        return f"{name:32}{taken:8.3f} s{characters / taken:14,.0f} characters/s\n"

    sys.stdout.write(f"{folder.name}: {len(texts)} reports, {characters:,} characters, best of {ROUNDS}\n")
    sys.stdout.write(line("jieba.lcut", min(theirs)))
    sys.stdout.write(line("extract run, the whole job", min(ours)))
    sys.stdout.write(f"{'as fast as jieba.lcut':32}{min(theirs) / min(ours):8.2f} times\n")
    sys.stdout.write(f"{'loading: jieba':32}{load_theirs:8.3f} s\n{'loading: extract':32}{load_ours:8.3f} s\n")
    sys.stdout.write(f"{'extract --help':32}{help_time:8.3f} s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
