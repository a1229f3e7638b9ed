"""brat standoff: `.txt` and `.ann` out, the corrected pair back.

A mark is a text-bound annotation; headings have the prefix ``heading-`` before their type. Roles, comparators and
directions are attributes, all other attributes stand in a note of the mark as ``name=value; name=value``; links are
relations. A mark over several lines is written in pieces, as the format asks. `<doc_id>.source.json` holds what the
plain text lost: the name of the file, and the carriage returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from extract.annotation.label_studio import _with_returns
from extract.annotation.marks import CHOICES, LABELS, LINKS, Annotated, AnnotationError, Link, Mark, PlainText

_HEADING: Final = "heading-"
_LAYER_OF: Final = {label: layer for layer, labels in LABELS.items() for label in labels}
_FIELD: Final = re.compile(r"((?:[^;\\]|\\.)*)(?:;|$)")
_NAMES: Final = {"=": "eq", ">=": "ge", "<=": "le", ">": "gt", "<": "lt"}  # a value is one word of letters
_SIGNS: Final = {name: sign for sign, name in _NAMES.items()}


def write_brat(documents: Iterable[Annotated], folder: Path, section_types: Iterable[str]) -> int:
    """Write documents as pairs of files, and the configuration of the collection; how many documents there are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "annotation.conf").write_text(annotation_config(section_types), encoding="utf-8")
    count = 0
    for annotated in documents:
        count += 1
        text, standoff, about = render(annotated)
        (folder / f"{annotated.doc_id}.txt").write_bytes(text.encode())
        (folder / f"{annotated.doc_id}.ann").write_bytes(standoff.encode())
        (folder / f"{annotated.doc_id}.source.json").write_bytes(msgspec.json.encode(about) + b"\n")
    return count


def render(annotated: Annotated) -> tuple[str, str, dict[str, Any]]:
    """One document: the plain text, the standoff lines, and what the plain text lost."""
    plain = PlainText(annotated.text)
    lines, numbers = [], {}
    attributes = relations = notes = 0
    for number, mark in enumerate(annotated.marks, 1):
        numbers[mark.id] = f"T{number}"
        start, end = plain.plain(mark.start), plain.plain(mark.end)
        pieces = _pieces(plain.text, start, end)
        label = f"{_HEADING}{mark.label}" if mark.layer == "section" else mark.label
        spans = ";".join(f"{first} {last}" for first, last in pieces)
        words = " ".join(plain.text[first:last] for first, last in pieces)
        lines.append(f"T{number}\t{label} {spans}\t{words}")
        for name, value in mark.attributes.items():
            if name in CHOICES:
                attributes += 1
                lines.append(f"A{attributes}\t{name} T{number} {_NAMES.get(value, value)}")
        if told := {name: value for name, value in mark.attributes.items() if name not in CHOICES}:
            notes += 1
            lines.append(f"#{notes}\tAnnotatorNotes T{number}\t{_note(told)}")
    for relations, link in enumerate(annotated.links, 1):
        lines.append(f"R{relations}\t{link.kind} Arg1:{numbers[link.source]} Arg2:{numbers[link.target]}")
    about = {"doc_id": annotated.doc_id, "file": annotated.file, "carriage_returns": plain.removed}
    return plain.text, "".join(f"{line}\n" for line in lines), about


def read_brat(folder: Path) -> Iterator[Annotated]:
    """The documents of a folder, by name. Raises `AnnotationError` with file and line."""
    files = sorted(folder.glob("*.ann"))
    if not files:
        raise AnnotationError(f"{folder}: no *.ann file; give the folder of the collection")
    for path in files:
        source = path.with_suffix(".txt")
        if not source.is_file():
            raise AnnotationError(f"{path}: no {source.name} beside it; keep the two files together")
        about_path = path.with_suffix(".source.json")
        about: dict[str, Any] = {}
        if about_path.is_file():
            about = msgspec.json.decode(about_path.read_bytes())
        yield parse(
            source.read_bytes().decode("utf-8"),
            path.read_text(encoding="utf-8"),
            {"doc_id": path.stem, "file": source.name, **about},
            where=path.name,
        )


