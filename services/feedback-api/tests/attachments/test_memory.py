"""A file passes through the process in pieces: it is never held as a whole, whichever way it comes or goes."""

import os
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from ..uploads.test_uploads import Upload
from .conftest import Report
from .files import PDF

SIZE = 14_900_000
BOUND = 6_000_000
"""Bytes of Python at once, for a file two and a half times as large."""


@contextmanager
def bounded() -> Iterator[None]:
    """Fails when more was held at any moment."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < BOUND, f"{peak - before:,} bytes were held"


async def document() -> AsyncIterator[bytes]:
    """A large PDF that no compression makes small."""
    yield PDF[:9]
    for _ in range(SIZE // 50_000):
        yield os.urandom(50_000)
    yield b"\n%%EOF\n"


LENGTH = 9 + SIZE // 50_000 * 50_000 + 7


async def test_a_form_of_15_mb_is_never_held_as_a_whole(report: Report) -> None:
    async def form() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: x/y\r\n\r\n'
        async for piece in document():
            yield piece
        yield b"\r\n--x--\r\n"

    headers = {**report.secret, "Content-Type": "multipart/form-data; boundary=x"}
    await report.attached(PDF)  # what the first one costs is not meant
    with bounded():
        answer = await report.service.client.post(report.path, content=form(), headers=headers)
    assert (answer.status_code, answer.json()["bytes"]) == (201, LENGTH)


async def test_parts_of_15_mb_are_never_held_as_a_whole(report: Report) -> None:
    await report.attached(PDF)
    upload = Upload(report)
    await upload.begin(LENGTH)
    headers = upload.who | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    with bounded():
        answer = await upload.http.patch(upload.path, content=document(), headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(LENGTH))
