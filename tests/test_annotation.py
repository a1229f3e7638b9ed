"""The annotation loop: out to Label Studio and brat, and back as gold and training rows, every offset exact."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result

from extract.annotation import brat, label_studio
from extract.annotation.documents import read_annotations, run_documents
from extract.annotation.gold import first_sentence, gold_of, training_rows
from extract.annotation.marks import Annotated, AnnotationError, Mark, PlainText, annotate
from extract.evaluate import evaluate_records
from extract.pipeline import Extractor
from extract.source import decode
from extract.train import read_rows

Cli = Callable[..., Result]


def corpus(root: Path, extractor: Extractor) -> Iterator[tuple[Any, Annotated]]:
    """Every report of the corpus, as its JSON reads, and as marks."""
    for path in sorted((root / "corpus" / "reports").glob("*.txt")):
        source = decode(path.read_bytes(), path=path.name)
        report = extractor.read(source, doc_id=path.stem)
        encoded = json.loads(msgspec.json.Encoder(decimal_format="number").encode(report))
        yield encoded, annotate(report, source.text, file=path.name)


@pytest.fixture(scope="module")
def documents(root: Path, extractor: Extractor) -> list[tuple[Any, Annotated]]:
    """The corpus, read once."""
    return list(corpus(root, extractor))


def accepted(task: dict[str, Any]) -> dict[str, Any]:
    """A task as Label Studio exports it when the annotator submits the prediction as it is."""
    [prediction] = task["predictions"]
    cancelled = {"result": [], "was_cancelled": True}
    return {**task, "annotations": [{"result": prediction["result"]}, cancelled]}


def by_label_studio(annotated: Annotated, folder: Path) -> Annotated:
    """A document on its way through the files of Label Studio."""
    label_studio.write_tasks([annotated], folder / "tasks.json")
    [task] = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    (folder / "export.json").write_text(json.dumps([accepted(task)], ensure_ascii=False), encoding="utf-8")
    [back] = read_annotations(folder / "export.json")
    return back


def by_brat(annotated: Annotated, folder: Path) -> Annotated:
    """A document on its way through the files of brat."""
    brat.write_brat([annotated], folder / "brat", ["other"])
    [back] = read_annotations(folder / "brat")
    return back


WAYS = [by_label_studio, by_brat]


@pytest.mark.parametrize("way", WAYS)
def test_round_trip_of_the_corpus(
    documents: list[tuple[Any, Annotated]], tmp_path: Path, way: Callable[[Annotated, Path], Annotated]
) -> None:
    """What nobody corrected comes back as it went: the same text, places, labels, attributes, and the same gold."""
    for number, (_, annotated) in enumerate(documents):
        (folder := tmp_path / str(number)).mkdir()
        back = way(annotated, folder)
        assert back.text == annotated.text
        assert (back.doc_id, back.file) == (annotated.doc_id, annotated.file)

        def told(marks: list[Mark]) -> list[tuple[object, ...]]:
            return sorted(
                (mark.layer, mark.label, mark.start, mark.end, mark.text, sorted(mark.attributes.items()))
                for mark in marks
            )

        assert told(back.marks) == told(annotated.marks)
        assert all(back.text[mark.start : mark.end] == mark.text for mark in back.marks)
        assert len(back.links) == len(annotated.links)
        assert gold_of(back) == gold_of(annotated)


def test_uncorrected_annotation_agrees_with_the_run(documents: list[tuple[Any, Annotated]]) -> None:
    """Gold made of a run's own marks agrees with that run in every measure."""
    scores = evaluate_records((report, gold_of(annotated)) for report, annotated in documents)
    wrong = [f"{name}: {error}" for name, tally in scores.tallies.items() for error in tally.errors]
    nameless = [one for report, _ in documents for one in report["metrics"] if one["indicator"] is None]
    wrong = [error for error in wrong if not error.startswith("metric value+role+indicator") or "indicator=" in error]
    assert wrong == []
    assert len(nameless) <= scores["metric value+role+indicator"].missed  # no gold agrees with what has no name
    assert {"quantities", "pairs", "changes", "section type", "entity ORG"} <= scores.tallies.keys()
    assert scores["pairs"].matched > 100
    assert scores["changes"].matched > 100


