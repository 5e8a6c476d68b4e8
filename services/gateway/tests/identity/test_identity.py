"""Development tokens: good where they are meant, checked as every service checks them, absent in production."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from cchc_shared.http.problems import Problem
from cchc_shared.http.tokens import Principal, Tokens
from cchc_shared.identity.issuers import the_only_one
from gateway.bootstrap import build_app
from gateway.settings import GatewaySettings
from tests.support.http import Json
from tests.support.upstreams import OpenGateway

NOWHERE = "http://127.0.0.1:9"


def pem(key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "signing.pem"
    path.write_bytes(pem(Ed25519PrivateKey.generate()))
    return path


def settings(**given: object) -> GatewaySettings:
    urls = dict.fromkeys(
        ("tasks_api_url", "feedback_api_url", "dossiers_api_url", "notify_url", "scoring_api_url"), NOWHERE
    )
    return GatewaySettings.model_validate({"jwks_url": "file:///nowhere", "environment": "embedded", **urls, **given})


async def issued(open_gateway: OpenGateway, key_file: Path, asked: Json, language: str = "vi") -> httpx.Response:
    with open_gateway(NOWHERE, cchc_signing_key=key_file) as gateway:
        async with httpx.AsyncClient(headers={"Accept-Language": language}) as client:
            return await client.post(f"{gateway}/dev/tokens", json=asked)


async def test_every_service_accepts_what_is_issued(open_gateway: OpenGateway, key_file: Path) -> None:
    with open_gateway(NOWHERE, cchc_signing_key=key_file) as gateway:
        async with httpx.AsyncClient() as client:
            asked = {"sub": "lan", "roles": ["officer", "unit_head"], "unit": "H01.5"}
            answer = await client.post(f"{gateway}/dev/tokens", json=asked)
            tokens = Tokens([the_only_one(f"{gateway}/.well-known/jwks.json", "cchc")])
            principal = await tokens.principal(answer.json()["access_token"])
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 12 * 3600
    assert principal == Principal("lan", frozenset({Role.OFFICER, Role.UNIT_HEAD}), "H01.5")


async def test_another_key_is_not_accepted(open_gateway: OpenGateway, key_file: Path, tmp_path: Path) -> None:
    token = (await issued(open_gateway, key_file, {"sub": "lan", "roles": ["citizen"]})).json()["access_token"]
    other = tmp_path / "other.pem"
    other.write_bytes(pem(Ed25519PrivateKey.generate()))
    with open_gateway(NOWHERE, cchc_signing_key=other) as gateway:
        tokens = Tokens([the_only_one(f"{gateway}/.well-known/jwks.json", "cchc")])
        with pytest.raises(Problem) as refused:
            await tokens.principal(token)
    assert refused.value.status == 401


async def test_tokens_are_of_real_time_when_the_clock_is_shifted(open_gateway: OpenGateway, key_file: Path) -> None:
    """Services check them by the machine's clock, as they do with those of an external issuer."""
    with open_gateway(NOWHERE, cchc_signing_key=key_file, CCHC_CLOCK_SHIFT="-P21D") as gateway:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{gateway}/dev/tokens", json={"sub": "lan", "roles": ["citizen"]})
        tokens = Tokens([the_only_one(f"{gateway}/.well-known/jwks.json", "cchc")])
        assert (await tokens.principal(answer.json()["access_token"])).sub == "lan"


async def test_a_token_ends(key_file: Path, tmp_path: Path) -> None:
    app = build_app(settings(cchc_signing_key=key_file), clock=FixedClock(datetime(2024, 1, 1, tzinfo=UTC)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        token = (await client.post("/dev/tokens", json={"sub": "lan", "roles": ["citizen"]})).json()["access_token"]
        keys = tmp_path / "keys.json"
        keys.write_text((await client.get("/.well-known/jwks.json")).text)
    with pytest.raises(Problem) as refused:
        await Tokens([the_only_one(f"file://{keys}", "cchc")]).principal(token)
    assert "expired" in refused.value.en


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"sub": "lan", "roles": ["king"]}, "body.roles.0"),
        ({"sub": "lan", "roles": []}, "body.roles"),
        ({"sub": "", "roles": ["citizen"]}, "body.sub"),
        ({"sub": "a\u0000", "roles": ["citizen"]}, "body.sub"),
        ({"sub": "lan", "roles": ["officer"], "unit": 7}, "body.unit"),
        ({"sub": "lan", "roles": ["officer"], "admin": True}, "body.admin"),
        ({"roles": ["citizen"]}, "body.sub"),
    ],
)
async def test_what_is_wrong_is_named(open_gateway: OpenGateway, key_file: Path, asked: Json, field: str) -> None:
    answer = await issued(open_gateway, key_file, asked, "en")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_without_a_key_nothing_is_issued(open_gateway: OpenGateway, upstream: str) -> None:
    with open_gateway(upstream) as gateway:
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"{gateway}/dev/tokens", json={})).status_code == 404
            assert (await client.get(f"{gateway}/.well-known/jwks.json")).status_code == 404


def test_production_refuses_to_start_with_a_key(key_file: Path) -> None:
    with pytest.raises(ValidationError, match="must not be set in production"):
        settings(environment="production", cchc_signing_key=key_file)
    assert settings(environment="production", tls_terminated_by="proxy").cchc_signing_key is None


def test_only_an_ed25519_key_signs(tmp_path: Path) -> None:
    path = tmp_path / "ec.pem"
    path.write_bytes(pem(generate_private_key(SECP256R1())))
    with pytest.raises(TypeError, match="Ed25519"):
        build_app(settings(cchc_signing_key=path))
