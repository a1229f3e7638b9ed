"""Names the type of every section of an outline: the word list first, then the trained model.

Structure comes first: where a section begins and ends is settled in `outline.py`, and nothing here changes it. Who
decides, in this order, and with which confidence (the figures are measured when the model is trained, `train.py`, and
stand in its card, `models/README.md`):

1. A container by its form (第一部分, the title of an embedded report, 附件1, a form): its form decides.
2. A title that the word list `patterns/lexicon/headings.csv` knows as a whole: the word list decides, so that a user's
   own row always holds.
3. A title of which it knows a part: the word list, unless the model is sure of another type (`About.overrule`).
4. All others: the model; below its threshold the hint of the section above (`unnamed_child` of
   `patterns/lexicon/section_types.csv`), else `other`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from extract.outline import Outline
from extract.section_features import OPENING, Sight
from extract.section_model import SectionModel

_FORM: Final = 0.99  # containers are told by their form; a handful of errors in all marked reports


def sights(outline: Outline, clean: str) -> list[Sight]:
    """What the classifier sees of each section: the opening is the text between its heading and the next."""
    sections = outline.sections
    index = {section.id: at for at, section in enumerate(sections)}
    children: dict[str, str] = {}
    for section in sections:
        if section.parent is not None:
            children.setdefault(section.parent, section.title)
    openings = [""] * len(sections)
    for block in outline.blocks:
        at = block.section
        if at is not None and block.kind in ("text", "cell") and len(openings[at]) < OPENING:
            openings[at] += "".join(clean[block.start : min(block.end, block.start + 2 * OPENING)].split())
    return [
        Sight(
            heading=section.title,
            parent=sections[index[section.parent]].title if section.parent is not None else "",
            above=_named(outline, index[section.parent]) if section.parent is not None else "",
            hint=section.type if outline.named_by[at] == "above" else "",
            child=children.get(section.id, ""),
            opening=openings[at][:OPENING],
        )
        for at, section in enumerate(sections)
    ]


def _named(outline: Outline, at: int) -> str:
    return outline.sections[at].type if outline.named_by[at] in ("exact", "known", "form") else ""


def classify(outline: Outline, clean: str, model: SectionModel) -> Outline:
    """The same outline with the type and the confidence of every section settled."""
    about = model.about
    asked = [at for at, by in enumerate(outline.named_by) if by not in ("form", "exact")]
    if asked:
        seen = sights(outline, clean)
        answers = dict(zip(asked, model.answer([seen[at] for at in asked]), strict=True))
    sections = []
    for at, section in enumerate(outline.sections):
        by, type_ = outline.named_by[at], section.type
        if by == "form":
            confidence = _FORM
        elif by == "exact":
            confidence = about.exact
        else:
            answer = answers[at]
            confidence = answer.probability
            if by == "known" and answer.type == type_:
                confidence = max(confidence, about.agreed)
            elif by == "known" and answer.probability < about.overrule:
                confidence = about.kept
            elif answer.probability >= about.threshold:
                type_ = answer.type
        sections.append(msgspec.structs.replace(section, type=type_, confidence=confidence))
    return msgspec.structs.replace(outline, sections=sections)


__all__ = ["classify", "sights"]
