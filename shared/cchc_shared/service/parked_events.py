"""The operator's routes over the parked events of one service."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.kinds import kind
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.http.schemas import In, Out, bounded
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.timers import Tick
from cchc_shared.stream import parking, resolved
from cchc_shared.stream.classification import Reason
from cchc_shared.stream.record import MAX_AGGREGATE

NO_GAP: Final = kind(
    "no-gap",
    409,
    vi="Không có khoảng trống để bỏ qua.",
    en="There is no gap to close.",
    mend_vi="Dùng `retry` hoặc `discard`.",
    mend_en="Use `retry` or `discard`.",
)
OperatorCaller = Annotated[Principal, allow(Role.OPERATOR)]

AGGREGATE: Final = pattern(
    r"^[^:\x00]*:[^\x00]*$",
    vi="không phải loại và mã cách nhau bằng dấu hai chấm, như “task:NV-7”",
    en="is not a type and an id with a colon between, such as task:NV-7",
)
STEP: Final = 100
STEPS: Final = 10
"""A bulk action acts on at most so many events at once, and so many times: an answer must come in time."""


class ParkedEvent(Out):
    """An event that could not take effect, or that waits behind such an event of the same aggregate."""

    id: int
    aggregate: str
    version: int | None
    type: str
    reason: Reason
    error: str | None
    topic: str
    partition: int
    position: list[int]
    parked_at: datetime
    waits_until: datetime | None


class ParkedEventPage(Out):
    items: list[ParkedEvent]
    next_cursor: str | None


class ParkedEventActionIn(In):
    reason: Annotated[str, bounded(500, min_length=3)]


class ParkedEventActionOut(Out):
    aggregate: str
    action: parking.Act


class ParkedEventsActionIn(In):
    """Selects the parked events to act on and gives the reason for the audit."""

    reason: Annotated[str, bounded(500, min_length=3)]
    of: Literal["malformed", "failed", "conflict"] = Field(description="Act on events that were parked for this reason")
    error_prefix: Annotated[str, bounded(200)] = Field(
        default="", description="Act only on events whose error begins with this text; empty for all"
    )


class ParkedEventsActionOut(Out):
    action: parking.BulkAct
    acted: int = Field(description="Number of events that were acted on")
    more: bool = Field(description="True if matching events are left; repeat the request for them")


def parked_events(service: str) -> Feature:
    """The operator's routes of one service, under `/v1/parked-events/{service}`, and the purge of resolved events."""
    return Feature(
        "parked_events",
        routers=(parked_events_router(service),),
        tags=(Tag("operation", "Vận hành: sự kiện chờ xử lý · Operation: parked events"),),
        ticks=(Tick("parked_events.purge", timedelta(minutes=10), _purge),),
    )


async def _purge(conn: AsyncConnection, _slot: datetime, _here: Context) -> None:
    await resolved.purge(conn)


def parked_events_router(service: str) -> APIRouter:
    """The routes themselves; the application keeps its database on `app.state.engine`."""
    router = APIRouter(prefix=f"/v1/parked-events/{service}", tags=["operation"])

    def engine(request: Request) -> AsyncEngine:
        found: AsyncEngine = request.app.state.engine
        return found

    @router.get("", summary="List parked events", operation_id=f"parked_events.{service}.list")
    async def parked_events(
        request: Request,
        _: OperatorCaller,
        aggregate: Annotated[
            str | None, Query(min_length=1, max_length=MAX_AGGREGATE, pattern=AGGREGATE, description="`task:NV-7`")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ParkedEventPage:
        """Lists parked events, oldest first. An event with `waits_until` waits until then for an earlier event; any
        other waits for an operator."""
        (after,) = decode_cursor(cursor, int) if cursor else (0,)
        async with engine(request).connect() as conn:
            rows = await parking.page(conn, aggregate=aggregate or "", after=after, limit=limit)
        items = [ParkedEvent(**{**row._asdict(), "position": [row.major, row.minor]}) for row in rows]
        return ParkedEventPage(items=items, next_cursor=encode_cursor(rows[-1].id) if len(rows) == limit else None)

    @router.post(
        "/{event}/actions/{action}",
        summary="Retry or discard a parked event, or close the gap before it",
        operation_id=f"parked_events.{service}.act",
        responses=may_answer(NO_GAP),
    )
    async def act(
        request: Request,
        event: Annotated[int, Path(ge=1, lt=1 << 63)],
        action: parking.Act,
        body: ParkedEventActionIn,
        caller: OperatorCaller,
    ) -> ParkedEventActionOut:
        """`retry` tries the aggregate's events again in order; `discard` gives up this event and tries the rest;
        `close_gap` accepts that the events before the first parked one will never come. The worker carries it out
        within about a second."""
        try:
            async with engine(request).begin() as conn:
                aggregate = await parking.act(conn, event, action, done_by=caller.sub, reason=body.reason)
        except parking.NoGap as error:
            raise Problem(NO_GAP) from error
        if aggregate is None:
            raise not_found("sự kiện đang chờ", "the parked event")
        return ParkedEventActionOut(aggregate=aggregate, action=action)

    @router.post(
        "/actions/{action}",
        summary="Retry or discard all parked events that wait for one reason",
        operation_id=f"parked_events.{service}.act_on_all",
    )
    async def act_on_all(
        request: Request, action: parking.BulkAct, body: ParkedEventsActionIn, caller: OperatorCaller
    ) -> ParkedEventsActionOut:
        """Use this after repairing a fault of the system that parked many events. It acts on each event separately and
        records each in the audit. The worker carries it out within some seconds."""
        acted = 0
        for _ in range(STEPS):
            async with engine(request).begin() as conn:
                done = await parking.act_on_all(
                    conn,
                    action,
                    because=body.of,
                    error_prefix=body.error_prefix,
                    done_by=caller.sub,
                    reason=body.reason,
                    limit=STEP,
                )
            acted += done
            if done < STEP:
                return ParkedEventsActionOut(action=action, acted=acted, more=False)
        return ParkedEventsActionOut(action=action, acted=acted, more=True)

    return router
