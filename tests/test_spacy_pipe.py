"""The component for spaCy, on real spaCy: spans, extensions, config, processes, files."""

from __future__ import annotations

import pickle
import shutil
import warnings
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

import extract
from extract.pipeline import Extractor
from extract.section_model import default_models

TEXT = """青川市就业服务中心2023年就业工作总结

一、主要指标完成情况
城镇新增就业1.07万人，完成年度任务的130%；城镇登记失业率控制在4.5%以内。
二、资金使用情况
收入总计2350.16万元，比上年增长23.21%。
"""


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of packages that spaCy imports
        yield


@pytest.fixture(scope="module")
def nlp() -> Any:
    """A blank Chinese pipeline with the component."""
    import spacy

    pipeline = spacy.blank("zh")
    pipeline.add_pipe("extract")
    return pipeline


@pytest.fixture(scope="module")
def doc(nlp: Any) -> Any:
    """A document that the component has read."""
    return nlp(TEXT)


def test_spans_are_the_records(doc: Any, extractor: Extractor) -> None:
    """Each span group holds one span a record, with the words, the label and the id of the record."""
    report = extractor.read_text(TEXT)
    quantities = {quantity.id: quantity for quantity in report.quantities}
    wanted = {
        "sections": [(one.id, one.type, one.start, one.end) for one in report.sections],
        "headings": [(one.id, one.type, one.heading.start, one.heading.end) for one in report.sections],
        "quantities": [(one.id, one.kind, one.start, one.end) for one in report.quantities],
        "metrics": [
            (one.id, one.role, quantities[one.quantity].start, quantities[one.quantity].end) for one in report.metrics
        ],
        "entities": [(one.id, one.type, one.start, one.end) for one in report.entities],
        "findings": [(one.id, one.rule, one.start, one.end) for one in report.findings],
    }
    found = {
        group: [(span.id_, span.label_, span.start_char, span.end_char) for span in spans]
        for group, spans in doc.spans.items()
    }
    assert found == wanted
    assert len(wanted["metrics"]) >= 5
    assert doc._.report.metrics == report.metrics


def test_extensions(doc: Any) -> None:
    """A span tells value, unit, role, indicator, norm and its whole record; a document all its records."""
    [span] = [span for span in doc.spans["metrics"] if span.text == "2350.16万元"]
    assert (span._.value, span._.unit, span._.role, span._.indicator) == (Decimal(23501600), "元", "actual", "收入总计")
    assert span._.record == next(metric for metric in doc._.metrics if metric.id == span.id_)
    [date] = [span for span in doc.spans["entities"] if span.label_ == "DATE"]
    assert (date._.norm, date._.value, date._.exact) == ("2023", None, True)
    assert [pair.completion for pair in doc._.pairs if pair.completion] == [Decimal(130)]
    assert doc._.changes
    assert doc._.breakdowns == []
    assert doc[0:2]._.record is None


def test_entities(doc: Any, nlp: Any) -> None:
    """`doc.ents` are the entities of the text."""
    assert ("青川市就业服务中心", "ORG") in {(entity.text, entity.label_) for entity in doc.ents}
    assert len(doc.ents) == len(doc.spans["entities"])


def test_tokens_decide_over_entities(extractor: Extractor) -> None:
    """With words as tokens, an entity is in `doc.ents` only where its borders are those of tokens; groups keep all."""
    import spacy
    from spacy.tokens import Doc

    pipeline = spacy.blank("zh")
    pipeline.add_pipe("extract")
    words = ["青川市", "就业服务中心", "2023", "年收入", "总计2350.16万", "元。"]
    doc = pipeline(Doc(pipeline.vocab, words=words, spaces=[False] * len(words)))
    assert [entity.text for entity in doc.ents] == ["青川市就业服务中心"]
    [date] = [span for span in doc.spans["entities"] if span.label_ == "DATE"]
    assert (date.text, date._.exact, date._.norm) == ("2023年收入", False, "2023")
    [figure] = doc.spans["quantities"]
    assert (figure.text, figure._.value) == ("总计2350.16万元。", Decimal(23501600))


@pytest.mark.parametrize(("alignment", "found"), [("expand", ["2023年收入"]), ("contract", ["2023"]), ("strict", [])])
def test_alignment(alignment: str, found: list[str]) -> None:
    """The config says what becomes of a span whose borders lie inside tokens."""
    import spacy
    from spacy.tokens import Doc

    pipeline = spacy.blank("zh")
    pipeline.add_pipe("extract", config={"alignment": alignment})
    doc = pipeline(Doc(pipeline.vocab, words=["2023", "年收入", "5万元"], spaces=[False] * 3))
    assert [span.text for span in doc.spans["entities"]] == found


@pytest.mark.parametrize(("overwrite", "label"), [(False, "MINE"), (True, "ORG")])
def test_entities_of_others(overwrite: bool, label: str) -> None:
    """Entities that another component found stay and come first, unless the config says otherwise."""
    import spacy

    pipeline = spacy.blank("zh")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "MINE", "pattern": "就业服务"}])
    pipeline.add_pipe("extract", config={"overwrite_ents": overwrite})
    labels = [entity.label_ for entity in pipeline(TEXT).ents]
    assert labels[0] == label
    assert ("MINE" in labels) is not overwrite
    assert "DATE" in labels