def test_a_correction_is_noticed(documents: list[tuple[Any, Annotated]]) -> None:
    """A role, a value, a type or a link that an annotator changes makes the score fall."""
    report, annotated = documents[0]

    def score(changed: Annotated) -> dict[str, float]:
        return evaluate_records([(report, gold_of(changed))]).marks()

    def corrected(layer: str, **attributes: str) -> Annotated:
        at = next(
            at
            for at, mark in enumerate(annotated.marks)
            if mark.layer == layer and mark.attributes.keys() >= {"role"} - {"role" if layer != "quantity" else ""}
        )
        mark = annotated.marks[at]
        changed = msgspec.structs.replace(mark, attributes={**mark.attributes, **attributes})
        return msgspec.structs.replace(annotated, marks=[*annotated.marks[:at], changed, *annotated.marks[at + 1 :]])

    assert score(corrected("quantity", role="full_score"))["metric value+role"] < 1
    assert score(corrected("quantity", value="7"))["quantities"] < 1
    assert score(corrected("quantity", indicator="别的"))["metric value+role+indicator"] < 1
    assert score(msgspec.structs.replace(annotated, links=[]))["pairs"] < 1


@pytest.mark.parametrize(
    "text",
    [
        "一、收入\r\n2023年收入12万元。\r\n支出\r\n3万元。\r\n",
        "一、收入\n2023年收入12万元。\r支出3万元。",
        "\r\n\r\n一、收入\r\n2023年收入\r\n12万元。",
        "𠮷林😀一、收入\r\n2023年收入12万元，支出3万元。",
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_offsets_survive_line_ends_and_wide_characters(
    extractor: Extractor, tmp_path: Path, way: Callable[[Annotated, Path], Annotated], text: str
) -> None:
    """Windows line ends, old ones, and characters outside the basic plane shift no offset."""
    annotated = annotate(extractor.read_text(text), text, file="a.txt")
    back = way(annotated, tmp_path)
    assert back.text.replace("\r\n", "\n").replace("\r", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")
    assert [(mark.start, mark.end) for mark in back.marks] == [(mark.start, mark.end) for mark in annotated.marks]
    assert [text[mark.start : mark.end] for mark in back.marks] == [mark.text for mark in annotated.marks]
    assert gold_of(back) == gold_of(annotated)


@pytest.mark.parametrize("source", ["", "a", "\r\n", "a\r\nb\r\n\r\nc", "\r\r\n", "一\r二\n\r三"])
def test_plain_text(source: str) -> None:
    """Every position goes to the plain text and back, but for those inside a line end."""
    plain = PlainText(source)
    assert "\r" not in plain.text
    for position in range(len(source)):
        if position not in plain.removed:
            assert plain.source(plain.plain(position)) == position
            assert plain.source_end(plain.plain(position) + 1) == position + 1


def test_units_of_sixteen_bits() -> None:
    """A region counted in UTF-16 units is put where its words stand; one whose words stand nowhere is an error."""
    text = "😀收入12万元"
    assert label_studio.settle(text, 3, 7, "12万元", where="x") == (3, 7)
    assert label_studio.settle(text, 4, 8, "12万元", where="x") == (3, 7)
    with pytest.raises(AnnotationError, match=r"x: the words '13万元' do not stand at 4\.\.8"):
        label_studio.settle(text, 4, 8, "13万元", where="x")


def test_brat_files_are_standoff(documents: list[tuple[Any, Annotated]]) -> None:
    """Each text-bound line has the words of its pieces, without line feeds, and labels that the configuration knows."""
    known = set(brat.annotation_config({mark.label for _, one in documents for mark in one.marks}).split("\n"))
    for _, annotated in documents:
        text, standoff, _ = brat.render(annotated)
        for line in standoff.splitlines():
            if line.startswith("T"):
                _, label, words = line.split("\t")
                name, _, spans = label.partition(" ")
                assert name in known
                pieces = [tuple(map(int, span.split(" "))) for span in spans.split(";")]
                assert " ".join(text[start:end] for start, end in pieces) == words


def test_label_config_knows_every_label(documents: list[tuple[Any, Annotated]]) -> None:
    """The configuration of the project has every control and value that the tasks use."""
    types = sorted({mark.label for _, one in documents for mark in one.marks if mark.layer == "section"})
    config = ElementTree.fromstring(label_studio.label_config(types))
    controls = {one.get("name"): {each.get("value") for each in one} for one in config if one.get("name")}
    relations = {one.get("value") for one in config.iter("Relation")}
    for number, (_, annotated) in enumerate(documents, 1):
        for item in label_studio.task(annotated, number)["predictions"][0]["result"]:
            if item["type"] == "relation":
                assert set(item["labels"]) <= relations
            else:
                used = item["value"].get("labels") or item["value"].get("choices") or []
                assert set(used) <= controls[item["from_name"]]


def test_added_and_removed_marks(extractor: Extractor) -> None:
    """A mark that an annotator adds, with no more than the tool gives it, becomes gold; one taken away is gone."""
    text = "一、收入情况\n全年收入12万元。\n二、支出情况\n支出少许。\n"
    annotated = annotate(extractor.read_text(text), text, file="a.txt")
    task = accepted(label_studio.task(annotated, 1))
    result = task["annotations"][0]["result"]
    task["annotations"][0]["result"] = [item for item in result if item.get("from_name") != "section"]
    start = text.index("二、")
    place = {"start": start, "end": start + 6, "text": "二、支出情况"}
    added = {"id": "x1", "from_name": "section", "to_name": "text", "type": "labels"}
    task["annotations"][0]["result"].append({**added, "value": {**place, "labels": ["expenditure"]}})
    back = label_studio._annotated(task["data"], task["annotations"][0]["result"], Path("x.json"))
    assert gold_of(back)["sections"] == [
        {"start": start, "title_start": start + 2, "title": "支出情况", "type": "expenditure", "also": []}
    ]
    assert list(training_rows(back)) == [("text", "支出情况", "", "支出少许。", "expenditure")]


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({"value": ""}, "it has no value"),
        ({"value": "一百"}, "value '一百' is no number"),
        ({"role": "wish"}, "'wish' is no role; use one of actual"),
    ],
)
def test_unusable_marks(extractor: Extractor, attributes: dict[str, str], says: str) -> None:
    """A mark that cannot be gold is named with its file, words and place."""
    text = "全年收入12万元。"
    annotated = annotate(extractor.read_text(text), text, file="a.txt")
    marks = [
        msgspec.structs.replace(mark, attributes={**mark.attributes, **attributes})
        for mark in annotated.marks if mark.layer == "quantity"
    ]  # fmt: skip
    with pytest.raises(AnnotationError, match=re.escape("a.txt: mark q1 '12万元' at character 4: ") + ".*" + says):
        gold_of(msgspec.structs.replace(annotated, marks=marks))


def test_training_rows_are_read_by_train(
    documents: list[tuple[Any, Annotated]], tmp_path: Path, extractor: Extractor
) -> None:
    """The rows have the columns that `extract train` reads, a row a heading, with the parent above it."""
    from extract.annotation.gold import write_training_rows

    count = write_training_rows([annotated for _, annotated in documents], tmp_path / "rows.csv")
    rows = read_rows(tmp_path, extractor.pack)
    assert len(rows) == count == sum(mark.layer == "section" for _, one in documents for mark in one.marks)
    report, annotated = documents[0]
    titles = {section["id"]: section["title"] for section in report["sections"]}
    wanted = [(section["title"], titles.get(section["parent"], ""), section["type"]) for section in report["sections"]]
    assert [(row[1], row[2], row[4]) for row in training_rows(annotated)] == wanted
    assert any(row[3] for row in training_rows(annotated))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n收入12万元。支出3万元。", "收入12万元。"),
        ("：收入12\n万元；支出", "收入12万元；"),
        ("", ""),
        ("没有句号", "没有句号"),
    ],
)
def test_first_sentence(text: str, sentence: str) -> None:
    """The first sentence of a section stands on one line, without what belongs to the heading."""
    assert first_sentence(text) == sentence


