"""What stands before several gateways: it sends each request to one of those that are in turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx

_NONE_KEPT = httpx.Limits(max_connections=None, max_keepalive_connections=0)
"""A connection that lay idle may be closed as it is written to, and nobody knows then what became of the request."""


class Balancer(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests to these ports in turn. It repeats none."""

    def __init__(self, *ports: int) -> None:
        self._ports = list(ports)
        self._turn = count()
        self._now = httpx.HTTPTransport(limits=_NONE_KEPT)
        self._later = httpx.AsyncHTTPTransport(limits=_NONE_KEPT)

    @contextmanager
    def without(self, port: int) -> Iterator[None]:
        """Send nothing new there for as long as the block lasts, as before a gateway is stopped."""
        self._ports.remove(port)
        yield
        self._ports.append(port)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Where nothing is asynchronous."""
        return self._now.handle_request(self._sent(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same."""
        return await self._later.handle_async_request(self._sent(request))

    def _sent(self, request: httpx.Request) -> httpx.Request:
        ports = self._ports
        request.url = request.url.copy_with(port=ports[next(self._turn) % len(ports)])
        return request