def test_groups_and_ents_can_be_left_out() -> None:
    """The config chooses the span groups, and whether `doc.ents` are written."""
    pipeline = extract.load(groups=["metrics"], ents=False)
    doc = pipeline(TEXT)
    assert list(doc.spans) == ["metrics"]
    assert doc.ents == ()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"groups": ["figures"]}, "'figures' is no span group; use any of sections"),
        ({"alignment": "loose"}, "'loose' is no alignment; use one of strict"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_config(config: dict[str, Any], says: str) -> None:
    """A setting that does not exist is refused, with those that do."""
    with pytest.raises(ValueError, match=says):
        extract.load(**config)


def test_missing_patterns() -> None:
    """A pattern folder that is not there is named when the first text is read."""
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        extract.load(patterns=["nowhere"])(TEXT)


def test_a_doc_of_another_pipeline() -> None:
    """A `Doc` that the component has not read says what to do."""
    import spacy

    with pytest.raises(ValueError, match="add_pipe"):
        _ = spacy.blank("zh")(TEXT)._.report


def records(doc: Any) -> tuple[Any, ...]:
    """All that has to survive a journey of a document."""
    groups = {
        name: [(span.id_, span.label_, span.start, span.end, span._.value) for span in spans]
        for name, spans in doc.spans.items()
    }
    return groups, [(entity.text, entity.label_) for entity in doc.ents], doc._.report


def test_doc_bin(doc: Any, nlp: Any) -> None:
    """A `DocBin` brings back spans, ids, entities and records."""
    from spacy.tokens import DocBin

    data = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    [back] = DocBin(store_user_data=True).from_bytes(data).get_docs(nlp.vocab)
    assert records(back) == records(doc)


def test_doc_to_bytes(doc: Any, nlp: Any) -> None:
    """A document's own bytes, and its pickle, bring back the same."""
    from spacy.tokens import Doc

    assert records(Doc(nlp.vocab).from_bytes(doc.to_bytes())) == records(doc)
    assert records(pickle.loads(pickle.dumps(doc))) == records(doc)


def test_several_processes(nlp: Any) -> None:
    """Two processes give, in order, what one gives."""
    texts = [TEXT, TEXT[:60], "收入12万元。", ""] * 3
    one, two = list(nlp.pipe(texts)), list(nlp.pipe(texts, n_process=2, batch_size=2))
    assert [records(doc) for doc in one] == [records(doc) for doc in two]
    assert len(one) == 12


def test_names_of_documents(nlp: Any) -> None:
    """A context that is a string names the document in its records."""
    docs = [doc for doc, _ in nlp.pipe([(TEXT, "a"), ("收入1万元", "b")], as_tuples=True)]
    assert [doc._.report.doc_id for doc in docs] == ["a", "b"]


def test_pickle(nlp: Any, doc: Any) -> None:
    """A pickled pipeline reads the same."""
    assert records(pickle.loads(pickle.dumps(nlp))(TEXT)) == records(doc)


def overlay(folder: Path) -> Path:
    """A pattern folder with a template of its own."""
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(
        'schema = 1\nkind = "template"\nabout = "mine"\n\n[[rule]]\nid = "mine.handled"\n'
        'template = "办结{target:count}"\nexamples = ["办结⟦5件⟧"]\n',
        encoding="utf-8",
    )
    return folder


def test_to_disk(tmp_path: Path, nlp: Any, doc: Any) -> None:
    """A saved pipeline reads the same when it is loaded again."""
    import spacy

    nlp.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    assert loaded.pipe_names == ["extract"]
    assert records(loaded(TEXT)) == records(doc)


def test_a_saved_pipeline_brings_its_patterns(tmp_path: Path) -> None:
    """Patterns, model and settings of a saved pipeline go with it, even when the folders they came from are gone."""
    import spacy

    folder = overlay(tmp_path / "mine")
    models = shutil.copytree(default_models(), tmp_path / "models")
    pipeline = extract.load(patterns=[str(folder)], models=str(models), alignment="strict", groups=["metrics"])
    doc = pipeline("全年办结5件。")
    [wanted] = doc.spans["metrics"]
    assert wanted._.record.rule == "mine.handled"
    pipeline.to_disk(tmp_path / "saved")
    data = pipeline.to_bytes()
    (folder / "mine.toml").unlink()
    folder.rmdir()
    shutil.rmtree(models)
    for loaded in (spacy.load(tmp_path / "saved"), extract.load().from_bytes(data)):
        again = loaded("全年办结5件。")
        [span] = again.spans["metrics"]
        assert span._.record == wanted._.record
        assert loaded.get_pipe("extract").alignment == "strict"


def test_displacy(doc: Any) -> None:
    """displaCy draws the entities and any span group."""
    from spacy import displacy

    assert "ORG" in displacy.render(doc, style="ent", jupyter=False)
    drawn = displacy.render(doc, style="span", options={"spans_key": "metrics"}, jupyter=False)
    assert "completion" in drawn


def test_entry_point() -> None:
    """spaCy finds the component by itself once the package is installed, and its parts fit together."""
    import spacy

    [point] = entry_points(group="spacy_factories", name="extract")
    assert point.value == "extract.spacy_pipe:make_extract"
    pipeline = spacy.blank("zh")
    pipeline.add_pipe("extract")
    assert pipeline.analyze_pipes()["problems"] == {"extract": []}


@pytest.mark.parametrize("segmenter", ["char", "jieba"])
def test_load(segmenter: str) -> None:
    """`extract.load()` makes a pipeline with any of spaCy's segmenters; the records are the same."""
    import jieba

    jieba.setLogLevel(60)
    doc = extract.load(segmenter=segmenter)(TEXT)
    assert doc._.metrics[0].value == Decimal(10700)
    assert (len(doc) > 0.9 * len(TEXT)) is (segmenter == "char")