def parse(plain: str, standoff: str, about: dict[str, Any], *, where: str) -> Annotated:
    """One document from its text and standoff lines. Raises `AnnotationError`, naming `where` and the line."""
    removed = list(about.get("carriage_returns") or [])
    text = _with_returns(plain, removed)
    way = PlainText(text, removed=removed)
    places: dict[str, tuple[str, str, int, int]] = {}
    attributes: dict[str, dict[str, str]] = {}
    links = []
    for count, line in enumerate(standoff.split("\n"), 1):
        name, _, rest = line.partition("\t")
        body, _, words = rest.partition("\t")
        try:
            if name.startswith("T"):
                label, _, spans = body.partition(" ")
                numbers = [int(number) for number in re.findall(r"\d+", spans)]
                pieces = list(zip(numbers[::2], numbers[1::2], strict=True))
                if " ".join(plain[first:last] for first, last in pieces) != words:
                    raise AnnotationError(f"{where}, line {count}: the words {words[:40]!r} do not stand at {spans}")
                layer, label = _layer(label)
                places[name] = (layer, label, way.source(numbers[0]), way.source_end(numbers[-1]))
            elif name.startswith("A"):
                attribute, target, *value = body.split(" ")
                told = value[0] if value else "true"
                attributes.setdefault(target, {})[attribute] = _SIGNS.get(told, told)
            elif name.startswith("#") and body.startswith("AnnotatorNotes "):
                attributes.setdefault(body.split(" ")[1], {}).update(_fields(words))
            elif name.startswith("R"):
                kind, first, second = body.split(" ")
                if kind in LINKS:
                    links.append(Link(kind, first.partition(":")[2], second.partition(":")[2]))
        except (ValueError, IndexError, KeyError) as error:
            if isinstance(error, AnnotationError):
                raise
            raise AnnotationError(f"{where}, line {count}: {line[:60]!r} is no standoff line that is known") from error
    marks = [
        Mark(name, layer, label, start, end, text[start:end], _in_order(attributes.get(name, {})))
        for name, (layer, label, start, end) in places.items()
    ]
    return Annotated(str(about["doc_id"]), str(about["file"]), text, marks, links)


def annotation_config(section_types: Iterable[str]) -> str:
    """`annotation.conf` of a collection."""
    lines = ["[entities]"]
    for labels in LABELS.values():
        lines += labels
    lines += [f"{_HEADING}{name}" for name in section_types]
    lines += ["", "[relations]", *(f"{kind}\tArg1:<ENTITY>, Arg2:<ENTITY>" for kind in LINKS)]
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"]
    lines += ["", "[events]", "", "[attributes]"]
    for name, values in CHOICES.items():
        lines.append(f"{name}\tArg:<ENTITY>, Value:{'|'.join(_NAMES.get(value, value) for value in values)}")
    return "\n".join(lines) + "\n"


def _layer(label: str) -> tuple[str, str]:
    if label.startswith(_HEADING):
        return "section", label.removeprefix(_HEADING)
    return _LAYER_OF[label], label


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A span without its line breaks."""
    pieces = [(found.start() + start, found.end() + start) for found in re.finditer(r"[^\n]+", text[start:end])]
    return pieces or [(start, end)]


def _note(told: dict[str, str]) -> str:
    escaped = {name: re.sub(r"([;\\])", r"\\\1", value.replace("\n", " ")) for name, value in told.items()}
    return "; ".join(f"{name}={value}" for name, value in escaped.items())


def _fields(note: str) -> dict[str, str]:
    found = {}
    for field in _FIELD.findall(note):
        name, equals, value = field.partition("=")
        if equals:
            found[name.strip()] = re.sub(r"\\(.)", r"\1", value.strip())
    return found


def _in_order(attributes: dict[str, str]) -> dict[str, str]:
    return dict(sorted(attributes.items()))
