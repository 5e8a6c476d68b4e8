"""One message over HTTP, to an address that was checked when it was connected to.

No proxy of the environment, no redirect, no cookie, no body of an answer: its head says all that counts. Each message
has a connection of its own, so that no check is older than the message.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import httpcore

from notify.webhooks.domain import Answer, Failure, retry_after
from notify.webhooks.targets import AddressRefused, Resolve, checked, resolve

SECONDS: Final = 20.0
"""For all of it: the name, the connection, the message and the head of the answer (Standard Webhooks: 15 to 30)."""


class _NoAddress(Exception):
    """The name of the host leads nowhere."""


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the very addresses that were checked; TLS goes by the name all the same."""

    def __init__(self, ask: Resolve, *, loopback: bool) -> None:
        self._ask = ask
        self._loopback = loopback
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await checked(host, port, self._ask, loopback=self._loopback)
        except AddressRefused:
            raise
        except (OSError, UnicodeError) as error:
            raise _NoAddress from error
        for address in addresses[:-1]:
            try:
                return await self._plain.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self._plain.connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


class Poster:
    """Posts messages. `loopback` lets them go to this machine; `ask` finds the addresses of a host."""

    def __init__(
        self,
        *,
        loopback: bool,
        ask: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._network = _Guarded(ask, loopback=loopback)
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Answer:
        """Send it once. Never raises for what the receiver does or is."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(url, headers, body, now)
        except TimeoutError:
            return Answer(failure=Failure.TIMEOUT)
        except AddressRefused:
            return Answer(failure=Failure.ADDRESS_REFUSED)
        except _NoAddress:
            return Answer(failure=Failure.NO_ADDRESS)
        except httpcore.ConnectError as error:
            tls = isinstance(error.__context__, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
            return Answer(failure=Failure.TLS if tls else Failure.CONNECTION)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError, ValueError):
            return Answer(failure=Failure.CONNECTION)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Answer:
        sent: list[tuple[bytes | str, bytes | str]] = [
            ("content-type", "application/json"),
            ("user-agent", "cchc-webhooks"),
            *headers.items(),
        ]
        pool = httpcore.AsyncConnectionPool(ssl_context=self._trust, network_backend=self._network)
        async with pool, pool.stream(b"POST", url, headers=sent, content=body) as response:
            asked = {name.lower(): value for name, value in response.headers}.get(b"retry-after")
            pause = None if asked is None else retry_after(asked.decode("latin-1"), now)
            return Answer(status=response.status, retry_after=pause)
