"""The generator of benchmark inputs: the same bytes for a seed, the sizes asked for, reports that read like reports."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from extract.pipeline import Extractor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from synthetic import LENGTHS, Maker, chinese, main, read_material, scaled  # noqa: E402


@pytest.fixture(scope="module")
def made() -> list[str]:
    """Two dozen reports of lengths from the spread."""
    return [text for _, text in Maker(read_material(), seed=3).reports(24)]


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """A run in another process, with another order of sets, writes the same files."""
    for number, name in enumerate(("one", "two")):
        call = [sys.executable, str(ROOT / "benchmarks" / "synthetic.py"), str(tmp_path / name), "--documents", "5"]
        subprocess.run(call, check=True, capture_output=True, env={"PYTHONHASHSEED": str(number), "PYTHONUTF8": "1"})
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 5


def test_seeds_and_reports_differ(made: list[str]) -> None:
    """No report is another one, and another seed makes others."""
    others = [text for _, text in Maker(read_material(), seed=4).reports(24)]
    assert len({*made, *others}) == 48


@pytest.mark.parametrize("characters", [300, 2_000, 30_000, 400_000])
def test_length(characters: int) -> None:
    """A report is at most as long as asked for, and shorter by no more than its longest line."""
    text = Maker(read_material(), seed=5).report(characters)
    longest = 1 + max(map(len, Maker(read_material(), seed=5).report(400_000).splitlines()))
    assert characters - longest <= len(text) <= characters


def test_spread(made: list[str]) -> None:
    """Lengths without an order are spread over the whole range."""
    lengths = sorted(map(len, made))
    assert LENGTHS[0] - 500 <= lengths[0] < lengths[-1] <= LENGTHS[-1]
    assert lengths[-1] > 4 * lengths[0]


def test_reads_like_reports(made: list[str]) -> None:
    """The extractor reads figures, roles, sections and tables out of what is made, and the audit finds little."""
    extractor = Extractor()
    characters, records = 0, Counter[str]()
    surfaces = []
    for text in made:
        report = extractor.read_text(text)
        assert report.sections
        characters += len(text)
        for name in ("quantities", "metrics", "sections", "tables", "findings"):
            records[name] += len(getattr(report, name))
        surfaces.append({text[one.start : one.end] for one in report.quantities})
    assert records["quantities"] > characters / 100
    assert records["metrics"] > 0.5 * records["quantities"]
    assert records["tables"] > 0
    assert records["findings"] < records["metrics"] / 20
    ours, theirs = surfaces[0], set.union(*surfaces[1:])
    assert len(ours - theirs) > len(ours) / 4  # figures that no other report has


@pytest.mark.parametrize(
    ("printed", "factor", "expected"),
    [
        ("5420.36", "1.1", "5962.40"),
        ("1,862.40", "1.1", "2,048.64"),
        ("999.5", "1.6", "1599.2"),
        ("1286", "0.5", "643"),
        ("３．４６", "2", "６．９２"),
        ("0", "1.5", "0"),
        ("2", "1.5", "2"),
        ("007", "1.5", "007"),
    ],
)
def test_printed_shape(printed: str, factor: str, expected: str) -> None:
    """A figure keeps its decimals, separators and width; small counts and codes stay."""
    assert scaled(printed, Decimal(factor)) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (2040, "二千零四十")],
)
def test_chinese_number(number: int, expected: str) -> None:
    """Headings are counted as reports count them."""
    assert chinese(number) == expected


def test_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says how many reports of which size it wrote, and refuses sizes that make none."""
    main([str(tmp_path), "--documents", "2", "--characters", "9000"])
    assert capsys.readouterr().out.startswith("2 reports, 0.04 MB of UTF-8, in ")
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--documents", "0"])
