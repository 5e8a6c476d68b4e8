"""What gateways let callers do is added up once for each, by the database's clock."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from notify.limits.models import caller_standings
from notify.limits.timers import forget

from ..conftest import NOW, Service

WINDOW = 3600
"""So long that nothing comes back while a test runs, to speak of."""


def key(number: int) -> str:
    return f"writing:{number:032x}"


def spent(number: int, seconds: float, window: int = WINDOW) -> dict[str, Any]:
    return {"key": key(number), "spent": seconds, "window": window}


async def add(service: Service, *items: dict[str, Any]) -> list[float]:
    """What they owe, in seconds; what came back while it was asked is in them."""
    answer = await service.call("POST", "/internal/limits/add", caller={}, json={"items": list(items)})
    found: list[float] = answer.json()["seconds"]
    return found


async def test_what_all_have_told_is_owed_in_the_order_that_was_asked(service: Service) -> None:
    assert await add(service, spent(2, 900), spent(1, 600)) == [900, 600], "nothing was owed before"
    two, one, three = await add(service, spent(2, 300), spent(1, 0), spent(3, 5))
    assert 1100 < two <= 1200
    assert 500 < one <= 600
    assert three == 5


async def test_nobody_owes_more_than_two_windows(service: Service) -> None:
    for _ in range(4):
        [owed] = await add(service, spent(1, WINDOW))
    assert 2 * WINDOW - 100 < owed <= 2 * WINDOW
    assert await add(service, spent(2, 50, window=10)) == [20]


async def test_what_came_back_is_no_credit(service: Service) -> None:
    await add(service, spent(1, 10))
    async with service.here.engine.begin() as conn:
        long_ago = func.now() - text("interval '1 hour'")
        await conn.execute(update(caller_standings).values(full_at=long_ago))
    assert await add(service, spent(1, 7)) == [7]


async def test_many_gateways_at_once_lose_nothing_and_wait_for_each_other_in_one_order(service: Service) -> None:
    up = [spent(number, 1) for number in range(100)]
    await asyncio.gather(*(add(service, *(up if turn % 2 else up[::-1])) for turn in range(20)))
    owed = await add(service, *(spent(number, 0) for number in range(100)))
    assert all(0 < each <= 20 for each in owed)
    assert max(owed) - min(owed) < 1e-3, "each of them was counted as often"


async def test_who_owes_nothing_is_forgotten(service: Service) -> None:
    await add(service, spent(1, 600), spent(2, 600), spent(3, 0))
    async with service.here.engine.begin() as conn:
        await conn.execute(
            update(caller_standings)
            .where(caller_standings.c.key != key(1))
            .values(full_at=func.now() - text("interval '1 s'"))
        )
    async with service.here.engine.begin() as conn:
        await forget(conn, NOW, service.here)
        assert (await conn.scalars(select(caller_standings.c.key))).all() == [key(1)]


@pytest.mark.parametrize(
    "items",
    [
        [spent(1, 1), spent(1, 2)],
        [spent(1, -1)],
        [spent(1, 1, window=0)],
        [spent(1, 1, window=3601)],
        [spent(1, 1) | {"key": "person:someone"}],
        [spent(number, 1) for number in range(501)],
    ],
    ids=["twice", "negative", "no window", "too long", "a name", "too many"],
)
async def test_what_no_gateway_says_is_refused(service: Service, items: list[dict[str, Any]]) -> None:
    await service.call("POST", "/internal/limits/add", 422, caller={}, json={"items": items})
