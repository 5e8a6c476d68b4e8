"""Reads a mail in a process of its own, which ends with whatever breaks it, and lays its files on the disk.

What a mail of some megabytes takes, memory and time, is taken there and given back: beside the loop of the service it
would hold up every other request.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from anyio import BrokenWorkerProcess, CapacityLimiter
from msgspec.structs import replace

from cchc_shared.files.images import apart, is_smaller
from feedback_api.channels import mail
from feedback_api.channels.domain import Ignored, Message


class Enclosed(NamedTuple):
    """A file of a mail, in a folder of its own. An ornament is a small picture that the words show, such as a logo."""

    name: str
    file: Path
    size: int
    sha256: bytes
    ornament: bool


class Letter(NamedTuple):
    """The report that a mail is, and the files that came with it."""

    message: Message
    enclosed: tuple[Enclosed, ...]


async def read_apart(raw: Path, without_text: str, ornament_pixels: int, places: CapacityLimiter) -> Letter | Ignored:
    """`read` in another process. Raises `OutOfBounds`, or `Overdue`."""
    try:
        return await apart(read, raw, without_text, ornament_pixels, places=places)
    except BrokenWorkerProcess as error:
        raise mail.OutOfBounds from error


def read(raw: Path, without_text: str, ornament_pixels: int) -> Letter | Ignored:
    """The mail in a file, and its files beside it. Raises `OutOfBounds`."""
    message = mail.read(raw.read_bytes(), without_text)
    if isinstance(message, Ignored):
        return message
    enclosed = []
    for number, each in enumerate(message.attachments):
        file = raw.with_name(str(number)) / "given"
        file.parent.mkdir()
        file.write_bytes(each.content)
        digest, ornament = hashlib.sha256(each.content).digest(), each.shown and is_smaller(file, ornament_pixels)
        enclosed.append(Enclosed(each.name, file, len(each.content), digest, ornament))
    return Letter(replace(message, attachments=()), tuple(enclosed))
