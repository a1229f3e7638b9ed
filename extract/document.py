"""What a report is: its title, the body that reports, the division it speaks for, its year and its genre.

Titles, labels and genres are the rules of kind ``document`` (`patterns/document.toml`). What the text does not say
stays null.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from extract.dates import Mention
from extract.patterns import Pack
from extract.places import Gazetteer
from extract.records import DocumentInfo, Region

OPENING: Final = 900  # letters at the head of a text that hold its title and who speaks
TITLE_LINES: Final = 14
SIGNED_LINES: Final = 6  # lines of a head in which the body that reports may stand by itself
OTHER: Final = "other"

_SITE: Final = re.compile(r"[_|｜].*$|\s[-—]\s.*$")  # what a web page adds to its title
_NUMBERED: Final = re.compile(
    "第[一二三四五六七八九十]|[一二三四五六七八九十]{1,3}[、.]|[（(][一二三四五六七八九十0-9]|[0-9]{1,2}[.、．]"
)
_LEAD: Final = re.compile(r"^(?:#+|附件[0-9一二三四五]*[:：.、]?|[-—]{2,})")
_BLANK: Final = re.compile(r"\s+")
_CONTENTS: Final = re.compile("目录.*$|(?:第[一二三四五]部分|一、).*$")
_SENTENCE: Final = re.compile("[。；！？]|[：:]$")
_HAN: Final = re.compile("[一-鿿]")
_STATED_YEAR: Final = re.compile("(?<![0-9])20[0-9]{2}(?=年)")
_SHAPE: Final = re.compile(
    r"(?:关于)?(?:20[0-9]{2}年度?)?([^县区旗市\W\d]{2,4}(?:自治州|[市州盟]))?([^县区旗市\W\d]{2,5}[县区旗])?"
)
_TOWN: Final = re.compile(r"(?:关于)?([^\W\d]{2,14}(?:镇|乡|街道|苏木)(?:人民政府|办事处)?)(?=20[0-9]{2}年)")
_LISTED: Final = ("、", "是", "为", "：", ":")  # before the name of an office that a body has: 分别是党政办公室、…
_SPOKESMAN: Final = {
    "government_work_report": ("人民政府", "国务院"),
    "budget_execution_report": ("财政局", "财政厅", "财政部"),
    "audit_report": ("审计局", "审计厅", "审计署"),
    "statistical_bulletin": ("统计局",),
    "statistical_analysis": ("统计局",),
}
_OF_A_BODY: Final = frozenset({"department_final_accounts", "department_budget"})


class DocumentReader:
    """Reads what a report is. Built once for a pattern pack; `gazetteer` may be shared with the entity stage."""

    def __init__(self, pack: Pack, gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer if gazetteer is not None else Gazetteer(pack)
        rules = pack.of_kind("document")
        self._titles = [rule.pattern for rule in rules if rule.set.get("field") == "title"]
        self._labels = [rule.pattern for rule in rules if rule.set.get("field") == "organisation"]
        genres = [rule for rule in rules if rule.set.get("field") == "genre"]
        self._by_title, self._by_opening = (
            [(rule.pattern, str(rule.set["genre"])) for rule in genres if rule.set.get("where") == where]
            for where in ("title", "opening")
        )
        self._codes: dict[str, tuple[str, ...]] = {}
        for code, name in self._gazetteer.names.items():
            stem = self._gazetteer.shorten(name)
            for word in (name, stem) if len(stem) > 2 or code.endswith("00") else (name,):
                if word == name or not self._gazetteer.common(word):
                    self._codes[word] = (*self._codes.get(word, ()), code)
        self._longest = max(map(len, self._codes))
        self.title = lru_cache(maxsize=1)(self._title)  # the genre of a document is asked for before the rest of it
        self._genre = lru_cache(maxsize=1)(self._told_genre)

    def genre(self, text: str, titles: Sequence[str], *, opening: str | None = None) -> str:
        """The genre of a report, `other` where no rule knows it; `opening` is the head of the source."""
        return self._genre(self.title(opening if opening is not None else text), _head(text, titles, opening))

    def _told_genre(self, title: str | None, head: str) -> str:
        if title is not None:
            for pattern, genre in self._by_title:
                if pattern.search(title):
                    return genre
        for pattern, genre in self._by_opening:
            if pattern.search(head):
                return genre
        return OTHER

    def read(
        self, text: str, titles: Sequence[str], entities: Sequence[Mention], *, year: int | None,
        opening: str | None = None,
    ) -> DocumentInfo:  # fmt: skip
        """The report as a whole. `text` is the view's, `entities` are its mentions, `year` its fiscal year."""
        title = self.title(opening if opening is not None else text)
        genre = self._genre(title, _head(text, titles, opening))
        if title is not None and (stated := _STATED_YEAR.search(title)):
            year = int(stated[0])
        names = [(one.start, text[one.start : one.end]) for one in entities if one.type == "ORG"]
        organisation = self._organisation(text, title, genre, names, opening)
        region = self._region(text, title, organisation, names, entities)
        return DocumentInfo(title=title, organisation=organisation, region=region, fiscal_year=year, genre=genre)

    # --- title ------------------------------------------------------------------------------------------------------

    def _title(self, opening: str) -> str | None:
        """The title in the opening lines, joined where it is broken over lines; null where there is none."""
        lines = [line for line in map(_tidy, opening[: 2 * OPENING].split("\n")[: 3 * TITLE_LINES]) if line]
        lines = lines[:TITLE_LINES]
        for at in range(len(lines)):
            if _NUMBERED.match(lines[at]):
                break
            for width in (3, 2, 1):
                part = lines[at : at + width]
                if len(part) < width or any(len(line) > 60 for line in part):
                    continue
                if width > 1 and not part[-1].startswith("20") and self._is_title(part[-1]):
                    continue  # a whole title below another line
                if self._is_title("".join(part)):
                    return "".join(part)
            if at == 0 and len(lines[0]) > 30 and (inside := self._title_inside(lines[0])):
                return inside
        if lines and 4 <= len(lines[0]) <= 40 and not _SENTENCE.search(lines[0]) and not _NUMBERED.match(lines[0]):
            plain = len(_HAN.findall(lines[0])) >= 4 and "，" not in lines[0] and not lines[0].startswith("20")
            return lines[0] if plain else None
        return None

    def _is_title(self, line: str) -> bool:
        return any(pattern.fullmatch(line) for pattern in self._titles)

    def _title_inside(self, line: str) -> str | None:
        """A title that other words were glued to."""
        for pattern in self._titles:
            match = pattern.search(line[:160])
            if match is not None:
                found = str(match[0])
                about = found.rfind("关于")
                return found[about:] if about > 0 else found
        return None

    # --- organisation -----------------------------------------------------------------------------------------------

    def _organisation(
        self, text: str, title: str | None, genre: str, names: Sequence[tuple[int, str]], opening: str | None
    ) -> str | None:
        ends = _SPOKESMAN.get(genre)
        if ends is not None:
            place = self._chain(title)[-1:] if title is not None else []
            for at, name in names:
                own = not name.startswith("国家") and all(one in name for one in place)
                if own and at < OPENING and name.endswith(ends):
                    return self._full(name, names)
                if place and at < OPENING and name.startswith(place[0][-1]) and name.endswith(ends):
                    return place[0] + name[1:]  # 市财政局局长 below a title that names the city
            return None
        found: str | None = None
        if title is not None:
            found = max((name for _, name in names if name in title), key=len, default=None)
        if found is None:
            found = self._labelled(text, names, opening)
        if found is None:
            found = _signed(opening if opening is not None else text, {name for _, name in names})
        if found is None and genre in _OF_A_BODY:
            town = _TOWN.match(title) if title is not None else None
            if town is not None:
                return town[1]
            heads = (name for at, name in names if at < OPENING // 2 and text[max(0, at - 1) : at] not in _LISTED)
            found = next((name for name in heads if len(name) >= 5), None)
        if found is None and genre == "performance_self_evaluation" and names:
            name, count = Counter(name for _, name in names).most_common(1)[0]
            found = name if count >= 3 and len(name) >= 5 else None
        return self._full(found, names) if found is not None else None

    def _labelled(self, text: str, names: Sequence[tuple[int, str]], opening: str | None) -> str | None:
        known = {name for _, name in names}
        for pattern in self._labels:
            for head in (_BLANK.sub("", opening[:OPENING]) if opening else "", text):
                match: Any = pattern.search(head)
                if match is None:
                    continue
                after = head[match.end() : match.end() + 30]
                name = max((name for name in known if after.startswith(name)), key=len, default=None)
                if name is not None:
                    return name
        return None

    def _full(self, name: str, names: Iterable[tuple[int, str]]) -> str:
        """The name with its division where the text gives it elsewhere: 市种子管理站 → 曲靖市种子管理站."""
        if name[0] not in "省市县区州旗":
            return name
        longer = Counter(other for _, other in names if len(other) > len(name) and other.endswith(name))
        return longer.most_common(1)[0][0] if longer else name

    # --- region -----------------------------------------------------------------------------------------------------

    def _region(
        self, text: str, title: str | None, organisation: str | None, names: Sequence[tuple[int, str]],
        entities: Sequence[Mention],
    ) -> Region:  # fmt: skip
        for phrase in (organisation, title):
            if phrase:
                chain = self._chain(phrase)
                if chain and (code := self._resolve(chain, text)):
                    return self._gazetteer.region(code)
        first = next((name for at, name in names if at < OPENING // 2), None)
        for phrase in (organisation, title, first):
            if phrase and (match := _SHAPE.match(phrase)) and (match[1] or match[2]):
                return Region(prefecture=match[1], county=match[2])
        counts: Counter[str] = Counter()
        for one in entities:
            if one.type in ("PLACE", "ORG"):
                chain = self._chain(text[one.start : one.end], inside=False)
                if chain:
                    counts[chain[-1]] += 1
        for name, count in counts.most_common(1):
            total = sum(counts.values())
            if (count * 3 >= total or total <= 3) and (code := self._resolve([name], text)):
                return self._gazetteer.region(code)
        return Region()

    def _chain(self, phrase: str, *, inside: bool = True) -> list[str]:
        """The first run of division names in a phrase; only at its start unless `inside`."""
        chain: list[str] = []
        at = 0
        while at < len(phrase) - 1:
            for length in range(min(self._longest, len(phrase) - at), 1, -1):
                if phrase[at : at + length] in self._codes:
                    chain.append(phrase[at : at + length])
                    at += length
                    break
            else:
                if chain or not inside:
                    break
                at += 1
        return chain

    def _resolve(self, chain: Sequence[str], text: str) -> str:
        """The code of the last name of a chain; the divisions above it that the text names decide a shared name."""
        codes = self._codes[chain[-1]]
        for above in reversed(chain[:-1]):
            parents = tuple(code[:2] if code.endswith("0000") else code[:4] for code in self._codes[above])
            codes = tuple(code for code in codes if code.startswith(parents)) or codes
        if len(codes) > 1:  # 海南, 吉林: the province before the prefecture before the county
            widest = sorted((code for code in codes if code.endswith("00")), key=lambda code: code[2:])
            if widest and len(chain) == 1:
                return widest[0]
            codes = tuple(code for code in codes if self._named_above(code, text)) or codes
        return codes[0] if len(codes) == 1 else ""

    def _named_above(self, code: str, text: str) -> bool:
        above = [self._gazetteer.names.get(code[:2] + "0000"), self._gazetteer.names.get(code[:4] + "00")]
        return any(name is not None and self._gazetteer.shorten(name) in text for name in above)


def _signed(opening: str, names: set[str]) -> str | None:
    """A body that stands on a line of its own below the title, before the report begins."""
    for line in [line for line in map(_tidy, opening[:OPENING].split("\n")) if line][:SIGNED_LINES]:
        if _NUMBERED.match(line) or _SENTENCE.search(line):
            return None
        if line in names and len(line) >= 4:
            return line
    return None


def _head(text: str, titles: Sequence[str], opening: str | None) -> str:
    """What the rules for the genre look at: the head of the source, that of the view, and the titles."""
    head = "\n".join((text[:OPENING], *titles[:60]))
    return _BLANK.sub("", opening[:OPENING]) + "\n" + head if opening else head


def _tidy(line: str) -> str:
    """A line without blanks, marks and what a web page adds."""
    if line.rstrip().endswith("-"):
        return ""  # the name of a web site
    line = _LEAD.sub("", _BLANK.sub("", _SITE.sub("", line)).strip("*#"))
    return _CONTENTS.sub("", line) if not _NUMBERED.match(line) else line
