"""A file as it is served: whole, a range of its bytes, or 304."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Header, Request, Response
from starlette.responses import StreamingResponse

from cchc_shared.files.objects import Objects
from cchc_shared.files.problems import OUT_OF_RANGE, STORAGE_UNAVAILABLE
from cchc_shared.files.ranges import OutOfRange, Span, asks_for_a_part, span
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import etag, unchanged
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.problems import Problem

_BYTES: Final = {"type": "string", "format": "binary"}
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""A browser takes it for nothing but the picture or document that it is, and runs nothing of it."""


_ASCII: Final = pattern(r"^[\x20-\x7e]*$", vi="chỉ nhận ký tự ASCII in được", en="must be printable ASCII")


class Asked(NamedTuple):
    """Which bytes a caller asks for, and of which version."""

    wanted: str | None
    only_if: str | None


async def _asked(
    wanted: Annotated[
        str | None, Header(alias="Range", max_length=200, pattern=_ASCII, description="One range: `bytes=0-999`")
    ] = None,
    only_if: Annotated[
        str | None,
        Header(alias="If-Range", max_length=200, pattern=_ASCII, description="ETag of what you have some bytes of"),
    ] = None,
) -> Asked:
    return Asked(wanted, only_if)


Ranged = Annotated[Asked, Depends(_asked)]


class Served(NamedTuple):
    """An object as it is served. Whoever may read it no more must ask again each time, unless everyone may."""

    key: str
    sha256: bytes
    media_type: str
    headers: Mapping[str, str]
    caching: str = "private, no-cache"


def of_bytes(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """What a route answers that gives bytes."""
    content = {each: {"schema": _BYTES} for each in media_types}
    part = {"description": "The bytes that `Range` asked for, which `Content-Range` names", "content": content}
    return {200: {"content": content}, 206: part, **NOT_MODIFIED, **may_answer(OUT_OF_RANGE, STORAGE_UNAVAILABLE)}


async def answer(request: Request, asked: Asked, objects: Objects, served: Served) -> Response:
    """The bytes of an object, some of them, or 304. Raises the problems 416 and 503."""
    tag = etag(served.sha256.hex())
    headers = {**served.headers, "ETag": tag, "Cache-Control": served.caching, "Accept-Ranges": "bytes", **_SAFE}
    if unchanged(request.scope, request.headers.get("if-none-match", "").encode("latin-1"), tag.encode()):
        return Response(status_code=304, headers=headers)
    within = None
    if asked.wanted is not None and asks_for_a_part(asked.wanted, asked.only_if, tag):
        within = await _span(objects, served.key, asked.wanted)
    opened = await objects.get(served.key, within)
    status, size = 200, opened.size
    if within is not None:
        status, size = 206, within.past - within.first
        headers["Content-Range"] = within.content_range
    headers["Content-Length"] = str(size)
    return StreamingResponse(opened.pieces, status, media_type=served.media_type, headers=headers)


async def _span(objects: Objects, key: str, wanted: str) -> Span | None:
    """The bytes of an object that a range means."""
    try:
        return span(wanted, await objects.size(key))
    except OutOfRange as error:
        headers = {"Content-Range": f"bytes */{error.size}"}
        raise Problem(OUT_OF_RANGE, headers=headers) from error
