"""The grammar as data: every rule against its own examples, the loader's errors, folders laid over, broken folders."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import regex
from click.testing import Result

from extract.check import READ_BY_CODE, check_folder
from extract.examples import Reader, read_form, too_slow
from extract.patterns import (
    PatternError,
    Rule,
    compile_regex,
    default_folder,
    load_pack,
    read_pack,
    read_table,
    unmark,
)
from extract.pipeline import Extractor

PACK = load_pack()
READER = Reader(PACK)
PACKAGE = Path(__file__).resolve().parents[1] / "extract"

EXAMPLES = [
    (rule, text, f"{rule.file}:{rule.id}:{n}") for rule in PACK.rules for n, text in enumerate(rule.spec.examples, 1)
]
COUNTERS = [
    (rule, text, f"{rule.file}:{rule.id}:{n}") for rule in PACK.rules for n, text in enumerate(rule.spec.counter, 1)
]
FORMS = [
    (form.value, text, f"{rule.file}:{rule.id}:{form.value}:{n}")
    for rule in PACK.rules
    for form in rule.spec.forms
    for n, text in enumerate(form.texts, 1)
]

QUANTITY = 'schema = 1\nkind = "quantity"\nabout = "x"\n'
TEMPLATE = 'schema = 1\nkind = "template"\nabout = "x"\n'


def rule_a(kind: str, *keys: str, example: bool = False) -> str:
    """A file with one rule of the given keys; with `example` one that the expression 三筐 reads."""
    lines = ["schema = 1", f"kind = '{kind}'", "about = 'x'", "[[rule]]", "id = 'a'", *keys]
    return "\n".join([*lines, "examples = ['装了⟦三筐⟧']"] if example else lines)


def ids(cases: list[tuple[Rule, str, str]] | list[tuple[str, str, str]]) -> list[str]:
    """The names of the cases."""
    return [case[2] for case in cases]


def folder(path: Path, **files: str) -> Path:
    """A pattern folder with the given files: `mine_toml` is mine.toml, `lexicon__units_csv` lexicon/units.csv."""
    for name, text in files.items():
        target = path / name.replace("__", "/").replace("_toml", ".toml").replace("_csv", ".csv")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return path


# --- the built-in grammar -------------------------------------------------------------------------------------------
def test_grammar_is_there() -> None:
    """An empty folder would pass all tests below; the grammar is large."""
    assert len(PACK.rules) > 140
    assert len(EXAMPLES) > 250
    assert len(COUNTERS) > 70
    assert len(FORMS) > 50
    kinds = {"quantity", "not_quantity", "date", "entity", "heading", "noise", "document", "template", "frame"}
    kinds |= {"column", "residue"}
    assert {rule.kind for rule in PACK.rules} == kinds


@pytest.mark.parametrize(("rule", "example", "name"), EXAMPLES, ids=ids(EXAMPLES))
def test_example(rule: Rule, example: str, name: str) -> None:
    """A rule reads just what its example marks."""
    assert READER.example(rule, example) is None


@pytest.mark.parametrize(("rule", "counter", "name"), COUNTERS, ids=ids(COUNTERS))
def test_counter_example(rule: Rule, counter: str, name: str) -> None:
    """A rule reads nothing in its counter-examples."""
    assert READER.counter(rule, counter) is None


@pytest.mark.parametrize(("value", "text", "name"), FORMS, ids=ids(FORMS))
def test_form(value: str, text: str, name: str) -> None:
    """All surfaces of one value are read whole, as one quantity, with that value."""
    assert READER.form(value, text) is None


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: f"{rule.file}:{rule.id}")
def test_rule_has_an_example(rule: Rule) -> None:
    """No rule without an example."""
    assert rule.spec.examples


def test_built_in_folder_holds() -> None:
    """`extract check` finds nothing wrong with the built-in grammar, and is quick about it."""
    begun = time.perf_counter()
    assert check_folder(None) == []
    assert time.perf_counter() - begun < 6  # 1.5 s on an idle machine


@pytest.mark.parametrize("name", sorted(READ_BY_CODE))
def test_names_read_by_code(name: str) -> None:
    """What is said to be read by the code is read by it, and is in the grammar."""
    modules = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "check.py"]
    ways = (f'"{name}"', f"'{name}'", f"\\L<{name}>")
    assert any(way in module for module in modules for way in ways)
    assert name in PACK.lexicons


# --- the loader's errors --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("schema = 2\nkind = 'quantity'\nabout = 'x'", ["mine.toml", "schema = 2", "reads 1"]),
        ("schema = 1\nkind = 'colour'\nabout = 'x'", ["mine.toml", "unknown kind 'colour'", "quantity"]),
        ("schema = 1\nkind = 'quantity'", ["mine.toml", "about"]),
        (QUANTITY + "shade = 1", ["mine.toml", "unknown field `shade`"]),
        (rule_a("quantity", "regex = 'x'", "colour = 1"), ["mine.toml", "unknown field `colour`", "rule"]),
        (rule_a("quantity"), ["mine.toml", "rule a", "either a regex or a template"]),
        (rule_a("quantity", "regex = 'x'", "template = 'y'"), ["mine.toml", "rule a", "either a regex or a template"]),
        (rule_a("quantity", "regex = '{shade}'"), ["mine.toml", "rule a", "no part {shade}"]),
        (QUANTITY + "[parts]\nb = '{shade}'", ["mine.toml", "part b", "no part {shade}"]),
        (rule_a("quantity", "regex = 'x'", "[[rule]]\nid = 'a'\nregex = 'y'"), ["mine.toml", "rule a", "another id"]),
        ("schema = ", ["mine.toml"]),
    ],
)
def test_loader_errors(tmp_path: Path, text: str, says: list[str]) -> None:
    """A file that cannot be used is refused with a message that names the file and, where there is one, the rule."""
    with pytest.raises(PatternError) as error:
        read_pack([default_folder(), folder(tmp_path, mine_toml=text)])
    assert [part for part in says if part not in str(error.value)] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (rule_a("quantity", "regex = '(x'"), ["mine.toml", "rule a", "missing )"]),
        (rule_a("quantity", "regex = '\\L<shades>'"), ["mine.toml", "rule a", "no word list shades"]),
    ],
)
def test_errors_of_compilation(tmp_path: Path, text: str, says: list[str]) -> None:
    """An expression that cannot be compiled is refused with file and rule."""
    pack = read_pack([default_folder(), folder(tmp_path, mine_toml=text)])
    with pytest.raises(PatternError) as error:
        next(rule for rule in pack.rules if rule.id == "a").pattern.search("")
    assert [part for part in says if part not in str(error.value)] == []


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(PatternError, match="nowhere: no such pattern folder"):
        load_pack(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"unit,kind\n\xb8\xf6,count\n", "not UTF-8"),
        (b"unit,kind\na\n", "line 2 has not as many fields"),
        (b"unit,kind\na,b,c\n", "line 2 has not as many fields"),
    ],
)
def test_tables_that_cannot_be_read(data: bytes, says: str) -> None:
    """A table in another encoding, or with a row too short or too long, is refused with its name."""
    with pytest.raises(PatternError, match=rf"units\.csv: {says}"):
        read_table(data, name="units.csv")


def test_table_with_byte_order_mark() -> None:
    """A table saved by Excel reads like any other."""
    assert read_table("\ufeffunit,kind\r\n筐,count\r\n".encode(), name="units.csv") == [{"unit": "筐", "kind": "count"}]


@pytest.mark.parametrize(
    ("example", "plain", "words"),
    [
        ("支出⟦2万元⟧，", "支出2万元，", ["2万元"]),
        ("由⟦3件⟧到⟦5件⟧", "由3件到5件", ["3件", "5件"]),
        ("没有", "没有", []),
    ],
)
def test_unmark(example: str, plain: str, words: list[str]) -> None:
    """Marks come off, and their places are kept."""
    text, spans = unmark(example)
    assert (text, [text[start:end] for start, end in spans]) == (plain, words)


@pytest.mark.parametrize("example", ["支出⟦2万元", "支出2万元⟧"])
def test_unmark_wants_both_marks(example: str) -> None:
    """A mark without its partner is an error that shows the example."""
    with pytest.raises(PatternError, match="支出"):
        unmark(example)


# --- folders laid over ----------------------------------------------------------------------------------------------
OVERLAY = {
    "mine_toml": """
