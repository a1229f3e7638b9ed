"""What is read from a sentence, and which rules did it: the words behind `extract explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final
from unicodedata import east_asian_width

from extract.assemble import Stages
from extract.examples import applies, describe_value
from extract.patterns import Pack
from extract.pipeline import Extractor
from extract.reading import Reading
from extract.records import Breakdown, Change, Finding, Indicator, Metric, Pair, Quantity, Report, Side
from extract.source import make_source
from extract.templates import Hit, TemplateSet

LABEL: Final = 18  # columns of a label; a Chinese character takes two
LOSERS: Final = 8  # of the templates that lost, so many are named


def explain(text: str, pack: Pack) -> str:
    """What a sentence gives, figure by figure, then entities and relations; plain text, one fact a line."""
    extractor = Extractor(pack=pack)
    stages = extractor.stages(make_source(text))
    report = extractor.read_text(text, doc_id="sentence")
    readings = {stages.view.places[reading.found.start]: reading for reading in stages.readings}
    lines = [" ".join(text.split()), ""]
    for quantity in report.quantities:
        metrics = [metric for metric in report.metrics if metric.quantity == quantity.id]
        reading = readings.get(quantity.start)
        lines.extend(_quantity(quantity, metrics))
        lines.extend(_metric(metrics, reading))
        if reading is not None:
            lines.extend(_templates(reading, stages, extractor.templates))
        lines.append("")
    if not report.quantities:
        lines.extend(["no quantity 没有数量", ""])
    for title, blocks in (
        ("Entities 实体", ([_entity(report, at)] for at in range(len(report.entities)))),
        ("Pairs 目标与结果", (_pair(pair) for pair in report.pairs)),
        ("Changes 变化", (_change(change, report) for change in report.changes)),
        ("Breakdowns 构成", (_breakdown(breakdown, report) for breakdown in report.breakdowns)),
        ("Findings 审计", (_finding(finding) for finding in report.findings)),
    ):
        lines.extend(_titled(title, blocks))
    return "\n".join(lines).rstrip("\n") + "\n"


def _quantity(quantity: Quantity, metrics: Sequence[Metric]) -> Iterator[str]:
    yield f"{quantity.id}  {quantity.text}"
    yield _fact("quantity 数量", f"{quantity.kind} {describe_value(quantity)}", quantity.rule)
    if any(metric.unit_inherited for metric in metrics):
        yield _fact("", "the unit is taken from the words around it 单位取自上下文")


def _metric(metrics: Sequence[Metric], reading: Reading | None) -> Iterator[str]:
    if reading is None and not metrics:
        yield _fact("metric 指标", "none: the figure does not stand in running text 不在正文中")
    elif not metrics and reading is not None:
        yield _fact("metric 指标", "none: the figure tells no indicator's value 不成指标", reading.rule)
    for metric in metrics:
        yield _fact("metric 指标", f"{metric.role} {_number(metric.value)} {metric.unit or ''}".rstrip(), metric.rule)
        yield _fact("indicator 名称", _indicator(metric.indicator))
        if metric.period is not None:
            days = f" ({metric.period.start} – {metric.period.end})" if metric.period.start else ""
            yield _fact("period 时间", metric.period.text + days)
        if metric.subject is not None:
            yield _fact("subject 主体", metric.subject)


def _templates(reading: Reading, stages: Stages, templates: TemplateSet) -> Iterator[str]:
    typed, view = stages.typed, stages.view
    won = reading.hit
    if won is not None:
        words = view.text[typed.to_view(won.start) : reading.found.end]
        yield _fact("template 模板", f"{won.template.source}")
        yield _fact("", f"reads 读出「{words}」, priority {won.template.rule.spec.priority}")
        if reading.rule not in (won.template.id, "") and won.template.id not in reading.rule:
            yield _fact("", f"{reading.rule} has the last word on its role 角色由 {reading.rule} 决定")
    block = stages.infos[reading.block]
    fitting = templates.every(typed.text, block.start, reading.place)
    others = [hit for hit in fitting if won is None or hit.rank != won.rank]
    for number, hit in enumerate(others[:LOSERS]):
        why = _why(hit, won, reading, typed.text)
        yield _fact("lost 落选" if number == 0 else "", f"{hit.template.source}: {why}", hit.template.id)
    if len(others) > LOSERS:
        yield _fact("", f"and {len(others) - LOSERS} more 其余从略")


def _why(hit: Hit, won: Hit | None, reading: Reading, typed: str) -> str:
    if not applies(hit, reading.found, typed, settled=False) and (won is None or hit.rank < won.rank):
        conditions = ", ".join(f"{key} = {value}" for key, value in hit.template.rule.set.items() if key in _CONDITIONS)
        return f"its condition does not hold 条件不符 ({conditions})"
    if won is None:
        return "not tried 未采用"
    mine, best = hit.template.rule.spec.priority, won.template.rule.spec.priority
    if mine < best:
        return f"lower priority 优先级低 ({mine} < {best})"
    if hit.template.weight < won.template.weight:
        return f"reads less text 读出文字少 ({hit.template.weight} < {won.template.weight})"
    return "stands later in the file 排列在后"


_CONDITIONS: Final = ("comparator", "below", "after", "not_after")


def _entity(report: Report, at: int) -> str:
    entity = report.entities[at]
    return f"{entity.id}  {entity.type} {entity.text}" + (f" = {entity.norm}" if entity.norm else "")


def _pair(pair: Pair) -> Iterator[str]:
    yield f"{pair.id}  {_indicator(pair.indicator)}"
    yield _fact("basis 依据", pair.basis, pair.rule)
    yield _fact("target 目标", _side(pair.target))
    if pair.implied_target is not None:
        yield _fact("", f"implied 推算 {_number(pair.implied_target)}")
    yield _fact("actual 结果", _side(pair.actual))
    computed = f", computed 计算 {_number(pair.computed_completion)}" if pair.computed_completion is not None else ""
    yield _fact("completion 完成率", f"{_number(pair.completion)}{computed}")
    yield _fact("met 是否完成", {True: "yes 是", False: "no 否", None: "unknown 不明"}[pair.met])


def _change(change: Change, report: Report) -> Iterator[str]:
    yield f"{change.id}  {_indicator(change.indicator)}"
    words = {"increase": "increase 增加", "decrease": "decrease 减少", "flat": "flat 持平"}
    yield _fact("direction 方向", words[change.direction], change.rule)
    for label, identifier in (
        ("current 本期", change.current), ("previous 上期", change.previous), ("delta 增减", change.delta),
        ("rate 增幅", change.rate),
    ):  # fmt: skip
        if identifier is not None:
            yield _fact(label, _metric_words(identifier, report))
    if change.base_period is not None:
        yield _fact("base 对比期", change.base_period.text)


def _breakdown(breakdown: Breakdown, report: Report) -> Iterator[str]:
    yield f"{breakdown.id}"
    yield _fact("total 合计", _metric_words(breakdown.total, report), breakdown.rule)
    for number, part in enumerate(breakdown.parts):
        share = f", share 占比 {_metric_words(part.share, report)}" if part.share is not None else ""
        yield _fact("parts 其中" if number == 0 else "", _metric_words(part.metric, report) + share)


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.id}  {finding.message}"
    yield _fact("severity 级别", finding.severity, finding.rule)
    if finding.refs:
        yield _fact("refs 依据", ", ".join(finding.refs))


# --- words -----------------------------------------------------------------------------------------------------------
def _metric_words(identifier: str | None, report: Report) -> str:
    metric = next((one for one in report.metrics if one.id == identifier), None)
    if metric is None:
        return "–"
    name = metric.indicator.text + " " if metric.indicator is not None else ""
    return f"{metric.id} {name}{_number(metric.value)} {metric.unit or ''}".rstrip()


def _side(side: Side | None) -> str:
    if side is None:
        return "not stated 未写明"
    if side.value is None:
        return f"in words 文字: {side.text}"
    return f"{side.text} ({side.comparator or '='} {_number(side.value)} {side.unit or ''}".rstrip() + ")"


def _indicator(indicator: Indicator | None) -> str:
    return "no name 无名称" if indicator is None else f"{indicator.text} ({indicator.id or 'no id 无编号'})"


def _number(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:f}"


def _fact(label: str, words: str, rule: str = "") -> str:
    width = sum(2 if east_asian_width(char) in "WF" else 1 for char in label)
    return f"    {label}{' ' * max(1, LABEL - width)}{words}" + (f"   [{rule}]" if rule else "")


def _titled(title: str, blocks: Iterable[Iterable[str]]) -> Iterator[str]:
    lines = [line for block in blocks for line in block]
    if lines:
        yield title
        yield from (f"  {line}" for line in lines)
        yield ""
