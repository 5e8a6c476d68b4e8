"""Settings of this service beyond those that every service has."""

import base64
import binascii
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretBytes, SecretStr

from cchc_shared.service.settings import ServiceSettings


def _key(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != 32:
        raise ValueError("must be 32 bytes")
    return key


class FeedbackSettings(ServiceSettings):
    """Settings of feedback-api."""

    contact_key: Annotated[SecretBytes, BeforeValidator(_key)] = Field(
        repr=False, alias="CCHC_CONTACT_KEY", description="32 random bytes in base64: seals reporters' contact data"
    )
    zalo_secret: SecretStr | None = Field(
        default=None,
        repr=False,
        alias="CCHC_ZALO_SECRET",
        description="Given: events of the Zalo account must be signed with it, and need no token",
    )
