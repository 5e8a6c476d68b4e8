"""Use cases of the overviews."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.paging import decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.http.problems import invalid
from tasks_api.overviews import repository
from tasks_api.overviews.schemas import (
    AwaitedPage,
    HandoverChain,
    HandoversPage,
    HandoversQuery,
    LatePage,
    LateQuery,
    LateTask,
    Move,
    ReturnedPage,
    ReturnedPapers,
    ReturnedQuery,
    SilentPage,
    SilentQuery,
    SilentUnit,
    WaitingQuery,
    WaitingTask,
)
from tasks_api.tasks.access import reader


@dataclass(frozen=True)
class Overviews:
    """What co-ordinators look at. A unit sees its own share of each."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar

    async def late(self, wanted: LateQuery, caller: Principal) -> LatePage:
        """Overdue tasks by unit, the longest late first."""
        now, after = self.clock.now(), None
        if wanted.cursor:
            unit, since, id_ = decode_cursor(wanted.cursor, str, str, int)
            after = unit, _instant(since), id_
        async with self.reading.connect() as conn:
            found = await repository.late(conn, wanted, reader=reader(caller), now=now, after=after)
        today = self.calendar.local_date(now)
        items = [
            LateTask.model_validate(
                dict(row) | {"days_late": (today - last_day_before(row["late_since"], self.calendar.timezone)).days}
            )
            for row in found[: wanted.limit]
        ]
        cursor = _next(found, wanted.limit, lambda row: (row["unit"], row["late_since"].isoformat(), row["id"]))
        return LatePage(items=items, next_cursor=cursor)

    async def waiting(self, wanted: WaitingQuery, caller: Principal) -> AwaitedPage:
        """Tasks that wait for a decision, the longest first."""
        async with self.reading.connect() as conn:
            found = await repository.waiting(conn, wanted, reader=reader(caller), after=_since(wanted.cursor))
        items = [WaitingTask.model_validate(dict(row)) for row in found[: wanted.limit]]
        return AwaitedPage(
            items=items, next_cursor=_next(found, wanted.limit, lambda row: (row["since"].isoformat(), row["id"]))
        )

    async def handovers(self, wanted: HandoversQuery, caller: Principal) -> HandoversPage:
        """Tasks that units handed over, each with every change of its lead."""
        after = decode_cursor(wanted.cursor, int, int) if wanted.cursor else None
        async with self.reading.connect() as conn:
            found = await repository.handed_over(conn, wanted, reader=reader(caller), after=after)
            moves = await repository.moves(conn, [row["id"] for row in found])
        items = [_chain(row, moves[row["id"]]) for row in found[: wanted.limit]]
        return HandoversPage(
            items=items, next_cursor=_next(found, wanted.limit, lambda row: (row["handovers"], row["id"]))
        )

    async def silent(self, wanted: SilentQuery, caller: Principal) -> SilentPage:
        """How units answer and ask. Raises a 422 problem for a period that ends before it begins."""
        as_of = wanted.as_of or self.calendar.local_date(self.clock.now())
        since = wanted.since or date(as_of.year, 1, 1)
        if since > as_of:
            raise invalid([FieldError("query.since", "sau `as_of`", "is after `as_of`")])
        after = decode_cursor(wanted.cursor, int, str) if wanted.cursor else None
        async with self.reading.connect() as conn:
            found = await repository.silent(
                conn,
                wanted,
                reader=reader(caller),
                since=self.calendar.end_of_day(since - date.resolution),
                until=self.calendar.end_of_day(as_of),
                after=after,
            )
        items = [SilentUnit.model_validate(dict(row)) for row in found[: wanted.limit]]
        cursor = _next(found, wanted.limit, lambda row: (row["missed"], row["unit"]))
        return SilentPage(as_of=as_of, since=since, items=items, next_cursor=cursor)

    async def returned(self, wanted: ReturnedQuery, caller: Principal) -> ReturnedPage:
        """Papers that stand returned, the longest first."""
        async with self.reading.connect() as conn:
            found = await repository.returned(conn, wanted, reader=reader(caller), after=_since(wanted.cursor))
        items = [ReturnedPapers.model_validate(dict(row)) for row in found[: wanted.limit]]
        return ReturnedPage(
            items=items,
            next_cursor=_next(found, wanted.limit, lambda row: (row["returned_at"].isoformat(), row["key"])),
        )


def _chain(row: RowMapping, moves: Sequence[RowMapping]) -> HandoverChain:
    shown = [Move.model_validate(dict(move) | {"unjustified": move["version"] in row["unjustified"]}) for move in moves]
    return HandoverChain.model_validate(dict(row) | {"moves": shown})


def _since(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    since, id_ = decode_cursor(cursor, str, int)
    return _instant(since), id_


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid_cursor() from error
    if found.tzinfo is None:
        raise invalid_cursor()
    return found


def _next(found: Sequence[RowMapping], limit: int, key: Callable[[RowMapping], tuple[str | int, ...]]) -> str | None:
    """The cursor of the next page, if there is one."""
    return encode_cursor(*key(found[limit - 1])) if len(found) > limit else None
