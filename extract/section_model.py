"""The trained section classifier: weights of a linear model, read from `models/sections.skops`.

The file is written by `extract train` (see `train.py`) with skops: a zip of one array and one JSON text, which holds no
code and runs none when it is read. It is read here with numpy alone, because importing skops and scikit-learn would
take longer than reading a hundred reports; a test holds that both ways of reading give the same.

A section's score for a type is the sum of the weights of its features (`section_features.py`) and the type's bias;
the calibrated probability is the softmax of the scores.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from extract.section_features import FEATURES, Sight, features

FORMAT: Final = 1  # of the file; raised when its fields change
FILE: Final = "sections.skops"
RETRAIN: Final = "run `extract train` to make it anew (请运行 extract train 重新训练)"
_LARGEST: Final = 20_000_000  # bytes of any one part of the file; ours has under two million


class ModelError(ValueError):
    """A model that cannot be used; the message names the file and says what to do."""


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of the model beside its weights.

    `groups` are the weights of features by their first letter. `threshold` is the probability below which an answer is
    not given (the hint of the section above stands, or `other`); `overrule` the one from which the model is believed
    rather than the word list where that knows a part of the title only. `exact`, `agreed` and `kept` say how often the
    word list was right, out of training: where it knows the whole title, where it knows a part and the model agrees,
    where the model disagrees but is not sure. `data` is
    the SHA-256 of the training rows.
    """

    format: int
    features: int
    types: list[str]
    vocabulary: list[str]
    groups: dict[str, float]
    threshold: float
    overrule: float
    exact: float
    agreed: float
    kept: float
    versions: dict[str, str]
    data: str


class Answer(Struct, frozen=True):
    """A type and its probability."""

    type: str
    probability: float


class SectionModel:
    """Names the types of sections. Made once, used for any number of documents."""

    def __init__(self, about: About, weights: Any, *, digest: str = "") -> None:
        """`weights`: float array, a row for each word of the vocabulary, the last row the biases; a column a type."""
        import numpy

        self.about = about
        self.digest = digest  # SHA-256 of the file
        self.weights = weights
        self._index = {name: row for row, name in enumerate(about.vocabulary)}
        self._scale = numpy.array([about.groups[name[0]] for name in about.vocabulary], dtype=numpy.float64)

    def answer(self, sights: Sequence[Sight]) -> list[Answer]:
        """The most probable type of each section."""
        if not sights:
            return []
        best: list[Answer] = []
        for row in self.probabilities(sights):
            at = int(row.argmax())
            best.append(Answer(self.about.types[at], round(float(row[at]), 4)))
        return best

    def probabilities(self, sights: Sequence[Sight]) -> Any:
        """An array of probabilities: a row for each section, a column for each of `about.types`."""
        import numpy

        scores = numpy.empty((len(sights), len(self.about.types)), dtype=numpy.float64)
        bias = self.weights[-1].astype(numpy.float64)
        index = self._index
        for number, sight in enumerate(sights):
            rows = numpy.array(
                [row for name in features(sight) if (row := index.get(name)) is not None], dtype=numpy.intp
            )
            scores[number] = bias + self._scale[rows] @ self.weights[rows]
        scores -= scores.max(axis=1, keepdims=True)
        numpy.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores


def default_models() -> Path:
    """The folder of the built-in model: beside the package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_data" / "models", here.parent / "models"):
        if folder.is_dir():
            return folder
    raise ModelError("the built-in model is missing; install the package again")


def load_model(folder: Path | None = None) -> SectionModel:
    """The model of a folder, the built-in one by default. Raises `ModelError`."""
    path = (folder or default_models()) / FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; {RETRAIN}") from error
    try:
        about, weights = _parts(data)
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise ModelError(f"{path}: not a model of this program ({error}); {RETRAIN}") from error
    for name, found, wanted in (("format", about.format, FORMAT), ("features", about.features, FEATURES)):
        if found != wanted:
            raise ModelError(f"{path}: its {name} version is {found}, this program needs {wanted}; {RETRAIN}")
    if weights.shape != (len(about.vocabulary) + 1, len(about.types)):
        raise ModelError(f"{path}: weights and vocabulary do not fit together; {RETRAIN}")
    return SectionModel(about, weights, digest=hashlib.sha256(data).hexdigest())


def _parts(data: bytes) -> tuple[About, Any]:
    """The two values of the file, by the skops schema that stands in it."""
    import numpy

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = json.loads(_read(archive, "schema.json"))["content"]
        about = msgspec.json.decode(json.loads(content["about"]["content"]), type=About)
        weights = numpy.load(io.BytesIO(_read(archive, content["weights"]["file"])), allow_pickle=False)
    return about, weights


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST:
        raise ValueError(f"{name} is larger than any model")
    return archive.read(name)


__all__ = ["About", "Answer", "ModelError", "SectionModel", "default_models", "load_model"]
