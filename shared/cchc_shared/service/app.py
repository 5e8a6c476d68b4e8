"""The application factory: what every service's HTTP side has in common, in one place."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from cchc_shared.http import problems
from cchc_shared.http.access import Principal, declarations, public, require_declarations
from cchc_shared.http.middleware import Conventions
from cchc_shared.http.problems import Explain
from cchc_shared.http.schemas import ProblemDocument
from cchc_shared.http.tokens import Tokens
from cchc_shared.service import gc_tuning, logs
from cchc_shared.service.settings import HttpSettings

HARD_STOP_SECONDS = 4.0
"""What closing may take beyond `drain_seconds`."""

Readiness = Callable[[], Awaitable[dict[str, bool]]]

HEALTH = {"health": "Tình trạng hoạt động · Health of the service"}
health = APIRouter(tags=["health"])


@health.get("/livez", summary="Is the process alive?")
async def livez(_: Annotated[Principal | None, public()]) -> dict[str, str]:
    """Knows no dependency: a database that is away is no reason to restart this process."""
    return {"status": "alive"}


@health.get("/readyz", summary="May it be sent work?", responses={503: {"description": "Not now"}})
async def readyz(request: Request, _: Annotated[Principal | None, public()]) -> Response:
    """Says of each dependency whether it answers. Turns 503 first when the process is asked to stop."""
    state = request.app.state
    checks = {"draining": False} if state.draining else await state.ready()
    ready = all(checks.values())
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


@health.get("/metrics", summary="Prometheus metrics")
async def metrics(_: Annotated[Principal | None, public()]) -> Response:
    """Counters and gauges of this process; none carries a person's data."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _operation_id(route: APIRoute) -> str:
    """`tasks.list`: the area and the name of the route, as generated clients call it."""
    return f"{route.tags[0]}.{route.name}" if route.tags else route.name


async def _always_ready() -> dict[str, bool]:
    return {}


def create_app(
    *,
    name: str,
    settings: HttpSettings,
    routers: Sequence[APIRouter],
    tags: Mapping[str, str] | None = None,
    resources: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
    ready: Readiness = _always_ready,
    contract: APIRouter | None = None,
    explanations: Mapping[type[Exception], Explain] | None = None,
) -> FastAPI:
    """The application of one service.

    `tags` describes the areas of its contract by their names. `resources` opens what the service needs, puts it on
    `app.state` and closes it at the end. `ready` names each dependency and whether it answers. `contract` serves
    another document than this application's own. `explanations` say what errors mean that HTTP knows nothing of.
    Raises `RuntimeError` if a route does not declare who may call it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with resources(app) if resources else _nothing():
            yield

    app = FastAPI(
        title=name,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        openapi_tags=[{"name": name, "description": text} for name, text in {**HEALTH, **(tags or {})}.items()],
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": ProblemDocument, "description": "Problem (RFC 9457)"}},
        strict_content_type=True,
    )
    app.state.settings = settings
    app.state.tokens = Tokens(settings.jwks_url, settings.token_issuer)
    app.state.ready = ready
    app.state.draining = False
    for router in (health, contract or _contract(), *routers):
        app.include_router(router)
    problems.install(app, explanations or {})
    app.add_middleware(Conventions, max_in_flight=settings.max_in_flight, max_body=settings.max_body_bytes)
    require_declarations(app)
    return app


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


def _contract() -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request, _: Annotated[Principal | None, public()]) -> dict[str, Any]:
        return openapi_document(request.app)

    return router


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The application's OpenAPI 3.1 document, with errors under the media type they are sent with."""
    document: dict[str, Any] = app.openapi()
    without_token = {(found.method.lower(), found.path) for found in declarations(app) if found.anonymous}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation["responses"].get("default", {}).get("content", {})
            if "application/json" in content:
                content[problems.MEDIA_TYPE] = content.pop("application/json")
            if (method, path) in without_token and {} not in operation["security"]:
                operation["security"].insert(0, {})  # a token is honoured, and none is needed
    return document


class _Server(uvicorn.Server):
    """uvicorn that turns /readyz to 503 before it stops taking connections."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, pre_drain: float, drain_seconds: float) -> None:
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


def _stop_hard() -> None:
    """What was accepted had its time; whatever still hangs must not keep the process from being replaced."""
    structlog.get_logger().error("stopped hard", why="not everything ended in time after the request to stop")
    os._exit(1)


def serve(app: FastAPI, settings: HttpSettings, *, pre_drain: float = 0.2) -> None:
    """Run the application until SIGTERM, then finish what was accepted, within `drain_seconds`."""
    logs.configure(app.title, settings.log_level)
    gc_tuning.raise_threshold(gc_tuning.SERVING)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.drain_seconds),
        backlog=1024,
    )
    _Server(config, app, pre_drain, settings.drain_seconds).run()
