"""Reports of any size and number, made anew from the sections of the corpus: the input of the other benchmarks.

    python benchmarks/synthetic.py OUT --documents 1000 --seed 7
    python benchmarks/synthetic.py OUT --documents 1 --characters 3700000

A made report has a title, runs of sections of several reports, and forms. Headings are numbered anew; years, places,
figures and rates of growth are its own. Figures keep their printed shape (decimals, separators, width), and all of a
run of sections grow by one factor, so that most totals and rates still agree and the audit is not drowned in findings.
The same seed and sizes give the same bytes on any machine.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Final, Generic, TypeVar

from extract.source import decode

Card = TypeVar("Card")

ROOT: Final = Path(__file__).resolve().parents[1]
CORPUS: Final = ROOT / "corpus"
SEED: Final = 20
LENGTHS: Final = (1_500, 3_000, 5_000, 8_000, 12_000, 20_000, 40_000)  # characters; as many reports between any two
FORM: Final = 0.12  # chance that a form follows a section
DROPPED: Final = 0.12  # chance that a paragraph which nothing counts is left out
CHAPTER: Final = 8  # sections; a report with more of them has chapters (第一部分 …)

_TOP: Final = re.compile(r"[ \u3000]*(?:#+ *)?[一二三四五六七八九十]{1,3}、(?=\S)")
_CHAPTER: Final = re.compile(r"[ \u3000]*(?:#+ *)?第[一二三四五六七八九十]{1,3}(?:部分|章)")
_LEADER: Final = re.compile(r"…{3,}|\.{6,}|目 *录")  # a contents page: its pages would be wrong
_COUNTED: Final = re.compile(r"[ \u3000]*(?:[（(]?[\d一二三四五六七八九十]{1,3}[、.．)）]|#|[①-⑳]|\||<|第)|.*\t")
_PLACE: Final = re.compile(r"([一-鿿]{2})[省市县区旗州镇]$")

# What is left as it is, then what gets other figures. The order of the alternatives decides.
_FIGURE: Final = re.compile(
    r"(?P<tag><[^>\n]*>|\[[^\]\n]*\])"
    r"|(?P<counted>^[ \u3000#]*[（(]?\d{1,3}(?:[、)）]|[.．](?!\d))|[（(]\d{1,2}[)）])"
    r"|(?P<span>\d{1,2}[-—–~至]\d{1,2}(?=月))"
    r"|(?P<year>(?<![\d.,])(?:19|20)\d\d(?=年|—|-|–|〕|\]|/))"
    r"|(?P<month>\d{1,2})月(?P<day>\d{1,2})(?=日)"
    r"|(?P<number>(?<![\dA-Za-z.])(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:[.．]\d+)?)"
    r"(?P<unit>[ ]?(?:%|％|分(?!之|别|钟|布)|[:：∶]\d|月|年|号|届|次会|个?工作日|度))?",
    re.MULTILINE,
)
_GROWTH: Final = re.compile(
    r"(?:增长|下降|上涨|上升|回落|增幅|降幅|提高|幅度)[了到为]?(?=\d)"
    r"(?P<number>\d{1,2}(?:\.\d+)?)(?=%|％|个百分点)"
)
_AMOUNT: Final = re.compile(r"(?:增|减)(?:加|少|收|支)?了?\d")
_WIDE: Final = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_WIDE_AGAIN: Final = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a corpus report: its heading without number, and the lines below it."""

    report: str
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """All that reports are made of, by genre (the first word of the file's name)."""

    titles: dict[str, tuple[tuple[str, ...], ...]]
    sections: dict[str, tuple[tuple[Section, ...], ...]]
    forms: tuple[tuple[str, ...], ...]
    stems: tuple[str, ...]


