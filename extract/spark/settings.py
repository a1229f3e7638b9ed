"""What a worker of the cluster must know to read as the driver would, and its extractor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from msgspec import Struct

from extract.inputs import SIZE_LIMIT
from extract.journal import fingerprint
from extract.pipeline import Extractor
from extract.run import TIME_LIMIT

Files = tuple[tuple[str, bytes], ...]
_READ: Final = (".toml", ".csv", ".skops")  # the files of pattern and model folders that are read


class SparkError(ValueError):
    """What keeps a run on Spark from being done; the message says what to do."""


class Settings(Struct, frozen=True):
    """Pattern folders and model as files with their bytes, which travel to the workers; language and limits.

    `expected` is the fingerprint of the driver: a worker with another version of the package, of its grammar or of a
    library that reads files refuses to work, for its records might differ. None lets it pass.
    """

    patterns: tuple[Files, ...] = ()
    models: Files | None = None
    language: str = "zh"
    size_limit: int = SIZE_LIMIT
    time_limit: float | None = TIME_LIMIT
    expected: str | None = None

    @classmethod
    def of(
        cls,
        patterns: Sequence[Path] = (),
        models: Path | None = None,
        *,
        language: str = "zh",
        size_limit: int = SIZE_LIMIT,
        time_limit: float | None = TIME_LIMIT,
        expected: str | None = None,
    ) -> Settings:
        """The settings with the files of these folders. Raises `OSError`."""
        return cls(
            tuple(_files(folder) for folder in patterns),
            None if models is None else _files(models),
            language,
            size_limit,
            time_limit,
            expected,
        )


def _files(folder: Path) -> Files:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _READ and path.is_file())
    return tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)


@lru_cache(maxsize=2)
def extractor_of(settings: Settings) -> Extractor:
    """The extractor of this process, built with the first documents. Raises `SparkError`, and what `Extractor` does."""
    with ExitStack() as stack:
        patterns = [stack.enter_context(_laid_out(files)) for files in settings.patterns]
        models = None if settings.models is None else stack.enter_context(_laid_out(settings.models))
        extractor = Extractor(patterns, models=models, language=settings.language)
        extractor.prepare()
    if settings.expected is not None and settings.expected != digest_of(extractor, settings.language):
        raise SparkError(
            "a worker has another version of extract, or of the libraries it reads files with, than the driver; give"
            " all machines the same environment, see docs/spark.md (各节点的版本不一致)"
        )
    return extractor


def digest_of(extractor: Extractor, language: str) -> str:
    """The fingerprint of a run with this extractor, the same as of a local run."""
    return fingerprint(extractor.pack.digest, extractor.section_model.digest, language)


@contextmanager
def _laid_out(files: Files) -> Iterator[Path]:
    """A folder with these files, for as long as they are being read."""
    with tempfile.TemporaryDirectory(prefix="extract-") as name:
        for inner, data in files:
            path = Path(name, inner)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        yield Path(name)


__all__ = ["Settings", "SparkError", "digest_of", "extractor_of"]
