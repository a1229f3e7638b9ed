"""From files of any kind to a `Source`: text, and what the file tells of its headings and tables.

The kind is decided by what the bytes are (`kind_of`), never by the name; each kind has a module of its own, which is
imported when the first such file is read. Text that is made here (all but plain text) is one paragraph a line, one
row of a table a line, its cells parted by tabs; `Layout` in `layout.py` writes it and keeps the places.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from importlib import import_module
from typing import Final

from extract.readers.kinds import MEDIA_TYPES, REFUSED, kind_of
from extract.readers.layout import Layout
from extract.source import Source, UnreadableError, decode

# endings of names that are looked for in folders and archives; CSV files there are mostly data, not reports
SUFFIXES: Final = frozenset(
    (
        ".txt", ".md", ".html", ".htm", ".shtml", ".xhtml", ".mht", ".mhtml", ".docx", ".docm", ".doc", ".wps", ".rtf",
        ".odt", ".pdf", ".xlsx", ".xlsm", ".xls", ".et", ".ods", ".zip",
    )
)  # fmt: skip
# for each kind its module, the function in it, and the package it needs
_READERS: Final = {
    "html": ("html", "lxml"),
    "mht": ("mht", "lxml"),
    "docx": ("docx", "lxml"),
    "xlsx": ("xlsx", "lxml"),
    "xls": ("xls", "xlrd"),
    "csv": ("csv_file", ""),
    "pdf": ("pdf", "pdfplumber"),
    "office": ("office", ""),
}
_MODULE: Final = re.compile(r"[\w.]+")


def read_source(data: bytes, *, path: str = "-", time_limit: float | None = None) -> Source:
    """The text and structure of one file. Raises `UnreadableError`, which says what is wrong and what to do.

    `time_limit` is for programs that a reader starts (LibreOffice), in seconds.
    """
    if not data.strip():
        raise UnreadableError("the file is empty")
    kind = kind_of(data, name=path)
    if kind == "text":
        return decode(data, path=path)
    if kind in REFUSED:
        raise UnreadableError(REFUSED[kind])
    module, package = _READERS[kind]
    try:
        read: Callable[..., Layout] = import_module(f"extract.readers.{module}").read
        layout = read(data, time_limit=time_limit)
    except (UnreadableError, MemoryError):
        raise
    except ModuleNotFoundError as error:
        raise UnreadableError(
            f"reading {kind} files needs the package {package or error.name}; pip install {package or error.name}"
        ) from error
    except RecursionError as error:
        raise UnreadableError(f"the {kind} file is nested deeper than any report; save it anew as .docx") from error
    except Exception as error:  # a parser's complaint about a damaged file, whatever its class
        raise UnreadableError(
            f"the {kind} file is damaged ({type(error).__name__}: {_short(error)}); open it and save it anew"
        ) from error
    return layout.source(path=path, media_type=MEDIA_TYPES[kind], sha256=hashlib.sha256(data).hexdigest())


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


__all__ = ["SUFFIXES", "kind_of", "read_source"]
