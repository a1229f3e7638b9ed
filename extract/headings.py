"""What a heading looks like and what it is called: numbering, titles, noise lines.

Read first: `Grammar`, which holds the rules of `patterns/headings.toml` and `patterns/noise.toml` compiled for use on
single lines, then `Titles`, which names the type of a section from `patterns/lexicon/headings.csv`. How lines become a
tree is in `outline.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from extract.patterns import Pack

_NOISE_LINES: Final = ("toc_title", "caption", "drop")
MAX_KNOWN: Final = 48  # no known title is longer, with all that `core` takes off

_DIGITS: Final = "一二三四五六七八九"
_ORDINALS: Final = {
    **{digit: value for value, digit in enumerate(_DIGITS, 1)},
    **{
        (_DIGITS[tens - 1] if tens > 1 else "") + "十" + (_DIGITS[ones - 1] if ones else ""): tens * 10 + ones
        for tens in range(1, 10)
        for ones in range(10)
    },
}
_NUMERAL: Final = re.compile(r"[一二三四五六七八九十]{1,3}|\d{1,2}(?=\D*$)|[①-⑳]")

_SPACES: Final = re.compile(r"\s+")
_INNER_SPACE: Final = re.compile(r"(?<![0-9A-Za-z])\s+|\s+(?![0-9A-Za-z])")
_NOT_TITLE: Final = re.compile(r"[“”\"'‘’《》]|[（(][^（）()]{0,12}[）)]|\d{4}年度?|^关于|[。：:；;.，,]+$")


class Numbering(Struct, frozen=True):
    """The number at the beginning of a line."""

    style: str
    rank: float
    value: int
    end: int


class Name(Struct, frozen=True):
    """What the lexicon says of a title. `exact` when the whole title is a known phrase; `use` are its flags."""

    type: str
    exact: bool
    use: frozenset[str]


class _Phrase(Struct, frozen=True):
    type: str
    parent: str
    use: frozenset[str]


class Titles:
    """Section types by title: the whole title, a marked phrase anywhere in it, its longest known ending, any part."""

    def __init__(self, pack: Pack) -> None:
        self.tails = sorted(pack.words("title_tails"), key=len, reverse=True)
        self.core = lru_cache(maxsize=8192)(self._core)  # reports of one kind share most of their titles
        self.children = {row["id"]: row["unnamed_child"] for row in pack.table("section_types")}
        self.phrases: dict[str, list[_Phrase]] = {}
        self.anywhere: list[tuple[str, str]] = []
        self.marks: list[tuple[str, str]] = []
        for row in pack.table("headings"):
            use = frozenset(row["use"].split())
            if "mark" in use:
                self.marks.append((row["phrase"], row["type"]))
                continue
            phrase = self.core(row["phrase"])
            self.phrases.setdefault(phrase, []).append(_Phrase(row["type"], row["parent"], use))
            if "any" in use:
                self.anywhere.append((phrase, row["type"]))
        for entries in self.phrases.values():
            entries.sort(key=lambda entry: not entry.parent)
        self.longest = max(map(len, self.phrases), default=0)
        self.name = lru_cache(maxsize=8192)(self._name)

    def _core(self, title: str) -> str:
        """The title without blanks, quotes, years, short brackets and the words that many titles end with."""
        core = _NOT_TITLE.sub("", _SPACES.sub("", title))
        changed = True
        while changed:
            changed = False
            for tail in self.tails:
                if core.endswith(tail) and len(core) - len(tail) >= 1:
                    core = core[: -len(tail)]
                    changed = True
                    break
        return core

    def exact(self, title: str) -> _Phrase | None:
        """The entry for a title that is known as a whole, whatever its parent."""
        if len(title) > MAX_KNOWN:
            return None
        entries = self.phrases.get(self.core(title))
        return entries[-1] if entries else None

    def _name(self, title: str, parent: str | None) -> Name | None:
        """The type of a section from its title, the type of its parent helping, or None."""
        for mark, type_ in self.marks:
            if mark in title:
                return Name(type_, False, frozenset())
        core = self.core(title)
        if entry := self._entry(core, parent):
            return Name(entry.type, True, entry.use)
        best = max(((len(phrase), type_) for phrase, type_ in self.anywhere if phrase in core), default=None)
        if best is not None:
            return Name(best[1], False, frozenset())
        for start in range(max(1, len(core) - self.longest), len(core) - 2):
            entry = self._entry(core[start:], parent)
            if entry and "exact" not in entry.use:
                return Name(entry.type, False, entry.use)
        for length in range(min(len(core) - 1, self.longest), 3, -1):
            for start in range(len(core) - length, -1, -1):
                entry = self._entry(core[start : start + length], parent)
                if entry and "exact" not in entry.use:
                    return Name(entry.type, False, entry.use)
        return None

    def _entry(self, core: str, parent: str | None) -> _Phrase | None:
        for entry in self.phrases.get(core, ()):
            if not entry.parent or entry.parent == parent:
                return entry
        return None


_SET_ASIDE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_INNERMOST: Final = re.compile(r"\([^()]*\)")
_BEYOND_RE: Final = re.compile(r"\\[LpPKGX]|\[\[|--|&&|\|\||~~|\(\?[|(R&]|[*+?}]\+")


def _compile(expression: str, pack: Pack, *, where: str) -> Any:
    """Compile with the standard module, twice as fast on short lines, where the expression needs no more than that."""
    if _BEYOND_RE.search(expression) is None:
        try:
            return re.compile(expression)
        except re.error:
            pass
    return pack.compile(expression, where=where)


def is_anchored(expression: str) -> bool:
    """Whether an expression matches at the beginning of a line only, because all its alternatives begin with ^."""
    bare, more = _SET_ASIDE.sub("", expression), 1
    while more:
        bare, more = _INNERMOST.subn("", bare)
    return all(choice.startswith("^") for choice in bare.split("|"))


class Grammar:
    """The rules for headings and noise of one pattern folder, ready for use on the beginning of a line."""

    def __init__(self, pack: Pack) -> None:
        self.titles = Titles(pack)
        numbering: list[str] = []
        self.ranks: dict[str, float] = {}
        self.not_title: list[Any] = []
        self.figure: Any = None
        for rule in pack.of_kind("heading"):
            style = str(rule.set.get("style", ""))
            pattern = _compile(rule.expanded or "(?!)", pack, where=f"{rule.file}: rule {rule.id}")
            if style == "title":
                self.report_title = pattern
            elif style == "form":
                self.form = pattern
            elif style == "duty":
                self.duty = pattern
            elif style == "glued_title":
                self.glued_title = pattern
            elif style == "list_intro":
                self.list_intro = pattern
            elif style == "not_title":
                if rule.id.endswith(".figure"):
                    self.figure = pattern
                else:
                    self.not_title.append(pattern)
            else:
                self.ranks[style] = float(rule.set["rank"])
                numbering.append(f"(?P<{style}>{rule.expanded})")
        self._numbering = _compile("|".join(numbering), pack, where="heading rules")
        noise: dict[str, list[str]] = {}
        inside: dict[str, list[str]] = {}  # those that may stand behind the beginning of a line
        for rule in pack.of_kind("noise"):
            expression = f"(?:{rule.expanded})"
            noise.setdefault(str(rule.set["block"]), []).append(expression)
            if not is_anchored(rule.expanded or ""):
                inside.setdefault(str(rule.set["block"]), []).append(expression)
        self._noise, self._noise_inside = (
            _compile(
                "|".join(f"(?P<{name}>{'|'.join(kept[name])})" for name in _NOISE_LINES if name in kept) or "(?!)",
                pack,
                where="noise rules",
            )
            for kept in (noise, inside)
        )
        self.toc = _compile("|".join(noise.get("toc", ["(?!)"])), pack, where="noise rules")
        labels = [row["phrase"] for row in pack.table("headings") if "label" in row["use"].split()]
        self.label = re.compile(
            f"(?:{'|'.join(sorted(map(re.escape, labels), key=len, reverse=True)) or '(?!)'})(?:情况)?(?=\\s*[:：])"
        )
        ends = "|".join(sorted(map(re.escape, pack.words("title_ends")), key=len, reverse=True)) or "(?!)"
        self.glued = re.compile(
            f"[^，。；：:、!！?？]{{1,32}}?(?:{ends})(?!说明|的说明|[的下地、，和及与])|[^，。；：:、]{{3,20}}?(?=一是)"
        )

    def numbering(self, line: str) -> Numbering | None:
        """The number that a line begins with."""
        match = self._numbering.match(line)
        if match is None:
            return None
        style = match.lastgroup
        numeral = _NUMERAL.search(match[0])
        surface = numeral[0] if numeral else ""
        if "①" <= surface <= "⑳" and len(surface) == 1:
            value = ord(surface) - 0x245F
        else:
            value = _ORDINALS.get(surface) or (int(surface) if surface.isdecimal() else 0)
        return Numbering(style, self.ranks[style], value, match.end())

    def noise(self, line: str) -> str | None:
        """`toc_title`, `caption` or `drop` when the line is one, else None."""
        match = self._noise.match(line) or self._noise_inside.search(line, 1)
        return match.lastgroup if match else None

    def is_item(self, text: str) -> bool:
        """Whether the words after a number are an entry of a list (a glossary, a budget item) and no title."""
        return any(pattern.match(text) for pattern in self.not_title)

    def has_figure(self, text: str) -> bool:
        """Whether the words after a number bring a figure before their first full stop."""
        return self.figure is not None and self.figure.match(text) is not None


@lru_cache(maxsize=8)
def grammar(pack: Pack) -> Grammar:
    """The compiled rules of a pack, made once."""
    return Grammar(pack)


def tidy(text: str) -> str:
    """A title as one line: blanks only between Latin letters and digits."""
    words = text.split()
    return _INNER_SPACE.sub("", text.strip()) if len(words) > 1 else "".join(words)
