"""The panel as pieces for the files of a run, made by several processes where it is long.

All keys are parted into ranges; a worker makes the pieces of one range and leaves them in a file, and the files are
taken one behind the other. A range that no worker could make (one was killed, say) the leading process makes itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from extract.exports.share import Piece, Sharer, read_pieces, write_pieces
from extract.panel import Between, Merger, Panel, stored_rows
from extract.pool import Pool

_LONG: Final = 20_000  # statements for which to start processes
_PARTS: Final = 3  # for each worker, so that none waits long for the others


class _Part(Struct, frozen=True):
    """A range of keys, and the file for its pieces."""

    keys: Between
    file: Path


def panel_pieces(panel: Panel, sharer: Sharer, aside: Path, *, workers: int = 1) -> Iterator[Piece]:
    """The share of a panel to which nothing will be added; its rows are the same for any number of `workers`.

    `aside` is a folder for the files of the workers.
    """
    panel.whole()
    if workers < 2 or panel.count < _LONG:
        yield from sharer.panel_pieces(stored_rows(panel.path, panel.merger, Between()))
        return
    parts = [_Part(keys, aside / f"panel-{number}") for number, keys in enumerate(panel.parts(workers * _PARTS))]
    done: set[Path] = set()
    taken = 0
    make = partial(_Maker, panel.path, panel.merger, sharer)
    with Pool(make, workers=workers) as pool:
        for part, result in pool.run(parts):
            if result is not True:
                make().write(part)
            done.add(part.file)
            while taken < len(parts) and parts[taken].file in done:
                yield from read_pieces(parts[taken].file)
                parts[taken].file.unlink()
                taken += 1


class _Maker:
    """Makes the pieces of a part; gives whether that was done, and never raises."""

    def __init__(self, path: Path, merger: Merger, sharer: Sharer) -> None:
        self._path = path
        self._merger = merger
        self._sharer = sharer

    def __call__(self, part: _Part) -> bool:
        """Write the pieces of one part, if that can be done."""
        try:
            self.write(part)
        except (OSError, sqlite3.Error, MemoryError):
            return False  # the leading process tries again, and says what is wrong
        return True

    def write(self, part: _Part) -> None:
        """Write the pieces of one part. Raises `OSError`, `sqlite3.Error`."""
        write_pieces(part.file, self._sharer.panel_pieces(stored_rows(self._path, self._merger, part.keys)))


__all__ = ["panel_pieces"]
