"""The review page in a real browser, headless: what it shows, finds, filters, copies, and that it asks for nothing.

Every test ends with a look at what the page gave rise to: no error on the console, no request but for its own files.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from reviewing import HOSTILE, SAMPLE, Visit, browser, multiply, run, view

from extract.records import Report
from extract.review import MOST_INSIDE
from extract.review.documents import load

# Element text, gathered in the page: `[data-r]` pieces of one record stand side by side.
PIECES = """id => [...document.querySelectorAll('.text [data-r]')].filter(n => n.dataset.r === id)
  .map(n => n.textContent).join('')"""
LIT = """() => [...document.querySelectorAll('.text .lit')].map(n => n.textContent)"""
IN_SIGHT = """node => { const box = node.getBoundingClientRect(), frame = document.querySelector('.scroller')
  .getBoundingClientRect(); return box.top >= frame.top && box.bottom <= frame.bottom }"""
IMAGE = """url => { const image = new Image(); image.src = url; document.body.append(image) }"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests; they are skipped where there is none."""
    with browser() as found:
        yield found


@pytest.fixture
def visit(chromium: Any) -> Iterator[Visit]:
    """A page in a window of its own, set to Chinese; at the end nothing may have gone wrong in it."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="zh-CN")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = Visit(context.new_page())
    yield found
    assert found.errors == []
    strangers = [url for url in found.requests if not url.startswith(("file:///", "data:,"))]
    assert strangers == []
    context.close()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over one report."""
    return run(tmp_path_factory.mktemp("browser"), {"report.txt": SAMPLE}, "--html")


@pytest.fixture(scope="module")
def report(out: Path) -> Report:
    """What was read of it."""
    return load(out / "report.json")


@pytest.fixture(scope="module")
def many(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of more documents than stand in one page."""
    folder = tmp_path_factory.mktemp("many")
    view(multiply(out, MOST_INSIDE + 5, folder / "out"), "-o", folder / "review.html", "--texts", out.parent / "in")
    return folder / "review.html"


def metric_of(report: Report, text: str) -> str:
    """The id of the metric of a figure."""
    [quantity] = [one.id for one in report.quantities if one.text == text]
    [metric] = [one.id for one in report.metrics if one.quantity == quantity]
    return metric


def settle(page: Any) -> None:
    """Wait until the page has been drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_text_stands_as_written(visit: Visit, out: Path, report: Report) -> None:
    """The page shows the text to the letter, markup in it as text, and asks for nothing but itself."""
    page = visit.open(out / "review.html")
    page.locator(".text .q").first.wait_for()
    lines = page.evaluate("() => [...document.querySelectorAll('.text p')].map(n => n.textContent)")
    assert "\n".join(lines) == SAMPLE
    assert HOSTILE in page.locator(".text").inner_text()
    assert page.locator(".text img, .text b, .text script").count() == 0
    assert page.title() == report.document.title
    assert visit.requests == [(out / "review.html").as_uri()]


def test_every_mark_stands_on_its_words(visit: Visit, out: Path, report: Report) -> None:
    """Figures and findings are marked where they stand, though a rare character comes before them all."""
    page = visit.open(out / "review.html")
    page.locator(".text .q").first.wait_for()
    assert [page.evaluate(PIECES, one.id) for one in report.quantities] == [one.text for one in report.quantities]
    assert page.locator(".text .h").all_inner_texts() == [
        SAMPLE[section.heading.start : section.heading.end] for section in report.sections
    ]
    for finding in report.findings:
        words = SAMPLE[finding.start : finding.end]
        assert words in "".join(page.locator(f".text .f-{finding.severity}").all_inner_texts())


def test_pointing_shows_what_was_understood(visit: Visit, out: Path, report: Report) -> None:
    """Pointing at a figure shows indicator, role, exact value, period and rule; its parts light up, then go out."""
    page = visit.open(out / "review.html")
    figure = page.locator(".text .q", has_text="2350.16万元").first
    figure.hover()
    card = page.locator("#card")
    card.wait_for()
    said = card.inner_text()
    for words in ("收入总计", "fin.total", "实际", "23,501,600 元", "2023-01-01 – 2023-12-31", "default.actual"):
        assert words in said, said
    assert page.evaluate(LIT) == ["2023年度", "收入总计", "2350.16万元"]
    page.locator(".top .title").hover()
    card.wait_for(state="hidden")
    assert page.evaluate(LIT) == []


def test_a_click_pins_the_card(visit: Visit, out: Path) -> None:
    """A click keeps the card until it is closed, and the address leads back to it."""
    page = visit.open(out / "review.html")
    page.locator(".text .q", has_text="1.07万人").click()
    card = page.locator("#card.pinned")
    card.wait_for()
    assert "城镇新增就业" in card.inner_text()
    assert "r=q" in page.url
    page.reload()
    card.wait_for()
    assert "城镇新增就业" in card.inner_text()
    page.keyboard.press("Escape")
    page.locator("#card").wait_for(state="hidden")


def test_a_tap_works_on_a_narrow_screen(visit: Visit, out: Path) -> None:
    """On a telephone the card stands within the screen, and text and tables are both there."""
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 780})
    visit.open(out / "review.html")
    page.locator(".text .q", has_text="77.51万元").click()
    box = page.locator("#card.pinned").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 780
    assert page.locator("tr[data-to]").first.is_visible()


