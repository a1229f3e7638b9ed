"""The JSON Schema (2020-12) of a document, made from the records, so that the two cannot differ."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from extract.records import (
    COMPARATORS,
    ENTITY_TYPES,
    QUANTITY_KINDS,
    ROLES,
    SCHEMA_VERSION,
    Breakdown,
    Cell,
    Change,
    Entity,
    Finding,
    Metric,
    Pair,
    Quantity,
    Report,
    Section,
    Side,
    Table,
)
from extract.table_readings import STATUSES

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

#: the words that a field may hold, where there is an end to them
_WORDS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    (Cell.__name__, "read"): ("", *STATUSES),
    (Entity.__name__, "type"): ENTITY_TYPES,
    (Quantity.__name__, "kind"): QUANTITY_KINDS,
    (Quantity.__name__, "comparator"): COMPARATORS,
    (Metric.__name__, "kind"): QUANTITY_KINDS,
    (Metric.__name__, "comparator"): COMPARATORS,
    (Metric.__name__, "role"): ROLES,
    (Metric.__name__, "source"): ("narrative", "table"),
    (Pair.__name__, "basis"): ("performance", "budget"),
    (Pair.__name__, "source"): ("narrative", "table"),
    (Side.__name__, "comparator"): COMPARATORS,
    (Change.__name__, "direction"): ("increase", "decrease", "flat"),
    (Finding.__name__, "severity"): ("error", "warning", "info"),
}
_COUNTED: Final = ("start", "end", "row", "column", "rowspan", "colspan", "chars")
_LETTERS: Final = {
    Section: "s", Table: "t", Entity: "e", Quantity: "q", Metric: "m", Pair: "p", Change: "c", Breakdown: "b",
    Finding: "f",
}  # fmt: skip


def document_schema() -> dict[str, Any]:
    """The JSON Schema of `<doc_id>.json`.

    Numbers are JSON numbers without an exponent. Every field is always there; what the text does not say is null.
    """
    (schema,), definitions = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for name, record in definitions.items():
        record["additionalProperties"] = False
        for field, rule in record["properties"].items():
            rule.pop("default", None)
            record["properties"][field] = _exact(rule)
            if words := _WORDS.get((name, field)):
                _allow(record["properties"][field], words)
            if field in _COUNTED and rule.get("type") == "integer":
                rule["minimum"] = 0
        record["required"] = list(record["properties"])
    for kind, letter in _LETTERS.items():
        definitions[kind.__name__]["properties"]["id"]["pattern"] = f"^{letter}[1-9][0-9]*$"
    return {
        "$schema": DIALECT,
        "$id": f"urn:extract:document:{SCHEMA_VERSION}",
        "title": "A report as `extract run` writes it",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    }


def _exact(rule: dict[str, Any]) -> dict[str, Any]:
    """Decimals are written as numbers, which msgspec's own schema does not know."""
    if rule.get("format") == "decimal":
        return {"type": "number"}
    if "anyOf" in rule:
        rule["anyOf"] = [_exact(one) for one in rule["anyOf"]]
    return rule


def _allow(rule: dict[str, Any], words: tuple[str, ...]) -> None:
    for one in rule.get("anyOf", [rule]):
        if one.get("type") == "string":
            one["enum"] = list(words)


def schema_json() -> str:
    """`document_schema` as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(document_schema()), indent=2).decode()
