"""Settings that every service reads from its environment, under the same names embedded and scaled out."""

import base64
import binascii
from pathlib import Path
from typing import Final

from pydantic import Field, field_validator

from cchc_shared.service.http_settings import HttpSettings
from cchc_shared.storage.address import async_url
from cchc_shared.storage.pools import LEAST_POOLED, MOST_POOLED, POOL_SIZE

KEY_BYTES: Final = 32


def key_bytes(value: object) -> object:
    """A key of 32 bytes as it is written in the environment, in base64; None where it is empty."""
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes")
    return key


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
        description="So many reports or tasks whose events fail alike stop the worker instead of being parked, "
        "and any number where nothing succeeds; 0: whatever fails is parked",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        max_length=500,
        description="Address under which people reach this system; given: entries of calendars lead to it",
    )
    export_rows: int = Field(
        default=50_000, ge=1, le=1_000_000, description="Most rows of a list that is exported as a spreadsheet"
    )
    outbox_kept_days: int = Field(
        default=90, ge=1, description="How long a month that has ended stays in the outbox, archived or not"
    )
