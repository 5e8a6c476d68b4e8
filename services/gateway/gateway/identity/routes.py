"""`POST /dev/tokens` and the keys to check them with."""

from typing import Annotated, Final

from fastapi import APIRouter

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal, public
from gateway.identity.keys import LIFETIME, SigningKey
from gateway.identity.schemas import IssuedToken, KeySet, TokenRequest

TAG: Final = {"identity": "Mã truy cập cho môi trường phát triển · Tokens for development"}


def router(key: SigningKey, clock: Clock) -> APIRouter:
    """The routes, for embedded mode only."""
    routes = APIRouter(tags=[*TAG])

    @routes.post("/dev/tokens", summary="Issue a token to anyone, for development", status_code=201)
    async def issue_token(wanted: TokenRequest, _: Annotated[Principal | None, public()]) -> IssuedToken:
        """Embedded mode only: a server configured for production refuses to start with it."""
        token = key.token(sub=wanted.sub, roles=wanted.roles, unit=wanted.unit, now=clock.now())
        return IssuedToken(access_token=token, expires_in=int(LIFETIME.total_seconds()))

    @routes.get("/.well-known/jwks.json", summary="Public keys that development tokens are checked with")
    async def list_keys(_: Annotated[Principal | None, public()]) -> KeySet:
        """A JWK set (RFC 7517)."""
        return KeySet.model_validate(key.key_set())

    return routes
