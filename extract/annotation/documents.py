"""The documents of a run with their texts, as marks, and what people made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from extract.annotation.brat import read_brat
from extract.annotation.label_studio import read_tasks
from extract.annotation.marks import Annotated, AnnotationError, annotate
from extract.records import Report
from extract.source import UnreadableError, decode


def run_documents(out: Path, *, texts: Path | None = None) -> Iterator[Annotated]:
    """The documents that `extract run -o OUT` wrote, as marks, one at a time in the order of the run.

    The text of a document is `OUT/<doc_id>.txt` where the run wrote one, else the file that was read; `texts` is the
    folder it is in now, if it was moved. Raises `AnnotationError` for a text that is not there or not the same.
    """
    manifest_file = out / "run.json"
    if not manifest_file.is_file():
        raise AnnotationError(f"{out}: no run.json; give the folder that `extract run -o` wrote")
    manifest: dict[str, Any] = msgspec.json.decode(manifest_file.read_bytes())
    decoder = msgspec.json.Decoder(Report)
    for entry in manifest["inputs"]:
        report = decoder.decode((out / f"{entry['doc_id']}.json").read_bytes())
        yield annotate(report, _text(report, out, texts), file=_file(report, out))


def read_annotations(source: Path) -> Iterator[Annotated]:
    """The documents of a Label Studio export (a `.json` file) or of a brat collection (a folder).

    Raises `AnnotationError` with the place and what to do.
    """
    if source.is_dir():
        return read_brat(source)
    if not source.is_file():
        raise AnnotationError(f"{source}: no such file or folder; give a Label Studio export or a brat folder")
    return read_tasks(source)


def _file(report: Report, out: Path) -> str:
    name = Path(report.source.path).name
    return f"{report.doc_id}.txt" if (out / f"{report.doc_id}.txt").is_file() or name in ("", "-") else name


def _text(report: Report, out: Path, texts: Path | None) -> str:
    extracted = out / f"{report.doc_id}.txt"
    if extracted.is_file():
        return extracted.read_bytes().decode("utf-8")
    path = Path(report.source.path)
    path = texts / path.name if texts is not None else path
    if not path.is_file():
        raise AnnotationError(f"{path}: the text of {report.doc_id} is not there; name its folder with --texts")
    data = path.read_bytes()
    try:
        text = decode(data, path=report.source.path).text
    except UnreadableError as error:
        raise AnnotationError(f"{path}: {error}") from error
    if hashlib.sha256(data).hexdigest() != report.source.sha256:
        raise AnnotationError(f"{path}: changed since it was read; run `extract run` again")
    return text
