"""Values of numerals: exact whatever the scale, and never printed with an exponent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.numbers import SCALES, arabic, chinese, plain


@pytest.mark.parametrize("scale", ["万", "亿", "百万", "千万", "万亿"])
def test_every_amount_with_two_decimals(scale: str) -> None:
    """From 0.01 to 99.99 every amount is what exact arithmetic gives; binary fractions lose one in sixteen."""
    for hundredths in range(1, 10_000):
        numeral = f"{hundredths // 100}.{hundredths % 100:02}"
        assert arabic(numeral, scale) * 100 == hundredths * SCALES[scale]


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("0.69", 6_900), ("2.51", 25_100), ("86.71", 867_100), ("1495.36", 14_953_600), ("1536.61", 15_366_100),
        ("3.03", 30_300), ("68.96", 689_600), ("186.14", 1_861_400), ("793.68", 7_936_800), ("178.64", 1_786_400),
        ("765.68", 7_656_800), ("24.74", 247_400), ("1,054.90", 10_549_000), ("1，054.9", 10_549_000),
    ],
)  # fmt: skip
def test_amounts_that_binary_fractions_break(numeral: str, value: int) -> None:
    """Amounts in 万 that a float calculation cuts down by one come out whole."""
    assert arabic(numeral, "万") == value
    assert str(arabic(numeral, "万")) == str(value)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(sorted(SCALES)))
def test_arabic_is_exact_arithmetic(number: Decimal, scale: str) -> None:
    """A numeral times its scale is that product, and prints plainly; marks between thousands change nothing."""
    value = arabic(f"{number:f}", scale)
    assert value == number * SCALES[scale]
    assert set(str(value)) <= set("0123456789.")
    assert arabic(f"{number:,f}", scale) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_plain_keeps_the_value(value: Decimal) -> None:
    """The plain form is the same number without exponent and without trailing zeros."""
    text = str(plain(value))
    assert Decimal(text) == value
    assert "E" not in text
    assert "." not in text or text[-1] != "0"


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("23501600.00", "23501600"), ("0.50", "0.5"), ("0", "0"), ("0E+5", "0"), ("1E+9", "1000000000")],
)
def test_plain(value: str, text: str) -> None:
    """Zeros at the end and exponents go."""
    assert str(plain(Decimal(value))) == text


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("三十三", 33), ("一百零五", 105), ("一百二十三", 123),
        ("百", 100), ("三百", 300), ("一千二百", 1200), ("两万", 20_000), ("三万五", 35_000), ("半", "0.5"),
        ("九点五", "9.5"), ("一万二千", 12_000), ("一亿", 100_000_000),
    ],
)  # fmt: skip
def test_chinese(numeral: str, value: int | str) -> None:
    """Chinese numerals have their everyday value; a last digit after 万 counts thousands."""
    assert chinese(numeral) == Decimal(value)


@pytest.mark.parametrize("words", ["统一", "第三", "点", "十十", "万万岁"])
def test_words_are_no_numerals(words: str) -> None:
    """What is no numeral has no value; nothing is rewritten in place of an answer."""
    assert chinese(words) is None


def test_scales_are_powers_of_ten() -> None:
    """Every scale word is a power of ten, and a longer one is the product of its parts."""
    for word, value in SCALES.items():
        assert value == Decimal(10) ** value.adjusted()
        if len(word) > 1:
            assert value == SCALES[word[0]] * SCALES[word[1:]]
