"""Settings of this service beyond those that every service has."""

import base64
import binascii
import re
from typing import Annotated, Final, NamedTuple, Self

from pydantic import BeforeValidator, Field, HttpUrl, SecretBytes, model_validator
from pydantic_settings import NoDecode

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


class ApiKey(NamedTuple):
    """A key of a client of Open311: whose it is, and its SHA-256. A test key works in embedded mode only."""

    name: str
    digest: bytes
    test: bool


_API_KEY: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]{0,59}):(?P<digest>[0-9a-f]{64})(?P<test>:test)?")


def _api_keys(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = [_API_KEY.fullmatch(each.strip()) for each in value.split(",") if each.strip()]
    keys = [ApiKey(each["name"], bytes.fromhex(each["digest"]), each["test"] is not None) for each in found if each]
    if len(keys) < len(found):
        raise ValueError("write each key as name:sha256 (64 hexadecimal digits), a test key as name:sha256:test")
    if len({key.name for key in keys}) < len(keys):
        raise ValueError("two keys have one name")
    return tuple(keys)


class FeedbackSettings(ServiceSettings):
    """Settings of feedback-api."""

    contact_key: Annotated[SecretBytes, BeforeValidator(_key)] = Field(
        repr=False, alias="CCHC_CONTACT_KEY", description="32 random bytes in base64: seals reporters' contact data"
    )
    open311_keys: Annotated[tuple[ApiKey, ...], NoDecode, BeforeValidator(_api_keys)] = Field(
        default=(),
        repr=False,
        description="Keys that may send reports over Open311, by commas: name:sha256 of the key, or name:sha256:test",
    )
    open311_url: HttpUrl | None = Field(
        default=None,
        description="Public address of Open311 (`https://…/open311/v2`), for its discovery. "
        "Absent: as the caller wrote it",
    )

    @model_validator(mode="after")
    def _no_test_keys_in_production(self) -> Self:
        if self.environment == "production" and any(key.test for key in self.open311_keys):
            raise ValueError("OPEN311_KEYS: a test key must not be set in production")
        return self
