"""The JSON Schema of the document: valid itself, true of every output, and false of what is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sample_report import one_of_each

from extract.pipeline import Extractor
from extract.records import Report
from extract.schema import DIALECT, document_schema
from extract.source import decode
from extract.write import encode

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def validator() -> Any:
    """A validator of the schema, which is itself a valid one."""
    schema = document_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_every_document_of_the_corpus_is_valid(root: Path, extractor: Extractor, validator: Any) -> None:
    """What the extractor writes for the corpus, and a report with one record of each kind, fits the schema."""
    reports = [one_of_each()]
    for path in sorted((root / "corpus" / "reports").glob("*.txt")):
        reports.append(extractor.read(decode(path.read_bytes(), path=path.name), doc_id=path.stem))
    for report in reports:
        errors = [f"{report.doc_id} {error.json_path}: {error.message}" for error in validator.iter_errors(
            json.loads(encode(report)))]  # fmt: skip
        assert errors == []


def plant(document: Any, path: str, value: object) -> None:
    """Set one field of a document."""
    *way, last = path.split(".")
    for step in way:
        document = document[int(step) if step.isdigit() else step]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metrics.0.role", "wish"),
        ("metrics.0.value", "10700"),
        ("metrics.0.id", "q1"),
        ("metrics.0.colour", "red"),
        ("metrics.0.sentence.start", -1),
        ("quantities.0.kind", None),
        ("quantities.0.start", 1.5),
        ("entities.0.type", "THING"),
        ("pairs.0.actual.comparator", "≥"),
        ("pairs.0.basis", None),
        ("changes.0.direction", "up"),
        ("findings.0.severity", "grave"),
        ("document.region", None),
        ("findings", {}),
    ],
)
def test_what_is_no_document_is_refused(validator: Any, path: str, value: object) -> None:
    """A field of another type, an unknown word or an unknown field does not fit."""
    document = json.loads(encode(one_of_each()))
    assert validator.is_valid(document)
    plant(document, path, value)
    assert not validator.is_valid(document)


def test_a_missing_field_is_refused(validator: Any) -> None:
    """Every field of a document is always there."""
    for field in Report.__struct_fields__:
        document = json.loads(encode(one_of_each()))
        del document[field]
        assert not validator.is_valid(document), field


def test_command(cli: Callable[..., Result]) -> None:
    """`extract schema` prints the schema, `--tables` the data package."""
    printed = json.loads(cli("schema").stdout)
    assert printed == document_schema()
    assert printed["$schema"] == DIALECT
    assert {resource["name"] for resource in json.loads(cli("schema", "--tables").stdout)["resources"]} > {"panel"}
