"""What became of dossiers, over HTTP."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.http.problems import unsupported_media_type
from cchc_shared.http.spooling import spool
from cchc_shared.service.context import use
from dossiers_api.intake import json_text, views
from dossiers_api.intake.checks import Checks
from dossiers_api.intake.days import Days
from dossiers_api.intake.lines import MOST_BYTES
from dossiers_api.intake.progress import Progress
from dossiers_api.intake.schemas import (
    CHECK_BODY,
    DAY_ANSWER,
    DAY_BODY,
    NDJSON,
    DeliveriesIn,
    DossierResults,
    LinesJudged,
    ProgressListIn,
)
from dossiers_api.intake.service import Intake


class _Body(Request):
    async def json(self) -> Any:
        return json_text.loads(await self.body())


class _NothingTwice(APIRoute):
    """Bodies are read as lines of a day are: what is said twice in an object is not passed over."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_body(request: Request) -> Response:
            return await handle(_Body(request.scope, request.receive))

        return handle_body


router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"], route_class=_NothingTwice)

System = Annotated[Principal, allow(Role.SYSTEM)]


@router.post(
    "/events",
    summary="Say what became of dossiers",
    operation_id="dossiers.send",
    openapi_extra={"x-large-body": True},
)
async def send(
    caller: System,
    intake: Annotated[Intake, use(Intake)],
    body: DeliveriesIn,
    accept_language: AcceptLanguage = None,
) -> DossierResults:
    """For one-stop software and portals: up to a thousand deliveries, each with a result of its own. An item may be in
    the words of the national portal instead (`MaHoSo`, `TrangThaiHoSo`, …; see the guide for vendors). Deliveries may
    come late, early, in any order and again: the dossier is what all of them say by their own times. No name is
    kept."""
    return views.results(await intake.take(body.items, caller), language_of(accept_language))


@router.post(
    "/progress",
    summary="Say how far dossiers have come inside",
    operation_id="dossiers.send_progress",
    openapi_extra={"x-large-body": True},
)
async def send_progress(
    caller: System,
    progress: Annotated[Progress, use(Progress)],
    body: ProgressListIn,
    accept_language: AcceptLanguage = None,
) -> DossierResults:
    """For one-stop software: up to a thousand rows, each that an office works on a dossier since an instant, with a
    result of its own. A row may be in the words of the national portal (`MaHoSo`, `PhongBanXuLy`, `NgayBatDau`, …).
    Rows become steps, and each step's lateness is its office's: of the unit that has the name of the office, else of
    the unit that the process inside names, else of the one that handles the dossier. No name of a person is kept."""
    return views.results(await progress.take(body.items, caller), language_of(accept_language))


@router.post(
    "/days",
    summary="Send a day of deliveries as one file",
    operation_id="dossiers.send_day",
    response_class=Response,
    responses=DAY_ANSWER,
    openapi_extra=DAY_BODY,
)
async def send_day(
    request: Request,
    caller: System,
    days: Annotated[Days, use(Days)],
    accept_language: AcceptLanguage = None,
) -> Response:
    """Takes up to a hundred thousand lines (`application/x-ndjson`, perhaps packed with gzip), each a delivery as an
    item of `/v1/dossiers/events`.

    The answer comes line by line as the file is taken: `line`, `dossier` and `problem` of each line that was refused,
    and how far it has come: `lines`, of these `accepted`, `duplicate` and `rejected`, and `done`. The last line is
    `done`. An answer that ends without it was broken off: send the same file again.
    """
    _check_media(request)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise unsupported_media_type("gzip")
    with ExitStack() as held:
        days.place(held)
        file = Path(held.enter_context(TemporaryDirectory(prefix="cchc-", ignore_cleanup_errors=True))) / "day"
        await spool(request, file, MOST_BYTES)
        said = days.take(file, caller, language_of(accept_language), packed=encoding == "gzip")
        kept = held.pop_all()
    return _Taken(said, kept)


@router.post(
    "/checks",
    summary="Have a file of deliveries judged without sending it",
    operation_id="dossiers.check",
    openapi_extra=CHECK_BODY,
)
async def check(
    request: Request,
    _: Annotated[Principal | None, public()],
    checks: Annotated[Checks, use(Checks)],
    accept_language: AcceptLanguage = None,
) -> LinesJudged:
    """For vendors, with or without a key: up to a thousand lines (`application/x-ndjson`), each a delivery as an item
    of `/v1/dossiers/events`, are read by the same rules, as if nothing were known of their dossiers but what the file
    says. What is wrong is named by line, field and heading of the guide. Nothing is kept."""
    _check_media(request)
    return views.judged(await checks.judge(await request.body()), language_of(accept_language))


def _check_media(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != NDJSON:
        raise unsupported_media_type(NDJSON)


class _Taken(StreamingResponse):
    """The answer about a file, which is kept until it has been sent or nobody takes it any more."""

    def __init__(self, said: AsyncIterator[BaseModel], held: ExitStack) -> None:
        super().__init__(_written(said), media_type=NDJSON)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            await super().__call__(scope, receive, send)


async def _written(said: AsyncIterator[BaseModel]) -> AsyncIterator[bytes]:
    async for each in said:
        yield each.model_dump_json(exclude_none=True).encode() + b"\n"
