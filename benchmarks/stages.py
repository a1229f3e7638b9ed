"""Where the time of a run goes: milliseconds and share of every stage, in one process.

    python benchmarks/stages.py [FOLDER]

FOLDER holds `*.txt` reports; without it the folder of `speed.py` is read. A stage that calls another one is not charged
for it. Each round reads all reports; printed is the fastest of several. The timers themselves cost about a hundredth.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from measure import ROUNDS, load_extract, read_texts, usual_folders

#: a stage, and the functions that do it: module, then the name there
STAGES: Final = (
    ("read the bytes", ("extract.run:read_source",)),
    ("find tables", ("extract.pipeline:find_grids",)),
    ("outline: lines, headings, blocks", ("extract.pipeline:read_outline",)),
    ("types of sections", ("extract.pipeline:classify",)),
    ("view: blanks out, places kept", ("extract.pipeline:View", "extract.pipeline:TypedText")),
    ("dates", ("extract.pipeline:find_dates", "extract.pipeline:guess_year")),
    ("quantities", ("extract.quantities:QuantityFinder.find",)),
    ("read tables", ("extract.pipeline:Extractor._table",)),
    ("entities", ("extract.entities:EntityFinder.find",)),
    ("what blocks say of their figures", ("extract.pipeline:Extractor._block_infos",)),
    ("metrics: templates, names, roles", ("extract.metrics:MetricReader.read",)),
    ("the document", ("extract.document:DocumentReader.genre", "extract.document:DocumentReader.read")),
    ("records: offsets, ids, pairs, changes", ("extract.assemble:Assembler.report", "extract.pipeline:lay_in")),
    ("audit", ("extract.audit:Auditor.findings",)),
    ("JSON", ("extract.run:write_whole",)),
    ("rows of the tables, CSV", ("extract.exports.share:Sharer.pieces",)),
    ("tables laid together, panel", ("extract.exports:Exports.take", "extract.exports:Exports.finish")),
)
ELSE: Final = "all else"


class Clock:
    """Charges the time to the innermost stage that is running."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._running = [ELSE]
        self._since = time.perf_counter()

    def _charge(self) -> None:
        now = time.perf_counter()
        self.spent[self._running[-1]] += now - self._since
        self._since = now

    def restart(self) -> None:
        """Forget what was measured."""
        self.spent.clear()
        self._since = time.perf_counter()

    def stop(self) -> dict[str, float]:
        """Seconds of each stage since `restart`."""
        self._charge()
        return dict(self.spent)

    def timed(self, stage: str, function: Callable[..., Any], *, generates: bool) -> Callable[..., Any]:
        """The function, its time charged to the stage; what it generates is made at once."""

        def call(*arguments: Any, **named: Any) -> Any:
            self._charge()
            self._running.append(stage)
            try:
                made = function(*arguments, **named)
                return list(made) if generates else made
            finally:
                self._charge()
                self._running.pop()

        return call


def install(clock: Clock) -> None:
    """Put the clock around the functions of all stages, in this process."""
    for stage, places in STAGES:
        for place in places:
            module, _, name = place.partition(":")
            *owners, last = name.split(".")
            __import__(module)
            owner: Any = sys.modules[module]
            for one in owners:
                owner = getattr(owner, one)
            timed = clock.timed(stage, getattr(owner, last), generates=last == "pieces")
            setattr(owner, last, timed)


def measure(folder: Path, *, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each stage in the fastest of some rounds."""
    whole_job = load_extract()
    clock = Clock()
    install(clock)
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as out:
        for _ in range(rounds):
            clock.restart()
            whole_job(folder, Path(out))
            found.append(clock.stop())
    return min(found, key=lambda spent: sum(spent.values()))


def main(arguments: list[str]) -> None:
    """Measure and print."""
    texts = read_texts(Path(arguments[0]) if arguments else usual_folders()[0])  # says what to do where there are none
    spent = measure(texts.folder)
    whole = sum(spent.values())
    sys.stdout.write("| stage | ms | share |\n| --- | ---: | ---: |\n")
    for stage in (*(stage for stage, _ in STAGES), ELSE):
        seconds = spent.get(stage, 0.0)
        sys.stdout.write(f"| {stage} | {seconds * 1000:.1f} | {seconds / whole:.1%} |\n")
    sys.stdout.write(f"| all of it | {whole * 1000:.0f} | |\n")


if __name__ == "__main__":
    main(sys.argv[1:])
