"""The role that figures have by default, where no template names it: by heading, title, block or sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from extract.patterns import Pack, Rule


class FrameRules:
    """The `frame` rules of a pack. Every answer is a role and the id of the rule that gave it."""

    def __init__(self, pack: Pack) -> None:
        rules = pack.of_kind("frame")
        self._headings = _where(rules, "heading")
        self._titles = _where(rules, "title")
        self._blocks = _where(rules, "block")
        self._sentences = _where(rules, "sentence")

    def of_headings(self, titles: Sequence[str]) -> tuple[str, str] | None:
        """By the innermost heading that tells one; `titles` from the inside out."""
        for title in titles:
            for rule in self._headings:
                if rule.pattern.search(title):
                    return str(rule.set["role"]), rule.id
        return None

    def of_title(self, title: str) -> tuple[str, str] | None:
        """By the title of the document."""
        return next(((str(rule.set["role"]), rule.id) for rule in self._titles if rule.pattern.search(title)), None)

    def of_block(self, typed: str, start: int, end: int) -> tuple[str, str] | None:
        """By telling words anywhere in a block."""
        return _first(self._blocks, typed, start, end)

    def sentence_cues(self, typed: str) -> SentenceCues:
        """All words in a text that tell the role of the figures after them in their sentence."""
        return SentenceCues(
            typed,
            [
                [(match.start(), match.end(), str(rule.set["role"]), rule.id) for match in rule.pattern.finditer(typed)]
                for rule in self._sentences
            ],
        )


class SentenceCues:
    """Where sentence rules fired, by rule in order of priority."""

    def __init__(self, typed: str, fired: list[list[tuple[int, int, str, str]]]) -> None:
        self._typed = typed
        self._fired = [(matches, [match[0] for match in matches]) for matches in fired if matches]

    def between(self, start: int, end: int) -> tuple[str, str] | None:
        """The role that words inside [start, end) give."""
        for matches, starts in self._fired:
            index = bisect_left(starts, start)
            while index < len(matches) and matches[index][1] <= end:
                if not self._closed(matches[index][0], start, end):
                    return matches[index][2], matches[index][3]
                index += 1
        return None

    def _closed(self, at: int, start: int, end: int) -> bool:
        """Whether the words stand in brackets that are closed again before the figure: （计划12个），建成14个."""
        opened = self._typed.rfind("（", start, at)
        return opened > self._typed.rfind("）", start, at) and self._typed.find("）", at, end) >= 0


def _where(rules: Sequence[Rule], place: str) -> list[Rule]:
    return [rule for rule in rules if rule.set.get("where") == place]


def _first(rules: Sequence[Rule], typed: str, start: int, end: int) -> tuple[str, str] | None:
    for rule in rules:
        if rule.pattern.search(typed, start, end):
            return str(rule.set["role"]), rule.id
    return None
