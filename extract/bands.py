"""The headings of a band of rows: what each column holds, and which columns name its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from extract.columns import FIGURES, LABELS, Columns, Heading, Unit
from extract.table_readings import Seen

_CONTENT: Final = FIGURES | {"goal", "result"}
_ASIDE: Final = frozenset(("index", "unit", "comparator", "note"))


class Column(Struct, frozen=True):
    """One column: its role, its unit and year, and `item`, the cell that names what it is of beside the row label.

    基本支出 below 本年支出 is such an item, as is any heading without a known role over figures.
    """

    role: str
    unit: Unit | None
    year: int | None
    rule: str
    text: str
    item: Seen | None
    item_text: str


class Group(Struct, frozen=True):
    """Columns that name rows, and the columns of figures that they name."""

    labels: list[int]
    columns: list[int]


class Band(Struct):
    """The columns below one row of headings, or several; `unit` is that of all money (项目资金（万元）)."""

    columns: list[Column]
    groups: list[Group]
    unit: Unit | None
    base_year: int | None
    carried: dict[int, Seen]  # labels of merged cells, by column

    @property
    def roles(self) -> list[str]:
        """The roles of all columns."""
        return [column.role for column in self.columns]


def make_band(stacks: Sequence[Sequence[Seen]], columns: Columns) -> Band:
    """A band from the headings that stand over each column, the lowest last."""
    made = [_column(stack, columns) for stack in stacks]
    roles = [column.role for column in made]
    first = next((at for at, role in enumerate(roles) if role in _CONTENT), min(1, len(made)))
    labels = [at for at, role in enumerate(roles) if role in LABELS or (at < first and role not in _ASIDE)]
    years = {one.year for one in made if one.year is not None and one.role in ("executed", "value")}
    base_year = min(years) if len(years) == 2 and max(years) - min(years) == 1 else None
    made = [
        Column(one.role, one.unit, one.year, one.rule, one.text, None, "") if at in labels else one
        for at, one in enumerate(made)
    ]
    unit = next((made[at].unit for at in labels if made[at].unit is not None), None)
    return Band(made, _groups(labels, len(made)), unit, base_year, {})


def _groups(labels: Sequence[int], width: int) -> list[Group]:
    """Label columns with the columns to their right, up to the next label columns: two tables side by side are two."""
    groups: list[Group] = []
    for at in range(width):
        if at in labels and (not groups or groups[-1].columns):
            groups.append(Group([], []))
        if not groups:
            groups.append(Group([], []))
        (groups[-1].labels if at in labels else groups[-1].columns).append(at)
    if len(groups) > 1 and not groups[0].labels:  # 序号 before the names
        groups = [Group(groups[1].labels, groups[0].columns + groups[1].columns), *groups[2:]]
    return groups


def _column(stack: Sequence[Seen], columns: Columns) -> Column:
    """What the headings over one column say together."""
    heads = [(seen, columns.heading(seen.text)) for seen in stack if seen.text]
    if not heads:
        return Column("", None, None, "", "", None, "")
    lowest = heads[-1][1]
    named = _telling([head for _, head in heads])
    item: Seen | None = None
    item_text = ""
    if lowest.role in ("", "field", "subject", "indicator") or (lowest.role == "executed" and named is not lowest):
        chosen = next(((seen, head) for seen, head in reversed(heads) if head.text not in columns.thin), heads[-1])
        if chosen[1] is not named or not named.role:
            item, item_text = chosen[0], chosen[1].text
        elif heads[-1][1] is not named:
            item, item_text = heads[-1][0], heads[-1][1].text
    if lowest.role == "value" and lowest.rule == "column.year":
        over = next(((seen, head) for seen, head in reversed(heads[:-1]) if not head.role), None)
        if over is not None:  # 参保人数 over 2022年 and 2023年
            item, item_text = over[0], over[1].text
    role = named.role
    if role in ("field", "subject") or (role == "indicator" and len(heads) > 1):
        role = named.role if item is None else ""
    return Column(
        role,
        next((head.unit for _, head in reversed(heads) if head.unit is not None), None),
        next((head.year for _, head in reversed(heads) if head.year is not None), None),
        named.rule,
        lowest.text,
        item,
        item_text,
    )


def _telling(heads: Sequence[Heading]) -> Heading:
    """The heading of a stack that says the role: the lowest that has one, but 金额 only where no other has."""
    lowest = heads[-1]
    if lowest.role and lowest.role not in ("field", "subject", "value", "indicator", "executed"):
        return lowest
    strong = next(
        (head for head in reversed(heads) if head.role in FIGURES and head.role not in ("value", "executed")), None
    )
    if strong is not None:
        return strong
    return next((head for head in heads if head.role == "executed"), None) or next(
        (head for head in reversed(heads) if head.role == "value"), lowest
    )


__all__ = ["Band", "Column", "Group", "make_band"]
