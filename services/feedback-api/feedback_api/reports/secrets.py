"""Tracking secrets: with one, a reporter without an account reads the report. Only its digest is stored."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

SECRET_BYTES = 16


class TrackingSecrets:
    """Makes secrets of 128 bits.

    A request with an idempotency key must get the same answer when it is sent again, and the secret must not be stored.
    Such a secret is therefore derived from the request, under a key that only this service has: the first of its keys.
    """

    def __init__(self, service_keys: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(key, b"tracking secrets", "sha256") for key in service_keys]

    def new(self, caller: str, key: str | None, digest: bytes) -> str:
        """A secret for a new report, or the one that this very request got before."""
        if key is None:
            return _written(secrets.token_bytes(SECRET_BYTES))
        return self._derived(self._keys[0], caller, key, digest)

    def given_before(self, caller: str, key: str, digest: bytes, kept: bytes) -> str | None:
        """The secret that this very request got, of which `kept` is stored; None when its key is not known any more."""
        for each in self._keys:
            secret = self._derived(each, caller, key, digest)
            if hmac.compare_digest(secret_digest(secret), kept):
                return secret
        return None

    def _derived(self, service_key: bytes, caller: str, key: str, digest: bytes) -> str:
        request = b"\n".join((hashlib.sha256(caller.encode()).digest(), key.encode(), digest))
        return _written(hmac.digest(service_key, request, "sha256")[:SECRET_BYTES])


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def secret_digest(secret: str) -> bytes:
    """What is stored of a secret. It has 128 random bits: no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode()).digest()
