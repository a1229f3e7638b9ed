"""The run on Spark: list the files, name the documents, read each once, write the tables.

Read `run_spark` first. What was read of the documents goes to ``OUT/by_document`` as Parquet, a row a document, and
every table is taken out of that: a worker that dies later costs no second reading. ``OUT/run.json`` is written last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from extract import __version__
from extract.output_tables import TABLES
from extract.pipeline import Extractor
from extract.records import SCHEMA_VERSION
from extract.run import Options
from extract.spark.documents import RECORD_TABLES
from extract.spark.files import MANIFEST, document_table, list_files, not_given
from extract.spark.frames import failures, panel, reports, table
from extract.spark.names import Names
from extract.spark.reader import DocumentReader
from extract.spark.session import DOCUMENTS_AT_ONCE
from extract.spark.settings import Settings, SparkError, digest_of
from extract.spark.storage import Storage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_STAGE: Final = "by_document"
_SKIPPED: Final = 10_000  # names of files left aside that the manifest lists
_WRITTEN: Final = (*TABLES, "reports", "failures")
_GROUP: Final = 16_000_000  # bytes of a row group, all of which a task holds in memory
# Spark reads so many rows of the stage at once into memory, and a row is a whole document
_WHILE_WRITING: Final = {"spark.sql.parquet.columnarReaderBatchSize": "16"}
_BYTES: Final = 32_000_000  # of files, for one task …
_EACH: Final = 64_000  # … where a file counts so many more: some hundred short texts, half a minute of work


class SparkManifest(Struct, frozen=True):
    """What a run on Spark did, written as ``run.json``; its documents are the table `documents`."""

    version: str
    schema_version: str
    engine: str
    patterns: str
    model: str
    fingerprint: str
    options: Options
    counts: dict[str, int]
    skipped: list[str]


def run_spark(
    session: SparkSession, source: str, out: str, extractor: Extractor, *, options: Options, force: bool = False
) -> SparkManifest:
    """Read all documents of `source` and write their tables into the folder `out`, both paths that Spark knows.

    `source` is a folder with all its subfolders, a file, a pattern with wildcards, or a table of documents
    (``….parquet``, a row a document: doc_id, and content or text). `extractor` is the driver's own, made with the
    folders that `options` name. Raises `SparkError`, and what Spark raises.
    """
    storage = Storage(session)
    _make_room(storage, out, force=force)
    digest = digest_of(extractor, options.lang)
    settings = Settings.of(
        [Path(folder) for folder in options.patterns],
        Path(options.models) if options.models else None,
        language=options.lang,
        size_limit=options.size_limit,
        time_limit=options.time_limit,
        expected=digest,
    )
    stage = f"{out}/{_STAGE}"
    try:
        with _settings(session, _while_reading(session)):
            if source.rstrip("/").endswith(".parquet"):
                frame, names, listed = document_table(session, source), Names(), None
            else:
                frame, names, listed = list_files(session, storage, source, out, options.size_limit)
            reader = DocumentReader(settings, names)
            _write(frame.mapInArrow(reader, reader.schema), stage)
        with _settings(session, _WHILE_WRITING):
            documents = session.read.parquet(stage)
            for name in RECORD_TABLES:
                _write(table(documents, name), f"{out}/{name}")
            _write(panel(documents, settings), f"{out}/panel")
            _write(reports(documents), f"{out}/reports")
            failed = failures(documents)
            if listed is not None:
                failed = failed.unionByName(not_given(session, listed, documents, names))
            _write(failed, f"{out}/failures")
        manifest = SparkManifest(
            version=__version__,
            schema_version=SCHEMA_VERSION,
            engine="spark",
            patterns=extractor.pack.digest,
            model=extractor.section_model.digest,
            fingerprint=digest,
            options=options,
            counts=_counts(session, documents, out),
            skipped=_skipped(documents),
        )
    finally:
        with suppress(Exception):  # what went wrong before is what the user wants to hear of
            storage.delete(stage)
    storage.write(f"{out}/{MANIFEST}", msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    return manifest


def _make_room(storage: Storage, out: str, *, force: bool) -> None:
    if storage.is_empty(out):
        return
    if not force:
        raise SparkError(
            f"{out} is not empty; give another folder, or --force to replace the tables in it (输出文件夹不为空)"
        )
    for name in (MANIFEST, _STAGE, *_WRITTEN):
        storage.delete(f"{out}/{name}")


def _while_reading(session: SparkSession) -> dict[str, str]:
    """Spark's settings while documents are read: tasks of a useful size."""
    return {
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(DOCUMENTS_AT_ONCE),
        "spark.sql.files.maxPartitionBytes": str(_BYTES),
        "spark.sql.files.openCostInBytes": str(_EACH),
        "spark.sql.files.minPartitionNum": str(4 * session.sparkContext.defaultParallelism),
    }


@contextmanager
def _settings(session: SparkSession, wanted: Mapping[str, str]) -> Iterator[None]:
    """These settings of Spark, for a while."""
    before = {key: session.conf.get(key, None) for key in wanted}
    for key, value in wanted.items():
        session.conf.set(key, value)
    try:
        yield
    finally:
        for key, old in before.items():
            if old is None:
                session.conf.unset(key)
            else:
                session.conf.set(key, old)


def _counts(session: SparkSession, documents: DataFrame, out: str) -> dict[str, int]:
    made = session.read.parquet(f"{out}/documents")
    lists = [name.removesuffix("_count") for name in made.columns if name.endswith("_count")]
    sums = [f"COALESCE(SUM({name}_count), 0) AS {name}" for name in lists]
    row = made.selectExpr("COUNT(*) AS documents", "COALESCE(SUM(chars), 0) AS characters", *sums).first()
    assert row is not None
    told = row.asDict()
    return {
        "documents": told.pop("documents"),
        "failures": session.read.parquet(f"{out}/failures").count(),
        "skipped": documents.where("outcome = 'skipped'").count(),
        **told,
    }


def _skipped(documents: DataFrame) -> list[str]:
    found = documents.where("outcome = 'skipped'").select("path").orderBy("path").limit(_SKIPPED)
    return [row["path"] for row in found.collect()]


def _write(frame: DataFrame, path: str) -> None:
    frame.write.option("compression", "zstd").option("parquet.block.size", _GROUP).parquet(path)


__all__ = ["SparkManifest", "run_spark"]
