"""Web archives (MHT), as browsers and Word save them: the page in it, read as HTML by the standard library's email."""

from __future__ import annotations

import email
import email.policy

from extract.readers import html
from extract.readers.layout import Layout
from extract.source import UnreadableError


def read(data: bytes, *, time_limit: float | None = None) -> Layout:
    """The first HTML page of a web archive. Raises `UnreadableError`."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            if isinstance(page, bytes) and page.strip():
                return html.read(page)
    raise UnreadableError("a web archive without a page in it; save the page anew")
