"""What a run reads: files, folders, archives and standard input as one sorted list of documents with unique ids."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Final

from msgspec import Struct

from extract.readers import SUFFIXES, kind_of
from extract.readers.archive import read_member, walk
from extract.readers.kinds import ZIP, kind_of_zip
from extract.source import UnreadableError

STDIN: Final = "-"
SIZE_LIMIT: Final = 100_000_000  # bytes of one file
_ID_BYTES: Final = 200  # a file name holds 255 bytes at most, suffixes included
RESERVED: Final = ("run", "datapackage")  # OUT/run.json is the manifest, OUT/datapackage.json tells of the tables
_ABOUT: Final = "readme"  # README.md, README.zh-CN.md, README.txt tell of a folder; they are no reports
_HEAD: Final = 4096
_REVIEW: Final = b'<meta name="generator" content="extract view">'  # a page of `extract view` is no report
_PLAIN: Final = frozenset(("html", "pdf"))  # what the first bytes of a file without a known ending may show
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f/\\]")


class UsageError(ValueError):
    """Arguments that cannot be used; the message says what to do."""


class Input(Struct, frozen=True):
    """One document to read. `file` is null for standard input; `path` is what the output shows.

    `way` leads to a member of an archive: an index for each archive, the outermost first; it is empty for plain files.
    """

    doc_id: str
    path: str
    file: Path | None
    way: tuple[int, ...] = ()

    def read(self, *, size_limit: int = SIZE_LIMIT) -> bytes:
        """Its bytes, standard input excepted. Raises `UnreadableError`, `OSError`."""
        assert self.file is not None
        if self.way:
            return read_member(self.file, self.way, size_limit=size_limit)
        size = self.file.stat().st_size
        if size > size_limit:
            raise UnreadableError(f"{size:,} bytes, the limit is {size_limit:,}; raise --size-limit, or split the file")
        return self.file.read_bytes()


def find_inputs(
    paths: Iterable[str], *, out: Path | None = None, size_limit: int = SIZE_LIMIT
) -> tuple[list[Input], list[str]]:
    """The documents under the given files and folders, sorted by path, and the files in folders that are left out.

    Folders and zip archives are searched for names with an ending of `SUFFIXES`; in folders also for files that begin
    as HTML or PDF do, whatever their names. Hidden files, `README` files, pages of `extract view`, the output folder
    and those of other runs are left aside; a file named explicitly is taken whatever its name. Raises `UsageError`.
    """
    search = _Search(size_limit)
    folder = None if out is None else out.resolve()
    for name in paths:
        path = Path(name)
        if name == STDIN:
            search.found[STDIN] = (None, ())
        elif path.is_dir():
            for file in _walk(path, without=folder):
                if not wanted(file.name, partial(_head, file, _HEAD)):
                    search.skipped.add(shown(file))
                else:
                    search.add(file)
        elif path.exists():
            search.add(path)
        else:
            raise UsageError(f"{shown(path)}: no such file or folder; check the path (没有这个文件或文件夹)")
    names = sorted(search.found)
    ids = unique_ids(names)
    return [Input(doc_id, name, *search.found[name]) for doc_id, name in zip(ids, names, strict=True)], sorted(
        search.skipped
    )


def refuse_mixed(inputs: Iterable[Input], out: Path) -> None:
    """Raise `UsageError` where an input lies in the output folder, in which its namesakes are to be written."""
    folder = out.resolve()
    for item in inputs:
        if item.file is not None and item.file.resolve().parent == folder:
            raise UsageError(f"{item.path} lies in the output folder; give -o one of its own (-o 需要单独的文件夹)")


class _Search:
    """Collects documents, each file once."""

    def __init__(self, size_limit: int) -> None:
        self.found: dict[str, tuple[Path | None, tuple[int, ...]]] = {}
        self.skipped: set[str] = set()
        self._seen: set[Path] = set()
        self._size_limit = size_limit

    def add(self, file: Path) -> None:
        """Add a file, or what is in it if it is an archive."""
        where = file.resolve()
        if where in self._seen:
            return
        self._seen.add(where)
        name = shown(file)
        if not _is_archive(file):
            self.found[name] = (file, ())
            return
        try:
            members, skipped = members_of(name, file, size_limit=self._size_limit)
        except (UnreadableError, OSError):
            self.found[name] = (file, ())  # whoever reads it says what is wrong
            return
        self.found.update((inside, (file, way)) for inside, way in members.items())
        self.skipped.update(skipped)


def members_of(
    name: str, archive: Path | IO[bytes], *, size_limit: int
) -> tuple[dict[str, tuple[int, ...]], list[str]]:
    """The documents of the archive that is shown as `name`, each with its way, and the members that are left out.

    Raises `UnreadableError`, `OSError`.
    """
    found: dict[str, tuple[int, ...]] = {}
    skipped = []
    for member in walk(archive, size_limit=size_limit):
        inside = f"{name}/{member.name}"
        ending = PurePosixPath(member.name)
        if ending.suffix.lower() not in SUFFIXES or ending.name.casefold().startswith(_ABOUT):
            skipped.append(inside)
            continue
        count, unique = 1, inside
        while unique in found:  # an archive may hold one name twice
            count += 1
            unique = f"{inside} ({count})"
        found[unique] = member.way
    return found, skipped


def _is_archive(file: Path) -> bool:
    return file.is_file() and _head(file, 4).startswith(ZIP) and kind_of_zip(file) == "zip"


def wanted(name: str, head: Callable[[], bytes]) -> bool:
    """Whether a file found in a folder is a report, by its name; `head` gives its beginning where that decides."""
    if name.casefold().startswith(_ABOUT):
        return False
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in SUFFIXES and not suffix.startswith(".htm"):
        return True
    begins = head()
    return (suffix in SUFFIXES or kind_of(begins) in _PLAIN) and not is_review(begins)


def is_review(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a page of `extract view`."""
    return _REVIEW in head


