"""What the tests of the review page share: reports to show, and a browser that tells of every error and request."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from extract.cli import main

HOSTILE = (
    "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> &amp; <b>粗</b>"
)

# A rare character early in the text: all offsets after it differ between code points and the browser's units.
SAMPLE = f"""云岭市𠮷安水利局2023年度部门决算说明

一、收入支出决算总体情况
2023年度收入总计2350.16万元，比2022年增加442.66万元，增长23.21%。
本年收入合计2350.16万元，其中：财政拨款收入2000万元，占85.1%；其他收入350.16万元，占14.9%。

二、机关运行经费
2023年机关运行经费支出77.51万元，比2022年增加14.26万元，增长36.1%。

三、绩效目标完成情况
城镇新增就业1.07万人，完成年度任务的130%；城镇登记失业率为3.2%，控制在4.5%以内。
基本支出年初预算为1200万元，支出决算为1320.5万元，决算数小于年初预算数的主要原因是人员增加。
备注：{HOSTILE}
"""


def run(folder: Path, texts: dict[str, str], *options: str) -> Path:
    """Read some texts, given by file name, and give the folder of their documents."""
    (folder / "in").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "in" / name).write_bytes(text.encode())
    out = folder / "out"
    result = CliRunner().invoke(main, ["run", str(folder / "in"), "-o", str(out), *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out


def view(*arguments: object) -> str:
    """Make a page, and give what the command says."""
    result = CliRunner().invoke(main, ["view", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def multiply(out: Path, count: int, target: Path) -> Path:
    """The document `report` of a run as `count` documents, each with an id and a title of its own."""
    document = json.loads((out / "report.json").read_text(encoding="utf-8"))
    target.mkdir()
    for number in range(count):
        document["doc_id"] = f"第{number:04}号 #{number % 7}%&"
        document["document"]["title"] = f"云岭市第{number:04}号报告"
        text = json.dumps(document, ensure_ascii=False)
        (target / f"{document['doc_id']}.json").write_text(text, encoding="utf-8")
    return target


def chromium() -> str | None:
    """The browser of the system; `EXTRACT_CHROMIUM` names another one."""
    named = os.environ.get("EXTRACT_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Visit:
    """An open page, with all errors and requests it gave rise to."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: Path, place: str = "") -> Any:
        """Open a page from the disk."""
        self.page.goto(path.resolve().as_uri() + (f"#{place}" if place else ""))
        return self.page


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium; skips where it or the library that drives it is missing."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install -e '.[test]')")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this system (apt-get install chromium)")
    with driver.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path)
        yield found
        found.close()
