"""What stands around a table: its title and the unit of all its figures."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from extract.columns import Columns, Unit

REACH: Final = 600  # characters before a table that are looked at
LINES: Final = 5

_UNIT: Final = re.compile(r"(?:金额|计量)?单位[：:]\s*([^\s，,；;、）)]{1,8})")
_TITLE: Final = re.compile(
    r"(?:附?表\s*[\d一二三四五六七八九十]{1,3}(?:[-—.]\d{1,2})?[：:\s]?.{0,40}|.{2,50}(?:表|情况|一览|明细|数据|统计|对比|构成)(?:[（(].{1,16}[）)])?)"
)
_FORM_NUMBER: Final = re.compile(r"(?:公开|财决|预算|附)\w{0,3}\d{1,2}表$")
_BETWEEN: Final = re.compile(r"(?<=[一-鿿）]) (?=[一-鿿（])")
_ASIDE: Final = re.compile(
    r"(?:填报|编制|制表|预算)(?:单位|部门|日期|时间|人)|[（(].{1,12}[）)]$|^\s*附[件表]|^(?:公开|财决|预算)\w{0,3}\d{1,2}表$"
)


def around(clean: str, start: int, columns: Columns) -> tuple[str | None, Unit | None, bool]:
    """The title above a table that begins at `start`, the unit named there, and whether one was named at all."""
    before = clean[max(0, start - REACH) : start]
    caption: str | None = None
    unit: Unit | None = None
    named = False
    lines = (line.strip() for line in reversed(re.split(r"[\r\n]+", before)) if line.strip(" \r\n\t#*|"))
    for line in islice(lines, LINES):
        found = _UNIT.search(line)
        if found is not None and not named:
            unit, named = columns.unit(found[1]), True
        words = re.sub(r"\s+", "", line.strip("#* "))
        if found is not None:
            words = words[: words.find("单位")].rstrip("（(：金额计量")
        if (
            words
            and len(words) <= 60
            and words[-1] not in "。；，"
            and _TITLE.fullmatch(words)
            and not _FORM_NUMBER.match(words)
        ):
            kept = " ".join(line[: line.find(found[0])].split() if found is not None else line.strip("#* ").split())
            caption = _BETWEEN.sub("", kept.rstrip("（("))
            break
        if len(words) > 60 or (words and found is None and not _ASIDE.search(words)):
            break
    return caption, unit, named


__all__ = ["around"]
