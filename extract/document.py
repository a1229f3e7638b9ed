"""What a report as a whole is: title, organisation, region, year, genre.

The genre comes from rules (`patterns/document.toml`) over the title, then over the opening and the titles of the
sections. The title is read from the opening lines, so that `genre` needs no names. The organisation is the one the
title names, or the one that such reports are written by, or the one most often named; the region follows from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from extract.dates import Mention
from extract.patterns import Pack, PatternError, Rule
from extract.places import LEVELS, Gazetteer
from extract.records import DocumentInfo, Region

_LINES: Final = 14  # opening lines in which the title may stand
_OPENING: Final = 600
_JOINED: Final = 3  # lines that one title may fill
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年|-\d{4}年)")
_NUMBERED: Final = re.compile("第[一二三四五六七八九十1-9][部章节]|[一二三四五六七八九十]{1,3}[、.]|（[一二三四五六七八九十]|\\d{1,2}[、.]")
_MARKS: Final = re.compile("^[#*>=_—\\-\\s]+|[*_—\\-\\s]+$")
_ATTACHED: Final = re.compile("^附[件表]\\s?[\\d一二三四五六七八九十]{0,3}[：:]?")
_SITE: Final = re.compile("[_|].*$")
_PLAIN: Final = re.compile("[一-鿿A-Za-z0-9“”（）、·]{6,40}")
_LEADERS: Final = re.compile("[…·.]{3,}")


class DocumentReader:
    """The document grammar of one pack. Built once, used for any number of texts."""

    def __init__(self, pack: Pack) -> None:
        self._gazetteer = Gazetteer(pack)
        self._title: Rule | None = None
        self._genres: list[tuple[str, str, Rule]] = []
        self._authors: dict[str, str] = {}
        for rule in pack.of_kind("document"):
            where = str(rule.set.get("where", ""))
            if where == "lines":
                self._title = self._title or rule
            elif where in ("title", "headings", "opening"):
                genre = str(rule.set.get("genre", "other"))
                self._genres.append((where, genre, rule))
                self._authors.setdefault(genre, str(rule.set.get("author", "")))
            else:
                raise PatternError(f"{rule.file}: rule {rule.id}: where is one of lines, title, headings, opening")
        self._not_title = tuple(pack.words("title_not"))

    def read(
        self, text: str, titles: Sequence[str], entities: Sequence[Mention], *, year: int | None
    ) -> DocumentInfo:
        """All that is known of the report. `text` is the view's, `titles` are the sections' in order."""
        title, start, end = self._find_title(text)
        genre = self._genre(title, text, titles)
        organisation = self._organisation(text, entities, start, end, self._authors.get(genre, ""))
        stated = _YEAR.search(title) if title else None
        return DocumentInfo(
            title=title or None,
            organisation=organisation,
            region=self._region(text, entities, title, organisation),
            fiscal_year=int(stated[1]) if stated is not None else year,
            genre=genre,
        )

    def genre(self, text: str, titles: Sequence[str]) -> str:
        """The genre alone."""
        return self._genre(self._find_title(text)[0], text, titles)

    def _genre(self, title: str, text: str, titles: Sequence[str]) -> str:
        parts = {"title": title, "opening": text[:_OPENING], "headings": "\n".join(titles[:80])}
        for where, genre, rule in self._genres:
            if rule.pattern.search(parts[where]):
                return genre
        return "other"

    # --- title ----------------------------------------------------------------------------------------------------

    def _find_title(self, text: str) -> tuple[str, int, int]:
        """The title and its place in the text; "" where the text opens without one."""
        lines: list[tuple[int, str]] = []
        at = 0
        while at < len(text) and len(lines) < _LINES:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            lines.append((at, text[at : min(end, at + 300)]))
            at = end + 1
        for index in range(len(lines)):
            if self._is_title_line(lines[index][1]):
                for count in range(1, _JOINED + 1):
                    pieces = lines[index : index + count]
                    if len(pieces) == count and (title := self._titled("".join(_tidy(line) for _, line in pieces))):
                        return title, lines[index][0], pieces[-1][0] + len(pieces[-1][1])
                    if count < _JOINED and index + count < len(lines):
                        following = lines[index + count][1]
                        if len(pieces[-1][1]) > 40 or not self._is_title_line(following):
                            break
        if len(lines) > 1 and self._is_title_line(lines[0][1]):
            first = _tidy(lines[0][1])
            if _PLAIN.fullmatch(first) and len(lines[1][1]) > len(first):
                return first, 0, len(lines[0][1])
        return "", 0, 0

    def _is_title_line(self, line: str) -> bool:
        plain = _tidy(line)
        return bool(plain) and not plain.startswith(self._not_title) and _NUMBERED.match(plain) is None and not _LEADERS.search(line)

    def _titled(self, line: str) -> str:
        if self._title is None or len(line) < 6:
            return ""
        match = self._title.pattern.search(line)
        if match is None or (match.start() > 0 and not match[0].startswith("关于")):
            return ""
        return str(match[0]) if 6 <= len(match[0]) <= 90 else ""

    # --- organisation and region ----------------------------------------------------------------------------------

    def _organisation(
        self, text: str, entities: Iterable[Mention], start: int, end: int, author: str
    ) -> str | None:
        names = [(one.start, text[one.start : one.end]) for one in entities if one.type == "ORG"]
        if not names:
            return None
        chosen: str | None = None
        if author:
            chosen = next((name for at, name in names if at < _OPENING and name.endswith(author)), None)
        if chosen is None and end > start:
            chosen = next((name for at, name in names if start <= at < end), None)
        if chosen is None:
            counts: Counter[str] = Counter()
            for at, name in names:
                counts[name] += (3 if at < _OPENING else 1) * (2 if self._gazetteer.leading(name) else 1)
            chosen = max(counts, key=lambda name: counts[name])
        if chosen[0] in LEVELS:
            full = Counter(name for _, name in names if name.endswith(chosen) and len(name) > len(chosen))
            if full:
                chosen = full.most_common(1)[0][0]
        return chosen

    def _region(
        self, text: str, entities: Sequence[Mention], title: str, organisation: str | None
    ) -> Region:
        gazetteer = self._gazetteer
        votes: Counter[str] = Counter()
        for one in entities:
            if one.type == "PLACE" and one.norm:
                votes[one.norm] += 1
            elif one.type == "ORG":
                for name in gazetteer.leading(text[one.start : one.end])[:1]:
                    if code := gazetteer.full.get(name):
                        votes[code] += 1
        for words in (organisation or "", title):
            names = gazetteer.leading(words) or gazetteer.within(words)
            if names:
                code = gazetteer.resolve(names, votes)
                if code:
                    return gazetteer.region(code)
        if title and any(level in title for level in "市县区旗"):
            return Region()  # a place that no list knows
        if votes:
            code, count = votes.most_common(1)[0]
            if count >= 3:
                return gazetteer.region(code)
        return Region()


def _tidy(line: str) -> str:
    return _SITE.sub("", _ATTACHED.sub("", _MARKS.sub("", line)))
