"""Every route says who may call it; nobody else gets in."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Depends, FastAPI

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, declarations, public
from cchc_shared.service.app import create_app
from cchc_shared.service.settings import ServiceSettings
from tests.support.tokens import KEY_ID, TestTokens

router = APIRouter(prefix="/units")


@router.get("/mine")
async def mine(caller: Annotated[Principal, allow(Role.OFFICER, Role.UNIT_HEAD)]) -> dict[str, str | None]:
    return {"sub": caller.sub, "unit": caller.unit}


@router.get("/names")
async def names(caller: Annotated[Principal | None, public()]) -> dict[str, str | None]:
    return {"sub": caller.sub if caller else None}


def application(jwks_url: str, *routers: APIRouter) -> FastAPI:
    settings = ServiceSettings(database_url="postgresql://none", jwks_url=jwks_url, CCHC_PROFILE=Path("/none"))
    return create_app(name="test", settings=settings, routers=routers)


@pytest.fixture
async def client(tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(tokens.jwks_url, router))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def test_an_application_with_a_route_that_does_not_say_refuses_to_start() -> None:
    silent = APIRouter()

    @silent.get("/secrets")
    async def secrets() -> None: ...

    outer = APIRouter(prefix="/v1")
    outer.include_router(silent)
    with pytest.raises(RuntimeError, match="GET /v1/secrets"):
        application("file:///none", outer)


def test_a_declaration_counts_wherever_the_route_depends_on_it() -> None:
    async def staff(caller: Annotated[Principal, allow(Role.OFFICER)]) -> Principal:
        return caller

    nested = APIRouter()

    @nested.get("/nested")
    async def route(_: Annotated[Principal, Depends(staff)]) -> None: ...

    found = {one.path: one for one in declarations(application("file:///none", nested, router))}
    assert found["/nested"].roles == frozenset({Role.OFFICER})
    assert found["/units/mine"].roles == frozenset({Role.OFFICER, Role.UNIT_HEAD})
    assert found["/units/names"].anonymous
    assert {"/livez", "/readyz", "/openapi.json"} <= set(found)


def test_a_declaration_without_roles_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="name the roles"):
        allow()


async def test_who_may_call_is_let_in(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    answer = await client.get("/units/mine", headers=tokens("an-officer", ["officer"], "SNV"))
    assert answer.json() == {"sub": "an-officer", "unit": "SNV"}


async def test_a_public_route_knows_a_caller_who_says_who_he_is(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    assert (await client.get("/units/names")).json() == {"sub": None}
    assert (await client.get("/units/names", headers=tokens("a-citizen"))).json() == {"sub": "a-citizen"}
    bad = await client.get("/units/names", headers={"Authorization": "Bearer nonsense"})
    assert bad.status_code == 401


async def test_another_role_is_forbidden_and_told_which_may(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    answer = await client.get("/units/mine", headers=tokens("x", ["citizen"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert answer.json()["roles"] == ["officer", "unit_head"]


def forged(tokens: TestTokens, **changes: object) -> str:
    """A token with some claims or parts of its header other than they should be."""
    good = jwt.decode(tokens("x", ["officer"])["Authorization"][7:], options={"verify_signature": False})
    header = {"kid": changes.pop("kid", KEY_ID)}
    key = changes.pop("key", tokens._key)
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode(claims, key, algorithm="EdDSA", headers=header)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "someone-else"},
        {"aud": "another-system"},
        {"exp": None},
        {"sub": None},
        {"aud": None},
        {"exp": 1},
        {"roles": "officer"},
        {"roles": ["emperor"]},
        {"unit": 5},
        {"kid": "unknown"},
        {"key": Ed25519PrivateKey.generate()},
    ],
)
async def test_a_token_that_is_not_in_order_is_refused(
    client: httpx.AsyncClient, tokens: TestTokens, changes: dict[str, object]
) -> None:
    answer = await client.get("/units/mine", headers={"Authorization": f"Bearer {forged(tokens, **dict(changes))}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer a.b.c", "Bearer \xff"])
async def test_without_a_token_nobody_is_let_in(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/units/mine", headers=[(b"Authorization", header.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_an_unsigned_token_is_refused(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    claims = jwt.decode(tokens("x", ["officer"])["Authorization"][7:], options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})
    assert (await client.get("/units/mine", headers={"Authorization": f"Bearer {unsigned}"})).status_code == 401


async def test_a_token_is_not_remembered_past_its_end(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    assert (await client.get("/units/mine", headers=tokens("x", ["officer"], seconds=-130))).status_code == 401


async def test_while_the_issuers_keys_are_away_the_answer_is_503(tmp_path: Path, tokens: TestTokens) -> None:
    transport = httpx.ASGITransport(application(f"file://{tmp_path}/none.json", router))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/units/mine", headers=tokens("x", ["officer"]))
    assert (answer.status_code, answer.json()["code"]) == (503, "token-keys-unavailable")
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "Bearer two parts", "bearer\tx", "Bearer ü", "a.b.c"],
)
async def test_a_broken_header_never_means_nobody(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/units/names", headers=[(b"Authorization", header.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_two_headers_are_no_identity(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    header = tokens("a-citizen")["Authorization"].encode()
    answer = await client.get("/units/names", headers=[(b"Authorization", header), (b"Authorization", header)])
    assert answer.status_code == 401


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(("beyond", "status"), [(90, 200), (150, 401)])
async def test_clocks_may_differ_by_two_minutes(
    client: httpx.AsyncClient, tokens: TestTokens, claim: str, beyond: int, status: int
) -> None:
    moment = int(time.time()) + (-beyond if claim == "exp" else beyond)
    token = forged(tokens, **{claim: moment})
    for _ in range(2):  # the second time it is remembered
        answer = await client.get("/units/mine", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


@pytest.mark.parametrize("changes", [{"sub": ""}, {"sub": "a\0b"}, {"sub": "x" * 256}, {"unit": "a\nb"}])
async def test_a_subject_that_cannot_be_kept_is_none(
    client: httpx.AsyncClient, tokens: TestTokens, changes: dict[str, object]
) -> None:
    token = forged(tokens, **changes)
    assert (await client.get("/units/mine", headers={"Authorization": f"Bearer {token}"})).status_code == 401
