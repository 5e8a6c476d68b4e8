"""Issuers of a test's own: keys that may be exchanged at any time, served to whoever fetches them, and counted."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from jwt import algorithms

from cchc_shared.contract.codes import Role
from cchc_shared.identity.fetching import KeysAway, KeySet, usable
from cchc_shared.identity.issuers import Algorithm, Issuer

STAFF = "https://id.example.vn/realms/cchc"
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
MAKE: Mapping[str, Callable[[], PrivateKey]] = {
    "EdDSA": Ed25519PrivateKey.generate,
    "ES256": lambda: generate_ec(SECP256R1()),
    "RS256": lambda: generate_rsa(65537, 2048),
    "PS256": lambda: generate_rsa(65537, 2048),
}
_JWK = {"EdDSA": algorithms.OKPAlgorithm, "ES256": algorithms.ECAlgorithm}


def issuer(**given: object) -> Issuer:
    """The issuer of staff, unless another is given."""
    return Issuer.model_validate(
        {
            "namespace": "staff",
            "issuer": STAFF,
            "roles_at": ("roles",),
            "unit_at": ("unit",),
            "may_give": frozenset(Role),
            **given,
        }
    )


def published(key: PrivateKey, kid: str, algorithm: str = "EdDSA", **more: object) -> dict[str, Any]:
    """A key as its issuer publishes it."""
    said = _JWK.get(algorithm, algorithms.RSAAlgorithm).to_jwk(key.public_key(), as_dict=True)  # type: ignore[attr-defined]
    return {**said, "kid": kid, "use": "sig", "alg": algorithm, **more}


def claims(**changed: object) -> dict[str, Any]:
    """Those of a good token; None takes one away."""
    now = int(time.time())
    good = {"iss": STAFF, "aud": "cchc", "sub": "0b2a6c1e", "iat": now, "exp": now + 300, "roles": ["officer"]}
    return {name: value for name, value in (good | changed).items() if value is not None}


class KeyServer:
    """Signs with its newest key, and gives out all that it has not withdrawn. It may be away."""

    def __init__(self, algorithm: Algorithm = "EdDSA") -> None:
        self.algorithm = algorithm
        self.keys: dict[str, PrivateKey] = {}
        self.away = False
        self.fetched = 0
        self.at_once = 0
        self.most_at_once = 0
        self.rotate()

    def rotate(self, *, withdraw: bool = False) -> None:
        """Signs with a new key from now on."""
        if withdraw:
            self.keys.clear()
        self.newest = f"key-{len(self.keys)}-{time.monotonic_ns()}"
        self.keys[self.newest] = MAKE[self.algorithm]()

    def token(self, said: dict[str, Any] | None = None, **changed: object) -> str:
        """A token signed now."""
        header = {"kid": self.newest}
        return jwt.encode(said or claims(**changed), self.keys[self.newest], self.algorithm, headers=header)

    async def fetch(self, issuer: Issuer) -> KeySet:
        """In place of the network. It takes some turns of the loop, as the network does."""
        self.fetched += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        keys = [published(key, kid, self.algorithm) for kid, key in self.keys.items()]
        away = self.away
        try:
            for _ in range(5):
                await asyncio.sleep(0)
            if away:
                raise KeysAway("away")
            return usable({"keys": keys}, issuer)
        finally:
            self.at_once -= 1
