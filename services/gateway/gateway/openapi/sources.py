"""The services' own documents, fetched when they are first asked for and kept for a while."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from structlog import get_logger

from gateway.forwarding.faults import UpstreamFault
from gateway.forwarding.upstream import Upstream

log = get_logger()

KEPT_SECONDS: Final = 60.0
FETCH_SECONDS: Final = 3.0


class Sources:
    """The document of each service; a service that is away keeps the one it last gave."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._documents: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, float] = {}
        self._asking = asyncio.Lock()

    async def documents(self) -> dict[str, dict[str, Any]]:
        """By service name; a service that never answered is absent."""
        async with self._asking:
            await asyncio.gather(*(self._refresh(name) for name in self._upstreams if self._stale(name)))
        return dict(self._documents)

    def missing(self) -> list[str]:
        """Services whose document is not known."""
        return sorted(self._upstreams.keys() - self._documents.keys())

    def _stale(self, name: str) -> bool:
        return name not in self._documents or self._asked[name] + KEPT_SECONDS < time.monotonic()

    async def _refresh(self, name: str) -> None:
        try:
            body = await self._upstreams[name].get("/openapi.json", seconds=FETCH_SECONDS)
            self._documents[name] = msgspec.json.decode(body, type=dict[str, Any])
        except (OSError, UpstreamFault, msgspec.DecodeError) as error:
            log.warning("no contract", service=name, reason=str(error) or type(error).__name__)
        self._asked[name] = time.monotonic()