schema = 1
kind = "template"
about = "Words of our own office."
[lexicon]
delivered = ["交付到户"]
[[rule]]
id = "actual.delivered"
priority = 70
template = "{delivered}{actual:any}"
examples = ["全年交付到户⟦36件⟧"]
counter = ["全年交付36件"]
[[rule]]
id = "share.proportion"
priority = 41
template = "折合比例{share:rate}"
examples = ["折合比例⟦7%⟧"]
""",
    "lexicon__indicators_csv": """id,name_zh,aliases,kind,unit,direction,group,note
own.baskets,惠民菜篮,惠民菜篮发放;发放菜篮,count,个,up,own,
emp.new_urban,城镇新增就业,城镇新增就业人数;新增上岗,count,人,up,employment,
""",
}


def test_overlay_adds_and_replaces(tmp_path: Path) -> None:
    """A user's rule with one of our ids takes its place, all others are added; so do rows by their first column."""
    pack = load_pack(folder(tmp_path, **OVERLAY))
    assert len(pack.rules) == len(PACK.rules) + 1
    proportion = [rule.spec.template for rule in pack.rules if rule.id == "share.proportion"]
    assert proportion == ["折合比例{share:rate}"]
    rows = {row["id"]: row for row in pack.table("indicators")}
    assert len(rows) == len(PACK.table("indicators")) + 1
    assert rows["emp.new_urban"]["aliases"] == "城镇新增就业人数;新增上岗"
    assert pack.digest != PACK.digest


