"""The whole job beside other libraries that give a part of it, on the same text in one process.

    pip install -r benchmarks/requirements.txt
    python benchmarks/peers.py [FOLDER ...]

FOLDER holds `*.txt` reports; without it, those of `corpus/reports` and, where they are, of `../shared/seeds` are read.
JioNLP and Recognizers-Text read line by line, as they are made for, JioNLP without parsing, which is faster. Each
library reads a sentence first, to load; then all are measured in turn, and the best round counts. "Times" is how many
times as fast as it `extract run` is. A library that is not installed is named, and the others are measured.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measure import ONE, Texts, alternately, load_extract, load_jieba, read_texts, usual_folders

ROUNDS: Final = 3
JIEBA: Final = "jieba.lcut"
FOUR: Final = ("JioNLP money", "JioNLP time", "Recognizers-Text number", "Recognizers-Text percentage")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds of the whole job and of each library over one folder; `missing` libraries are not among them."""

    texts: Texts
    ours: float
    theirs: dict[str, float]
    missing: tuple[str, ...]

    @property
    def four(self) -> float | None:
        """Seconds of the four calls that give a part of the job, one after the other; None where one is missing."""
        return None if set(FOUR) - set(self.theirs) else sum(self.theirs[name] for name in FOUR)


def _rjieba() -> Callable[[str], object]:
    import rjieba

    cut: Callable[[str], object] = rjieba.cut
    return cut


def _jionlp(kind: str) -> Callable[[str], object]:
    with contextlib.redirect_stdout(io.StringIO()):  # it advertises itself
        import jionlp
    logging.disable(logging.ERROR)  # it logs what it cannot read, with tracebacks
    read = getattr(jionlp.ner, f"extract_{kind}")
    return lambda line: read(line, with_parsing=False)


def _recognizers(kind: str) -> Callable[[str], object]:
    import recognizers_number
    from recognizers_text import Culture

    read = getattr(recognizers_number, f"recognize_{kind}")
    return lambda line: read(line, Culture.Chinese)


LOADERS: Final[dict[str, Callable[[], Callable[[str], object]]]] = {
    JIEBA: load_jieba,
    "rjieba.cut": _rjieba,
    FOUR[0]: lambda: _jionlp("money"),
    FOUR[1]: lambda: _jionlp("time"),
    FOUR[2]: lambda: _recognizers("number"),
    FOUR[3]: lambda: _recognizers("percentage"),
}


def compare(texts: Texts, *, rounds: int = ROUNDS, peers: bool = True) -> Comparison:
    """Measure the whole job and the libraries over one folder, in turn; without `peers`, jieba alone."""
    lines = [line for text in texts.texts for line in text.splitlines() if line.strip()]
    readers, missing = {}, []
    for name in LOADERS if peers else (JIEBA,):
        try:
            readers[name] = LOADERS[name]()
            readers[name](ONE)
        except ImportError:
            missing.append(name)
    gc.collect()
    gc.freeze()  # else every collection of ours would go through their dictionaries
    whole_job = load_extract()

    def job(name: str) -> Callable[[], object]:
        read, pieces = readers[name], texts.texts if "jieba" in name else lines
        return lambda: [read(piece) for piece in pieces]

    with tempfile.TemporaryDirectory() as out:
        whole_job(texts.folder, Path(out))
        best = alternately([lambda: whole_job(texts.folder, Path(out)), *map(job, readers)], rounds)
    return Comparison(texts, best[0], dict(zip(readers, best[1:], strict=True)), tuple(missing))


def show(found: Comparison) -> str:
    """The comparison as lines of text."""
    size = found.texts.megabytes
    rows = [("extract run, the whole job", found.ours), *found.theirs.items()]
    if found.four is not None:
        rows.append(("the four calls that give a part", found.four))
    said = [f"{found.texts.folder.name}: {len(found.texts.texts)} reports, {size:.2f} MB of UTF-8"]
    said.append(f"{'':32}{'s':>8}{'MB/s':>8}{'times':>8}")
    said += [f"{name:32}{taken:8.3f}{size / taken:8.2f}{taken / found.ours:8.2f}" for name, taken in rows]
    return "\n".join(said + [missing(found.missing)] * bool(found.missing)) + "\n"


def missing(names: tuple[str, ...]) -> str:
    """What to do to have the libraries that are not installed."""
    return f"not installed: {', '.join(names)}; pip install -r benchmarks/requirements.txt"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    for folder in [Path(argument) for argument in arguments] or usual_folders():
        sys.stdout.write(show(compare(read_texts(folder))))


if __name__ == "__main__":
    main(sys.argv[1:])
