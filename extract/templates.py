"""Templates: what figures say, written as sentences with slots.

A template is matched against a *typed text*: the text of a view in which every figure is one character that tells its
kind, and every date is one character. That makes templates short, readable and fast.

    比{period}{up}{growth:rate}            a figure of kind rate, whose role is growth
    年初预算[为]{budget:level}             [ ] may be missing, (a|b) is a choice
    从{previous:level}{moved}{actual:level}

`{role:kinds}` is a figure: a role of the contract or `none` (a figure that is no metric), and one or more kinds joined
by `|`; `level` stands for every kind that can be an amount of something, `any` for all. `{name}` is a word list of a
pattern file or one of the built-in pieces below. The last slot is the anchor: what stands before it is matched towards
the left, what stands after it towards the right. Of several templates that fit, the one with the highest priority wins,
then the one that reads the most text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final

import regex
from msgspec import Struct

from extract.patterns import Pack, PatternError, Rule, compile_regex
from extract.records import QUANTITY_KINDS, ROLES

KIND_CHARS: Final = {kind: chr(0xE000 + index) for index, kind in enumerate(QUANTITY_KINDS)}
DATE_CHAR: Final = "\ue010"
FIGURES: Final = "".join(KIND_CHARS.values())
_GROUPS: Final = {
    "any": QUANTITY_KINDS,
    "value": tuple(kind for kind in QUANTITY_KINDS if kind not in ("duration", "percentage_point")),
    "level": ("money", "count", "measure", "number", "duration", "score"),
    "amount": ("money", "count", "measure", "number"),
}
_CLOSED: Final = f"，。；：！？\n{FIGURES}"
BUILT_IN: Final = {
    "date": DATE_CHAR,
    "words": f"[^{_CLOSED}]{{0,12}}?",  # a few words inside one clause
    "phrase": f"[^{_CLOSED}]{{1,36}}?",  # a longer phrase inside one clause
    "object": f"(?!值|到|至|率|速|幅|量|额|了|的)[^{_CLOSED}]{{1,30}}?",  # what a verb acts on
    "noun": f"[^{_CLOSED}、（）]{{1,14}}?",
    "start": "(?<=[，。；：、\n（])",  # a clause begins here
    "comma": "[，,；;、]?",
}
SETS: Final = frozenset(("sign", "comparator", "relation", "basis", "base", "indicator", "frame", "after", "not_after", "own"))
_TOKEN: Final = re.compile(r"\{([^{}]+)\}|([\[\]()|])|([^{}\[\]()|]+)")


class Template(Struct, frozen=True):
    """One template ready to match; `roles` are those of its slots, `last` the kinds that the last slot takes."""

    id: str
    rule: Rule
    source: str
    roles: tuple[str, ...]
    left: str
    right: str
    last: str
    weight: int


class Hit(Struct, frozen=True):
    """A template that fits at a figure. `rank` is its place in the order of preference, `places` are the typed positions of its slots, `start` where it begins."""

    template: Template
    rank: int
    start: int
    places: tuple[int, ...]


class TemplateSet:
    """All templates of a pack, matched together."""

    def __init__(self, pack: Pack) -> None:
        templates = [template for rule in pack.of_kind("template") for template in compile_rule(rule, pack)]
        templates.sort(key=lambda template: (-template.rule.spec.priority, -template.weight))
        self.templates = tuple(templates)
        self._names = [tuple(f"t{i}s{slot}" for slot in range(len(one.roles))) for i, one in enumerate(templates)]
        self._lists = {name: [w.replace('{date}', DATE_CHAR) for w in words if w] for name, words in pack.lexicons.items()}
        self._left = [self._reverse(f"(?P<t{i}>{_number_slots(one.left, i)})") for i, one in enumerate(templates)]
        # a reverse match does not see what follows, so templates with words after the slot are tried one by one
        self._with_right = [(i, compile_regex(one.right, self._lists, where=one.id)) for i, one in enumerate(templates) if one.right]
        self._rights = dict(self._with_right)
        rights = "|".join(dict.fromkeys(one.right for one in templates if one.right))
        self._any_right = compile_regex(rights, self._lists, where="templates") if rights else None
        # one expression for each kind of figure, of the templates whose last slot takes it
        self._joined: dict[str, Any] = {}
        for char in FIGURES:
            fitting = [i for i, one in enumerate(templates) if not one.right and char in one.last]
            branches = "|".join(f"(?P<t{i}>{_number_slots(templates[i].left, i)})" for i in fitting)
            if fitting:
                self._joined[char] = self._reverse(branches)

    def best(self, typed: str, start: int, place: int) -> Hit | None:
        """The template that reads the figure at `place`, looking no further left than `start`."""
        found: Hit | None = None
        joined = self._joined.get(typed[place])
        if joined is not None:
            match = joined.match(typed, start, place + 1)
            if match is not None:
                found = self._hit(int(match.lastgroup[1:].partition("s")[0]), match)
        if self._any_right is None or self._any_right.match(typed, place + 1) is None:
            return found
        for index, right in self._with_right:
            if found is not None and found.rank < index:
                break
            if right.match(typed, place + 1) is not None:
                match = self._left[index].match(typed, start, place + 1)
                if match is not None:
                    return self._hit(index, match)
        return found

    def every(self, typed: str, start: int, place: int) -> list[Hit]:
        """All templates that fit there, the winner first; for explanations."""
        hits = []
        for index, template in enumerate(self.templates):
            if template.right and self._rights[index].match(typed, place + 1) is None:
                continue
            match = self._left[index].match(typed, start, place + 1)
            if match is not None:
                hits.append(self._hit(index, match))
        return hits

    def _reverse(self, expression: str) -> Any:
        return compile_regex(f"(?r)(?:{expression})", self._lists, where="templates")

    def _hit(self, index: int, match: Any) -> Hit:
        return Hit(self.templates[index], index, match.start(), tuple(match.start(name) for name in self._names[index]))


def compile_rule(rule: Rule, pack: Pack) -> list[Template]:
    """The templates of one rule. Raises `PatternError` with file and rule."""
    where = f"{rule.file}: rule {rule.id}"
    unknown = set(rule.set) - SETS
    if unknown:
        raise PatternError(f"{where}: unknown keys in set: {', '.join(sorted(unknown))}; known are {', '.join(sorted(SETS))}")
    sources = [rule.spec.template] if isinstance(rule.spec.template, str) else rule.spec.template or []
    return [_compile(rule, source, pack, where) for source in sources]


def _compile(rule: Rule, source: str, pack: Pack, where: str) -> Template:
    pieces: list[str] = []
    roles: list[str] = []
    last_slot, last = -1, ""
    weight = 0
    depth: list[str] = []
    for match in _TOKEN.finditer(source):
        name, mark, literal = match.groups()
        if literal is not None:
            pieces.append(_literal(literal))
            weight += 0 if depth else len(literal)
        elif mark is not None:
            if mark in "[(":
                depth.append(mark)
                pieces.append("(?:")
            elif mark == "|":
                pieces.append("|")
            else:
                opener = depth.pop() if depth else ""
                if (opener, mark) not in (("[", "]"), ("(", ")")):
                    raise PatternError(f"{where}: brackets do not match in {source!r}")
                pieces.append(")?" if mark == "]" else ")")
        elif ":" in name:
            role, kinds = name.split(":", 1)
            if role not in ROLES and role != "none":
                raise PatternError(f"{where}: {role!r} is no role; one of {', '.join(ROLES)} or none")
            if depth:
                raise PatternError(f"{where}: a slot may not stand in brackets: {source!r}")
            last = _kinds(kinds, where)
            pieces.append(f"(?P<slot>[{last}])")
            last_slot = len(pieces)
            roles.append(role)
            weight += 1
        elif name in BUILT_IN:
            pieces.append(BUILT_IN[name])
        elif name in pack.lexicons:
            words = pack.lexicons[name]
            pieces.append(f"(?:\\L<{name}>)" + ("?" if "" in words else ""))  # a set: one look-up instead of a word at a time
            weight += 0 if depth or "" in words else 1
        else:
            known = sorted([*BUILT_IN, *pack.lexicons])
            raise PatternError(f"{where}: {{{name}}} is no word list; known are {', '.join(known)}")
    if depth:
        raise PatternError(f"{where}: brackets do not match in {source!r}")
    if last_slot < 0:
        raise PatternError(f"{where}: a template needs a slot such as {{actual:money}}: {source!r}")
    left, right = "".join(pieces[:last_slot]), "".join(pieces[last_slot:])
    if right.count("(?:") and regex.fullmatch(re.sub(r"\\L<\w+>", "x", right), ""):  # nothing has to follow
        right = ""
    return Template(rule.id, rule, source, tuple(roles), left, right, last, weight)


def _kinds(kinds: str, where: str) -> str:
    chars = []
    for kind in kinds.split("|"):
        if kind in _GROUPS:
            chars.extend(KIND_CHARS[one] for one in _GROUPS[kind])
        elif kind in KIND_CHARS:
            chars.append(KIND_CHARS[kind])
        else:
            raise PatternError(f"{where}: {kind!r} is no kind; one of {', '.join([*KIND_CHARS, *_GROUPS])}")
    return "".join(dict.fromkeys(chars))


def _literal(text: str) -> str:
    return "".join("[，,]" if char in "，," else "[；;]" if char == "；" else re.escape(char) for char in text if char != " ")


def _number_slots(left: str, index: int) -> str:
    parts = left.split("(?P<slot>")
    return parts[0] + "".join(f"(?P<t{index}s{slot}>{part}" for slot, part in enumerate(parts[1:]))


class TypedText:
    """A view's text with every figure and every date as one character, and the way back to the view."""

    __slots__ = ("_from_typed", "_from_view", "places", "text")

    def __init__(self, text: str, figures: Sequence[tuple[int, int, str]], dates: Sequence[tuple[int, int]]) -> None:
        """`figures` are (start, end, kind) and `dates` (start, end), each in order, none overlapping."""
        spans = sorted([(start, end, KIND_CHARS[kind]) for start, end, kind in figures] + [(s, e, DATE_CHAR) for s, e in dates])
        pieces: list[str] = []
        places: list[int] = []
        typed_starts: list[int] = [0]
        view_starts: list[int] = [0]
        position = length = 0
        for start, end, char in spans:
            if start < position:
                continue
            pieces.append(text[position:start])
            length += start - position
            if char != DATE_CHAR:
                places.append(length)
            pieces.append(char)
            length += 1
            position = end
            typed_starts.append(length)
            view_starts.append(end)
        pieces.append(text[position:])
        self.text = "".join(pieces)
        self.places = places
        self._from_typed = typed_starts
        self._from_view = view_starts

    def to_view(self, place: int) -> int:
        """The view position of a typed position; that of an end, too, since the end of a figure is kept as such."""
        index = bisect_right(self._from_typed, place) - 1
        return self._from_view[index] + place - self._from_typed[index]

    def to_typed(self, place: int) -> int:
        """The typed position of a view position that is not inside a figure or date."""
        index = bisect_right(self._from_view, place) - 1
        return self._from_typed[index] + place - self._from_view[index]
