"""What one document adds to the tables of a run, made where the document is read, by a worker as a rule.

Read first: `Sharer.share`. The leading process (`Exports.take`) then lays the shares of all documents one behind the
other: for CSV and JSON Lines finished text goes to the end of a file, other formats get rows, the panel statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec
from msgspec import Struct

from extract.exports.csv_files import csv_lines
from extract.exports.rows import each_table
from extract.output_tables import TABLES, TableRows
from extract.panel import Said, Statements, pack_statement, panel_row
from extract.patterns import Pack
from extract.records import Report
from extract.write import encode_line

#: formats whose files grow by text alone
_TEXTS: Final = frozenset(("json", "csv", "jsonl"))
_BATCH: Final = 1_000  # statements whose rows are made at a time
_PANEL: Final = TABLES["panel"]


class Share(Struct, frozen=True):
    """The share of one document in the tables.

    `said` is for the panel, `csv` are lines in UTF-8 by table, `jsonl` is the line of the document, `rows` those for
    formats that take rows; each is empty where no format asks for it.
    """

    said: list[Said]
    csv: dict[str, bytes] = {}
    jsonl: bytes = b""
    rows: TableRows = {}


class Sharer:
    """Makes shares for some formats (see `extract.exports.FORMATS`), with the grammar the reports were read with."""

    def __init__(self, formats: Collection[str], pack: Pack) -> None:
        self._formats = formats
        self._csv = "csv" in formats
        self._rows = bool(set(formats) - _TEXTS)
        self._statements = Statements(pack)

    def share(self, report: Report, text: str) -> Share:
        """The share of a report; `text` is its decoded source text."""
        csv: dict[str, bytes] = {}
        rows: TableRows = {}
        for name, some in each_table(report, text):
            if self._csv:
                csv[name] = "".join(csv_lines(TABLES[name], some)).encode()
            if self._rows:
                rows[name] = some
        line = encode_line(report) if "jsonl" in self._formats else b""
        return Share(list(self._said(report)), csv, line, rows)

    def _said(self, report: Report) -> Iterator[Said]:
        statements = self._statements.of(report)
        while some := list(islice(statements, _BATCH)):
            lines: Sequence[str | None] = [None] * len(some)
            if self._csv:
                lines = csv_lines(_PANEL, [panel_row(key, [one]) for key, one in some])
            yield from (Said(key, pack_statement(one), line) for (key, one), line in zip(some, lines, strict=True))


def pack_share(share: Share) -> bytes:
    """A share as bytes, for the way from one process to another."""
    return _ENCODER.encode(share)


def unpack_share(data: bytes) -> Share:
    """A share from the bytes that `pack_share` made."""
    return _DECODER.decode(data)


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Share)

__all__ = ["Share", "Sharer", "pack_share", "unpack_share"]
