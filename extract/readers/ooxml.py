"""What DOCX and XLSX files share: parts of a package, read with limits, parsed without entities or network."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from extract.source import UnreadableError

MAX_PART: Final = 300_000_000  # bytes of one unpacked part …
MAX_GROWTH: Final = 150  # … and how many times as large as the packed file all parts may be, beyond MAX_SMALL
MAX_SMALL: Final = 50_000_000

_OFFICE_DOCUMENT: Final = "/officeDocument"


class Package:
    """An Office Open XML file: a zip archive of XML parts."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except Exception as error:
            raise UnreadableError(f"a damaged Office file ({error}); open it and save it anew") from error
        self._left = max(MAX_SMALL, MAX_GROWTH * len(data))
        self._infos = {info.filename.lstrip("/").lower(): info for info in self._archive.infolist()}

    def bytes(self, name: str) -> bytes | None:
        """A part as it is, or None where there is none. Raises `UnreadableError` for one that grows too large."""
        info = self._infos.get(name.lstrip("/").lower())
        if info is None:
            return None
        limit = min(MAX_PART, self._left)
        if info.file_size <= limit:
            with self._archive.open(info) as stream:
                data = stream.read(limit + 1)  # the stated size may be wrong
            if len(data) <= limit:
                self._left -= len(data)
                return data
        raise UnreadableError(f"an Office file that unpacks to more than {limit:,} bytes, which no report does")

    def xml(self, name: str) -> Any:
        """The root element of a part (lxml), or None where there is no such part."""
        data = self.bytes(name)
        return None if data is None else parse(data)

    def main_part(self, default: str) -> str:
        """The name of the part that the document begins with."""
        root = self.xml("_rels/.rels")
        for relation in () if root is None else root:
            if isinstance(relation.tag, str) and str(relation.get("Type", "")).endswith(_OFFICE_DOCUMENT):
                target = str(relation.get("Target", "")).lstrip("/")
                if target.lower() in self._infos:
                    return target
        return default

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts a part points to: id to the end of the type's name (`styles`) and the target, links left out."""
        folder, name = posixpath.split(part)
        root = self.xml(f"{folder}/_rels/{name}.rels")
        found: dict[str, tuple[str, str]] = {}
        for relation in () if root is None else root:
            if isinstance(relation.tag, str) and relation.get("TargetMode") != "External":
                kind = str(relation.get("Type", "")).rpartition("/")[2]
                target = str(relation.get("Target", ""))
                whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                found[str(relation.get("Id", ""))] = (kind, whole)
        return found


def parse(data: bytes) -> Any:
    """Parse XML: entities stay what they are, nothing is loaded, a damaged end is read as far as it goes."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, recover=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    root = etree.fromstring(data, parser)
    if root is None:
        raise UnreadableError("a part of the Office file is damaged; open it and save it anew")
    return root


def name_of(element: Any) -> str:
    """The name of an element without its namespace; the transitional and the strict form have different ones."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value_of(element: Any, name: str = "val") -> str | None:
    """An attribute by its name without namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def child(element: Any, name: str) -> Any:
    """The first child of that name, or None."""
    if element is not None:
        for one in element:
            if name_of(one) == name:
                return one
    return None


def words_of(element: Any) -> str:
    """The words right in an element; an entity that its file declares is not among them."""
    return (element.text or "") + "".join(one.tail or "" for one in element)


def inside(element: Any, name: str) -> Iterator[Any]:
    """What stands in the first child of that name, nothing where there is none."""
    one = child(element, name)
    return iter(()) if one is None else iter(one)


def is_on(element: Any, name: str) -> bool:
    """Whether a switch such as `<w:vanish/>` is there and not turned off."""
    one = child(element, name)
    return one is not None and value_of(one) not in ("0", "false", "off", "none")
