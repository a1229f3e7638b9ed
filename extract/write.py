"""From a report to bytes: one JSON document, and files written whole or not at all.

`encode` writes one record a line, so that two versions can be compared with any diff tool. A file is written aside and
renamed when it is whole; a reader of the output folder never sees half a file. `extract.exports` makes the tables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from extract.records import Report

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_EXPONENT: Final = re.compile(rb"E(?<=[0-9]E)[+-]?[0-9]")  # how `str` prints very large and very small decimals


def encode(report: Report) -> bytes:
    """A report as JSON: exact numbers, one record a line, the same bytes for the same records."""
    data = _one_record_a_line(msgspec.structs.asdict(report))
    if _EXPONENT.search(data):
        data = _one_record_a_line(_plain(msgspec.to_builtins(report, builtin_types=(Decimal,))))
    return data


def encode_line(report: Report) -> bytes:
    """A report as one line of JSON, the line feed included; for JSON Lines."""
    return one_line(encode(report))


def one_line(data: bytes) -> bytes:
    """The JSON that `encode` gives as one line, the line feed included."""
    return data.replace(b"\n", b"") + b"\n"  # no line feed stands inside encoded JSON


def write_whole(path: Path, data: bytes, *, aside: Path) -> None:
    """Write a file in the folder `aside` (on the same disk), then put it in its place in one step.

    The bytes are on the disk before the name is: a file is there whole or not at all, even after a loss of power.
    """
    draft = aside / f"draft-{os.getpid()}"
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def number(value: Decimal | None) -> str | None:
    """A decimal in plain digits, never with an exponent."""
    return None if value is None else format(value, "f")


def _one_record_a_line(fields: Mapping[str, Any]) -> bytes:
    pieces = []
    for name, value in fields.items():
        if isinstance(value, list) and value:
            # No line feed stands inside encoded JSON: in strings it is written \n.
            data = b"[\n" + _ENCODER.encode_lines(value)[:-1].replace(b"\n", b",\n") + b"\n]"
        else:
            data = _ENCODER.encode(value)
        pieces.append(b'"' + name.encode() + b'": ' + data)
    return b"{\n" + b",\n".join(pieces) + b"\n}\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
