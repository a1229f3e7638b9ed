"""The panel: what all reports of a run say, one row a place, organisation, year, indicator and role.

Read first: `Statements.of` (what a report says, under which keys), `Panel` (the statements of all reports, gathered in
a temporary SQLite file, so that memory does not grow with their number), `stored_rows` (its rows, of all keys or of
some, so that several processes can make them), `panel_row` (the row of a key). In a key:

1. Units are made equal (`patterns/lexicon/unit_equals.csv`), and statements of the whole year are told from those of
   a part of it. The value comes from one unit and one period; the other statements are counted and listed.
2. Statements that print the same number, one of them perhaps rounded, are one value: the most precise of them.
3. Statements that rounding cannot make equal contradict each other. The row is flagged and has no value; the
   smallest and the largest value are given, and every value with its place. Nothing is averaged.
4. A value of the whole place (全市, or an indicator of the place's economy with no other subject) has no organisation,
   so that what several bodies of a place say of it comes together.
5. Several values in one sentence (权重为50%、30%、20%), or in one report under a name that the lexicon does not have
   (投资, 收入总量), are cases which the name does not tell apart: no contradiction, but no value either.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from extract.output_tables import Row
from extract.patterns import Pack
from extract.records import Metric, Period, Report
from extract.write import number

_PRAGMAS: Final = ("cache_size = -8000", "temp_store = FILE")
_SAMPLED: Final = 199  # one key of so many is kept in memory; a prime, for reports often repeat in a regular order
_WHERE: Final = 50  # places listed in a row
_OTHERS: Final = 20
_MOVES: Final = frozenset(("change", "growth"))
_PLANS: Final = frozenset(("target", "budget", "budget_adjusted"))
_NUMERAL: Final = re.compile(r"[0-9０-９][0-9０-９,，]*(?:[.．][0-9０-９]+)?")
_SEPARATOR: Final = "\x1f"  # parts of a key; it stands before every character of a text
_YEAR: Final = 5  # the part of a key that is the year; before it stand the place and the organisation
_KNOWN: Final = 6  # the part that is the indicator's id


class Statement(Struct, frozen=True, array_like=True, gc=False):
    """One metric of one report, its numbers in the common unit.

    `text` is the printed figure, `printed` its value in its own unit, and `factor` what that was multiplied with.
    """

    unit: str | None
    kind: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    comparator: str
    approx: bool
    period_start: str | None
    period_end: str | None
    annual: bool
    year_from: str
    base: str | None
    doc_id: str
    metric: str
    sentence: int
    text: str
    printed: Decimal | None
    factor: Decimal | None

    @property
    def place(self) -> str:
        """The document and the metric."""
        return f"{self.doc_id}:{self.metric}"

    @property
    def step(self) -> Decimal:
        """One in the last printed digit, in the common unit."""
        step = printed_step(self.text, self.printed)
        return step if self.factor is None else step * self.factor


class Said(Struct, frozen=True, array_like=True, gc=False):
    """A statement on its way to the panel: its key, the statement packed, and its row in CSV where it stands alone."""

    key: str
    statement: bytes
    line: str | None


class Statements:
    """What reports say, statement by statement; `pack` has the names of indicators and the units that are equal."""

    def __init__(self, pack: Pack) -> None:
        self._names = {row["id"]: row["name_zh"] for row in pack.table("indicators")}
        self._equal = {row["unit"]: (row["base"], Decimal(row["factor"])) for row in pack.table("unit_equals")}
        self._place_wide = frozenset(row["id"] for row in pack.table("indicators") if row["group"] == "macro")
        self._whole = frozenset(row["word"] for row in pack.table("whole_places"))
        self._dimensions = frozenset(row["id"] for row in pack.table("dimension_indicators"))

    def of(self, report: Report) -> Iterator[tuple[str, Statement]]:
        """The statements of a report, in its order, with their keys."""
        info, region = report.document, report.document.region
        quantities = {quantity.id: quantity for quantity in report.quantities}
        bases: dict[str | None, Period | None] = {}
        for change in report.changes:
            bases |= dict.fromkeys((change.previous, change.delta, change.rate), change.base_period)
        place = [region.code or "", region.province or "", region.prefecture or "", region.county or ""]
        for metric in report.metrics:
            if metric.indicator is None:
                continue
            quantity = quantities[metric.quantity]
            base = bases.get(metric.id)
            year, annual, start, end, year_from = _when(metric, base, info.fiscal_year)
            unit, factor = self._equal.get(metric.unit or "", (metric.unit, None))
            known = metric.indicator.id or ""
            printed = (metric.value, quantity.low, quantity.high)
            value, low, high = (one if one is None or factor is None else one * factor for one in printed)
            name = None if known in self._dimensions else self._names.get(known)
            if metric.subject in self._whole or (metric.subject is None and known in self._place_wide):
                body = ""
            else:
                body = metric.subject or info.organisation or ""
            key = [*place, body, f"{year:04}" if year else "", known, name or metric.indicator.text, metric.role]
            statement = Statement(
                unit, metric.kind, value, low, high, metric.comparator, metric.approx, start, end, annual, year_from,
                _days(base) if metric.role in _MOVES else None, report.doc_id, metric.id, metric.sentence.start,
                quantity.text, quantity.value, factor,
            )  # fmt: skip
            yield _SEPARATOR.join(key), statement


#: the line of a statement that stands alone under its key, else null, and what makes the row
StoredRow: TypeAlias = tuple[str | None, Callable[[], Row]]


class Between(Struct, frozen=True):
    """Keys from `low` on and before `high`; null where there is no bound."""

    low: str | None = None
    high: str | None = None


class Panel:
    """Gathers the statements of reports, and gives the rows of the panel. A context manager.

    `folder` holds the temporary file, `pack` the usual units of the indicators.
    """

    def __init__(self, folder: Path, pack: Pack) -> None:
        self.merger = Merger(pack)
        self.path = folder / "panel.part"
        self.count = 0
        self._whole = False
        self._sample: list[str] = []  # keys of some statements, to part all of them evenly
        self._database = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", *_PRAGMAS):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE statements (key TEXT, statement BLOB, line TEXT)")
        self._database.execute("BEGIN")

    def __enter__(self) -> Panel:
        """Nothing but itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Throw the temporary file away."""
        self.close()

    def close(self) -> None:
        """Throw the temporary file away."""
        self._database.close()
        self.path.unlink(missing_ok=True)

    def add(self, said: Iterable[Said]) -> None:
        """Take statements, in the order of the run."""
        some = [(one.key, one.statement, one.line) for one in said]
        self._sample += [key for key, _, _ in some[-self.count % _SAMPLED :: _SAMPLED]]
        self.count += len(some)
        self._database.executemany("INSERT INTO statements VALUES (?, ?, ?)", some)

    def whole(self) -> None:
        """Nothing is added from now on; the file can be read."""
        if not self._whole:
            self._whole = True
            self._database.execute("COMMIT")
            self._database.close()

    def parts(self, count: int) -> list[Between]:
        """All keys in at most `count` parts, one behind the other, of about as many statements each."""
        keys = sorted(self._sample)
        cuts = sorted({keys[number * len(keys) // count] for number in range(1, count)}) if keys else []
        return [Between(low, high) for low, high in zip([None, *cuts], [*cuts, None], strict=True)]

    def rows(self) -> Iterator[StoredRow]:
        """What `stored_rows` gives for all keys."""
        self.whole()
        return stored_rows(self.path, self.merger, Between())


def stored_rows(path: Path, merger: Merger, keys: Between) -> Iterator[StoredRow]:
    """The rows of some keys, sorted by key.

    `path` is the file of a panel that is whole; several processes may read it.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        for pragma in _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
        found = database.execute(
            "SELECT key, statement, line FROM statements WHERE key >= ?1 AND (?2 IS NULL OR key < ?2)"
            " ORDER BY key, rowid",
            (keys.low or "", keys.high),
        )
        for key, group in groupby(found, key=itemgetter(0)):
            some = list(group)
            yield some[0][2] if len(some) == 1 else None, partial(merger.row, key, [one[1] for one in some])


