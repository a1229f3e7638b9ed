"""The card of the section classifier: what it was trained on, how well it does, what it cannot do.

Written by `extract train` as `models/README.md` beside the model; every figure in it comes from that training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from extract.section_scores import confusion_lines, headline, section_scores
from extract.train import FOLDS, GROUPS, STRENGTH, Trained

_SOURCES: Final = {
    "h": "the heading: whole, its runs of two to four characters, its words",
    "p": "the parent's heading: whole, pairs of characters, words",
    "t": "the parent's type, where the word list of titles knows it",
    "u": "what the word list expects below the sections above",
    "c": "the words of the first heading below",
    "s": "the words at the opening of the section's text",
    "n": "what the opening holds: amounts, rates, counts, list items, targets",
}
_SELDOM: Final = 20  # rows below which a type is named as a weak one

_CARD: Final = """\
# Model card: section types (章节类型分类器)

`sections.skops` names the type of a section that the word list of titles does not settle. Written, as is this card,
by `extract train` from `corpus/sections/*.csv`; the same data give the same bytes.

## What it is

Multinomial logistic regression (C = {strength:g}), {features:,} features, {types} types; the scores are divided by the
temperature {temperature:g} so that the probability can be believed. It sees:

{sources}

It never decides where a section begins. The file is a zip of one array and one JSON text and runs no code when read.

## Data

{rows:,} sections of {documents} reports; SHA-256 of the rows
`{data}`.
Headings of public reports are official titles; all sentences are our own.

## Beside the word list

Measured on the training rows, each by a model that saw nothing of its report:

- The word list knows the whole title: it decides; right {exact:.1%} of the time.
- It knows a part and the model agrees: right {agreed:.1%}.
- It knows a part and the model disagrees: from a probability of {overrule:g} on the model decides; below, the word list
  stands, right {kept:.1%}.
- It knows nothing: the model decides from {threshold:g} on; below, the hint of the section above, or `other`.

## How well the model does alone

By document, {folds} folds of whole reports: {headline}.
`python -m extract.held_out TEXTS GOLD...` measures the same on marked reports, also with every known heading left out.

{scores}

Confidence against accuracy:

{bins}

Taken for one another most often (gold → answer):

```
{confusion}
```

## Limits

- Seldom seen in training (under {seldom} rows): {rare}.
- Trained on finance, evaluation, employment and government reports; sections of other genres come out as
  `work_narrative` or `other`.
- Neighbouring types (fund allocation and use, implementation and management) are told apart by custom, not by nature.
- Simplified Chinese only.

## Versions

{versions}.
"""


def model_card(trained: Trained, names: dict[str, str]) -> str:
    """The card as Markdown; `names` are the Chinese names of the types."""
    about, scores = trained.model.about, section_scores(trained.judged)
    rows_of = Counter(row.type for row in trained.rows)
    return _CARD.format(
        strength=STRENGTH,
        features=len(about.vocabulary),
        types=len(about.types),
        temperature=trained.temperature,
        sources=_table(("source", "weight"), [(_SOURCES[key], f"{weight:g}") for key, weight in GROUPS.items()]),
        rows=len(trained.rows),
        documents=len({row.document for row in trained.rows}),
        data=about.data,
        exact=about.exact,
        agreed=about.agreed,
        overrule=about.overrule,
        kept=about.kept,
        threshold=about.threshold,
        folds=FOLDS,
        headline=headline(scores),
        scores=_table(
            ("type", "类型", "gold", "P", "R", "F1"),
            [
                (one.type, names[one.type], str(one.gold), f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}")
                for one in scores.types
            ],
        ),
        bins=_table(
            ("confidence from", "answers", "mean confidence", "right"),
            [(f"{one.low:.1f}", str(one.count), f"{one.confidence:.3f}", f"{one.accuracy:.3f}") for one in scores.bins],
        ),
        confusion="\n".join(confusion_lines(scores, top=20)),
        seldom=_SELDOM,
        rare=", ".join(f"`{name}`" for name, count in sorted(rows_of.items()) if count < _SELDOM) or "none",
        versions=", ".join(f"{name} {version}" for name, version in about.versions.items()),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


__all__ = ["model_card"]
