"""Both READMEs: every example is run, and what it gives is compared with what they print.

An example is a block with a mark in a comment right before it:

    <!-- file: report.txt -->       a fenced block: what it holds is written to that file
    <!-- run -->                    a fenced block: lines `$ extract …` are run, the lines below each are its output
    <!-- python -->                 a fenced block: the code is run (`python: pandas` is skipped where that is missing)
    <!-- output -->                 a fenced block: what the Python block before it prints
    <!-- json: out/a.json pairs 0 -->    a fenced block: that record of that document
    <!-- table: out/metrics.csv --> a table of Markdown: these columns of that file, all rows
    <!-- roles -->                  a table of Markdown: **bold** figures with a role of the first column
    <!-- scores: corpus -->         a table of Markdown: whole percents, at most what is measured

All examples of a README share one empty folder, in the order of the text. After a change of the grammar that is meant:

    python tests/test_readme.py --update

writes into both READMEs what the examples give now.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import shlex
import socket
import sys
import tempfile
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner

from extract.cli import main
from extract.evaluate import corpora, measure
from extract.pipeline import Extractor

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
MARK = re.compile(r"<!-- (file|run|python|output|json|table|roles|scores)(?:: ([^\n]*?))? -->\n\n?")
FENCED = re.compile(r"```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(?:\|[^\n]*\n)+")
INSTALLS = "sh"  # the language of the blocks that are not run here: making an environment


class Block(NamedTuple):
    """An example: its mark, the argument of the mark, its text and where that stands in the README."""

    kind: str
    argument: str
    text: str
    start: int
    end: int


def blocks(readme: str) -> list[Block]:
    """The marked examples of a README, in order."""
    found = []
    for mark in MARK.finditer(readme):
        kind, argument = mark[1], mark[2] or ""
        if kind in ("table", "roles", "scores"):
            match, group = TABLE.match(readme, mark.end()), 0
        else:
            match, group = FENCED.match(readme, mark.end()), 2
        assert match, f"no block after {mark[0].strip()}"
        found.append(Block(kind, argument, match[group], match.start(group), match.end(group)))
    return found


def outcomes(examples: list[Block], folder: Path, *, exact: bool = False) -> list[str | None]:
    """What every example gives when they are run in order in `folder`; null where a package it needs is missing.

    With `exact`, printed scores are set to what is measured even where that is more.
    """
    answers: list[str | None] = []
    printed: str | None = ""
    with contextlib.chdir(folder):
        for block in examples:
            answer: str | None = block.text
            if block.kind == "file":
                path = Path(block.argument)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.kind == "run":
                answer = "".join(f"$ {line}\n{command(line)}" for line in commands(block.text))
            elif block.kind == "python":
                missing = [name for name in block.argument.split() if find_spec(name) is None]
                printed = None if missing else python(block.text)
            elif block.kind == "output":
                answer = printed
            elif block.kind == "json":
                answer = record(*block.argument.split())
            elif block.kind == "table":
                answer = table(Path(block.argument), header(block.text))
            elif block.kind == "roles":
                answer = roles(block.text)
            elif block.kind == "scores":
                answer = scores(block.argument, block.text, exact=exact)
            answers.append(answer)
    return answers


def commands(text: str) -> list[str]:
    """The commands of a console block."""
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


def command(line: str) -> str:
    """What a command of ours prints, on both streams, white space at line ends left out."""
    program, *arguments = shlex.split(line)
    assert program == "extract", f"{line}: only `extract` is run here"
    result = CliRunner().invoke(main, arguments, prog_name="extract", catch_exceptions=False)
    return "".join(f"{row.rstrip()}\n" for row in result.output.rstrip("\n").split("\n")) if result.output else ""


def python(code: str) -> str:
    """What a piece of Python prints."""
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        exec(compile(code, "README", "exec"), {})
    return stream.getvalue()


def record(path: str, records: str, index: str) -> str:
    """One record of a written document, one field a line."""
    fields = json.loads(Path(path).read_text(encoding="utf-8"))[records][int(index)]
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def header(text: str) -> list[str]:
    """The columns that a table of Markdown names."""
    return [name.strip(" `") for name in text.splitlines()[0].strip("|").split("|")]


def markdown(rows: list[list[str]]) -> str:
    """Rows as a table of Markdown, the first one as its header."""
    lines = [f"| {' | '.join(row)} |".replace("|  |", "| |").replace("|  |", "| |") for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]]) + "\n"


def table(path: Path, columns: list[str]) -> str:
    """These columns of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return markdown([columns, *([row[column] for column in columns] for row in csv.DictReader(file))])


