# ruff: noqa: T201
"""Reports with errors planted in them, and their clean twins: what the audit is measured on.

    python tests/planted.py [--reports N] [--missed] [--false]

Every statement is written twice from the same draws: right, and with one error, whose place is marked ⟦so⟧. A report
holds many statements; its clean twin holds the same ones without the errors, with the same decoys (rounding, other
scopes, other periods, other bases) that look wrong and are right.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from planted_statements import DECOY, MAKERS, Maker

from extract.pipeline import Extractor
from extract.records import Finding

PLACES = ("云岭", "清河", "临岚", "瑞浦", "苍源", "燕川", "贺洲", "槐山", "沈湾", "岚山", "松原口", "柳泉")
BODIES = (
    "市就业服务中心",
    "市水利局",
    "市民政局",
    "县农业农村局",
    "区司法局",
    "市人力资源和社会保障局",
    "县教育体育局",
    "市文化馆",
)
CHAPTERS = (
    "基本情况",
    "收支情况说明",
    "主要工作完成情况",
    "绩效目标完成情况",
    "项目执行情况",
    "其他重要事项",
    "资金使用情况",
    "自评结论",
)
NUMERALS = "一二三四五六七八九十"


@dataclass
class Plant:
    """One error: the rules that may name it, and the places where it may be told."""

    maker: str
    rules: tuple[str, ...]
    text: str
    spans: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Generated:
    """A report as text, with its plants; none in a clean twin."""

    text: str
    plants: list[Plant]


@dataclass
class Score:
    """Plants found and missed, findings that are of no plant."""

    plants: int = 0
    found: int = 0
    false: int = 0
    missed: list[Plant] = field(default_factory=list)
    alarms: list[tuple[str, str]] = field(default_factory=list)
    by_maker: Counter[str] = field(default_factory=Counter)
    found_by_maker: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of the plants that were found."""
        return self.found / self.plants if self.plants else 0.0

    @property
    def precision(self) -> float:
        """Share of the findings that are of a plant, over planted reports and clean twins."""
        return self.found / (self.found + self.false) if self.found + self.false else 0.0


def report(seed: int, *, planted: bool) -> Generated:
    """A report, the same for the same seed but for its errors."""
    rng = random.Random(seed)
    place, body, year = rng.choice(PLACES), rng.choice(BODIES), rng.choice((2021, 2022, 2023, 2024))
    chapters: list[list[str]] = [[] for _ in range(5)]
    chosen = _chosen(rng)
    names = list(range(40))
    rng.shuffle(names)
    plants: list[Plant] = []
    marked: dict[int, Plant] = {}
    for number, maker in enumerate([*chosen, DECOY, DECOY, DECOY]):
        draws = random.Random(rng.random())
        wrong = planted and maker is not DECOY and rng.random() < 0.6
        pieces = maker.write(draws, wrong, year, names[number])
        if wrong:
            plant = Plant(maker.name, maker.rules, " ‖ ".join(pieces))
            plants.append(plant)
            marked[len(marked)] = plant
            pieces = [piece.replace("⟦", f"⟦{len(marked) - 1}:") for piece in pieces]
        at = sorted(draws.sample(range(len(chapters)), k=len(pieces)))
        for chapter, piece in zip(at, pieces, strict=True):
            chapters[chapter].append(piece)
    lines = [f"{place}{body}{year}年度工作和决算情况报告", ""]
    titles = rng.sample(CHAPTERS, k=len(chapters))
    for number, (title, pieces) in enumerate(zip(titles, chapters, strict=True)):
        lines.append(f"{NUMERALS[number]}、{title}")
        lines.extend(pieces or ["各项工作平稳推进。"])
    return _placed("\n".join(lines) + "\n", marked, plants)


def _chosen(rng: random.Random) -> list[Maker]:
    """Some kinds of statements, none of two that give a value to the same topic."""
    chosen: list[Maker] = []
    taken: set[str] = set()
    for maker in rng.sample(MAKERS, k=len(MAKERS)):
        if not maker.topics & taken and len(chosen) < 9:
            chosen.append(maker)
            taken |= maker.topics
    return chosen


def _placed(text: str, marked: dict[int, Plant], plants: list[Plant]) -> Generated:
    plain: list[str] = []
    at = 0
    open_plant: Plant | None = None
    start = 0
    index = 0
    while index < len(text):
        char = text[index]
        if char == "⟦":
            stop = text.index(":", index)
            open_plant, start = marked[int(text[index + 1 : stop])], at
            index = stop + 1
            continue
        if char == "⟧":
            assert open_plant is not None
            open_plant.spans.append((start, at))
            index += 1
            continue
        plain.append(char)
        at += 1
        index += 1
    return Generated("".join(plain), plants)


def score(reports: int, *, first: int = 0) -> Score:
    """Audit so many reports and their clean twins."""
    extractor = Extractor()
    result = Score()
    for seed in range(first, first + reports):
        for planted in (True, False):
            made = report(seed, planted=planted)
            findings = extractor.read_text(made.text, doc_id=f"r{seed}").findings
            _count(result, made, findings)
    return result


def _count(result: Score, made: Generated, findings: Iterable[Finding]) -> None:
    found: set[int] = set()
    for finding in findings:
        hits = [
            number
            for number, plant in enumerate(made.plants)
            if any(finding.start < end and start < finding.end for start, end in plant.spans)
        ]
        right = [number for number in hits if finding.rule in made.plants[number].rules]
        if right:
            found.update(right[:1])
        else:
            result.false += 1
            around = made.text[max(0, finding.start - 70) : finding.end + 30].replace("\n", "⏎")
            result.alarms.append((f"{finding.rule}: {finding.message}", around))
    for number, plant in enumerate(made.plants):
        result.plants += 1
        result.by_maker[plant.maker] += 1
        if number in found:
            result.found += 1
            result.found_by_maker[plant.maker] += 1
        else:
            result.missed.append(plant)


def main() -> None:
    """Print recall, precision and, where asked for, what was missed and what was told falsely."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reports", type=int, default=150, help="reports, each with a clean twin")
    parser.add_argument("--missed", type=int, default=0, help="show so many missed plants")
    parser.add_argument("--false", type=int, default=0, help="show so many false findings")
    options = parser.parse_args()
    result = score(options.reports)
    for maker in sorted(result.by_maker):
        print(f"{maker:28}{result.found_by_maker[maker]:5} of {result.by_maker[maker]:4}")
    print(f"{'plants':28}{result.plants:5}")
    print(f"{'recall':28}{result.recall:9.4f}")
    print(f"{'precision':28}{result.precision:9.4f}   ({result.false} false findings)")
    for plant in result.missed[: options.missed]:
        print("missed", plant.maker, plant.text)
    for message, around in result.alarms[: options.false]:
        print("false", message, "\n     ", around)


if __name__ == "__main__":
    main()
