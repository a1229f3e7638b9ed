"""Trains the section classifier from `corpus/sections/*.csv` and writes it with its card into `models/`.

Read `train`. A row is one section of one report: document, heading, parent, first sentence, type. All measuring is by
document: a row is judged by a model that saw no row of its document. The same data give the same bytes.

The model is a multinomial logistic regression over the features of `section_features.py`. Its probabilities are
calibrated by one number, the temperature by which all scores are divided (Guo et al. 2017, On Calibration of Modern
Neural Networks), because it moves no answer and one number cannot overfit.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from extract.headings import Titles
from extract.patterns import Pack
from extract.section_features import FEATURES, OPENING, Sight, features
from extract.section_model import FILE, FORMAT, About, SectionModel
from extract.section_scores import Judged

COLUMNS: Final = ("document", "heading", "parent", "first_sentence", "type")
FOLDS: Final = 5
GROUPS: Final = {"h": 0.5, "p": 0.4, "t": 0.8, "u": 0.3, "c": 0.5, "s": 0.6, "n": 0.5}  # weight by source
STRENGTH: Final = 10.0  # inverse of the regularisation
RAREST: Final = 2  # rows that a feature must occur in
STEPS: Final = tuple(step / 20 for step in range(21))


class TrainingError(ValueError):
    """Training data that cannot be used; the message names file and line and says what to do."""


class Row(Struct, frozen=True):
    """One labelled section."""

    document: str
    sight: Sight
    type: str


class Fit(Struct, frozen=True):
    """A fitted model before calibration: names of the features, types, weights (features by types) and biases."""

    vocabulary: list[str]
    types: list[str]
    weights: Any
    biases: Any


def read_rows(folder: Path, pack: Pack) -> list[Row]:
    """The rows of all CSV files of a folder, in order. Raises `TrainingError`."""
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise TrainingError(f"{folder}: no *.csv with training rows; give the folder with --data (没有训练数据)")
    types = {row["id"] for row in pack.table("section_types")}
    titles = Titles(pack)
    return [row for file in files for row in _rows_of(_cells(file, types), titles)]


def _cells(file: Path, types: set[str]) -> list[dict[str, str]]:
    """The checked lines of one CSV file."""
    lines = []
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise TrainingError(f"{file}: the first line must be {','.join(COLUMNS)}")
        for line in reader:
            where = f"{file}, line {reader.line_num}"
            if None in line or None in line.values():
                raise TrainingError(f"{where}: {len(COLUMNS)} columns are needed; quote a cell that holds a comma")
            if line["type"] not in types:
                raise TrainingError(f"{where}: unknown type {line['type']!r}; see section_types.csv of the patterns")
            if not line["document"]:
                raise TrainingError(f"{where}: the document is missing; rows are kept apart by document")
            lines.append(line)
    return lines


def _rows_of(lines: Sequence[dict[str, str]], titles: Titles) -> Iterator[Row]:
    """Rows with what a run would see beside heading and opening: parent's type, its hint, the first heading below."""
    children: dict[tuple[str, str], str] = {}
    parents: dict[tuple[str, str], str] = {}
    known: dict[tuple[str, str], str] = {}
    for line in lines:
        children.setdefault((line["document"], line["parent"]), line["heading"])
        parents.setdefault((line["document"], line["heading"]), line["parent"])
    for line in lines:
        document, heading, parent = line["document"], line["heading"], line["parent"]
        if parent and (document, parent) not in known:
            name = titles.name(parent, None)
            known[document, parent] = name.type if name else ""
        above = known.get((document, parent), "") if parent else ""
        name = titles.name(heading, above or None)
        container = line["type"] in ("part_heading", "attachment")  # told by their form
        known[document, heading] = line["type"] if container else name.type if name else ""
        hint = "" if name or container else _hint(document, parent, known, parents, titles)
        child = children.get((document, heading), "") if heading else ""
        opening = "".join(line["first_sentence"].split())[:OPENING]
        yield Row(document, Sight(heading, parent, above, hint, child, opening), line["type"])


