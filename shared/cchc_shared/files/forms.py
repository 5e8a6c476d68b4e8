"""A form that brings a file: received on the disk, when its sender is known to be entitled."""

import asyncio
import hashlib
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, NamedTuple, TypeVar

from anyio import to_thread
from fastapi import Request, UploadFile
from pydantic import ValidationError, WithJsonSchema
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from cchc_shared.http import kinds
from cchc_shared.http.declared import FORM
from cchc_shared.http.field_errors import FieldError, field_error, field_path
from cchc_shared.http.problems import Problem, invalid, too_large, unsupported_media_type
from cchc_shared.http.receiving import LARGEST
from cchc_shared.http.schemas import In

OF_THE_FORM: Final = 64 * 1024
"""What a form may hold beside its file."""


class FileIn(In):
    """A form with a file. Its name is not kept."""

    file: Annotated[UploadFile, WithJsonSchema({"type": "string", "format": "binary"})]


class Given(NamedTuple):
    """A file as it was sent, in a folder of its own that is deleted afterwards."""

    file: Path
    size: int
    sha256: bytes


F = TypeVar("F", bound=FileIn)


async def digest(file: Path) -> Given:
    """Size and hash of a file."""

    def read() -> Given:
        with file.open("rb") as content:
            return Given(file, file.stat().st_size, hashlib.file_digest(content, "sha256").digest())

    return await to_thread.run_sync(read)


@asynccontextmanager
async def received(request: Request, model: type[F], most: int) -> AsyncIterator[tuple[F, Given]]:
    """The form of a request and its file. Raises 413, 415, and 422 for what does not fit the model."""
    async with opened(request, model, most) as form:
        with TemporaryDirectory(prefix="cchc-", ignore_cleanup_errors=True) as folder:
            yield form, await digest(await asyncio.to_thread(_copy, form, Path(folder) / "given"))


@asynccontextmanager
async def opened(request: Request, model: type[F], most: int, beside: int = OF_THE_FORM) -> AsyncIterator[F]:
    """The form of a request, its file on the disk. It is read only now, when the caller is known to be entitled.

    `most` bytes of the file are taken, and so many `beside` it.
    """
    media_type, words = parse_options_header(request.headers.get("content-type", ""))
    # A charset would be a codec of the sender's choice: some take seconds over a few kilobytes, some fail unforeseen.
    if media_type != FORM.encode() or words.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise unsupported_media_type(FORM)
    request.scope[LARGEST] = most + beside
    try:
        form = await request.form(max_files=2, max_fields=10, max_part_size=beside)
    except HTTPException as error:
        if error.status_code == 413:
            raise too_large(most) from error
        raise
    except ClientDisconnect as error:  # nobody is there to be answered
        raise Problem(kinds.BAD_REQUEST) from error
    try:
        times = Counter(name for name, _ in form.multi_items())
        if repeated := [name for name, count in times.items() if count > 1]:
            once = "chỉ được gửi một lần", "may be given only once"
            raise invalid([FieldError(field_path("body", name), *once) for name in repeated])
        try:
            body = model.model_validate(dict(form))
        except ValidationError as error:
            found = error.errors(include_url=False)
            raise invalid([field_error({**each, "loc": ("body", *each["loc"])}) for each in found]) from error
        yield body
    finally:
        await form.close()


def _copy(form: FileIn, to: Path) -> Path:
    with to.open("wb") as file:
        shutil.copyfileobj(form.file.file, file)
    return to
