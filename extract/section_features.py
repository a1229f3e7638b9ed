"""What the section classifier looks at: the heading, the heading above, the first heading below, the opening sentences.

`features` is used alike in training (from rows of `corpus/sections/`) and in a run (from the outline of a document), so
both see the same names. A feature is a string whose first letters tell where it comes from: `h` the heading, `p` its
parent, `t` the parent's type, `u` its hint, `c` the first heading below it, `s` the opening of its text, `n` what that
opening holds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

FEATURES: Final = 1  # version of `features`: raised when it changes, because a trained model then no longer fits
OPENING: Final = 90  # characters of a section's text that are looked at, without white space

_LEAVE_OUT: Final = re.compile(r"[\s“”\"'‘’《》【】*#：:；;。.，,、]+")
_YEAR: Final = re.compile(r"[12][09]\d\d年?度?|\d+")
_HOLDS: Final = tuple(
    (name, re.compile(form))
    for name, form in (
        ("money", r"\d[\d,.]*\s*(?:万|亿)?元"),
        ("rate", r"\d[\d.]*\s*(?:%|％|个百分点)"),
        ("count", r"\d[\d,.]*\s*(?:余|多)?万?[人个家户次件条场项辆台套所批份]"),
        ("item", r"[（(][一二三四五六七八九十\d]{1,2}[）)]|[；;]|[一二三四五]是|\d[.、．]"),
        ("side", "指标值|目标值|目标任务|预算|实际完成|完成率|执行率"),
    )
)


class Sight(Struct, frozen=True):
    """What is seen of one section.

    Titles stand without their numbers. `above` is the type of the parent as the word list has it, empty where it has
    none; `hint` the type that it gives to children without a known title; `child` is the first heading below,
    `opening` the beginning of the section's own text without white space.
    """

    heading: str
    parent: str = ""
    above: str = ""
    hint: str = ""
    child: str = ""
    opening: str = ""


def normalised(title: str) -> str:
    """A title without blanks, quotes, stops and years; every other number is one 0."""
    return _LEAVE_OUT.sub("", _YEAR.sub(lambda found: "" if len(found[0]) > 3 else "0", title))


def features(sight: Sight) -> list[str]:
    """The names of all features of a section, without repeats, always in the same order."""
    import rjieba  # here, because the command line names the errors of a model before it needs any words

    heading = normalised(sight.heading)
    parent = normalised(sight.parent)
    opening = sight.opening[:OPENING]
    framed = f"^{heading}$"
    found = [f"h={heading}", "h0" if not heading else "h1" if len(heading) < 6 else "h2" if len(heading) < 16 else "h3"]
    for size in (2, 3, 4):
        found += [f"h{framed[at : at + size]}" for at in range(len(framed) - size + 1)]
    found += [f"hw{word}" for word in rjieba.cut(heading)]
    found += [f"t={sight.above}", f"u={sight.hint}", f"p={parent}", "c1" if sight.child else "c0", f"s={opening[:2]}"]
    found += _parent_words(parent)
    if sight.child:
        found += [f"cw{word}" for word in rjieba.cut(normalised(sight.child))]
    if opening:
        found += [f"sw{word}" for word in rjieba.cut(opening) if len(word) > 1 and word[0] > "一"]
        found += [f"n{name}{min(3, len(form.findall(opening)))}" for name, form in _HOLDS]
    found.append("n0" if not opening else "n1" if len(opening) < 30 else "n2")
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1024)
def _parent_words(parent: str) -> list[str]:
    import rjieba

    # Sections below one heading follow each other.
    return [f"p{parent[at : at + 2]}" for at in range(len(parent) - 1)] + [f"pw{word}" for word in rjieba.cut(parent)]


__all__ = ["FEATURES", "OPENING", "Sight", "features", "normalised"]
