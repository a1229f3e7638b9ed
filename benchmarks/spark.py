"""What a run on Spark costs beside a local one, for docs/spark.md.

    python benchmarks/spark.py [FOLDER] [N]

Copies the reports of FOLDER (by default `corpus/reports`), each with a different number in it, until there are N (by
default 2,000), and reads them with one worker, with two, and on Spark: a standalone master and two workers of one core
each, on loopback, as the tests start them; a tenth of the documents too, which tells the start-up from the work.
Printed are wall and processor seconds of all processes, documents an hour, the largest processes, and what the output
takes on disk. The rate for planning comes from processor time, which other work on the machine disturbs least.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from sparking import Cluster, spark_run  # noqa: E402

from extract.exports.writer import need  # noqa: E402
from extract.source import decode_text  # noqa: E402
from extract.spark import DocumentReader  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Processor time and largest size of some processes and all below them, taken from /proc while they run."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self.largest: dict[str, float] = {}

    def look(self, roots: set[int]) -> None:
        """Note what these processes and all below them have used so far."""
        found: dict[int, tuple[int, float, float, bytes]] = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdecimal():
                continue
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
                call = (folder / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            used = (int(words[11]) + int(words[12])) / TICKS
            found[int(folder.name)] = (int(words[1]), used, int(words[21]) * PAGE / 1e6, call)
        for pid, (_, used, megabytes, call) in found.items():
            above = pid
            while above in found and above not in roots:
                above = found[above][0]
            if above in roots:
                self._seconds[pid] = used
                name = kind(call)
                self.largest[name] = max(self.largest.get(name, 0), megabytes)

    @property
    def seconds(self) -> float:
        """Processor seconds of all processes seen."""
        return sum(self._seconds.values())


def kind(call: bytes) -> str:
    """What a process is, by its command line."""
    for word, name in (
        (b"CoarseGrainedExecutor", "executor"), (b"SparkSubmit", "driver (Java)"), (b"deploy.master", "master"),
        (b"deploy.worker", "worker"), (b"pyspark", "Python of the executor"), (b"spark-class", "shell"),
    ):  # fmt: skip
        if word in call:
            return name
    return "driver (Python)" if b"--engine" in call else "local"


def watched(start: Callable[[], subprocess.Popen[bytes]], roots: set[int]) -> tuple[float, Watch]:
    """Wall seconds of a run, and what its processes and those of the roots used."""
    idle, watch = Watch(), Watch()
    idle.look(roots)
    began = time.perf_counter()
    process = start()
    while process.poll() is None:
        watch.look({*roots, process.pid})
        time.sleep(0.1)
    seconds = time.perf_counter() - began
    watch.look(roots)
    if process.returncode:
        sys.exit(f"a run ended with {process.returncode}")
    for pid, before in idle._seconds.items():  # what master and workers had used before
        watch._seconds[pid] = watch._seconds.get(pid, before) - before
    return seconds, watch


def local_run(folder: Path, source: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    """A run without Spark that writes the same tables."""
    command = "from extract.cli import main; main()"
    words = ["run", str(source), "-o", str(out), "--format", "parquet", "--workers", str(workers), "--quiet"]
    return subprocess.Popen([sys.executable, "-c", command, *words], cwd=folder, start_new_session=True)


def copies(reports: list[Path], count: int, folder: Path) -> int:
    """Write so many documents, and give their size in bytes."""
    folder.mkdir()
    size = 0
    for number, path in zip(range(count), cycle(reports), strict=False):
        data = f"{decode_text(path.read_bytes())[0]}\n编号{number}。\n".encode()
        (folder / f"{number:06}_{path.name}").write_bytes(data)
        size += len(data)
    return size


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def staged(files: list[Path], folder: Path) -> float:
    """Bytes a document of the stage, `OUT/by_document`."""
    pa, parquet = (need(name, extra="spark", what="the benchmark") for name in ("pyarrow", "pyarrow.parquet"))
    given = pa.RecordBatch.from_pydict({"path": [str(f) for f in files], "content": [f.read_bytes() for f in files]})
    made = pa.Table.from_batches(DocumentReader()(iter([given])))
    parquet.write_table(made, folder / "stage.parquet", compression="zstd")
    return (folder / "stage.parquet").stat().st_size / len(files)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    write = sys.stdout.write
    folders = [Path(argument) for argument in arguments if not argument.isdecimal()]
    count = next((int(argument) for argument in arguments if argument.isdecimal()), 2_000)
    few = max(1, count // 10)
    reports = sorted((folders or [ROOT / "corpus" / "reports"])[0].glob("*.txt"))
    if not reports:
        sys.exit(f"{folders[0]}: no *.txt files; name a folder of reports")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = copies(reports, count, folder / "in")
        copies(reports, few, folder / "few")
        busy = os.getloadavg()[0]
        write(f"{count:,} documents, {size / 1e6:.1f} MB; load of the machine before: {busy:.1f}\n\n")
        write(f"{'run':<34}{'documents':>10}{'wall s':>9}{'CPU s':>9}{'documents/h':>13}\n")
        rates: dict[str, tuple[float, float]] = {}

        def show(what: str, documents: int, seconds: float, watch: Watch) -> None:
            rates[f"{what} {documents}"] = (seconds, watch.seconds)
            hourly = documents / seconds * 3600
            write(f"{what:<34}{documents:>10,}{seconds:>9.1f}{watch.seconds:>9.1f}{hourly:>13,.0f}\n")
            sys.stdout.flush()

        for workers in (1, 2):
            for documents, source in ((few, "few"), (count, "in")):
                out = folder / f"local{workers}{source}"
                seconds, watch = watched(lambda o=out, s=source, w=workers: local_run(folder, folder / s, o, w), set())
                show(f"local, {workers} worker{'s' * (workers > 1)}", documents, seconds, watch)
        (folder / "cluster").mkdir()
        with Cluster(folder / "cluster", java="") as cluster:
            roots = {process.pid for process in cluster.processes}
            for documents, source in ((few, "few"), (count, "in")):
                seconds, watch = watched(
                    lambda s=source: spark_run(
                        s, f"spark_{s}", "--quiet",
                        master=cluster.master, folder=folder, env=cluster.env, log=folder / "log",
                        memory="1g",
                    ),
                    roots,
                )  # fmt: skip
                show("Spark, 2 workers of 1 core", documents, seconds, watch)
        more = count - few
        write("\nbetween the two sizes, so without start-up:\n")
        for what in ("local, 1 worker", "local, 2 workers", "Spark, 2 workers of 1 core"):
            (wall_few, cpu_few), (wall, cpu) = rates[f"{what} {few}"], rates[f"{what} {count}"]
            each = (cpu - cpu_few) / more
            start = wall_few - (wall - wall_few) / more * few
            write(
                f"{what:<34}{each * 1e3:>7.1f} ms CPU a document: {3600 / each:>9,.0f} documents an hour and core;"
                f" wall {more / (wall - wall_few) * 3600:>9,.0f}; start-up {start:.0f} s\n"
            )
        write("\nlargest processes, MB: ")
        write(", ".join(f"{who} {megabytes:.0f}" for who, megabytes in sorted(watch.largest.items())) + "\n")
        write("\nbytes a document on disk (Parquet, zstd):\n")
        tables = {path.name: size_of(path) / count for path in (folder / "spark_in").iterdir() if path.is_dir()}
        sample = sorted((folder / "few").iterdir())
        tables |= {"input": size / count, "all of the output": sum(tables.values()), "stage": staged(sample, folder)}
        for what, number in tables.items():
            write(f"{what:<34}{number:>12,.0f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
