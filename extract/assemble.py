"""From what the stages found, in view and typed positions, to records in source offsets with their ids."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from msgspec import Struct

from extract.dates import Mention
from extract.drafts import PairDraft, Words, is_met, value_of
from extract.numbers import plain
from extract.outline import Block, Outline
from extract.phrases import Phrase, Phrases
from extract.quantities import Found
from extract.reading import BlockInfo, Reading
from extract.records import (
    SCHEMA_VERSION,
    Breakdown,
    Change,
    DocumentInfo,
    Entity,
    Indicator,
    Metric,
    Pair,
    Part,
    Period,
    Quantity,
    Report,
    Side,
    SourceInfo,
    Span,
)
from extract.relations import Relations
from extract.source import Source, View
from extract.table_readings import ReadTable
from extract.table_records import Naming
from extract.templates import TypedText

TELLING: Final = re.compile("持平|实际")
_SCOPES: Final = re.compile(
    r"(?<![居列于占在位])(?:全[市县区省国州旗盟镇]|全自治区|[省市县区州旗]本级|[省市县区州旗]级|本级|高新区|开发区)(?![第首前排平领唯先])"
)
_PERIOD_REACH: Final = 2_000  # characters back that the date of a figure may stand
_REMEMBERED: Final = 2_000  # indicators that are kept for the figures that speak of them again
_HUNDRED: Final = Decimal(100)


class Stages(Struct, frozen=True):
    """What every stage found, in its own coordinates."""

    outline: Outline
    blocks: list[Block]
    view: View
    dates: list[Mention]
    entities: list[Mention]
    found: list[Found]
    typed: TypedText
    infos: list[BlockInfo]
    readings: list[Reading]
    genre: str | None
    document: DocumentInfo | None
    tables: list[ReadTable]


class Assembler:
    """Makes the records of one document."""

    def __init__(
        self, source: Source, stages: Stages, phrases: Phrases, relations: Relations, directions: dict[str, str]
    ) -> None:
        self.source = source
        self.directions = directions
        self.stages = stages
        self.phrases = phrases
        self.relations = relations
        self.sections = [section.id for section in stages.outline.sections]
        self.place_level = phrases.indicators.is_place_genre(stages.genre)
        self._indicators: dict[tuple[str, int, str, str | None], Indicator] = {}
        self.metric_ids: dict[int, str] = {}
        self.date_starts = [one.start for one in stages.dates]
        self.names = [one for one in stages.entities if one.type in ("ORG", "PLACE")]
        self._section_periods: dict[int | None, Period | None] = {}
        self._section_index = {section.id: index for index, section in enumerate(stages.outline.sections)}
        self._headings = {
            block.section: stages.view.bounds(number)
            for number, block in enumerate(stages.blocks)
            if block.kind == "heading" and block.section is not None
        }
        self.scopes = list(_SCOPES.finditer(stages.view.text))
        self.scope_starts = [one.start() for one in self.scopes]
        self.name_starts = [one.start for one in self.names]

    def report(self, doc_id: str) -> Report:
        """All records, in document order. What the stages found is used up: both would not fit beside each other."""
        stages, source = self.stages, self.source
        entities = self._entities()
        quantities = self._quantities()
        stages.found.clear()
        metrics: list[Metric] = []
        pairs: list[Pair] = []
        changes: list[Change] = []
        breakdowns: list[Breakdown] = []
        for number, items in self._by_block():
            info = stages.infos[number]
            self.metric_ids.clear()
            if len(self._indicators) > _REMEMBERED:
                self._indicators.clear()
            metrics.extend(self._metrics(items, quantities, len(metrics)))
            typed = stages.typed.text
            for draft in self.relations.pairs(items, typed, info.start, info.end):
                pairs.append(self._pair(draft, info, len(pairs) + 1))
            changes.extend(self._changes(items, info, len(changes)))
            breakdowns.extend(self._breakdowns(items, info, len(breakdowns)))
        return Report(
            schema_version=SCHEMA_VERSION,
            doc_id=doc_id,
            source=SourceInfo(source.path, source.media_type, source.encoding, source.sha256, len(source.text)),
            document=stages.document or DocumentInfo(),
            sections=stages.outline.sections,
            tables=[],
            entities=entities,
            quantities=quantities,
            metrics=metrics,
            pairs=pairs,
            changes=changes,
            breakdowns=breakdowns,
            findings=[],
        )

    def naming(self) -> Naming:
        """What tables need of the document: indicator ids, their directions, and the periods of the sections."""
        periods: dict[str | None, Period | None] = {None: self._period_of_section(None)}
        for section, index in self._section_index.items():
            periods[section] = self._period_of_section(index)
        indicator_id = partial(self.phrases.indicators.id_of, place_level=self.place_level)
        return Naming(indicator_id, self.directions, periods)

    def _by_block(self) -> Iterator[tuple[int, list[Reading]]]:
        """The readings of each block; a block that tells a relation without a figure (持平) has none."""
        starts = [info.start for info in self.stages.infos]
        told = {bisect_right(starts, told.start()) - 1 for told in TELLING.finditer(self.stages.typed.text)}
        telling = sorted(told, reverse=True)
        readings = self.stages.readings  # in order
        readings.reverse()
        while readings or telling:
            number = min([*telling[-1:], *(one.block for one in readings[-1:])])
            items: list[Reading] = []
            while readings and readings[-1].block == number:
                items.append(readings.pop())
            if telling and telling[-1] == number:
                telling.pop()
            yield number, items

    # --- quantities and entities -----------------------------------------------------------------------------------
    def _section_of(self, position: int) -> str | None:
        number = bisect_right(self.stages.view.starts, position) - 1
        section = self.stages.blocks[number].section if number >= 0 else None
        return self.sections[section] if section is not None else None

    def _quantities(self) -> list[Quantity]:
        view = self.stages.view
        text, places = view.text, view.places
        made: list[Quantity] = []
        number, starts, last = 0, view.starts, len(view.starts) - 1
        for index, one in enumerate(self.stages.found, 1):
            while number < last and starts[number + 1] <= one.start:
                number += 1
            section = self.stages.blocks[number].section
            made.append(
                Quantity(
                    f"q{index}",
                    one.kind,
                    text[one.start : one.end],
                    one.value,
                    one.unit,
                    one.comparator,
                    one.approx,
                    one.low,
                    one.high,
                    places[one.start],
                    places[one.end - 1] + 1,
                    self.sections[section] if section is not None else None,
                    None,
                    one.rule,
                )
            )
        return made

    def _entities(self) -> list[Entity]:
        view = self.stages.view
        return [
            Entity(
                f"e{index}",
                one.type,
                view.text[one.start : one.end],
                one.norm,
                view.places[one.start],
                view.places[one.end - 1] + 1,
                self._section_of(one.start),
            )
            for index, one in enumerate(self.stages.entities, 1)
        ]

    # --- metrics ---------------------------------------------------------------------------------------------------
    def _metrics(self, items: Sequence[Reading], quantities: Sequence[Quantity], count: int) -> list[Metric]:
        made: list[Metric] = []
        sentences: dict[int, Span] = {}
        for reading in items:
            if reading.role == "none":
                continue
            quantity = quantities[reading.index]
            sentence = sentences.get(reading.sentence)
            if sentence is None:
                sentence = sentences[reading.sentence] = self._sentence(reading)
            period = self._period(reading)
            subject = self._subject(reading)
            kind = quantity.kind
            for phrase in [reading.phrase, *reading.shared]:
                identifier = f"m{count + len(made) + 1}"
                self.metric_ids.setdefault(reading.index, identifier)
                made.append(
                    Metric(
                        identifier,
                        quantity.id,
                        self._indicator(phrase, kind, quantity.unit),
                        reading.role,
                        value_of(reading),
                        quantity.unit,
                        kind,
                        reading.found.comparator,
                        quantity.approx,
                        period,
                        subject,
                        quantity.section,
                        sentence,
                        "narrative",
                        reading.rule,
                        reading.found.inherited,
                    )
                )
        return made

    def _indicator(self, phrase: Phrase | None, kind: str, unit: str | None) -> Indicator | None:
        if phrase is None:
            return None
        key = (phrase.text, phrase.start, kind, unit)
        made = self._indicators.get(key)
        if made is None:
            typed, view = self.stages.typed, self.stages.view
            start, end = typed.to_view(phrase.start), typed.to_view(phrase.end)
            first, last = view.span(start, end)
            text = phrase.text if phrase.made else view.text[start:end]
            identifier = self.phrases.indicators.id_of(text, kind, unit, place_level=self.place_level)
            made = self._indicators[key] = Indicator(text, first, last, identifier)
        return made

    def _sentence(self, reading: Reading) -> Span:
        typed, view = self.stages.typed, self.stages.view
        info = self.stages.infos[reading.block]
        end = (
            min(
                [at for at in (typed.text.find(char, reading.place, info.end) for char in "。！？") if at >= 0]
                + [info.end - 1]
            )
            + 1
        )
        return Span(
            *view.span(typed.to_view(reading.sentence), max(typed.to_view(end), typed.to_view(reading.sentence) + 1))
        )

    def _period(self, reading: Reading) -> Period | None:
        """The last date before the figure in its block that is not the base of a comparison."""
        stages = self.stages
        text = stages.view.text
        index = bisect_left(self.date_starts, reading.found.start) - 1
        low = stages.typed.to_view(stages.infos[reading.block].start)
        wanted_base = reading.role == "previous"
        low = max(low, reading.found.start - _PERIOD_REACH)
        while index >= 0 and self.date_starts[index] >= low:
            date = stages.dates[index]
            base = text[max(0, date.start - 1) : date.start] in ("与", "比", "较", "同")
            if base == wanted_base or (wanted_base and reading.found.start - date.end < 14):
                return Period(text[date.start : date.end], date.first, date.last)
            index -= 1
        return None if wanted_base else self._period_of_section(stages.infos[reading.block].section)

    def _period_of_section(self, section: int | None) -> Period | None:
        """The year that the innermost heading names, else the year in the title of the document."""
        if section not in self._section_periods:
            made: Period | None
            if section is None:
                made = self._title_period()
            else:
                made = self._period_in(self._headings.get(section, (0, 0)), parts=True)
                if made is None:
                    parent = self.stages.outline.sections[section].parent
                    made = self._period_of_section(self._section_index[parent] if parent is not None else None)
            self._section_periods[section] = made
        return self._section_periods[section]

    def _title_period(self) -> Period | None:
        return self._period_in((0, min(400, len(self.stages.view.text))))

    def _period_in(self, span: tuple[int, int], *, parts: bool = False) -> Period | None:
        """The first year that a span names; with `parts` also a half or some months of one."""
        for date in self.stages.dates[bisect_left(self.date_starts, span[0]) : bisect_left(self.date_starts, span[1])]:
            if date.norm is not None and (len(date.norm) == 4 or (parts and date.norm[4:].count("-") == 2)):
                return Period(self.stages.view.text[date.start : date.end], date.first, date.last)
        return None

    def _subject(self, reading: Reading) -> str | None:
        """The organisation or place nearest before the figure in its sentence, or the scope words there."""
        typed, view = self.stages.typed, self.stages.view
        low = typed.to_view(reading.sentence)
        index = bisect_left(self.name_starts, reading.found.start) - 1
        nearest = self.names[index] if index >= 0 and self.name_starts[index] >= low else None
        index = bisect_left(self.scope_starts, reading.found.start) - 1
        scope = self.scopes[index] if index >= 0 and self.scope_starts[index] >= low else None
        if nearest is not None and (scope is None or nearest.start > scope.start()):
            return view.text[nearest.start : nearest.end]
        return scope[0] if scope is not None else None

    # --- relations -------------------------------------------------------------------------------------------------
    def _pair(self, draft: PairDraft, info: BlockInfo, number: int) -> Pair:
        target, actual = self._side(draft.target), self._side(draft.actual)
        completion = value_of(draft.completion) if draft.completion is not None else None
        kind = draft.actual.found.kind if isinstance(draft.actual, Reading) else "text"
        indicator = self._indicator(
            draft.phrase, kind, draft.actual.found.unit if isinstance(draft.actual, Reading) else None
        )
        direction = self.directions.get(indicator.id or "", "") if indicator is not None else ""
        goal, done = (target.value if target else None), (actual.value if actual else None)
        computed = _rounded(done / goal * _HUNDRED) if goal and done is not None else None
        implied = None
        if goal is None and done is not None:
            if draft.exceeded is not None and draft.exceeded.found.value is not None:
                over = draft.exceeded.found.value if draft.exceeded.sign == "+" else -draft.exceeded.found.value
                by_part = draft.exceeded.found.kind == "rate"  # 超额26%: a part of the target itself
                implied = _rounded(done / (1 + over / _HUNDRED)) if by_part else plain(done - over)
            elif completion:
                implied = _rounded(done / completion * _HUNDRED)
        sides = [side for side in (target, actual) if side is not None]
        ends = [side.end for side in sides]
        if draft.completion is not None:
            ends.append(self.stages.view.span(draft.completion.found.start, draft.completion.found.end)[1])
        return Pair(
            f"p{number}",
            indicator,
            draft.basis,
            target,
            actual,
            completion,
            computed,
            implied,
            _met(goal if goal is not None else implied, done, target, direction, completion),
            self._section_id(info),
            min(side.start for side in sides),
            max(ends),
            "narrative",
            draft.rule,
        )

    def _section_id(self, info: BlockInfo) -> str | None:
        return self.sections[info.section] if info.section is not None else None

    def _side(self, side: Reading | Words | None) -> Side | None:
        typed, view = self.stages.typed, self.stages.view
        if side is None:
            return None
        if isinstance(side, Words):
            start, end = typed.to_view(side.start), typed.to_view(side.end)
            return Side(view.text[start:end], *view.span(start, end), None, None, None, None)
        one = side.found
        return Side(
            view.text[one.start : one.end],
            *view.span(one.start, one.end),
            one.value,
            one.unit,
            one.comparator,
            self.metric_ids.get(side.index),
        )

    def _changes(self, items: Sequence[Reading], info: BlockInfo, count: int) -> list[Change]:
        typed, view = self.stages.typed, self.stages.view

        def topic_of(at: int) -> Phrase | None:
            near = (one for one in reversed(items) if one.place < at and one.phrase is not None and one.role != "none")
            found = next(near, None)
            return found.phrase if found is not None else info.heading

        made: list[Change] = []
        for draft in self.relations.changes(items, typed.text, info.start, info.end, topic_of):
            numbers = [
                one for one in (draft.delta, draft.rate, draft.previous if not draft.delta else None) if one is not None
            ]
            kind = draft.current or (numbers[0] if numbers else None)
            period = self._base_period(draft.since, draft.at, info)
            figures = sorted(one.found.start for one in (draft.delta, draft.rate, draft.current) if one is not None)
            if draft.delta is not None or draft.rate is not None:
                figures = sorted(one.found.start for one in (draft.delta, draft.rate) if one is not None)
            start = figures[0] if figures else typed.to_view(draft.at)
            end = max(
                [
                    one.found.end
                    for one in (draft.delta, draft.rate, draft.current)
                    if one is not None and one.found.start >= start
                ]
                or [start + 2]
            )
            first, last = view.span(start, end)
            ids = self.metric_ids
            made.append(
                Change(
                    f"c{count + len(made) + 1}",
                    self._indicator(
                        draft.phrase, kind.found.kind if kind else "money", kind.found.unit if kind else None
                    ),
                    draft.direction,
                    ids.get(draft.current.index) if draft.current else None,
                    ids.get(draft.previous.index) if draft.previous else None,
                    ids.get(draft.delta.index) if draft.delta else None,
                    ids.get(draft.rate.index) if draft.rate else None,
                    period,
                    self._section_id(info),
                    first,
                    last,
                    draft.rule,
                )
            )
        return made

    def _base_period(self, since: int, at: int, info: BlockInfo) -> Period | None:
        typed, view = self.stages.typed, self.stages.view
        found = self.relations.base_period(typed.text, since, at)
        if found is None:
            border = max(typed.text.rfind(char, max(info.start, since - 200), since) for char in "。；\n")
            found = self.relations.base_period(typed.text, max(border, info.start, since - 200), since)
        if found is None:
            return None
        start, end = typed.to_view(found[0]), typed.to_view(found[1])
        index = bisect_right(self.date_starts, start) - 1
        date = self.stages.dates[index] if index >= 0 and self.stages.dates[index].end > start else None
        return Period(view.text[start:end], date.first if date else None, date.last if date else None)

    def _breakdowns(self, items: Sequence[Reading], info: BlockInfo, count: int) -> list[Breakdown]:
        made: list[Breakdown] = []
        for draft in self.relations.breakdowns(items, self.stages.typed.text):
            parts = [
                Part(self.metric_ids[part.index], self.metric_ids.get(share.index) if share else None)
                for part, share in draft.parts
            ]
            last = draft.parts[-1][1] or draft.parts[-1][0]
            start = (draft.total or draft.parts[0][0]).found.start
            first, end = self.stages.view.span(start, last.found.end)
            total = self.metric_ids.get(draft.total.index) if draft.total else None
            made.append(
                Breakdown(f"b{count + len(made) + 1}", total, parts, self._section_id(info), first, end, draft.rule)
            )
        return made


def _rounded(value: Decimal) -> Decimal:
    return plain(value.quantize(Decimal("0.0001")))


def _met(
    goal: Decimal | None, done: Decimal | None, target: Side | None, direction: str, completion: Decimal | None
) -> bool | None:
    if goal is None or done is None:
        return None if completion is None or goal is not None else completion >= _HUNDRED
    return is_met(goal, done, target.comparator if target is not None else "=", direction)


__all__ = ["Assembler", "Stages"]
