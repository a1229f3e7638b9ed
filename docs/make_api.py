"""Writes docs/api.md from the docstrings: `python docs/make_api.py`. A test holds the page to them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import extract
from extract import evaluate, exports, records, spacy_pipe, train
from extract.annotation import documents, gold, marks
from extract.output_tables import TABLES

PAGE = Path(__file__).with_name("api.md")
HEAD = """# The Python interface

Made from the docstrings by `python docs/make_api.py`. Nothing heavy is imported before it is used. Offsets are code
points of the source text, half open; numbers are exact (`Decimal`); money is in 元, rates are in percent.

```python
import extract

document = extract.read("城镇新增就业1.07万人，完成年度任务的130%。")
for metric in document.metrics:
    print(metric.indicator.text, metric.role, metric.value, metric.unit)

for document in extract.stream("reports/", workers=4):
    ...
```
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## Functions and classes\n"]
    for name in extract.__all__:
        if name != "__version__" and name not in ("Report", "Extractor"):
            parts.append("\n".join(described(f"extract.{name}", getattr(extract, name))))
    parts.append("\n".join(described("extract.Extractor", extract.Extractor)))
    parts.append("## Records\n")
    for one in record_types():
        parts.append("\n".join(record(one)))
    parts.append("## Tables\n\nThe columns of each are in `codebook.csv` and printed by `extract schema --tables`.\n")
    rows = [f"| `{table.name}` | {table.zh} | {table.about} |" for table in TABLES.values()]
    parts.append("\n".join(["| table | 中文 | one row is |", "| --- | --- | --- |", *rows, ""]))
    parts.append("\n".join(described("extract.exports.write_tables", exports.write_tables)))
    parts.append("\n".join(described("extract.exports.Exports", exports.Exports)))
    parts.append(f"## spaCy\n\n{plain(spacy_pipe.__doc__)}\n")
    parts.append("\n".join(described("extract.spacy_pipe.make_extract", spacy_pipe.make_extract)))
    parts.append("\n".join(described("extract.spacy_pipe.report_of", spacy_pipe.report_of)))
    parts.append(f"## Annotation\n\n{plain(marks.__doc__)}\n")
    for module, name in (
        (documents, "run_documents"), (documents, "read_annotations"), (gold, "gold_of"), (gold, "write_gold"),
        (gold, "training_rows"),
    ):  # fmt: skip
        parts.append("\n".join(described(f"{module.__name__}.{name}", getattr(module, name))))
    parts.append("## Measuring and training\n")
    for module, name in ((evaluate, "evaluate"), (evaluate, "render_scores"), (train, "train"), (train, "save")):
        parts.append("\n".join(described(f"{module.__name__}.{name}", getattr(module, name))))
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def record_types() -> list[type]:
    """The records, the report first."""
    found = [one for _, one in inspect.getmembers(records, inspect.isclass) if one.__module__ == records.__name__]
    return sorted(found, key=lambda one: (one is not records.Report, inspect.getsourcelines(one)[1]))


def record(one: type) -> Iterator[str]:
    """A record with its fields."""
    yield f"### `{one.__name__}`\n"
    yield f"{plain(one.__doc__)}\n"
    yield "| field | type |"
    yield "| --- | --- |"
    for field in msgspec.structs.fields(one):
        yield f"| `{field.name}` | `{kind(field.type)}` |"
    yield ""


def kind(annotation: Any) -> str:
    """A type as it is written."""
    words = str(annotation) if not isinstance(annotation, type) or "[" in str(annotation) else annotation.__name__
    return re.sub(r"extract\.records\.|decimal\.", "", words).replace("|", "or")


def described(name: str, thing: Any) -> Iterator[str]:
    """A function, or a class with its public methods."""
    yield f"### `{name}`\n"
    if inspect.isclass(thing):
        if not issubclass(thing, Exception):
            yield f"```python\n{name.rpartition('.')[2]}{signature(thing)}\n```\n"
        yield f"{plain(thing.__doc__)}\n"
        for member_name, member in vars(thing).items():
            if member_name.startswith("_") or not inspect.getdoc(getattr(thing, member_name)):
                continue
            if isinstance(member, property):
                yield f"* `{member_name}`: {plain(member.__doc__)}"
            elif inspect.isfunction(member):
                yield f"* `{member_name}{signature(member)}`: {plain(member.__doc__)}"
        yield ""
    else:
        yield f"```python\n{name.rpartition('.')[2]}{signature(thing)}\n```\n"
        yield f"{plain(thing.__doc__)}\n"


def signature(thing: Any) -> str:
    """The arguments, without the noise of module names."""
    words = str(inspect.signature(thing)).replace("self, ", "").replace("(self)", "()")
    words = re.sub(r"(: |-> )'([^']*)'", r"\1\2", words)  # annotations are strings, defaults may be
    return re.sub(r"(?<=[ \[(])(?:[a-z_]+\.)+(?=[A-Z])", "", words)


def plain(text: str | None) -> str:
    """A docstring without its indentation; examples and tables as blocks of code."""
    out: list[str] = []
    fenced = False
    for line in inspect.cleandoc(text or "").replace("``", "`").split("\n"):
        code = line.startswith((">>>", "...", "[(", "Decimal(", "===", "quantity ", "words  ", "entity ", "section "))
        code = code or line.startswith("layer  ") or (fenced and line.startswith(" "))
        if code is not fenced:
            out.append("```")
            fenced = code
        out.append(line)
    return "\n".join([*out, "```"] if fenced else out)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
