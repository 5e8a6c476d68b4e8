"""Heads of forwarded requests and answers: which headers are dropped, replaced and added."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from starlette.types import Scope

from cchc_shared.http.deadline import TIMEOUT
from cchc_shared.http.problems import FULL
from gateway.upstreams.connection import Answer, Header

# RFC 9110, 7.6.1: these concern one connection only. `expect` was answered by our own server.
_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"expect",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"trailers",
        b"transfer-encoding",
        b"upgrade",
    }
)
# Set by the gateway alone: a caller could claim any address in them.
_FORWARDED: Final = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
_REPLACED: Final = frozenset({b"content-length", b"traceparent", b"x-request-id", TIMEOUT})
_NOT_SENT: Final = _HOP_BY_HOP | _FORWARDED | _REPLACED
# Our own server and the shared conventions put these on every answer.
_NOT_RETURNED: Final = _HOP_BY_HOP | {b"date", b"server", b"traceparent", b"x-request-id", FULL[0]}
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
# What the two sides could read differently: an encoded slash, backslash or NUL, an empty or a dot segment.
_AMBIGUOUS: Final = re.compile(rb"(?i)%2f|%5c|%00|\\|//|/(?:\.|%2e){1,2}(?:/|$)")


def ambiguous(raw_path: bytes) -> bool:
    """Whether a path must not be forwarded, as the service could take it for another."""
    return _AMBIGUOUS.search(raw_path) is not None


def request_id(given: Mapping[bytes, bytes], trace: str) -> bytes:
    """The caller's own request id if it is well-formed, else the id of the trace."""
    own = given.get(b"x-request-id")
    if own is not None and _REQUEST_ID.fullmatch(own):
        return own
    return trace.split("-")[1].encode("ascii")


def request_head(
    scope: Scope,
    given: Mapping[bytes, bytes],
    *,
    service: str,
    trace: str,
    identity: bytes,
    framing: bytes,
    seconds: float,
) -> bytes:
    """The head to send: the caller's headers without those of its connection, and who the caller is.

    `given` are the headers by name; `service` is whom it is for, as a caller that speaks HTTP/1.0 may name no host, and
    HTTP/1.1 wants one; `framing` is the header line that says how the body ends, or nothing; `seconds` are left.
    """
    dropped, query = _dropped(_NOT_SENT, scope["headers"]), scope["query_string"]
    lines = [
        scope["method"].encode("ascii"),
        b" ",
        scope["raw_path"],
        b"?" + query if query else b"",
        b" HTTP/1.1\r\n",
    ]
    for name, value in scope["headers"]:
        if name not in dropped:
            lines += (name, b": ", value, b"\r\n")
    if b"host" not in given:
        lines += (b"host: ", service.encode("ascii"), b"\r\n")
    if scope["client"] and (address := _address(scope["client"][0])):
        lines += (b"x-forwarded-for: ", address, b"\r\n")
    lines += (b"x-forwarded-proto: ", scope["scheme"].encode("ascii"), b"\r\n")
    # In whole seconds, and no later than ours: a service that gives up in time says so itself.
    lines += (TIMEOUT, b": %d\r\n" % max(1, int(seconds)))
    lines += (b"x-request-id: ", identity, b"\r\ntraceparent: ", trace.encode("ascii"), b"\r\n", framing, b"\r\n")
    return b"".join(lines)


def length(body: bytes, declared: bytes | None) -> bytes:
    """The header line for a body that is whole; `declared` is the length that its sender gave, if any."""
    return b"content-length: %d\r\n" % len(body) if body or declared else b""


@lru_cache(1024)
def _address(host: str) -> bytes | None:
    """The caller's address; None where a proxy that we believe named something else, such as `unknown`."""
    try:
        return str(ip_address(host)).encode("ascii")
    except ValueError:
        return None


def answer_headers(answer: Answer, identity: bytes) -> list[Header]:
    """The headers to return: the service's without those of its connection, and the request's id."""
    dropped = _dropped(_NOT_RETURNED, answer.headers)
    if answer.status in (204, 304):  # a length here speaks of a body that is not sent
        dropped |= {b"content-length"}
    kept = [header for header in answer.headers if header[0] not in dropped]
    kept.append((b"x-request-id", identity))
    return kept


def _dropped(always: frozenset[bytes], headers: Iterable[Header]) -> frozenset[bytes]:
    """These names, and those that `Connection` says belong to this connection."""
    said = [value for name, value in headers if name == b"connection"]
    return always.union(name.strip().lower() for value in said for name in value.split(b",")) if said else always