class Merger:
    """Makes rows of the panel from packed statements; `pack` has the usual units of the indicators."""

    def __init__(self, pack: Pack) -> None:
        self._usual = {row["id"]: row["unit"] or None for row in pack.table("indicators")}

    def row(self, key: str, statements: Iterable[bytes]) -> Row:
        """The row of a key, from all its statements in the order of the run."""
        usual = self._usual.get(key.split(_SEPARATOR)[_KNOWN])
        return panel_row(key, [_DECODER.decode(one) for one in statements], usual)


def panel_row(key: str, statements: Sequence[Statement], usual: str | None = None) -> Row:
    """The row of what is said under one key; `usual` is the unit that the indicator is given in as a rule."""
    parts = key.split(_SEPARATOR)
    year, known, indicator, role = parts[_YEAR:]  # a key holds empty words where a row has null
    head = (*[part or None for part in parts[:_YEAR]], int(year) if year else None, known or None, indicator, role)
    if len(statements) == 1:  # as most are: nothing to choose or to compare
        [one] = statements
        value = number(one.value)
        return (
            *head, value, one.unit, one.kind, one.comparator, one.approx, number(one.low), number(one.high),
            one.period_start, one.period_end, one.annual, one.year_from, one.base, False, False, 1, 1, value, value,
            None, one.place, 0, None,
        )  # fmt: skip
    chosen, others = _choose(statements, usual)
    best, unlike = merge(chosen, plan=role in _PLANS)
    several = False
    if unlike:
        places = {(one.doc_id, one.sentence) for one in (best, *unlike)}
        one_report = len({doc_id for doc_id, _ in places}) == 1
        several = one_report and (not known or len(places) == 1)
    told = None if unlike else best
    values = [one.value for one in chosen if one.value is not None]
    return (
        *head, told and number(told.value), best.unit, best.kind, best.comparator, best.approx,
        told and number(told.low), told and number(told.high), best.period_start, best.period_end, best.annual,
        best.year_from, best.base, bool(unlike) and not several, several, len(chosen),
        len({one.doc_id for one in chosen}), number(min(values, default=None)), number(max(values, default=None)),
        _stated(chosen), "; ".join(one.place for one in chosen[:_WHERE]), len(others),
        "; ".join(map(_other, others[:_OTHERS])) or None,
    )  # fmt: skip


