"""The audit: do the figures of a report agree with each other?

Plain functions from the finished records to drafts of findings, one module for each family of rules:

    rates       completion of targets and budgets, growth
    shares      占…% against part and whole, shares against 100 %
    sums        totals against their parts in a sentence
    columns     the same over paragraphs and rows of a table
    accounts    what the form of an account fixes
    scores      weights and scores of self-evaluation tables
    conflicts   one indicator with two values, units off by 10⁴
    wording     direction words, claims of completion, missing units, template residue

Read `intervals` (what a printed figure may stand for) and `ledger` (how the rules look figures up) first; `goals` looks
up targets. The work grows with the text alone: a rule finds places by bisection, never by going over all figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from extract.audit.accounts import balances, identities
from extract.audit.columns import paragraph_columns, table_columns
from extract.audit.conflicts import conflicts
from extract.audit.draft import Draft
from extract.audit.ledger import Ledger
from extract.audit.messages import SEVERITIES, Messages
from extract.audit.rates import completion_rates, growth_rates
from extract.audit.scores import score_tables
from extract.audit.shares import share_sums, shares
from extract.audit.sums import summed_up, sums_of_parts
from extract.audit.wording import directions, missed_targets, missing_units, residues
from extract.audit.words import LANGUAGES, Words
from extract.numbers import plain
from extract.patterns import Pack
from extract.records import Finding, Report

Rule = Callable[[Ledger, Words], Iterator[Draft]]

RULES: Final[tuple[Rule, ...]] = (
    completion_rates,
    growth_rates,
    shares,
    share_sums,
    sums_of_parts,
    summed_up,
    paragraph_columns,
    table_columns,
    identities,
    balances,
    score_tables,
    directions,
    conflicts,
    missed_targets,
    missing_units,
    residues,
)


class Auditor:
    """All rules with the words of one grammar; made once, used for any number of reports.

    Raises `extract.patterns.PatternError` where the grammar lacks a word list, a table or a language.
    """

    def __init__(self, pack: Pack, *, language: str = "zh") -> None:
        self._words = Words(pack)
        self._messages = Messages(self._words.messages, language)

    def findings(self, report: Report, text: str) -> list[Finding]:
        """What does not agree in a report, in document order; `text` is its source text, noise masked or not."""
        ledger = Ledger(report, text)
        drafts = {(one.rule, one.start, one.end): one for rule in reversed(RULES) for one in rule(ledger, self._words)}
        ordered = sorted(drafts.values(), key=lambda one: (one.start, one.end, one.rule, one.words))
        return [
            Finding(
                f"f{number}",
                one.rule,
                one.severity,
                self._messages.of(one),
                _plain(one.stated),
                _plain(one.expected),
                _plain(one.tolerance),
                list(dict.fromkeys(one.refs)),
                one.start,
                one.end,
            )
            for number, one in enumerate(ordered, 1)
        ]


def _plain(value: Decimal | None) -> Decimal | None:
    return plain(value) if value is not None else None


__all__ = ["LANGUAGES", "RULES", "SEVERITIES", "Auditor"]
