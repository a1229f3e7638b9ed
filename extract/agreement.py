"""What it means that a record agrees with gold, and the counting of it. Read first: `score_document`.

A record is found when it stands at the gold's place and says the same: quantities overlap with equal kind, value and
unit; metrics also share role, then indicator; pairs and changes have equal figures close by. Matching is one to one,
in the order of the gold. Only records that start inside the `ranges` of a gold file count, and only the record types
that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from extract.section_scores import Judged

Record = Mapping[str, Any]

NEARBY: Final = 400  # characters that a pair or change may stand away from its gold
HEADING_SLACK: Final = 40  # noise marks that may stand before a heading
SAME_WORDS: Final = 0.8  # share of common subsequence from which two indicators are one
ENTITY_COVER: Final = 0.75  # share of the longer span that two entities must have in common

_IGNORED: Final = re.compile(r"[\s\u3000“”\"'‘’《》〈〉（）()、，,。；;：:·\-—_]")


class Tally:
    """The counts of one type of record. `right` of `asked` where only agreement on matched records is measured."""

    def __init__(self) -> None:
        self.matched = 0
        self.missed = 0
        self.spurious = 0
        self.right = 0
        self.asked = 0
        self.errors: list[str] = []

    @property
    def precision(self) -> float:
        """Share of the records found that are in the gold."""
        return _share(self.matched, self.matched + self.spurious)

    @property
    def recall(self) -> float:
        """Share of the gold that was found."""
        return _share(self.matched, self.matched + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def accuracy(self) -> float:
        """Share of the matched records that also agree in an attribute."""
        return _share(self.right, self.asked)

    @property
    def mark(self) -> float:
        """The one figure that a floor holds: accuracy where it is measured, else F1; four decimals."""
        return round(self.accuracy if self.asked else self.f1, 4)

    @property
    def counted(self) -> bool:
        """Whether there was anything to count."""
        return bool(self.asked or self.matched or self.missed or self.spurious)

    def ask(self, good: bool, message: str) -> None:
        """Count one agreement on a matched record."""
        self.asked += 1
        self.right += good
        if not good:
            self.errors.append(message)


class Scores:
    """Tallies by name, in the order in which they were first met, and the sections found beside their gold."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.sections: list[Judged] = []

    def __getitem__(self, name: str) -> Tally:
        """The tally of this name, new and empty where there was none."""
        return self.tallies.setdefault(name, Tally())

    def marks(self) -> dict[str, float]:
        """One figure a name: what `write_scores` writes."""
        return {name: tally.mark for name, tally in self.tallies.items() if tally.counted}


def score_document(report: Record, gold: Record, scores: Scores) -> None:
    """Add one document to the scores."""
    page = _Page(report, gold, scores)
    if "quantities" in gold:
        page.quantities(gold["quantities"])
    if "pairs" in gold:
        page.pairs(gold["pairs"])
    if "changes" in gold:
        page.changes(gold["changes"])
    if "sections" in gold:
        page.sections(gold["sections"])
    if "entities" in gold:
        page.entities(gold["entities"], gold.get("entity_types") or sorted({e["type"] for e in gold["entities"]}))
    if "findings" in gold:
        page.findings(gold["findings"])


