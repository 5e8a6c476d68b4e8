"""Settings that every service reads from its environment, under the same names embedded and scaled out."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cchc_shared.calendar.clock import Clock, ShiftedClock, SystemClock


class HttpSettings(BaseSettings):
    """What every process that answers HTTP needs. Names in the environment are these names in capitals."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    jwks_url: str = Field(description="Where the keys of token issuers are published (http, https or file)")
    token_issuer: str = Field(default="cchc", description="`iss` that a token must carry")
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
    max_in_flight: int = Field(default=500, gt=0, description="Requests at work at once; more are answered 503")
    clock_shift: timedelta = Field(
        default=timedelta(),
        alias="CCHC_CLOCK_SHIFT",
        description="How much later this process lives (`P21D`): to try tomorrow by hand; embedded mode only",
    )

    @model_validator(mode="after")
    def _real_time_in_production(self) -> Self:
        if self.environment == "production" and self.clock_shift:
            raise ValueError("CCHC_CLOCK_SHIFT moves every deadline: it must not be set in production")
        return self

    @cached_property
    def clock(self) -> Clock:
        """The present as this process shall see it."""
        return ShiftedClock(self.clock_shift) if self.clock_shift else SystemClock()


class DatabaseSettings(HttpSettings):
    """What a process with a database of its own needs to run."""

    database_url: str = Field(description="PostgreSQL of this service, with this service's own role")
    pool_size: int = Field(default=8, ge=1, le=64, description="Database connections of one process")
    kafka_bootstrap_servers: str | None = Field(
        default=None, description="Given: events travel over this Kafka. Absent: consumers read the producers' outbox"
    )
    archive_dir: Path | None = Field(
        default=None,
        description="Folder of the archive of events, the same for all services. Absent: outboxes grow for ever",
    )


class ServiceSettings(DatabaseSettings):
    """What a service that knows the city's rules needs to run."""

    profile: Path = Field(alias="CCHC_PROFILE", description="Folder with the versioned data of this city")
    outbox_kept_days: int = Field(
        default=90, ge=1, description="How long a month that has ended stays in the outbox, archived or not"
    )
