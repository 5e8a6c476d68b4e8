"""An app that keeps a list by what it is told of it, with `since`."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.http import Query
from tests.support.waiting import until

Get = Callable[[dict[str, Query]], Awaitable[httpx.Response]]


class Follower:
    """`get` asks for the list, as one caller; `query` is what it is narrowed to."""

    def __init__(self, get: Get, **query: Query) -> None:
        self._get, self._query = get, query
        self._since = "start"
        self.kept: dict[str, dict[str, Any]] = {}
        self.told: list[str] = []

    async def ask(self) -> bool:
        """Whether there is more."""
        page = await self._page({"limit": 200, "since": self._since})
        assert page["next_cursor"] is None
        for item in self._rows(page):
            self.kept[item["code"]] = item
        for code in page["gone"]:
            self.kept.pop(code, None)
        self.told += [*(item["code"] for item in self._rows(page)), *page["gone"]]
        self._since = page["since"]
        more: bool = page["more"]
        return more

    async def catch_up(self) -> list[str]:
        """What it is told until there is no more."""
        self.told.clear()
        while await self.ask():
            pass
        return self.told

    async def listed(self) -> dict[str, dict[str, Any]]:
        """What it should have, of a list that is no longer than a page."""
        return {item["code"]: item for item in self._rows(await self._page({}, limit=200))}

    async def _page(self, more: dict[str, Query], **instead: Query) -> dict[str, Any]:
        answer = await self._get({**more, **self._query, **instead})
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def _rows(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = page["brief" if "view" in self._query else "items"]
        return rows


async def all_ended(engine: AsyncEngine) -> None:
    """Waits until every transaction has ended that ran at the call: others' tests on this server have theirs."""
    async with engine.connect() as conn:
        now = await conn.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))
        oldest = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        await until(lambda: conn.scalar(oldest), lambda reached: reached >= now)
