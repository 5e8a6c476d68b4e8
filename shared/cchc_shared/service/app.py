"""The application factory: what every service's HTTP side has in common, in one place."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, Final, Literal

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog import get_logger

from cchc_shared.http import problems
from cchc_shared.http.access import Principal, public, require_declarations
from cchc_shared.http.declared import declared, only_declared
from cchc_shared.http.document import openapi_document
from cchc_shared.http.middleware import Conventions, Places
from cchc_shared.http.problems import Explain
from cchc_shared.http.schemas import Out, ProblemDocument
from cchc_shared.http.tokens import Tokens
from cchc_shared.service import gc_tuning, logs
from cchc_shared.service.health import Checks
from cchc_shared.service.http_settings import HttpSettings
from cchc_shared.service.operations import Resources, begin, is_ready, nothing_to_check, opening, operator_app, report
from cchc_shared.service.protocol import READER_SECONDS, AtOnce, OwnProtocol

log = get_logger()

HARD_STOP_SECONDS = 4.0
"""What closing may take beyond `drain_seconds`."""

QUIET_LOOKS, MOST_LOOKS = 4, 500
"""A server closes after so many turns of its event loop in which nothing came: each accepts one connection, and what
was accepted in one is read in the next. After the most it closes anyway."""

HEALTH = {"health": "Tình trạng hoạt động · Health of the service"}
health = APIRouter(tags=["health"])


class Alive(Out):
    status: Literal["alive"]


class Ready(Out):
    ready: bool


def _answering(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"example": body}}, **more}


@health.get("/livez", summary="Is the process alive?", responses={200: _answering({"status": "alive"})})
async def livez(_: Annotated[Principal | None, public()]) -> Alive:
    """Says that the process runs. It checks no dependency: a restart would not bring back a database."""
    return Alive(status="alive")


@health.get(
    "/readyz",
    summary="Is the process ready for requests?",
    response_model=Ready,
    responses={
        200: _answering({"ready": True}),
        503: _answering({"ready": False}, model=Ready, description="The process cannot be sent requests now"),
    },
)
async def readyz(request: Request, _: Annotated[Principal | None, public()]) -> Response:
    """Says whether requests may be sent to this process. It answers 503 as soon as the process is asked to stop.

    The operator's address gives the reasons."""
    ready = is_ready(await report(request.app.state))
    return JSONResponse({"ready": ready}, 200 if ready else 503)


def _operation_id(route: APIRoute) -> str:
    """`tasks.list`: the area and the name of the route, as generated clients call it."""
    return f"{route.tags[0]}.{route.name}" if route.tags else route.name