def _hint(
    document: str,
    parent: str,
    known: dict[tuple[str, str], str],
    parents: dict[tuple[str, str], str],
    titles: Titles,
) -> str:
    """What the nearest section above that is named says of its unnamed children, as in the outline."""
    for _ in range(6):
        if not parent:
            break
        above = known.get((document, parent), "")
        if above == "part_heading" and (name := titles.name(parent, None)) is not None:
            above = name.type
        if child := titles.children.get(above):
            return child
        parent = parents.get((document, parent), "")
    return ""


def fit(rows: Sequence[Row]) -> Fit:
    """Fit the linear model to rows. Deterministic."""
    import numpy
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    named = [features(row.sight) for row in rows]
    often = Counter(name for names in named for name in names)
    vocabulary = sorted(name for name, count in often.items() if count >= RAREST)
    index = {name: column for column, name in enumerate(vocabulary)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for names in named:
        known = [index[name] for name in names if name in index]
        columns += known
        values += [GROUPS[vocabulary[column][0]] for column in known]
        ends.append(len(columns))
    matrix = csr_matrix((values, columns, ends), shape=(len(rows), len(vocabulary)), dtype=numpy.float64)
    model = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-3)
    model.fit(matrix, [row.type for row in rows])
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row stands for both; softmax(-z/2, z/2) is the logistic function of z
        weights, biases = numpy.vstack([-weights / 2, weights / 2]), numpy.hstack([-biases / 2, biases / 2])
    return Fit(vocabulary, [str(name) for name in model.classes_], weights.T, biases)


def compiled(fitted: Fit, *, temperature: float = 1.0, **about: Any) -> SectionModel:
    """A fitted model in the form in which it is used and saved; `about` are further fields of `About`."""
    import numpy

    weights = numpy.vstack([fitted.weights, fitted.biases]) / temperature
    known: dict[str, Any] = {"threshold": 0.0, "overrule": 0.0, "exact": 1.0, "agreed": 1.0, "kept": 1.0}
    known |= {"versions": {}, "data": ""}
    return SectionModel(
        About(
            format=FORMAT,
            features=FEATURES,
            types=fitted.types,
            vocabulary=fitted.vocabulary,
            groups=GROUPS,
            **{**known, **about},
        ),
        weights.astype(numpy.float16),
    )


def folds(rows: Sequence[Row]) -> list[tuple[list[int], list[int]]]:
    """Indices to train on and to judge, whole documents each; the largest documents are dealt out first."""
    sizes = Counter(row.document for row in rows)
    load = [0] * FOLDS
    fold_of: dict[str, int] = {}
    for document, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        smallest = load.index(min(load))
        fold_of[document] = smallest
        load[smallest] += size
    return [
        (
            [at for at, row in enumerate(rows) if fold_of[row.document] != fold],
            [at for at, row in enumerate(rows) if fold_of[row.document] == fold],
        )
        for fold in range(FOLDS)
        if any(place == fold for place in fold_of.values())
    ]


def held_out(rows: Sequence[Row]) -> tuple[Any, list[str]]:
    """Scores of all rows by models that saw nothing of their documents (rows by types), and the types.

    A type that a fold's model never saw has a score far below all others.
    """
    import numpy

    types = sorted({row.type for row in rows})
    scores = numpy.full((len(rows), len(types)), -1e3)
    for learn, judge in folds(rows):
        fitted = fit([rows[at] for at in learn])
        probabilities = compiled(fitted).probabilities([rows[at].sight for at in judge])
        columns = [types.index(name) for name in fitted.types]
        scores[numpy.ix_(judge, columns)] = numpy.log(numpy.maximum(probabilities, 1e-30))
    return scores, types


