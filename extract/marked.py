"""Reports with the answers written into them: a text format for gold, and its way to plain text and JSON.

Read first: `unmark_report`. The notation is described in `corpus/README.md`:

* quantity ``⟦surface|kind value unit [comparator] [~]|role|indicator/alternative|#label⟧``
* entity ``⟬TYPE|surface⟭`` or ``⟬TYPE|surface|norm⟭``
* heading ``⦃type/also|title⦄``, which may hold quantities and entities
* anchor ``⟨#label⟩``, of no width

and, after a line ``=====``, one line for each pair and change, and ``only: quantities pairs`` where the rest is not
marked. Every mistake is a `MarkError` that names its line.
``python -m extract.marked corpus`` writes `reports/` and `gold/` anew from `marked/`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from extract.marks import SECTION_TYPES, MarkError, check_surface, plain_number, read_spec
from extract.records import ENTITY_TYPES, ROLES

SCORED_ENTITIES: Final = ("DATE", "DOC_NO", "ORG", "PERSON", "PLACE", "POLICY")
DIRECTIONS: Final = ("increase", "decrease", "flat")
RULER: Final = "====="
KEYS: Final = frozenset(("quantities", "pairs", "changes", "sections", "entities"))

_TOKEN: Final = re.compile("[⟦⟧⟬⟭⦃⦄⟨⟩]")
_CLOSING: Final = {"⟦": "⟧", "⟬": "⟭", "⦃": "⦄", "⟨": "⟩"}
_LABEL: Final = re.compile(r"#[A-Za-z0-9_]+")
_NUMBERING: Final = re.compile(
    r"(?:第[一二三四五六七八九十百\d]{1,3}(?:部分|章|节|篇)|[(（][一二三四五六七八九十\d]{1,3}[)）]"
    r"|[一二三四五六七八九十]{1,3}[、.．，]|附件\d*(?:-\d+)*|\d{1,2}(?:\.\d{1,2})*[、.．)）]?|[①-⑳]|#{1,6})"
    r"[、.．：: \t\u3000]*(?:\[\w+:[^\]\n]*\][ \t\u3000]*)*\Z"
)
_NORM: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?:/\d{4}(?:-\d\d(?:-\d\d)?)?)?")


def unmark_report(marked: str, doc: str) -> tuple[str, dict[str, Any]]:
    """The plain text of a marked report, and its gold in the form the scorers read.

    `doc` is the file name that goes into the gold. Offsets are code points of the returned text, half open. Raises
    `MarkError` where a mark or a relation line cannot be right.
    """
    body, ruler, tail = _split(marked)
    reader = _Reader()
    reader.read(body)
    text = "".join(reader.pieces)
    for section in reader.sections:
        line_start = text.rfind("\n", 0, section["title_start"]) + 1
        number = _NUMBERING.search(text, line_start, section["title_start"])
        if number:
            section["start"] = number.start()
    gold: dict[str, Any] = {
        "doc": doc,
        "ranges": [[0, len(text)]],
        "quantities": reader.quantities,
        "pairs": [],
        "changes": [],
        "sections": reader.sections,
        "entities": reader.entities,
        "entity_types": list(SCORED_ENTITIES),
    }
    relations = _Relations(text, reader.labels)
    first = body.count("\n") + 2
    only: list[str] = []
    for offset, line in enumerate(tail.splitlines() if ruler else []):
        if line.startswith("only:"):
            only = line.removeprefix("only:").split()
            if not only or not set(only) <= KEYS:
                raise MarkError(f"line {first + offset}: write `only:` and some of {', '.join(sorted(KEYS))}")
        elif line.strip():
            kind, record = relations.read(line.strip(), first + offset)
            gold[kind].append(record)
    if unused := reader.labels.keys() - relations.used:
        raise MarkError(f"labels never used: {', '.join(sorted(unused))}; use them below {RULER} or take them away")
    for kind in ("pairs", "changes"):
        gold[kind].sort(key=lambda record: record["start"])
    return text, {key: value for key, value in gold.items() if not only or key in only or key in ("doc", "ranges")}


def _split(marked: str) -> tuple[str, str, str]:
    found = re.search(rf"^{RULER}\r?$\n?", marked, re.MULTILINE)
    if not found:
        return marked, "", ""
    return marked[: found.start()], found[0], marked[found.end() :]


class _Reader:
    """One pass over the body: plain pieces out, records on the side."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.quantities: list[dict[str, Any]] = []
        self.entities: list[dict[str, Any]] = []
        self.sections: list[dict[str, Any]] = []
        self.labels: dict[str, dict[str, Any]] = {}

    def read(self, body: str) -> None:
        position = 0
        heading: dict[str, Any] | None = None
        while found := _TOKEN.search(body, position):
            self._put(body[position : found.start()])
            sign, line = found[0], body.count("\n", 0, found.start()) + 1
            where = f"line {line}, {body[found.start() : found.start() + 30]!r}"
            if sign == "⦃" and heading is None:
                types, bar, _ = body[found.end() : found.end() + 80].partition("|")
                if not bar:
                    raise MarkError(f"{where}: a heading is ⦃type|title⦄")
                heading = _heading(types, self.length, where)
                position = found.end() + len(types) + 1
                continue
            if sign == "⦄" and heading is not None:
                heading["title"] = "".join(self.pieces)[heading["title_start"] :]
                if not heading["title"].strip():
                    raise MarkError(f"{where}: the heading has no title")
                self.sections.append(heading)
                heading = None
                position = found.end()
                continue
            end = body.find(_CLOSING.get(sign, "\0"), found.end())
            content = body[found.end() : end]
            if sign not in "⟦⟬⟨" or end < 0 or _TOKEN.search(content):
                raise MarkError(f"{where}: the mark {sign} is not closed, not opened, or holds another mark")
            if sign == "⟦":
                self._quantity(content, where)
            elif sign == "⟬":
                self._entity(content, where)
            else:
                self._label(content, {"start": self.length}, where)
            position = end + 1
        if heading is not None:
            raise MarkError(f"the heading of type {heading['type']} at character {heading['start']} is not closed by ⦄")
        self._put(body[position:])

    def _put(self, text: str) -> tuple[int, int]:
        start = self.length
        if text:
            self.pieces.append(text)
            self.length += len(text)
        return start, self.length

    def _label(self, label: str, record: dict[str, Any], where: str) -> None:
        if not _LABEL.fullmatch(label):
            raise MarkError(f"{where}: {label!r} is no label; write #a1")
        if label in self.labels:
            raise MarkError(f"{where}: the label {label} stands twice")
        self.labels[label] = record

    def _quantity(self, content: str, where: str) -> None:
        fields = content.split("|")
        label = fields.pop() if len(fields) > 3 and fields[-1].startswith("#") else None
        if len(fields) not in (3, 4):
            raise MarkError(f"{where}: a quantity is ⟦surface|kind value unit|role|indicator⟧")
        surface, spec, role_spec = fields[:3]
        record = read_spec(spec, where)
        check_surface(surface, record, where)
        role, _, signed = role_spec.partition("=")
        names = [name for name in fields[3].split("/") if name] if len(fields) == 4 else []
        if role != "-" and role not in ROLES:
            raise MarkError(f"{where}: {role!r} is no role; one of {', '.join(ROLES)} or -")
        if (role == "-") != (not names):
            raise MarkError(f"{where}: a quantity with a role names its indicator, one without (-) does not")
        start, end = self._put(surface)
        record = {"start": start, "end": end, "text": surface, **record}
        record |= {"role": None if role == "-" else role, "indicator": names}
        if signed or role in ("change", "growth"):
            value = plain_number(signed, where) if signed else record["value"]
            if value is None or record["value"] is None or abs(value) != abs(record["value"]):
                raise MarkError(f"{where}: the signed value {signed} is not the printed one")
            record["metric_value"] = value
        self.quantities.append(record)
        if label:
            self._label(label, record, where)

    def _entity(self, content: str, where: str) -> None:
        fields = content.split("|")
        if len(fields) not in (2, 3) or not fields[1]:
            raise MarkError(f"{where}: an entity is ⟬TYPE|surface⟭ or ⟬TYPE|surface|norm⟭")
        if fields[0] not in ENTITY_TYPES:
            raise MarkError(f"{where}: {fields[0]!r} is no entity type; one of {', '.join(ENTITY_TYPES)}")
        if fields[0] == "POLICY" and not (fields[1].startswith("《") and fields[1].endswith("》")):
            raise MarkError(f"{where}: a POLICY stands with its 《》")
        start, end = self._put(fields[1])
        record: dict[str, Any] = {"start": start, "end": end, "type": fields[0], "text": fields[1]}
        if len(fields) == 3:
            if fields[0] == "DATE" and not _NORM.fullmatch(fields[2]):
                raise MarkError(f"{where}: {fields[2]!r} is no ISO date or period")
            record["norm"] = fields[2]
        self.entities.append(record)


