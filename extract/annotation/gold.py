"""From marks to gold: what `extract evaluate` compares with, and rows that `extract train` learns from."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import msgspec

from extract.annotation.marks import Annotated, AnnotationError, Mark
from extract.records import ENTITY_TYPES, ROLES

TRAINING_COLUMNS: Final = ("document", "heading", "parent", "first_sentence", "type")
_OPENING: Final = 200  # characters of text that a training row quotes at most
_ENDS: Final = re.compile(r"[。！？!?；;]")
_NUMBERING: Final = re.compile(
    r"\s*(?:第[一二三四五六七八九十百\d]{1,3}(?:部分|章|节|篇)|[(（][一二三四五六七八九十\d]{1,3}[)）]"
    r"|[一二三四五六七八九十]{1,3}(?=[、.．，])|附件\d*(?:-\d+)*|\d{1,2}(?:\.\d{1,2})*(?=[、.．)）\s])|[①-⑳]|#{1,6})"
    r"[、.．)），：:\s]*"
)


def gold_of(annotated: Annotated) -> dict[str, Any]:
    """The gold of one document, in the form of `corpus/gold/`. Raises `AnnotationError`, naming the mark."""
    reader = _Gold(annotated)
    return {
        "doc": annotated.file,
        "ranges": [[0, len(annotated.text)]],
        "quantities": [reader.quantity(mark) for mark in reader.of("quantity")],
        "pairs": sorted(reader.pairs(), key=lambda pair: int(pair["start"])),
        "changes": sorted(reader.changes(), key=lambda change: int(change["start"])),
        "sections": [_section(mark) for mark in reader.of("section")],
        "entities": [_entity(mark) for mark in reader.of("entity")],
        "entity_types": list(ENTITY_TYPES),
    }


def write_gold(documents: Iterable[Annotated], folder: Path) -> list[Path]:
    """Write one gold file a document; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for annotated in documents:
        written.append(folder / f"{annotated.doc_id}.json")
        data = msgspec.json.format(msgspec.json.encode(gold_of(annotated)), indent=1)
        written[-1].write_bytes(data + b"\n")
    return written


def training_rows(annotated: Annotated) -> Iterator[tuple[str, str, str, str, str]]:
    """The headings of a document as rows for `extract train`: document, heading, parent, first sentence, type."""
    marks = sorted((mark for mark in annotated.marks if mark.layer == "section"), key=lambda mark: mark.start)
    above: list[tuple[int, str]] = []
    level = 1
    for index, mark in enumerate(marks):
        told = mark.attributes.get("level", "")
        level = int(told) if told.isdigit() else level  # a heading that was added stands beside the one before it
        while above and above[-1][0] >= level:
            above.pop()
        end = marks[index + 1].start if index + 1 < len(marks) else len(annotated.text)
        title = title_of(mark)
        yield (
            annotated.doc_id, title, above[-1][1] if above else "", first_sentence(annotated.text[mark.end : end]),
            mark.label,
        )  # fmt: skip
        above.append((level, title))


def write_training_rows(documents: Iterable[Annotated], path: Path) -> int:
    """Write the training rows of some documents as CSV; how many there are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TRAINING_COLUMNS)
        for annotated in documents:
            for row in training_rows(annotated):
                writer.writerow(row)
                count += 1
    return count


def first_sentence(text: str) -> str:
    """The first sentence of a section's own text, without line breaks and the punctuation of the heading."""
    words = "".join(text.split()).lstrip("：:。.")
    end = _ENDS.search(words)
    return words[: min(end.end() if end else len(words), _OPENING)]


def title_of(mark: Mark) -> str:
    """The title of a heading: as it was read, or where the mark was changed, the words without their number."""
    title = mark.attributes.get("title", "")
    plain = "".join(mark.text.split())
    if title and "".join(title.split()) in plain:
        return title
    return " ".join(_NUMBERING.sub("", mark.text, count=1).split()) or plain


def _section(mark: Mark) -> dict[str, Any]:
    title = title_of(mark)
    at = mark.text.find(title)
    return {
        "start": mark.start,
        "title_start": mark.start + max(at, 0),
        "title": title,
        "type": mark.label,
        "also": [],
    }


def _entity(mark: Mark) -> dict[str, Any]:
    norm = mark.attributes.get("norm")
    record = {"start": mark.start, "end": mark.end, "type": mark.label, "text": mark.text}
    return {**record, "norm": norm} if norm else record


