"""The benchmarks: what they compute from times, the tables they print, and that the READMEs quote one run."""

from __future__ import annotations

import dataclasses
import importlib
import math
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import measure  # noqa: E402
import peers  # noqa: E402
import scaling  # noqa: E402
import stages  # noqa: E402

table: ModuleType = importlib.import_module("all")


def point(at: int, seconds: float, memory: float = 90.0) -> scaling.Point:
    """A measurement of so many bytes."""
    return scaling.Point(at, at, measure.Run(seconds, seconds, memory, memory / 2))


def results(*, libraries: tuple[str, ...] = peers.FOUR, identical: bool = True) -> table.Results:  # type: ignore[name-defined]
    """Results as a run gives them, with made times."""
    texts = measure.Texts(Path("seeds"), ("一" * 1_000_000,))
    theirs = {peers.JIEBA: 3.0, **dict.fromkeys(libraries, 10.0)}
    found = peers.Comparison(texts, 1.5, theirs, tuple(name for name in peers.FOUR if name not in libraries))
    return table.Results(
        date="2026-01-02",
        machine="a machine",
        packages={"extract": "0.1.0", "jieba": "0.42.1"},
        comparisons=(found,),
        length=(point(100_000, 0.5), point(1_000_000, 5.0, 250.0)),
        documents=(point(10, 1.0),),
        workers=scaling.Workers(12, (point(1, 8.0), point(2, 4.0)), identical),
    )


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_exponent(power: float) -> None:
    """Times that grow with a power of the length give that power, and short texts do not count."""
    points = [point(10_000, 5.0), *(point(size, (size / 1e6) ** power) for size in (100_000, 300_000, 10_000_000))]
    assert scaling.exponent(points) == pytest.approx(power)
    assert math.isnan(scaling.exponent(points[:2]))


def test_four_in_sequence() -> None:
    """The four calls count together, and not at all where one is missing."""
    assert results().comparisons[0].four == 40.0
    assert results(libraries=peers.FOUR[1:]).comparisons[0].four is None


@pytest.mark.parametrize(("language", "speed"), [("en", "| 2.00 |"), ("zh", "| 2.00 |")])
def test_table(language: str, speed: str) -> None:
    """The tables hold ratios, the growth, the machine and the date."""
    said = table.markdown(results(), language)
    assert speed in said  # 3 MB in 1.5 s
    assert "**2.00**" in said  # jieba
    assert "**26.7**" in said  # the four
    assert "| 5.00 | 0.20 | 250 |" in said
    assert "1.00" in said  # the exponent
    assert all(word in said for word in ("a machine", "2026-01-02", "jieba 0.42.1"))
    assert table.WORDS[language]["other"] not in said
    assert table.WORDS[language]["other"] in table.markdown(results(identical=False), language)


def test_table_names_what_is_missing() -> None:
    """Without a library the table says so."""
    assert "Not measured: JioNLP money." in table.markdown(results(libraries=peers.FOUR[1:]), "en")


def test_disturbed_run_is_told() -> None:
    """A run that waited for the processor much longer than it had it is not one to quote."""
    calm, late = point(10, 5.0), scaling.Point(10, 10, measure.Run(9.0, 5.0, 90.0, 90.0))
    assert not scaling.disturbed([calm])
    assert scaling.disturbed([calm, late])
    told = table.WORDS["en"]["busy"]
    assert told not in table.markdown(results(), "en")
    assert told in table.markdown(dataclasses.replace(results(), length=(late,)), "en")


def test_missing_library_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A library that cannot be imported costs its row only, and what to install is said."""

    def absent() -> None:
        raise ImportError

    (tmp_path / "a.txt").write_text("2024年收入3.5万元，增长2%。", encoding="utf-8")
    monkeypatch.setattr(peers, "LOADERS", {peers.JIEBA: lambda: str.split, peers.FOUR[0]: absent})
    found = peers.compare(measure.read_texts(tmp_path), rounds=1)
    assert list(found.theirs) == [peers.JIEBA]
    assert found.missing == (peers.FOUR[0],)
    assert "pip install -r benchmarks/requirements.txt" in peers.show(found)


def test_update_replaces_what_stands_between_the_marks() -> None:
    """A README keeps all else, and a second update changes nothing."""
    readme = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
    once = table.written_into(readme, "new\n")
    assert once == f"before\n{table.BEGIN}\n\nnew\n\n{table.END}\nafter\n"
    assert table.written_into(once, "new\n") == once
    with pytest.raises(ValueError, match="speed: begin"):
        table.written_into("no marks", "new\n")


def test_readmes_quote_one_run() -> None:
    """The tables of both READMEs have the same figures, date and machine, from one run of the benchmark."""
    quoted = []
    for language, path in table.READMES.items():
        block = path.read_text("utf-8").partition(table.BEGIN)[2].partition(table.END)[0]
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len(rows) > 15
        assert table.WORDS[language]["ours"] in block
        cells = [row.split("|")[2:] for row in rows if "MB" not in row.split("|", 2)[2]]
        quoted.append((cells, re.findall(r"\d{4}-\d\d-\d\d", block)))
    assert quoted[0] == quoted[1]


def test_run_apart(tmp_path: Path) -> None:
    """A run in a process of its own gives its time and memory; the output is the same for two workers."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.txt").write_text(f"一、收入\n2024年收入{number + 3}.5万元，增长2%。\n", encoding="utf-8")
    runs = [measure.run_apart(folder, tmp_path / f"out{workers}", workers=workers) for workers in (1, 2)]
    assert all(run.seconds > 0 and run.leader > 20 for run in runs)
    assert scaling.digest(tmp_path / "out1") == scaling.digest(tmp_path / "out2")
    (tmp_path / "out2" / "0.json").write_text("{}")
    assert scaling.digest(tmp_path / "out1") != scaling.digest(tmp_path / "out2")


def test_run_apart_says_what_went_wrong(tmp_path: Path) -> None:
    """A document that cannot be read is an error of the benchmark, not a fast run."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.txt").write_bytes(b"")
    with pytest.raises(RuntimeError, match="AssertionError"):
        measure.run_apart(tmp_path / "in", tmp_path / "out")


def test_stages_are_charged_once() -> None:
    """A stage is not charged for the stages it calls, what a function generates is made within its own time."""
    now = iter(range(100))
    clock = stages.Clock()
    clock.restart()
    inner = clock.timed("inner", lambda: next(now), generates=False)
    outer = clock.timed("outer", lambda: (inner() for _ in range(3)), generates=True)
    assert outer() == [0, 1, 2]
    spent = clock.stop()
    assert set(spent) == {"inner", "outer", stages.ELSE}
    assert all(seconds >= 0 for seconds in spent.values())


def test_stages_name_functions_that_exist() -> None:
    """Every function of the list of stages is there."""
    for _, places in stages.STAGES:
        for place in places:
            module, _, name = place.partition(":")
            owner = importlib.import_module(module)
            for one in name.split("."):
                owner = getattr(owner, one)
            assert callable(owner)
