"""Zip archives, walked in place: nothing is unpacked to the disk, so no name in an archive can point anywhere.

The standard library's zipfile; libarchive would read rar and 7z too, but needs a system library. Limits hold against
bombs: on members, on nesting, on the size of all that an archive says it holds, and on what a member really gives.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from extract.readers.kinds import kind_of
from extract.source import UnreadableError

MAX_MEMBERS: Final = 20_000  # of one archive
MAX_DEPTH: Final = 3  # archives in archives
MAX_GROWTH: Final = 200  # what is inside may be so many times as large as the archive, for all archives …
MAX_SMALL: Final = 1 << 30  # … whose content is larger than this

_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f]")
_BACKUP: Final = ("__MACOSX/", "~$")


class Member(Struct, frozen=True):
    """One file in an archive: where it is (an index for each archive on the way) and its name, for people only."""

    way: tuple[int, ...]
    name: str


def walk(file: Path | IO[bytes], *, size_limit: int) -> list[Member]:
    """All files of an archive and of the archives in it, in the order they stand there. Raises `UnreadableError`."""
    return list(_walk(file, size_limit, depth=1))


def read_member(file: Path | IO[bytes], way: tuple[int, ...], *, size_limit: int) -> bytes:
    """The bytes of one member. Raises `UnreadableError`."""
    opened = file
    data = b""
    for index in way:
        with _open(opened) as archive:
            data = _read(archive, archive.infolist()[index], size_limit)
        opened = io.BytesIO(data)
    return data


def _walk(file: Path | IO[bytes], size_limit: int, *, depth: int) -> Iterator[Member]:
    with _open(file) as archive:
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise UnreadableError(f"an archive of {len(infos):,} files; unpack it, or split it at {MAX_MEMBERS:,}")
        total = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if total > MAX_SMALL and total > MAX_GROWTH * max(1, min(packed, _size(file))):
            raise UnreadableError(f"an archive that would grow to {total:,} bytes, which no report does; not opened")
        for index, info in enumerate(infos):
            name = _name(info)
            parts = name.split("/")
            if info.is_dir() or name.startswith(_BACKUP) or any(part.startswith((".", "~$")) for part in parts):
                continue
            if name.lower().endswith(".zip") and depth < MAX_DEPTH:
                try:
                    data = _read(archive, info, size_limit)
                    if kind_of(data) == "zip":
                        inner = list(_walk(io.BytesIO(data), size_limit, depth=depth + 1))
                        yield from (Member((index, *one.way), f"{name}/{one.name}") for one in inner)
                        continue
                except UnreadableError:
                    pass  # it is listed as it is, and whoever reads it says what is wrong
            yield Member((index,), name)


def _open(file: Path | IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except OSError:
        raise
    except Exception as error:
        raise UnreadableError(f"a damaged archive ({error}); pack it anew") from error


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size_limit: int) -> bytes:
    too_large = f"more than {size_limit:,} bytes in one file of an archive; raise --size-limit, or leave it out"
    if info.file_size > size_limit:
        raise UnreadableError(too_large)
    if info.flag_bits & 1:
        raise UnreadableError("a file of an archive that is protected by a password; pack it without one")
    try:
        with archive.open(info) as stream:
            data = stream.read(size_limit + 1)  # what the archive says of sizes may be wrong
    except Exception as error:
        raise UnreadableError(f"a damaged file in an archive ({error}); pack it anew") from error
    if len(data) > size_limit:
        raise UnreadableError(too_large)
    return data


def _name(info: zipfile.ZipInfo) -> str:
    """The name as people wrote it, without what leads out of the archive."""
    name = info.filename
    if not info.flag_bits & 0x800:  # not UTF-8: zipfile took it for the encoding of DOS, here it is mostly GBK
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    name = _UNSAFE.sub("_", name.replace("\\", "/"))
    parts = [part for part in name.split("/") if part not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", part)]
    return "/".join(parts) or "_"


def _size(file: Path | IO[bytes]) -> int:
    if isinstance(file, Path):
        return file.stat().st_size
    place = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(place)
    return size