def test_keys(visit: Visit, out: Path, report: Report) -> None:
    """n and p walk through the figures, f through the findings, digits open tabs, ? tells, / finds."""
    page = visit.open(out / "review.html")
    page.locator(".text .q").first.wait_for()
    focused = "() => document.activeElement.dataset.r"
    page.keyboard.press("n")
    assert page.evaluate(focused) == report.quantities[0].id
    page.keyboard.press("n")
    assert page.evaluate(focused) == report.quantities[1].id
    assert report.quantities[1].text in page.locator("#card").inner_text()
    page.keyboard.press("p")
    assert page.evaluate(focused) == report.quantities[0].id
    page.keyboard.press("f")
    assert report.findings[0].message in page.locator("#card").inner_text()
    page.keyboard.press("2")
    assert page.locator("[data-grid=metrics]").count() == 1
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("n")
    assert page.locator("#search").input_value() == "n"


def test_a_pair_stands_side_by_side(visit: Visit, out: Path, report: Report) -> None:
    """A pair shows target and result with a bar for each, as long as their values."""
    [pair] = [one for one in report.pairs if one.target and one.target.text == "1200万元"]
    page = visit.open(out / "review.html", f"r={pair.id}")
    block = page.locator("#card .pair").first
    block.wait_for()
    assert block.locator(".sides").inner_text().split() == ["目标", "1200万元", "结果", "1320.5万元"]
    target, actual = (float(block.locator(f"svg .bar-{name}").get_attribute("width")) for name in ("target", "actual"))
    assert target / actual == pytest.approx(1200 / 1320.5)


def test_a_finding_leads_to_all_that_took_part(visit: Visit, out: Path, report: Report) -> None:
    """A row of the findings lights up every figure that took part; each is a jump of its own; the formula is told."""
    [finding] = [one for one in report.findings if one.rule == "growth_rate"]
    page = visit.open(out / "review.html", "tab=findings")
    page.locator("tr[data-to]", has_text=finding.message).locator("a").first.click()
    card = page.locator("#card.pinned")
    card.wait_for()
    assert finding.message in card.inner_text()
    lit = page.evaluate(LIT)
    for text in ("77.51万元", "14.26万元", "36.1%"):
        assert text in lit
    assert page.locator(".text .lit-finding").first.evaluate(IN_SIGHT)
    assert card.locator(".chip").count() == len(finding.refs)
    card.locator(".chip", has_text="77.51万元").click()
    assert "机关运行经费支出" in page.locator("#card .card-head + .facts").inner_text()
    assert page.locator(".text .lit-value").evaluate(IN_SIGHT)


