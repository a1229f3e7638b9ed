"""The Python interface: `import extract`, then `extract.read`, `extract.stream` and what stands below.

Nothing heavy is imported before it is used: `import extract` takes a few milliseconds, pandas, polars and spaCy are
only needed by the functions that name them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from extract.exports import ALWAYS, table_rows, write_tables
from extract.exports.writer import need
from extract.output_tables import TABLES, Row
from extract.panel import panel_rows
from extract.pipeline import Extractor
from extract.records import (
    Breakdown,
    Change,
    DocumentInfo,
    Entity,
    Finding,
    Metric,
    Pair,
    Quantity,
    Report,
    Section,
    Table,
)
from extract.run import Input, find_inputs, read_input
from extract.source import make_source
from extract.write import encode

if TYPE_CHECKING:
    import pandas
    import polars
    from spacy.language import Language

PathLike = str | os.PathLike[str]
Grammar = tuple[tuple[str, ...], str | None, str]
_LONGEST_PATH: Final = 1000
_SUFFIXES: Final = (".txt", ".md", ".html", ".htm", ".docx", ".doc", ".pdf", ".xlsx", ".csv", ".json")


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class ReadError(ValueError):
    """A document that could not be read: `path` says which, the message why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        """The file and the reason."""
        return f"{self.path}: {self.reason}"


class Document:
    """One report that was read: its records, typed and frozen, and the text that their offsets point into.

    >>> document = extract.read("城镇新增就业1.07万人，完成年度任务的130%。")
    >>> [(metric.indicator.text, metric.role, metric.value, metric.unit) for metric in document.metrics]
    [('城镇新增就业', 'actual', Decimal('10700'), '人'), ('城镇新增就业', 'completion', Decimal('130'), '%')]
    """

    __slots__ = ("report", "text")

    def __init__(self, report: Report, text: str) -> None:
        self.report = report
        self.text = text

    def __repr__(self) -> str:  # noqa: D105
        return f"<Document {self.doc_id!r}: {len(self.text):,} characters, {len(self.metrics):,} metrics>"

    def __eq__(self, other: object) -> bool:
        """Whether records and text are the same."""
        return isinstance(other, Document) and (self.report, self.text) == (other.report, other.text)

    __hash__ = None  # type: ignore[assignment]

    @property
    def doc_id(self) -> str:
        """Name of the document, unique within a run."""
        return self.report.doc_id

    @property
    def document(self) -> DocumentInfo:
        """Title, organisation, region, fiscal year, genre; null where the text does not say."""
        return self.report.document

    @property
    def sections(self) -> list[Section]:
        """Headings with all that they govern, in the order of the text."""
        return self.report.sections

    @property
    def tables(self) -> list[Table]:
        """Tables with the texts of their cells."""
        return self.report.tables

    @property
    def entities(self) -> list[Entity]:
        """Organisations, places, people, policies, document numbers, dates, projects, groups of people."""
        return self.report.entities

    @property
    def quantities(self) -> list[Quantity]:
        """Figures with exact values: money in 元, rates in percent, 万 and 亿 expanded."""
        return self.report.quantities

    @property
    def metrics(self) -> list[Metric]:
        """What the figures say: indicator, role, value, period."""
        return self.report.metrics

    @property
    def pairs(self) -> list[Pair]:
        """Targets and budgets beside their results."""
        return self.report.pairs

    @property
    def changes(self) -> list[Change]:
        """Moves between two periods, by the ids of their metrics."""
        return self.report.changes

    @property
    def breakdowns(self) -> list[Breakdown]:
        """Totals and their parts, by the ids of their metrics."""
        return self.report.breakdowns

    @property
    def findings(self) -> list[Finding]:
        """Statements that do not agree with others."""
        return self.report.findings

    def quote(self, record: _Placed) -> str:
        """The words of the text, as printed, at which a record with `start` and `end` stands."""
        return self.text[record.start : record.end]

    def to_dict(self, *, exact: bool = False) -> dict[str, Any]:
        """The document as its JSON reads: plain dicts and lists; with `exact`, fractions as `Decimal`, not `float`."""
        read: dict[str, Any] = json.loads(encode(self.report), parse_float=Decimal if exact else float)
        return read

    def to_json(self) -> bytes:
        """The bytes of `<doc_id>.json` as `extract run` writes it, in UTF-8."""
        return encode(self.report)

    def rows(self, table: str = "metrics") -> list[dict[str, object]]:
        """The rows of one table (see `extract schema --tables`); exact numbers are strings of digits."""
        return list(rows([self], table))

    def to_pandas(self, table: str = "metrics") -> pandas.DataFrame:
        """One table as a pandas data frame; see `to_pandas`."""
        return to_pandas([self], table)

    def to_polars(self, table: str = "metrics") -> polars.DataFrame:
        """One table as a polars data frame; see `to_polars`."""
        return to_polars([self], table)


