"""HTML: the main content of a page, without menus, footers and links to other pages; headings and tables kept.

Parsed with lxml (libxml2), which no damage stops. What is content is decided here, by where the words that are no links
stand. Runners-up: trafilatura and readability-lxml are made for news in European languages, drop tables or their
spans, and shorten what they take for boilerplate, which a report cannot afford; selectolax is faster, but its trees
have no tail texts, and lxml is here for DOCX already. Nothing a page points to is ever loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from msgspec import Struct

from extract.readers.layout import MAX_HEADING, Cell, Layout, flat, place_cells
from extract.source import UnreadableError, decode_text, repair

_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_CHINESE: Final = frozenset(("gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "hz-gb-2312"))
_INNER: Final = frozenset(
    (
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
        "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
        "sup", "time", "tt", "u", "var", "wbr", "o:p", "st1:chsdate", "st1:personname", "v:shape",
    )
)  # fmt: skip
_NOT_TEXT: Final = frozenset(
    (
        "script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math", "head",
        "title",
        "meta", "link", "select", "option", "button", "input", "textarea", "audio", "video", "canvas", "map", "nav",
        "frameset", "noframes", "dialog", "datalist",
    )
)  # fmt: skip
_AROUND: Final = frozenset(("header", "footer", "aside"))
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FURNITURE: Final = re.compile(
    r"(?:^|[\s_-])(?:(?:top|main|sub|side|left)?(?:nav|menu)(?:bar|igation)?|footer|foot|bread-?crumbs?|crumbs?|sidebar"
    r"|copyright|share)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_HAN: Final = re.compile("[一-鿿]")
_YEAR: Final = re.compile(r"20\d\d\s*年")
_SITE: Final = re.compile(r"\s*[-_|–—].*$")
_ROLES: Final = frozenset(("navigation", "banner", "contentinfo", "search", "complementary"))
_LONG_CELL: Final = 400  # characters of a cell that is no cell but a column of a page


class Weight(Struct, frozen=True):
    """The characters in an element, how many of them are in links, and the number of links."""

    words: int
    links: int
    anchors: int

    @property
    def own(self) -> int:
        """Characters that are in no link."""
        return self.words - self.links


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The text and structure of a page. Raises `UnreadableError`."""
    text, encoding = _decode(data)
    return read_text(text, encoding=encoding)


def read_text(text: str, *, encoding: str = "utf-8") -> Layout:
    """The text and structure of a page that is decoded already."""
    from lxml import html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    root = html.document_fromstring(text.replace("\0", " ").encode("utf-8", "replace"), parser=parser)
    body = root if root.tag == "body" else root.find("body")
    if body is None:
        raise UnreadableError("an HTML page without a body (a frame, or a page that a script fills); save it as text")
    _drop_unseen(body)
    weights = _weigh(body)
    content = _content(body, weights)
    layout = Layout(encoding=encoding)
    writer = _Writer(layout, weights)
    title = _title(root, body, content)
    if title:
        layout.paragraph(title, level=1)
    writer.write(content)
    return layout