def merge(statements: Sequence[Statement], *, plan: bool) -> tuple[Statement, list[Statement]]:
    """The most precise of some statements in one unit, and the others that contradict it.

    With `plan` (targets and budgets) a bound is the figure that is planned; else it only has to hold.
    """
    best = min(statements, key=lambda one: (one.value is None, one.approx, not plan and _bound(one), one.step))
    return best, [one for one in statements if not agree(best, one, plan=plan)]


def agree(best: Statement, other: Statement, *, plan: bool) -> bool:
    """Whether two statements can both be right, each rounded to its last printed digit."""
    if best.value is None or other.value is None:
        return (best.value, best.low, best.high) == (other.value, other.low, other.high) or _within(best, other)
    if not plan and _bound(other) and not _bound(best):
        limit, reach = other.value, (best.step + other.step) / 2
        return best.value >= limit - reach if other.comparator.startswith(">") else best.value <= limit + reach
    reach = Decimal(0) if best.step == other.step else (best.step + other.step) / 2
    if other.approx:
        reach = max(reach, _round_step(other))
    return abs(best.value - other.value) <= reach if reach else best.value == other.value


@lru_cache(maxsize=4096)  # the best of some statements is compared with each of the others
def printed_step(text: str, value: Decimal | None) -> Decimal:
    """One in the last printed digit of a figure, in the unit of its value: 100 for 1.07万, 0 where none is printed.

    A whole number without 万 or 亿 is exact, and its step 0.
    """
    numerals: list[str] = _NUMERAL.findall(text)
    if value is None or len(numerals) != 1:
        return Decimal(0)
    digits = numerals[0].translate(_PLAIN)
    printed = Decimal(digits)
    decimals = len(digits.partition(".")[2])
    if not printed or not value:
        return Decimal(0)
    scale = abs(value) / printed
    return scale.scaleb(-decimals) if decimals or scale != 1 else Decimal(0)


_PLAIN: Final = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0xFF0E: ".", 0xFF0C: None, 0x2C: None}