class _Gold:
    """The figures of one document with their links."""

    def __init__(self, annotated: Annotated) -> None:
        self.file = annotated.file
        self.marks = {mark.id: mark for mark in annotated.marks}
        self.into: dict[tuple[str, str], list[str]] = {}
        for link in annotated.links:
            self.into.setdefault((link.kind, link.target), []).append(link.source)
        self.sources = {(link.kind, link.source) for link in annotated.links}

    def of(self, layer: str) -> list[Mark]:
        return sorted((mark for mark in self.marks.values() if mark.layer == layer), key=lambda mark: mark.start)

    def quantity(self, mark: Mark) -> dict[str, Any]:
        attributes = mark.attributes
        role = attributes.get("role") or None
        if role is not None and role not in ROLES:
            raise self.error(mark, f"{role!r} is no role; use one of {', '.join(ROLES)}")
        if not any(attributes.get(name) for name in ("value", "low", "high")):
            raise self.error(mark, "it has no value; give the exact number, money in 元")
        record: dict[str, Any] = {
            "start": mark.start,
            "end": mark.end,
            "text": mark.text,
            "kind": mark.label,
            "value": self.number(mark, "value"),
            "unit": attributes.get("unit") or None,
            "comparator": attributes.get("comparator") or "=",
            "approx": attributes.get("approx") == "true",
        }
        if attributes.get("low") or attributes.get("high"):
            record |= {"low": self.number(mark, "low"), "high": self.number(mark, "high")}
        record |= {"role": role, "indicator": self.indicator(mark)}
        if attributes.get("metric_value") or role in ("change", "growth"):
            record["metric_value"] = self.signed(mark)
        return record

    def signed(self, mark: Mark) -> Any:
        """The value of the metric: signed for a fall."""
        return self.number(mark, "metric_value" if mark.attributes.get("metric_value") else "value")

    def indicator(self, mark: Mark, name: str = "indicator") -> list[str]:
        """The names of the indicator that are right, by `|`."""
        words = mark.attributes.get(name) or mark.attributes.get("indicator") or ""
        return [one.strip() for one in words.split("|") if one.strip()]

    def number(self, mark: Mark, name: str) -> int | float | None:
        digits = (mark.attributes.get(name) or "").replace(",", "").replace("，", "").strip()
        if not digits:
            return None
        try:
            value = Decimal(digits)
        except InvalidOperation:
            raise self.error(mark, f"{name} {digits!r} is no number; write plain digits") from None
        return int(value) if value == value.to_integral_value() else float(value)

    def pairs(self) -> Iterator[dict[str, Any]]:
        """A pair for each target of a result, or for a result with a rate alone."""
        for result in [*self.of("quantity"), *self.of("words")]:
            targets: Sequence[str | None] = self.into.get(("target", result.id), [])
            told = {"stated", "pair"} & result.attributes.keys()
            if not targets and not told and ("completion", result.id) not in self.into:
                continue
            if ("target", result.id) in self.sources and not targets:
                continue  # the completion of a target belongs to the pair of that target
            for target in targets or [None]:
                side = self.marks[target] if target is not None else None
                head = side or result
                rates = self.into.get(("completion", head.id), [])
                stated = self.number(head, "stated") if head.attributes.get("stated") else None
                yield {
                    "start": min(result.start, side.start) if side else result.start,
                    "indicator": self.indicator(result, "pair_indicator"),
                    "target": self.side(side) if side else None,
                    "actual": self.side(result),
                    "completion": self.number(self.marks[rates[0]], "value") if rates else stated,
                }

    def side(self, mark: Mark) -> dict[str, Any]:
        if mark.layer == "words":
            return {"text": mark.text, "value": None, "unit": None}
        return {"text": mark.text, "value": self.number(mark, "value"), "unit": mark.attributes.get("unit") or None}

    def changes(self) -> Iterator[dict[str, Any]]:
        """A change for each mark that says which way it goes."""
        for head in [*self.of("quantity"), *self.of("words")]:
            direction = head.attributes.get("change")
            if not direction:
                continue
            delta = rate = None
            if head.attributes.get("role") == "growth":
                rate = self.signed(head)
            elif head.layer == "quantity" and not self.into.get(("previous", head.id)):
                delta = self.signed(head)
            for source in self.into.get(("rate", head.id), []):
                rate = self.signed(self.marks[source])
            yield {
                "start": head.start,
                "indicator": self.indicator(head, "change_indicator"),
                "direction": direction,
                "delta": delta,
                "rate": rate,
            }

    def error(self, mark: Mark, what: str) -> AnnotationError:
        return AnnotationError(f"{self.file}: mark {mark.id} {mark.text!r} at character {mark.start}: {what}")
