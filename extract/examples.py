"""What a rule reads in a sentence, held against what its examples mark.

Used by `extract check` and by the tests. A rule of regular expressions reads all its matches; a template rule reads
the figures that it wins, in a text whose figures and dates are found already; a frame rule reads the words that tell
a role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Final

from msgspec import Struct

from extract.dates import find_dates
from extract.patterns import Pack, PatternError, Rule, unmark
from extract.quantities import Found, QuantityFinder
from extract.records import COMPARATORS, Quantity
from extract.source import View, make_source
from extract.templates import Hit, TemplateSet, TypedText, value_fits

Span = tuple[int, int]

SECONDS: Final = 0.5  # the longest that one expression may take over one of the texts below
LINE: Final = 1_000  # rules of kind document see single lines only, and none that is longer
NASTY: Final = tuple(
    (piece * (20_000 // len(piece)), name)
    for piece, name in (
        ("1", "20,000 digits"),
        ("1.", "a long run of digits and points"),
        ("人", "20,000 times one character"),
        ("一", "20,000 numerals"),
        ("（", "20,000 open brackets"),
        ("“", "20,000 open quotes"),
        ("甲、乙、", "a long list"),
        ("甲乙丙，丁", "a long text without a full stop"),
        (" ", "20,000 blanks"),
    )
)
_BEFORE: Final = "为"  # what a form stands in, so that it does not begin the text
_AFTER: Final = "。"
_SETTLED: Final = ("budget", "budget_adjusted")


class Sentence(Struct, frozen=True):
    """A sentence with its figures and dates found."""

    view: View
    found: list[Found]
    typed: TypedText


class Won(Struct, frozen=True):
    """A figure, the template that reads it, and the other templates that fit there, best first."""

    place: int
    hit: Hit | None
    others: tuple[Hit, ...]


class Reader:
    """Reads sentences with the rules of one pack, without naming what the figures are of."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    @cached_property
    def quantities(self) -> QuantityFinder:
        """The quantity grammar."""
        return QuantityFinder(self.pack)

    @cached_property
    def templates(self) -> TemplateSet:
        """The template grammar."""
        return TemplateSet(self.pack)

    def sentence(self, text: str) -> Sentence:
        """The figures and dates of a text that is taken as one block."""
        source = make_source(text)
        view = View(source.clean, [(0, len(text))])
        dates = [(date.start, date.end) for date in find_dates(view, self.pack, year=None)]
        found = self.quantities.find(view.text, dates)
        typed = TypedText(view.text, [(one.start, one.end, one.kind) for one in found], dates)
        return Sentence(view, found, typed)

    def won(self, sentence: Sentence) -> Iterator[Won]:
        """For every figure from left to right the template that reads it."""
        typed = sentence.typed.text
        roles: dict[int, str] = {}
        for found, place in zip(sentence.found, sentence.typed.places, strict=True):
            fitting = [
                hit
                for hit in self.templates.every(typed, 0, place)
                if applies(hit, found, typed, settled=any(role in _SETTLED for role in roles.values()))
            ]
            hit = fitting[0] if fitting else None
            if hit is not None:
                for at, role in zip(hit.places, hit.template.roles, strict=True):
                    roles.setdefault(at, role)
                roles[place] = hit.template.roles[-1]
            yield Won(place, hit, tuple(fitting[1:]))

    def reads(self, rule: Rule, text: str) -> set[Span]:
        """What a rule reads in a plain text, as offsets of that text."""
        if rule.kind == "template":
            sentence = self.sentence(text)
            by_place = dict(zip(sentence.typed.places, sentence.found, strict=True))
            return {
                sentence.view.span(by_place[place].start, by_place[place].end)
                for won in self.won(sentence)
                if won.hit is not None and won.hit.template.id == rule.id
                for place in won.hit.places
            }
        if rule.kind == "frame" and rule.set.get("where") in ("sentence", "block"):
            sentence = self.sentence(text)
            typed, view = sentence.typed, sentence.view
            return {
                view.span(typed.to_view(match.start()), typed.to_view(match.end()))
                for match in rule.pattern.finditer(typed.text)
                if match.end() > match.start()
            }
        closed = (
            text if rule.kind in ("heading", "noise", "frame", "document", "column") else text + "\n"
        )  # as in a view
        return {match.span() for match in rule.pattern.finditer(closed) if match.end() > match.start()}

    # --- what is wrong, in words; None when all is well ------------------------------------------------------------
    def example(self, rule: Rule, example: str) -> str | None:
        """Whether the rule reads just what the example marks."""
        try:
            text, marked = unmark(example)
        except PatternError as error:
            return f"{error}; close every mark"
        if not marked:
            return f"the example {example!r} marks nothing; put ⟦ ⟧ around what the rule reads"
        read = self.reads(rule, text)
        missing = [span for span in marked if span not in read]
        extra = sorted(read - set(marked)) if rule.kind == "template" else []
        if not missing and not extra:
            return None
        saw = "、".join(text[start:end].strip("\n") for start, end in sorted(read)) or "nothing"
        other = self._winners(text) if rule.kind == "template" else ""
        return f"the example {example!r} does not hold, the rule reads {saw}{other}; move the marks or mend the rule"

    def counter(self, rule: Rule, counter: str) -> str | None:
        """Whether the rule reads nothing in a counter-example."""
        try:
            text, _ = unmark(counter)
        except PatternError as error:
            return f"{error}; a counter-example needs no marks"
        read = sorted(self.reads(rule, text))
        if not read:
            return None
        saw = "、".join(text[start:end] for start, end in read)
        return f"in the counter-example {counter!r} the rule reads {saw}; make the rule narrower"

    def form(self, value: str, text: str) -> str | None:
        """Whether a surface is read whole, as one quantity of the value that all its forms have."""
        try:
            wanted = read_form(value)
            plain, marked = unmark(text)
        except PatternError as error:
            return f"form {value!r}: {error}"
        start, end = marked[0] if marked else (0, len(plain))
        sentence = self.sentence(f"{_BEFORE}{plain}{_AFTER}")
        if len(sentence.found) != 1:
            return f"form {text!r} is read as {len(sentence.found)} quantities, not as one; mend the rule or the form"
        one = sentence.found[0]
        first, last = sentence.view.span(one.start, one.end)
        if (first - len(_BEFORE), last - len(_BEFORE)) != (start, end):
            return f"form {text!r} is not read whole, only {sentence.view.text[one.start : one.end]!r}; mend the rule"
        got = describe_value(one)
        if got != wanted:
            return f"form {text!r} is read as {got!r}, not as {wanted!r}; mend the rule or the value"
        return None

    def _winners(self, text: str) -> str:
        ids = [won.hit.template.id for won in self.won(self.sentence(text)) if won.hit is not None]
        return f" (its figures are read by {', '.join(ids)})" if ids else " (no template reads its figures)"


