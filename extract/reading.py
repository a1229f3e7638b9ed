"""What is known of one figure while a block is being read, and of the block itself. Positions are typed positions."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from extract.phrases import Phrase
from extract.quantities import Found
from extract.templates import Hit

NO_METRIC = "none"
LEVELS = frozenset(("actual", "target", "budget", "budget_adjusted", "previous"))
AMOUNTS = frozenset(("money", "count", "measure", "number"))
LIST_MARKS = frozenset(("、", "和", "与", "及", "或", "，", ",", "以及", ""))


class BlockInfo(Struct, frozen=True, gc=False):
    """A block in typed positions, with the heading that governs it and the role its section gives to figures."""

    start: int
    end: int
    heading: Phrase | None
    frame: str | None
    frame_rule: str
    section: int | None
    prose: bool


class Reading:
    """One figure with what was read of it.

    `index` is its place among all figures, `order` that in its block. `own` tells that its phrase stands at the figure
    itself; `shared` are further indicators that the one figure speaks of, `names` the phrases of a 分别 list before
    it, `clauses` those parted by commas. `sentence` is where its sentence starts, `depth` how deep in brackets it is.
    """

    __slots__ = (
        "block",
        "clauses",
        "cue",
        "depth",
        "found",
        "hit",
        "index",
        "names",
        "order",
        "own",
        "phrase",
        "place",
        "relation",
        "role",
        "rule",
        "sentence",
        "shared",
        "sign",
    )

    def __init__(self, index: int, order: int, found: Found, place: int, block: int) -> None:
        self.index = index
        self.order = order
        self.found = found
        self.place = place
        self.block = block
        self.hit: Hit | None = None
        self.cue = place
        self.role = "actual"
        self.rule = "default.actual"
        self.sign = ""
        self.phrase: Phrase | None = None
        self.own = False
        self.shared: Sequence[Phrase] = ()
        self.names: Sequence[Phrase] = ()
        self.clauses: Sequence[Phrase] = ()
        self.relation = ""
        self.depth = 0
        self.sentence = 0

    def told(self, key: str) -> str:
        """What the rule that fired sets for `key`, or nothing."""
        return str(self.hit.template.rule.set.get(key, "")) if self.hit is not None else ""
