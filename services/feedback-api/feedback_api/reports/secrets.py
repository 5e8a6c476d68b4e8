"""Tracking secrets of reports, which their reporters get."""

import hashlib
import hmac
from collections.abc import Sequence

from cchc_shared.http.tracking import SECRET_BYTES, random_secret, secret_digest, written


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
            return random_secret()
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
        return written(hmac.digest(service_key, request, "sha256")[:SECRET_BYTES])