def test_tables_sort_and_filter(visit: Visit, out: Path, report: Report) -> None:
    """The table of metrics is sorted by value, filtered by words and by role, and tells how many rows are left."""
    page = visit.open(out / "review.html", "tab=metrics")
    rows = page.locator("[data-grid=metrics] tbody tr")
    assert rows.count() == len(report.metrics)
    page.locator("th[data-column=value] button").click()
    page.locator("th[data-column=value] button").click()
    most = max(one.value for one in report.metrics if one.value is not None)
    assert f"{most:,}" in rows.first.inner_text()
    page.locator("[data-grid=metrics] select[aria-label=角色]").select_option("completion")
    stated = [one for one in report.metrics if one.role == "completion"]
    assert rows.count() == len(stated)
    assert f"{len(report.metrics)}行中的{len(stated)}行" in page.locator(".count").inner_text()
    page.locator("[data-grid=metrics] select[aria-label=角色]").select_option("")
    page.locator(".filter").fill("失业率 3.2%")
    page.locator(".count", has_text="行中的1行").wait_for()
    assert "城镇登记失业率" in rows.first.inner_text()


def test_copy_as_csv(visit: Visit, out: Path, report: Report) -> None:
    """What is copied are the rows that are shown, in that order, with plain codes and exact numbers."""
    page = visit.open(out / "review.html", "tab=pairs")
    page.locator("[data-grid=pairs] .copy").click()
    page.locator("#said", has_text="已复制").wait_for(state="attached")
    rows = list(csv.DictReader(io.StringIO(page.evaluate("() => navigator.clipboard.readText()"))))
    assert [row["id"] for row in rows] == [pair.id for pair in report.pairs]
    assert [row["target"] for row in rows] == [pair.target.text if pair.target else "" for pair in report.pairs]
    assert [row["completion"] for row in rows] == [str(one.completion or "") for one in report.pairs]


def test_every_tab_shows_its_records(visit: Visit, out: Path, report: Report) -> None:
    """Each tab has one row a record, and every row leads to a place in the text."""
    page = visit.open(out / "review.html")
    for name in ("findings", "metrics", "pairs", "changes", "breakdowns", "entities"):
        page.locator(f"[data-tab={name}]").click()
        rows = page.locator(f"[data-grid={name}] tbody tr")
        assert rows.count() == len(getattr(report, name))
        rows.last.locator("a").first.click()
        settle(page)
        assert page.locator(".text .lit").first.is_visible(), name
    page.locator("[data-tab=plots]").click()
    assert page.locator(".plots").count() == 3
    page.locator(".plots svg.composition a").first.click()
    assert page.locator(".text .lit").count() > 0


def test_search(visit: Visit, out: Path) -> None:
    """Words are found wherever they stand, also across a line break, and the hits are stepped through."""
    page = visit.open(out / "review.html")
    page.locator("#search").fill("万元")
    hits = page.locator("#hits")
    page.locator("#hits", has_text=f"1 / {SAMPLE.count('万元')}").wait_for()
    page.locator("#search").press("Enter")
    assert hits.inner_text() == f"2 / {SAMPLE.count('万元')}"
    page.locator("#search").press("Shift+Enter")
    page.locator("#search").press("Shift+Enter")
    assert hits.inner_text() == f"{SAMPLE.count('万元')} / {SAMPLE.count('万元')}"
    assert page.evaluate("() => CSS.highlights.get('hit').size") == SAMPLE.count("万元")
    page.locator("#search").fill("14.9%。二、机关")
    page.locator("#hits", has_text="1 / 1").wait_for()
    page.locator("#search").fill("$(没有")
    page.locator("#hits", has_text="0 / 0").wait_for()


