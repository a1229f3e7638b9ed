"""What may stand in a mark of a gold text: section types, figures and their agreement with the printed words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from extract.records import COMPARATORS, QUANTITY_KINDS

# the types of a section, in the order of a report
SECTION_TYPES: Final = (
    "responsibilities",
    "organisation",
    "staffing",
    "accounts_overall",
    "revenue",
    "expenditure",
    "fiscal_accounts",
    "general_budget",
    "basic_expenditure",
    "three_public",
    "government_fund",
    "state_capital",
    "social_insurance_fund",
    "operating_cost",
    "general_expense",
    "procurement",
    "state_assets",
    "carryover",
    "other_matters",
    "performance_management",
    "glossary",
    "project_overview",
    "fund_allocation",
    "fund_use",
    "fund_management",
    "performance_target",
    "implementation",
    "evaluation_method",
    "performance_results",
    "indicator_quantity",
    "indicator_quality",
    "indicator_timeliness",
    "indicator_cost",
    "benefit_economic",
    "benefit_social",
    "benefit_ecological",
    "benefit_sustainability",
    "satisfaction",
    "work_narrative",
    "conclusion",
    "results_use",
    "problems",
    "improvement",
    "experience",
    "attachment",
    "part_heading",
    "other",
)

_DECIMAL: Final = re.compile(r"-?\d+(?:\.\d+)?")
_WIDTH: Final = {0xFF10 + i: 0x30 + i for i in range(10)} | {0xFF0E: ".", 0xFF05: "%", 0xFF0C: ",", 0xFF0D: "-"}
_NUMERAL: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_SCALES: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_CHINESE: Final = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "两": 2, "〇": 0}
_UNIT_OF_KIND: Final = {
    "rate": re.compile("[%‰]"),
    "percentage_point": re.compile("个百分点|个千分点"),
    "score": re.compile("分"),
    "multiple": re.compile("[倍番]"),
    "money": re.compile(".*[元镑].*"),
}


class MarkError(ValueError):
    """A marked text that cannot be read; the message names the line and the mark."""


def plain_number(text: str, where: str) -> int | float:
    """The number as JSON writes it. Raises `MarkError`, naming `where`."""
    if not _DECIMAL.fullmatch(text):
        raise MarkError(f"{where}: {text!r} is no plain decimal number")
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def read_spec(spec: str, where: str) -> dict[str, Any]:
    """Kind, value, unit, comparator and approximation of a quantity mark. Raises `MarkError`, naming `where`."""
    kind, value, unit, *rest = [*spec.split(), "", "", ""][: max(3, len(spec.split()))]
    if kind not in QUANTITY_KINDS:
        raise MarkError(f"{where}: {kind!r} is no kind of quantity; one of {', '.join(QUANTITY_KINDS)}")
    if not unit:
        raise MarkError(f"{where}: after the kind stand value and unit (null for none)")
    approx = "~" in rest
    comparators = [item for item in rest if item != "~"]
    if len(comparators) > 1 or any(item not in COMPARATORS for item in comparators):
        raise MarkError(f"{where}: after the unit stand a comparator and ~, not {' '.join(rest)!r}")
    low, dots, high = value.partition("..")
    form = _UNIT_OF_KIND.get(kind)
    if (form and unit != "null" and not form.fullmatch(unit)) or (kind == "number") != (unit == "null"):
        raise MarkError(f"{where}: {unit!r} is no unit of the kind {kind}")
    record: dict[str, Any] = {
        "kind": kind,
        "value": None if dots else plain_number(value, where),
        "unit": None if unit == "null" else unit,
        "comparator": comparators[0] if comparators else "=",
        "approx": approx,
    }
    if dots:
        record |= {"low": plain_number(low, where), "high": plain_number(high, where)}
    return record


def check_surface(surface: str, record: dict[str, Any], where: str) -> None:
    """Refuse a value that the surface's own digits cannot mean, and a unit that the surface does not end in."""
    plain = re.sub(r"[\s,]", "", surface.translate(_WIDTH))
    wanted = {Decimal(str(record[key])) for key in ("value", "low", "high") if record.get(key) is not None}
    possible = set(_readings(plain))
    if possible and not wanted <= possible:
        found = ", ".join(str(value) for value in sorted(possible))
        raise MarkError(f"{where}: {surface!r} can be read as {found}, not as {', '.join(map(str, sorted(wanted)))}")
    unit = record["unit"]
    rest = re.sub(r"[-\d.十百千万亿多余几来近约超≥≤<>＞＜=＝~～—至到以上下左右内及过]", "", plain)
    if unit and rest and possible and not re.search("[成半]|分之", plain) and unit.translate(_WIDTH) not in plain:
        raise MarkError(f"{where}: the surface {surface!r} does not hold the unit {unit!r}")


def _readings(plain: str) -> Iterator[Decimal]:
    """Every value that the digits may stand for, with the scale words after them in and out."""
    if "半" in plain:
        return
    for found in _NUMERAL.finditer(plain):
        value = Decimal(found[0].replace(",", ""))
        yield value
        yield abs(value)
        if found[0] == plain:  # a bare figure of a table or list, whose 万元 stands elsewhere
            yield value * 10_000
            yield value * 100_000_000
        # in 3至5万 the first number takes the scale of the second: every scale word that follows may apply
        for scale in re.finditer("[十百千万亿]", plain[found.end() :]):
            value *= _SCALES[scale[0]]
            yield value
    if not re.search(r"\d", plain):
        for chinese in re.finditer("[零〇一二两三四五六七八九十百千万亿]+", plain):
            value = Decimal(_chinese(chinese[0]))
            yield value
            if "成" in plain:
                yield value * 10


def _chinese(numeral: str) -> int:
    total = section = digit = 0
    for character in numeral:
        scale = _SCALES.get(character, 0)
        if scale >= 10_000:
            total, section, digit = (total + section + digit) * scale, 0, 0
        elif scale:
            section, digit = section + (digit or 1) * scale, 0
        else:
            digit = _CHINESE[character]
    return total + section + digit
