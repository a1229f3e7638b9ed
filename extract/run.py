"""The run over many inputs: read each, write its records, say in `run.json` what became of it.

Read `run` first. Documents are read one by one, by worker processes or in this one (`Reader`), each written as soon as
it is read; then the tables of all of them (`write_tables`) and the manifest. A document that cannot be read is a line
in the manifest, never a stopped run. What `journal.py` knows of an earlier run is not done again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from extract import __version__
from extract.exports import ALWAYS, Exports, check_packages
from extract.inputs import SIZE_LIMIT, STDIN, Input, UsageError, find_inputs
from extract.journal import BusyError, Done, Journal, fingerprint
from extract.pipeline import Extractor
from extract.pool import Died, Pool
from extract.readers import read_source
from extract.records import SCHEMA_VERSION, Report
from extract.source import Source, UnreadableError, decode_text
from extract.write import encode, write_whole

MAX_CHARACTERS: Final = 5_000_000  # far beyond any report; the records of more would not fit into memory
TIME_LIMIT: Final = 300.0  # seconds for one document; a long PDF takes a minute
_PLAIN: Final = "text/plain"
_NO_ROOM: Final = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE") if hasattr(errno, name)
)


class OutputError(OSError):
    """Nothing more can be written (a full disk, say). What is written is whole; the same command goes on from there."""


class Failure(Struct, frozen=True):
    """A document that was not written, and why."""

    doc_id: str
    path: str
    reason: str


class Options(Struct, frozen=True):
    """What was asked for: folders of patterns and of a model, the most bytes and seconds for one document."""

    patterns: list[str]
    models: str | None = None
    lang: str = "zh"
    formats: list[str] = msgspec.field(default_factory=lambda: list(ALWAYS))
    size_limit: int = SIZE_LIMIT
    time_limit: float | None = TIME_LIMIT


class Manifest(Struct, frozen=True):
    """What a run did; written as `run.json`. It holds no times: the same inputs give the same bytes."""

    version: str
    schema_version: str
    patterns: str
    model: str
    fingerprint: str
    options: Options
    counts: dict[str, int]
    inputs: list[Done]
    failures: list[Failure]
    skipped: list[str]


class _Interrupted(Struct, frozen=True):
    """Ctrl-C in a worker."""


class _Stop(Struct, frozen=True):
    """Nothing more can be written."""

    number: int
    reason: str


class _Task(Struct, frozen=True):
    """An input and its place in the list; `data` only where no other process could read it (standard input)."""

    index: int
    item: Input
    data: bytes | None = None


_Outcome = Done | Failure | _Interrupted | _Stop


def run(
    inputs: Sequence[Input],
    out: Path,
    extractor: Extractor,
    *,
    options: Options,
    skipped: Sequence[str] = (),
    workers: int = 0,
    force: bool = False,
    progress: Callable[[Sequence[Input]], Iterable[Input]] = iter,
    kept: Callable[[int], None] | None = None,
) -> Manifest:
    """Read every input and write its records, the tables and the manifest into the folder `out`.

    With `workers` 0 all is done in this process, without the time limit; a parser that crashes then ends the run. The
    files written are the same for any number of workers. Documents that an earlier run has finished are not read again
    unless `force`; `kept` is told how many. Raises `BusyError`, `OutputError` and `MissingPackageError`.
    """
    check_packages(options.formats)
    out.mkdir(parents=True, exist_ok=True)
    digest = fingerprint(extractor.pack.digest, extractor.section_model.digest, options.lang)
    results: list[Done | Failure | None] = [None] * len(inputs)
    steps = iter(progress(inputs))
    again = 0
    try:
        with Journal(out, digest, force=force) as journal:

            def to_do() -> Iterator[_Task]:
                nonlocal again
                for index, item in enumerate(inputs):
                    done = _before(item, journal, options.size_limit)
                    if done is None:
                        data = sys.stdin.buffer.read(options.size_limit + 1) if item.file is None else None
                        yield _Task(index, item, data)
                    else:
                        results[index] = done
                        again += 1
                        journal.add(done)
                        next(steps, None)

            for task, outcome in _outcomes(to_do(), extractor, out, options, min(workers, len(inputs))):
                if isinstance(outcome, _Interrupted):
                    raise KeyboardInterrupt
                if isinstance(outcome, _Stop):
                    raise OutputError(outcome.number, outcome.reason)
                if isinstance(outcome, Died):
                    outcome = Failure(task.item.doc_id, task.item.path, outcome.reason)
                if isinstance(outcome, Failure):  # what an earlier run wrote there is not the result of this one
                    for suffix in (".json", ".txt"):
                        (out / f"{outcome.doc_id}{suffix}").unlink(missing_ok=True)
                else:
                    journal.add(outcome)
                results[task.index] = outcome
                next(steps, None)
            next(steps, None)
            if kept is not None:
                kept(again)
            done = [result for result in results if isinstance(result, Done)]
            with Exports(journal.drafts, formats=options.formats, pack=extractor.pack) as exports:
                write_tables(out, zip(inputs, results, strict=True), exports, size_limit=options.size_limit)
            failures = [result for result in results if isinstance(result, Failure)]
            counts: Counter[str] = Counter()
            for one in done:
                counts.update({"characters": one.chars, **one.records})
            manifest = Manifest(
                version=__version__,
                schema_version=SCHEMA_VERSION,
                patterns=extractor.pack.digest,
                model=extractor.section_model.digest,
                fingerprint=digest,
                options=options,
                counts={"documents": len(done), "failures": len(failures), "skipped": len(skipped), **counts},
                inputs=done,
                failures=failures,
                skipped=list(skipped),
            )
            journal.finish(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    except OSError as error:
        if error.errno in _NO_ROOM and not isinstance(error, OutputError):
            raise OutputError(error.errno, os.strerror(error.errno or 0)) from error
        raise
    return manifest


def write_tables(
    out: Path,
    documents: Iterable[tuple[Input, Done | Failure | None]],
    exports: Exports,
    *,
    size_limit: int,
) -> None:
    """Write the tables of all documents that were written, from their files in `out`, one document at a time."""
    decoder = msgspec.json.Decoder(Report)
    for item, done in documents:
        if isinstance(done, Done):
            report = decoder.decode((out / f"{done.doc_id}.json").read_bytes())
            exports.add(report, _text_of(item, done, out, size_limit))
    exports.finish(out)


class Reader:
    """Reads one input and writes its files; gives what is to be noted of it, and never raises.

    `aside` is a folder on the same disk as `out`.
    """

    def __init__(self, extractor: Extractor, out: Path, aside: Path, options: Options) -> None:
        self._extractor = extractor
        self._out = out
        self._aside = aside
        self._options = options

    def __call__(self, task: _Task) -> _Outcome:
        """Read and write one document."""
        item = task.item
        try:
            report, source = _read(item, self._extractor, self._options, task.data)
            data = encode(report)
            text = None
            if source.media_type != _PLAIN or item.file is None or item.way:
                text = source.text.encode()
        except KeyboardInterrupt:
            return _Interrupted()
        except BaseException as error:  # whatever went wrong with one document, the others are still wanted
            return Failure(item.doc_id, item.path, reason(error))
        try:
            beside = self._out / f"{item.doc_id}.txt"
            if text is None:
                beside.unlink(missing_ok=True)
            else:
                write_whole(beside, text, aside=self._aside)
            write_whole(self._out / f"{item.doc_id}.json", data, aside=self._aside)
        except OSError as error:
            if error.errno in _NO_ROOM:
                return _Stop(error.errno or 0, os.strerror(error.errno or 0))
            return Failure(item.doc_id, item.path, reason(error))
        return Done(
            doc_id=item.doc_id,
            path=item.path,
            sha256=source.sha256,
            media_type=source.media_type,
            encoding=source.encoding,
            chars=report.source.chars,
            records=_counts(report),
            json_sha256=hashlib.sha256(data).hexdigest(),
            text_sha256=None if text is None else hashlib.sha256(text).hexdigest(),
        )


def read_input(item: Input, extractor: Extractor) -> tuple[Report, str]:
    """The report of one input and its text. Raises `UnreadableError`, `OSError`."""
    report, source = _read(item, extractor, Options([]), None)
    return report, source.text


def _read(item: Input, extractor: Extractor, options: Options, data: bytes | None) -> tuple[Report, Source]:
    """The report of one input and its source; `data` are its bytes where they are read already."""
    if data is None and item.file is None:
        data = sys.stdin.buffer.read(options.size_limit + 1)
    if data is None:
        data = item.read(size_limit=options.size_limit)
    elif len(data) > options.size_limit:
        raise UnreadableError(f"more than {options.size_limit:,} bytes; raise --size-limit, or split the text")
    source = read_source(data, path=item.path, time_limit=options.time_limit)
    if len(source.text) > MAX_CHARACTERS:
        raise UnreadableError(
            f"{len(source.text):,} characters in one file; split it into reports of at most {MAX_CHARACTERS:,}"
        )
    return extractor.read(source, doc_id=item.doc_id), source


def _outcomes(
    tasks: Iterable[_Task], extractor: Extractor, out: Path, options: Options, workers: int
) -> Iterator[tuple[_Task, _Outcome | Died]]:
    aside = out / ".extract"
    if workers == 0:
        reader = Reader(extractor, out, aside, options)
        for task in tasks:
            yield task, reader(task)
        return
    if sys.platform == "linux":  # a forked worker has the grammar already
        make: Callable[[], Callable[[_Task], _Outcome]] = partial(Reader, extractor, out, aside, options)
    else:
        make = partial(_make_reader, out, aside, options)
    with Pool(make, workers=workers, time_limit=options.time_limit) as pool:
        yield from pool.run(tasks)


def _make_reader(out: Path, aside: Path, options: Options) -> Reader:
    models = Path(options.models) if options.models else None
    extractor = Extractor([Path(folder) for folder in options.patterns], models=models, language=options.lang)
    return Reader(extractor, out, aside, options)


def _before(item: Input, journal: Journal, size_limit: int) -> Done | None:
    """What an earlier run has noted of this very input, if that still holds."""
    done = journal.before(item.doc_id, item.path)
    if done is None or item.file is None:
        return None
    try:
        return done if hashlib.sha256(item.read(size_limit=size_limit)).hexdigest() == done.sha256 else None
    except (OSError, UnreadableError):
        return None  # reading it will say why


def _text_of(item: Input, done: Done, out: Path, size_limit: int) -> str:
    """The text that the offsets of a document index; empty where its file has changed in the meantime."""
    if done.text_sha256 is not None:
        return (out / f"{done.doc_id}.txt").read_bytes().decode()
    try:
        data = item.read(size_limit=size_limit)
    except (OSError, UnreadableError):
        return ""
    return decode_text(data)[0] if hashlib.sha256(data).hexdigest() == done.sha256 else ""


def _counts(report: Report) -> dict[str, int]:
    return {name: len(value) for name, value in msgspec.structs.asdict(report).items() if isinstance(value, list)}


def reason(error: BaseException) -> str:
    """Why a document could not be read, in words for the user."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "more memory than one document may take; split the file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


__all__ = [
    "MAX_CHARACTERS", "SIZE_LIMIT", "STDIN", "TIME_LIMIT", "BusyError", "Done", "Failure", "Input", "Manifest",
    "Options", "OutputError", "Reader", "UsageError", "find_inputs", "read_input", "reason", "run", "write_tables",
]  # fmt: skip
