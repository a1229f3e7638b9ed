"""Input that no report looks like: a clear answer in seconds, and the run goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from extract.exports import table_rows
from extract.pipeline import Extractor
from extract.records import Report
from extract.run import MAX_CHARACTERS
from extract.write import encode

SENTENCE = "2023年收入总计2350.16万元，比上年增加442.66万元，增长23.21%；城镇新增就业1.07万人，完成年度任务的130%"

ODD_TEXTS = {
    "digits": "7" * 1_000_000,
    "digits and commas": "1,234" * 200_000,
    "points": "." * 500_000,
    "one sentence without a full stop": (SENTENCE + "，") * 4_000,
    "no line feed": (SENTENCE + "。") * 4_000,
    "one word": "就" * 500_000,
    "one number word": "十" * 500_000,
    "brackets": "（" * 10_000 + SENTENCE + "）" * 10_000,
    "brackets never closed": "（" * 10_000 + SENTENCE,
    "titles never closed": "《" * 10_000 + SENTENCE,
    "square brackets": "[bookmark: " * 10_000 + SENTENCE,
    "tags never closed": "<b " * 100_000 + SENTENCE,
    "headings": "".join(f"{i}、" for i in range(20_000)) + SENTENCE,
    "heading lines": "一、\n" * 50_000,
    "table rules": "|---" * 50_000 + "\n" + "|1万元" * 50_000,
    "line feeds": "\n" * 500_000 + SENTENCE,
    "blanks": SENTENCE + " " * 500_000 + SENTENCE,
    "surrogates": "收入\ud83d12万元\udc00" * 10_000,
    "controls": "收入\x0012万元\x0b\x0c\x85\u2028" * 10_000,
    "marks that combine": "收\u0301入12\u20e3万元" * 10_000,
    "emoji": "收入😀12万元" * 10_000,
    "years": "2023年" * 50_000,
    "dates": "2023年1-12月至" * 20_000,
    "ratios": "12.5%、" * 50_000,
    "quotes": "“" * 10_000 + SENTENCE,
    "blank": "　\n \t",
}


def read(extractor: Extractor, text: str) -> Report:
    """Read a text and make all that is written of it."""
    report = extractor.read_text(text)
    table_rows(report, text)
    json.loads(encode(report))
    return report


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_odd_text_is_read_in_seconds(extractor: Extractor, name: str) -> None:
    """No text, however odd, takes long or breaks the reading."""
    start = time.process_time()
    read(extractor, ODD_TEXTS[name])
    assert time.process_time() - start < 10


@pytest.mark.parametrize("name", ["digits", "one sentence without a full stop", "brackets never closed", "headings"])
def test_time_grows_with_length(extractor: Extractor, name: str) -> None:
    """Twice the text takes about twice the time: no rule is quadratic."""

    def seconds(text: str) -> float:
        times = []
        for _ in range(2):
            start = time.process_time()  # whatever else the machine does
            extractor.read_text(text)
            times.append(time.process_time() - start)
        return min(times)

    text = ODD_TEXTS[name]
    assert seconds(text) < 0.2 + 5 * seconds(text[: len(text) // 2])


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [b"7" * 50_000_000, ("收入12万元，" * 2_500_000).encode(), b"\0" * 50_000_000, b"\n" * 50_000_000],
    ids=["digits", "no full stop", "nulls", "line feeds"],
)
def test_fifty_megabytes(cli: Callable[..., Result], tmp_path: Path, data: bytes) -> None:
    """50 MB that are no report are refused in seconds, with the reason, and the report beside them is read."""
    (tmp_path / "huge.txt").write_bytes(data)
    (tmp_path / "report.txt").write_text(SENTENCE, encoding="utf-8")
    start = time.perf_counter()
    result = cli("run", tmp_path, "-o", tmp_path / "out")
    assert time.perf_counter() - start < 10
    assert result.exit_code == 1
    said = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert [entry["doc_id"] for entry in said["inputs"]] == ["report"]
    (failure,) = said["failures"]
    assert failure["doc_id"] == "huge"
    assert any(word in failure["reason"] for word in ("split it", "binary", "empty"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "one sentence without a full stop"])
def test_the_longest_text_that_is_taken(extractor: Extractor, name: str) -> None:
    """A text just below the limit is read, in a time that grows with its length only."""
    text = (ODD_TEXTS[name] * 20)[:MAX_CHARACTERS]
    start = time.perf_counter()
    read(extractor, text)
    assert time.perf_counter() - start < 60


def test_the_run_goes_on(cli: Callable[..., Result], tmp_path: Path) -> None:
    """Among bad files the good ones are written, and each bad one is named with its reason."""
    bad = {"empty.txt": b"", "blank.txt": b" \n", "binary.txt": b"\x7fELF" + bytes(range(256)) * 16}
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "lost.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "good.txt").write_text(SENTENCE, encoding="utf-8")
    result = cli("run", tmp_path, "-o", tmp_path / "out")
    assert result.exit_code == 1
    said = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert [entry["doc_id"] for entry in said["inputs"]] == ["good"]
    assert {Path(entry["path"]).name: entry["reason"] for entry in said["failures"]} == {
        "binary.txt": "not a text file (binary data); convert it to text first",
        "blank.txt": "the file is empty",
        "empty.txt": "the file is empty",
        "lost.txt": "No such file or directory",
    }
