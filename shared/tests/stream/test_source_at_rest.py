"""A source of an outbox without news looks at it, and pauses, and looks again."""

from types import SimpleNamespace

import pytest

from cchc_shared.storage.database import create_engine
from cchc_shared.stream.postgres import PostgresSource
from cchc_shared.stream.record import Record
from tests.support.databases import Database


async def test_it_pauses_between_two_looks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(database.url("scoring"))
    source = PostgresSource(engine, ["tasks"], "here")
    done: list[str] = []
    read, has_news, now = source._read, source._has_news, 0.0

    async def reading(limit: int) -> list[Record]:
        done.append("look")
        return await read(limit)

    async def asking() -> bool:
        done.append("look")
        return await has_news()

    async def paused(seconds: float) -> None:
        nonlocal now
        if seconds > 0:
            done.append("pause")
        now += seconds

    monkeypatch.setattr(source, "_read", reading)
    monkeypatch.setattr(source, "_has_news", asking)
    monkeypatch.setattr("cchc_shared.stream.postgres.asyncio", SimpleNamespace(sleep=paused))
    monkeypatch.setattr("cchc_shared.stream.postgres.time", SimpleNamespace(monotonic=lambda: now))
    await source.start()
    for _ in range(3):
        assert await source.next(10, wait=0.2) is None
    assert now == pytest.approx(0.6)
    assert done == ["look", "pause"] * (len(done) // 2)
    await source.stop()
    await engine.dispose()