def test_outline(visit: Visit, out: Path, report: Report) -> None:
    """The outline lists the sections, with the number of findings in each, and leads to them."""
    page = visit.open(out / "review.html")
    links = page.locator(".outline li a")
    assert links.all_inner_texts() == [f"{one.number}{one.title}" for one in report.sections]
    links.last.click()
    last = report.sections[-1]
    assert page.locator(".outline li.current a").inner_text() == f"{last.number}{last.title}"
    assert page.locator(".text .h").last.evaluate(IN_SIGHT)
    [section] = [one for one in report.sections if one.title == "机关运行经费"]
    inside = [one for one in report.findings if section.start <= one.start < section.end]
    assert page.locator(".outline li", has_text="机关运行经费").locator(".badge").inner_text() == str(len(inside))


def test_language_and_theme(visit: Visit, out: Path) -> None:
    """The switch turns all words of the page, not the report's; the theme turns colours; both are kept."""
    page = visit.open(out / "review.html")
    assert "审计发现" in page.locator(".tabs").inner_text()
    page.locator("#language").click()
    assert "Findings" in page.locator(".tabs").inner_text()
    chinese = r"[\u4e00-\u9fff]"
    for place in (".tabs", ".legend", "thead", ".tools .copy", ".outline h2"):
        assert not re.search(chinese, page.locator(place).first.inner_text()), place
    colour = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.locator("#theme").click()
    page.locator("#theme").click()
    dark = page.evaluate(colour)
    assert light != dark
    page.reload()
    assert page.evaluate(colour) == dark
    assert "Findings" in page.locator(".tabs").inner_text()


def test_print(visit: Visit, out: Path, report: Report) -> None:
    """On paper stand the text with its marks and the findings; panes and buttons are left out."""
    page = visit.open(out / "review.html")
    page.emulate_media(media="print")
    for finding in report.findings:
        assert finding.message in page.locator(".print-only").inner_text()
    assert not page.locator(".panel").is_visible()
    assert not page.locator(".top").is_visible()


def test_many_documents(visit: Visit, many: Path) -> None:
    """The list opens first; a document is loaded from the folder beside the page when it is opened, and not before."""
    page = visit.open(many)
    assert page.locator("tr[data-to]").count() == MOST_INSIDE + 5
    assert [url for url in visit.requests if url.endswith(".js")] == []
    page.locator(".filter").fill("第0007号")
    page.locator(".count", has_text="行中的1行").wait_for()
    page.locator("tr[data-to] a").first.click()
    page.locator(".text .q").first.wait_for()
    assert page.locator(".top .title").inner_text() == "云岭市第0007号报告"
    page.keyboard.press("]")
    page.locator(".top .title", has_text="第0008号").wait_for()
    page.locator(".text .q").first.wait_for()
    assert [url.rpartition("/")[2] for url in visit.requests if url.endswith(".js")] == ["d7.js", "d8.js"]
    page.go_back()
    page.locator(".top .title", has_text="第0007号").wait_for()
    page.locator(".top .button").first.click()
    page.locator("[data-tab=all-findings]").click()
    page.locator("[data-grid=all-findings] tr[data-to] a").first.click()
    page.locator("#card.pinned .finding").wait_for()
    assert {url.rpartition("/")[0] for url in visit.requests if url.endswith(".js")} == {
        (many.parent / "review_files").as_uri()
    }


def test_a_data_file_that_is_gone(visit: Visit, out: Path, tmp_path: Path) -> None:
    """A page without its folder still lists the documents, and says what is missing."""
    view(multiply(out, MOST_INSIDE + 1, tmp_path / "out"), "-o", tmp_path / "a.html", "--texts", out.parent / "in")
    (tmp_path / "a_files" / "d3.js").unlink()
    page = visit.open(tmp_path / "a.html")
    page.locator("tr[data-to] a").nth(3).click()
    page.locator(".gone", has_text="a_files/d3.js").wait_for()
    assert len(visit.errors) == 1
    assert "ERR_FILE_NOT_FOUND" in visit.errors.pop()
    page.keyboard.press("]")
    page.locator(".top .button").first.click()
    page.locator("tr[data-to] a").nth(4).click()
    page.locator(".text .q").first.wait_for()


