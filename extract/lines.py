"""Every line of a text, looked at once: what it may be, and where its number, title and rest stand.

Read `scan` first. It decides only what a line shows by itself (a table cell, an entry of a table of contents, a
number with a title); whether a numbered line is a heading is decided later, with its neighbours (`numbering.py`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from extract.headings import Grammar, Numbering
from extract.source import GivenHeading

Region: TypeAlias = tuple[int, int, list[tuple[int, int]]]  # start and end of a table, and the spans of its cells

MAX_TITLE: Final = 80
HEAD: Final = 160
LONG_LINE: Final = 20

_LINE: Final = re.compile(r"\S(?:[^\r\n]*\S)?")
_DELIMITER: Final = re.compile(r"[。：:；;！!？?]|\.(?=\s|$|[一-鿿]|20\d\d)")
_INNER: Final = re.compile(r"[（(]\s?[1一]\s?[）)]|(?<=[一-鿿])1[.、](?=[一-鿿])")
_MARKDOWN: Final = re.compile(r"(#{1,6})[#\s]*|[-*+•▪●◆■]\s+")
_TABLE: Final = re.compile(r"<table\b[^>]{0,300}>", re.IGNORECASE)
_TABLE_END: Final = re.compile(r"</table\s*>", re.IGNORECASE)
_TABLE_CELL: Final = re.compile(r"<t[dh]\b[^>]{0,300}>", re.IGNORECASE)
_LEADERS: Final = re.compile(r"…|\.\.|\. \.|··|・|\t")
_GLUED_LEADER: Final = re.compile(r"[^。；，…]{2,40}…{6,}[….·\s\d]*(?=[一-鿿]{4})")
_PAGE: Final = re.compile(r"(?<![\s….·・])[\s….·・]+[-—]?\s?\d{0,3}\s?[-—]?\s?页?$")
_SPACE: Final = re.compile(r"\s+")
_RULE: Final = re.compile(r"[|:\-\s]+$")
_TABBED_LONG: Final = re.compile(r"\n\t[^\r\n]{45}")
_HAN: Final = re.compile("[一-鿿]")
_HAN_RUN: Final = re.compile("[一-鿿]+")

_STOPS: Final = frozenset("。；：！？!?;:…")
_CLOSERS: Final = frozenset("”’）)》】\"'")
_LINKS: Final = frozenset("，、,（(“《及和与或")


class Line:
    """One line. `kind` is cell, toc, caption, drop, text, number, title, form, label or alone.

    For all kinds from `number` on: the number runs from `start` to `number_end`, the title from `title_start` to
    `title_end`, and `rest` is where the text after a run-in title begins (`end` when there is none).
    """

    __slots__ = (
        "after_blank", "end", "exact", "given", "heading", "item", "kind", "mark", "markdown", "number_end", "rank",
        "rest", "run", "shape", "start", "style", "title_end", "title_start", "value",
    )

    def __init__(self, kind: str, start: int, end: int, *, after_blank: bool = False) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.after_blank = after_blank
        self.heading = False
        self.given = False  # the file itself calls it a heading
        self.markdown = 0
        self.style = ""
        self.rank = 0.0
        self.value = 0
        self.number_end = start
        self.title_start = start
        self.title_end = end
        self.rest = end
        self.mark = ""
        self.shape = "long"
        self.exact = False
        self.item = False
        self.run = -1


def scan(
    clean: str, rules: Grammar, known_tables: Sequence[Region] = (), headings: Sequence[GivenHeading] = ()
) -> list[Line]:
    """All lines of a text that are not blank, in order; `known_tables` are regions whose cells are known.

    `headings` are lines that the file itself calls so.
    """
    lines: list[Line] = []
    known = list(reversed(known_tables))
    levels = {heading.start: heading.level for heading in headings}
    contents = _Contents(rules)
    cells = _tabs_are_cells(clean)
    tables = _TABLE.finditer(clean) if "<table" in clean or "<TABLE" in clean else iter(())
    table = next(tables, None)
    position = 0
    while (found := _LINE.search(clean, position)) is not None:
        start, end = found.span()
        while known and known[-1][0] < position:
            known.pop()
        if known and known[-1][0] < end:
            first, last, spans = known.pop()
            if start < first:
                lines += _read(clean, start, first, clean[start : min(first, start + HEAD)], False, rules, contents)
            lines += [Line("cell", *_trim(clean, *span)) for span in sorted(spans)]
            position = max(last, position)
            continue
        while table is not None and table.start() < start:
            table = next(tables, None)
        if table is not None and table.start() == start:
            close = _TABLE_END.search(clean, start)
            if close is not None and known and known[-1][0] < close.start():
                position = known[-1][0]  # a table around a table: the inner one is known
                continue
            if close is not None:
                lines += _html_cells(clean, start, close.start())
                position = close.end()
                continue
        elif table is not None and table.start() < end:
            end = table.start()
        gap = clean[position:start]
        blank = gap.count("\n") > 1 or ("\n" not in gap and gap.count("\r") > 1)
        if cells and (tab := gap.rfind("\t")) >= 0 and _begins_line(gap, tab, position) and gap.count("\n", tab) <= 1:
            lines.append(Line("cell", start, end, after_blank=blank))
            position = end
            continue
        position = end
        if cells and not blank and lines and lines[-1].kind == "cell":
            lines[-1].end = end
            continue
        head = clean[start : min(end, start + HEAD)]
        if start in levels:
            lines.append(_given(clean, start, end, head, blank, levels[start], rules))
            contents.inside = lines[-1].kind == "toc"
            continue
        if head[0] == "|" and head.count("|") > 1:
            lines += _piped_cells(clean, start, end)
            continue
        lines += _read(clean, start, end, head, blank, rules, contents)
    _mark_wrapped(clean, lines)
    return lines


def is_open(clean: str, start: int, end: int) -> bool:
    """Whether a line stops in mid-sentence."""
    while end > start and clean[end - 1] in _CLOSERS:
        end -= 1
        if clean[end - 1] in "）)" or end == start:
            break
    if end <= start:
        return False
    last = clean[end - 1]
    return last not in _STOPS and not (last == "." and not clean[end - 2 : end - 1].isdigit())


def joins(clean: str, before: Line, start: int) -> bool:
    """Whether a line of text goes on in the next one: a page break or a hard line wrap cut it."""
    if clean[start] in "，。、；：）)％%！？”》":
        return True
    if clean[before.start] in "—-" and clean.count("\n", before.end, start) > 1:
        return False  # the line under a title: ——2月3日在县人民代表大会上
    return is_open(clean, before.start, before.end) and (
        before.end - before.start >= LONG_LINE or clean[before.end - 1] in _LINKS
    )


def has_words(clean: str, line: Line) -> bool:
    """Whether a line is words rather than the figures of a table."""
    head = clean[line.start : min(line.end, line.start + 60)]
    words = len(head) - len(_HAN_RUN.sub("", head))
    if words * 2 > len(head):
        return True
    return words > sum(map(str.isdigit, head)) or (words > 0 and clean[line.end - 1] in _STOPS)


class _Contents:
    """Whether the lines stand in a table of contents, and when it is over."""

    def __init__(self, rules: Grammar) -> None:
        self.rules = rules
        self.inside = False
        self.seen: set[str] = set()
        self.first = ""

    def open(self) -> None:
        """A title such as 目录 was read."""
        self.inside, self.seen, self.first = True, set(), ""

    def holds(self, text: str) -> bool:
        """Whether a line is an entry: it has a leader or, below the title, is short and not yet repeated."""
        leader = _LEADERS.search(text) is not None and self.rules.toc.search(text) is not None
        if not self.inside and leader and self.rules.numbering(text) is not None:
            self.open()
        if not self.inside:
            return leader
        entry = _SPACE.sub("", _PAGE.sub("", text) if leader else text)
        repeated = entry in self.seen or (len(entry) >= 4 and self.first.startswith(entry))
        if not leader and (repeated or len(text) > 60 or text[-1] in "。；，：" or not self._may_follow(entry)):
            self.inside = False
            return False
        self.seen.add(entry)
        if not self.first and self.rules.numbering(text) is not None:
            self.first = entry
        return True

    def _may_follow(self, entry: str) -> bool:
        return not (self.first.startswith("第一") and entry.startswith("第一") and entry[:4] == self.first[:4])


def _read(
    clean: str, start: int, end: int, head: str, blank: bool, rules: Grammar, contents: _Contents
) -> Iterator[Line]:
    """The lines that one printed line holds: mostly one; two where a heading was glued to the next."""
    line = Line("text", start, end, after_blank=blank)
    if (prefix := _MARKDOWN.match(head)) is not None and prefix.end() < len(head):
        line.markdown = len(prefix[1] or "")
        start += prefix.end()
        line.start = line.title_start = line.number_end = start
        head = clean[start : min(end, start + HEAD)]
    length = end - start
    if length <= 100:
        noise = rules.noise(head)
        if noise == "toc_title":
            contents.open()
            line.kind = "toc"
        elif noise is not None:
            line.kind = noise
    if "…………" in head and (leader := _GLUED_LEADER.match(head)) is not None:
        yield Line("toc", start, start + leader.end(), after_blank=blank)
        contents.inside = False
        start += leader.end()
        yield from _read(clean, start, end, clean[start : min(end, start + HEAD)], False, rules, contents)
        return
    if line.kind == "text" and length <= 500 and contents.holds(clean[start:end]):
        line.kind = "toc"
    if line.kind != "text":
        yield line
        return
    number = rules.numbering(head)
    if number is not None:
        yield from _numbered(clean, line, number, rules)
        return
    label = rules.label.match(head)
    if label is not None:
        line.kind, line.style, line.rank = "label", "label", 80.0
        line.title_end = start + label.end()
        line.mark = "："
        line.rest = _skip(clean, clean.index(head[label.end() :].lstrip()[0], line.title_end) + 1, end)
        line.shape = "whole" if line.rest >= end else "run"
    elif length <= 70 and (title := rules.report_title.match(head)) is not None:
        line.kind, line.style, line.rank, line.title_end = "title", "title", 16.0, start + title.end()
    elif length <= 50 and rules.form.match(head):
        line.kind, line.style, line.rank = "form", "form", 16.0
    elif length > 30 and (glued := rules.glued_title.match(head)) is not None:
        line.kind, line.style, line.title_end, line.shape = "alone", "alone", start + glued.end(), "run"
        line.rest = _skip(clean, line.title_end, end)
    elif length <= 30 or (line.markdown and length <= 70):
        bare = head.rstrip("：:。")
        phrase = rules.titles.exact(bare) if _HAN.search(bare) else None
        if line.markdown or (phrase is not None and phrase.use & {"alone", "label"}):
            line.kind, line.style = "alone", "alone"
            line.title_end = start + len(bare)
    yield line


def _given(clean: str, start: int, end: int, head: str, blank: bool, level: int, rules: Grammar) -> Line:
    """A line that the file itself calls a heading: whole, whatever stands in it; but 目录 is no section."""
    line = Line("alone", start, end, after_blank=blank)
    if rules.noise(head) in ("toc_title", "drop"):
        line.kind = "toc" if rules.noise(head) == "toc_title" else "drop"
        return line
    line.given, line.markdown, line.style, line.shape = True, level, "alone", "whole"
    number = rules.numbering(head)
    if number is not None:
        line.kind, line.style, line.rank, line.value = "number", number.style, number.rank, number.value
        line.number_end = start + number.end
        line.title_start = _skip(clean, line.number_end, end)
        if number.style == "attachment" and line.title_start < end and clean[line.title_start] in "：:":
            line.title_start = _skip(clean, line.title_start + 1, end)
    elif rules.report_title.match(head):
        line.kind, line.style, line.rank = "title", "title", 16.0
    line.title_end = start + len(clean[start:end].rstrip("：:。"))
    line.exact = rules.titles.exact(clean[line.title_start : line.title_end]) is not None
    return line


def _numbered(clean: str, line: Line, number: Numbering, rules: Grammar) -> Iterator[Line]:
    """Fill in a line that begins with a number."""
    line.kind, line.style, line.rank, line.value = "number", number.style, number.rank, number.value
    line.number_end = line.start + number.end
    end = line.end
    first = _skip(clean, line.number_end, end)
    if number.style == "attachment" and first < end and clean[first] in "：:":
        first = _skip(clean, first + 1, end)
    line.title_start = line.title_end = first
    words = clean[first : min(end, first + MAX_TITLE + 1)]
    inner = _INNER.search(words, 2, 34) if number.rank < 50 else None
    mark = _DELIMITER.search(words)
    if inner is not None and (mark is None or inner.start() < mark.start()):
        nested = rules.numbering(words[inner.start() :])
        if nested is not None and nested.rank > number.rank and "，" not in words[: inner.start()]:
            line.end = line.rest = line.title_end = _back(clean, first, first + inner.start())
            line.shape = "whole"
            line.exact = rules.titles.exact(clean[first : line.title_end]) is not None
            yield line
            second = Line("number", first + inner.start(), end)
            yield from _numbered(clean, second, nested, rules)
            return
    if mark is None and end - first <= MAX_TITLE:
        line.shape, line.title_end, line.rest = "whole", end, end
    elif mark is not None and first + mark.end() >= end:
        line.shape, line.mark, line.title_end, line.rest = "whole", mark[0], first + mark.start(), end
    elif mark is not None and mark[0] not in "；;":
        line.shape, line.mark, line.title_end = "run", mark[0], first + mark.start()
        line.rest = _skip(clean, first + mark.end(), end)
    line.item = rules.is_item(words)
    clear = line.shape != "long" and line.mark != "。" and line.title_end - first <= 24
    if not line.item and (not clear or rules.has_figure(words)):
        _unglue(clean, line, words, rules)
    if line.shape != "long":
        title = clean[first : line.title_end]
        line.exact = bool(title) and rules.titles.exact(title) is not None
        if line.shape == "run" and not line.exact and rules.has_figure(title + clean[line.title_end : line.rest + 1]):
            line.shape = "long"
    yield line


def _unglue(clean: str, line: Line, words: str, rules: Grammar) -> None:
    """Part a title from the text that was printed after it without any mark."""
    cut = 0
    if line.rank <= 30 or rules.has_figure(words):
        glued = rules.glued.match(words)
        cut = glued.end() if glued is not None and glued.end() + 6 < len(words) else 0
    if not cut and (line.style == "cn" or (line.style == "cn_paren" and len(words) > 20 and rules.has_figure(words))):
        for length in range(min(16, len(words) - 4), 3, -1):
            phrase = rules.titles.exact(words[:length])
            if phrase is not None and _HAN.match(words, length - 1) and words[length - 1] != "年":
                cut = length
                break
    if cut:
        line.shape, line.mark = "run", ""
        line.title_end = _back(clean, line.title_start, line.title_start + cut)
        line.rest = _skip(clean, line.title_end, line.end)


def _mark_wrapped(clean: str, lines: list[Line]) -> None:
    """In a text with hard line wraps, a numbered line as wide as the page goes on in the next one."""
    widths = [line.end - line.start for line in lines if line.kind == "text" and is_open(clean, line.start, line.end)]
    widths = sorted(width for width in widths if width >= LONG_LINE)
    total = sum(line.kind == "text" for line in lines)
    if len(widths) < 10 or len(widths) < 0.4 * total:
        return
    width = widths[len(widths) // 2]
    for line, after in itertools.pairwise(lines):
        title = line.kind == "number" and line.shape == "whole" and not line.mark and not line.exact
        if title and after.kind == "text" and line.end - line.start >= 0.85 * width:
            line.shape = "long"


def _tabs_are_cells(clean: str) -> bool:
    """Whether a TAB at the beginning of a line marks a table cell; in some texts it indents paragraphs."""
    total = clean.count("\n\t") + clean.startswith("\t")
    if not total:
        return "\t" in clean
    return sum(1 for _ in _TABBED_LONG.finditer(clean)) <= 0.3 * total


def _begins_line(gap: str, tab: int, position: int) -> bool:
    """Whether the TAB stands at the beginning of a line and not at the end of the one before."""
    return position == 0 or "\n" in gap[:tab] or "\r" in gap[:tab]


def _html_cells(clean: str, start: int, end: int) -> Iterator[Line]:
    for tag in _TABLE_CELL.finditer(clean, start, end):
        close = clean.find("<", tag.end(), end)
        first = _skip(clean, tag.end(), close if close >= 0 else end)
        last = _back(clean, first, close if close >= 0 else end)
        if first < last:
            yield Line("cell", first, last)


def _piped_cells(clean: str, start: int, end: int) -> Iterator[Line]:
    if _RULE.fullmatch(clean, start, end):
        return
    first = start + 1
    while first < end:
        bar = clean.find("|", first, end)
        bar = end if bar < 0 else bar
        left = _skip(clean, first, bar)
        right = _back(clean, left, bar)
        if left < right:
            yield Line("cell", left, right)
        first = bar + 1


def _trim(clean: str, start: int, end: int) -> tuple[int, int]:
    start = _skip(clean, start, end)
    return start, _back(clean, start, end)


def _skip(clean: str, start: int, end: int) -> int:
    while start < end and clean[start].isspace():
        start += 1
    return start


def _back(clean: str, start: int, end: int) -> int:
    while end > start and clean[end - 1].isspace():
        end -= 1
    return end
