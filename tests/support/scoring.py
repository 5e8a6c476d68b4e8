"""The scoring service in process: its API over HTTP, and a worker's projection beside it."""

from collections.abc import Iterable
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import Event
from scoring_worker.projection.service import Projection
from tests.support.http import Headers, Json, Query
from tests.support.tokens import TestTokens


class ScoringService:
    """Answers requests, applies events, lets time pass."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        engine: AsyncEngine,
        projection: Projection,
        clock: FixedClock,
        tokens: TestTokens,
    ) -> None:
        self.client = client
        self.engine = engine
        self.projection = projection
        self.clock = clock
        self._tokens = tokens

    async def apply(self, events: Iterable[Event]) -> None:
        """Apply the events as one batch."""
        async with self.engine.begin() as conn:
            await self.projection.apply(conn, list(events))

    async def mark_overdue(self) -> int:
        """Run the sweep once; returns how many duties it moved."""
        async with self.engine.begin() as conn:
            return (await self.projection.mark_overdue(conn, self.clock.now())).moved

    async def get(
        self, path: str, *, roles: Iterable[str] = ("council",), unit: str | None = None, **query: Query
    ) -> httpx.Response:
        """The answer of a GET, by default to a member of the council."""
        return await self.client.get(path, params=query, headers=self.headers(roles=roles, unit=unit))

    async def post(self, path: str, body: Json, *, roles: Iterable[str] = ("council",)) -> httpx.Response:
        """The answer of a POST, by default to a member of the council."""
        return await self.client.post(path, json=body, headers=self.headers(roles=roles))

    async def load(
        self,
        document: str | bytes,
        *,
        roles: Iterable[str] = ("scoring_board",),
        media: str = "application/yaml",
        **query: Query,
    ) -> httpx.Response:
        """The answer to an index set that is sent."""
        headers = {**self.headers(roles=roles), "Content-Type": media}
        content = document.encode() if isinstance(document, str) else document
        return await self.client.post("/v1/index-sets", content=content, headers=headers, params=query)

    def headers(self, *, roles: Iterable[str], unit: str | None = None) -> Headers:
        """The token of a caller."""
        return self._tokens(sub="someone", roles=list(roles), unit=unit)

    async def put(self, path: str, body: Json, *, roles: Iterable[str] = ("system",)) -> httpx.Response:
        """The answer of a PUT, by default to another system."""
        return await self.client.put(path, json=body, headers=self.headers(roles=roles))

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.engine.connect() as conn:
            return [tuple(row) for row in await conn.execute(text(statement))]