def softened(scores: Any, temperature: float) -> Any:
    """Probabilities of scores divided by the temperature."""
    import numpy

    raised = scores / temperature
    raised = numpy.exp(raised - raised.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def best_temperature(scores: Any, wanted: Sequence[int]) -> float:
    """The temperature under which the right types were the least surprising."""
    import numpy

    def surprise(temperature: float) -> float:
        chosen = softened(scores, temperature)[numpy.arange(len(wanted)), wanted]
        return float(-numpy.log(numpy.maximum(chosen, 1e-12)).mean())

    return min((step / 50 for step in range(15, 151)), key=surprise)


class Trained(Struct, frozen=True):
    """A model, and how every training row was judged by models that never saw its document."""

    model: SectionModel
    rows: list[Row]
    judged: list[Judged]
    temperature: float


def train(folder: Path, pack: Pack) -> Trained:
    """Train on the CSV files of a folder. Raises `TrainingError`."""
    rows = read_rows(folder, pack)
    if len({row.document for row in rows}) < FOLDS:
        raise TrainingError(f"{folder}: rows of at least {FOLDS} documents are needed to measure by document")
    if len({row.type for row in rows}) < 2:
        raise TrainingError(f"{folder}: rows of at least two types are needed")
    words = [word_list_answer(row, Titles(pack)) for row in rows]
    scores, types = held_out(rows)
    temperature = best_temperature(scores, [types.index(row.type) for row in rows])
    judged = judge(rows, softened(scores, temperature), types)
    model = compiled(
        fit(rows),
        temperature=temperature,
        **beside_word_list(words, judged),
        versions=versions(),
        data=digest(rows),
    )
    return Trained(model, rows, judged, temperature)


def judge(rows: Sequence[Row], probabilities: Any, types: Sequence[str]) -> list[Judged]:
    """The most probable type of each row beside the one it has."""
    best = probabilities.argmax(axis=1)
    return [
        Judged((row.type,), types[int(best[at])], float(probabilities[at, best[at]])) for at, row in enumerate(rows)
    ]


def word_list_answer(row: Row, titles: Titles) -> tuple[str, str]:
    """What the word list says of a row, and whether it knows the title (`exact`, `known`) or the section `above`."""
    name = titles.name(row.sight.heading, row.sight.above or None)
    if name is not None:
        return name.type, "exact" if name.exact else "known"
    return (row.sight.hint, "above") if row.sight.hint else ("other", "")


def beside_word_list(words: Sequence[tuple[str, str]], judged: Sequence[Judged]) -> dict[str, float]:
    """How far to trust the word list beside the model: the fields of `About` that `classify` goes by."""
    both = list(zip(words, judged, strict=True))
    exact = [type_ in one.wanted for (type_, by), one in both if by == "exact"]
    known = [(type_, one) for (type_, by), one in both if by == "known"]
    hints = [(type_, one) for (type_, by), one in both if by in ("above", "")]
    overrule = _best_step(known, key=lambda right, step: (right, -step))
    agreed = [type_ in one.wanted for type_, one in known if type_ == one.answer]
    kept = [type_ in one.wanted for type_, one in known if type_ != one.answer and one.confidence < overrule]
    threshold = _best_step(hints, key=lambda right, step: (right, step))
    return {
        "overrule": overrule,
        "threshold": threshold,
        "exact": share(exact),
        "agreed": share(agreed),
        "kept": share(kept),
    }


def _best_step(beside: Sequence[tuple[str, Judged]], *, key: Callable[[int, float], tuple[int, float]]) -> float:
    """The confidence from which to believe the model rather than the answer beside it."""

    def right(step: float) -> int:
        return sum((one.answer if one.confidence >= step else other) in one.wanted for other, one in beside)

    return max(STEPS, key=lambda step: key(right(step), step))


def share(answers: Sequence[bool]) -> float:
    """Share of what is right, with one right and one wrong answer added, so that a few never give 0 or 1."""
    return round((sum(answers) + 1) / (len(answers) + 2), 4)


def digest(rows: Sequence[Row]) -> str:
    """SHA-256 of the training rows."""
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def versions() -> dict[str, str]:
    """The packages that made the model."""
    return {name: version(name) for name in ("scikit-learn", "numpy", "scipy", "rjieba", "skops")}


def save(model: SectionModel, folder: Path) -> None:
    """Write the model as `sections.skops`: the same model, the same bytes."""
    import skops.io

    about = msgspec.json.encode(model.about).decode()
    data = skops.io.dumps({"about": about, "weights": model.weights})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(_repacked(data))


def _repacked(data: bytes) -> bytes:
    """The same skops file without what differs from run to run: memory addresses as names, and times."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = archive.read("schema.json").decode()
        arrays = {name: archive.read(name) for name in archive.namelist() if name != "schema.json"}
    addresses = sorted(set(re.findall(r'"__id__": (\d+)', schema)), key=schema.index)
    for number, address in enumerate(addresses, 1):
        schema = re.sub(rf"\b{address}\b", str(number), schema)
        arrays = {name.replace(address, str(number)): array for name, array in arrays.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**arrays, "schema.json": schema.encode()}.items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()
