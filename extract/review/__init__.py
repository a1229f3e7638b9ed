"""The review page: what was read, beside the text it was read from.

`write_review` makes one page of the finished documents of a run. Few documents stand in the page itself; many stand in
a folder beside it, one file each, and are loaded when they are opened (by script elements, since a page opened from a
disk may not fetch). Read `documents.py` (what is shown), `page.py` (how it is kept safe), then `assets/app.js`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from extract.records import Report
from extract.review.documents import ReviewError, Text, Texts, find_documents, load
from extract.review.page import data_script, packed, page

MOST_INSIDE: Final = 50  # documents in the page itself
MOST_BYTES_INSIDE: Final = 40_000_000  # of their JSON; packed, a tenth of that stands in the page
_DATA_FILE: Final = re.compile(r"(?:d\d+|findings)\.js")

__all__ = ["MOST_INSIDE", "Review", "ReviewError", "write_review"]


class Review(Struct, frozen=True):
    """What was made: the page, the folder of its data (null where all is in the page), and what could not be shown."""

    page: Path
    folder: Path | None
    documents: int
    without_text: list[str]
    unreadable: list[str]


def write_review(
    out: Path,
    target: Path,
    *,
    one_file: bool = False,
    texts: Sequence[Path] = (),
    progress: Callable[[Sequence[Path]], Iterable[Path]] = iter,
) -> Review:
    """Write the page `target` of the documents in `out`, a folder that a run wrote, or one document of it.

    With `one_file` all documents stand in the page, however many. `texts` are folders in which texts are looked for
    that are no longer where they were read. Raises `ReviewError`, `OSError`.
    """
    found = find_documents(out)
    finder = Texts(found, texts)
    split = not one_file and _is_much(found.documents)
    folder = target.with_name(f"{target.stem}_files")
    target.parent.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    findings: list[dict[str, object]] = []
    without_text: list[str] = []
    unreadable: list[str] = []

    def read_all() -> Iterator[tuple[str, str]]:
        for document in progress(found.documents):
            try:
                report = load(document)
            except ReviewError as error:
                unreadable.append(str(error))
                continue
            text = finder.find(report, document)
            if text.text is None:
                without_text.append(report.doc_id)
            name = f"d{len(rows)}"
            rows.append(_row(report, text))
            findings.extend(_findings(report, text.text or "", len(rows) - 1))
            yield name, packed({"report": report, "text": text.text, "problem": text.problem})

    blocks: list[tuple[str, str]] = []
    if split:
        folder.mkdir(exist_ok=True)
        _clear(folder)
        for name, data in read_all():
            (folder / f"{name}.js").write_text(data_script(name, data), encoding="utf-8")
        (folder / "findings.js").write_text(data_script("findings", packed(findings)), encoding="utf-8")
    else:
        blocks = [*read_all(), ("findings", packed(findings))]
        if folder.is_dir():
            _clear(folder)
    if not rows:
        raise ReviewError("\n".join(unreadable))
    setup = {
        "documents": rows,
        "failures": [*found.failures, *({"path": "", "reason": reason} for reason in unreadable)],
        "folder": folder.name if split else None,
    }
    title = str(rows[0]["title"] or rows[0]["doc_id"]) if len(rows) == 1 else f"extract · {len(rows):,}"
    _write_whole(target, page(title, setup, blocks, loads=split))
    return Review(target, folder if split else None, len(rows), without_text, unreadable)


def _is_much(documents: Sequence[Path]) -> bool:
    if len(documents) == 1:
        return False
    return len(documents) > MOST_INSIDE or sum(path.stat().st_size for path in documents) > MOST_BYTES_INSIDE


def _row(report: Report, text: Text) -> dict[str, object]:
    """What the list of documents shows of one."""
    info, region = report.document, report.document.region
    levels = Counter(finding.severity for finding in report.findings)
    # Money left over is no target missed.
    missed = sum(pair.met is False for pair in report.pairs if pair.basis == "performance")
    return {
        "doc_id": report.doc_id,
        "title": info.title,
        "organisation": info.organisation,
        "place": " ".join(part for part in (region.province, region.prefecture, region.county) if part) or None,
        "year": info.fiscal_year,
        "genre": info.genre,
        "chars": report.source.chars,
        "quantities": len(report.quantities),
        "metrics": len(report.metrics),
        "pairs": len(report.pairs),
        "missed": missed,
        "changes": len(report.changes),
        "errors": levels["error"],
        "warnings": levels["warning"],
        "notes": levels["info"],
        "problem": text.problem,
    }


def _findings(report: Report, text: str, number: int) -> Iterator[dict[str, object]]:
    for finding in report.findings:
        yield {
            "document": number,
            "id": finding.id,
            "rule": finding.rule,
            "severity": finding.severity,
            "message": finding.message,
            "words": " ".join(text[finding.start : finding.end].split())[:200],
        }


def _clear(folder: Path) -> None:
    """Remove the data files that an earlier page left; nothing else."""
    for path in folder.iterdir():
        if _DATA_FILE.fullmatch(path.name):
            path.unlink()


def _write_whole(target: Path, pieces: Iterable[str]) -> None:
    handle, name = tempfile.mkstemp(prefix=".review-", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        Path(name).chmod(0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
