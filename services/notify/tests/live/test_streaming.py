"""One stream over time: it shows that it lives, asks again who reads, waits for slow readers, and ends when it must."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem
from notify.audience.domain import TYPES_TOLD, Scope
from notify.live import streaming
from notify.live.domain import HEARTBEAT, Reach, farewell, opening, position
from notify.live.feed import Feed
from notify.live.streaming import Stream

from .conftest import Live, opened

ALL = Reach([Scope(frozenset({"dossier"}), None)], frozenset(TYPES_TOLD))
NOTHING = Reach([], frozenset(TYPES_TOLD))


class Process:
    """What a stream is told of its process and its reader."""

    def __init__(self, live: Live) -> None:
        self.feed = Feed(live.service.here.reading)
        self.stopping = False
        self.may = ALL
        self.refused = False
        self.looked = 0

    async def look(self) -> Reach:
        self.looked += 1
        if self.refused:
            raise Problem(kinds.UNAUTHENTICATED)
        return self.may

    def stream(self, reach: Reach = ALL) -> AsyncIterator[bytes]:
        return Stream(
            self.feed, opening("earliest", lost=False), 0, "earliest", reach, self.look, lambda: self.stopping, "me"
        ).pieces()


@pytest.fixture
async def process(live: Live, monkeypatch: pytest.MonkeyPatch) -> Process:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(streaming, "TURN_SECONDS", 0.01)
    return Process(live)


async def test_it_shows_that_it_lives_and_how_far_it_has_come(live: Live, process: Process) -> None:
    stream = process.stream(NOTHING)
    process.may = NOTHING
    assert await anext(stream) == opening("earliest", lost=False)
    assert await anext(stream) == HEARTBEAT
    event = opened("d-1")
    await live.happen(event)
    await process.feed.renew()
    assert await anext(stream) == position(str(event.id))
    assert await anext(stream) == HEARTBEAT
    assert process.looked


async def test_it_ends_when_its_reader_may_not_read_any_more(process: Process) -> None:
    stream = process.stream()
    await anext(stream)
    assert await anext(stream) == HEARTBEAT
    process.refused = True
    assert [piece async for piece in stream if piece != HEARTBEAT] == [], "it ends"


async def test_what_is_taken_from_a_scope_is_told_no_more(live: Live, process: Process) -> None:
    stream = process.stream()
    await anext(stream)
    process.may = NOTHING
    while process.looked < 2:
        await anext(stream)
    event = opened("d-1")
    await live.happen(event)
    await process.feed.renew()
    found = [await anext(stream) for _ in range(3)]
    assert b"dossier" not in b"".join(found)


async def test_it_ends_when_its_process_stops(process: Process) -> None:
    stream = process.stream()
    await anext(stream)
    process.stopping = True
    pieces = [piece async for piece in stream]
    assert pieces[-1] == farewell("me")


async def test_nothing_gathers_for_a_reader_who_is_slow(
    live: Live, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "AT_ONCE", 3)
    events = [opened(f"d-{number}") for number in range(10)]
    await live.happen(*events)
    await process.feed.renew()
    asked: list[int] = []
    after = process.feed.after

    async def counting(place: int, limit: int) -> object:
        asked.append(place)
        return await after(place, limit)

    monkeypatch.setattr(process.feed, "after", counting)
    stream = process.stream()
    await anext(stream)
    first = await anext(stream)
    await asyncio.sleep(0.2)  # it takes nothing
    assert len(asked) == 1
    assert first.count(b"event: ") == 3
    rest = [await anext(stream) for _ in range(3)]
    assert b"".join([first, *rest]).count(b"event: ") == 10


async def test_many_streams_are_served_by_one_look(
    live: Live, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 60)
    await process.feed.renew()
    streams = [process.stream() for _ in range(20)]
    for stream in streams:
        await anext(stream)
    waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await live.happen(opened("d-1"))
    engine = process.feed._engine
    monkeypatch.setattr(process.feed, "_engine", None)
    await asyncio.sleep(0.05)
    assert not any(each.done() for each in waiting)
    monkeypatch.setattr(process.feed, "_engine", engine)
    await process.feed.renew()
    monkeypatch.setattr(process.feed, "_engine", None)
    assert all(b"d-1" in piece for piece in await asyncio.gather(*waiting))
