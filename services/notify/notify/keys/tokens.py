"""Tokens that stand for a key for some minutes: services check them as they check every token."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cchc_shared.contract.codes import Role
from cchc_shared.identity.api_keys import KeyKind
from cchc_shared.identity.issuers import AUDIENCE, ISSUER_OF_SYSTEMS, TEST_AUDIENCE
from notify.systems.domain import System

LIFETIME: Final = timedelta(minutes=5)
AUDIENCES: Final = {KeyKind.LIVE: AUDIENCE, KeyKind.TEST: TEST_AUDIENCE}


class Issuer:
    """Signs with the Ed25519 key of these 32 bytes; it is named by its RFC 7638 thumbprint."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public: dict[str, str] = dict(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True))
        needed = {name: public[name] for name in ("crv", "kty", "x")}
        digest = hashlib.sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
        self._name = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self.public: dict[str, Any] = {**needed, "kid": self._name, "use": "sig", "alg": "EdDSA"}

    def token(self, system: System, kind: KeyKind, key_id: str, now: datetime) -> str:
        """What the system may do, for `LIFETIME` from now; `key` says which of its keys it stands for."""
        claims = {
            "iss": ISSUER_OF_SYSTEMS,
            "aud": AUDIENCES[kind],
            "sub": system.code,
            "roles": [Role.SYSTEM],
            "key": key_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "scope": {
                "routes": list(system.routes),
                "units": None if system.whole_city else list(system.units),
                "channels": list(system.channels),
            },
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._name})
