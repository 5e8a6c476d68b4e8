"""The key that signs development tokens, and its public half as a JWK."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import OKPAlgorithm

from cchc_shared.contract.codes import Role
from cchc_shared.identity.issuers import AUDIENCE

LIFETIME: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key; `kid` is its RFC 7638 thumbprint."""

    private: Ed25519PrivateKey
    issuer: str

    @classmethod
    def load(cls, path: Path, issuer: str) -> "SigningKey":
        """Read a PEM file. Raises `TypeError` if it holds another kind of key."""
        private = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError(f"{path} does not hold an Ed25519 key")
        return cls(private, issuer)

    @property
    def kid(self) -> str:
        """The thumbprint of the public key."""
        canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{self._public()["x"]}"}}'
        return urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()

    def key_set(self) -> dict[str, Any]:
        """The public key as a JWK set."""
        return {"keys": [self._public() | {"kid": self.kid, "use": "sig", "alg": "EdDSA"}]}

    def token(self, *, sub: str, roles: list[Role], unit: str | None, now: datetime) -> str:
        """A signed token that holds for `LIFETIME`."""
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": sub,
            "roles": [str(role) for role in roles],
            "iat": now,
            "exp": now + LIFETIME,
        }
        if unit is not None:
            claims["unit"] = unit
        return jwt.encode(claims, self.private, algorithm="EdDSA", headers={"kid": self.kid})

    def _public(self) -> dict[str, Any]:
        return dict(OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True))
