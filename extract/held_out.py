"""The section classifier on marked reports it has not seen: every report judged by a model trained without it.

Two figures for each report, both from models trained for it alone: without the rows of this report; and, stricter,
also without every row of another report whose heading equals one of this report's, so that the model meets no wording
that it knows. The third figure is that of the whole (word list and model, `classify.py`), the model trained as for the
first.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from extract.agreement import Scores, score_document
from extract.classify import classify, sights
from extract.outline import Outline, read_outline
from extract.patterns import Pack, load_pack
from extract.section_features import Sight, normalised
from extract.section_model import SectionModel
from extract.section_scores import Judged, confusion_lines, headline, section_scores
from extract.source import decode
from extract.train import COLUMNS, Row, Trained, compiled, fit, train

FIGURES: Final = ("model", "model, unseen headings", "word list and model")


class Marked(Struct, frozen=True):
    """A report with marked sections: its outline, and the accepted types of the sections that were found, by place."""

    document: str
    clean: str
    outline: Outline
    wanted: dict[int, tuple[str, ...]]
    sights: list[Sight]


def marked_reports(texts: Path, gold_files: Iterable[Path], pack: Pack) -> Iterator[Marked]:
    """The reports whose gold has sections with types."""
    for path in gold_files:
        gold = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(gold, dict) or not gold.get("sections"):
            continue
        file = texts / gold["doc"]
        source = decode(file.read_bytes(), path=file.name)
        outline = read_outline(source, pack)
        scores = Scores()
        report = {
            "sections": [
                {"title": one.title, "number": one.number, "start": one.start, "type": str(at), "heading": None}
                for at, one in enumerate(outline.sections)
            ]
        }
        score_document(report, {key: gold[key] for key in ("doc", "ranges", "sections")}, scores)
        wanted = {int(one.answer): one.wanted for one in scores.sections}
        yield Marked(file.stem, source.clean, outline, wanted, sights(outline, source.clean))


def judge_held_out(reports: Sequence[Marked], trained: Trained) -> dict[str, list[Judged]]:
    """All sections of the reports, judged; by the names of `FIGURES`."""
    judged: dict[str, list[Judged]] = {name: [] for name in FIGURES}
    for report in reports:
        others = [row for row in trained.rows if row.document != report.document]
        seen = {normalised(report.outline.sections[at].title) for at in report.wanted}
        unlike = [row for row in others if normalised(row.sight.heading) not in seen]
        places = sorted(report.wanted)
        for name, rows in zip(FIGURES, (others, unlike), strict=False):
            answers = _model(rows, trained).answer([report.sights[at] for at in places])
            judged[name] += [
                Judged(report.wanted[at], answer.type, answer.probability)
                for at, answer in zip(places, answers, strict=True)
            ]
        typed = classify(report.outline, report.clean, _model(others, trained)).sections
        judged[FIGURES[2]] += [Judged(report.wanted[at], typed[at].type, typed[at].confidence) for at in places]
    return judged


def _model(rows: Sequence[Row], trained: Trained) -> SectionModel:
    about = trained.model.about
    return compiled(
        fit(rows),
        temperature=trained.temperature,
        threshold=about.threshold,
        overrule=about.overrule,
        exact=about.exact,
        agreed=about.agreed,
        kept=about.kept,
    )


def rows_csv(reports: Iterable[Marked]) -> str:
    """The marked sections as training rows, in the form of `corpus/sections/*.csv`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        for at, types in sorted(report.wanted.items()):
            sight = report.sights[at]
            writer.writerow([report.document, sight.heading, sight.parent, sight.opening, types[0]])
    return text.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Print the figures for the reports of a folder and their gold files; with `--rows`, their training rows."""
    as_rows = "--rows" in arguments
    paths = [Path(name) for name in arguments if name != "--rows"]
    if len(paths) < 2:
        sys.stderr.write("usage: python -m extract.held_out [--rows] TEXTS GOLD...  (folder of reports, gold files)\n")
        return 2
    pack = load_pack()
    reports = list(marked_reports(paths[0], paths[1:], pack))
    if as_rows:
        sys.stdout.write(rows_csv(reports))
        return 0
    trained = train(Path(__file__).resolve().parents[1] / "corpus" / "sections", pack)
    for name, judged in judge_held_out(reports, trained).items():
        scores = section_scores(judged)
        sys.stdout.write(f"== {name}: {headline(scores)}\n")
        for bin_ in scores.bins:
            sys.stdout.write(
                f"  confidence {bin_.low:.1f}-{bin_.low + 0.1:.1f}: {bin_.count:>4} answers, "
                f"mean {bin_.confidence:.3f}, right {bin_.accuracy:.3f}\n"
            )
        sys.stdout.writelines(f"{line}\n" for line in confusion_lines(scores, top=10))
    return 0


__all__ = ["FIGURES", "Marked", "judge_held_out", "marked_reports", "rows_csv"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
