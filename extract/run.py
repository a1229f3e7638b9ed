"""The run over many inputs: read each, write its records, say in `run.json` what became of it.

Read `run` first. Documents are read one by one, by worker processes or in this one (`Reader`); each is written as soon
as it is read, and its share of the tables made with it. The shares are laid together in the order of the inputs
(`_Tables`), then comes the manifest. A document that cannot be read is a line in the manifest, never a stopped run.
What `journal.py` knows of an earlier run is not read again.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from extract import __version__
from extract.exports import ALWAYS, Exports, check_packages
from extract.exports.share import Piece, Sharer, read_pieces, write_pieces
from extract.inputs import SIZE_LIMIT, STDIN, Input, UsageError, find_inputs
from extract.journal import FOLDER, BusyError, Done, Journal, fingerprint
from extract.pipeline import Extractor
from extract.pool import Died, Pool
from extract.readers import read_source
from extract.records import SCHEMA_VERSION, Report
from extract.source import Source, UnreadableError, decode, decode_text
from extract.write import encode_pieces, write_whole

MAX_CHARACTERS: Final = 5_000_000  # far beyond any report; the records of more would not fit into memory
_COLLECT: Final = 200_000  # characters after which dead objects are looked for
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
    results: list[Done | Failure] = []
    steps = iter(progress(inputs))
    again = 0
    try:
        with (
            _frozen(),
            Journal(out, digest, force=force) as journal,
            Exports(journal.drafts, formats=options.formats, pack=extractor.pack, workers=workers) as exports,
        ):
            held: dict[int, list[Piece]] = {}
            tables = _Tables(out, inputs, exports, held, options.size_limit)

            def to_do() -> Iterator[_Task]:
                nonlocal again
                for index, item in enumerate(inputs):
                    done = _before(item, journal, options.size_limit)
                    if done is None:
                        data = sys.stdin.buffer.read(options.size_limit + 1) if item.file is None else None
                        yield _Task(index, item, data)
                    else:
                        again += 1
                        journal.add(done)
                        tables.add(index, done)
                        next(steps, None)

            for task, outcome in _outcomes(to_do(), extractor, out, options, min(workers, len(inputs)), held):
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
                tables.add(task.index, outcome)
                next(steps, None)
            next(steps, None)
            if kept is not None:
                kept(again)
            exports.finish(out)
            results = tables.results()
            done = [result for result in results if isinstance(result, Done)]
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


@contextmanager
def _frozen() -> Iterator[None]:
    """Leave what is loaded out of every collection: it stays, and forked workers share its pages with this process."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no cycles of dead objects: the records of a document are many, live, and in no cycle."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


class _Tables:
    """Lays the shares of the documents together in the order of the inputs, whatever order they come in."""

    def __init__(
        self, out: Path, inputs: Sequence[Input], exports: Exports, held: dict[int, list[Piece]], size_limit: int
    ) -> None:
        """`held` are the shares that were made in this process."""
        self._out = out
        self._inputs = inputs
        self._exports = exports
        self._held = held
        self._size_limit = size_limit
        self._decoder = msgspec.json.Decoder(Report)
        self._results: list[Done | Failure | None] = [None] * len(inputs)
        self._taken = 0

    def add(self, index: int, result: Done | Failure) -> None:
        """Note what became of one input, and take all shares whose turn has come."""
        self._results[index] = result
        while self._taken < len(self._results) and (ready := self._results[self._taken]) is not None:
            if isinstance(ready, Done):
                self._take(self._taken, ready)
            self._taken += 1

    def results(self) -> list[Done | Failure]:
        """What became of the inputs, in their order."""
        return [result for result in self._results if result is not None]

    def _take(self, index: int, done: Done) -> None:
        share = self._held.pop(index, None)
        waiting = _share_file(self._out / FOLDER, index)
        if share is not None:
            self._exports.take(share)
        elif waiting.exists():
            self._exports.take(read_pieces(waiting))
            waiting.unlink()
        else:  # written by an earlier run
            report = self._decoder.decode((self._out / f"{done.doc_id}.json").read_bytes())
            self._exports.add(report, _text_of(self._inputs[index], done, self._out, self._size_limit))


def _share_file(aside: Path, index: int) -> Path:
    """Where the share of an input waits for its turn: on the disk, for a slow document may hold up thousands."""
    return aside / f"share-{index}"


