"""The page itself: one HTML file with its style, its script, its words and its data inside.

Nothing of a report ever becomes markup: data stands in packed blocks, or in JSON in which every `<` is escaped, and the
script writes it with text nodes only. A Content-Security-Policy in the page itself forbids every request, every script
and style but the page's own (named by their digests), and the functions of the browser that would parse HTML.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
from base64 import b64encode
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

import msgspec

from extract.patterns import load_pack

SCRIPTS: Final = ("base", "reading", "text", "figures", "card", "grid", "panel", "overview", "app")
_ASSETS: Final = files("extract.review") / "assets"
_UNSAFE: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def page(title: str, setup: Mapping[str, object], blocks: Iterable[tuple[str, str]], *, loads: bool) -> Iterable[str]:
    """The pieces of the page, in order. `setup` is what the script begins with; `blocks` are ids and data (`packed`).

    With `loads` the page may load scripts from its own folder, and nothing else.
    """
    script, style = _script(), _asset("review.css")
    yield (
        "<!DOCTYPE html>\n"
        '<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(script, style, loads=loads)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="extract view">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        "<noscript>This page needs JavaScript; it loads nothing from anywhere. 需要启用 JavaScript。</noscript>\n"
        f'<script type="application/json" id="setup">{as_json({**setup, "words": words()})}</script>\n'
    )
    for name, data in blocks:
        yield f'<script type="application/gzip" id="{html.escape(name)}">{data}</script>\n'
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def as_json(value: object) -> str:
    """JSON that can stand inside a script element, whatever it holds; decimals are strings, so that none is rounded."""
    return msgspec.json.encode(value).decode().translate(_UNSAFE)


def packed(value: object) -> str:
    """JSON as gzip in base64, a tenth of its size; decimals are strings, so that none is rounded."""
    return b64encode(gzip.compress(msgspec.json.encode(value), compresslevel=5, mtime=0)).decode()


def data_script(name: str, data: str) -> str:
    """A file that hands one packed block to the page that loads it."""
    return f'extractReview("{name}","{data}");\n'


def words() -> dict[str, list[str]]:
    """All words of the page by id, Chinese and English; the names of section types come from the word list."""
    rows = csv.DictReader(_asset("words.csv").splitlines())
    found = {row["id"]: [row["zh"], row["en"]] for row in rows}
    for row in load_pack().table("section_types"):
        found[f"type.{row['id']}"] = [row["name_zh"], row["id"].replace("_", " ")]
    return found


def _script() -> str:
    parts = "".join(_asset(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _policy(script: str, style: str, *, loads: bool) -> str:
    scripts = f"{_digest(script)} 'self' file:" if loads else _digest(script)
    types = "review-data" if loads else "'none'"
    return "; ".join(
        (
            "default-src 'none'", f"script-src {scripts}", f"style-src {_digest(style)}", "img-src data:",
            "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", f"trusted-types {types}",
        )
    )  # fmt: skip


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
