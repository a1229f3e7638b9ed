"""The language of templates: what each mark of it means, which template wins, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extract.examples import Reader
from extract.patterns import Pack, PatternError, Rule, load_pack, read_pack, unmark
from extract.records import QUANTITY_KINDS
from extract.template_language import DATE_CHAR, KIND_CHARS
from extract.templates import TemplateSet, TypedText, compile_rule

FILE = """
schema = 1
kind = "template"
about = "x"
[lexicon]
cold = ["降温", "大幅降温"]
when = ["昨天", "{date}", ""]
"""


def grammar(tmp_path: Path, *templates: str, more: str = "") -> Pack:
    """A grammar whose only templates are the given ones, rules t1, t2, … of equal priority."""
    rules = "".join(f"[[rule]]\nid = 't{n}'\ntemplate = '{text}'\n{more}\n" for n, text in enumerate(templates, 1))
    (tmp_path / "mine.toml").write_text(FILE + rules, encoding="utf-8")
    mine = read_pack([tmp_path])
    pack = load_pack()
    others = [rule for rule in pack.rules if rule.kind != "template"]
    return Pack([*others, *mine.rules], {**pack.lexicons, **mine.lexicons}, pack.tables, "x")


def reads(pack: Pack, sentence: str) -> dict[str, list[str]]:
    """The words that each template rule reads in a sentence."""
    reader = Reader(pack)
    return {
        rule.id: [sentence[start:end] for start, end in sorted(reader.reads(rule, sentence))]
        for rule in pack.of_kind("template")
    }


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        # literal words, and what stands between them and the figure
        ("气温{actual:any}", "当日气温⟦5个⟧"),
        ("气温{actual:any}", "当日气温为5个"),
        ("气温 {actual:any}", "当日气温⟦5个⟧"),
        # [ ] may be missing
        ("气温[已][为]{actual:any}", "气温⟦5个⟧"),
        ("气温[已][为]{actual:any}", "气温为⟦5个⟧"),
        ("气温[已][为]{actual:any}", "气温已为⟦5个⟧"),
        ("气温[已][为]{actual:any}", "气温为已5个"),
        # ( | ) is a choice, [ | ] one that may be missing, brackets nest
        ("(高温|低温){actual:any}", "低温⟦5个⟧"),
        ("(高温|低温){actual:any}", "气温5个"),
        ("温[高|低]{actual:any}", "温⟦5个⟧，温低⟦6个⟧"),
        ("温[(最|较)高]{actual:any}", "温较高⟦5个⟧，温⟦6个⟧"),
        # word lists; one that holds nothing may be missing; dates inside lists
        ("{cold}{actual:any}", "大幅降温⟦5个⟧"),
        ("{when}降{actual:any}", "降⟦5个⟧，昨天降⟦6个⟧，2023年降⟦7个⟧"),
        ("于{when}降{actual:any}", "于2023年5月降⟦7个⟧"),
        # built-in pieces
        ("{date}有{actual:any}", "2023年12月底有⟦5个⟧"),
        ("{date}有{actual:any}", "当年有5个"),
        ("温{words}有{actual:any}", "温室大棚共有⟦5个⟧"),
        ("温{words}有{actual:any}", "温室，共有5个"),
        ("种{phrase}{actual:any}", "种花草树木⟦5个⟧"),
        ("种{phrase}{actual:any}", "种5个"),
        ("{start}种{actual:any}", "先，种⟦5个⟧"),
        ("{start}种{actual:any}", "不种5个"),
        ("花{comma}种{actual:any}", "花种⟦5个⟧，花，种⟦6个⟧，花、种⟦7个⟧"),
        # a comma of either width
        ("花，种{actual:any}", "花,种⟦5个⟧"),
        # kinds
        ("花{actual:money}", "花⟦5元⟧，花5个"),
        ("花{actual:money|rate}", "花⟦5元⟧，花⟦5%⟧，花5个"),
        ("花{actual:level}", "花⟦5元⟧，花⟦5吨⟧，花5%"),
        ("花{actual:amount}", "花⟦5个⟧，花5%，花5天"),
        ("花{actual:any}", "花⟦5天⟧，花⟦5%⟧，花⟦5倍⟧，花⟦5分⟧，花⟦1.2个百分点⟧"),
        # several slots, each read where the last one is
        ("从{previous:any}升到{actual:any}", "从⟦5个⟧升到⟦6个⟧"),
        ("从{previous:any}升到{actual:any}", "从5个升到了6个"),
        ("{none:count}、{none:count}、{actual:rate}", "⟦3个⟧、⟦4个⟧、⟦7%⟧"),
        # words after the last slot
        ("花{none:any}的花", "花⟦5元以内⟧的花，花6元"),
        ("{none:any}的(花|草)", "⟦5元⟧的草，6元的树"),
        ("{none:any}[的花]", "⟦5元⟧的花，⟦6元⟧的树"),
    ],
)
def test_template_reads(tmp_path: Path, template: str, sentence: str) -> None:
    """A template reads the marked figures of a sentence and no others."""
    plain, marked = unmark(sentence)
    words = [plain[start:end] for start, end in marked]
    assert reads(grammar(tmp_path, template), plain) == {"t1": words}


def test_list_of_templates(tmp_path: Path) -> None:
    """A rule may have several templates; any of them may read."""
    rule = "[[rule]]\nid = 'two'\ntemplate = ['花{actual:any}', '草{actual:any}']\n"
    pack = grammar(tmp_path, "树{actual:any}", more=rule)
    assert reads(pack, "花5个，草6个，树7个") == {"two": ["5个", "6个"], "t1": ["7个"]}


@pytest.mark.parametrize(
    ("templates", "priorities", "winner"),
    [
        (("花{actual:any}", "红花{actual:any}"), (0, 0), "t2"),  # reads more text
        (("花{actual:any}", "红花{actual:any}"), (5, 0), "t1"),  # higher priority
        (("花{actual:any}", "花{target:any}"), (0, 0), "t1"),  # stands first
        (("花{actual:any}", "花{none:any}的"), (0, 5), "t2"),  # words after the figure
        (("花{actual:any}", "花{none:any}的"), (5, 0), "t1"),
    ],
)
def test_which_template_wins(
    tmp_path: Path, templates: tuple[str, ...], priorities: tuple[int, ...], winner: str
) -> None:
    """The highest priority wins, then the most text, then the order of the file; the others are still told."""
    pack = grammar(tmp_path, *templates)
    rules = []
    for rule in pack.rules:
        if rule.kind == "template":
            spec = type(rule.spec)(id=rule.id, template=rule.spec.template, priority=priorities[int(rule.id[1]) - 1])
            rules.append(Rule(spec, kind="template", file="mine.toml", expanded=None, lists=pack.lexicons))
        else:
            rules.append(rule)
    reader = Reader(Pack(rules, pack.lexicons, pack.tables, "x"))
    (won,) = reader.won(reader.sentence("红花5个的"))
    assert won.hit is not None
    assert won.hit.template.id == winner
    assert len(won.others) == 1


@pytest.mark.parametrize(
    "sentence", ["收入增长5.2%，完成预算的98%。", "从372人扩充到527人，单价100万元以上设备，占36.23%。"]
)
def test_best_is_the_first_of_every(sentence: str) -> None:
    """The one joined expression finds what trying all templates one by one finds."""
    reader = Reader(load_pack())
    read = reader.sentence(sentence)
    for place in read.typed.places:
        best = reader.templates.of_block(read.typed.text, 0, [place])[0]
        every = reader.templates.every(read.typed.text, 0, place)
        assert (best.rank if best else None) == (every[0].rank if every else None)
        assert [hit.rank for hit in every] == sorted(hit.rank for hit in every)


def test_nothing_is_read_before_the_start() -> None:
    """A template looks no further left than it is told to."""
    reader = Reader(load_pack())
    read = reader.sentence("收入增长5.2%")
    (place,) = read.typed.places
    assert reader.templates.of_block(read.typed.text, 0, [place])[0] is not None
    assert reader.templates.of_block(read.typed.text, place, [place])[0] is None


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("花{colour:any}", "'colour' is no role; one of actual, target"),
        ("花{actual:colour}", "'colour' is no kind; one of money, count"),
        ("花{shade}{actual:any}", "{shade} is no word list; known are "),
        ("花草", "a template needs a slot"),
        ("花[草{actual:any}]", "may not stand in brackets"),
        ("花[草{actual:any}", "brackets"),
        ("花]草{actual:any}", "brackets do not match"),
        ("花(草]{actual:any}", "brackets do not match"),
        ("花(草{actual:any}", "brackets"),
    ],
)
def test_template_errors(tmp_path: Path, template: str, says: str) -> None:
    """A template that cannot be used is refused with file, rule and what is wrong."""
    pack = grammar(tmp_path, template)
    (rule,) = pack.of_kind("template")
    with pytest.raises(PatternError, match=re.escape("mine.toml: rule t1: ")) as error:
        compile_rule(rule, pack)
    assert says in str(error.value)


def test_unknown_settings(tmp_path: Path) -> None:
    """What a template rule sets must be known."""
    pack = grammar(tmp_path, "花{actual:any}", more="set = { colour = 'red' }")
    with pytest.raises(PatternError, match="unknown keys in set: colour; known are after, base"):
        TemplateSet(pack)


def test_slots_keep_their_roles(tmp_path: Path) -> None:
    """The roles of a template's slots stand from left to right, with the places of their figures."""
    pack = grammar(tmp_path, "从{previous:any}经{none:any}升到{actual:any}")
    reader = Reader(pack)
    read = reader.sentence("从5个经6个升到7个")
    hit = reader.templates.of_block(read.typed.text, 0, [read.typed.places[-1]])[0]
    assert hit is not None
    assert hit.template.roles == ("previous", "none", "actual")
    assert list(hit.places) == read.typed.places


