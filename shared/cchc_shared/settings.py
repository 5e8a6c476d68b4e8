"""Settings that every service reads from its environment, under the same names embedded and scaled out."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class HttpSettings(BaseSettings):
    """What every process that answers HTTP needs. Names in the environment are these names in capitals."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    jwks_url: str = Field(description="Where the keys of token issuers are published (http, https or file)")
    token_issuer: str = Field(default="cchc", description="`iss` that a token must carry")
    environment: Literal["embedded", "production"] = "production"
    host: str = "127.0.0.1"
    port: int = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: float = Field(default=10, gt=0, description="How long accepted work may finish after SIGTERM")
    max_body_bytes: int = Field(default=2 * 1024 * 1024, gt=0, description="Largest request body")
    max_in_flight: int = Field(default=500, gt=0, description="Requests at work at once; more are answered 503")


class ServiceSettings(HttpSettings):
    """What a service with a database of its own needs to run."""

    database_url: str = Field(description="PostgreSQL of this service, with this service's own role")
    pool_size: int = Field(default=8, ge=1, le=64, description="Database connections of one process")
    kafka_bootstrap_servers: str | None = Field(
        default=None, description="Given: events travel over this Kafka. Absent: consumers read the producers' outbox"
    )
    profile: Path = Field(alias="CCHC_PROFILE", description="Folder with the versioned data of this city")
