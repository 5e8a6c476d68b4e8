"""The operator's address of a process: whether it lives, whether it may be sent work and why not, and its metrics.

It has a port of its own, so that nothing of this is public.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import prometheus_client
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cchc_shared.service.health import DRAINING, STARTING, Checks, Health, bounded
from cchc_shared.service.version import VERSION

# A second series for each counter, which nobody asks for.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

Resources = Callable[[Any], AbstractAsyncContextManager[None]]
"""Opens what an application needs, puts it on `app.state`, and closes it at the end."""

READY = Gauge("cchc_ready", "Whether a check of this process holds (1) or not (0), looked at when asked", ["check"])
BUILD = Gauge("cchc_build_info", "Always 1; says what runs", ["version", "service"])


async def nothing_to_check() -> Mapping[str, Health]:
    """The checks of a process that needs nothing."""
    return {}


def begin(state: State, name: str, checks: Checks) -> None:
    """What every application keeps of itself on `app.state`, before it is opened."""
    state.name = name
    state.checks = bounded(checks, "checks")
    state.opened = state.draining = False


def opening(resources: Resources | None) -> Resources:
    """The lifespan of an application that is ready only while `resources` are open."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with resources(app) if resources else _nothing():
            app.state.opened = True
            try:
                yield
            finally:
                app.state.opened = False

    return lifespan


async def report(state: State) -> Mapping[str, Health]:
    """The outcome of each check; none is made before the process is open and once it was asked to stop."""
    if state.draining:
        return {"process": DRAINING}
    if not state.opened:
        return {"process": STARTING}
    found: Mapping[str, Health] = await state.checks()
    return found


def is_ready(found: Mapping[str, Health]) -> bool:
    """Whether a process with these outcomes may be sent work."""
    return all(health.ready for health in found.values())


def operator_app(of: Starlette) -> Starlette:
    """`/livez`, `/readyz` with every check, and `/metrics` of the process that serves `of`."""
    app = Starlette(routes=_ROUTES)
    app.state = of.state
    return app


def create_worker(*, name: str, resources: Resources, checks: Checks) -> Starlette:
    """A process without a public address: all it serves is its operator's address."""
    app = Starlette(routes=_ROUTES, lifespan=opening(resources))
    begin(app.state, name, checks)
    return app


async def _livez(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _readyz(request: Request) -> Response:
    found = await report(request.app.state)
    ready = is_ready(found)
    checks = {name: health._asdict() for name, health in found.items()}
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


async def _metrics(request: Request) -> Response:
    state = request.app.state
    found = await report(state)
    READY.clear()
    for name, health in found.items():
        READY.labels(name).set(health.ready)
    BUILD.labels(VERSION, state.name).set(1)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


_ROUTES = [Route("/livez", _livez), Route("/readyz", _readyz), Route("/metrics", _metrics)]


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield
