"""The door for spaCy users: `nlp.add_pipe("extract")` on any pipeline, or `extract.load()` for a new one.

The component reads `doc.text` with the same stages as the rest of the toolkit and writes what it found to the `Doc`:

* span groups ``doc.spans["sections" | "headings" | "quantities" | "metrics" | "entities" | "findings"]``; the label of
  a span is its type, kind, role or rule, and its id (`span.id_`) that of its record;
* ``doc.ents``: the entities whose borders are those of tokens, beside the ones that are there already;
* extensions: ``doc._.report`` (all records, typed), ``doc._.metrics``, ``doc._.pairs``, ``doc._.changes``,
  ``doc._.breakdowns``, ``doc._.findings``, and on a span of a group ``span._.record``, ``span._.value`` (`Decimal`),
  ``span._.unit``, ``span._.role``, ``span._.indicator``, ``span._.norm``, ``span._.exact`` (whether the borders of the
  record are those of tokens).

Records travel with the `Doc` as JSON in ``doc.user_data``: `to_bytes`, `DocBin(store_user_data=True)` and
``nlp.pipe(n_process=2)`` keep them. A pipeline saved with `to_disk` holds the files of
the pattern folders it was made with.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
import srsly
from spacy import blank
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from extract.pipeline import Extractor
from extract.records import Finding, Metric, Report
from extract.write import encode_line

KEY: Final = "extract"  # of `doc.user_data`
GROUPS: Final = ("sections", "headings", "quantities", "metrics", "entities", "findings")
ALIGNMENTS: Final = ("strict", "contract", "expand")
_CONFIG: Final = {
    "patterns": [],
    "models": None,
    "language": "zh",
    "groups": list(GROUPS),
    "ents": True,
    "overwrite_ents": False,
    "alignment": "expand",
}


class ExtractPipe:
    """The component. See `make_extract` for what each setting does."""

    def __init__(
        self,
        name: str,
        *,
        patterns: Sequence[str] = (),
        models: str | None = None,
        language: str = "zh",
        groups: Sequence[str] = GROUPS,
        ents: bool = True,
        overwrite_ents: bool = False,
        alignment: str = "expand",
    ) -> None:
        if unknown := [group for group in groups if group not in GROUPS]:
            raise ValueError(f"extract: {unknown[0]!r} is no span group; use any of {', '.join(GROUPS)}")
        if alignment not in ALIGNMENTS:
            raise ValueError(f"extract: {alignment!r} is no alignment; use one of {', '.join(ALIGNMENTS)}")
        self.name = name
        self.language = language
        self.groups = tuple(groups)
        self.ents = ents
        self.overwrite_ents = overwrite_ents
        self.alignment = alignment
        self._folders = (*patterns, *([] if models is None else [models]))  # read late: a saved pipeline has its own
        self._models = models is not None
        self._read: list[dict[str, bytes]] | None = None
        self._extractor: Extractor | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Read a document and write spans, entities and records to it."""
        report = self.extractor.read_text(doc.text, doc_id=_doc_id(doc))
        doc.user_data[KEY] = encode_line(report).decode()
        for group in self.groups:
            doc.spans[group] = SpanGroup(doc, name=group, spans=list(self._spans(doc, report, group)))
        if self.ents:
            found = [span for span in self._spans(doc, report, "entities") if span._.exact]
            there = [] if self.overwrite_ents else list(doc.ents)
            taken = {token.i for span in there for token in span}
            free = [span for span in found if not any(token.i in taken for token in span)]
            doc.ents = [*there, *filter_spans(free)]
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Read documents one after the other."""
        for doc in stream:
            yield self(doc)

    @property
    def extractor(self) -> Extractor:
        """The extractor with the patterns of this component, made when it is first used."""
        if self._extractor is None:
            self._extractor = _extractor(msgspec.msgpack.encode(self._tables), self._models, self.language)
        return self._extractor

    @property
    def _tables(self) -> list[dict[str, bytes]]:
        if self._read is None:
            self._read = _files(self._folders)
        return self._read

    def _spans(self, doc: Doc, report: Report, group: str) -> Iterator[Span]:
        for identifier, label, start, end in _placed(report, group):
            span = doc.char_span(start, end, label=label, alignment_mode=self.alignment, span_id=identifier)
            if span is not None and len(span):
                yield span

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle holds: the settings and patterns; the extractor is made anew."""
        return {**self.__dict__, "_extractor": None}

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Settings and pattern files as bytes."""
        data: bytes = srsly.msgpack_dumps({"settings": self._settings(), "files": self._tables})
        return data

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> ExtractPipe:
        """Take settings and pattern files from bytes."""
        read = srsly.msgpack_loads(data)
        self._restore(read["settings"], read["files"])
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write settings and pattern files into a folder, so that a saved pipeline needs nothing beside it."""
        folder = Path(path)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        srsly.write_json(folder / "settings.json", self._settings())
        _unpack(self._tables, folder / "files")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> ExtractPipe:
        """Read settings and pattern files from a folder."""
        folder = Path(path)
        saved = sorted((folder / "files").iterdir()) if (folder / "files").is_dir() else []
        self._restore(srsly.read_json(folder / "settings.json"), _files([str(one) for one in saved]))
        return self

    def _settings(self) -> dict[str, Any]:
        return {
            "groups": list(self.groups),
            "ents": self.ents,
            "overwrite_ents": self.overwrite_ents,
            "alignment": self.alignment,
            "models": self._models,
            "language": self.language,
        }

    def _restore(self, settings: dict[str, Any], tables: list[dict[str, bytes]]) -> None:
        self.groups = tuple(settings["groups"])
        self.ents = settings["ents"]
        self.overwrite_ents = settings["overwrite_ents"]
        self.alignment = settings["alignment"]
        self._models = settings["models"]
        self.language = settings["language"]
        self._read = tables
        self._extractor = None


