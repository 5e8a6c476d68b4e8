"""Secrets of webhooks and signatures with them, as Standard Webhooks has them. Pure.

No secret is kept: each is derived from the key of the installation, the id of its webhook and its number.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

PREFIX: Final = "whsec_"


def secret(key: bytes, webhook: UUID, number: int) -> bytes:
    """The secret of that webhook with that number, 32 bytes."""
    return _mac(key, b"webhook secret %s %d" % (webhook.hex.encode(), number))


def shown(secret: bytes) -> str:
    """The secret as receivers are given it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(secrets: Iterable[bytes], message: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of a message, with one signature for each secret."""
    seconds = int(at.timestamp())
    signed = b".".join([message.encode(), str(seconds).encode(), body])
    signatures = [f"v1,{base64.b64encode(_mac(each, signed)).decode()}" for each in secrets]
    return {"webhook-id": message, "webhook-timestamp": str(seconds), "webhook-signature": " ".join(signatures)}


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()
