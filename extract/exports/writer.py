"""What a format has to do: take what documents add to it as it comes, and name the files it made."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extract.output_tables import Row, TableSpec


class MissingPackageError(ImportError):
    """A format that needs a package which is not installed; the message says how to install it."""


class Writer:
    """One format of a run. Files are made in the folder `aside`; `finish` closes them and gives their names.

    Rows of one table come in the order of the documents; those of different tables come mixed. `close` frees what is
    open and may be called at any time, twice too.
    """

    def __init__(self, aside: Path) -> None:
        self.aside = aside

    def add_rows(self, table: TableSpec, rows: Sequence[Row]) -> None:
        """Take some rows of a table; formats that are made of text alone are given that instead (`exports.share`)."""

    def add_table(self, table: TableSpec, rows: Any) -> None:
        """The same as an Arrow table, for formats that are made of such (`exports.share.ARROW`)."""

    def finish(self) -> list[str]:
        """Make the files whole; their names."""
        raise NotImplementedError

    def close(self) -> None:
        """Free what is open, finished or not."""


def need(package: str, *, extra: str, what: str) -> Any:
    """An optional package, imported. Raises `MissingPackageError` with the command that installs it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        name = (error.name or package).partition(".")[0]
        if name not in (package.partition(".")[0], "pyarrow"):
            raise
        raise missing(name, extra=extra, what=what) from error


def missing(package: str, *, extra: str, what: str) -> MissingPackageError:
    """The error that says how an optional package is installed."""
    return MissingPackageError(
        f"{what} needs the package {package}; install it with: pip install 'extract[{extra}]' (缺少可选依赖 {package})"
    )