class _Page:
    """One report beside its gold."""

    def __init__(self, report: Record, gold: Record, scores: Scores) -> None:
        self.report = report
        self.scores = scores
        self.doc = str(gold["doc"])
        self.ranges = gold["ranges"]

    def inside(self, records: Iterable[Record], start: Callable[[Record], int] | None = None) -> list[Record]:
        """The records that start in an annotated range."""
        place = start or (lambda record: int(record["start"]))
        return [record for record in records if any(a <= place(record) < b for a, b in self.ranges)]

    def describe(self, record: Record) -> str:
        """A record in one line."""
        words = record.get("text") or record.get("title") or record.get("message") or ""
        keys = ("indicator", "kind", "value", "unit", "role", "type", "direction", "delta", "rate", "completion")
        facts = [f"{key}={_name(record) if key == 'indicator' else record[key]}" for key in keys if record.get(key)]
        sides = [f"{key}={record[key]['text']}" for key in ("target", "actual") if record.get(key)]
        return f"{self.doc}@{record.get('start')} {words!s:.40} {' '.join(facts + sides)}"

    def match(
        self, name: str, found: Sequence[Record], gold: Sequence[Record], good: Callable[[Record, Record], bool]
    ) -> list[tuple[Record, Record]]:
        """Pair off records with gold, each once, and count."""
        tally = self.scores[name]
        free = dict(enumerate(found))
        matches: list[tuple[Record, Record]] = []
        for wanted in gold:
            key = next((key for key, record in free.items() if good(record, wanted)), None)
            if key is None:
                tally.errors.append(f"missed: {self.describe(wanted)}")
            else:
                matches.append((free.pop(key), wanted))
        tally.errors += [f"spurious: {self.describe(record)}" for record in free.values()]
        tally.matched += len(matches)
        tally.missed += len(gold) - len(matches)
        tally.spurious += len(free)
        return matches

    def quantities(self, gold: Sequence[Record]) -> None:
        """Quantities, their attributes, and the metrics that stand on them."""
        by_id = {record["id"]: record for record in self.report.get("quantities", [])}

        def same(record: Record, wanted: Record) -> bool:
            return (
                _overlap(record, wanted) > 0
                and record.get("kind") == wanted["kind"]
                and _same_number(record.get("value"), wanted["value"])
                and (record.get("unit") or None) == (wanted["unit"] or None)
            )

        for record, wanted in self.match("quantities", self.inside(by_id.values()), gold, same):
            good = (record.get("comparator") or "=") == (wanted.get("comparator") or "=")
            good = good and bool(record.get("approx")) == bool(wanted.get("approx"))
            message = f"attributes: {self.describe(record)} {record.get('comparator')} approx={record.get('approx')}"
            self.scores["quantity attributes"].ask(good, message)

        silent = [wanted for wanted in gold if not wanted.get("role")]
        spoken = [wanted for wanted in gold if wanted.get("role")]
        metrics: list[Record] = []
        for metric in self.report.get("metrics", []):
            place = by_id.get(metric.get("quantity"))
            if place and self.inside([place]) and not any(_overlap(place, wanted) > 0 for wanted in silent):
                metrics.append({**metric, "start": place["start"], "end": place["end"], "text": place.get("text")})

        def same_role(record: Record, wanted: Record) -> bool:
            value = wanted.get("metric_value", wanted["value"])
            return (
                _overlap(record, wanted) > 0
                and record.get("role") == wanted["role"]
                and _same_number(record.get("value"), value)
            )

        def same_metric(record: Record, wanted: Record) -> bool:
            return same_role(record, wanted) and same_indicator(_name(record), wanted["indicator"])

        for name, good_metric in (("metric value+role", same_role), ("metric value+role+indicator", same_metric)):
            self.match(name, _without_company(metrics, spoken, good_metric), spoken, good_metric)

    def pairs(self, gold: Sequence[Record]) -> None:
        """Targets beside results."""

        def same(record: Record, wanted: Record) -> bool:
            return (
                all(_same_side(record.get(side), wanted.get(side)) for side in ("target", "actual"))
                and _same_number(record.get("completion"), wanted.get("completion"))
                and abs(record["start"] - wanted["start"]) < NEARBY
                and same_indicator(_name(record), wanted["indicator"])
            )

        self.match("pairs", self.inside(self.report.get("pairs", [])), gold, same)

    def changes(self, gold: Sequence[Record]) -> None:
        """Moves between two periods."""
        values = {metric["id"]: metric.get("value") for metric in self.report.get("metrics", [])}
        found = [
            {**change, "delta": values.get(change.get("delta")), "rate": values.get(change.get("rate"))}
            for change in self.inside(self.report.get("changes", []))
        ]

        def same(record: Record, wanted: Record) -> bool:
            return (
                all(_same_number(record[key], wanted.get(key)) for key in ("delta", "rate"))
                and record.get("direction") == wanted["direction"]
                and abs(record["start"] - wanted["start"]) < NEARBY
                and same_indicator(_name(record), wanted["indicator"])
            )

        self.match("changes", found, gold, same)

    def sections(self, gold: Sequence[Record]) -> None:
        """Headings and their types."""

        def place(record: Record) -> int:
            heading = record.get("heading")
            return int(heading["start"] if isinstance(heading, dict) and heading else record["start"])

        def same(record: Record, wanted: Record) -> bool:
            latest = wanted.get("title_start", wanted["start"]) + HEADING_SLACK
            near = wanted["start"] - HEADING_SLACK <= place(record) <= latest
            return near and (not wanted["title"] or same_indicator(record.get("title"), [wanted["title"]]))

        headed = [record for record in self.report.get("sections", []) if record.get("title") or record.get("number")]
        for record, wanted in self.match("sections found", self.inside(headed, place), gold, same):
            kinds = [wanted.get("type"), *wanted.get("also", [])]
            if kinds[0]:
                message = f"type: {self.doc} {wanted['title']}: {record.get('type')}, gold {kinds[0]}"
                self.scores["section type"].ask(record.get("type") in kinds, message)
                self.scores.sections.append(
                    Judged(tuple(kinds), str(record.get("type")), float(record.get("confidence") or 0.0))
                )

    def entities(self, gold: Sequence[Record], types: Iterable[str]) -> None:
        """Names by type, and the normal form of dates."""

        def same(record: Record, wanted: Record) -> bool:
            longer = max(record["end"] - record["start"], wanted["end"] - wanted["start"])
            return _overlap(record, wanted) > 0 and _overlap(record, wanted) / longer >= ENTITY_COVER

        for kind in types:
            found = [record for record in self.inside(self.report.get("entities", [])) if record.get("type") == kind]
            wanted_here = [wanted for wanted in gold if wanted["type"] == kind]
            for record, wanted in self.match(f"entity {kind}", found, wanted_here, same):
                if norm := wanted.get("norm"):
                    message = f"norm: {self.describe(record)} {record.get('norm')}, gold {norm}"
                    self.scores[f"entity {kind} norm"].ask(record.get("norm") == norm, message)

    def findings(self, gold: Sequence[Record]) -> None:
        """Contradictions: certain ones are asked for, debatable ones and second reports of one are passed over."""

        def stands_on(record: Record, wanted: Record) -> bool:
            return any(record["start"] < end and start < record["end"] for start, end in wanted["spans"])

        def same(record: Record, wanted: Record) -> bool:
            return record.get("rule") in (wanted["rule"], *wanted.get("also", [])) and stands_on(record, wanted)

        certain = [wanted for wanted in gold if wanted.get("grade", "A") == "A"]
        counted: list[Record] = []
        reported: set[int] = set()
        for record in self.inside(self.report.get("findings", [])):
            if record.get("severity") not in ("error", "warning"):
                continue
            which = next((i for i, wanted in enumerate(certain) if same(record, wanted)), None)
            if which is None and any(stands_on(record, wanted) for wanted in gold):
                continue
            if which is not None and which in reported:
                continue
            if which is not None:
                reported.add(which)
            counted.append(record)
        self.match("findings", counted, certain, same)


