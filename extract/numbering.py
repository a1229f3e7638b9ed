"""Which numbered lines are headings.

`follow` walks through all numbered lines with a stack, joins them into runs of siblings (一、二、三、 …), and mends
numbers that a converter damaged (`4、` after 三、 is 四、). `accept` then decides run by run: a run whose members
mostly look like headings is a run of headings, any other is an enumeration inside the text.
"""

from __future__ import annotations

import re
from typing import Final

from extract.headings import Grammar
from extract.lines import Line, has_words, joins

ADJACENT: Final = 60
MAX_DEPTH: Final = 12
ENOUGH: Final = 0.6

# what automatic numbering becomes when a converter loses its format, and the reverse
_TWIN: Final = {"num": "cn", "num_paren": "cn_paren", "cn": "num", "cn_paren": "num_paren"}
_CONTAINERS: Final = frozenset(("part", "chapter_section", "attachment"))


class Entry:
    """An open place in the numbering: the last line of a run of siblings."""

    __slots__ = ("members", "number", "rank", "style", "value")

    def __init__(self, style: str, rank: float, value: int, number: int) -> None:
        self.style = style
        self.rank = rank
        self.value = value
        self.number = number  # of the run, or of the section
        self.members: list[Line] = []


def place(stack: list[Entry], style: str, rank: float, value: int, *, adjacent: bool) -> Entry | None:
    """Close what a heading of this style and value ends; the entry it continues, or None when it opens a new run.

    A run that starts anew at 1 right below a deeper heading (`adjacent`) is nested in it: `（二）成效 ⏎ 一、…`.
    """
    for depth in range(len(stack) - 1, -1, -1):
        entry = stack[depth]
        if entry.style == style and entry.value == value - 1:
            del stack[depth:]
            return entry
    may_nest = value == 1 and adjacent and len(stack) < MAX_DEPTH and bool(stack) and stack[-1].rank > rank
    if may_nest and any(entry.style == style for entry in stack):
        return None
    last: Entry | None = None
    while stack and stack[-1].rank >= rank:
        last = stack.pop()
    return last if last is not None and last.style == style and last.value < value <= last.value + 3 else None


def follow(clean: str, lines: list[Line], rules: Grammar) -> list[list[Line]]:
    """Join numbered lines into runs of siblings; `Line.run` is the index of the run in the result."""
    runs: list[list[Line]] = []
    stack: list[Entry] = []
    closed: dict[str, Entry] = {}  # the last run of each style that a higher number ended
    before: Line | None = None
    last_number_end = -1
    for line in lines:
        if line.kind == "title":
            stack.clear()
            closed.clear()
        elif line.kind == "number":
            twin = _mend(stack, closed, line, runs, rules)
            if (
                not twin
                and before is not None
                and not line.markdown
                and not line.exact
                and _in_sentence(clean, before, line)
                and not _fits(stack, line)
            ):
                line.kind = "text"
            else:
                adjacent = 0 <= line.start - last_number_end < ADJACENT
                if line.style in _CONTAINERS:
                    closed.clear()
                open_before = stack[:]
                entry = place(stack, line.style, line.rank, line.value, adjacent=adjacent)
                for ended in open_before[len(stack) :]:
                    closed[ended.style] = ended
                if entry is None:
                    entry = Entry(line.style, line.rank, line.value, len(runs))
                    if stack and stack[-1].rank >= line.rank:
                        entry.rank = stack[-1].rank + 0.1
                    runs.append([])
                entry.value = line.value
                line.run = entry.number
                runs[entry.number].append(line)
                stack.append(entry)
                last_number_end = line.end
        before = line
    return runs


def accept(clean: str, lines: list[Line], runs: list[list[Line]], rules: Grammar) -> None:
    """Set `Line.heading` on every line that is a heading."""
    bodies = _bodies(clean, lines)
    duties = set()
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        after = lines[index + 1] if index + 1 < len(lines) else None
        if line.kind == "number" and line is runs[line.run][0] and before is not None and before.kind == "text":
            if rules.list_intro.search(clean[max(before.start, before.end - 24) : before.end]):
                duties.add(line.run)
        elif line.kind == "cell":
            _form_row(clean, before, line, after, rules)
        elif line.kind == "title":
            line.heading = before is None or before.kind != "text" or not joins(clean, before, line.start)
        elif line.kind == "form":
            line.heading = after is not None and after.kind == "cell"
        elif line.kind == "label":
            line.heading = True
        elif line.kind == "alone":
            line.heading = (
                bool(line.markdown)
                or line.shape == "run"
                or (
                    (before is None or before.kind != "text" or not joins(clean, before, line.start))
                    and after is not None
                    and (after.kind in ("number", "label") or (after.kind == "text" and after.end - after.start >= 15))
                )
            )
    for number, run in enumerate(runs):
        if number not in duties and not any(rules.duty.match(clean, line.title_start) for line in run[-2:]):
            _judge(clean, run, bodies, rules)


