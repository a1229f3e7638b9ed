"""JSON Lines: every document in one line of `documents.jsonl`, as it stands in its own JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from extract.exports.writer import Writer

FILE: Final = "documents.jsonl"


class JsonLinesWriter(Writer):
    """The documents, one a line, in UTF-8 without BOM."""

    def __init__(self, aside: Path) -> None:
        super().__init__(aside)
        self._file = (aside / FILE).open("wb")

    def add_line(self, line: bytes) -> None:
        """Write one document: its line, the line feed included."""
        self._file.write(line)

    def finish(self) -> list[str]:
        """Close the file."""
        self.close()
        return [FILE]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
