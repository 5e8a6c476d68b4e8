"""The storage of bytes behind one small port: a folder, or anything that speaks S3."""

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url
from structlog import get_logger

from cchc_shared.files.problems import STORAGE_UNAVAILABLE, unavailable
from cchc_shared.files.ranges import Span

if TYPE_CHECKING:  # it exists for type checkers alone
    from obstore import GetOptions, GetResult

log = get_logger()

CHUNK: Final = 5 * 1024 * 1024
"""What is sent at once. S3 takes no smaller part."""
PIECE: Final = 256 * 1024
"""What is handed on at once."""
ANSWER_SECONDS: Final = 10.0
"""How long the storage may take until it begins to answer: a caller is told 503 rather than left waiting."""
STORE_SECONDS: Final = 30.0
"""How long it may take to store one file."""


class Content(NamedTuple):
    """An object that is being read."""

    size: int
    """Of the whole, in bytes."""
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
            async with asyncio.timeout(STORE_SECONDS):
                await obstore.put_async(store, key, file, chunk_size=CHUNK, max_concurrency=1)
                if isinstance(store, LocalStore):
                    await asyncio.to_thread(_flush, Path(str(store.prefix)), key)

    async def size(self, key: str) -> int:
        """How many bytes an object has."""
        with _faults():
            async with asyncio.timeout(ANSWER_SECONDS):
                return (await obstore.head_async(self._open(), key))["size"]

    async def get(self, key: str, within: Span | None = None) -> Content:
        """Read an object, or some bytes of it, piece by piece."""
        options: GetOptions = {} if within is None else {"range": (within.first, within.past)}
        with _faults():
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await obstore.get_async(self._open(), key, options=options)
            return Content(found.meta["size"], _pieces(found))

    async def delete(self, keys: Collection[str]) -> None:
        """Remove objects; one that is gone already is no fault."""
        with _faults():
            await asyncio.gather(*(self._delete(key) for key in keys))

    async def _delete(self, key: str) -> None:
        store = self._open()
        if isinstance(store, LocalStore):
            await asyncio.to_thread(_clear, Path(str(store.prefix)) / key)
        with suppress(NotFoundError, FileNotFoundError):  # a folder says the second
            async with asyncio.timeout(ANSWER_SECONDS):
                await obstore.delete_async(store, key)

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


def _clear(file: Path) -> None:
    """What a crash left while the file was written: the store writes it under a name of its own first."""
    for left in file.parent.glob(f"{file.name}#*"):
        left.unlink(missing_ok=True)


def _flush(root: Path, key: str) -> None:
    """To the disk, the names of file and folders as well as the bytes."""
    file = root / key
    for path in (file, *(folder for folder in file.parents if folder.is_relative_to(root))):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
