"""What several tests share: the reports outside the repository, the command line, one extractor for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from extract.cli import main
from extract.pipeline import Extractor

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

REPORT = """青川市就业服务中心2023年部门决算公开说明

一、收入支出决算总体情况
2023年度收入总计2350.16万元，与2022年相比，增加442.66万元，增长23.21%。

二、绩效目标完成情况
城镇新增就业1.07万人，完成年度任务的130%。
"""


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real reports beside the repository; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """One extractor with the built-in patterns."""
    return Extractor()


@pytest.fixture(scope="session")
def report() -> str:
    """A short made-up report."""
    return REPORT


@pytest.fixture
def cli() -> Callable[..., Result]:
    """Call the command line in this process: `cli("run", folder, "-o", out)`."""

    def call(*arguments: object, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False)

    return call