def read_material(corpus: Path = CORPUS) -> Material:
    """Cut the corpus into titles, sections and forms."""
    titles: dict[str, list[tuple[str, ...]]] = {}
    sections: dict[str, list[tuple[Section, ...]]] = {}
    forms = []
    stems = set()
    for path in sorted((corpus / "gold").glob("*.json")):
        for entity in json.loads(path.read_text(encoding="utf-8")).get("entities", ()):
            place = _PLACE.fullmatch(entity["text"])
            if entity["type"] == "PLACE" and place:
                stems.add(place[1])
    for path in sorted((corpus / "reports").glob("*.txt")):
        lines = [line for line in decode(path.read_bytes()).text.splitlines() if not _LEADER.search(line)]
        genre = path.stem.split("_")[0]
        if genre == "form":
            forms.append(tuple(lines))
            continue
        opening, parts = _cut(path.stem, lines)
        if not parts:  # a report without numbered headings of the first rank is one section
            opening, parts = lines[:3], [Section(path.stem, "总体情况", tuple(lines[3:]))]
        titles.setdefault(genre, []).append(tuple(opening))
        sections.setdefault(genre, []).append(tuple(parts))
    if not sections or not forms:
        raise FileNotFoundError(f"{corpus / 'reports'}: no reports to make others from")
    return Material(
        titles={genre: tuple(found) for genre, found in titles.items()},
        sections={genre: tuple(found) for genre, found in sections.items()},
        forms=tuple(forms),
        stems=tuple(sorted(stems)),
    )


def _cut(report: str, lines: Sequence[str]) -> tuple[list[str], list[Section]]:
    opening: list[str] = []
    parts: list[Section] = []
    heading: str | None = None
    body: list[str] = []
    skipping = False  # below a chapter's own heading, before its first section
    for line in lines:
        top = _TOP.match(line)
        chapter = _CHAPTER.match(line)
        if top or chapter:
            if heading is not None and any(one.strip() for one in body):
                parts.append(Section(report, heading, tuple(body)))
            body = []
            heading = line[top.end() :].strip() if top else None
            skipping = chapter is not None
        elif heading is not None:
            body.append(line)
        elif not parts and not skipping:
            opening.append(line)
    if heading is not None and any(one.strip() for one in body):
        parts.append(Section(report, heading, tuple(body)))
    return opening[:6], parts


class _Deck(Generic[Card]):
    """Draws at random, but nothing again before everything has been drawn."""

    def __init__(self, random: Random, cards: Sequence[Card]) -> None:
        self._random = random
        self._cards = cards
        self._left: list[Card] = []

    def draw(self) -> Card:
        if not self._left:
            self._left = self._random.sample(self._cards, len(self._cards))
        return self._left.pop()


class Maker:
    """Makes reports from `material`; the next one is different, a new maker with the same seed begins anew."""

    def __init__(self, material: Material, *, seed: int = SEED) -> None:
        self._material = material
        self._random = Random(seed)

    def report(self, characters: int | None = None) -> str:
        """A report of about so many characters (at most that; less by a line), or of a length drawn from a spread."""
        random = self._random
        if characters is None:
            step = random.randrange(len(LENGTHS) - 1)
            characters = random.randint(LENGTHS[step], LENGTHS[step + 1])
        genre = random.choice(list(self._material.sections))
        lines: list[str] = []
        left = characters
        for line in self._lines(genre, many=characters > 2_000 * CHAPTER):
            left -= len(line) + 1
            if left < 0 and lines:
                break
            lines.append(line)
        return "\n".join(lines) + "\n"

    def reports(self, count: int, *, characters: int | None = None) -> Iterator[tuple[str, str]]:
        """So many reports, each with a name for its file."""
        for number in range(count):
            yield f"report_{number:06}.txt", self.report(characters)

    def _lines(self, genre: str, *, many: bool) -> Iterator[str]:
        """Lines of a report without an end: runs of sections, each run from one report of the corpus."""
        random, material = self._random, self._material
        stem = random.choice(material.stems)
        years = _Deck(random, range(-12, 4))  # two runs of a report are not of the same year
        shift = years.draw()
        for line in random.choice(material.titles[genre]):
            yield self._other(line, stem, shift, Decimal(1))
        genres = _Deck(random, list(material.sections))  # so that few indicators are told twice
        decks = {kind: _Deck(random, runs) for kind, runs in material.sections.items()}
        chapters = sections = 0
        while True:
            run = decks[genre].draw()
            genre = genres.draw()
            if many and (not sections or sections + len(run) > CHAPTER):
                chapters, sections = chapters + 1, 0
                stem = random.choice(material.stems)
                yield from (
                    "",
                    f"第{chinese(chapters)}部分  {self._other(run[0].heading, stem, shift, Decimal(1))[:20]}",
                    "",
                )
            factor = self._factor()
            for section in run:
                sections += 1
                yield f"{chinese(sections)}、{self._other(section.heading, stem, shift, factor)}"
                whole = True  # a line that goes on from the one above is not left out
                for line in section.lines:
                    ends = not line.strip() or line.rstrip().endswith("。")
                    if not (whole and ends and not _COUNTED.match(line) and random.random() < DROPPED):
                        yield self._other(line, stem, shift, factor)
                    whole = ends
                if random.random() < FORM:
                    factor_of_form = self._factor()
                    yield ""
                    for line in random.choice(material.forms):
                        yield self._other(line, stem, shift, factor_of_form, form=True)
                    yield ""
            shift = years.draw()

    def _factor(self) -> Decimal:
        return Decimal(self._random.randint(620, 1600)) / 1000

    def _other(self, line: str, stem: str, shift: int, factor: Decimal, *, form: bool = False) -> str:
        """The line with other figures, years and places."""
        random = self._random

        def change(match: re.Match[str]) -> str:
            if match["year"]:
                return str(int(match["year"]) + shift)
            if match["month"]:
                return f"{random.randint(1, 9)}月{random.randint(1, 28)}"
            if match["number"] is None or match["unit"] or (form and not _is_large(match["number"])):
                return match[0]
            return scaled(match["number"], factor)

        for known in self._material.stems:
            if known in line:
                line = line.replace(known, stem)
        line = _FIGURE.sub(change, line)
        if _AMOUNT.search(line):  # the amount tells what the rate must be
            return line
        return _GROWTH.sub(lambda match: match[0].removesuffix(match["number"]) + self._rate(match["number"]), line)

    def _rate(self, printed: str) -> str:
        """Another rate of the same width, that is not zero."""
        return "".join(
            digit if digit == "." else str(self._random.randint(1, 9) if place == 0 else self._random.randint(0, 9))
            for place, digit in enumerate(printed)
        )