@Language.factory("extract", default_config=_CONFIG, assigns=["doc.spans", "doc.ents", "doc.user_data"])
def make_extract(
    nlp: Language,
    name: str,
    patterns: list[str],
    models: str | None,
    language: str,
    groups: list[str],
    ents: bool,
    overwrite_ents: bool,
    alignment: str,
) -> ExtractPipe:
    """The factory of the component `extract`.

    * ``patterns``: folders laid over the built-in grammar
    * ``models``: a folder that `extract train` wrote, in place of the built-in one
    * ``language``: that of the findings' messages, zh or en
    * ``groups``: span groups to write; some of sections, headings, quantities, metrics, entities, findings
    * ``ents``: whether to write `doc.ents`, where entities begin and end with tokens
    * ``overwrite_ents``: whether to drop the entities that other components found; else they come first
    * ``alignment``: spans whose borders lie inside tokens are made larger (``expand``) or smaller (``contract``), or
      left out (``strict``)
    """
    return ExtractPipe(
        name, patterns=patterns, models=models, language=language, groups=groups, ents=ents,
        overwrite_ents=overwrite_ents, alignment=alignment,
    )  # fmt: skip


def load(*, segmenter: str = "char", **config: Any) -> Language:
    """A blank Chinese pipeline with the component; `config` is that of `make_extract`."""
    nlp = blank("zh", config={"nlp": {"tokenizer": {"segmenter": segmenter}}})
    nlp.add_pipe("extract", config=config)
    return nlp


def report_of(doc: Doc) -> Report:
    """The records of a document, typed. Raises `ValueError` where the component `extract` has not read it."""
    data = doc.user_data.get(KEY)
    if data is None:
        raise ValueError('this Doc was not read by extract; call nlp.add_pipe("extract") before nlp(text)')
    return _decode(data)


@lru_cache(maxsize=64)
def _decode(data: str) -> Report:
    return msgspec.json.decode(data, type=Report)


@lru_cache(maxsize=64)
def _by_id(data: str) -> dict[str, Any]:
    report = _decode(data)
    lists = (report.sections, report.entities, report.quantities, report.metrics, report.findings)
    return {record.id: record for records in lists for record in records}


