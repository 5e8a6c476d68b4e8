"""Signs what is exported, as a JSON Web Signature (RFC 7515) by Ed25519 (RFC 8037)."""

import base64
import hashlib
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scoring_worker.ledger.domain import Json, canonical


class Signer:
    """Signs with the private key of 32 bytes. Its public key is named by its RFC 7638 thumbprint."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        needed = {name: public[name] for name in ("crv", "kty", "x")}
        thumbprint = hashlib.sha256(canonical(needed)).digest()
        self.public: Json = {
            **needed,
            "kid": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
            "use": "sig",
            "alg": "EdDSA",
        }

    def sign(self, content: Json) -> str:
        """The compact form, whose payload is the canonical JSON of the content."""
        return jwt.api_jws.encode(canonical(content), self._key, algorithm="EdDSA", headers={"kid": self.public["kid"]})