def report_folder(tmp_path: Path, report: str) -> Path:
    """A folder with one report, in an encoding and with line ends of its own."""
    (folder := tmp_path / "in").mkdir()
    (folder / "甲.txt").write_bytes(report.replace("\n", "\r\n").encode("gb18030"))
    return folder


@pytest.mark.parametrize("tool", ["label-studio", "brat"])
def test_commands(cli: Cli, tmp_path: Path, report: str, tool: str) -> None:
    """`annotate` and `gold` make of a run the gold that the run agrees with, and rows for training."""
    folder = report_folder(tmp_path, report)
    cli("run", folder, "-o", tmp_path / "out", "--quiet")
    result = cli("annotate", tmp_path / "out", "--to", tool, "-o", tmp_path / "marks")
    assert result.exit_code == 0, result.output
    assert "1 document" in result.stderr
    source = tmp_path / "marks"
    if tool == "label-studio":
        tasks = json.loads((source / "tasks.json").read_text(encoding="utf-8"))
        source = source / "export.json"
        source.write_text(json.dumps([accepted(task) for task in tasks]), encoding="utf-8")
    result = cli("gold", source, "-o", tmp_path / "gold", "--sections", tmp_path / "sections.csv")
    assert result.exit_code == 0, result.output
    scores = cli("evaluate", tmp_path / "out", tmp_path / "gold" / "甲.json", "--errors", "5").stdout
    assert "missed" not in scores
    assert "spurious" not in scores
    assert "1.0000" in scores
    with (tmp_path / "sections.csv").open(encoding="utf-8", newline="") as file:
        assert [row["type"] for row in csv.DictReader(file)]


