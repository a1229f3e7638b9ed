"""The review page as a file: what it holds, what it may do, where it finds the texts."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from reviewing import HOSTILE, SAMPLE, multiply, run, view

from extract.audit import SEVERITIES
from extract.patterns import load_pack
from extract.records import ENTITY_TYPES, QUANTITY_KINDS, ROLES, Report
from extract.review import MOST_INSIDE, write_review
from extract.review.documents import ReviewError, Texts, find_documents, load
from extract.review.page import SCRIPTS, words
from extract.write import encode

FINDING_RULES = (
    "completion_rate", "growth_rate", "share", "sum_of_parts", "shares_sum", "direction", "conflict", "target_missed",
    "unit_suspect", "missing_unit", "template_residue",
)  # fmt: skip
Cli = Callable[..., Result]
ASSETS = Path(__file__).resolve().parents[1] / "extract" / "review" / "assets"
SOURCES = "".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def block(page: Path, name: str) -> Any:
    """A block of data of a page."""
    kind = "json" if name == "setup" else "gzip"
    [found] = re.findall(rf'<script type="application/{kind}" id="{name}">(.*?)</script>', page.read_text("utf-8"))
    return json.loads(found if kind == "json" else gzip.decompress(base64.b64decode(found)))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over one report."""
    return run(tmp_path_factory.mktemp("review"), {"report.txt": SAMPLE})


def test_one_document_makes_one_page(out: Path, tmp_path: Path) -> None:
    """One document stands in the page with its text and all its records, and nothing is written beside it."""
    said = view(out, "-o", tmp_path / "review.html")
    assert said == f"1 document → {(tmp_path / 'review.html').as_posix()}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["review.html"]
    data = block(tmp_path / "review.html", "d0")
    assert data["text"] == SAMPLE
    report = load(out / "report.json")
    for name in ("sections", "entities", "quantities", "metrics", "pairs", "changes", "breakdowns", "findings"):
        shown = data["report"][name]
        assert [one["id"] for one in shown] == [one.id for one in getattr(report, name)]
        assert shown, f"the sample should have {name}"


def test_page_stands_in_the_output_folder_by_default(cli: Cli, tmp_path: Path) -> None:
    """`extract run --html` and `extract view OUT` make the same OUT/review.html."""
    out = run(tmp_path, {"report.txt": SAMPLE}, "--html")
    made = (out / "review.html").read_bytes()
    (out / "review.html").unlink()
    view(out)
    assert (out / "review.html").read_bytes() == made
    assert cli("view", out / "report.json", "-o", tmp_path).exit_code == 0
    assert (tmp_path / "review.html").exists()


def test_nothing_of_a_report_is_markup(out: Path, tmp_path: Path) -> None:
    """Markup in a report, its title and its name is text: no `<` of it stands in the page."""
    report = load(out / "report.json")
    [title] = [section.title for section in report.sections if section.id == "s1"]
    hostile = out.parent / "hostile"
    hostile.mkdir()
    document = json.loads(encode(report))
    document["document"]["title"] = f"{title}{HOSTILE}"
    (hostile / "report.json").write_text(json.dumps(document), encoding="utf-8")
    view(hostile, "-o", tmp_path / "review.html", "--texts", out.parent / "in")
    page = (tmp_path / "review.html").read_text("utf-8")
    assert "<img" not in page
    assert page.count("</script>") == page.count("<script") == 4  # setup, document, findings, the program
    assert f"<title>{html.escape(document['document']['title'])}</title>" in page
    assert block(tmp_path / "review.html", "setup")["documents"][0]["title"].endswith(HOSTILE)


@pytest.mark.parametrize("split", [False, True])
def test_policy(out: Path, tmp_path: Path, split: bool) -> None:
    """The page may run its own script and style, named by their digests; only a page with a folder may load scripts."""
    many = multiply(out, MOST_INSIDE + 1 if split else 2, tmp_path / "out")
    view(many, "-o", tmp_path / "review.html", "--texts", out.parent / "in")
    page = (tmp_path / "review.html").read_text("utf-8")
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == digest(script) + (" 'self' file:" if split else "")
    assert rules["style-src"] == digest(style)
    assert rules["trusted-types"] == ("review-data" if split else "'none'")
    assert "unsafe" not in policy
    assert re.findall(r"https?://[^\s\"'`]+", page.replace("http://www.w3.org/2000/svg", "")) == []


