"""Tracking secrets: with one, whoever it was given to sees a thing without an account. Only its digest is stored."""

import base64
import hashlib
import secrets
from typing import Annotated, Final

from fastapi import Header

from cchc_shared.http.field_errors import pattern

SECRET_BYTES: Final = 16
SECRET: Final = pattern(r"^[A-Za-z0-9_-]*$", vi="không phải mã bí mật đã cấp", en="is not a secret that was given")

TrackingSecret = Annotated[
    str | None,
    Header(
        alias="X-Tracking-Secret",
        max_length=100,
        pattern=SECRET,
        description="Secret from the acknowledgement, which lets its holder see the thing without a token",
    ),
]


def random_secret() -> str:
    """A new one of 128 bits."""
    return written(secrets.token_bytes(SECRET_BYTES))


def written(raw: bytes) -> str:
    """How the bytes of a secret are written."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def secret_digest(secret: str) -> bytes:
    """What is stored of a secret. It has 128 random bits: no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode()).digest()
