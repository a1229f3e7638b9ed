"""Input that means harm, or means nothing: bombs, traps, mutated files. No exception, no network, linear time."""

from __future__ import annotations

import io
import json
import random
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import bare_docx, make_docx, make_html, make_pdf, make_xlsx, make_zip

from extract.inputs import find_inputs
from extract.pipeline import Extractor
from extract.readers import archive, read_source
from extract.readers.csv_file import read as read_csv
from extract.readers.html import read_text
from extract.source import Source, UnreadableError
from extract.write import encode
from tests.test_invariants import TEXTS

Cli = Callable[..., Result]
WORDS = "2023年收入总计2350.16万元，比上年增加442.66万元，增长23.21%。"
LINES = [("云岭市2023年部门决算", 1), ("一、收入情况", 2), (WORDS, 0), (WORDS, 0)]
ROWS = [["项目", "预算", "决算"], ["基本支出", "1,200.00", "1,320.50"]]


def assert_sound(source: Source) -> None:
    """What holds of every source: one ruler for text, mask, headings and tables."""
    assert len(source.text) == len(source.clean)
    source.text.encode()
    assert source.text.strip()
    last = 0
    for heading in source.headings:
        assert last <= heading.start < heading.end <= len(source.text)
        assert heading.level >= 1
        assert "\n" not in source.text[heading.start : heading.end]
        last = heading.end
    last = 0
    for table in source.tables:
        assert last <= table.start < table.end <= len(source.text)
        last = place = table.start
        taken: set[tuple[int, int]] = set()
        for cell in table.cells:
            assert place <= cell.start <= cell.end <= table.end
            assert not set("\t\n") & set(source.text[cell.start : cell.end])
            assert (cell.row, cell.column) not in taken
            taken.add((cell.row, cell.column))
            assert cell.rowspan >= 1
            assert cell.colspan >= 1
            place = cell.end
        last = table.end


def read_whatever(data: bytes, extractor: Extractor | None = None) -> Source | None:
    """Read bytes as a run does: a sound source, or None for what cannot be read and says why."""
    try:
        source = read_source(data, path="x")
    except UnreadableError:
        return None
    assert_sound(source)
    if extractor is not None:
        json.loads(encode(extractor.read(source, doc_id="x")))
    return source


# --- bombs


def zip_of_zeros(size: int) -> bytes:
    """A small archive that holds many zeros."""
    return make_zip({"a.txt": bytes(size)})


def lying_zip() -> bytes:
    """An archive whose member is larger than it says."""
    data = bytearray(zip_of_zeros(3_000_000))
    for at in (data.index(b"PK\x03\x04") + 22, data.index(b"PK\x01\x02") + 24):
        data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


