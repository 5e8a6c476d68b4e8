"""The storage of bytes behind one small port: a folder, or anything that speaks S3."""

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url
from structlog import get_logger

from feedback_api.attachments.problems import STORAGE_UNAVAILABLE, unavailable

if TYPE_CHECKING:  # it exists for type checkers alone
    from obstore import GetResult

log = get_logger()

CHUNK: Final = 5 * 1024 * 1024
"""What is sent at once. S3 takes no smaller part."""
PIECE: Final = 256 * 1024
"""What is handed on at once."""


class Content(NamedTuple):
    """An object that is being read."""

    size: int
    pieces: AsyncIterator[bytes]


class Objects:
    """Stores, reads and removes objects. Every fault of the storage is the 503 problem."""

    def __init__(self, store: ObjectStore | None) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str | None) -> Self:
        """The storage at `file:///folder`, `s3://bucket/prefix` or `memory:///`; with none, everything is refused."""
        if url is None:
            return cls(None)
        if url.startswith("file:"):
            return cls(LocalStore(Path(unquote(urlsplit(url).path)), mkdir=True, automatic_cleanup=True))
        return cls(from_url(url))

    @property
    def is_there(self) -> bool:
        """Whether there is a storage at all."""
        return self._store is not None

    async def put(self, key: str, file: Path) -> None:
        """Store a file, or write it anew; what is stored survives a crash of the machine."""
        with _faults():
            store = self._open()
            await obstore.put_async(store, key, file, chunk_size=CHUNK, max_concurrency=1)
            if isinstance(store, LocalStore):
                await asyncio.to_thread(_flush, Path(str(store.prefix)) / key)

    async def get(self, key: str) -> Content:
        """Read an object piece by piece."""
        with _faults():
            found = await obstore.get_async(self._open(), key)
            return Content(found.meta["size"], _pieces(found))

    async def delete(self, keys: Collection[str]) -> None:
        """Remove objects; one that is gone already is no fault."""
        with _faults():
            await asyncio.gather(*(self._delete(key) for key in keys))

    async def _delete(self, key: str) -> None:
        try:
            await obstore.delete_async(self._open(), key)
        except (NotFoundError, FileNotFoundError):  # a folder says the second
            return

    def _open(self) -> ObjectStore:
        if self._store is None:
            raise unavailable(STORAGE_UNAVAILABLE)
        return self._store


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    with _faults():
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        log.error("storage of attachments", error=type(error).__name__)
        raise unavailable(STORAGE_UNAVAILABLE) from error


def _flush(file: Path) -> None:
    """To the disk, the name as well as the bytes."""
    for path in (file, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
