"""Asks a scanner whether a file has malware in it: clamd over its socket, or a command."""

import asyncio
import shlex
from asyncio.subprocess import DEVNULL
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

SECONDS: Final = 20.0
CHUNK: Final = 64 * 1024
CLEAN, FOUND = 0, 1
"""How a command ends that came to a result, as those of ClamAV do."""


class Silent(Exception):
    """The scanner did not come to a result."""


class Scanner(Protocol):
    """Looks for malware."""

    async def is_infected(self, file: Path) -> bool:
        """Raises `Silent`."""


def scanner_of(setting: str | None) -> Scanner | None:
    """The scanner that the setting names, if it names one."""
    if not setting:
        return None
    if setting.startswith("clamd://"):
        return Clamd(setting)
    return Command(shlex.split(setting))


class Clamd:
    """The daemon of ClamAV, at `clamd:///socket` or `clamd://host:port`."""

    def __init__(self, address: str) -> None:
        self._at = urlsplit(address)

    async def is_infected(self, file: Path) -> bool:
        """Send it the file in pieces (INSTREAM)."""
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._asked(file)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Silent(type(error).__name__) from error
        if answer.endswith(b"FOUND"):
            return True
        if answer.endswith(b"OK"):
            return False
        raise Silent("clamd said neither OK nor FOUND")

    async def _asked(self, file: Path) -> bytes:
        at = self._at
        if at.hostname is None:
            reader, writer = await asyncio.open_unix_connection(at.path)
        else:
            reader, writer = await asyncio.open_connection(at.hostname, at.port or 3310)
        try:
            writer.write(b"zINSTREAM\0")
            with file.open("rb") as content:
                while piece := await asyncio.to_thread(content.read, CHUNK):
                    writer.write(len(piece).to_bytes(4, "big") + piece)
                    await writer.drain()
            writer.write(bytes(4))
            return (await reader.readuntil(b"\0")).rstrip(b"\0")
        finally:
            writer.close()


class Command:
    """A program that reads the file from its standard input."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    async def is_infected(self, file: Path) -> bool:
        try:
            with file.open("rb") as content:
                running = await asyncio.create_subprocess_exec(
                    *self._words, stdin=content, stdout=DEVNULL, stderr=DEVNULL
                )
        except OSError as error:
            raise Silent(type(error).__name__) from error
        try:
            async with asyncio.timeout(SECONDS):
                ended = await running.wait()
        except TimeoutError as error:
            raise Silent("too slow") from error
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
        if ended not in (CLEAN, FOUND):
            raise Silent(f"ended with {ended}")
        return ended == FOUND