def test_the_script_parses_no_markup() -> None:
    """The program of the page uses no function that turns text into markup or code, and asks for nothing."""
    risky = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|fetch\(|XMLHttp"
    assert re.findall(risky, SOURCES) == []
    assert re.findall(risky, "node.innerHTML = text")  # the expression finds what it is for


def test_every_word_is_there_in_both_languages() -> None:
    """Each id that the program asks for has words in Chinese and English, and no word is there for nothing."""
    table = words()
    assert [name for name, both in table.items() if not all(both)] == []
    asked = set(re.findall(r'\bt\("([^"]+)"', SOURCES))
    computed = set(re.findall(r"\bt\(`([\w-]+\.)\$\{", SOURCES))
    computed |= {f"{prefix}." for prefix in re.findall(r'\bword\("(\w+)"', SOURCES)}
    listed = set(re.findall(r't\(ref\[0\] === "p" \? "([\w.]+)" : "([\w.]+)"\)', SOURCES)[0])
    named = set(re.findall(r'neighbour\([^)]*"(\w+)"\)', SOURCES))
    assert sorted((asked | listed | named) - table.keys()) == []
    unused = [name for name in table if name not in asked | listed | named and not name.startswith(tuple(computed))]
    assert unused == []


def test_every_kind_of_record_has_words() -> None:
    """Roles, kinds, entities, section types and genres of this version are all told in words."""
    table = words()
    pack = load_pack()
    genres = {rule.set["genre"] for rule in pack.rules if "genre" in rule.set} | {"other"}
    names = [f"role.{role}" for role in ROLES] + [f"kind.{kind}" for kind in QUANTITY_KINDS]
    names += [f"entity.{kind}" for kind in ENTITY_TYPES] + [f"genre.{genre}" for genre in genres]
    names += [f"type.{row['id']}" for row in pack.table("section_types")] + [f"severity.{one}" for one in SEVERITIES]
    names += [f"finding.{rule}" for rule in FINDING_RULES]
    assert [name for name in names if name not in table] == []


def test_many_documents_stand_in_a_folder(out: Path, tmp_path: Path) -> None:
    """Many documents are files beside the page; a page without a folder leaves none of them, and no other file less."""
    many = multiply(out, MOST_INSIDE + 1, tmp_path / "out")
    said = view(many, "-o", tmp_path / "a.html", "--texts", out.parent / "in")
    folder = tmp_path / "a_files"
    assert f"data in {folder.as_posix()}/" in said
    assert {path.name for path in folder.iterdir()} == {"findings.js", *(f"d{at}.js" for at in range(MOST_INSIDE + 1))}
    assert "<" not in (folder / "d0.js").read_text("utf-8")
    (folder / "notes.txt").write_text("mine")
    view(many, "-o", tmp_path / "a.html", "--one-file", "--texts", out.parent / "in")
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert block(tmp_path / "a.html", f"d{MOST_INSIDE}")["text"] == SAMPLE


def test_same_run_same_page(out: Path, tmp_path: Path) -> None:
    """The same documents make the same bytes."""
    for name in ("a", "b"):
        write_review(out, tmp_path / name / "review.html")
    assert (tmp_path / "a" / "review.html").read_bytes() == (tmp_path / "b" / "review.html").read_bytes()


def find_text(out: Path, *folders: Path) -> tuple[str | None, str | None]:
    """The text that is found for the one document of a run, or why none is."""
    found = find_documents(out)
    [document] = found.documents
    text = Texts(found, folders).find(load(document), document)
    return text.text, text.problem


def test_texts(tmp_path: Path) -> None:
    """A text is found where it was read, or by its name in a given folder; one that was edited is not shown."""
    out = run(tmp_path, {"report.txt": SAMPLE})
    assert find_text(out) == (SAMPLE, None)
    moved = tmp_path / "moved" / "deep"
    moved.mkdir(parents=True)
    (tmp_path / "in" / "report.txt").rename(moved / "report.txt")
    assert find_text(out) == (None, "missing")
    assert find_text(out, tmp_path / "moved") == (SAMPLE, None)
    (tmp_path / "in" / "report.txt").write_text(SAMPLE.replace("77.51", "77.52"), encoding="utf-8")
    assert find_text(out) == (None, "changed")
    assert find_text(out, tmp_path / "moved") == (SAMPLE, None)


def test_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with relative paths is shown from another folder too, if the reports lie beside the output folder."""
    monkeypatch.chdir(tmp_path)
    run(Path(), {"report.txt": SAMPLE})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert find_text(tmp_path / "out") == (SAMPLE, None)


def test_text_of_another_kind_of_file(tmp_path: Path) -> None:
    """The text of a file that was no plain text stands beside its document; its digest is held against the manifest."""
    out = run(tmp_path, {"report.txt": SAMPLE})
    document = json.loads((out / "report.json").read_text("utf-8"))
    document["source"] |= {"path": "scan.pdf", "media_type": "application/pdf", "sha256": "0" * 64}
    (out / "report.json").write_text(json.dumps(document), encoding="utf-8")
    assert find_text(out) == (None, "missing")
    (out / "report.txt").write_bytes(SAMPLE.encode())
    assert find_text(out) == (SAMPLE, None)
    manifest = json.loads((out / "run.json").read_text("utf-8"))
    manifest["inputs"][0]["text_sha256"] = hashlib.sha256(SAMPLE.encode()).hexdigest()
    (out / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert find_text(out) == (SAMPLE, None)
    (out / "report.txt").write_bytes(SAMPLE.replace("77.51", "77.52").encode())
    assert find_text(out) == (None, "changed")


@pytest.mark.parametrize("kind", ["archive", "standard input"])
def test_text_of_what_is_no_file_of_its_own(cli: Cli, tmp_path: Path, kind: str) -> None:
    """A report out of an archive, or from standard input, is shown with its text."""
    with zipfile.ZipFile(tmp_path / "reports.zip", "w") as archive:
        archive.writestr("deep/report.txt", SAMPLE)
    path, data = (tmp_path / "reports.zip", None) if kind == "archive" else ("-", SAMPLE.encode())
    assert cli("run", path, "-o", tmp_path / "out", stdin=data).exit_code == 0
    assert find_text(tmp_path / "out") == (SAMPLE, None)


def test_a_page_is_no_report(cli: Cli, tmp_path: Path) -> None:
    """A page that lies among the reports is not read by the next run."""
    out = run(tmp_path, {"report.txt": SAMPLE})
    view(out, "-o", tmp_path / "in" / "review.html")
    result = cli("run", tmp_path / "in", "-o", out)
    assert "1 document," in result.output
    assert "1 other files skipped" in result.output


def test_a_missing_text_is_told(tmp_path: Path) -> None:
    """The command says which documents have no text and what to do; the page is made all the same."""
    out = run(tmp_path, {"report.txt": SAMPLE})
    (tmp_path / "in" / "report.txt").unlink()
    said = view(out)
    assert "without text: report (1)" in said
    assert "--texts" in said
    assert block(out / "review.html", "d0")["problem"] == "missing"


def test_a_stopped_run_can_be_shown(out: Path, tmp_path: Path) -> None:
    """Without a manifest the documents themselves are found, and no other JSON."""
    many = multiply(out, 3, tmp_path / "out")
    (many / "other.json").write_text("{}")
    assert len(find_documents(many).documents) == 3


def test_documents_that_cannot_be_shown(cli: Cli, out: Path, tmp_path: Path) -> None:
    """A document of another version is left out and named; where none is left, the command says what to do."""
    many = multiply(out, 2, tmp_path / "out")
    first, second = sorted(many.glob("*.json"))
    document = json.loads(first.read_text("utf-8"))
    first.write_text(json.dumps({**document, "schema_version": "0.9"}), encoding="utf-8")
    said = view(many, "-o", tmp_path / "a.html", "--texts", out.parent / "in")
    assert f"left out: {first}" in said
    assert len(block(tmp_path / "a.html", "setup")["documents"]) == 1
    second.write_text('{"schema_version": "1.0"}', encoding="utf-8")
    result = cli("view", many, "-o", tmp_path / "a.html")
    assert result.exit_code == 2
    assert "run `extract run` again" in result.output


@pytest.mark.parametrize(("path", "message"), [("nowhere", "no such folder"), (".", "extract run reports/")])
def test_wrong_folders(cli: Cli, tmp_path: Path, path: str, message: str) -> None:
    """A folder that is missing or holds no documents is refused with what to do."""
    result = cli("view", tmp_path / path)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_failures_of_the_run_are_shown(cli: Cli, tmp_path: Path) -> None:
    """What the run could not read is listed in the page with its reason."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text("")
    assert cli("run", tmp_path / "in", "-o", tmp_path / "out", "--html").exit_code == 1
    [failure] = block(tmp_path / "out" / "review.html", "setup")["failures"]
    assert failure["path"].endswith("b.txt")
    assert "empty" in failure["reason"]


def test_documents_of_a_run_are_read_exactly(out: Path) -> None:
    """A document read back has the very numbers that were written."""
    written = (out / "report.json").read_bytes()
    report = load(out / "report.json")
    assert isinstance(report, Report)
    assert encode(report) == written


def test_review_error_names_the_file(tmp_path: Path) -> None:
    """A file that is no document is named in the error."""
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(ReviewError, match=r"a\.json"):
        load(tmp_path / "a.json")