def read(
    source: PathLike | bytes,
    *,
    doc_id: str | None = None,
    patterns: Sequence[PathLike] = (),
    models: PathLike | None = None,
    language: str = "zh",
) -> Document:
    """Read one report: a text, a file, or the bytes of a file.

    A `str` is the text itself, unless it is one line that names an existing file; a `Path` is always a file. `patterns`
    are folders laid over the built-in grammar, which is loaded once and kept; `models` is a folder that `extract train`
    wrote, `language` (zh, en) that of the findings' messages. Raises `ReadError` for what is no readable text,
    `FileNotFoundError`, `extract.patterns.PatternError` and `extract.section_model.ModelError`.
    """
    extractor = _extractor(*_grammar(patterns, models, language))
    if isinstance(source, bytes):
        from extract.source import UnreadableError, decode

        try:
            decoded = decode(source, path=doc_id or "text")
        except UnreadableError as error:
            raise ReadError(doc_id or "text", str(error)) from error
        return Document(extractor.read(decoded, doc_id=doc_id or "text"), decoded.text)
    path = _path(source)
    if path is None:
        text = str(source)
        return Document(extractor.read(make_source(text), doc_id=doc_id or "text"), text)
    return _read_input(Input(doc_id or path.stem, path.as_posix(), path), extractor)


def stream(
    paths: PathLike | Iterable[PathLike],
    *,
    workers: int = 1,
    patterns: Sequence[PathLike] = (),
    models: PathLike | None = None,
    language: str = "zh",
    on_error: Callable[[ReadError], object] | None = None,
) -> Iterator[Document]:
    """Read many reports one after the other, in the order of their paths, as they are asked for.

    `paths` are files and folders, as `extract run` takes them. With several `workers` (processes) reports are read
    ahead, a few for each worker, and still come in order; the results are the same. A report that cannot be read
    raises `ReadError`; with `on_error` that is called instead, and the stream goes on. Raises
    `extract.run.UsageError` for a path that does not exist.
    """
    if workers < 1:
        raise ValueError(f"workers={workers}: give 1 or more")
    names = [paths] if isinstance(paths, str | os.PathLike) else paths
    inputs, _ = find_inputs([os.fspath(name) for name in names])
    grammar = _grammar(patterns, models, language)
    one_by_one = _one_by_one if workers == 1 or len(inputs) < 2 else _in_order
    for done in one_by_one(inputs, grammar, workers):
        if isinstance(done, Document):
            yield done
        elif on_error is None:
            raise done
        else:
            on_error(done)


def export(
    documents: Iterable[Document],
    folder: PathLike,
    *,
    formats: Sequence[str] = ALWAYS,
    patterns: Sequence[PathLike] = (),
) -> list[str]:
    """Write documents and their tables into a folder, as `extract run` does; the names of the files.

    `formats` are some of `json`, `csv`, `jsonl`, `parquet`, `sqlite`, `duckdb`, `xlsx`. One document at a time is in
    memory. Raises `extract.exports.MissingPackageError` where an optional package is missing.
    """
    out = Path(folder)
    names: list[str] = []

    def each() -> Iterator[tuple[Report, str]]:
        for document in documents:
            if "json" in formats:
                names.append(f"{document.doc_id}.json")
                (out / names[-1]).write_bytes(document.to_json())
            yield document.report, document.text

    pack = _extractor(*_grammar(patterns)).pack
    return [*write_tables(out, each(), formats=formats, pack=pack), *names]


