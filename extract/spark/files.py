"""What a run on Spark reads: files with their bytes and the names of their documents, or a table of documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from extract.exports.writer import need
from extract.inputs import RESERVED
from extract.readers import SUFFIXES
from extract.spark.documents import WHAT
from extract.spark.names import Names, documents_in, folder_of, key_of, literal, needs_look, numbered, plain
from extract.spark.session import brief
from extract.spark.settings import SparkError
from extract.spark.storage import Storage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MANIFEST: Final = "run.json"
_NAMES: Final = "file string, shown string, key string, skipped boolean"


def document_table(session: SparkSession, source: str) -> DataFrame:
    """A table of documents. Raises `SparkError` where it is not one, or where an id stands twice."""
    frame = _loaded(source, lambda: session.read.parquet(source))
    content = [name for name in ("content", "text") if name in frame.columns]
    if "doc_id" not in frame.columns or not content:
        raise SparkError(
            f"{source}: a table of documents has the columns doc_id and content (bytes) or text (string), and path"
            f" where it is known; this one has {', '.join(frame.columns)} (缺少所需的列)"
        )
    twice = frame.groupBy("doc_id").count().where("count > 1 OR doc_id IS NULL").first()
    if twice is not None:
        what = "a row has no doc_id" if twice["doc_id"] is None else f"doc_id {twice['doc_id']!r} stands twice"
        raise SparkError(f"{source}: {what}; give every document an id of its own (文档编号重复或为空)")
    return frame.select("doc_id", *(name for name in ("path",) if name in frame.columns), content[0])


def list_files(
    session: SparkSession, storage: Storage, source: str, out: str, size_limit: int
) -> tuple[DataFrame, Names, DataFrame]:
    """The files with their bytes, how documents are named, and the list of the files."""
    files = _loaded(source, lambda: _binary(session, source))
    target = storage.full(out)
    runs = files.where(files["path"].endswith(f"/{MANIFEST}") & (files["length"] < size_limit))
    mine = [target, *_outputs(session, [row["path"] for row in runs.select("path").collect()])]
    for folder in mine:
        files = files.where(~files["path"].startswith(folder + "/"))
    listed = files.select("path", "length")
    if listed.first() is None:
        raise SparkError(f"{source}: no file to read; check the path (没有找到可读取的文件)")
    names = _name(session, storage, source, listed, size_limit)
    small = files.where(files["length"] <= size_limit).select("path", "length", "content")
    large = listed.where(listed["length"] > size_limit).selectExpr("path", "length", "CAST(NULL AS BINARY) AS content")
    return small.unionByName(large), names, listed


def _name(session: SparkSession, storage: Storage, source: str, listed: DataFrame, size_limit: int) -> Names:
    """How the documents are named: ids of namesakes need the names of all documents, those in archives too."""
    from pyspark.sql import functions

    base = folder_of(source)
    names = Names(storage.full(base), plain(base))
    ending = functions.regexp_extract(functions.lower("path"), r"[^/](\.[^./]*)?$", 1)
    unknown = listed.where((ending == ".zip") | ~ending.isin(*SUFFIXES)).where(listed["length"] <= size_limit)
    paths = [row["path"] for row in unknown.select("path").collect() if needs_look(row["path"])]
    bare = listed.select("path", functions.lit(None).cast("binary").alias("content"))
    if paths:
        with_bytes = _binary(session, [literal(path) for path in paths]).select("path", "content")
        bare = bare.join(with_bytes.select("path"), "path", "left_anti").unionByName(with_bytes)
    found = bare.mapInArrow(NameReader(names, size_limit), _NAMES).where("NOT skipped").persist()
    try:
        first = found.first()
        if first is None:
            raise SparkError(f"{source}: no file to read in it; name other files one by one (没有找到可读取的文件)")
        met = found.groupBy("key").count().where((functions.col("count") > 1) | functions.col("key").isin(*RESERVED))
        # What could meet `a-2`, which the second `a` becomes, is an `a-2` that is there already.
        stem = functions.regexp_replace("key", r"-[0-9]+$", "")
        several = found.join(met, "key", "left_semi").unionByName(
            found.join(met.withColumnRenamed("key", "stem"), (stem == functions.col("stem")), "left_semi")
        )
        return Names(names.root, names.prefix, numbered({row["shown"] for row in several.select("shown").collect()}))
    finally:
        found.unpersist()


class NameReader:
    """The function for ``mapInArrow`` that lists the documents in files."""

    def __init__(self, names: Names, size_limit: int) -> None:
        self._names = names
        self._size_limit = size_limit

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Arrow record batches with ``path`` and ``content`` in, of file, shown, key and skipped out."""
        pa = need("pyarrow", extra="spark", what=WHAT)
        for batch in batches:
            rows = []
            for path, content in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                for one in documents_in(path, content, self._names, size_limit=self._size_limit, read=False):
                    rows.append((path, one.shown, key_of(one.shown), one.skipped))
            columns = list(zip(*rows, strict=True)) or [()] * 4
            kinds = (pa.string(), pa.string(), pa.string(), pa.bool_())
            arrays = [pa.array(list(values), kind) for values, kind in zip(columns, kinds, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, ["file", "shown", "key", "skipped"])


def _outputs(session: SparkSession, manifests: Sequence[str]) -> list[str]:
    """The folders of other runs among the inputs, by their manifests; they hold no reports."""
    if not manifests:
        return []
    rows = _binary(session, [literal(path) for path in manifests]).selectExpr("path", "substring(content, 1, 200) AS c")
    return [row["path"].rpartition("/")[0] for row in rows.collect() if b'"schema_version"' in bytes(row["c"])]


def not_given(session: SparkSession, listed: DataFrame, documents: DataFrame, names: Names) -> DataFrame:
    """Failures for the files that the storage listed and did not give."""
    lost = listed.join(documents.select("file").distinct(), listed["path"] == documents["file"], "left_anti")
    rows = [
        (names.doc_id(names.shown(row["path"])), names.shown(row["path"]), "the storage did not give its bytes")
        for row in lost.select("path").collect()
    ]
    return session.createDataFrame(rows, "doc_id string, path string, reason string")


def _binary(session: SparkSession, paths: str | list[str]) -> DataFrame:
    options = ("recursiveFileLookup", "ignoreCorruptFiles", "ignoreMissingFiles")  # `not_given` says which were ignored
    return session.read.format("binaryFile").options(**dict.fromkeys(options, "true")).load(paths)


def _loaded(source: str, load: Any) -> DataFrame:
    from pyspark.errors import AnalysisException

    try:
        frame: DataFrame = load()
    except AnalysisException as error:
        raise SparkError(f"{source}: {brief(error)}; check the path (无法读取输入)") from error
    return frame


__all__ = ["MANIFEST", "NameReader", "document_table", "list_files", "not_given"]
