"""All figures of the README's section on speed, in one run, as tables of Markdown.

    pip install -r benchmarks/requirements.txt
    python benchmarks/all.py                 a quarter of an hour; nothing else should run beside it
    python benchmarks/all.py --quick         small sizes, one round: to see that everything works
    python benchmarks/all.py --update        writes the tables into README.md and README.zh-CN.md too

Measured are the whole job beside jieba, JioNLP and Recognizers-Text (`peers.py`), and how time and memory grow with
the length of a document, the number of documents and the workers (`scaling.py`). It installs nothing: what is missing
is named, and the rest is measured. Figures travel badly from machine to machine; ratios taken in one run travel.
"""

from __future__ import annotations

import argparse
import datetime
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measure import ROOT, machine, read_texts, usual_folders, versions
from peers import JIEBA, Comparison, compare, missing
from peers import ROUNDS as PEER_ROUNDS
from scaling import Point, Workers, disturbed, document_curve, exponent, length_curve, warn, worker_curve

PACKAGES: Final = ("jieba", "rjieba", "jionlp", "recognizers-text-suite")
BEGIN: Final = "<!-- speed: begin -->"
END: Final = "<!-- speed: end -->"
READMES: Final = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
FOLDERS: Final = {
    "seeds": {"en": "five public reports", "zh": "五份公开报告"},
    "reports": {"en": "the reports of `corpus/reports`", "zh": "`corpus/reports` 的报告"},
}
WORDS: Final = {
    "en": {
        "beside": "one core, the whole job",
        "text": "{name} ({count}, {size:.2f} MB)",
        "ours": "MB of UTF-8 a second",
        "peer": "times as fast as {name}",
        "four": "times as fast as these four one after the other",
        "growth": "made reports (`benchmarks/synthetic.py`)",
        "time": "time, s",
        "speed": "MB a second",
        "memory": "memory, MB",
        "length": "one document of {size} MB",
        "documents": "{at:,} documents of {each:.1f} kB",
        "workers": "{at} workers, {count} documents, {size} MB",
        "one": "1 worker, {count} documents, {size} MB",
        "exponent": "Time grows with the length of a document to the power of {power:.2f}.",
        "faster": "{at} workers are {times:.2f} times as fast as one and write {same}.",
        "same": "the same bytes",
        "other": "OTHER BYTES",
        "busy": "Other programs were running meanwhile: the times are too long.",
        "missing": "Not measured: {names}.",
        "foot": "{date}; {machine}; extract {version}; {packages}. Memory is the peak of the largest process.",
        "comma": ", ",
        "gap": " ",
    },
    "zh": {
        "beside": "单核，整个流程",
        "text": "{name}（{count} 份，{size:.2f} MB）",
        "ours": "每秒处理的 UTF-8（MB）",
        "peer": "速度是 {name} 的多少倍",
        "four": "速度是以上四项依次运行的多少倍",
        "growth": "生成的报告（`benchmarks/synthetic.py`）",
        "time": "时间（秒）",
        "speed": "每秒 MB",
        "memory": "内存（MB）",
        "length": "一份 {size} MB 的文档",
        "documents": "{at:,} 份 {each:.1f} kB 的文档",
        "workers": "{at} 个进程，{count} 份文档，{size} MB",
        "one": "1 个进程，{count} 份文档，{size} MB",
        "exponent": "时间随文档长度的 {power:.2f} 次幂增长。",
        "faster": "{at} 个进程的速度是一个进程的 {times:.2f} 倍，输出{same}。",
        "same": "逐字节相同",
        "other": "不相同",
        "busy": "测量时有其他程序在运行，时间偏长。",
        "missing": "未测量：{names}。",
        "foot": "{date}；{machine}；extract {version}；{packages}。内存为最大进程的峰值。",
        "comma": "、",
        "gap": "",
    },
}


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured, and where and when."""

    date: str
    machine: str
    packages: dict[str, str]
    comparisons: tuple[Comparison, ...]
    length: tuple[Point, ...]
    documents: tuple[Point, ...]
    workers: Workers

    @property
    def one_worker(self) -> list[Point]:
        """All runs with one worker."""
        return [*self.length, *self.documents, *self.workers.points[:1]]


def measure(folders: Sequence[Path], *, quick: bool = False, rounds: int | None = None) -> Results:
    """Measure everything, saying on stderr what it is at."""

    def say(what: str) -> None:
        sys.stderr.write(f"… {what}\n")
        sys.stderr.flush()

    say("length of one document")
    length = tuple(length_curve(quick=quick))
    say("number of documents")
    documents = tuple(document_curve(quick=quick))
    say("workers")
    workers = worker_curve(quick=quick)
    comparisons = []
    for folder in folders:
        say(f"other libraries, {folder.name}")
        comparisons.append(compare(read_texts(folder), rounds=rounds or (1 if quick else PEER_ROUNDS)))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Results(
        today, machine(), versions(("extract", *PACKAGES)), tuple(comparisons), length, documents, workers
    )  # fmt: skip


def speed_rows(comparisons: Sequence[Comparison], words: dict[str, str], language: str) -> list[list[str]]:
    """A row for each library, a column for each folder of reports; the first row is the heading."""
    heading, ours = [words["beside"]], [words["ours"]]
    for found in comparisons:
        folder = found.texts.folder.name
        name = FOLDERS.get(folder, {}).get(language, f"`{folder}`")
        heading.append(words["text"].format(name=name, count=len(found.texts.texts), size=found.texts.megabytes))
        ours.append(f"{found.texts.megabytes / found.ours:.2f}")
    rows = [heading, ours]
    for peer in comparisons[0].theirs:
        name = f"`{peer}`" if "jieba" in peer else peer
        row = [words["peer"].format(name=name), *(f"{found.theirs[peer] / found.ours:.2f}" for found in comparisons)]
        rows.append([f"**{cell}**" for cell in row] if peer == JIEBA else row)
    four = [found.four / found.ours for found in comparisons if found.four is not None]
    if four:
        rows.append([f"**{cell}**" for cell in (words["four"], *(f"{times:.1f}" for times in four))])
    return rows


def growth_rows(results: Results, words: dict[str, str]) -> list[list[str]]:
    """A row for each run over made reports; the first row is the heading."""
    rows = [[words["growth"], words["time"], words["speed"], words["memory"]]]
    for point in results.length:
        rows.append([words["length"].format(size=_megabytes(point.size)), *_spent(point)])
    for point in results.documents:
        label = words["documents"].format(at=point.at, each=point.size / point.at / 1e3)
        rows.append([label, *_spent(point)])
    for point in results.workers.points:
        label = words["one" if point.at == 1 else "workers"]
        size = _megabytes(point.size)
        rows.append([label.format(at=point.at, count=results.workers.documents, size=size), *_spent(point)])
    return rows


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.2f}" if size < 500_000 else f"{size / 1e6:.1f}"


def _spent(point: Point) -> list[str]:
    run = point.run
    return [f"{run.seconds:.2f}", f"{point.size / 1e6 / run.seconds:.2f}", f"{max(run.leader, run.worker):,.0f}"]


def _table(rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(rows[0]) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (rows[0], ruler, *rows[1:]))


def markdown(results: Results, language: str) -> str:
    """The tables, what follows from them, the date and the machine."""
    words = WORDS[language]
    said = []
    power = exponent(results.length)
    if not math.isnan(power):
        said.append(words["exponent"].format(power=power))
    same = words["same" if results.workers.identical else "other"]
    for point in results.workers.points[1:]:
        said.append(words["faster"].format(at=point.at, times=results.workers.speed_up(point), same=same))
    if disturbed(results.one_worker):
        said.append(words["busy"])
    absent = sorted({name for found in results.comparisons for name in found.missing})
    if absent:
        said.append(words["missing"].format(names=words["comma"].join(absent)))
    packages = {name: number for name, number in results.packages.items() if name != "extract"}
    foot = words["foot"].format(
        date=results.date,
        machine=results.machine,
        version=results.packages.get("extract", ""),
        packages=words["comma"].join(f"{name} {number}" for name, number in packages.items()),
    )
    speed = _table(speed_rows(results.comparisons, words, language)) if results.comparisons else ""
    growth = _table(growth_rows(results, words))
    return "\n".join([speed, growth, words["gap"].join(said), "", foot]) + "\n"


def written_into(readme: str, table: str) -> str:
    """The text of a README with the table between its marks. Raises `ValueError` where there are none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END} to write between")
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and update the READMEs where asked; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="of *.txt reports for the comparison")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--update", action="store_true", help="write the table into both READMEs")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"of the comparison ({PEER_ROUNDS})")
    parser.add_argument("--lang", choices=sorted(WORDS), default="en", help="of the table that is printed (en)")
    options = parser.parse_args(arguments)
    if options.quick and options.update:
        parser.error("--update wants the full sizes: leave out --quick")
    results = measure(options.folders or usual_folders(), quick=options.quick, rounds=options.rounds)
    sys.stdout.write(markdown(results, options.lang))
    warn(results.one_worker)
    absent = sorted({name for found in results.comparisons for name in found.missing})
    if absent:
        sys.stderr.write(missing(tuple(absent)) + "\n")
    if options.update:
        if absent:
            sys.stderr.write("the READMEs were not changed: they quote the table with all libraries\n")
            return 1
        for language, path in READMES.items():
            path.write_text(written_into(path.read_text("utf-8"), markdown(results, language)), "utf-8", newline="\n")
    return 0 if results.workers.identical else 1


if __name__ == "__main__":
    sys.exit(main())
