"""DOC, WPS, RTF and ODF files: turned into DOCX or XLSX by LibreOffice, where that is installed, and read as such.

Runners-up: antiword and catdoc are no longer kept and lose tables; Aspose and Spire are not free; textract calls
antiword. LibreOffice runs with an empty profile of its own, in which macros and links to elsewhere are off, and is
ended with the reader.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from extract.readers import docx, xlsx
from extract.readers.layout import Layout
from extract.source import UnreadableError

_PROGRAMS: Final = ("soffice", "libreoffice")
_PLACES: Final = (
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    Path("C:/Program Files/LibreOffice/program/soffice.exe"),
)
_SHEETS: Final = b"application/vnd.oasis.opendocument.spre"
_PATIENCE: Final = 120.0  # seconds where no time limit is given
_NO_LINKS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def program() -> str | None:
    """LibreOffice's program, or None where it is not installed."""
    found = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
    return found or next((str(path) for path in _PLACES if path.exists()), None)


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The text and structure of an old Office file. Raises `UnreadableError`."""
    office = program()
    if office is None:
        raise UnreadableError(
            "an old Office file (.doc, .wps, .rtf, .odt), which LibreOffice must turn into .docx first; install"
            " LibreOffice (Debian: apt install libreoffice-writer-nogui), or save the file as .docx"
        )
    target = "xlsx" if _SHEETS in data[:200] else "docx"
    with tempfile.TemporaryDirectory(prefix="extract-office-") as folder:
        here = Path(folder)
        (here / "profile" / "user").mkdir(parents=True)
        (here / "profile" / "user" / "registrymodifications.xcu").write_text(_NO_LINKS, encoding="utf-8")
        (here / "file").write_bytes(data)
        call = [
            office, f"-env:UserInstallation={(here / 'profile').as_uri()}", "--headless", "--norestore",
            "--nolockcheck", "--convert-to", target, "--outdir", str(here / "out"), str(here / "file"),
        ]  # fmt: skip
        said = _call(call, 0.8 * time_limit if time_limit else _PATIENCE)
        made = here / "out" / f"file.{target}"
        if not made.exists():
            words = " ".join(said.decode(errors="replace").split())[:200]
            raise UnreadableError(f"LibreOffice could not turn the file into .{target} ({words}); save it as .{target}")
        turned = made.read_bytes()
    return xlsx.read(turned) if target == "xlsx" else docx.read(turned)


def _call(call: list[str], patience: float) -> bytes:
    """Run a program and all that it starts, at the longest for so many seconds; what it says of errors."""
    with subprocess.Popen(
        call, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=_free if sys.platform == "linux" else None,
    ) as process:  # fmt: skip
        try:
            return process.communicate(timeout=patience)[1]
        except subprocess.TimeoutExpired as error:
            took = f"LibreOffice took longer than {patience:g} seconds; raise --time-limit, or save the file as .docx"
            raise UnreadableError(took) from error
        finally:
            if process.poll() is None:
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()


def _free() -> None:
    """Be ended with the worker, and have more memory than that: LibreOffice takes a lot of addresses."""
    import ctypes
    import resource

    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
