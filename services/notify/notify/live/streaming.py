"""One stream of events, from its beginning to its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog import get_logger

from cchc_shared.http.problems import Problem
from notify.live.domain import HEARTBEAT, Reach, farewell, message, position
from notify.live.feed import Feed

log = get_logger()

AT_ONCE: Final = 100
"""So many events are written in one piece at most: it is all that waits for a reader who is slow."""
HEARTBEAT_SECONDS: Final = 15.0
"""Nothing was said for so long: the reader, and who stands between, are shown that the stream lives. As often it is
looked at whether its reader may still be told."""
TURN_SECONDS: Final = 1.0
"""So often a stream sees that the process is to stop."""


@dataclass
class Stream:
    """Tells what comes after a place. `look` says what may be told now, and raises a problem where nothing may."""

    feed: Feed
    opening: bytes
    place: int
    last_id: str
    reach: Reach
    look: Callable[[], Awaitable[Reach]]
    draining: Callable[[], bool]
    of: str
    seconds: int | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """What is written. Where it ends, its reader comes again and says how far it has come; so it may always end."""
        yield self.opening
        try:
            async for piece in self._pieces():
                yield piece
        except Problem as problem:
            log.info("stream ended", code=problem.kind.code)
        except (DBAPIError, PoolTimeout, OSError) as error:
            log.warning("stream ended", error=type(error).__name__)

    async def _pieces(self) -> AsyncIterator[bytes]:
        now = asyncio.get_running_loop().time
        spoke = looked = began = now()
        said_id = self.last_id
        while not self.draining():
            if now() - looked >= HEARTBEAT_SECONDS:
                self.reach, looked = await self.look(), now()
            found = await self.feed.after(self.place, AT_ONCE)
            if found:
                self.place, self.last_id = found[-1].place, str(found[-1].event_id)
                told = [piece for each in found if (piece := message(each, self.reach))]
                if told:
                    if message(found[-1], self.reach):
                        said_id = self.last_id
                    yield b"".join(told)
                    spoke = now()
                continue
            over = self.seconds is not None and now() - began >= self.seconds
            if over or now() - spoke >= HEARTBEAT_SECONDS:
                # Past what others alone are told of, too: else it would look as if much had been missed one day.
                yield HEARTBEAT if said_id == self.last_id else position(self.last_id)
                said_id, spoke = self.last_id, now()
            if over:
                return
            await self.feed.news(TURN_SECONDS)
        yield farewell(self.of)
