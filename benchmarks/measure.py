"""What the benchmarks share: timing, a run in a process of its own with its peak of memory, what machine this is."""

from __future__ import annotations

import json
import logging
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from extract.source import decode

ROOT: Final = Path(__file__).resolve().parents[1]
ROUNDS: Final = 7
ONE: Final = "一、收入\n2023年城镇新增就业1.07万人，完成年度任务的130%，补贴资金3000万元。"  # loads what is loaded late
_RUN: Final = """
import json, resource, sys, time
from pathlib import Path
from extract.pipeline import Extractor
from extract.run import Options, find_inputs, run
folder, out, workers, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
extractor = Extractor()
extractor.read_text(sys.argv[5])
unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
def spent():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
taken = []
for _ in range(rounds):
    inputs, _ = find_inputs([folder], out=out)
    start, before = time.perf_counter(), spent()
    manifest = run(inputs, out, extractor, options=Options(patterns=[]), workers=workers, force=True)
    taken.append((time.perf_counter() - start, spent() - before))
    assert not manifest.failures, manifest.failures[0].reason
own, children = (resource.getrusage(who).ru_maxrss / unit for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({"seconds": min(taken)[0], "processor": min(taken)[1], "leader": own, "worker": children}))
"""


@dataclass(frozen=True, slots=True)
class Texts:
    """The reports of a folder, decoded."""

    folder: Path
    texts: tuple[str, ...]

    @property
    def characters(self) -> int:
        """Code points of all reports."""
        return sum(map(len, self.texts))

    @property
    def megabytes(self) -> float:
        """Size of all reports as UTF-8, in MB (10⁶ bytes)."""
        return sum(len(text.encode()) for text in self.texts) / 1e6


@dataclass(frozen=True, slots=True)
class Run:
    """A run in a process of its own: seconds without loading, seconds of processor, peaks of resident memory in MB."""

    seconds: float
    processor: float
    leader: float
    worker: float


def seconds(job: Callable[[], object]) -> float:
    """The time one call takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def alternately(jobs: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The best time of each job in so many rounds, all jobs in each round."""
    best = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for place, job in enumerate(jobs):
            best[place] = min(best[place], seconds(job))
    return best


def usual_folders() -> list[Path]:
    """Folders that are measured where none is named: reports from outside, where they are, and those of the corpus."""
    folders = [ROOT.parent / "shared" / "seeds", ROOT / "corpus" / "reports"]
    return [folder for folder in folders if any(folder.glob("*.txt"))]


def read_texts(folder: Path) -> Texts:
    """The `*.txt` reports of a folder. Ends the program where there are none."""
    texts = tuple(decode(path.read_bytes()).text for path in sorted(folder.glob("*.txt")))
    if not any(texts):
        sys.exit(f"{folder}: no *.txt files; name a folder of reports")
    return Texts(folder, texts)


def load_extract() -> Callable[[Path, Path], object]:
    """Import the extractor, build it and read a sentence; gives the whole job as a function of two folders."""
    from extract.pipeline import Extractor
    from extract.run import Options, find_inputs, run

    extractor = Extractor()
    extractor.read_text(ONE)

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


def run_apart(folder: Path, out: Path, *, workers: int = 1, rounds: int = 1) -> Run:
    """What `extract run` does with a folder, in a new process that has loaded before; the best of the rounds.

    Raises `RuntimeError` with what the process said, where a document could not be read.
    """
    call = [sys.executable, "-c", _RUN, str(folder), str(out), str(workers), str(rounds), ONE]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(call, capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONPATH": path})
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}")
    return Run(**json.loads(done.stdout))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def machine() -> str:
    """Processor, cores, memory, system and Python, in one line."""
    processor = platform.processor() or platform.machine()
    memory = ""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB of memory"
    return f"{processor}, {cores()} cores{memory}, {platform.system()}, Python {platform.python_version()}"


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of the packages that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
