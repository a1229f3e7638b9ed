"""From bytes to text that can be matched, without ever losing a place in it.

Read in this order: `decode` (bytes to `Source`), `mask` (noise to blanks, one for one), `View` (the text of some
blocks with all white space taken out, and for each of its characters the place in the source). What a file format
tells of its own structure comes with the text: `GivenHeading`, `GivenTable`.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from array import array
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Full-width forms that stand for an ASCII character in numbers, units and numbering. Chinese punctuation that
# separates clauses (，；：（）) is kept: the grammar needs it. One character becomes one character.
_FOLD: Final[dict[int, int | str]] = {
    **{0xFF10 + i: 0x30 + i for i in range(10)},
    **{0xFF21 + i: 0x41 + i for i in range(26)},
    **{0xFF41 + i: 0x61 + i for i in range(26)},
    ord("．"): ".",
    ord("％"): "%",
    ord("﹪"): "%",
    ord("－"): "-",
    ord("−"): "-",
    ord("～"): "~",
    ord("〜"): "~",
    ord("∼"): "~",
    ord("＋"): "+",
    ord("︰"): "：",
    **dict(zip(map(ord, "﹐﹑﹔﹕﹖﹗﹙﹚"), "，、；：？！（）", strict=True)),
    ord("／"): "/",
    ord("＝"): "=",
    ord("＞"): ">",
    ord("＜"): "<",
    ord("≧"): "≥",
    ord("≦"): "≤",
    ord("⩾"): "≥",
    ord("⩽"): "≤",
    ord("　"): " ",
    ord("\u00a0"): " ",
    ord("\u2002"): " ",
    ord("\u2003"): " ",
    ord("\u2009"): " ",
    ord("\u200b"): " ",
    ord("\ufeff"): " ",
    ord("＊"): "*",
    ord("＃"): "#",
    ord("﹣"): "-",
    ord("‑"): "-",
    ord("㎡"): "㎡",
}

_NOISE: Final = re.compile(
    r"\[(?:bookmark|image|comment|footnote|embed)[^\]\n]{0,80}\]"  # marks a Word dump leaves behind
    r"|!\[[^\]\n]{0,80}\]\([^)\n]{0,300}\)"  # markdown images
    r"|</?(?:b|i|u|p|br|div|span|strong|em|sup|sub|font|center|h[1-6])\b[^>\n]{0,200}>"  # stray HTML
    r"|&(?:nbsp|ensp|emsp|lt|gt|amp|quot);"
    r"|(?<=[^\x00-\x7f])\[\d{1,2}\](?!\d+号)"  # footnote marks
    r"|\*\*|__"
)

# A run of digits that is no figure but a data dump; rules would start anew at each of its characters.
_ENDLESS: Final = re.compile("[0-9０-９,.，．〇零一二三四五六七八九十百千万亿]{100,}")
_WIDE: Final = re.compile(f"[{''.join(map(re.escape, map(chr, _FOLD)))}]+")  # `translate` alone is five times slower
# A half-width stop beside Chinese parts clauses as its full-width form does; between digits or Latin words it does not.
_NARROW: Final = re.compile("[,;:?!](?:(?<=[一-鿿%％）)”》’℃、].)|(?=[ 　]*[一-鿿（“《]))")
_STOPS: Final = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_CONTROLS: Final = bytes((*range(0, 9), *range(14, 27), *range(28, 32), 127))  # those that no text has
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = re.compile(r"\s+")
_KEEPS_SPACE: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.%")


_KEPT_BEFORE: Final = _KEEPS_SPACE - frozenset(".%")


class UnreadableError(ValueError):
    """The input holds no text that can be read; the message says why and what to do."""


class GivenCell(Struct, frozen=True, gc=False):
    """A table cell whose place the input format tells; text[start:end] is its content, empty where the two are equal.

    Rows and columns count from 0. `header` is true where the format marks the cell as a heading (`<th>`).
    """

    start: int
    end: int
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    header: bool = False


class GivenTable(Struct, frozen=True):
    """A table whose geometry is known before the text is read; its cells lie inside text[start:end], in order."""

    start: int
    end: int
    caption: str | None
    cells: tuple[GivenCell, ...]


class GivenHeading(Struct, frozen=True, gc=False):
    """A heading that the file itself calls one: its place in the text, and its level, 1 at the top."""

    start: int
    end: int
    level: int


class Source(Struct, frozen=True):
    """A decoded text. `clean` has the same length as `text`: noise blanked, widths folded.

    `tables` are those whose cells the input format tells; elsewhere tables are looked for in the text. `headings` are
    those that the format tells, in order.
    """

    text: str
    clean: str
    path: str
    media_type: str
    encoding: str
    sha256: str
    tables: tuple[GivenTable, ...] = ()
    headings: tuple[GivenHeading, ...] = ()


def decode(data: bytes, *, path: str = "-") -> Source:
    """Decode one plain-text document.

    UTF-8, UTF-16 and UTF-32 with a byte order mark, UTF-8 without one, then what charset-normalizer finds among the
    Chinese encodings (GB18030 holds GBK and GB2312). Raises `UnreadableError` for an empty or a binary file.
    """
    text, encoding = decode_text(data)
    return make_source(text, path=path, encoding=encoding, sha256=hashlib.sha256(data).hexdigest())


def decode_text(data: bytes) -> tuple[str, str]:
    """The text of a plain-text file, byte order mark dropped, and the name of its encoding. Raises as `decode` does."""
    text, encoding = _decode(data) if data.strip() else ("", "")
    if not text.strip():
        raise UnreadableError("the file is empty")
    return repair(text), encoding


def _decode(data: bytes) -> tuple[str, str]:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, errors="replace"), name
    if _looks_binary(data):
        raise UnreadableError("not a text file (binary data); convert it to text first")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    encoding = _detect(data)
    return data.decode(encoding, errors="replace"), encoding


def repair(text: str) -> str:
    """The text with lone surrogates, which no output could hold, turned into U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def make_source(
    text: str,
    *,
    path: str = "-",
    media_type: str = "text/plain",
    encoding: str = "utf-8",
    sha256: str | None = None,
    tables: tuple[GivenTable, ...] = (),
    headings: tuple[GivenHeading, ...] = (),
) -> Source:
    """Wrap a text that is already decoded, with its structure where that is known. See `repair` for surrogates."""
    text = repair(text)
    if sha256 is None:
        sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Source(
        text=text,
        clean=mask(text),
        path=path,
        media_type=media_type,
        encoding=encoding,
        sha256=sha256,
        tables=tables,
        headings=headings,
    )


