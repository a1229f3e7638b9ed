"""From bytes to text: encodings, noise, widths, and the way back to the source."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.source import UnreadableError, View, decode, make_source, mask

TEXT = "青川市2023年度收入总计2350.16万元，\r\n比上年增加442.66万元。\n"
TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789.,，。%万元 \n\t　[]*_<>&;")))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"), "utf-32-le"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("gbk"), "gb18030"),
        (TEXT.encode("gb2312"), "gb18030"),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030", "gbk", "gb2312"],
)
def test_encodings(data: bytes, encoding: str) -> None:
    """Every encoding gives the same text, line ends untouched, without the byte order mark, and is named."""
    source = decode(data)
    assert source.text == TEXT
    assert source.encoding == encoding
    assert source.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("rare", ["𠮷", "㐂", "€", "ḿ"])
def test_gb18030_beyond_gbk(rare: str) -> None:
    """Characters that only GB18030 holds, in four bytes, are read."""
    text = f"{TEXT * 5}{rare}村2023年新增就业12人。"
    assert decode(text.encode("gb18030")).text == text


def test_encodings_of_a_real_report(shared: Path) -> None:
    """A real report in four encodings is one text; line ends and blanks differ only where the files' do."""
    sources = [decode(path.read_bytes()) for path in sorted((shared / "samples" / "encodings").glob("*.txt"))]
    assert {source.encoding for source in sources} >= {"utf-8", "utf-16-le", "gb18030"}
    assert len({"".join(source.text.split()) for source in sources}) == 1
    assert any("\r\n" in source.text for source in sources)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0" + bytes(range(256)) * 8, "binary"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + bytes(range(256)) * 8, "binary"),
        ("收入\0\0\0支出".encode(), "binary"),
    ],
    ids=["nothing", "blanks", "utf-8 mark alone", "utf-16 mark alone", "zip", "pdf", "nulls"],
)
def test_unreadable(data: bytes, says: str) -> None:
    """What holds no text is refused with the reason."""
    with pytest.raises(UnreadableError, match=says):
        decode(data)


def test_lone_surrogates_are_replaced() -> None:
    """A lone surrogate, which no output could hold, becomes U+FFFD and moves nothing."""
    source = make_source("收入\ud83d总计\udc0012万元")
    assert source.text == "收入\ufffd总计\ufffd12万元"
    assert decode(b"\xff\xfe" + "收入\ud83d总计".encode("utf-16-le", "surrogatepass")).text.startswith("收入")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("[bookmark: _Toc123]一、总体情况", "                   一、总体情况"),
        ("[image: ]收入", "         收入"),
        ("**收入**总计", "  收入  总计"),
        ("<b>收入</b>", "   收入    "),
        ("１，０５４．９０万元、９５％", "1，054.90万元、95%"),
        ("“三公”经费（类）：", "“三公”经费（类）："),
    ],
)
def test_mask(text: str, clean: str) -> None:
    """Noise becomes blanks of the same length; full-width digits become plain ones, punctuation stays."""
    assert mask(text) == clean


@given(TEXTS)
def test_mask_keeps_length_and_lines(text: str) -> None:
    """Masking moves no character and no line end."""
    clean = mask(text)
    assert len(clean) == len(text)
    assert [i for i, c in enumerate(clean) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]


@pytest.mark.parametrize(
    ("clean", "text"),
    [
        ("收入 1498.66\n万元", "收入1498.66万元"),
        ("235 个村，12 34", "235个村，12 34"),
        ("5 G 网络", "5 G网络"),
        ("  首尾  ", "首尾"),
    ],
)
def test_view_text(clean: str, text: str) -> None:
    """White space goes, except one blank that keeps two numbers or two Latin words apart."""
    assert View(clean, [(0, len(clean))]).text == text + "\n"


@given(TEXTS, st.lists(st.integers(0, 60), max_size=6))
def test_view_maps_back_exactly(text: str, cuts: list[int]) -> None:
    """Each character of a view is the character of the source at its place, in the source's order."""
    clean = mask(text)
    edges = sorted({0, len(clean), *(cut for cut in cuts if cut < len(clean))})
    blocks = list(pairwise(edges))
    view = View(clean, blocks)
    assert len(view.text) == len(view.places)
    assert list(view.places) == sorted(view.places)
    for place, character in zip(view.places, view.text, strict=True):
        if not character.isspace():
            assert clean[place] == character
    for number, (start, end) in enumerate(blocks):
        first, last = view.bounds(number)
        assert "".join(view.text[first:last].split()) == "".join(clean[start:end].split())
        for i in range(first, last):
            assert start <= view.span(i, i + 1)[0] < view.span(i, last)[1] <= end
