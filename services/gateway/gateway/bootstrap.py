"""The only place where the gateway is wired together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from cchc_shared.calendar.clock import Clock, SystemClock
from cchc_shared.service.app import create_app, openapi_document
from gateway.forwarding.middleware import Forwarding
from gateway.identity import routes as identity
from gateway.identity.keys import SigningKey
from gateway.openapi import routes as openapi
from gateway.openapi.contracts import Contracts
from gateway.openapi.table import GATEWAY
from gateway.pages import routes as pages
from gateway.settings import GatewaySettings
from gateway.upstreams.upstream import Upstream


def build_app(settings: GatewaySettings, *, clock: Clock | None = None) -> FastAPI:
    """The application. Raises if it is configured for production together with a key for development tokens."""
    upstreams = {name: Upstream(name, url, settings.bounds) for name, url in settings.service_urls.items()}

    contracts = Contracts(upstreams)

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with contracts.kept(openapi_document(app)):
                yield
        finally:
            await asyncio.gather(*(upstream.close() for upstream in upstreams.values()))

    routers, tags = [pages.router], {}
    if settings.cchc_signing_key is not None:
        key = SigningKey.load(settings.cchc_signing_key, settings.token_issuer)
        # The machine's own clock, whatever `CCHC_CLOCK_SHIFT` says: services check tokens by real time, since an
        # external issuer would sign by it.
        routers.append(identity.router(key, clock or SystemClock()))
        tags.update(identity.TAG)
    app = create_app(
        name=GATEWAY,
        settings=settings,
        routers=routers,
        tags=tags,
        resources=resources,
        contract=openapi.router(contracts),
    )
    app.layers.append(partial(Forwarding, contracts=contracts, upstreams=upstreams, max_body=settings.max_body_bytes))
    return app
