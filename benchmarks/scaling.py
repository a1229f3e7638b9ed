"""How time and memory grow: with the length of one document, with the number of documents, with the workers.

    python benchmarks/scaling.py [--quick] [--only length|documents|workers]

The reports are made by `synthetic.py`. Every measurement is a run in a process of its own that has loaded before its
time is taken; MB are 10⁶ bytes of UTF-8, memory is the peak of the resident set of the process that leads and of the
largest worker. Short runs are the best of several. The exponent is the slope of time over length, both as logarithms,
by least squares: 1 is linear; lengths below 100 kB are left out of it, for there the run around the document counts.
The run with most workers must write the same bytes as the run with one; the exit code is 1 where it does not.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measure import Run, cores, run_apart
from synthetic import Maker, read_material, write_reports

PARTS: Final = ("length", "documents", "workers")
LENGTHS: Final = (10_000, 100_000, 1_000_000, 3_000_000, 10_000_000)  # bytes
FITTED: Final = 100_000
BYTES_A_CHARACTER: Final = 2.25  # of made reports: digits and tables count
LONG: Final = 0.5  # seconds of processor; shorter runs wait for the disk too
DISTURBED: Final = 1.2
DOCUMENTS: Final = (10, 100, 1_000)
CHARACTERS: Final = 3_000  # of each of them
SHARED: Final = 120  # documents, of usual lengths, for the workers
QUICK_LENGTHS: Final = (10_000, 100_000, 300_000)
QUICK_DOCUMENTS: Final = (4, 16)
QUICK_SHARED: Final = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: how many bytes, documents or workers, bytes of text in all, and the run."""

    at: int
    size: int
    run: Run


@dataclass(frozen=True, slots=True)
class Workers:
    """Runs over the same documents with more and more workers, and whether all wrote the same bytes."""

    documents: int
    points: tuple[Point, ...]
    identical: bool

    def speed_up(self, point: Point) -> float:
        """How many times as fast as one worker."""
        return self.points[0].run.seconds / point.run.seconds


def over_length(lengths: Sequence[int], *, rounds: int) -> list[Point]:
    """One document of each length in bytes; those over a MB are read once."""
    points = []
    for length in lengths:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "in")
            folder.mkdir()
            text = Maker(read_material()).report(round(length / BYTES_A_CHARACTER))
            size = (folder / "report.txt").write_bytes(text.encode())
            run = run_apart(folder, Path(name, "out"), rounds=rounds if length <= 1_000_000 else 1)
            points.append(Point(length, size, run))
    return points


def exponent(points: Sequence[Point], *, least: int = FITTED) -> float:
    """The slope of log(seconds) over log(bytes), from the points of at least `least` bytes; NaN for fewer than two."""
    long = [(math.log(point.size), math.log(point.run.seconds)) for point in points if point.at >= least]
    if len(long) < 2:
        return math.nan
    middle = sum(size for size, _ in long) / len(long)
    return sum((size - middle) * time for size, time in long) / sum((size - middle) ** 2 for size, _ in long)


def over_documents(counts: Sequence[int]) -> list[Point]:
    """So many short documents, one worker."""
    points = []
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            size = write_reports(Path(name, "in"), count, characters=CHARACTERS)
            points.append(Point(count, size, run_apart(Path(name, "in"), Path(name, "out"))))
    return points


def over_workers(counts: Sequence[int], documents: int, *, rounds: int) -> Workers:
    """The same documents with each number of workers."""
    points, outputs = [], set()
    with tempfile.TemporaryDirectory() as name:
        size = write_reports(Path(name, "in"), documents)
        for count in counts:
            out = Path(name, f"out{count}")
            points.append(Point(count, size, run_apart(Path(name, "in"), out, workers=count, rounds=rounds)))
            outputs.add(digest(out))
    return Workers(documents, tuple(points), len(outputs) == 1)


def disturbed(points: Sequence[Point]) -> bool:
    """Whether a run with one worker waited long for the processor: other programs were running, times are too long."""
    runs = [point.run for point in points if point.run.processor > LONG]
    return any(run.seconds > DISTURBED * run.processor for run in runs)


def digest(folder: Path) -> str:
    """A digest of the names and bytes of all files in a folder that are part of the output."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not name.parts[0].startswith("."):  # what a run notes for itself
            total.update(f"{name.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def worker_counts() -> list[int]:
    """1, 2, 4 … up to the cores there are, those included."""
    counts = [1]
    while counts[-1] * 2 <= cores():
        counts.append(counts[-1] * 2)
    return counts if counts[-1] == cores() else [*counts, cores()]


def length_curve(*, quick: bool) -> list[Point]:
    """The curve over the length of one document."""
    return over_length(QUICK_LENGTHS if quick else LENGTHS, rounds=1 if quick else 5)


def document_curve(*, quick: bool) -> list[Point]:
    """The curve over the number of documents."""
    return over_documents(QUICK_DOCUMENTS if quick else DOCUMENTS)


def worker_curve(*, quick: bool) -> Workers:
    """The curve over the number of workers."""
    return over_workers(worker_counts(), QUICK_SHARED if quick else SHARED, rounds=1 if quick else 3)


def show(title: str, points: Sequence[Point]) -> str:
    """A curve as lines of text."""
    said = f"{title:>12}{'MB':>8}{'s':>9}{'MB/s':>8}{'leader MB':>11}{'worker MB':>11}\n"
    for point in points:
        size, run = point.size / 1e6, point.run
        said += f"{point.at:12,}{size:8.2f}{run.seconds:9.3f}{size / run.seconds:8.2f}"
        said += f"{run.leader:11.0f}{run.worker:11.0f}\n"
    return said


def warn(points: Sequence[Point]) -> None:
    """Say on stderr that the machine was busy, where it was."""
    if disturbed(points):
        sys.stderr.write(
            "other programs were running: the times are too long; measure again when the machine is idle\n"
        )


def main() -> int:
    """Measure and print; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--only", choices=PARTS, action="append", help="this curve; may be given again")
    options = parser.parse_args()
    parts = options.only or PARTS
    if "length" in parts:
        points = length_curve(quick=options.quick)
        warn(points)
        sys.stdout.write(show("bytes", points) + f"time grows with length to the power of {exponent(points):.2f}\n\n")
    if "documents" in parts:
        sys.stdout.write(show("documents", document_curve(quick=options.quick)) + "\n")
    if "workers" not in parts:
        return 0
    found = worker_curve(quick=options.quick)
    sys.stdout.write(show("workers", found.points))
    for point in found.points[1:]:
        sys.stdout.write(f"{point.at} workers: {found.speed_up(point):.2f} times as fast as one\n")
    sys.stdout.write(f"the same bytes with any number of workers: {'yes' if found.identical else 'NO'}\n")
    return 0 if found.identical else 1


if __name__ == "__main__":
    sys.exit(main())