def same_indicator(name: str | None, gold: Iterable[str]) -> bool:
    """Whether a phrase names what one of the gold phrases names: one holds the other, or most characters agree."""
    return any(_alike(name or "", wanted) for wanted in gold)


@lru_cache(maxsize=65536)
def _alike(left: str, right: str) -> bool:
    short, long = sorted((_IGNORED.sub("", left), _IGNORED.sub("", right)), key=len)
    if not short:
        return False
    if short == long or (len(short) >= 3 and 5 * len(short) >= 2 * len(long) and short in long):
        return True
    total = len(short) + len(long)
    return 2 * len(short) / total >= SAME_WORDS and 2 * _common(short, long) / total >= SAME_WORDS


def _common(left: str, right: str) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(right) + 1)
    for character in left:
        corner = 0
        for column, other in enumerate(right, 1):
            corner, row[column] = row[column], corner + 1 if character == other else max(row[column], row[column - 1])
    return row[-1]


def _without_company(
    metrics: Sequence[Record], gold: Sequence[Record], good: Callable[[Record, Record], bool]
) -> list[Record]:
    """The metrics less those that stand on a quantity of which another metric is right: one rate may speak of many."""
    right = [any(good(metric, wanted) for wanted in gold) for metric in metrics]
    first: dict[str, int] = {}
    for index, metric in enumerate(metrics):
        if right[index]:
            first.setdefault(metric["quantity"], index)
    return [metric for index, metric in enumerate(metrics) if first.get(metric["quantity"], index) == index]


def _name(record: Record) -> str:
    indicator = record.get("indicator")
    if isinstance(indicator, Mapping):
        return str(indicator.get("text") or "")
    return "/".join(indicator) if isinstance(indicator, list) else str(indicator or "")


def _overlap(left: Record, right: Record) -> int:
    return int(min(left["end"], right["end"]) - max(left["start"], right["start"]))


def _same_number(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return abs(float(left) - float(right)) <= 1e-9 * max(1.0, abs(float(right)))


def _same_side(found: Record | None, gold: Record | None) -> bool:
    if not found or not gold:
        return not found and not gold
    if gold.get("value") is None:
        return found.get("value") is None and _bare(found.get("text")) == _bare(gold.get("text"))
    unit = gold.get("unit")
    return _same_number(found.get("value"), gold["value"]) and (unit is None or _bare(found.get("unit")) == _bare(unit))


def _bare(text: str | None) -> str:
    return _IGNORED.sub("", text or "")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
