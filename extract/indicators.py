"""The indicators of the lexicon: which of them a phrase means.

The names are those of `patterns/lexicon/indicators.csv` and `budget_items.csv`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from extract.patterns import Pack
from extract.template_language import DATE_CHAR

_PLACE_GENRES: Final = frozenset(
    (
        "statistical_bulletin", "government_work_report", "budget_execution_report", "audit_report",
        "statistical_analysis",
    )
)  # fmt: skip
_LEVEL_WORDS: Final = (
    "全市", "全县", "全区", "全省", "市级", "县级", "区级", "省级", "地方", "市本级", "县本级", "区本级", "省本级",
)  # fmt: skip
_OF_UNITS: Final = ("fin.total", "fin.rev_", "fin.exp_", "hr.park", "asset.", "org.")  # no place has them
ITEM_MARK: Final = re.compile(r"[（(](?:[类款项]|\d{2,7}[类款项]?)[）)]")  # （款）, （204类）, （2010101）


class Indicators:
    """The indicators that one grammar knows by name; `lead` matches the words before a name that are no part of it."""

    def __init__(self, pack: Pack, lead: Any) -> None:
        self._lead = lead
        self._by_name = _by_name(pack)
        self.names = frozenset(self._by_name)
        self._budget_items = frozenset(
            name
            for row in pack.table("budget_items")
            for name in (row["name_zh"], *row["printed_variants"].split(";"))
            if name
        )

    def id_of(self, text: str, kind: str, unit: str | None, *, place_level: bool) -> str | None:
        """The canonical id of a phrase: an alias in full after scope words are off; kind, then unit agreeing."""
        text = text.replace(DATE_CHAR, "").replace(" ", "")
        rows = self._by_name.get(text)
        if rows is None and text.startswith(_LEVEL_WORDS):
            rows = self._by_name.get(text[2:]) or self._by_name.get(text[3:])
        if rows is None:
            stripped = text
            match = self._lead.match(stripped)
            if match is not None:
                stripped = stripped[match.end() :]
            rows = self._by_name.get(stripped) or self._by_name.get(stripped.strip("“”\"'"))
            stripped = stripped.removesuffix("决算数")
            if rows is None and stripped.endswith(("人数", "数量", "总数", "决算", "个数", "费支出")):
                rows = self._by_name.get(stripped[:-2]) or self._by_name.get(stripped[:-2].removesuffix("支出"))
            if rows is None and stripped.endswith("）"):  # 生产总值（GDP）
                rows = self._by_name.get(stripped[: stripped.rfind("（")])
            if rows is None:
                return "fin.exp_func" if kind in ("money", "number", "rate") and self._is_budget_item(text) else None
        fits = [row for row in rows if row[1] == kind or kind in ("number", "percentage_point", "multiple", "rate")]
        if place_level:  # a place's accounts are not a unit's
            fits = [row for row in fits if not row[0].startswith(_OF_UNITS)]
            fits.sort(key=lambda row: not row[0].startswith("macro."))
        if not fits:
            return None
        return next((row[0] for row in fits if row[2] == unit), fits[0][0])

    def _is_budget_item(self, text: str) -> bool:
        """Whether a phrase ends in the name of a line of the expenditure classification."""
        parts = [part for part in ITEM_MARK.split(text.strip("“”")) if part]
        name = parts[-1] if parts else text
        name = parts[-2] + name if name == "支出" and len(parts) > 1 else name  # 一般公共服务（类）支出
        return name.rpartition("—")[2].strip("“” ") in self._budget_items

    def is_place_genre(self, genre: str | None) -> bool:
        """Whether reports of this genre speak of a whole place, so that its budget is meant and not a unit's."""
        return genre in _PLACE_GENRES


def _by_name(pack: Pack) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in pack.table("indicators"):
        for name in (row["name_zh"], *row["aliases"].split(";")):
            if name:
                found.setdefault(name, []).append((row["id"], row["kind"], row["unit"]))
    # a place's 一般公共预算收入 is the macro row that the note of the unit's row names
    for unit, place in (("一般公共预算收入", "macro.gpb_revenue"), ("一般公共预算支出", "macro.gpb_expenditure")):
        found.setdefault(unit, []).append((place, "money", "元"))
    return found