def _head(file: Path, size: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def _walk(folder: Path, *, without: Path | None) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        hidden = (name for name in folders if name.startswith(".") or _is_output(Path(here, name), without))
        folders[:] = sorted(set(folders).difference(hidden))
        yield from (Path(here, name) for name in files if not name.startswith((".", "~$")))


def _is_output(folder: Path, out: Path | None) -> bool:
    """Whether a folder is the output of this or another run."""
    return folder.resolve() == out or b'"schema_version"' in _head(folder / "run.json", 200)


def shown(path: Path) -> str:
    """A path as it is written; a file name that is not UTF-8 could not be written as JSON."""
    return os.fsencode(path.as_posix()).decode("utf-8", errors="replace")


def unique_ids(shown_names: Sequence[str]) -> list[str]:
    """File stems; where two meet, the later ones are numbered, past any stem that is there already."""
    stems = ["stdin" if path == STDIN else stem_of(path) for path in shown_names]
    taken = set(RESERVED)
    all_keys = {same_name(stem) for stem in stems}
    counts: dict[str, int] = {}
    ids = []
    for stem in stems:
        doc_id, count = stem, counts.get(stem, 1)
        while same_name(doc_id) in taken or (count > 1 and same_name(doc_id) in all_keys):
            count += 1
            doc_id = f"{stem}-{count}"
        counts[stem] = count
        taken.add(same_name(doc_id))
        ids.append(doc_id)
    return ids


def stem_of(path: str) -> str:
    """The id of a document before namesakes are numbered: the file name without its ending, fit to be one again."""
    stem = _NOT_IN_NAMES.sub("_", PurePosixPath(path).stem)
    return stem.encode()[:_ID_BYTES].decode(errors="ignore") or "document"


def same_name(stem: str) -> str:
    """What two ids that could not be files side by side have in common."""
    # Some file systems hold `A` and `a`, or two spellings of one accented letter, for the same name.
    return unicodedata.normalize("NFC", stem).casefold()
