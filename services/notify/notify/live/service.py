"""The use case of live events: who may open a stream, and where it begins."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import Problem, invalid, overloaded
from cchc_shared.http.tokens import Principal, Tokens
from cchc_shared.identity import compact
from notify.audience.domain import Scope, scope_of, scopes_of
from notify.keys import repository as keys
from notify.live.domain import EARLIEST, Reach, opening, reach_of, unknown
from notify.live.feed import Feed
from notify.live.problems import KEY_ENDED, NOTHING_TOLD, TOO_MANY_STREAMS
from notify.live.rules import LiveRules
from notify.live.schemas import StreamQuery
from notify.live.streaming import Stream
from notify.systems import repository as systems
from notify.systems.domain import code_of
from notify.systems.problems import NOT_CONNECTED

STREAMS: Final = Gauge("cchc_live_streams", "Streams of events that are open in this process")
AGAIN_SECONDS: Final = 10
"""When whoever finds no place may try again."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A caller with the token by which they are asked again who they are."""

    caller: Principal
    token: str
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Live:
    """Streams of this process."""

    reading: AsyncEngine
    clock: Clock
    rules: LiveRules
    feed: Feed
    _open: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def place(self, caller: Principal) -> Iterator[None]:
        """A place for one stream. Raises a 429 problem where the caller has all of theirs, 503 where there is none."""
        if self._open[caller.sub] >= self.rules.most_streams_of_one.value:
            raise Problem(TOO_MANY_STREAMS, headers={"Retry-After": str(AGAIN_SECONDS)})
        if self._open.total() >= self.rules.most_streams.value:
            raise overloaded(AGAIN_SECONDS)
        self._open[caller.sub] += 1
        STREAMS.inc()
        try:
            yield
        finally:
            STREAMS.dec()
            self._open[caller.sub] -= 1
            if not self._open[caller.sub]:
                del self._open[caller.sub]

    async def open(
        self, who: Listener, wanted: StreamQuery, last_event_id: str | None, draining: Callable[[], bool]
    ) -> Stream:
        """A stream from where its reader has come to, or from now on. Raises 403 and 422 problems."""
        scopes = await self._scopes(who.caller, who.token)
        _check(scopes, wanted)
        await self.feed.renew()
        place, id_, lost = await self._begin(last_event_id or wanted.last_event_id)
        return Stream(
            feed=self.feed,
            opening=opening(id_, lost=lost),
            place=place,
            last_id=id_,
            reach=reach_of(scopes, wanted.types_wanted, wanted.units_wanted),
            look=self._looking(who, wanted),
            draining=draining,
            of=f"{id_} {who.caller.sub}",
            seconds=wanted.seconds,
        )

    def _looking(self, who: Listener, wanted: StreamQuery) -> Callable[[], Awaitable[Reach]]:
        async def look() -> Reach:
            caller = await who.tokens.principal(who.token)
            scopes = await self._scopes(caller, who.token)
            return reach_of(scopes, wanted.types_wanted, wanted.units_wanted)

        return look

    async def _begin(self, last: str | None) -> tuple[int, str, bool]:
        """The place and the id at which a stream begins, and whether that is not where the reader was."""
        head = self.feed.head
        if last == EARLIEST or (last is None and head is None):
            return 0, EARLIEST, False
        known = None if last is None else await self.feed.place_of(UUID(last))
        if last is not None and known is not None:
            return known, last, False
        if head is None:
            return 0, EARLIEST, True
        return head.place, str(head.event_id), last is not None

    async def _scopes(self, caller: Principal, token: str) -> Sequence[Scope]:
        """What the caller may be told of now. Raises 401 and 403 problems."""
        if not caller.has(Role.SYSTEM):
            found = scopes_of(caller.roles, caller.unit)
        else:
            scope = await self._scope_of_system(caller, token)
            found = [scope] if scope.things else []
        if not found:
            raise Problem(NOTHING_TOLD)
        return found

    async def _scope_of_system(self, caller: Principal, token: str) -> Scope:
        """By the newest version of the system, as for webhooks. The key that the token stands for must still hold."""
        key_id = compact.read(token).claims.get("key")
        async with self.reading.connect() as conn:
            system = await systems.get(conn, code_of(caller.sub))
            key = await keys.get(conn, key_id) if isinstance(key_id, str) else None
        if system is None or system.suspended:
            raise Problem(NOT_CONNECTED)
        if key_id is not None and (key is None or not key.holds(self.clock.now())):
            raise Problem(KEY_ENDED, headers={"WWW-Authenticate": "Bearer"})
        return scope_of(system.routes, system.units, whole_city=system.whole_city)


def _check(scopes: Sequence[Scope], wanted: StreamQuery) -> None:
    """Raise the 422 problem where more is wanted than the caller is told of."""
    beyond = unknown(scopes, wanted.types_wanted, wanted.units_wanted)
    errors = []
    if beyond.types:
        errors.append(
            FieldError("query.types", "có loại sự kiện mà bạn không được báo", "has a type of which you are not told")
        )
    if beyond.units:
        errors.append(
            FieldError("query.units", "có đơn vị mà bạn không được báo", "has a unit of which you are not told")
        )
    if errors:
        raise invalid(errors)