def _decode(data: bytes) -> tuple[str, str]:
    """UTF-8 if it is that, else what the page says of itself if that is Chinese, else what the bytes look like."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        data = data.replace(b"\0", b" ")
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
        said = _CHARSET.search(data[:4096])
        if said is not None and said[1].decode("ascii", "replace").lower() in _CHINESE:
            return repair(data.decode("gb18030", errors="replace")), "gb18030"
        if said is not None and said[1].lower() == b"utf-8":
            text = data.decode("utf-8", errors="replace")
            if text.count("\ufffd") < 0.01 * len(text):  # damaged, but that
                return text, "utf-8"
    return decode_text(data)


def _drop_unseen(body: Any) -> None:
    """Empty what a browser does not show as text, and what stands around the content by its own saying."""
    for element in [element for element in body.iter() if _is_unseen(element)]:
        if element is not body:
            element.clear(keep_tail=True)
            element.tag = "span"


def _is_unseen(element: Any) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _NOT_TEXT or element.get("hidden") is not None:
        return True
    if tag in _AROUND:
        return not any(above.tag in ("article", "main") for above in element.iterancestors())
    return element.get("role") in _ROLES or bool(_HIDDEN.search(element.get("style") or ""))


def _weigh(body: Any) -> dict[Any, Weight]:
    """The words in every element, the innermost first, so that each is counted once."""
    weights: dict[Any, Weight] = {}
    for element in reversed(list(body.iter())):
        words = links = anchors = 0
        for child in element:
            inner = weights[child]
            words += inner.words + _count(child.tail)
            links += inner.links
            anchors += inner.anchors
        words += _count(element.text)
        if element.tag == "a" and element.get("href"):
            links, anchors = words, anchors + 1
        weights[element] = Weight(words, links, anchors)
    return weights


def _count(text: str | None) -> int:
    return len(text) - text.count(" ") - text.count("\n") if text else 0


def _content(body: Any, weights: dict[Any, Weight]) -> Any:
    """The innermost block around which there is nothing but links and a line or two."""
    for name in ("article", "main"):
        found = list(body.iter(name))
        if len(found) == 1 and weights[found[0]].own >= 0.5 * weights[body].own:
            body = found[0]
    here = body
    while len(here):
        best = max(here, key=lambda child: weights[child].own)
        if best.tag in _INNER or best.tag in ("p", "table", *_HEADINGS):
            break
        whole = weights[here]
        lost = whole.own - weights[best].own
        for child in here:
            weight = weights[child]
            if child is not best and weight.links >= 0.3 * weight.words:
                lost -= weight.own
        if lost > min(max(80, 0.02 * whole.own), 0.25 * whole.own):
            break
        here = best
    return here


def _title(root: Any, body: Any, content: Any) -> str:
    """The title of the page where the content itself does not begin with it."""
    said = [element.get("content") or "" for element in root.iter("meta") if element.get("name") == "ArticleTitle"]
    inside = set(content.iter("h1"))
    above = [h1.text_content() for h1 in islice(body.iter("h1"), 3) if h1 not in inside]
    titles = [_SITE.sub("", element.text_content()) for element in islice(root.iter("title"), 1)]
    titles = [title for title in titles if _YEAR.search(title)]  # else it is mostly the name of the site
    opening = flat("".join(_first_words(content, 600)))
    bare = opening.replace(" ", "")
    for title in (*said, *above, *titles):
        words = flat(title)
        if 6 <= len(words) <= 80 and len(_HAN.findall(words)) >= 4:
            return "" if words.replace(" ", "") in bare else words
    return ""


def _first_words(element: Any, size: int) -> Iterator[str]:
    for text in element.itertext():
        yield text
        size -= len(text)
        if size < 0:
            return


def _is_layout(table: Any) -> bool:
    """Whether a table only places things on the page: it has tables in it, or a cell as long as a page."""
    if next(table.iterdescendants("table"), None) is not None:
        return True
    cells = list(table.iter("td", "th"))
    long = any(sum(map(_count, cell.itertext())) > _LONG_CELL for cell in cells)
    return len(cells) <= 1 or (long and len(cells) <= 8)


class _Writer:
    """Writes the blocks of an element into a layout, without recursion: pages nest as deep as they like."""

    def __init__(self, layout: Layout, weights: dict[Any, Weight]) -> None:
        self._layout = layout
        self._weights = weights
        self._words_in_all = max((weight.words for weight in weights.values()), default=0)
        self._words: list[str] = []

    def write(self, content: Any) -> None:
        """Add an element with all that is in it."""
        stack: list[tuple[Any, bool]] = [(content, False)]
        while stack:
            element, left = stack.pop()
            tag = element.tag
            inner = tag in _INNER
            if left:
                if not inner:
                    self._flush()
            elif tag == "br":
                self._flush()
            elif tag in _HEADINGS and self._weights[element].words <= MAX_HEADING:
                self._flush()
                self._layout.paragraph(_SPACE.sub(" ", element.text_content()), level=_HEADINGS[tag])
            elif tag == "table" and not _is_layout(element):
                self._flush()
                self._table(element)
            elif tag == "pre":
                self._flush()
                self._layout.paragraph(element.text_content())
            elif element is content or not self._is_menu(element):
                if not inner:
                    self._flush()
                self._add(element.text)
                stack.append((element, True))
                stack.extend((child, False) for child in reversed(element))
                continue
            if element is not content:
                self._add(element.tail)
        self._flush()

    def _is_menu(self, element: Any) -> bool:
        """Whether a block is a list of links to other pages, or a small one that calls itself a menu or a footer."""
        if element.tag not in ("ul", "ol", "div", "dl", "section", "td"):
            return False
        weight = self._weights[element]
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _FURNITURE.search(names[:200]) and weight.words < 0.3 * self._words_in_all:
            return True
        return weight.links > 0.7 * weight.words and weight.anchors >= 3

    def _add(self, text: str | None) -> None:
        if text:
            self._words.append(_SPACE.sub(" ", text))

    def _flush(self) -> None:
        if self._words:
            self._layout.paragraph("".join(self._words))
            self._words.clear()

    def _table(self, table: Any) -> None:
        captions = [flat(one.text_content()) for one in table.iterchildren("caption")]
        caption = captions[0] if captions else None
        if caption:
            self._layout.paragraph(caption)
        rows: list[list[Cell]] = []
        for part in table:
            for row in (part,) if part.tag == "tr" else part.iterchildren("tr"):
                header = part.tag == "thead"
                rows.append(
                    [
                        Cell(
                            "\n".join(_lines(cell)), 0, 0, _span(cell, "rowspan"), _span(cell, "colspan"),
                            header or cell.tag == "th",
                        )
                        for cell in row.iterchildren("td", "th")
                    ]
                )  # fmt: skip
        self._layout.table(place_cells(rows), caption=caption)


def _lines(cell: Any) -> Iterator[str]:
    """The words of a cell, a line break between its blocks."""
    words: list[str] = []
    for element in cell.iter():
        if element is not cell and element.tag not in _INNER:
            words.append("\n")
        words.append(_SPACE.sub(" ", element.text or ""))
        if element is not cell:
            words.append(_SPACE.sub(" ", element.tail or ""))
    yield "".join(words)


def _span(cell: Any, name: str) -> int:
    match = re.match(r"\s*\+?(\d{1,6})", cell.get(name) or "")
    return int(match[1]) if match else 1
