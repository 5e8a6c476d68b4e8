"""The only place where the gateway is wired together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from cchc_shared.calendar.clock import Clock, SystemClock
from cchc_shared.service.app import create_app
from gateway.forwarding.middleware import Forwarding
from gateway.forwarding.upstream import Upstream
from gateway.identity import routes as identity
from gateway.identity.keys import SigningKey
from gateway.openapi import routes as openapi
from gateway.openapi.sources import Sources
from gateway.pages import routes as pages
from gateway.settings import GatewaySettings


def build_app(settings: GatewaySettings, *, clock: Clock | None = None) -> FastAPI:
    """The application. Raises if it is configured for production together with a key for development tokens."""
    upstreams = {name: Upstream(name, url, settings.bounds) for name, url in settings.service_urls.items()}

    @asynccontextmanager
    async def resources(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await asyncio.gather(*(upstream.close() for upstream in upstreams.values()))

    routers = [pages.router]
    if settings.cchc_signing_key is not None:
        key = SigningKey.load(settings.cchc_signing_key, settings.token_issuer)
        routers.append(identity.router(key, clock or SystemClock()))
    contract = openapi.router(Sources(upstreams))
    app = create_app(name="gateway", settings=settings, routers=routers, resources=resources, contract=contract)
    # Last, so that it stands inside the shared conventions: forwarded requests are traced, counted and bounded too.
    app.user_middleware.append(Middleware(Forwarding, upstreams=upstreams, max_body=settings.max_body_bytes))
    return app