def test_overlay_is_used(tmp_path: Path) -> None:
    """What is read with a folder laid over ours is read by its rules and rows."""
    extractor = Extractor([folder(tmp_path, **OVERLAY)])
    first, second = extractor.read_text("新增上岗15人，惠民菜篮交付到户36个。").metrics
    assert first.indicator is not None
    assert (first.indicator.id, first.value) == ("emp.new_urban", Decimal(15))
    assert second.indicator is not None
    assert (second.indicator.id, second.value, second.rule) == ("own.baskets", Decimal(36), "actual.delivered")


def test_last_overlay_is_on_top(tmp_path: Path) -> None:
    """Of two folders the last one holds."""
    rule = "[[rule]]\nid = 'own'\ntemplate = '{}{{actual:any}}'\n"
    below = folder(tmp_path / "below", mine_toml=TEMPLATE + rule.format("甲"))
    above = folder(tmp_path / "above", mine_toml=TEMPLATE + rule.format("乙"))
    templates = [one.spec.template for one in load_pack(below, above).rules if one.id == "own"]
    assert templates == ["乙{actual:any}"]


def test_words_are_added_to_a_list(tmp_path: Path) -> None:
    """A word list of one of our names is lengthened, not replaced."""
    own = folder(tmp_path, mine_toml=TEMPLATE + "[lexicon]\nup = ['蹿升', '增长']\n")
    assert load_pack(own).words("up") == [*PACK.words("up"), "蹿升"]
    assert check_folder(own) == []


def test_overlay_passes_the_check(tmp_path: Path, cli: Callable[..., Result]) -> None:
    """A sound folder of a user's own has no problems, and the command says so."""
    own = folder(tmp_path, **OVERLAY)
    assert check_folder(own) == []
    result = cli("check", own)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "all patterns hold" in result.stderr


