"""The row of a document: what became of it, and a column of records for each table.

==============  =======  ==========================================================================
column          type     what
==============  =======  ==========================================================================
``doc_id``      string   the document; null where it was skipped
``path``        string   where it was read from, as it stands in the records
``file``        string   the file as Spark names it; an archive holds several documents
``outcome``     string   ``read``, ``failed``, or ``skipped`` for what is no report
``reason``      string   why it failed, in the words of a local run
``json``        string   the document as `extract run` writes it, byte for byte
``text``        string   the text that offsets index, where the file is not plain text itself
``statements``  list     what it says for the panel: key, place of the statement, statement
a table's name  list     its rows, in the columns of `extract.output_tables`
==============  =======  ==========================================================================
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Any, Final

from msgspec import Struct

from extract.exports.arrow import arrow_schema, unpacked
from extract.exports.share import Piece, said_of
from extract.exports.writer import need
from extract.output_tables import TABLES

WHAT: Final = "--engine spark"
READ: Final = "read"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
#: the tables of which a document has rows; the panel is made from all documents
RECORD_TABLES: Final = tuple(name for name in TABLES if name != "panel")
_HEAD: Final = ("doc_id", "path", "file", "outcome", "reason", "json", "text")


class Outcome(Struct, frozen=True):
    """What became of one document; `share` is what it adds to the tables, packed."""

    doc_id: str | None
    path: str
    outcome: str
    reason: str | None = None
    json: bytes | None = None
    text: str | None = None
    share: list[Piece] = []

    @property
    def weight(self) -> int:
        """Bytes that it takes in Arrow, roughly."""
        return 1_000 + len(self.json or b"") + 3 * len(self.text or "") + sum(len(one.data) for one in self.share)


@cache
def record_schema(name: str) -> Any:
    """The Arrow schema of the rows of one table."""
    return arrow_schema(TABLES[name], extra="spark", what=WHAT)


@cache
def document_schema() -> Any:
    """The Arrow schema of the row of a document."""
    pa = need("pyarrow", extra="spark", what=WHAT)
    statement = pa.struct([("key", pa.string()), ("place", pa.int64()), ("statement", pa.binary())])
    return pa.schema(
        [
            *(pa.field(name, pa.string()) for name in _HEAD),
            pa.field("statements", pa.list_(statement)),
            *(pa.field(name, pa.list_(pa.struct(list(record_schema(name))))) for name in RECORD_TABLES),
        ]
    )


def document_batch(found: Sequence[tuple[str, Outcome]]) -> Any:
    """Some outcomes, each with its file, as a record batch of `document_schema`."""
    pa = need("pyarrow", extra="spark", what=WHAT)
    schema = document_schema()
    ones = [one for _, one in found]
    heads: dict[str, list[Any]] = {name: [getattr(one, name) for one in ones] for name in _HEAD if name != "file"}
    heads["file"] = [file for file, _ in found]
    heads["json"] = [None if one.json is None else one.json.decode() for one in ones]
    columns = [pa.array(heads[name], pa.string()) for name in _HEAD]
    groups = [[said for piece in one.share if piece.kind == "said" for said in said_of(piece)] for one in ones]
    said = [(one.key, place, one.statement) for group in groups for place, one in enumerate(group)]
    element = schema.field("statements").type.value_type
    cells = list(zip(*said, strict=True)) or [()] * 3
    parts = [pa.array(list(values), field.type) for values, field in zip(cells, element, strict=True)]
    struct = pa.StructArray.from_arrays(parts, fields=list(element))
    columns.append(_lists(schema.field("statements").type, list(map(len, groups)), struct))
    for name in RECORD_TABLES:
        tables = [_batches(one, name) for one in ones]
        lengths = [sum(batch.num_rows for batch in batches) for batches in tables]
        columns.append(_lists(schema.field(name).type, lengths, _structs(name, tables)))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _batches(one: Outcome, name: str) -> list[Any]:
    schema = record_schema(name)
    return [unpacked(piece.data, schema) for piece in one.share if piece.kind == "arrow" and piece.table == name]


def _structs(name: str, groups: Sequence[Sequence[Any]]) -> Any:
    """The rows of one table, of several documents, one after the other."""
    pa = need("pyarrow", extra="spark", what=WHAT)
    schema = record_schema(name)
    batches = [batch for group in groups for batch in group]
    if not batches:
        return pa.array([], pa.struct(list(schema)))
    made = pa.Table.from_batches(batches).combine_chunks()
    return pa.StructArray.from_arrays([column.chunk(0) for column in made.columns], fields=list(schema))


def _lists(kind: Any, lengths: Sequence[int], values: Any) -> Any:
    """A list a document, from the lengths of the lists and all their values."""
    pa = need("pyarrow", extra="spark", what=WHAT)
    offsets = pa.py_buffer(array("i", accumulate(lengths, initial=0)).tobytes())
    return pa.Array.from_buffers(kind, len(lengths), [None, offsets], 0, children=[values])


__all__ = [
    "FAILED", "READ", "RECORD_TABLES", "SKIPPED", "Outcome", "document_batch", "document_schema", "record_schema",
]  # fmt: skip
