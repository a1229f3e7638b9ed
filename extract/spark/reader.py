"""The function for ``DataFrame.mapInArrow``: a table of documents in, one row a document out.

A document is read in a process of its own, a child of Spark's Python worker: if it takes too long, too much memory, or
brings the process down, only this document fails (`extract.pool`), and Spark sees nothing of it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from msgspec import Struct

from extract.exports.share import Sharer
from extract.inputs import Input
from extract.pipeline import Extractor
from extract.pool import Died, Pool
from extract.run import Options, read_bytes, reason
from extract.source import UnreadableError
from extract.spark.documents import FAILED, READ, SKIPPED, Outcome, document_batch, document_schema
from extract.spark.names import Names, documents_in
from extract.spark.settings import Settings, extractor_of
from extract.write import encode

_BATCH: Final = 4_000_000  # bytes, roughly, that wait until they are handed to Spark; as Python objects ten times that
_PLAIN: Final = "text/plain"
_CONTENT: Final = ("content", "text")


class Task(Struct, frozen=True):
    """A document to read: its bytes, or why there are none. `plain` says that they are text, whatever they look like.

    `inside` is true for a member of an archive, `skipped` for what is no report.
    """

    doc_id: str
    path: str
    file: str
    data: bytes | None
    plain: bool = False
    inside: bool = False
    failed: str = ""
    skipped: bool = False


class DocumentReader:
    """Reads the documents of a table; give it to ``mapInArrow`` with its `schema`.

    >>> read = DocumentReader()                                    # doctest: +SKIP
    >>> documents = frame.mapInArrow(read, read.schema)            # doctest: +SKIP

    The table has ``doc_id`` (or ``path``, or both) and ``content`` (bytes of a file of any kind) or ``text``. The
    columns of Spark's ``binaryFile`` source are such a table; archives in it are opened. Without ``doc_id``, `names`
    tells ids from paths. Set ``spark.sql.execution.arrow.maxRecordsPerBatch`` to a few documents: Spark sends so many
    to a worker at once.
    """

    def __init__(self, settings: Settings | None = None, names: Names | None = None) -> None:
        self.settings = settings or Settings()
        self.names = names or Names()

    @property
    def schema(self) -> Any:
        """What the function gives, as Spark's type. Raises `extract.exports.MissingPackageError`."""
        from extract.exports.writer import need

        types: Any = need("pyspark.sql.pandas.types", extra="spark", what="--engine spark")
        return types.from_arrow_schema(document_schema())

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Arrow record batches of documents in, record batches of `document_schema` out."""
        waiting: list[tuple[str, Outcome]] = []
        weight = 0
        for task, outcome in self.outcomes(self._tasks(batches)):
            waiting.append((task.file, outcome))
            weight += outcome.weight
            if weight >= _BATCH:
                yield document_batch(waiting)
                waiting, weight = [], 0
        if waiting:
            yield document_batch(waiting)

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Outcome]]:
        """What became of each document."""
        settings = self.settings
        if sys.platform == "linux":  # a forked process has the grammar already
            make: Callable[[], Callable[[Task], Outcome]] = partial(_Reading, extractor_of(settings), settings)
        else:
            make = partial(_make_reading, settings)
        with Pool(make, workers=1, time_limit=settings.time_limit) as pool:
            for task, outcome in pool.run(tasks):
                if isinstance(outcome, Died):
                    outcome = Outcome(task.doc_id, task.path, FAILED, outcome.reason)
                yield task, outcome

    def _tasks(self, batches: Iterable[Any]) -> Iterator[Task]:
        for batch in batches:
            names = batch.schema.names
            content = next((name for name in _CONTENT if name in names), None)
            if content is None or not {"doc_id", "path"}.intersection(names):
                raise ValueError(
                    f"a table of documents has doc_id or path, and content (bytes) or text; this one has {names}"
                )
            wanted = [name for name in ("doc_id", "path", "length", content) if name in names]
            for number in range(batch.num_rows):
                row = {name: batch.column(names.index(name))[number].as_py() for name in wanted}
                yield from self._in_row(row, row[content])

    def _in_row(self, row: dict[str, Any], content: str | bytes | None) -> Iterator[Task]:
        data = content.encode() if isinstance(content, str) else content
        if row.get("doc_id") is not None:
            path = row.get("path") or row["doc_id"]
            failed = "no content (null)" if data is None else ""
            yield Task(row["doc_id"], path, path, data, plain=isinstance(content, str), failed=failed)
            return
        file, size, limit = row["path"], row.get("length"), self.settings.size_limit
        too_large = f"{size:,} bytes, the limit is {limit:,}; raise --size-limit, or split the file" if size else ""
        for found in documents_in(file, data, self.names, size_limit=limit, read=True):
            failed = found.reason
            if found.data is None and not failed:
                failed = too_large if size and size > limit else "no content (null)"
            doc_id = self.names.doc_id(found.shown)
            inside = found.shown != self.names.shown(file)
            plain = isinstance(content, str)
            yield Task(doc_id, found.shown, file, found.data, plain, inside, failed, found.skipped)


class _Reading:
    """Reads one document; never raises. Made in the process that reads."""

    def __init__(self, extractor: Extractor, settings: Settings) -> None:
        gc.freeze()  # as in a local run: records hold no cycles, and to look for some takes time
        gc.set_threshold(100_000, 20, 100)
        self._extractor = extractor
        self._sharer = Sharer(("parquet",), extractor.pack)
        self._options = Options([], size_limit=settings.size_limit, time_limit=settings.time_limit)

    def __call__(self, task: Task) -> Outcome:
        """The values of the document's row."""
        if task.skipped:
            return Outcome(None, task.path, SKIPPED)
        try:
            if task.data is None or task.failed:
                raise UnreadableError(task.failed)
            return self._read(task, task.data)
        except BaseException as error:  # whatever went wrong with one document, the others are still wanted
            return Outcome(task.doc_id, task.path, FAILED, reason(error))

    def _read(self, task: Task, data: bytes) -> Outcome:
        item = Input(task.doc_id, task.path, None)
        report, source = read_bytes(item, data, self._extractor, self._options, plain=task.plain)
        return Outcome(
            task.doc_id,
            task.path,
            READ,
            json=encode(report),
            text=source.text if source.media_type != _PLAIN or task.inside else None,
            share=list(self._sharer.pieces(report, source.text)),
        )


def _make_reading(settings: Settings) -> _Reading:
    return _Reading(extractor_of(settings), settings)


__all__ = ["DocumentReader", "Task"]