@lru_cache(maxsize=4)
def _extractor(tables: bytes, models: bool, language: str) -> Extractor:
    """One extractor for all components of one grammar; with `models` the last folder is that of a model."""
    folders: list[dict[str, bytes]] = msgspec.msgpack.decode(tables, type=list[dict[str, bytes]])
    with tempfile.TemporaryDirectory(prefix="extract-") as name:
        made = _unpack(folders, Path(name))
        where = made.pop() if models else None
        extractor = Extractor(made, models=where, language=language)
        extractor.prepare()  # while its files are there
        return extractor


def _files(folders: Sequence[str]) -> list[dict[str, bytes]]:
    """The files of some folders: path within the folder to bytes. Raises `ValueError` for one that is not there."""
    found = []
    for name in folders:
        folder = Path(name)
        if not folder.is_dir():
            raise ValueError(f"extract: {name}: no such folder; check `patterns` and `models` in the config")
        paths = sorted(path for path in folder.rglob("*") if path.suffix in (".toml", ".csv", ".skops"))
        found.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})
    return found


def _unpack(folders: Sequence[dict[str, bytes]], into: Path) -> list[Path]:
    """Write the files of folders again; where each folder is now."""
    made = []
    for number, files in enumerate(folders):
        made.append(into / f"{number:03}")
        made[-1].mkdir(parents=True)
        for name, data in files.items():
            path = made[-1] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return made


def _doc_id(doc: Doc) -> str:
    context = doc._context
    return context if isinstance(context, str) else "doc"


def _placed(report: Report, group: str) -> Iterator[tuple[str, str, int, int]]:
    """Id, label and offsets of the spans of a group."""
    if group == "metrics":
        places = {quantity.id: (quantity.start, quantity.end) for quantity in report.quantities}
        yield from ((metric.id, metric.role, *places[metric.quantity]) for metric in report.metrics)
    elif group == "headings":
        yield from ((one.id, one.type, one.heading.start, one.heading.end) for one in report.sections)
    elif group == "sections":
        yield from ((one.id, one.type, one.start, one.end) for one in report.sections)
    elif group == "quantities":
        yield from ((one.id, one.kind, one.start, one.end) for one in report.quantities)
    elif group == "entities":
        yield from ((one.id, one.type, one.start, one.end) for one in report.entities)
    else:
        yield from ((one.id, one.rule, one.start, one.end) for one in report.findings)


def _record(span: Span) -> Any:
    return _by_id(data).get(span.id_) if (data := span.doc.user_data.get(KEY)) is not None else None


def _field(name: str) -> Callable[[Span], Any]:
    return lambda span: getattr(_record(span), name, None)


def _records(name: str) -> Callable[[Doc], Any]:
    return lambda doc: getattr(report_of(doc), name)


def _indicator(span: Span) -> str | None:
    record = _record(span)
    return record.indicator.text if isinstance(record, Metric) and record.indicator else None


def _exact(span: Span) -> bool:
    """Whether a span begins and ends where its record (or the heading of its section) does."""
    record = _record(span)
    if record is None:
        return False
    if isinstance(record, Metric):
        record = _by_id(span.doc.user_data[KEY])[record.quantity]
    places = [(record.start, record.end)]
    if not isinstance(record, Finding) and hasattr(record, "heading"):
        places.append((record.heading.start, record.heading.end))
    return (span.start_char, span.end_char) in places


def register() -> None:
    """Set the extensions. Importing this module does it; a second time changes nothing."""
    Doc.set_extension("report", getter=report_of, force=True)
    for name in ("metrics", "pairs", "changes", "breakdowns", "findings"):
        Doc.set_extension(name, getter=_records(name), force=True)
    Span.set_extension("record", getter=_record, force=True)
    for name in ("value", "unit", "role", "norm"):
        Span.set_extension(name, getter=_field(name), force=True)
    Span.set_extension("indicator", getter=_indicator, force=True)
    Span.set_extension("exact", getter=_exact, force=True)


register()