def _when(
    metric: Metric, base: Period | None, fiscal_year: int | None
) -> tuple[int | None, bool, str | None, str | None, str]:
    """Year, whether the whole of it, first and last day, and what the year was taken from."""
    period = metric.period or (base if metric.role == "previous" else None)
    if period is not None and period.end is not None:
        start, end = period.start or period.end, period.end
        year = int(end[:4])
        whole = start == f"{year:04}-01-01" and end == f"{year:04}-12-31"
        return year, whole or (start == end and end[5:] == "12-31"), start, end, "text"
    if metric.role == "previous" and fiscal_year is not None:
        return fiscal_year - 1, True, None, None, "previous"
    return fiscal_year, True, None, None, "document"


def _choose(statements: Sequence[Statement], usual: str | None) -> tuple[Sequence[Statement], Sequence[Statement]]:
    """The statements of one unit and period, and the others.

    Chosen are those of the whole year, in the indicator's own unit, most often stated, in this order.
    """
    variants = [_variant(one) for one in statements]
    counts = Counter(variants)
    if len(counts) == 1:
        return statements, ()

    def rank(place: int) -> tuple[bool, bool, int, str, str]:
        one = statements[place]
        return (one.annual, usual is not None and one.unit == usual, counts[variants[place]], one.period_end or "",
                _earlier(one.period_start))  # fmt: skip

    first = variants[max(range(len(statements)), key=rank)]
    told = list(zip(statements, variants, strict=True))
    return [one for one, variant in told if variant == first], [one for one, variant in told if variant != first]


def _variant(one: Statement) -> tuple[object, ...]:
    return (one.unit, one.kind, one.base, one.annual, *(() if one.annual else (one.period_start, one.period_end)))


def _days(period: Period | None) -> str | None:
    return None if period is None or period.end is None else f"{period.start or period.end}/{period.end}"


def _earlier(day: str | None) -> str:
    """Sorts the longer of two periods with one end behind the shorter."""
    return "" if day is None else day.translate(_TURNED)


_TURNED: Final = str.maketrans("0123456789", "9876543210")


def _bound(one: Statement) -> bool:
    return one.comparator != "="


def _within(best: Statement, other: Statement) -> bool:
    """Whether the value of one lies in the range of the other."""
    value, ranged = (best.value, other) if best.value is not None else (other.value, best)
    return (
        value is not None and ranged.low is not None and ranged.high is not None and ranged.low <= value <= ranged.high
    )


def _round_step(one: Statement) -> Decimal:
    """How far 近, 余 or 左右 may reach: one in the last digit that is not zero."""
    assert one.value is not None
    exponent = one.value.normalize().as_tuple().exponent
    return max(one.step, Decimal(1).scaleb(int(exponent)) if one.value else Decimal(0))


def _stated(statements: Sequence[Statement]) -> str | None:
    value, low, high = statements[0].value, statements[0].low, statements[0].high
    if all(one.value == value and one.low == low and one.high == high for one in statements):
        return None
    first: dict[object, Statement] = {}
    for one in statements:
        first.setdefault((one.value, one.low, one.high), one)
    return "; ".join(f"{one.text} @{one.place}" for one in list(first.values())[:_WHERE])


def _other(one: Statement) -> str:
    days = f" {one.period_start}/{one.period_end}" if one.period_end and not one.annual else ""
    value = number(one.value) if one.value is not None else f"{number(one.low)}..{number(one.high)}"
    return f"{value}{one.unit or ''}{days} @{one.place}"


def panel_rows(reports: Iterable[Report], folder: Path, pack: Pack) -> Iterator[Row]:
    """The panel of some reports, which are read one at a time; `folder` holds a temporary file meanwhile."""
    with Panel(folder, pack) as panel:
        statements = Statements(pack)
        for report in reports:
            panel.add(Said(key, pack_statement(one), None) for key, one in statements.of(report))
        for _, row in panel.rows():
            yield row()


pack_statement: Final = msgspec.msgpack.Encoder().encode
_DECODER: Final = msgspec.msgpack.Decoder(Statement)

__all__ = [
    "Between", "Merger", "Panel", "Said", "Statement", "Statements", "StoredRow", "agree", "merge", "pack_statement",
    "panel_row", "panel_rows", "printed_step", "stored_rows",
]  # fmt: skip