def open_run(folder: PathLike) -> Iterator[Report]:
    """The reports that `extract run -o FOLDER` wrote, typed, one at a time, in the order of the run.

    Raises `FileNotFoundError` for a folder without `run.json`.
    """
    out = Path(folder)
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))
    decoder = msgspec.json.Decoder(Report)
    for entry in manifest["inputs"]:
        yield decoder.decode((out / f"{entry['doc_id']}.json").read_bytes())


def rows(documents: Iterable[Document], table: str = "metrics") -> Iterator[dict[str, object]]:
    """The rows of one table over some documents, one at a time: column name to value.

    The tables and columns are those of the CSV files (`extract schema --tables`); `panel` is made from all documents.
    Exact numbers are strings of digits, dates ISO strings. Raises `ValueError` for an unknown table.
    """
    names = _table(table)
    for row in _rows(documents, table):
        yield dict(zip(names, row, strict=True))


def to_pandas(documents: Iterable[Document] | Document, table: str = "metrics") -> pandas.DataFrame:
    """One table over some documents as a pandas data frame, one row a record.

    Numbers are `float64`, counts and offsets `Int64`, truth values `boolean`, dates `datetime64`; what the text does
    not say is missing. Raises `ValueError` for an unknown table, `extract.exports.MissingPackageError` without pandas.
    """
    pd: Any = need("pandas", extra="frames", what="to_pandas")
    names = _table(table)
    kinds = {"integer": "Int64", "float": "float64", "decimal": "float64", "boolean": "boolean", "string": "object"}
    cells = list(zip(*_rows(_all(documents), table), strict=True)) or [()] * len(names)
    columns = {}
    for column, values in zip(TABLES[table].columns, cells, strict=True):
        if column.type == "date":
            columns[column.name] = pd.to_datetime(pd.Series(values, dtype="object"), errors="coerce")
        else:
            columns[column.name] = pd.Series(values, dtype="object").astype(kinds[column.type])
    frame: pandas.DataFrame = pd.DataFrame(columns)
    return frame


def to_polars(documents: Iterable[Document] | Document, table: str = "metrics") -> polars.DataFrame:
    """One table over some documents as a polars data frame, one row a record.

    Numbers are `Float64`, counts and offsets `Int64`, dates `Date`; what the text does not say is null. Raises
    `ValueError` for an unknown table, `extract.exports.MissingPackageError` without polars.
    """
    pl: Any = need("polars", extra="frames", what="to_polars")
    _table(table)
    kinds = {
        "integer": pl.Int64, "float": pl.Float64, "decimal": pl.Float64, "boolean": pl.Boolean, "string": pl.String,
        "date": pl.Date,
    }  # fmt: skip
    columns = TABLES[table].columns
    cells = list(zip(*_rows(_all(documents), table), strict=True)) or [()] * len(columns)
    made = {
        column.name: pl.Series(column.name, [_typed(column.type, cell) for cell in values], dtype=kinds[column.type])
        for column, values in zip(columns, cells, strict=True)
    }
    frame: polars.DataFrame = pl.DataFrame(made)
    return frame


def explain_sentence(sentence: str, *, patterns: Sequence[PathLike] = ()) -> str:
    """What is read from a sentence, and which rules did it, as `extract explain` prints it."""
    from extract.explain import explain

    return explain(sentence, _extractor(*_grammar(patterns)).pack)


def check_patterns(folder: PathLike) -> list[str]:
    """The problems of a pattern folder, one sentence each, as `extract check` prints them; empty when all holds."""
    from extract.check import check_folder

    return [str(problem) for problem in check_folder(Path(folder))]


