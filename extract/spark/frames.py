"""From the rows of documents to the tables of a run, as Spark data frames.

`documents` is what ``mapInArrow`` gave. Every function reads it anew: write it to storage first, or documents are read
once for every table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from extract.exports.arrow import arrow_table
from extract.exports.writer import need
from extract.output_tables import TABLES, Row
from extract.panel import Merger
from extract.spark.documents import FAILED, READ, RECORD_TABLES, WHAT, record_schema
from extract.spark.settings import Settings, extractor_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_ROWS: Final = 1_000  # rows of the panel that are handed to Spark at once


def table(documents: DataFrame, name: str) -> DataFrame:
    """One record table: metrics, pairs … in the columns of `extract.output_tables`. Raises `ValueError`."""
    if name not in RECORD_TABLES:
        raise ValueError(f"{name!r} is no record table; use one of {', '.join(RECORD_TABLES)}; for the panel, `panel`")
    functions = _functions()
    return _labelled(documents.select(functions.explode(name).alias("row")).select("row.*"), name)


def reports(documents: DataFrame) -> DataFrame:
    """The documents as `extract run` writes them: doc_id, json, and text where the file is not plain text itself."""
    return documents.where(documents["outcome"] == READ).select("doc_id", "json", "text")


def failures(documents: DataFrame) -> DataFrame:
    """The documents that could not be read, and why: doc_id, path, reason."""
    return documents.where(documents["outcome"] == FAILED).select("doc_id", "path", "reason")


def panel(documents: DataFrame, settings: Settings | None = None) -> DataFrame:
    """The panel of all documents, sorted by its key; `settings` are those that the documents were read with.

    Statements are brought together by key with one sort over the cluster, and merged one key at a time.
    """
    functions = _functions()
    said = documents.select("path", functions.explode("statements").alias("one")).select("path", "one.*")
    by_key = said.repartitionByRange("key").sortWithinPartitions("key", "path", "place")
    merged = by_key.select("key", "statement").mapInArrow(PanelMaker(settings or Settings()), _types("panel"))
    return _labelled(merged, "panel")


class PanelMaker:
    """The function for ``mapInArrow`` that makes rows of the panel from statements sorted by key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Arrow record batches with ``key`` and ``statement`` in, record batches of the panel out."""
        merger = _merger(self._settings)
        rows: list[Row] = []
        for key, group in groupby(_statements(batches), key=lambda one: one[0]):
            rows.append(merger.row(key, (statement for _, statement in group)))
            if len(rows) >= _ROWS:
                yield from _batches(rows)
                rows = []
        if rows:
            yield from _batches(rows)


@lru_cache(maxsize=2)
def _merger(settings: Settings) -> Merger:
    return Merger(extractor_of(settings).pack)


def _statements(batches: Iterable[Any]) -> Iterator[tuple[str, bytes]]:
    for batch in batches:
        yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)


def _batches(rows: list[Row]) -> list[Any]:
    made: list[Any] = arrow_table(TABLES["panel"], rows, record_schema("panel")).to_batches()
    return made


def _types(name: str) -> Any:
    types: Any = need("pyspark.sql.pandas.types", extra="spark", what=WHAT)
    return types.from_arrow_schema(record_schema(name))


def _labelled(frame: DataFrame, name: str) -> DataFrame:
    """The frame with what each column says, as Spark keeps it in Parquet and in its catalogue."""
    functions, about = _functions(), {column.name: f"{column.zh}: {column.about}" for column in TABLES[name].columns}
    words = {one: {"comment": about.get(one, "value, its digits")} for one in frame.columns}
    return frame.select(*(functions.col(one).alias(one, metadata=words[one]) for one in frame.columns))


def _functions() -> Any:
    return need("pyspark.sql.functions", extra="spark", what=WHAT)


__all__ = ["PanelMaker", "failures", "panel", "reports", "table"]
