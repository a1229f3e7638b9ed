"""Numbers as they stand in messages: in the print of the report, short where all are in one unit."""

from __future__ import annotations

from decimal import Decimal

from extract.audit.ledger import Figure
from extract.numbers import plain


def amount(figure: Figure, beside: Figure | None = None) -> str:
    """A figure for a formula: its numeral alone where all figures of the formula share unit and scale."""
    if beside is None or (beside.scale == figure.scale and beside.metric.unit == figure.metric.unit):
        return numeral(figure)
    return figure.shown


def numeral(figure: Figure) -> str:
    """The numeral as printed, with its sign: `442.66`."""
    return f"{plain(figure.value / figure.scale):f}"


def amounts(value: Decimal, like: Figure) -> str:
    """A value in the print of a figure: 8389800 like `897.32万元` is `838.98万元`."""
    word = {Decimal(10) ** 4: "万", Decimal(10) ** 8: "亿", Decimal(10) ** 12: "万亿"}.get(like.scale)
    unit = like.metric.unit or ""
    if word is None:
        return f"{plain(value):f}{unit}"
    return f"{plain(value / like.scale):f}{word}{unit}"
