"""What stands before several gateways: it sends each request to one of those that are in turn."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from threading import Lock

import httpx

from tests.support.waiting import until

_NONE_KEPT = httpx.Limits(max_connections=None, max_keepalive_connections=0)
"""A connection that lay idle may be closed as it is written to, and nobody knows then what became of the request."""


class Balancer(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests to these ports in turn. It repeats none."""

    def __init__(self, *ports: int) -> None:
        self._ports = list(ports)
        self._turn = count()
        self._lock = Lock()
        """The tour calls from a thread of its own."""
        self._under_way: Counter[int] = Counter()
        self._now = httpx.HTTPTransport(limits=_NONE_KEPT)
        self._later = httpx.AsyncHTTPTransport(limits=_NONE_KEPT)

    @asynccontextmanager
    async def without(self, port: int) -> AsyncIterator[None]:
        """Send nothing new there for as long as the block lasts; it begins when what was sent there is answered. A
        connection that is open and not yet written to is closed by a gateway that stops."""
        with self._lock:
            self._ports.remove(port)

        async def under_way() -> int:
            return self._under_way[port]

        await until(under_way, lambda found: found == 0)
        yield
        with self._lock:
            self._ports.append(port)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Where nothing is asynchronous."""
        with self._sent(request):
            return self._now.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same."""
        with self._sent(request):
            return await self._later.handle_async_request(request)

    @contextmanager
    def _sent(self, request: httpx.Request) -> Iterator[None]:
        with self._lock:
            port = self._ports[next(self._turn) % len(self._ports)]
            self._under_way[port] += 1
        request.url = request.url.copy_with(port=port)
        try:
            yield
        finally:
            with self._lock:
                self._under_way[port] -= 1
