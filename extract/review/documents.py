"""The finished documents of a run, and the text that their offsets index.

A run writes records, not texts; the page shows both. `find_documents` lists what a run wrote, `load` reads one
document, `Texts` finds its text: beside the document, where it was read, or in a folder that the user names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from extract.records import SCHEMA_VERSION, Report
from extract.source import UnreadableError, decode_text

MANIFEST: Final = "run.json"
PLAIN: Final = "text/plain"
_LIMIT: Final = 100_000_000  # bytes; a file that large is no report, whatever its name says


class ReviewError(ValueError):
    """Nothing that can be shown; the message says what to do."""


class NotRead(Struct, frozen=True):
    """A document that the run could not read, and why."""

    path: str
    reason: str


class Found(Struct, frozen=True):
    """What a run left: its documents in the order of the run, those it failed to read, and the digests of its texts."""

    documents: list[Path]
    failures: list[NotRead]
    text_sha256: dict[str, str]


class Text(Struct, frozen=True):
    """The text of a document, or null and why: `missing` (the file is gone) or `changed` (it is another one now)."""

    text: str | None
    problem: str | None


class _Input(Struct, frozen=True):
    doc_id: str
    text_sha256: str | None = None


class _Manifest(Struct, frozen=True):
    inputs: list[_Input] = []
    failures: list[NotRead] = []


def find_documents(path: Path) -> Found:
    """The documents of a run: of its folder, or one document named by itself. Raises `ReviewError`."""
    if path.is_file():
        manifest = _manifest(path.parent / MANIFEST)
        return Found([path], [], _digests(manifest))
    if not path.is_dir():
        raise ReviewError(f"{path}: no such folder; give the folder that `extract run -o` wrote (没有这个文件夹)")
    manifest = _manifest(path / MANIFEST)
    named = [path / f"{item.doc_id}.json" for item in manifest.inputs]
    documents = [file for file in named if file.is_file()]
    if not manifest.inputs:  # the run was stopped before its end; what it wrote is whole
        documents = sorted(file for file in path.glob("*.json") if file.name != MANIFEST and _looks_like_one(file))
    if not documents:
        raise ReviewError(
            f"{path}: no document of a run; read reports first: extract run reports/ -o {path} (没有结果文件，请先运行)"
        )
    return Found(documents, manifest.failures, _digests(manifest))


def load(path: Path) -> Report:
    """One document as it was written, numbers exact. Raises `ReviewError`."""
    try:
        report = msgspec.json.decode(path.read_bytes(), type=Report)
    except OSError as error:
        raise ReviewError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise ReviewError(
            f"{path}: not a document of this version ({error}); run `extract run` again (请重新运行)"
        ) from None
    if report.schema_version != SCHEMA_VERSION:
        raise ReviewError(f"{path}: written by another version; run `extract run` again (请重新运行)")
    return report


class Texts:
    """Finds the texts of documents. `folders` are searched, subfolders too, where a text is not where it was read."""

    def __init__(self, found: Found, folders: Sequence[Path] = ()) -> None:
        self._digests = found.text_sha256
        self._folders = folders
        self._by_name: dict[str, list[Path]] | None = None

    def find(self, report: Report, document: Path) -> Text:
        """The text of a report that was read from the file `document`."""
        beside = document.with_name(f"{report.doc_id}.txt")
        changed = False
        wanted = self._digests.get(report.doc_id)
        if (wanted is not None or report.source.media_type != PLAIN) and (data := _bytes(beside)) is not None:
            # The text of what is no plain file of its own (a PDF, a member of an archive, standard input) was written
            # beside the document, and the run noted its digest.
            text = data.decode("utf-8", errors="replace")
            if len(text) == report.source.chars and wanted in (None, hashlib.sha256(data).hexdigest()):
                return Text(text, None)
            changed = True
        for path in (*self._places(report, document), beside):
            data = _bytes(path)
            if data is None:
                continue
            if hashlib.sha256(data).hexdigest() != report.source.sha256:
                changed = True
                continue
            try:
                text, _ = decode_text(data)
            except UnreadableError:  # not a plain text, whose text should have stood beside the document
                continue
            if len(text) == report.source.chars:
                return Text(text, None)
        return Text(None, "changed" if changed else "missing")

    def _places(self, report: Report, document: Path) -> Iterator[Path]:
        path = Path(report.source.path)
        yield path
        if not path.is_absolute():
            yield document.parent / path
            yield document.parent.parent / path  # a run started beside its output folder
        if self._folders:
            yield from self._named().get(path.name, ())

    def _named(self) -> dict[str, list[Path]]:
        if self._by_name is None:
            self._by_name = {}
            for folder in self._folders:
                for here, _, files in os.walk(folder):
                    for name in sorted(files):
                        self._by_name.setdefault(name, []).append(Path(here, name))
        return self._by_name


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _LIMIT else None
    except (OSError, ValueError):  # ValueError: a path with a null character
        return None


def _manifest(path: Path) -> _Manifest:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except (OSError, msgspec.DecodeError):
        return _Manifest()


def _digests(manifest: _Manifest) -> dict[str, str]:
    return {item.doc_id: item.text_sha256 for item in manifest.inputs if item.text_sha256 is not None}


def _looks_like_one(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"schema_version"' in file.read(64)
