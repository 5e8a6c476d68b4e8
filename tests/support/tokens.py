"""A token issuer for the tests: services trust it when their `jwks_url` is `tokens.jwks_url`."""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cchc_shared.http.tokens import Tokens
from cchc_shared.identity.issuers import AUDIENCE, the_only_one

ISSUER = "cchc"
KEY_ID = "tests"


class TestTokens:
    """Signs what a test claims to be."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._key = Ed25519PrivateKey.generate()
        public = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        file = folder / "jwks.json"
        file.write_text(json.dumps({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "EdDSA"}]}))
        self.jwks_url = f"file://{file}"

    def checked(self) -> Tokens:
        """What a service that trusts this issuer checks tokens with."""
        return Tokens([the_only_one(self.jwks_url, ISSUER)])

    def __call__(
        self, sub: str = "someone", roles: Iterable[str] = (), unit: str | None = None, *, seconds: int = 3600
    ) -> dict[str, str]:
        """The `Authorization` header of such a caller; negative `seconds` make a token that has expired."""
        claims = {
            "sub": sub,
            "roles": list(roles),
            "unit": unit,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": int(time.time()) + seconds,
        }
        token = jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": KEY_ID})
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TestTokens:
    """`tokens(sub=…, roles=…, unit=…)` is a request header; `tokens.jwks_url` is where its key is published."""
    return TestTokens(tmp_path_factory.mktemp("issuer"))
