"""Where words begin and end in a few characters of Chinese, and how far a noun phrase reaches."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import rjieba

_TORN: Final = frozenset("中有并使将对向用以于由内前后在从已约仅再就又也及和与即按不需可要拟")
_GRADES: Final = frozenset(("一级", "二级", "三级"))
_NOUN_TAGS: Final = frozenset("nabijlqsgtxz")


@lru_cache(maxsize=16384)
def first_word(text: str) -> str:
    """The first word of a text, or nothing."""
    return rjieba.cut(text)[0] if text else ""


def word_border(typed: str, start: int, cut: int, end: int) -> int:
    """`cut`, or the next place to its right where a word begins: the tail 中 does not come off 普通高中."""
    if cut <= start or cut >= end or typed[cut] not in _TORN:
        return cut
    first = max(start, cut - 6)
    position = first
    for word in words(typed[first : min(end, cut + 3)]):
        if position >= cut:
            break
        position += len(word)
    return min(position, end)


def borders(text: str) -> set[int]:
    """Where the words of a text end."""
    position = 0
    found = set()
    for word in words(text):
        position += len(word)
        found.add(position)
    return found


@lru_cache(maxsize=16384)
def words(text: str) -> list[str]:
    """The words of a text."""
    return list(rjieba.cut(text))


@lru_cache(maxsize=16384)
def noun_length(text: str, verb_nouns: frozenset[str]) -> int:
    """How many characters of `text` form its leading noun phrase; 0 when it begins with something else."""
    length = 0
    seen = False  # a noun
    tagged = rjieba.tag(text)
    for index, (word, tag) in enumerate(tagged):
        following = tagged[index + 1][1] if index + 1 < len(tagged) else ""
        noun = tag[0] in _NOUN_TAGS or tag in ("vn", "an") or word in "“”（）·、" or (tag == "m" and word in _GRADES)
        if tag[0] == "v" and not noun:
            noun = (
                (index and tagged[index - 1][0] == "的")  # 可量化的支出审核标准
                or (not seen and (following == "an" or following[:1] in ("n", "j", "l", "b")))  # 创建任务, 就业困难人员
                or (not seen and "的" in text[length:])  # 具有代表性的企业
                or (seen and word in verb_nouns)
                or (len(word) >= 2 and index + 1 == len(tagged) and (seen or index == 0))  # 优质企业参会
            )
        elif not noun and seen and following[:1] in ("n", "j", "l", "b"):
            noun = (tag[0] == "u" and word == "的") or tag[0] == "c"
        elif not noun and length and tag[0] == "u" and word == "的" and following[:1] in ("n", "v", "j", "l", "b"):
            noun = True
        if not noun:
            break
        seen = seen or tag[0] in "njlx" or tag == "vn"
        length += len(word)
    return len(text[:length].removesuffix("共计").rstrip("的（、·"))
