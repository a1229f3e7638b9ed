"""The heading tree of a text, and its paragraphs, cells and captions.

Read `read_outline` first. Four steps: `scan` looks at every line once and says what it may be; `follow` walks through
the numbering of all lines and mends damaged numbers; `accept` decides which numbered lines are headings, a whole run
of siblings at a time (an enumeration of duties is none, a run of run-in headings is); `_Builder` nests the headings and
joins the lines between them into paragraphs. The forms themselves are data, see `headings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from extract.grids import Grid
from extract.headings import Grammar, grammar, tidy
from extract.lines import Line, joins, scan
from extract.numbering import ADJACENT, Entry, accept, follow, place
from extract.patterns import Pack
from extract.records import Section, Span
from extract.source import Source

_HAN: Final = re.compile("[一-鿿]")
_TITLES: Final = frozenset(("title", "form", "attachment"))


class Block(Struct, frozen=True, gc=False):
    """One piece of the text: `heading`, `text` (a paragraph), `cell`, `toc` or `caption`.

    Blocks are in order and do not overlap; `section` is an index into `Outline.sections`.
    """

    kind: str
    start: int
    end: int
    section: int | None


class Outline(Struct, frozen=True):
    """The sections of a text in document order, and its blocks.

    `named_by` says for each section where its type comes from: `form` (it is a container, whatever its words), `exact`
    (the word list knows the title), `known` (it knows a part of it), `above` (the section above tells), or nothing.
    """

    sections: list[Section]
    blocks: list[Block]
    named_by: list[str]


def read_outline(source: Source, pack: Pack, tables: Sequence[Grid] = ()) -> Outline:
    """The sections and blocks of a text. Never raises, whatever the text.

    The cells of `tables` are blocks of their own. Those of a Word dump are found here as well, with the titles that
    stand among them.
    """
    rules = grammar(pack)
    given = [
        (table.start, table.end, [(cell.start, cell.end) for cell in table.cells if cell.start < cell.end])
        for table in tables
        if table.form != "word"
    ]
    lines = scan(source.clean, rules, given, source.headings)
    runs = follow(source.clean, lines, rules)
    accept(source.clean, lines, runs, rules)
    return _Builder(source.clean, rules).build(lines)


class _Open(Struct):
    """A section under construction."""

    parent: int | None
    level: int
    number: str
    title: str
    type: str
    named_by: str
    heading: Span
    end: int = 0


class _Builder:
    """Nests headings and joins lines; used once."""

    def __init__(self, clean: str, rules: Grammar) -> None:
        self.clean = clean
        self.rules = rules
        self.sections: list[_Open] = []
        self.blocks: list[Block] = []
        self.stack: list[Entry] = []
        self.paragraph: tuple[int, Line] | None = None  # where it began, and its last line
        self.list_below = 0.0  # rank of the section whose numbered lines are entries of a list, 0 when there is none
        self.list_rank = 0.0
        self.body_start = -1

    def build(self, lines: list[Line]) -> Outline:
        """The outline of all lines."""
        skip = False
        for index, line in enumerate(lines):
            if skip:
                skip = False
            elif line.kind in ("cell", "toc", "caption", "drop"):
                self._close_paragraph()
                if line.kind != "drop":
                    self._block(line.kind, line.start, line.end)
            elif line.heading and not self._is_entry(line):
                skip = self._heading(line, lines, index)
            else:
                self._text(line.start, line)
        self._close_paragraph()
        for entry in self.stack:
            self.sections[entry.number].end = len(self.clean)
        sections = [self._section(index) for index in range(len(self.sections))]
        return Outline(sections, self.blocks, [section.named_by for section in self.sections])

    # ---- headings

    def _heading(self, line: Line, lines: list[Line], index: int) -> bool:
        """Open a section; true when the next line was its title."""
        clean = self.clean
        title_end, used = line.title_end, False
        if line.style in ("part", "attachment", "chapter_section") and line.title_start >= line.title_end:
            after = lines[index + 1] if index + 1 < len(lines) else None
            used = after is not None and self._is_title(after)
            if after is not None and used:
                number_only = after.kind == "number"
                title_end = after.end if number_only else after.title_end
                line.title_start = after.start if number_only else after.title_start
                if after.kind in ("title", "form"):
                    line.kind = after.kind
            elif line.style == "attachment":
                line.title_start = line.start
                title_end = line.end
                if line.end - line.start > 3 or after is None or after.kind not in ("number", "cell", "form"):
                    self._text(line.start, line)
                    return False
        number = tidy(clean[line.start : line.number_end]) if line.number_end > line.start else ""
        title = tidy(clean[line.title_start : title_end]).rstrip("：:")
        if not title and not number:
            self._text(line.start, line)
            return False
        self._close_paragraph()
        rank = self._rank(line, lines, index)
        adjacent = bool(self.sections) and 0 <= line.start - self.body_start < ADJACENT
        depth = len(self.stack)
        open_before = self.stack[:]
        entry = place(self.stack, line.style, rank, line.value, adjacent=adjacent)
        if entry is None:
            entry = Entry(line.style, rank, line.value, 0)
            if self.stack and self.stack[-1].rank >= rank:
                entry.rank = self.stack[-1].rank + 0.1
        for closed in open_before[len(self.stack) : depth]:
            self.sections[closed.number].end = line.start
        entry = Entry(line.style, entry.rank, line.value, len(self.sections))
        parent = self.stack[-1].number if self.stack else None
        self.stack.append(entry)
        heading = Span(line.start, max(title_end, line.number_end))
        type_, named_by, is_list = self._type(line, title, parent)
        self.sections.append(_Open(parent, len(self.stack), number, title, type_, named_by, heading))
        if is_list or entry.rank <= self.list_below or line.style in _TITLES or line.kind in _TITLES:
            self.list_below = entry.rank if is_list else 0.0
        if is_list or not self.list_below:
            self.list_rank = 0.0
        self._block("heading", heading.start, heading.end)
        self.body_start = heading.end
        if not used and line.rest < line.end:
            self._text(line.rest, line)
        return used

    def _rank(self, line: Line, lines: list[Line], index: int) -> float:
        """How deep a heading without a number of its own stands."""
        if line.style in _TITLES and not self._inside_attachments():
            if any(entry.rank == 10.0 for entry in self.stack):
                return 10.0
            return 5.0 if line.style == "title" else line.rank
        if line.style != "alone":
            return line.rank
        phrase = self.rules.titles.exact(self.clean[line.title_start : line.title_end])
        if phrase is not None and "list" in phrase.use:
            return 20.0
        for after in lines[index + 1 : index + 4]:
            if after.heading and after.kind in ("number", "label"):
                if after.kind == "label" or after.value == 1:
                    return after.rank - 2.0
                break
            if after.kind == "number":
                return 20.0
        if line.markdown:
            return 17.0 + line.markdown / 10
        return 20.0 if not self.stack or self.stack[-1].rank <= 20 else 75.0

    def _type(self, line: Line, title: str, parent: int | None) -> tuple[str, str, bool]:
        """Type of a section, what named it, and whether its numbered lines are entries of a list."""
        above = self.sections[parent].type if parent is not None else None
        name = self.rules.titles.name(title, above) if title else None
        if line.style == "part" and (name is None or not name.exact):
            return "part_heading", "form", False
        if line.kind == "title":
            return "part_heading", "form", False
        if line.kind == "form" or line.style == "attachment":
            return "attachment", "form", line.style == "attachment"
        if name is not None:
            return name.type, "exact" if name.exact else "known", "list" in name.use
        inherited = self._inherited(parent)
        return inherited or "other", "above" if inherited else "", False

    def _inherited(self, parent: int | None) -> str | None:
        """What the nearest named section above says of its unnamed children."""
        while parent is not None:
            above = self.sections[parent]
            hint = above.type
            if hint == "part_heading" and (name := self.rules.titles.name(above.title, None)) is not None:
                hint = name.type
            if child := self.rules.titles.children.get(hint):
                return child
            parent = above.parent
        return None

    def _is_entry(self, line: Line) -> bool:
        """Whether a numbered line below a heading such as 部门职责 or 名词解释 is one of its entries."""
        if not self.list_below or line.kind != "number" or line.rank <= self.list_below:
            return False
        if line.markdown and line.shape == "whole":
            return False
        if not self.list_rank:
            self.list_rank = line.rank
        return line.rank >= self.list_rank

    def _is_title(self, line: Line) -> bool:
        if line.kind in ("title", "form", "alone"):
            return True
        if line.kind == "number":
            return line.style == "attachment" and line.title_start >= line.title_end
        text = self.clean[line.start : line.end]
        return line.kind == "text" and len(text) <= 40 and text[-1] not in "。；：，" and len(_HAN.findall(text)) > 3

    def _inside_attachments(self) -> bool:
        return any(entry.style == "part" and self.sections[entry.number].type == "attachment" for entry in self.stack)

    # ---- text

    def _text(self, start: int, line: Line) -> None:
        """Add a line to the open paragraph, or begin a new one."""
        if self.paragraph is not None:
            first, before = self.paragraph
            if line.kind == "text" and start == line.start and joins(self.clean, before, start):
                self.paragraph = (first, line)
                return
            self._close_paragraph()
        self.paragraph = (start, line)

    def _close_paragraph(self) -> None:
        if self.paragraph is not None:
            start, line = self.paragraph
            self._block("text", start, line.end)
            self.paragraph = None

    def _block(self, kind: str, start: int, end: int) -> None:
        section = self.stack[-1].number if self.stack else None
        self.blocks.append(Block(kind, start, end, section))

    def _section(self, index: int) -> Section:
        section = self.sections[index]
        return Section(
            id=f"s{index + 1}",
            parent=None if section.parent is None else f"s{section.parent + 1}",
            level=section.level,
            number=section.number,
            title=section.title,
            type=section.type,
            confidence=0.0,  # until the classifier has seen it
            start=section.heading.start,
            end=section.end,
            heading=section.heading,
        )