def roles(printed: str) -> str:
    """The printed table, with the role that is read where that is not among those of the first column."""
    head, rule, *lines = printed.splitlines()
    rows = []
    extractor = Extractor()
    for line in lines:
        names, *rest, example = (cell.strip() for cell in line.strip("|").split("|"))
        before, figure, after = example.split("**")
        report = extractor.read_text(f"{before}{figure}{after}。", doc_id="example")
        [found] = [quantity.id for quantity in report.quantities if quantity.text == figure]
        role = next((f"`{metric.role}`" for metric in report.metrics if metric.quantity == found), "-")
        rows.append(f"| {' | '.join([names if role in names else role, *rest, example])} |")
    return "\n".join([head, rule, *rows]) + "\n"


def scores(corpus: str, printed: str, *, exact: bool = False) -> str:
    """The printed table where every figure of its last column is reached, else with the figures that are reached."""
    marks = measure({corpus: corpora(ROOT)[corpus]})[corpus].marks()
    head, rule, *lines = printed.splitlines()
    rows = []
    for line in lines:
        *words, name, figure = (cell.strip() for cell in line.strip("|").split("|"))
        reached = math.floor(marks[name.strip("`")] * 100)
        rows.append(f"| {' | '.join([*words, name, str(reached if exact else min(reached, int(figure)))])} |")
    return "\n".join([head, rule, *rows]) + "\n"


