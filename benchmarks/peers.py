"""The whole job beside other libraries that give a part of it, on the same text in one process.

    pip install -r benchmarks/requirements.txt
    python benchmarks/peers.py [FOLDER]

FOLDER is as for `speed.py`. JioNLP and Recognizers-Text read line by line, as they are made for; each library is read
once to load it, and measured once after that. "Times" is how many times faster than it `extract run` is.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from speed import folder_of_reports, load_extract, load_jieba, seconds

from extract.source import decode

WARM = "2023年城镇新增就业1.07万人，完成年度任务的130%，补贴资金3000万元。"
ROUNDS = 3


def readers() -> dict[str, Callable[[str], object]]:
    """What is measured, by name."""
    import jionlp
    import rjieba
    from recognizers_number import recognize_number, recognize_percentage
    from recognizers_text import Culture

    return {
        "jieba.lcut": load_jieba(),
        "rjieba.cut": rjieba.cut,
        "JioNLP money": lambda line: jionlp.ner.extract_money(line, with_parsing=False),
        "JioNLP time": lambda line: jionlp.ner.extract_time(line, with_parsing=False),
        "Recognizers-Text number": lambda line: recognize_number(line, Culture.Chinese),
        "Recognizers-Text percentage": lambda line: recognize_percentage(line, Culture.Chinese),
    }


def main(arguments: list[str]) -> None:
    """Measure and print."""
    folder = folder_of_reports(arguments)
    texts = [decode(path.read_bytes()).text for path in sorted(folder.glob("*.txt"))]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    size = sum(len(text.encode()) for text in texts) / 1e6
    if not lines:
        sys.exit(f"{folder}: no *.txt files; name a folder of reports")
    whole_job = load_extract()
    with tempfile.TemporaryDirectory() as out:
        whole_job(folder, Path(out))
        ours = min(seconds(lambda: whole_job(folder, Path(out))) for _ in range(ROUNDS))
    sys.stdout.write(f"{folder.name}: {len(texts)} reports, {size:.2f} MB of UTF-8\n")
    sys.stdout.write(f"{'':32}{'s':>8}{'MB/s':>8}{'times':>8}\n")
    sys.stdout.write(f"{'extract run, the whole job':32}{ours:8.3f}{size / ours:8.2f}\n")
    parts = 0.0
    for name, read in readers().items():
        read(WARM)
        pieces = texts if "jieba" in name else lines
        taken = seconds(lambda read=read, pieces=pieces: [read(piece) for piece in pieces])
        parts += 0.0 if "jieba" in name else taken
        sys.stdout.write(f"{name:32}{taken:8.3f}{size / taken:8.2f}{taken / ours:8.2f}\n")
    sys.stdout.write(f"{'the four calls that give a part':32}{parts:8.3f}{size / parts:8.2f}{parts / ours:8.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
