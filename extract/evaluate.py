"""How well records agree with gold: precision, recall and F1 for each type of record, and floors that only rise.

Read first: `evaluate`. What counts as agreement is in `agreement.py`. ``python -m extract.evaluate`` measures every
corpus of the source tree.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from extract.agreement import Record, Scores, score_document
from extract.section_scores import confusion_lines, headline, section_scores

FORM: Final = "form_"  # reports of the corpus that are tables


def evaluate(reports_dir: Path, gold_files: Iterable[Path]) -> Scores:
    """Score the JSON documents of a run against gold files.

    A gold file's `doc` names the report; its records are read from `<stem>.json` in `reports_dir`. A report that is
    not there counts as one without records.
    """
    scores = Scores()
    for path in gold_files:
        gold = json.loads(path.read_text(encoding="utf-8"))
        file = reports_dir / f"{Path(gold['doc']).stem}.json"
        score_document(json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}, gold, scores)
    return scores


def evaluate_records(documents: Iterable[tuple[Record, Record]]) -> Scores:
    """Score documents that are in memory: pairs of a report, as its JSON reads, and its gold."""
    scores = Scores()
    for report, gold in documents:
        score_document(report, gold, scores)
    return scores


def render_scores(scores: Scores, *, errors: int = 0) -> str:
    """The scores as a table of plain text, with up to `errors` errors below each line."""
    lines = [f"{'what':32}{'gold':>7}{'found':>7}{'P':>9}{'R':>9}{'F1':>9}{'acc':>9}"]
    for name, tally in scores.tallies.items():
        if not tally.counted:
            continue
        if tally.asked:
            lines.append(f"{name:32}{tally.asked:>7}{'':>34}{tally.accuracy:>9.4f}")
        else:
            gold, found = tally.matched + tally.missed, tally.matched + tally.spurious
            figures = f"{tally.precision:>9.4f}{tally.recall:>9.4f}{tally.f1:>9.4f}"
            lines.append(f"{name:32}{gold:>7}{found:>7}{figures}")
        lines += [f"    {error}" for error in tally.errors[:errors]]
    if scores.sections:
        types = section_scores(scores.sections)
        lines += ["", f"section types: {headline(types)}"]
        lines += [f"{'  type':32}{'gold':>7}{'':>7}{'P':>9}{'R':>9}{'F1':>9}"]
        for one in types.types:
            lines.append(f"  {one.type:30}{one.gold:>7}{'':>7}{one.precision:>9.4f}{one.recall:>9.4f}{one.f1:>9.4f}")
        lines.append("  confusion (gold → answer; where nothing is named all were right):")
        lines += [f"  {line}" for line in confusion_lines(types)]
    return "\n".join(lines) + "\n"


def check_floor(path: Path, scores: Mapping[str, Scores]) -> list[str]:
    """What fell below the floors of a file, one sentence each; empty when nothing did.

    `scores` are by corpus name. A corpus or a type of record that the file does not know has no floor yet; one that
    the file knows and `scores` lacks is a fall, unless the whole corpus was not measured.
    """
    falls: list[str] = []
    for corpus, floors in _read_floors(path).items():
        if corpus not in scores:
            continue
        marks = scores[corpus].marks()
        for name, floor in floors.items():
            now = marks.get(name, 0.0)
            if now < floor:
                falls.append(f"{corpus}, {name}: {now:.4f} is below the floor {floor:.4f} of {path.name}")
    return falls


def write_scores(path: Path, scores: Mapping[str, Scores], *, lower: bool = False) -> None:
    """Raise the floors of a file to these scores. Only with `lower` (the gold itself changed) may one fall."""
    floors = _read_floors(path)
    for corpus, measured in scores.items():
        old = {} if lower else floors.get(corpus, {})
        marks = measured.marks()
        floors[corpus] = {name: max(marks.get(name, 0.0), old.get(name, 0.0)) for name in {**old, **marks}}
    path.write_text(json.dumps(floors, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def measure(folders: Mapping[str, tuple[Path, Sequence[Path]]]) -> dict[str, Scores]:
    """Run the extractor over folders of texts and score it: corpus name to (folder of texts, gold files)."""
    from extract.pipeline import Extractor
    from extract.source import decode

    extractor, encoder = Extractor(), msgspec.json.Encoder(decimal_format="number")
    reports: dict[Path, Record] = {}
    result: dict[str, Scores] = {}
    for corpus, (folder, gold_files) in folders.items():
        documents: list[tuple[Record, Record]] = []
        for gold_file in gold_files:
            gold = json.loads(gold_file.read_text(encoding="utf-8"))
            path = folder / gold["doc"]
            if path not in reports:
                report = extractor.read(decode(path.read_bytes(), path=path.name), doc_id=path.stem)
                reports[path] = json.loads(encoder.encode(report))
            documents.append((reports[path], gold))
        result[corpus] = evaluate_records(documents)
    return result


def corpora(root: Path) -> dict[str, tuple[Path, Sequence[Path]]]:
    """The corpora that can be measured from a source tree: its own, and the shared ones beside it where there are."""
    found: dict[str, tuple[Path, Sequence[Path]]] = {}
    shared = root.parent / "shared"
    for name, texts, gold in (
        ("corpus", root / "corpus" / "reports", root / "corpus" / "gold"),
        ("shared seeds", shared / "seeds", shared / "gold"),
        ("shared passages", shared / "gold" / "passages", shared / "gold" / "passages"),
    ):
        files = sorted(gold.glob("*.json")) if gold.is_dir() else []
        forms = [file for file in files if file.name.startswith(FORM)]
        for part, some in ((name, [file for file in files if file not in forms]), (f"{name} forms", forms)):
            if some and texts.is_dir():
                found[part] = (texts, some)
    return found


def _read_floors(path: Path) -> dict[str, dict[str, float]]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, float]]) if path.exists() else {}


def main(arguments: list[str]) -> int:
    """Measure every corpus of the source tree; `--raise` lifts the floors of tests/floors.json, `--reset` sets them."""
    root = Path(__file__).resolve().parents[1]
    scores = measure(corpora(root))
    for corpus, measured in scores.items():
        sys.stdout.write(f"== {corpus}\n{render_scores(measured, errors=5 if '--errors' in arguments else 0)}\n")
    floors = root / "tests" / "floors.json"
    falls = check_floor(floors, scores)
    sys.stdout.writelines(f"{fall}\n" for fall in falls)
    if "--raise" in arguments or "--reset" in arguments:
        write_scores(floors, scores, lower="--reset" in arguments)
    return 1 if falls else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
