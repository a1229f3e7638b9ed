"""From a report to bytes: one JSON document, and files written whole or not at all.

`encode` writes one record a line, so that two versions can be compared with any diff tool. A file is written aside and
renamed when it is whole; a reader of the output folder never sees half a file. `extract.exports` makes the tables.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from extract.records import Report

_PIECE: Final = 2_000  # records that are encoded at a time
_TABLES: Final = 20  # and tables, which hold their cells
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_EXPONENT: Final = re.compile(rb"E(?<=[0-9]E)[+-]?[0-9]")  # how `str` prints very large and very small decimals


def encode(report: Report) -> bytes:
    """A report as JSON: exact numbers, one record a line, the same bytes for the same records."""
    return b"".join(encode_pieces(report))


def encode_pieces(report: Report) -> Iterator[bytes]:
    """What `encode` gives, piece by piece: the JSON of a very long report is never in memory as a whole."""
    before = b"{\n"
    for name, value in msgspec.structs.asdict(report).items():
        yield before + b'"' + name.encode() + b'": '
        before = b",\n"
        if isinstance(value, list) and value:
            step = _TABLES if name == "tables" else _PIECE
            for start in range(0, len(value), step):
                # No line feed stands inside encoded JSON: in strings it is written \n.
                lines = _exact(_ENCODER.encode_lines, value[start : start + step])
                yield (b",\n" if start else b"[\n") + lines[:-1].replace(b"\n", b",\n")
            yield b"\n]"
        else:
            yield _exact(_ENCODER.encode, value)
    yield b"\n}\n"


def encode_line(report: Report) -> bytes:
    """A report as one line of JSON, the line feed included; for JSON Lines."""
    return encode(report).replace(b"\n", b"") + b"\n"  # no line feed stands inside encoded JSON


def write_whole(path: Path, pieces: Iterable[bytes], *, aside: Path) -> str:
    """Write a file in the folder `aside` (on the same disk), then put it in its place in one step; its SHA-256.

    The bytes are on the disk before the name is: a file is there whole or not at all, even after a loss of power.
    """
    draft = aside / f"draft-{os.getpid()}"
    digest = hashlib.sha256()
    with draft.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    return digest.hexdigest()


def number(value: Decimal | None) -> str | None:
    """A decimal in plain digits, never with an exponent."""
    return None if value is None else format(value, "f")


def _exact(encode: Callable[[Any], bytes], value: Any) -> bytes:
    """Some value as JSON, no number in it with an exponent."""
    data = encode(value)
    if _EXPONENT.search(data):
        data = encode(_plain(msgspec.to_builtins(value, builtin_types=(Decimal,))))
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
