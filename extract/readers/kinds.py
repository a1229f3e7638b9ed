"""What kind of file some bytes are.

Signatures first; a zip archive is what its members make it, an OLE container what its streams are called. Between plain
text and CSV the bytes may not decide; there the ending of the name does.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import IO, Final

MEDIA_TYPES: Final = {
    "text": "text/plain",
    "html": "text/html",
    "mht": "multipart/related",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "csv": "text/csv",
    "pdf": "application/pdf",
    "office": "application/msword",
}
# kinds that are known and not read, and what to do
REFUSED: Final = {
    "zip": "an archive inside too many archives, or one that cannot be opened; unpack it first",
    "archive": "an archive that is not zip (rar, 7z, gzip); unpack it first, or pack it as zip",
    "encrypted": "protected by a password; save it without one",
    "presentation": "a presentation; save it as .docx or .pdf",
    "ofd": "an OFD file; print or convert it to .pdf",
    "image": "a picture; read its text with OCR first, and save that as .txt or .docx",
    "ole": "an old Office file of a kind that is not read; save it as .docx or .xlsx",
    "container": "a zip container of a kind that is not read; save it as .docx, .xlsx or .pdf",
}

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES: Final = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"\xfd7zXZ\x00")
_IMAGES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_TAG: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE)
_FRAGMENT: Final = re.compile(
    rb"<(?:div|p|section|article|main|span|table|ul|ol|h[1-6]|center|style|script|link)\b", re.IGNORECASE
)
_PREFACE: Final = re.compile(rb"(?:\s+|<!--.{0,4000}?-->|<\?xml[^>]{0,200}\?>)*", re.DOTALL)
_MHT: Final = re.compile(rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){1,40}", re.IGNORECASE)
_PLAIN_NAMES: Final = (".txt", ".text", ".md", ".markdown")
_BOM: Final = b"\xef\xbb\xbf"
_HEAD: Final = 65536


def kind_of(data: bytes, *, name: str = "") -> str:
    """The kind of a file: a key of `MEDIA_TYPES` or of `REFUSED`, `text` where nothing tells otherwise.

    A file whose name says that it is plain text is HTML only where it is a whole page, and never a sheet: offsets then
    point into the file itself, with the tables and tags that are in it.
    """
    plain = name.lower().endswith(_PLAIN_NAMES)
    if data.startswith(ZIP):
        return kind_of_zip(io.BytesIO(data))
    if data.startswith(_OLE):
        return _in_ole(data)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "office"
    if data.startswith(_ARCHIVES):
        return "archive"
    if data.startswith(_IMAGES):
        return "image"
    head = _as_ascii(data[:_HEAD])
    head = head[_PREFACE.match(head).end() :]  # type: ignore[union-attr]  # it matches nothing at the least
    if head.startswith(b"<") and (_TAG.match(head) if plain else _is_html(head, data)):
        return "html"
    if (fields := _MHT.match(head[:8000])) and b"mime-version:" in fields[0].lower() and b"multipart/" in head.lower():
        return "mht"
    if not plain and b"\0" not in head[:4096]:
        from extract.readers.csv_file import is_table

        if is_table(head[:16384], named=name.lower().endswith((".csv", ".tsv"))):
            return "csv"
    return "text"


def _as_ascii(head: bytes) -> bytes:
    """The beginning of a text with one byte for each ASCII character."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(_BOM)


def _is_html(head: bytes, data: bytes) -> bool:
    if _TAG.match(head) or (_FRAGMENT.match(head) and _TAG.search(head[:8192])):
        return True
    return bool(_FRAGMENT.match(head)) and data.count(b"</") >= 3 and data.rstrip().endswith(b">")


def kind_of_zip(file: Path | IO[bytes]) -> str:
    """The kind of a zip archive by what is in it: an Office document, or an archive of other files (`zip`)."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype")
                if kind.startswith(b"application/vnd.oasis.opendocument."):
                    return "office" if kind[35:39] in (b"text", b"spre") else "presentation"
    except Exception:  # a damaged archive; whoever opens it says how
        return "zip"
    if "OFD.xml" in names:
        return "ofd"
    if "[Content_Types].xml" in names:
        for folder, kind_name in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "presentation")):
            if any(name.startswith(folder) for name in names):
                return kind_name
        return "container"
    if "META-INF/MANIFEST.MF" in names or "META-INF/container.xml" in names:
        return "container"
    return "zip"


def _in_ole(data: bytes) -> str:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        return "encrypted"
    if has("WordDocument"):
        return "office"
    if has("Workbook") or has("Book\0"):
        return "xls"
    return "ole"
