"""Settings of this service beyond those that every service has."""

import base64
import binascii
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretBytes

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


class WorkerSettings(ServiceSettings):
    """Settings of feedback-worker, and of feedback-api too."""

    attachments_url: str | None = Field(
        default=None,
        pattern=r"^(file:///|s3://|memory:///)",
        description="Where attachments are kept: `file:///folder`, or `s3://bucket/prefix`, whose keys and endpoint "
        "are read from `AWS_…`; the same for API and worker. Absent: none are taken",
    )


class FeedbackSettings(WorkerSettings):
    """Settings of feedback-api."""

    contact_key: Annotated[SecretBytes, BeforeValidator(_key)] = Field(
        repr=False, alias="CCHC_CONTACT_KEY", description="32 random bytes in base64: seals reporters' contact data"
    )
    attachments_scanner: str | None = Field(
        default=None,
        description="Who looks for malware in attachments: `clamd:///socket` or `clamd://host:3310`; or a command, "
        "which reads the file and ends with 0 (clean) or 1 (infected). Absent: nobody does",
    )
