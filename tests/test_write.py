"""From records to files: exact JSON, whole files or none."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sample_report import one_of_each

from extract.records import Report
from extract.write import encode, encode_line, number, write_whole


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("23501600", "23501600"),
        ("1E+7", "10000000"),
        ("1E-9", "0.000000001"),
        ("-0.10", "-0.10"),
        ("0E+4", "0"),
        ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),
    ],
)
def test_numbers_are_plain_digits(value: str, digits: str) -> None:
    """Numbers are printed exactly and without an exponent, in JSON and in tables."""
    report = one_of_each()
    quantity = msgspec.structs.replace(report.quantities[0], value=Decimal(value), text="1E+7万人")
    data = encode(msgspec.structs.replace(report, quantities=[quantity]))
    assert f'"value":{digits},'.encode() in data
    assert json.loads(data, parse_float=Decimal)["quantities"][0]["text"] == "1E+7万人"
    assert number(Decimal(value)) == digits


def test_json_is_one_record_a_line() -> None:
    """The JSON document holds every field, one record a line, and reads back as the same report."""
    report = one_of_each()
    data = encode(report)
    assert msgspec.json.decode(data, type=Report) == report
    lines = data.decode().splitlines()
    assert sum(line.startswith('{"id":"') for line in lines) == 9
    assert list(json.loads(data)) == [field.name for field in msgspec.structs.fields(Report)]


@pytest.mark.parametrize("count", [1, 1999, 2000, 2001, 4000])
def test_json_in_pieces(count: int) -> None:
    """Records that are encoded piece by piece give one list, whatever their number; exponents are seen in any piece."""
    report = one_of_each()
    quantities = [msgspec.structs.replace(report.quantities[0], id=f"q{number}") for number in range(count)]
    quantities[-1] = msgspec.structs.replace(quantities[-1], value=Decimal("1E+20"))
    data = encode(msgspec.structs.replace(report, quantities=quantities))
    assert [one["id"] for one in json.loads(data)["quantities"]] == [one.id for one in quantities]
    assert data.count(b'{"id":"q') == count == data.count(b'\n{"id":"q')
    assert b'"value":100000000000000000000,' in data


def test_a_document_in_one_line() -> None:
    """A document of JSON Lines is the JSON document without its line feeds."""
    report = one_of_each()
    line = encode_line(report)
    assert line.count(b"\n") == 1
    assert json.loads(line) == json.loads(encode(report))


def test_line_feeds_inside_text_stay_escaped() -> None:
    """A record whose text holds a line feed is still one line."""
    report = one_of_each()
    entity = msgspec.structs.replace(report.entities[0], text='"就\n业",\r\n')
    data = encode(msgspec.structs.replace(report, entities=[entity, entity]))
    assert json.loads(data)["entities"][1]["text"] == '"就\n业",\r\n'


def test_write_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half way leaves the file that was there before."""
    (aside := tmp_path / "aside").mkdir()
    target = tmp_path / "report.json"
    write_whole(target, [b"fi", b"rst"], aside=aside)

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, [b"second"], aside=aside)
    assert target.read_bytes() == b"first"
