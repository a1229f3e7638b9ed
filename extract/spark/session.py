"""A Spark session: is there Spark, is there Java, and which Python do the workers use."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from extract.exports.writer import missing
from extract.spark.documents import WHAT
from extract.spark.settings import SparkError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PYTHON: Final = "spark.pyspark.python"
# mapInArrow sends so many documents at once; Arrow holds at most 2 GB of them, and the worker all of it in memory
DOCUMENTS_AT_ONCE: Final = 8
_DEFAULTS: Final = {"spark.sql.debug.maxToStringFields": "1000"}  # else Spark warns of every table


def check_installed() -> None:
    """Raise `MissingPackageError` or `SparkError` where something is missing; nothing is started."""
    for package in ("pyspark", "pyarrow", "pandas"):
        if find_spec(package) is None:
            raise missing(package, extra="spark", what=WHAT)
    home = os.environ.get("JAVA_HOME")
    if not (Path(home, "bin", "java").exists() if home else shutil.which("java")):
        where = f"JAVA_HOME is {home}, and there is no bin/java in it" if home else "there is no java on the PATH"
        raise SparkError(f"{WHAT} needs Java 17, and {where}; install it, or set JAVA_HOME (缺少 Java 17)")


def start(master: str | None = None, conf: Mapping[str, str] | None = None, *, quiet: bool = False) -> SparkSession:
    """A session on this master, ``local[*]`` if Spark's own configuration names none.

    Workers use this very Python unless ``PYSPARK_PYTHON`` or ``spark.pyspark.python`` names another. Raises
    `SparkError` and `MissingPackageError`.
    """
    check_installed()
    from pyspark.sql import SparkSession

    conf = {**_DEFAULTS, "spark.ui.showConsoleProgress": str(not quiet).lower(), **(conf or {})}
    if _PYTHON in conf:
        os.environ["PYSPARK_PYTHON"] = conf[_PYTHON]
    else:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # We hand over Arrow and never a pandas frame, so it does not matter which pandas that is.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    builder: Any = SparkSession.builder
    builder = builder.appName("extract")
    if master is not None:
        builder = builder.master(master)
    for key, value in conf.items():
        builder = builder.config(key, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as error:
        raise SparkError(
            f"Spark could not be started with the master {master or 'of its configuration'}: {brief(error)}; check"
            " --master and that its workers can be reached (无法启动 Spark)"
        ) from error
    return session


def brief(error: BaseException) -> str:
    """What is worth reading of an error of Spark: its first line, or what a worker of ours has to say."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    for line in lines:
        if "SparkError: " in line:
            return line.partition("SparkError: ")[2]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return (causes or lines or [type(error).__name__])[0 if not causes else -1][:500]


__all__ = ["DOCUMENTS_AT_ONCE", "brief", "check_installed", "start"]
