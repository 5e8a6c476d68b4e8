"""Live events over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, ExitStack
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.events import EVENT_STREAM, HEAD_ONLY
from cchc_shared.service.context import use
from notify.live.problems import KEY_ENDED, NOTHING_TOLD, TOO_MANY_STREAMS
from notify.live.schemas import LastEventId, StreamQuery
from notify.live.service import Listener, Live
from notify.systems.problems import NOT_CONNECTED

router = APIRouter(prefix="/v1/events", tags=["events"])

ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events as they happen (WHATWG HTML, Server-sent events): `id`, `event` (its type) and `data`, "
        "which is what webhooks are sent. `reset`: what came after the `Last-Event-ID` is not all known any more",
        "content": {EVENT_STREAM: {"schema": {"type": "object", "description": "One message of the stream"}}},
    },
    **may_answer(NOTHING_TOLD, NOT_CONNECTED, KEY_ENDED, TOO_MANY_STREAMS),
}


@router.get(
    "",
    summary="Be told of events as they happen",
    operation_id="events.stream",
    response_class=Response,
    responses=ANSWERS,
)
async def stream(
    caller: Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)],
    service: Annotated[Live, use(Live)],
    request: Request,
    wanted: Annotated[StreamQuery, Query()],
    last_event_id: LastEventId = None,
) -> Response:
    """Tells staff what concerns their unit, those who oversee what concerns any, and systems what is in their scope.

    The answer stays open. Whoever is cut off comes again with the last `id`, and is told what came after it: nothing is
    left out, nothing comes twice, and the order stays. It also ends when the token does."""
    who = Listener(caller, request.headers["authorization"].split()[1], request.app.state.tokens)
    with ExitStack() as held:
        held.enter_context(service.place(caller))
        opened = await service.open(who, wanted, last_event_id, lambda: request.app.state.draining)
        kept = held.pop_all()
    return _Told(opened.pieces(), kept)


class _Told(StreamingResponse):
    """The answer, with the place that it holds until nobody reads it any more."""

    def __init__(self, pieces: AsyncIterator[bytes], held: AbstractContextManager[object]) -> None:
        # Proxies that gather answers are asked not to (nginx).
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(pieces, headers=headers, media_type=EVENT_STREAM)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            answer = Response(headers=dict(self.headers)) if HEAD_ONLY in scope else super().__call__
            await answer(scope, receive, send)