def test_a_text_that_is_gone(visit: Visit, tmp_path: Path) -> None:
    """Without its text a document shows its tables, and what to do to see the text."""
    out = run(tmp_path, {"report.txt": SAMPLE})
    (tmp_path / "in" / "report.txt").unlink()
    view(out)
    page = visit.open(out / "review.html", "tab=metrics")
    assert "--texts" in page.locator(".gone").inner_text()
    page.locator("tr[data-to] a").first.click()
    assert "收入总计" in page.locator("#card").inner_text()
    page.keyboard.press("n")
    page.locator("#search").fill("收入")


def test_long_report_is_marked_where_it_is_looked_at(visit: Visit, tmp_path: Path) -> None:
    """Of a long report only what is in sight is marked at first; a jump to its end is marked on arrival."""
    lines = [f"{number}月城镇新增就业{number}万人，完成年度任务的{number}%。\n" for number in range(1, 13)]
    out = run(tmp_path, {"report.txt": "2023年就业工作总结\n\n" + "".join(lines) * 150}, "--html")
    report = load(out / "report.json")
    page = visit.open(out / "review.html")
    page.locator(".text .q").first.wait_for()
    settle(page)
    assert page.locator(".text .q").count() < len(report.quantities) / 2
    last = report.metrics[-1]
    page.evaluate("place => { location.hash = place }", f"r={last.id}")
    page.locator(".text .lit-value").wait_for()
    page.wait_for_timeout(400)  # what comes into sight gets its height meanwhile; the place is held
    assert page.locator(".text .lit-value").evaluate(IN_SIGHT)
    assert page.evaluate(PIECES, last.quantity) == report.quantities[-1].text


@pytest.mark.slow
def test_two_thousand_documents(visit: Visit, out: Path, tmp_path: Path) -> None:
    """Two thousand documents in one folder can be filtered, sorted and opened; few rows stand in the page at a time."""
    view(multiply(out, 2000, tmp_path / "out"), "-o", tmp_path / "a.html", "--texts", out.parent / "in")
    page = visit.open(tmp_path / "a.html")
    rows = page.locator("tr[data-to]")
    assert rows.count() <= 300
    assert "2,000" in page.locator(".count").inner_text()
    page.locator("th[data-column=title] button").click()
    page.locator("th[data-column=title] button").click()
    assert "第1999号" in rows.first.inner_text()
    page.locator(".filter").fill("第1234号")
    page.locator(".count", has_text="行中的1行").wait_for()
    rows.locator("a").first.click()
    page.locator(".text .q").first.wait_for()
    assert page.locator(".top .title").inner_text() == "云岭市第1234号报告"


class Listener(HTTPServer):
    """A server on this machine that counts who asks."""

    asked = 0


class _Count(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The server, running."""
    server = Listener(("127.0.0.1", 0), _Count)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("guarded", [True, False])
def test_policy_forbids_requests(visit: Visit, out: Path, tmp_path: Path, listener: Listener, guarded: bool) -> None:
    """Even if something made the page ask for an image, nothing would go out; without the policy it would."""
    text = (out / "review.html").read_text("utf-8")
    if not guarded:
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    (tmp_path / "review.html").write_text(text, encoding="utf-8")
    page = visit.open(tmp_path / "review.html")
    url = f"http://127.0.0.1:{listener.server_port}/pixel"
    page.evaluate(IMAGE, url)
    page.wait_for_timeout(500)
    assert listener.asked == (0 if guarded else 1)
    if guarded:
        assert all("Content Security Policy" in error for error in visit.errors)
        assert visit.errors
    else:
        assert url in visit.requests
    visit.errors.clear()
    visit.requests.clear()


def test_policy_forbids_markup(visit: Visit, out: Path) -> None:
    """The browser itself refuses to turn text into markup in this page."""
    page = visit.open(out / "review.html")
    refused = "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
    assert page.evaluate(refused)
    visit.errors.clear()