def load(*, segmenter: str = "char", **config: Any) -> Language:
    """A spaCy pipeline for Chinese with the component `extract`; see `extract.spacy_pipe` for its `config`.

    `segmenter` is spaCy's own setting: `char` (every character a token, so that every span fits), `jieba` or
    `pkuseg`.
    """
    from extract.spacy_pipe import load as load_pipeline

    return load_pipeline(segmenter=segmenter, **config)


@lru_cache(maxsize=4)
def _extractor(patterns: tuple[str, ...], models: str | None, language: str) -> Extractor:
    where = None if models is None else Path(models)
    return Extractor(tuple(map(Path, patterns)), models=where, language=language)


def _grammar(patterns: Sequence[PathLike], models: PathLike | None = None, language: str = "zh") -> Grammar:
    return tuple(os.fspath(folder) for folder in patterns), None if models is None else os.fspath(models), language


def _path(source: PathLike) -> Path | None:
    """The file that is meant, or nothing where the words themselves are the text."""
    if not isinstance(source, str):
        path = Path(source)
    elif "\n" in source or len(source) > _LONGEST_PATH or "\0" in source:
        return None
    else:
        path = Path(source)
        try:
            if not path.is_file() and path.suffix.lower() not in _SUFFIXES:
                return None
        except OSError:  # a sentence too long for a file name
            return None
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; to read a text, give the text itself as one string")
    return path


def _read_input(item: Input, extractor: Extractor) -> Document:
    try:
        return Document(*read_input(item, extractor))
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise ReadError(item.path, error.strerror) from error
        raise ReadError(item.path, str(error) or type(error).__name__) from error


def _try_input(item: Input, grammar: Grammar) -> Document | ReadError:
    try:
        return _read_input(item, _extractor(*grammar))
    except ReadError as error:
        return ReadError(error.path, error.reason)  # without its cause, which may not travel between processes


def _one_by_one(inputs: Sequence[Input], grammar: Grammar, _: int) -> Iterator[Document | ReadError]:
    return (_try_input(item, grammar) for item in inputs)


def _in_order(inputs: Sequence[Input], grammar: Grammar, workers: int) -> Iterator[Document | ReadError]:
    """Reads ahead by a few documents a worker, so that memory does not grow with the number of inputs."""
    with ProcessPoolExecutor(workers) as pool:
        ahead: deque[Future[tuple[bytes, str] | ReadError]] = deque()
        try:
            for item in inputs:
                ahead.append(pool.submit(_send, item, grammar))
                if len(ahead) >= 3 * workers:
                    yield _receive(ahead.popleft().result())
            while ahead:
                yield _receive(ahead.popleft().result())
        finally:  # the caller may have stopped half way
            for future in ahead:
                future.cancel()


def _send(item: Input, grammar: Grammar) -> tuple[bytes, str] | ReadError:
    done = _try_input(item, grammar)
    return done if isinstance(done, ReadError) else (msgspec.msgpack.encode(done.report), done.text)


def _receive(sent: tuple[bytes, str] | ReadError) -> Document | ReadError:
    return sent if isinstance(sent, ReadError) else Document(msgspec.msgpack.decode(sent[0], type=Report), sent[1])


def _all(documents: Iterable[Document] | Document) -> Iterable[Document]:
    return [documents] if isinstance(documents, Document) else documents


def _table(name: str) -> tuple[str, ...]:
    if name not in TABLES:
        raise ValueError(f"{name!r} is no table; use one of {', '.join(TABLES)}")
    return TABLES[name].names


def _rows(documents: Iterable[Document], table: str) -> Iterator[Row]:
    if table != "panel":
        return chain.from_iterable(table_rows(document.report, document.text)[table] for document in documents)
    return _panel(documents)


def _panel(documents: Iterable[Document]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="extract-") as folder:
        yield from panel_rows((document.report for document in documents), Path(folder), _extractor(*_grammar(())).pack)


def _typed(kind: str, cell: Any) -> object:
    if cell is None:
        return None
    if kind == "decimal":
        return float(cell)
    if kind == "date":
        try:
            return date.fromisoformat(cell)
        except ValueError:
            return None
    return cell
