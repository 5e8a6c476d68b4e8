"""The contracts of the services: fetched at the start, kept, renewed, and the table of paths that they make."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from structlog import get_logger

from cchc_shared.service.beside import ended
from gateway.openapi.deprecations import Deprecations
from gateway.openapi.table import GATEWAY, Document, Route, RouteTable
from gateway.upstreams.faults import UpstreamFault
from gateway.upstreams.upstream import Upstream

log = get_logger()

KEPT_SECONDS: Final = 60.0
FETCH_SECONDS: Final = 3.0
PAUSE_SECONDS: Final = 1.0
"""Callers cannot make the gateway ask a silent service for its contract more often than this."""


class Contracts:
    """The last document that each service gave, the `table` of paths made from them all, and what is to go."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._documents: dict[str, Document] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self.table = RouteTable({})
        self.deprecations = Deprecations()

    @asynccontextmanager
    async def kept(self, own: Document) -> AsyncIterator[None]:
        """Fetch every contract, and renew them while inside; `own` is the gateway's."""
        self._documents[GATEWAY] = own
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            await ended(renewing, *self._asking.values())

    @property
    def documents(self) -> Mapping[str, Document]:
        """By service name, the gateway's own among them; a service that never answered is absent."""
        return self._documents

    @property
    def missing(self) -> list[str]:
        """Services whose contract is not known yet."""
        return sorted(self._upstreams.keys() - self._documents.keys())

    async def find(self, path: str) -> Route | None:
        """The route of a path. Waits for the missing contracts, until one has the path or all were asked for."""
        route, asking = self.table.find(path), self._ask(self.missing)
        while route is None and asking:
            _, asking = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            route = self.table.find(path)
        return route

    def look_for_missing(self) -> None:
        """Ask for the missing contracts without waiting for them."""
        self._ask(self.missing)

    async def complete(self) -> None:
        """Wait until the missing contracts were asked for."""
        if asking := self._ask(self.missing):
            await asyncio.wait(asking)

    async def _renew(self) -> None:
        while True:
            self._ask(self._upstreams)
            await asyncio.sleep(KEPT_SECONDS)

    def _ask(self, services: Collection[str]) -> set[asyncio.Task[None]]:
        """Begin to fetch these contracts. What is asked for already is joined, what was asked just now is left out."""
        for name in services:
            if name not in self._asking and self._asked.get(name, -PAUSE_SECONDS) + PAUSE_SECONDS <= _now():
                self._asking[name] = asyncio.create_task(self._fetch(name), name=f"contract of {name}")
        return {self._asking[name] for name in services if name in self._asking}

    async def _fetch(self, name: str) -> None:
        """Fetch one contract, as long as a restart of the service may take."""
        try:
            body = await self._upstreams[name].fetch("/openapi.json", seconds=FETCH_SECONDS)
            document = msgspec.json.decode(body, type=dict[str, Any])
            msgspec.convert(document, _Contract)
        except (OSError, UpstreamFault, msgspec.DecodeError) as error:
            log.warning("no contract", service=name, fault=type(error).__name__, reason=str(error))
        else:
            if document == self._documents.get(name):  # what was made of it stays as it is
                return
            self._documents[name] = document
            self.table = RouteTable.of(self._documents)
            self.deprecations = Deprecations(self._documents.values())
            for prefix, owner, other in self.table.conflicts:
                log.error("path claimed twice", prefix=prefix, owner=owner, ignored=other)
        finally:
            del self._asking[name]
            self._asked[name] = _now()


class _Contract(msgspec.Struct):
    """The least that a document must have for a table to be made from it."""

    paths: dict[str, dict[str, Any]]


def _now() -> float:
    return asyncio.get_running_loop().time()
