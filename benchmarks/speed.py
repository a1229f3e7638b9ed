"""How fast the whole job is, beside `jieba.lcut` over the same text, in one process.

    python benchmarks/speed.py [FOLDER]

FOLDER holds `*.txt` reports; without it `../shared/seeds` is read where it exists, else `corpus/reports`. The whole job
is what `extract run` does: decode the bytes, read all records, write JSON, tables and manifest to a folder. Loading
(imports, dictionaries, patterns) is measured apart. Each figure is the best of several rounds, which alternate.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from measure import ROUNDS, alternately, load_extract, load_jieba, read_texts, seconds, usual_folders


def main(arguments: list[str]) -> None:
    """Measure and print."""
    texts = read_texts(Path(arguments[0]) if arguments else usual_folders()[0])
    loaded = []
    load_ours = seconds(lambda: loaded.append(load_extract()))
    whole_job = loaded[0]
    load_theirs = seconds(load_jieba)
    cut = load_jieba()
    with tempfile.TemporaryDirectory() as out:
        theirs, ours = alternately(
            [lambda: [cut(text) for text in texts.texts], lambda: whole_job(texts.folder, Path(out))], ROUNDS
        )
    help_call = [sys.executable, "-c", "from extract.cli import main; main(['--help'])"]
    help_time = min(seconds(lambda: subprocess.run(help_call, capture_output=True, check=True)) for _ in range(ROUNDS))

    def line(name: str, taken: float) -> str:
        return f"{name:32}{taken:8.3f} s{texts.characters / taken:14,.0f} characters/s\n"

    sys.stdout.write(
        f"{texts.folder.name}: {len(texts.texts)} reports, {texts.characters:,} characters, best of {ROUNDS}\n"
    )
    sys.stdout.write(line("jieba.lcut", theirs))
    sys.stdout.write(line("extract run, the whole job", ours))
    sys.stdout.write(f"{'as fast as jieba.lcut':32}{theirs / ours:8.2f} times\n")
    sys.stdout.write(f"{'loading: jieba':32}{load_theirs:8.3f} s\n{'loading: extract':32}{load_ours:8.3f} s\n")
    sys.stdout.write(f"{'extract --help':32}{help_time:8.3f} s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
