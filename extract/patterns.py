"""The grammar: rules and word lists read from a folder of TOML and CSV files.

A rule file (`*.toml`) says its `kind` (what its rules find), shared word lists (`[lexicon]`), named pieces of regular
expressions (`[parts]`) and rules. A rule is either a `regex`, in which `{name}` stands for a part and `\\L<name>` for
a word list, or a `template` over a sentence whose figures are already found (see `templates.py`). Every rule carries
examples with the match marked ``⟦so⟧`` and may carry counter-examples. A table (`lexicon/*.csv`) is a plain list with
a header line. A user's own folder is laid over the built-in one: rules with the same id and rows with the same first
column replace ours, all others are added.

Unknown keys, kinds and names are errors that name the file and the rule.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
import regex
from msgspec import Struct

SCHEMA: Final = 1
KINDS: Final = (
    "quantity",  # a figure with its unit
    "not_quantity",  # digits that measure nothing: dates, ordinals, codes, names
    "date",  # dates and periods
    "entity",  # names other than dates
    "heading",  # numbering and titles
    "noise",  # lines that are no text: contents, page furniture
    "document",  # title, organisation, year, genre
    "template",  # what figures say: roles and relations
    "frame",  # what role figures have by default, by section or sentence
    "column",  # what the heading of a table column says of the cells below it
    "residue",  # words of a form that were left in a text; for the audit
)
MATCH_SECONDS: Final = 2.0

_PART: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LIST: Final = re.compile(r"\\L<([a-z_][a-z0-9_]*)>")
_MARK: Final = re.compile("[⟦⟧]")


class PatternError(ValueError):
    """A pattern folder that cannot be used; the message names file and rule and says what to do."""


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """One value and the surfaces that all mean it; each surface must be read whole, and in one way."""

    value: str
    texts: list[str]


class RuleSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as written in a file."""

    id: str
    regex: str | None = None
    template: str | list[str] | None = None
    set: dict[str, str | int | bool] = {}
    priority: int = 0
    examples: list[str] = []
    counter: list[str] = []
    forms: list[Form] = []
    note: str = ""


class RuleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole TOML file."""

    schema: int
    kind: str
    about: str
    lexicon: dict[str, list[str]] = {}
    parts: dict[str, str] = {}
    rule: list[RuleSpec] = []


class Rule:
    """A rule ready for use. `pattern` is compiled on first use; `set` holds what the rule gives its match."""

    def __init__(
        self, spec: RuleSpec, *, kind: str, file: str, expanded: str | None, lists: dict[str, list[str]]
    ) -> None:
        self.id = spec.id
        self.kind = kind
        self.file = file
        self.spec = spec
        self.set = spec.set
        self.expanded = expanded
        self._lists = lists

    @cached_property
    def pattern(self) -> Any:
        """The compiled regular expression (module `regex`)."""
        if self.expanded is None:
            raise PatternError(f"{self.file}: rule {self.id} has no regex")
        return compile_regex(self.expanded, self._lists, where=f"{self.file}: rule {self.id}")

    def __repr__(self) -> str:  # noqa: D105
        return f"Rule({self.id})"


class Pack:
    """All rules and tables of one or more pattern folders."""

    def __init__(
        self,
        rules: Sequence[Rule],
        lexicons: dict[str, list[str]],
        tables: dict[str, list[dict[str, str]]],
        digest: str,
    ) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: -rule.spec.priority))
        self.lexicons = lexicons
        self.tables = tables
        self.digest = digest

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """The rules of one kind, highest priority first, then in file order."""
        return tuple(rule for rule in self.rules if rule.kind == kind)

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of `lexicon/<name>.csv`."""
        try:
            return self.tables[name]
        except KeyError:
            raise PatternError(f"no table lexicon/{name}.csv in the pattern folder") from None

    def words(self, name: str) -> list[str]:
        """A word list of some file's `[lexicon]`."""
        try:
            return self.lexicons[name]
        except KeyError:
            raise PatternError(f"no word list {name} in the pattern folder") from None

    def compile(self, expression: str, *, where: str) -> Any:
        """Compile an expression that may use any word list of the pack."""
        return compile_regex(expression, self.lexicons, where=where)