# --- folders that do not hold ---------------------------------------------------------------------------------------
BASKETS = "regex = '三筐'"


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (QUANTITY + "shade = 1", "mine.toml: Object contains unknown field `shade`"),
        ("schema = 1\nkind = 'colour'\nabout = 'x'", "mine.toml: unknown kind 'colour'"),
        (QUANTITY + "[parts]\nbasket = '筐'", "mine.toml: part basket: no rule uses it"),
        (QUANTITY + "[lexicon]\nbaskets = ['筐']", "mine.toml: word list baskets: nothing uses it"),
        (rule_a("quantity"), "rule a: give either a regex or a template"),
        (rule_a("quantity", "regex = '{shade}'", example=True), "rule a: there is no part {shade} above it"),
        (rule_a("quantity", "regex = '\\L<shades>'", example=True), "rule a: there is no word list shades"),
        (rule_a("quantity", "regex = '(三'", example=True), "rule a: missing )"),
        (rule_a("quantity", "regex = ''", example=True), "rule a: the regex is empty"),
        (rule_a("quantity", "regex = '筐?'", example=True), "rule a: the regex matches nothing at all"),
        (rule_a("quantity", "regex = '(?:一+)+筐'", example=True), "rule a: the regex takes too long over 20,000"),
        (rule_a("quantity", BASKETS), "rule a: has no example"),
        (rule_a("quantity", BASKETS, "examples = ['三筐']"), "rule a: the example '三筐' marks nothing"),
        (rule_a("quantity", BASKETS, "examples = ['⟦三⟧筐']"), "'⟦三⟧筐' does not hold, the rule reads 三筐"),
        (rule_a("quantity", BASKETS, "examples = ['装了⟦三筐']"), "rule a: ⟦ without ⟧"),
        (
            rule_a("quantity", BASKETS, "counter = ['第三筐']", example=True),
            "rule a: in the counter-example '第三筐' the rule reads 三筐",
        ),
        (rule_a("quantity", "template = '{actual:any}'", example=True), "a template stands in a file of kind quantity"),
        (rule_a("template", BASKETS, example=True), "rule a: a rule of kind template needs a template"),
        (rule_a("template", "template = '装{colour:any}'", example=True), "rule a: 'colour' is no role"),
        (
            rule_a("template", "template = '装了{actual:any}'", "examples = ['卖了⟦3个⟧']"),
            "the example '卖了⟦3个⟧' does not hold, the rule reads nothing (no template reads its figures)",
        ),
        (
            rule_a("template", "template = '增长{actual:any}'", "examples = ['收入增长⟦3%⟧']"),
            "the rule reads nothing (its figures are read by growth.up)",
        ),
        (
            rule_a("frame", BASKETS, "set = {where = 'margin', role = 'target'}", example=True),
            "rule a: set.where is 'margin'; one of heading, title, block, sentence",
        ),
        (rule_a("date", "regex = '\\p{Han}筐'", example=True), "rule a: bad escape"),
        (rule_a("date", BASKETS, "forms = [{value = '5 个', texts = ['5个']}]", example=True), "forms are for rules"),
    ],
)
def test_check_finds(tmp_path: Path, file: str, says: str) -> None:
    """Every problem of a folder is told with file, rule and what is wrong."""
    problems = check_folder(folder(tmp_path, mine_toml=file))
    assert any(says in problem for problem in problems), problems
    assert all(len(problem.splitlines()) == 1 for problem in problems)


@pytest.mark.parametrize(
    ("value", "text", "says"),
    [
        ("6 个", "5个", "form '5个' is read as '5 个', not as '6 个'"),
        ("5 个 ~", "5个", "form '5个' is read as '5 个', not as '5 个 ~'"),
        ("five", "5个", "form 'five': 'five' is no number"),
        ("5", "5个", "form '5': after the number stand the unit"),
        ("5 个", "5个红灯笼", "form '5个红灯笼' is not read whole, only '5个'"),
        ("5 个", "灯笼", "form '灯笼' is read as 0 quantities, not as one"),
        ("5 个", "5个，6个", "form '5个，6个' is read as 2 quantities, not as one"),
    ],
)
def test_check_finds_in_forms(tmp_path: Path, value: str, text: str, says: str) -> None:
    """A form must be read whole, as one quantity with its value."""
    file = rule_a("quantity", BASKETS, f"forms = [{{value = '{value}', texts = ['{text}']}}]", example=True)
    assert any(says in problem for problem in check_folder(folder(tmp_path, mine_toml=file)))


INDICATOR_COLUMNS = "id,name_zh,aliases,kind,unit,direction,group,note"


