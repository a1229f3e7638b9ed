"""The panel as lines of CSV, made by several processes where it is long.

All keys are parted into ranges; a worker makes the lines of one range and leaves them in a file, and the files are laid
one behind the other. A range that a worker cannot make (it was killed, say) is made by the leading process itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct

from extract.exports.csv_files import csv_lines
from extract.output_tables import TABLES
from extract.panel import Between, Merger, Panel, StoredRow, stored_rows
from extract.pool import Pool

_BATCH: Final = 1_000  # rows that are made at a time
_LONG: Final = 20_000  # statements for which to start processes
_PARTS: Final = 3  # for each worker, so that none waits long for the others
_PIECE: Final = 1 << 20  # bytes of a file that are read at a time


class _Part(Struct, frozen=True):
    """A range of keys, and the file for its lines."""

    keys: Between
    file: Path


def panel_lines(panel: Panel, aside: Path, *, workers: int = 1) -> Iterator[bytes]:
    """All lines of a panel to which nothing will be added, in pieces; the same for any number of `workers`.

    `aside` is a folder for the files of the workers.
    """
    panel.whole()
    if workers < 2 or panel.count < _LONG:
        yield from _lines(panel.path, panel.merger, Between())
        return
    parts = [_Part(keys, aside / f"panel-{number}") for number, keys in enumerate(panel.parts(workers * _PARTS))]
    done: set[Path] = set()
    taken = 0
    with Pool(partial(_Maker, panel.path, panel.merger), workers=workers) as pool:
        for part, result in pool.run(parts):
            if result is not True:
                with part.file.open("wb") as file:
                    file.writelines(_lines(panel.path, panel.merger, part.keys))
            done.add(part.file)
            while taken < len(parts) and parts[taken].file in done:
                yield from _taken(parts[taken].file)
                taken += 1


class _Maker:
    """Makes the lines of a part; gives whether that was done, and never raises."""

    def __init__(self, path: Path, merger: Merger) -> None:
        self._path = path
        self._merger = merger

    def __call__(self, part: _Part) -> bool:
        """Write the lines of one part."""
        try:
            with part.file.open("wb") as file:
                file.writelines(_lines(self._path, self._merger, part.keys))
        except (OSError, sqlite3.Error, MemoryError):
            return False  # the leading process tries again, and says what is wrong
        return True


def lines_of(rows: Sequence[StoredRow]) -> bytes:
    """The lines of some rows of the panel."""
    made = iter(csv_lines(TABLES["panel"], [make() for line, make in rows if line is None]))
    return "".join([next(made) if line is None else line for line, _ in rows]).encode()


def _lines(path: Path, merger: Merger, keys: Between) -> Iterator[bytes]:
    rows = stored_rows(path, merger, keys)
    while some := list(islice(rows, _BATCH)):
        yield lines_of(some)


def _taken(path: Path) -> Iterator[bytes]:
    """The content of a file, which is gone afterwards."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
    path.unlink()


__all__ = ["lines_of", "panel_lines"]
