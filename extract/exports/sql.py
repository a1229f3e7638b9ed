"""The views a researcher starts from, in SQL that both SQLite and DuckDB read."""

from __future__ import annotations

from typing import Final

_PLACE: Final = "place_code, province, prefecture, county, organisation, year, indicator_id, indicator"
_WIDE_ROLES: Final = (
    "actual", "target", "budget", "budget_adjusted", "previous", "change", "growth", "completion", "share", "score",
    "full_score",
)  # fmt: skip


def _wide(role: str) -> str:
    name = "share_of_total" if role == "share" else role
    return (
        f"max(CASE WHEN role = '{role}' THEN value END) AS {name}, "
        f"max(CASE WHEN role = '{role}' THEN unit END) AS {name}_unit"
    )


#: name: query. Every view is described in docs/data.md.
VIEWS: Final[dict[str, str]] = {
    # one row a place, organisation, year and indicator; the roles side by side
    "panel_wide": (
        f"SELECT {_PLACE}, {', '.join(map(_wide, _WIDE_ROLES))}, "
        "max(CASE WHEN conflict THEN 1 ELSE 0 END) AS conflict, sum(statements) AS statements "
        f"FROM panel GROUP BY {_PLACE}"
    ),
    # every target or budget with its result, in figures, with what is missing computed
    "target_actual": (
        "SELECT doc_id, organisation, province, prefecture, county, fiscal_year, section_type, id, indicator, "
        "indicator_id, basis, target_comparator, coalesce(target_value, implied_target) AS target, "
        "target_value IS NULL AND implied_target IS NOT NULL AS target_implied, actual_value AS actual, "
        "coalesce(actual_unit, target_unit) AS unit, coalesce(completion, computed_completion) AS completion, met, "
        "target AS target_text, actual AS actual_text FROM pairs"
    ),
    # targets that were missed, the farthest first
    "targets_missed": (
        "SELECT doc_id, organisation, fiscal_year, indicator, indicator_id, target, target_value, actual, "
        "actual_value, actual_unit, coalesce(completion, computed_completion) AS completion FROM pairs "
        "WHERE met = (1 = 0) ORDER BY coalesce(completion, computed_completion), doc_id, start"
    ),
    # how often and in how many reports each known indicator is stated
    "indicators_stated": (
        "SELECT indicator_id, min(indicator) AS indicator, count(*) AS statements, "
        "count(DISTINCT doc_id) AS documents, min(fiscal_year) AS first_year, max(fiscal_year) AS last_year "
        "FROM metrics WHERE indicator_id IS NOT NULL GROUP BY indicator_id"
    ),
    # values that reports contradict each other about
    "contradictions": (
        f"SELECT {_PLACE}, role, value_min, value_max, unit, statements, documents, stated, where_stated FROM panel "
        "WHERE conflict"
    ),
    # findings of the audit beside the report they are in
    "findings_by_document": (
        "SELECT doc_id, title, organisation, fiscal_year, severity, rule, count(*) AS findings FROM findings "
        "GROUP BY doc_id, title, organisation, fiscal_year, severity, rule"
    ),
}
