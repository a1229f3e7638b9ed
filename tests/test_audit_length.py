"""The audit of long documents: its short cuts find what plain search finds, its work grows with the text alone."""

from __future__ import annotations

import cProfile
import pstats
import random
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from extract.audit import Auditor
from extract.audit.columns import _Above, _columns
from extract.audit.goals import Wholes
from extract.audit.intervals import Interval, around, percent
from extract.audit.ledger import Figure, Ledger
from extract.audit.scopes import _SCOPE, _last_told
from extract.audit.words import Words
from extract.patterns import load_pack, unmark
from extract.pipeline import Extractor
from extract.records import Indicator, Metric, Quantity, Span
from extract.source import decode_text

PACK = load_pack()
WORDS = Words(PACK)
DRAWS = 400
REPORTS = Path(__file__).resolve().parents[1] / "corpus" / "reports"
LONG = (
    "accounts_lanshan_water_2024",
    "employment_summary_yunling_2024",
    "selfeval_qinghe_market_2024",
    "gwr_county_qinghe_2026",
)


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    """One extractor for all tests."""
    return Extractor(pack=PACK)


def calls(extractor: Extractor, text: str) -> int:
    """How many functions are called to audit a text: its work, the same on every machine."""
    report, auditor = extractor.read_text(text), Auditor(PACK)
    profile = cProfile.Profile()
    profile.runcall(auditor.findings, report, text)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("ending", "most"), [("\n", 1.05), (" ", 1.3)], ids=["lines", "one line"])
def test_the_work_of_the_audit_grows_with_the_text(extractor: Extractor, ending: str, most: float) -> None:
    """Eight times the text, in lines or all in one, takes eight times the work.

    In one line there is a little more of it: values of one name are compared with each other up to a number.
    """
    text = "\n".join(decode_text((REPORTS / f"{name}.txt").read_bytes())[0] for name in LONG).replace("\n", ending)
    assert calls(extractor, text * 40) < most * 8 * calls(extractor, text * 5)


def test_residue_is_found_where_its_words_stand() -> None:
    """A rule of residue that is tried at its words alone finds what it finds in the whole text."""
    draw = random.Random(1)
    rules = PACK.of_kind("residue")
    examples = [unmark(example)[0] for rule in rules for example in (*rule.spec.examples, *rule.spec.counter)]
    signs = [*"增减大小于加少/／（）或、 …._×Xx。，\n", "...", "增加", "减少", "主要原因是", "（或", "（项目名称）"]
    texts = [*examples, *("".join(draw.choices([*signs, *examples], k=12)) for _ in range(DRAWS))]
    found = 0
    for text in texts:
        needed = [one for one in rules if not one.set.get("needs") or any(w in text for w in _needs(one.set))]
        plain = [match.span() for rule in needed for match in rule.pattern.finditer(text)]
        assert WORDS.residue(text) == plain
        found += len(plain)
    assert found > DRAWS


def _needs(told: dict[str, object]) -> list[str]:
    return str(told["needs"]).split("|")


def test_a_whole_is_found_without_dividing_by_all() -> None:
    """Whether one of many wholes fits a part and its rate is what division by each of them says."""
    draw = random.Random(2)
    seen = set()
    for _ in range(DRAWS):
        wholes = [around(Decimal(draw.randint(0, 400)), Decimal(draw.choice((0, 1, 10)))) for _ in range(20)]
        part = around(Decimal(draw.randint(0, 200)), Decimal(draw.choice((0, 1))))
        rate = around(Decimal(draw.randint(0, 3000)) / 10, Decimal("0.1"))
        plain = any(one is not None and one.meets(rate) for one in (percent(part, whole) for whole in wholes))
        assert Wholes(wholes).agree(part, rate) is plain
        seen.add(plain)
    assert seen == {True, False}
    assert not Wholes([]).agree(Interval(Decimal(1), Decimal(1)), Interval(Decimal(1), Decimal(1)))


def test_a_scope_is_the_last_one_told(extractor: Extractor) -> None:
    """The scope told last before a place is the same whether its line is read once or anew for each place."""
    draw = random.Random(3)
    report = extractor.read_text("报告\n")
    for _ in range(DRAWS):
        text = "".join(draw.choices("全市县自治区省本级部预高新开发州，\n", k=40))
        ledger = Ledger(report, text)
        for place in range(len(text) + 1):
            told = _SCOPE.findall(text, ledger.line(place)[0], place)
            assert _last_told(ledger, place) == (told[-1] if told else None)


def rows_of(extractor: Extractor, draw: random.Random) -> list[dict[str, Figure]]:
    """A table of two columns with totals in it, some wrong; some figures left out, below zero or a bound."""
    quantities: list[Quantity] = []
    metrics: list[Metric] = []
    gaps, least = draw.choice((0, 0.1)), draw.choice((0, 0, -5))
    sums = {"budget": Decimal(0), "actual": Decimal(0)}
    for row in range(draw.randint(3, 30)):
        closing = draw.random() < 0.2
        for role in sums:
            value = Decimal(draw.randint(least, 30)) / draw.choice((1, 10)) * draw.choice((0, 1, 1))
            value = sums[role] + draw.choice((0, 0, 0, 1)) if closing else value
            sums[role] = Decimal(0) if closing else sums[role] + value
            if draw.random() < gaps:
                continue
            number, start, name = len(metrics), 20 * len(metrics), Indicator("合计" if closing else "项目", 0, 2, None)
            bound = draw.choice(("=",) * 30 + (">=",))
            text, value = str(value), value * 10_000
            quantities.append(
                Quantity(
                    f"q{number}", "money", text, value, "元", bound, False, None, None, start, start + 1, None, "t1",
                    "x",
                )
            )  # fmt: skip
            metrics.append(
                Metric(
                    f"m{number}", f"q{number}", name, role, value, "元", "money", bound, False, None, None, None,
                    Span(row, row + 1), "table", "x",
                )
            )  # fmt: skip
    report = replace(extractor.read_text("报告\n"), quantities=quantities, metrics=metrics)
    rows: dict[Span, dict[str, Figure]] = {}
    for one in Ledger(report, "").figures:
        rows.setdefault(one.metric.sentence, {})[one.metric.role] = one
    return list(rows.values())


def test_a_long_table_is_added_up_as_far_as_it_matters(extractor: Extractor) -> None:
    """The rows above a total that are left out change nothing of what is found."""
    draw = random.Random(4)
    found = 0
    for _ in range(DRAWS):
        rows = rows_of(extractor, draw)
        above = _Above(rows)
        for number, row in enumerate(rows):
            plain = list(_columns(row, rows[:number][::-1]))
            assert list(above.columns(row, number)) == plain
            found += len(plain)
    assert found > DRAWS // 4
