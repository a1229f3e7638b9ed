"""Files on any storage that Spark knows (file, hdfs, s3a …), through Spark's own file systems on the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Storage:
    """Looks, writes and deletes. Paths are strings, as Spark takes them."""

    def __init__(self, session: SparkSession) -> None:
        self._jvm: Any = session._jvm
        self._conf: Any = session._jsc.hadoopConfiguration()

    def full(self, path: str) -> str:
        """The path with its scheme, as Spark names files below it."""
        files, where = self._at(path)
        return str(files.makeQualified(where).toString())

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        files, where = self._at(path)
        return bool(files.exists(where))

    def is_empty(self, path: str) -> bool:
        """Whether there is nothing, or a folder with nothing in it."""
        files, where = self._at(path)
        return not files.exists(where) or (files.getFileStatus(where).isDirectory() and not files.listStatus(where))

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it, if it is there."""
        files, where = self._at(path)
        files.delete(where, True)

    def write(self, path: str, data: bytes) -> None:
        """Write a small file, over one that is there."""
        files, where = self._at(path)
        stream = files.create(where, True)
        try:
            stream.write(bytearray(data))
        finally:
            stream.close()

    def _at(self, path: str) -> tuple[Any, Any]:
        where = self._jvm.org.apache.hadoop.fs.Path(path)
        return where.getFileSystem(self._conf), where


__all__ = ["Storage"]