def _is_large(printed: str) -> bool:
    """Whether a figure of a form is no score and no share: those are out of 100."""
    return Decimal(printed.translate(_WIDE).replace(",", "")) > 100


def scaled(printed: str, factor: Decimal) -> str:
    """A printed number times `factor`, with the decimals and separators that it had: 1,862.40 becomes 2,048.64."""
    plain = printed.translate(_WIDE)
    wide, comma = plain != printed, "," in plain
    plain = plain.replace(",", "")
    value = Decimal(plain)
    decimals = len(plain.partition(".")[2])
    if not value or (not decimals and value < 4) or (plain.startswith("0") and not decimals):
        return printed
    made = (value * factor).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) or value
    said = f"{made:,f}" if comma else f"{made:f}"
    return said.translate(_WIDE_AGAIN) if wide else said


def chinese(number: int) -> str:
    """A number below 10,000 as headings count: 十二, 二十, 一百零五."""
    digits = "零一二三四五六七八九"
    said = ""
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += digits[digit] + name
        elif said and not said.endswith("零"):
            said += "零"
    said = said.rstrip("零")
    return said[1:] if said.startswith("一十") else said


def write_reports(folder: Path, count: int, *, characters: int | None = None, seed: int = SEED) -> int:
    """Write so many reports into `folder` as UTF-8; gives the bytes written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, text in Maker(read_material(), seed=seed).reports(count, characters=characters):
        written += (folder / name).write_bytes(text.encode())
    return written


def main(arguments: Sequence[str] | None = None) -> None:
    """Write reports into a folder and say how much they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write report_000000.txt … to")
    parser.add_argument("--documents", type=int, default=100, metavar="N", help="how many (100)")
    parser.add_argument("--characters", type=int, metavar="C", help="of each report; without it 1,500 to 40,000")
    parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"other seeds make other reports ({SEED})")
    options = parser.parse_args(arguments)
    if options.documents < 1 or (options.characters is not None and options.characters < 1):
        parser.error("--documents and --characters must be at least 1")
    size = write_reports(options.out, options.documents, characters=options.characters, seed=options.seed)
    sys.stdout.write(f"{options.documents:,} reports, {size / 1e6:,.2f} MB of UTF-8, in {options.out}\n")


if __name__ == "__main__":
    main()
