"""Tracking secrets: with one, a reporter without an account reads the report. Only its digest is stored."""

import base64
import hashlib
import hmac
import secrets

SECRET_BYTES = 16


class TrackingSecrets:
    """Makes secrets of 128 bits.

    A request with an idempotency key must get the same answer when it is sent again, and the secret must not be stored.
    Such a secret is therefore derived from the request, under a key that only this service has.
    """

    def __init__(self, service_key: bytes) -> None:
        self._key = hmac.digest(service_key, b"tracking secrets", "sha256")

    def new(self, caller: str, key: str | None, digest: bytes) -> str:
        """A secret for a new report, or the one that this very request got before."""
        if key is None:
            raw = secrets.token_bytes(SECRET_BYTES)
        else:
            request = b"\n".join((hashlib.sha256(caller.encode()).digest(), key.encode(), digest))
            raw = hmac.digest(self._key, request, "sha256")[:SECRET_BYTES]
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def secret_digest(secret: str) -> bytes:
    """What is stored of a secret. It has 128 random bits: no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode()).digest()
