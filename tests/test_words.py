"""rjieba stands in for jieba: both find the same words in the Chinese of the sample reports."""

from __future__ import annotations

import logging
from pathlib import Path

import jieba
import pytest
import regex
import rjieba

REPORTS = sorted((Path(__file__).parent.parent / "corpus" / "reports").glob("*.txt"))


@pytest.mark.parametrize("hmm", [True, False], ids=["hmm", "dictionary"])
def test_the_same_words(hmm: bool) -> None:
    """Every run of Chinese characters is cut alike, with new words guessed and without."""
    jieba.setLogLevel(logging.ERROR)
    texts = (path.read_bytes().decode("utf-8", "ignore") for path in REPORTS)
    runs = {run for text in texts for run in regex.findall(r"\p{Han}{2,}", text)}
    assert len(runs) > 1000
    assert {run: rjieba.cut(run, hmm) for run in runs} == {run: jieba.lcut(run, HMM=hmm) for run in runs}
