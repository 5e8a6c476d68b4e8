"""Settings that every service reads from its environment, under the same names embedded and scaled out."""

from pathlib import Path

from pydantic import Field, field_validator

from cchc_shared.service.http_settings import HttpSettings
from cchc_shared.storage.address import async_url
from cchc_shared.storage.pools import LEAST_POOLED, MOST_POOLED, POOL_SIZE


class DatabaseSettings(HttpSettings):
    """Settings of a process with a database of its own."""

    database_url: str = Field(repr=False, description="PostgreSQL of this service, with this service's own role")
    pool_size: int = Field(
        default=POOL_SIZE, ge=LEAST_POOLED, le=MOST_POOLED, description="Database connections of one process"
    )
    kafka_bootstrap_servers: str | None = Field(
        default=None, description="Given: events travel over this Kafka. Absent: consumers read the producers' outbox"
    )
    archive_dir: Path | None = Field(
        default=None,
        description="Folder of the archive of events, the same for all services. Absent: outboxes grow for ever",
    )

    @field_validator("database_url")
    @classmethod
    def _address(cls, value: str) -> str:
        async_url(value)
        return value


class ServiceSettings(DatabaseSettings):
    """Settings of a service that reads the city's rules."""

    profile: Path = Field(alias="CCHC_PROFILE", description="Folder with the versioned data of this city")
    systemic_failures: int = Field(
        default=20,
        ge=0,
        description="So many reports or tasks whose events fail alike stop the worker instead of being parked; "
        "0: whatever fails is parked",
    )
    outbox_kept_days: int = Field(
        default=90, ge=1, description="How long a month that has ended stays in the outbox, archived or not"
    )
