"""The order of the stages; the only module that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from extract.patterns import Pack, load_pack
from extract.records import SCHEMA_VERSION, DocumentInfo, Report, SourceInfo
from extract.source import Source, make_source


class Extractor:
    """Reads documents with one grammar. Built once, used for any number of documents.

    `patterns` are folders laid over the built-in grammar. Raises `extract.patterns.PatternError`.
    """

    def __init__(self, patterns: Sequence[Path] = ()) -> None:
        self.pack: Pack = load_pack(*patterns)

    def read(self, source: Source, *, doc_id: str) -> Report:
        """All records of one document."""
        return Report(
            schema_version=SCHEMA_VERSION,
            doc_id=doc_id,
            source=SourceInfo(
                path=source.path,
                media_type=source.media_type,
                encoding=source.encoding,
                sha256=source.sha256,
                chars=len(source.text),
            ),
            document=DocumentInfo(),
            sections=[], tables=[], entities=[], quantities=[], metrics=[], pairs=[], changes=[], breakdowns=[], findings=[],
        )

    def read_text(self, text: str, *, doc_id: str = "text") -> Report:
        """All records of a text that is already decoded."""
        return self.read(make_source(text), doc_id=doc_id)
