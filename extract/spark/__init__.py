"""Apache Spark: the records of any number of documents, read by the machines of a cluster.

Read first: `DocumentReader`, the function for `DataFrame.mapInArrow`. It takes a table of documents and gives one row a
document, in which every record table is a column of its own: ``mapInArrow`` gives one schema, and so a document is read
once, whatever is asked of it later. `table` takes a record table out of that, `panel` makes the panel of all documents,
`failures` says what could not be read. `run_spark` is the whole of `extract run --engine spark`.

Nothing here imports Spark or Arrow before it is used. The workers need this package; a folder of patterns or of a model
travels with the function.

============  ==================================================================================
`settings`    what a worker must know; the extractor of a worker, built once
`names`       which files are documents, how they are shown, what their ids are
`documents`   the row of a document: its schema, and rows as Arrow
`reader`      the function for ``mapInArrow``: documents in, rows out
`frames`      from the rows of documents to the tables, as data frames
`session`     a session: is there Spark, is there Java, which Python do the workers use
`storage`     files on any storage that Spark knows
`job`         the run: list, name, read, write
============  ==================================================================================
"""

from __future__ import annotations

from extract.spark.frames import failures, panel, reports, table
from extract.spark.job import run_spark
from extract.spark.reader import DocumentReader
from extract.spark.settings import Settings, SparkError

__all__ = ["DocumentReader", "Settings", "SparkError", "failures", "panel", "reports", "run_spark", "table"]
