"""The order of the stages; the only module that knows it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import structs

from extract.assemble import TELLING, Assembler, Stages
from extract.audit import Auditor
from extract.captions import around
from extract.classify import classify
from extract.dates import find_dates, guess_year
from extract.document import DocumentReader
from extract.entities import EntityFinder
from extract.grids import Grid, find_grids
from extract.metrics import MetricReader
from extract.outline import Block, Outline, read_outline
from extract.patterns import Pack, load_pack
from extract.phrases import Phrase
from extract.quantities import QuantityFinder
from extract.reading import BlockInfo
from extract.records import Report
from extract.relations import Relations
from extract.section_model import SectionModel, load_model
from extract.source import Source, View, make_source
from extract.table_prose import ProseCells
from extract.table_readings import ReadTable
from extract.table_records import lay_in
from extract.tables import TableReader
from extract.templates import TemplateSet, TypedText

# a little of each: what is made when it is first needed (regular expressions, numerals, the dictionary) is made here
_SPECIMEN: Final = (
    "某市2023年度部门决算说明\n一、收入支出决算总体情况\n2023年新增就业一百二十人，比上年增长5.2%，完成年度目标的120%。其中：女性40人。\n"
    "项目名称\t预算数\t决算数\n培训\t1,200.00\t1,100.00\n差旅\t30.00\t28.00\n合计\t1,230.00\t1,128.00\n"
    "二、绩效自评情况\n市人力资源和社会保障局自评得分96分，等级为优。《就业促进办法》（某政发〔2023〕5号）自3月1日起施行。\n"
)
_OPENING: Final = 1800  # characters that hold the title, contents page or not


class Extractor:
    """Reads documents with one grammar and one classifier of sections. Built once, used for any number of documents.

    `patterns` are folders laid over the built-in grammar; or `pack` is a grammar that is read already. `models` is a
    folder that `extract train` wrote, in place of the built-in one. `language` is that of the findings' messages, zh
    or en. Raises `extract.patterns.PatternError`, and on the first document `extract.section_model.ModelError`.
    """

    def __init__(
        self,
        patterns: Sequence[Path] = (),
        *,
        pack: Pack | None = None,
        models: Path | None = None,
        language: str = "zh",
    ) -> None:
        self._models = models
        self.pack: Pack = load_pack(*patterns) if pack is None else pack
        self._quantities = QuantityFinder(self.pack)
        self._metrics = MetricReader(self.pack)
        self._relations = Relations(self.pack, self._metrics.phrases)
        self._entities = EntityFinder(self.pack)
        self._document = DocumentReader(self.pack)
        self._tables = TableReader(self.pack, self._quantities)
        self._directions = {row["id"]: row["direction"] for row in self.pack.table("indicators")}
        self._auditor = Auditor(self.pack, language=language)

    @cached_property
    def section_model(self) -> SectionModel:
        """The classifier of sections, read when it is first needed. Raises `extract.section_model.ModelError`."""
        return load_model(self._models)

    def prepare(self) -> None:
        """Make now what is else made with the first document: forks share it, and what cannot be used is found out."""
        self.section_model.answer([])
        self.read_text(_SPECIMEN)

    @property
    def templates(self) -> TemplateSet:
        """The templates that read figures; for explanations."""
        return self._metrics.templates

    def read(self, source: Source, *, doc_id: str) -> Report:
        """All records of one document."""
        stages = self.stages(source)
        assembler = Assembler(source, stages, self._metrics.phrases, self._relations, self._directions)
        report, naming, tables = assembler.report(doc_id), assembler.naming(), stages.tables
        del stages, assembler  # of a very long document they take as much memory as its records
        report = lay_in(report, tables, naming)
        return structs.replace(report, findings=self._auditor.findings(report, source.clean))

    def read_text(self, text: str, *, doc_id: str = "text") -> Report:
        """All records of a text that is already decoded."""
        return self.read(make_source(text), doc_id=doc_id)

    def stages(self, source: Source) -> Stages:
        """What every stage found, in its own coordinates; the records are made from this."""
        grids = find_grids(source, self._tables.columns)
        outline = read_outline(source, self.pack, grids)
        if outline.sections:
            outline = classify(outline, source.clean, self.section_model)
        blocks = [block for block in outline.blocks if block.kind != "toc"]
        view = View(source.clean, [(block.start, block.end) for block in blocks])
        titles = [section.title for section in outline.sections]
        opening = source.clean[:_OPENING]
        year = guess_year(source.clean)
        dates = find_dates(view, self.pack, year=year)
        found = self._quantities.find(view.text, [(date.start, date.end) for date in dates])
        tables = [self._table(source, grid, view) for grid in grids]
        prose = ProseCells(tables)
        found = prose.without_cells(found, view)
        entities = self._entities.find(view.text, dates)
        genre = self._document.genre(view.text, titles, opening=opening)
        typed = TypedText(
            view.text, [(one.start, one.end, one.kind) for one in found], [(one.start, one.end) for one in dates]
        )
        names = {typed.to_typed(one.start): typed.to_typed(one.end) for one in entities if one.type in ("ORG", "PLACE")}
        infos = self._block_infos(outline, blocks, view, typed, names, prose)
        readings = self._metrics.read(typed, found, infos, names)
        info = self._document.read(view.text, titles, entities, year=year, opening=opening)
        return Stages(outline, blocks, view, dates, entities, found, typed, infos, readings, genre, info, tables)

    def _table(self, source: Source, grid: Grid, view: View) -> ReadTable:
        caption, unit, _ = around(source.clean, grid.start, self._tables.columns)
        return self._tables.read(grid, view, unit=unit, caption=grid.caption or caption)

    def _block_infos(
        self,
        outline: Outline,
        blocks: Sequence[Block],
        view: View,
        typed: TypedText,
        names: dict[int, int],
        cells: ProseCells,
    ) -> list[BlockInfo]:
        """What is known of the blocks that hold a figure or tell a relation without one."""
        phrases, frames = self._metrics.phrases, self._metrics.frames
        sections = outline.sections
        index_of = {section.id: index for index, section in enumerate(sections)}
        title = sections[0].title if sections else ""
        root = frames.of_title(title)
        labels: dict[int, Phrase | None] = {}
        roles: dict[int | None, tuple[str, str] | None] = {None: root}
        infos: list[BlockInfo] = []
        heading_of = {block.section: number for number, block in enumerate(blocks) if block.kind == "heading"}
        told = [*(typed.to_view(place) for place in typed.places), *(at.start() for at in TELLING.finditer(view.text))]
        for number in sorted({bisect_right(view.starts, place) - 1 for place in told}):
            block, (first, last) = blocks[number], view.bounds(number)
            section = block.section
            if section is not None and section not in labels:
                heading = heading_of.get(section)
                if heading is None:
                    labels[section] = None
                else:
                    start, end = map(typed.to_typed, view.bounds(heading))
                    labels[section] = phrases.label(typed.text, start, end, names)
            if section not in roles:
                chain = []
                above: int | None = section
                while above is not None:
                    chain.append(sections[above].title)
                    parent = sections[above].parent
                    above = index_of[parent] if parent is not None else None
                roles[section] = frames.of_headings(chain) or root
            role = roles[section]
            plan = role is not None and role[0] != "actual"
            goal = cells.is_goal(block)
            infos.append(
                BlockInfo(
                    start=typed.to_typed(first),
                    end=typed.to_typed(last),
                    heading=labels.get(section) if section is not None else None,
                    frame="target" if goal else role[0] if role and plan else None,
                    frame_rule="table.goal" if goal else role[1] if role and plan else "",
                    section=section,
                    prose=cells.is_prose(block, view.text[first:last]),
                )
            )
        return infos


__all__ = ["Extractor"]
