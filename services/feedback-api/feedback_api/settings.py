"""Settings of this service beyond those that every service has."""

import base64
import binascii
import re
from itertools import pairwise
from typing import Annotated, Final, NamedTuple, Self

from pydantic import BeforeValidator, Field, HttpUrl, SecretBytes, SecretStr, model_validator
from pydantic_settings import NoDecode

from cchc_shared.files.settings import TakingSettings

KEY_BYTES: Final = 32
LEAST_VARIETY: Final = 12
"""So many different bytes, and so many different steps from byte to byte, have all but one in 10^12 random keys."""


def contact_keys(text: str) -> list[bytes]:
    """The keys in the setting, in its order. Raises `ValueError` where one is no key, or stands there twice."""
    keys = [_key(each.strip()) for each in text.split(",")]
    if len(set(keys)) < len(keys):
        raise ValueError("names a key twice")
    return keys


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes")
    return key


def _read(value: object) -> object:
    return contact_keys(value) if isinstance(value, str) else value


def _is_made_up(key: bytes) -> bool:
    """Whether somebody typed it: zeros, a row of numbers, a few letters again and again."""
    return min(len(set(key)), len({(after - before) % 256 for before, after in pairwise(key)})) < LEAST_VARIETY


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


class FeedbackSettings(TakingSettings):
    """Settings of feedback-api."""

    contact_keys: Annotated[tuple[SecretBytes, ...], NoDecode, BeforeValidator(_read)] = Field(
        repr=False,
        alias="CCHC_CONTACT_KEY",
        description="32 random bytes in base64: seals reporters' contact data. Several with commas between: the first "
        "seals, all open",
    )
    zalo_secret: SecretStr | None = Field(
        default=None,
        repr=False,
        alias="CCHC_ZALO_SECRET",
        description="Given: events of the Zalo account must be signed with it, and need no token",
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

    @model_validator(mode="after")
    def _random_in_production(self) -> Self:
        if self.environment == "production" and any(_is_made_up(key) for key in self.keys):
            raise ValueError("CCHC_CONTACT_KEY is no random key: make one with `openssl rand -base64 32`")
        return self

    @property
    def keys(self) -> list[bytes]:
        """The keys themselves: the first seals."""
        return [key.get_secret_value() for key in self.contact_keys]