def mask(text: str) -> str:
    """The text with noise replaced by blanks of the same length, and widths of characters made equal one to one."""
    blanked = _ENDLESS.sub(_blanks, _NOISE.sub(_blanks, text))
    folded = _WIDE.sub(lambda match: match[0].translate(_FOLD), blanked)
    return _NARROW.sub(lambda match: _STOPS[match[0]], folded)


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _looks_binary(data: bytes) -> bool:
    head = data[:65536]
    control = len(head) - len(head.translate(None, _CONTROLS))
    return b"\0" in head or control > len(head) // 50


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], cp_isolation=["gb18030", "big5", "utf_8"]).best()
    return "gb18030" if best is None else {"utf_8": "utf-8"}.get(best.encoding, best.encoding)


class View:
    """Some blocks of a source as one string without white space, and the source place of each of its characters.

    Blocks are parted by a line feed. A blank between two Latin letters or digits stays as one blank, so that
    two numbers never grow together; everywhere else it goes, so that `1498.66 万元` and `1498.66⏎万元` read alike.
    """

    __slots__ = ("places", "starts", "text")

    def __init__(self, clean: str, spans: Iterable[tuple[int, int]]) -> None:
        pieces: list[str] = []
        places = array("i")  # a list would hold an object for each character
        starts = array("i")
        for start, end in spans:
            starts.append(len(places))
            position = start
            for gap in _SPACE.finditer(clean, start, end):
                if gap.start() > position:
                    pieces.append(clean[position : gap.start()])
                    places.extend(range(position, gap.start()))
                position = gap.end()
                if (
                    start < gap.start()
                    and position < end
                    and clean[gap.start() - 1] in _KEEPS_SPACE
                    and clean[position] in _KEPT_BEFORE
                ):
                    pieces.append(" ")
                    places.append(gap.start())
            if position < end:
                pieces.append(clean[position:end])
                places.extend(range(position, end))
            pieces.append("\n")
            places.append(end)
        self.text = "".join(pieces)
        self.places = places
        self.starts = starts

    def bounds(self, number: int) -> tuple[int, int]:
        """Where a block begins and ends in the text of the view."""
        after = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        return self.starts[number], after - 1

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of the view's characters `start` to `end`."""
        return self.places[start], self.places[end - 1] + 1
