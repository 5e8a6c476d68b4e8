"""Whose word on a caller's address is taken."""

from typing import Any

import pytest
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.settings import GatewaySettings

FORWARDED = [(b"x-forwarded-for", b"198.51.100.9"), (b"x-forwarded-proto", b"https")]
URLS = dict.fromkeys(
    ("tasks_api_url", "feedback_api_url", "dossiers_api_url", "notify_url", "scoring_api_url"), "http://127.0.0.1:1"
)


def settings(**given: object) -> GatewaySettings:
    return GatewaySettings.model_validate({"jwks_url": "file:///none", "tls_terminated_by": "proxy", **URLS, **given})


async def believed(peer: str, trusted: str, headers: list[tuple[bytes, bytes]]) -> tuple[str, str]:
    """The caller's address and scheme as the application sees them."""
    found: list[tuple[str, str]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append((scope["client"][0], scope["scheme"]))

    scope: Any = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    server: Any = ProxyHeadersMiddleware(app, settings(trusted_proxies=trusted).trusted_peers)  # type: ignore[arg-type]
    await server(scope, None, None)
    return found[0]


@pytest.mark.parametrize(
    ("peer", "trusted", "seen"),
    [
        ("127.0.0.1", "", ("198.51.100.9", "https")),
        ("::1", "", ("198.51.100.9", "https")),
        ("10.0.0.7", "", ("10.0.0.7", "http")),
        ("10.0.0.7", "10.0.0.7", ("198.51.100.9", "https")),
        ("10.0.0.7", "192.0.2.1, 10.0.0.0/8", ("198.51.100.9", "https")),
        ("172.16.0.1", "10.0.0.0/8", ("172.16.0.1", "http")),
    ],
)
async def test_a_proxy_is_believed_where_it_is_listed(peer: str, trusted: str, seen: tuple[str, str]) -> None:
    assert await believed(peer, trusted, FORWARDED) == seen


async def test_another_scheme_than_http_is_nobodys() -> None:
    _, scheme = await believed("127.0.0.1", "", [(b"x-forwarded-proto", "é".encode())])
    assert scheme == "http"


@pytest.mark.parametrize("value", ["gateway", "*", "10.0.0.0/99", "10.0.0.1;10.0.0.2"])
def test_what_is_no_address_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValidationError):
        settings(trusted_proxies=value)


@pytest.mark.parametrize("said", ["proxy", "mesh"])
def test_production_starts_when_somebody_ends_tls(said: str) -> None:
    assert settings(environment="production", tls_terminated_by=said).tls_terminated_by == said


@pytest.mark.parametrize("said", [None, "nobody"])
def test_production_does_not_start_in_clear(said: str | None) -> None:
    with pytest.raises(ValidationError, match="TLS_TERMINATED_BY must say who ends TLS"):
        settings(environment="production", tls_terminated_by=said)
    settings(environment="embedded", tls_terminated_by=said)


def test_a_word_that_is_none_of_these_is_refused() -> None:
    with pytest.raises(ValidationError, match="tls_terminated_by"):
        settings(tls_terminated_by="yes")