def test_texts_that_were_moved_or_changed(tmp_path: Path, cli: Cli, report: str) -> None:
    """A text that is not there any more is asked for; one that was changed is not used."""
    folder = report_folder(tmp_path, report)
    cli("run", folder, "-o", tmp_path / "out", "--quiet")
    folder.rename(tmp_path / "moved")
    refused = cli("annotate", tmp_path / "out", "--to", "brat", "-o", tmp_path / "marks")
    assert refused.exit_code == 2
    assert "--texts" in refused.stderr
    [annotated] = run_documents(tmp_path / "out", texts=tmp_path / "moved")
    assert annotated.text == report.replace("\n", "\r\n")
    (tmp_path / "moved" / "甲.txt").write_text("收入3万元。", encoding="utf-8")
    with pytest.raises(AnnotationError, match="changed since it was read"):
        list(run_documents(tmp_path / "out", texts=tmp_path / "moved"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", "no json", "format JSON"),
        ("a.json", '[{"text": "x"}]', "no list of tasks"),
        ("a.json", '[{"data": {"text": "x"}, "annotations": []}]', "nothing is annotated"),
        ("brat/a.ann", "", "no a.txt beside it"),
        ("brat/readme", "", "no *.ann file"),
        ("other", None, "no such file or folder"),
    ],
)
def test_what_is_no_annotation(cli: Cli, tmp_path: Path, name: str, content: str | None, says: str) -> None:
    """A source that holds no annotation is refused with what to give."""
    source = tmp_path / name.partition("/")[0]
    if content is not None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    result = cli("gold", source, "-o", tmp_path / "gold")
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("T1\tmoney 2 6\t13万元", "line 1: the words '13万元' do not stand"),
        ("T1\tcolour 2 6\t12万元", "line 1: .*no standoff line"),
        ("T1\tmoney a b\t12万元", "line 1"),
    ],
)
def test_broken_standoff(line: str, says: str) -> None:
    """A line that cannot be read is named."""
    with pytest.raises(AnnotationError, match=says):
        brat.parse("收入12万元", line + "\n", {"doc_id": "a", "file": "a.txt"}, where="a.ann")
