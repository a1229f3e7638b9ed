"""How fast the review page is made, opens and answers, in a headless Chromium on this machine.

    python benchmarks/review.py                          a report of 1 MB; 2,000 documents in one folder
    python benchmarks/review.py --screenshot FILE.png    the picture of the README

Needs Chromium (`apt-get install chromium`) and playwright (`pip install -e '.[test]'`). A page counts as open when its
first marks are drawn; each figure is the middle one of several.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import click

from extract.pipeline import Extractor
from extract.review import write_review
from extract.run import Options, find_inputs, run
from extract.source import decode_text

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "corpus" / "reports"
BYTES = 1_000_000
DOCUMENTS = 2_000
ROUNDS = 5
SHOWN = "accounts_ruipu_justice_2023"  # the report of the picture: it has findings


def seconds(job: Callable[[], object]) -> float:
    """The time one call takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def read(folder: Path, out: Path) -> None:
    """Run the extractor over a folder."""
    inputs, _ = find_inputs([str(folder)], out=out)
    run(inputs, out, Extractor(), options=Options(patterns=[]))


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        sys.exit("no Chromium; apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


def drawn(page: Any) -> None:
    """Wait until what was asked for is drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def long_report(browser: Any, folder: Path) -> None:
    """A report of 1 MB: make the page, open it, jump to its end, find a word, sort its figures."""
    texts = cycle(decode_text(path.read_bytes())[0] for path in sorted(REPORTS.glob("*.txt")))
    text = ""
    while len(text.encode()) < BYTES:
        text += next(texts)
    (folder / "in").mkdir()
    (folder / "in" / "long.txt").write_text(text, encoding="utf-8")
    read(folder / "in", folder / "out")
    page_file = folder / "long.html"
    made = seconds(lambda: write_review(folder / "out", page_file))
    last = json.loads((folder / "out" / "long.json").read_text(encoding="utf-8"))["metrics"][-1]["id"]
    steps = ("open", "jump to the last figure", "find a word", "sort all figures")
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        page = browser.new_page(viewport={"width": 1400, "height": 900})

        def open_page(page: Any = page) -> None:
            page.goto(page_file.as_uri())
            page.locator(".text .q").first.wait_for()
            drawn(page)

        def jump(page: Any = page) -> None:
            page.evaluate("place => { location.hash = place }", f"tab=metrics&r={last}")
            page.locator("#card.pinned").wait_for()
            drawn(page)

        def find(page: Any = page) -> None:
            page.locator("#search").fill("增长")
            page.locator("#hits:not(:empty)").wait_for()
            drawn(page)

        def sort(page: Any = page) -> None:
            page.locator("th[data-column=value] button").click()
            drawn(page)

        for name, job in zip(times, (open_page, jump, find, sort), strict=True):
            times[name].append(seconds(job))
        page.close()
    click.echo(
        f"a report of {len(text.encode()):,} bytes, page of {page_file.stat().st_size:,} bytes, made in {made:.2f} s"
    )
    for name, values in times.items():
        click.echo(f"  {name:<26}{statistics.median(values):6.2f} s")


def many_documents(browser: Any, folder: Path) -> None:
    """Thousands of documents: make the pages, open the list, filter it, open a document."""
    (folder / "many").mkdir()
    read(REPORTS, folder / "each")
    documents = sorted(folder.glob("each/*_*.json"))
    for number in range(DOCUMENTS):
        document = json.loads(documents[number % len(documents)].read_text(encoding="utf-8"))
        document["doc_id"] = f"{number:04}"
        text = json.dumps(document, ensure_ascii=False)
        (folder / "many" / f"{number:04}.json").write_text(text, encoding="utf-8")
    page_file = folder / "many.html"
    made = seconds(lambda: write_review(folder / "many", page_file))
    times: dict[str, list[float]] = {"open the list": [], "filter it": [], "open a document": []}
    for _ in range(ROUNDS):
        page = browser.new_page(viewport={"width": 1400, "height": 900})

        def open_list(page: Any = page) -> None:
            page.goto(page_file.as_uri())
            page.locator("tr[data-to]").first.wait_for()
            drawn(page)

        def choose(page: Any = page) -> None:
            page.locator(".filter").fill("1234")
            page.locator("tr[data-to='#d=1234']:only-child").wait_for()

        def open_document(page: Any = page) -> None:
            page.locator("tr[data-to] a").first.click()
            page.locator(".text .q").first.wait_for()
            drawn(page)

        for name, job in zip(times, (open_list, choose, open_document), strict=True):
            times[name].append(seconds(job))
        page.close()
    size = page_file.stat().st_size
    click.echo(f"{DOCUMENTS:,} documents, list of {size:,} bytes, made in {made:.2f} s")
    for name, values in times.items():
        click.echo(f"  {name:<26}{statistics.median(values):6.2f} s")


def screenshot(browser: Any, folder: Path, target: Path) -> None:
    """The picture of the README: a sample report with a finding opened."""
    read(REPORTS, folder / "out")
    write_review(folder / "out" / f"{SHOWN}.json", folder / "page.html")
    page = browser.new_page(viewport={"width": 1200, "height": 660}, locale="zh-CN", color_scheme="light")
    page.goto(f"{(folder / 'page.html').as_uri()}#r=f1&tab=pairs")
    page.locator("#card.pinned").wait_for()
    drawn(page)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    click.echo(f"{target}: {target.stat().st_size:,} bytes")


def main(arguments: list[str]) -> None:
    """Measure, or take the picture."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        if arguments[:1] == ["--screenshot"] and len(arguments) == 2:
            screenshot(browser, Path(name), Path(arguments[1]))
        elif not arguments:
            long_report(browser, Path(name))
            many_documents(browser, Path(name))
        else:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