def _heading(types: str, start: int, where: str) -> dict[str, Any]:
    first, *also = types.split("/")
    for name in (first, *also):
        if name not in SECTION_TYPES:
            raise MarkError(f"{where}: {name!r} is no section type")
    return {"start": start, "title_start": start, "title": "", "type": first, "also": also}


class _Relations:
    """The lines below the ruler."""

    def __init__(self, text: str, labels: dict[str, dict[str, Any]]) -> None:
        self.text = text
        self.labels = labels
        self.used: set[str] = set()

    def read(self, line: str, number: int) -> tuple[str, dict[str, Any]]:
        where = f"line {number}, {line[:40]!r}"
        head, *fields = [field.strip() for field in line.split("|")]
        kind, _, names = head.partition(":")
        indicator = [name.strip() for name in names.split("/") if name.strip()]
        if kind not in ("pair", "change") or not indicator:
            raise MarkError(f"{where}: write `pair: indicator | …` or `change: indicator | …`")
        direction = fields.pop(0) if kind == "change" and fields else ""
        parts = dict(field.partition("=")[::2] for field in fields)
        known = ("target", "actual", "completion", "at") if kind == "pair" else ("delta", "rate", "at")
        if unknown := [key for key in parts if key.strip() not in known]:
            raise MarkError(f"{where}: {unknown[0]!r} is not one of {', '.join(known)}")
        values = {key.strip(): value.strip() for key, value in parts.items() if value.strip() != "-"}
        if kind == "pair":
            return "pairs", self._pair(indicator, values, where)
        return "changes", self._change(indicator, direction, values, where)

    def _get(self, label: str | None, where: str) -> dict[str, Any] | None:
        if label is None:
            return None
        if label not in self.labels:
            raise MarkError(f"{where}: no mark carries the label {label}")
        self.used.add(label)
        return self.labels[label]

    def _pair(self, indicator: list[str], values: dict[str, str], where: str) -> dict[str, Any]:
        anchor = self._get(values.get("at"), where)
        completion = self._get(values.get("completion"), where)
        places = [anchor["start"]] if anchor else []
        sides: dict[str, dict[str, Any] | None] = {}
        words: list[str] = []
        for key in ("target", "actual"):
            value = values.get(key)
            if value is not None and value[:1] in '"“' and value[-1:] in '"”' and len(value) > 2:
                sides[key] = {"text": value[1:-1], "value": None, "unit": None}
                words.append(value[1:-1])
                continue
            found = self._get(value, where)
            if found is not None and "kind" not in found:
                raise MarkError(f"{where}: the label {value} is an anchor, not a quantity")
            sides[key] = {name: found[name] for name in ("text", "value", "unit")} if found else None
            if found and not anchor:
                places.append(found["start"])
        if sides["actual"] is None:
            raise MarkError(f"{where}: a pair has a result; a bare target is none")
        if not places:
            places = [self.text.find(word) for word in words if self.text.count(word) == 1]
            if not places:
                raise MarkError(f"{where}: words alone need a place; set ⟨#f1⟩ before them and write at=#f1")
        if any(word not in self.text for word in words):
            raise MarkError(f"{where}: the words {words} are not in the text")
        rate = completion and completion["value"]
        return {"start": min(places), "indicator": indicator, **sides, "completion": rate}

    def _change(self, indicator: list[str], direction: str, values: dict[str, str], where: str) -> dict[str, Any]:
        delta, rate, anchor = (self._get(values.get(key), where) for key in ("delta", "rate", "at"))
        if direction not in DIRECTIONS:
            raise MarkError(f"{where}: {direction!r} is no direction; one of {', '.join(DIRECTIONS)}")
        signed = [record["metric_value"] for record in (delta, rate) if record and "metric_value" in record]
        if len(signed) != sum(record is not None for record in (delta, rate)):
            raise MarkError(f"{where}: delta and rate are quantities with the role change or growth")
        sign = {"increase": 1, "decrease": -1, "flat": 0}[direction]
        if any((value > 0) - (value < 0) != sign for value in signed):
            raise MarkError(f"{where}: the figures do not {direction}")
        first = anchor or delta or rate
        if first is None:
            raise MarkError(f"{where}: a change without figures needs its place; set ⟨#f1⟩ and write at=#f1")
        return {
            "start": first["start"],
            "indicator": indicator,
            "direction": direction,
            "delta": delta and delta["metric_value"],
            "rate": rate and rate["metric_value"],
        }


class FileForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one report is saved: `corpus/forms.toml` has a table for each report that is not UTF-8 with plain LF."""

    encoding: str = "utf-8"
    newline: str = "\n"


def build_corpus(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """What `reports/` and `gold/` of a corpus folder must hold, from its `marked/`: paths with their bytes."""
    forms: dict[str, FileForm] = {}
    if (folder / "forms.toml").exists():
        forms = msgspec.toml.decode((folder / "forms.toml").read_bytes(), type=dict[str, FileForm])
    for path in sorted((folder / "marked").glob("*.marked")):
        form = forms.get(path.stem, FileForm())
        marked = path.read_text(encoding="utf-8").replace("\n", form.newline)
        try:
            text, gold = unmark_report(marked, f"{path.stem}.txt")
        except MarkError as error:
            raise MarkError(f"{path.name}: {error}") from error
        yield folder / "reports" / f"{path.stem}.txt", text.encode(form.encoding)
        pretty = msgspec.json.format(msgspec.json.encode(gold), indent=1)
        yield folder / "gold" / f"{path.stem}.json", pretty + b"\n"


def main(arguments: list[str]) -> int:
    """Write `reports/` and `gold/` of the corpus folders named; the number of files that changed goes to stderr."""
    changed = 0
    for folder in map(Path, arguments or ["corpus"]):
        for path, data in build_corpus(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
                changed += 1
    sys.stderr.write(f"{changed} files written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