class Reader:
    """Reads one input, writes its files and its share of the tables; gives what is to be noted, and never raises.

    `aside` is a folder on the disk of `out`. The share goes into `held`, or, where that is null, into a file there.
    """

    def __init__(
        self, extractor: Extractor, out: Path, aside: Path, options: Options, held: dict[int, list[Piece]] | None = None
    ) -> None:
        self._extractor = extractor
        self._sharer = Sharer(options.formats, extractor.pack)
        self._held = held
        self._read = 0  # characters since dead objects were last looked for
        self._out = out
        self._aside = aside
        self._options = options

    def __call__(self, task: _Task) -> _Outcome:
        """Read and write one document."""
        with _no_collection():
            outcome = self._done(task)
        self._read += outcome.chars if isinstance(outcome, Done) else 0
        if self._read >= _COLLECT:
            self._read = 0
            gc.collect()
        return outcome

    def _done(self, task: _Task) -> _Outcome:
        item = task.item
        try:
            report, source = _read(item, self._extractor, self._options, task.data)
            text = None
            if source.media_type != _PLAIN or item.file is None or item.way:
                text = source.text.encode()
        except KeyboardInterrupt:
            return _Interrupted()
        except BaseException as error:  # whatever went wrong with one document, the others are still wanted
            return Failure(item.doc_id, item.path, reason(error))
        text_sha256 = None
        try:
            beside = self._out / f"{item.doc_id}.txt"
            if text is None:
                beside.unlink(missing_ok=True)
            else:
                text_sha256 = write_whole(beside, [text], aside=self._aside)
            json_sha256 = write_whole(self._out / f"{item.doc_id}.json", encode_pieces(report), aside=self._aside)
            pieces = self._sharer.pieces(report, source.text)
            if self._held is None:
                write_pieces(_share_file(self._aside, task.index), pieces)
            else:
                self._held[task.index] = list(pieces)
        except OSError as error:
            if error.errno in _NO_ROOM:
                return _Stop(error.errno or 0, os.strerror(error.errno or 0))
            return Failure(item.doc_id, item.path, reason(error))
        except Exception as error:
            return Failure(item.doc_id, item.path, reason(error))
        return Done(
            doc_id=item.doc_id,
            path=item.path,
            sha256=source.sha256,
            media_type=source.media_type,
            encoding=source.encoding,
            chars=report.source.chars,
            records=_counts(report),
            json_sha256=json_sha256,
            text_sha256=text_sha256,
        )


def read_input(item: Input, extractor: Extractor) -> tuple[Report, str]:
    """The report of one input and its text. Raises `UnreadableError`, `OSError`."""
    report, source = _read(item, extractor, Options([]), None)
    return report, source.text


def read_bytes(
    item: Input, data: bytes, extractor: Extractor, options: Options, *, plain: bool = False
) -> tuple[Report, Source]:
    """The report of an input whose bytes are there already, and its source. Raises `UnreadableError`.

    With `plain` they are text, whatever they look like.
    """
    return _read(item, extractor, options, data, plain=plain)


def _read(
    item: Input, extractor: Extractor, options: Options, data: bytes | None, *, plain: bool = False
) -> tuple[Report, Source]:
    """The report of one input and its source; `data` are its bytes where they are read already."""
    if data is None and item.file is None:
        data = sys.stdin.buffer.read(options.size_limit + 1)
    if data is None:
        data = item.read(size_limit=options.size_limit)
    elif len(data) > options.size_limit:
        raise UnreadableError(f"more than {options.size_limit:,} bytes; raise --size-limit, or split the text")
    source = decode(data, path=item.path) if plain else read_source(data, path=item.path, time_limit=options.time_limit)
    del data  # as large as the text
    if len(source.text) > MAX_CHARACTERS:
        raise UnreadableError(
            f"{len(source.text):,} characters in one file; split it into reports of at most {MAX_CHARACTERS:,}"
        )
    return extractor.read(source, doc_id=item.doc_id), source


def _outcomes(
    tasks: Iterable[_Task],
    extractor: Extractor,
    out: Path,
    options: Options,
    workers: int,
    held: dict[int, list[Piece]],
) -> Iterator[tuple[_Task, _Outcome | Died]]:
    aside = out / FOLDER
    if workers == 0:
        reader = Reader(extractor, out, aside, options, held)
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
    "Options", "OutputError", "Reader", "UsageError", "find_inputs", "read_bytes", "read_input", "reason", "run",
]  # fmt: skip