ENTITIES = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
BOMB = f"<!DOCTYPE x [<!ENTITY e0 '哈哈哈哈哈哈'>{ENTITIES}]>"
NESTED = {"word/document.xml": b"<w:document xmlns:w='w'><w:body>" + b"<w:tbl><w:tr><w:tc>" * 50_000}
CELLS = "".join(f"<td rowspan=65000 colspan=65000>{n}" for n in range(300))
HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested tables in DOCX": lambda: make_zip({"[Content_Types].xml": b"<x/>"} | NESTED),
    "large part in DOCX": lambda: make_zip({"[Content_Types].xml": b"<x/>", "word/document.xml": b" " * 90_000_000}),
    "deep HTML": lambda: b"<html><body>" + b"<div>" * 200_000 + WORDS.encode(),
    "deep inner HTML": lambda: b"<html><body>" + b"<b><i>" * 100_000 + WORDS.encode(),
    "unclosed tables": lambda: b"<html><body>" + b"<table><tr><td>" * 20_000 + WORDS.encode(),
    "unclosed headings": lambda: b"<html><body>" + b"<h1>" * 20_000 + WORDS.encode(),
    "many attributes": lambda: b"<html><body " + b"a=b " * 300_000 + b">" + WORDS.encode(),
    "many inputs": lambda: b"<html><body>" + "<input>收入".encode() * 100_000,
    "huge spans": lambda: f"<html><body><table>{('<tr>' + CELLS) * 20}</table>".encode(),
    "unclosed comment": lambda: b"<html><body>" + WORDS.encode() + b"<!--" * 100_000,
    "unclosed quotes": lambda: b"<html><body>" + b"<a href='" * 50_000,
    "angle brackets": lambda: b"<html><body>" + b"<" * 500_000,
    "entities in HTML": lambda: b"<html><body>" + b"&amp;" * 200_000 + b"&" * 200_000,
    "quotes in CSV": lambda: b'a,b,c\n"' + b'"",' * 300_000,
    "wide CSV": lambda: b"a,b,c\n" * 3 + b"," * 1_000_000,
    "PDF of many objects": lambda: b"%PDF-1.4\n" + b"".join(b"%d 0 obj<<>>endobj\n" % n for n in range(200_000)),
    "PDF that loops": lambda: make_pdf(LINES).replace(b"/Kids [", b"/Kids [ 2 0 R 3 0 R 4 0 R "),
    "PDF without end": lambda: make_pdf(LINES * 50)[:-3000],
    "OLE without end": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + bytes(1000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_or_refused_in_seconds(name: str) -> None:
    """No file, however it is made, takes long, breaks the reader or gives an unsound source."""
    data = HOSTILE[name]()
    start = time.perf_counter()
    read_whatever(data)
    assert time.perf_counter() - start < 15


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/numbering.xml"])
def test_entities_are_not_expanded(part: str) -> None:
    """An entity bomb, or an entity that names a file, stays what it is."""
    outer = part.rpartition("/")[2].removesuffix(".xml")
    secret = Path(__file__)
    for preface in (BOMB, f"<!DOCTYPE x [<!ENTITY e11 SYSTEM '{secret.as_uri()}'>]>"):
        word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        inner = "<w:body><w:p><w:r><w:t>收入&e11;12万元</w:t></w:r></w:p></w:body>"
        xml = f"{preface}<w:{outer} xmlns:w='{word}'>{inner if outer == 'document' else '&e11;'}</w:{outer}>"
        sound = bare_docx("<w:p><w:r><w:t>收入12万元</w:t></w:r></w:p>", styles="<w:x/>", numbering="<w:x/>")
        with zipfile.ZipFile(io.BytesIO(sound)) as old:
            members = {name: old.read(name) for name in old.namelist()} | {part: xml.encode()}
        source = read_source(make_zip(members))
        assert source.text in ("收入12万元\n", "收入\n")  # what follows a bomb may be lost with it


def test_archive_that_grows(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip bomb is named with its reason; the report beside it is read."""
    monkeypatch.setattr(archive, "MAX_SMALL", 1_000_000)
    bomb = make_zip({f"{n}.txt": bytes(500_000) for n in range(20)})
    for name, data in {"flat.zip": bomb, "within.zip": make_zip({"inner.zip": bomb, "ok.txt": WORDS.encode()})}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "lying.zip").write_bytes(lying_zip())
    result = cli("run", tmp_path, "-o", tmp_path / "out", "--size-limit", "2")
    assert result.exit_code == 1
    said = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert [entry["doc_id"] for entry in said["inputs"]] == ["ok"]
    reasons = {Path(entry["path"]).relative_to(tmp_path).as_posix(): entry["reason"] for entry in said["failures"]}
    assert set(reasons) == {"flat.zip", "within.zip/inner.zip", "lying.zip/a.txt"}
    assert "unpack" in reasons["flat.zip"]


def test_archives_without_end(tmp_path: Path) -> None:
    """Archives in archives are followed to a fixed depth only."""
    data = make_zip({"a.txt": WORDS.encode()})
    for _ in range(10):
        data = make_zip({"next.zip": data})
    (tmp_path / "x.zip").write_bytes(data)
    inputs, _ = find_inputs([str(tmp_path / "x.zip")], out=tmp_path / "out")
    assert [len(item.way) for item in inputs] == [archive.MAX_DEPTH]


TRICKS = ["../../up.txt", "/etc/top.txt", "C:\\win\\drive.txt", "..\\..\\back.txt", "a/../../b.txt", "bell\7.txt"]


def test_paths_that_lead_out(cli: Cli, tmp_path: Path) -> None:
    """Whatever the names in an archive, everything is written into the output folder, under plain names."""
    (tmp_path / "deep" / "in").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "deep" / "in" / "x.zip", "w") as made:
        for name in [*TRICKS, "run.txt", "metrics.txt", "a" * 300 + ".txt"]:
            made.writestr(zipfile.ZipInfo(name), WORDS.encode())
    out = tmp_path / "deep" / "out"
    result = cli("run", tmp_path / "deep" / "in", "-o", out)
    assert result.exit_code == 0, result.output
    said = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert len(said["inputs"]) == len(TRICKS) + 3
    for entry in said["inputs"]:
        assert (out / f"{entry['doc_id']}.json").parent == out
        assert not {"..", ""} & set(Path(entry["path"]).relative_to(tmp_path).parts)
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"in", "out"}
    assert all(path.is_file() for path in out.iterdir())


# --- no network


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}", asked
        made.shutdown()
        thread.join()


def test_nothing_is_ever_fetched(cli: Cli, tmp_path: Path, server: tuple[str, list[str]]) -> None:
    """Pages, documents and sheets that point to a server are read, and the server hears nothing."""
    address, asked = server
    page = (
        f"<!DOCTYPE html SYSTEM '{address}/dtd'><html><head><base href='{address}/'><link rel=stylesheet href=/css>"
        f"<script src={address}/js></script><meta http-equiv=refresh content='0;url={address}/next'></head><body>"
        f"<img src={address}/img><iframe src={address}/frame></iframe><object data={address}/object></object><p>{WORDS}"
    )
    dtd = f"<!DOCTYPE x SYSTEM '{address}/dtd' [<!ENTITY % p SYSTEM '{address}/p'>%p;<!ENTITY g SYSTEM '{address}/g'>]>"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f"<w:body><w:p><w:r><w:t>{WORDS}&g;</w:t></w:r></w:p></w:body>"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = f"<Relationships><Relationship Id='r' Type='{kinds}/styles' Target='{address}/s' TargetMode='External'/>"
    with zipfile.ZipFile(io.BytesIO(bare_docx("<w:p/>"))) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members["word/document.xml"] = f"{dtd}<w:document xmlns:w='{word}'>{body}</w:document>".encode()
    members["word/_rels/document.xml.rels"] = f"{links}</Relationships>".encode()
    sheet = make_xlsx({"表": [["项目", f'=WEBSERVICE("{address}/x")'], ["甲", "1"]]})
    files = {"a.html": page.encode(), "b.docx": make_zip(members), "c.xlsx": sheet, "d.pdf": make_pdf(LINES)}
    (tmp_path / "in").mkdir()
    for name, data in files.items():
        (tmp_path / "in" / name).write_bytes(data)
    result = cli("run", tmp_path / "in", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert asked == []
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{address}/heard")
    assert asked == ["/heard"], "the server would not have heard anything"


def test_no_socket_is_opened(tmp_path: Path) -> None:
    """A whole run, all readers in it, opens no socket to anywhere and looks up no name."""
    from tests.test_cli import python

    (tmp_path / "in").mkdir()
    for name, data in samples().items():
        (tmp_path / "in" / f"a.{name}").write_bytes(data)
    watch = (
        "import os, sys\n"
        "def watch(event, arguments):\n"
        "    if event.startswith(('socket.connect', 'socket.getaddr', 'socket.gethost', 'socket.send', 'urllib')):\n"
        f"        open({str(tmp_path / 'seen')!r}, 'a').write(event)\n"
        "        os._exit(9)\n"
        "sys.addaudithook(watch)\n"
    )
    run = f"from extract.cli import main; main(['run', {str(tmp_path / 'in')!r}, '-o', {str(tmp_path / 'out')!r}])"
    result = python("-c", watch + run)
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "seen").exists()
    assert python("-c", watch + "import socket; socket.getaddrinfo('localhost', 80)").returncode == 9


# --- mutated files


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A file with a few of its bytes changed, cut, doubled or swapped."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 10, 40))):
        if not made:
            break
        at = chance.randrange(len(made))
        length = chance.choice((1, 1, 4, 64, 1000))
        act = chance.randrange(6)
        if act == 0:
            made[at] = chance.randrange(256)
        elif act == 1:
            del made[at : at + length]
        elif act == 2:
            made[at:at] = made[at : at + length]
        elif act == 3:
            made[at : at + length] = bytes(chance.randrange(256) for _ in range(min(length, len(made) - at)))
        elif act == 4:
            made[at : at + 1] = chance.choice((b"\0", b"\xff", b"<", b">", b"&", b'"', b"(", b"\n", b"9" * 30))
        else:
            del made[at:]
    return bytes(made)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """An Office file or archive whose members are mutated inside, so that more than the zip layer is tried."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    name = chance.choice(sorted(members))
    return make_zip(members | {name: mutated(members[name], chance)})


def samples() -> dict[str, bytes]:
    """One sound file of each kind."""
    xlwt = pytest.importorskip("xlwt")
    text = "\n".join(line for line, _ in LINES)
    made = {
        "txt": text.encode(), "gbk.txt": text.encode("gb18030"), "html": make_html(LINES, {2: ROWS}),
        "docx": make_docx(LINES, {2: ROWS}), "pdf": make_pdf(LINES, {2: ROWS}),
        "xlsx": make_xlsx({"表": ROWS, "二": ROWS}),
        "csv": "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS * 2).encode(),
    }  # fmt: skip
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for row, cells in enumerate(ROWS):
        for column, words in enumerate(cells):
            sheet.write(row, column, words)
    stream = io.BytesIO()
    book.save(stream)
    page = b"--B\nContent-Type: text/html; charset=utf-8\n\n" + made["html"] + b"\n--B--\n"
    made["mht"] = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n" + page
    made["xls"] = stream.getvalue()
    return made | {"zip": make_zip({f"in.{kind}": data for kind, data in made.items()})}


@cache
def sample(kind: str) -> bytes:
    """A sound file of one kind."""
    return samples()[kind]


@pytest.mark.slow
def test_a_thousand_mutated_files(cli: Cli, tmp_path: Path) -> None:
    """None of a thousand mutated files stops the run; each is written, or named with its reason."""
    chance = random.Random(20)
    (tmp_path / "in").mkdir()
    sound = samples()
    for number in range(1000):
        kind = sorted(sound)[number % len(sound)]
        change = repacked if kind in ("docx", "xlsx", "zip") and chance.random() < 0.7 else mutated
        (tmp_path / "in" / f"{number}.{kind}").write_bytes(change(sound[kind], chance))
    tables = (tmp_path / "in").glob("*.csv")  # in folders they are left aside
    result = cli("run", tmp_path / "in", *tables, "-o", tmp_path / "out", "--time-limit", "20")
    assert result.exit_code in (0, 1)
    said = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    written, failed = said["inputs"], said["failures"]
    assert all(failure["reason"] for failure in failed)
    assert not [one for one in failed if "ended by" in one["reason"] or "took longer" in one["reason"]]
    seen = {Path(entry["path"]).relative_to(tmp_path / "in").parts[0] for entry in written + failed}
    assert len(seen) == 1000
    assert len(written) > 500
    assert failed
    for entry in written:
        document = json.loads((tmp_path / "out" / f"{entry['doc_id']}.json").read_text(encoding="utf-8"))
        assert document["source"]["chars"] == entry["chars"]


@pytest.mark.parametrize("kind", ["html", "mht", "docx", "pdf", "xlsx", "xls", "csv", "zip", "gbk.txt"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1 << 32))
def test_mutated_bytes(extractor: Extractor, kind: str, seed: int) -> None:
    """No mutated file gives anything but a sound source or a reason."""
    chance = random.Random(seed)
    data = sample(kind)
    change = repacked if kind in ("docx", "xlsx", "zip") and seed % 3 else mutated
    read_whatever(change(data, chance), extractor)


# --- any text at all


MARKUP = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<table>", "</table>", "<tr>", "<td>", "<td rowspan=3>", "<td colspan=2>",
        "</td>",
        "<th>", "<br>", "<h1>", "</h1>", "<h3>", "</h3>", "<ul><li>", "<a href=x>", "</a>", "<!--", "-->", "<caption>",
        "&nbsp;", "&#0;", "&lt;", "&amp", "<script>", "</script>", "<b>", "</b>", "<pre>", "</pre>", "<body>",
    ]
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(MARKUP, TEXTS), max_size=30).map("".join))
def test_any_markup(extractor: Extractor, text: str) -> None:
    """Any mixture of tags and text is a sound source, or there is no text in it."""
    try:
        source = read_text(f"<html><body>{text}").source(path="x", media_type="text/html", sha256="")
    except UnreadableError:
        return
    assert_sound(source)
    extractor.read(source, doc_id="x")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=5), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_any_csv(rows: list[list[str]], delimiter: str) -> None:
    """Any rows are a sound source, with every word of them in it."""
    import csv

    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    data = stream.getvalue().encode("utf-8", "replace")
    try:
        source = read_csv(data).source(path="x", media_type="text/csv", sha256="")
    except UnreadableError:
        return
    assert_sound(source)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS, max_size=8))
