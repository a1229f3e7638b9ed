"""The run over many inputs: find the files, read each, write its records, say in `run.json` what became of it.

Read `find_inputs` (paths to a list of inputs with unique ids), then `run`. A document that cannot be read is a line
in the manifest, never a stopped run.
"""

from __future__ import annotations

import os
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from extract import __version__
from extract.exports import ALWAYS, Exports
from extract.pipeline import Extractor
from extract.records import SCHEMA_VERSION, Report
from extract.source import UnreadableError, decode
from extract.write import encode, write_whole

SUFFIXES: Final = (".txt", ".md")
STDIN: Final = "-"
MAX_CHARACTERS: Final = 5_000_000  # far beyond any report; the records of more would not fit into memory
_ID_BYTES: Final = 200  # a file name holds 255 bytes at most, suffixes included
_RESERVED: Final = ("run", "datapackage")  # OUT/run.json is the manifest, OUT/datapackage.json tells of the tables
_ABOUT: Final = "readme"  # README.md, README.zh-CN.md, README.txt tell of a folder; they are no reports


class UsageError(ValueError):
    """Arguments that cannot be used; the message says what to do."""


class Input(Struct, frozen=True):
    """One document to read. `file` is null for standard input; `path` is what the output shows."""

    doc_id: str
    path: str
    file: Path | None


class Failure(Struct, frozen=True):
    """A document that was not written, and why."""

    doc_id: str
    path: str
    reason: str


class Done(Struct, frozen=True):
    """A document that was written."""

    doc_id: str
    path: str
    sha256: str
    encoding: str
    chars: int


class Options(Struct, frozen=True):
    """What was asked for."""

    patterns: list[str]
    models: str | None = None
    lang: str = "zh"
    formats: list[str] = msgspec.field(default_factory=lambda: list(ALWAYS))


class Manifest(Struct, frozen=True):
    """What a run did; written as `run.json`. It holds no times: the same inputs give the same bytes."""

    version: str
    schema_version: str
    patterns: str
    model: str
    options: Options
    counts: dict[str, int]
    inputs: list[Done]
    failures: list[Failure]
    skipped: list[str]


def find_inputs(paths: Iterable[str], *, out: Path | None = None) -> tuple[list[Input], list[str]]:
    """The documents under the given files and folders, sorted by path, and the files in folders that are left out.

    Folders are searched for `*.txt` and `*.md`, hidden files, `README` files and the output folder left aside; a
    file named explicitly is taken whatever its name. Raises `UsageError`.
    """
    found: dict[str, Path | None] = {}
    skipped: set[str] = set()
    seen: set[Path] = set()
    for name in paths:
        path = Path(name)
        if name == STDIN:
            found[STDIN] = None
        elif path.is_dir():
            for file in _walk(path, without=out.resolve() if out is not None else None):
                if file.suffix.lower() not in SUFFIXES or file.name.casefold().startswith(_ABOUT):
                    skipped.add(_shown(file))
                elif file.resolve() not in seen:
                    seen.add(file.resolve())
                    found[_shown(file)] = file
        elif path.exists():
            if path.resolve() not in seen:
                seen.add(path.resolve())
                found[_shown(path)] = path
        else:
            raise UsageError(f"{_shown(path)}: no such file or folder; check the path (没有这个文件或文件夹)")
    shown = sorted(found)
    return [Input(doc_id, name, found[name]) for doc_id, name in zip(_unique_ids(shown), shown, strict=True)], sorted(
        skipped
    )


def run(
    inputs: Sequence[Input],
    out: Path,
    extractor: Extractor,
    *,
    options: Options,
    skipped: Sequence[str] = (),
    progress: Callable[[Sequence[Input]], Iterable[Input]] = iter,
) -> Manifest:
    """Read every input and write its records, the tables and the manifest into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    done: list[Done] = []
    failures: list[Failure] = []
    counts: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory(prefix=".extract-", dir=out) as name,
        Exports(aside := Path(name), formats=options.formats, pack=extractor.pack) as exports,
    ):
        for item in progress(inputs):
            target = out / f"{item.doc_id}.json"
            try:
                report, text = read_input(item, extractor)
                write_whole(target, encode(report), aside=aside)
            except Exception as error:  # whatever went wrong with one document, the others are still wanted
                failures.append(Failure(item.doc_id, item.path, reason(error)))
                target.unlink(missing_ok=True)  # what an earlier run wrote there is not the result of this one
                continue
            exports.add(report, text)
            counts.update(_counts(report))
            source = report.source
            done.append(Done(item.doc_id, item.path, source.sha256, source.encoding, source.chars))
        exports.finish(out)
        manifest = Manifest(
            version=__version__,
            schema_version=SCHEMA_VERSION,
            patterns=extractor.pack.digest,
            model=extractor.section_model.digest,
            options=options,
            counts={"documents": len(done), "failures": len(failures), "skipped": len(skipped), **counts},
            inputs=done,
            failures=failures,
            skipped=list(skipped),
        )
        write_whole(out / "run.json", msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n", aside=aside)
    return manifest


def read_input(item: Input, extractor: Extractor) -> tuple[Report, str]:
    """The report of one input and its decoded text. Raises `UnreadableError`, `OSError`."""
    data = sys.stdin.buffer.read() if item.file is None else item.file.read_bytes()
    source = decode(data, path=item.path)
    if len(source.text) > MAX_CHARACTERS:
        raise UnreadableError(
            f"{len(source.text):,} characters in one file; split it into reports of at most {MAX_CHARACTERS:,}"
        )
    return extractor.read(source, doc_id=item.doc_id), source.text


def _counts(report: Report) -> dict[str, int]:
    return {
        "characters": report.source.chars,
        **{name: len(value) for name, value in msgspec.structs.asdict(report).items() if isinstance(value, list)},
    }


def reason(error: Exception) -> str:
    """Why a document could not be read, in words for the user."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


def _walk(folder: Path, *, without: Path | None) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and Path(here, name).resolve() != without]
        yield from (Path(here, name) for name in files if not name.startswith("."))


def _shown(path: Path) -> str:
    # A file name that is not UTF-8 could not be written as JSON.
    return os.fsencode(path.as_posix()).decode("utf-8", errors="replace")


def _unique_ids(shown: Sequence[str]) -> list[str]:
    """File stems; where two meet, the later ones are numbered, past any stem that is there already."""
    stems = ["stdin" if path == STDIN else _stem(path) for path in shown]
    taken = set(_RESERVED)
    all_keys = {_key(stem) for stem in stems}
    ids = []
    for stem in stems:
        doc_id, count = stem, 1
        while _key(doc_id) in taken or (count > 1 and _key(doc_id) in all_keys):
            count += 1
            doc_id = f"{stem}-{count}"
        taken.add(_key(doc_id))
        ids.append(doc_id)
    return ids


def _stem(path: str) -> str:
    stem = Path(path).stem
    return stem.encode()[:_ID_BYTES].decode(errors="ignore")


def _key(stem: str) -> str:
    # Some file systems hold `A` and `a`, or two spellings of one accented letter, for the same name.
    return unicodedata.normalize("NFC", stem).casefold()