class Application(FastAPI):
    """FastAPI behind layers of our own: what they answer themselves meets none of the framework's.

    `layers` stand from the outside in. Each answers its own errors: nobody outside of it does. `at_once` takes what it
    can before them all, and keeps to the `places` that the layers count.
    """

    def __init__(self, *, places: Places, **given: Any) -> None:
        super().__init__(**given)
        self.places = places
        self.layers: list[Callable[[ASGIApp], ASGIApp]] = []
        self.at_once: AtOnce | None = None
        self.reader_seconds = READER_SECONDS
        """How long a caller may take nothing of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        # What FastAPI and Starlette do one after the other, in one call.
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        app = super().build_middleware_stack()
        for layer in reversed(self.layers):
            app = layer(app)
        return app


def create_app(
    *,
    name: str,
    settings: HttpSettings,
    routers: Sequence[APIRouter],
    tags: Mapping[str, str] | None = None,
    resources: Resources | None = None,
    checks: Checks = nothing_to_check,
    contract: APIRouter | None = None,
    explanations: Mapping[type[Exception], Explain] | None = None,
) -> Application:
    """The application of one service.

    `tags` describes the areas of its contract by their names. `resources` opens what the service needs, puts it on
    `app.state` and closes it at the end. `checks` look at what it needs to work. `contract` serves another document
    than this application's own. `explanations` say what errors mean that HTTP knows nothing of.
    Raises `RuntimeError` if a route does not declare who may call it.
    """
    app = Application(
        places=Places(settings.max_in_flight),
        title=name,
        version="1",
        lifespan=opening(resources),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        openapi_tags=[{"name": name, "description": text} for name, text in {**HEALTH, **(tags or {})}.items()],
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": ProblemDocument, "description": "Problem (RFC 9457)"}},
        strict_content_type=True,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are `Conventions`; asking costs 10 µs
        redirect_slashes=False,  # a redirect would lead to whatever the header Host names
        dependencies=[Depends(only_declared)],
    )
    app.reader_seconds = settings.reader_seconds
    app.state.settings = settings
    app.state.tokens = Tokens(settings.issuers)
    begin(app.state, name, checks)
    _include(app, (health, contract or CONTRACT, *routers))
    problems.install(app, explanations or {})
    conventions = partial(Conventions, places=app.places, body=settings.body_bounds)
    app.layers.append(conventions)
    require_declarations(app)
    app.state.declared = declared(app)
    return app


CONTRACT: Final = APIRouter(tags=["health"])
_INCLUDED: dict[tuple[int, ...], tuple[tuple[APIRouter, ...], list[BaseRoute]]] = {}
"""By the identities of routers, which live as long as they stand here."""


@CONTRACT.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _: Annotated[Principal | None, public()]) -> dict[str, Any]:
    return openapi_document(request.app)


def _include(app: Application, routers: tuple[APIRouter, ...]) -> None:
    """Give an application its routes.

    Those of the same routers are the same in every application. To make them takes a quarter of a second, which a
    process that has one application for each of its databases spends once.
    """
    key = tuple(map(id, routers))
    if key not in _INCLUDED:
        for router in routers:
            app.include_router(router)
        _INCLUDED[key] = routers, list(app.router.routes)
    else:
        app.router.routes = list(_INCLUDED[key][1])


class _Server(uvicorn.Server):
    """uvicorn that turns /readyz to 503 before it stops taking connections."""

    def __init__(self, config: uvicorn.Config, app: Starlette, pre_drain: float, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._pre_drain = pre_drain
        self._drain_seconds = drain_seconds

    def handle_exit(self, sig: int, frame: Any) -> None:
        # Not uvicorn's own: that one raises the signal again at the end, and a clean stop would not exit with 0.
        self._app.state.draining = True
        end = threading.Timer(self._pre_drain + self._drain_seconds + HARD_STOP_SECONDS, _stop_hard)
        end.daemon = True
        end.start()
        asyncio.get_event_loop().call_later(self._pre_drain, self._stop)

    def _stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # What was sent before its caller could know is read first. A process that had to wait for the machine may find
        # new connections and requests here, and one that is closed unread tells nobody whether it was carried out.
        quiet = 0
        for _ in range(MOST_LOOKS):
            before = len(self.server_state.connections), self.server_state.total_requests
            await asyncio.sleep(0)
            after = len(self.server_state.connections), self.server_state.total_requests
            quiet = quiet + 1 if after == before else 0
            if quiet == QUIET_LOOKS:
                break
        await super().shutdown(sockets)


def _stop_hard() -> None:
    """What was accepted had its time; whatever still hangs must not keep the process from being replaced."""
    log.error("stopped hard", why="not everything ended in time after the request to stop")
    os._exit(1)


class _Beside(uvicorn.Server):
    """The operator's server: it leaves signals to the one it stands beside, and ends after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(app: Starlette, settings: HttpSettings, *, pre_drain: float = 0.2, trusted_peers: Sequence[str] = ()) -> None:
    """Run the application until SIGTERM, then finish what was accepted, within `drain_seconds`.

    With `ops_port`, the operator's address is served beside it. `trusted_peers` are believed when they say in
    `X-Forwarded-For` who called.
    """
    beside = None
    if settings.ops_port is not None:
        place = _at(settings.ops_host, settings.ops_port)
        beside = _Beside(uvicorn.Config(operator_app(app), lifespan="off", timeout_graceful_shutdown=1, **place))
    _run(app, settings, _at(settings.host, settings.port), pre_drain, beside, trusted_peers)


def serve_worker(app: Starlette, settings: HttpSettings, *, pre_drain: float = 0.2) -> None:
    """The same for a process that has the operator's address alone: at `ops_port`, or at `port` if there is none."""
    operators = (settings.ops_host, settings.ops_port) if settings.ops_port is not None else None
    host, port = operators or (settings.host, settings.port)
    _run(app, settings, _at(host, port), pre_drain, None)


def _at(host: str, port: int) -> dict[str, Any]:
    """How every server of a process listens."""
    return {
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": OwnProtocol,
        "log_config": None,
        "access_log": False,
        "server_header": False,
    }


def _run(
    app: Starlette,
    settings: HttpSettings,
    place: dict[str, Any],
    pre_drain: float,
    beside: _Beside | None,
    trusted_peers: Sequence[str] = (),
) -> None:
    logs.configure(app.state.name, settings.log_level)
    gc_tuning.raise_threshold(gc_tuning.SERVING)
    gc_tuning.keep_what_is_there()
    config = uvicorn.Config(
        app,
        proxy_headers=bool(trusted_peers),
        forwarded_allow_ips=list(trusted_peers),
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.drain_seconds),
        backlog=1024,
        **place,
    )

    async def both() -> None:
        standing = asyncio.create_task(beside.serve()) if beside else None
        await _Server(config, app, pre_drain, settings.drain_seconds).serve()
        if beside and standing:
            beside.should_exit = True
            await standing

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(both())