def default_folder() -> Path:
    """The built-in pattern folder: beside the package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_data" / "patterns", here.parent / "patterns"):
        if folder.is_dir():
            return folder
    raise PatternError("the built-in patterns are missing; install the package again")


def load_pack(*extra: Path) -> Pack:
    """The built-in grammar with the given folders laid over it, the last one on top."""
    return read_pack([default_folder(), *extra])


def read_pack(folders: Iterable[Path]) -> Pack:
    """Read and join pattern folders. Raises `PatternError`."""
    specs: dict[str, tuple[RuleSpec, str, str]] = {}
    lexicons: dict[str, list[str]] = {}
    parts: dict[str, str] = {}
    tables: dict[str, list[dict[str, str]]] = {}
    sources: list[tuple[str, bytes]] = []
    for folder in folders:
        if not folder.is_dir():
            raise PatternError(f"{folder}: no such pattern folder")
        own: dict[str, str] = {}
        for path in sorted(folder.rglob("*.toml")):
            data = path.read_bytes()
            sources.append((path.name, data))
            file = read_file(data, name=path.relative_to(folder).as_posix())
            name = path.relative_to(folder).as_posix()
            for key, words in file.lexicon.items():
                lexicons[key] = list(dict.fromkeys([*lexicons.get(key, []), *words]))
            for key, part in file.parts.items():
                parts[key] = expand(part, parts, where=f"{name}: part {key}")
            for spec in file.rule:
                if spec.id in own:
                    raise PatternError(f"{name}: rule {spec.id} stands in {own[spec.id]} already; give it another id")
                own[spec.id] = name
                specs[spec.id] = (spec, file.kind, name)
        for path in sorted(folder.rglob("*.csv")):
            data = path.read_bytes()
            sources.append((path.name, data))
            rows = read_table(data, name=path.relative_to(folder).as_posix())
            tables[path.stem] = _lay_over(tables.get(path.stem, []), rows, name=path.relative_to(folder).as_posix())
    for stem, rows in tables.items():  # the first column of a table is a word list of the same name
        lexicons.setdefault(stem, [next(iter(row.values())) for row in rows])
    rules = [
        Rule(
            spec,
            kind=kind,
            file=name,
            expanded=None if spec.regex is None else expand(spec.regex, parts, where=f"{name}: rule {spec.id}"),
            lists=lexicons,
        )
        for spec, kind, name in specs.values()
    ]
    digest = hashlib.sha256()
    for name, data in sources:
        digest.update(name.encode() + b"\0" + data + b"\0")
    return Pack(rules, lexicons, tables, digest.hexdigest()[:16])


def read_file(data: bytes, *, name: str) -> RuleFile:
    """Read one TOML rule file, strictly. Raises `PatternError`."""
    try:
        file = msgspec.toml.decode(data, type=RuleFile)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise PatternError(f"{name}: {error}") from None
    if file.schema != SCHEMA:
        raise PatternError(f"{name}: schema = {file.schema}, this version reads {SCHEMA}")
    if file.kind not in KINDS:
        raise PatternError(f"{name}: unknown kind {file.kind!r}; one of {', '.join(KINDS)}")
    for spec in file.rule:
        if (spec.regex is None) == (spec.template is None):
            raise PatternError(f"{name}: rule {spec.id}: give either a regex or a template")
    return file


def read_table(data: bytes, *, name: str) -> list[dict[str, str]]:
    """Read one CSV table (UTF-8, with or without BOM). Raises `PatternError`."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise PatternError(f"{name}: not UTF-8; save the table again as 'CSV UTF-8'") from None
    rows = []
    for row in reader:
        if None in row or None in row.values():
            raise PatternError(f"{name}: line {reader.line_num} has not as many fields as the header")
        rows.append({key: value.strip() for key, value in row.items()})
    return rows


def expand(expression: str, parts: dict[str, str], *, where: str) -> str:
    """Put the named parts into a regular expression."""

    def part(match: re.Match[str]) -> str:
        try:
            return f"(?:{parts[match[1]]})"
        except KeyError:
            raise PatternError(f"{where}: there is no part {{{match[1]}}} above it") from None

    return _PART.sub(part, expression)


def compile_regex(expression: str, lists: dict[str, list[str]], *, where: str) -> Any:
    """Compile with the named word lists that the expression uses."""
    used = {}
    for name in set(_LIST.findall(expression)):
        if name not in lists:
            raise PatternError(f"{where}: there is no word list {name}")
        used[name] = lists[name]
    try:
        return regex.compile(_guarded(expression, used), regex.VERSION1, **used)
    except regex.error as error:
        raise PatternError(f"{where}: {error}") from None


def _guarded(expression: str, lists: dict[str, list[str]]) -> str:
    """The expression with a look at one character before each word list: to search a list costs much more.

    A reverse expression comes upon the end of a word first.
    """
    backwards = expression.startswith("(?r)")

    def guard(match: re.Match[str]) -> str:
        words = lists[match[1]]
        if not all(words):  # an empty word fits anywhere
            return match[0]
        edge = "".join(sorted({re.escape(word[-1 if backwards else 0]) for word in words}))
        return f"(?:{match[0]}(?<=[{edge}]))" if backwards else f"(?:(?=[{edge}]){match[0]})"

    return _LIST.sub(guard, expression)


def unmark(example: str) -> tuple[str, list[tuple[int, int]]]:
    """A marked example as plain text and the marked spans: ``支出⟦2万元⟧`` → ``支出2万元``, [(2, 5)]."""
    spans: list[tuple[int, int]] = []
    plain: list[str] = []
    length = 0
    open_at: int | None = None
    for piece in re.split("([⟦⟧])", example):
        if piece == "⟦":
            open_at = length
        elif piece == "⟧":
            if open_at is None:
                raise PatternError(f"⟧ without ⟦ in {example!r}")
            spans.append((open_at, length))
            open_at = None
        else:
            plain.append(piece)
            length += len(piece)
    if open_at is not None:
        raise PatternError(f"⟦ without ⟧ in {example!r}")
    return "".join(plain), spans


def _lay_over(below: list[dict[str, str]], above: list[dict[str, str]], *, name: str) -> list[dict[str, str]]:
    if not below or not above:
        return above or below
    if list(above[0]) != list(below[0]):
        raise PatternError(f"{name}: the columns are {', '.join(above[0])}; they must be {', '.join(below[0])}")
    key = next(iter(below[0]))
    replaced = {row.get(key) for row in above}
    return [row for row in below if row[key] not in replaced] + above
