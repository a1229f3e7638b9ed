"""Exact figures, roles and relations from Chinese unstructured reports.

>>> import extract
>>> document = extract.read("城镇新增就业1.07万人，完成年度任务的130%。")
>>> document.metrics[0].value
Decimal('10700')

All names below are loaded when they are first used; see docs/api.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from extract.api import (
        Document,
        ReadError,
        check_patterns,
        explain_sentence,
        export,
        load,
        open_run,
        read,
        rows,
        stream,
        to_pandas,
        to_polars,
    )
    from extract.pipeline import Extractor
    from extract.records import Report
    from extract.schema import document_schema

_HOME = {
    **dict.fromkeys(
        (
            "Document", "ReadError", "check_patterns", "explain_sentence", "export", "load", "open_run", "read", "rows",
            "stream", "to_pandas", "to_polars",
        ),
        "api",
    ),
    "Extractor": "pipeline",
    "Report": "records",
    "document_schema": "schema",
}  # fmt: skip

__all__ = [  # noqa: RUF022  in the order in which one meets them
    "__version__", "read", "stream", "Document", "ReadError", "Report", "Extractor", "rows", "to_pandas", "to_polars",
    "export", "open_run", "document_schema", "explain_sentence", "check_patterns", "load",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used, so that `import extract` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'extract' has no attribute {name!r}")
    value = getattr(import_module(f"extract.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