@pytest.mark.parametrize(
    ("table", "rows", "says"),
    [
        ("indicators", ["own.a,惠民菜篮,,basket,个,up,own,"], "line 2: kind 'basket'; one of money"),
        ("indicators", ["own.a,惠民菜篮,,count,个,side,own,"], "line 2: direction 'side'; one of up, down, neutral"),
        (
            "indicators",
            ["own.a,惠民菜篮,,count,个,up,own,", "own.b,菜篮,惠民菜篮,count,个,up,own,"],
            "own.b: 惠民菜篮 is a name of own.a already",
        ),
        ("indicators", ["own.a,惠民菜篮,,count,个,up,own,", "own.a,菜篮,,count,个,up,own,"], "own.a: stands twice"),
        (
            "indicators",
            ["own.a,新就业,城镇新增就业,count,人,up,own,"],
            "城镇新增就业 is a name of emp.new_urban already",
        ),
        ("baskets", ["a,b,c,d,e,f,g,h"], "nothing reads this table"),
        ("units", ["a,b,c,d,e,f,g,h"], "they must be unit, kind"),
    ],
)
def test_check_finds_in_tables(tmp_path: Path, table: str, rows: list[str], says: str) -> None:
    """Tables with unknown kinds, names that two indicators claim, columns that are not ours."""
    text = "\n".join([INDICATOR_COLUMNS, *rows, ""])
    problems = check_folder(folder(tmp_path, **{f"lexicon__{table}_csv": text}))
    assert any(f"lexicon/{table}.csv: " in problem and says in problem for problem in problems), problems


def test_check_tells_all_files_at_once(tmp_path: Path) -> None:
    """Files that cannot be read are told together, not one after the other."""
    own = folder(tmp_path, a_toml="schema = 9\nkind = 'date'\nabout = 'x'", b_toml="oh", lexicon__c_csv="a,b\n1\n")
    assert [problem.split(":")[0] for problem in check_folder(own)] == ["a.toml", "b.toml", "lexicon/c.csv"]


def test_check_of_an_empty_folder(tmp_path: Path) -> None:
    """A folder without any pattern file is most likely the wrong one."""
    (problem,) = check_folder(tmp_path)
    assert problem.startswith(f"{tmp_path}: no *.toml and no *.csv file")


def test_problems_end_with_one(tmp_path: Path, cli: Callable[..., Result]) -> None:
    """The command prints one problem a line and ends with 1."""
    result = cli("check", folder(tmp_path, mine_toml=QUANTITY + "[parts]\na = 'x'\nb = 'y'"))
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 2)
    assert "2 problems" in result.stderr


def test_a_mutated_rule_fails_its_example() -> None:
    """The examples can fail: with another unit in its expression a rule no longer reads what it marks."""
    rule = next(rule for rule in PACK.rules if rule.id == "quantity.percent_words")
    assert rule.expanded is not None
    expanded = rule.expanded.replace("百分之", "万分之")
    mutated = Rule(rule.spec, kind=rule.kind, file=rule.file, expanded=expanded, lists=PACK.lexicons)
    assert all(READER.example(rule, example) is None for example in rule.spec.examples)
    assert all(READER.example(mutated, example) is not None for example in rule.spec.examples)


def test_slow_rule_is_named_by_its_text() -> None:
    """The text over which a rule takes too long is told."""
    spec = next(rule for rule in PACK.rules if rule.id == "quantity.percent_words").spec
    rule = Rule(spec, kind="quantity", file="x.toml", expanded=r"(?:\d+人?)+[元角]", lists={})
    assert too_slow(rule) == "20,000 digits"


@pytest.mark.parametrize(
    ("value", "canonical"),
    [("95 % >=",) * 2, ("560 场 ~",) * 2, ("3..5 个",) * 2, ("5 家 ~ >=", "5 家 >= ~"), ("1 元 =", "1 元")],
)
def test_read_form(value: str, canonical: str) -> None:
    """A form's value is written in one way."""
    assert read_form(value) == canonical


@pytest.mark.parametrize(
    "expression", [r"\L<words>", r"(?r)\L<words>", r"\d\L<words>?", r"(?r)\d\L<words>{1,2}(?=\L<words>|$)"]
)
@pytest.mark.parametrize("words", [["元", "万元", "个"], ["-", "]", "^", "a&&b", "[|~"], ["", "元"]])
def test_a_look_before_a_list_changes_nothing(expression: str, words: list[str]) -> None:
    """A word list is found where the plain expression finds it, whatever its words are made of, in both directions."""
    text = "3元4万元-5]6^7个8万个a&&b9[|~2元个元5]-^"
    plain = regex.compile(expression, regex.VERSION1, words=words)
    made = compile_regex(expression, {"words": words}, where="here")
    assert [found.span() for found in made.finditer(text)] == [found.span() for found in plain.finditer(text)]
    assert plain.search(text) is not None