def _form_row(clean: str, before: Line | None, line: Line, after: Line | None, rules: Grammar) -> None:
    """A table may begin with a row of one cell that is its title."""
    alone = before is None or before.kind != "cell" or line.after_blank
    short = line.end - line.start <= 60 and clean[line.end - 1] in "表）)"
    if not (alone and short and after is not None and after.kind == "cell" and after.after_blank):
        return
    if rules.form.match(clean[line.start : line.end]):
        line.kind, line.style, line.rank, line.heading = "form", "form", 16.0, True


def _judge(clean: str, run: list[Line], bodies: set[int], rules: Grammar) -> None:
    """Decide on one run of siblings."""
    good = [_is_good(clean, line, line.start in bodies, rules) for line in run]
    if run[0].style in _CONTAINERS:
        for line in run:
            line.heading = line.shape == "whole" or (line.shape == "run" and line.title_end - line.title_start <= 30)
        return
    if sum(good) < ENOUGH * len(run):
        for line, fine in zip(run, good, strict=True):
            known = line.exact and (line.start in bodies or line.shape == "run")
            line.heading = fine and (line.markdown > 0 or known)
        return
    for line, fine in zip(run, good, strict=True):
        if fine or line.exact or (not line.item and line.mark not in ("；", ";") and line.shape != "long"):
            line.heading = True
        elif line.rank <= 30 and not line.item and line.shape == "long":
            line.heading = True
            _cut_long(clean, line)


def _is_good(clean: str, line: Line, body: bool, rules: Grammar) -> bool:
    if line.item or line.shape == "long" or line.mark in ("；", ";", "！", "？", "!", "?"):
        return False
    length = line.title_end - line.title_start
    if line.markdown:
        return length > 0
    if line.exact and (body or line.shape == "run"):
        return True
    commas = clean.count("，", line.title_start, line.title_end)
    if line.shape == "whole":
        if commas and rules.has_figure(clean[line.title_start : line.title_end]):
            return False
        return body and length >= 2 and (length <= 45 or not commas) and commas < 3
    limit = 60 if line.rank <= 30 else 40
    return 2 <= length <= (limit if line.mark in ("", "。", ".") else 26) and commas < 3


def _cut_long(clean: str, line: Line) -> None:
    """Give a title to a heading that runs on into its text: its first clause."""
    stop = re.compile("[，,。；;]").search(clean, line.title_start, min(line.end, line.title_start + 60))
    line.title_end = stop.start() if stop else min(line.end, line.title_start + 30)
    line.rest = line.title_end
    line.shape = "run"


def _bodies(clean: str, lines: list[Line]) -> set[int]:
    """The starts of the numbered lines that something stands below: text, a table, or a deeper heading."""
    found: set[int] = set()
    following: Line | None = None
    for line in reversed(lines):
        if line.kind in ("drop", "caption", "toc"):
            continue
        if line.kind == "number" and following is not None:
            if following.kind == "number":
                nested = following.value == 1 and line.shape == "whole" and not line.mark
                has_body = following.rank > line.rank or (nested and following.style != line.style)
            else:
                has_body = following.kind != "title" and has_words(clean, following)
            if has_body:
                found.add(line.start)
        following = line
    return found


def _in_sentence(clean: str, before: Line, line: Line) -> bool:
    """Whether the line before stops in mid-sentence, so that a number may be one of the sentence."""
    if before.kind == "text" or (before.kind == "number" and before.shape != "whole"):
        return joins(clean, before, line.start)
    return False


def _fits(stack: list[Entry], line: Line) -> bool:
    """Whether a number is the one that the open runs wait for."""
    same = [entry for entry in stack if entry.style == line.style]
    return any(entry.value == line.value - 1 for entry in same) or (line.value == 1 and not same)


def _mend(stack: list[Entry], closed: dict[str, Entry], line: Line, runs: list[list[Line]], rules: Grammar) -> bool:
    """Give a damaged number its style back; true when one was mended, this line's or the earlier run's."""
    twin = _TWIN.get(line.style)
    if twin is None or line.value < 2:
        return False
    waiting = [entry for entry in reversed(stack) if entry.value == line.value - 1]
    if any(entry.style == line.style for entry in waiting):
        return False
    if line.exact and twin in ("cn", "cn_paren"):  # a known title may follow a gap: 七、 then `10、其他重要事项`
        waiting += [entry for entry in reversed(stack) if entry.value < line.value <= entry.value + 3]
    entry = next((entry for entry in waiting if entry.style == twin), None)
    if entry is None:  # `1、2、（一）（二）三、`
        entry = closed.get(twin) if line.style in ("cn", "cn_paren") else None
        if entry is None or entry.value != line.value - 1:
            return False
    if twin in ("cn", "cn_paren"):
        line.style, line.rank = twin, rules.ranks[twin]
    else:
        entry.style, entry.rank = line.style, line.rank
        for earlier in runs[entry.number]:
            earlier.style, earlier.rank = line.style, line.rank
    return True
