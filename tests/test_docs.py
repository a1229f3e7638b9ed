"""The pages of docs/: their examples are run and compared, and the API page is what the docstrings say.

After a change that is meant, `python tests/test_docs.py --update` writes what the examples give now, the figure, and
the API page.
"""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import re
import shutil
import sqlite3
import sys
import tempfile
import warnings
from pathlib import Path
from types import ModuleType

import pytest
from test_readme import command, commands, python

from extract.exports import FORMATS
from extract.exports.sql import VIEWS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "data.md"
FIGURE = ROOT / "docs" / "own_share.svg"
BLOCK = re.compile(r"<!-- (run|python|sql|output)(?:: ([^\n]*?))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {"r", "stata"}
NEEDS = ("pyarrow", "duckdb", "xlsxwriter", "pandas", "matplotlib", "spacy")


def query(path: str, text: str) -> str:
    """What a query gives, as CSV."""
    database = sqlite3.connect(path)
    found = database.execute(text)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column[0] for column in found.description])
    writer.writerows(found)
    database.close()
    return out.getvalue()


def outcomes(page: str, folder: Path) -> list[tuple[re.Match[str], str]]:
    """What each example of the page gives when all are run in order in `folder`, which holds the corpus."""
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    answers = []
    printed = ""
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # no Chinese font: the figure holds text
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of packages that spaCy and matplotlib import
        for block in BLOCK.finditer(page):
            kind, argument, text = block.groups()
            answer = text
            if kind == "run":
                answer = "".join(f"$ {line}\n{command(line)}" for line in commands(text))
            elif kind == "python":
                printed = python(text)
            elif kind == "sql":
                printed = query(argument, text)
            else:
                answer = printed
            answers.append((block, answer))
    return answers


def update(page: str, folder: Path) -> str:
    """The page with what its examples give now."""
    for block, answer in reversed(outcomes(page, folder)):
        page = page[: block.start(3)] + answer + page[block.end(3) :]
    return page


def api() -> ModuleType:
    """The maker of the API page."""
    spec = importlib.util.spec_from_file_location("make_api", ROOT / "docs" / "make_api.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_examples_give_what_is_printed(tmp_path: Path) -> None:
    """Every example gives what stands on the page; else run `python tests/test_docs.py --update`."""
    for package in NEEDS:
        pytest.importorskip(package)
    found = outcomes(PAGE.read_text(encoding="utf-8"), tmp_path)
    assert {block[1] for block, _ in found} == {"run", "python", "sql", "output"}
    for block, answer in found:
        assert answer == block[3], f"{block[1]} {block[2]}"
    figure = (tmp_path / "own_share.svg").read_text(encoding="utf-8")
    places = re.findall(r"[\u4e00-\u9fff]{3} \d{4}", figure)
    assert len(places) >= 4
    assert places == re.findall(r"[\u4e00-\u9fff]{3} \d{4}", FIGURE.read_text(encoding="utf-8"))


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    """A figure changed on the page differs from what its example gives."""
    for package in NEEDS:
        pytest.importorskip(package)
    page = PAGE.read_text(encoding="utf-8")
    planted = page.replace("completion 130 %", "completion 131 %")
    assert planted != page
    assert [block[1] for block, answer in outcomes(planted, tmp_path) if answer != block[3]] == ["output"]


def test_every_block_is_an_example() -> None:
    """Nothing stands in a fenced block that is not run, but R and Stata."""
    page = PAGE.read_text(encoding="utf-8")
    run = {block.start(3) for block in BLOCK.finditer(page)}
    loose = {match[1] for match in re.finditer(r"```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
             if match.start(2) not in run}  # fmt: skip
    assert loose == NOT_RUN


def test_every_format_and_view_is_told() -> None:
    """The page names every format and every view."""
    page = PAGE.read_text(encoding="utf-8")
    for name in (*FORMATS[2:], *VIEWS):
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("name", ["data.md", "api.md", "spark.md"])
def test_links_point_to_files(name: str) -> None:
    """Links and paths of the repository that a page names exist."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(((?!https?:)[^)#]+)", text)]
    paths = re.findall(r"`((?:extract|patterns|benchmarks|corpus)/[\w./-]*)`", text)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_api_page_is_what_the_docstrings_say() -> None:
    """docs/api.md is made from the docstrings; else run `python docs/make_api.py`."""
    assert (ROOT / "docs" / "api.md").read_text(encoding="utf-8") == api().page()


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        PAGE.write_text(update(PAGE.read_text(encoding="utf-8"), Path(name)), encoding="utf-8")
        shutil.copy(Path(name) / "own_share.svg", FIGURE)
    (ROOT / "docs" / "api.md").write_text(api().page(), encoding="utf-8")
