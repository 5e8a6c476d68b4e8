"""Settings of whatever answers HTTP, the gateway too; and how every process reads its settings."""

import os
import sys
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cchc_shared.calendar.clock import Clock, ShiftedClock, SystemClock
from cchc_shared.http.receiving import BodyBounds
from cchc_shared.identity.issuers import (
    AUDIENCE,
    FaultyIssuers,
    Issuer,
    check,
    check_for_production,
    of_systems,
    read_issuers,
    the_only_one,
)


class HttpSettings(BaseSettings):
    """Settings of every process that answers HTTP. Environment variables are these names in capitals.

    What must never be shown is declared with `repr=False`.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    token_issuers: Path | None = Field(
        default=None, description="Document that names the issuers of tokens, and what each may say (`issuers.yaml`)"
    )
    jwks_url: str | None = Field(
        default=None,
        validate_default=True,
        description="Where the keys of the only issuer are (http, https or file); beside TOKEN_ISSUERS: of one more",
    )
    token_issuer: str = Field(default="cchc", description="`iss` of the tokens of the issuer at JWKS_URL")
    system_jwks_url: str | None = Field(
        default=None,
        pattern=r"^(https?|file)://[^\s?#]+$",
        description="Where the keys are that notify signs tokens of connected systems with; absent: none are taken",
    )
    system_audience: Literal["cchc", "cchc-test"] = Field(
        default=AUDIENCE,
        description="Whose tokens are taken: those of live keys (`cchc`), or those of test keys (`cchc-test`), in an "
        "installation that counts nowhere",
    )
    environment: Literal["embedded", "production"] = "production"
    host: str = "127.0.0.1"
    port: int = 0
    ops_host: str = "127.0.0.1"
    ops_port: int | None = Field(
        default=None, ge=1, le=65535, description="Given: liveness, readiness in detail and metrics are served there"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: float = Field(default=10, gt=0, description="How long accepted work may finish after SIGTERM")
    max_body_bytes: int = Field(default=2 * 1024 * 1024, gt=0, description="Largest request body")
    body_seconds: float = Field(default=60, gt=0, description="How long the body of one request is waited for")
    body_bytes_per_second: float = Field(default=1000, gt=0, description="Slower than this, a body is given up")
    reader_seconds: float = Field(
        default=30, gt=0, description="A caller who takes nothing of its answer for so long is cut off"
    )
    max_in_flight: int = Field(default=500, gt=0, description="Requests at work at once; more are answered 503")
    clock_shift: timedelta = Field(
        default=timedelta(),
        alias="CCHC_CLOCK_SHIFT",
        description="How much later this process lives (`P21D`): to try tomorrow by hand; embedded mode only",
    )

    @field_validator("jwks_url")
    @classmethod
    def _some_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("token_issuers") is None:
            raise PydanticCustomError("missing", "it or TOKEN_ISSUERS is needed")
        return value

    @model_validator(mode="after")
    def _issuers_that_can_be_trusted(self) -> Self:
        try:
            check(self.issuers)
            if self.environment == "production":
                check_for_production(self.issuers)
        except OSError as error:
            raise ValueError(f"TOKEN_ISSUERS={self.token_issuers}: {error.strerror}") from error
        except FaultyIssuers as error:
            raise ValueError(f"TOKEN_ISSUERS={self.token_issuers}, JWKS_URL={self.jwks_url}: {error}") from error
        return self

    @model_validator(mode="after")
    def _real_time_in_production(self) -> Self:
        if self.environment == "production" and self.clock_shift:
            raise ValueError("CCHC_CLOCK_SHIFT moves every deadline: it must not be set in production")
        return self

    @field_validator("log_level", mode="before")
    @classmethod
    def _either_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @cached_property
    def issuers(self) -> tuple[Issuer, ...]:
        """The issuers whose tokens are accepted. Raises `FaultyIssuers`, and `OSError`."""
        alone = () if self.jwks_url is None else (the_only_one(self.jwks_url, self.token_issuer),)
        named = () if self.token_issuers is None else read_issuers(self.token_issuers)
        url = self.system_jwks_url
        return alone + named + (() if url is None else (of_systems(url, self.system_audience),))

    @property
    def body_bounds(self) -> BodyBounds:
        """How much and how long one body is waited for."""
        return BodyBounds(self.max_body_bytes, self.body_seconds, self.body_bytes_per_second)

    @cached_property
    def clock(self) -> Clock:
        """The present as this process shall see it."""
        return ShiftedClock(self.clock_shift) if self.clock_shift else SystemClock()


S = TypeVar("S", bound=HttpSettings)


def read(kind: type[S]) -> S:
    """The settings of this process. Where some cannot work it ends with a line for each, and with `EX_CONFIG`: whoever
    started it need not try again."""
    try:
        return kind()
    except ValidationError as error:
        for each in error.errors(include_url=False):
            sys.stderr.write(f"{_explained(kind, each)}\n")
        sys.exit(os.EX_CONFIG)


def _explained(kind: type[HttpSettings], error: ErrorDetails) -> str:
    """The name of the setting, what was given, and what would do."""
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:  # of several settings together: the reason names them
        return f"Cấu hình không dùng được · settings cannot work: {reason}"
    place = str(error["loc"][0])
    field = next((field for name, field in kind.model_fields.items() if place in {name, field.alias}), None)
    name, meaning = place.upper(), field and field.description
    if error["type"] == "missing":
        said = "còn thiếu · is missing"
    else:
        given = f"{name}={error['input']}" if field and field.repr else name
        said, name = f"không dùng được · cannot work: {reason}", given
    return f"{name}: {said}{f' ({meaning})' if meaning else ''}"
