"""JSON Lines: every document in one line of `documents.jsonl`, as it stands in its own JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from extract.exports.writer import Writer
from extract.records import Report
from extract.write import encode_line

FILE: Final = "documents.jsonl"


class JsonLinesWriter(Writer):
    """The documents, one a line, in UTF-8 without BOM."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        self._file = (aside / FILE).open("wb")

    def add_report(self, report: Report) -> None:
        """Write one line."""
        self._file.write(encode_line(report))

    def finish(self) -> list[str]:
        """Close the file."""
        self.close()
        return [FILE]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
