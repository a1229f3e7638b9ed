"""Memory and time of a run over many documents, written to several formats.

    python benchmarks/exports.py                                     5,000 documents to Parquet and SQLite
    python benchmarks/exports.py --documents 1000 --format xlsx

The documents are the reports of corpus/, each copied under many names. `extract run` is called in a process of its
own, and the most memory (resident set) that it and its workers each had is printed, in MB. The exit code is 1 where
that is more than `--limit`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CALL = """
import resource, sys
from extract.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(own, workers)
sys.exit(code)
"""


def copies(folder: Path, count: int) -> None:
    """Fill a folder with `count` reports."""
    reports = sorted((ROOT / "corpus" / "reports").glob("*.txt"))
    for number in range(count):
        source = reports[number % len(reports)]
        (folder / f"{source.stem}_{number:06}.txt").write_bytes(source.read_bytes())


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--format", default="parquet,sqlite")
    parser.add_argument("--limit", type=float, default=300.0, help="MB that are allowed")
    options = parser.parse_args()
    megabyte = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, kilobytes elsewhere
    megabyte *= 1024 if sys.platform == "darwin" else 1
    with tempfile.TemporaryDirectory() as name:
        (folder := Path(name) / "in").mkdir()
        copies(folder, options.documents)
        call = [sys.executable, "-c", CALL, "run", str(folder), "-o", f"{name}/out", "--format", options.format]
        start = time.perf_counter()
        done = subprocess.run(
            [*call, "--quiet"], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.stderr.write(done.stderr)
            return done.returncode
        own, workers = (int(word) / megabyte for word in done.stdout.split())
        size = sum(path.stat().st_size for path in Path(name, "out").iterdir()) / 2**20
    sys.stdout.write(
        f"{options.documents:,} documents to json,csv,{options.format}: {seconds:.0f} s, {size:.0f} MB written\n"
        f"most memory: {own:.0f} MB in the process, {workers:.0f} MB in a worker (limit {options.limit:.0f})\n"
    )
    return int(max(own, workers) > options.limit)


if __name__ == "__main__":
    sys.exit(main())