def applies(hit: Hit, found: Found, typed: str, *, settled: bool) -> bool:
    """Conditions of a rule that its template cannot say; `settled` tells that a budget stands before the figure."""
    told = hit.template.rule.set
    if not value_fits(hit, found.comparator, found.value):
        return False
    if told.get("after") == "budget" and not settled:
        return False
    not_after = told.get("not_after")
    return not (not_after and typed[: hit.start].endswith(tuple(str(not_after).split("|"))))


def describe_value(found: Found | Quantity) -> str:
    """Value, unit, comparator and approximation as a form writes them: `95 % >=`, `560 场 ~`, `3..5 个`."""
    number = f"{found.low:f}..{found.high:f}" if found.value is None else f"{found.value:f}"
    marks = [found.comparator] * (found.comparator != "=") + ["~"] * found.approx
    return " ".join([number, found.unit or "null", *marks])


def read_form(value: str) -> str:
    """A form's value in the one way of writing it. Raises `PatternError`."""
    number, *rest = value.split() or [""]
    try:
        exact = [f"{Decimal(part):f}" for part in number.split("..")]
    except InvalidOperation:
        raise PatternError(f'{number!r} is no number; write value = "23501600 元"') from None
    if not rest or not set(rest[1:]) <= {*COMPARATORS, "~"}:
        raise PatternError("after the number stand the unit (null for none), a comparator and ~ where they apply")
    return " ".join(["..".join(exact), rest[0], *sorted((mark for mark in rest[1:] if mark != "="), key="~".__eq__)])


def too_slow(rule: Rule) -> str | None:
    """The text over which a rule takes too long, or None."""
    own = re.sub("[⟦⟧]", "", rule.spec.examples[0]) if rule.spec.examples else ""
    limit = LINE if rule.kind == "document" else None
    texts = [*NASTY, (own * (20_000 // len(own)), "its first example, many times")] if own else NASTY
    for text, name in texts:
        try:
            for _ in rule.pattern.finditer(text[:limit], timeout=SECONDS):
                pass
        except TimeoutError:
            return name
    return None
