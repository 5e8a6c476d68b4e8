"""The header `Idempotency-Key`, and replies as HTTP responses."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import Header, Request
from starlette.responses import Response

from cchc_shared.http.field_errors import pattern
from cchc_shared.identity.principal import Principal
from cchc_shared.storage.idempotency import Reply

KEY = pattern(r"^[\x20-\x7e]+$", vi="chỉ nhận ký tự ASCII in được", en="must be printable ASCII")
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=KEY,
        description="Key that the caller chooses. A repeated request with the same key and body takes effect only once",
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a change; `key` and `digest` identify a repeated request."""

    caller: Principal
    key: str | None
    digest: bytes


def reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply whose body is JSON; pydantic models are given as they dump themselves."""
    dump = getattr(body, "model_dump_json", None)
    return Reply(status, msgspec.json.encode(body) if dump is None else dump().encode(), dict(headers or {}))


def respond(answer: Reply) -> Response:
    """The reply as an HTTP response."""
    return Response(answer.body, answer.status, dict(answer.headers), media_type="application/json")


def raw_headers(answer: Reply) -> list[tuple[bytes, bytes]]:
    """The headers of the response above, without the length of its body."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers.append((b"content-type", b"application/json"))
    return headers


async def request_digest(request: Request) -> bytes:
    """What makes two requests the same: method, path, body, and the preconditions."""
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    for name in ("If-Match", "If-None-Match"):
        if asked := request.headers.getlist(name):
            digest.update(f"{name}: {','.join(asked)}\n".encode())
    digest.update(await request.body())
    return digest.digest()