def update(readme: str) -> str:
    """The README with what its examples give now."""
    examples = blocks(readme)
    with tempfile.TemporaryDirectory() as folder:
        answers = outcomes(examples, Path(folder), exact=True)
    for block, answer in reversed(list(zip(examples, answers, strict=True))):
        if answer is not None:
            readme = readme[: block.start] + answer + readme[block.end :]
    return readme


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("no network at run time")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def read(name: str) -> str:
    """The text of a README."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_examples_give_what_is_printed(name: str, tmp_path: Path) -> None:
    """Every example gives what stands in the README; else run `python tests/test_readme.py --update`."""
    examples = blocks(read(name))
    assert {block.kind for block in examples} >= {"file", "run", "python", "output", "json", "table", "roles", "scores"}
    for block, answer in zip(examples, outcomes(examples, tmp_path), strict=True):
        if answer is not None:
            assert answer == block.text, f"{name}: {block.kind} {block.argument}"


def test_pandas_example(tmp_path: Path) -> None:
    """The example that needs pandas was run above; this test is skipped where pandas is missing, so that it shows."""
    pytest.importorskip("pandas")
    examples = blocks(read(READMES[0]))
    assert None not in outcomes(examples, tmp_path)


def test_wrong_outputs_are_noticed(tmp_path: Path) -> None:
    """A figure changed in printed outputs makes each differ from what its example gives, and an update mends them."""
    planted = readme = read(READMES[0])
    plants = [("table", "10700"), ("json", "10700"), ("output", "10700"), ("run", "12000")]
    for kind, right in plants:
        block = [block for block in blocks(readme) if block.kind == kind and right in block.text][-1]
        at = readme.index(right, block.start)
        planted = planted[:at] + "10800" + planted[at + len(right) :]
    examples = blocks(planted)
    wrong = [
        block.kind
        for block, answer in zip(examples, outcomes(examples, tmp_path), strict=True)
        if answer not in (None, block.text)
    ]
    assert wrong == [kind for kind, _ in plants]
    answers = blocks(update(planted))
    assert [answer.text for answer in answers if answer.kind != "scores"] == [
        block.text for block in blocks(readme) if block.kind != "scores"
    ]


def test_a_score_that_is_not_reached_is_noticed() -> None:
    """A printed score above the measured one is lowered, one below stands."""
    [block] = [block for block in blocks(read(READMES[0])) if block.kind == "scores"]
    assert scores("corpus", block.text) == block.text
    boast = re.sub(r"\d+ \|$", "101 |", block.text, count=1, flags=re.MULTILINE)
    assert scores("corpus", boast) != boast


def test_both_readmes_have_the_same_examples() -> None:
    """The same blocks in the same order, with the same words but for the translated columns; as many sections."""

    def examples(readme: str) -> list[tuple[str, str, list[str]]]:
        return [(block.kind, block.argument, words(block)) for block in blocks(readme)]

    def words(block: Block) -> list[str]:
        if block.kind not in ("roles", "scores"):
            return [block.text]
        cells = re.findall(r"(?<=\|)[^|\n]*", block.text.split("\n", 1)[1])
        return [cell for cell in cells if re.search(r"`|\*\*|^ \d+ $", cell)]

    one, two = (read(name) for name in READMES)
    assert examples(one) == examples(two)
    assert [match[0] for match in FENCED.finditer(one)] == [match[0] for match in FENCED.finditer(two)]
    headings = [re.findall(r"^#+", readme, re.MULTILINE) for readme in (one, two)]
    assert headings[0] == headings[1]


@pytest.mark.parametrize("name", READMES)
def test_every_block_of_code_is_an_example(name: str) -> None:
    """Nothing stands in a fenced block that is not run, but the commands that make an environment."""
    readme = read(name)
    marked = {block.start for block in blocks(readme)}
    loose = [match for match in FENCED.finditer(readme) if match.start(2) not in marked]
    assert {match[1] for match in loose} <= {INSTALLS}


@pytest.mark.parametrize("name", READMES)
def test_install_commands(name: str) -> None:
    """The two commands are one line each, name things that exist, and the second is what CI runs."""
    [text] = [match[2] for match in FENCED.finditer(read(name)) if match[1] == INSTALLS]
    install, test = text.splitlines()
    assert install.endswith(".venv/bin/extract run corpus/ -o out/")
    assert (ROOT / "corpus" / "reports").is_dir()
    extra = re.search(r"pip install .*'\.\[(\w+)\]'", test)
    assert extra
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra[1] in project["optional-dependencies"]
    assert test.endswith("&& .venv/bin/python -m pytest")
    assert "\npython -m pytest\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_told(name: str) -> None:
    """The README names every command; every option is in it or explained by --help."""
    readme = read(name)
    for command_name, each in main.commands.items():
        assert f"extract {command_name}" in readme
        assert each.help
        for parameter in each.params:
            if isinstance(parameter, click.Option):
                assert parameter.help or any(f"`{option}`" in readme for option in parameter.opts), parameter.opts


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", "corpus/README.md"])
def test_files_named_in_the_text_exist(name: str) -> None:
    """Links point to files of the repository, and so do paths of its folders in back quotes."""
    text = read(name)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(((?!https?:)[^)#]+)", text)]
    paths = re.findall(r"`((?:(?:extract|patterns|benchmarks|corpus|models)/[\w./-]*|tests/\w+\.py))`", text)
    here = (ROOT / name).parent
    assert [path for path in links if not (here / path).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    os.environ.pop("COLUMNS", None)
    for readme_name in READMES:
        (ROOT / readme_name).write_text(update(read(readme_name)), encoding="utf-8")
