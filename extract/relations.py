"""How the sayings belong together: target and result, changes, totals and their parts.

All work on the readings of one block (a paragraph): a pair stands inside one paragraph, and elliptical figures share
their phrase with the figure they are of. Results are drafts that name readings; `assemble` gives them ids.
"""

from __future__ import annotations

from functools import partial

from extract.breakdowns import breakdowns
from extract.changes import ChangeRules
from extract.pairs import PairRules
from extract.patterns import Pack
from extract.phrases import Phrases


class Relations:
    """The relation rules of one grammar."""

    def __init__(self, pack: Pack, phrases: Phrases) -> None:
        self.pairs = PairRules(pack, phrases).pairs
        changes = ChangeRules(pack, phrases)
        self.changes = changes.changes
        self.base_period = changes.base_period
        self.breakdowns = partial(breakdowns, opens_parts=phrases.opens_parts)
