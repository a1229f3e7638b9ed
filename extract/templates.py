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

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from extract.patterns import Pack, PatternError, Rule, compile_regex
from extract.template_language import (
    DATE_CHAR,
    KIND_CHARS,
    Slot,
    can_be_empty,
    first_chars,
    last_chars,
    needed_chars,
    parse,
    render,
    weigh,
)

SETS: Final = frozenset(
    ("sign", "comparator", "relation", "basis", "base", "indicator", "frame", "after", "not_after", "own", "below")
)


_ANY: Final[frozenset[str]] = frozenset()


class Template(Struct, frozen=True):
    """One template ready to match.

    `roles` are those of its slots, `last` the kinds that the last slot takes, `ends` the characters that can stand
    right before it, `starts` those that can follow it, `needs` those of which one stands before it (None: any).
    """

    id: str
    rule: Rule
    source: str
    roles: tuple[str, ...]
    left: str
    right: str
    last: str
    weight: int
    ends: frozenset[str] | None
    starts: frozenset[str] | None
    needs: frozenset[str] | None


class Hit(Struct, frozen=True, gc=False):
    """A template that fits at a figure.

    `rank` is its place in the order of preference, `places` are the typed positions of its slots, `start` where it
    begins.
    """

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
        self._lists = {
            name: [w.replace("{date}", DATE_CHAR) for w in words if w] for name, words in pack.lexicons.items()
        }
        self._left = [self._compile(f"(?r){_number_slots(one.left, i)}") for i, one in enumerate(templates)]
        # a reverse match does not see what follows, so words after the slot have an expression of their own
        self._right = [self._compile(one.right) if one.right else None for one in templates]
        self._fitting: dict[tuple[str, str, str], list[tuple[int, frozenset[str]]]] = {}

    def _compile(self, expression: str) -> Any:
        return compile_regex(expression, self._lists, where="templates")

    def _candidates(self, char: str, before: str, after: str) -> list[tuple[int, frozenset[str]]]:
        """The templates whose last slot takes this kind of figure between these characters, best first.

        Each comes with the characters of which one must stand further left; the set is empty where any may.
        """
        key = (char, before, after)
        found = self._fitting.get(key)
        if found is None:
            found = self._fitting[key] = [
                (index, one.needs or _ANY)
                for index, one in enumerate(self.templates)
                if char in one.last
                and (one.ends is None or before in one.ends)
                and (one.starts is None or after in one.starts)
            ]
        return found

    def of_block(self, typed: str, start: int, places: Sequence[int]) -> list[Hit | None]:
        """For each figure of a block the template that reads it, looking no further left than `start`."""
        best: list[Hit | None] = []
        seen: set[str] = set()
        since = start
        for place in places:
            seen.update(typed[since:place])
            since = place
            best.append(next(self._hits(typed, start, place, seen), None))
        return best

    def every(self, typed: str, start: int, place: int) -> list[Hit]:
        """All templates that fit there, the winner first; for explanations."""
        return list(self._hits(typed, start, place, set(typed[start:place])))

    def _hits(self, typed: str, start: int, place: int, seen: Set[str]) -> Iterator[Hit]:
        """All templates that fit there, the winner first; `seen` are the characters of typed[start:place]."""
        before = typed[place - 1] if place > start else "\n"
        for index, needs in self._candidates(typed[place], before, typed[place + 1 : place + 2]):
            if needs and needs.isdisjoint(seen):
                continue
            right = self._right[index]
            if right is None or right.match(typed, place + 1) is not None:
                match = self._left[index].match(typed, start, place + 1)
                if match is not None:
                    places = tuple(match.start(name) for name in self._names[index])
                    yield Hit(self.templates[index], index, match.start(), places)


def value_fits(hit: Hit, comparator: str, value: Decimal | None) -> bool:
    """Whether a figure has the comparator, and a value below the bound, that the rule of its template wants."""
    told = hit.template.rule.set
    if told.get("comparator", comparator) != comparator:
        return False
    return "below" not in told or (value is not None and value < int(told["below"]))


def compile_rule(rule: Rule, pack: Pack) -> list[Template]:
    """The templates of one rule. Raises `PatternError` with file and rule."""
    where = f"{rule.file}: rule {rule.id}"
    unknown = set(rule.set) - SETS
    if unknown:
        raise PatternError(
            f"{where}: unknown keys in set: {', '.join(sorted(unknown))}; known are {', '.join(sorted(SETS))}"
        )
    sources = [rule.spec.template] if isinstance(rule.spec.template, str) else rule.spec.template or []
    templates = []
    for source in sources:
        nodes = parse(source, pack.lexicons, where=where)
        slots = [index for index, node in enumerate(nodes) if isinstance(node, Slot)]
        if not slots:
            raise PatternError(f"{where}: a template needs a slot such as {{actual:money}}: {source!r}")
        before, last, after = nodes[: slots[-1]], nodes[slots[-1]], nodes[slots[-1] + 1 :]
        assert isinstance(last, Slot)
        may_end = can_be_empty(after, pack.lexicons)
        templates.append(
            Template(
                id=rule.id,
                rule=rule,
                source=source,
                roles=tuple(node.role for node in nodes if isinstance(node, Slot)),
                left=render([*before, last], pack.lexicons),
                right="" if may_end else render(after, pack.lexicons),
                last=last.chars,
                weight=weigh(nodes, pack.lexicons),
                ends=last_chars(before, pack.lexicons),
                starts=None if may_end else first_chars(after, pack.lexicons),
                needs=needed_chars(before, pack.lexicons),
            )
        )
    return templates


def _number_slots(left: str, index: int) -> str:
    parts = left.split("(?P<slot>")
    return parts[0] + "".join(f"(?P<t{index}s{slot}>{part}" for slot, part in enumerate(parts[1:]))


class TypedText:
    """A view's text with every figure and every date as one character, and the way back to the view."""

    __slots__ = ("_from_typed", "_from_view", "places", "text")

    def __init__(self, text: str, figures: Sequence[tuple[int, int, str]], dates: Sequence[tuple[int, int]]) -> None:
        """`figures` are (start, end, kind) and `dates` (start, end), each in order, none overlapping."""
        spans = sorted(
            [(start, end, KIND_CHARS[kind]) for start, end, kind in figures] + [(s, e, DATE_CHAR) for s, e in dates]
        )
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
