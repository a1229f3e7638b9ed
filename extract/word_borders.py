"""Where words begin and end in a few characters of Chinese, and how far a noun phrase reaches."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import rjieba

_NOUN_TAGS: Final = frozenset("nabijlqsgtxz")
_TORN: Final = frozenset("中有并使将对向用以于由内前后在从已约仅再就又也及和与即按不需可要拟")
_GRADES: Final = frozenset(("一级", "二级", "三级"))
_SIZES: Final = ("千亿元", "百亿元", "亿元", "千亿级", "百亿级")  # 5个|千亿元产业
_DONE: Final = frozenset("了过")
_HOW: Final = frozenset(("成功", "全部", "陆续", "顺利", "圆满", "先后"))  # 贫困县|成功脱贫
_LATELY: Final = ("预计", "累计", "合计", "共计")


@lru_cache(maxsize=16384)
def first_word(text: str) -> str:
    """The word that a text begins with."""
    return rjieba.cut(text)[0] if text else ""


@lru_cache(maxsize=4096)
def is_word(text: str) -> bool:
    """Whether a text is one word of the dictionary."""
    return len(rjieba.cut(text, False)) == 1


@lru_cache(maxsize=16384)
def words(text: str) -> list[str]:
    """The words of a text."""
    return list(rjieba.cut(text))


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
def noun_length(text: str, verb_nouns: frozenset[str]) -> int:
    """How many characters of `text` form its leading noun phrase; 0 when it begins with something else.

    `verb_nouns` are verbs that can stand inside one (老旧小区改造任务). A quotation is one word of it.
    """
    size = next((len(one) for one in _SIZES if text.startswith(one)), 0)
    length = _length(text[size:], verb_nouns)
    if length:
        length += size
    if length and text.count("“", 0, length) > text.count("”", 0, length):
        close = text.find("”", length)
        if close > 0:
            length = close + 1
            length += _length(text[length:], verb_nouns) or _whole(text[length:])
    return length - 2 if text[:length].endswith(_LATELY) and length > 3 else length


def _whole(text: str) -> int:
    """The length of a short rest that ends in a noun: “某某”|实践创新基地."""
    return len(text) if 2 <= len(text) <= 8 and rjieba.tag(text)[-1][1][0] == "n" else 0


def _length(text: str, verb_nouns: frozenset[str]) -> int:
    length = 0
    seen = False  # a noun
    tagged = rjieba.tag(text)
    for index, (word, tag) in enumerate(tagged):
        next_word, following = tagged[index + 1] if index + 1 < len(tagged) else ("", "")
        if length and next_word in _DONE and len(word) > 1:
            break  # 大学生|办理了贷款
        if word in _HOW:
            break
        noun = tag[0] in _NOUN_TAGS or tag in ("vn", "an", "eng") or word in "“”（）·、"
        noun = noun or (tag == "m" and word in _GRADES)
        if tag[0] == "v" and not noun:
            noun = (
                (index and tagged[index - 1][0] == "的")  # 可量化的支出审核标准
                or (not seen and (following == "an" or following[:1] in ("n", "j", "l", "b")))  # 创建任务, 就业困难人员
                or (not seen and "的" in text[length:])  # 具有代表性的企业
                or (seen and word in verb_nouns)
                or (seen and word == "会" and index + 1 == len(tagged))  # 调度推进会
                or (len(word) >= 2 and index + 1 == len(tagged) and (seen or index == 0))  # 优质企业参会
            )
        elif not noun and length and following[:1] in ("n", "j", "l", "b") and word in ("以上", "以下", "本级"):
            noun = True  # 规模以上工业企业, 区本级政府投资项目
        elif not noun and seen and following[:1] in ("n", "j", "l", "b"):
            noun = (tag[0] == "u" and word == "的") or tag[0] == "c"
        elif not noun and length and tag[0] == "u" and word == "的" and following[:1] in ("n", "v", "j", "l", "b"):
            noun = True
        if not noun:
            break
        seen = seen or tag[0] in "njlx" or tag == "vn"
        length += len(word)
    return len(text[:length].removesuffix("共计").rstrip("的（、·"))


def balance(typed: str, start: int, end: int) -> tuple[int, int]:
    """Trim brackets and quotes that have no partner inside the phrase."""
    for opener, closer in (("（", "）"), ("(", ")"), ("“", "”"), ("《", "》")):
        depth = typed.count(opener, start, end) - typed.count(closer, start, end)
        if depth < 0:
            start = typed.rfind(closer, start, end) + 1 if typed[start:end].find(opener) < 0 else start
            while start < end and typed[start] == closer:
                start += 1
            while (
                end > start
                and typed[end - 1] == closer
                and typed.count(opener, start, end) < typed.count(closer, start, end)
            ):
                end -= 1
        elif depth > 0:
            at = typed.rfind(opener, start, end)
            if at == start:
                start += 1
            elif at > start:
                end = at if end - at < 3 else end
    while start < end and typed[start] in "、，”）)—-/ ":
        start += 1
    while end > start and typed[end - 1] in "、，“（(—-/ ":
        end -= 1
    return start, end


def has_word(text: str) -> bool:
    """Whether a text has a letter or a Chinese character."""
    return any("\u4e00" <= char <= "\u9fff" or char.isalpha() for char in text)
