"""The records of one report, as they are written to JSON.

Every offset is a code-point index into the decoded source text, half open. Records are frozen; numbers are
`Decimal` and become plain JSON numbers on writing. Identifiers are unique within a document and follow the order
of the text: ``s1`` section, ``t1`` table, ``e1`` entity, ``q1`` quantity, ``m1`` metric, ``p1`` pair, ``c1`` change,
``b1`` breakdown, ``f1`` finding.

Records that hold no list are left to reference counting (`gc=False`): they can be in no cycle, and there are many.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct

SCHEMA_VERSION: Final = "1.0"

QUANTITY_KINDS: Final = (
    "money",
    "count",
    "rate",
    "percentage_point",
    "measure",
    "duration",
    "score",
    "multiple",
    "number",
)
ROLES: Final = (
    "actual",
    "target",
    "budget",
    "budget_adjusted",
    "previous",
    "change",
    "growth",
    "share",
    "completion",
    "score",
    "full_score",
)
COMPARATORS: Final = ("=", ">=", "<=", ">", "<")
ENTITY_TYPES: Final = ("ORG", "PLACE", "PERSON", "POLICY", "DOC_NO", "DATE", "PROJECT", "GROUP")


class Span(Struct, frozen=True, gc=False):
    """A half-open range of the source text."""

    start: int
    end: int

    def __post_init__(self) -> None:  # noqa: D105
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")


class SourceInfo(Struct, frozen=True):
    """Where the text came from and how it was decoded."""

    path: str
    media_type: str
    encoding: str
    sha256: str
    chars: int


class Region(Struct, frozen=True):
    """The administrative division a report speaks for; `code` is the six-digit code of the finest level known."""

    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    code: str | None = None


class DocumentInfo(Struct, frozen=True):
    """What the report as a whole is."""

    title: str | None = None
    organisation: str | None = None
    region: Region = Region()
    fiscal_year: int | None = None
    genre: str | None = None


class Section(Struct, frozen=True):
    """A heading and all that it governs, up to the next heading of its level or above."""

    id: str
    parent: str | None
    level: int
    number: str
    title: str
    type: str
    confidence: float
    start: int
    end: int
    heading: Span


class Cell(Struct, frozen=True, gc=False):
    """One cell of a table, at its row and column; `read` says what became of it (`extract.table_readings.STATUSES`)."""

    row: int
    column: int
    text: str
    start: int
    end: int
    rowspan: int = 1
    colspan: int = 1
    read: str = ""


class Table(Struct, frozen=True):
    """A table found in the text; `rows` are cell texts with merged cells filled, `subject` what a form is of."""

    id: str
    caption: str | None
    header: list[list[str]]
    rows: list[list[str]]
    section: str | None
    start: int
    end: int
    cells: list[Cell]
    subject: str | None = None


class Entity(Struct, frozen=True, gc=False):
    """A name: organisation, place, person, policy, document number, date, project or group of people."""

    id: str
    type: str
    text: str
    norm: str | None
    start: int
    end: int
    section: str | None


class Quantity(Struct, frozen=True, gc=False):
    """A number that measures something, in exact base units."""

    id: str
    kind: str
    text: str
    value: Decimal | None
    unit: str | None
    comparator: str
    approx: bool
    low: Decimal | None
    high: Decimal | None
    start: int
    end: int
    section: str | None
    table: str | None
    rule: str


class Indicator(Struct, frozen=True, gc=False):
    """What is measured: the words of the text, their place, and the canonical id where one is known."""

    text: str
    start: int
    end: int
    id: str | None


class Period(Struct, frozen=True, gc=False):
    """The time a value is of; `start` and `end` are ISO dates, null where the text does not say."""

    text: str
    start: str | None
    end: str | None


class Metric(Struct, frozen=True, gc=False):
    """What a quantity says: one indicator, one value, one role.

    `unit_inherited` tells that the unit was not written at the number but taken from its list, column or heading.
    """

    id: str
    quantity: str
    indicator: Indicator | None
    role: str
    value: Decimal | None
    unit: str | None
    kind: str
    comparator: str
    approx: bool
    period: Period | None
    subject: str | None
    section: str | None
    sentence: Span
    source: str
    rule: str
    unit_inherited: bool = False


class Side(Struct, frozen=True, gc=False):
    """One side of a pair: a value with its unit, or words with `value` null."""

    text: str
    start: int
    end: int
    value: Decimal | None
    unit: str | None
    comparator: str | None
    metric: str | None


class Pair(Struct, frozen=True, gc=False):
    """A target beside its result."""

    id: str
    indicator: Indicator | None
    basis: str
    target: Side | None
    actual: Side | None
    completion: Decimal | None
    computed_completion: Decimal | None
    implied_target: Decimal | None
    met: bool | None
    section: str | None
    start: int
    end: int
    source: str
    rule: str


class Change(Struct, frozen=True, gc=False):
    """A move of one indicator between two periods; the four values are metric ids."""

    id: str
    indicator: Indicator | None
    direction: str
    current: str | None
    previous: str | None
    delta: str | None
    rate: str | None
    base_period: Period | None
    section: str | None
    start: int
    end: int
    rule: str


class Part(Struct, frozen=True, gc=False):
    """One part of a breakdown: its metric and the metric of its share, where one is stated."""

    metric: str
    share: str | None


class Breakdown(Struct, frozen=True):
    """A total and its parts."""

    id: str
    total: str | None
    parts: list[Part]
    section: str | None
    start: int
    end: int
    rule: str


class Finding(Struct, frozen=True):
    """A statement that does not agree with others; see the audit."""

    id: str
    rule: str
    severity: str
    message: str
    stated: Decimal | None
    expected: Decimal | None
    tolerance: Decimal | None
    refs: list[str]
    start: int
    end: int


class Report(Struct, frozen=True):
    """All that was read from one document."""

    schema_version: str
    doc_id: str
    source: SourceInfo
    document: DocumentInfo
    sections: list[Section]
    tables: list[Table]
    entities: list[Entity]
    quantities: list[Quantity]
    metrics: list[Metric]
    pairs: list[Pair]
    changes: list[Change]
    breakdowns: list[Breakdown]
    findings: list[Finding]
