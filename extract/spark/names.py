"""Which files are documents, how they are shown, what their ids are: the rules of `extract.inputs`, on Spark's paths.

A file's path is shown as it was given (``reports/2023/a.txt`` for the input ``reports``), so that records are the same
wherever they were read. Ids of namesakes need all names at once; `Names` has only those that are not the file's stem.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import Struct

from extract.inputs import members_of, same_name, stem_of, unique_ids, wanted
from extract.readers import SUFFIXES
from extract.readers.archive import read_member
from extract.readers.kinds import ZIP, kind_of_zip
from extract.run import reason
from extract.source import UnreadableError

_HEAD: Final = 4096
_GLOB: Final = re.compile(r"[{}\[\]*?\\]")


class Names(Struct, frozen=True):
    """How the files below `root` (a full path, as Spark gives it) are shown: below `prefix`, as the user wrote it.

    `ids` has, by shown name, the ids that are not the stem of the name.
    """

    root: str = ""
    prefix: str = ""
    ids: dict[str, str] = {}

    def shown(self, path: str) -> str:
        """A path as it is written in records."""
        if not self.root or not (path == self.root or path.startswith(self.root.rstrip("/") + "/")):
            return path
        rest = path[len(self.root.rstrip("/")) :].lstrip("/")
        return "/".join(filter(None, (self.prefix.rstrip("/"), rest))) if rest else self.prefix

    def doc_id(self, shown: str) -> str:
        """The id of a document."""
        return self.ids.get(shown) or stem_of(shown)


class Found(Struct, frozen=True):
    """A document in a file: the file itself, or one member of an archive.

    `data` are its bytes, `reason` says why there are none; `skipped` marks what is no report.
    """

    shown: str
    data: bytes | None = None
    reason: str = ""
    skipped: bool = False


def needs_look(path: str) -> bool:
    """Whether only the bytes of a file tell which documents it is: archives, and files without a known ending."""
    name = PurePosixPath(path)
    return name.suffix.lower() == ".zip" or name.suffix.lower() not in SUFFIXES


def documents_in(path: str, data: bytes | None, names: Names, *, size_limit: int, read: bool) -> Iterable[Found]:
    """The documents of a file, at least one entry; their bytes only with `read`. Without `data` by the name alone."""
    shown = names.shown(path)
    name = PurePosixPath(path).name
    if name.startswith("~$") or not (path == names.root or wanted(name, lambda: (data or b"")[:_HEAD])):
        yield Found(shown, skipped=True)
        return
    if not (data is not None and needs_look(path) and data.startswith(ZIP) and kind_of_zip(io.BytesIO(data)) == "zip"):
        yield Found(shown, data)
        return
    try:
        members, skipped = members_of(shown, io.BytesIO(data), size_limit=size_limit)
    except (UnreadableError, OSError):
        yield Found(shown, data)  # whoever reads it says what is wrong
        return
    yield from (Found(one, skipped=True) for one in skipped or ([] if members else [shown]))
    for inside, way in members.items():
        if not read:
            yield Found(inside)
            continue
        try:
            yield Found(inside, read_member(io.BytesIO(data), way, size_limit=size_limit))
        except (UnreadableError, OSError, MemoryError) as error:
            yield Found(inside, reason=reason(error))


def folder_of(pattern: str) -> str:
    """The part of a path before its first wildcard, which all that it matches has in common."""
    wild = _GLOB.search(pattern)
    return pattern if wild is None else pattern[: wild.start()].rpartition("/")[0]


def literal(path: str) -> str:
    """A path with every wildcard escaped, so that Spark takes it as it is."""
    return _GLOB.sub(r"\\\g<0>", path)


def plain(path: str) -> str:
    """A path as the local run writes it: ``./a//b/`` is ``a/b``. What begins with a scheme stays as it is."""
    return path if "://" in path or path.startswith("file:") else Path(path).as_posix()


def numbered(names: Iterable[str]) -> dict[str, str]:
    """The ids of these names which are not their stem. All that could meet must be among them; see `base_of`."""
    found = sorted(names)
    ids = zip(found, unique_ids(found), strict=True)
    return {name: doc_id for name, doc_id in ids if doc_id != stem_of(name)}


def key_of(shown: str) -> str:
    """What the names of two documents have in common whose ids would meet."""
    return same_name(stem_of(shown))


__all__ = [
    "Found", "Names", "documents_in", "folder_of", "key_of", "literal", "needs_look", "numbered", "plain",
]  # fmt: skip
