"""The little language of templates: parsed into nodes, rendered as a regular expression over a typed text.

    template := piece*
    piece    := text | {list} | {built-in} | {role:kinds} | [a|b] (may be missing) | (a|b) (a choice)

A typed text has one character for every figure, which tells its kind, and one for every date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from extract.patterns import PatternError
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
_STARTS: Final = "，。；：、\n（"
# name: expression, the characters it can end in (None: any), whether it can be empty
BUILT_IN: Final[dict[str, tuple[str, str | None, bool]]] = {
    "date": (DATE_CHAR, DATE_CHAR, False),
    "start": (f"(?<=[{_STARTS}])", _STARTS, False),  # a clause begins here
    "comma": ("[，,；;、]?", "，,；;、", True),
    "words": (f"[^{_CLOSED}]{{0,12}}?", None, True),  # a few words inside one clause
    "phrase": (f"[^{_CLOSED}]{{1,36}}?", None, False),  # a longer phrase inside one clause
    "noun": (f"[^{_CLOSED}、（）]{{1,14}}?", None, False),
    "object": (f"(?!值|到|至|率|速|幅|量|额|了|的)[^{_CLOSED}]{{1,30}}?", None, False),  # what a verb acts on
}
_TOKEN: Final = re.compile(r"\{([^{}]+)\}|([\[\]()|])|([^{}\[\]()|]+)")

Lists = dict[str, list[str]]


class Text(Struct, frozen=True):
    """Words that stand there as written."""

    text: str


class Words(Struct, frozen=True):
    """A word list or a built-in piece."""

    name: str


class Slot(Struct, frozen=True):
    """A figure: its role and the characters of the kinds it may have."""

    role: str
    chars: str


class Choice(Struct, frozen=True):
    """One of several sequences, or none of them."""

    ways: list[list[Node]]
    optional: bool


Node = Text | Words | Slot | Choice


def parse(source: str, lists: Lists, *, where: str) -> list[Node]:
    """The nodes of a template. Raises `PatternError` that names what is wrong."""
    levels: list[tuple[str, list[list[Node]]]] = [("", [[]])]
    for name, mark, text in _TOKEN.findall(source.replace(" ", "")):
        ways = levels[-1][1]
        if text:
            ways[-1].append(Text(text))
        elif name:
            ways[-1].append(_named(name, lists, where, inside=len(levels) > 1))
        elif mark in "[(":
            levels.append((mark, [[]]))
        elif mark == "|" and len(levels) > 1:
            ways.append([])
        elif len(levels) > 1 and levels[-1][0] + mark in ("[]", "()"):
            levels.pop()
            levels[-1][1][-1].append(Choice(ways, mark == "]"))
        else:
            raise PatternError(f"{where}: brackets do not match in {source!r}")
    if len(levels) > 1:
        raise PatternError(f"{where}: brackets do not match in {source!r}")
    return levels[0][1][0]


def _named(name: str, lists: Lists, where: str, *, inside: bool) -> Node:
    if ":" not in name:
        if name not in BUILT_IN and name not in lists:
            raise PatternError(
                f"{where}: {{{name}}} is no word list; known are {', '.join(sorted([*BUILT_IN, *lists]))}"
            )
        return Words(name)
    role, kinds = name.split(":", 1)
    if role not in ROLES and role != "none":
        raise PatternError(f"{where}: {role!r} is no role; one of {', '.join(ROLES)} or none")
    if inside:
        raise PatternError(f"{where}: the slot {{{name}}} may not stand in brackets")
    chars: list[str] = []
    for kind in kinds.split("|"):
        if kind not in _GROUPS and kind not in KIND_CHARS:
            raise PatternError(f"{where}: {kind!r} is no kind; one of {', '.join([*KIND_CHARS, *_GROUPS])}")
        chars.extend(KIND_CHARS[one] for one in _GROUPS.get(kind, (kind,)))
    return Slot(role, "".join(dict.fromkeys(chars)))


def render(nodes: Sequence[Node], lists: Lists) -> str:
    """The regular expression; every slot is a group named `slot`."""
    return "".join(_render(node, lists) for node in nodes)


def _render(node: Node, lists: Lists) -> str:
    if isinstance(node, Text):
        return "".join(
            "[，,]" if char in "，," else "[；;]" if char in "；;" else re.escape(char) for char in node.text
        )
    if isinstance(node, Slot):
        return f"(?P<slot>[{node.chars}])"
    if isinstance(node, Choice):
        return "(?:" + "|".join(render(way, lists) for way in node.ways) + ")" + ("?" if node.optional else "")
    if node.name in BUILT_IN:
        return BUILT_IN[node.name][0]
    return f"(?:\\L<{node.name}>)" + ("?" if "" in lists[node.name] else "")


def can_be_empty(nodes: Sequence[Node], lists: Lists) -> bool:
    """Whether a sequence can match nothing at all."""
    return all(_can_be_empty(node, lists) for node in nodes)


def _can_be_empty(node: Node, lists: Lists) -> bool:
    if isinstance(node, Choice):
        return node.optional or any(can_be_empty(way, lists) for way in node.ways)
    if isinstance(node, Words):
        return BUILT_IN[node.name][2] if node.name in BUILT_IN else "" in lists[node.name]
    return False


def last_chars(nodes: Sequence[Node], lists: Lists) -> frozenset[str] | None:
    """The characters that can stand right before the end of a sequence; None when that can be any."""
    return _edge(list(reversed(nodes)), lists, -1)


def first_chars(nodes: Sequence[Node], lists: Lists) -> frozenset[str] | None:
    """The characters that a sequence can begin with; None when that can be any."""
    return _edge(nodes, lists, 0)


def needed_chars(nodes: Sequence[Node], lists: Lists) -> frozenset[str] | None:
    """The fewest characters of which every match of a sequence holds one; None when it may hold any."""
    each = (first_chars([node], lists) for node in nodes if not _can_be_empty(node, lists))
    return min((some for some in each if some is not None), key=len, default=None)


def _edge(nodes: Sequence[Node], lists: Lists, side: int) -> frozenset[str] | None:
    """The characters at one side (0 or -1) of a sequence that is given from that side on."""
    found: frozenset[str] = frozenset()
    for node in nodes:
        some = _edge_of(node, lists, side)
        if some is None:
            return None
        found |= some
        if not _can_be_empty(node, lists):
            return found
    return None  # nothing has to stand there


def _edge_of(node: Node, lists: Lists, side: int) -> frozenset[str] | None:
    if isinstance(node, Text):
        char = node.text[side]
        return frozenset("，," if char in "，," else "；;" if char in "；;" else char)
    if isinstance(node, Slot):
        return frozenset(node.chars)
    if isinstance(node, Words):
        if node.name in BUILT_IN:
            ends = BUILT_IN[node.name][1]
            return None if ends is None or (side == 0 and node.name == "start") else frozenset(ends)
        return frozenset(word.replace("{date}", DATE_CHAR)[side] for word in lists[node.name] if word)
    found: frozenset[str] = frozenset()
    for way in filter(None, node.ways):
        if can_be_empty(way, lists):
            return None
        some = _edge(list(reversed(way)) if side else way, lists, side)
        if some is None:
            return None
        found |= some
    return found


def weigh(nodes: Sequence[Node], lists: Lists) -> int:
    """How much text a template asks for at least; of two that fit, the heavier one says more."""
    total = 0
    for node in nodes:
        if isinstance(node, Text):
            total += len(node.text)
        elif isinstance(node, Slot) or (
            isinstance(node, Words) and not _can_be_empty(node, lists) and node.name not in BUILT_IN
        ):
            total += 1
    return total
