"""`POST /dev/tokens` and the keys to check them with."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal, public
from gateway.identity.keys import LIFETIME, SigningKey
from gateway.identity.schemas import IssuedToken, KeySet, TokenRequest


def router(key: SigningKey, clock: Clock) -> APIRouter:
    """The routes, for embedded mode only."""
    routes = APIRouter(tags=["identity"])

    @routes.post("/dev/tokens", summary="A token for anyone, for development", status_code=201)
    async def issue(asked: TokenRequest, _: Annotated[Principal | None, public()]) -> IssuedToken:
        """Embedded mode only: a server configured for production refuses to start with it."""
        token = key.token(sub=asked.sub, roles=asked.roles, unit=asked.unit, now=clock.now())
        return IssuedToken(access_token=token, expires_in=int(LIFETIME.total_seconds()))

    @routes.get("/.well-known/jwks.json", summary="Keys that development tokens are signed with")
    async def keys(_: Annotated[Principal | None, public()]) -> KeySet:
        """A JWK set (RFC 7517)."""
        return KeySet.model_validate(key.key_set())

    return routes
