"""The only place where the gateway is wired together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from cchc_shared.calendar.clock import Clock, SystemClock
from cchc_shared.contract.yaml_text import read_document
from cchc_shared.http.document import openapi_document
from cchc_shared.service.app import create_app
from cchc_shared.service.beside import beside
from cchc_shared.service.health import READY, Health
from gateway.api_keys.exchange import Exchange
from gateway.api_keys.swap import ApiKeys, KeySwap
from gateway.cross_origin import CrossOrigin
from gateway.developers import routes as developers
from gateway.forwarding.middleware import TESTS, Forwarding
from gateway.forwarding.short_way import ShortWay
from gateway.forwarding.watch import ExchangeWatch
from gateway.identity import routes as identity
from gateway.identity.keys import SigningKey
from gateway.limits.callers import Callers
from gateway.limits.clients import RetiredClients
from gateway.limits.limiter import Limiter
from gateway.limits.middleware import Doorkeeper, Limits
from gateway.limits.rules import CallerRules
from gateway.limits.stores import NotifyStore, RedisStore, Store
from gateway.limits.together import Together
from gateway.openapi import routes as openapi
from gateway.openapi.contracts import Contracts
from gateway.openapi.table import GATEWAY
from gateway.pages import reference
from gateway.pages import routes as pages
from gateway.settings import NOTIFY, GatewaySettings
from gateway.upstreams.upstream import Upstream

AWAY: Final = Health(ready=False, why="dịch vụ chưa trả lời · the service does not answer yet")


def build_app(settings: GatewaySettings, *, clock: Clock | None = None) -> FastAPI:
    """The application. Raises if it is configured for production together with a key for development tokens."""
    upstreams = {name: Upstream(name, urls, settings.bounds) for name, urls in settings.service_urls.items()}

    everywhere = dict(upstreams)
    if settings.test_gateway_url is not None:
        urls = list(map(str, settings.test_gateway_url))
        everywhere[TESTS.service] = Upstream(TESTS.service, urls, settings.bounds)

    contracts = Contracts(upstreams)
    exchange = Exchange(upstreams["notify"])
    limiter = _limiter(settings)

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        try:
            together = (
                [Together(limiter, _store(settings.limits_url, upstreams))] if limiter and settings.limits_url else []
            )
            async with contracts.kept(openapi_document(app)), beside(*(each.run() for each in together)):
                yield
        finally:
            await exchange.close()
            await asyncio.gather(*(upstream.close() for upstream in everywhere.values()))

    async def checks() -> Mapping[str, Health]:
        contracts.look_for_missing()
        answering = await asyncio.gather(*(upstream.takes_work() for upstream in upstreams.values()))
        return {
            name: READY if answers and name not in contracts.missing else AWAY
            for name, answers in zip(upstreams, answering, strict=True)
        }

    routers, tags = [pages.router, reference.router, developers.router, developers.reference_router(contracts)], {}
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
        checks=checks,
        contract=openapi.router(contracts),
    )
    watch, most = ExchangeWatch(settings.delay_seconds), settings.max_body_bytes
    doorkeeper = callers = None
    if limiter is not None:
        callers = Callers(app.state.tokens, limiter.rules.limits.wrong_tokens)
        doorkeeper = Doorkeeper(callers, limiter, RetiredClients(limiter.rules))
    swap = KeySwap(exchange, callers, tests=TESTS.service in everywhere)
    app.layers.append(partial(ApiKeys, swap=swap))
    if doorkeeper is not None:
        app.layers.append(partial(Limits, doorkeeper=doorkeeper))
    forwarding = partial(Forwarding, max_body=most, max_upload=settings.max_upload_bytes)
    app.layers.append(partial(forwarding, contracts=contracts, upstreams=everywhere, watch=watch))
    app.at_once = ShortWay(
        app,
        contracts,
        upstreams,
        watch,
        most=most,
        trusted_peers=settings.trusted_peers,
        swap=swap,
        doorkeeper=doorkeeper,
    )
    if settings.origins:
        # Right behind the log, so that pages may read refusals too.
        app.layers.insert(1, partial(CrossOrigin, origins=settings.origins))
    return app


def _limiter(settings: GatewaySettings) -> Limiter | None:
    if settings.caller_rules is None:
        return None
    rules = read_document(settings.caller_rules, CallerRules)
    return Limiter(rules, gateways=settings.gateways, shared=settings.limits_url is not None)


def _store(url: str, upstreams: Mapping[str, Upstream]) -> Store:
    return NotifyStore(upstreams["notify"]) if url == NOTIFY else RedisStore(url)
