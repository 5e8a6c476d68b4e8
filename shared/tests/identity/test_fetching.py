"""Keys come from where the operator said, or from where the issuer itself says; anything else gives none."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import OKPAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cchc_shared.identity.fetching import LARGEST, KeysAway, fetch, usable
from tests.support.issuers import MAKE, issuer, published
from tests.support.upstreams import serving

KEYS = {"keys": [published(MAKE["EdDSA"](), "1")]}
Answers = dict[str, Response]


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Path → what the issuer answers there."""
    return {}


@pytest.fixture(scope="module")
def url(answers: Answers) -> Iterator[str]:
    async def answer(request: Request) -> Response:
        return answers.get(request.url.path, Response(status_code=404))

    with serving(Starlette(routes=[Route("/{path:path}", answer)])) as address:
        yield address


@pytest.fixture
def says(answers: Answers, url: str) -> Callable[..., None]:
    """What the issuer says of itself from now on; a member may be changed."""

    def said(**changed: object) -> None:
        document = {"issuer": url, "jwks_uri": f"{url}/keys", **changed}
        answers["/.well-known/openid-configuration"] = Response(json.dumps(document))
        answers["/keys"] = Response(json.dumps(KEYS))

    return said


async def test_an_issuer_says_where_its_keys_are(url: str, says: Callable[..., None]) -> None:
    says()
    assert set(await fetch(issuer(issuer=url))) == {("1", "EdDSA")}


async def test_keys_come_from_the_address_that_is_given(url: str, answers: Answers) -> None:
    answers["/elsewhere"] = Response(json.dumps(KEYS))
    assert set(await fetch(issuer(jwks_url=f"{url}/elsewhere"))) == {("1", "EdDSA")}


async def test_keys_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(KEYS))
    assert set(await fetch(issuer(jwks_url=f"file://{file}"))) == {("1", "EdDSA")}


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://id.example.vn"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://keys.example.vn/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "x"},
    ],
)
async def test_a_document_of_another_issuer_or_to_another_place_gives_no_keys(
    url: str, says: Callable[..., None], changed: dict[str, object]
) -> None:
    says(**changed)
    with pytest.raises(KeysAway):
        await fetch(issuer(issuer=url))


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=500),
        RedirectResponse("/keys"),
        Response("x" * (LARGEST + 1)),
        Response("no json"),
        Response("[]"),
        Response("{}"),
        Response('{"keys": {}}'),
        Response('{"keys": [1, {}, {"kid": "1"}]}'),
        Response("[" * 100_000),
    ],
)
async def test_an_answer_that_holds_no_keys_gives_none(
    url: str, answers: Answers, says: Callable[..., None], answer: Response
) -> None:
    says()
    answers["/broken"] = answer
    with pytest.raises(KeysAway):
        await fetch(issuer(jwks_url=f"{url}/broken"))


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/keys", "file:///nowhere/keys", "http://[broken/keys"])
async def test_an_issuer_that_is_not_there_gives_none(address: str) -> None:
    with pytest.raises(KeysAway):
        await fetch(issuer().model_copy(update={"jwks_url": address}))


@pytest.mark.parametrize("algorithm", MAKE)
def test_a_key_is_taken_for_what_it_is_published_for(algorithm: str) -> None:
    key = published(MAKE[algorithm](), "1", algorithm)
    everything = issuer(algorithms=list(MAKE))
    assert set(usable({"keys": [key]}, everything).keys()) == {("1", algorithm)}
    unsaid = {name: value for name, value in key.items() if name not in {"alg", "use"}}
    kinds = {"RS256", "PS256"} if algorithm in {"RS256", "PS256"} else {algorithm}
    assert {name for _, name in usable({"keys": [unsaid]}, everything)} == kinds
    assert not usable({"keys": [key]}, issuer(algorithms=[name for name in MAKE if name != algorithm]))


def secret_key() -> dict[str, Any]:
    return OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True) | {"kid": "1"}


@pytest.mark.parametrize(
    "key",
    [
        published(MAKE["EdDSA"](), "1", use="enc"),
        published(MAKE["EdDSA"](), "1", alg="RS256"),
        published(MAKE["EdDSA"](), "1", crv="Ed448"),
        published(MAKE["EdDSA"](), "1", x="AA"),
        published(MAKE["EdDSA"](), "1") | {"kid": 5},
        published(generate_private_key(65537, 1024), "1", "RS256"),  # noqa: S505 - it must be refused
        {"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256"},
        secret_key(),
    ],
)
def test_a_key_that_is_not_for_checking_signatures_is_left_out(key: dict[str, Any]) -> None:
    assert not usable({"keys": [key]}, issuer())
