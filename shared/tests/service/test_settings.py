"""Whose word on a caller's address is taken."""

import os
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cchc_shared.service.http_settings import HttpSettings, read
from cchc_shared.service.settings import DatabaseSettings

FORWARDED = [(b"x-forwarded-for", b"198.51.100.9"), (b"x-forwarded-proto", b"https")]


def settings(**given: object) -> HttpSettings:
    return HttpSettings.model_validate({"jwks_url": "file:///none", **given})


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


@pytest.mark.parametrize("given", ["INFO", "Info", "info"])
def test_a_level_is_taken_in_either_case(given: str) -> None:
    assert settings(log_level=given).log_level == "info"


def test_settings_that_cannot_work_end_the_process_with_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"LOG_LEVEL": "loud", "MAX_BODY_BYTES": "2MB", "TRUSTED_PROXIES": "proxy", "DATABASE_URL": "mysql://u:pw@h"}
    monkeypatch.delenv("JWKS_URL", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        read(DatabaseSettings)
    assert ended.value.code == os.EX_CONFIG
    lines = capsys.readouterr().err.splitlines()
    assert sorted(line.partition(": ")[0] for line in lines) == [
        "DATABASE_URL",
        "JWKS_URL",
        "LOG_LEVEL=loud",
        "MAX_BODY_BYTES=2MB",
        "TRUSTED_PROXIES=proxy",
    ]
    assert all(" · " in line for line in lines)
    assert "pw" not in "".join(lines)


def test_settings_that_do_not_fit_together_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"JWKS_URL": "file:///none", "CCHC_CLOCK_SHIFT": "P1D", "ENVIRONMENT": "production"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        read(HttpSettings)
    assert "settings cannot work: CCHC_CLOCK_SHIFT moves every deadline" in capsys.readouterr().err
