"""What one document adds to the tables of a run, made where the document is read, by a worker as a rule.

Read first: `Sharer.share`. The leading process (`Exports.take`) then lays the shares of all documents one behind the
other: for CSV and JSON Lines finished text goes to the end of a file, other formats get rows, the panel statements.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from extract.exports.csv_files import csv_lines
from extract.exports.rows import table_rows
from extract.output_tables import TABLES, TableRows
from extract.panel import Said, Statements, pack_statement, panel_row
from extract.patterns import Pack
from extract.records import Report
from extract.write import encode, one_line

#: formats whose files grow by text alone
_TEXTS: Final = frozenset(("json", "csv", "jsonl"))
_PANEL: Final = TABLES["panel"]


class Share(Struct, frozen=True):
    """The share of one document in the tables.

    `said` is for the panel; `csv` are lines by table, `jsonl` is the line of the document, `rows` are there for formats
    that take rows: each is empty where no format asks for it.
    """

    said: list[Said]
    csv: dict[str, str] = {}
    jsonl: bytes = b""
    rows: TableRows = {}


class Sharer:
    """Makes shares for some formats (see `extract.exports.FORMATS`), with the grammar the reports were read with."""

    def __init__(self, formats: Collection[str], pack: Pack) -> None:
        self._formats = formats
        self._rows = bool(set(formats) - _TEXTS)
        self._statements = Statements(pack)

    def share(self, report: Report, text: str, data: bytes | None = None) -> Share:
        """The share of a report; `text` is its decoded source text, `data` its JSON where that is made already."""
        rows = table_rows(report, text)
        statements = list(self._statements.of(report))
        lines: Sequence[str | None] = [None] * len(statements)
        csv: dict[str, str] = {}
        if "csv" in self._formats:
            lines = csv_lines(_PANEL, [panel_row(key, [one]) for key, one in statements])
            csv = {name: "".join(csv_lines(TABLES[name], some)) for name, some in rows.items()}
        return Share(
            said=[Said(key, pack_statement(one), line) for (key, one), line in zip(statements, lines, strict=True)],
            csv=csv,
            jsonl=one_line(encode(report) if data is None else data) if "jsonl" in self._formats else b"",
            rows=rows if self._rows else {},
        )


def pack_share(share: Share) -> bytes:
    """A share as bytes, for the way from one process to another."""
    return _ENCODER.encode(share)


def unpack_share(data: bytes) -> Share:
    """A share from the bytes that `pack_share` made."""
    return _DECODER.decode(data)


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Share)

__all__ = ["Share", "Sharer", "pack_share", "unpack_share"]
