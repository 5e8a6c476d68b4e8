"""Answers that stay open (WHATWG HTML, 9.2 Server-sent events)."""

from collections.abc import Iterable
from typing import Final

from cchc_shared.http.answers import Header

EVENT_STREAM: Final = "text/event-stream"
HEAD_ONLY: Final = "cchc.head_only"
"""In the scope of a HEAD, which is answered as a GET: here there would be no end to what is left out."""
_TYPE: Final = EVENT_STREAM.encode("ascii")


def stays_open(headers: Iterable[Header]) -> bool:
    """Whether an answer with these headers is a stream of events, which has no end of its own."""
    return any(name == b"content-type" and value.startswith(_TYPE) for name, value in headers)