TYPED = "到2023年底，收入为2.5万元，增长⟦百分之五⟧。"


def test_typed_text() -> None:
    """Every figure is one character that tells its kind, every date one of its own; positions go both ways."""
    plain, ((start, end),) = unmark(TYPED)
    read = Reader(load_pack()).sentence(plain)
    typed = read.typed
    assert typed.text == f"到{DATE_CHAR}，收入为{KIND_CHARS['money']}，增长{KIND_CHARS['rate']}。\n"
    assert [typed.text[place] for place in typed.places] == [KIND_CHARS["money"], KIND_CHARS["rate"]]
    place = typed.places[-1]
    assert (typed.to_view(place), typed.to_view(place + 1)) == (start, end)
    assert (typed.to_typed(start), typed.to_typed(end)) == (place, place + 1)
    for at in range(len(typed.text)):
        assert typed.to_typed(typed.to_view(at)) == at


def test_a_figure_inside_a_date_is_left_out() -> None:
    """Of two spans that meet the first one stands."""
    typed = TypedText("甲2023年乙", [(1, 5, "number")], [(1, 6)])
    assert typed.text in (f"甲{DATE_CHAR}乙", f"甲{KIND_CHARS['number']}年乙")


def test_every_kind_has_its_character() -> None:
    """The characters of kinds and dates are all different and occur in no text."""
    chars = [*KIND_CHARS.values(), DATE_CHAR]
    assert len(set(chars)) == len(QUANTITY_KINDS) + 1
    assert all("\ue000" <= char <= "\uf8ff" for char in chars)
