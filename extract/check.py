"""Whether a pattern folder holds: every rule readable, used, quick, and true to its own examples.

A user's folder is checked as it would be used: laid over the built-in one. Only what stands in the folder itself is
reported, one problem a line: file, rule, what is wrong, what to do.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from extract.columns import OTHER_COLUMNS
from extract.examples import Reader, too_slow
from extract.patterns import Pack, PatternError, Rule, RuleFile, default_folder, read_file, read_pack, read_table
from extract.records import COMPARATORS, ENTITY_TYPES, QUANTITY_KINDS, ROLES
from extract.templates import compile_rule

# word lists and tables that no rule names because the code itself reads them; a new one is added here
READ_BY_CODE: Final = frozenset(
    (
        "achieved_things", "achieving", "adverbial_not", "adverbial_starts", "around", "bare_ends", "bare_rest",
        "bare_verbs", "befalls", "bounds_before", "budget_items", "departments", "flows", "generic",
        "generic_words", "given_to", "gives", "groups", "hands_out", "head_nouns",
        "headings", "heads", "index_words", "indicators", "inner_ends", "inner_openers", "item_marks", "joins",
        "keep_with_short", "label_ends", "leads", "ministries", "money_words", "name_stops", "not_levels",
        "not_noun_start", "offices", "org_ends", "org_suffixes", "organisations", "our_places", "paren_ends",
        "opens_inside", "people_nouns", "peoples",
        "phrase_openers", "place_ends", "place_parts", "place_suffixes", "place_words", "policy_ends",
        "predicates", "projects", "purposes", "qualities", "ratio_moves", "ratio_words", "reasons", "regions",
        "remainders", "school_not",
        "scopes", "section_types", "short_names", "soft_leads", "table_comparators", "table_criteria",
        "table_money_labels", "table_nothing", "table_thin_labels", "table_totals", "table_unit_words", "tail_words",
        "task_nouns", "thin_nouns", "title_ends", "title_tails", "together", "town_or_country", "verb_nouns",
        "verbs_before_noun",
        "whole_words", "wide_heads", "works_after", "works_before",
        "zero_words",
        "count_words",
        "dimension_indicators", "unit_equals", "whole_places", "purpose_starts", "bodies",
        "told_of_counted", "report_leads",
        # of the audit
        "account_genres", "added_words", "audit_identities", "audit_messages", "balance_ends", "budget_rows",
        "carried", "claims", "equal_words", "fund_totals", "greater_words", "list_leads", "many_values", "nested_words",
        "not_claims", "of_any_fund", "other_basis", "other_funds", "own_scores", "plan_words", "real_terms",
        "result_words", "single_values", "smaller_words",
        "soft_ends", "soft_words", "summing_words", "total_names", "unitless", "whole_ends",
    )
)  # fmt: skip
# what a rule's `set` must hold, and of which values
SETTINGS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "frame": {"where": ("heading", "title", "block", "sentence"), "role": ROLES},
    "noise": {"block": ("toc_title", "toc", "caption", "drop")},
    "entity": {"type": ENTITY_TYPES},
    "column": {"role": (*ROLES, *OTHER_COLUMNS)},
}
# columns of tables that must hold one of a few values
COLUMNS: Final = {
    ("units", "kind"): QUANTITY_KINDS,
    ("indicators", "kind"): (*QUANTITY_KINDS, "date"),  # 完成时间
    ("indicators", "direction"): ("up", "down", "neutral"),
    ("bounds_before", "comparator"): COMPARATORS,
    ("bounds_after", "comparator"): COMPARATORS,
    ("bounds_before", "approx"): ("yes", "no"),
    ("bounds_after", "approx"): ("yes", "no"),
}

_NAME: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LIST: Final = re.compile(r"\\L<([a-z_][a-z0-9_]*)>")


def check_folder(path: Path | None = None) -> list[str]:
    """All problems of a pattern folder, in the order of its files; the built-in one where `path` is None."""
    base = default_folder()
    folder = path or base
    own = folder.resolve() == base.resolve()
    files, tables, problems = _read(folder)
    if problems:
        return problems
    try:
        pack = read_pack([base] if own else [base, folder])
    except PatternError as error:
        return [str(error)]
    all_files = files if own else {**{f"built-in {name}": file for name, file in _read(base)[0].items()}, **files}
    problems.extend(_unused(files, all_files, tables))
    problems.extend(_tables(tables, pack))
    ids = {spec.id for file in files.values() for spec in file.rule}
    mine = [rule for rule in pack.rules if rule.id in ids]
    broken: dict[str, list[str]] = {rule.id: list(_rule(rule, pack)) for rule in mine}
    sound = Pack([rule for rule in pack.rules if not broken.get(rule.id)], pack.lexicons, pack.tables, pack.digest)
    reader = Reader(sound)
    try:
        for rule in mine:
            if not broken[rule.id]:
                broken[rule.id].extend(_examples(rule, reader))
    except PatternError as error:  # a table or a rule that all reading needs
        problems.append(str(error))
    for name, file in files.items():
        for spec in file.rule:
            problems.extend(f"{name}: rule {spec.id}: {problem}" for problem in broken[spec.id])
    return problems


def _read(folder: Path) -> tuple[dict[str, RuleFile], dict[str, list[dict[str, str]]], list[str]]:
    files: dict[str, RuleFile] = {}
    tables: dict[str, list[dict[str, str]]] = {}
    problems: list[str] = []
    if not folder.is_dir():
        return files, tables, [f"{folder}: no such pattern folder; check the path"]
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        try:
            files[name] = read_file(path.read_bytes(), name=name)
        except PatternError as error:
            problems.append(str(error))
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        try:
            tables[name] = read_table(path.read_bytes(), name=name)
        except PatternError as error:
            problems.append(str(error))
        except csv.Error as error:
            problems.append(f"{name}: {error}; save the table as CSV again")
    if not files and not tables and not problems:
        problems.append(f"{folder}: no *.toml and no *.csv file; a pattern folder holds rules, tables or both")
    return files, tables, problems


def _unused(
    files: dict[str, RuleFile], all_files: dict[str, RuleFile], tables: dict[str, list[dict[str, str]]]
) -> Iterator[str]:
    """Parts, word lists and tables that no rule and no code reads."""
    bodies: dict[str, list[str]] = {}
    for file in all_files.values():
        for name, part in file.parts.items():
            bodies.setdefault(name, []).append(part)
    lists: set[str] = set()
    parts: set[str] = set()
    waiting: list[str] = []
    for file in all_files.values():
        for spec in file.rule:
            if spec.regex is not None:
                waiting.append(spec.regex)
            sources = [spec.template] if isinstance(spec.template, str) else spec.template or []
            lists.update(name for source in sources for name in _NAME.findall(source))
    while waiting:
        expression = waiting.pop()
        lists.update(_LIST.findall(expression))
        fresh = {name for name in _NAME.findall(expression) if name in bodies} - parts
        parts |= fresh
        waiting.extend(body for name in sorted(fresh) for body in bodies[name])
    lists |= READ_BY_CODE
    where: dict[str, str] = {}
    for name, file in files.items():
        for part in file.parts:
            if part not in parts:
                yield f"{name}: part {part}: no rule uses it; use it as {{{part}}} or take it out"
            if part in where:
                yield f"{name}: part {part}: stands in {where[part]} already; give it another name"
            where[part] = name
        for words in file.lexicon:
            if words not in lists:
                yield f"{name}: word list {words}: nothing uses it; name it in a rule (\\L<{words}>) or take it out"
    for name in tables:
        stem = Path(name).stem
        if stem not in lists:
            yield f"{name}: nothing reads this table; check its name or use it as \\L<{stem}>"


def _tables(tables: dict[str, list[dict[str, str]]], pack: Pack) -> Iterator[str]:
    for name, rows in tables.items():
        stem = Path(name).stem
        for line, row in enumerate(rows, 2):
            for column, value in row.items():
                allowed = COLUMNS.get((stem, column))
                if allowed is not None and value not in allowed:
                    yield f"{name}: line {line}: {column} {value!r}; one of {', '.join(allowed)}"
        if stem == "indicators" and rows:
            yield from _indicators(name, rows, pack)


def _indicators(name: str, rows: Iterable[dict[str, str]], pack: Pack) -> Iterator[str]:
    """One name of one kind and unit may belong to one indicator only, and every id stands once."""
    ids: set[str] = set()
    owners: dict[tuple[str, str, str], str] = {}
    own = {row["id"] for row in rows}
    for row in pack.table("indicators"):
        if row["id"] in own and row["id"] in ids:
            yield f"{name}: indicator {row['id']}: stands twice; join the rows"
        ids.add(row["id"])
        for alias in dict.fromkeys(filter(None, (row["name_zh"], *row["aliases"].split(";")))):
            owner = owners.setdefault((alias, row["kind"], row["unit"]), row["id"])
            if owner != row["id"] and row["id"] in own:
                yield f"{name}: indicator {row['id']}: {alias} is a name of {owner} already; keep it with one of them"


def _rule(rule: Rule, pack: Pack) -> Iterator[str]:
    """What is wrong with a rule by itself."""
    spec = rule.spec
    if not spec.examples:
        yield "has no example; add one with ⟦ ⟧ around what it reads"
    if spec.forms and rule.kind != "quantity":
        yield "forms are for rules of kind quantity; make them examples"
    for key, allowed in SETTINGS.get(rule.kind, {}).items():
        if rule.set.get(key) not in allowed:
            yield f"set.{key} is {rule.set.get(key)!r}; one of {', '.join(allowed)}"
    where = f"{rule.file}: rule {rule.id}: "
    try:
        if rule.kind == "template":
            if rule.expanded is not None:
                yield "a rule of kind template needs a template, not a regex"
                return
            compile_rule(rule, pack)
            return
        if rule.expanded is None:
            yield f"a template stands in a file of kind {rule.kind}; move it to a file of kind template"
            return
        empty = rule.pattern.match("") or rule.pattern.search("甲1")
    except PatternError as error:
        yield str(error).removeprefix(where).removeprefix(where[:-2] + " ")
        return
    if not rule.expanded.strip():
        yield "the regex is empty; write one or take the rule out"
    elif empty is not None and empty.end() == empty.start():
        yield "the regex matches nothing at all, in every place; make some of it necessary"
    elif (text := too_slow(rule)) is not None:
        yield f"the regex takes too long over {text}; limit its repetitions ({{1,20}} in place of +)"
    elif rule.kind == "date":
        try:
            re.compile(rule.expanded)
        except re.error as error:
            yield f"{error}; date rules may use what Python's module re knows only"


def _examples(rule: Rule, reader: Reader) -> Iterator[str]:
    found = [reader.example(rule, example) for example in rule.spec.examples]
    found += [reader.counter(rule, counter) for counter in rule.spec.counter]
    found += [reader.form(form.value, text) for form in rule.spec.forms for text in form.texts]
    yield from (problem for problem in found if problem is not None)