def test_any_docx(texts: list[str]) -> None:
    """Any paragraphs come out as they went in, white space and what is not seen aside."""
    import html

    bodies = [text for text in texts if all(char >= " " and char not in "\ufffe\uffff" for char in text)]
    bodies = [text.encode("utf-8", "replace").decode() for text in bodies]
    body = "".join(f"<w:p><w:r><w:t>{html.escape(text)}</w:t></w:r></w:p>" for text in bodies)
    source = read_whatever(bare_docx(body))
    if source is not None:
        seen = "".join("".join(bodies).split())
        assert len("".join(source.text.split())) <= len(seen)


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx", "csv", "pdf"])
def test_time_grows_with_size(kind: str) -> None:
    """Four times the document takes about four times the time, in every reader."""

    def make(size: int) -> bytes:
        lines = [(f"{number}、{WORDS}", 0) for number in range(size)]
        rows = [[f"项目{number}", number, WORDS] for number in range(size)]
        if kind == "csv":
            return "\n".join(",".join(map(str, row)) for row in rows).encode()
        if kind == "xlsx":
            return make_xlsx({"表": rows})
        return {"html": make_html, "docx": make_docx, "pdf": make_pdf}[kind](lines)

    def seconds(data: bytes) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            read_source(data)
            times.append(time.perf_counter() - start)
        return min(times)

    size = 100 if kind == "pdf" else 500
    assert seconds(make(4 * size)) < 0.2 + 8 * seconds(make(size))
