"""Score tables: weights against the weight of their block and of the whole, scores against their total and weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from extract.audit.draft import Draft
from extract.audit.ledger import Figure, Ledger
from extract.audit.rates import side_figure
from extract.audit.wording import missed
from extract.audit.words import Words

Run = list[Figure]


def score_tables(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """Weights and scores of every table that has them: 产出指标（50分）, 分值, 得分, 总分."""
    for figures in _by_table(ledger).values():
        weights = [one for one in figures if one.metric.role == "full_score" and one.plain]
        scores = [one for one in figures if one.metric.role == "score" and one.plain]
        blocks, loose, total = _blocks(words, weights)
        for block, items in blocks:
            yield from _block(block, items)
        items = [*loose, *(one for _, inner in blocks for one in inner)]
        yield from _whole("weights_total", total, items, words)
        given = [one for one in scores if not words.total_name(one.name)]
        totals = [one for one in scores if words.total_name(one.name)]
        yield from _whole("scores_total", totals[0] if len(totals) == 1 else None, given, words)
        yield from _beyond(weights, given)
        if len(totals) == 1:
            yield from _conclusions(ledger, words, totals[0])
    yield from _full_scores(ledger, words)


def _conclusions(ledger: Ledger, words: Words, total: Figure) -> Iterator[Draft]:
    """A conclusion in the table that names another score than the total: 自评100分 below 合计 98."""
    assert total.quantity.table is not None
    table = ledger.tables[total.quantity.table]
    for one in ledger.between(table.start, table.end):
        said = one.metric.role == "score" and one.metric.source != "table" and one.plain
        if said and words.own_score(one.name) and one.value != total.value:
            yield Draft(
                "conflict",
                "warning",
                "conflict",
                {
                    "name": one.name,
                    "stated": one.shown,
                    "expected": f"{total.shown}分".replace("分分", "分"),
                    "count": "1",
                },
                one.value,
                total.value,
                Decimal(0),
                (one.id, total.id),
                one.start,
                one.end,
            )


def _by_table(ledger: Ledger) -> dict[str, Run]:
    tables: dict[str, Run] = {}
    for metric in ledger.report.metrics:
        if metric.role in ("full_score", "score") and metric.source == "table":
            figure = ledger.figure(metric.id)
            if figure is not None and figure.quantity.table is not None:
                tables.setdefault(figure.quantity.table, []).append(figure)
    return {
        table: sorted({one.quantity.id: one for one in run}.values(), key=lambda one: one.start)
        for table, run in tables.items()
    }


def _blocks(words: Words, weights: Sequence[Figure]) -> tuple[list[tuple[Figure, Run]], Run, Figure | None]:
    """Blocks with the weights below them, weights of no block, and the total; a block names its weight with 分."""
    blocks: list[tuple[Figure, Run]] = []
    loose: Run = []
    totals: Run = []
    for one in weights:
        if words.total_name(one.name):
            totals.append(one)
        elif "分" in one.shown:
            blocks.append((one, []))
        elif blocks and not totals:
            blocks[-1][1].append(one)
        else:
            loose.append(one)
    return blocks, loose, totals[0] if len(totals) == 1 else None


def _block(block: Figure, items: Run) -> Iterator[Draft]:
    value = sum((one.value for one in items), Decimal(0))
    if items and value != block.value and not (len(items) == 1 and value < block.value):
        yield _draft("weights", block, items, value)


def _whole(key: str, total: Figure | None, items: Run, words: Words) -> Iterator[Draft]:
    """A total against all items, with or without the row of the budget's execution, which some forms leave out."""
    if total is None or len(items) < 3:
        return
    value = sum((one.value for one in items), Decimal(0))
    budget = [one for one in items if words.budget_row(one.name)]
    sums = {value, *(value - one.value for one in budget), value - sum((one.value for one in budget), Decimal(0))}
    if total.value not in sums and value and len({one.metric.section for one in items}) == 1:
        yield _draft(key, total, items, value)


def _draft(key: str, whole: Figure, items: Run, value: Decimal) -> Draft:
    return Draft(
        "sum_of_parts",
        "error",
        key,
        {
            "name": whole.name,
            "stated": whole.shown,
            "expected": f"{value:f}",
            "formula": " + ".join(one.shown for one in items if one.value),
        },
        whole.value,
        value,
        Decimal(0),
        (whole.id, *(one.id for one in items)),
        whole.start,
        whole.end,
    )


def _beyond(weights: Run, scores: Run) -> Iterator[Draft]:
    """A score above its weight, in one row."""
    by_row = {one.metric.sentence: one for one in weights if "分" not in one.shown}
    for score in scores:
        weight = by_row.get(score.metric.sentence)
        if weight is not None and weight.name == score.name and score.value > weight.value:
            yield Draft(
                "sum_of_parts",
                "error",
                "score_beyond",
                {"name": score.name, "stated": score.shown, "expected": weight.shown},
                score.value,
                weight.value,
                Decimal(0),
                (score.id, weight.id),
                score.start,
                score.end,
            )


def _full_scores(ledger: Ledger, words: Words) -> Iterator[Draft]:
    """A missed target that has the full score all the same."""
    rows: dict[object, dict[str, Figure]] | None = None
    for pair in ledger.report.pairs:
        if pair.source != "table" or pair.basis != "performance":
            continue
        goal, done = side_figure(ledger, pair.target), side_figure(ledger, pair.actual)
        if goal is None or done is None or not missed(words, pair, goal, done):
            continue
        if rows is None:
            rows = _rows(ledger)
        row = rows.get(done.metric.sentence, {})
        score, weight = row.get("score"), row.get("full_score")
        if score is None or weight is None or score.value < weight.value or score.name != done.name:
            continue
        yield Draft(
            "target_missed",
            "warning",
            "missed_full",
            {"name": done.name, "target": goal.shown, "stated": done.shown, "claim": score.shown},
            done.value,
            goal.value,
            None,
            (pair.id, done.id, goal.id, score.id, weight.id),
            done.start,
            done.end,
        )


def _rows(ledger: Ledger) -> dict[object, dict[str, Figure]]:
    rows: dict[object, dict[str, Figure]] = {}
    for metric in ledger.report.metrics:
        if metric.source == "table" and metric.role in ("score", "full_score"):
            figure = ledger.figure(metric.id)
            if figure is not None and "分" not in figure.shown:
                rows.setdefault(metric.sentence, {}).setdefault(metric.role, figure)
    return rows
