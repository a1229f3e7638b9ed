"""Label Studio: tasks with predictions out, the annotations of its JSON export back.

Regions of figures, words, names and headings have their labels in a control of each layer; roles are choices and all
other attributes text areas of the region; links are relations. `label_config` is the configuration of the project.

The tool counts in UTF-16 units in some versions and in characters in others, and shows plain line feeds: a region is
taken at the place where its own words stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import msgspec

from extract import __version__
from extract.annotation.marks import CHOICES, LABELS, LINKS, TEXTS, Annotated, AnnotationError, Link, Mark, PlainText

_LAYERS: Final = ("quantity", "words", "entity", "section")
_COLOURS: Final = {"quantity": "#1f77b4", "words": "#7f7f7f", "entity": "#2ca02c", "section": "#d62728"}


def task(annotated: Annotated, number: int) -> dict[str, Any]:
    """One document as a task with a prediction; `number` is its id in the project."""
    plain = PlainText(annotated.text)
    result: list[dict[str, Any]] = []
    for mark in annotated.marks:
        place = {"start": plain.plain(mark.start), "end": plain.plain(mark.end)}
        words = plain.text[place["start"] : place["end"]]
        region = {"id": mark.id, "to_name": "text", "origin": "prediction"}
        value = {**place, "text": words, "labels": [mark.label]}
        result.append({**region, "from_name": mark.layer, "type": "labels", "value": value})
        for name, told in mark.attributes.items():
            if name in CHOICES:
                value = {**place, "text": words, "choices": [told]}
                result.append({**region, "from_name": name, "type": "choices", "value": value})
            else:
                value = {**place, "text": [told]}
                result.append({**region, "from_name": name, "type": "textarea", "value": value})
    for link in annotated.links:
        result.append(
            {
                "type": "relation", "from_id": link.source, "to_id": link.target, "direction": "right",
                "labels": [link.kind],
            }
        )  # fmt: skip
    return {
        "id": number,
        "data": {
            "text": plain.text,
            "doc_id": annotated.doc_id,
            "file": annotated.file,
            "carriage_returns": plain.removed,
        },
        "predictions": [{"model_version": f"extract {__version__}", "result": result}],
    }


def write_tasks(documents: Iterable[Annotated], path: Path) -> int:
    """Write documents as one file of tasks, one at a time; how many there are."""
    count = 0
    with path.open("wb") as file:
        file.write(b"[")
        for count, annotated in enumerate(documents, 1):
            file.write(b",\n" if count > 1 else b"\n")
            file.write(msgspec.json.encode(task(annotated, count)))
        file.write(b"\n]\n")
    return count


def read_tasks(path: Path) -> Iterator[Annotated]:
    """The annotated documents of an export (format JSON, or JSON of the tasks that were imported).

    Of each task the last annotation counts that was not cancelled; a task without one is left out. Raises
    `AnnotationError`.
    """
    try:
        tasks = msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise AnnotationError(f"{path}: {error}; export from Label Studio in the format JSON") from error
    if not isinstance(tasks, list) or not all(isinstance(one, dict) and "data" in one for one in tasks):
        raise AnnotationError(f"{path}: no list of tasks; export from Label Studio in the format JSON, not JSON-MIN")
    for one in tasks:
        done = [each for each in one.get("annotations") or [] if not each.get("was_cancelled")]
        if done:
            yield _annotated(one["data"], done[-1]["result"], path)


def _annotated(data: dict[str, Any], result: list[dict[str, Any]], path: Path) -> Annotated:
    plain, removed = str(data["text"]), list(data.get("carriage_returns") or [])
    text = _with_returns(plain, removed)
    way = PlainText(text, removed=removed)
    places: dict[str, tuple[str, str, int, int]] = {}
    attributes: dict[str, dict[str, str]] = {}
    links = []
    for item in result:
        if item["type"] == "relation":
            kinds = [kind for kind in item.get("labels") or [] if kind in LINKS]
            links += [Link(kind, *_direction(item)) for kind in kinds]
        elif item["type"] == "labels":
            value = item["value"]
            start, end = settle(plain, value["start"], value["end"], value.get("text"), where=f"{path}: {item['id']}")
            places[item["id"]] = (item["from_name"], value["labels"][0], way.source(start), way.source_end(end))
        else:
            told = item["value"].get("choices") or item["value"].get("text") or []
            told = told if isinstance(told, list) else [told]
            if told:
                attributes.setdefault(item["id"], {})[item["from_name"]] = " | ".join(map(str, told))
    marks = [
        Mark(name, layer, label, start, end, text[start:end], attributes.get(name, {}))
        for name, (layer, label, start, end) in places.items()
    ]
    marks.sort(key=lambda mark: (mark.start, -mark.end, mark.id))
    known = {mark.id for mark in marks}
    links = [link for link in links if link.source in known and link.target in known]
    return Annotated(str(data.get("doc_id") or path.stem), str(data.get("file") or ""), text, marks, links)


def _direction(item: dict[str, Any]) -> tuple[str, str]:
    ends = str(item["from_id"]), str(item["to_id"])
    return ends if item.get("direction") != "left" else (ends[1], ends[0])


def settle(text: str, start: int, end: int, words: str | None, *, where: str) -> tuple[int, int]:
    """The place of a region, counted in characters, or in UTF-16 units where only so its words stand there.

    Raises `AnnotationError` where they stand at neither.
    """
    if words is None or text[start:end] == words:
        return start, end
    units = text.encode("utf-16-le")
    try:
        shifted = len(units[: 2 * start].decode("utf-16-le")), len(units[: 2 * end].decode("utf-16-le"))
    except UnicodeDecodeError:
        shifted = (start, end)
    if text[slice(*shifted)] == words:
        return shifted
    raise AnnotationError(
        f"{where}: the words {words[:40]!r} do not stand at {start}..{end}; the text of the task was changed, "
        "so export it anew and correct that"
    )


def _with_returns(plain: str, removed: list[int]) -> str:
    pieces, last = [], 0
    for count, at in enumerate(removed):
        pieces.append(plain[last : at - count])
        last = at - count
    return "\r".join([*pieces, plain[last:]]) if removed else plain


def label_config(section_types: Iterable[str]) -> str:
    """The labelling configuration of a project, to be pasted into its settings."""
    labels = {**LABELS, "section": tuple(section_types)}
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={quoteattr(kind)}/>" for kind in LINKS]
    lines += ["  </Relations>"]
    for layer in _LAYERS:
        lines.append(f'  <Labels name="{layer}" toName="text" choice="single" showInline="true">')
        lines += [f'    <Label value={quoteattr(one)} background="{_COLOURS[layer]}"/>' for one in labels[layer]]
        lines.append("  </Labels>")
    lines.append('  <Text name="text" value="$text" granularity="symbol"/>')
    for name, values in CHOICES.items():
        when = 'whenTagName="quantity,words"' if name in ("change", "pair") else 'whenTagName="quantity"'
        lines.append(f'  <Choices name="{name}" toName="text" perRegion="true" showInline="true" {when}>')
        lines += [f"    <Choice value={quoteattr(value)}/>" for value in values]
        lines.append("  </Choices>")
    for name in dict.fromkeys(name for names in TEXTS.values() for name in names):
        layers = ",".join(layer for layer, names in TEXTS.items() if name in names)
        lines.append(
            f'  <TextArea name="{name}" toName="text" perRegion="true" editable="true" maxSubmissions="1" '
            f'placeholder="{name}" whenTagName="{layers}"/>'
        )
    return "\n".join([*lines, "</View>"]) + "\n"
