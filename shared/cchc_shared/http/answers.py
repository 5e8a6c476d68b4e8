"""Headers of every answer: `Cache-Control`, `Vary`, and 304 where the caller has this version already."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from fastapi import Depends, Response
from pydantic import BaseModel
from starlette.types import Scope

from cchc_shared.http.declared import Declared
from cchc_shared.http.etag import etag, unchanged

Header = tuple[bytes, bytes]

_NO_STORE: Final = (b"cache-control", b"no-store")
# RFC 9110, 15.4.5: these stay on a 304; what speaks of a body does not.
_OF_A_BODY: Final = frozenset({b"content-length", b"content-type", b"content-encoding"})


def stable(seconds: int) -> Any:
    """For a route whose answer is public and seldom changes: anyone may keep it for so long."""

    async def may_be_kept(response: Response) -> None:
        response.headers["Cache-Control"] = f"public, max-age={seconds}"

    return Depends(may_be_kept)


def tagged(
    body: BaseModel,
    *,
    media_type: str = "application/json",
    kept_seconds: int | None = None,
    exclude_unset: bool = False,
) -> Response:
    """The answer with a tag of its own content, so that a caller who has exactly this is answered 304.

    For what has no version: a list, or a document made of several things. It is made as before and only not sent again,
    and so it is never stale. With `kept_seconds` anyone may keep it for so long.
    """
    content = body.model_dump_json(exclude_unset=exclude_unset).encode()
    headers = {"ETag": etag(hashlib.blake2b(content, digest_size=16).hexdigest())}
    if kept_seconds is not None:
        headers["Cache-Control"] = f"public, max-age={kept_seconds}"
    return Response(content, headers=headers, media_type=media_type)


def dressed(scope: Scope, status: int, headers: Iterable[Header], if_none_match: bytes) -> tuple[int, list[Header]]:
    """Status and headers of an answer as it is sent. `if_none_match` is the caller's header, empty when absent."""
    kept, vary, tag, caching = [], [], b"", False
    for header in headers:
        name, value = header
        if name == b"vary":
            vary.append(value)
            continue
        if name == b"etag":
            tag = value
        elif name == b"cache-control":
            caching = True
        kept.append(header)
    reading = scope["method"] == "GET"
    route: Declared | None = scope["app"].state.declared.get(scope.get("endpoint"))
    if reading and route is not None and route.vary:
        vary.insert(0, route.vary)
    if vary:
        kept.append((b"vary", b", ".join(vary)))
    if not caching:
        kept.append(_NO_STORE)
    # What another service said and is passed on, that one has compared: it may know that the same tag is not enough.
    answered_here = "endpoint" in scope
    if if_none_match and tag and reading and answered_here and status == 200 and unchanged(scope, if_none_match, tag):
        return 304, [header for header in kept if header[0] not in _OF_A_BODY]
    return status, kept
