"""The files that each annotation tool wants, with the labels of the project beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extract.annotation.brat import write_brat
from extract.annotation.label_studio import label_config, write_tasks
from extract.annotation.marks import Annotated
from extract.patterns import load_pack


def export_run(documents: Iterable[Annotated], tool: str, folder: Path) -> tuple[int, Path]:
    """Write documents for `label-studio` or `brat` into a folder: how many, and the file that holds the labels."""
    types = [row["id"] for row in load_pack().table("section_types")]
    folder.mkdir(parents=True, exist_ok=True)
    if tool == "brat":
        return write_brat(documents, folder, types), folder / "annotation.conf"
    config = folder / "label_config.xml"
    config.write_text(label_config(types), encoding="utf-8")
    return write_tasks(documents, folder / "tasks.json"), config
