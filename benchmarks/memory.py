"""How much memory a run takes, and whether it grows with the number of documents.

    python benchmarks/memory.py [FOLDER] [N ...]

Copies the reports of FOLDER (by default `corpus/reports`), each with a different number in it, until there are N (by
default 1,000 and then 5,000) and reads them with `extract run`, in a process of its own. Printed are the peak of
the process that leads and of the largest worker, in MB, and the time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from extract.source import decode_text

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import resource, sys
from extract.cli import main
try:
    main(["run", sys.argv[1], "-o", sys.argv[2], "--quiet"])
except SystemExit as end:
    assert not end.code, end.code
print(*(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


def measure(reports: list[Path], count: int) -> tuple[float, float, float]:
    """Peak of the leading process and of the largest worker in MB, and seconds, for so many documents."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "in")
        folder.mkdir()
        for number, path in zip(range(count), cycle(reports), strict=False):
            text = decode_text(path.read_bytes())[0]
            (folder / f"{number:06}_{path.name}").write_text(f"{text}\n编号{number}。\n", encoding="utf-8")
        start = time.perf_counter()
        call = [sys.executable, "-c", CODE, str(folder), str(Path(name, "out"))]
        said = subprocess.run(call, capture_output=True, check=True, encoding="utf-8").stdout.split()
        seconds = time.perf_counter() - start
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return int(said[0]) / unit, int(said[1]) / unit, seconds


def main(arguments: list[str]) -> None:
    """Measure and print."""
    folders = [Path(argument) for argument in arguments if not argument.isdecimal()]
    counts = [int(argument) for argument in arguments if argument.isdecimal()] or [1_000, 5_000]
    reports = sorted((folders or [ROOT / "corpus" / "reports"])[0].glob("*.txt"))
    if not reports:
        sys.exit(f"{folders[0]}: no *.txt files; name a folder of reports")
    sys.stdout.write(f"{'documents':>10}{'leader MB':>12}{'worker MB':>12}{'seconds':>10}\n")
    for count in counts:
        leader, worker, seconds = measure(reports, count)
        sys.stdout.write(f"{count:10,}{leader:12.0f}{worker:12.0f}{seconds:10.1f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
